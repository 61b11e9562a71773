"""Many bookings in one act: an outage, a rain day, another order; looked at before it is done."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import Period, Span
from kopprod.domain.moves import (
    Blackout,
    HandedOverMeanwhile,
    NothingLeftToBlock,
    NothingToPostpone,
)
from kopprod.domain.turns import TurnRule
from kopprod.services import booking_moves, bookings, cooperative, outages, rain, turns
from kopprod.services.booking_moves import Plan, PlanChanged
from kopprod.services.outages import Stop
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member
from tests import make
from tests.machines import Yard
from tests.seasons import at_once, writing

WIB = ZoneInfo("Asia/Jakarta")
TUESDAY = date(2026, 3, 10)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 by clocks in Jakarta; the acts happen on Monday the 2nd."""
    return datetime(2026, 3, day, hour, minute, tzinfo=WIB).astimezone(UTC)


def book(
    yard: Yard,
    name: str,
    since: datetime,
    hours: int = 2,
    *,
    tractor: bool = False,
    stage: Stage = Stage.BOOKED,
    **columns: object,
) -> int:
    """A booking as the office makes it, asked in the order of the calls."""
    with writing(yard.coop) as session:
        row = bookings.ask(
            session,
            yard.tractor_id if tractor else yard.pump_id,
            since=since,
            until=since + timedelta(hours=hours),
            size=1_500 * hours if tractor else None,
            member_id=yard.members[name],
            at=make.AT,
        )
        row.asked_at += timedelta(minutes=row.id)
        session.flush()
        if stage is Stage.REQUESTED:
            row.stage, row.expires_at = stage, since
        for column, value in columns.items():
            setattr(row, column, value)
        session.flush()
        row.stage = stage
        return row.id


def times(yard: Yard) -> dict[int, tuple[Stage, datetime]]:
    """Where each booking is."""
    with db.reading(yard.coop) as session:
        rows = session.exec(select(Booking).order_by(col(Booking.id))).all()
        return {row.id: (row.stage, row.since) for row in rows}


def stop(yard: Yard, how: Blackout, **facts: object) -> Stop:
    """The pumps, all Tuesday the 10th from 08.00 until 12.00, unless said otherwise."""
    said: dict[str, object] = {
        "span": Span(at(10, 8), at(10, 12)),
        "why": "Libur",
        "how": how,
        "equipment_ids": [yard.pump_id],
    }
    return Stop(**{**said, **facts})  # type: ignore[arg-type]


def set_out(yard: Yard, said: Stop) -> tuple[Plan, list[Outage]]:
    """Looked at and done."""
    with db.reading(yard.coop, person=make.MANAGER) as session:
        seen = outages.plan(session, said, at=make.AT).seen
    with writing(yard.coop) as session:
        return outages.set_out(session, said, seen=seen, at=make.AT)


# Out of service


def test_notify_postpones_who_is_in_the_way_and_nobody_else(yard: Yard) -> None:
    one, two = book(yard, "Siti", at(10, 7)), book(yard, "Budi", at(10, 9))
    after = book(yard, "Siti", at(10, 12))
    plan, rows = set_out(yard, stop(yard, Blackout.NOTIFY))

    assert [(change.name, change.after) for change in plan.moved] == [
        ("Siti", None),
        ("Budi", None),
    ]
    assert times(yard) == {
        one: (Stage.POSTPONED, at(10, 7)),
        two: (Stage.POSTPONED, at(10, 9)),
        after: (Stage.BOOKED, at(10, 12)),
    }
    assert [(row.number, row.unit_id, row.since, row.until) for row in rows] == [
        ("HENTI-2026-0001", None, at(10, 8), at(10, 12))
    ]


def test_move_gives_each_the_next_free_time_and_a_request_stays_one(yard: Yard) -> None:
    one = book(yard, "Siti", at(10, 8))
    two = book(yard, "Budi", at(10, 9), stage=Stage.REQUESTED)
    three = book(yard, "Made", at(10, 12), hours=3)
    set_out(yard, stop(yard, Blackout.MOVE))

    assert times(yard) == {
        one: (Stage.BOOKED, at(10, 12)),
        two: (Stage.REQUESTED, at(10, 14)),
        three: (Stage.BOOKED, at(10, 12)),
    }


def test_around_leaves_jobs_and_stops_the_machine_in_between(yard: Yard) -> None:
    one = book(yard, "Siti", at(10, 9), hours=1)
    plan, rows = set_out(yard, stop(yard, Blackout.AROUND))

    assert not plan.moved
    assert times(yard) == {one: (Stage.BOOKED, at(10, 9))}
    assert [(row.since, row.until) for row in rows] == [
        (at(10, 8), at(10, 9)),
        (at(10, 10), at(10, 12)),
    ]


