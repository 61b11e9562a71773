"""After any sequence of acts nobody's time is taken twice: driven by hypothesis, on real rows."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain.bookings import CHARGED, ENDED, LEADS_TO, Act, Stage
from kopprod.domain.intervals import Period, Span
from kopprod.domain.quotas import Counted
from kopprod.domain.refusal import Refusal
from kopprod.services import booking_quotas, booking_series, bookings
from kopprod.services.booking_asks import Wanted
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment
from tests.booked import AT, acting, clock, member, overbooked
from tests.machines import Yard

# More where somebody looks for longer: KOPPROD_EXAMPLES=300 pytest tests/test_bookings_laws.py
EXAMPLES = int(os.environ.get("KOPPROD_EXAMPLES", "6"))
STEPS = 14
MOST_A_DAY = 4
PEOPLE = st.sampled_from(["Siti", "Budi", "Made"])
QUARTER = timedelta(minutes=15)
BEGINS = st.integers(0, 60).map(lambda n: clock(6) + n * QUARTER)  # until 21.00
LENGTHS = st.integers(2, 24).map(lambda n: n * QUARTER)
WHICH = st.integers(0, 30)

Step = Callable[[Session, Yard, datetime], object]


def asks(machine: str, name: str, begins: datetime, lasts: timedelta, wait: bool) -> Step:
    def step(session: Session, yard: Yard, at: datetime) -> object:
        return bookings.ask(
            session,
            getattr(yard, f"{machine}_id"),
            member_id=yard.members[name],
            since=begins,
            until=begins + lasts,
            size=1_500,
            operator_id=yard.operator_id if machine == "tractor" else None,
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
        }
        if act in ways:
            return ways[act]()
        return bookings.move_to(session, bookings.lock(session, row.id, at=at), act, at=at)

    return step


def one_of(session: Session, act: Act, which: int) -> Booking | None:
    """Mostly one with which this can be done, now and then any other."""
    rows = session.exec(select(Booking).order_by(col(Booking.id))).all()
    fit = [row for row in rows if (row.stage, act) in LEADS_TO] if which % 5 else list(rows)
    return fit[which % len(fit)] if fit else None


def stops(unit: int, begins: datetime, lasts: timedelta) -> Step:
    """An outage where it fits, as whoever sets one does."""

    def step(session: Session, yard: Yard, at: datetime) -> object:
        span = Span(begins, begins + lasts)
        held = bookings.standing(session, yard.pump_id, span, at=at)
        if any(job.span.overlaps(span) for job in held):
            return None
        number = f"H-{len(session.exec(select(Outage)).all())}"
        session.add(
            Outage(
                number=number,
                equipment_id=yard.pump_id,
                unit_id=yard.pumps[unit],
                since=span.since,
                until=span.until,
                why="servis",
            )
        )
        return None

    return step


def sets(buffer_min: int, needs_approval: bool) -> Step:
    """Another gap between jobs, and whether somebody approves."""

    def step(session: Session, yard: Yard, _at: datetime) -> object:
        for key in (yard.pump_id, yard.tractor_id):
            row = session.get_one(Equipment, key)
            row.buffer_min, row.needs_approval = buffer_min, needs_approval
        return None

    return step


STEPS_OF_ALL = st.one_of(
    st.builds(
        asks, st.sampled_from(["pump", "pump", "tractor"]), PEOPLE, BEGINS, LENGTHS, st.booleans()
    ),
    st.builds(several, PEOPLE, BEGINS, LENGTHS, st.booleans()),
    st.builds(does, st.sampled_from(sorted(set(Act) - {Act.EXPIRE})), WHICH, BEGINS, LENGTHS),
    st.builds(stops, st.integers(0, 1), BEGINS, LENGTHS),
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
                booking.stage, booking.expires_at = Stage.CANCELLED, None
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.DAY, counted=Counted.TIMES, most=MOST_A_DAY
        )
        sets(0, False)(session, yard, AT)
