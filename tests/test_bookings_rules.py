"""Stages of a booking, who may act, notice, horizon and length, as tables of cases."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod import language
from kopprod.domain import booking_limits as limits
from kopprod.domain import bookings
from kopprod.domain.booking_limits import (
    HOURS,
    Limits,
    check_area,
    check_length,
    check_notice,
    check_times,
    extended,
    horizon,
    job_minutes,
)
from kopprod.domain.bookings import (
    CHARGED,
    ENDED,
    HOLDING,
    LEADS_TO,
    OWN_ACTS,
    STAGE_NAMES,
    Act,
    Stage,
    after,
    check_actor,
    check_in_use,
    check_resize,
    check_retire,
    expired,
    expires_at,
)
from kopprod.domain.equipment import Rate, Work
from kopprod.domain.intervals import Span
from kopprod.domain.quantities import UnitMissing
from kopprod.domain.refusal import Refusal
from tests.hours import MONDAY, TUESDAY, WEDNESDAY, WIB, hour, span

NUMBER = "ALAT-2026-0001"
TRACTOR = "Traktor"


@pytest.mark.parametrize(
    ("acts", "ends"),
    [
        ((Act.APPROVE, Act.HAND_OVER, Act.RETURN), Stage.RETURNED),
        ((Act.APPROVE, Act.HAND_OVER, Act.EXTEND, Act.RETURN), Stage.RETURNED),
        ((Act.CHANGE, Act.APPROVE, Act.CHANGE, Act.EXTEND, Act.CANCEL), Stage.CANCELLED),
        ((Act.REFUSE,), Stage.REFUSED),
        ((Act.APPROVE, Act.NO_SHOW), Stage.EXPIRED),
        ((Act.EXPIRE,), Stage.EXPIRED),
        ((Act.CANCEL,), Stage.CANCELLED),
        ((Act.POSTPONE, Act.PLACE, Act.POSTPONE, Act.CANCEL), Stage.CANCELLED),
        ((Act.APPROVE, Act.POSTPONE, Act.EXPIRE), Stage.EXPIRED),
    ],
)
def test_a_request_goes_from_stage_to_stage(acts: tuple[Act, ...], ends: Stage) -> None:
    stage = Stage.REQUESTED
    for act in acts:
        stage = after(stage, act, number=NUMBER)

    assert stage is ends


@pytest.mark.parametrize(
    ("stage", "act", "refusal"),
    [
        (Stage.OUT, Act.CANCEL, bookings.CancelledAfterUse),
        (Stage.RETURNED, Act.CANCEL, bookings.CancelledAfterUse),
        (Stage.RETURNED, Act.RETURN, bookings.BookingEnded),
        (Stage.CANCELLED, Act.CANCEL, bookings.BookingEnded),
        (Stage.EXPIRED, Act.APPROVE, bookings.BookingEnded),
        (Stage.REFUSED, Act.CHANGE, bookings.BookingEnded),
        (Stage.OUT, Act.POSTPONE, bookings.StillOut),
        (Stage.OUT, Act.HAND_OVER, bookings.StillOut),
        (Stage.BOOKED, Act.RETURN, bookings.NotOut),
        (Stage.POSTPONED, Act.RETURN, bookings.NotOut),
        (Stage.REQUESTED, Act.HAND_OVER, bookings.NotApproved),
        (Stage.REQUESTED, Act.EXTEND, bookings.NotApproved),
        (Stage.WAITING, Act.HAND_OVER, bookings.HoldsNoTime),
        (Stage.POSTPONED, Act.CHANGE, bookings.HoldsNoTime),
        (Stage.BOOKED, Act.APPROVE, bookings.HasItsTime),
        (Stage.BOOKED, Act.EXPIRE, bookings.HasItsTime),
        (Stage.REQUESTED, Act.NO_SHOW, bookings.NotApproved),
        (Stage.OUT, Act.NO_SHOW, bookings.StillOut),
        (Stage.REQUESTED, Act.PLACE, bookings.HasItsTime),
    ],
)
def test_what_cannot_be_done_now_has_its_sentence(
    stage: Stage, act: Act, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as caught:
        after(stage, act, number=NUMBER)

    said = language.sentence("id", caught.value)
    assert NUMBER in said
    assert "{" not in said


def test_every_act_leads_somewhere_or_is_refused_and_nothing_comes_after_the_end() -> None:
    for stage, act in product(Stage, Act):
        if (stage, act) in LEADS_TO:
            assert stage not in ENDED
        else:
            with pytest.raises(Refusal):
                after(stage, act, number=NUMBER)
    assert set(STAGE_NAMES) == set(Stage)
    assert not HOLDING & ENDED
    assert set(Stage) == HOLDING | ENDED | {Stage.WAITING, Stage.POSTPONED}
    assert HOLDING | {Stage.RETURNED} == CHARGED


@pytest.mark.parametrize("act", list(Act))
def test_members_act_on_their_own_bookings_only(act: Act) -> None:
    check_actor(act, own=False, manages=True, number=NUMBER, name="Ayu")
    with pytest.raises(bookings.NotYourBooking):
        check_actor(act, own=False, manages=False, number=NUMBER, name="Ayu")
    if act in OWN_ACTS:
        check_actor(act, own=True, manages=False, number=NUMBER, name="Ayu")
    else:
        with pytest.raises(bookings.OnlyManagers):
            check_actor(act, own=True, manages=False, number=NUMBER, name="Ayu")


@pytest.mark.parametrize("stage", [Stage.REQUESTED, Stage.BOOKED])
@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize("manages", [False, True])
def test_what_was_approved_keeps_its_size_for_its_member(
    stage: Stage, approved: bool, manages: bool
) -> None:
    if stage is Stage.BOOKED and approved and not manages:
        with pytest.raises(bookings.SizeApproved):
            check_resize(stage, approved=approved, manages=manages, number=NUMBER)
    else:
        check_resize(stage, approved=approved, manages=manages, number=NUMBER)


LIMITS = Limits(
    add_notice_h=24,
    change_notice_h=12,
    cancel_notice_h=6,
    horizon_days=7,
    least_min=60,
    most_min=600,
)


@pytest.mark.parametrize(
    ("at_h", "wanted", "refusal"),
    [
        (6, span(30, 32), None),
        (6, Span(hour(29, 59), hour(32)), limits.TooSoon),
        (6, span(5, 8), limits.InThePast),
        (6, span(6, 8), limits.TooSoon),
        (6, span(190, 192), None),  # to the last midnight of Monday in a week
        (6, Span(hour(190), hour(192, 1)), limits.TooFarAhead),
        (23, span(190, 192), None),
        (24, span(190, 193), None),
        (6, Span(hour(30), hour(30, 59)), limits.TooShort),
        (6, span(30, 40), None),
        (6, span(30, 41), limits.TooLong),
    ],
)
def test_a_new_time_is_neither_too_soon_nor_too_far_nor_too_long(
    at_h: int, wanted: Span, refusal: type[Refusal] | None
) -> None:
    if refusal is None:
        check_times(wanted, LIMITS, machine=TRACTOR, at=hour(at_h), calendar=WIB)
    else:
        with pytest.raises(refusal) as caught:
            check_times(wanted, LIMITS, machine=TRACTOR, at=hour(at_h), calendar=WIB)
        assert "{" not in language.sentence("id", caught.value)


def test_without_limits_almost_anything_may_be_booked() -> None:
    check_times(span(0, 24 * 180), Limits(), machine=TRACTOR, at=hour(0), calendar=WIB)

    with pytest.raises(limits.LongerThanSeason) as caught:
        check_length(span(0, 24 * 184), Limits(), machine=TRACTOR, calendar=WIB)

    assert language.sentence("en", caught.value) == (
        "This would take 4,416 h, but the season from 1 April 2026 to 30 September 2026 is "
        "shorter. Look at the size of the job again."
    )


def test_the_horizon_ends_at_local_midnight() -> None:
    assert horizon(LIMITS, at=hour(23, 59), calendar=WIB) == hour(8 * 24)
    assert horizon(LIMITS, at=hour(24), calendar=WIB) == hour(9 * 24)
    assert horizon(Limits(horizon_days=0), at=hour(1), calendar=WIB) == hour(24)


@pytest.mark.parametrize(
    ("act", "at_h", "may"),
    [
        (Act.CHANGE, 18, True),
        (Act.CHANGE, 19, False),
        (Act.CANCEL, 24, True),
        (Act.CANCEL, 25, False),
        (Act.CANCEL, 31, False),
        (Act.EXTEND, 31, True),
    ],
)
def test_what_begins_soon_cannot_be_changed_any_more(act: Act, at_h: int, may: bool) -> None:
    if may:
        check_notice(act, span(30, 32), LIMITS, at=hour(at_h), calendar=WIB)
    else:
        with pytest.raises(limits.TooLateToChange):
            check_notice(act, span(30, 32), LIMITS, at=hour(at_h), calendar=WIB)


@pytest.mark.parametrize(
    ("until", "at_h", "refusal"),
    [
        (34, 31, None),
        (32, 31, limits.NotExtended),
        (31, 30, limits.NotExtended),
        (34, 34, limits.InThePast),
        (34, 33, None),
        (41, 31, limits.TooLong),
    ],
)
def test_a_booking_is_extended_to_a_later_end(
    until: int, at_h: int, refusal: type[Refusal] | None
) -> None:
    def extend() -> Span:
        return extended(
            span(30, 32), hour(until), LIMITS, machine=TRACTOR, at=hour(at_h), calendar=WIB
        )

    if refusal is None:
        assert extend() == span(30, until)
    else:
        with pytest.raises(refusal):
            extend()


def test_an_extension_ends_within_the_horizon() -> None:
    near = Limits(horizon_days=0)

    with pytest.raises(limits.TooFarAhead):
        extended(span(20, 22), hour(25), near, machine=TRACTOR, at=hour(21), calendar=WIB)


AREA = Rate(Work.AREA, 1_500)


@pytest.mark.parametrize(
    ("size", "rate", "step", "minutes"),
    [
        (7_500, AREA, 15, 300),
        (7_501, AREA, 15, 315),
        (1, AREA, 15, 15),
        (7_500, AREA, 1, 300),
        (7_501, AREA, 1, 301),
        (90, HOURS, 15, 90),
        (91, HOURS, 30, 120),
        (3, Rate(Work.TRIPS, 2), 15, 90),
        (2_000_000, Rate(Work.MASS, 800_000), 15, 150),
    ],
)
def test_how_long_a_job_takes(size: int, rate: Rate, step: int, minutes: int) -> None:
    assert job_minutes(size, rate, machine=TRACTOR, step_min=step) == minutes


@given(st.integers(1, 10**7), st.integers(1, 10**6), st.sampled_from([1, 5, 15, 30, 60]))
def test_a_job_has_time_enough_and_not_a_step_too_much(size: int, rate: int, step: int) -> None:
    minutes = job_minutes(size, Rate(Work.AREA, rate), machine=TRACTOR, step_min=step)

    assert minutes % step == 0
    assert (minutes - step) * rate < size * 60 <= minutes * rate


def test_a_job_of_nothing_or_without_a_rate_or_beyond_the_land_is_refused() -> None:
    with pytest.raises(Refusal):
        job_minutes(0, AREA, machine=TRACTOR)
    with pytest.raises(limits.NoRateOfWork):
        job_minutes(100, None, machine=TRACTOR)
    check_area(7_500, 7_500, name="Ayu")
    check_area(7_500, None, name="Ayu")
    with pytest.raises(limits.JobLargerThanLand) as caught:
        check_area(7_501, 7_500, name="Ayu")
    assert "lahan 0,75 ha, jadi pekerjaan 0,7501 ha" in language.sentence("id", caught.value)


@pytest.mark.parametrize(
    ("work", "typed", "size"),
    [
        (Work.AREA, "0,75 ha", 7_500),
        (Work.AREA, "0,75 hektar", 7_500),
        (Work.AREA, "25 are", 2_500),
        (Work.AREA, "100 ubin", 1_400),
        (Work.AREA, "50 bata", 700),
        (Work.AREA, "7.500 m²", 7_500),
        (Work.AREA, "1 bau", 7_097),  # 7.096,5 m2: the begun one counts
        (Work.AREA, "2 bau", 14_193),
        (Work.AREA, "1 ha + 20 are", 12_000),
        (Work.MASS, "800", 800_000),
        (Work.MASS, "5 kw", 500_000),
        (Work.TRIPS, "3", 3),
        (Work.TRIPS, "2 rit", 2),
        (Work.TIME, "3", 180),
        (Work.TIME, "1,5 jam", 90),
        (Work.TIME, "45 menit", 45),
    ],
)
def test_the_size_of_a_job_is_read_as_people_say_it(work: Work, typed: str, size: int) -> None:
    assert limits.read_size(typed, work, bau_tenths=70_965).amount == size


@pytest.mark.parametrize("typed", ["0,75", "7500", "1 ha + 20"])
def test_an_area_without_its_unit_is_asked_about(typed: str) -> None:
    with pytest.raises(UnitMissing) as refused:
        limits.read_size(typed, Work.AREA, bau_tenths=80_000)

    number = typed.rsplit(" ", 1)[-1]
    said = language.sentence("id", refused.value)
    assert said.startswith(f"Maksudnya {number} ha atau {number} m2?")
    assert "ubin, bau" in said


@given(m2=st.integers(1, 10**7), bau_tenths=st.integers(50_000, 100_000))
def test_an_area_is_the_same_in_every_unit(m2: int, bau_tenths: int) -> None:
    def read(typed: str) -> int:
        return limits.read_size(typed, Work.AREA, bau_tenths=bau_tenths).amount

    assert read(f"{m2} m2") == m2
    assert read(f"{m2} are") == 100 * m2
    assert read(f"{m2} ubin") == 14 * m2
    assert 10 * (read(f"{m2} bau") - 1) < bau_tenths * m2 <= 10 * read(f"{m2} bau")


def test_a_machine_that_is_retired_is_not_booked_and_one_that_is_booked_not_retired() -> None:
    check_in_use(TRACTOR, None, span(30, 32), WIB)
    check_in_use(TRACTOR, TUESDAY, span(20, 24), WIB)
    with pytest.raises(bookings.MachineRetired):
        check_in_use(TRACTOR, TUESDAY, span(23, 25), WIB)

    standing = [("A", span(20, 24)), ("B", span(23, 25)), ("C", span(50, 52))]
    check_retire(TRACTOR, date(2026, 4, 10), standing, WIB)
    with pytest.raises(bookings.RetiredWithBookings) as caught:
        check_retire(TRACTOR, TUESDAY, standing, WIB)
    assert "B, C" in language.sentence("id", caught.value)
    check_retire(TRACTOR, MONDAY, [], WIB)


def test_requests_expire_oldest_first_and_never_after_their_time_has_come() -> None:
    assert expires_at(hour(6), hour(60), 24) == hour(30)
    assert expires_at(hour(6), hour(20), 24) == hour(20)

    requests = {3: hour(30), 1: hour(30), 2: hour(12), 4: hour(30, 1)}
    assert expired(requests, at=hour(30)) == [2, 1, 3]
    assert expired(requests, at=hour(11)) == []


def test_moments_lengths_and_days_are_shown_as_people_say_them() -> None:
    moment = WIB.local(hour(32))

    assert language.show("id", "since", moment) == "Selasa, 7 April 2026, 08.00 WIB"
    assert language.show("en", "since", moment) == "Tuesday, 7 April 2026, 08:00 WIB"
    assert language.show("id", "taken", (MONDAY, WEDNESDAY)) == "6 April 2026, 8 April 2026"
    for minutes, said in (
        (0, "0 menit"),
        (45, "45 menit"),
        (120, "2 jam"),
        (150, "2 jam 30 menit"),
    ):
        assert language.show("id", "least_min", minutes) == said
    assert language.duration("en", 150) == "2 h 30 min"
    assert language.duration("id", 4_368 * 60) == "4.368 jam"
    assert language.duration("en", 4_368 * 60) == "4,368 h"


def test_nobody_came_is_known_once_the_time_has_begun() -> None:
    booked = span(8, 10)
    with pytest.raises(bookings.MayStillCome):
        bookings.check_no_show(booked, number=NUMBER, at=hour(7, 59), calendar=WIB)
    bookings.check_no_show(booked, number=NUMBER, at=hour(8), calendar=WIB)
