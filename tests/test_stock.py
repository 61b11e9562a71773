"""What is in store, whose it is and what it cost; what dries, spoils or goes missing."""

from datetime import timedelta

import pytest
from sqlmodel import select

from kopprod import db
from kopprod.domain import stock as rules
from kopprod.domain.access import SYSTEM, Action, NotAllowed
from kopprod.domain.deliveries import DeliveryIsAllotted
from kopprod.domain.ledger import STOCK, STOCK_LOSS
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import SaleMode
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.domain.stock import Loss
from kopprod.services import check, deliveries, ledger, sales, stock
from kopprod.tables.buying import StockLoss
from tests import make
from tests.test_buying import DAY, KG, Store, bring, sell, store, writing

__all__ = ["store"]


def test_what_is_in_store_is_the_members_or_the_cooperatives_own(store: Store) -> None:
    with writing(store.coop) as session:
        own, hers = bring(session, store), bring(session, store, 30 * KG, buys=False)
        sell(session, store, own.id, 20 * KG)
        every = [(lot.delivery.id, lot.left, lot.mode) for lot in stock.in_store(session)]
        assert every == [(own.id, 30 * KG, SaleMode.OUTRIGHT), (hers.id, 30 * KG, SaleMode.POOL)]
        for mode, delivery in ((SaleMode.OUTRIGHT, own), (SaleMode.POOL, hers)):
            (found,) = stock.in_store(session, store.product_id, mode=mode)
            assert found.delivery.id == delivery.id


def test_piles_say_what_is_there_and_what_it_cost(store: Store) -> None:
    with writing(store.coop) as session:
        old = bring(session, store, received_on=DAY - timedelta(days=3))
        bring(session, store)
        bring(session, store, 30 * KG, buys=False)
        sell(session, store, old.id, 20 * KG)
        open_sale = sales.open_sale(
            session,
            buyer_id=make.buyer(session).id,
            product_id=store.product_id,
            sold_on=DAY,
            price_e4=80_000_000,
            buyer_weight=5 * KG,
            fee_bp=0,
            on=DAY,
            mode=SaleMode.OUTRIGHT,
        )
        sales.allot(session, open_sale.id, delivery_id=old.id, quantity=5 * KG)
        members, own = stock.piles(session, on=DAY)
        assert (members.mode, members.left, members.cost_rp) == (SaleMode.POOL, 30 * KG, 0)
        assert (own.mode, own.left, own.promised, own.lots) == (
            SaleMode.OUTRIGHT,
            75 * KG,
            5 * KG,
            2,
        )
        # Two times Rp309.881, less the Rp123.952 that the 20 kg had cost.
        assert own.cost_rp == 495_810 == ledger.balance_rp(session, STOCK)
        assert (own.cost_each_rp, own.oldest_on) == (6_198, DAY - timedelta(days=3))


def test_a_loss_of_bought_goods_costs_what_was_paid_for_them(store: Store) -> None:
    with writing(store.coop, store.manager) as session:
        delivery = bring(session, store)
        loss = stock.lose(
            session, delivery.id, quantity=5 * KG, kind=Loss.SPOILED, reason=" Kena  hujan ", on=DAY
        )
        assert (loss.number, loss.cost_rp, loss.reason) == ("SUSUT-2026-0001", 30_988, "Kena hujan")
        assert stock.left(session, delivery.id) == 45 * KG
        assert deliveries.in_store(session)[0].left == 45 * KG
        (said,) = stock.losses(session)
        assert (said.loss.id, said.delivery, said.product) == (loss.id, delivery.number, "Gabah")
    with db.reading(store.coop, person=SYSTEM) as session:
        assert ledger.balance_rp(session, STOCK_LOSS) == 30_988
        assert ledger.balance_rp(session, STOCK) == 309_881 - 30_988
        assert list(check.problems(session)) == []


def test_a_loss_of_members_goods_is_weight_only(store: Store) -> None:
    with writing(store.coop, store.manager) as session:
        delivery = bring(session, store, buys=False)
        loss = stock.lose(
            session, delivery.id, quantity=5 * KG, kind=Loss.DRIED, reason="Susut", on=DAY
        )
        assert (loss.cost_rp, loss.entry_id) == (0, None)
        assert stock.left(session, delivery.id) == 45 * KG
    with db.reading(store.coop, person=SYSTEM) as session:
        assert list(check.problems(session)) == []


