"""Booking shared machines: asked, refused with a sentence, decided, changed, given back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from kopprod import db, language
from kopprod.domain import booking_limits as limits
from kopprod.domain import bookings as rules
from kopprod.domain.access import NotAllowed
from kopprod.domain.bookings import Act, Stage
from kopprod.domain.capacity import Occupied, OccupiedToHorizon, OperatorBusy
from kopprod.domain.equipment import NothingToDo, Work
from kopprod.domain.equipment_bills import NotForOthers
from kopprod.domain.intervals import EndsBeforeStart, Period, Span
from kopprod.domain.members import MemberStatus
from kopprod.domain.phones import NotAMobileNumber
from kopprod.domain.quotas import Counted, QuotaOfMinutes, QuotaOfTimes
from kopprod.domain.refusal import Refusal
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.services import (
    booking_operators,
    booking_quotas,
    booking_rows,
    booking_views,
    bookings,
    trainings,
    waiting_list,
)
from kopprod.services.booking_asks import NobodyAsks, Wanted
from kopprod.services.equipment import LeftTheCooperative
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment, EquipmentTariff, Trained
from kopprod.tables.members import Member
from tests import machines, make
from tests.booked import AT, acting, clock, hours, member, overbooked, pump, tractor
from tests.machines import Yard

Does = Callable[[Session], object]


def sentence(refusal: Refusal) -> str:
    return language.sentence("id", refusal)


def set_kind(yard: Yard, key: str = "tractor", **columns: Any) -> None:
    """Change the limits of a kind."""
    with acting(yard) as session:
        row = session.get_one(Equipment, getattr(yard, f"{key}_id"))
        for name, value in columns.items():
            setattr(row, name, value)


def row_of(yard: Yard, booking_id: int) -> Booking:
    with db.reading(yard.coop) as session:
        return session.get_one(Booking, booking_id)


def test_a_size_gives_the_time_the_operator_and_the_cost(yard: Yard) -> None:
    with acting(yard, member(yard)) as session:
        row = tractor(session, yard, clock(7))

    assert row.number == "JADWAL-2026-0001"
    assert (row.since, row.until) == (clock(7), clock(12))  # 7.500 m2 at 1.500 m2 an hour
    assert row.blocked_until == clock(12, 30)
    assert row.stage is Stage.BOOKED
    assert row.operator_id == yard.operator_id
    assert row.estimate_rp == 900_000  # 0,75 ha at Rp1.200.000


def test_typed_hours_count_for_a_machine_that_works_by_time(yard: Yard) -> None:
    with acting(yard, member(yard)) as session:
        row = pump(session, yard, hours(8, 11), typed="3 jam")

    assert (row.size, row.estimate_rp, row.typed) == (180, 60_000, "3 jam")
    assert row.operator_id is None


def test_who_is_no_member_pays_the_other_price_and_is_asked_for_by_an_officer(yard: Yard) -> None:
    with acting(yard, make.OFFICER) as session:
        row = bookings.ask(
            session, yard.pump_id, since=clock(8), until=clock(10), other_name=" Pak  Lurah ", at=AT
        )
    assert (row.member_id, row.other_name, row.estimate_rp) == (None, "Pak Lurah", 60_000)
    with pytest.raises(NotAllowed), acting(yard, member(yard)) as session:
        bookings.ask(
            session, yard.pump_id, since=clock(12), until=clock(13), other_name="Lurah", at=AT
        )


def test_who_asks_for_an_operator_has_one_kept_for_her(yard: Yard) -> None:
    """Nobody needs one for a pump; who asks for one takes him from every other machine."""
    with acting(yard) as session:
        trainings.add_training(
            session, yard.pump_id, member_id=yard.operator_id, trained_on=machines.SINCE,
            operates=True, on=machines.SINCE,
        )  # fmt: skip
    wanted = Wanted(
        clock(8), size=120, other_name="Lurah", other_phone="0812-3456-7890", with_operator=True
    )
    with acting(yard, make.OFFICER) as session:
        row = bookings.book(session, yard.pump_id, wanted, at=AT)
        found = booking_views.propose(session, yard.pump_id, wanted, on=date(2026, 3, 3), at=AT)
    assert (row.operator_id, row.other_phone) == (yard.operator_id, "+6281234567890")
    assert found.operator == "Made"
    with pytest.raises(OperatorBusy), acting(yard) as session:
        tractor(session, yard, clock(9))
    with pytest.raises(NotAMobileNumber), acting(yard, make.OFFICER) as session:
        bookings.book(session, yard.pump_id, replace(wanted, other_phone="12"), at=AT)


def test_a_machine_without_a_price_for_others_is_for_members(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(EquipmentTariff, yard.pump_tariff_id).other_e4 = None
    with pytest.raises(NotForOthers), acting(yard, make.OFFICER) as session:
        bookings.ask(
            session, yard.pump_id, since=clock(8), until=clock(9), other_name="Lurah", at=AT
        )


def test_a_tariff_that_is_missing_leaves_the_cost_unknown(yard: Yard) -> None:
    with acting(yard) as session:
        session.get_one(EquipmentTariff, yard.pump_tariff_id).until = date(2026, 3, 3)
    with acting(yard, member(yard)) as session:
        assert pump(session, yard, hours(8, 9)).estimate_rp is None
        assert pump(session, yard, hours(20, 21, day=2)).estimate_rp == 20_000


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"since": clock(9), "until": clock(8)}, EndsBeforeStart),
        ({"since": clock(9), "until": clock(9)}, EndsBeforeStart),
        ({"since": AT - timedelta(hours=2), "until": clock(9)}, limits.InThePast),
        ({"since": clock(8)}, NothingToDo),
        ({"since": clock(8), "size": 0}, NothingToDo),
        ({"since": clock(8), "until": clock(8, day=300)}, limits.LongerThanSeason),
        ({"since": clock(8, day=400), "until": clock(9, day=400)}, limits.TooFarAhead),
        ({"since": clock(8), "until": clock(9), "member_id": None}, NobodyAsks),
        ({"since": clock(8), "until": clock(9), "other_name": "Lurah"}, NobodyAsks),
    ],
)
def test_bad_input_is_refused(yard: Yard, wanted: dict[str, Any], refusal: type[Refusal]) -> None:
    facts = {"member_id": yard.members["Siti"], **wanted}
    with pytest.raises(refusal), acting(yard) as session:
        bookings.ask(session, yard.pump_id, at=AT, **facts)


def test_limits_bind_members_and_not_who_manages_the_machines(yard: Yard) -> None:
    set_kind(yard, "pump", add_notice_h=48, horizon_days=10, least_min=60, most_min=240)
    cases = [
        (hours(8, 10), limits.TooSoon),
        (hours(8, 10, day=20), limits.TooFarAhead),
        (hours(8, 14, day=6), limits.TooLong),
        (Span(clock(8, day=6), clock(8, 30, day=6)), limits.TooShort),
    ]
    for span, refusal in cases:
        with pytest.raises(refusal), acting(yard, member(yard)) as session:
            pump(session, yard, span)
        with acting(yard, make.OFFICER) as session:
            pump(session, yard, span)


def test_a_job_larger_than_her_land_is_refused_and_unknown_land_is_not(yard: Yard) -> None:
    with pytest.raises(limits.JobLargerThanLand) as refused, acting(yard) as session:
        tractor(session, yard, clock(7), size=7_501)
    assert "0,75 ha" in sentence(refused.value)
    with acting(yard) as session:
        tractor(session, yard, clock(7), "Made", size=30_000)


def test_a_retired_machine_and_who_left_are_refused(yard: Yard) -> None:
    with acting(yard) as session:
        siti = session.get_one(Member, yard.members["Siti"])
        siti.status, siti.left_on = MemberStatus.LEFT, AT.date()
    with pytest.raises(LeftTheCooperative), acting(yard) as session:
        pump(session, yard, hours(8, 9))
    set_kind(yard, "pump", retired_on=date(2026, 3, 3))
    with pytest.raises(rules.MachineRetired), acting(yard) as session:
        pump(session, yard, hours(8, 9), "Budi")


def test_a_taken_time_is_refused_with_the_next_free_one(yard: Yard) -> None:
    with acting(yard) as session:
        tractor(session, yard, clock(7))
    with pytest.raises(Occupied) as refused, acting(yard, member(yard, "Budi")) as session:
        tractor(session, yard, clock(9), "Budi")
    assert sentence(refused.value) == (
        "Traktor tangan tidak kosong dari Selasa, 3 Maret 2026, 09.00 WIB sampai Selasa, 3 Maret"
        " 2026, 14.00 WIB. Sudah terisi: JADWAL-2026-0001. Waktu kosong berikutnya Selasa, 3 Maret"
        " 2026, 12.30 WIB."
    )
    with pytest.raises(Occupied) as refused, acting(yard, make.OFFICER) as session:
        tractor(session, yard, clock(9), "Budi")
    assert "JADWAL-2026-0001 (Siti)" in sentence(refused.value)


def test_the_next_free_time_is_in_open_hours(yard: Yard) -> None:
    set_kind(yard, opens_min=7 * 60, closes_min=17 * 60)
    with acting(yard) as session:
        tractor(session, yard, clock(7))
        tractor(session, yard, clock(12, 30), "Budi", size=6_000)  # until 16.30
    with pytest.raises(Occupied) as refused, acting(yard) as session:
        tractor(session, yard, clock(9), "Budi", size=1_500)
    assert "Rabu, 4 Maret 2026, 07.00 WIB" in sentence(refused.value)


@pytest.mark.parametrize(
    ("opens", "closes", "hour"), [(7 * 60, 24 * 60, 20), (0, 24 * 60, 0), (0, 17 * 60, 0)]
)
def test_closing_at_midnight_is_no_time_of_the_clock(
    yard: Yard, opens: int, closes: int, hour: int
) -> None:
    set_kind(yard, "pump", opens_min=opens, closes_min=closes)
    with db.reading(yard.coop) as session:
        kind = booking_rows.kind(session, yard.pump_id)
        found = booking_operators.first_free(session, kind, 60, after=clock(hour), at=AT)
    assert found == (Span(clock(hour), clock(hour + 1)), None)


def test_the_operator_works_on_one_machine_at_a_time(yard: Yard) -> None:
    with acting(yard) as session:
        other = make_second_tractor(session, yard)
        tractor(session, yard, clock(7))
    with pytest.raises(OperatorBusy) as refused, acting(yard) as session:
        bookings.ask(
            session, other, member_id=yard.members["Budi"], since=clock(8), size=3_000, at=AT
        )
    assert "Made" in sentence(refused.value)
    assert "12.30 WIB" in sentence(refused.value)


def make_second_tractor(session: Session, yard: Yard) -> int:
    kind = machines.kind(
        session, "Traktor 2", work=Work.AREA, rate_per_hour=1_500, needs_operator=True
    )
    machines.unit(session, kind.id)
    session.add(
        Trained(
            equipment_id=kind.id,
            member_id=yard.operator_id,
            operates=True,
            trained_on=machines.SINCE,
        )
    )
    return kind.id


def test_only_who_learnt_it_operates(yard: Yard) -> None:
    with pytest.raises(booking_operators.NoOperator), acting(yard) as session:
        bookings.ask(
            session,
            yard.tractor_id,
            member_id=yard.members["Siti"],
            operator_id=yard.members["Budi"],
            since=clock(7),
            size=1_500,
            at=AT,
        )


def test_an_outage_stands_in_the_way(yard: Yard) -> None:
    with acting(yard) as session:
        session.add(
            Outage(
                number="HENTI-2026-0001",
                equipment_id=yard.tractor_id,
                why="servis",
                since=clock(0),
                until=clock(0, day=900),
            )  # fmt: skip
        )
    with pytest.raises(OccupiedToHorizon) as refused, acting(yard) as session:
        tractor(session, yard, clock(7))
    assert "mesin sedang tidak dipakai" in sentence(refused.value)


def test_the_same_form_twice_is_one_booking(yard: Yard) -> None:
    with acting(yard) as session:
        first = pump(session, yard, hours(8, 9), draft_key="k")
    with acting(yard) as session:
        assert pump(session, yard, hours(8, 9), draft_key="k").id == first.id
    with pytest.raises(FormKeptOtherwise), acting(yard) as session:
        pump(session, yard, hours(10, 11), draft_key="k")


# Requests


def request(yard: Yard, name: str = "Siti", hour: int = 7) -> Booking:
    set_kind(yard, needs_approval=True, request_hours=2)
    with acting(yard, member(yard, name)) as session:
        return tractor(session, yard, clock(hour), name, size=1_500)


def test_a_request_holds_its_time_until_it_is_answered(yard: Yard) -> None:
    row = request(yard)
    assert (row.stage, row.expires_at) == (Stage.REQUESTED, AT + timedelta(hours=2))
    with pytest.raises(Occupied), acting(yard, member(yard, "Budi")) as session:
        tractor(session, yard, clock(7), "Budi")
    with acting(yard, make.OFFICER) as session:
        assert bookings.approve(session, row.id, at=AT).stage is Stage.BOOKED
    assert row_of(yard, row.id).expires_at is None
    with pytest.raises(rules.HasItsTime), acting(yard) as session:
        bookings.approve(session, row.id, at=AT)


def test_a_refused_request_says_why_and_frees_its_time(yard: Yard) -> None:
    row = request(yard)
    with acting(yard, make.OFFICER) as session:
        bookings.refuse(session, row.id, at=AT, reason="Lahan belum kering")
    assert row_of(yard, row.id).note == "Lahan belum kering"
    with acting(yard) as session:
        tractor(session, yard, clock(7), "Budi")


def test_a_request_that_nobody_answers_is_over(yard: Yard) -> None:
    row = request(yard)
    late = AT + timedelta(hours=2)
    with db.reading(yard.coop) as session:
        span = hours(0, 24)
        assert len(bookings.standing(session, yard.tractor_id, span, at=AT)) == 1
        assert bookings.standing(session, yard.tractor_id, span, at=late) == []
    with acting(yard, make.OFFICER, at=late) as session:
        tractor(session, yard, clock(7), "Budi", at=late)
    assert row_of(yard, row.id).stage is Stage.EXPIRED
    with pytest.raises(rules.BookingEnded), acting(yard, make.OFFICER, at=late) as session:
        bookings.approve(session, row.id, at=late)


def test_members_decide_nothing(yard: Yard) -> None:
    row = request(yard)
    acts: tuple[Does, ...] = (
        lambda session: bookings.approve(session, row.id, at=AT),
        lambda session: bookings.refuse(session, row.id, at=AT),
        lambda session: bookings.place(session, row.id, at=AT),
    )
    for who in (member(yard), make.SUPERVISOR, make.TREASURER):
        for act in acts:
            with pytest.raises(NotAllowed), acting(yard, who) as session:
                act(session)
    with pytest.raises(NotAllowed), acting(yard, make.SUPERVISOR) as session:
        bookings.cancel(session, row.id, at=AT)


# Changing


def test_a_change_is_checked_as_a_new_booking_without_itself(yard: Yard) -> None:
    with acting(yard) as session:
        mine = tractor(session, yard, clock(7))
        tractor(session, yard, clock(13), "Budi")
    with acting(yard, member(yard)) as session:
        row = bookings.change(session, mine.id, since=clock(7, 15), at=AT)
        assert (row.since, row.until) == (clock(7, 15), clock(12, 15))
    with pytest.raises(Occupied), acting(yard, member(yard)) as session:
        bookings.change(session, mine.id, since=clock(8), at=AT)
    with acting(yard, member(yard)) as session:
        row = bookings.change(session, mine.id, size=3_000, at=AT)
        assert (row.until, row.estimate_rp) == (clock(9, 15), 360_000)
    with pytest.raises(limits.JobLargerThanLand), acting(yard, member(yard)) as session:
        bookings.change(session, mine.id, size=9_000, at=AT)


def test_an_extension_stops_where_the_next_begins(yard: Yard) -> None:
    with acting(yard) as session:
        mine = tractor(session, yard, clock(7), size=1_500)
        tractor(session, yard, clock(10), "Budi")
    with acting(yard, member(yard)) as session:
        bookings.extend(session, mine.id, until=clock(9, 30), at=AT)
    with pytest.raises(Occupied), acting(yard, member(yard)) as session:
        bookings.extend(session, mine.id, until=clock(9, 31), at=AT)
    with pytest.raises(limits.NotExtended), acting(yard) as session:
        bookings.extend(session, mine.id, until=clock(9), at=AT)


def test_what_is_anothers_is_hers(yard: Yard) -> None:
    with acting(yard) as session:
        row = pump(session, yard, hours(8, 10))
    acts: tuple[Does, ...] = (
        lambda session: bookings.change(session, row.id, since=clock(9), at=AT),
        lambda session: bookings.extend(session, row.id, until=clock(11), at=AT),
        lambda session: bookings.cancel(session, row.id, at=AT),
    )
    for act in acts:
        with pytest.raises(rules.NotYourBooking), acting(yard, member(yard, "Budi")) as session:
            act(session)


def test_notice_binds_members(yard: Yard) -> None:
    set_kind(yard, "pump", change_notice_h=48, cancel_notice_h=48)
    with acting(yard) as session:
        row = pump(session, yard, hours(8, 10))
    acts: tuple[Does, ...] = (
        lambda session: bookings.change(session, row.id, since=clock(9), at=AT),
        lambda session: bookings.cancel(session, row.id, at=AT),
    )
    for act in acts:
        with pytest.raises(limits.TooLateToChange), acting(yard, member(yard)) as session:
            act(session)
    with acting(yard, make.OFFICER) as session:
        assert bookings.cancel(session, row.id, at=AT).stage is Stage.CANCELLED


def test_what_was_handed_over_is_not_cancelled(yard: Yard) -> None:
    with acting(yard) as session:
        row = pump(session, yard, hours(8, 10))
        bookings.move_to(session, row, Act.HAND_OVER, at=AT)
    with pytest.raises(rules.CancelledAfterUse), acting(yard) as session:
        bookings.cancel(session, row.id, at=AT)
    with acting(yard, member(yard)) as session:
        bookings.extend(session, row.id, until=clock(12), at=AT)
        bookings.move_to(session, bookings.lock(session, row.id, at=AT), Act.RETURN, at=AT)
    with pytest.raises(rules.CancelledAfterUse), acting(yard) as session:
        bookings.cancel(session, row.id, at=AT)


# The waiting list


def test_who_waits_gets_the_time_that_is_given_back_first_come_first(yard: Yard) -> None:
    with acting(yard) as session:
        taken = tractor(session, yard, clock(7))
        first = tractor(session, yard, clock(7), "Budi", wait=True)
        second = tractor(session, yard, clock(7), "Made", size=1_500, wait=True)
        assert (first.stage, second.stage) == (Stage.WAITING, Stage.WAITING)
    with acting(yard, member(yard)) as session:
        bookings.cancel(session, taken.id, at=AT)
        assert [row.id for row in waiting_list.filled(session)] == [first.id]
    assert row_of(yard, first.id).stage is Stage.BOOKED
    assert row_of(yard, second.id).stage is Stage.WAITING


def test_who_would_wait_for_what_is_free_has_it(yard: Yard) -> None:
    with acting(yard) as session:
        assert tractor(session, yard, clock(7), wait=True).stage is Stage.BOOKED


def test_where_bookings_are_approved_who_waits_is_offered(yard: Yard) -> None:
    row = request(yard)
    with acting(yard, member(yard, "Budi")) as session:
        waits = tractor(session, yard, clock(7), "Budi", wait=True)
        assert waiting_list.offers(session, yard.tractor_id, at=AT) == []
    with acting(yard, make.OFFICER) as session:
        bookings.refuse(session, row.id, at=AT)
        assert waiting_list.offers(session, yard.tractor_id, at=AT) == [waits]
        assert bookings.place(session, waits.id, at=AT).stage is Stage.BOOKED


def test_waiting_ends_when_its_time_has_come(yard: Yard) -> None:
    with acting(yard) as session:
        tractor(session, yard, clock(7))
        waits = tractor(session, yard, clock(7), "Budi", wait=True)
    with acting(yard, at=clock(8)) as session:
        pump(session, yard, hours(20, 21), at=clock(8))
    assert row_of(yard, waits.id).stage is Stage.EXPIRED


def test_who_waits_first_is_served_before_who_asks_now(yard: Yard) -> None:
    row = request(yard)
    set_kind(yard, needs_approval=False)
    with acting(yard) as session:
        waits = tractor(session, yard, clock(7), "Budi", wait=True)
    late = AT + timedelta(hours=3)
    with pytest.raises(Occupied), acting(yard, at=late) as session:
        tractor(session, yard, clock(7), "Made", at=late)
    with acting(yard, at=late) as session:
        pump(session, yard, hours(8, 9), at=late)
        tractor(session, yard, clock(15), "Made", size=1_500, at=late)
    assert row_of(yard, waits.id).stage is Stage.BOOKED
    assert row_of(yard, row.id).stage is Stage.EXPIRED


def test_a_postponed_job_gets_another_time(yard: Yard) -> None:
    with acting(yard) as session:
        row = tractor(session, yard, clock(7))
        bookings.move_to(session, row, Act.POSTPONE, at=AT)
        other = tractor(session, yard, clock(7), "Budi")
    with pytest.raises(Occupied), acting(yard) as session:
        bookings.place(session, row.id, at=AT)
    with acting(yard) as session:
        placed = bookings.place(session, row.id, since=clock(14), at=AT)
        assert (placed.since, placed.until) == (clock(14), clock(19))
        assert other.stage is Stage.BOOKED


# Quotas


def test_a_quota_is_split_at_the_border_of_the_week_in_the_cooperatives_zone(yard: Yard) -> None:
    with acting(yard) as session:
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.WEEK, counted=Counted.MINUTES, most=180
        )
    # Sunday 22.00 until Monday 02.00 WIB: 120 minutes of each week, though in UTC all is Sunday.
    night = Span(clock(22, day=8), clock(2, day=9))
    with acting(yard, member(yard)) as session:
        pump(session, yard, night)
        pump(session, yard, hours(8, 9, day=9))
    with pytest.raises(QuotaOfMinutes), acting(yard, member(yard)) as session:
        pump(session, yard, hours(10, 11, day=9))
    with acting(yard, member(yard)) as session:
        pump(session, yard, hours(8, 9, day=4))
    with acting(yard, member(yard, "Budi")) as session:
        pump(session, yard, hours(10, 11, day=9), "Budi")


def test_a_quota_of_times_counts_what_holds_and_what_was_used(yard: Yard) -> None:
    with acting(yard) as session:
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.MONTH, counted=Counted.TIMES, most=1
        )
    with acting(yard, member(yard)) as session:
        row = pump(session, yard, hours(8, 9))
    with pytest.raises(QuotaOfTimes), acting(yard, member(yard)) as session:
        pump(session, yard, hours(10, 11))
    with acting(yard, member(yard)) as session:
        bookings.change(session, row.id, since=clock(10), at=AT)
        bookings.cancel(session, row.id, at=AT)
        pump(session, yard, hours(10, 11))


def test_nobody_gets_more_than_her_quota_from_the_waiting_list(yard: Yard) -> None:
    with acting(yard) as session:
        taken = tractor(session, yard, clock(7), "Budi")
        waits = tractor(session, yard, clock(7), wait=True)
        tractor(session, yard, clock(7, day=4), size=1_500)
        booking_quotas.set_quota(
            session, yard.tractor_id, period=Period.MONTH, counted=Counted.TIMES, most=1
        )
        bookings.cancel(session, taken.id, at=AT)
    assert row_of(yard, waits.id).stage is Stage.WAITING


def test_a_quota_is_changed_and_taken_away(yard: Yard) -> None:
    def put(most: int | None) -> list[int]:
        with acting(yard) as session:
            booking_quotas.set_quota(
                session, yard.pump_id, period=Period.DAY, counted=Counted.TIMES, most=most
            )
            return [row.most for row in booking_quotas.quotas(session, yard.pump_id)]

    assert [put(2), put(3), put(None), put(None)] == [[2], [3], [], []]
    for most in (0, -1, 10**9):
        with pytest.raises(booking_quotas.QuotaAbsurd):
            put(most)
    with pytest.raises(NotAllowed), acting(yard, make.OFFICER) as session:
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.DAY, counted=Counted.TIMES, most=1
        )


def test_what_the_guard_refuses_is_told_as_the_rule_tells_it(yard: Yard) -> None:
    with acting(yard) as session:
        tractor(session, yard, clock(7))
        row = tractor(session, yard, clock(14), "Budi")
        with pytest.raises(Occupied) as refused:  # past every check before
            bookings.move_to(session, row, Act.CHANGE, at=AT, span=Span(clock(9), clock(10)))
        assert "12.30 WIB" in sentence(refused.value)
        assert (row.since, row.stage) == (clock(14), Stage.BOOKED)
    with acting(yard) as session:
        assert overbooked(session) == []
        assert len(session.exec(select(Booking)).all()) == 2


def test_a_shorter_gap_leaves_what_was_promised(yard: Yard) -> None:
    with acting(yard) as session:
        tractor(session, yard, clock(7))
    set_kind(yard, buffer_min=0)
    with pytest.raises(Occupied) as refused, acting(yard) as session:
        tractor(session, yard, clock(12), "Budi")
    assert "12.30 WIB" in sentence(refused.value)
