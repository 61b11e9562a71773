"""WE-11's purchase brought further: ordered, received, billed, as tests need it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, cast

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.access import Person
from kopprod.domain.ledger import BANK, CASH, Posting
from kopprod.domain.purchases import PurchaseStage
from kopprod.services import check, ledger, purchase_bills, purchase_goods, purchases
from kopprod.services.purchase_goods import Came
from kopprod.tables.purchases import Purchase, PurchaseBill, SupplierInvoice
from tests import make
from tests.pooled import Pool, all_say
from tests.seasons import DAY

SACK_RP, FREIGHT_RP = 284_000, 275_000
BILLS_RP = {
    "Siti": 2_059_907,
    "Budi": 882_817,
    "Made": 3_531_269,
    "Yohana": 1_471_362,
    "Rahmat": 2_942_725,
}


def acting(pool: Pool, person: Person = make.MANAGER) -> AbstractContextManager[Session]:
    """One act of the manager, or of somebody else."""
    return db.writing(pool.coop, person=person, action="test", at=make.AT)


@pytest.fixture
def ordered(kept: Callable[[Callable[..., Any]], Any]) -> Pool:
    """All five have said what they want, the plan is fixed and the supplier was asked.

    Rp20.000.000 lie in the box and as much in the bank; yarnen is paid in three parts at the most.
    """
    return cast(Pool, kept(_ordered))


def _ordered(pool: Pool) -> Pool:
    with acting(pool, make.TREASURER) as session:
        balances = [
            Posting(CASH, debit_rp=20_000_000),
            Posting(BANK, debit_rp=20_000_000),
            Posting("35", credit_rp=40_000_000),
        ]
        ledger.open_balances(session, on=DAY, balances=balances)
    with acting(pool) as session:
        all_say(session, pool)
        session.get_one(Purchase, pool.purchase_id).most_parts = 3
        purchases.lock(session, pool.purchase_id)
        purchase_goods.order_out(session, pool.purchase_id, on=DAY)
    return pool


def bring(
    pool: Pool,
    good: int = 37,
    *,
    damaged: int = 0,
    invoiced_rp: int | None = None,
    freight_rp: int = FREIGHT_RP,
) -> SupplierInvoice:
    """The supplier brings so many sacks, and asks for 37 at the agreed price unless told."""
    asked_rp = 37 * SACK_RP if invoiced_rp is None else invoiced_rp
    with acting(pool, make.OFFICER) as session:
        (line,) = purchase_goods.order_lines(session, pool.purchase_id)
        return purchase_goods.receive(
            session,
            pool.purchase_id,
            pool.supplier_id,
            came={line.line.id: Came(good, damaged, asked_rp)},
            freight_rp=freight_rp,
            on=DAY,
        )


def bill_all(pool: Pool) -> dict[str, PurchaseBill]:
    """All bills, by name."""
    names = {member_id: name for name, member_id in pool.members.items()}
    with acting(pool, make.OFFICER) as session:
        rows = purchase_bills.make(session, pool.purchase_id, on=DAY)
        return {names[row.member_id]: row for row in rows}


@pytest.fixture
def billed(kept: Callable[[Callable[..., Any]], Any]) -> Pool:
    """Everything came as ordered, and the bills of WE-11 are made."""
    return cast(Pool, kept(_billed))


def _billed(ordered: Pool) -> Pool:
    bring(ordered)
    bill_all(ordered)
    return ordered


def bill_of(session: Session, pool: Pool, name: str) -> PurchaseBill:
    """A member's bill."""
    query = select(PurchaseBill).where(PurchaseBill.member_id == pool.members[name])
    return session.exec(query).one()


def stage(pool: Pool) -> PurchaseStage:
    """How far the purchase is."""
    with acting(pool) as session:
        return session.get_one(Purchase, pool.purchase_id).stage


def balances(pool: Pool, *accounts: str) -> Mapping[str, int]:
    """Debit less credit of accounts."""
    with acting(pool) as session:
        return {code: ledger.balance_rp(session, code) for code in accounts}


def clean(pool: Pool) -> list[str]:
    """Every sentence that `check` has to say."""
    with db.reading(pool.coop) as session:
        return [one.sentence.format(**one.facts) for one in check.problems(session)]
