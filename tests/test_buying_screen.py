"""Beli putus on the screen: at the scale, on the slip, in store, and the price for members."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.domain.measures import Measure
from kopprod.domain.stock import Loss
from kopprod.services import deliveries, measures, products, stock
from kopprod.tables.buying import Buying, StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.slips import Slip
from tests.hours import WIB
from tests.screens import screen, unfold, words
from tests.test_buying import KG, WET, Store, store

__all__ = ["store"]


@pytest.fixture
def scale(store: Store) -> Store:
    """Gabah that is bought outright by default, with its moisture."""
    with db.writing(store.coop, person=SYSTEM, action="test", at=datetime.now(UTC)) as session:
        products.set_buys(session, store.product_id, buys=True)
        measures.ask(session, store.product_id, measure=Measure.MOISTURE, required=True)
    return store


def bought(store: Store) -> int:
    today = WIB.day_of(datetime.now(UTC))  # the cooperative's own day, as on the screen
    with db.writing(store.coop, person=SYSTEM, action="test", at=datetime.now(UTC)) as session:
        assert store.ayu.member_id is not None
        return deliveries.receive(
            session,
            member_id=store.ayu.member_id,
            product_id=store.product_id,
            grade_id=store.grade_id,
            gross=50 * KG,
            tare=0,
            measured=WET,
            received_on=today,
            on=today,
            buys=True,
        ).id


def field(test: AppTest, kind: str, key: str) -> Any:
    """The field whose key begins so."""
    return next(f for f in test.get(kind) if (f.key or "").startswith(key))


def fill(test: AppTest) -> None:
    field(test, "selectbox", "delivery_member").select_index(0).run()
    field(test, "text_input", "delivery_gross").input("50").run()
    field(test, "text_input", "delivery_measure").input("18").run()


def test_at_the_scale_price_and_amount_stand_there_before_it_is_kept(scale: Store) -> None:
    test = screen(scale.coop, scale.officer, "deliveries")
    fill(test)
    assert "Rp309.881" in words(test)
    assert "47,674 kg dibayar dari 50 kg bersih × Rp6.500/kg" in words(test)

    field(test, "button", "delivery_receive").click().run()
    assert not test.exception
    assert "seharga Rp309.881" in words(test)
    with db.reading(scale.coop, person=SYSTEM) as session:
        (row,) = session.exec(select(Buying)).all()
        assert row.amount_rp == 309_881


def test_the_officer_may_leave_the_goods_to_the_member(scale: Store) -> None:
    test = screen(scale.coop, scale.officer, "deliveries")
    fill(test)
    field(test, "button_group", "delivery_buys").set_value(False).run()
    assert "Rp309.881" not in words(test)

    field(test, "button", "delivery_receive").click().run()
    with db.reading(scale.coop, person=SYSTEM) as session:
        assert session.exec(select(Buying)).all() == []
        assert len(session.exec(select(Delivery)).all()) == 1


def test_a_slip_shows_each_step_and_the_rules_version(scale: Store) -> None:
    bought(scale)
    with db.reading(scale.coop, person=SYSTEM) as session:
        slip_id = session.exec(select(Slip.id)).one()
    test = screen(scale.coop, scale.ayu, "slips")
    test.query_params["slip"] = str(slip_id)
    test.run()

    assert not test.exception
    said = words(test)
    assert "aturan harga no. 1 sejak 31 Januari 2026" in said
    assert "47,674 kg dibayar dari 50 kg bersih" in said
    assert "Rp309.881" in said
    (text,) = [code.value for code in test.code]
    assert "Menurut aturan harga no. 1 sejak 31 Januari 2026" in text
    assert "47,674 kg dibayar dari 50 kg bersih × Rp6.500/kg = Rp309.881" in text


def test_the_stock_page_shows_cost_and_writes_off_a_loss(scale: Store) -> None:
    bought(scale)
    test = screen(scale.coop, scale.manager, "stock")
    assert "Rp309.881" in words(test)

    field(test, "selectbox", "loss_of").select_index(0).run()
    field(test, "button_group", "loss_kind").set_value(Loss.SPOILED).run()
    field(test, "text_input", "loss_quantity").input("5").run()
    field(test, "text_input", "loss_reason").input("Kena hujan").run()
    field(test, "button", "loss_keep").click().run()

    assert not test.exception
    assert "SUSUT-" in words(test) and "Rp30.988" in words(test)
    with db.reading(scale.coop, person=SYSTEM) as session:
        (row,) = session.exec(select(StockLoss)).all()
        assert (row.quantity, row.kind, row.reason) == (5 * KG, Loss.SPOILED, "Kena hujan")
        assert stock.left(session, row.delivery_id) == 45 * KG


def test_an_empty_store_says_so(scale: Store) -> None:
    test = screen(scale.coop, scale.officer, "stock")
    assert "Gudang kosong" in words(test)


def test_members_read_what_the_cooperative_pays_today(scale: Store) -> None:
    test = screen(scale.coop, scale.ayu, "prices")
    assert "Harga beli koperasi hari ini" in words(test)
    assert "Rp6.500" in words(test)


def test_a_manager_says_that_a_product_is_bought(scale: Store) -> None:
    test = screen(scale.coop, scale.manager, "products")
    test.query_params["product"] = str(scale.product_id)
    test.run()
    field(test, "toggle", "buys_").set_value(False).run()
    with db.reading(scale.coop, person=SYSTEM) as session:
        assert not products.product(session, scale.product_id).buys


def test_a_door_from_the_journal_opens_its_delivery_alone(scale: Store) -> None:
    first, second = bought(scale), bought(scale)
    test = screen(scale.coop, scale.manager, "deliveries")
    test.query_params["delivery"] = str(first)
    test.run()
    assert not test.exception
    assert "SET-" in words(test)
    unfold(test, "receipts")
    assert test.selectbox(key=f"receipt_of_{first}").options[0].startswith("SET-")
    assert len(test.selectbox(key=f"receipt_of_{first}").options) == 1
    test.button(key="back").click().run()
    assert not test.exception
    assert test.selectbox(key=f"receipt_of_{second}")
    test.query_params["delivery"] = "99"
    assert not test.run().exception
