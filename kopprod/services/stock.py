"""What is in store: members' goods to sell together, the cooperative's own, and what was lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from kopprod.domain import stock as rules
from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.deliveries import check_day
from kopprod.domain.ledger import STOCK, STOCK_LOSS, Posting
from kopprod.domain.money import round_half_up
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import N_
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.domain.stock import Loss
from kopprod.services import access, buying, days, ledger, numbers, products, sent, stock_lots
from kopprod.tables.buying import Buying, StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.stock import StockLot


@cache
def standing() -> ColumnElement[bool]:
    """In a query: only deliveries that are neither taken back nor a taking back."""
    reversal = aliased(Delivery)
    taken_back = select(reversal.id).where(col(reversal.reverses_id) == Delivery.id)
    # A reversal has a reason and nothing else has one. Asked by `reverses_id`, SQLite would begin
    # with its index, in which almost every delivery stands under NULL; as NOT EXISTS, PostgreSQL
    # may read all that ever came to know it of a few.
    none = func.coalesce(taken_back.scalar_subquery(), 0) < 1
    return col(Delivery.reason).is_(None) & none


def allotted() -> Any:
    """In a query: how much of the delivery of its row is in sales.

    Asked of the rows that are shown, not added up over all that was ever sold.
    """
    return (
        select(func.coalesce(func.sum(Allotment.quantity), 0))
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Allotment.delivery_id == Delivery.id, Sale.stage != SaleStage.CANCELLED)
        .correlate(Delivery)
        .scalar_subquery()
    )


@cache
def _taken() -> Any:
    """In a query: of each delivery in store what is in sales or lost, what of it only in open
    sales, and what is sold or lost of the cooperative's own had cost."""
    lots = select(StockLot.delivery_id)
    is_open = col(Sale.stage) == SaleStage.OPEN
    in_sales = (
        select(
            col(Allotment.delivery_id),
            col(Allotment.quantity),
            case((is_open, Allotment.quantity), else_=0).label("promised"),
            case((is_open, 0), else_=func.coalesce(Allotment.cost_rp, 0)).label("cost_rp"),
        )
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Sale.stage != SaleStage.CANCELLED, col(Allotment.delivery_id).in_(lots))
    )
    lost = select(
        col(StockLoss.delivery_id), col(StockLoss.quantity), literal(0), col(StockLoss.cost_rp)
    ).where(col(StockLoss.delivery_id).in_(lots))
    every = union_all(in_sales, lost).subquery()
    sums = [func.sum(every.c[name]).label(name) for name in ("quantity", "promised", "cost_rp")]
    return select(every.c.delivery_id, *sums).group_by(every.c.delivery_id).subquery()


@dataclass(frozen=True)
class Stored:
    """A delivery and how much of it is in no sale yet, in base units."""

    delivery: Delivery
    left: int
    bought: bool = False

    @property
    def mode(self) -> SaleMode:
        """In which sales it goes: the members' own goods, or the cooperative's."""
        return SaleMode.OUTRIGHT if self.bought else SaleMode.POOL


def in_store(
    session: Session, product_id: int | None = None, *, mode: SaleMode | None = None
) -> list[Stored]:
    """Every delivery of which something is left, the oldest first; of one mode if it is given."""
    access.require(session, Action.DELIVERIES_SEE)
    bought = buying.is_bought()
    query = _of_lots(select(Delivery, _rest(), bought)).where(_rest() > 0)
    query = query.order_by(col(Delivery.received_on), col(Delivery.id))
    if product_id is not None:
        # As a sum it has no index: fewer are in store than ever came of the product.
        query = query.where(col(Delivery.product_id) + 0 == product_id)
    if mode is not None:
        query = query.where(bought if mode is SaleMode.OUTRIGHT else ~bought)
    rows: Any = session.exec(query)
    return [Stored(delivery, int(rest), bool(own)) for delivery, rest, own in rows]


def count(session: Session) -> int:
    """How many deliveries there are of which something is left."""
    access.require(session, Action.DELIVERIES_SEE)
    return int(session.exec(_count()).one())


