"""What one use of a machine costs, line by line, before and after it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import equipment_bills
from kopprod.domain.equipment import NothingToDo, Rate, Work
from kopprod.domain.equipment_bills import Job, LineKind
from kopprod.domain.intervals import Span
from kopprod.domain.money import E4
from kopprod.domain.tariffs import Basis, Borne, Tariff

NEW_YEAR = date(2026, 1, 1)
BAU = 80_000  # tenths of m2, as in Kudus
NAME = "Combine Kubota"
JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("basis", "job", "price_rp", "total_rp"),
    [
        (Basis.BAU, Job(area_m2=7_500), 2_000_000, 1_875_000),
        (Basis.HECTARE, Job(area_m2=7_500), 2_500_000, 1_875_000),
        (Basis.UBIN, Job(area_m2=1_400), 1_100, 110_000),
        (Basis.UBIN, Job(area_m2=10_000), 1_100, 785_714),
        (Basis.ARE, Job(area_m2=250), 20_000, 50_000),
        (Basis.HOUR, Job(minutes=150), 75_000, 187_500),
        (Basis.HOUR, Job(minutes=1), 50_000, 833),
        (Basis.DAY, Job(days=2), 300_000, 600_000),
        (Basis.KILOGRAM, Job(grams=800_500), 150, 120_075),
        (Basis.TRIP, Job(trips=3), 40_000, 120_000),
        (Basis.TRIP, Job(trips=0), 40_000, 0),
    ],
)
def test_a_bill_by_each_basis(basis: Basis, job: Job, price_rp: int, total_rp: int) -> None:
    tariff = Tariff(basis, NEW_YEAR, None, price_rp * E4, bau_tenths=BAU)

    found = equipment_bills.bill(tariff, job, member=True, machine=NAME)

    assert [line.kind for line in found.lines] == [LineKind.USE]
    assert found.lines[0].quantity == equipment_bills.measured(job, basis)
    assert found.lines[0].price_e4 == price_rp * E4
    assert found.total_rp == total_rp


FULL = Tariff(
    Basis.HECTARE,
    NEW_YEAR,
    None,
    1_000_000 * E4,
    1_200_000 * E4,
    operator=Borne.EXTRA,
    operator_e4=200_000 * E4,
    fuel=Borne.EXTRA,
    fuel_e4=6_800 * E4,
    mobilisation_rp=50_000,
    minimum_rp=500_000,
)


@pytest.mark.parametrize(
    ("job", "member", "lines"),
    [
        (
            Job(area_m2=7_500, fuel_ml=18_750, with_operator=True, brought=True),
            True,
            [("use", 750_000), ("operator", 150_000), ("fuel", 127_500), ("mobilisation", 50_000)],
        ),
        (Job(area_m2=7_500), False, [("use", 900_000)]),
        (Job(area_m2=5_000), True, [("use", 500_000)]),  # the minimum exactly
        (Job(area_m2=4_999), True, [("use", 499_900), ("minimum", 100)]),
        (
            Job(area_m2=1_000, brought=True, fuel_ml=0),
            True,
            [("use", 100_000), ("mobilisation", 50_000), ("minimum", 350_000)],
        ),
        (Job(area_m2=0), True, [("use", 0), ("minimum", 500_000)]),
    ],
)
def test_the_lines_of_a_bill_and_the_minimum_last(
    job: Job, member: bool, lines: list[tuple[str, int]]
) -> None:
    found = equipment_bills.bill(FULL, job, member=member, machine=NAME)

    assert [(line.kind, line.amount_rp) for line in found.lines] == lines


@pytest.mark.parametrize("borne", [Borne.INCLUDED, Borne.OWN])
def test_what_is_in_the_price_or_brought_is_no_line(borne: Borne) -> None:
    tariff = replace(FULL, fuel=borne, operator=Borne.INCLUDED, mobilisation_rp=0)
    job = Job(area_m2=10_000, fuel_ml=9_000, with_operator=True, brought=True)

    assert equipment_bills.bill(tariff, job, member=True, machine=NAME).total_rp == 1_000_000


@pytest.mark.parametrize(
    ("tariff", "job", "member", "refused"),
    [
        (replace(FULL, other_e4=None), Job(area_m2=1), False, equipment_bills.NotForOthers),
        (
            replace(FULL, operator=Borne.OWN),
            Job(area_m2=1, with_operator=True),
            True,
            equipment_bills.NoOperatorOffered,
        ),
        (FULL, Job(minutes=60, fuel_ml=1), True, equipment_bills.NotMeasured),
        (FULL, Job(area_m2=-1), True, equipment_bills.MeasuredBelowNothing),
        (FULL, Job(area_m2=1, fuel_ml=-1), True, equipment_bills.MeasuredBelowNothing),
    ],
)
def test_what_cannot_be_billed_is_refused(
    tariff: Tariff, job: Job, member: bool, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        equipment_bills.bill(tariff, job, member=member, machine=NAME)
    with pytest.raises(refused):
        equipment_bills.estimate(tariff, job, member=member, machine=NAME)


HOURLY = Tariff(Basis.HOUR, NEW_YEAR, None, 75_000 * E4)


@pytest.mark.parametrize(
    ("job", "rate", "minutes"),
    [
        (Job(area_m2=7_501), Rate(Work.AREA, 1_500), 301),
        (Job(grams=2_000_000), Rate(Work.MASS, 800_000), 150),
        (Job(trips=3), Rate(Work.TRIPS, 2), 90),
        (Job(minutes=45, trips=3), Rate(Work.TRIPS, 2), 45),  # said, so not reckoned
    ],
)
def test_an_estimate_by_the_hour_knows_how_fast_the_machine_is(
    job: Job, rate: Rate, minutes: int
) -> None:
    found = equipment_bills.estimate(HOURLY, job, member=True, machine=NAME, rate=rate)

    assert found == equipment_bills.bill(HOURLY, Job(minutes=minutes), member=True, machine=NAME)


def test_an_estimate_of_no_known_size_is_refused() -> None:
    for rate in (None, Rate(Work.AREA, 1_500)):
        with pytest.raises(equipment_bills.NotMeasured):
            equipment_bills.estimate(HOURLY, Job(grams=5), member=True, machine=NAME, rate=rate)
    with pytest.raises(NothingToDo):
        equipment_bills.estimate(
            HOURLY, Job(area_m2=0), member=True, machine=NAME, rate=Rate(Work.AREA, 1_500)
        )


@settings(max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 50_000),
    st.booleans(),
    st.booleans(),
)
def test_a_bill_is_never_below_the_minimum_and_more_work_never_costs_less(
    area_m2: int, more: int, fuel_ml: int, with_operator: bool, brought: bool
) -> None:
    small, large = (
        equipment_bills.bill(
            FULL,
            Job(area_m2=area, fuel_ml=fuel_ml, with_operator=with_operator, brought=brought),
            member=True,
            machine=NAME,
        )
        for area in (area_m2, area_m2 + more)
    )

    assert FULL.minimum_rp <= small.total_rp <= large.total_rp
    added = [line for line in small.lines if line.kind is LineKind.MINIMUM]
    assert not added or (small.lines[-1] is added[0] and small.total_rp == FULL.minimum_rp)


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ((5, 20), (6, 6), 2),  # over midnight
        ((5, 6), (5, 18), 1),
        ((5, 0), (6, 0), 1),  # until midnight begins no second day
        ((5, 0), (8, 0), 3),
        ((5, 23), (6, 1), 2),
    ],
)
def test_days_begin_at_the_midnight_of_the_place(
    since: tuple[int, int], until: tuple[int, int], days: int
) -> None:
    one, other = (datetime(2026, 6, *moment, tzinfo=JAKARTA) for moment in (since, until))

    assert equipment_bills.days_begun(one, other, JAKARTA) == days
    assert equipment_bills.days_begun(one.astimezone(UTC), other.astimezone(UTC), JAKARTA) == days


def test_no_time_begins_no_day_and_the_place_decides() -> None:
    midnight = datetime(2026, 6, 5, tzinfo=JAKARTA)

    assert equipment_bills.days_begun(midnight, midnight, JAKARTA) == 0
    assert equipment_bills.days_begun(midnight, midnight - timedelta(days=9), JAKARTA) == 0
    three = midnight + timedelta(hours=3)
    assert equipment_bills.days_begun(midnight - timedelta(hours=1), three, JAKARTA) == 2
    assert (
        equipment_bills.days_begun(midnight - timedelta(hours=1), three, ZoneInfo("Asia/Jayapura"))
        == 1
    )


def test_every_line_has_its_words() -> None:
    assert list(equipment_bills.LINE_WORDS) == list(LineKind)


@given(
    st.builds(
        replace,
        st.just(FULL),
        basis=st.sampled_from(Basis),
        operator=st.sampled_from([Borne.INCLUDED, Borne.EXTRA]),
        fuel=st.sampled_from([Borne.INCLUDED, Borne.OWN]),
        mobilisation_rp=st.integers(0, 200_000),
        minimum_rp=st.integers(0, 2_000_000),
        bau_tenths=st.just(BAU),
    ),
    st.sampled_from(Work),
    st.integers(1, 100_000),
    st.integers(0, 3_000),
    st.integers(1, 3_000),
    st.booleans(),
)
@settings(max_examples=80)
def test_a_use_that_is_as_it_was_booked_costs_what_was_said(
    tariff: Tariff, work: Work, size: int, begins: int, minutes: int, with_operator: bool
) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=begins)
    span = Span(since, since + timedelta(minutes=minutes))
    job = equipment_bills.booked_job(work, size, span, JAKARTA, with_operator=with_operator)
    # What is written down at the return of such a use, measured by itself.
    done = Job(
        area_m2={Work.AREA: size}.get(work),
        grams={Work.MASS: size}.get(work),
        trips={Work.TRIPS: size}.get(work),
        minutes=(span.until - span.since) // timedelta(minutes=1),
        days=len(
            {(since + timedelta(minutes=n)).astimezone(JAKARTA).date() for n in range(minutes)}
        ),
        with_operator=with_operator,
        brought=with_operator,
    )
    if equipment_bills.measured(job, tariff.basis) is None:
        return

    said = equipment_bills.estimate(tariff, job, member=True, machine=NAME, rate=Rate(Work.AREA, 7))

    assert said == equipment_bills.bill(tariff, done, member=True, machine=NAME)
