"""Plans: the cheapest is the cheapest, whoever wrote down what first; who is too dear drops out."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import plan_search, plans
from kopprod.domain.packs import PackRule, packs_for
from kopprod.domain.plan_search import cheapest
from kopprod.domain.planning import Wanted, demand_of, more_packs, plan_purchase
from kopprod.domain.plans import Article, Demand, Offer, Plan, Terms, check_plan, priced, served
from kopprod.domain.refusal import Refusal
from kopprod.domain.tiers import Freight, Supplier, Tier
from tests import plan_cases

UREA = 1
AYU, BUDI, CITRA = 1, 2, 3
E4 = 10_000
TIERS = (
    *(Tier(1, 9, 305_000), Tier(10, 29, 295_000)),
    *(Tier(30, 99, 284_000), Tier(100, None, 276_000)),
)


def one_supplier(
    *,
    pack: int = 1,
    prices: tuple[Tier, ...] = TIERS,
    least_packs: int = 1,
    supplier: Supplier | None = None,
    stock_most: int = 0,
    fee_bp: int = 0,
) -> Terms:
    return Terms(
        articles=(Article(UREA, 305_000 * E4, stock_most=stock_most),),
        suppliers=(supplier or Supplier(1),),
        offers=(Offer(1, 1, UREA, pack, prices, least_packs),),
        fee_bp=fee_bp,
    )


@pytest.mark.parametrize("first", range(0, 300, 25))
def test_the_cheapest_plan_is_the_one_found_by_trying_everything(first: int) -> None:
    for seed in range(first, first + 25):
        one = plan_cases.case(seed)

        assert cheapest(one.terms, one.demand).packs == plan_cases.best(one), f"case {seed}"


@pytest.mark.parametrize("seed", range(300, 330))
def test_the_same_plan_whoever_wrote_what_first(seed: int) -> None:
    one, dice = plan_cases.case(seed), Random(seed)

    terms = replace(
        one.terms,
        articles=tuple(dice.sample(one.terms.articles, len(one.terms.articles))),
        suppliers=tuple(dice.sample(one.terms.suppliers, len(one.terms.suppliers))),
        offers=tuple(dice.sample(one.terms.offers, len(one.terms.offers))),
    )

    assert cheapest(terms, one.demand) == cheapest(one.terms, one.demand)


@settings(max_examples=60, deadline=None)
@given(
    firm=st.integers(0, 40),
    tolerance=st.integers(0, 20),
    rule=st.builds(PackRule, st.integers(1, 9), st.integers(1, 4), st.integers(0, 9)),
)
def test_one_supplier_is_foodsofts_rule(firm: int, tolerance: int, rule: PackRule) -> None:
    terms = one_supplier(pack=rule.pack, least_packs=rule.least_packs, stock_most=rule.stock_most)
    demand = {UREA: Demand(firm, tolerance)}

    plan = cheapest(terms, demand)

    units = packs_for(firm, tolerance, rule)
    assert plan.packs == ({1: units} if units else {})
    assert plan.stock(UREA, demand[UREA]) <= rule.stock_most
    assert served(plan, demand) == {UREA: min(firm, units * rule.pack)}


@pytest.mark.parametrize("demand", [{}, {UREA: Demand(0, 5)}])
def test_where_nothing_is_firmly_wanted_nothing_is_bought(demand: dict[int, Demand]) -> None:
    for terms in (Terms((), (), ()), Terms((Article(UREA, 0),), (Supplier(1),), ())):
        assert cheapest(terms, demand).packs == {}


def test_two_suppliers_and_the_freight_between_them() -> None:
    """37 sacks at one: 10.783.000; at the other Rp280.000 each, but the truck is Rp500.000."""
    terms = Terms(
        articles=(Article(UREA, 305_000 * E4),),
        suppliers=(Supplier(1, Freight(275_000)), Supplier(2, Freight(500_000, 0, 15_000_000))),
        offers=(Offer(1, 1, UREA, 1, TIERS), Offer(2, 2, UREA, 1, (Tier(1, None, 280_000),))),
    )

    assert cheapest(terms, {UREA: Demand(37)}).total_rp == 10_783_000
    assert cheapest(terms, {UREA: Demand(37)}).packs == {1: 37}
    assert cheapest(terms, {UREA: Demand(60)}).packs == {2: 60}
    assert cheapest(terms, {UREA: Demand(60)}).freight_rp == {2: 0}


def test_of_equal_plans_fewer_suppliers_then_the_lower_key() -> None:
    prices = (Tier(1, None, 100),)
    offers = (Offer(7, 2, UREA, 1, prices), Offer(8, 1, UREA, 1, prices), Offer(9, 1, UREA, 2,
        (Tier(1, None, 200),)))  # fmt: skip
    terms = Terms((Article(UREA, 0),), (Supplier(1), Supplier(2)), offers)

    assert cheapest(terms, {UREA: Demand(5)}).packs == {8: 5}


def test_among_many_equal_plans_the_lower_key_takes_all_it_may() -> None:
    """Three packs of two, five and one portions cost the same for a portion, from one supplier."""
    packs = {4: 2, 5: 5, 6: 1}
    offers = tuple(
        Offer(key, 1, UREA, pack, (Tier(1, None, 284_000 * pack),)) for key, pack in packs.items()
    )
    terms = Terms((Article(UREA, 305_000 * E4),), (Supplier(1),), offers)

    assert cheapest(terms, {UREA: Demand(999)}).packs == {4: 499, 6: 1}


def test_whom_a_supplier_does_not_serve_gets_nothing() -> None:
    terms = one_supplier(supplier=Supplier(1, least_rp=1_000_000))

    assert cheapest(terms, {UREA: Demand(3)}) == Plan((), {})
    assert cheapest(terms, {UREA: Demand(4)}).packs == {1: 4}
    assert cheapest(terms, {}).packs == {}


def test_what_a_solver_says_is_not_believed() -> None:
    plan = priced(one_supplier(), {1: 2})

    assert plan_search.whole([Fraction(2), Fraction(3_000_001, 1_000_000)]) == [2, 3]
    plan_search.agree(plan, 610_000)
    with pytest.raises(plan_search.PlanUnproved):
        plan_search.whole([Fraction(5, 2)])
    with pytest.raises(plan_search.PlanUnproved):
        plan_search.agree(plan, 609_999)


def test_a_plan_that_is_not_found_in_time_is_refused() -> None:
    with pytest.raises(plan_search.PlanTooHard):
        cheapest(plan_cases.case(6).terms, {1: Demand(8, 6), 2: Demand(8, 6)}, seconds=0)


@pytest.mark.parametrize(
    ("packs", "refusal"),
    [
        ({2: 1}, plans.OfferUnknown),
        ({1: 1}, plans.PacksBelowLeast),
    ],
)
def test_packs_without_a_price(packs: dict[int, int], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        priced(one_supplier(least_packs=2), packs)
    with pytest.raises(plans.PacksBelowLeast):
        priced(one_supplier(prices=(Tier(2, None, 5),)), {1: 1})


@pytest.mark.parametrize(
    ("packs", "demand", "refusal"),
    [
        (3, Demand(12, 2), plans.MoreThanWanted),
        (3, Demand(10, 9), plans.PackForNobody),
        (2, Demand(0, 10), plans.PackForNobody),
        (1, Demand(5), plans.BelowSupplierLeast),
        (2, Demand(10), None),
        (2, Demand(3, 7), None),  # the least order, just reached
        (3, Demand(11, 4), None),
    ],
)
def test_a_plan_of_the_managers_own_keeps_the_rules(
    packs: int, demand: Demand, refusal: type[Refusal] | None
) -> None:
    terms = one_supplier(pack=5, supplier=Supplier(1, least_packs=2))
    terms = replace(terms, offers=(replace(terms.offers[0], least_packs=min(packs, 2)),))
    plan = priced(terms, {1: packs})
    if refusal is None:
        check_plan(terms, {UREA: demand}, plan)
    else:
        with pytest.raises(refusal):
            check_plan(terms, {UREA: demand}, plan)


def test_a_plan_below_what_a_supplier_delivers_for() -> None:
    terms = one_supplier(supplier=Supplier(1, least_rp=305_001))

    with pytest.raises(plans.BelowSupplierLeast):
        check_plan(terms, {UREA: Demand(1)}, priced(terms, {1: 1}))
    with pytest.raises(plans.MoreThanWanted):
        check_plan(one_supplier(), {}, priced(terms, {1: 1}))


def wanted(member_id: int, firm: int, highest_rp: int | None = None) -> Wanted:
    return Wanted(member_id, UREA, firm, 0, None if highest_rp is None else highest_rp * E4)


def test_who_is_over_her_highest_price_drops_out_and_it_is_planned_again() -> None:
    wants = [wanted(AYU, 5), wanted(BUDI, 5, 290_000), wanted(CITRA, 1, 300_000)]

    found = plan_purchase(one_supplier(), wants)

    # Eleven sacks cost 295.000: Budi goes. Six cost 305.000: Citra goes, too.
    assert [want.member_id for want in found.dropped] == [BUDI, CITRA]
    assert found.plan.packs == {1: 5}
    assert found.expected_e4 == {UREA: 305_000 * E4}
    assert found.demand == {UREA: Demand(5)}
    assert plan_purchase(one_supplier(), wants[::-1]) == found


def test_the_expected_price_is_with_freight_and_fee() -> None:
    terms = one_supplier(supplier=Supplier(1, Freight(50_000)), fee_bp=100)
    found = plan_purchase(terms, [wanted(AYU, 5), wanted(BUDI, 5, 302_950)])

    # 295.000 + 5.000 + 2.950, just what Budi pays; a rupiah less and he drops out.
    assert found.expected_e4 == {UREA: 302_950 * E4}
    assert found.dropped == ()
    assert plan_purchase(terms, [wanted(AYU, 5), wanted(BUDI, 5, 302_949)]).dropped


def test_where_nothing_can_be_bought_nobody_drops_out() -> None:
    found = plan_purchase(one_supplier(least_packs=50), [wanted(AYU, 5, 1)])

    assert (found.plan.packs, found.dropped, found.more) == ({}, (), ())


all_wants = st.lists(
    st.builds(
        Wanted,
        st.integers(1, 9),
        st.just(UREA),
        st.integers(0, 12),
        st.integers(0, 3),
        st.none() | st.integers(270_000 * E4, 320_000 * E4),
    ),
    max_size=7,
    unique_by=lambda one: one.member_id,
)


@settings(max_examples=30, deadline=None)
@given(wants=all_wants, turned=st.integers(0, 99))
def test_nobody_pays_more_than_her_highest_price(wants: list[Wanted], turned: int) -> None:
    terms = one_supplier(supplier=Supplier(1, Freight(40_000, 1_000)), fee_bp=50)

    found = plan_purchase(terms, wants)

    for want in set(wants) - set(found.dropped):
        assert UREA not in found.expected_e4 or (want.highest_e4 or 10**12) >= (
            found.expected_e4[UREA] - 1
        )
    assert found.demand == demand_of(set(wants) - set(found.dropped))
    assert plan_purchase(terms, Random(turned).sample(wants, len(wants))) == found


def test_one_pack_more_that_costs_less_is_named() -> None:
    (more,) = plan_purchase(one_supplier(), [wanted(AYU, 29)]).more

    assert (more.offer_id, more.extra_packs, more.saves_rp) == (1, 1, 35_000)
    assert more.plan.stock(UREA, Demand(29)) == 1
    assert plan_purchase(one_supplier(), [wanted(AYU, 20)]).more == ()


def test_free_freight_can_be_worth_a_pack() -> None:
    supplier = Supplier(1, Freight(400_000, free_from_rp=3_500_000))

    (more,) = plan_purchase(one_supplier(supplier=supplier), [wanted(AYU, 11)]).more

    # 11 sacks are 3.245.000 and the truck; 12 are 3.540.000 without.
    assert (more.extra_packs, more.saves_rp) == (1, 105_000)


@pytest.mark.parametrize("seed", range(330, 400))
def test_no_other_number_of_packs_would_save_more(seed: int) -> None:
    one = plan_cases.case(seed)
    plan = cheapest(one.terms, one.demand)
    named = {more.offer_id: more.plan.total_rp for more in more_packs(one.terms, plan)}

    for offer_id, packs in plan.packs.items():
        lowest = min(
            priced(one.terms, plan.packs | {offer_id: packs + extra}).total_rp
            for extra in range(1, 60)
        )
        assert named.get(offer_id, plan.total_rp) == min(plan.total_rp, lowest)
