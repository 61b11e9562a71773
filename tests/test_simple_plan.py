"""The simple plan: for when the cheapest is not found in time; it keeps the rules as well."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from kopprod.domain.plan_search import cheapest
from kopprod.domain.planning import Wanted, plan_in_time, plan_purchase
from kopprod.domain.plans import (
    Article,
    Demand,
    Offer,
    Plan,
    Terms,
    check_plan,
    served,
    worth,
)
from kopprod.domain.simple_plan import simple_plan
from kopprod.domain.tiers import Freight, Supplier, Tier
from tests import plan_cases

UREA, NPK = 1, 2
E4 = 10_000


def shop(truck_rp: int = 0, least_rp: int = 0) -> Terms:
    """Urea is cheaper at the first supplier, NPK at the second."""
    prices = ((1, UREA, 284_000), (1, NPK, 620_000), (2, UREA, 290_000), (2, NPK, 612_000))
    return Terms(
        articles=(Article(UREA, 305_000 * E4), Article(NPK, 640_000 * E4)),
        suppliers=(Supplier(1, Freight(truck_rp)), Supplier(2, Freight(truck_rp), least_rp)),
        offers=tuple(
            Offer(place, seller, article, 1, (Tier(1, None, pack_rp),))
            for place, (seller, article, pack_rp) in enumerate(prices, 1)
        ),
    )


@pytest.mark.parametrize(
    ("terms", "packs"),
    [
        (shop(), {1: 40, 4: 20}),  # each where it is cheapest
        (shop(truck_rp=500_000), {1: 40, 2: 20}),  # NPK saves 160.000, the second truck costs more
        (shop(least_rp=50_000_000), {1: 40, 2: 20}),  # the second does not come for so little
    ],
)
def test_each_where_it_is_cheapest_or_all_from_one(terms: Terms, packs: Mapping[int, int]) -> None:
    assert simple_plan(terms, {UREA: Demand(40), NPK: Demand(20)}).packs == packs


def good(terms: Terms, demand: Mapping[int, Demand], plan: Plan) -> tuple[int, int]:
    """How good a plan is: what it serves, then how little it costs."""
    worths = {article.article_id: worth(article) for article in terms.articles}
    return sum(worths[key] * n for key, n in served(plan, demand).items()), -plan.total_rp


@pytest.mark.parametrize("seed", range(0, 300, 3))
def test_it_keeps_every_rule_and_is_never_better_than_the_cheapest(seed: int) -> None:
    one, dice = plan_cases.case(seed), Random(seed)

    plan = simple_plan(one.terms, one.demand)

    check_plan(one.terms, one.demand, plan)
    assert good(one.terms, one.demand, plan) <= good(
        one.terms, one.demand, cheapest(one.terms, one.demand)
    )
    turned = replace(
        one.terms,
        articles=tuple(dice.sample(one.terms.articles, len(one.terms.articles))),
        offers=tuple(dice.sample(one.terms.offers, len(one.terms.offers))),
    )
    assert simple_plan(turned, one.demand).packs == plan.packs


def test_without_offers_nothing_is_bought() -> None:
    assert not simple_plan(replace(shop(), offers=()), {UREA: Demand(4)}).bought


def test_what_is_not_found_in_time_is_planned_simply_and_says_so() -> None:
    one = plan_cases.case(6)
    wants = (Wanted(1, 1, 8, 6), Wanted(1, 2, 8, 6))

    found = plan_in_time(one.terms, wants, seconds=0)

    assert not found.is_cheapest
    assert found.plan == simple_plan(one.terms, {1: Demand(8, 6), 2: Demand(8, 6)})
    assert plan_in_time(one.terms, wants) == plan_purchase(one.terms, wants)
    assert plan_in_time(one.terms, wants) is plan_in_time(one.terms, wants)


def test_who_is_over_her_highest_price_drops_out_of_the_simple_plan_too() -> None:
    one = plan_cases.case(6)
    wants = (Wanted(1, 1, 8, 6), Wanted(1, 2, 8, 6), Wanted(2, 1, 3, highest_e4=1))

    assert plan_in_time(one.terms, wants, seconds=0).dropped == (wants[2],)
