"""Keeping machines running: what is due and since when, who pays it, what a machine brings."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import tariffs, upkeep
from kopprod.domain.intervals import Span
from kopprod.domain.money import E4
from kopprod.domain.tariffs import Basis
from kopprod.domain.upkeep import Down, Hire, PaidFrom, Plan, Reading, Result, Stage, Standing
from tests.hours import span

OIL = Plan("Ganti oli", every_tenths=1_000, every_days=90)
LAST = date(2026, 3, 1)  # at 1.000,0 hours; 90 days later is 30 May
DUE = date(2026, 5, 30)
NAME = "Traktor tangan 1"


def of(on: date, *readings: tuple[date, int], plan: Plan = OIL) -> Standing:
    return upkeep.standing(
        plan,
        last_on=LAST,
        last_meter=10_000,
        readings=[Reading(*one) for one in readings],
        on=on,
    )


@pytest.mark.parametrize(
    ("on", "meter", "stage", "left", "since_on"),
    [
        (LAST, 10_000, Stage.FAR, (1_000, 90), None),
        (date(2026, 5, 20), 10_899, Stage.FAR, (101, 10), None),
        (date(2026, 5, 20), 10_900, Stage.SOON, (100, 10), None),
        (date(2026, 5, 21), 10_500, Stage.SOON, (500, 9), None),
        (date(2026, 5, 29), 10_999, Stage.SOON, (1, 1), None),
        (DUE, 10_500, Stage.DUE, (500, 0), DUE),
        (date(2026, 5, 31), 10_500, Stage.OVERDUE, (500, -1), DUE),
        (date(2026, 4, 1), 11_000, Stage.DUE, (0, 59), date(2026, 4, 1)),
        (date(2026, 4, 1), 11_001, Stage.OVERDUE, (-1, 59), date(2026, 4, 1)),
    ],
)
def test_hours_or_days_whichever_comes_first(
    on: date, meter: int, stage: Stage, left: tuple[int, int], since_on: date | None
) -> None:
    found = of(on, (on, meter))

    assert found == Standing("Ganti oli", stage, *left, since_on)
    assert found.blocks is (since_on is not None)


def test_it_is_due_since_the_meter_was_first_read_so_high() -> None:
    readings = [
        (date(2026, 4, 20), 11_200),
        (date(2026, 4, 10), 11_000),
        (date(2026, 4, 9), 10_990),
    ]

    assert of(date(2026, 5, 1), *readings).since_on == date(2026, 4, 10)
    assert of(date(2026, 6, 9), *readings).since_on == date(2026, 4, 10)  # not 30 May
    assert of(date(2026, 4, 9), *readings).since_on is None


def test_a_new_machine_counts_from_nothing_and_from_its_first_day() -> None:
    for meter, stage in ((999, Stage.SOON), (1_000, Stage.DUE)):
        found = upkeep.standing(OIL, last_on=LAST, readings=[Reading(LAST, meter)], on=LAST)
        assert found.stage is stage


def test_the_limits_of_a_plan_are_named() -> None:
    with pytest.raises(upkeep.IntervalAbsurd) as refused:
        upkeep.check_plan(Plan("Cuci", every_days=0), machine=NAME, has_meter=False)

    assert (refused.value.facts["hours"], refused.value.facts["days"]) == ("10.000", "3.650")


def test_readings_from_before_the_last_time_do_not_count() -> None:
    assert of(LAST, (date(2026, 2, 28), 99_999), (date(2026, 3, 2), 99_999)).left_tenths == 1_000


def test_a_plan_by_days_needs_no_meter_and_one_by_hours_no_days() -> None:
    by_days, by_hours = Plan("Cuci", every_days=7), Plan("Filter", every_tenths=500)

    assert of(date(2026, 3, 8), (DUE, 1), plan=by_days) == Standing(
        "Cuci", Stage.DUE, None, 0, date(2026, 3, 8)
    )
    assert of(date(2030, 1, 1), plan=by_hours) == Standing("Filter", Stage.FAR, 500, None, None)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(10_000, 13_000)), max_size=6),
    st.integers(0, 200),
    st.integers(0, 60),
)
def test_what_is_due_stays_due_and_since_the_same_day(
    found: list[tuple[int, int]], day: int, more: int
) -> None:
    readings = [(LAST + timedelta(days=days), meter) for days, meter in found]
    now, later = (of(LAST + timedelta(days=days), *readings) for days in (day, day + more))

    assert now.blocks is (now.since_on is not None)
    if now.blocks:
        assert later.blocks
        assert later.since_on == now.since_on
    assert list(Stage).index(later.stage) >= list(Stage).index(now.stage)


@pytest.mark.parametrize(
    ("plan", "has_meter", "refused"),
    [
        (Plan(" ", every_days=1), True, upkeep.WorkMissing),
        (Plan("x" * 81, every_days=1), True, upkeep.WorkMissing),
        (Plan("Ganti oli"), True, upkeep.IntervalMissing),
        (OIL, False, upkeep.HoursWithoutMeter),
        (Plan("Ganti oli", every_tenths=9), True, upkeep.IntervalAbsurd),
        (Plan("Ganti oli", every_tenths=100_001), True, upkeep.IntervalAbsurd),
        (Plan("Ganti oli", every_days=0), True, upkeep.IntervalAbsurd),
        (Plan("Ganti oli", every_days=3_651), False, upkeep.IntervalAbsurd),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    plan: Plan, has_meter: bool, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        upkeep.check_plan(plan, machine=NAME, has_meter=has_meter)


@pytest.mark.parametrize(
    "plan",
    [
        OIL,
        Plan("x", 10),
        Plan("x" * 80, every_tenths=10),
        Plan("Cuci", 100_000, 3_650),
        Plan("Cuci", None, 1),
    ],
)
def test_a_plan_that_can_be_is_kept(plan: Plan) -> None:
    assert upkeep.check_plan(plan, machine=NAME, has_meter=True) == plan


def test_the_work_of_a_plan_is_tidied() -> None:
    plan = Plan(" Ganti  oli ", every_days=90)

    assert upkeep.check_plan(plan, machine=NAME, has_meter=False).work == "Ganti oli"


def test_a_machine_in_order_can_be_booked() -> None:
    upkeep.check_bookable(NAME, standings=[of(date(2026, 5, 29))], broken=None)


def test_a_machine_whose_maintenance_is_due_cannot_be_booked_and_says_since_when() -> None:
    belt = Standing("Ganti sabuk", Stage.OVERDUE, None, -20, date(2026, 5, 11))

    with pytest.raises(upkeep.MaintenanceDue) as refused:
        upkeep.check_bookable(NAME, standings=[of(DUE), belt, of(LAST)], broken=None)

    assert dict(refused.value.facts) == {
        "machine": NAME,
        "work": "Ganti sabuk",
        "since_on": date(2026, 5, 11),
    }
    with pytest.raises(upkeep.MaintenanceDue):
        upkeep.check_bookable(NAME, standings=[of(DUE)], broken=None)


def test_a_broken_machine_cannot_be_booked_and_says_why() -> None:
    with pytest.raises(upkeep.MachineBroken) as refused:
        upkeep.check_bookable(
            NAME, standings=[of(DUE)], broken=Down(date(2026, 5, 2), None, "As roda patah")
        )

    assert dict(refused.value.facts) == {
        "machine": NAME,
        "since_on": date(2026, 5, 2),
        "why": "As roda patah",
    }


@pytest.mark.parametrize(
    ("cost_rp", "reserve_rp", "paid"),
    [
        (400_000, 349_500, PaidFrom(349_500, 50_500)),
        (349_500, 349_500, PaidFrom(349_500, 0)),
        (100, 349_500, PaidFrom(100, 0)),
        (100, 0, PaidFrom(0, 100)),
        (1, 1, PaidFrom(1, 0)),
        (100, -5, PaidFrom(0, 100)),
    ],
)
def test_the_reserve_pays_as_far_as_it_goes(cost_rp: int, reserve_rp: int, paid: PaidFrom) -> None:
    assert upkeep.paid_from(cost_rp, reserve_rp=reserve_rp) == paid


@pytest.mark.parametrize("cost_rp", [0, -1])
def test_maintenance_costs_something(cost_rp: int) -> None:
    with pytest.raises(upkeep.MaintenanceCostMissing):
        upkeep.paid_from(cost_rp, reserve_rp=100)


NIGHTS = [span(0, 6), span(18, 30), span(42, 48)]  # of Monday and Tuesday


def june(day: int) -> date:
    return date(2026, 6, day)


@pytest.mark.parametrize(
    ("downs", "days"),
    [
        ([], 0),
        ([Down(june(10), june(13))], 3),
        ([Down(june(10), june(10))], 0),
        ([Down(june(10), june(13)), Down(june(12), june(15))], 5),  # the 12th once
        ([Down(june(10), june(20)), Down(june(12), june(15))], 10),  # one within the other
        ([Down(june(20), june(22)), Down(june(10), june(12))], 4),
        ([Down(date(2026, 5, 1), june(3))], 2),
        ([Down(june(28), None)], 3),  # until the end of the month
        ([Down(june(28), date(2026, 8, 1)), Down(date(2026, 7, 5), None)], 3),
        ([Down(date(2026, 5, 1), date(2026, 5, 9))], 0),
    ],
)
def test_days_on_which_it_could_not_be_used(downs: list[Down], days: int) -> None:
    found = upkeep.downtime_days(downs, since=june(1), until=date(2026, 7, 1))

    assert found == days


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(-9, 39), st.none() | st.integers(0, 30)), max_size=5),
)
def test_downtime_is_the_number_of_days_in_any_of_its_spans(
    spans: list[tuple[int, int | None]],
) -> None:
    start = june(1)
    downs = [
        Down(
            start + timedelta(days=first),
            None if length is None else start + timedelta(days=first + length),
        )
        for first, length in spans
    ]
    month = [start + timedelta(days=day) for day in range(30)]
    down = [
        day
        for day in month
        if any(one.since <= day and (one.until is None or day < one.until) for one in downs)
    ]

    assert upkeep.downtime_days(downs, since=start, until=date(2026, 7, 1)) == len(down)


@pytest.mark.parametrize(
    ("closed", "out", "hours"),
    [
        ([], [], 48),
        (NIGHTS, [], 24),
        (NIGHTS, [span(12, 34)], 14),  # Monday 12.00 to Tuesday 10.00
        (NIGHTS, [span(12, 34), span(30, 35)], 13),  # broken on a day on which it stood anyway
        (NIGHTS, [span(18, 30)], 24),  # at night
        (NIGHTS, [span(-10, 90)], 0),
    ],
)
def test_how_long_it_could_have_been_used(closed: list[Span], out: list[Span], hours: int) -> None:
    found = upkeep.minutes_open(span(0, 48), closed=closed, out=out)

    assert found == 60 * hours


KAMPAR = Result(5_316, 14_400, 10_639_000, 7_843_000, area_m2=88_600)


def test_the_rotary_tiller_of_kampar() -> None:
    assert KAMPAR.net_rp == 2_796_000
    assert sen(KAMPAR.cost_per_ha_e4) == 885_214_45
    assert KAMPAR.idle_minutes == 9_084
    assert KAMPAR.used_bp == 3_692
    assert sen(KAMPAR.cost_per_hour_e4) == 88_521_44  # 88,6 hours
    assert sen(KAMPAR.income_per_hour_e4) == 120_079_01


def sen(price_e4: int | None) -> int:
    assert price_e4 is not None
    return (price_e4 + 50) // 100


def test_a_machine_that_stood_still_has_no_price_an_hour() -> None:
    still = Result(0, 0, 0, 500_000)

    assert still.net_rp == -500_000
    assert still.idle_minutes == 0
    assert still.used_bp is still.cost_per_hour_e4 is still.income_per_hour_e4 is None
    assert still.cost_per_ha_e4 is None


def test_nothing_is_used_more_than_always() -> None:
    assert (Result(700, 600, 1, 1).used_bp, Result(700, 600, 1, 1).idle_minutes) == (10_000, 0)


def outside_rp(area_m2: int, price_rp: int) -> int:
    return tariffs.charge_rp(area_m2, price_rp * E4, Basis.HECTARE)


@pytest.mark.parametrize(
    ("hires", "net_rp", "saved_rp", "uncompared"),
    [
        ([Hire(1_875_000, outside_rp(7_500, 2_700_000))], 2_796_000, 150_000, 0),
        ([Hire(1_875_000, outside_rp(7_500, 2_700_000))], -200_000, -50_000, 0),
        ([Hire(1_875_000, outside_rp(7_500, 2_000_000))], 0, -375_000, 0),  # dearer than outside
        ([Hire(900, None), Hire(500, 600)], 50, 100, 1),
        ([Hire(900, None)], -300, -300, 1),
        ([], 0, 0, 0),
    ],
)
def test_what_it_saved_against_renting_outside(
    hires: list[Hire], net_rp: int, saved_rp: int, uncompared: int
) -> None:
    found = upkeep.saving(hires, net_rp=net_rp)

    assert (found.saved_rp, found.uncompared) == (saved_rp, uncompared)
    assert found.compared == len(hires) - uncompared


@settings(max_examples=40)
@given(
    st.lists(st.builds(Hire, st.integers(0, 10**9), st.none() | st.integers(0, 10**9)), max_size=5),
    st.integers(-(10**9), 10**9),
)
def test_a_gain_is_never_counted_as_saved_and_a_loss_always_is(
    hires: list[Hire], net_rp: int
) -> None:
    found, even = upkeep.saving(hires, net_rp=net_rp), upkeep.saving(hires, net_rp=0)

    assert found.saved_rp == even.saved_rp + min(net_rp, 0)


def test_every_stage_has_its_words() -> None:
    assert list(upkeep.STAGE_WORDS) == list(Stage)


def test_rupiah_per_unit_are_rounded_half_up() -> None:
    assert [upkeep.per_unit_e4(rp, 3, 1) for rp in (10, 20, -10)] == [33_333, 66_667, -33_333]
    assert upkeep.per_unit_e4(10, 0, 1) is None
