"""Settling a sale: every amount frozen, one slip for each member, one entry in the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import sales as rule
from kopprod.domain.access import Action, Person
from kopprod.domain.ledger import BUYERS_OWE, OWED_SALE_COSTS, OWED_TO_MEMBERS, SALE_FEE, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import PooledPart, SaleStage, SaleTerms, Settlement
from kopprod.domain.words import tidy
from kopprod.services import access, claims, codes, cooperative, ledger, numbers, products
from kopprod.tables.access import AppUser
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Buyer, BuyerPayment, Sale, SaleCost
from kopprod.tables.slips import Slip


class UnknownSale(Refusal):
    """No sale of that key."""

    sentence = N_("This sale is not here. Go back to the list of sales.")


class AlreadySettled(Refusal):
    """Somebody settled it, perhaps a moment ago."""

    sentence = N_("Sale {number} was settled already, on {settled_on}. Nothing was done twice.")


class SaleCancelled(Refusal):
    """It was given up while it was open."""

    sentence = N_("Sale {number} was cancelled. Nothing in it can be changed any more.")


class SettledBeforeSold(Refusal):
    """A settlement of what was not sold yet."""

    sentence = N_("Sale {number} is of {sold_on}. Choose that day or a later one.")


class NothingToShare(Refusal):
    """The buyer pays less than one rupiah."""

    sentence = N_("The buyer pays nothing for this sale. Please check price and weight.")


@dataclass(frozen=True)
class PooledDelivery:
    """One line of a sale: a delivery's part, whose it is and what its grade counts for."""

    allotment: Allotment
    delivery: Delivery
    member: Member
    grade: str
    factor_bp: int


def lock_sale(session: Session, sale_id: int) -> Sale:
    """The sale as it is now, held until the transaction ends."""
    session.flush()
    sale = session.get(Sale, sale_id, with_for_update=True, populate_existing=True)
    if sale is None:
        raise UnknownSale
    return sale


def lock_open(session: Session, sale_id: int) -> Sale:
    """An open sale, held until the transaction ends; refuses a settled or cancelled one."""
    sale = lock_sale(session, sale_id)
    if sale.settled_on is not None:
        raise AlreadySettled(number=sale.number, settled_on=sale.settled_on)
    if sale.stage is SaleStage.CANCELLED:
        raise SaleCancelled(number=sale.number)
    return sale


def pooled(session: Session, sale: Sale) -> list[PooledDelivery]:
    """What is in a sale, by delivery; in an open one with the factors as they are known now."""
    query = (
        select(Allotment, Delivery, Member, Grade.name)
        .join(Delivery, col(Delivery.id) == col(Allotment.delivery_id))
        .join(Member, col(Member.id) == col(Delivery.member_id))
        .join(Grade, col(Grade.id) == col(Delivery.grade_id))
        .where(Allotment.sale_id == sale.id)
        .order_by(col(Delivery.id))
    )
    return [
        PooledDelivery(part, delivery, member, grade, _factor_bp(session, sale, part, delivery))
        for part, delivery, member, grade in session.exec(query).all()
    ]


def _factor_bp(session: Session, sale: Sale, part: Allotment, delivery: Delivery) -> int:
    if sale.stage is SaleStage.SETTLED:
        return part.factor_bp
    return products.factor_bp(session, delivery.grade_id, on=delivery.received_on)


def costs(session: Session, sale_id: int) -> Sequence[SaleCost]:
    """What a sale cost, as it was written down."""
    query = select(SaleCost).where(SaleCost.sale_id == sale_id).order_by(col(SaleCost.id))
    return session.exec(query).all()


def reckon(session: Session, sale: Sale, parts: Sequence[PooledDelivery]) -> Settlement:
    """What the sale comes to, by the rule; nothing is kept."""
    product = products.product(session, sale.product_id)
    terms = SaleTerms(
        buyer_weight=sale.buyer_weight,
        price_e4=sale.price_e4,
        per=products.price_per(session, product, on=sale.sold_on),
        fee_bp=sale.fee_bp,
        costs_rp=[cost.amount_rp for cost in costs(session, sale.id)],
    )
    return rule.settle(
        terms,
        [
            PooledPart(p.delivery.number, p.member.id, p.allotment.quantity, p.factor_bp)
            for p in parts
        ],
    )