def test_one_pump_of_two_stops_and_who_asked_later_gives_way(yard: Yard) -> None:
    one, two = book(yard, "Siti", at(10, 9)), book(yard, "Budi", at(10, 9))
    _plan, rows = set_out(yard, stop(yard, Blackout.NOTIFY, unit_id=yard.pumps[0]))

    assert times(yard)[one][0] is Stage.BOOKED
    assert times(yard)[two][0] is Stage.POSTPONED
    assert [row.unit_id for row in rows] == [yard.pumps[0]]


def test_a_holiday_of_all_machines_while_one_is_in_the_workshop(yard: Yard) -> None:
    set_out(yard, stop(yard, Blackout.NOTIFY, unit_id=yard.pumps[0]))
    _plan, rows = set_out(yard, stop(yard, Blackout.NOTIFY, equipment_ids=None))

    assert sorted(row.equipment_id for row in rows) == sorted([yard.pump_id, yard.tractor_id])


def test_an_operator_who_goes_elsewhere_is_seen_by_the_next_kind(yard: Yard) -> None:
    made = yard.operator_id
    one = book(yard, "Siti", at(10, 8), operator_id=made)
    two = book(yard, "Budi", at(10, 10), hours=2, tractor=True)
    set_out(yard, stop(yard, Blackout.MOVE, equipment_ids=None))

    assert times(yard)[one] == (Stage.BOOKED, at(10, 12, 30)), "after the tractor, as it stood"
    assert times(yard)[two] == (Stage.BOOKED, at(10, 14, 30))


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"why": "  "}, outages.WhyMissing),
        ({"span": Span(at(1, 8), at(1, 9))}, outages.OutageOver),
        ({"span": Span(at(10, 8), at(10, 8) + timedelta(days=400))}, outages.OutageOver),
        ({"unit_id": 99}, outages.UnitOfAnother),
    ],
)
def test_what_cannot_be_stopped(yard: Yard, facts: dict[str, object], refusal: type) -> None:
    with pytest.raises(refusal):
        set_out(yard, stop(yard, Blackout.NOTIFY, **facts))
    assert not times(yard)


def test_what_is_handed_over_is_never_moved(yard: Yard) -> None:
    one = book(yard, "Siti", at(10, 7), stage=Stage.OUT)
    with pytest.raises(HandedOverMeanwhile):
        set_out(yard, stop(yard, Blackout.MOVE))
    set_out(yard, stop(yard, Blackout.MOVE, unit_id=yard.pumps[1]))

    assert times(yard)[one] == (Stage.OUT, at(10, 7))


def test_nothing_is_left_to_block(yard: Yard) -> None:
    book(yard, "Siti", at(10, 8), hours=4)
    with pytest.raises(NothingLeftToBlock):
        set_out(yard, stop(yard, Blackout.AROUND))


@pytest.mark.parametrize("how", [Blackout.NOTIFY, Blackout.AROUND])
def test_what_is_sent_twice_is_out_of_service_once(yard: Yard, how: Blackout) -> None:
    said = stop(yard, how)
    _plan, (row,) = set_out(yard, said)
    _plan, (again,) = set_out(yard, said)
    assert again.number == row.number
    with db.reading(yard.coop, person=make.MANAGER) as session:
        assert len(outages.outages(session, at=make.AT)) == 1


def test_it_ends_early_and_before_it_began_it_is_taken_back(yard: Yard) -> None:
    _plan, (later,) = set_out(yard, stop(yard, Blackout.NOTIFY))
    _plan, (now,) = set_out(yard, stop(yard, Blackout.NOTIFY, span=Span(make.AT, at(3, 8))))
    soon = make.AT + timedelta(minutes=30, seconds=7)
    with db.writing(yard.coop, person=make.MANAGER, action="test", at=soon) as session:
        outages.end(session, later.id, at=soon)
        ended = outages.end(session, now.id, at=soon)
        assert ended.until == make.AT + timedelta(minutes=31)
        with pytest.raises(outages.OutageUnknown):
            outages.end(session, later.id, at=soon)
        with pytest.raises(outages.OutageEnded):
            outages.end(session, now.id, at=at(5, 8))
        assert [one.outage.id for one in outages.outages(session, at=at(5, 8))] == []
        assert len(outages.outages(session, at=at(5, 8), with_past=True)) == 1


def test_a_breakdown_ends_with_its_repair(yard: Yard) -> None:
    _plan, (row,) = set_out(yard, stop(yard, Blackout.NOTIFY))
    with writing(yard.coop) as session:
        session.get_one(Outage, row.id).broken = True
        session.flush()
        with pytest.raises(outages.EndsWithRepair):
            outages.end(session, row.id, at=make.AT)


