"""Buyers' orders: written down, filled by sales, ended; what is promised against what is there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import orders as rules
from kopprod.domain.access import Action
from kopprod.domain.orders import Cover, OrderStage, Promise
from kopprod.domain.output import ProductNotMade
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.sales import SaleStage
from kopprod.domain.words import tidy
from kopprod.services import access, deliveries, numbers, output, sent, settlement
from kopprod.tables.orders import BuyerOrder
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Buyer, Sale


@dataclass(frozen=True)
class Ordered:
    """An order with its names and what came of it, in base units.

    `filled` is what the buyer weighed in settled sales of it, `prepared` what open ones hold.
    """

    order: BuyerOrder
    buyer: str
    product: Product
    grade: str
    filled: int
    prepared: int
    sales: Sequence[Sale]

    @property
    def left(self) -> int:
        """What is still to be found: neither sold nor put into a sale yet."""
        return max(0, self.order.quantity - self.filled - self.prepared)

    @property
    def is_filled(self) -> bool:
        """Whether all of it is sold."""
        return self.filled >= self.order.quantity

    @property
    def unit(self) -> BaseUnit:
        """What its quantities are counted in."""
        return self.product.base_unit


def add_order(
    session: Session,
    *,
    buyer_id: int,
    product_id: int,
    grade_id: int | None,
    quantity: int,
    price_e4: int | None,
    ordered_on: date,
    due_on: date,
    on: date,
    reference: str = "",
    note: str = "",
    draft_key: str | None = None,
) -> BuyerOrder:
    """Write down what a buyer ordered; the same `draft_key` again gives the order that is there.

    `quantity` is in base units, `price_e4` for one price unit where one was agreed, `reference` the
    buyer's own number. Refuses what `domain.orders` refuses, and a buyer who is switched off.
    """
    access.require(session, Action.SALES_CHANGE)
    # Taking the number first makes a button pressed twice wait for itself.
    numbers.wait_turn(session, "PESAN", ordered_on.year)
    facts = {"buyer_id": buyer_id, "product_id": product_id, "quantity": quantity}
    known = sent.same(session, BuyerOrder, draft_key, facts)
    if known is not None:
        return known
    buyer, product = session.get(Buyer, buyer_id), session.get(Product, product_id)
    if buyer is None:
        raise rules.BuyerUnknown
    if not buyer.active:
        raise rules.BuyerIsOff(name=buyer.name)
    if product is None or not product.active:
        raise ProductNotMade(product="" if product is None else product.name)
    _check_grade(session, product, grade_id)
    rules.check_order(
        quantity=quantity,
        unit=product.base_unit,
        price_e4=price_e4,
        ordered_on=ordered_on,
        due_on=due_on,
        on=on,
    )
    order = BuyerOrder(
        number=numbers.take(session, "PESAN", ordered_on.year),
        stage=OrderStage.OPEN,
        buyer_id=buyer_id,
        product_id=product_id,
        grade_id=grade_id,
        quantity=quantity,
        price_e4=price_e4,
        ordered_on=ordered_on,
        due_on=due_on,
        reference=tidy(reference)[:60],
        note=tidy(note)[:300],
        draft_key=draft_key,
    )
    session.add(order)
    session.flush()
    return order


def _check_grade(session: Session, product: Product, grade_id: int | None) -> None:
    if grade_id is None:
        return
    grade = session.get(Grade, grade_id)
    if grade is None or grade.product_id != product.id:
        raise rules.GradeNotOfProduct(product=product.name)


def change_order(
    session: Session,
    order_id: int,
    *,
    grade_id: int | None,
    quantity: int,
    price_e4: int | None,
    due_on: date,
    on: date,
    reference: str = "",
    note: str = "",
) -> BuyerOrder:
    """Correct an open order, as agreed anew with the buyer; what is sold on it already stays."""
    order = _lock_open(session, order_id)
    product = session.get_one(Product, order.product_id)
    _check_grade(session, product, grade_id)
    rules.check_order(
        quantity=quantity,
        unit=product.base_unit,
        price_e4=price_e4,
        ordered_on=order.ordered_on,
        due_on=due_on,
        on=on,
    )
    filled = _filled(session).get(order.id, 0)
    if quantity < filled:
        raise rules.LessThanSold(
            number=order.number,
            filled=Quantity(filled, product.base_unit),
            quantity=Quantity(quantity, product.base_unit),
        )
    order.grade_id, order.quantity, order.price_e4 = grade_id, quantity, price_e4
    order.due_on, order.reference, order.note = due_on, tidy(reference)[:60], tidy(note)[:300]
    session.flush()
    return order


def close_order(session: Session, order_id: int) -> BuyerOrder:
    """End an order that was filled, or of which no more will come."""
    order = _lock_open(session, order_id)
    order.stage = OrderStage.CLOSED
    session.flush()
    return order


def reopen_order(session: Session, order_id: int) -> BuyerOrder:
    """Let a closed order stand again, as when goods of it came back."""
    order = _lock(session, order_id)
    if order.stage is OrderStage.CANCELLED:
        raise rules.OrderCancelled(number=order.number)
    if order.stage is OrderStage.OPEN:
        raise rules.OrderStillOpen(number=order.number)
    order.stage = OrderStage.OPEN
    session.flush()
    return order


def cancel_order(session: Session, order_id: int) -> BuyerOrder:
    """Give up an order of which nothing was sold; refused while a sale belongs to it."""
    order = _lock_open(session, order_id)
    query = select(Sale).where(Sale.order_id == order_id, Sale.stage != SaleStage.CANCELLED)
    sale = session.exec(query.order_by(col(Sale.id))).first()
    if sale is not None:
        raise rules.OrderHasSale(sale=sale.number, number=order.number)
    order.stage = OrderStage.CANCELLED
    session.flush()
    return order


def _lock(session: Session, order_id: int) -> BuyerOrder:
    access.require(session, Action.SALES_CHANGE)
    order = session.get(BuyerOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise rules.OrderUnknown
    return order


def _lock_open(session: Session, order_id: int) -> BuyerOrder:
    order = _lock(session, order_id)
    if order.stage is OrderStage.CLOSED:
        raise rules.OrderClosed(number=order.number)
    if order.stage is OrderStage.CANCELLED:
        raise rules.OrderCancelled(number=order.number)
    return order


def name_order(session: Session, sale_id: int, *, order_id: int | None) -> Sale:
    """Let an open sale fill an open order of the same buyer and product, or none any more."""
    access.require(session, Action.SALES_CHANGE)
    sale = settlement.lock_open(session, sale_id)
    if order_id is not None:
        order = _lock_open(session, order_id)
        if (order.buyer_id, order.product_id) != (sale.buyer_id, sale.product_id):
            raise rules.OrderOfOther(number=order.number)
    sale.order_id = order_id
    session.flush()
    return sale


# Looking


def orders(
    session: Session, *, stage: OrderStage | None = None, order_id: int | None = None
) -> list[Ordered]:
    """Every order, or one of them, what is due first on top."""
    access.require(session, Action.SALES_SEE)
    query = (
        select(BuyerOrder, Buyer.name, Product, Grade.name)
        .join(Buyer, col(Buyer.id) == col(BuyerOrder.buyer_id))
        .join(Product, col(Product.id) == col(BuyerOrder.product_id))
        .outerjoin(Grade, col(Grade.id) == col(BuyerOrder.grade_id))
        .order_by(col(BuyerOrder.due_on), col(BuyerOrder.id))
    )
    if stage is not None:
        query = query.where(BuyerOrder.stage == stage)
    if order_id is not None:
        query = query.where(BuyerOrder.id == order_id)
    filled, prepared, of_order = _filled(session), _prepared(session), _sales(session)
    return [
        Ordered(
            order=order,
            buyer=buyer,
            product=product,
            grade=grade or "",
            filled=filled.get(order.id, 0),
            prepared=prepared.get(order.id, 0),
            sales=of_order.get(order.id, ()),
        )
        for order, buyer, product, grade in session.exec(query).all()
    ]


def open_for(session: Session, *, buyer_id: int, product_id: int) -> list[Ordered]:
    """The open orders that a sale of this product to this buyer may fill."""
    return [
        row
        for row in orders(session, stage=OrderStage.OPEN)
        if (row.order.buyer_id, row.order.product_id) == (buyer_id, product_id)
    ]


def _filled(session: Session) -> dict[int, int]:
    query = (
        select(Sale.order_id, func.sum(Sale.buyer_weight))
        .where(Sale.stage == SaleStage.SETTLED, col(Sale.order_id).is_not(None))
        .group_by(col(Sale.order_id))
    )
    return {order_id: int(weight) for order_id, weight in session.exec(query) if order_id}


def _prepared(session: Session) -> dict[int, int]:
    query = (
        select(Sale.order_id, func.sum(Allotment.quantity))
        .join(Allotment, col(Allotment.sale_id) == col(Sale.id))
        .where(Sale.stage == SaleStage.OPEN, col(Sale.order_id).is_not(None))
        .group_by(col(Sale.order_id))
    )
    return {order_id: int(weight) for order_id, weight in session.exec(query) if order_id}


def _sales(session: Session) -> Mapping[int, Sequence[Sale]]:
    found: dict[int, list[Sale]] = defaultdict(list)
    query = select(Sale).where(col(Sale.order_id).is_not(None), Sale.stage != SaleStage.CANCELLED)
    for sale in session.exec(query.order_by(col(Sale.id))).all():
        if sale.order_id is not None:
            found[sale.order_id].append(sale)
    return found


# What is promised, and what is there


@dataclass(frozen=True)
class Promised:
    """One product: its promises by grade against the store, and what members have not brought yet.

    `logged` is in base units, of any grade: the grade is known only at the scale.
    """

    product: Product
    covers: Sequence[Cover]
    grades: Mapping[int, str]
    stored: int
    logged: int

    @property
    def promised(self) -> int:
        """All that is still to be brought."""
        return sum(line.promised for line in self.covers)

    @property
    def lack(self) -> int:
        """What is missing in store for all promises together."""
        return sum(line.lack for line in self.covers)

    @property
    def lacks_from(self) -> date | None:
        """The first day on which something due cannot be brought."""
        return min((line.lacks_from for line in self.covers if line.lacks_from), default=None)

    @property
    def lack_even_so(self) -> int:
        """What is missing even if all that is logged comes, in the grades that are needed."""
        return max(0, self.lack - self.logged)


def promised(session: Session) -> list[Promised]:
    """Every product of which something is promised, the one that lacks first on top."""
    rows = orders(session, stage=OrderStage.OPEN)
    found: dict[int, list[Ordered]] = defaultdict(list)
    for row in rows:
        if row.left:
            found[row.product.id].append(row)
    lines = [_promised(session, each) for each in found.values()]
    return sorted(lines, key=lambda line: (line.lacks_from or date.max, line.product.name))


def _promised(session: Session, rows: Sequence[Ordered]) -> Promised:
    product = rows[0].product
    stock: dict[int, int] = defaultdict(int)
    for stored in deliveries.in_store(session, product.id):
        stock[stored.delivery.grade_id] += stored.left
    promises = [Promise(row.left, row.order.due_on, row.order.grade_id) for row in rows]
    return Promised(
        product=product,
        covers=rules.cover(promises, stock),
        grades={row.order.grade_id: row.grade for row in rows if row.order.grade_id is not None},
        stored=sum(stock.values()),
        logged=sum(log.left for log in output.logs(session, product_id=product.id, open_only=True)),
    )
