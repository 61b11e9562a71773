"""What is kept as in store is what adds up, whatever happens to the goods."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.domain.stock import Loss
from kopprod.services import (
    check,
    deliveries,
    rejections,
    reversals,
    sales,
    stock,
    stock_lots,
    take_backs,
)
from kopprod.services.take_backs import Instead
from kopprod.tables.buying import StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.stock import StockLot
from tests import make
from tests.test_buying import DAY, KG, Store, bring, store, writing

__all__ = ["store"]


def kept(session: Session) -> set[int]:
    return set(session.exec(select(StockLot.delivery_id)).all())


def there(session: Session) -> dict[int, int]:
    """What lies there of each delivery, added up from every row."""
    every = session.exec(select(Delivery)).all()
    taken_back = {one.reverses_id for one in every}
    left = {one.id: one.net for one in every if not one.reverses_id and one.id not in taken_back}
    settled = select(Sale.id).where(Sale.stage == SaleStage.SETTLED)
    sold = set(session.exec(settled).all())
    for part in session.exec(select(Allotment)).all():
        if part.sale_id in sold:
            left[part.delivery_id] -= part.quantity
    for loss in session.exec(select(StockLoss)).all():
        left[loss.delivery_id] -= loss.quantity
    return {delivery_id: quantity for delivery_id, quantity in left.items() if quantity}


def is_kept(session: Session, *delivery_ids: int) -> bool:
    """Whether these deliveries are there and kept, and no other."""
    return kept(session) == set(there(session)) == set(delivery_ids)


def open_sale(session: Session, store: Store, *parts: tuple[int, int], own: bool = False) -> int:
    buyers = len(sales.buyers(session))
    sale = sales.open_sale(
        session,
        buyer_id=make.buyer(session, f"PB {buyers}").id,
        product_id=store.product_id,
        sold_on=DAY,
        price_e4=80_000_000,
        buyer_weight=sum(gram for _, gram in parts),
        fee_bp=0,
        on=DAY,
        mode=SaleMode.OUTRIGHT if own else SaleMode.POOL,
    )
    for delivery_id, gram in parts:
        sales.allot(session, sale.id, delivery_id=delivery_id, quantity=gram)
    return sale.id


def lose(session: Session, delivery_id: int, gram: int) -> None:
    stock.lose(session, delivery_id, quantity=gram, kind=Loss.DRIED, reason="Susut", on=DAY)


@pytest.mark.parametrize("buys", [False, True])
def test_goods_are_there_until_the_last_of_them_is_settled_or_lost(
    store: Store, buys: bool
) -> None:
    with writing(store.coop) as session:
        one, two = (bring(session, store, buys=buys).id for _ in range(2))
        assert is_kept(session, one, two)
        half = open_sale(session, store, (one, 25 * KG), (two, 50 * KG), own=buys)
        rest = open_sale(session, store, (one, 20 * KG), own=buys)
        assert is_kept(session, one, two)  # promised is there still
        assert stock.count(session) == len(stock.in_store(session)) == 1
        sales.settle(session, half, on=DAY)
        assert is_kept(session, one)
        lose(session, one, 5 * KG)
        assert is_kept(session, one)
        assert stock.count(session) == 0  # all of it is promised
        sales.settle(session, rest, on=DAY)
        assert is_kept(session)
        reversals.reverse_settlement(session, half, reason="Salah", on=DAY)
        assert is_kept(session, one, two)
        sales.release(session, half, delivery_id=two)
        assert is_kept(session, one, two)
        sales.settle(session, half, on=DAY, shrinkage_reason="Salah")
        assert is_kept(session, two)
        lose(session, two, 50 * KG)
        assert is_kept(session)
    with db.reading(store.coop) as session:
        assert list(check.problems(session)) == []


def test_what_is_taken_back_given_up_or_never_taken_is_as_it_was(store: Store) -> None:
    with writing(store.coop) as session:
        wrong, good = (bring(session, store, buys=False).id for _ in range(2))
        given_up = open_sale(session, store, (wrong, 50 * KG), (good, KG))
        sales.cancel(session, given_up)
        assert is_kept(session, wrong, good)
        deliveries.reverse(session, wrong, reason="Keliru", on=DAY)
        assert is_kept(session, good)
        rejections.reject(
            session,
            member_id=store.ayu.member_id or 0,
            product_id=store.product_id,
            reason="Basah",
            brought_on=DAY,
            on=DAY,
            gross=50 * KG,
        )
        assert is_kept(session, good)
        stock_lots.came(session)  # a file without a good row
        assert is_kept(session, good)


def test_a_sold_delivery_that_was_wrong_leaves_and_the_right_one_is_sold(store: Store) -> None:
    with writing(store.coop) as session:
        wrong, other = (bring(session, store, buys=False).id for _ in range(2))
        sale = open_sale(session, store, (wrong, 50 * KG), (other, 50 * KG))
        sales.settle(session, sale, on=DAY)
        assert is_kept(session)
        right = Instead(store.budi.member_id or 0, store.grade_id, weights=[60 * KG], tare=0)
        take_backs.take_back_sold(session, wrong, reason="Keliru", on=DAY, instead=right)
        assert is_kept(session)
        late = bring(session, store, buys=False, received_on=DAY - timedelta(days=1)).id
        assert is_kept(session, late)
    with db.reading(store.coop) as session:
        assert list(check.problems(session)) == []


def test_two_who_take_the_last_parts_at_once_leave_nothing_behind(store: Store) -> None:
    with writing(store.coop) as session:
        lot = bring(session, store, buys=False).id
        sale_id = open_sale(session, store, (lot, 40 * KG))

    def settle() -> None:
        with writing(store.coop) as session:
            sales.settle(session, sale_id, on=DAY)

    other = Thread(target=settle)
    with writing(store.coop) as session:
        lose(session, lot, 10 * KG)
        other.start()  # sees nothing of the loss, and must wait for it
        other.join(timeout=0.5)
    other.join()
    with db.reading(store.coop) as session:
        assert is_kept(session)
        assert list(check.problems(session)) == []