def test_what_changed_since_it_was_looked_at_is_not_done(yard: Yard) -> None:
    said = stop(yard, Blackout.NOTIFY)
    with db.reading(yard.coop, person=make.MANAGER) as session:
        seen = outages.plan(session, said, at=make.AT).seen
    one = book(yard, "Siti", at(10, 9))
    with pytest.raises(PlanChanged), writing(yard.coop) as session:
        outages.set_out(session, said, seen=seen, at=make.AT)

    assert times(yard)[one][0] is Stage.BOOKED


# Rain


def rained(yard: Yard, day: date = TUESDAY, **facts: object) -> Plan:
    """Looked at and done."""
    with db.reading(yard.coop, person=make.OFFICER) as session:
        seen = rain.plan(session, day, at=make.AT, **facts).seen  # type: ignore[arg-type]
    with writing(yard.coop, make.OFFICER) as session:
        return rain.postpone(session, day, seen=seen, at=make.AT, **facts)  # type: ignore[arg-type]


def test_a_rain_day_goes_in_the_same_order_into_free_time(yard: Yard) -> None:
    ayu = book(yard, "Siti", at(10, 7), tractor=True)
    budi = book(yard, "Budi", at(10, 9, 30), hours=3, tractor=True)
    citra = book(yard, "Made", at(11, 8), hours=4, tractor=True)
    plan = rained(yard)

    assert times(yard) == {
        ayu: (Stage.BOOKED, at(11, 0)),
        budi: (Stage.BOOKED, at(11, 2, 30)),
        citra: (Stage.BOOKED, at(11, 8)),
    }
    assert [one.name for one in plan.moved] == ["Siti", "Budi"]


def test_rain_on_all_machines_tells_members_and_the_operator(yard: Yard) -> None:
    book(yard, "Siti", at(10, 8))
    book(yard, "Siti", at(10, 9), tractor=True)
    plan = rained(yard)
    with db.reading(yard.coop, person=make.OFFICER) as session:
        letters = booking_moves.letters(session, plan.moved)

    assert [(one.name, len(one.changes), one.operates) for one in letters] == [
        ("Siti", 2, False),
        ("Made", 1, True),
    ]


def test_a_day_without_a_queue_and_one_that_is_all_handed_over(yard: Yard) -> None:
    with pytest.raises(NothingToPostpone):
        rained(yard)
    book(yard, "Siti", at(10, 8), stage=Stage.OUT)
    with pytest.raises(NothingToPostpone):
        rained(yard, equipment_ids=[yard.pump_id])


def test_what_rains_twice_is_postponed_once(yard: Yard) -> None:
    for name in ("Siti", "Budi"):
        book(yard, name, at(10, 8))
    with db.reading(yard.coop, person=make.OFFICER) as session:
        seen = rain.plan(session, TUESDAY, at=make.AT).seen

    def press() -> Plan:
        with writing(yard.coop, make.OFFICER) as session:
            return rain.postpone(session, TUESDAY, seen=seen, at=make.AT)

    given = at_once(press, press)

    assert sorted(type(one).__name__ for one in given) == ["NothingToPostpone", "Plan"]


def test_rain_while_somebody_books_leaves_no_two_on_one_machine(yard: Yard) -> None:
    one = book(yard, "Siti", at(10, 8), tractor=True)
    with db.reading(yard.coop, person=make.OFFICER) as session:
        seen = rain.plan(session, TUESDAY, at=make.AT).seen

    def postpone() -> Plan:
        with writing(yard.coop, make.OFFICER) as session:
            return rain.postpone(session, TUESDAY, seen=seen, at=make.AT)

    def ask() -> Booking:
        with writing(yard.coop, make.OFFICER) as session:
            return bookings.ask(session, yard.tractor_id, since=at(11, 0), until=at(11, 2),
                                size=3_000, member_id=yard.members["Budi"], at=make.AT)  # fmt: skip

    at_once(postpone, ask)
    found = [since for stage, since in times(yard).values() if stage is Stage.BOOKED]

    assert len(set(found)) == len(found)
    assert len(times(yard)) - len(found) <= 1, one


# Turns


def turned(yard: Yard, rule: TurnRule, *, tractor: bool = True) -> Plan:
    """The week of Monday the 9th in the order of a rule, looked at and done."""
    kind = yard.tractor_id if tractor else yard.pump_id
    with db.reading(yard.coop, person=make.OFFICER) as session:
        seen = turns.queue(session, kind, TUESDAY, rule=rule, at=make.AT).plan.seen
    with writing(yard.coop, make.OFFICER) as session:
        return turns.put_in_order(session, kind, TUESDAY, rule=rule, seen=seen, at=make.AT)


def queue_names(yard: Yard, rule: TurnRule, period: Period = Period.WEEK) -> list[str]:
    """Who comes when."""
    with db.reading(yard.coop, person=make.OFFICER) as session:
        kept = turns.queue(session, yard.tractor_id, TUESDAY, period=period, rule=rule, at=make.AT)
        return [turn.change.name for turn in kept.turns]