def holds(session: Session, sale: Sale) -> bool:
    """Whether a settled sale, reckoned once more by the rule, comes to what was frozen in it."""
    parts = pooled(session, sale)
    if min((p.allotment.quantity * p.factor_bp for p in parts), default=0) <= 0:
        return False
    try:
        return reckon(session, sale, parts) == _frozen(sale, parts)
    except Refusal:  # it could not even be settled like this
        return False


def preview(session: Session, sale_id: int) -> Settlement:
    """What settling the sale now would come to; of a settled one what it came to."""
    access.require(session, Action.SALES_SEE)
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise UnknownSale
    parts = pooled(session, sale)
    return _frozen(sale, parts) if sale.stage is SaleStage.SETTLED else reckon(session, sale, parts)


def settle(
    session: Session, sale_id: int, *, on: date, shrinkage_reason: str | None = None
) -> Sale:
    """Fix every amount of the sale for good, give each member a slip and post the entry.

    Refuses a second time, a sale without goods, costs above what the buyer pays, and a difference
    of weights above the cooperative's limit without the manager's reason.
    """
    person = access.require(session, Action.SALES_SETTLE)
    numbers.wait_turn(session, "SLIP", on.year)
    sale = lock_open(session, sale_id)
    if on < sale.sold_on:
        raise SettledBeforeSold(number=sale.number, sold_on=sale.sold_on)
    parts = pooled(session, sale)
    outcome = reckon(session, sale, parts)
    if outcome.gross_rp == 0:
        raise NothingToShare
    reason = tidy(shrinkage_reason or "")
    rule.check_shrinkage(
        outcome.our_weight,
        outcome.buyer_weight,
        limit_bp=cooperative.whole(session, "shrinkage_limit_bp"),
        reason=reason,
    )
    sale.shrinkage_reason = reason or None
    _freeze(session, sale, parts, outcome, person=person, on=on)
    return sale


def _freeze(
    session: Session,
    sale: Sale,
    parts: Sequence[PooledDelivery],
    outcome: Settlement,
    *,
    person: Person,
    on: date,
) -> None:
    for part in parts:
        part.allotment.factor_bp = part.factor_bp
        part.allotment.share_rp = outcome.share_rp[part.delivery.number]
    slips = _write_slips(session, sale, outcome.member_rp, on=on)
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Settlement of a collective sale"),
        paper=f"sale:{sale.id}",
        postings=_postings(sale, outcome),
    )
    sale.our_weight, sale.graded_weight_e4 = outcome.our_weight, outcome.graded_weight_e4
    sale.gross_rp, sale.costs_rp = outcome.gross_rp, outcome.costs_rp
    sale.fee_rp, sale.net_rp, sale.cost_of_goods_rp = outcome.fee_rp, outcome.net_rp, 0
    sale.settled_on, sale.settled_by_id, sale.entry_id = on, person.user_id, entry.id
    sale.stage = SaleStage.SETTLED
    session.flush()
    claims.set_off(session, slips, on=on)


def _write_slips(
    session: Session, sale: Sale, member_rp: Mapping[int, int], *, on: date
) -> list[Slip]:
    slips = [
        Slip(
            number=numbers.take(session, "SLIP", on.year),
            code=codes.new(),
            sale_id=sale.id,
            member_id=member_id,
            net_value_rp=net_value_rp,
        )
        for member_id, net_value_rp in sorted(member_rp.items())
    ]
    session.add_all(slips)
    session.flush()
    return slips


