"""Goods of a purchase: asked for, received against what was agreed, and shared among members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import handing_out
from kopprod.domain.access import Action
from kopprod.domain.handing_out import Handed, Outcome, SharingRule, outcomes
from kopprod.domain.ledger import SUPPLIES, Posting
from kopprod.domain.money import MOST_RP
from kopprod.domain.plans import priced
from kopprod.domain.purchase_receipts import Fault, InvoiceAbsurd, Receipt, check_receipt, faults
from kopprod.domain.purchases import PurchaseStage, check_came, check_move, check_wanted
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, ledger
from kopprod.services.purchase_rows import articles_of, lock_purchase, queues, terms_of
from kopprod.tables.members import Member
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseBill,
    PurchaseLine,
    PurchaseOffer,
    PurchaseShare,
    Supplier,
    SupplierInvoice,
)

OWED_TO_SUPPLIERS = "2131"
CLAIMS = "1122"


class NotOrderedYet(Refusal):
    """Goods that nobody has asked for."""

    sentence = N_("{number} is not ordered, or its goods are all here. Look at it again.")


class ReceivedAlready(Refusal):
    """What one supplier brought is written down once."""

    sentence = N_("What {name} brought for {number} is written down already. Nothing was changed.")


class BeforeOrder(Refusal):
    """Goods that came before they were asked for."""

    sentence = N_("{number} was ordered on {ordered_on}. Choose that day or a later one.")


class LineMissing(Refusal):
    """A receipt that leaves something out, or has something that was not ordered there."""

    sentence = N_("Write down for everything that {name} was asked for how much of it came.")


class FreightBelowZero(Refusal):
    """A truck that pays for coming."""

    sentence = N_("The freight cannot be less than nothing.")


class SharedAlready(Refusal):
    """Bills were made from how it is shared."""

    sentence = N_("The bills of {number} are made, so what each member gets stays as it is.")


class NotHereYet(Refusal):
    """Nobody can share what has not come."""

    sentence = N_("The goods of {number} are not here yet.")


@dataclass(frozen=True)
class OrderLine:
    """What one supplier is asked for of one article, and what came of it."""

    line: PurchaseLine
    offer: PurchaseOffer
    article: Article
    supplier: Supplier

    @property
    def ordered(self) -> int:
        """Portions that were asked for."""
        return self.line.packs * self.offer.pack

    @property
    def ordered_rp(self) -> int:
        """What they were to cost."""
        return self.line.packs * self.line.pack_rp

    @property
    def receipt(self) -> Receipt | None:
        """What came against what was agreed; nothing before it came."""
        if self.line.good is None:
            return None
        return Receipt(
            ordered_packs=self.line.packs,
            pack=self.offer.pack,
            pack_rp=self.line.pack_rp,
            good=self.line.good,
            damaged=self.line.damaged,
            invoiced_rp=(self.line.invoiced_rp or 0) + self.line.claim_rp,
        )

    @property
    def faults(self) -> list[Fault]:
        """How it differs from the order; nothing before it came."""
        return [] if self.receipt is None else faults(self.receipt)


def order_lines(session: Session, purchase_id: int) -> list[OrderLine]:
    """All that was planned or ordered, by supplier and article."""
    access.require(session, Action.PURCHASES_SEE)
    query = (
        select(PurchaseLine, PurchaseOffer, Article, Supplier)
        .join(PurchaseOffer, col(PurchaseOffer.id) == col(PurchaseLine.offer_id))
        .join(Article, col(Article.id) == col(PurchaseOffer.article_id))
        .join(Supplier, col(Supplier.id) == col(PurchaseOffer.supplier_id))
        .where(PurchaseLine.purchase_id == purchase_id)
        .order_by(col(Supplier.name), col(Article.name), col(PurchaseLine.id))
    )
    return [OrderLine(*found) for found in session.exec(query).all()]


def agreed_freight_rp(session: Session, purchase: Purchase) -> dict[int, int]:
    """The freight that each supplier was to ask for, by the plan that was ordered."""
    query = select(PurchaseLine).where(PurchaseLine.purchase_id == purchase.id)
    packs = {line.offer_id: line.packs for line in session.exec(query).all()}
    return dict(priced(terms_of(session, purchase), packs).freight_rp)


# Ordering


def order_out(session: Session, purchase_id: int, *, on: date) -> Purchase:
    """Send the order to the suppliers: from now on only what comes is written down."""
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = lock_purchase(session, purchase_id)
    if purchase.stage is PurchaseStage.ORDERED:
        return purchase
    check_move(purchase.stage, PurchaseStage.ORDERED, number=purchase.number)
    lines = order_lines(session, purchase_id)
    check_wanted(sum(line.ordered for line in lines), number=purchase.number)
    purchase.stage, purchase.ordered_on = PurchaseStage.ORDERED, on
    session.flush()
    return purchase


# Receiving


@dataclass(frozen=True)
class Came:
    """Portions of one line that came good and damaged, and what the supplier asks for the line."""

    good: int
    damaged: int
    invoiced_rp: int
    note: str = ""


def receive(
    session: Session,
    purchase_id: int,
    supplier_id: int,
    *,
    came: Mapping[int, Came],
    freight_rp: int,
    on: date,
) -> SupplierInvoice:
    """Write down what one supplier brought, by the keys of its lines, and what he asks for it.

    What he asks above the agreed price of the good portions, or above the agreed freight, is
    claimed back. More than was ordered is taken at the agreed price. With the last supplier the
    goods are here and are shared by the purchase's rule; a purchase of which nothing came at all
    is refused.
    """
    access.require(session, Action.PURCHASES_HAND_OUT)
    purchase = lock_purchase(session, purchase_id)
    if purchase.stage is not PurchaseStage.ORDERED:
        raise NotOrderedYet(number=purchase.number)
    if purchase.ordered_on is not None and on < purchase.ordered_on:
        raise BeforeOrder(number=purchase.number, ordered_on=purchase.ordered_on)
    every = order_lines(session, purchase_id)
    mine = [line for line in every if line.supplier.id == supplier_id]
    name = mine[0].supplier.name if mine else "–"
    if any(line.line.good is not None for line in mine):
        raise ReceivedAlready(name=name, number=purchase.number)
    if not mine or came.keys() != {line.line.id for line in mine}:
        raise LineMissing(name=name)
    for line in mine:
        _write_down(line, came[line.line.id])
    invoice = _invoice(session, purchase, mine, freight_rp=freight_rp, on=on)
    if all(line.line.good is not None for line in every):
        check_came(sum(line.line.good or 0 for line in every), number=purchase.number)
        purchase.stage, purchase.received_on = PurchaseStage.RECEIVED, on
        session.flush()
        _share(session, purchase, by_hand={})
    session.flush()
    return invoice


def _write_down(line: OrderLine, came: Came) -> None:
    receipt = Receipt(
        ordered_packs=line.line.packs,
        pack=line.offer.pack,
        pack_rp=line.line.pack_rp,
        good=came.good,
        damaged=came.damaged,
        invoiced_rp=came.invoiced_rp,
    )
    check_receipt(receipt)
    row = line.line
    row.good, row.damaged, row.claim_rp = came.good, came.damaged, receipt.claim_rp
    row.invoiced_rp = receipt.goods_rp(claimed_rp=receipt.claim_rp)
    row.note = tidy(came.note)[:200]


def _invoice(
    session: Session,
    purchase: Purchase,
    mine: Sequence[OrderLine],
    *,
    freight_rp: int,
    on: date,
) -> SupplierInvoice:
    if freight_rp < 0:
        raise FreightBelowZero
    if freight_rp > MOST_RP:
        raise InvoiceAbsurd(invoiced_rp=freight_rp)
    supplier_id = mine[0].supplier.id
    agreed_rp = agreed_freight_rp(session, purchase).get(supplier_id, 0)
    # Nobody bears the freight of goods that did not come.
    borne_rp = min(freight_rp, agreed_rp) if any(line.line.good for line in mine) else 0
    invoice = SupplierInvoice(
        purchase_id=purchase.id,
        supplier_id=supplier_id,
        goods_rp=sum(line.line.invoiced_rp or 0 for line in mine),
        freight_rp=borne_rp,
        claim_rp=sum(line.line.claim_rp for line in mine) + freight_rp - borne_rp,
        received_on=on,
    )
    asked_rp = invoice.goods_rp + invoice.freight_rp + invoice.claim_rp
    if asked_rp:
        sides = ((SUPPLIES, asked_rp - invoice.claim_rp), (CLAIMS, invoice.claim_rp))
        entry = ledger.post(
            session,
            on=on,
            memo=N_("Goods of a pooled purchase have come"),
            paper=f"purchase:{purchase.id}",
            postings=[
                *(
                    Posting(account, debit_rp=amount_rp)
                    for account, amount_rp in sides
                    if amount_rp
                ),
                Posting(OWED_TO_SUPPLIERS, credit_rp=asked_rp),
            ],
        )
        invoice.entry_id = entry.id
    session.add(invoice)
    session.flush()
    return invoice


def has_goods(session: Session, purchase_id: int) -> bool:
    """Whether anything good came, whoever asks money for nothing, so that it cannot be undone."""
    query = select(PurchaseLine.id).where(
        PurchaseLine.purchase_id == purchase_id, col(PurchaseLine.good) > 0
    )
    return session.exec(query).first() is not None


# Sharing


@dataclass(frozen=True)
class Shared:
    """How one article is shared: what came, what each gets, and what each rule would give."""

    article: Article
    came: int
    shares: Mapping[int, PurchaseShare]
    outcomes: Sequence[Outcome]
    names: Mapping[int, str]

    @property
    def left(self) -> int:
        """Portions that go to the cooperative's stock."""
        return self.came - sum(share.quantity for share in self.shares.values())


