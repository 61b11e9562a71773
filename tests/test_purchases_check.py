"""Proving purchases: every way of breaking them is named, and a random one is clean."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kopprod import db
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.ledger import BANK, CASH, Posting
from kopprod.domain.refusal import Refusal
from kopprod.services import (
    bill_payments,
    deposits,
    hand_outs,
    ledger,
    purchase_bills,
    purchase_goods,
    purchases,
    supplier_invoices,
    supplies,
)
from kopprod.services.purchase_goods import Came
from kopprod.services.supplier_invoices import ClaimEnd
from kopprod.tables.purchases import Purchase
from tests import make, pooled
from tests.bought_together import (
    FREIGHT_RP,
    SACK_RP,
    acting,
    bill_all,
    bill_of,
    bring,
    clean,
)
from tests.databases import COOP, Postgresql, Sqlite
from tests.pooled import Pool
from tests.seasons import DAY
from tests.test_check import break_it


@pytest.fixture
def traded(ordered: Pool) -> Pool:
    """A purchase with a deposit, a claim, leftovers of which one is sold, and payments."""
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


WANTS = st.lists(
    st.tuples(st.sampled_from(sorted(pooled.SACKS)), st.integers(0, 12), st.integers(0, 4)),
    min_size=1,
    max_size=8,
)
PERCENT = st.integers(0, 120)


@settings(max_examples=10)
@given(
    WANTS, PERCENT, st.integers(0, 3), st.sampled_from(SharingRule), st.sampled_from(ClaimEnd),
    st.integers(0, 1_500_000),
)  # fmt: skip
def test_a_random_purchase_leaves_clean_books(
    databases: Sqlite | Postgresql,
    tmp_path_factory: pytest.TempPathFactory,
    wants: list[tuple[str, int, int]],
    came_percent: int,
    damaged: int,
    rule: SharingRule,
    end: ClaimEnd,
    paid_rp: int,
) -> None:
    folder = tmp_path_factory.mktemp("purchase") / "coops"
    with databases.fresh(folder) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOPPROD_DB", url)
        pool = _prepared()
        with suppress(Refusal):  # nobody wants enough, or nothing came: what was done stands
            _play(pool, wants, came_percent, damaged, rule, end, paid_rp)
        assert clean(pool) == []


def _prepared() -> Pool:
    with db.writing(COOP, person=make.MANAGER, action="test", at=make.AT) as session:
        ledger.open_chart(session)
        members = {name: make.member(session, name).id for name in pooled.SACKS}
        purchase_id, article_id, supplier_id, offer_id = pooled.set_up(session)
        purchases.open_purchase(session, purchase_id, on=DAY)
        session.get_one(Purchase, purchase_id).most_parts = 3
    pool = Pool(COOP, purchase_id, article_id, supplier_id, offer_id, members)
    with acting(pool, make.TREASURER) as session:
        balances = [Posting(BANK, debit_rp=90_000_000), Posting("35", credit_rp=90_000_000)]
        ledger.open_balances(session, on=DAY, balances=balances)
    return pool


def _play(
    pool: Pool,
    wants: list[tuple[str, int, int]],
    came_percent: int,
    damaged: int,
    rule: SharingRule,
    end: ClaimEnd,
    paid_rp: int,
) -> None:
    with acting(pool) as session:
        for minute, (name, firm, tolerance) in enumerate(wants):
            pooled.says(session, pool, name, firm, tolerance, minute=minute)
    with acting(pool, make.TREASURER) as session:
        deposits.take(
            session, pool.purchase_id, pool.members["Siti"], amount_rp=400_000, account=BANK, on=DAY
        )
    with acting(pool) as session:
        purchases.lock(session, pool.purchase_id)
        purchase_goods.order_out(session, pool.purchase_id, on=DAY)
        (line,) = purchase_goods.order_lines(session, pool.purchase_id)
        ordered = line.ordered
    with acting(pool) as session:
        came = Came(ordered * came_percent // 100, damaged, ordered * line.line.pack_rp)
        invoice = purchase_goods.receive(
            session, pool.purchase_id, pool.supplier_id, came={line.line.id: came},
            freight_rp=FREIGHT_RP, on=DAY,
        )  # fmt: skip
        purchase_goods.redistribute(session, pool.purchase_id, rule=rule)
        rows = purchase_bills.make(session, pool.purchase_id, on=DAY)
    with acting(pool) as session:
        for held in deposits.deposits(session, pool.purchase_id):
            if held.left_rp:
                deposits.give_back(session, held.deposit.id, on=DAY)
        if invoice.claim_rp:
            supplier_invoices.end_claim(session, invoice.id, end=end, on=DAY, account=BANK)
        supplier_invoices.pay(session, invoice.id, account=BANK, on=DAY)
        for row in rows:
            hand_outs.hand_out(session, row.id)
        hand_outs.close(session, pool.purchase_id)
        for left in supplies.stock(session):
            supplies.lose(session, left.lot.id, quantity=1, reason="Rusak", on=DAY)
    with acting(pool, make.TREASURER) as session:
        bill_payments.pay(session, rows[0].id, amount_rp=paid_rp, account=BANK, on=DAY)