def test_the_same_loss_twice_is_one(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)

        def lose(gram: int) -> StockLoss:
            return stock.lose(
                session,
                delivery.id,
                quantity=gram,
                kind=Loss.MISSING,
                reason="Hilang",
                on=DAY,
                draft_key="a",
            )

        assert lose(KG).id == lose(KG).id
        with pytest.raises(FormKeptOtherwise):
            lose(2 * KG)
        assert len(session.exec(select(StockLoss)).all()) == 1


REFUSALS: list[tuple[dict[str, object], type[Refusal]]] = [
    ({"quantity": 0}, rules.NothingLost),
    ({"quantity": 41 * KG}, rules.MoreThanInStore),
    ({"reason": "  "}, rules.LossNeedsReason),
    ({"on": DAY - timedelta(days=1)}, rules.LostBeforeReceived),
]


@pytest.mark.parametrize(("how", "refusal"), REFUSALS)
def test_a_loss_that_cannot_be_is_refused(
    store: Store, how: dict[str, object], refusal: type[Refusal]
) -> None:
    said: dict[str, object] = {
        "quantity": KG, "kind": Loss.DRIED, "reason": "Susut", "on": DAY
    }  # fmt: skip
    with writing(store.coop) as session:
        delivery = bring(session, store)
        sell(session, store, delivery.id, 10 * KG)
    with pytest.raises(refusal), writing(store.coop) as session:
        stock.lose(session, delivery.id, **said | how)  # type: ignore[arg-type]


def test_goods_that_are_not_there_are_not_lost(store: Store) -> None:
    with pytest.raises(NotAllowed), writing(store.coop) as session:
        stock.lose(session, 999, quantity=KG, kind=Loss.DRIED, reason="Susut", on=DAY)


def test_who_sells_writes_off_and_nobody_else(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)
    for person in (store.officer, store.treasurer, store.ayu):
        assert not person.may(Action.SALES_CHANGE)
        with pytest.raises(NotAllowed), writing(store.coop, person) as session:
            stock.lose(session, delivery.id, quantity=KG, kind=Loss.DRIED, reason="S", on=DAY)


def test_what_was_lost_is_not_sold(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)
        stock.lose(session, delivery.id, quantity=45 * KG, kind=Loss.DRIED, reason="S", on=DAY)
    with pytest.raises(sales.MoreThanDelivered), writing(store.coop) as session:
        sell(session, store, delivery.id, 6 * KG)
    with writing(store.coop) as session:
        sell(session, store, delivery.id, 5 * KG)


def test_bought_goods_in_an_open_sale_are_not_taken_back(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)
        sale = sales.open_sale(
            session,
            buyer_id=make.buyer(session).id,
            product_id=store.product_id,
            sold_on=DAY,
            price_e4=80_000_000,
            buyer_weight=5 * KG,
            fee_bp=0,
            on=DAY,
            mode=SaleMode.OUTRIGHT,
        )
        sales.allot(session, sale.id, delivery_id=delivery.id, quantity=5 * KG)
        with pytest.raises(DeliveryIsAllotted):
            deliveries.reverse(session, delivery.id, reason="Salah", on=DAY)


def test_the_rule_of_losses() -> None:
    left, asked = (Quantity(gram, BaseUnit.GRAM) for gram in (2 * KG, KG))
    assert rules.check_loss(asked, left, number="SET-1", reason=" a  b ") == "a b"
    assert set(rules.WORDS) == set(Loss)


@pytest.mark.parametrize(
    ("grams", "reason", "refusal"),
    [
        (0, "rats", rules.NothingLost),
        (-1, "rats", rules.NothingLost),
        (2 * KG + 1, "rats", rules.MoreThanInStore),
        (2 * KG, " \n ", rules.LossNeedsReason),
    ],
)
def test_a_loss_is_of_what_is_there_and_has_a_reason(
    grams: int, reason: str, refusal: type[Refusal]
) -> None:
    left, asked = Quantity(2 * KG, BaseUnit.GRAM), Quantity(grams, BaseUnit.GRAM)

    with pytest.raises(refusal):
        rules.check_loss(asked, left, number="SET-1", reason=reason)
    assert rules.check_loss(left, left, number="SET-1", reason="r" * 301) == "r" * 300