def shared(session: Session, purchase_id: int) -> list[Shared]:
    """Every article with what each member gets by now, and under each rule."""
    access.require(session, Action.PURCHASES_HAND_OUT)
    came, queue = came_by_article(session, purchase_id), queues(session, purchase_id)
    names = _names(session)
    rows = select(PurchaseShare).where(PurchaseShare.purchase_id == purchase_id)
    by_article: dict[int, dict[int, PurchaseShare]] = {}
    for row in session.exec(rows.order_by(col(PurchaseShare.id))).all():
        by_article.setdefault(row.article_id, {})[row.member_id] = row
    return [
        Shared(
            article=article,
            came=came.get(article.id, 0),
            shares=by_article.get(article.id, {}),
            outcomes=outcomes(came.get(article.id, 0), queue[article.id]),
            names=names,
        )
        for _inside, article in articles_of(session, purchase_id)
    ]


def came_by_article(session: Session, purchase_id: int) -> dict[int, int]:
    """Good portions of each article, from whichever supplier."""
    came: dict[int, int] = {}
    for line in order_lines(session, purchase_id):
        came[line.article.id] = came.get(line.article.id, 0) + (line.line.good or 0)
    return came


def _names(session: Session) -> dict[int, str]:
    return dict(session.exec(select(Member.id, Member.name)).all())


