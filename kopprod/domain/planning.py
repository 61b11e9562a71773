"""A purchase planned from members' wants: who is too dear drops out, and it is planned again.

Ayu and Budi want 5 sacks each; Budi pays Rp290.000 a sack at the most. Ten sacks cost Rp295.000
each, so Budi drops out; Ayu's five then cost Rp305.000. All who are over drop out at once, so it
does not matter whose want was looked at first. Who has dropped out does not come back: without her
there are fewer packs, and no tier that she would have reached.

What is held against her highest price is what a portion is expected to cost her: goods at the
plan's price, her part of the freight and the fee, exactly, before any rounding.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from kopprod.domain.money import round_half_up
from kopprod.domain.plan_search import MOST_SECONDS, PlanTooHard, PlanUnproved, cheapest
from kopprod.domain.plans import Bought, Demand, Offer, Plan, Terms, lots, priced
from kopprod.domain.purchase_bills import unit_prices_e4
from kopprod.domain.simple_plan import simple_plan
from kopprod.domain.tiers import Supplier


@dataclass(frozen=True)
class Wanted:
    """One member's want of one article, in portions; `highest_e4` is for one portion, or none."""

    member_id: int
    article_id: int
    firm: int
    tolerance: int = 0
    highest_e4: int | None = None


@dataclass(frozen=True)
class More:
    """More packs of one offer than are wanted, with which the whole costs less."""

    offer_id: int
    extra_packs: int
    saves_rp: int
    plan: Plan


@dataclass(frozen=True)
class Planned:
    """The plan, what a portion is expected to cost, who dropped out, and what would cost less.

    `is_cheapest` says that there is no cheaper one; else it is the simple one.
    """

    plan: Plan
    demand: Mapping[int, Demand]
    expected_e4: Mapping[int, int]
    dropped: tuple[Wanted, ...]
    more: tuple[More, ...]
    is_cheapest: bool = True


def demand_of(wants: Iterable[Wanted]) -> dict[int, Demand]:
    """All wants together, by article."""
    firm: dict[int, int] = defaultdict(int)
    tolerance: dict[int, int] = defaultdict(int)
    for want in wants:
        firm[want.article_id] += want.firm
        tolerance[want.article_id] += want.tolerance
    return {key: Demand(firm[key], tolerance[key]) for key in sorted(firm)}


def plan_purchase(terms: Terms, wants: Iterable[Wanted], *, seconds: int = MOST_SECONDS) -> Planned:
    """The cheapest plan for all who pay its price, whatever the order of wants.

    Wants of an article of which nothing can be bought stay: there is no price to be over.
    """
    return _planned(terms, wants, partial(cheapest, terms, seconds=seconds))


@lru_cache(maxsize=128)
def plan_in_time(
    terms: Terms, wants: tuple[Wanted, ...], *, seconds: int = MOST_SECONDS
) -> Planned:
    """The cheapest plan, or the simple one where it is not found in time; each is searched once.

    Every screen of a purchase asks for it, and it stays the same until somebody wants more or less.
    """
    try:
        return plan_purchase(terms, wants, seconds=seconds)
    except (PlanTooHard, PlanUnproved):
        # The manager is told, and may choose the packs herself.
        return replace(_planned(terms, wants, partial(simple_plan, terms)), is_cheapest=False)


def _planned(
    terms: Terms, wants: Iterable[Wanted], find: Callable[[Mapping[int, Demand]], Plan]
) -> Planned:
    kept = sorted(wants, key=lambda want: (want.article_id, want.member_id))
    dropped: list[Wanted] = []
    while True:
        demand = demand_of(kept)
        plan = find(demand)
        over = too_dear(terms, plan, kept)
        if not over:
            break
        dropped += over
        kept = [want for want in kept if want not in set(over)]
    return Planned(
        plan=plan,
        demand=demand,
        expected_e4=expected_e4(terms, plan),
        dropped=tuple(dropped),
        more=more_packs(terms, plan),
    )


def too_dear(terms: Terms, plan: Plan, wants: Iterable[Wanted]) -> list[Wanted]:
    """Whose highest price lies below what a portion is expected to cost."""
    exact = unit_prices_e4(
        lots(terms, plan.bought), plan.freight_rp, freight_by=terms.freight_by, fee_bp=terms.fee_bp
    )
    return [
        want
        for want in wants
        if want.highest_e4 is not None
        and want.article_id in exact
        and exact[want.article_id] > want.highest_e4
    ]


def expected_e4(terms: Terms, plan: Plan) -> dict[int, int]:
    """What a portion of each article will cost with freight and fee, to show; rounded half up."""
    exact = unit_prices_e4(
        lots(terms, plan.bought), plan.freight_rp, freight_by=terms.freight_by, fee_bp=terms.fee_bp
    )
    return {key: round_half_up(price) for key, price in exact.items()}


def more_packs(terms: Terms, plan: Plan) -> tuple[More, ...]:
    """Of each offer that is bought, the few packs more with which the whole costs least.

    A tier that is reached or freight that is free may outweigh the packs. They break the rule of
    packs, so they are named beside the plan and only the manager may take one; what nobody wants
    then goes to the cooperative's stock.
    """
    offers = {offer.offer_id: offer for offer in terms.offers}
    suppliers = {supplier.supplier_id: supplier for supplier in terms.suppliers}
    found = []
    for each in plan.bought:
        offer = offers[each.offer_id]
        tried = [
            More(each.offer_id, packs - each.packs, plan.total_rp - other.total_rp, other)
            for packs in _worth_trying(offer, each, plan, suppliers[offer.supplier_id])
            for other in [priced(terms, plan.packs | {each.offer_id: packs})]
        ]
        best = max(tried, key=lambda one: (one.saves_rp, -one.extra_packs))
        if best.saves_rp > 0:
            found.append(best)
    return tuple(found)


def _worth_trying(offer: Offer, bought: Bought, plan: Plan, supplier: Supplier) -> list[int]:
    """Where the total can be lower than with fewer packs: there is no other place.

    Within one tier and with or without freight every pack more costs more.
    """
    own = [each for each in plan.bought if each.supplier_id == supplier.supplier_id]
    others_rp = sum(each.goods_rp for each in own) - bought.goods_rp
    missing_rp = (supplier.freight.free_from_rp or 0) - others_rp
    packs = set()
    for tier in offer.tiers:
        first = max(tier.from_packs, bought.packs + 1)
        packs |= {first, max(first, -(-missing_rp // tier.pack_rp))}
    return sorted(packs)
