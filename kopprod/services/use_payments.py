"""Money of machines: what members pay for their bills, and what operators get."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import HIRE_OWED, OWED_OPERATORS, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, ledger, numbers, sent, use_debts, use_rows
from kopprod.services.payments import check_money, post_row
from kopprod.services.uses import PAYMENTS
from kopprod.tables.members import Member
from kopprod.tables.uses import OperatorPayment, Use, UsePayment

_WAGES = "UPAH"


class NothingPaidForUse(Refusal):
    """A payment of nothing."""

    sentence = N_("Please type the amount that was paid.")


class MoreThanOpenOfUse(Refusal):
    """Less is open of this bill."""

    sentence = N_("Only {left_rp} of {number} is open, so {paid_rp} is too much.")


class BeforeUse(Refusal):
    """Money for a bill that was not there yet."""

    sentence = N_("The bill of {number} is of {billed_on}. Choose that day or a later one.")


class MoreThanKept(Refusal):
    """An operator gets what was kept for him, no more."""

    sentence = N_("{kept_rp} is kept for {name}, so {paid_rp} is too much.")


@dataclass(frozen=True)
class Kept:
    """What an operator earned, what he got, and what is kept for him."""

    member: Member
    earned_rp: int
    paid_rp: int
    payments: int  # how often he was paid

    @property
    def left_rp(self) -> int:
        """What he can fetch; below nothing where he got too much."""
        return self.earned_rp - self.paid_rp


# Members


def pay(
    session: Session,
    use_id: int,
    *,
    amount_rp: int,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> UsePayment:
    """Take money for a bill, in part or whole; refuses more than is open.

    The same `draft_key` again gives the payment that is there.
    """
    access.require(session, Action.MONEY_MOVE)
    check_money(account)
    numbers.wait_turn(session, PAYMENTS, on.year)
    row = use_rows.use(session, use_id)
    # Payouts take of the same debt, in the same turn as every entry.
    numbers.wait_turn(session, ledger.COUNTER)
    session.refresh(row)
    facts = {"use_id": use_id, "amount_rp": amount_rp, "account_code": account}
    known = sent.same(session, UsePayment, draft_key, facts)
    if known is not None:
        return known
    if row.billed_on is None or row.reversed_on is not None:
        raise use_debts.NotBilledYet(number=row.number)
    if on < row.billed_on:
        raise BeforeUse(number=row.number, billed_on=row.billed_on)
    if amount_rp <= 0:
        raise NothingPaidForUse
    left_rp = use_debts.bill(session, use_id).left_rp
    if amount_rp > left_rp:
        raise MoreThanOpenOfUse(left_rp=left_rp, number=row.number, paid_rp=amount_rp)
    return post_row(
        session,
        UsePayment,
        facts | {"number": numbers.take(session, PAYMENTS, on.year)},
        other=Posting(HIRE_OWED, credit_rp=amount_rp, member_id=row.member_id),
        on=on,
        memo=N_("Use of a machine paid"),
        paper=f"use:{row.id}",
        draft_key=draft_key,
    )


# Operators


def kept_for_operators(session: Session, *, member_id: int | None = None) -> list[Kept]:
    """What is kept for whom of the income of machines, by name; a plain member gets her own."""
    whose = access.whose(session, member_id, all_see=Action.MEMBERS_SEE)
    earned = (
        select(Use.operator_id, func.sum(Use.operator_rp))
        .where(col(Use.operator_id).is_not(None), col(Use.reversed_on).is_(None))
        .group_by(col(Use.operator_id))
    )
    sums = func.sum(OperatorPayment.amount_rp), func.count()
    paid = select(OperatorPayment.member_id, *sums).group_by(col(OperatorPayment.member_id))
    earned_rp = {key: int(sum_rp or 0) for key, sum_rp in session.exec(earned).all()}
    paid_to = {key: (int(sum_rp), times) for key, sum_rp, times in session.exec(paid).all()}
    query = select(Member).where(col(Member.id).in_(earned_rp.keys() | paid_to.keys()))
    if whose is not None:
        query = query.where(Member.id == whose)
    return [
        Kept(row, earned_rp.get(row.id, 0), *paid_to.get(row.id, (0, 0)))
        for row in session.exec(query.order_by(col(Member.name), col(Member.id))).all()
    ]


def pay_operator(
    session: Session,
    member_id: int,
    *,
    amount_rp: int,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> OperatorPayment:
    """Hand an operator what was kept for him, in part or whole; never more.

    The same `draft_key` again gives the payment that is there.
    """
    access.require(session, Action.MONEY_MOVE)
    check_money(account)
    numbers.wait_turn(session, _WAGES, on.year)
    numbers.wait_turn(session, ledger.COUNTER)
    facts = {"member_id": member_id, "amount_rp": amount_rp, "account_code": account}
    known = sent.same(session, OperatorPayment, draft_key, facts)
    if known is not None:
        return known
    if amount_rp <= 0:
        raise NothingPaidForUse
    kept = kept_for_operators(session, member_id=member_id)
    left_rp = max(kept[0].left_rp, 0) if kept else 0
    if amount_rp > left_rp:
        name = session.get_one(Member, member_id).name
        raise MoreThanKept(kept_rp=left_rp, name=name, paid_rp=amount_rp)
    number = numbers.take(session, _WAGES, on.year)
    return post_row(
        session,
        OperatorPayment,
        facts | {"number": number},
        other=Posting(OWED_OPERATORS, debit_rp=amount_rp),
        on=on,
        memo=N_("Operator of a machine paid"),
        paper=f"operator:{number}",
        draft_key=draft_key,
    )
