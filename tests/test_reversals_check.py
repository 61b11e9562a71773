"""Proving what was taken back: a sound season is clean, and every way of breaking it is named."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from sqlmodel import select

from kopprod import db
from kopprod.domain.ledger import BANK, CASH
from kopprod.services import reversals, sales, slips
from kopprod.tables.sales import BuyerPayment, SaleCost
from tests import make
from tests.seasons import DAY, Season, writing
from tests.test_check import break_it, sentences
from tests.test_reversals import slip_of, sold


@pytest.fixture
def played(kept: Callable[[Callable[..., Any]], Any]) -> Season:
    """Settled, paid, taken back and settled again; a payment and a cost were taken back too."""
    return cast(Season, kept(_played))


def _played(season: Season) -> Season:
    sale_id = sold(season, paid=("Siti", "Budi"))
    with writing(season.coop, make.TREASURER) as session:
        slip_id = slip_of(session, season, "Budi").id
        reversals.return_payout(session, slip_id, reason="Nomor salah", on=DAY)
        truck = session.exec(select(SaleCost).where(SaleCost.name == "Truk")).one().id
        sales.pay_cost(session, truck, account=BANK, on=DAY)
        reversals.reverse_cost(session, truck, reason="x", on=DAY)
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale_id, reason="Salah", on=DAY)
        sales.release(session, sale_id, delivery_id=season.delivered[3])
        sales.settle(session, sale_id, on=DAY, shrinkage_reason="Karung lain")
    with writing(season.coop, make.TREASURER) as session:
        paid = session.exec(select(BuyerPayment)).one()
        reversals.reverse_payment(session, paid.id, reason="x", on=DAY, keeps_rp=4_500_000)
        sales.take_payment(session, sale_id, amount_rp=500_000, account=CASH, on=DAY)
        slips.pay(session, slip_of(session, season, "Made").id, account=BANK, on=DAY)
    return season


def test_what_was_taken_back_is_clean(played: Season) -> None:
    assert sentences(played.coop) == []


# Slips 1-3 are void; 4-6 stand. The first entry is the settlement, its reversal stands further on.
BREAKS = [
    ("UPDATE slip_deduction SET amount_rp = amount_rp - 1", "Member {whom}: the journal claims"),
    (
        "UPDATE line SET debit_rp = debit_rp + 1 WHERE id = (SELECT min(line.id) FROM line"
        " JOIN settlement_reversal AS back ON back.reversal_entry_id = line.entry_id"
        " WHERE debit_rp > 0)",
        "is not the opposite of the entry that it reverses",
    ),
    (
        "UPDATE settlement_reversal SET reversed_on = '2026-03-01'",
        "the journal does not take the settlement back",
    ),
    (
        "UPDATE settlement_reversal SET sale_id = 99",
        "the journal does not take the settlement back",
    ),
    (
        "UPDATE settlement_reversal SET gross_rp = gross_rp + 1, net_rp = net_rp + 1",
        "the amounts are not those of the settlement",
    ),
    (
        "UPDATE settlement_reversal SET fee_rp = fee_rp + 1",
        "the amounts are not those of the settlement",
    ),
    (
        "UPDATE slip SET voided_on = '2026-03-02', void_reason = 'x' WHERE id = 6",
        "is cancelled, but the sale behind it was never taken back",
    ),
    (
        "UPDATE buyer_payment SET reversal_entry_id = 1 WHERE id = 1",
        "was taken back, but not in the journal",
    ),
    (
        "UPDATE buyer_payment SET reversal_entry_id = NULL, reversed_on = NULL, reason = NULL"
        " WHERE id = 1",
        "stands, but the journal has taken it back",
    ),
    ("UPDATE payout_return SET amount_rp = amount_rp + 1", "does not take the payment of its slip"),
    ("UPDATE payout_return SET slip_id = 1", "does not take the payment of its slip"),
    (
        "UPDATE slip SET paid_entry_id = (SELECT reverses_id FROM entry JOIN payout_return"
        " ON payout_return.entry_id = entry.id) WHERE id = 1",
        "is marked paid, but the journal has taken the payment back",
    ),
    ("UPDATE sale_cost SET paid_entry_id = 1 WHERE name = 'Truk'", "Unpaid costs of sales"),
    (
        "UPDATE slip SET voided_on = NULL, void_reason = NULL WHERE id = 3",
        "the slips do not add up",
    ),
]


@pytest.mark.parametrize(("statements", "sentence"), BREAKS)
def test_what_is_broken_is_named(played: Season, statements: str, sentence: str) -> None:
    with db.engine(played.coop, writes=True).begin() as connection:
        if "voided_on = NULL" in statements:
            connection.exec_driver_sql("DROP INDEX uq_slip_standing")
        if "sale_id = 99" in statements:
            statements = statements.replace("99", "1") + ", entry_id = reversal_entry_id + 1"
        break_it(connection, statements)
    assert any(sentence in named for named in sentences(played.coop))


def test_payments_of_a_sale_that_was_never_settled_are_named(played: Season) -> None:
    with db.engine(played.coop, writes=True).begin() as connection:
        break_it(connection, "UPDATE sale SET stage = 'open'; DELETE FROM settlement_reversal")
    assert any("is not settled, but has slips" in named for named in sentences(played.coop))
