"""Paying bills of purchases: cash and bank, in part or whole, and what waits for settlements."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from kopprod.domain import purchase_payments as rules
from kopprod.domain.access import Action
from kopprod.domain.ledger import Posting
from kopprod.domain.payouts import Agreed, DeductionKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, deductions, ledger, numbers, sent, yarnen
from kopprod.services.payments import check_money, post_row
from kopprod.services.purchase_bills import UnknownBill
from kopprod.services.purchase_rows import lock_purchase
from kopprod.services.yarnen import INPUTS
from kopprod.tables.members import Member
from kopprod.tables.purchases import BillPayment, PurchaseBill
from kopprod.tables.yarnen import YarnenSince

_NUMBERS = "BAYARNOTA"
MOST_OF_PAYOUT_BP = 5_000  # of each payout, where a member has agreed to nothing yet


class NothingPaidOnBill(Refusal):
    """A payment of nothing."""

    sentence = N_("Please type the amount that was paid.")


class MoreThanOpen(Refusal):
    """She owes less for this bill."""

    sentence = N_("Only {left_rp} of bill {number} is open, so {paid_rp} is too much.")


class BeforeBill(Refusal):
    """Money for a bill that was not there yet."""

    sentence = N_("Bill {number} is of {billed_on}. Choose that day or a later one.")


class YarnenNotOffered(Refusal):
    """The purchase is to be paid at once."""

    sentence = N_("{number} is paid at once: the manager offered no payment at harvest (yarnen).")


class YarnenTooManyParts(Refusal):
    """More parts than the manager offered."""

    sentence = N_("{number} is paid in {most} parts at the most.")


class YarnenAgreed(Refusal):
    """What waits was agreed once; paying earlier is always possible."""

    sentence = N_("For bill {number} it is agreed already what waits for settlements.")


def pay(
    session: Session,
    bill_id: int,
    *,
    amount_rp: int,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> BillPayment:
    """Take money for a bill, in part or whole; refuses more than is open.

    The same `draft_key` again gives the payment that is there.
    """
    access.require(session, Action.MONEY_MOVE)
    check_money(account)
    numbers.wait_turn(session, _NUMBERS, on.year)
    row = _locked(session, bill_id)
    facts = {"bill_id": bill_id, "amount_rp": amount_rp, "account_code": account}
    known = sent.same(session, BillPayment, draft_key, facts)
    if known is not None:
        return known
    if on < row.billed_on:
        raise BeforeBill(number=row.number, billed_on=row.billed_on)
    if amount_rp <= 0:
        raise NothingPaidOnBill
    left_rp = left_of(session, row)
    if amount_rp > left_rp:
        raise MoreThanOpen(left_rp=left_rp, number=row.number, paid_rp=amount_rp)
    return post_row(
        session,
        BillPayment,
        facts | {"number": numbers.take(session, _NUMBERS, on.year)},
        other=Posting(INPUTS, credit_rp=amount_rp, member_id=row.member_id),
        on=on,
        memo=N_("A bill of a pooled purchase paid"),
        paper=f"bill:{row.id}",
        draft_key=draft_key,
    )


def left_of(session: Session, row: PurchaseBill) -> int:
    """What is open of a bill, and never more than she owes for inputs in all."""
    mine = yarnen.waiting(session, [row.member_id])[row.member_id]
    owed_rp = ledger.balance_rp(session, INPUTS, member_id=row.member_id)
    return max(0, min(mine.left_rp()[row.id], owed_rp))


def _locked(session: Session, bill_id: int) -> PurchaseBill:
    row = session.get(PurchaseBill, bill_id)
    if row is None:
        raise UnknownBill
    lock_purchase(session, row.purchase_id)
    # Settlements take of the same debt, in the same turn as every entry.
    numbers.wait_turn(session, ledger.COUNTER)
    session.refresh(row)
    return row


@dataclass(frozen=True)
class Credit:
    """What a member may owe for inputs at the most, and what she owes beside the bill looked at."""

    limit_rp: int
    owed_rp: int

    @property
    def room_rp(self) -> int:
        """What may still wait for settlements."""
        return max(0, self.limit_rp - self.owed_rp)


def credit(session: Session, member_id: int, *, bill_id: int | None = None) -> Credit:
    """A member's limit and how much of it is taken; what is open of `bill_id` does not count.

    A member sees only her own.
    """
    access.require(session, Action.PURCHASES_SEE)
    access.whose(session, member_id, all_see=Action.MEMBERS_SEE)
    owed_rp = ledger.balance_rp(session, INPUTS, member_id=member_id)
    if bill_id is not None:
        owed_rp -= left_of(session, session.get_one(PurchaseBill, bill_id))
    return Credit(yarnen.limit_rp(session, member_id), max(0, owed_rp))


def let_wait(
    session: Session, bill_id: int, *, amount_rp: int, parts: int, on: date
) -> PurchaseBill:
    """Agree that so much of a bill is taken from her next settlements, in so many parts (yarnen).

    Refuses what the purchase does not offer, more than is open, and what takes her over the limit.
    Whoever has agreed to no deduction for inputs agrees with it.
    """
    access.require(session, Action.MONEY_MOVE)
    row = _locked(session, bill_id)
    purchase = lock_purchase(session, row.purchase_id)
    if row.yarnen_rp:
        raise YarnenAgreed(number=row.number)
    if not purchase.most_parts:
        raise YarnenNotOffered(number=purchase.number)
    if parts > purchase.most_parts:
        raise YarnenTooManyParts(number=purchase.number, most=purchase.most_parts)
    if on < row.billed_on:
        raise BeforeBill(number=row.number, billed_on=row.billed_on)
    left_rp = left_of(session, row)
    owed_rp = ledger.balance_rp(session, INPUTS, member_id=row.member_id)
    found = rules.payment(
        left_rp,
        deposit_rp=0,
        yarnen_rp=amount_rp,
        parts=parts,
        owed_rp=owed_rp - left_rp,
        limit_rp=yarnen.limit_rp(session, row.member_id),
        name=session.get_one(Member, row.member_id).name,
    )
    if not found.yarnen_rp:
        raise NothingPaidOnBill
    row.yarnen_rp, row.parts = found.yarnen_rp, parts
    session.add(YarnenSince(bill_id=row.id, agreed_on=on))
    session.flush()
    _agree(session, row.member_id, on=on)
    return row


def _agree(session: Session, member_id: int, *, on: date) -> None:
    terms = deductions.terms(session, member_id)
    if any(one.kind is DeductionKind.INPUTS for one in terms.agreed):
        return
    place = max((one.position for one in terms.agreed), default=0) + 1
    deductions.agree(
        session,
        member_id,
        agreed=[*terms.agreed, Agreed(DeductionKind.INPUTS, place)],
        most_bp=terms.most_bp or MOST_OF_PAYOUT_BP,
        on=on,
    )