def in_the_queue(yard: Yard) -> dict[str, int]:
    """Three on the tractor: Siti first, ripe last; Made has no day; Budi used it before."""
    book(yard, "Budi", at(3, 8), hours=5, tractor=True)
    return {
        "Siti": book(yard, "Siti", at(9, 8), tractor=True, ripe_on=date(2026, 3, 20)),
        "Budi": book(yard, "Budi", at(10, 8), hours=3, tractor=True, ripe_on=date(2026, 3, 9)),
        "Made": book(yard, "Made", at(11, 8), hours=1, tractor=True),
    }


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (TurnRule.FIRST_COME, ["Siti", "Budi", "Made"]),
        (TurnRule.RIPE, ["Budi", "Siti", "Made"]),
        (TurnRule.LEAST_USED, ["Siti", "Made", "Budi"]),
    ],
)
def test_the_queue_is_shown_in_the_order_of_a_rule(
    yard: Yard, rule: TurnRule, names: list[str]
) -> None:
    in_the_queue(yard)
    before = times(yard)

    assert queue_names(yard, rule) == names
    assert times(yard) == before, "what is shown is not done"


def test_applied_everybody_goes_in_that_order_around_what_stands(yard: Yard) -> None:
    ids = in_the_queue(yard)
    other = book(yard, "Siti", at(9, 3), hours=1, tractor=True, stage=Stage.OUT)
    turned(yard, TurnRule.RIPE)
    found = times(yard)

    assert found[ids["Budi"]] == (Stage.BOOKED, at(9, 4, 30)), "three hours fit only after"
    starts = [found[ids[name]][1] for name in ("Budi", "Siti", "Made")]
    assert starts == sorted(starts)
    assert found[other] == (Stage.OUT, at(9, 3))


def test_what_was_postponed_keeps_its_place_and_gets_a_time(yard: Yard) -> None:
    ids = in_the_queue(yard)
    book(yard, "Siti", at(12, 8), tractor=True)
    late = book(yard, "Made", at(4, 8), tractor=True, stage=Stage.POSTPONED)
    turned(yard, TurnRule.FIRST_COME)

    assert times(yard)[late][0] is Stage.BOOKED
    assert times(yard)[late][1] > times(yard)[ids["Made"]][1]


def test_a_day_alone_and_an_empty_one(yard: Yard) -> None:
    assert not queue_names(yard, TurnRule.RIPE)
    with pytest.raises(turns.QueueEmpty):
        turned(yard, TurnRule.RIPE)
    in_the_queue(yard)

    assert queue_names(yard, TurnRule.RIPE, Period.DAY) == ["Budi"]


def test_neighbouring_villages_come_one_after_the_other(yard: Yard) -> None:
    ripe = date(2026, 3, 9)
    with writing(yard.coop) as session:
        a, b, c = (make.village(session, name).id for name in ("Atas", "Bawah", "Cilik"))
        cooperative.add_neighbours(session, village_id=a, other_id=c)
        for name, village in (("Siti", a), ("Budi", b), ("Made", c)):
            session.get_one(Member, yard.members[name]).village_id = village
    for place, name in enumerate(("Budi", "Siti", "Made")):
        book(yard, name, at(9 + place, 8), tractor=True, ripe_on=ripe)

    assert queue_names(yard, TurnRule.RIPE) == ["Siti", "Made", "Budi"]


@pytest.mark.parametrize("who", [make.TREASURER, make.person(Role.MEMBER)], ids=["money", "member"])
def test_who_decides_nothing_moves_nobody(yard: Yard, who: Person) -> None:
    acts: list[Callable[[Session], object]] = [
        lambda s: rain.plan(s, TUESDAY, at=make.AT),
        lambda s: rain.postpone(s, TUESDAY, seen="", at=make.AT),
        lambda s: turns.queue(s, yard.tractor_id, TUESDAY, rule=TurnRule.RIPE, at=make.AT),
        lambda s: turns.put_in_order(
            s, yard.tractor_id, TUESDAY, rule=TurnRule.RIPE, seen="", at=make.AT
        ),
        lambda s: outages.plan(s, stop(yard, Blackout.MOVE), at=make.AT),
        lambda s: outages.set_out(s, stop(yard, Blackout.MOVE), seen="", at=make.AT),
        lambda s: outages.end(s, 1, at=make.AT),
    ]
    for act in acts:
        with pytest.raises(NotAllowed), writing(yard.coop, who) as session:
            act(session)


def test_retired_kinds_are_left_out(yard: Yard) -> None:
    with writing(yard.coop) as session:
        session.get_one(Equipment, yard.tractor_id).retired_on = make.TODAY
        assert [one.id for one in booking_moves.kinds(session, None)] == [yard.pump_id]
