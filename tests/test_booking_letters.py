"""Whom the office tells of a booking, and what is left of a member's quotas."""

from datetime import date, timedelta

import pytest

from kopprod import db
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import Period
from kopprod.domain.quotas import Counted
from kopprod.services import booking_letters, booking_quotas, booking_rations, bookings, timeline
from kopprod.services.booking_rations import Left
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member
from tests import make
from tests.booked import AT, acting, clock, hours, member, pump, tractor
from tests.machines import Yard


def test_who_waited_and_gets_the_time_is_told_with_whom_it_was_taken_from(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(Member, yard.members["Siti"]).phone = "+6281234567890"
        taken = tractor(session, yard, clock(7), "Budi")
        tractor(session, yard, clock(7), wait=True)
    with acting(yard) as session:
        bookings.cancel(session, taken.id, at=AT)
        found = booking_letters.after_act(session, bookings.lock(session, taken.id, at=AT), at=AT)

    assert [(one.name, one.stage, one.waited, one.phone) for one in found] == [
        ("Budi", Stage.CANCELLED, False, None),
        ("Siti", Stage.BOOKED, True, "+6281234567890"),
        ("Made", Stage.CANCELLED, False, None),
        ("Made", Stage.BOOKED, False, None),
    ]
    assert [one.whose for one in found] == ["", "", "Budi", "Siti"]


def test_an_operator_is_told_of_one_job_but_not_of_her_own(yard: Yard) -> None:
    made = make.person(Role.OFFICER, name="Made", member_id=yard.operator_id)
    with acting(yard) as session:
        session.get_one(Member, yard.operator_id).phone = "+6281234567890"
        session.get_one(Equipment, yard.tractor_id).needs_approval = True
    with acting(yard, member(yard)) as session:
        row = tractor(session, yard, clock(7))
        row.place = "Blok C"
    with acting(yard, made) as session:
        bookings.approve(session, row.id, at=AT)
        assert [one.name for one in booking_letters.after_act(session, row, at=AT)] == ["Siti"]
    with acting(yard) as session:
        row = bookings.lock(session, row.id, at=AT)
        siti, operator = booking_letters.after_act(session, row, at=AT)
        assert (siti.whose, operator.name, operator.phone) == ("", "Made", "+6281234567890")
        assert (operator.whose, operator.place) == ("Siti", "Blok C")


def test_a_member_who_cancels_tells_nobody_and_nobody_is_told_of_her_own(yard: Yard) -> None:
    with acting(yard) as session:
        taken = tractor(session, yard, clock(7))
        tractor(session, yard, clock(7), "Budi", wait=True)
    with acting(yard, member(yard)) as session:
        row = bookings.cancel(session, taken.id, at=AT)
        assert booking_letters.after_act(session, row, at=AT) == []
        with pytest.raises(NotAllowed):
            booking_letters.told(session, [row], at=AT)


def test_the_office_sees_who_got_a_time_that_a_member_gave_back(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(Member, yard.members["Budi"]).phone = "+6281234567890"
        siti = make.user(session, Role.MEMBER, name="Siti", member_id=yard.members["Siti"])
        manager = make.user(session, Role.MANAGER, name="Citra")
        taken = tractor(session, yard, clock(7))
        waits = tractor(session, yard, clock(7), "Budi", wait=True)
    with acting(yard) as session:
        assert booking_letters.given(session, at=AT) == []
    with acting(yard, siti) as session:
        bookings.cancel(session, taken.id, at=AT)
        with pytest.raises(NotAllowed):
            booking_letters.given(session, at=AT)
    with acting(yard) as session:
        [one] = booking_letters.given(session, at=AT)
        assert (one.name, one.phone, one.number, one.waited) == (
            "Budi", "+6281234567890", waits.number, True,
        )  # fmt: skip
        assert booking_letters.given(session, at=clock(7)) == []
        again = tractor(session, yard, clock(7), wait=True)
    with acting(yard, manager) as session:
        bookings.cancel(session, waits.id, at=AT)
        assert session.get_one(Booking, again.id).stage is Stage.BOOKED
    with acting(yard) as session:
        assert booking_letters.given(session, at=AT) == [], "the office knows what it did"


def test_a_time_that_is_free_for_who_waits_is_offered(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(Equipment, yard.tractor_id).needs_approval = True
        taken = tractor(session, yard, clock(7), "Budi")
        waits = tractor(session, yard, clock(7), wait=True)
        assert [one.offered for one in booking_letters.told(session, [waits], at=AT)] == [False]
        bookings.cancel(session, taken.id, at=AT)
        assert [one.offered for one in booking_letters.told(session, [waits], at=AT)] == [True]


def test_what_is_left_of_a_quota_goes_by_the_period_of_the_day(yard: Yard) -> None:
    with acting(yard) as session:
        for period, counted, most in (
            (Period.WEEK, Counted.TIMES, 2),
            (Period.DAY, Counted.MINUTES, 60),
        ):
            booking_quotas.set_quota(
                session, yard.pump_id, period=period, counted=counted, most=most
            )
        pump(session, yard, hours(8, 9))
    with db.reading(yard.coop, person=member(yard)) as session:
        siti = yard.members["Siti"]
        tuesday = booking_rations.left(session, siti, on=date(2026, 3, 3))
        monday_after = booking_rations.left(session, siti, on=date(2026, 3, 9))
        assert booking_rations.left(session, siti, on=make.TODAY, equipment_id=99) == []
        with pytest.raises(NotAllowed):
            booking_rations.left(session, yard.members["Budi"], on=make.TODAY)

    week = (date(2026, 3, 2), date(2026, 3, 8))
    assert tuesday == [
        Left("Pompa air 3 dim", Counted.TIMES, 2, 1, *week),
        Left("Pompa air 3 dim", Counted.MINUTES, 60, 60, date(2026, 3, 3), date(2026, 3, 3)),
    ]
    assert [one.left for one in tuesday] == [1, 0]
    assert [one.left for one in monday_after] == [2, 60]


def test_a_kind_that_left_has_no_quota_any_more(yard: Yard) -> None:
    with acting(yard) as session:
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.DAY, counted=Counted.TIMES, most=1
        )
        assert [kind.id for kind, _row in booking_rations.every(session)] == [yard.pump_id]
        session.get_one(Equipment, yard.pump_id).retired_on = make.TODAY
        assert booking_rations.every(session) == []


def test_the_next_day_with_something_in_it(yard: Yard) -> None:
    with acting(yard) as session:
        assert timeline.next_day(session, AT) is None
        row = pump(session, yard, hours(8, 9, day=12))
        assert timeline.next_day(session, AT) == date(2026, 3, 12)
        assert timeline.next_day(session, row.since) == date(2026, 3, 12)
        assert timeline.next_day(session, row.since + timedelta(minutes=1)) is None
