"""Slips: what each member gets from a settled sale, step by step, and its being paid out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action, NotAllowed, Person
from kopprod.domain.ledger import MEMBERS_OWE, OWED_TO_MEMBERS, Posting
from kopprod.domain.payouts import DeductionKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, bought, deductions, ledger, payout_rows, reckoning, references
from kopprod.services.bought import BoughtStory
from kopprod.services.payments import check_money
from kopprod.services.reckoning import Borne
from kopprod.tables.access import AppUser
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, GradeFactor, Product
from kopprod.tables.sales import Allotment, Buyer, Sale, SaleCost
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Act

NEWEST = 1_000  # slips that a list of all shows

_MADE_ON = func.coalesce(Sale.settled_on, Buying.bought_on, Sale.sold_on)


class UnknownSlip(Refusal):
    """No slip of that key."""

    sentence = N_("This slip is not here. Go back to the list of slips.")


class SlipOfAnother(Refusal):
    """A member asked for a slip that is not hers."""

    sentence = N_("This slip belongs to somebody else. You can open your own slips.")


class SlipPaidAlready(Refusal):
    """Somebody paid it, perhaps a moment ago."""

    sentence = N_("Slip {number} was paid already, on {paid_on}. Nothing was paid twice.")


class SlipCancelled(Refusal):
    """What was settled has been taken back, so nothing is owed by this slip."""

    sentence = N_("Slip {number} was cancelled on {voided_on}, so nothing is paid by it.")


class NothingToPay(Refusal):
    """A slip of nothing."""

    sentence = N_("Slip {number} is of Rp0, so there is nothing to pay.")


class SettlerMayNotPay(Refusal):
    """Four eyes: whoever settled leaves the paying to somebody else."""

    sentence = N_(
        "You settled sale {number} yourself, so somebody else must pay its slips. "
        "Ask the treasurer."
    )


class WeigherMayNotPay(Refusal):
    """Four eyes: whoever bought the goods leaves the paying to somebody else."""

    sentence = N_(
        "You bought delivery {number} yourself, so somebody else must pay for it. "
        "Ask the treasurer."
    )


class OtherAmount(Refusal):
    """What the member lets be taken, or what she owes, changed while the slip was on a screen."""

    sentence = N_(
        "Of slip {number} {left_rp} is paid now, not {seen_rp}: what is taken of it has changed. "
        "Look at it again; nothing was paid."
    )


class PaidBeforeSettled(Refusal):
    """A day on which the slip was not there."""

    sentence = N_("Slip {number} is of {settled_on}. Choose that day or a later one.")


@dataclass(frozen=True)
class Listed:
    """A slip in a list, with what it is about: a settled sale, or a delivery bought outright.

    `batch` is the number of the unfinished payout list that it is on, if it is.
    """

    slip: Slip
    product: Product
    member: Member
    sale: Sale | None
    buying: Buying | None = None
    delivery: Delivery | None = None
    batch: str = ""

    @property
    def made_on(self) -> date:
        """Since when it is owed."""
        if self.buying is not None:
            return self.buying.bought_on
        if self.sale is None:
            raise ValueError("a slip of nothing")
        return self.sale.settled_on or self.sale.sold_on  # taken back, it is open again

    @property
    def sold_on(self) -> date:
        """The day of its sale; of bought goods, on which they were bought."""
        return self.made_on if self.sale is None else self.sale.sold_on

    @property
    def of_number(self) -> str:
        """The number of its sale or its delivery."""
        return next(found.number for found in (self.sale, self.delivery) if found is not None)


@dataclass(frozen=True)
class Part:
    """One delivery's part in the sale: its quantity, its grade's frozen factor and its share."""

    delivery: Delivery
    grade: str
    quantity: int
    factor_bp: int
    share_rp: int
    reversal: Delivery | None = None  # the delivery was taken back after the sale was settled
    factor_since: date | None = None  # from which day on the grade counts for that


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
    borne: Mapping[str, Sequence[Borne]]
    paid_by: str
    taken: Mapping[DeductionKind, int] = field(default_factory=dict)
    batch: str = ""  # the unfinished payout list that it is on

    @property
    def grades(self) -> dict[str, str]:
        """The grade of each delivery, by its number."""
        return {part.delivery.number: part.grade for part in self.parts}

    @property
    def graded_weight_e4(self) -> int:
        """This member's graded weight in the sale, in ten-thousandths of a base unit."""
        return sum(part.quantity * part.factor_bp for part in self.parts)


