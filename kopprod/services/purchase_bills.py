"""Bills of a purchase: frozen to the rupiah, handed out against a signature, and closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import purchase_bills as rules
from kopprod.domain import subsidies as ceilings
from kopprod.domain.access import Action
from kopprod.domain.ledger import ABOVE_CEILING, SUPPLIES, SUPPLY_FEE, Posting
from kopprod.domain.purchase_bills import Bill, Bills, Lot, Taken
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, codes, ledger, numbers, subsidies, yarnen
from kopprod.services.purchase_goods import (
    NotHereYet,
    SharedAlready,
    has_bills,
    order_lines,
)
from kopprod.services.purchase_rows import articles_of, lock_purchase
from kopprod.services.yarnen import INPUTS
from kopprod.tables.cooperative import Village
from kopprod.tables.members import Member
from kopprod.tables.purchase_bills import PurchaseBorne
from kopprod.tables.purchases import (
    Article,
    BillPayment,
    Deposit,
    Purchase,
    PurchaseBill,
    PurchaseShare,
    SupplierInvoice,
    SupplyLot,
)

DEPOSITS = "2105"
_NUMBERS = "NOTA"


class UnknownBill(Refusal):
    """No bill of that key, or one of somebody else."""

    sentence = N_("This bill is not here. Go back to the list of purchases.")


class BilledBeforeCame(Refusal):
    """A bill of goods that were not there on that day."""

    sentence = N_("The goods of {number} came on {received_on}. Choose that day or a later one.")


# Making them


def make(session: Session, purchase_id: int, *, on: date) -> list[PurchaseBill]:
    """Freeze what everybody gets and make all bills, each with its entry; leftovers go to stock.

    A member's deposit pays her bill as far as it goes. Nobody pays above the ceiling of the day for
    subsidised goods: the cooperative bears the rest. Refuses who would get more of them than the
    e-RDKK gives her; her share is then changed by hand.
    """
    access.require(session, Action.PURCHASES_HAND_OUT)
    numbers.wait_turn(session, _NUMBERS, on.year)
    purchase = lock_purchase(session, purchase_id)
    _check_to_bill(session, purchase, on=on)
    portions = [(row.member_id, row.article_id, row.quantity) for row in _shares(session, purchase)]
    subsidies.check_portions(session, purchase, portions, on)
    found = reckon(session, purchase, on=on)
    rows = [_bill(session, purchase, bill, on=on) for bill in found.by_member.values()]
    for left in found.leftover:
        session.add(
            SupplyLot(
                purchase_id=purchase.id,
                article_id=left.article_id,
                quantity=left.quantity,
                cost_rp=left.goods_rp + left.freight_rp,
                kept_on=on,
            )
        )
    if not rows:
        purchase.stage = PurchaseStage.DISTRIBUTED
    session.flush()
    return rows


def _check_to_bill(session: Session, purchase: Purchase, *, on: date) -> None:
    if has_bills(session, purchase.id):
        raise SharedAlready(number=purchase.number)
    if purchase.stage is not PurchaseStage.RECEIVED or purchase.received_on is None:
        raise NotHereYet(number=purchase.number)
    if on < purchase.received_on:
        raise BilledBeforeCame(number=purchase.number, received_on=purchase.received_on)


def reckon(session: Session, purchase: Purchase, *, on: date) -> Bills:
    """What every bill comes to on a day, from what came and how it is shared."""
    bought = articles_of(session, purchase.id)
    inside = {article.id: one for one, article in bought}
    lots = [
        Lot(
            supplier_id=line.supplier.id,
            article_id=line.article.id,
            quantity=line.line.good or 0,
            goods_rp=line.line.invoiced_rp or 0,
            packs=line.line.packs,
            weight=(line.line.good or 0) * inside[line.article.id].weight,
        )
        for line in order_lines(session, purchase.id)
    ]
    invoices = select(SupplierInvoice).where(SupplierInvoice.purchase_id == purchase.id)
    found = rules.bills(
        [Taken(row.member_id, row.article_id, row.quantity) for row in _shares(session, purchase)],
        lots,
        {row.supplier_id: row.freight_rp for row in session.exec(invoices).all()},
        freight_by=purchase.freight_by,
        fee_bp=purchase.fee_bp,
        shop_e4={key: one.shop_e4 for key, one in inside.items()},
    )
    most_rp = {
        article.id: ceilings.most_rp(article.fertiliser, article.portion, on)
        for _inside, article in bought
        if article.fertiliser is not None
    }
    return rules.under_ceilings(found, most_rp)


def _shares(session: Session, purchase: Purchase) -> Sequence[PurchaseShare]:
    query = select(PurchaseShare).where(PurchaseShare.purchase_id == purchase.id)
    return session.exec(query.order_by(col(PurchaseShare.id))).all()


def _bill(session: Session, purchase: Purchase, bill: Bill, *, on: date) -> PurchaseBill:
    row = PurchaseBill(
        number=numbers.take(session, _NUMBERS, on.year),
        code=codes.new(),
        purchase_id=purchase.id,
        member_id=bill.member_id,
        goods_rp=sum(line.goods_rp for line in bill.lines),
        freight_rp=sum(line.freight_rp for line in bill.lines),
        fee_rp=sum(line.fee_rp for line in bill.lines),
        shop_rp=sum(line.shop_rp or 0 for line in bill.lines),
        billed_on=on,
    )
    held = select(func.coalesce(func.sum(Deposit.amount_rp), 0)).where(
        Deposit.purchase_id == purchase.id,
        Deposit.member_id == bill.member_id,
        Deposit.paid_on <= on,
        col(Deposit.returned_on).is_(None),
    )
    row.deposit_rp = min(int(session.exec(held).one()), row.bill_rp)
    session.add(row)
    session.flush()
    row.entry_id = _post(session, row, borne_rp=_bear(session, row, bill), on=on)
    by_article = {line.article_id: line for line in bill.lines}
    for share in _shares(session, purchase):
        line = by_article.get(share.article_id)
        if share.member_id == bill.member_id and line is not None:
            share.goods_rp, share.freight_rp = line.goods_rp, line.freight_rp
            share.fee_rp, share.shop_rp = line.fee_rp, line.shop_rp
    return row


def _bear(session: Session, row: PurchaseBill, bill: Bill) -> int:
    """Keep what of each line is not hers to pay; its cost in all."""
    for line in bill.lines:
        if line.borne_rp or line.forgone_rp:
            session.add(
                PurchaseBorne(
                    purchase_id=row.purchase_id,
                    article_id=line.article_id,
                    member_id=row.member_id,
                    cost_rp=line.borne_rp,
                    fee_rp=line.forgone_rp,
                )
            )
    return sum(line.borne_rp for line in bill.lines)


def _post(session: Session, row: PurchaseBill, *, borne_rp: int, on: date) -> int | None:
    if not (row.bill_rp or borne_rp):
        return None
    cost_rp = row.goods_rp + row.freight_rp + borne_rp
    postings = [
        *([Posting(INPUTS, debit_rp=row.bill_rp, member_id=row.member_id)] if row.bill_rp else []),
        *([Posting(ABOVE_CEILING, debit_rp=borne_rp)] if borne_rp else []),
        *([Posting(SUPPLIES, credit_rp=cost_rp)] if cost_rp else []),
        *([Posting(SUPPLY_FEE, credit_rp=row.fee_rp)] if row.fee_rp else []),
    ]
    if row.deposit_rp:
        postings += [
            Posting(DEPOSITS, debit_rp=row.deposit_rp, member_id=row.member_id),
            Posting(INPUTS, credit_rp=row.deposit_rp, member_id=row.member_id),
        ]
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Bill of a pooled purchase"),
        paper=f"bill:{row.id}",
        postings=postings,
    )
    return entry.id


def not_adding_up(session: Session) -> list[str]:
    """The numbers of purchases whose bills are not what they come to, reckoned once more."""
    query = select(Purchase).where(
        col(Purchase.id).in_(select(PurchaseBill.purchase_id))
        | col(Purchase.id).in_(select(SupplyLot.purchase_id))
    )
    wrong = []
    for purchase in session.exec(query.order_by(col(Purchase.id))).all():
        try:
            holds = _holds(session, purchase)
        except ValueError:  # more was handed out than came
            holds = False
        if not holds:
            wrong.append(purchase.number)
    return wrong


def _holds(session: Session, purchase: Purchase) -> bool:
    bills = select(PurchaseBill).where(PurchaseBill.purchase_id == purchase.id)
    kept = {row.member_id: row for row in session.exec(bills).all()}
    lots = select(SupplyLot).where(SupplyLot.purchase_id == purchase.id)
    lots_kept = session.exec(lots).all()
    stored = {row.article_id: (row.quantity, row.cost_rp) for row in lots_kept}
    days = [row.billed_on for row in kept.values()] + [row.kept_on for row in lots_kept]
    found = reckon(session, purchase, on=days[0])
    borne = select(PurchaseBorne).where(PurchaseBorne.purchase_id == purchase.id)
    carried = {
        (row.member_id, row.article_id): (row.cost_rp, row.fee_rp)
        for row in session.exec(borne).all()
    }
    over = {
        (key, line.article_id): (line.borne_rp, line.forgone_rp)
        for key, bill in found.by_member.items()
        for line in bill.lines
        if line.borne_rp or line.forgone_rp
    }
    left = {one.article_id: (one.quantity, one.goods_rp + one.freight_rp) for one in found.leftover}
    lines = {
        (key, line.article_id): (line.goods_rp, line.freight_rp, line.fee_rp, line.shop_rp)
        for key, bill in found.by_member.items()
        for line in bill.lines
    }
    shares = {
        (row.member_id, row.article_id): (row.goods_rp, row.freight_rp, row.fee_rp, row.shop_rp)
        for row in _shares(session, purchase)
        if row.quantity
    }
    totals = {key: bill.total_rp for key, bill in found.by_member.items()}
    return (
        totals == {key: row.bill_rp for key, row in kept.items()}
        and stored == left
        and carried == over
        and shares == lines
    )


# Looking at them


@dataclass(frozen=True)
class BillLine:
    """One article on a bill."""

    share: PurchaseShare
    article: Article


@dataclass(frozen=True)
class Shown:
    """A bill with all that stands on it and around it."""

    bill: PurchaseBill
    purchase: Purchase
    member: Member
    village: str
    lines: Sequence[BillLine]
    payments: Sequence[BillPayment]
    settled_rp: int  # what settlements have taken for it
    next_rp: int  # of all that she owes, what the next settlement may take
    parts: Sequence[int] = field(default_factory=tuple)

    @property
    def paid_rp(self) -> int:
        """In cash and by bank."""
        return sum(one.amount_rp for one in self.payments)

    @property
    def left_rp(self) -> int:
        """What is still open."""
        return self.bill.bill_rp - self.bill.deposit_rp - self.paid_rp - self.settled_rp

    @property
    def saved_rp(self) -> int:
        """Against the village shop."""
        return self.bill.shop_rp - self.bill.bill_rp


def bills(
    session: Session, purchase_id: int | None = None, *, member_id: int | None = None
) -> list[Shown]:
    """Bills by village and name; a plain member gets her own and is refused another's."""
    access.require(session, Action.PURCHASES_SEE)
    query = (
        select(PurchaseBill, Purchase, Member, Village)
        .join(Purchase, col(Purchase.id) == col(PurchaseBill.purchase_id))
        .join(Member, col(Member.id) == col(PurchaseBill.member_id))
        .outerjoin(Village, col(Village.id) == col(Member.village_id))
        .order_by(func.coalesce(Village.name, ""), col(Member.name), col(PurchaseBill.id))
    )
    if purchase_id is not None:
        query = query.where(PurchaseBill.purchase_id == purchase_id)
    whose = access.whose(session, member_id, all_see=Action.MEMBERS_SEE)
    if whose is not None:
        query = query.where(PurchaseBill.member_id == whose)
    rows = session.exec(query).all()
    return _shown(session, [(bill, bought, who, place) for bill, bought, who, place in rows])


