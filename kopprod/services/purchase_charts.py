"""What buying together has come to: saving, filled packs, suppliers' prices, unpaid bills."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from sqlmodel import Session, col, select

from kopprod.domain import receivables, tiers
from kopprod.domain.access import Action
from kopprod.domain.money import E4, round_half_up
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.receivables import Ages, Claim
from kopprod.services import access, purchase_rows, yarnen
from kopprod.tables.members import Member
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseBill,
    PurchaseLine,
    PurchaseOffer,
    PurchaseShare,
    Supplier,
)


class SavedBy(StrEnum):
    """By what the saving is added up."""

    MEMBER = "member"
    ARTICLE = "article"
    SEASON = "season"


@dataclass(frozen=True)
class Saved:
    """What was paid for goods that were handed out, and what the village shop would have asked."""

    name: str
    paid_rp: int
    shop_rp: int

    @property
    def saved_rp(self) -> int:
        """Below nothing where the shop was cheaper."""
        return self.shop_rp - self.paid_rp


@dataclass(frozen=True)
class Filled:
    """How one article of one purchase filled its packs, in portions."""

    number: str
    title: str
    article: str
    word: str
    members: int
    firm: int
    tolerance: int
    packs: int
    bought: int

    @property
    def served_bp(self) -> int:
        """How much of what is firmly wanted the packs serve, in hundredths of a percent."""
        return min(10_000, self.bought * 10_000 // self.firm) if self.firm else 0

    @property
    def left(self) -> int:
        """What was firmly wanted and filled no pack."""
        return max(0, self.firm - self.bought)


@dataclass(frozen=True)
class Asked:
    """What a supplier asked for one portion at a time, at the quantity that was ordered."""

    on: date
    number: str
    article: str
    word: str
    supplier: str
    price_e4: int
    shop_e4: int
    ordered: bool


@dataclass(frozen=True)
class Unpaid:
    """A bill that is not paid yet; `days` since it was written."""

    number: str
    member: str
    billed_on: date
    bill_rp: int
    left_rp: int
    days: int


def saved(session: Session, *, by: SavedBy) -> list[Saved]:
    """What members saved against the village shop, the most first; losses stand below."""
    access.require(session, Action.DASHBOARD_SEE)
    query = (
        select(PurchaseShare, Purchase.season, Article.name, Member.name)
        .join(Purchase, col(Purchase.id) == col(PurchaseShare.purchase_id))
        .join(Article, col(Article.id) == col(PurchaseShare.article_id))
        .join(Member, col(Member.id) == col(PurchaseShare.member_id))
        .where(col(PurchaseShare.goods_rp).is_not(None))
    )
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for share, season, article, member in session.exec(query).all():
        key = {
            SavedBy.MEMBER: (member, share.member_id),
            SavedBy.ARTICLE: (article, share.article_id),
            SavedBy.SEASON: (season, 0),
        }[by]
        own = sums[key]
        own[0] += (share.goods_rp or 0) + (share.freight_rp or 0) + (share.fee_rp or 0)
        own[1] += share.shop_rp or 0
    rows = [Saved(name, paid, shop) for (name, _key), (paid, shop) in sums.items()]
    return sorted(rows, key=lambda one: (-one.saved_rp, one.name.casefold()))


def filled(session: Session) -> list[Filled]:
    """Of every purchase whose wants are fixed: what was wanted, and what full packs serve."""
    access.require(session, Action.DASHBOARD_SEE)
    left_out = (PurchaseStage.DRAFT, PurchaseStage.OPEN, PurchaseStage.CANCELLED)
    query = select(Purchase).where(col(Purchase.stage).not_in(left_out))
    found = []
    for purchase in session.exec(query.order_by(col(Purchase.id).desc())).all():
        offers = {row.id: row for row in purchase_rows.offers_of(session, purchase.id)}
        lines = session.exec(
            select(PurchaseLine).where(PurchaseLine.purchase_id == purchase.id)
        ).all()
        queues = purchase_rows.queues(session, purchase.id)
        for _inside, article in purchase_rows.articles_of(session, purchase.id):
            mine = [row for row in lines if offers[row.offer_id].article_id == article.id]
            queue = queues[article.id]
            found.append(
                Filled(
                    number=purchase.number,
                    title=purchase.title,
                    article=article.name,
                    word=article.portion_word,
                    members=len({entry.member_id for entry in queue}),
                    firm=sum(entry.firm for entry in queue),
                    tolerance=sum(entry.tolerance for entry in queue),
                    packs=sum(row.packs for row in mine),
                    bought=sum(row.packs * offers[row.offer_id].pack for row in mine),
                )
            )
    return found


def asked(session: Session) -> list[Asked]:
    """What suppliers asked for a portion from purchase to purchase, the oldest first.

    Where something was ordered it is the price that was reached, otherwise that of the least order.
    """
    access.require(session, Action.DASHBOARD_SEE)
    query = (
        select(PurchaseOffer, Purchase, Article, Supplier.name)
        .join(Purchase, col(Purchase.id) == col(PurchaseOffer.purchase_id))
        .join(Article, col(Article.id) == col(PurchaseOffer.article_id))
        .join(Supplier, col(Supplier.id) == col(PurchaseOffer.supplier_id))
        .where(Purchase.stage != PurchaseStage.DRAFT)
        .order_by(col(Purchase.until), col(PurchaseOffer.id))
    )
    reached = {row.offer_id: row.pack_rp for row in session.exec(select(PurchaseLine)).all()}
    shops: dict[int, dict[int, int]] = {}
    found = []
    for offer, purchase, article, supplier in session.exec(query).all():
        if purchase.id not in shops:
            inside = purchase_rows.articles_of(session, purchase.id)
            shops[purchase.id] = {one.article_id: one.shop_e4 for one, _article in inside}
        first = tiers.tiers_from_json(offer.tiers)[0].pack_rp
        found.append(
            Asked(
                on=purchase.ordered_on or purchase.until,
                number=purchase.number,
                article=article.name,
                word=article.portion_word,
                supplier=supplier,
                price_e4=round_half_up(Fraction(reached.get(offer.id, first) * E4, offer.pack)),
                shop_e4=shops[purchase.id].get(article.id, 0),
                ordered=offer.id in reached,
            )
        )
    return found


def unpaid(session: Session, *, on: date) -> tuple[list[Unpaid], Ages]:
    """Bills that are not paid in full, the oldest first, and all of them by age.

    What waits for settlements (yarnen) counts with the rest: by the day of its bill.
    """
    access.require(session, Action.LEDGER_SEE)
    names = dict(session.exec(select(Member.id, Member.name)).all())
    bills = session.exec(select(PurchaseBill).order_by(col(PurchaseBill.billed_on))).all()
    left: dict[int, int] = {}
    for waiting in yarnen.waiting(session, {bill.member_id for bill in bills}).values():
        left |= waiting.left_rp()
    rows = [
        Unpaid(
            number=bill.number,
            member=names[bill.member_id],
            billed_on=bill.billed_on,
            bill_rp=bill.bill_rp,
            left_rp=left[bill.id],
            days=(on - bill.billed_on).days,
        )
        for bill in bills
        if left.get(bill.id, 0) > 0
    ]
    return rows, receivables.ages([Claim(one.left_rp, one.billed_on) for one in rows], on=on)


def together(rows: Sequence[Saved]) -> Saved:
    """All of them added up."""
    return Saved("", sum(one.paid_rp for one in rows), sum(one.shop_rp for one in rows))
