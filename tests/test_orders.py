"""Orders kept: written down once, filled by sales, ended; and buyers."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from kopprod import db
from kopprod.domain import orders as rules
from kopprod.domain.access import NotAllowed
from kopprod.domain.orders import OrderStage
from kopprod.domain.output import ProductNotMade
from kopprod.domain.phones import NotAMobileNumber
from kopprod.domain.refusal import Refusal
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.services import buyers, orders, output, products, sales
from kopprod.services.orders import Ordered, Promised
from kopprod.tables.orders import BuyerOrder
from kopprod.tables.sales import Buyer
from tests import make
from tests.seasons import DAY, KG, Season, open_sale, settled, writing

SOON, LATER = DAY + timedelta(days=8), DAY + timedelta(days=18)


def add(session: Session, season: Season, **other: Any) -> BuyerOrder:
    said: dict[str, Any] = {
        "buyer_id": season.buyer_id,
        "product_id": season.product_id,
        "grade_id": None,
        "quantity": 1_000 * KG,
        "price_e4": None,
        "ordered_on": DAY,
        "due_on": LATER,
        "on": DAY,
    }
    return orders.add_order(session, **(said | other))


def only(season: Season) -> Ordered:
    with db.reading(season.coop, person=make.MANAGER) as session:
        (row,) = orders.orders(session)
    return row


def promised(season: Season) -> list[Promised]:
    with db.reading(season.coop, person=make.MANAGER) as session:
        return orders.promised(session)


def test_an_order_is_written_down_with_its_number_and_words(season: Season) -> None:
    with writing(season.coop) as session:
        add(session, season, grade_id=season.grade_a, price_e4=173_000_000,
            reference="  PO  77 ", note="Antar pagi")  # fmt: skip

    row = only(season)
    assert (row.order.number, row.order.stage) == ("PESAN-2026-0001", OrderStage.OPEN)
    assert (row.buyer, row.product.name, row.grade) == ("PB Sri Rejeki", "Gabah", "A")
    assert (row.order.reference, row.order.note) == ("PO 77", "Antar pagi")
    assert (row.left, row.filled, row.is_filled) == (1_000 * KG, 0, False)


def test_the_same_form_again_gives_the_order_that_is_there(season: Season) -> None:
    with writing(season.coop) as session:
        first = add(session, season, draft_key="k").id
        assert add(session, season, draft_key="k").id == first
        with pytest.raises(FormKeptOtherwise):
            add(session, season, draft_key="k", quantity=5)
        assert add(session, season).number == "PESAN-2026-0002"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"buyer_id": 99}, rules.BuyerUnknown),
        ({"product_id": 99}, ProductNotMade),
        ({"grade_id": 99}, rules.GradeNotOfProduct),
        ({"quantity": 0}, rules.NothingOrdered),
        ({"quantity": 10**13}, rules.TooMuchOrdered),
        ({"price_e4": -1}, rules.OrderPriceAbsurd),
        ({"due_on": DAY - timedelta(days=1)}, rules.DueBeforeOrdered),
        ({"ordered_on": LATER}, rules.OrderedInFuture),
        ({"due_on": date(2099, 1, 1)}, rules.DueTooFar),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    season: Season, wrong: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal), writing(season.coop) as session:
        add(session, season, **wrong)


def test_a_grade_of_another_product_and_a_stopped_product_are_refused(season: Season) -> None:
    with writing(season.coop) as session:
        other = make.grade(session, make.product(session, "Kopi").id).id
        with pytest.raises(rules.GradeNotOfProduct):
            add(session, season, grade_id=other)
        products.stop_product(session, season.product_id)
        with pytest.raises(ProductNotMade):
            add(session, season)


def test_an_order_is_corrected_while_it_is_open(season: Season) -> None:
    with writing(season.coop) as session:
        order_id = add(session, season).id
        orders.change_order(session, order_id, grade_id=season.grade_b, quantity=400 * KG,
                            price_e4=170_000_000, due_on=SOON, on=DAY, note="awal")  # fmt: skip
    row = only(season)
    assert (row.grade, row.order.quantity, row.order.due_on) == ("B", 400 * KG, SOON)

    with writing(season.coop) as session:
        orders.close_order(session, order_id)
        with pytest.raises(rules.OrderClosed):
            orders.change_order(session, order_id, grade_id=None, quantity=1, price_e4=None,
                                due_on=SOON, on=DAY)  # fmt: skip
        with pytest.raises(rules.OrderClosed):
            orders.cancel_order(session, order_id)
        assert orders.reopen_order(session, order_id).stage is OrderStage.OPEN
        with pytest.raises(rules.OrderStillOpen):
            orders.reopen_order(session, order_id)
        orders.cancel_order(session, order_id)
        with pytest.raises(rules.OrderCancelled):
            orders.close_order(session, order_id)
        with pytest.raises(rules.OrderCancelled):
            orders.reopen_order(session, order_id)
        with pytest.raises(rules.OrderUnknown):
            orders.close_order(session, 99)


def test_a_sale_fills_its_order_with_the_buyers_weight(season: Season) -> None:
    with writing(season.coop) as session:
        order_id = add(session, season, quantity=297_400).id
        sale = open_sale(session, season)
        orders.name_order(session, sale.id, order_id=order_id)
    row = only(season)
    assert (row.prepared, row.filled, row.left) == (300_700, 0, 0)

    with writing(season.coop) as session:
        with pytest.raises(rules.OrderHasSale):
            orders.cancel_order(session, order_id)
        sales.settle(session, sale.id, on=DAY)
    row = only(season)
    assert (row.prepared, row.filled, row.left, row.is_filled) == (0, 297_400, 0, True)
    assert [each.number for each in row.sales] == ["JUAL-2026-0001"]

    with writing(season.coop) as session, pytest.raises(rules.LessThanSold):
        orders.change_order(session, order_id, grade_id=None, quantity=297_399, price_e4=None,
                            due_on=SOON, on=DAY)  # fmt: skip


def test_a_sale_may_be_of_its_own_buyers_open_order_only(season: Season) -> None:
    with writing(season.coop) as session:
        other = add(session, season, buyer_id=make.buyer(session, "CV Lain").id).id
        mine = add(session, season).id
        sale_id = open_sale(session, season).id
        with pytest.raises(rules.OrderOfOther):
            orders.name_order(session, sale_id, order_id=other)
        fitting = orders.open_for(session, buyer_id=season.buyer_id, product_id=season.product_id)
        assert [row.order.id for row in fitting] == [mine]
        orders.name_order(session, sale_id, order_id=mine)
        assert orders.name_order(session, sale_id, order_id=None).order_id is None
        orders.close_order(session, mine)
        with pytest.raises(rules.OrderClosed):
            orders.name_order(session, sale_id, order_id=mine)


def test_what_is_promised_is_held_against_the_store_and_the_log(season: Season) -> None:
    with writing(season.coop) as session:
        # In store: 180,5 kg of A and 120,2 kg of B.
        add(session, season, grade_id=season.grade_a, quantity=200 * KG, due_on=SOON)
        add(session, season, quantity=100 * KG)
        output.record(session, None, member_id=season.members["Made"],
                      product_id=season.product_id, amount=15 * KG, typed="15 kg", made_on=DAY,
                      on=DAY)  # fmt: skip
        cancelled = add(session, season, quantity=900 * KG).id
        orders.cancel_order(session, cancelled)

    (line,) = promised(season)
    graded, free = line.covers
    assert (line.promised, line.stored, line.logged) == (300 * KG, 300_700, 15 * KG)
    assert (graded.grade_id, graded.lack, graded.lacks_from) == (season.grade_a, 19_500, SOON)
    assert (free.there, free.lack, free.lacks_from) == (120_200, 0, None)
    assert (line.lack, line.lacks_from, line.lack_even_so) == (19_500, SOON, 4_500)
    assert line.grades == {season.grade_a: "A"}


def test_what_is_in_a_sale_of_the_order_is_not_missing(season: Season) -> None:
    with writing(season.coop) as session:
        order_id = add(session, season, quantity=500 * KG).id
        orders.name_order(session, open_sale(session, season).id, order_id=order_id)

    (line,) = promised(season)
    assert (line.promised, line.stored, line.lack) == (199_300, 0, 199_300)
    with writing(season.coop) as session:
        orders.change_order(session, order_id, grade_id=None, quantity=300 * KG, price_e4=None,
                            due_on=LATER, on=DAY)  # fmt: skip
    assert promised(season) == []


def test_only_who_sells_may_write_orders_down(season: Season) -> None:
    for who in (make.OFFICER, make.TREASURER, make.SUPERVISOR):
        with pytest.raises(NotAllowed), writing(season.coop, who) as session:
            add(session, season)
        with db.reading(season.coop, person=who) as session:
            assert orders.orders(session) == []


# Buyers


def test_a_buyers_phone_place_and_term_are_corrected(season: Season) -> None:
    with writing(season.coop) as session:
        buyers.change_buyer(session, season.buyer_id, phone="0822-1234-5678", place=" Kota  Lama ",
                            pays_within_days=14)  # fmt: skip
        row = session.get_one(Buyer, season.buyer_id)
        assert (row.phone, row.place, row.pays_within_days) == ("+6282212345678", "Kota Lama", 14)
        buyers.change_buyer(session, season.buyer_id, phone="", place="", pays_within_days=None)
        assert (row.phone, row.place, row.pays_within_days) == (None, None, None)
        with pytest.raises(NotAMobileNumber):
            buyers.change_buyer(session, season.buyer_id, phone="12", place="",
                                pays_within_days=None)  # fmt: skip
        with pytest.raises(rules.TermAbsurd):
            buyers.change_buyer(session, season.buyer_id, phone="", place="", pays_within_days=900)
        with pytest.raises(rules.BuyerUnknown):
            buyers.switch_buyer(session, 99, active=False)


def test_a_buyer_who_is_switched_off_orders_nothing(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)
        buyers.switch_buyer(session, season.buyer_id, active=False)
        with pytest.raises(rules.BuyerIsOff):
            add(session, season)
        assert sales.buyers(session) == []
        assert [buyer.name for buyer in buyers.every_buyer(session)] == ["PB Sri Rejeki"]
        buyers.switch_buyer(session, season.buyer_id, active=True)
        assert add(session, season).number == "PESAN-2026-0001"
    with pytest.raises(NotAllowed), writing(season.coop, make.TREASURER) as session:
        buyers.switch_buyer(session, season.buyer_id, active=False)
