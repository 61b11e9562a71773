"""Money around a settled sale: what the buyer pays, and what the sale's costs are paid with."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import BANK, BUYERS_OWE, CASH, OWED_SALE_COSTS, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.services import access, ledger, sent
from kopprod.services.sale_rows import lock_sale
from kopprod.tables.sales import BuyerPayment, Sale, SaleCost

MONEY = (CASH, BANK)

Row = TypeVar("Row", bound=SQLModel)

COST_PAID = N_("A cost of a sale paid")


class NotSettledYet(Refusal):
    """Nobody owes anything before the settlement."""

    sentence = N_("Sale {number} is not settled yet. Settle it before money is recorded.")


class MoreThanOwed(Refusal):
    """The buyer owes less than that."""

    sentence = N_("The buyer still owes {owed_rp} for sale {number}, so {paid_rp} is too much.")


class NothingPaid(Refusal):
    """A payment of nothing."""

    sentence = N_("Please type the amount that was paid.")


class UnknownCost(Refusal):
    """No cost of that key."""

    sentence = N_("This cost is not here. Go back to the list of sales.")


class CostPaidAlready(Refusal):
    """Somebody paid it, perhaps a moment ago."""

    sentence = N_("{name} was paid already. Nothing was paid twice.")


class NoMoneyAccount(Refusal):
    """Money is in the cash box or in the bank, nowhere else."""

    sentence = N_("Choose the cash box or the bank.")


class BeforeSale(Refusal):
    """Money that moved before there was a settlement."""

    sentence = N_("Sale {number} was settled on {settled_on}. Choose that day or a later one.")


class MoneyInSale(Refusal):
    """A sale that was settled once, with money that moved for it."""

    sentence = N_(
        "Money of sale {number} has moved already. Take back the buyer's payments and the paid "
        "costs first."
    )


class CostIsPaid(Refusal):
    """A cost that stays, because it was paid."""

    sentence = N_("{name} is paid, so it stays in the sale. Take its payment back first.")


def check_money(account: str) -> None:
    """Refuse an account that is neither cash box nor bank."""
    if account not in MONEY:
        raise NoMoneyAccount


def post_row(
    session: Session,
    table: type[Row],
    facts: Mapping[str, Any],
    *,
    other: Posting,
    on: date,
    memo: str,
    paper: str,
    draft_key: str | None,
) -> Row:
    """Write money down that came or went, and post it against the `other` account.

    `facts` are the row's own, with `amount_rp` and the `account_code` of cash box or bank. For
    whoever has asked for permission, taken his turn and checked everything.
    """
    here = Posting(facts["account_code"], debit_rp=other.credit_rp, credit_rp=other.debit_rp)
    postings = [here, other] if here.debit_rp else [other, here]
    entry = ledger.post(session, on=on, memo=memo, paper=paper, postings=postings)
    row = table(**facts, paid_on=on, entry_id=entry.id, draft_key=draft_key)
    session.add(row)
    session.flush()
    return row


def received_rp(session: Session, sale_id: int) -> int:
    """What the buyer has paid for a sale so far, less what was taken back."""
    query = select(func.coalesce(func.sum(BuyerPayment.amount_rp), 0)).where(
        BuyerPayment.sale_id == sale_id, col(BuyerPayment.reversed_on).is_(None)
    )
    return int(session.exec(query).one())


def take_payment(
    session: Session,
    sale_id: int,
    *,
    amount_rp: int,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> BuyerPayment:
    """Take money from the buyer, in part or whole, into cash (1101) or bank (1103).

    The same `draft_key` again gives the payment that is there. Refuses more than is owed.
    """
    access.require(session, Action.MONEY_MOVE)
    check_money(account)
    sale = lock_sale(session, sale_id)
    facts = {"sale_id": sale_id, "amount_rp": amount_rp, "account_code": account}
    known = sent.same(session, BuyerPayment, draft_key, facts, sale.number)
    if known is not None:
        return known
    check_settled(sale, on)
    _check_owed(session, sale, amount_rp)
    return keep(session, sale, amount_rp=amount_rp, account=account, on=on, draft_key=draft_key)


def keep(
    session: Session,
    sale: Sale,
    *,
    amount_rp: int,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> BuyerPayment:
    """Write a buyer's payment down and post it, for whoever has checked it."""
    return post_row(
        session,
        BuyerPayment,
        {"sale_id": sale.id, "amount_rp": amount_rp, "account_code": account},
        other=Posting(BUYERS_OWE, credit_rp=amount_rp, buyer_id=sale.buyer_id),
        on=on,
        memo=N_("Payment by a buyer"),
        paper=f"sale:{sale.id}",
        draft_key=draft_key,
    )


def check_settled(sale: Sale, on: date) -> None:
    """Refuse money of a sale that is not settled, or of a day before it was."""
    if sale.stage is not SaleStage.SETTLED or sale.settled_on is None:
        raise NotSettledYet(number=sale.number)
    if on < sale.settled_on:
        raise BeforeSale(number=sale.number, settled_on=sale.settled_on)


def check_no_money(session: Session, sale: Sale) -> None:
    """Refuse to give up a sale whose buyer has paid, or of which costs were paid."""
    paid = select(SaleCost.id).where(
        SaleCost.sale_id == sale.id, col(SaleCost.paid_entry_id).is_not(None)
    )
    if received_rp(session, sale.id) or session.exec(paid).first() is not None:
        raise MoneyInSale(number=sale.number)


def _check_owed(session: Session, sale: Sale, amount_rp: int) -> None:
    if amount_rp <= 0:
        raise NothingPaid
    owed_rp = (sale.gross_rp or 0) - received_rp(session, sale.id)
    if amount_rp > owed_rp:
        raise MoreThanOwed(owed_rp=owed_rp, number=sale.number, paid_rp=amount_rp)


def pay_cost(session: Session, cost_id: int, *, account: str, on: date) -> SaleCost:
    """Pay a cost of a settled sale from cash or bank; once, and not with more than is there."""
    access.require(session, Action.MONEY_MOVE)
    check_money(account)
    sale, cost = lock_cost(session, cost_id)
    if cost.paid_entry_id is not None:
        raise CostPaidAlready(name=cost.name)
    check_settled(sale, on)
    entry = ledger.post(
        session,
        on=on,
        memo=COST_PAID,
        paper=f"sale:{sale.id}",
        postings=[
            Posting(OWED_SALE_COSTS, debit_rp=cost.amount_rp),
            Posting(account, credit_rp=cost.amount_rp),
        ],
    )
    cost.paid_entry_id = entry.id
    session.flush()
    return cost


def lock_cost(session: Session, cost_id: int) -> tuple[Sale, SaleCost]:
    """A cost and its sale, held: whoever opens the sale again or removes the cost comes after."""
    known = session.get(SaleCost, cost_id)
    if known is None:
        raise UnknownCost
    sale = lock_sale(session, known.sale_id)
    cost = session.get(SaleCost, cost_id, with_for_update=True, populate_existing=True)
    if cost is None:
        raise UnknownCost
    return sale, cost
