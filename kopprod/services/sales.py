"""Collective sales: goods pooled for one buyer, settled once, every rupiah shared out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.money import MOST_RP
from kopprod.domain.quantities import MOST, Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.domain.words import tidy
from kopprod.services import access, numbers, products
from kopprod.services.payments import CostIsPaid, check_no_money, pay_cost, take_payment
from kopprod.services.settlement import lock_open, preview, settle, statement
from kopprod.tables.deliveries import Delivery
from kopprod.tables.products import Product
from kopprod.tables.sales import Allotment, Buyer, BuyerPayment, Sale, SaleCost

MOST_E4 = 10**12  # Rp100 million for one unit

# Settling and money have files of their own; whoever sells finds all of it here.
__all__ = [
    "add_buyer",
    "add_cost",
    "allot",
    "allot_all",
    "buyers",
    "cancel",
    "change_terms",
    "open_sale",
    "pay_cost",
    "preview",
    "release",
    "remove_cost",
    "sales",
    "settle",
    "statement",
    "take_payment",
]


class BuyerKnown(Refusal):
    """A name that a buyer has already."""

    sentence = N_("There is a buyer named {name} already. Choose that one.")


class BuyerNameless(Refusal):
    """A buyer without a name."""

    sentence = N_("Please give the name of the buyer.")


class SaleInFuture(Refusal):
    """A sale that has not happened."""

    sentence = N_("A sale of {sold_on} has not happened yet. Choose today or an earlier day.")


class PriceAbsurd(Refusal):
    """A price that cannot be meant."""

    sentence = N_("A price of {price_e4} cannot be right. Please look at it again.")


class WeightAbsurd(Refusal):
    """A weight that no buyer's scale says."""

    sentence = N_("The buyer's weight must be more than nothing. Please look at it again.")


class FeeAbsurd(Refusal):
    """A fee of less than nothing or more than all."""

    sentence = N_("The fee of the cooperative must be between 0 and 100 percent.")


class SameSaleOpen(Refusal):
    """The same sale a second time: a button pressed twice, or two people at one task."""

    sentence = N_(
        "Sale {number} is open with the same buyer, day, price and weight. Use that one, "
        "or cancel it first."
    )


class OtherProduct(Refusal):
    """Goods that this sale is not about."""

    sentence = N_("Delivery {number} is not of the product that this sale is about.")


class UnknownDelivery(Refusal):
    """No delivery of that key."""

    sentence = N_("This delivery is not here. Look at the list again.")


class DeliveryTakenBack(Refusal):
    """A delivery that was corrected away is no goods."""

    sentence = N_("Delivery {number} was corrected by reversal, so it cannot be sold.")


class NothingOfIt(Refusal):
    """A part of nothing."""

    sentence = N_("Please say how much of delivery {number} goes into this sale.")


class MoreThanDelivered(Refusal):
    """Goods that are sold already, or were never there."""

    sentence = N_("Of delivery {number} there is {left} left, so {asked} is too much.")


class CostNameless(Refusal):
    """A cost that says not what for."""

    sentence = N_("Please say what the cost was for.")


class CostAbsurd(Refusal):
    """A cost of nothing, or beyond any truck."""

    sentence = N_("A cost of {amount_rp} cannot be right. Please look at it again.")


# Buyers


def buyers(session: Session) -> Sequence[Buyer]:
    """Whom the cooperative sells to, by name."""
    access.require(session, Action.SALES_SEE)
    query = select(Buyer).where(col(Buyer.active)).order_by(col(Buyer.name))
    return session.exec(query).all()


def add_buyer(session: Session, *, name: str, phone: str = "", place: str = "") -> Buyer:
    """Take down a new buyer; refuses a name that is there already."""
    access.require(session, Action.SALES_CHANGE)
    name = tidy(name)
    if not name:
        raise BuyerNameless
    numbers.wait_turn(session, "buyer")
    same = select(Buyer).where(func.lower(Buyer.name) == name.lower())
    if session.exec(same).first() is not None:
        raise BuyerKnown(name=name)
    buyer = Buyer(name=name, phone=tidy(phone) or None, place=tidy(place) or None)
    session.add(buyer)
    session.flush()
    return buyer


# Pooling: an open sale, its goods and its costs