def _sees_all(session: Session) -> Person | None:
    person = access.person(session)
    return person if person.may(Action.SLIPS_SEE_ALL) else None


def slips(
    session: Session, *, unpaid_only: bool = False, member_id: int | None = None, newest: int = 0
) -> list[Listed]:
    """Slips, newest first, or only so many of the `newest`.

    A plain member gets her own and is refused another's.
    """
    if _sees_all(session) is None:
        own = access.require(session, Action.OWN_SEE).member_id
        if own is None or member_id not in (None, own):
            raise NotAllowed
        member_id = own
    query: Any = (
        select(Slip, Product, Member, Sale, Buying, Delivery)  # type: ignore[call-overload]
        .outerjoin(Sale, col(Sale.id) == col(Slip.sale_id))
        .outerjoin(Buying, col(Buying.id) == col(Slip.buying_id))
        .outerjoin(Delivery, col(Delivery.id) == col(Buying.delivery_id))
        .join(Product, col(Product.id) == func.coalesce(Sale.product_id, Delivery.product_id))
        .join(Member, col(Member.id) == col(Slip.member_id))
        .order_by(_MADE_ON.desc(), col(Slip.id).desc())
    )
    if member_id is not None:
        query = query.where(Slip.member_id == member_id)
    if unpaid_only:
        query = query.where(col(Slip.paid_on).is_(None), Slip.net_value_rp > 0)
        query = query.where(col(Slip.voided_on).is_(None))
    if newest:  # by their keys first: no joining of all that ever was
        latest = select(Slip.id).order_by(col(Slip.id).desc()).limit(newest)
        query = query.where(col(Slip.id).in_(latest))
    lists = payout_rows.on_lists(session)
    found = [Listed(*row) for row in session.exec(query).all()]
    return [replace(one, batch=lists.get(one.slip.id, "")) for one in found]


def slip(session: Session, slip_id: int) -> Story | BoughtStory:
    """One slip with every step of its arithmetic; to its member, and to whoever sees them all."""
    row = session.get(Slip, slip_id)
    if _sees_all(session) is None:
        own = access.require(session, Action.OWN_SEE).member_id
        # The same sentence whether it is there or not, so that nobody can count others' slips.
        if row is None or row.member_id != own:
            raise SlipOfAnother
    if row is None:
        raise UnknownSlip
    found = bought.story(session, row) if row.buying_id is not None else _story(session, row)
    return replace(
        found,
        taken=deductions.taken(session, [row.id]).get(row.id, {}),
        batch=payout_rows.on_lists(session, Slip.id == row.id).get(row.id, ""),
    )


def _story(session: Session, row: Slip) -> Story:
    sale = session.get_one(Sale, row.sale_id)
    costs = select(SaleCost).where(SaleCost.sale_id == sale.id).order_by(col(SaleCost.id))
    together = select(func.count(), func.coalesce(func.sum(Slip.net_value_rp), 0)).where(
        Slip.sale_id == sale.id, col(Slip.voided_on).is_(None)
    )
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
        borne=reckoning.borne_in(session, sale),
        paid_by="" if payer is None else payer.name,
    )


def _parts(session: Session, row: Slip) -> list[Part]:
    taken_back = aliased(Delivery)
    counted = (
        (col(GradeFactor.grade_id) == Delivery.grade_id)
        & (col(GradeFactor.factor_bp) == Allotment.factor_bp)
        & (col(GradeFactor.since) <= Delivery.received_on)
        & (col(GradeFactor.until).is_(None) | (col(GradeFactor.until) > Delivery.received_on))
    )
    query: Any = (
        select(Delivery, Grade.name, Allotment, taken_back, GradeFactor.since)  # type: ignore[call-overload]
        .join(Allotment, col(Allotment.delivery_id) == col(Delivery.id))
        .join(Grade, col(Grade.id) == col(Delivery.grade_id))
        .outerjoin(taken_back, col(taken_back.reverses_id) == col(Delivery.id))
        .outerjoin(GradeFactor, counted)
        .where(Allotment.sale_id == row.sale_id, Delivery.member_id == row.member_id)
        .order_by(col(Delivery.id))
    )
    return [
        Part(delivery, grade, part.quantity, part.factor_bp, part.share_rp or 0, reversal, since)
        for delivery, grade, part, reversal, since in session.exec(query).all()
    ]


@dataclass(frozen=True)
class Source:
    """What a slip is of: the number of its sale or delivery, since when, and who made it."""

    number: str
    on: date
    made_by_id: int | None
    is_sale: bool


