"""Buying members' goods outright, at the price of the rule that counts on the day they come."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from kopprod.domain import buying as rules
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.tables.buying import Buying, StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.sales import Allotment, Sale


class NotBought(Refusal):
    """Goods that belong to the member have cost the cooperative nothing."""

    sentence = N_("Delivery {number} was not bought outright.")


def is_bought() -> ColumnElement[bool]:
    """In a query: only deliveries that the cooperative bought outright."""
    return (
        select(Buying.id)
        .where(Buying.delivery_id == Delivery.id, col(Buying.reversed_on).is_(None))
        .exists()
    )


def of_delivery(session: Session, delivery_id: int) -> Buying | None:
    """How a delivery was bought; None where it is the member's own."""
    standing = col(Buying.reversed_on).is_(None)
    return session.exec(select(Buying).where(Buying.delivery_id == delivery_id, standing)).first()


def lock(session: Session, delivery_ids: Iterable[int]) -> None:
    """Hold these deliveries until the transaction ends, before the cost of parts is asked for."""
    # In one order for everybody, so that two at once never wait for each other.
    for delivery_id in sorted(set(delivery_ids)):
        session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)


def cost_rp(session: Session, delivery_id: int, quantity: int) -> int:
    """What the next `quantity` base units of a bought delivery cost the cooperative.

    Whatever is in settled sales or was lost went before, at the cost that was frozen there. Whoever
    freezes the answer has locked the delivery. Refuses goods that were not bought.
    """
    delivery = session.get_one(Delivery, delivery_id)
    bought = of_delivery(session, delivery_id)
    if bought is None:
        raise NotBought(number=delivery.number)
    taken, taken_rp = _taken(session, delivery_id)
    return rules.part_cost_rp(
        bought.amount_rp, quantity, net=delivery.net, taken=taken, taken_rp=taken_rp
    )


def _taken(session: Session, delivery_id: int) -> tuple[int, int]:
    """How much of a bought delivery was sold or lost for good, and what that had cost."""
    sold = (
        select(func.sum(Allotment.quantity), func.sum(Allotment.cost_rp))
        .join(Sale, col(Sale.id) == col(Allotment.sale_id))
        .where(Allotment.delivery_id == delivery_id, Sale.stage == SaleStage.SETTLED)
    )
    lost = select(func.sum(StockLoss.quantity), func.sum(StockLoss.cost_rp)).where(
        StockLoss.delivery_id == delivery_id
    )
    (sold_quantity, sold_rp), (lost_quantity, lost_rp) = (
        session.exec(query).one() for query in (sold, lost)
    )
    return (
        int(sold_quantity or 0) + int(lost_quantity or 0),
        int(sold_rp or 0) + int(lost_rp or 0),
    )
