"""Collective sales: goods pooled for one buyer, settled once, every rupiah shared out."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.money import BP, MOST_RP
from kopprod.domain.quantities import MOST
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.services import access, numbers
from kopprod.services.buyers import BuyerKnown, BuyerNameless, add_buyer, buyers
from kopprod.services.payments import check_no_money, pay_cost, take_payment
from kopprod.services.sale_costs import (
    CostAbsurd,
    CostNameless,
    SameCostAgain,
    add_cost,
    remove_cost,
)
from kopprod.services.sale_goods import (
    CameLater,
    DeliveryTakenBack,
    MoreThanDelivered,
    NothingOfIt,
    OfCooperative,
    OfMembers,
    OtherProduct,
    UnknownDelivery,
    allot,
    allot_all,
    check_days,
    release,
)
from kopprod.services.settlement import lock_open, preview, settle, statement
from kopprod.tables.products import Product
from kopprod.tables.sales import Buyer, BuyerPayment, Sale

MOST_E4 = 10**12  # Rp100 million for one unit

# Buyers, goods, costs, settling and money have files of their own; whoever sells finds all of it
# here.
__all__ = [
    "BuyerKnown",
    "BuyerNameless",
    "CameLater",
    "CostAbsurd",
    "CostNameless",
    "DeliveryTakenBack",
    "MoreThanDelivered",
    "NothingOfIt",
    "OfCooperative",
    "OfMembers",
    "OtherProduct",
    "SameCostAgain",
    "UnknownDelivery",
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


class SaleInFuture(Refusal):
    """A sale that has not happened."""

    sentence = N_("A sale of {sold_on} has not happened yet. Choose today or an earlier day.")


class PriceAbsurd(Refusal):
    """A price that cannot be meant."""

    sentence = N_("A price of {price_e4} cannot be right. Please look at it again.")


class WeightAbsurd(Refusal):
    """A weight that no buyer's scale says."""

    sentence = N_("What the buyer got must be more than nothing. Please look at it again.")


class FeeAbsurd(Refusal):
    """A fee of less than nothing or more than all."""

    sentence = N_("The fee of the cooperative must be between 0 and 100 percent.")


class SameSaleOpen(Refusal):
    """The same sale a second time: a button pressed twice, or two people at one task."""

    sentence = N_(
        "Sale {number} is open with the same buyer, day, price and quantity. Use that one, "
        "or cancel it first."
    )


class FeeOfOwnGoods(Refusal):
    """A fee that the cooperative would pay to itself."""

    sentence = N_("Goods that the cooperative bought bear no fee: what they bring is its own.")


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
    fee_weight_e4: int = 0,
    fee_flat_rp: int = 0,
    mode: SaleMode = SaleMode.POOL,
) -> Sale:
    """Open a sale of one product to one buyer: of members' goods, or of the cooperative's own.

    `price_e4` is for one price unit, `buyer_weight` what the buyer's scale said, in base units.
    The fee is a percentage, `fee_weight_e4` for each price unit of our weight, and a flat sum.
    Refuses what is open already with the same terms, and a fee on the cooperative's own goods.
    """
    access.require(session, Action.SALES_CHANGE)
    _check_terms(sold_on, price_e4, buyer_weight, on=on)
    _check_fee(mode, fee_bp, fee_weight_e4, fee_flat_rp)
    # Taking the number first makes a button pressed twice wait for itself.
    number = numbers.take(session, "JUAL", sold_on.year)
    same = select(Sale.number).where(
        Sale.stage == SaleStage.OPEN,
        Sale.buyer_id == buyer_id,
        Sale.product_id == product_id,
        Sale.sold_on == sold_on,
        Sale.price_e4 == price_e4,
        Sale.buyer_weight == buyer_weight,
        Sale.mode == mode,
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
        fee_weight_e4=fee_weight_e4,
        fee_flat_rp=fee_flat_rp,
        mode=mode,
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
    fee_weight_e4: int | None = None,
    fee_flat_rp: int | None = None,
) -> Sale:
    """Correct the terms of a sale while it is open; its goods must have come by its day.

    A fee by weight or a flat one that is not given stays as it is.
    """
    access.require(session, Action.SALES_CHANGE)
    _check_terms(sold_on, price_e4, buyer_weight, on=on)
    sale = lock_open(session, sale_id)
    weight_e4 = sale.fee_weight_e4 if fee_weight_e4 is None else fee_weight_e4
    flat_rp = sale.fee_flat_rp if fee_flat_rp is None else fee_flat_rp
    _check_fee(sale.mode, fee_bp, weight_e4, flat_rp)
    check_days(session, sale.id, sold_on)
    sale.sold_on, sale.price_e4, sale.buyer_weight = sold_on, price_e4, buyer_weight
    sale.fee_bp, sale.fee_weight_e4, sale.fee_flat_rp = fee_bp, weight_e4, flat_rp
    session.flush()
    return sale


def _check_terms(sold_on: date, price_e4: int, buyer_weight: int, *, on: date) -> None:
    if sold_on > on:
        raise SaleInFuture(sold_on=sold_on)
    if not 0 < price_e4 <= MOST_E4:
        raise PriceAbsurd(price_e4=price_e4)
    if not 0 < buyer_weight <= MOST:
        raise WeightAbsurd


def _check_fee(mode: SaleMode, fee_bp: int, fee_weight_e4: int, fee_flat_rp: int) -> None:
    if not 0 <= fee_bp <= BP:
        raise FeeAbsurd
    if not 0 <= fee_weight_e4 <= MOST_E4:
        raise PriceAbsurd(price_e4=fee_weight_e4)
    if not 0 <= fee_flat_rp <= MOST_RP:
        raise CostAbsurd(amount_rp=fee_flat_rp)
    if mode is SaleMode.OUTRIGHT and (fee_bp or fee_weight_e4 or fee_flat_rp):
        raise FeeOfOwnGoods


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
