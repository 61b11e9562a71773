"""Slips: what each member gets from a settled sale, step by step, and its being paid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action, NotAllowed, Person
from kopprod.domain.ledger import MEMBERS_OWE, OWED_TO_MEMBERS, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, ledger
from kopprod.services.payments import check_money
from kopprod.tables.access import AppUser
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Buyer, Sale, SaleCost
from kopprod.tables.slips import Slip


class UnknownSlip(Refusal):
    """No slip of that key."""

    sentence = N_("This slip is not here. Go back to the list of slips.")


class SlipOfAnother(Refusal):
    """A member asked for a slip that is not hers."""

    sentence = N_("This slip belongs to somebody else. You can open your own slips.")


class SlipPaidAlready(Refusal):
    """Somebody paid it, perhaps a moment ago."""

    sentence = N_("Slip {number} was paid already, on {paid_on}. Nothing was paid twice.")


class NothingToPay(Refusal):
    """A slip of nothing."""

    sentence = N_("Slip {number} is of Rp0, so there is nothing to pay.")


class SettlerMayNotPay(Refusal):
    """Four eyes: whoever settled leaves the paying to somebody else."""

    sentence = N_(
        "You settled sale {number} yourself, so somebody else must pay its slips. "
        "Ask the treasurer."
    )


class SlipOnList(Refusal):
    """A slip that somebody may be paying at this moment."""

    sentence = N_(
        "Slip {number} of {name} is on a payout list that is not finished. "
        "Take it off the list first."
    )


class PaidBeforeSettled(Refusal):
    """A day on which the slip was not there."""

    sentence = N_("Slip {number} is of {settled_on}. Choose that day or a later one.")


@dataclass(frozen=True)
class Listed:
    """A slip in a list, with what it is about."""

    slip: Slip
    sale: Sale
    product: Product
    member: Member


@dataclass(frozen=True)
class Part:
    """One delivery's part in the sale: its quantity, its grade's frozen factor and its share."""

    delivery: Delivery
    grade: str
    quantity: int
    factor_bp: int
    share_rp: int
    reversal: Delivery | None = None  # the delivery was taken back after the sale was settled


@dataclass(frozen=True)
class Story:
    """Everything needed to show each step from the buyer's money to this slip's amount."""

    slip: Slip
    sale: Sale
    product: Product
    member: Member
    buyer: str
    costs: Sequence[SaleCost]
    parts: Sequence[Part]
    slips: int
    slips_rp: int
    paid_by: str

    @property
    def graded_weight_e4(self) -> int:
        """This member's graded weight in the sale, in ten-thousandths of a base unit."""
        return sum(part.quantity * part.factor_bp for part in self.parts)


def _sees_all(session: Session) -> Person | None:
    person = access.person(session)
    return person if person.may(Action.SLIPS_SEE_ALL) else None


def slips(
    session: Session, *, unpaid_only: bool = False, member_id: int | None = None
) -> list[Listed]:
    """Slips, newest first. A plain member gets her own and is refused another's."""
    if _sees_all(session) is None:
        own = access.require(session, Action.OWN_SEE).member_id
        if own is None or member_id not in (None, own):
            raise NotAllowed
        member_id = own
    query: Any = (
        select(Slip, Sale, Product, Member)
        .join(Sale, col(Sale.id) == col(Slip.sale_id))
        .join(Product, col(Product.id) == col(Sale.product_id))
        .join(Member, col(Member.id) == col(Slip.member_id))
        .order_by(col(Sale.settled_on).desc(), col(Slip.id).desc())
    )
    if member_id is not None:
        query = query.where(Slip.member_id == member_id)
    if unpaid_only:
        query = query.where(col(Slip.paid_on).is_(None), Slip.net_value_rp > 0)
    return [Listed(*row) for row in session.exec(query).all()]


def slip(session: Session, slip_id: int) -> Story:
    """One slip with every step of its arithmetic; to its member, and to whoever sees them all."""
    row = session.get(Slip, slip_id)
    if _sees_all(session) is None:
        own = access.require(session, Action.OWN_SEE).member_id
        # The same sentence whether it is there or not, so that nobody can count others' slips.
        if row is None or row.member_id != own:
            raise SlipOfAnother
    if row is None:
        raise UnknownSlip
    sale = session.get_one(Sale, row.sale_id)
    costs = select(SaleCost).where(SaleCost.sale_id == sale.id).order_by(col(SaleCost.id))
    together = select(func.count(), func.sum(Slip.net_value_rp)).where(Slip.sale_id == sale.id)
    count, sum_rp = session.exec(together).one()
    payer = None if row.paid_by_id is None else session.get(AppUser, row.paid_by_id)
    return Story(
        slip=row,
        sale=sale,
        product=session.get_one(Product, sale.product_id),
        member=session.get_one(Member, row.member_id),
        buyer=session.get_one(Buyer, sale.buyer_id).name,
        costs=session.exec(costs).all(),
        parts=_parts(session, row),
        slips=count,
        slips_rp=int(sum_rp),
        paid_by="" if payer is None else payer.name,
    )


