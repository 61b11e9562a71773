"""What the database itself refuses: every way of changing what is posted or may not be lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, text

from kopprod import db
from kopprod.domain import ledger as rule
from kopprod.domain.access import Person
from kopprod.domain.ledger import Posting
from kopprod.services import ledger, sales, slips
from kopprod.tables.ledger import Entry
from tests import make, seasons
from tests.seasons import Season

DAY = make.TODAY
CASH, BANK, FEE, OWED = rule.CASH, rule.BANK, rule.SALE_FEE, rule.OWED_TO_MEMBERS


def writing(coop: str, person: Person = make.TREASURER) -> AbstractContextManager[Session]:
    return db.writing(coop, person=person, action="test", at=make.AT)


@pytest.fixture
def opened(coop: str) -> str:
    """A cooperative with its chart of accounts."""
    with writing(coop) as session:
        ledger.open_chart(session)
    return coop


def income(amount_rp: int, *, to: str = CASH) -> list[Posting]:
    return [Posting(to, debit_rp=amount_rp), Posting(FEE, credit_rp=amount_rp)]


def spending(amount_rp: int) -> list[Posting]:
    return [Posting("61", debit_rp=amount_rp), Posting(CASH, credit_rp=amount_rp)]


def post(session: Session, postings: list[Posting], *, on: date = DAY) -> Entry:
    return ledger.post(session, on=on, memo="Test", paper="test:1", postings=postings)


POSTED_ENTRY = (
    'INSERT INTO entry (id, number, stage, "on", memo, paper, posted_at, act_id)'
    " VALUES ({id}, {number}, '{stage}', '2026-03-02', 'x', 'x', {posted_at}, 1)"
)
MOMENT = "'2026-03-02 01:00:00'"
LINE = (
    "INSERT INTO line (id, entry_id, account_code, debit_rp, credit_rp, business_unit)"
    " VALUES ({id}, {entry}, '1101', 1, 0, 'x')"
)
DRAFT = POSTED_ENTRY.format(id=90, number="NULL", stage="draft", posted_at="NULL")
POST_DRAFT = f"UPDATE entry SET stage = 'posted', number = 90, posted_at = {MOMENT} WHERE id = 90"

# Entry 1 is posted with lines 1 and 2; entry 90 is a draft with the lines 90 and 91.
ATTEMPTS = [
    "UPDATE entry SET memo = 'other' WHERE id = 1",
    "UPDATE entry SET \"on\" = '2020-01-01' WHERE id = 1",
    "UPDATE entry SET stage = 'draft', number = NULL, posted_at = NULL WHERE id = 1",
    "UPDATE entry SET id = 7 WHERE id = 1",
    "UPDATE entry SET id = 7 WHERE id = 90",
    "DELETE FROM entry WHERE id = 1",
    "DELETE FROM entry",
    POSTED_ENTRY.format(id=7, number=7, stage="posted", posted_at=MOMENT),
    "UPDATE line SET debit_rp = debit_rp + 1 WHERE id = 1",
    "UPDATE line SET account_code = '1103' WHERE id = 1",
    "UPDATE line SET entry_id = 90 WHERE id = 1",
    "UPDATE line SET entry_id = 1 WHERE id = 90",
    "UPDATE line SET id = 7 WHERE id = 90",
    "DELETE FROM line WHERE id = 1",
    "DELETE FROM line",
    LINE.format(id=7, entry=1),
    # posting what does not balance, or has one line, or none, or names nobody
    f"UPDATE line SET debit_rp = 2 WHERE id = 90; {POST_DRAFT}",
    f"DELETE FROM line WHERE id = 91; {POST_DRAFT}",
    f"DELETE FROM line WHERE entry_id = 90; {POST_DRAFT}",
    f"UPDATE line SET account_code = '2110' WHERE id = 90; {POST_DRAFT}",
    f"UPDATE line SET account_code = '1120' WHERE id = 90; {POST_DRAFT}",
    # the chart under posted lines, the trail, what is never deleted
    "UPDATE account SET sub_ledger = 'none' WHERE code = '2110'",
    "UPDATE account SET kind = 'asset' WHERE code = '4101'",
    "UPDATE act SET action = 'other'",
    "DELETE FROM act",
    "UPDATE change SET after = 'other'",
    "DELETE FROM change",
    "DELETE FROM member",
]

ONLY_SQLITE = [
    POSTED_ENTRY.format(id=1, number="NULL", stage="draft", posted_at="NULL").replace(
        "INSERT", "INSERT OR REPLACE"
    ),
    POSTED_ENTRY.format(id=7, number=1, stage="posted", posted_at=MOMENT).replace(
        "INSERT", "INSERT OR REPLACE"
    ),
    LINE.format(id=1, entry=90).replace("INSERT", "INSERT OR REPLACE"),
    POST_DRAFT.replace("UPDATE", "UPDATE OR REPLACE").replace("number = 90", "number = 1"),
    "UPDATE OR REPLACE entry SET id = 1 WHERE id = 90",
    "UPDATE OR REPLACE line SET id = 1 WHERE id = 90",
    "INSERT OR REPLACE INTO act (id, at, action) VALUES (1, '2026-03-02 01:00:00', 'other')",
    "REPLACE INTO entry SELECT * FROM entry WHERE id = 1",
    "INSERT INTO line SELECT * FROM line WHERE id = 1 ON CONFLICT (id) DO UPDATE SET debit_rp = 5",
]

ONLY_POSTGRESQL = [
    "TRUNCATE line",
    "TRUNCATE entry CASCADE",
    "TRUNCATE act CASCADE",
    "TRUNCATE change",
    "TRUNCATE member CASCADE",
    "INSERT INTO line SELECT * FROM line WHERE id = 1 ON CONFLICT (id) DO UPDATE SET debit_rp = 5",
    "MERGE INTO line USING (SELECT 1 AS id) AS one ON line.id = one.id"
    " WHEN MATCHED THEN UPDATE SET debit_rp = 5",
    "WITH gone AS (DELETE FROM line WHERE id = 1 RETURNING id) SELECT * FROM gone",
    "COPY line (id, entry_id, account_code, debit_rp, credit_rp, business_unit) FROM STDIN",
]


@pytest.fixture
def guarded(kept: Callable[[Callable[..., Any]], Any]) -> str:
    """A posted entry, a committed draft that balances, a trail and a member."""
    return cast(str, kept(_guarded))


def _guarded(opened: str) -> str:
    with writing(opened) as session:
        ayu = make.member(session, "Ayu")
        posted = post(session, income(1_000))
        post(session, [Posting(CASH, debit_rp=5), Posting(OWED, credit_rp=5, member_id=ayu.id)])
        assert posted.id == 1
        ayu.phone = "+628123"
        for statement in (DRAFT, LINE.format(id=90, entry=90), LINE.format(id=91, entry=90)):
            session.execute(text(statement))
        session.execute(text("UPDATE line SET debit_rp = 0, credit_rp = 1 WHERE id = 91"))
    return opened


BOOKS = ("entry", "line", "account", "act", "change", "member")
PAPERS = ("sale", "allotment", "sale_cost", "slip", "buyer_payment", "delivery")
TABLES = (*BOOKS, *PAPERS)


def snapshot(coop: str) -> list[str]:
    with db.reading(coop) as session:
        return [
            str(row)
            for table in TABLES
            for row in session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))
        ]


def attempt(coop: str, statements: str) -> None:
    with db.engine(coop, writes=True).begin() as connection:
        for statement in statements.split("; "):
            if statement.startswith("COPY"):
                with connection.connection.cursor().copy(statement) as copy:
                    copy.write("7\t1\t1101\t5\t0\tx\n")
            else:
                connection.execute(text(statement))


def refuse(coop: str, statements: str) -> None:
    before = snapshot(coop)
    with pytest.raises((DBAPIError, psycopg.Error), match="guard"):
        attempt(coop, statements)
    assert snapshot(coop) == before


@pytest.mark.parametrize("statements", ATTEMPTS)
def test_the_database_refuses_what_would_change_the_books(guarded: str, statements: str) -> None:
    refuse(guarded, statements)


@pytest.mark.parametrize("statements", ONLY_SQLITE)
def test_sqlite_refuses_to_replace(guarded: str, statements: str) -> None:
    if not db.is_sqlite():
        return
    refuse(guarded, statements)


@pytest.mark.parametrize("statements", ONLY_POSTGRESQL)
def test_postgresql_refuses_to_empty_merge_or_copy(guarded: str, statements: str) -> None:
    if db.is_sqlite():
        return
    refuse(guarded, statements)


def test_a_draft_that_balances_may_be_posted(guarded: str) -> None:
    with db.engine(guarded, writes=True).begin() as connection:
        connection.execute(text(POST_DRAFT))


# The papers behind the books. Sale 1 is settled: allotments 1 to 4, costs 1 (paid) and 2, slips 1
# (paid) to 3, buyer's payment 1. Sale 2 is open: delivery 5 as allotment 5, cost 3.
@pytest.fixture
def papers(kept: Callable[[Callable[..., Any]], Any]) -> str:
    return cast(str, kept(_papers))


def _papers(season: Season) -> str:
    with writing(season.coop, make.MANAGER) as session:
        sale_id = seasons.settled(session, season).id
        other = seasons.bring(session, season, "Made", 50_000)
        open_id = seasons.open_sale(session, season, delivery_ids=[other]).id
        sales.add_cost(session, open_id, name="Truk", amount_rp=1_000)
        sales.take_payment(
            session, sale_id, amount_rp=5_000_000, account=CASH, on=DAY, draft_key="one"
        )
        sales.pay_cost(session, 1, account=CASH, on=DAY)
        slips.pay(session, 1, account=CASH, on=DAY)
    return season.coop


ALLOT = "INTO allotment (id, sale_id, delivery_id, quantity, factor_bp, act_id) VALUES"
COST = "INTO sale_cost (id, sale_id, name, amount_rp, act_id) VALUES"
SLIP = (
    "INTO slip (code, id, number, sale_id, member_id, net_value_rp, paid_by_settler, act_id)"
    " VALUES ('0000000000000000',"
)
PAID = (
    "INTO buyer_payment (id, sale_id, paid_on, amount_rp, account_code, entry_id, draft_key,"
    " act_id) VALUES"
)
SALE = (
    "INTO sale (id, number, stage, buyer_id, product_id, sold_on, price_e4, buyer_weight, fee_bp,"
    " our_weight, gross_rp, costs_rp, fee_rp, net_rp, settled_on, entry_id, act_id) VALUES"
)
SETTLED = "1, 1, '2026-03-02', 1, 1, 0, 1, 1, 0, 0, 1, '2026-03-02', 1, 1)"

PAPER_ATTEMPTS = [
    *(
        f"UPDATE sale SET {change} WHERE id = 1"
        for change in (
            "price_e4 = 1",
            "buyer_weight = 1",
            "fee_bp = 0",
            "gross_rp = gross_rp + 1, net_rp = net_rp + 1",
            "stage = 'open'",
            "stage = 'cancelled'",
            "sold_on = '2020-01-01'",
            "settled_on = '2020-01-01'",
            "settled_by_id = NULL",
            "shrinkage_reason = 'other'",
            "number = 'other'",
            "id = 9",
            "act_id = 1",
        )
    ),
    "DELETE FROM sale WHERE id = 1",
    "DELETE FROM sale",
    f"INSERT {SALE} (9, 'X', 'settled', {SETTLED}",
    "UPDATE allotment SET share_rp = share_rp + 1 WHERE id = 1",
    "UPDATE allotment SET share_rp = NULL WHERE id = 1",
    "UPDATE allotment SET quantity = 1 WHERE id = 1",
    "UPDATE allotment SET factor_bp = 1 WHERE id = 1",
    "UPDATE allotment SET sale_id = 2 WHERE id = 1",
    "UPDATE allotment SET sale_id = 1 WHERE id = 5",
    "DELETE FROM allotment WHERE id = 1",
    f"INSERT {ALLOT} (9, 1, 5, 1, 10000, 1)",
    "UPDATE sale_cost SET amount_rp = 1 WHERE id = 2",
    "UPDATE sale_cost SET name = 'other' WHERE id = 2",
    "UPDATE sale_cost SET sale_id = 2 WHERE id = 2",
    "UPDATE sale_cost SET sale_id = 1 WHERE id = 3",
    "UPDATE sale_cost SET paid_entry_id = NULL WHERE id = 1",
    "DELETE FROM sale_cost WHERE id = 2",
    f"INSERT {COST} (9, 1, 'Truk', 1, 1)",
    "UPDATE slip SET net_value_rp = net_value_rp + 1 WHERE id = 2",
    "UPDATE slip SET member_id = 3 WHERE id = 1",
    "UPDATE slip SET sale_id = 2 WHERE id = 2",
    "UPDATE slip SET number = 'other' WHERE id = 2",
    "UPDATE slip SET paid_on = NULL, paid_from = NULL, paid_entry_id = NULL WHERE id = 1",
    "UPDATE slip SET paid_on = '2026-03-01' WHERE id = 1",
    "DELETE FROM slip WHERE id = 2",
    f"INSERT {SLIP} 9, 'X', 1, 4, 1, FALSE, 1)",
    "UPDATE buyer_payment SET amount_rp = 1",
    "UPDATE buyer_payment SET sale_id = 2",
    "UPDATE buyer_payment SET draft_key = NULL",
    "DELETE FROM buyer_payment",
    f"INSERT {PAID} (9, 2, '2026-03-02', 1, '1101', 1, NULL, 1)",
    *(
        f"UPDATE delivery SET {change} WHERE id = 1"
        for change in (
            "gross = gross + 1, net = net + 1",
            "tare = 1, net = net - 1",
            "member_id = 2",
            "grade_id = 2",
            "product_id = 9",
            "received_on = '2020-01-01'",
            "typed = 'other'",
            "village_id = 1",
            "output_id = 1",
            "reverses_id = 2, reason = 'x'",
            "number = 'other'",
            "id = 9",
        )
    ),
    "DELETE FROM delivery WHERE id = 5",
]

PAPERS_ONLY_SQLITE = [
    *(f"REPLACE INTO {table} SELECT * FROM {table} WHERE id = 1" for table in PAPERS),
    f"INSERT OR REPLACE {SALE} (1, 'X', 'open', {SETTLED}",
    f"INSERT OR REPLACE {SALE} (9, 'JUAL-2026-0001', 'open', {SETTLED}",
    "UPDATE OR REPLACE sale SET id = 1 WHERE id = 2",
    "UPDATE OR REPLACE sale SET number = 'JUAL-2026-0001' WHERE id = 2",
    f"INSERT OR REPLACE {ALLOT} (1, 2, 5, 1, 10000, 1)",
    "UPDATE OR REPLACE allotment SET id = 1 WHERE id = 5",
    f"INSERT OR REPLACE {COST} (1, 2, 'Truk', 1, 1)",
    "UPDATE OR REPLACE sale_cost SET id = 2 WHERE id = 3",
    f"INSERT OR REPLACE {SLIP} 9, 'SLIP-2026-0002', 2, 3, 1, FALSE, 1)",
    f"INSERT OR REPLACE {PAID} (9, 1, '2026-03-02', 1, '1101', 1, 'one', 1)",
    "INSERT OR REPLACE INTO delivery (code, id, number, member_id, product_id, grade_id,"
    " received_on, gross, tare, net, typed, note, act_id)"
    " VALUES ('0000000000000000', 9, 'SET-2026-0005', 1, 1, 1, '2026-03-02', 1, 0, 1, '', '', 1)",
]


@pytest.mark.parametrize("statement", PAPER_ATTEMPTS)
def test_the_database_refuses_what_would_change_a_closed_paper(papers: str, statement: str) -> None:
    refuse(papers, statement)


@pytest.mark.parametrize("statement", PAPERS_ONLY_SQLITE)
def test_sqlite_refuses_to_replace_a_paper(papers: str, statement: str) -> None:
    if not db.is_sqlite():
        return
    refuse(papers, statement)


@pytest.mark.parametrize("table", PAPERS)
def test_postgresql_refuses_to_empty_papers(papers: str, table: str) -> None:
    if db.is_sqlite():
        return
    refuse(papers, f"TRUNCATE {table} CASCADE")


def test_what_is_still_open_may_be_changed(papers: str) -> None:
    with db.engine(papers, writes=True).begin() as connection:
        for statement in (
            "UPDATE sale SET price_e4 = 1 WHERE id = 2",
            "UPDATE allotment SET quantity = 1 WHERE id = 5",
            "DELETE FROM sale_cost WHERE id = 3",
            "DELETE FROM allotment WHERE id = 5",
        ):
            connection.execute(text(statement))
