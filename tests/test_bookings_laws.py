"""After any sequence of acts nobody's time is taken twice: driven by hypothesis, on real rows."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain.bookings import CHARGED, ENDED, HOLDING, LEADS_TO, Act, Stage
from kopprod.domain.equipment import Condition
from kopprod.domain.intervals import Period, Span
from kopprod.domain.moves import Blackout
from kopprod.domain.quotas import Counted
from kopprod.domain.refusal import Refusal
from kopprod.domain.turns import TurnRule
from kopprod.domain.uses import HandOver, Return
from kopprod.services import (
    booking_quotas,
    booking_series,
    bookings,
    breakdowns,
    equipment_units,
    fitness,
    outages,
    rain,
    turns,
    upkeep,
    uses,
)
from kopprod.services.booking_asks import Wanted
from kopprod.services.outages import Stop
from kopprod.services.use_bills import Beside
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment, EquipmentUnit, Trained
from kopprod.tables.upkeep import UpkeepPlan
from kopprod.tables.uses import Use
from tests.booked import AT, acting, clock, member, overbooked
from tests.machines import SINCE, Yard
from tests.payday import clean

# More where somebody looks for longer: KOPPROD_EXAMPLES=300 pytest tests/test_bookings_laws.py
EXAMPLES = int(os.environ.get("KOPPROD_EXAMPLES", "6"))
STEPS = 16
MOST_A_DAY = 4
PEOPLE = st.sampled_from(["Siti", "Budi", "Made"])
QUARTER = timedelta(minutes=15)
BEGINS = st.integers(0, 60).map(lambda n: clock(6) + n * QUARTER)  # until 21.00
LENGTHS = st.integers(2, 24).map(lambda n: n * QUARTER)
WHICH = st.integers(0, 30)
TUESDAY = date(2026, 3, 3)

Step = Callable[[Session, Yard, datetime], object]


def asks(
    machine: str, name: str, begins: datetime, lasts: timedelta, wait: bool, crew: bool
) -> Step:
    def step(session: Session, yard: Yard, at: datetime) -> object:
        return bookings.ask(
            session,
            getattr(yard, f"{machine}_id"),
            member_id=yard.members[name],
            since=begins,
            until=begins + lasts,
            size=1_500,
            operator_id=yard.operator_id if crew or machine == "tractor" else None,
            wait=wait,
            at=at,
        )

    return step


def several(name: str, begins: datetime, lasts: timedelta, skip: bool) -> Step:
    def step(session: Session, yard: Yard, at: datetime) -> object:
        wanted = Wanted(begins, begins + lasts, size=1_500, member_id=yard.members[name])
        return booking_series.ask_series(
            session, yard.tractor_id, wanted, every_days=1, times=3, skip_taken=skip, at=at
        )

    return step


def does(act: Act, which: int, begins: datetime, lasts: timedelta) -> Step:
    def step(session: Session, _yard: Yard, at: datetime) -> object:
        row = one_of(session, act, which)
        if row is None:
            return None
        ways: dict[Act, Callable[[], object]] = {
            Act.APPROVE: lambda: bookings.approve(session, row.id, at=at),
            Act.REFUSE: lambda: bookings.refuse(session, row.id, at=at),
            Act.CANCEL: lambda: bookings.cancel(session, row.id, at=at),
            Act.CHANGE: lambda: bookings.change(
                session, row.id, since=begins, until=begins + lasts, at=at
            ),
            Act.EXTEND: lambda: bookings.extend(session, row.id, until=row.until + lasts, at=at),
            Act.PLACE: lambda: bookings.place(session, row.id, since=begins, at=at),
            Act.NO_SHOW: lambda: bookings.no_show(session, row.id, at=at),
            Act.HAND_OVER: lambda: hands_over(session, row, at),
            Act.RETURN: lambda: takes_back(session, row, at),
        }
        if act in ways:
            return ways[act]()
        return bookings.move_to(session, bookings.lock(session, row.id, at=at), act, at=at)

    return step


def hands_over(session: Session, row: Booking, at: datetime) -> object:
    meter = max(unit.meter for unit in session.exec(select(EquipmentUnit)).all())
    return uses.hand_over(session, row.id, HandOver(at, meter, Condition.GOOD))


def takes_back(session: Session, row: Booking, at: datetime) -> object:
    """Whole, or broken after a bad day."""
    use = session.exec(
        select(Use).where(Use.booking_id == row.id, col(Use.reversed_on).is_(None))
    ).first()
    if use is None:  # nobody fetched it
        return None
    state = Condition.BROKEN if use.id % 4 == 0 else Condition.GOOD
    back = Return(at, use.out_meter, state, area_m2=1_500, damage="Bocor")
    return uses.take_back(session, use.id, back, Beside())


def one_of(session: Session, act: Act, which: int) -> Booking | None:
    """Mostly one with which this can be done, now and then any other."""
    rows = session.exec(select(Booking).order_by(col(Booking.id))).all()
    fit = [row for row in rows if (row.stage, act) in LEADS_TO] if which % 5 else list(rows)
    return fit[which % len(fit)] if fit else None


def stops(unit: int | None, how: Blackout, begins: datetime, lasts: timedelta) -> Step:
    """A time out of service, of one pump or of every machine."""

    def step(session: Session, yard: Yard, at: datetime) -> object:
        stop = Stop(Span(begins, begins + lasts), "servis", how)
        if unit is not None:
            stop = replace(stop, equipment_ids=[yard.pump_id], unit_id=yard.pumps[unit])
        return outages.set_out(session, stop, seen=outages.plan(session, stop, at=at).seen, at=at)

    return step


def rains(session: Session, _yard: Yard, at: datetime) -> object:
    return rain.postpone(session, TUESDAY, seen=rain.plan(session, TUESDAY, at=at).seen, at=at)


def ends(session: Session, _yard: Yard, at: datetime) -> object:
    row = session.exec(select(Outage).where(col(Outage.until) > at)).first()
    return None if row is None else outages.end(session, row.id, at=at)


def orders(machine: str, rule: TurnRule) -> Step:
    def step(session: Session, yard: Yard, at: datetime) -> object:
        key = getattr(yard, f"{machine}_id")
        plan = turns.queue(session, key, TUESDAY, rule=rule, at=at).plan
        return turns.put_in_order(session, key, TUESDAY, rule=rule, seen=plan.seen, at=at)

    return step


def keeps_up(unit: int, what: str) -> Step:
    """What befalls one pump, or is done to it."""

    def step(session: Session, yard: Yard, at: datetime) -> object:
        key, on = yard.pumps[unit], at.date()
        if what == "breaks":
            return breakdowns.break_down(session, key, why="Bocor", at=at)
        if what == "repaired":
            return breakdowns.repaired(session, key, at=at)
        if what == "planned":
            return upkeep.add_plan(session, yard.pump_id, work="Oli", on=SINCE, every_days=1)
        if what == "retired":
            return equipment_units.retire_unit(session, key, why="Tua", on=on)
        planned = [one.id for one in upkeep.plans(session, yard.pump_id)]
        plan_id = planned[0] if planned else None
        return upkeep.done(session, key, work="Oli", done_on=on, on=on, plan_id=plan_id)

    return step


def sets(buffer_min: int, needs_approval: bool) -> Step:
    """Another gap between jobs, and whether somebody approves."""

    def step(session: Session, yard: Yard, _at: datetime) -> object:
        for key in (yard.pump_id, yard.tractor_id):
            row = session.get_one(Equipment, key)
            row.buffer_min, row.needs_approval = buffer_min, needs_approval
        return None

    return step


ASKS = st.builds(
    asks,
    st.sampled_from(["pump", "pump", "tractor"]),
    PEOPLE,
    BEGINS,
    LENGTHS,
    st.booleans(),
    st.sampled_from([False, False, True]),
)
STEPS_OF_ALL = st.one_of(
    ASKS,
    ASKS,
    st.builds(several, PEOPLE, BEGINS, LENGTHS, st.booleans()),
    st.builds(does, st.sampled_from(sorted(set(Act) - {Act.EXPIRE})), WHICH, BEGINS, LENGTHS),
    st.builds(stops, st.sampled_from([0, 1, None]), st.sampled_from(Blackout), BEGINS, LENGTHS),
    st.sampled_from([rains, ends]),
    st.builds(orders, st.sampled_from(["pump", "tractor"]), st.sampled_from(TurnRule)),
    st.builds(
        keeps_up,
        st.integers(0, 1),
        st.sampled_from(["breaks", "repaired", "planned", "done", "done", "retired"]),
    ),
    st.builds(sets, st.sampled_from([0, 30, 60]), st.booleans()),
)
# Who acts, and how many minutes after the act before.
LINES = st.lists(
    st.tuples(STEPS_OF_ALL, st.sampled_from(["", "", "Siti", "Budi"]), st.integers(0, 400)),
    min_size=3,
    max_size=STEPS,
)


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=LINES)
def test_no_moment_no_operator_and_no_unit_is_ever_taken_twice(
    yard: Yard, lines: list[tuple[Step, str, int]]
) -> None:
    begin_again(yard)
    at = AT
    for step, name, minutes in lines:
        at += timedelta(minutes=minutes)
        before = times(yard)
        try:
            with (
                acting(yard, member(yard, name), at=at) if name else acting(yard, at=at) as session
            ):
                step(session, yard, at)
        except Refusal:
            pass
        with db.reading(yard.coop) as session:
            assert overbooked(session) == []
            assert above_quota(session, yard) == []
            assert handed_out_twice(session) == []
            assert on_unfit(session, before, at) == []
            assert without_gap(session, before) == []
    assert clean(yard.coop) == []


def times(yard: Yard) -> dict[int, Span]:
    """When each booking is that holds its time."""
    with db.reading(yard.coop) as session:
        rows = session.exec(select(Booking).where(col(Booking.stage).in_(HOLDING))).all()
        return {row.id: Span(row.since, row.until) for row in rows}


def handed_out_twice(session: Session) -> list[int]:
    """Units that are with two at once."""
    query = (
        select(Use.unit_id)
        .join(Booking, col(Booking.id) == col(Use.booking_id))
        .where(Booking.stage == Stage.OUT, col(Use.reversed_on).is_(None))
    )
    taken = Counter(session.exec(query).all())
    return [unit for unit, times in taken.items() if times > 1]


def without_gap(session: Session, before: dict[int, Span]) -> list[str]:
    """Who got a new time without the gap that her machine needs now."""
    rows = session.exec(select(Booking).where(col(Booking.stage).in_(HOLDING))).all()
    return [
        row.number
        for row in rows
        if before.get(row.id) != Span(row.since, row.until)
        and (row.blocked_until - row.until)
        != timedelta(minutes=session.get_one(Equipment, row.equipment_id).buffer_min)
    ]


def on_unfit(session: Session, before: dict[int, Span], at: datetime) -> list[str]:
    """Who got a new time though no unit is left that is neither broken nor due."""
    rows = session.exec(select(Booking).where(col(Booking.stage).in_(HOLDING))).all()
    found = []
    for row in rows:
        known = before.get(row.id)
        if known is not None and known.since == row.since:
            continue
        units = session.exec(
            select(EquipmentUnit).where(
                EquipmentUnit.equipment_id == row.equipment_id,
                col(EquipmentUnit.retired_on).is_(None),
            )
        ).all()
        unfit = fitness.unfit(session, row.equipment_id, on=(at + timedelta(hours=7)).date())
        moment = row.since
        while moment < row.blocked_until:
            held = sum(
                one.equipment_id == row.equipment_id and one.since <= moment < one.blocked_until
                for one in rows
            )
            away = sum(unit.id in unfit or stopped(session, unit, moment) for unit in units)
            if held + away > len(units):
                found.append(f"{row.number} {moment}")
                break
            moment += QUARTER
    return found


def stopped(session: Session, unit: EquipmentUnit, moment: datetime) -> bool:
    query = select(Outage).where(Outage.equipment_id == unit.equipment_id)
    return any(
        one.unit_id in (None, unit.id) and one.since <= moment < one.until
        for one in session.exec(query).all()
    )


def above_quota(session: Session, yard: Yard) -> list[object]:
    """Who has more pumps on a local day than anybody may."""
    taken: Counter[object] = Counter()
    for row in session.exec(select(Booking).where(Booking.equipment_id == yard.pump_id)).all():
        if row.stage in CHARGED:
            first, last = (
                (moment + timedelta(hours=7)).date() for moment in (row.since, row.until - QUARTER)
            )
            for day in {first, last}:
                taken[row.member_id, day] += 1
    return [who for who, times in taken.items() if times > MOST_A_DAY]


def begin_again(yard: Yard) -> None:
    """The yard as it was: what an example before has booked is over."""
    with acting(yard) as session:
        for row in session.exec(select(Outage)).all():
            session.delete(row)
        for booking in session.exec(select(Booking)).all():
            if booking.stage not in ENDED:
                is_out = booking.stage is Stage.OUT
                booking.stage = Stage.RETURNED if is_out else Stage.CANCELLED
                booking.expires_at = None
        for use in session.exec(select(Use).where(col(Use.returned_at).is_(None))).all():
            use.reversed_on, use.reason = AT.date(), "contoh baru"
        for unit in session.exec(select(EquipmentUnit)).all():
            unit.condition, unit.retired_on, unit.retired_why = Condition.GOOD, None, ""
        for plan in session.exec(select(UpkeepPlan)).all():
            plan.ended_on = AT.date()
        if len(session.exec(select(Trained)).all()) == 1:  # the pump has the tractor's operator
            session.add(
                Trained(
                    equipment_id=yard.pump_id,
                    member_id=yard.operator_id,
                    operates=True,
                    trained_on=SINCE,
                )
            )
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.DAY, counted=Counted.TIMES, most=MOST_A_DAY
        )
        sets(0, False)(session, yard, AT)
