"""What is free and where, what one has booked, and a time that is proposed."""

from datetime import date, timedelta

import pytest

from kopprod import db
from kopprod.domain.access import NotAllowed, Person
from kopprod.domain.bookings import Act, Stage
from kopprod.domain.intervals import Period, Span
from kopprod.domain.quotas import Counted, QuotaOfTimes
from kopprod.domain.series import AllDaysTaken, SomeDaysTaken
from kopprod.services import (
    booking_quotas,
    booking_series,
    booking_views,
    bookings,
    cooperative,
)
from kopprod.services.booking_asks import Wanted
from kopprod.services.booking_views import Proposal
from kopprod.tables.equipment import Equipment
from tests import make
from tests.booked import AT, acting, clock, hours, member, pump, tractor
from tests.machines import Yard

TUESDAY = date(2026, 3, 3)


def test_what_is_free_is_told_by_hour_with_the_units_that_are_left(yard: Yard) -> None:
    with acting(yard) as session:
        pump(session, yard, hours(8, 10))
        out = pump(session, yard, hours(9, 12), "Budi")
        bookings.move_to(session, out, Act.HAND_OVER, at=AT, place="Blok C")
        session.get_one(Equipment, yard.tractor_id).opens_min = 7 * 60
    with db.reading(yard.coop, person=member(yard)) as session:
        found = booking_views.free(session, hours(6, 14), at=AT)
        names = {one.kind.name: one for one in found}
    pumps = names["Pompa air 3 dim"]
    assert [(one.span, one.units) for one in pumps.times] == [
        (hours(6, 8), 2),
        (hours(8, 9), 1),
        (hours(10, 12), 1),
        (hours(12, 14), 2),
    ]
    assert [(one.place, one.name) for one in pumps.out] == [("Blok C", "")]
    assert [one.span for one in names["Traktor tangan"].times] == [hours(7, 14)]
    with db.reading(yard.coop, person=make.OFFICER) as session:
        [seen] = booking_views.free(session, hours(6, 14), at=AT)[0].out
        assert seen.name == "Budi"
        assert booking_views.free(session, hours(6, 14), at=clock(15)) == []


def proposal(yard: Yard, who: Person, on: date = TUESDAY, **facts: int) -> Proposal:
    wanted = Wanted(AT, size=facts.get("size", 7_500), member_id=yard.members["Siti"])
    with db.reading(yard.coop, person=who) as session:
        return booking_views.propose(session, yard.tractor_id, wanted, on=on, at=AT)


