"""Packs: Foodsoft's table of cases, its laws, and what is ours beside."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import packs
from kopprod.domain.packs import (
    PackRule,
    Rounding,
    fill,
    lacking,
    missing_for,
    pack_rule,
    packs_for,
)
from kopprod.domain.refusal import Refusal
from kopprod.domain.tiers import MOST_PACKS, Tier

UP = Rounding.UP


@pytest.mark.parametrize(
    ("pack", "firm", "tolerance", "units"),
    [
        # The table beside the rule in foodcoops/foodsoft, order_article.rb.
        (4, 0, 2, 0),
        (4, 0, 5, 0),
        (4, 2, 2, 1),
        (4, 4, 2, 1),
        (4, 4, 4, 1),
        (4, 5, 3, 2),
        (4, 5, 4, 2),
        # And around it.
        (1, 0, 0, 0),
        (1, 7, 9, 7),
        (4, 3, 0, 0),
        (4, 5, 2, 1),
        (4, 8, 100, 2),
        (4, 9, 100, 3),
        (10, 9, 1, 1),
    ],
)
def test_foodsofts_rounding(pack: int, firm: int, tolerance: int, units: int) -> None:
    assert packs_for(firm, tolerance, PackRule(pack)) == units


@pytest.mark.parametrize(
    ("least", "firm", "tolerance", "units"),
    [
        (3, 10, 4, 0),  # even with tolerance below
        (3, 10, 5, 3),  # bridged: exactly the least
        (3, 10, 50, 3),
        (3, 14, 1, 3),
        (3, 15, 0, 3),
        (3, 16, 4, 4),
        (3, 0, 50, 0),  # nothing firm: nothing
        (1, 3, 2, 1),
    ],
)
def test_the_least_order_of_packs_of_five(
    least: int, firm: int, tolerance: int, units: int
) -> None:
    assert packs_for(firm, tolerance, PackRule(5, least)) == units


@pytest.mark.parametrize(
    ("firm", "tolerance", "most", "units"),
    [(11, 0, 9, 2), (11, 0, 8, 1), (11, 1, 8, 2), (10, 0, 9, 1), (0, 0, 9, 0), (1, 0, 9, 1)],
)
def test_rounding_up_leaves_no_more_in_stock_than_the_limit(
    firm: int, tolerance: int, most: int, units: int
) -> None:
    rule = pack_rule(pack=10, rounding=UP, stock_most=most)

    assert packs_for(firm, tolerance, rule) == units


def test_who_rounds_down_keeps_nothing() -> None:
    assert pack_rule(pack=10, least_packs=2, stock_most=5) == PackRule(10, 2, 0)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"pack": 0}, packs.PackSizeAbsurd),
        ({"pack": packs.LARGEST_PACK + 1}, packs.PackSizeAbsurd),
        ({"pack": 1, "least_packs": 0}, packs.LeastPacksAbsurd),
        ({"pack": 1, "least_packs": MOST_PACKS + 1}, packs.LeastPacksAbsurd),
        ({"pack": 1, "stock_most": -1}, packs.StockLimitAbsurd),
        ({"pack": 1, "stock_most": packs.LARGEST_PACK + 1}, packs.StockLimitAbsurd),
    ],
)
def test_a_rule_that_cannot_be_meant(wrong: dict[str, int], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        pack_rule(**wrong)  # type: ignore[arg-type]


def test_what_a_member_sees_of_the_packs() -> None:
    prices = (Tier(1, 2, 100), Tier(3, None, 90))

    found = fill(12, 3, PackRule(10), prices)

    assert (found.packs, found.unserved, found.used, found.stock) == (1, 2, 0, 0)
    assert (found.missing, found.missing_tier, found.next_tier) == (5, 15, prices[1])


def test_of_a_pack_filled_by_tolerance_and_stock() -> None:
    found = fill(14, 3, PackRule(10, stock_most=4), (Tier(1, None, 100),))

    assert (found.packs, found.unserved, found.used, found.stock) == (2, 0, 3, 3)
    assert (found.missing, found.missing_tier, found.next_tier) == (9, None, None)


@pytest.mark.parametrize(
    ("firm", "tolerance", "lacks"),
    [(0, 5, 0), (1, 0, 9), (9, 0, 1), (9, 1, 0), (10, 0, 0), (11, 3, 6)],
)
def test_what_a_begun_pack_lacks(firm: int, tolerance: int, lacks: int) -> None:
    assert lacking(firm, tolerance, PackRule(10)) == lacks


def test_what_a_least_order_lacks() -> None:
    assert lacking(12, 3, PackRule(5, least_packs=4)) == 5
    assert lacking(20, 0, PackRule(5, least_packs=4)) == 0


rules = st.builds(PackRule, st.integers(1, 12), st.integers(1, 4), st.integers(0, 12))
some = st.integers(0, 60)


@settings(max_examples=100)
@given(firm=some, tolerance=some, rule=rules)
def test_packs_are_within_wants_and_none_is_for_nobody(
    firm: int, tolerance: int, rule: PackRule
) -> None:
    units = packs_for(firm, tolerance, rule)

    assert units * rule.pack <= firm + tolerance + rule.stock_most
    assert units == 0 or units >= rule.least_packs
    assert units <= rule.least_packs or (units - 1) * rule.pack < firm
    assert units == 0 or firm > 0
    assert fill(firm, tolerance, rule).stock <= rule.stock_most


@settings(max_examples=100)
@given(firm=some, tolerance=some, rule=rules, units=st.integers(1, 8))
def test_what_is_missing_is_just_enough(
    firm: int, tolerance: int, rule: PackRule, units: int
) -> None:
    missing = missing_for(units, firm, tolerance, rule)

    assert packs_for(firm + missing, tolerance, rule) >= units
    assert missing == 0 or packs_for(firm + missing - 1, tolerance, rule) < units


@settings(max_examples=100)
@given(firm=some, tolerance=some, rule=rules)
def test_what_lacks_fills_the_pack_by_tolerance(firm: int, tolerance: int, rule: PackRule) -> None:
    lacks = lacking(firm, tolerance, rule)

    assert lacks >= 0
    assert lacking(firm, tolerance + lacks, rule) == 0
    assert (lacks > 0) == (packs_for(firm, tolerance, rule) * rule.pack < firm)


@pytest.mark.parametrize(
    ("firm", "tolerance", "lacks"),
    [(24, 0, 1), (25, 0, 0), (27, 0, 3), (27, 3, 0), (35, 0, 0), (36, 0, 4), (0, 9, 0), (3, 2, 5)],
)
def test_what_packs_of_two_sizes_lack_together(firm: int, tolerance: int, lacks: int) -> None:
    assert packs.lacking_of_all(firm, tolerance, [PackRule(25), PackRule(10)]) == lacks


def test_of_one_size_or_none() -> None:
    assert packs.lacking_of_all(7, 0, [PackRule(10)]) == 3
    assert packs.lacking_of_all(7, 0, []) == 0
    assert packs.lacking_of_all(7, 1, [PackRule(10, stock_most=1), PackRule(50, 9)]) == 1


@given(firm=some, tolerance=some, one=rules, two=rules)
def test_what_sizes_together_lack_is_the_least_that_their_packs_make_up(
    firm: int, tolerance: int, one: PackRule, two: PackRule
) -> None:
    most = 99
    sums = [
        a * one.pack + b * two.pack
        for a in (0, *range(one.least_packs, most))
        for b in (0, *range(two.least_packs, most))
    ]
    room = tolerance + max(one.stock_most, two.stock_most)
    least = min(each for each in sums if each >= firm)

    assert packs.lacking_of_all(firm, tolerance, [one, two]) == max(0, firm and least - firm - room)