def source(session: Session, row: Slip) -> Source:
    """The sale or the bought delivery behind a slip."""
    if row.sale_id is not None:
        sale = session.get_one(Sale, row.sale_id)
        return Source(sale.number, sale.settled_on or sale.sold_on, sale.settled_by_id, True)
    bought = session.get_one(Buying, row.buying_id)
    delivery = session.get_one(Delivery, bought.delivery_id)
    by_id = session.get_one(Act, bought.act_id).user_id
    return Source(delivery.number, bought.bought_on, by_id, False)


def payable(session: Session, rows: Iterable[Slip]) -> set[int]:
    """Which of these unpaid slips whoever acts may pay: not of her own sales, unless alone."""
    person, ids = access.person(session), {row.id for row in rows}
    if not person.may(Action.SLIPS_PAY):
        return set()
    others = access.others_who_may(session, Action.SLIPS_PAY, person.user_id)
    return ids - payout_rows.made_by(session, person.user_id) if others else ids


def _made_by(of: Source, person: Person) -> bool:
    return person.user_id is not None and of.made_by_id == person.user_id


def lock(session: Session, slip_id: int) -> Slip:
    """The slip as it is now, held until the transaction ends."""
    row = session.get(Slip, slip_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownSlip
    return row


def check_payable(session: Session, row: Slip, *, on: date) -> bool:
    """Refuse a slip that cannot be paid, or not by whoever acts; gives whether she settled it."""
    person = access.require(session, Action.SLIPS_PAY)
    if row.voided_on is not None:
        raise SlipCancelled(number=row.number, voided_on=row.voided_on)
    if row.paid_on is not None:
        raise SlipPaidAlready(number=row.number, paid_on=row.paid_on)
    if row.net_value_rp == 0:
        raise NothingToPay(number=row.number)
    of = source(session, row)
    if on < of.on:
        raise PaidBeforeSettled(number=row.number, settled_on=of.on)
    by_maker = _made_by(of, person)
    if by_maker and access.others_who_may(session, Action.SLIPS_PAY, person.user_id):
        raise (SettlerMayNotPay if of.is_sale else WeigherMayNotPay)(number=of.number)
    return by_maker


def pay(
    session: Session, slip_id: int, *, account: str, on: date, seen_rp: int | None = None
) -> Slip:
    """Take what the member agreed to and pay the rest out of cash (1101) or bank (1103), once.

    Refuses whoever settled the sale while somebody else may pay; where nobody else may, the slip
    says so. Refuses a slip on a payout list, another amount than the one that was `seen_rp`, and
    more than is there (`ledger.CashShort`). A member who left is still paid.
    """
    access.require(session, Action.SLIPS_PAY)
    check_money(account)
    row = lock(session, slip_id)
    by_maker = check_payable(session, row, on=on)
    payout_rows.check_off_lists(session, row)
    deductions.draw(session, [row], on=on)
    left_rp = row.net_value_rp - row.deducted_rp
    if seen_rp is not None and seen_rp != left_rp:
        raise OtherAmount(number=row.number, left_rp=left_rp, seen_rp=seen_rp)
    hand_over(session, row, account=account, on=on, by_maker=by_maker)
    return row


def hand_over(session: Session, row: Slip, *, account: str, on: date, by_maker: bool) -> None:
    """Pay what is left of a slip once its deductions are taken; of nothing no money moves."""
    received_rp = row.net_value_rp - row.deducted_rp
    if received_rp:
        entry = ledger.post(
            session,
            on=on,
            memo=N_("A slip paid out"),
            paper=f"slip:{row.id}",
            postings=[
                Posting(OWED_TO_MEMBERS, debit_rp=received_rp, member_id=row.member_id),
                Posting(account, credit_rp=received_rp),
            ],
        )
        row.paid_from, row.paid_entry_id = account, entry.id
    row.received_rp, row.paid_on, row.paid_by_settler = received_rp, on, by_maker
    row.paid_by_id = access.person(session).user_id
    references.touch_slips(session, [row.id])


def void(session: Session, row: Slip, *, on: date, reason: str) -> None:
    """Take a slip out of what is owed; what the member had been paid of it, she now owes (1124).

    Part of taking back the sale or the buying behind it, which reverses its entry and asks for the
    permission. Refuses a slip that is on a payout list and not paid yet.
    """
    payout_rows.check_off_lists(session, row)
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
