"""What the use of a machine costs: bases, days, lines, and the examples from the villages."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import tariffs
from kopprod.domain.equipment import Work
from kopprod.domain.money import E4, MOST_RP, round_half_up
from kopprod.domain.tariffs import Basis, Borne, Split, Tariff

NEW_YEAR, MAY, LATER = date(2026, 1, 1), date(2026, 5, 1), date(2026, 9, 1)
BAU = 80_000  # tenths of m2, as in Kudus
COMBINE = Tariff(Basis.BAU, NEW_YEAR, MAY, 2_000_000 * E4, 2_400_000 * E4, bau_tenths=BAU)
NAME = "Combine Kubota"
JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("price_rp", "basis", "other", "sen"),
    [
        (2_000_000, Basis.BAU, Basis.HECTARE, 2_500_000_00),
        (1_600_000, Basis.BAU, Basis.HECTARE, 2_000_000_00),
        (1_100, Basis.UBIN, Basis.HECTARE, 785_714_29),  # Rp110.000 per 100 ubin
        (2_500_000, Basis.HECTARE, Basis.BAU, 2_000_000_00),
        (2_500_000, Basis.HECTARE, Basis.ARE, 25_000_00),
        (1_100, Basis.UBIN, Basis.UBIN, 1_100_00),
        (75_000, Basis.HOUR, Basis.HOUR, 75_000_00),
    ],
)
def test_a_price_by_one_area_is_a_price_by_another(
    price_rp: int, basis: Basis, other: Basis, sen: int
) -> None:
    found = tariffs.price_in(price_rp * E4, basis, other, bau_tenths=BAU)

    assert round_half_up(found / 100) == sen


def test_the_old_colonial_bau_makes_the_hectare_dearer() -> None:
    found = tariffs.price_in(2_000_000 * E4, Basis.BAU, Basis.HECTARE, bau_tenths=70_965)

    assert round_half_up(found / E4) == 2_818_291


@pytest.mark.parametrize(
    ("basis", "other"),
    [
        (Basis.HOUR, Basis.DAY),
        (Basis.HOUR, Basis.HECTARE),
        (Basis.UBIN, Basis.KILOGRAM),
        (Basis.TRIP, Basis.DAY),
    ],
)
def test_an_hour_is_no_hectare(basis: Basis, other: Basis) -> None:
    with pytest.raises(tariffs.NotComparable):
        tariffs.price_in(E4, basis, other)


@settings(max_examples=30)
@given(
    st.integers(1, 10**11),
    st.sampled_from([Basis.HECTARE, Basis.BAU, Basis.UBIN, Basis.ARE]),
    st.sampled_from([Basis.HECTARE, Basis.BAU, Basis.UBIN, Basis.ARE]),
    st.integers(50_000, 100_000),
)
def test_there_and_back_is_the_same_price(
    price_e4: int, basis: Basis, other: Basis, bau_tenths: int
) -> None:
    one = tariffs.price_in(E4, basis, other, bau_tenths=bau_tenths)
    back = tariffs.price_in(E4, other, basis, bau_tenths=bau_tenths)

    assert one * back == E4 * E4
    assert tariffs.price_in(price_e4, basis, other, bau_tenths=bau_tenths) == one * price_e4 / E4


@pytest.mark.parametrize("tenths", [None, 49_999, 100_001, 0, -80_000])
def test_a_bau_has_a_size(tenths: int | None) -> None:
    with pytest.raises(tariffs.BauUnknown):
        tariffs.per(Basis.BAU, bau_tenths=tenths)
    with pytest.raises(tariffs.BauUnknown):
        tariffs.check_tariff(replace(COMBINE, bau_tenths=tenths), [])


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

HOURLY = Tariff(Basis.HOUR, NEW_YEAR, None, 75_000 * E4)

RAINY = replace(COMBINE, season="MT1 ", since=date(2026, 2, 1), until=date(2026, 4, 1))
NEXT = replace(COMBINE, since=MAY, until=None, member_e4=2_200_000 * E4)
ALL = [COMBINE, replace(RAINY, season="MT1"), NEXT]


@pytest.mark.parametrize(
    ("on", "season", "found"),
    [
        (date(2026, 1, 1), "", COMBINE),
        (date(2026, 4, 30), "", COMBINE),
        (date(2026, 5, 1), "", NEXT),
        (date(2030, 1, 1), "", NEXT),
        (date(2026, 2, 1), "mt1", ALL[1]),
        (date(2026, 2, 1), "", COMBINE),
        (date(2026, 2, 1), "MT2", COMBINE),
        (date(2026, 4, 1), "MT1", COMBINE),
    ],
)
def test_the_tariff_of_the_day_of_use_counts(on: date, season: str, found: Tariff) -> None:
    assert tariffs.tariff_on(ALL, Basis.BAU, on=on, machine=NAME, season=season) is found


@pytest.mark.parametrize(
    ("basis", "on"), [(Basis.BAU, date(2025, 12, 31)), (Basis.HECTARE, date(2026, 2, 1))]
)
def test_a_day_without_a_tariff_is_named(basis: Basis, on: date) -> None:
    with pytest.raises(tariffs.NoTariff) as refused:
        tariffs.tariff_on(ALL, basis, on=on, machine=NAME)

    assert (refused.value.facts["machine"], refused.value.facts["day_on"]) == (NAME, on)


@pytest.mark.parametrize(
    ("tariff", "overlaps"),
    [
        (NEXT, False),  # begins where the other ends
        (replace(NEXT, since=date(2026, 4, 30)), True),
        (replace(COMBINE, since=date(2025, 1, 1), until=NEW_YEAR), False),
        (replace(COMBINE, since=date(2025, 1, 1), until=date(2026, 1, 2)), True),
        (replace(COMBINE, since=date(2025, 1, 1), until=None), True),
        (replace(COMBINE, basis=Basis.HECTARE), False),
        (replace(COMBINE, season="MT1"), False),
    ],
)
def test_one_use_has_one_price_a_day(tariff: Tariff, overlaps: bool) -> None:
    if overlaps:
        with pytest.raises(tariffs.TariffOverlaps):
            tariffs.check_tariff(tariff, [COMBINE])
    else:
        assert tariffs.check_tariff(tariff, [COMBINE]) == tariff


def test_a_season_is_the_same_however_it_is_written() -> None:
    assert tariffs.check_tariff(RAINY, [COMBINE]).season == "MT1"
    with pytest.raises(tariffs.TariffOverlaps):
        tariffs.check_tariff(replace(RAINY, season=" mt1"), [ALL[1]])
    with pytest.raises(tariffs.TariffSeasonTooLong):
        tariffs.check_tariff(replace(RAINY, season="x" * 41), [])


def test_an_endless_tariff_overlaps_all_that_begin_later() -> None:
    with pytest.raises(tariffs.TariffOverlaps):
        tariffs.check_tariff(replace(NEXT, since=LATER, until=date(2027, 1, 1)), [NEXT])


@pytest.mark.parametrize(
    ("tariff", "refused"),
    [
        (replace(COMBINE, until=NEW_YEAR), tariffs.TariffEndsBeforeItBegins),
        (replace(COMBINE, member_e4=0), tariffs.TariffPriceMissing),
        (replace(COMBINE, member_e4=MOST_RP + 1), tariffs.TariffPriceMissing),
        (replace(COMBINE, other_e4=0), tariffs.TariffPriceMissing),
        (replace(FULL, operator_e4=0), tariffs.TariffPriceMissing),
        (replace(FULL, fuel_e4=-1), tariffs.TariffPriceMissing),
        (replace(FULL, mobilisation_rp=-1), tariffs.TariffAmountAbsurd),
        (replace(FULL, minimum_rp=MOST_RP + 1), tariffs.TariffAmountAbsurd),
    ],
)
def test_what_cannot_be_a_tariff_is_refused(tariff: Tariff, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        tariffs.check_tariff(tariff, [])


@pytest.mark.parametrize(
    "tariff",
    [
        replace(COMBINE, bau_tenths=50_000, member_e4=1, season="x" * 40),
        replace(COMBINE, bau_tenths=100_000, member_e4=MOST_RP, until=date(2026, 1, 2)),
        replace(FULL, mobilisation_rp=MOST_RP, minimum_rp=0),
    ],
)
def test_the_least_and_the_most_are_kept(tariff: Tariff) -> None:
    assert tariffs.check_tariff(tariff, []) == tariff


def test_refusals_say_the_limits() -> None:
    with pytest.raises(tariffs.BauUnknown) as bau:
        tariffs.check_bau(None)
    with pytest.raises(tariffs.TariffPriceMissing) as price:
        tariffs.check_tariff(replace(COMBINE, member_e4=0), [])

    assert dict(bau.value.facts) == {"least": "5.000", "most": "10.000"}
    assert price.value.facts["most_rp"] == 100_000_000


def test_a_tariff_for_members_only_with_extras_is_kept() -> None:
    assert tariffs.check_tariff(FULL, []) == FULL
    assert tariffs.check_tariff(HOURLY, [FULL]) == HOURLY


@pytest.mark.parametrize(
    ("split", "whole"),
    [
        (Split(4_000, 2_000, 2_500, 1_500), True),
        (Split(0, 0, 0, 10_000), True),
        (Split(4_000, 2_000, 2_500, 1_499), False),
        (Split(4_000, 2_000, 2_500, 2_000), False),  # the list that adds up to 105 %
        (Split(11_000, 0, 0, -1_000), False),
    ],
)
def test_percentages_add_up_to_the_whole(split: Split, whole: bool) -> None:
    if whole:
        assert tariffs.check_split(split) is split
    else:
        with pytest.raises(tariffs.SplitNotWhole):
            tariffs.check_split(split)


def test_everything_has_its_words() -> None:
    assert list(tariffs.BASIS_WORDS) == list(Basis)
    assert list(tariffs.BORNE_WORDS) == list(Borne)


def test_an_exact_price_is_a_fraction() -> None:
    assert tariffs.price_in(1_100, Basis.UBIN, Basis.HECTARE) == Fraction(1_100 * 5_000, 7)


def test_by_what_a_job_is_charged_the_likeliest_first() -> None:
    hourly = Tariff(Basis.HOUR, date(2026, 1, 1), None, 75_000 * E4)
    weighed = replace(hourly, basis=Basis.KILOGRAM)
    wet = replace(hourly, basis=Basis.HECTARE, season="MT1")
    every = [weighed, hourly, wet]
    on = date(2026, 3, 3)

    dry = replace(wet, season="MT2")
    assert tariffs.bases_on([*every, dry], Work.AREA, on=on) == [Basis.HOUR, Basis.KILOGRAM]
    # Nobody said a season, and only one price per hectare counts then.
    assert tariffs.bases_on(every, Work.AREA, on=on)[0] is Basis.HECTARE
    assert tariffs.tariff_on(every, Basis.HECTARE, on=on, machine=NAME) is wet
    assert tariffs.bases_on(every, Work.AREA, on=on, season="MT3")[0] is Basis.HOUR
    assert tariffs.bases_on(every, Work.AREA, on=on, season=" mt1") == [
        Basis.HECTARE,
        Basis.HOUR,
        Basis.KILOGRAM,
    ]
    assert tariffs.bases_on(every, Work.MASS, on=on)[:2] == [Basis.KILOGRAM, Basis.HOUR]
    assert tariffs.bases_on(every, Work.TIME, on=date(2025, 12, 31)) == []


@pytest.mark.parametrize(
    ("area_m2", "bill_rp"),
    [
        (7_097, 2_000_000),  # 1 bau
        (3_549, 1_000_000),  # 0,5 bau: 3.548,25 m2
        (5_323, 1_500_000),  # 0,75 bau
        (14_193, 4_000_000),  # 2 bau, whole m2
        (710, 200_000),  # 0,1 bau
        (7_099, 2_000_705),  # measured in m2, as no bau is written: 7.099 / 7.096,5 * 2.000.000
    ],
)
def test_a_bau_of_7096_and_a_half_m2_costs_what_a_bau_costs(area_m2: int, bill_rp: int) -> None:
    assert tariffs.charge_rp(area_m2, 2_000_000 * E4, Basis.BAU, bau_tenths=70_965) == bill_rp


@given(
    thousandths=st.integers(1, 20_000),
    bau_tenths=st.integers(50_000, 100_000),
    price_rp=st.integers(1, 10**7),
)
def test_hundredths_of_a_bau_cost_exactly_their_part(
    thousandths: int, bau_tenths: int, price_rp: int
) -> None:
    """A thousandth of a bau may be kept as the same m2 as a rounder part; a hundredth never is."""
    hundredths = thousandths // 10 * 10 or 10
    tenths = Fraction(hundredths * bau_tenths, 1_000)
    area_m2 = ceil(tenths / 10)
    found = tariffs.charge_rp(area_m2, price_rp * E4, Basis.BAU, bau_tenths=bau_tenths)
    if bau_tenths % 10:
        assert found == round_half_up(Fraction(hundredths * price_rp, 1_000))
    else:
        assert found == round_half_up(Fraction(area_m2 * 10 * price_rp, bau_tenths))


@given(area_m2=st.integers(0, 10**5), bau_tenths=st.integers(50_000, 100_000))
def test_more_land_never_costs_less_and_a_square_metre_at_most_its_price_more(
    area_m2: int, bau_tenths: int
) -> None:
    price_e4 = 2_000_000 * E4
    one, next_one = (
        tariffs.charge_rp(size, price_e4, Basis.BAU, bau_tenths=bau_tenths)
        for size in (area_m2, area_m2 + 1)
    )
    exact_rp = round_half_up(Fraction(area_m2 * 20_000_000, bau_tenths))
    assert one <= next_one
    assert exact_rp - Fraction(20_000_000, bau_tenths) - 1 <= one <= exact_rp


def test_a_season_is_chosen_where_several_prices_count_on_a_day() -> None:
    wet, dry = replace(COMBINE, season="Hujan"), replace(COMBINE, season="kemarau", since=MAY)
    wet = replace(wet, until=LATER)
    dry = replace(dry, until=None)
    assert tariffs.seasons_on([wet, dry], on=MAY) == ["Hujan", "kemarau"]
    assert tariffs.seasons_on([wet, dry], on=NEW_YEAR) == []
    assert tariffs.seasons_on([wet, replace(COMBINE, until=None)], on=MAY) == ["", "Hujan"]
    assert tariffs.seasons_on([COMBINE, replace(COMBINE, basis=Basis.HOUR)], on=NEW_YEAR) == []
