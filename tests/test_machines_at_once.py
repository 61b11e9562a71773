"""Two who act on machines at once, each on a connection of their own: only one is done."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlmodel import Session, col, func, select

from kopprod import db
from kopprod.domain.bookings import HOLDING, Stage
from kopprod.domain.equipment import Condition
from kopprod.domain.ledger import CASH
from kopprod.domain.moves import Blackout, NothingToPostpone
from kopprod.domain.refusal import Refusal
from kopprod.domain.uses import HandOver, Return
from kopprod.services import (
    booking_series,
    bookings,
    breakdowns,
    outages,
    rain,
    upkeep,
    use_payments,
    use_reversals,
    uses,
)
from kopprod.services.booking_asks import Wanted
from kopprod.services.booking_moves import PlanChanged
from kopprod.services.outages import Stop
from kopprod.services.use_bills import Beside
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Trained
from kopprod.tables.ledger import Entry
from kopprod.tables.upkeep import UpkeepDone
from kopprod.tables.uses import Use, UsePayment
from tests.booked import AT, acting, all_at_once, clock, hours, overbooked, pump, tractor
from tests.fields import HOUR, START, back, booked, goes_out, harvested, money
from tests.machines import SINCE, Yard
from tests.payday import clean

Act = Callable[[Session], object]


def count(yard: Yard, table: type[Any], *where: Any) -> int:
    with db.reading(yard.coop) as session:
        return int(session.exec(select(func.count()).select_from(table).where(*where)).one())


def sound(yard: Yard) -> None:
    """Nothing is taken twice, and the journal proves what is stored."""
    with db.reading(yard.coop) as session:
        assert overbooked(session) == []
    assert clean(yard.coop) == []


def test_one_machine_is_handed_over_once_and_two_to_two(yard: Yard) -> None:
    with acting(yard) as session:
        keys = [booked(session, yard.pump_id, yard.members[name]).id for name in ("Siti", "Budi")]
    out = HandOver(START, 0, Condition.GOOD)
    acts: list[Act] = [
        partial(lambda session, key: uses.hand_over(session, key, out), key=key) for key in keys * 3
    ]
    results = all_at_once(yard, acts)

    assert all(isinstance(one, Use) for one in results)
    assert count(yard, Use) == 2
    with db.reading(yard.coop) as session:
        assert len(set(session.exec(select(Use.unit_id)).all())) == 2
    sound(yard)


def test_the_same_unit_is_not_handed_to_two(yard: Yard) -> None:
    with acting(yard) as session:
        keys = [booked(session, yard.pump_id, yard.members[name]).id for name in ("Siti", "Budi")]
    out = HandOver(START, 0, Condition.GOOD)
    acts: list[Act] = [
        partial(
            lambda session, key: uses.hand_over(session, key, out, unit_id=yard.pumps[0]), key=key
        )
        for key in keys
    ]
    results = all_at_once(yard, acts)

    assert sum(isinstance(one, uses.UnitTaken) for one in results) == 1
    assert count(yard, Use) == 1


def test_a_return_is_billed_once_whoever_writes_it_down(yard: Yard) -> None:
    with acting(yard) as session:
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]))
    found: list[Return] = [back(START + 5 * HOUR), back(START + 5 * HOUR, meter=40)]
    acts: list[Act] = [
        partial(lambda session, one: uses.take_back(session, use.id, one, Beside()), one=one)
        for one in found * 2
    ]
    results = all_at_once(yard, acts)

    assert sum(isinstance(one, Refusal) for one in results) == 2  # the other meter, twice
    assert count(yard, Entry, col(Entry.paper) == f"use:{use.id}") == 1
    sound(yard)


def test_a_return_is_taken_back_once_and_paid_no_more_than_it_is(yard: Yard) -> None:
    with acting(yard) as session:
        money(session)
        use = harvested(session, yard)
    pays: Act = lambda session: use_payments.pay(  # noqa: E731
        session, use.id, amount_rp=1_500_000, account=CASH, on=AT.date()
    )
    results = all_at_once(yard, [pays, pays])
    assert sum(isinstance(one, UsePayment) for one in results) == 1
    wages: Act = lambda session: use_payments.pay_operator(  # noqa: E731
        session, yard.operator_id, amount_rp=400_000, account=CASH, on=AT.date()
    )
    assert sum(isinstance(one, Refusal) for one in all_at_once(yard, [wages, wages])) == 1
    undo: Act = lambda session: use_reversals.reverse(  # noqa: E731
        session, use.id, reason="Salah luas", on=AT.date()
    )
    results = all_at_once(yard, [undo, undo])
    assert sum(isinstance(one, Refusal) for one in results) == 1
    assert count(yard, Use) == 2
    sound(yard)


def test_the_reserve_pays_once(yard: Yard) -> None:
    with acting(yard) as session:
        money(session)
        unit_id = harvested(session, yard).unit_id  # keeps Rp349.500 back
    mends: Act = lambda session: upkeep.done(  # noqa: E731
        session, unit_id, work="Servis", done_on=AT.date(), on=AT.date(), cost_rp=300_000,
        account=CASH,
    )  # fmt: skip
    all_at_once(yard, [mends, mends])

    with db.reading(yard.coop) as session:
        taken = session.exec(select(UpkeepDone.reserve_rp)).all()
        assert sorted(taken) == [49_500, 300_000]
    sound(yard)


def test_an_extension_an_outage_and_a_request_for_the_same_hour(yard: Yard) -> None:
    with acting(yard) as session:
        row = tractor(session, yard, clock(7), size=1_500)  # until 8.00
        stop = Stop(hours(9, 12), "Libur", Blackout.AROUND, [yard.tractor_id])
        seen = outages.plan(session, stop, at=AT).seen
    acts: list[Act] = [
        lambda session: bookings.extend(session, row.id, until=clock(10), at=AT),
        lambda session: tractor(session, yard, clock(9), "Budi", size=1_500),
        lambda session: outages.set_out(session, stop, seen=seen, at=AT),
    ]
    results = all_at_once(yard, acts)

    # Whoever comes first has it; an outage is looked at again where anything else came first.
    assert sum(not isinstance(one, Refusal) for one in results) == 1
    sound(yard)


def test_two_series_over_each_other(yard: Yard) -> None:
    def several(session: Session, name: str) -> object:
        wanted = Wanted(clock(8), clock(10), size=1_500, member_id=yard.members[name])
        return booking_series.ask_series(
            session, yard.tractor_id, wanted, every_days=1, times=4, skip_taken=False, at=AT
        )

    results = all_at_once(yard, [partial(several, name="Siti"), partial(several, name="Budi")])

    assert sum(isinstance(one, list) for one in results) == 1
    assert count(yard, Booking) == 4
    sound(yard)


def test_one_operator_on_two_kinds_of_machines(yard: Yard) -> None:
    made = yard.operator_id
    with acting(yard) as session:
        facts = Trained(equipment_id=yard.pump_id, member_id=made, operates=True, trained_on=SINCE)
        session.add(facts)
    acts: list[Act] = [
        lambda session: tractor(session, yard, clock(8), size=3_000),
        lambda session: bookings.ask(
            session, yard.pump_id, member_id=yard.members["Budi"], since=clock(9),
            until=clock(11), operator_id=made, at=AT,
        ),
    ]  # fmt: skip
    results = all_at_once(yard, acts * 2)

    assert sum(isinstance(one, Booking) for one in results) == 1
    sound(yard)


def test_who_waits_is_served_once_when_two_give_back(yard: Yard) -> None:
    with acting(yard) as session:
        first, second = pump(session, yard, hours(8, 10)), pump(session, yard, hours(8, 10), "Budi")
        for _time in range(3):
            bookings.ask(
                session, yard.pump_id, member_id=yard.members["Made"], since=clock(8),
                until=clock(10), wait=True, at=AT,
            )  # fmt: skip
    acts: list[Act] = [
        lambda session: bookings.cancel(session, first.id, at=AT),
        lambda session: bookings.cancel(session, second.id, at=AT),
    ]
    all_at_once(yard, acts)

    assert count(yard, Booking, col(Booking.stage).in_(HOLDING)) == 2
    assert count(yard, Booking, Booking.stage == Stage.WAITING) == 1
    sound(yard)


def test_it_rains_once(yard: Yard) -> None:
    with acting(yard) as session:
        rows = [pump(session, yard, hours(8, 10), name).id for name in ("Siti", "Budi")]
        seen = rain.plan(session, hours(8, 9).since.date(), at=AT).seen
    pours: Act = lambda session: rain.postpone(  # noqa: E731
        session, hours(8, 9).since.date(), seen=seen, at=AT
    )
    results = all_at_once(yard, [pours, pours])

    assert sum(isinstance(one, NothingToPostpone | PlanChanged) for one in results) == 1
    with db.reading(yard.coop) as session:
        moved = session.exec(select(Booking.since).where(col(Booking.id).in_(rows))).all()
        assert set(moved) == {clock(0, day=4)}
    sound(yard)


def test_a_breakdown_against_a_hand_over_and_another_breakdown(yard: Yard) -> None:
    with acting(yard) as session:
        row = tractor(session, yard, clock(7), size=1_500)
    breaks: Act = lambda session: breakdowns.break_down(  # noqa: E731
        session, yard.tractors[0], why="Gigi patah", at=AT
    )
    out = HandOver(AT, 0, Condition.GOOD)
    results = all_at_once(
        yard, [breaks, breaks, lambda session: uses.hand_over(session, row.id, out)]
    )

    broken = [one for one in results if isinstance(one, tuple)]
    assert len({one[0].id for one in broken}) <= 1
    assert count(yard, Outage) <= 1
    with db.reading(yard.coop) as session:
        stage = session.get_one(Booking, row.id).stage
        # Handed over first, it cannot be stopped on paper; broken first, it is not handed over.
        assert (stage, len(broken)) in ((Stage.OUT, 0), (Stage.POSTPONED, 2))
    sound(yard)
