"""Keeping which deliveries are in store, in the same transaction as whatever changes it.

Putting goods into an open sale changes nothing: they are there until it is settled.
"""

from sqlalchemy import ColumnElement, delete, func, insert
from sqlmodel import Session, col, select

from kopprod.domain.sales import SaleStage
from kopprod.services import ledger, numbers
from kopprod.tables.buying import StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.stock import StockLot


def came(session: Session, *delivery_ids: int) -> None:
    """Deliveries were received, and all of each is there."""
    if delivery_ids:
        rows = [{"delivery_id": one} for one in delivery_ids]
        session.connection().execute(insert(StockLot), rows)


def taken_back(session: Session, delivery_id: int) -> None:
    """A delivery of which nothing was sold or lost was reversed; the caller holds its row."""
    _delete(session, col(StockLot.delivery_id) == delivery_id)


def lost(session: Session, delivery_id: int) -> None:
    """Some of a delivery was lost, and perhaps the last of it."""
    _take_turn(session)
    its_row = col(StockLot.delivery_id) == delivery_id
    _delete(session, its_row, _gone())


def settled(session: Session, sale_id: int) -> None:
    """A sale was settled: whatever it had the last of is there no more."""
    _take_turn(session)
    parts = select(Allotment.delivery_id).where(Allotment.sale_id == sale_id)
    had = col(StockLot.delivery_id).in_(parts)
    _delete(session, had, _gone())


def open_again(session: Session, sale_id: int) -> None:
    """A settlement was taken back: its goods are there again, until it is settled once more."""
    _take_turn(session)
    there = select(StockLot.delivery_id).where(StockLot.delivery_id == Allotment.delivery_id)
    parts = select(Allotment.delivery_id).where(Allotment.sale_id == sale_id, ~there.exists())
    session.execute(insert(StockLot).from_select(["delivery_id"], parts))


def _delete(session: Session, *which: ColumnElement[bool]) -> None:
    # No session has such rows as objects, so nobody need be told which of very many are gone.
    gone = delete(StockLot).where(*which)
    session.execute(gone, execution_options={"synchronize_session": False})


def _take_turn(session: Session) -> None:
    # Two that take the last two parts of a delivery must not both see the other part there still:
    # the second waits at the journal, where each settlement waits anyway.
    numbers.wait_turn(session, ledger.COUNTER)


def _gone() -> ColumnElement[bool]:
    """In a query of lots: nothing of the delivery is there."""
    sold = (
        select(func.coalesce(func.sum(Allotment.quantity), 0))
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Allotment.delivery_id == Delivery.id, Sale.stage == SaleStage.SETTLED)
        .correlate(Delivery)
        .scalar_subquery()
    )
    was_lost = (
        select(func.coalesce(func.sum(StockLoss.quantity), 0))
        .where(StockLoss.delivery_id == Delivery.id)
        .correlate(Delivery)
        .scalar_subquery()
    )
    whole = select(Delivery.id).where(
        Delivery.id == StockLot.delivery_id, Delivery.net <= sold + was_lost
    )
    return whole.correlate(StockLot).exists()
