"""A purchase's rows as the rules know them: its terms, the queue of wants, and what was fixed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from kopprod.domain import plans, tiers
from kopprod.domain.packs import Rounding
from kopprod.domain.planning import Wanted
from kopprod.domain.plans import Terms
from kopprod.domain.purchases import Entry, Said, Want, entries_of
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import Freight
from kopprod.tables.purchase_plans import PurchaseDropped
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseArticle,
    PurchaseOffer,
    PurchaseSupplier,
    PurchaseVillage,
    WantSaid,
)


class UnknownPurchase(Refusal):
    """No purchase of that key, or one that this person does not see."""

    sentence = N_("This purchase is not here. Go back to the list of purchases.")


class ArticleNotInPurchase(Refusal):
    """An article that was taken out, or never was in it."""

    sentence = N_("This article is not in the purchase. Look at the list of its articles again.")


def lock_purchase(session: Session, purchase_id: int) -> Purchase:
    """The purchase as it is now, held until the transaction ends."""
    session.flush()
    purchase = session.get(Purchase, purchase_id, with_for_update=True, populate_existing=True)
    if purchase is None:
        raise UnknownPurchase
    return purchase


def articles_of(session: Session, purchase_id: int) -> list[tuple[PurchaseArticle, Article]]:
    """The articles of a purchase with their names, by name."""
    query = (
        select(PurchaseArticle, Article)
        .join(Article, col(Article.id) == col(PurchaseArticle.article_id))
        .where(PurchaseArticle.purchase_id == purchase_id)
        .order_by(col(Article.name), col(Article.id))
    )
    return [(inside, article) for inside, article in session.exec(query)]


def article_of(
    session: Session, purchase_id: int, article_id: int
) -> tuple[PurchaseArticle, Article]:
    """One article of a purchase; refuses another."""
    for inside, article in articles_of(session, purchase_id):
        if article.id == article_id:
            return inside, article
    raise ArticleNotInPurchase


def suppliers_of(session: Session, purchase_id: int) -> Sequence[PurchaseSupplier]:
    """The terms of all suppliers in a purchase."""
    query = select(PurchaseSupplier).where(PurchaseSupplier.purchase_id == purchase_id)
    return session.exec(query.order_by(col(PurchaseSupplier.supplier_id))).all()


def offers_of(session: Session, purchase_id: int) -> Sequence[PurchaseOffer]:
    """All offers in a purchase, in the order in which they were written down."""
    query = select(PurchaseOffer).where(PurchaseOffer.purchase_id == purchase_id)
    return session.exec(query.order_by(col(PurchaseOffer.id))).all()


def village_ids(session: Session, purchase_id: int) -> set[int]:
    """The villages whose members may take part; none means all."""
    query = select(PurchaseVillage.village_id).where(PurchaseVillage.purchase_id == purchase_id)
    return set(session.exec(query).all())


def terms_of(session: Session, purchase: Purchase) -> Terms:
    """All that can be bought in a purchase, as the rules of planning know it."""
    rounds_up = purchase.rounding is Rounding.UP
    inside = [one for one, _article in articles_of(session, purchase.id)]
    known = {one.article_id for one in inside}
    return Terms(
        articles=tuple(
            plans.Article(
                article_id=one.article_id,
                shop_e4=one.shop_e4,
                weight=one.weight,
                stock_most=one.stock_most if rounds_up else 0,
            )
            for one in inside
        ),
        suppliers=tuple(as_supplier(one) for one in suppliers_of(session, purchase.id)),
        offers=tuple(
            as_offer(one) for one in offers_of(session, purchase.id) if one.article_id in known
        ),
        freight_by=purchase.freight_by,
        fee_bp=purchase.fee_bp,
    )


def as_supplier(row: PurchaseSupplier) -> tiers.Supplier:
    """A supplier's terms as the rules know them."""
    return tiers.Supplier(
        supplier_id=row.supplier_id,
        freight=Freight(row.freight_rp, row.freight_pack_rp, row.freight_free_from_rp),
        least_rp=row.least_rp,
        least_packs=row.least_packs,
    )


def as_offer(row: PurchaseOffer) -> plans.Offer:
    """An offer as the rules know it."""
    return plans.Offer(
        offer_id=row.id,
        supplier_id=row.supplier_id,
        article_id=row.article_id,
        pack=row.pack,
        tiers=tiers.tiers_from_json(row.tiers),
        least_packs=row.least_packs,
    )


# What members want


def said_of(session: Session, purchase_id: int) -> Sequence[WantSaid]:
    """All that members said, in the order of time."""
    query = select(WantSaid).where(WantSaid.purchase_id == purchase_id)
    return session.exec(query.order_by(col(WantSaid.at), col(WantSaid.id))).all()


def latest(said: Sequence[WantSaid]) -> dict[tuple[int, int], WantSaid]:
    """What each member wants now, by member and article, also where it is nothing any more."""
    return {(row.member_id, row.article_id): row for row in said}


def wanted(said: Sequence[WantSaid], terms: Terms) -> list[Wanted]:
    """What each member wants now of the articles that are in the purchase."""
    inside = {article.article_id for article in terms.articles}
    return [
        Wanted(row.member_id, row.article_id, row.firm, row.tolerance, row.highest_e4)
        for row in latest(said).values()
        if row.article_id in inside and (row.firm or row.tolerance)
    ]


def want_of(said: Sequence[WantSaid], member_id: int, article_id: int) -> Want:
    """What one member wants of one article now; nothing if she never said."""
    row = latest(said).get((member_id, article_id))
    return Want() if row is None else Want(row.firm, row.tolerance, row.highest_e4)


def queue_of(said: Sequence[WantSaid], article_id: int) -> list[Entry]:
    """The queue of one article, of everybody who wants it."""
    return entries_of(
        Said(row.id, row.member_id, row.at, row.firm, row.tolerance)
        for row in said
        if row.article_id == article_id
    )


def dropped_ids(session: Session, purchase_id: int) -> Mapping[int, set[int]]:
    """By article the members who dropped out when wants were fixed."""
    found: dict[int, set[int]] = defaultdict(set)
    query = select(PurchaseDropped).where(PurchaseDropped.purchase_id == purchase_id)
    for row in session.exec(query):
        found[row.article_id].add(row.member_id)
    return found


def queues(session: Session, purchase_id: int) -> dict[int, list[Entry]]:
    """By article who is served in which order, once wants are fixed: without who dropped out."""
    said, dropped = said_of(session, purchase_id), dropped_ids(session, purchase_id)
    return {
        article.id: [
            entry
            for entry in queue_of(said, article.id)
            if entry.member_id not in dropped.get(article.id, ())
        ]
        for _inside, article in articles_of(session, purchase_id)
    }