def redistribute(
    session: Session,
    purchase_id: int,
    *,
    rule: SharingRule | None = None,
    by_hand: Mapping[int, Mapping[int, int]] | None = None,
) -> list[PurchaseShare]:
    """Share what came anew, by a rule (without one the purchase's), or by hand.

    `by_hand` has portions by article and member; whoever is not in it gets what the rule computes,
    and what the rule had computed stays beside every figure. Only until the bills are made.
    """
    access.require(session, Action.PURCHASES_HAND_OUT)
    purchase = lock_purchase(session, purchase_id)
    if purchase.stage is not PurchaseStage.RECEIVED:
        raise NotHereYet(number=purchase.number)
    if has_bills(session, purchase_id):
        raise SharedAlready(number=purchase.number)
    if rule is not None:
        purchase.sharing = rule
    return _share(session, purchase, by_hand=by_hand or {})


def has_bills(session: Session, purchase_id: int) -> bool:
    """Whether its shares are frozen in bills."""
    query = select(PurchaseBill.id).where(PurchaseBill.purchase_id == purchase_id)
    return session.exec(query).first() is not None


def _share(
    session: Session, purchase: Purchase, *, by_hand: Mapping[int, Mapping[int, int]]
) -> list[PurchaseShare]:
    came, queue = came_by_article(session, purchase.id), queues(session, purchase.id)
    names = _names(session)
    rows = []
    for _inside, article in articles_of(session, purchase.id):
        found = handing_out.handed(
            came.get(article.id, 0),
            queue[article.id],
            purchase.sharing,
            by_hand=by_hand.get(article.id, {}),
            names=names,
            portion=Quantity(article.portion, article.base_unit),
        )
        rows += [_keep(session, purchase, article, each) for each in found]
    session.flush()
    return rows


def _keep(session: Session, purchase: Purchase, article: Article, each: Handed) -> PurchaseShare:
    query = select(PurchaseShare).where(
        PurchaseShare.purchase_id == purchase.id,
        PurchaseShare.article_id == article.id,
        PurchaseShare.member_id == each.member_id,
    )
    row = session.exec(query).first()
    if row is None:
        row = PurchaseShare(
            purchase_id=purchase.id,
            article_id=article.id,
            member_id=each.member_id,
            quantity=each.quantity,
            computed=each.computed,
        )
        session.add(row)
    row.quantity, row.computed = each.quantity, each.computed
    return row
