"""What the database itself refuses: every way of changing what is posted or may not be lost."""

from contextlib import AbstractContextManager
from datetime import date

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, text

from kopprod import db
from kopprod.domain import ledger as rule
from kopprod.domain.access import Person
from kopprod.domain.ledger import Posting
from kopprod.services import ledger
from kopprod.tables.ledger import Entry
from tests import make

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
def guarded(opened: str) -> str:
    """A posted entry, a committed draft that balances, a trail and a member."""
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


def snapshot(coop: str) -> list[str]:
    with db.reading(coop) as session:
        return [
            str(row)
            for table in ("entry", "line", "account", "act", "change", "member")
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
