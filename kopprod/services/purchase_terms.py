"""What can be bought in a purchase: its articles, its suppliers' terms, and their offers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from kopprod.domain import packs, purchases, tiers
from kopprod.domain.access import Action
from kopprod.domain.packs import Rounding
from kopprod.domain.purchases import MOST_E4
from kopprod.domain.quantities import MOST, BaseUnit, Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import Freight, Tier
from kopprod.services import access, purchase_rows
from kopprod.services.articles import UnknownArticle
from kopprod.services.suppliers import UnknownSupplier
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseArticle,
    PurchaseOffer,
    PurchaseSupplier,
    Supplier,
    WantSaid,
)


class ShopPriceAbsurd(Refusal):
    """The village shop gives nothing away."""

    sentence = N_("Write what one portion of {article} costs in the village shop.")


class WeightAbsurd(Refusal):
    """Freight by weight needs one."""

    sentence = N_("Write what one portion of {article} weighs.")


class UnknownOffer(Refusal):
    """An offer that was taken out."""

    sentence = N_("This quotation is not in the purchase any more. Look at the list again.")


class SameOfferAgain(Refusal):
    """The same supplier's same pack of the same article twice."""

    sentence = N_("This supplier's price for {article} in packs of {pack} is there already.")


def _lock_terms(session: Session, purchase_id: int) -> Purchase:
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = purchase_rows.lock_purchase(session, purchase_id)
    purchases.check_terms(purchase.stage, number=purchase.number)
    return purchase


# Articles


def put_article(
    session: Session,
    purchase_id: int,
    *,
    article_id: int,
    shop_e4: int,
    weight: int | None = None,
    stock_most: int = 0,
) -> PurchaseArticle:
    """Take an article into a purchase, or put right what is known of it.

    `shop_e4` is what one portion costs in the village shop; `weight` of a portion in gram is known
    for what is weighed; at most `stock_most` portions may go to the cooperative's stock.
    """
    _lock_terms(session, purchase_id)
    article = session.get(Article, article_id)
    row = session.exec(
        select(PurchaseArticle).where(
            PurchaseArticle.purchase_id == purchase_id, PurchaseArticle.article_id == article_id
        )
    ).first()
    if article is None or not (article.active or row is not None):
        raise UnknownArticle
    if not 0 < shop_e4 <= MOST_E4:
        raise ShopPriceAbsurd(article=article.name)
    if weight is None and article.base_unit is BaseUnit.GRAM:
        weight = article.portion
    if weight is None or not 0 < weight <= MOST:
        raise WeightAbsurd(article=article.name)
    packs.pack_rule(pack=1, rounding=Rounding.UP, stock_most=stock_most)
    if row is None:
        row = PurchaseArticle(
            purchase_id=purchase_id, article_id=article_id, shop_e4=shop_e4, weight=weight
        )
        session.add(row)
    row.shop_e4, row.weight, row.stock_most = shop_e4, weight, stock_most
    session.flush()
    return row


def take_out_article(
    session: Session, purchase_id: int, *, article_id: int, at: datetime
) -> Sequence[int]:
    """Take an article and its offers out; whoever wanted it wants nothing of it any more.

    Gives the members who have to be told.
    """
    _lock_terms(session, purchase_id)
    row, _article = purchase_rows.article_of(session, purchase_id, article_id)
    every = purchase_rows.said_of(session, purchase_id)
    said = purchase_rows.latest(every)
    told = sorted(
        one.member_id
        for one in said.values()
        if one.article_id == article_id and (one.firm or one.tolerance)
    )
    for member_id in told:
        session.add(
            WantSaid(
                purchase_id=purchase_id, article_id=article_id, member_id=member_id,
                firm=0, tolerance=0, at=max([at, *(one.at for one in every)]),
            )
        )  # fmt: skip
    for offer in purchase_rows.offers_of(session, purchase_id):
        if offer.article_id == article_id:
            session.delete(offer)
    session.delete(row)
    session.flush()
    return told


# Suppliers


def put_supplier(
    session: Session,
    purchase_id: int,
    *,
    supplier_id: int,
    freight: Freight | None = None,
    least_rp: int = 0,
    least_packs: int = 0,
) -> PurchaseSupplier:
    """Take a supplier into a purchase, or put right what he asks of a whole order."""
    _lock_terms(session, purchase_id)
    freight = freight or Freight()
    supplier = session.get(Supplier, supplier_id)
    row = session.exec(
        select(PurchaseSupplier).where(
            PurchaseSupplier.purchase_id == purchase_id,
            PurchaseSupplier.supplier_id == supplier_id,
        )
    ).first()
    if supplier is None or not (supplier.active or row is not None):
        raise UnknownSupplier
    terms = tiers.Supplier(supplier_id, freight, least_rp, least_packs)
    tiers.check_supplier(terms, name=supplier.name)
    if row is None:
        row = PurchaseSupplier(purchase_id=purchase_id, supplier_id=supplier_id)
        session.add(row)
    row.freight_rp, row.freight_pack_rp = freight.fixed_rp, freight.per_pack_rp
    row.freight_free_from_rp = freight.free_from_rp or None
    row.least_rp, row.least_packs = least_rp, least_packs
    session.flush()
    return row


