"""What members still owe for bills, what the next settlement takes of it, and their limits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.members import MemberUnknown
from kopprod.domain.payouts import ACCOUNTS, DeductionKind
from kopprod.domain.purchase_payments import check_own_limit, parts_rp
from kopprod.domain.yarnen import BillDebt, all_due_rp, taken_by_bill
from kopprod.services import access, cooperative
from kopprod.tables.ledger import Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.purchases import BillPayment, PurchaseBill
from kopprod.tables.slips import Slip
from kopprod.tables.yarnen import CreditLimit, YarnenSince

INPUTS = ACCOUNTS[DeductionKind.INPUTS]


@dataclass(frozen=True)
class Waiting:
    """A member's bills that are not paid at once, and all else that stands on her account.

    `slips` are the keys and acts of her slips, in the order in which settlements made them.
    """

    bills: tuple[PurchaseBill, ...]
    paid_rp: Mapping[int, int]
    other_rp: int
    taken_rp: int
    slips: tuple[tuple[int, int], ...] = field(default=())
    agreed: Mapping[int, int] = field(default_factory=dict)  # by bill, the act that agreed to parts

    def debts(self, slip_id: int | None = None) -> list[BillDebt]:
        """Each bill as it stands when this slip is paid, or without one at the next settlement."""
        return [self._debt(bill, slip_id) for bill in self.bills]

    def _debt(self, bill: PurchaseBill, slip_id: int | None) -> BillDebt:
        agreed = self.agreed.get(bill.id, bill.act_id)
        since = [key for key, act_id in self.slips if act_id > agreed]
        count = len(since) + 1 if slip_id is None else sum(key <= slip_id for key in since)
        return BillDebt(
            bill_id=bill.id,
            at_once_rp=bill.bill_rp - bill.deposit_rp - bill.yarnen_rp,
            parts_rp=parts_of(bill),
            paid_rp=self.paid_rp.get(bill.id, 0),
            settlements=count,
        )

    def due_rp(self, slip_id: int | None = None, *, planned_rp: int = 0) -> int:
        """What this slip (or the next settlement) may take, after `planned_rp` of earlier ones."""
        return all_due_rp(
            self.debts(slip_id), other_rp=self.other_rp, taken_rp=self.taken_rp + planned_rp
        )

    def left_rp(self) -> dict[int, int]:
        """What is still open of each bill, by its key."""
        debts = self.debts()
        taken = taken_by_bill(debts, other_rp=self.other_rp, taken_rp=self.taken_rp)
        return {debt.bill_id: debt.left_rp - taken[debt.bill_id] for debt in debts}

    def by_settlements_rp(self) -> Mapping[int, int]:
        """What settlements have paid of each bill."""
        now = [replace(debt, settlements=debt.settlements - 1) for debt in self.debts()]
        return taken_by_bill(now, other_rp=self.other_rp, taken_rp=self.taken_rp)


def waiting(session: Session, member_ids: Iterable[int]) -> dict[int, Waiting]:
    """Of those who have bills at all: what waits. The caller has asked whether one may see it."""
    ids = set(member_ids)
    query = select(PurchaseBill).where(col(PurchaseBill.member_id).in_(ids))
    bills: dict[int, list[PurchaseBill]] = {}
    for bill in session.exec(query.order_by(col(PurchaseBill.id))).all():
        bills.setdefault(bill.member_id, []).append(bill)
    if not bills:
        return {}
    paid = _paid_rp(session, bills)
    other, taken = _moved_rp(session, bills)
    slips = _slips(session, bills)
    ids_of_bills = [bill.id for rows in bills.values() for bill in rows]
    when = select(YarnenSince.bill_id, YarnenSince.act_id).where(
        col(YarnenSince.bill_id).in_(ids_of_bills)
    )
    agreed = dict(session.exec(when).all())
    return {
        member_id: Waiting(
            bills=tuple(rows),
            paid_rp=paid,
            other_rp=other.get(member_id, 0),
            taken_rp=taken.get(member_id, 0),
            slips=tuple(slips.get(member_id, ())),
            agreed=agreed,
        )
        for member_id, rows in bills.items()
    }


def _paid_rp(session: Session, member_ids: Iterable[int]) -> dict[int, int]:
    query = (
        select(BillPayment.bill_id, func.sum(BillPayment.amount_rp))
        .join(PurchaseBill, col(PurchaseBill.id) == BillPayment.bill_id)
        .where(col(PurchaseBill.member_id).in_(list(member_ids)))
        .group_by(col(BillPayment.bill_id))
    )
    return {bill_id: int(total) for bill_id, total in session.exec(query).all()}


def _moved_rp(session: Session, member_ids: Iterable[int]) -> tuple[dict[int, int], dict[int, int]]:
    """What members owe without a bill, and what was taken of their slips, by member."""
    moved = func.sum(Line.debit_rp - Line.credit_rp)
    of_slips = col(Entry.paper).like("slip:%").label("of_slips")
    query = (
        select(Line.member_id, of_slips, moved)
        .join(Entry, col(Entry.id) == Line.entry_id)
        .where(
            Line.account_code == INPUTS,
            col(Line.member_id).in_(list(member_ids)),
            col(Entry.paper).not_like("bill:%"),
        )
        # By its name: PostgreSQL does not see that an expression with a parameter is the same.
        .group_by(col(Line.member_id), of_slips.name)
    )
    other: dict[int, int] = {}
    taken: dict[int, int] = {}
    for member_id, of_slip, total in session.exec(query).all():
        if member_id is None:
            continue
        if of_slip:
            taken[member_id] = -int(total)
        else:
            other[member_id] = int(total)
    return other, taken


def _slips(session: Session, member_ids: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    query = (
        select(Slip.member_id, Slip.id, Slip.act_id)
        .where(col(Slip.member_id).in_(list(member_ids)), col(Slip.voided_on).is_(None))
        .order_by(col(Slip.id))
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for member_id, slip_id, act_id in session.exec(query).all():
        found.setdefault(member_id, []).append((slip_id, act_id))
    return found


def parts_of(bill: PurchaseBill) -> tuple[int, ...]:
    """The parts in which a bill waits for settlements."""
    return parts_rp(bill.yarnen_rp, bill.parts) if bill.yarnen_rp else ()


# How much a member may owe


def limit_rp(session: Session, member_id: int) -> int:
    """The most that a member may owe for inputs: her own limit, or else the cooperative's."""
    own_rp = own_limit_rp(session, member_id)
    return cooperative.whole(session, "yarnen_limit_rp") if own_rp is None else own_rp


def own_limit_rp(session: Session, member_id: int) -> int | None:
    """A member's own limit; none where the cooperative's counts for her."""
    query = select(CreditLimit.limit_rp).where(CreditLimit.member_id == member_id)
    return session.exec(query).first()


def keep_limit(session: Session, member_id: int, *, limit_rp: int | None) -> None:
    """Give a member a limit of her own, or (with none) that of everybody again.

    Refuses one that nobody can mean. What she owes already stays, however low it is.
    """
    access.require(session, Action.PURCHASES_CHANGE)
    # The member is the head row of her limit: two who write at once come one after the other.
    if session.get(Member, member_id, with_for_update={"key_share": True}) is None:
        raise MemberUnknown
    row = session.exec(select(CreditLimit).where(CreditLimit.member_id == member_id)).first()
    if limit_rp is not None:
        check_own_limit(limit_rp)
        if row is None:
            session.add(CreditLimit(member_id=member_id, limit_rp=limit_rp))
        else:
            row.limit_rp = limit_rp
    elif row is not None:
        session.delete(row)
    session.flush()
