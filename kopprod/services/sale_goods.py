"""The goods of an open sale: what of which delivery goes into it."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleMode
from kopprod.services import access, buying, products, stock
from kopprod.services.sale_rows import lock_open
from kopprod.tables.deliveries import Delivery
from kopprod.tables.sales import Allotment, Sale

_AT_ONCE = 10_000  # a database takes so many keys in one question


class OtherProduct(Refusal):
    """Goods that this sale is not about."""

    sentence = N_("Delivery {number} is not of the product that this sale is about.")


class UnknownDelivery(Refusal):
    """No delivery of that key."""

    sentence = N_("This delivery is not here. Look at the list again.")


class DeliveryTakenBack(Refusal):
    """A delivery that was corrected away is no goods."""

    sentence = N_("Delivery {number} was corrected by reversal, so it cannot be sold.")


class OfMembers(Refusal):
    """A member's goods in a sale of the cooperative's own."""

    sentence = N_(
        "Delivery {number} still belongs to its member, and this sale is of goods that the "
        "cooperative bought. Put it into a collective sale."
    )


class OfCooperative(Refusal):
    """The cooperative's own goods in a collective sale."""

    sentence = N_(
        "Delivery {number} was bought outright, so it belongs to the cooperative. Put it into a "
        "sale of goods that the cooperative bought."
    )


class CameLater(Refusal):
    """Goods that were not there when they were sold."""

    sentence = N_(
        "Delivery {number} came on {received_on}, after the day of this sale, {sold_on}. Correct "
        "the day of the sale first."
    )


class NothingOfIt(Refusal):
    """A part of nothing."""

    sentence = N_("Please say how much of delivery {number} goes into this sale.")


class MoreThanDelivered(Refusal):
    """Goods that are sold already, or were never there."""

    sentence = N_("Of delivery {number} there is {left} left, so {asked} is too much.")


def allot(session: Session, sale_id: int, *, delivery_id: int, quantity: int) -> Allotment:
    """Put `quantity` base units of a delivery into an open sale, in place of what it had of it.

    Refuses more than was delivered, less what other sales have of it and what was lost; goods of
    the other mode; and goods that came after the day of the sale.
    """
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    # Two managers may sell the same sack at once: whoever locks the delivery first has it.
    delivery = _locked(session, [delivery_id])[0]
    if quantity <= 0:
        raise NothingOfIt(number=delivery.number)
    left = _free_for(session, sale, [delivery])[delivery.id]
    if quantity > left:
        unit = products.product(session, sale.product_id).base_unit
        raise MoreThanDelivered(
            number=delivery.number, left=Quantity(left, unit), asked=Quantity(quantity, unit)
        )
    return _put(session, sale, [(delivery, quantity)])[0]


def allot_all(session: Session, sale_id: int, delivery_ids: Iterable[int]) -> list[Allotment]:
    """Put all that is left of these deliveries into an open sale, if anything is left.

    Refuses goods as `allot` does.
    """
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    allotted, ids = [], sorted(set(delivery_ids))
    for start in range(0, len(ids), _AT_ONCE):
        deliveries = _locked(session, ids[start : start + _AT_ONCE])
        left = _free_for(session, sale, deliveries)
        rest = [(one, left[one.id]) for one in deliveries if left[one.id] > 0]
        allotted += _put(session, sale, rest)
    return allotted


def release(session: Session, sale_id: int, *, delivery_id: int) -> None:
    """Take a delivery out of an open sale; it is in store again."""
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    row = _allotments(session, sale.id, [delivery_id]).get(delivery_id)
    if row is not None:
        session.delete(row)
        session.flush()


def _locked(session: Session, delivery_ids: Iterable[int]) -> list[Delivery]:
    """The rows of these deliveries, locked in one order: two at once never wait for each other."""
    wanted = set(delivery_ids)
    query = select(Delivery).where(col(Delivery.id).in_(wanted)).order_by(col(Delivery.id))
    found = session.exec(query.with_for_update().execution_options(populate_existing=True)).all()
    if len(found) < len(wanted):
        raise UnknownDelivery
    return list(found)


def _free_for(session: Session, sale: Sale, deliveries: Sequence[Delivery]) -> dict[int, int]:
    """What may go into this sale of each delivery, by its key; refuses one that may not at all."""
    ids = [delivery.id for delivery in deliveries]
    taken_back = set(
        session.exec(select(Delivery.reverses_id).where(col(Delivery.reverses_id).in_(ids))).all()
    )
    bought = buying.which(session, ids)
    gone = stock.gone_of(session, ids, but_sale_id=sale.id)
    for delivery in deliveries:
        if delivery.product_id != sale.product_id:
            raise OtherProduct(number=delivery.number)
        if delivery.reverses_id is not None or delivery.id in taken_back:
            raise DeliveryTakenBack(number=delivery.number)
        check_day(delivery, sale.sold_on)
        _check_mode(sale, delivery, is_bought=delivery.id in bought)
    return {delivery.id: delivery.net - gone.get(delivery.id, 0) for delivery in deliveries}


def _check_mode(sale: Sale, delivery: Delivery, *, is_bought: bool) -> None:
    """Refuse members' goods in a sale of the cooperative's own, and the other way round."""
    if is_bought and sale.mode is SaleMode.POOL:
        raise OfCooperative(number=delivery.number)
    if not is_bought and sale.mode is SaleMode.OUTRIGHT:
        raise OfMembers(number=delivery.number)


def check_day(delivery: Delivery, sold_on: date) -> None:
    """Refuse goods that came after the day on which they are said to be sold."""
    if delivery.received_on > sold_on:
        raise CameLater(number=delivery.number, received_on=delivery.received_on, sold_on=sold_on)


def check_days(session: Session, sale_id: int, sold_on: date) -> None:
    """The same for all that is in a sale."""
    query = (
        select(Delivery)
        .join(Allotment, col(Allotment.delivery_id) == col(Delivery.id))
        .where(Allotment.sale_id == sale_id)
        .order_by(col(Delivery.id))
    )
    for delivery in session.exec(query).all():
        check_day(delivery, sold_on)


def _put(session: Session, sale: Sale, parts: Sequence[tuple[Delivery, int]]) -> list[Allotment]:
    known = _allotments(session, sale.id, [delivery.id for delivery, _quantity in parts])
    rows = []
    for delivery, quantity in parts:
        factor_bp = products.factor_bp(session, delivery.grade_id, on=delivery.received_on)
        row = known.get(delivery.id)
        if row is None:
            row = Allotment(
                sale_id=sale.id, delivery_id=delivery.id, quantity=quantity, factor_bp=factor_bp
            )
            session.add(row)
        row.quantity, row.factor_bp = quantity, factor_bp
        rows.append(row)
    session.flush()
    return rows


def _allotments(
    session: Session, sale_id: int, delivery_ids: Sequence[int]
) -> dict[int, Allotment]:
    query = select(Allotment).where(
        Allotment.sale_id == sale_id, col(Allotment.delivery_id).in_(delivery_ids)
    )
    return {row.delivery_id: row for row in session.exec(query).all()}