@cache
def _count() -> Any:
    return _of_lots(select(func.count()).select_from(Delivery)).where(_rest() > 0)


def _of_lots(query: Any) -> Any:
    """The same query of what is in store only, beside what is taken of it."""
    # By their keys; joined to them, SQLite would begin with all that ever came.
    there = col(Delivery.id).in_(select(StockLot.delivery_id))
    return query.outerjoin(_taken(), _taken().c.delivery_id == Delivery.id).where(there)


def _rest() -> Any:
    return Delivery.net - func.coalesce(_taken().c.quantity, 0)


def left(session: Session, delivery_id: int) -> int:
    """How much of one delivery is in no sale yet, in base units; nothing of one taken back."""
    access.require(session, Action.DELIVERIES_SEE)
    stands = select(Delivery.net).where(Delivery.id == delivery_id, standing())
    net = session.exec(stands).first()
    return 0 if net is None else net - gone(session, delivery_id)


def gone(session: Session, delivery_id: int) -> int:
    """How much of a delivery is in sales or lost, in base units."""
    return gone_of(session, [delivery_id]).get(delivery_id, 0)


def gone_of(
    session: Session, delivery_ids: Iterable[int], *, but_sale_id: int | None = None
) -> dict[int, int]:
    """The same of several deliveries by their keys, if any is gone; one sale may be left out."""
    ids = set(delivery_ids)
    in_sales = (
        select(col(Allotment.delivery_id), func.sum(Allotment.quantity))
        .join(Sale, col(Sale.id) == col(Allotment.sale_id))
        .where(col(Allotment.delivery_id).in_(ids), Sale.stage != SaleStage.CANCELLED)
        .group_by(col(Allotment.delivery_id))
    )
    if but_sale_id is not None:
        in_sales = in_sales.where(Allotment.sale_id != but_sale_id)
    lost = (
        select(col(StockLoss.delivery_id), func.sum(StockLoss.quantity))
        .where(col(StockLoss.delivery_id).in_(ids))
        .group_by(col(StockLoss.delivery_id))
    )
    found: dict[int, int] = {}
    for query in (in_sales, lost):
        for delivery_id, quantity in session.exec(query):
            found[delivery_id] = found.get(delivery_id, 0) + int(quantity)
    return found


# Losses


def lose(
    session: Session,
    delivery_id: int,
    *,
    quantity: int,
    kind: Loss,
    reason: str,
    on: date,
    draft_key: str | None = None,
) -> StockLoss:
    """Write off `quantity` base units of a delivery that dried, spoiled or were lost.

    What the cooperative had bought costs it what it paid (6102); members' goods in store cost
    nothing and are only less. The same `draft_key` again gives the row that is there. Refuses more
    than is left, and a loss without a reason.
    """
    access.require(session, Action.SALES_CHANGE)
    # Before any delivery: whoever sells or takes back waits for the row, never for the number.
    numbers.wait_turn(session, "SUSUT", on.year)
    facts = {"delivery_id": delivery_id, "quantity": quantity}
    known = sent.same(session, StockLoss, draft_key, facts)
    if known is not None:
        return known
    delivery = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        raise NotAllowed
    unit = session.get_one(Product, delivery.product_id).base_unit
    there = Quantity(left(session, delivery_id), unit)
    asked = Quantity(quantity, unit)
    why = rules.check_loss(asked, there, number=delivery.number, reason=reason)
    check_day(on, on=days.today(session))
    if on < delivery.received_on:
        raise rules.LostBeforeReceived(number=delivery.number, received_on=delivery.received_on)
    bought = buying.of_delivery(session, delivery_id) is not None
    cost_rp = buying.cost_rp(session, delivery_id, quantity) if bought else 0
    number = numbers.take(session, "SUSUT", on.year)
    row = StockLoss(
        number=number,
        delivery_id=delivery_id,
        quantity=quantity,
        cost_rp=cost_rp,
        lost_on=on,
        kind=kind,
        reason=why,
        entry_id=_post(session, number, cost_rp, on=on),
        draft_key=draft_key,
    )
    session.add(row)
    session.flush()
    stock_lots.lost(session, delivery_id)
    return row