def open_sale(
    session: Session,
    *,
    buyer_id: int,
    product_id: int,
    sold_on: date,
    price_e4: int,
    buyer_weight: int,
    fee_bp: int,
    on: date,
) -> Sale:
    """Open a sale of one product to one buyer.

    `price_e4` is for one price unit, `buyer_weight` what the buyer's scale said, in base units.
    Refuses what is open already with the same terms.
    """
    access.require(session, Action.SALES_CHANGE)
    _check_terms(sold_on, price_e4, buyer_weight, fee_bp, on=on)
    # Taking the number first makes a button pressed twice wait for itself.
    number = numbers.take(session, "JUAL", sold_on.year)
    same = select(Sale.number).where(
        Sale.stage == SaleStage.OPEN,
        Sale.buyer_id == buyer_id,
        Sale.product_id == product_id,
        Sale.sold_on == sold_on,
        Sale.price_e4 == price_e4,
        Sale.buyer_weight == buyer_weight,
    )
    known = session.exec(same).first()
    if known is not None:
        raise SameSaleOpen(number=known)
    sale = Sale(
        number=number,
        stage=SaleStage.OPEN,
        buyer_id=buyer_id,
        product_id=product_id,
        sold_on=sold_on,
        price_e4=price_e4,
        buyer_weight=buyer_weight,
        fee_bp=fee_bp,
    )
    session.add(sale)
    session.flush()
    return sale


def change_terms(
    session: Session,
    sale_id: int,
    *,
    sold_on: date,
    price_e4: int,
    buyer_weight: int,
    fee_bp: int,
    on: date,
) -> Sale:
    """Correct the terms of a sale while it is open."""
    access.require(session, Action.SALES_CHANGE)
    _check_terms(sold_on, price_e4, buyer_weight, fee_bp, on=on)
    sale = lock_open(session, sale_id)
    sale.sold_on, sale.price_e4 = sold_on, price_e4
    sale.buyer_weight, sale.fee_bp = buyer_weight, fee_bp
    session.flush()
    return sale


def _check_terms(sold_on: date, price_e4: int, buyer_weight: int, fee_bp: int, *, on: date) -> None:
    if sold_on > on:
        raise SaleInFuture(sold_on=sold_on)
    if not 0 < price_e4 <= MOST_E4:
        raise PriceAbsurd(price_e4=price_e4)
    if not 0 < buyer_weight <= MOST:
        raise WeightAbsurd
    if not 0 <= fee_bp <= 10_000:
        raise FeeAbsurd


def allot(session: Session, sale_id: int, *, delivery_id: int, quantity: int) -> Allotment:
    """Put `quantity` base units of a delivery into an open sale, in place of what it had of it.

    Only more than was delivered, less what other sales have of it, is refused.
    """
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    # Two managers may sell the same sack at once: whoever locks the delivery first has it.
    delivery = _lock_delivery(session, delivery_id)
    if quantity <= 0:
        raise NothingOfIt(number=delivery.number)
    left = _free_for(session, sale, delivery)
    if quantity > left:
        unit = products.product(session, sale.product_id).base_unit
        raise MoreThanDelivered(
            number=delivery.number, left=Quantity(left, unit), asked=Quantity(quantity, unit)
        )
    return _put(session, sale, delivery, quantity)


def allot_all(session: Session, sale_id: int, delivery_ids: Iterable[int]) -> list[Allotment]:
    """Put all that is left of these deliveries into an open sale, if anything is left."""
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    allotted = []
    # In one order for everybody, so that two at once never wait for each other.
    for delivery_id in sorted(set(delivery_ids)):
        delivery = _lock_delivery(session, delivery_id)
        left = _free_for(session, sale, delivery)
        if left > 0:
            allotted.append(_put(session, sale, delivery, left))
    return allotted


def release(session: Session, sale_id: int, *, delivery_id: int) -> None:
    """Take a delivery out of an open sale; it is in store again."""
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    row = _allotment(session, sale.id, delivery_id)
    if row is not None:
        session.delete(row)
        session.flush()


def _lock_delivery(session: Session, delivery_id: int) -> Delivery:
    delivery = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        raise UnknownDelivery
    return delivery


