"""The rule of a collective sale: from the buyer's money to each member's share."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kopprod.domain import sales
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.sales import Cost, CostSplit, Fees, PooledPart, SaleTerms

SITI, BUDI, MADE = 1, 2, 3
# WE-18: grade A counts whole, grade B 92 %.
PARTS = [
    PooledPart("SET-1", SITI, 120_500, 10_000),
    PooledPart("SET-2", BUDI, 80_000, 9_200),
    PooledPart("SET-3", MADE, 60_000, 10_000),
    PooledPart("SET-4", SITI, 40_200, 9_200),
]
TERMS = SaleTerms(
    buyer_weight=297_400,
    price_e4=172_500_000,
    per=1_000,
    fee_bp=250,
    costs=(Cost(250_000), Cost(31_000)),
)

MEMBERS = st.integers(1, 4)
POOLS = st.lists(
    st.tuples(MEMBERS, st.integers(1, 10**8), st.integers(1, 12_000), st.integers(1, 60)),
    min_size=1,
    max_size=8,
).map(
    lambda rows: [
        PooledPart(f"SET-{place}", member, quantity, factor_bp, Fraction(sacks, 3))
        for place, (member, quantity, factor_bp, sacks) in enumerate(rows)
    ]
)
SALES = st.builds(
    SaleTerms,
    buyer_weight=st.integers(1, 10**6),  # more would be too much money at the highest price
    price_e4=st.integers(1, 10**9),
    per=st.sampled_from([1, 1_000]),
    fee_bp=st.integers(0, 1_000),
    costs=st.lists(
        st.builds(Cost, st.integers(1, 1_000), st.sampled_from(CostSplit)), max_size=4
    ).map(tuple),
    fee_weight_e4=st.integers(0, 100),
    fee_flat_rp=st.integers(0, 1_000),
)
BY_WORTH = SALES.map(lambda terms: replace(terms, costs=[Cost(c.amount_rp) for c in terms.costs]))


def settled(terms: SaleTerms, parts: list[PooledPart]) -> sales.Settlement:
    """Settle, leaving aside examples that cost more than they bring."""
    try:
        return sales.settle(terms, parts)
    except (sales.CostsAboveProceeds, sales.ShareBelowNothing):
        assume(False)
        raise


def test_the_published_sale_is_settled_to_the_rupiah() -> None:
    result = sales.settle(TERMS, PARTS)

    assert (result.our_weight, result.graded_weight_e4) == (300_700, 291_084 * 10_000)
    assert result.gross_rp == 5_130_150
    assert result.costs_rp == 281_000
    assert result.fee_rp == 128_254
    assert result.net_rp == 4_720_896
    assert result.share_rp == {
        "SET-1": 1_954_308,
        "SET-2": 1_193_669,
        "SET-3": 973_100,
        "SET-4": 599_819,
    }
    assert result.member_rp == {SITI: 2_554_127, BUDI: 1_193_669, MADE: 973_100}


def test_the_published_sale_lost_a_little_over_one_percent() -> None:
    result = sales.settle(TERMS, PARTS)

    assert result.shrinkage == 3_300
    assert result.shrinkage_rate == Fraction(33, 3_007)
    assert round(result.shrinkage_rate * 100, 3) == Fraction("1.097")
    assert sales.shrinkage_bp(300_700, 297_400) == 110


def test_a_graded_weight_is_kept_exactly() -> None:
    assert [part.graded_e4 for part in PARTS] == [
        1_205_000_000,
        736_000_000,
        600_000_000,
        369_840_000,  # 36,984 kg
    ]


@pytest.mark.parametrize(
    ("weight_e4", "unit", "shown"),
    [
        (369_840_000, BaseUnit.GRAM, "36,984 kg"),
        (12_345_670_000, BaseUnit.GRAM, "1.234,567 kg"),
        (15_000_000, BaseUnit.MILLILITRE, "1,5 liter"),
        (27_600, BaseUnit.PIECE, "2,76 buah"),
    ],
)
def test_a_graded_weight_is_shown_in_the_unit_that_people_read(
    weight_e4: int, unit: BaseUnit, shown: str
) -> None:
    assert sales.format_graded(weight_e4, unit) == shown


def test_a_tie_goes_to_the_lower_number_however_the_parts_are_listed() -> None:
    parts = [PooledPart(key, member, 1, 10_000) for key, member in [("C", 3), ("A", 1), ("B", 2)]]
    result = sales.settle(SaleTerms(1, 100 * 10_000, 1, 0), parts)

    assert result.share_rp == {"A": 34, "B": 33, "C": 33}


def test_a_sale_without_goods_is_not_settled() -> None:
    with pytest.raises(sales.NothingPooled):
        sales.settle(TERMS, [])


def test_costs_above_the_proceeds_are_refused_and_costs_that_eat_all_are_not() -> None:
    all_of_it = 5_130_150 - 128_254
    assert sales.settle(replace(TERMS, costs=[Cost(all_of_it)]), PARTS).net_rp == 0
    with pytest.raises(sales.CostsAboveProceeds) as refused:
        sales.settle(replace(TERMS, costs=[Cost(all_of_it), Cost(1)]), PARTS)
    assert refused.value.facts == {
        "costs_rp": 5_001_897,
        "fee_rp": 128_254,
        "taken_rp": 5_130_151,
        "gross_rp": 5_130_150,
    }


@pytest.mark.parametrize(
    "parts",
    [
        [PooledPart("A", SITI, 0, 10_000)],
        [PooledPart("A", SITI, 5, 0)],
        [PooledPart("A", SITI, -5, 10_000)],
        [PooledPart("A", SITI, 5, 10_000), PooledPart("A", BUDI, 5, 10_000)],
    ],
)
def test_parts_without_weight_or_pooled_twice_are_our_own_mistake(parts: list[PooledPart]) -> None:
    with pytest.raises(ValueError, match="a part|a delivery"):
        sales.settle(TERMS, parts)


@pytest.mark.parametrize(
    ("buyer_weight", "reason", "needed"),
    [
        (98_000, "", False),
        (102_000, "", False),
        (97_999, "", True),
        (97_999, "  ", True),
        (102_001, "", True),
        (97_999, "Hujan di jalan", False),
    ],
)
def test_a_difference_over_the_limit_needs_a_reason_loss_or_gain(
    buyer_weight: int, reason: str, needed: bool
) -> None:
    def check() -> None:
        sales.check_shrinkage(100_000, buyer_weight, limit_bp=200, reason=reason)

    if not needed:
        return check()
    with pytest.raises(sales.ShrinkageNeedsReason) as refused:
        check()
    assert refused.value.facts == {"difference_bp": 201, "limit_bp": 200}
    return None


def test_a_gain_is_a_negative_shrinkage() -> None:
    assert sales.shrinkage_bp(100_000, 105_000) == -500
    assert sales.settle(replace(TERMS, buyer_weight=300_800), PARTS).shrinkage == -100


@given(SALES, POOLS)
def test_every_rupiah_of_the_buyer_is_accounted_for(
    terms: SaleTerms, parts: list[PooledPart]
) -> None:
    result = settled(terms, parts)

    assert result.gross_rp == result.costs_rp + result.fee_rp + result.net_rp
    assert sum(result.share_rp.values()) == result.net_rp
    assert sum(result.member_rp.values()) == result.net_rp
    assert min(result.share_rp.values()) >= 0


@given(SALES, POOLS, st.randoms(use_true_random=False))
def test_the_order_of_deliveries_members_and_costs_changes_no_share(
    terms: SaleTerms, parts: list[PooledPart], random: Random
) -> None:
    shuffled, costs = list(parts), list(terms.costs)
    random.shuffle(shuffled)
    random.shuffle(costs)

    assert settled(replace(terms, costs=costs), shuffled) == settled(terms, parts)


@given(SALES, POOLS, st.permutations([1, 2, 3, 4]))
def test_who_a_member_is_changes_no_share(
    terms: SaleTerms, parts: list[PooledPart], others: list[int]
) -> None:
    renamed = [replace(part, member=others[part.member - 1]) for part in parts]
    result, same = settled(terms, parts), settled(terms, renamed)

    assert same.share_rp == result.share_rp
    assert {others[member - 1]: rp for member, rp in result.member_rp.items()} == same.member_rp


@given(BY_WORTH, POOLS, st.integers(1, 10**6))
def test_who_delivers_more_for_the_same_money_never_gets_less(
    terms: SaleTerms, parts: list[PooledPart], extra: int
) -> None:
    terms = replace(terms, fee_weight_e4=0)  # a fee by weight grows with what is delivered
    more = [replace(parts[0], quantity=parts[0].quantity + extra), *parts[1:]]

    assert settled(terms, more).share_rp["SET-0"] >= settled(terms, parts).share_rp["SET-0"]


@given(BY_WORTH, POOLS)
def test_a_heavier_delivery_of_the_same_sale_never_gets_less(
    terms: SaleTerms, parts: list[PooledPart]
) -> None:
    shares = settled(terms, parts).share_rp
    ranked = sorted(parts, key=lambda part: part.graded_e4)

    for lighter, heavier in zip(ranked, ranked[1:], strict=False):
        assert lighter.graded_e4 == heavier.graded_e4 or shares[lighter.key] <= shares[heavier.key]


@given(SALES, POOLS, st.integers(1, 10**6))
def test_a_better_price_never_leaves_less_to_share(
    terms: SaleTerms, parts: list[PooledPart], extra_e4: int
) -> None:
    better = replace(terms, price_e4=terms.price_e4 + extra_e4)

    assert settled(better, parts).net_rp >= settled(terms, parts).net_rp


# Fees of several kinds


def test_a_fee_by_percent_by_weight_and_flat_is_taken_together_each_rounded_once() -> None:
    terms = replace(TERMS, fee_weight_e4=505_000, fee_flat_rp=10_000)  # Rp50,5 a kilogram
    result = sales.settle(terms, PARTS)

    # 300,7 kg x Rp50,5 = Rp15.185,35
    assert result.fees == Fees(percent_rp=128_254, weight_rp=15_185, flat_rp=10_000)
    assert result.fee_rp == 153_439
    assert result.net_rp == 4_720_896 - 15_185 - 10_000


def test_a_fee_above_the_proceeds_names_what_it_is_made_of() -> None:
    terms = replace(TERMS, costs=(), fee_weight_e4=100_000_000, fee_flat_rp=2_000_000)
    with pytest.raises(sales.FeeAboveProceeds) as refused:
        sales.settle(terms, PARTS)

    assert refused.value.facts == {
        "fee_rp": 128_254 + 3_007_000 + 2_000_000,
        "gross_rp": 5_130_150,
        "percent_rp": 128_254,
        "weight_rp": 3_007_000,
        "flat_rp": 2_000_000,
    }


# Costs shared by weight or by sacks


def test_a_truck_is_shared_by_litres_to_the_rupiah() -> None:
    """A truck of 1.500.000 over eight riders; each rounded up, it would collect Rp1.500.004."""
    litres = [31_400, 27_650, 44_120, 19_980, 52_310, 38_450, 23_700, 12_005]
    riders = [PooledPart(f"SET-{n}", n, ml, 10_000) for n, ml in enumerate(litres, start=1)]
    shares = sales.share_out(1_500_000, CostSplit.WEIGHT, riders)

    exact = [Fraction(1_500_000 * ml, sum(litres)) for ml in litres]
    assert sum(-(-share // 1) for share in exact) == 1_500_004
    assert sum(shares.values()) == 1_500_000
    assert all(abs(shares[r.key] - share) < 1 for r, share in zip(riders, exact, strict=True))


def test_each_delivery_bears_its_part_of_a_truck_by_our_weight() -> None:
    terms = replace(TERMS, costs=(Cost(250_000, CostSplit.WEIGHT), Cost(31_000)))
    result = sales.settle(terms, PARTS)

    assert sales.share_out(250_000, CostSplit.WEIGHT, PARTS) == {
        "SET-1": 100_183,  # 120,5 of 300,7 kg
        "SET-2": 66_511,
        "SET-3": 49_884,
        "SET-4": 33_422,
    }
    pot = sales.share_out(4_720_896 + 250_000, CostSplit.VALUE, PARTS)
    assert result.share_rp["SET-1"] == pot["SET-1"] - 100_183
    assert sum(result.share_rp.values()) == result.net_rp == 4_720_896


def test_sacks_are_counted_and_a_part_of_a_delivery_counts_its_part_of_them() -> None:
    parts = [
        PooledPart("SET-1", SITI, 100_000, 10_000, Fraction(3)),
        PooledPart("SET-2", BUDI, 50_000, 10_000, Fraction(3, 2)),  # half of three sacks
    ]
    terms = SaleTerms(150_000, 100_000_000, 1_000, 0, (Cost(9_000, CostSplit.SACKS),))
    result = sales.settle(terms, parts)

    assert result.share_rp == {"SET-1": 1_000_000 - 6_000, "SET-2": 500_000 - 3_000}


def test_at_a_tie_the_lower_number_bears_the_rupiah() -> None:
    parts = [PooledPart(key, 1, 5, 10_000) for key in ("SET-3", "SET-1", "SET-2")]
    assert sales.share_out(100, CostSplit.WEIGHT, parts) == {"SET-1": 34, "SET-2": 33, "SET-3": 33}


def test_a_delivery_that_would_get_less_than_nothing_is_named() -> None:
    parts = [
        PooledPart("SET-1", SITI, 1_000, 10_000),
        PooledPart("SET-2", BUDI, 99_000, 1),  # of almost no worth
    ]
    terms = SaleTerms(100_000, 1_000_000, 1_000, 0, (Cost(5_000, CostSplit.WEIGHT),))
    with pytest.raises(sales.ShareBelowNothing) as refused:
        sales.settle(terms, parts)

    assert refused.value.facts == {"number": "SET-2", "brought_rp": 98, "borne_rp": 4_950}
    by_worth = sales.settle(replace(terms, costs=(Cost(5_000),)), parts)
    assert min(by_worth.share_rp.values()) >= 0


def test_the_cooperatives_side_of_the_compared_lot() -> None:
    """WE-10: 1.208 kg at Rp6.500, 2 %, transport of Rp60.500 by weight."""
    terms = SaleTerms(1_208_000, 65_000_000, 1_000, 200, (Cost(60_500, CostSplit.WEIGHT),))
    result = sales.settle(terms, [PooledPart("SET-1", SITI, 1_208_000, 10_000)])

    assert (result.gross_rp, result.fee_rp, result.costs_rp) == (7_852_000, 157_040, 60_500)
    assert result.net_rp == result.share_rp["SET-1"] == 7_634_460


@given(st.integers(0, 10**9), st.sampled_from(CostSplit), POOLS)
def test_what_is_shared_by_anything_adds_up(
    amount_rp: int, split: CostSplit, parts: list[PooledPart]
) -> None:
    shares = sales.share_out(amount_rp, split, parts)

    assert sum(shares.values()) == amount_rp
    assert shares == sales.share_out(amount_rp, split, parts[::-1])


# Goods of the cooperative's own


def test_goods_bought_outright_leave_a_gain_or_a_loss() -> None:
    cost_rp = {"SET-1": 1_900_000, "SET-2": 1_100_000, "SET-3": 900_000, "SET-4": 600_000}
    result = sales.settle_outright(TERMS, PARTS, cost_rp=cost_rp)

    assert (result.fee_rp, result.costs_rp, result.cost_of_goods_rp) == (0, 281_000, 4_500_000)
    assert result.net_rp == 5_130_150 - 281_000 - 4_500_000
    assert (result.share_rp, result.member_rp) == ({}, {})
    dear = sales.settle_outright(TERMS, PARTS, cost_rp=cost_rp | {"SET-1": 3_000_000})
    assert dear.net_rp == result.net_rp - 1_100_000 < 0
    with pytest.raises(sales.NothingPooled):
        sales.settle_outright(TERMS, [], cost_rp={})
