"""Taking back what was closed: a settlement, a buyer's payment, a cost paid, money of a slip.

Nothing is overwritten: each is a paper with its number or reason, and the opposite entry in the
journal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from kopprod import db
from kopprod.domain.access import Action
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.domain.words import tidy
from kopprod.services import access, ledger, numbers, payments, references, slips, stock_lots
from kopprod.services.sale_rows import lock_sale
from kopprod.tables.ledger import Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.payouts import PayoutReturn
from kopprod.tables.sales import Allotment, BuyerPayment, Sale, SaleCost, SettlementReversal
from kopprod.tables.slips import Slip

COUNTER = "BATAL"
_LONGEST = 300
# Frozen at settling, and open again afterwards.
_FROZEN = (
    *("our_weight", "graded_weight_e4", "gross_rp", "costs_rp", "fee_rp", "net_rp"),
    *("cost_of_goods_rp", "settled_on", "settled_by_id", "entry_id"),
)


class ReasonMissing(Refusal):
    """Whoever reads the books next year must know why."""

    sentence = N_("Please write why it is taken back.")


class NothingSettled(Refusal):
    """There is no settlement to take back, perhaps since a moment ago."""

    sentence = N_("Sale {number} is not settled, so there is nothing to take back.")


class TakenBackTooEarly(Refusal):
    """A day before what is taken back had happened."""

    sentence = N_("It happened on {happened_on}. Choose that day or a later one.")


class UnknownPayment(Refusal):
    """No payment of that key."""

    sentence = N_("This payment is not here. Go back to the list of sales.")


class PaymentTakenBack(Refusal):
    """Somebody took it back, perhaps a moment ago."""

    sentence = N_("This payment of {amount_rp} was taken back already, on {reversed_on}.")


class KeepsTooMuch(Refusal):
    """Of a payment less than nothing would stay, or all of it."""

    sentence = N_("Of {amount_rp} less than that must stay, so {keeps_rp} cannot be right.")


class CostNotPaid(Refusal):
    """A cost that nobody has paid."""

    sentence = N_("{name} has not been paid, so there is nothing to take back.")


class SlipNotPaid(Refusal):
    """Money that never went out cannot come back."""

    sentence = N_("No money of slip {number} went out, so none can come back.")


class SlipIsVoid(Refusal):
    """A slip that no longer counts; its money is what the member owes."""

    sentence = N_(
        "Slip {number} was cancelled. What she had of it she owes already; write money that came "
        "back into the journal."
    )


def said(reason: str) -> str:
    """A reason as it is kept; refuses none."""
    kept = tidy(reason)[:_LONGEST]
    if not kept:
        raise ReasonMissing
    return kept


def check_later(on: date, happened_on: date) -> None:
    """Refuse a day before what is taken back."""
    if on < happened_on:
        raise TakenBackTooEarly(happened_on=happened_on)


# A settlement


def reverse_settlement(
    session: Session, sale_id: int, *, reason: str, on: date
) -> SettlementReversal:
    """Take a settlement back: the sale is open again, its slips are void, its entry is reversed.

    What members had been paid becomes what they owe. The buyer's payments and the costs that were
    paid stay with the sale, which can be changed and settled again. Refuses without a reason, a
    sale that is not settled, an earlier day, and slips on a payout list that is not finished.
    """
    access.require(session, Action.SALES_SETTLE)
    why = said(reason)
    numbers.wait_turn(session, COUNTER, on.year)
    sale = lock_sale(session, sale_id)
    if sale.settled_on is None or sale.entry_id is None:
        raise NothingSettled(number=sale.number)
    check_later(on, sale.settled_on)
    # Before the journal, so that whoever pays one of them comes first or finds it void.
    void = lock_slips(session, [sale.id])
    opposite = ledger.reverse(session, sale.entry_id, on=on, memo=N_("A settlement taken back"))
    row = SettlementReversal(
        number=numbers.take(session, COUNTER, on.year),
        sale_id=sale.id,
        reversed_on=on,
        reason=why,
        settled_on=sale.settled_on,
        gross_rp=sale.gross_rp or 0,
        costs_rp=sale.costs_rp or 0,
        fee_rp=sale.fee_rp or 0,
        cost_of_goods_rp=sale.cost_of_goods_rp or 0,
        net_rp=sale.net_rp or 0,
        entry_id=sale.entry_id,
        reversal_entry_id=opposite.id,
    )
    session.add(row)
    session.flush()
    for slip in void:
        slips.void(session, slip, on=on, reason=why)
    _open_again(session, sale)
    references.touch_slips(session, [slip.id for slip in void])
    return row


def lock_slips(session: Session, sale_ids: Sequence[int]) -> Sequence[Slip]:
    """The slips of these sales that stand, held until the transaction ends."""
    query = select(Slip).where(col(Slip.sale_id).in_(sale_ids), col(Slip.voided_on).is_(None))
    query = query.order_by(col(Slip.id)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).all()


def _open_again(session: Session, sale: Sale) -> None:
    sale.stage = SaleStage.OPEN
    for frozen in _FROZEN:
        setattr(sale, frozen, None)
    session.flush()
    inside = select(Allotment.id).where(Allotment.sale_id == sale.id).order_by(col(Allotment.id))
    nothing: dict[int, int | None] = dict.fromkeys(session.exec(inside).all())
    for amount in ("share_rp", "cost_rp"):
        db.set_many(session, Allotment, amount, nothing)
    stock_lots.open_again(session, sale.id)


def of_sale(session: Session, sale_id: int) -> Sequence[SettlementReversal]:
    """The settlements of a sale that were taken back, the latest first."""
    access.require(session, Action.SALES_SEE)
    query = select(SettlementReversal).where(SettlementReversal.sale_id == sale_id)
    return session.exec(query.order_by(col(SettlementReversal.id).desc())).all()


def void_slips(session: Session, sale_id: int) -> list[tuple[Slip, Member]]:
    """The slips of a sale that no longer count, which stay in the book."""
    access.require(session, Action.SALES_SEE)
    query = (
        select(Slip, Member)
        .join(Member, col(Member.id) == col(Slip.member_id))
        .where(Slip.sale_id == sale_id, col(Slip.voided_on).is_not(None))
        .order_by(col(Slip.id))
    )
    return [(slip, member) for slip, member in session.exec(query).all()]


# A buyer's payment, and a cost that was paid


def reverse_payment(
    session: Session, payment_id: int, *, reason: str, on: date, keeps_rp: int = 0
) -> BuyerPayment:
    """Take a buyer's payment back: it was wrong, or the money went back to the buyer.

    `keeps_rp` is what of it stays, as a payment of its own that day: so the rest is given back
    without the whole having to lie in the box. Refuses what is not there (`ledger.CashShort`).
    """
    access.require(session, Action.MONEY_MOVE)
    why = said(reason)
    sale = _sale_of_payment(session, payment_id)
    payment = session.get_one(BuyerPayment, payment_id, with_for_update=True)
    if payment.reversed_on is not None:
        raise PaymentTakenBack(amount_rp=payment.amount_rp, reversed_on=payment.reversed_on)
    check_later(on, payment.paid_on)
    if not 0 <= keeps_rp < payment.amount_rp:
        raise KeepsTooMuch(amount_rp=payment.amount_rp, keeps_rp=keeps_rp)
    if keeps_rp:
        payments.check_settled(sale, on)
        payments.keep(session, sale, amount_rp=keeps_rp, account=payment.account_code, on=on)
    opposite = ledger.reverse(
        session, payment.entry_id, on=on, memo=N_("Payment by a buyer taken back")
    )
    payment.reversed_on, payment.reversal_entry_id, payment.reason = on, opposite.id, why
    session.flush()
    return payment


def _sale_of_payment(session: Session, payment_id: int) -> Sale:
    payment = session.get(BuyerPayment, payment_id)
    if payment is None:
        raise UnknownPayment
    sale = lock_sale(session, payment.sale_id)  # whoever takes another payment waits for this one
    session.refresh(payment)
    return sale


def reverse_cost(session: Session, cost_id: int, *, reason: str, on: date) -> SaleCost:
    """Take the payment of a cost back: the money is here again and the cost is owed again.

    The reason is kept with the entry.
    """
    access.require(session, Action.MONEY_MOVE)
    why = said(reason)
    _sale, cost = payments.lock_cost(session, cost_id)
    if cost.paid_entry_id is None:
        raise CostNotPaid(name=cost.name)
    check_later(on, session.get_one(Entry, cost.paid_entry_id).on)
    ledger.reverse(session, cost.paid_entry_id, on=on, memo=why)
    cost.paid_entry_id = None
    session.flush()
    return cost


@dataclass(frozen=True)
class CostBack:
    """The payment of a cost that was taken back: when, how much and why."""

    on: date
    amount_rp: int
    reason: str


def of_costs(session: Session, sale_id: int) -> list[CostBack]:
    """The payments of a sale's costs that were taken back, oldest first, as the journal has them.

    A cost that was removed since is among them.
    """
    access.require(session, Action.SALES_SEE)
    paid = aliased(Entry)
    query: Any = (
        select(Entry.on, func.sum(col(Line.debit_rp)), Entry.memo)  # type: ignore[call-overload]
        .join(paid, col(paid.id) == col(Entry.reverses_id))
        .join(Line, col(Line.entry_id) == col(Entry.id))
        .where(paid.paper == f"sale:{sale_id}", paid.memo == payments.COST_PAID)
        .group_by(col(Entry.id), col(Entry.on), col(Entry.memo))
        .order_by(col(Entry.id))
    )
    return [CostBack(on, int(amount), why) for on, amount, why in session.exec(query).all()]


# Money of a slip that came back


def return_payout(session: Session, slip_id: int, *, reason: str, on: date) -> PayoutReturn:
    """Money of a paid slip came back, as from a wrong account number: the slip is unpaid again.

    What had been taken off the slip stays taken off. Refuses a slip of which no money went out.
    """
    access.require(session, Action.SLIPS_PAY)
    why = said(reason)
    numbers.wait_turn(session, "RETUR", on.year)
    slip = session.get(Slip, slip_id, with_for_update=True, populate_existing=True)
    if slip is None:
        raise slips.UnknownSlip
    if slip.voided_on is not None:
        raise SlipIsVoid(number=slip.number)
    if slip.paid_on is None or slip.paid_entry_id is None or slip.paid_from is None:
        raise SlipNotPaid(number=slip.number)
    check_later(on, slip.paid_on)
    opposite = ledger.reverse(
        session, slip.paid_entry_id, on=on, memo=N_("Money of a slip that came back")
    )
    row = PayoutReturn(
        number=numbers.take(session, "RETUR", on.year),
        slip_id=slip.id,
        returned_on=on,
        amount_rp=slip.received_rp or 0,
        account_code=slip.paid_from,
        reason=why,
        entry_id=opposite.id,
    )
    session.add(row)
    session.flush()
    slip.paid_on = slip.received_rp = slip.paid_from = slip.paid_entry_id = None
    slip.paid_by_id = slip.batch_id = None
    slip.paid_by_settler = False
    references.touch_slips(session, [slip.id])
    return row


def returns(session: Session, slip_id: int) -> Sequence[PayoutReturn]:
    """When money of a slip came back, and why; to whoever may see the slip."""
    slips.slip(session, slip_id)
    query = select(PayoutReturn).where(PayoutReturn.slip_id == slip_id)
    return session.exec(query.order_by(col(PayoutReturn.id))).all()