def _post(session: Session, number: str, cost_rp: int, *, on: date) -> int | None:
    if not cost_rp:
        return None
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Goods in store that were lost"),
        paper=f"loss:{number}",
        postings=[Posting(STOCK_LOSS, debit_rp=cost_rp), Posting(STOCK, credit_rp=cost_rp)],
    )
    return entry.id


def check_not_lost(session: Session, delivery: Delivery) -> None:
    """Refuse a delivery of which something was written off."""
    query = select(StockLoss).where(StockLoss.delivery_id == delivery.id)
    known = session.exec(query).first()
    if known is not None:
        raise rules.PartWasLost(number=delivery.number, loss=known.number)


# Looking


@dataclass(frozen=True)
class Pile:
    """What is there of one grade, the members' or the cooperative's own, in base units.

    `left` is free, `promised` is in open sales. `cost_rp` is what both cost the cooperative, whose
    own they are; members' goods cost it nothing. `per` base units are one price unit.
    """

    product: Product
    grade: str
    mode: SaleMode
    left: int
    promised: int
    cost_rp: int
    oldest_on: date
    lots: int
    per: int

    @property
    def quantity(self) -> int:
        """All that is there."""
        return self.left + self.promised

    @property
    def cost_each_rp(self) -> int:
        """What one price unit of it cost, to the rupiah."""
        return round_half_up(Fraction(self.cost_rp * self.per, self.quantity))


def piles(session: Session, *, on: date) -> list[Pile]:
    """What is in store by product, grade and mode; what is in open sales is there still.

    What the cooperative's own cost adds up to the account of its stock (1117).
    """
    access.require(session, Action.DELIVERIES_SEE)
    taken, bought = _taken(), aliased(Buying)
    promised = func.coalesce(taken.c.promised, 0)
    cost_rp = col(bought.amount_rp) - func.coalesce(taken.c.cost_rp, 0)
    sums = (
        func.sum(_rest()),
        func.sum(promised),
        func.sum(cost_rp),
        func.min(Delivery.received_on),
    )
    own = col(bought.id).is_not(None)
    kept = (col(bought.delivery_id) == Delivery.id) & col(bought.reversed_on).is_(None)
    query: Any = (
        _of_lots(select(Delivery.product_id, Grade.name, own, *sums, func.count()))  # type: ignore[call-overload]
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .outerjoin(bought, kept)
        .group_by(Delivery.product_id, Product.name, Grade.name, Grade.position, own)
        .order_by(Product.name, own, Grade.position, Grade.name)
    )
    return [_pile(session, *row, on=on) for row in session.exec(query).all()]


def _pile(
    session: Session,
    product_id: int,
    grade: str,
    own: bool,
    left: int,
    promised: int,
    cost_rp: int | None,
    oldest_on: date,
    lots: int,
    *,
    on: date,
) -> Pile:
    product = session.get_one(Product, product_id)
    return Pile(
        product=product,
        grade=grade,
        mode=SaleMode.OUTRIGHT if own else SaleMode.POOL,
        left=int(left),
        promised=int(promised),
        cost_rp=int(cost_rp or 0),
        oldest_on=oldest_on,
        lots=lots,
        per=products.price_per(session, product, on=on),
    )


@dataclass(frozen=True)
class Lost:
    """A loss with the names that belong to it."""

    loss: StockLoss
    delivery: str
    product: str
    unit: BaseUnit
    grade: str


def losses(session: Session, *, most: int | None = None) -> list[Lost]:
    """What was lost in store, the newest first."""
    access.require(session, Action.DELIVERIES_SEE)
    query: Any = (
        select(StockLoss, Delivery.number, Product.name, Product.base_unit, Grade.name)  # type: ignore[call-overload]
        .join(Delivery, col(Delivery.id) == StockLoss.delivery_id)
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .order_by(col(StockLoss.id).desc())
        .limit(most)
    )
    return [Lost(*row) for row in session.exec(query).all()]
