"""Random small purchases, and their cheapest plan found by trying everything."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random

from kopprod.domain.plans import Article, Demand, Offer, Terms
from kopprod.domain.tiers import Freight, Supplier, Tier


@dataclass(frozen=True)
class Case:
    """What can be bought, and what is wanted of it."""

    terms: Terms
    demand: Mapping[int, Demand]


def case(seed: int) -> Case:
    """One of them; the same seed gives the same one."""
    dice = Random(seed)
    articles = tuple(
        Article(
            key,
            shop_e4=dice.choice((0, 50_000, 300_000)),
            stock_most=dice.choice((0, 0, 2)),
        )
        for key in range(1, dice.randint(1, 2) + 1)
    )
    suppliers = tuple(_supplier(key, dice) for key in range(1, dice.randint(1, 3) + 1))
    offers = [
        _offer(100 * supplier.supplier_id + article.article_id, supplier, article, dice)
        for supplier in suppliers
        for article in articles
        if dice.random() < 0.8
    ]
    demand = {
        each.article_id: Demand(dice.randint(0, 8), dice.choice((0, 0, 1, 3, 6)))
        for each in articles
    }
    return Case(Terms(articles, suppliers, tuple(offers)), demand)


def _supplier(key: int, dice: Random) -> Supplier:
    freight = Freight(
        dice.choice((0, 7, 20)), dice.choice((0, 1, 3)), dice.choice((None, None, 0, 60, 120))
    )
    return Supplier(key, freight, dice.choice((0, 0, 30)), dice.choice((0, 0, 3)))


def _offer(key: int, supplier: Supplier, article: Article, dice: Random) -> Offer:
    starts = sorted(dice.sample(range(2, 9), dice.randint(0, 2)))
    prices = sorted((dice.randint(4, 20) for _ in [1, *starts]), reverse=True)
    ends = [*(start - 1 for start in starts), None]
    tiers = tuple(map(Tier, [1, *starts], ends, prices))
    pack, least = dice.choice((1, 2, 3, 5)), dice.choice((1, 1, 2, 4))
    return Offer(key, supplier.supplier_id, article.article_id, pack, tiers, least)


def best(one: Case) -> dict[int, int]:
    """Packs by offer of the best plan, by looking at every plan within the rules."""
    by_article = [list(_of_article(one, each)) for each in one.terms.articles]
    found = max(
        (graded for chosen in product(*by_article) if (graded := _graded(one, chosen))),
        key=lambda graded: graded[0],
    )
    return {key: packs for key, packs in found[1].items() if packs}


def _of_article(one: Case, article: Article) -> Iterator[dict[int, int]]:
    """Every choice of packs for one article."""
    asked = one.demand[article.article_id]
    room = asked.firm + asked.tolerance + article.stock_most
    offers = [each for each in one.terms.offers if each.article_id == article.article_id]
    for counts in product(*(range(room // offer.pack + 1) for offer in offers)):
        quantity = sum(n * offer.pack for n, offer in zip(counts, offers, strict=True))
        if quantity <= room and all(
            n >= offer.least_packs
            and quantity - (n if n == offer.least_packs else 1) * offer.pack < asked.firm
            for n, offer in zip(counts, offers, strict=True)
            if n
        ):
            yield {offer.offer_id: n for offer, n in zip(offers, counts, strict=True)}


def _graded(
    one: Case, chosen: tuple[dict[int, int], ...]
) -> tuple[tuple[int, ...], dict[int, int]] | None:
    """What a plan is judged by, the largest is the best; nothing if a supplier refuses it."""
    packs = {key: n for part in chosen for key, n in part.items()}
    offers = sorted(one.terms.offers, key=lambda offer: offer.place)
    total, used = 0, 0
    for supplier in one.terms.suppliers:
        mine = [each for each in offers if each.supplier_id == supplier.supplier_id]
        count = sum(packs[each.offer_id] for each in mine)
        goods = sum(packs[each.offer_id] * _price(each, packs[each.offer_id]) for each in mine)
        if count and (count < supplier.least_packs or goods < supplier.least_rp):
            return None
        freight = supplier.freight
        free = freight.free_from_rp is not None and goods >= freight.free_from_rp
        if count:
            used += 1
            total += goods + (0 if free else freight.fixed_rp + freight.per_pack_rp * count)
    served = sum(
        max(1, article.shop_e4 // 10_000)
        * min(
            one.demand[article.article_id].firm,
            sum(
                packs[each.offer_id] * each.pack
                for each in offers
                if each.article_id == article.article_id
            ),
        )
        for article in one.terms.articles
    )
    return (served, -total, -used, *(packs[each.offer_id] for each in offers)), packs


def _price(offer: Offer, packs: int) -> int:
    return [tier.pack_rp for tier in offer.tiers if tier.from_packs <= max(1, packs)][-1]
