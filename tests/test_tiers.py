"""What suppliers ask: prices by quantity without gaps, overlaps and rises; freight."""

import pytest
from pydantic import ValidationError

from kopprod.domain import tiers
from kopprod.domain.refusal import Refusal
from kopprod.domain.tiers import (
    MOST_PACK_RP,
    MOST_PACKS,
    Freight,
    Supplier,
    Tier,
    check_supplier,
    check_tiers,
    following,
    reached,
)

UREA = (
    Tier(1, 9, 305_000),
    Tier(10, 29, 295_000),
    Tier(30, 99, 284_000),
    Tier(100, None, 276_000),
)


def test_tiers_in_whatever_order_they_were_written() -> None:
    assert check_tiers(reversed(UREA), name="Urea") == UREA


@pytest.mark.parametrize(
    ("packs", "pack_rp", "next_from"),
    [(1, 305_000, 10), (9, 305_000, 10), (10, 295_000, 30), (37, 284_000, 100), (100, 276_000, 0)],
)
def test_the_tier_that_is_reached_prices_every_pack(
    packs: int, pack_rp: int, next_from: int
) -> None:
    tier, after = reached(UREA, packs), following(UREA, packs)

    assert tier and tier.pack_rp == pack_rp
    assert (after.from_packs if after else 0) == next_from


def test_what_is_kept_comes_back() -> None:
    kept = tiers.tiers_to_json(UREA)

    assert tiers.tiers_from_json(kept) == UREA
    for wrong in (kept.replace("pack_rp", "price"), kept.replace("305000", "305000.5")):
        with pytest.raises(ValidationError):
            tiers.tiers_from_json(wrong)


def test_below_the_first_tier_there_is_no_price() -> None:
    assert reached([Tier(5, None, 10)], 4) is None


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([], tiers.NoTiers),
        ([Tier(n, n, 10) for n in range(1, 22)], tiers.TooManyTiers),
        ([Tier(1, 9, 10), Tier(11, None, 9)], tiers.TiersHaveGap),
        ([Tier(1, 9, 10), Tier(9, None, 9)], tiers.TiersOverlap),
        ([Tier(1, None, 10), Tier(10, None, 9)], tiers.TiersOverlap),
        ([Tier(1, 9, 10), Tier(10, None, 11)], tiers.TierPriceRises),
        ([Tier(2, None, 10)], tiers.TiersBeginLate),
        ([Tier(1, 9, 10)], tiers.TiersEnd),
        ([Tier(0, None, 10)], tiers.TierUpsideDown),
        ([Tier(5, 4, 10)], tiers.TierUpsideDown),
        ([Tier(1, MOST_PACKS + 1, 10)], tiers.TierUpsideDown),
        ([Tier(1, None, 0)], tiers.TierPriceAbsurd),
        ([Tier(1, None, MOST_PACK_RP + 1)], tiers.TierPriceAbsurd),
    ],
)
def test_a_quotation_that_says_no_price_or_two(rows: list[Tier], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as said:
        check_tiers(rows, name="Urea")

    assert said.value.facts["name"] == "Urea"


def test_prices_may_begin_at_the_least_order_and_stay_level() -> None:
    rows = (Tier(5, 9, 10), Tier(10, None, 10))

    assert check_tiers(rows, name="Urea", least_packs=5) == rows


@pytest.mark.parametrize(
    ("freight", "goods_rp", "packs", "rp"),
    [
        (Freight(), 10_000, 5, 0),
        (Freight(275_000), 10_508_000, 37, 275_000),
        (Freight(275_000, 2_500), 1_000, 4, 285_000),
        (Freight(275_000, 2_500, free_from_rp=1_000), 999, 4, 285_000),
        (Freight(275_000, 2_500, free_from_rp=1_000), 1_000, 4, 0),
        (Freight(275_000), 0, 0, 0),
    ],
)
def test_freight_is_fixed_by_pack_or_free(
    freight: Freight, goods_rp: int, packs: int, rp: int
) -> None:
    assert freight.rp(goods_rp=goods_rp, packs=packs) == rp


@pytest.mark.parametrize(
    "wrong",
    [
        Supplier(1, least_rp=-1),
        Supplier(1, least_packs=-1),
        Supplier(1, least_packs=MOST_PACKS + 1),
        Supplier(1, Freight(-1)),
        Supplier(1, Freight(0, -1)),
        Supplier(1, Freight(0, 0, -1)),
        Supplier(1, Freight(MOST_PACK_RP + 1)),
    ],
)
def test_terms_that_no_supplier_has(wrong: Supplier) -> None:
    check_supplier(Supplier(1, Freight(5, 5, 5), 5, 5), name="CV Tani")
    with pytest.raises(tiers.SupplierTermAbsurd):
        check_supplier(wrong, name="CV Tani")
