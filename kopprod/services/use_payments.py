"""Bills of machines and their money: what members owe, what they paid, what operators are owed.

A payment counts for its booking, also where the return was written anew. What payouts took, and
what was paid too much, counts for the oldest bill that is open.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import HIRE_OWED, OWED_OPERATORS, Posting
from kopprod.domain.payouts import DeductionKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, ledger, numbers, sent, use_rows
from kopprod.services.payments import check_money, post_row
from kopprod.services.uses import PAYMENTS
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentTariff, EquipmentUnit
from kopprod.tables.members import Member
from kopprod.tables.payouts import SlipDeduction
from kopprod.tables.slips import Slip
from kopprod.tables.uses import OperatorPayment, Use, UseLine, UsePayment

_WAGES = "UPAH"
# What who is no member had paid went back to him.
_STANDS = col(Use.member_id).is_not(None) | col(Use.reversed_on).is_(None)


class NothingPaidForUse(Refusal):
    """A payment of nothing."""

    sentence = N_("Please type the amount that was paid.")


class MoreThanOpenOfUse(Refusal):
    """Less is open of this bill."""

    sentence = N_("Only {left_rp} of {number} is open, so {paid_rp} is too much.")


class NotBilledYet(Refusal):
    """The machine is still out, or its return was reversed."""

    sentence = N_("{number} has no bill that stands. Write down the return first.")


class BeforeUse(Refusal):
    """Money for a bill that was not there yet."""

    sentence = N_("The bill of {number} is of {billed_on}. Choose that day or a later one.")


class MoreThanKept(Refusal):
    """An operator gets what was kept for him, no more."""

    sentence = N_("{kept_rp} is kept for {name}, so {paid_rp} is too much.")


@dataclass(frozen=True)
class Billed:
    """A bill that stands, with its lines, what was paid for it and what is open."""

    use: Use
    booking: Booking
    kind: Equipment
    unit: EquipmentUnit
    member: Member | None
    name: str
    lines: Sequence[UseLine]
    tariff: EquipmentTariff
    payments: Sequence[UsePayment]  # of its booking, perhaps more than it costs now
    paid_rp: int
    taken_rp: int  # by payouts, or from what was paid too much for another

    @property
    def left_rp(self) -> int:
        """What is still open."""
        return self.use.bill_rp - self.paid_rp - self.taken_rp


@dataclass(frozen=True)
class Kept:
    """What an operator earned, what he got, and what is kept for him."""

    member: Member
    earned_rp: int
    paid_rp: int

    @property
    def left_rp(self) -> int:
        """What he can fetch; below nothing where he got too much."""
        return self.earned_rp - self.paid_rp


# Bills


def bills(session: Session, *, member_id: int | None = None) -> list[Billed]:
    """Every bill that stands, the newest first; a plain member gets her own."""
    whose = access.whose(session, member_id, all_see=Action.MEMBERS_SEE)
    query = (
        select(Use, Booking, Equipment, Member)
        .join(Booking, col(Booking.id) == col(Use.booking_id))
        .join(Equipment, col(Equipment.id) == col(Booking.equipment_id))
        .outerjoin(Member, col(Member.id) == col(Use.member_id))
        .where(col(Use.returned_at).is_not(None), col(Use.reversed_on).is_(None))
        .order_by(col(Use.billed_on), col(Use.id))
    )
    if whose is not None:
        query = query.where(Use.member_id == whose)
    rows = session.exec(query).all()
    covered = _covered(session, [row[0] for row in rows], member_id=whose)
    lines: dict[int, list[UseLine]] = defaultdict(list)
    ids = [row[0].id for row in rows]
    parts = select(UseLine).where(col(UseLine.use_id).in_(ids)).order_by(col(UseLine.id))
    for line in session.exec(parts).all():
        lines[line.use_id].append(line)
    payments = _payments(session, [row[1].id for row in rows])
    return [
        Billed(
            use=row,
            booking=booking,
            kind=kind,
            unit=session.get_one(EquipmentUnit, row.unit_id),
            member=member,
            name=booking.other_name if member is None else member.name,
            lines=lines[row.id],
            tariff=session.get_one(EquipmentTariff, row.tariff_id),
            payments=payments[booking.id],
            paid_rp=covered[row.id][0],
            taken_rp=covered[row.id][1],
        )
        for row, booking, kind, member in reversed(rows)
    ]


def bill(session: Session, use_id: int) -> Billed:
    """One bill that stands, to its member and to the office."""
    row = use_rows.use(session, use_id)
    for one in bills(session, member_id=row.member_id):
        if one.use.id == use_id:
            return one
    raise NotBilledYet(number=row.number)


def _covered(
    session: Session, rows: Sequence[Use], *, member_id: int | None
) -> dict[int, tuple[int, int]]:
    """What was paid for each bill, and what else counts for it; `rows` oldest first, of everybody
    or all of one member's.

    What is paid too much, and what payouts took, goes to the oldest that is open.
    """
    paid = _paid_by_booking(session, member_id)
    pools = _taken_by_member(session, member_id)
    bills_rp = {row.booking_id: row.bill_rp for row in rows}
    for booking_id, (payer_id, amount_rp) in paid.items():
        if payer_id is not None:
            pools[payer_id] += max(amount_rp - bills_rp.get(booking_id, 0), 0)
    found = {}
    for row in rows:
        own_rp = min(paid.get(row.booking_id, (None, 0))[1], row.bill_rp)
        other_rp = 0
        if row.member_id is not None:
            other_rp = min(row.bill_rp - own_rp, max(pools[row.member_id], 0))
            pools[row.member_id] -= other_rp
        found[row.id] = own_rp, other_rp
    return found


def _payments(session: Session, booking_ids: Sequence[int]) -> dict[int, list[UsePayment]]:
    query = (
        select(UsePayment, Use.booking_id)
        .join(Use, col(Use.id) == col(UsePayment.use_id))
        .where(col(Use.booking_id).in_(booking_ids), _STANDS)
        .order_by(col(UsePayment.id))
    )
    found: dict[int, list[UsePayment]] = defaultdict(list)
    for payment, booking_id in session.exec(query).all():
        found[booking_id].append(payment)
    return found


def _paid_by_booking(session: Session, member_id: int | None) -> dict[int, tuple[int | None, int]]:
    query = (
        select(Use.booking_id, Use.member_id, func.sum(UsePayment.amount_rp))
        .join(UsePayment, col(UsePayment.use_id) == col(Use.id))
        .where(_STANDS, *([] if member_id is None else [Use.member_id == member_id]))
        .group_by(col(Use.booking_id), col(Use.member_id))
    )
    return {key: (member_id, int(sum_rp)) for key, member_id, sum_rp in session.exec(query).all()}


def _taken_by_member(session: Session, member_id: int | None) -> dict[int, int]:
    query = (
        select(Slip.member_id, func.sum(SlipDeduction.amount_rp))
        .join(SlipDeduction, col(SlipDeduction.slip_id) == col(Slip.id))
        .where(
            SlipDeduction.kind == DeductionKind.HIRE,
            *([] if member_id is None else [Slip.member_id == member_id]),
        )
        .group_by(col(Slip.member_id))
    )
    return defaultdict(int, {key: int(sum_rp) for key, sum_rp in session.exec(query).all()})


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
        raise NotBilledYet(number=row.number)
    if on < row.billed_on:
        raise BeforeUse(number=row.number, billed_on=row.billed_on)
    if amount_rp <= 0:
        raise NothingPaidForUse
    left_rp = bill(session, use_id).left_rp
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
    paid = select(OperatorPayment.member_id, func.sum(OperatorPayment.amount_rp)).group_by(
        col(OperatorPayment.member_id)
    )
    earned_rp = {key: int(sum_rp or 0) for key, sum_rp in session.exec(earned).all()}
    paid_rp = {key: int(sum_rp) for key, sum_rp in session.exec(paid).all()}
    query = select(Member).where(col(Member.id).in_(earned_rp.keys() | paid_rp.keys()))
    if whose is not None:
        query = query.where(Member.id == whose)
    return [
        Kept(row, earned_rp.get(row.id, 0), paid_rp.get(row.id, 0))
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
