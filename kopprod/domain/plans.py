"""Plans: so many packs from each quotation, what they cost, and whether the rules allow it.

37 sacks are wanted. Supplier 1 asks Rp284.000 a sack from 30 on and Rp275.000 for the truck: the
plan of 37 packs there costs 10.508.000 + 275.000 = Rp10.783.000 (WE-11). Everything is reckoned in
whole portions, whole packs and whole rupiah.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kopprod.domain import tiers
from kopprod.domain.money import E4
from kopprod.domain.purchase_bills import FreightBy, Lot
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import Supplier, Tier


@dataclass(frozen=True)
class Article:
    """What is bought together: `shop_e4` is what one portion costs in the village shop.

    `weight` of one portion is for sharing freight, in whatever unit all articles have. At most
    `stock_most` portions may go to the cooperative's stock to fill packs (0: round down).
    """

    article_id: int
    shop_e4: int
    weight: int = 1
    stock_most: int = 0


@dataclass(frozen=True)
class Offer:
    """One article of one supplier's quotation: portions in a pack, and prices by quantity."""

    offer_id: int
    supplier_id: int
    article_id: int
    pack: int
    tiers: tuple[Tier, ...]
    least_packs: int = 1

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands among all offers, whoever wrote them down first."""
        return self.supplier_id, self.article_id, self.offer_id


@dataclass(frozen=True)
class Terms:
    """All that can be bought, from whom, and how what it costs is shared."""

    articles: tuple[Article, ...]
    suppliers: tuple[Supplier, ...]
    offers: tuple[Offer, ...]
    freight_by: FreightBy = FreightBy.PACKS
    fee_bp: int = 0


@dataclass(frozen=True)
class Demand:
    """Of one article: the firm portions of all members, and what more would be fine."""

    firm: int
    tolerance: int = 0


@dataclass(frozen=True)
class Bought:
    """So many packs of one offer, at the price of the tier that they reach."""

    offer_id: int
    supplier_id: int
    article_id: int
    packs: int
    quantity: int
    pack_rp: int
    goods_rp: int


@dataclass(frozen=True)
class Plan:
    """What is bought where, and each supplier's freight; the same plan for the same packs."""

    bought: tuple[Bought, ...]
    freight_rp: Mapping[int, int]

    @property
    def goods_rp(self) -> int:
        """All packs at their prices."""
        return sum(each.goods_rp for each in self.bought)

    @property
    def total_rp(self) -> int:
        """Goods and freight: what all suppliers together will ask for."""
        return self.goods_rp + sum(self.freight_rp.values())

    @property
    def packs(self) -> dict[int, int]:
        """Packs by offer."""
        return {each.offer_id: each.packs for each in self.bought}

    def quantity(self, article_id: int) -> int:
        """Portions of one article, from whichever supplier."""
        return sum(each.quantity for each in self.bought if each.article_id == article_id)

    def stock(self, article_id: int, demand: Demand) -> int:
        """Portions that nobody wants, which go to the cooperative's stock."""
        return max(0, self.quantity(article_id) - demand.firm - demand.tolerance)


class OfferUnknown(Refusal):
    """A quotation that was taken out, or never was."""

    sentence = N_("One of these quotations is not in this purchase. Look at the plan again.")


class PacksBelowLeast(Refusal):
    """Fewer packs than the supplier sells."""

    sentence = N_("A supplier sells {least} packs or more of this; {packs} are too few.")


class BelowSupplierLeast(Refusal):
    """The whole order is too small for this supplier."""

    sentence = N_("The order is below the least that this supplier delivers. Choose another plan.")


class MoreThanWanted(Refusal):
    """Portions that nobody wants and for which the stock has no room."""

    sentence = N_(
        "This plan buys more than members want and would take, and more than may go to stock."
    )


class PackForNobody(Refusal):
    """A pack in which nothing is firmly wanted."""

    sentence = N_(
        "One of these packs holds nothing that is firmly wanted: without it everybody is served."
    )


def priced(terms: Terms, packs: Mapping[int, int]) -> Plan:
    """What so many packs of each offer (by key) cost, exactly; offers of no packs are left out.

    Refuses a key that is not in the terms, and fewer packs than have a price.
    """
    if packs.keys() - {offer.offer_id for offer in terms.offers}:
        raise OfferUnknown
    chosen = sorted(
        (offer for offer in terms.offers if packs.get(offer.offer_id)), key=lambda one: one.place
    )
    bought = tuple(_bought(offer, packs[offer.offer_id]) for offer in chosen)
    freight_rp = {}
    for supplier in sorted(terms.suppliers, key=lambda one: one.supplier_id):
        mine = [each for each in bought if each.supplier_id == supplier.supplier_id]
        if mine:
            freight_rp[supplier.supplier_id] = supplier.freight.rp(
                goods_rp=sum(each.goods_rp for each in mine), packs=sum(each.packs for each in mine)
            )
    return Plan(bought, freight_rp)


def _bought(offer: Offer, packs: int) -> Bought:
    tier = tiers.reached(offer.tiers, packs)
    if tier is None or packs < offer.least_packs:
        raise PacksBelowLeast(least=max(offer.least_packs, offer.tiers[0].from_packs), packs=packs)
    return Bought(
        offer_id=offer.offer_id,
        supplier_id=offer.supplier_id,
        article_id=offer.article_id,
        packs=packs,
        quantity=packs * offer.pack,
        pack_rp=tier.pack_rp,
        goods_rp=packs * tier.pack_rp,
    )


def check_plan(terms: Terms, demand: Mapping[int, Demand], plan: Plan) -> None:
    """Refuse a plan that breaks a rule: for the manager's own choice, and for what a solver found.

    An article is bought within firm wants, tolerance and the stock's room. No pack could be left
    out with everybody still served, except where a minimum order is just reached.
    """
    for supplier in terms.suppliers:
        mine = [each for each in plan.bought if each.supplier_id == supplier.supplier_id]
        too_few = sum(each.packs for each in mine) < supplier.least_packs
        if mine and (too_few or sum(each.goods_rp for each in mine) < supplier.least_rp):
            raise BelowSupplierLeast
    offers = {offer.offer_id: offer for offer in terms.offers}
    rooms = {each.article_id: each.stock_most for each in terms.articles}
    for each in plan.bought:
        asked = demand.get(each.article_id, Demand(0))
        quantity = plan.quantity(each.article_id)
        if quantity > asked.firm + asked.tolerance + rooms[each.article_id]:
            raise MoreThanWanted
        offer = offers[each.offer_id]
        spared = each.quantity if each.packs == offer.least_packs else offer.pack
        if quantity - spared >= asked.firm:
            raise PackForNobody


def lots(terms: Terms, bought: Iterable[Bought]) -> tuple[Lot, ...]:
    """What will come by a plan, as the bills reckon with it."""
    weights = {each.article_id: each.weight for each in terms.articles}
    return tuple(
        Lot(
            supplier_id=each.supplier_id,
            article_id=each.article_id,
            quantity=each.quantity,
            goods_rp=each.goods_rp,
            packs=each.packs,
            weight=each.quantity * weights[each.article_id],
        )
        for each in bought
    )


def served(plan: Plan, demand: Mapping[int, Demand]) -> dict[int, int]:
    """Firm portions that a plan serves, by article."""
    return {key: min(asked.firm, plan.quantity(key)) for key, asked in sorted(demand.items())}


def worth(article: Article) -> int:
    """How much one portion counts where not everything can be served: the shop's price in rupiah.

    An article without one counts as little as can be.
    """
    return max(1, article.shop_e4 // E4)
