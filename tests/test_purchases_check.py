"""Proving purchases: every way of breaking them is named, and the database keeps them."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kopprod.domain.ledger import BANK, CASH
from kopprod.services import (
    bill_payments,
    deposits,
    hand_outs,
    supplier_invoices,
    supplies,
)
from kopprod.services.supplier_invoices import ClaimEnd
from tests import make
from tests.bought_together import (
    SACK_RP,
    acting,
    bill_all,
    bill_of,
    bring,
    clean,
)
from tests.pooled import Pool
from tests.seasons import DAY
from tests.test_check import break_it


@pytest.fixture
def traded(kept: Callable[[Callable[..., Any]], Any]) -> Pool:
    """A purchase with a deposit, a claim, leftovers of which one is sold, and payments."""
    return cast(Pool, kept(_traded))


def _traded(ordered: Pool) -> Pool:
    siti = ordered.members["Siti"]
    with acting(ordered, make.TREASURER) as session:
        for amount_rp in (300_000, 9_000_000):
            deposits.take(
                session, ordered.purchase_id, siti, amount_rp=amount_rp, account=CASH, on=DAY
            )
    invoice = bring(ordered, 39, damaged=1, invoiced_rp=40 * SACK_RP)
    bill_all(ordered)
    with acting(ordered) as session:
        deposits.give_back(session, 2, on=DAY)
        bill_id = bill_of(session, ordered, "Budi").id
        bill_payments.pay(session, bill_id, amount_rp=100_000, account=CASH, on=DAY)
        bill_payments.let_wait(session, bill_id, amount_rp=300_000, parts=2, on=DAY)
        supplier_invoices.end_claim(session, invoice.id, end=ClaimEnd.TAKEN_OFF, on=DAY)
        supplier_invoices.pay(session, invoice.id, account=BANK, on=DAY)
        supplies.sell(
            session, 1, member_id=siti, quantity=1, amount_rp=300_000, account=None, on=DAY
        )
        hand_outs.hand_out(session, bill_id)
    assert clean(ordered) == []
    return ordered


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE supplier_invoice SET goods_rp = goods_rp + 1", "Inputs in stock"),
        ("UPDATE supplier_invoice SET goods_rp = goods_rp + 1", "not what came of him"),
        ("UPDATE supplier_invoice SET paid_on = NULL", "Suppliers: the journal owes"),
        ("UPDATE supplier_invoice SET claim_on = NULL", "Claims against suppliers"),
        ("UPDATE supplier_invoice SET claim_rp = claim_rp + 1", "an invoice is marked paid"),
        ("UPDATE deposit SET amount_rp = amount_rp + 1 WHERE id = 1", "of deposits (account"),
        ("UPDATE deposit SET amount_rp = amount_rp + 1 WHERE id = 1", "Deposit TITIP"),
        ("UPDATE purchase_bill SET goods_rp = goods_rp + 1 WHERE id = 1", "for inputs (account"),
        ("UPDATE purchase_bill SET goods_rp = goods_rp + 1 WHERE id = 1", "does not add up"),
        ("UPDATE purchase_bill SET goods_rp = goods_rp + 1 WHERE id = 1", "do not add up to"),
        ("UPDATE purchase_bill SET goods_rp = goods_rp + 1 WHERE id = 1", "does not have it"),
        ("UPDATE purchase_bill SET fee_rp = fee_rp + 1 WHERE id = 1", "Fees of purchases"),
        ("UPDATE purchase_bill SET billed_on = '2026-03-01'", "does not have it"),
        ("UPDATE purchase_bill SET yarnen_rp = 99000000", "more was paid, or is to wait"),
        ("UPDATE bill_payment SET amount_rp = amount_rp + 1", "Payment BAYARNOTA"),
        ("UPDATE purchase_share SET quantity = 13, goods_rp = 0 WHERE id = 1", "more was handed"),
        ("UPDATE purchase_share SET quantity = quantity - 1 WHERE id = 1", "more was handed"),
        ("UPDATE purchase_share SET shop_rp = 1 WHERE id = 1", "reckoned again"),
        ("UPDATE supply_lot SET cost_rp = cost_rp - 1", "do not add up to"),
        ("UPDATE supply_sale SET quantity = 3", "more left the stock"),
        ("UPDATE supply_sale SET cost_rp = cost_rp + 1", "Sale STOK"),
        ("UPDATE purchase SET stage = 'closed'", "its stage does not fit"),
        ("UPDATE purchase SET received_on = NULL", "its stage does not fit"),
        ("UPDATE purchase SET stage = 'ordered'", "its stage does not fit"),
        ("UPDATE deposit SET account_code = '1103' WHERE id = 1", "Deposit TITIP"),
        ("UPDATE bill_payment SET account_code = '1103'", "Payment BAYARNOTA"),
        ("UPDATE purchase_bill SET fee_rp = fee_rp + 1 WHERE id = 1", "does not add up"),
        ("UPDATE supply_sale SET amount_rp = amount_rp + 1", "Sale STOK"),
        ("UPDATE supply_lot SET quantity = quantity + 1", "more was handed"),
        ("UPDATE purchase SET stage = 'cancelled', cancel_reason = 'x'", "its stage does not fit"),
        ("UPDATE entry SET paper = 'bill:99' WHERE paper = 'bill:1'", "a paper of a purchase"),
    ],
)
def test_what_is_broken_is_named(traded: Pool, statement: str, named: str) -> None:
    with acting(traded) as session:
        break_it(session.connection(), statement)
    found = clean(traded)
    assert any(named in one for one in found), found


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM purchase",
        "DELETE FROM want_said",
        "UPDATE want_said SET firm = firm + 1",
        "DELETE FROM purchase_bill",
        "UPDATE purchase_bill SET goods_rp = 1",
        "UPDATE purchase_bill SET entry_id = NULL",
        "UPDATE purchase_bill SET parts = 3 WHERE parts > 0",
        "DELETE FROM deposit",
        "UPDATE deposit SET amount_rp = 1",
        "UPDATE deposit SET returned_on = NULL, returned_entry_id = NULL",
        "DELETE FROM bill_payment",
        "UPDATE bill_payment SET amount_rp = 1",
        "DELETE FROM supplier_invoice",
        "UPDATE supplier_invoice SET paid_on = NULL, paid_entry_id = NULL",
        "DELETE FROM supply_lot",
        "UPDATE supply_lot SET cost_rp = 1",
        "DELETE FROM supply_sale",
        "UPDATE supply_sale SET cost_rp = 1",
    ],
)
def test_the_database_keeps_what_people_were_told(traded: Pool, statement: str) -> None:
    with pytest.raises(DBAPIError, match="guard"), acting(traded) as session:
        session.execute(text(statement))
    assert clean(traded) == []
