"""Collective sales: pooling goods, terms and costs, and the screen around them."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import Role
from kopprod.domain.ledger import CASH
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import SaleStage
from kopprod.services import check, deliveries, ledger, reversals, sales, settlement
from kopprod.tables.sales import BuyerPayment, Sale
from kopprod.tables.trail import Change
from tests import make
from tests.screens import screen, words
from tests.seasons import DAY, KG, Season, at_once, open_sale, settled, writing


def test_a_delivery_may_be_split_over_several_sales(season: Season) -> None:
    siti = season.delivered[0]
    with writing(season.coop) as session:
        first = open_sale(session, season, delivery_ids=[])
        second = open_sale(session, season, delivery_ids=[], buyer_weight=1)
        sales.allot(session, first.id, delivery_id=siti, quantity=100 * KG)
        assert deliveries.left(session, siti) == 20_500
        sales.allot(session, second.id, delivery_id=siti, quantity=20_500)
        assert deliveries.left(session, siti) == 0
        with pytest.raises(sales.MoreThanDelivered):
            sales.allot(session, first.id, delivery_id=siti, quantity=100_001)
        sales.allot(session, first.id, delivery_id=siti, quantity=40 * KG)
        assert deliveries.left(session, siti) == 60 * KG


def test_only_more_than_was_delivered_is_refused(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season, delivery_ids=[])
        with pytest.raises(sales.MoreThanDelivered):
            sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=120_501)
        with pytest.raises(sales.NothingOfIt):
            sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=0)
        sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=120_500)


def test_two_managers_cannot_sell_the_same_sack_twice(season: Season) -> None:
    with writing(season.coop) as session:
        first = open_sale(session, season, delivery_ids=[]).id
        second = open_sale(session, season, delivery_ids=[], buyer_weight=1).id

    def sell(sale_id: int) -> Callable[[], object]:
        def act() -> object:
            with writing(season.coop) as session:
                return sales.allot(
                    session, sale_id, delivery_id=season.delivered[0], quantity=70 * KG
                ).quantity

        return act

    results = at_once(sell(first), sell(second))

    assert [type(r) for r in results if r != 70 * KG] == [sales.MoreThanDelivered]
    with db.reading(season.coop) as session:
        assert deliveries.left(session, season.delivered[0]) == 50_500


def test_a_cancelled_sale_gives_its_goods_back_and_stays_cancelled(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        assert deliveries.in_store(session) == []
        sales.cancel(session, sale.id)
        assert len(deliveries.in_store(session)) == 4
        with pytest.raises(settlement.SaleCancelled):
            sales.settle(session, sale.id, on=DAY)
        again = open_sale(session, season)
        sales.settle(session, again.id, on=DAY)
        with pytest.raises(settlement.AlreadySettled):
            sales.cancel(session, again.id)


def test_goods_of_another_product_and_goods_taken_back_are_refused(season: Season) -> None:
    with writing(season.coop) as session:
        kopi = make.product(session, "Kopi")
        grade = make.grade(session, kopi.id)
        other = deliveries.receive(
            session,
            member_id=season.members["Made"],
            product_id=kopi.id,
            grade_id=grade.id,
            gross=KG,
            tare=0,
            received_on=DAY,
            on=DAY,
        )
        wrong = season.delivered[0]
        deliveries.reverse(session, wrong, reason="Salah timbang", on=DAY)
        sale = open_sale(session, season, delivery_ids=[])
        with pytest.raises(sales.OtherProduct):
            sales.allot(session, sale.id, delivery_id=other.id, quantity=1)
        with pytest.raises(sales.DeliveryTakenBack):
            sales.allot(session, sale.id, delivery_id=wrong, quantity=1)


def test_goods_and_costs_can_be_taken_out_while_the_sale_is_open(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        cost = sales.add_cost(session, sale.id, name="Truk", amount_rp=1_000)
        sales.remove_cost(session, cost.id)
        sales.release(session, sale.id, delivery_id=season.delivered[0])
        assert len(deliveries.in_store(session)) == 1
        sales.settle(session, sale.id, on=DAY, shrinkage_reason="Sebagian saja")
        assert sale.costs_rp == 0
        with pytest.raises(settlement.AlreadySettled):
            sales.add_cost(session, sale.id, name="Truk", amount_rp=1_000)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"sold_on": DAY + timedelta(days=1)}, sales.SaleInFuture),
        ({"price_e4": 0}, sales.PriceAbsurd),
        ({"price_e4": -1}, sales.PriceAbsurd),
        ({"buyer_weight": 0}, sales.WeightAbsurd),
        ({"fee_bp": 10_001}, sales.FeeAbsurd),
        ({"fee_bp": -1}, sales.FeeAbsurd),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(
    season: Season, change: dict[str, int | date], refusal: type[Refusal]
) -> None:
    terms = {"sold_on": DAY, "price_e4": 1, "buyer_weight": 1, "fee_bp": 0} | change
    with writing(season.coop) as session, pytest.raises(refusal):
        sales.open_sale(
            session,
            buyer_id=season.buyer_id,
            product_id=season.product_id,
            on=DAY,
            **terms,  # type: ignore[arg-type]
        )


def test_a_sale_opened_twice_at_once_is_one_sale(season: Season) -> None:
    def open_one() -> object:
        with writing(season.coop) as session:
            return open_sale(session, season).number

    with writing(season.coop) as session:
        sales.cancel(session, open_sale(session, season).id)
    results = at_once(open_one, open_one)

    assert [type(r) for r in results if r != "JUAL-2026-0002"] == [sales.SameSaleOpen]


def test_changed_terms_are_in_the_trail(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
    with writing(season.coop) as session:
        sales.change_terms(
            session, sale.id, sold_on=DAY, price_e4=1, buyer_weight=297_400, fee_bp=250, on=DAY
        )
    with db.reading(season.coop) as session:
        change = session.exec(select(Change).where(Change.column_name == "price_e4")).one()
        assert (change.before, change.after) == ("172500000", "1")


def test_a_buyer_is_known_by_one_name(season: Season) -> None:
    with writing(season.coop) as session:
        sales.add_buyer(session, name=' Toko  "Ani" <b> ')
        with pytest.raises(sales.BuyerKnown):
            sales.add_buyer(session, name='toko "ani" <B>')
        with pytest.raises(sales.BuyerNameless):
            sales.add_buyer(session, name="  ")
        assert 'Toko "Ani" <b>' in [buyer.name for buyer in sales.buyers(session)]


def _keyed(elements: Iterable[Any], start: str) -> Any:
    """The first whose key begins so; the rest of the key says what was on the screen."""
    return next(one for one in elements if str(one.key).startswith(start))


def _typed(test: AppTest, key: str, text: str) -> None:
    test.text_input(key=key).set_value(text)


def test_a_manager_sells_settles_and_takes_the_money_on_the_screen(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(season.coop, citra, "sales")
    _typed(test, "sale_price", "17.250")
    _typed(test, "sale_weight", "297,4")
    _typed(test, "sale_fee", "2,5 %")
    test.run()
    assert "4 setoran, seluruhnya 300,7 kg" in words(test)
    test.button(key="sale_open").click().run()
    assert "Penjualan JUAL-2026-0001 siap diisi." in words(test)
    for turn, (name, amount) in enumerate([("Truk", "250 ribu"), ("Karung", "31.000")]):
        _typed(test, f"cost_name_{turn}", name)
        _typed(test, f"cost_amount_{turn}", amount)
        test.run()
        test.button(key="cost_add").click().run()
    assert "Rp4.720.896" in words(test)
    _keyed(test.checkbox, "settle_sure_").check().run()
    _keyed(test.button, "settle_").click().run()
    assert "Hasil penjualan JUAL-2026-0001 sudah dibagi: Rp4.720.896 untuk 3" in words(test)
    _typed(test, "payment_amount_n0", "5 juta")
    test.run()
    test.button(key="payment_keep").click().run()
    assert "Rp5.000.000 dari pembeli sudah dicatat." in words(test)
    assert not test.exception
    now = datetime.now(UTC)  # as on the screen
    with db.writing(season.coop, person=make.MANAGER, action="test", at=now) as session:
        assert ledger.balance_rp(session, CASH) == 5_000_000
        assert next(check.problems(session), None) is None
        paid = session.exec(select(BuyerPayment)).one()
        reversals.reverse_payment(session, paid.id, reason="Salah ketik", on=paid.paid_on)
    test.run()
    _typed(test, "payment_amount_n1", "5 juta")  # the same again is another payment
    test.run()
    test.button(key="payment_keep").click().run()
    with db.reading(season.coop) as session:
        assert ledger.balance_rp(session, CASH) == 5_000_000


def test_a_refused_settlement_says_why_and_can_be_tried_again(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        sale = open_sale(session, season, buyer_weight=290_000)
    test = screen(season.coop, citra, "sales")
    test.button(key=f"open_sale_{sale.id}").click().run()
    _keyed(test.checkbox, "settle_sure_").check().run()
    _keyed(test.button, "settle_").click().run()
    assert "Tuliskan alasannya" in words(test)
    _typed(test, "settle_reason", "Karung basah")
    test.run()
    _keyed(test.button, "settle_").click().run()
    assert "Alasan selisih berat: Karung basah" in words(test)


def test_figures_that_changed_while_they_were_read_are_not_settled(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        sale = open_sale(session, season)
    test = screen(season.coop, citra, "sales")
    test.button(key=f"open_sale_{sale.id}").click().run()
    _keyed(test.checkbox, "settle_sure_").check().run()
    with writing(season.coop) as session:
        sales.add_cost(session, sale.id, name="Truk", amount_rp=250_000)
    _keyed(test.button, "settle_").click().run()
    assert not _keyed(test.checkbox, "settle_sure_").value
    with db.reading(season.coop) as session:
        assert session.get_one(Sale, sale.id).stage is SaleStage.OPEN


def test_a_part_of_a_delivery_goes_in_and_the_sale_can_be_cancelled(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        sale = open_sale(session, season)
    test = screen(season.coop, citra, "sales")
    test.button(key=f"open_sale_{sale.id}").click().run()
    _typed(test, f"part_quantity_{season.delivered[0]}", "20 kg")
    test.run()
    test.button(key="part_use").click().run()
    assert "Setoran itu ikut dijual sebanyak 20 kg." in words(test)
    with db.reading(season.coop) as session:
        assert deliveries.left(session, season.delivered[0]) == 100_500
    test.button(key="sale_cancel").click().run()
    assert "Penjualan JUAL-2026-0001 dibatalkan." in words(test)
    assert not test.exception


def test_who_only_looks_finds_no_button_that_changes(season: Season) -> None:
    with writing(season.coop) as session:
        sari = make.user(session, Role.SUPERVISOR, name="Sari")
        sale = settled(session, season)
    test = screen(season.coop, sari, "sales")
    test.query_params["sale"] = str(sale.id)
    test.run()
    assert "Rp4.720.896" in words(test)
    assert {button.key for button in test.button} <= {"sale_back", "language_side"}


def test_a_made_up_address_says_a_sentence(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(season.coop, citra, "sales")
    for made_up in ("999", "-1", "1; DROP TABLE sale"):
        test.query_params["sale"] = made_up
        test.run()
        assert not test.exception