def _postings(sale: Sale, outcome: Settlement) -> list[Posting]:
    """The buyer owes the gross; it is owed to the members, to the costs and to the cooperative."""
    postings = [Posting(BUYERS_OWE, debit_rp=outcome.gross_rp, buyer_id=sale.buyer_id)]
    postings += [
        Posting(OWED_TO_MEMBERS, credit_rp=net_value_rp, member_id=member_id)
        for member_id, net_value_rp in sorted(outcome.member_rp.items())
    ]
    postings.append(Posting(SALE_FEE, credit_rp=outcome.fee_rp))
    postings.append(Posting(OWED_SALE_COSTS, credit_rp=outcome.costs_rp))
    return [posting for posting in postings if posting.debit_rp or posting.credit_rp]


@dataclass(frozen=True)
class Statement:
    """One sale as a whole; `outcome` is None where `why_not` says why it cannot be reckoned yet."""

    sale: Sale
    buyer: Buyer
    product: Product
    parts: Sequence[PooledDelivery]
    costs: Sequence[SaleCost]
    slips: Sequence[tuple[Slip, Member]]
    payments: Sequence[BuyerPayment]
    outcome: Settlement | None
    why_not: Refusal | None
    settled_by: str

    @property
    def received_rp(self) -> int:
        """What the buyer has paid so far, less what was taken back."""
        return sum(paid.amount_rp for paid in self.payments if paid.reversed_on is None)

    @property
    def owed_rp(self) -> int:
        """What the buyer still owes; nothing before the settlement."""
        return (self.sale.gross_rp or 0) - self.received_rp


def statement(session: Session, sale_id: int) -> Statement:
    """One sale with its goods, costs, shares, slips and payments; settled, as it was frozen."""
    access.require(session, Action.SALES_SEE)
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise UnknownSale
    parts = pooled(session, sale)
    outcome, why_not = _outcome(session, sale, parts)
    settler = None if sale.settled_by_id is None else session.get(AppUser, sale.settled_by_id)
    return Statement(
        sale=sale,
        buyer=session.get_one(Buyer, sale.buyer_id),
        product=session.get_one(Product, sale.product_id),
        parts=parts,
        costs=costs(session, sale_id),
        slips=_slips(session, sale_id),
        payments=_payments(session, sale_id),
        outcome=outcome,
        why_not=why_not,
        settled_by="" if settler is None else settler.name,
    )


def _outcome(
    session: Session, sale: Sale, parts: Sequence[PooledDelivery]
) -> tuple[Settlement | None, Refusal | None]:
    if sale.stage is SaleStage.SETTLED:
        return _frozen(sale, parts), None
    try:
        return reckon(session, sale, parts), None
    except Refusal as refusal:  # an open sale is looked at long before it can be settled
        return None, refusal


def _frozen(sale: Sale, parts: Sequence[PooledDelivery]) -> Settlement:
    member_rp: dict[int, int] = {}
    for part in parts:
        share_rp = part.allotment.share_rp or 0
        member_rp[part.member.id] = member_rp.get(part.member.id, 0) + share_rp
    return Settlement(
        gross_rp=sale.gross_rp or 0,
        costs_rp=sale.costs_rp or 0,
        fee_rp=sale.fee_rp or 0,
        net_rp=sale.net_rp or 0,
        our_weight=sale.our_weight or 0,
        buyer_weight=sale.buyer_weight,
        graded_weight_e4=sale.graded_weight_e4 or 0,
        share_rp={part.delivery.number: part.allotment.share_rp or 0 for part in parts},
        member_rp=member_rp,
    )


def _slips(session: Session, sale_id: int) -> list[tuple[Slip, Member]]:
    query = (
        select(Slip, Member)
        .join(Member, col(Member.id) == col(Slip.member_id))
        .where(Slip.sale_id == sale_id, col(Slip.voided_on).is_(None))
        .order_by(col(Slip.id))
    )
    return [(slip, member) for slip, member in session.exec(query).all()]


def _payments(session: Session, sale_id: int) -> Sequence[BuyerPayment]:
    query = select(BuyerPayment).where(BuyerPayment.sale_id == sale_id)
    return session.exec(query.order_by(col(BuyerPayment.id))).all()
