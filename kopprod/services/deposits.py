"""Deposits of a purchase: taken in advance, used for the bill, and the rest given back."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import Posting
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, ledger, numbers, sent
from kopprod.services.payments import check_money, post_row
from kopprod.services.purchase_goods import has_goods
from kopprod.services.purchase_rows import lock_purchase
from kopprod.tables.ledger import Line
from kopprod.tables.members import Member
from kopprod.tables.purchases import Deposit, PurchaseBill

DEPOSITS = "2105"
_NUMBERS = "TITIP"
_TAKES = (PurchaseStage.OPEN, PurchaseStage.LOCKED, PurchaseStage.ORDERED)


class NothingDeposited(Refusal):
    """A deposit of nothing."""

    sentence = N_("Type how much was deposited.")


class NoDepositNow(Refusal):
    """A deposit before the purchase is open, or when bills can be paid."""

    sentence = N_("{number} takes no deposits now. Look at it again.")


class UnknownDeposit(Refusal):
    """No deposit of that key."""

    sentence = N_("This deposit is not here. Go back to the list of purchases.")


class DepositUsed(Refusal):
    """Nothing is left of it to give back."""

    sentence = N_("Nothing of deposit {number} is left to give back.")


class BeforeDeposit(Refusal):
    """Money given back before it was there."""

    sentence = N_("Deposit {number} was paid on {paid_on}. Choose that day or a later one.")


class GoodsAreHere(Refusal):
    """What has come belongs to somebody."""

    sentence = N_("Goods of {number} have come, so it cannot be called off any more.")


@dataclass(frozen=True)
class Held:
    """A deposit with what of it is neither used nor given back."""

    deposit: Deposit
    member: Member
    left_rp: int


def take(
    session: Session,
    purchase_id: int,
    member_id: int,
    *,
    amount_rp: int,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> Deposit:
    """Take a member's money in advance into cash (1101) or bank (1103).

    The same `draft_key` again gives the deposit that is there.
    """
    access.require(session, Action.MONEY_MOVE)
    check_money(account)
    numbers.wait_turn(session, _NUMBERS, on.year)
    purchase = lock_purchase(session, purchase_id)
    facts = {
        "purchase_id": purchase_id,
        "member_id": member_id,
        "amount_rp": amount_rp,
        "account_code": account,
    }
    known = sent.same(session, Deposit, draft_key, facts)
    if known is not None:
        return known
    if purchase.stage not in _TAKES:
        raise NoDepositNow(number=purchase.number)
    if amount_rp <= 0:
        raise NothingDeposited
    number = numbers.take(session, _NUMBERS, on.year)
    return post_row(
        session,
        Deposit,
        facts | {"number": number},
        other=Posting(DEPOSITS, credit_rp=amount_rp, member_id=member_id),
        on=on,
        memo=N_("Deposit for a pooled purchase"),
        paper=f"deposit:{number}",
        draft_key=draft_key,
    )


def give_back(session: Session, deposit_id: int, *, on: date) -> Deposit:
    """Give back what no bill has used, out of the account into which it was paid."""
    access.require(session, Action.MONEY_MOVE)
    row = session.get(Deposit, deposit_id)
    if row is None:
        raise UnknownDeposit
    lock_purchase(session, row.purchase_id)
    return _give_back(session, deposit_id, on=on)


def _give_back(session: Session, deposit_id: int, *, on: date) -> Deposit:
    row = session.get_one(Deposit, deposit_id, with_for_update=True, populate_existing=True)
    left_rp = left_by_deposit(session, row.purchase_id).get(row.id, 0)
    if row.returned_on is not None or not left_rp:
        raise DepositUsed(number=row.number)
    if on < row.paid_on:
        raise BeforeDeposit(number=row.number, paid_on=row.paid_on)
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Deposit given back"),
        paper=f"deposit:{row.number}",
        postings=[
            Posting(DEPOSITS, debit_rp=left_rp, member_id=row.member_id),
            Posting(row.account_code, credit_rp=left_rp),
        ],
    )
    row.returned_on, row.returned_entry_id = on, entry.id
    session.flush()
    return row


def refund_deposits(session: Session, purchase_id: int, on: date) -> list[Deposit]:
    """Give back every deposit of a purchase that is called off; part of cancelling it.

    Refuses where goods have come already.
    """
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = lock_purchase(session, purchase_id)
    if has_goods(session, purchase_id):
        raise GoodsAreHere(number=purchase.number)
    return [_give_back(session, key, on=on) for key in left_by_deposit(session, purchase_id)]


def deposits(
    session: Session, purchase_id: int | None = None, *, member_id: int | None = None
) -> list[Held]:
    """Deposits, the newest first; a plain member gets her own and is refused another's."""
    whose = access.whose(session, member_id, all_see=Action.MEMBERS_SEE)
    query = select(Deposit, Member).join(Member, col(Member.id) == col(Deposit.member_id))
    if purchase_id is not None:
        query = query.where(Deposit.purchase_id == purchase_id)
    if whose is not None:
        query = query.where(Deposit.member_id == whose)
    rows = session.exec(query.order_by(col(Deposit.id).desc())).all()
    left: dict[int, int] = {}
    for key in {row.purchase_id for row, _member in rows}:
        left |= left_by_deposit(session, key)
    return [Held(row, member, left.get(row.id, 0)) for row, member in rows]


def left_by_deposit(session: Session, purchase_id: int) -> dict[int, int]:
    """What of each deposit is neither used nor given back, by its key; the caller may see it."""
    bills = select(PurchaseBill).where(PurchaseBill.purchase_id == purchase_id)
    used = {row.member_id: row.deposit_rp for row in session.exec(bills).all()}
    query = select(Deposit).where(Deposit.purchase_id == purchase_id).order_by(col(Deposit.id))
    rows = session.exec(query).all()
    for row in rows:
        if row.returned_entry_id is not None:
            back = select(Line.debit_rp).where(
                Line.entry_id == row.returned_entry_id, Line.account_code == DEPOSITS
            )
            stayed_rp = row.amount_rp - session.exec(back).one()
            used[row.member_id] = used.get(row.member_id, 0) - stayed_rp
    left: dict[int, int] = {}
    for row in rows:
        if row.returned_on is None:
            mine_rp = min(used.get(row.member_id, 0), row.amount_rp)
            used[row.member_id] = used.get(row.member_id, 0) - mine_rp
            if row.amount_rp > mine_rp:
                left[row.id] = row.amount_rp - mine_rp
    return left
