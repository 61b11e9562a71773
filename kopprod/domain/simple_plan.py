"""A plan for when the cheapest is not found in time: every article from one offer alone.

40 sacks of urea are wanted and 20 of NPK. At the first supplier urea costs Rp284.000, at the second
NPK Rp612.000, which are the lowest: so it is bought at both, or all at one of them where freight
makes that cheaper. The cheapest plan may be lower still, but this one keeps every rule as well.
"""

from collections.abc import Iterable, Mapping, Sequence

from kopprod.domain.packs import PackRule, packs_for
from kopprod.domain.plans import Article, Demand, Offer, Plan, Terms, priced, served, worth


def simple_plan(terms: Terms, demand: Mapping[int, Demand]) -> Plan:
    """Of each article from its cheapest offer, or all from one supplier: which serves more for
    less. The same plan whoever wrote down what first."""
    offers = sorted(terms.offers, key=lambda offer: offer.place)
    sellers = sorted({offer.supplier_id for offer in offers})
    alone = [[each for each in offers if each.supplier_id == one] for one in sellers]
    tried = [_plan(terms, demand, chosen) for chosen in (offers, *alone)]
    return max(tried, key=lambda plan: (_served_worth(terms, demand, plan), -plan.total_rp))


def _served_worth(terms: Terms, demand: Mapping[int, Demand], plan: Plan) -> int:
    worths = {article.article_id: worth(article) for article in terms.articles}
    return sum(worths[key] * count for key, count in served(plan, demand).items() if key in worths)


def _plan(terms: Terms, demand: Mapping[int, Demand], offers: Sequence[Offer]) -> Plan:
    """From these offers, without suppliers for whose least order it is too little."""
    while True:
        packs: dict[int, int] = {}
        for article in terms.articles:
            own = [each for each in offers if each.article_id == article.article_id]
            packs |= _packs(terms, article, demand.get(article.article_id, Demand(0)), own)
        plan = priced(terms, packs)
        too_small = _too_small(terms, plan)
        if not too_small:
            return plan
        offers = [each for each in offers if each.supplier_id not in too_small]


def _packs(
    terms: Terms, article: Article, asked: Demand, offers: Iterable[Offer]
) -> dict[int, int]:
    """The packs of the offer that serves most, and of those the one whose goods cost least."""
    found = []
    for offer in offers:
        rule = PackRule(offer.pack, offer.least_packs, article.stock_most)
        packs = packs_for(asked.firm, asked.tolerance, rule)
        if packs:
            goods_rp = priced(terms, {offer.offer_id: packs}).goods_rp
            found.append((min(asked.firm, packs * offer.pack), -goods_rp, offer.offer_id, packs))
    if not found:
        return {}
    _serves, _cost, offer_id, packs = max(found, key=lambda one: one[:2])
    return {offer_id: packs}


def _too_small(terms: Terms, plan: Plan) -> set[int]:
    found = set()
    for supplier in terms.suppliers:
        own = [each for each in plan.bought if each.supplier_id == supplier.supplier_id]
        few = sum(each.packs for each in own) < supplier.least_packs
        if own and (few or sum(each.goods_rp for each in own) < supplier.least_rp):
            found.add(supplier.supplier_id)
    return found