def bill(session: Session, bill_id: int) -> Shown:
    """One bill, to its member and to the office."""
    row = session.get(PurchaseBill, bill_id)
    if row is None:
        raise UnknownBill
    found = bills(session, row.purchase_id, member_id=row.member_id)
    return next(one for one in found if one.bill.id == bill_id)


def _shown(
    session: Session, rows: Sequence[tuple[PurchaseBill, Purchase, Member, Village | None]]
) -> list[Shown]:
    ids = [row[0].id for row in rows]
    lines = _lines(session, {row[1].id for row in rows})
    paid: dict[int, list[BillPayment]] = {}
    query = select(BillPayment).where(col(BillPayment.bill_id).in_(ids))
    for one in session.exec(query.order_by(col(BillPayment.id))).all():
        paid.setdefault(one.bill_id, []).append(one)
    waiting = yarnen.waiting(session, {row[2].id for row in rows})
    settled: dict[int, int] = {}
    for each in waiting.values():
        settled |= each.by_settlements_rp()
    return [
        Shown(
            bill=row,
            purchase=purchase,
            member=member,
            village=village.name if village else "",
            lines=lines.get((purchase.id, member.id), []),
            payments=paid.get(row.id, []),
            settled_rp=settled.get(row.id, 0),
            next_rp=waiting[member.id].due_rp(),
            parts=yarnen.parts_of(row),
        )
        for row, purchase, member, village in rows
    ]


def _lines(session: Session, purchase_ids: set[int]) -> Mapping[tuple[int, int], list[BillLine]]:
    query = (
        select(PurchaseShare, Article)
        .join(Article, col(Article.id) == col(PurchaseShare.article_id))
        .where(col(PurchaseShare.purchase_id).in_(purchase_ids), PurchaseShare.quantity > 0)
        .order_by(col(Article.name), col(PurchaseShare.id))
    )
    found: dict[tuple[int, int], list[BillLine]] = {}
    for share, article in session.exec(query).all():
        found.setdefault((share.purchase_id, share.member_id), []).append(BillLine(share, article))
    return found
