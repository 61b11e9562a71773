"""Subsidised fertiliser: the price ceiling by date, and what the list gives a member."""

from datetime import date
from fractions import Fraction

import pytest

from kopprod.domain import subsidies
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.subsidies import (
    CEILINGS,
    Ceiling,
    Entitlement,
    Fertiliser,
    ceiling_e4,
    check_entitlement,
    check_price,
    left_g,
    sack_rp,
)

BEFORE, AFTER = date(2025, 10, 21), date(2025, 10, 22)
UREA, NPK, NPK_COCOA, ZA, ORGANIC = Fertiliser


@pytest.mark.parametrize(
    ("fertiliser", "on", "kg_rp", "whole_sack_rp"),
    [
        # WE-11.
        (UREA, AFTER, 1_800, 90_000),
        (NPK, AFTER, 1_840, 92_000),
        (NPK_COCOA, AFTER, 2_640, 132_000),
        (ZA, AFTER, 1_360, 68_000),
        (ORGANIC, AFTER, 640, 25_600),
        (UREA, BEFORE, 2_250, 112_500),
        (NPK, BEFORE, 2_300, 115_000),
        (NPK_COCOA, BEFORE, 3_300, 165_000),
        (ZA, BEFORE, 1_700, 85_000),
        (ORGANIC, BEFORE, 800, 32_000),
        (UREA, date(2030, 1, 1), 1_800, 90_000),
    ],
)
def test_the_ceiling_of_the_day(
    fertiliser: Fertiliser, on: date, kg_rp: int, whole_sack_rp: int
) -> None:
    assert ceiling_e4(fertiliser, on) == kg_rp * 10_000
    assert sack_rp(fertiliser, on) == whole_sack_rp


def test_a_later_decree_is_one_more_row() -> None:
    later = [*CEILINGS, Ceiling(UREA, date(2027, 1, 1), 20_000_000)]

    assert sack_rp(UREA, date(2026, 12, 31), ceilings=later) == 90_000
    assert sack_rp(UREA, date(2027, 1, 1), ceilings=later) == 100_000


def test_a_bill_at_the_ceiling_and_a_rupiah_above() -> None:
    check_price(UREA, cost_rp=90_000, grams=50_000, on=AFTER)
    check_price(UREA, cost_rp=90_001, grams=50_000, on=BEFORE)
    check_price(UREA, cost_rp=0, grams=0, on=AFTER)
    with pytest.raises(subsidies.AboveCeiling) as said:
        check_price(UREA, cost_rp=90_001, grams=50_000, on=AFTER)

    assert said.value.facts["price_e4"] == 18_000_200
    assert said.value.facts["ceiling_e4"] == 18_000_000


def test_money_for_nothing_is_above_any_ceiling() -> None:
    with pytest.raises(subsidies.AboveCeiling):
        check_price(UREA, cost_rp=1, grams=0, on=AFTER)


def test_the_most_that_grams_may_cost_is_exact() -> None:
    assert subsidies.most_rp(UREA, 50_000, AFTER) == 90_000
    assert subsidies.most_rp(UREA, 50_000, BEFORE) == 112_500
    assert subsidies.most_rp(UREA, 1, AFTER) == Fraction(9, 5)
    assert subsidies.most_rp(UREA, 0, AFTER) == 0


MINE = Entitlement(UREA, "MT 1 2026", 200_000)


@pytest.mark.parametrize(("had_g", "asked_g"), [(0, 200_000), (150_000, 50_000), (300_000, 0)])
def test_within_what_the_list_gives(had_g: int, asked_g: int) -> None:
    check_entitlement(MINE, name="Siti", had_g=had_g, asked_g=asked_g)


@pytest.mark.parametrize(("had_g", "asked_g"), [(0, 200_001), (150_000, 50_001), (300_000, 1)])
def test_above_what_the_list_gives(had_g: int, asked_g: int) -> None:
    with pytest.raises(subsidies.AboveEntitlement) as said:
        check_entitlement(MINE, name="Siti", had_g=had_g, asked_g=asked_g)

    assert said.value.facts["left"] == Quantity(left_g(MINE, had_g=had_g), BaseUnit.GRAM)


def test_who_is_not_in_the_list() -> None:
    nothing = Entitlement(UREA, "MT 1 2026", 0)

    check_entitlement(nothing, name="Budi", had_g=0, asked_g=0)
    with pytest.raises(subsidies.NotEntitled):
        check_entitlement(nothing, name="Budi", had_g=0, asked_g=1)
    with pytest.raises(subsidies.WantBelowZero):
        check_entitlement(MINE, name="Siti", had_g=0, asked_g=-1)


@pytest.mark.parametrize("season", ["", "  ", "1" * 41])
def test_a_season_needs_a_name(season: str) -> None:
    with pytest.raises(subsidies.SeasonMissing):
        subsidies.check_season(season)


@pytest.mark.parametrize("grams", [-1, 20_000_001])
def test_an_entitlement_is_what_a_field_takes(grams: int) -> None:
    with pytest.raises(subsidies.EntitlementAbsurd):
        subsidies.check_grams(grams)


def test_a_season_and_an_entitlement_are_kept_as_they_are() -> None:
    assert (subsidies.check_season(" 2026  MT1 "), subsidies.check_grams(0)) == ("2026 MT1", 0)