def _parts(session: Session, row: Slip) -> list[Part]:
    taken_back = aliased(Delivery)
    query = (
        select(Delivery, Grade.name, Allotment, taken_back)
        .join(Allotment, col(Allotment.delivery_id) == col(Delivery.id))
        .join(Grade, col(Grade.id) == col(Delivery.grade_id))
        .outerjoin(taken_back, col(taken_back.reverses_id) == col(Delivery.id))
        .where(Allotment.sale_id == row.sale_id, Delivery.member_id == row.member_id)
        .order_by(col(Delivery.id))
    )
    return [
        Part(delivery, grade, part.quantity, part.factor_bp, part.share_rp or 0, reversal)
        for delivery, grade, part, reversal in session.exec(query).all()
    ]


def may_pay(session: Session, sale: Sale) -> bool:
    """Whether whoever acts may pay this sale's slips: not whom it was settled by, unless alone."""
    person = access.person(session)
    return person.may(Action.SLIPS_PAY) and (
        not _settled_by(sale, person) or not _others_pay(session, person)
    )


def _settled_by(sale: Sale, person: Person) -> bool:
    return person.user_id is not None and sale.settled_by_id == person.user_id


def _others_pay(session: Session, person: Person) -> bool:
    return access.others_who_may(session, Action.SLIPS_PAY, person.user_id)


def pay(session: Session, slip_id: int, *, account: str, on: date) -> Slip:
    """Pay a slip out of cash (1101) or bank (1103), whole and once.

    Refuses whoever settled the sale while somebody else may pay; where nobody else may, the slip
    says so. Refuses more than is there (`ledger.CashShort`). A member who left is still paid.
    """
    person = access.require(session, Action.SLIPS_PAY)
    check_money(account)
    row = session.get(Slip, slip_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownSlip
    sale = session.get_one(Sale, row.sale_id)
    _check_unpaid(row, sale, on)
    by_settler = _settled_by(sale, person)
    if by_settler and _others_pay(session, person):
        raise SettlerMayNotPay(number=sale.number)
    entry = ledger.post(
        session,
        on=on,
        memo=N_("A slip paid out"),
        paper=f"slip:{row.id}",
        postings=[
            Posting(OWED_TO_MEMBERS, debit_rp=row.net_value_rp, member_id=row.member_id),
            Posting(account, credit_rp=row.net_value_rp),
        ],
    )
    row.paid_on, row.paid_from, row.paid_entry_id = on, account, entry.id
    row.received_rp = row.net_value_rp
    row.paid_by_id, row.paid_by_settler = person.user_id, by_settler
    session.flush()
    return row


def _check_unpaid(row: Slip, sale: Sale, on: date) -> None:
    if row.paid_on is not None:
        raise SlipPaidAlready(number=row.number, paid_on=row.paid_on)
    if row.net_value_rp == 0:
        raise NothingToPay(number=row.number)
    if sale.settled_on is not None and on < sale.settled_on:
        raise PaidBeforeSettled(number=row.number, settled_on=sale.settled_on)


def void(session: Session, row: Slip, *, on: date, reason: str) -> None:
    """Take a slip out of what is owed; what the member had been paid of it, she now owes (1124).

    Part of taking back the sale or the buying behind it, which reverses its entry and asks for the
    permission. Refuses a slip that is on a payout list and not paid yet.
    """
    if row.paid_on is None and row.batch_id is not None:
        name = session.get_one(Member, row.member_id).name
        raise SlipOnList(number=row.number, name=name)
    # What had been deducted counts as paid to her: it settled other debts of hers.
    had_rp = row.net_value_rp if row.paid_on is not None else row.deducted_rp
    if had_rp:
        ledger.post(
            session,
            on=on,
            memo=N_("Paid for goods that were taken back"),
            paper=f"slip:{row.id}",
            postings=[
                Posting(MEMBERS_OWE, debit_rp=had_rp, member_id=row.member_id),
                Posting(OWED_TO_MEMBERS, credit_rp=had_rp, member_id=row.member_id),
            ],
        )
    row.voided_on, row.void_reason = on, reason
    session.flush()