def test_a_day_and_a_size_give_a_time_an_operator_and_a_cost(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(Equipment, yard.tractor_id).opens_min = 7 * 60
        tractor(session, yard, clock(7), "Budi", size=3_000)  # until 9.00, with the gap 9.30
    found = proposal(yard, member(yard))
    assert found.span == Span(clock(9, 30), clock(14, 30))
    assert (found.minutes, found.operator, found.next_span) == (300, "Made", None)
    assert found.bill is not None
    assert found.bill.total_rp == 900_000


def test_a_full_day_gives_the_next_free_time(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(Equipment, yard.tractor_id).closes_min = 20 * 60
        tractor(session, yard, clock(0), "Made", size=27_000)  # until 18.00
    found = proposal(yard, member(yard))
    assert (found.span, found.next_span) == (None, Span(clock(0, day=4), clock(5, day=4)))


def test_who_has_to_give_notice_is_offered_what_she_may_have(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(Equipment, yard.tractor_id).add_notice_h = 48
    assert proposal(yard, member(yard)).next_span == Span(clock(8, day=4), clock(13, day=4))
    assert proposal(yard, make.OFFICER).span == hours(0, 5)
    with pytest.raises(NotAllowed):
        proposal(yard, member(yard, "Budi"))


def test_a_member_sees_her_own_and_whose_turn_is_before(yard: Yard) -> None:
    with acting(yard) as session:
        tractor(session, yard, clock(7), "Budi", size=1_500)
        tractor(session, yard, clock(9), size=1_500)
        tractor(session, yard, clock(14), size=1_500)  # her own before it is nobody's turn
        tractor(session, yard, clock(7), "Made", size=1_500, wait=True)
        tractor(session, yard, clock(7), size=1_500, wait=True)
    with db.reading(yard.coop, person=member(yard)) as session:
        mine = booking_views.mine(session, at=AT)
        assert {one.name for one in mine} == {"Siti"}
        assert [(one.stage, one.before) for one in mine] == [
            (Stage.WAITING, 1),
            (Stage.BOOKED, 1),
            (Stage.BOOKED, 1),
        ]
        assert len(booking_views.mine(session, at=clock(8))) == 2  # waiting is over then
        with pytest.raises(NotAllowed):
            booking_views.booked(session, hours(0, 24), at=AT)
    with db.reading(yard.coop, person=make.OFFICER) as session:
        assert len(booking_views.booked(session, hours(0, 24), at=AT)) == 5
        assert [one.offered for one in booking_views.to_place(session, at=AT)] == [False, False]


@pytest.mark.parametrize(
    ("zone", "names"),
    [("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")],
)
def test_days_and_quotas_follow_the_cooperatives_zone_over_midnight(
    yard: Yard, zone: str, names: str
) -> None:
    with acting(yard) as session:
        cooperative.change_setting(session, name="zone", value=zone)
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.DAY, counted=Counted.TIMES, most=1
        )
    ahead = {"WIB": 0, "WITA": 1, "WIT": 2}[names]
    midnight = clock(0, day=5) - timedelta(hours=ahead)
    with acting(yard, member(yard)) as session:
        pump(session, yard, Span(midnight - timedelta(hours=1), midnight + timedelta(hours=1)))
    for begins in (midnight - timedelta(hours=9), midnight + timedelta(hours=9)):
        with pytest.raises(QuotaOfTimes), acting(yard, member(yard)) as session:
            pump(session, yard, Span(begins, begins + timedelta(hours=1)))
    free = midnight + timedelta(hours=24)  # the first minute of the day after
    with acting(yard, member(yard)) as session:
        pump(session, yard, Span(free, free + timedelta(hours=1)))


def weekly(yard: Yard, *, skip: bool, name: str = "Siti") -> list[date]:
    wanted = Wanted(clock(8), size=3_000, member_id=yard.members[name])
    with acting(yard, member(yard, name)) as session:
        rows = booking_series.ask_series(
            session, yard.tractor_id, wanted, every_days=7, times=4, skip_taken=skip, at=AT,
            draft_key=f"s-{name}",
        )  # fmt: skip
        assert {row.series for row in rows} == {rows[0].number}
        return [row.since.date() for row in rows]


def test_a_series_skips_the_taken_days_or_is_refused_by_their_names(yard: Yard) -> None:
    with acting(yard) as session:
        tractor(session, yard, clock(7, day=10), "Budi", size=3_000)
    with pytest.raises(SomeDaysTaken) as refused:
        weekly(yard, skip=False)
    assert refused.value.facts["taken"] == (date(2026, 3, 10),)
    days = weekly(yard, skip=True)
    assert days == [date(2026, 3, 3), date(2026, 3, 17), date(2026, 3, 24)]
    assert weekly(yard, skip=True) == days  # the same form again
    with pytest.raises(AllDaysTaken):
        weekly(yard, skip=True, name="Budi")


def test_a_series_counts_as_one_for_quotas_and_none_is_kept_above(yard: Yard) -> None:
    with acting(yard) as session:
        booking_quotas.set_quota(
            session, yard.tractor_id, period=Period.MONTH, counted=Counted.TIMES, most=3
        )
    with pytest.raises(QuotaOfTimes):
        weekly(yard, skip=False)
    with db.reading(yard.coop) as session:
        assert booking_views.booked(session, hours(0, 24 * 30), at=AT) == []
