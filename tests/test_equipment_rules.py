"""Shared machines: what is written down about one, and what it is worth on a day."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import equipment
from kopprod.domain.equipment import Asset, Rate, Source, Work
from kopprod.domain.money import MOST_RP

TODAY = date(2026, 6, 30)
TRACTOR = Asset(Source.GRANT, date(2026, 3, 10), 30_000_000, 0, 60)  # WE-12
ODD = Asset(Source.BOUGHT, date(2025, 12, 31), 10_500_000, 500_000, 36)
LENT = Asset(Source.LENT, date(2026, 3, 10))


@pytest.mark.parametrize(
    ("on", "left_rp"),
    [
        (date(2026, 3, 9), 0),  # not there yet
        (date(2026, 3, 10), 30_000_000),
        (date(2026, 3, 30), 30_000_000),
        (date(2026, 3, 31), 29_500_000),
        (date(2026, 4, 29), 29_500_000),
        (date(2027, 2, 28), 24_000_000),
        (date(2031, 1, 31), 500_000),
        (date(2031, 2, 28), 0),
        (date(2040, 1, 1), 0),
    ],
)
def test_the_tractor_loses_half_a_million_on_the_last_day_of_every_month(
    on: date, left_rp: int
) -> None:
    assert equipment.book_value_rp(TRACTOR, on=on) == left_rp


@pytest.mark.parametrize(
    ("month", "charged_rp"),
    [
        (date(2025, 11, 30), 0),
        (date(2025, 12, 1), 277_778),  # the whole month, though bought on its last day
        (date(2026, 1, 15), 277_778),
        (date(2026, 2, 28), 277_777),
        (date(2028, 11, 3), 277_778),
        (date(2028, 12, 1), 0),
    ],
)
def test_a_month_is_the_difference_of_two_sums(month: date, charged_rp: int) -> None:
    assert equipment.depreciation_rp(ODD, month=month) == charged_rp


def test_a_lent_machine_loses_nothing_and_is_worth_nothing_here() -> None:
    assert equipment.depreciated_rp(LENT, on=TODAY) == 0
    assert equipment.book_value_rp(LENT, on=TODAY) == 0
    assert equipment.depreciation_rp(Asset(Source.LENT, TODAY, 9, 0, 3), month=TODAY) == 0


def test_what_is_worth_as_much_at_the_end_loses_nothing() -> None:
    land = Asset(Source.BOUGHT, date(2026, 1, 1), 5_000, 5_000, 12)

    assert equipment.book_value_rp(land, on=TODAY) == 5_000


ASSETS = st.tuples(
    st.dates(date(2020, 1, 1), date(2026, 6, 30)),
    st.integers(1, 10**9),
    st.integers(0, 10**9),
    st.integers(1, 72),
).map(lambda x: Asset(Source.BOUGHT, x[0], x[1], min(x[1], x[2]), x[3]))


@settings(max_examples=40)
@given(ASSETS)
def test_all_months_add_up_to_what_it_loses(asset: Asset) -> None:
    first = asset.bought_on.year * 12 + asset.bought_on.month - 1
    months = [date(m // 12, m % 12 + 1, 1) for m in range(first - 1, first + asset.life_months + 1)]
    charged = [equipment.depreciation_rp(asset, month=month) for month in months]

    assert sum(charged) == asset.value_rp - asset.residual_rp
    assert charged[0] == charged[-1] == 0
    assert max(charged[1:-1]) - min(charged[1:-1]) <= 1


@settings(max_examples=40)
@given(ASSETS, st.dates(date(2019, 1, 1), date(2034, 1, 1)), st.integers(0, 400))
def test_a_machine_only_loses_value_and_never_below_the_residual(
    asset: Asset, on: date, days: int
) -> None:
    later = date.fromordinal(on.toordinal() + days)
    before, after = (equipment.depreciated_rp(asset, on=day) for day in (on, later))

    assert 0 <= before <= after <= asset.to_lose_rp
    if later >= asset.bought_on:
        assert asset.residual_rp <= equipment.book_value_rp(asset, on=later) <= asset.value_rp


@pytest.mark.parametrize(
    ("asset", "refused"),
    [
        (Asset(Source.BOUGHT, date(2026, 7, 1), 1, 0, 1), equipment.BoughtInFuture),
        (Asset(Source.BOUGHT, date(1965, 12, 31), 1, 0, 1), equipment.BoughtTooLongAgo),
        (Asset(Source.BOUGHT, TODAY, 0, 0, 1), equipment.ValueMissing),
        (Asset(Source.GRANT, TODAY, -1, 0, 1), equipment.ValueMissing),
        (Asset(Source.BOUGHT, TODAY, MOST_RP + 1, 0, 1), equipment.ValueMissing),
        (Asset(Source.BOUGHT, TODAY, 100, 0, 0), equipment.LifeAbsurd),
        (Asset(Source.BOUGHT, TODAY, 100, 0, 601), equipment.LifeAbsurd),
        (Asset(Source.BOUGHT, TODAY, 100, -1, 1), equipment.ResidualAbsurd),
        (Asset(Source.BOUGHT, TODAY, 100, 101, 1), equipment.ResidualAbsurd),
        (Asset(Source.LENT, TODAY, 100, 0, 0), equipment.LentHasNoValue),
        (Asset(Source.LENT, TODAY, 0, 1, 0), equipment.LentHasNoValue),
        (Asset(Source.LENT, TODAY, 0, 0, 1), equipment.LentHasNoValue),
        (Asset(Source.LENT, date(2026, 7, 1)), equipment.BoughtInFuture),
    ],
)
def test_what_cannot_be_true_of_a_machine_is_refused(
    asset: Asset, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        equipment.check_asset(asset, today=TODAY)


@pytest.mark.parametrize(
    "asset",
    [
        TRACTOR,
        ODD,
        LENT,
        Asset(Source.BOUGHT, TODAY, MOST_RP, MOST_RP, 600),
        Asset(Source.BOUGHT, date(1966, 1, 1), 1, 0, 1),
    ],
)
def test_what_can_be_true_of_a_machine_is_kept(asset: Asset) -> None:
    assert equipment.check_asset(asset, today=TODAY) is asset


def test_a_name_is_tidied() -> None:
    assert equipment.check_name("  Pompa  air 3 dim ") == "Pompa air 3 dim"
    assert equipment.check_name("x" * 80) == "x" * 80
    with pytest.raises(equipment.EquipmentNameMissing):
        equipment.check_name(" \t")
    with pytest.raises(equipment.EquipmentNameTooLong):
        equipment.check_name("x" * 81)


def test_a_grant_names_its_giver_and_a_loan_its_owner() -> None:
    assert equipment.check_source(Source.GRANT, giver=" Dinas  Pertanian") == "Dinas Pertanian"
    assert equipment.check_source(Source.LENT, owner_id=7) == ""
    assert equipment.check_source(Source.BOUGHT) == ""
    with pytest.raises(equipment.GiverMissing):
        equipment.check_source(Source.GRANT, giver=" ", owner_id=7)
    with pytest.raises(equipment.OwnerMissing):
        equipment.check_source(Source.LENT, giver="Dinas")


@pytest.mark.parametrize("minutes", [0, 30, 10_080])
def test_a_buffer_is_at_most_a_week(minutes: int) -> None:
    assert equipment.check_buffer(minutes) == minutes


@pytest.mark.parametrize("minutes", [-1, 10_081])
def test_a_buffer_below_nothing_or_over_a_week_is_refused(minutes: int) -> None:
    with pytest.raises(equipment.BufferAbsurd):
        equipment.check_buffer(minutes)


@pytest.mark.parametrize(
    "rate", [Rate(Work.AREA, 0), Rate(Work.MASS, 10**9 + 1), Rate(Work.TIME, 60)]
)
def test_a_rate_of_nothing_of_too_much_or_of_time_is_refused(rate: Rate) -> None:
    with pytest.raises(equipment.RateAbsurd):
        equipment.check_rate(rate)


@pytest.mark.parametrize(
    ("size", "rate", "minutes"),
    [
        (7_500, Rate(Work.AREA, 1_500), 300),
        (7_501, Rate(Work.AREA, 1_500), 301),
        (1, Rate(Work.AREA, 1_500), 1),
        (2_000_000, Rate(Work.MASS, 800_000), 150),
        (3, Rate(Work.TRIPS, 2), 90),
    ],
)
def test_the_size_of_a_job_says_how_long_it_takes(size: int, rate: Rate, minutes: int) -> None:
    assert equipment.check_rate(rate) is rate
    assert equipment.minutes_needed(size, rate) == minutes


@pytest.mark.parametrize("size", [0, -1])
def test_a_job_of_no_size_is_refused(size: int) -> None:
    with pytest.raises(equipment.NothingToDo):
        equipment.minutes_needed(size, Rate(Work.AREA, 1_500))


@pytest.mark.parametrize(
    ("work", "size", "said"),
    [
        (Work.AREA, 7_500, "0,75 ha"),
        (Work.AREA, 1, "0,0001 ha"),
        (Work.MASS, 800_500, "800,5 kg"),
        (Work.TIME, 90, "1,5 jam"),
        (Work.TRIPS, 3, "3 trip"),
    ],
)
def test_a_size_is_shown_as_people_say_it(work: Work, size: int, said: str) -> None:
    assert equipment.shown(work, size) == said


def test_every_source_and_condition_has_its_words() -> None:
    assert list(equipment.SOURCE_WORDS) == list(Source)
    assert list(equipment.CONDITION_WORDS) == list(equipment.Condition)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2026, 4, 28), date(2026, 4, 30)),
    ],
)
def test_the_last_day_of_a_month(day: date, last: date) -> None:
    assert equipment.month_end(day) == last