def take_out_supplier(session: Session, purchase_id: int, *, supplier_id: int) -> None:
    """Take a supplier with all his offers out of a purchase."""
    _lock_terms(session, purchase_id)
    for offer in purchase_rows.offers_of(session, purchase_id):
        if offer.supplier_id == supplier_id:
            _take_out_offer(session, offer)
    for row in purchase_rows.suppliers_of(session, purchase_id):
        if row.supplier_id == supplier_id:
            session.delete(row)
    session.flush()


# Offers


@dataclass(frozen=True)
class Offered:
    """What a supplier asks for an article, as it is written down: packs, least order, prices."""

    pack: int
    tiers: Iterable[Tier]
    least_packs: int = 1


def add_offer(
    session: Session, purchase_id: int, *, supplier_id: int, article_id: int, offered: Offered
) -> PurchaseOffer:
    """Write down a supplier's prices for an article; he is taken into the purchase if need be."""
    _lock_terms(session, purchase_id)
    _inside, article = purchase_rows.article_of(session, purchase_id, article_id)
    kept = _checked(article, offered)
    _check_alone(session, purchase_id, article, supplier_id=supplier_id, offered=offered)
    here = {row.supplier_id for row in purchase_rows.suppliers_of(session, purchase_id)}
    if supplier_id not in here:
        put_supplier(session, purchase_id, supplier_id=supplier_id)
    offer = PurchaseOffer(
        purchase_id=purchase_id,
        supplier_id=supplier_id,
        article_id=article_id,
        pack=offered.pack,
        least_packs=offered.least_packs,
        tiers=kept,
    )
    session.add(offer)
    session.flush()
    return offer


def change_offer(
    session: Session, purchase_id: int, offer_id: int, *, offered: Offered
) -> PurchaseOffer:
    """Put a supplier's prices right; the size of his pack only while nobody wants the article."""
    _lock_terms(session, purchase_id)
    offer = _offer(session, purchase_id, offer_id)
    article = session.get_one(Article, offer.article_id)
    kept = _checked(article, offered)
    if offered.pack != offer.pack:
        _check_pack_change(session, purchase_id, article)
    _check_alone(
        session, purchase_id, article, supplier_id=offer.supplier_id, offered=offered, but=offer.id
    )
    offer.pack, offer.least_packs, offer.tiers = offered.pack, offered.least_packs, kept
    session.flush()
    return offer


def take_out_offer(session: Session, purchase_id: int, offer_id: int) -> None:
    """Take an offer out; while somebody wants the article, another with the same pack must stay."""
    _lock_terms(session, purchase_id)
    _take_out_offer(session, _offer(session, purchase_id, offer_id))


def _take_out_offer(session: Session, offer: PurchaseOffer) -> None:
    alike = [
        other
        for other in purchase_rows.offers_of(session, offer.purchase_id)
        if other.id != offer.id and (other.article_id, other.pack) == (offer.article_id, offer.pack)
    ]
    if not alike:
        article = session.get_one(Article, offer.article_id)
        _check_pack_change(session, offer.purchase_id, article)
    session.delete(offer)
    session.flush()


def _offer(session: Session, purchase_id: int, offer_id: int) -> PurchaseOffer:
    offer = session.get(PurchaseOffer, offer_id)
    if offer is None or offer.purchase_id != purchase_id:
        raise UnknownOffer
    return offer


def _checked(article: Article, offered: Offered) -> str:
    packs.pack_rule(pack=offered.pack, least_packs=offered.least_packs)
    checked = tiers.check_tiers(offered.tiers, name=article.name, least_packs=offered.least_packs)
    return tiers.tiers_to_json(checked)


def _check_alone(
    session: Session, purchase_id: int, article: Article, *, supplier_id: int, offered: Offered,
    but: int | None = None,
) -> None:  # fmt: skip
    for other in purchase_rows.offers_of(session, purchase_id):
        same = (other.supplier_id, other.article_id, other.pack)
        if other.id != but and same == (supplier_id, article.id, offered.pack):
            raise SameOfferAgain(article=article.name, pack=offered.pack)


def _check_pack_change(session: Session, purchase_id: int, article: Article) -> None:
    said = purchase_rows.latest(purchase_rows.said_of(session, purchase_id))
    portions = sum(
        row.firm + row.tolerance for row in said.values() if row.article_id == article.id
    )
    wanted = Quantity(portions * article.portion, article.base_unit)
    purchases.check_pack_change(wanted, article=article.name)