def _free_for(session: Session, sale: Sale, delivery: Delivery) -> int:
    if delivery.product_id != sale.product_id:
        raise OtherProduct(number=delivery.number)
    taken_back = select(Delivery.id).where(Delivery.reverses_id == delivery.id)
    if delivery.reverses_id is not None or session.exec(taken_back).first() is not None:
        raise DeliveryTakenBack(number=delivery.number)
    elsewhere = (
        select(func.coalesce(func.sum(Allotment.quantity), 0))
        .join(Sale, col(Sale.id) == col(Allotment.sale_id))
        .where(Allotment.delivery_id == delivery.id, Allotment.sale_id != sale.id)
        .where(Sale.stage != SaleStage.CANCELLED)
    )
    return delivery.net - int(session.exec(elsewhere).one())


def _put(session: Session, sale: Sale, delivery: Delivery, quantity: int) -> Allotment:
    factor_bp = products.factor_bp(session, delivery.grade_id, on=delivery.received_on)
    row = _allotment(session, sale.id, delivery.id)
    if row is None:
        row = Allotment(
            sale_id=sale.id, delivery_id=delivery.id, quantity=quantity, factor_bp=factor_bp
        )
        session.add(row)
    row.quantity, row.factor_bp = quantity, factor_bp
    session.flush()
    return row


def _allotment(session: Session, sale_id: int, delivery_id: int) -> Allotment | None:
    query = select(Allotment).where(
        Allotment.sale_id == sale_id, Allotment.delivery_id == delivery_id
    )
    return session.exec(query).first()


def add_cost(session: Session, sale_id: int, *, name: str, amount_rp: int) -> SaleCost:
    """Add what the sale cost: a truck, sacks. It is owed once the sale is settled."""
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    name = tidy(name)
    if not name:
        raise CostNameless
    if not 0 < amount_rp <= MOST_RP:
        raise CostAbsurd(amount_rp=amount_rp)
    cost = SaleCost(sale_id=sale.id, name=name, amount_rp=amount_rp)
    session.add(cost)
    session.flush()
    return cost


def remove_cost(session: Session, cost_id: int) -> None:
    """Take a cost out of an open sale again."""
    access.require(session, Action.SALES_CHANGE)
    cost = session.get(SaleCost, cost_id)
    if cost is None:
        return  # somebody else took it out before
    lock_open(session, cost.sale_id)
    still_there = select(SaleCost).where(SaleCost.id == cost_id)
    if session.exec(still_there).first() is not None:  # not while we waited for the sale either
        if cost.paid_entry_id is not None:  # of a settlement that was taken back
            raise CostIsPaid(name=cost.name)
        session.delete(cost)
        session.flush()


def cancel(session: Session, sale_id: int) -> Sale:
    """Give up an open sale; its goods are in store again."""
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    check_no_money(session, sale)
    sale.stage = SaleStage.CANCELLED
    session.flush()
    return sale


# Looking


@dataclass(frozen=True)
class Listed:
    """A sale in a list: to whom, of what, and what the buyer has paid of it."""

    sale: Sale
    buyer: str
    product: Product
    received_rp: int

    @property
    def owed_rp(self) -> int:
        """What the buyer still owes; nothing before the settlement."""
        return (self.sale.gross_rp or 0) - self.received_rp


def sales(session: Session, *, stage: SaleStage | None = None) -> list[Listed]:
    """Every sale, the latest first."""
    access.require(session, Action.SALES_SEE)
    paid = (
        select(BuyerPayment.sale_id, func.sum(BuyerPayment.amount_rp).label("paid_rp"))
        .where(col(BuyerPayment.reversed_on).is_(None))
        .group_by(col(BuyerPayment.sale_id))
        .subquery()
    )
    query = (
        select(Sale, Buyer.name, Product, func.coalesce(paid.c.paid_rp, 0))
        .join(Buyer, col(Buyer.id) == col(Sale.buyer_id))
        .join(Product, col(Product.id) == col(Sale.product_id))
        .outerjoin(paid, paid.c.sale_id == col(Sale.id))
        .order_by(col(Sale.sold_on).desc(), col(Sale.id).desc())
    )
    if stage is not None:
        query = query.where(Sale.stage == stage)
    return [
        Listed(sale, buyer, product, int(received))
        for sale, buyer, product, received in session.exec(query).all()
    ]
