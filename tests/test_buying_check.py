"""Proving what was bought: every way of breaking it is named."""

import pytest

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.domain.stock import Loss
from kopprod.services import check, deliveries, stock
from tests.test_buying import DAY, KG, Store, bring, sell, store, writing
from tests.test_check import break_it

__all__ = ["store"]

# Delivery 1 is sold and lost in part, 2 was taken back (by 3), 4 is the member's own.
BREAKS = [
    ("UPDATE buying SET amount_rp = amount_rp + 1 WHERE id = 1", "Goods in store: the journal"),
    ("UPDATE stock_loss SET cost_rp = cost_rp + 1 WHERE id = 1", "Goods in store: the journal"),
    ("UPDATE allotment SET cost_rp = cost_rp - 1 WHERE id = 1", "Goods in store: the journal"),
    ("UPDATE buying SET entry_id = NULL WHERE id = 1", "the journal does not say so"),
    ("UPDATE entry SET paper = 'delivery:4' WHERE id = 2", "the journal does not say so"),
    ("UPDATE buying SET amount_rp = amount_rp + 1 WHERE id = 1", "the journal does not say so"),
    (
        "UPDATE buying SET reversed_on = NULL, reversal_entry_id = NULL WHERE id = 2",
        "not taken back together",
    ),
    ("UPDATE buying SET reversal_entry_id = 1 WHERE id = 2", "not taken back together"),
    (
        "UPDATE delivery SET reverses_id = NULL, reason = NULL WHERE id = 3",
        "not taken back together",
    ),
    ("UPDATE slip SET net_value_rp = 5 WHERE id = 1", "its slip is missing"),
    ("UPDATE slip SET voided_on = NULL, void_reason = NULL WHERE id = 2", "its slip is missing"),
    (
        "UPDATE slip SET voided_on = '2026-03-02', void_reason = 'x' WHERE id = 1",
        "its slip is missing",
    ),
    ("UPDATE delivery SET received_on = '2020-01-01' WHERE id = 1", "of another product"),
    ("UPDATE buying SET price_version_id = NULL WHERE id = 1", "of another product"),
    ("UPDATE stock_loss SET cost_rp = 999999999 WHERE id = 1", "what its parts had cost"),
    ("UPDATE stock_loss SET entry_id = NULL WHERE id = 1", "Loss {number} is not in the journal"),
    ("UPDATE stock_loss SET number = 'X' WHERE id = 1", "Loss {number} is not in the journal"),
    ("UPDATE stock_loss SET number = 'X' WHERE id = 1", "from a paper that is not there"),
    ("UPDATE stock_loss SET delivery_id = 2 WHERE id = 1", "Loss {number} is of goods"),
    ("UPDATE stock_loss SET delivery_id = 4 WHERE id = 1", "Loss {number} is of goods"),
    ("UPDATE stock_loss SET quantity = 41000 WHERE id = 1", "is sold or lost than was"),
    ("UPDATE entry SET paper = 'delivery:99' WHERE id = 2", "from a paper that is not there"),
    ("UPDATE buying SET price_e4 = price_e4 + 1 WHERE id = 1", "reckoned again, it was bought"),
    ("UPDATE buying SET paid_weight_e4 = 5 WHERE id = 1", "reckoned again, it was bought"),
]


@pytest.mark.parametrize(("statements", "sentence"), BREAKS)
def test_what_is_broken_is_named(store: Store, statements: str, sentence: str) -> None:
    with writing(store.coop) as session:
        first = bring(session, store)
        sell(session, store, first.id, 10 * KG)
        stock.lose(session, first.id, quantity=5 * KG, kind=Loss.DRIED, reason="Susut", on=DAY)
        wrong = bring(session, store)
        deliveries.reverse(session, wrong.id, reason="Salah", on=DAY)
        bring(session, store, buys=False)
    with db.reading(store.coop, person=SYSTEM) as session:
        assert list(check.problems(session)) == []
    with writing(store.coop) as session:
        break_it(session.connection(), statements)
    with db.reading(store.coop, person=SYSTEM) as session:
        assert any(sentence in one.sentence for one in check.problems(session))
