"""A cooperative that sold and paid before there were deductions and reversals keeps its figures."""

from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, Table, insert, inspect, text
from sqlmodel import SQLModel, select

from kopprod import db
from kopprod.domain.ledger import BANK, MEMBERS_OWE
from kopprod.migrations import revisions, run
from kopprod.services import check, ledger, reversals, sales
from kopprod.tables.ledger import Account
from tests import make
from tests.seasons import DAY, Season
from tests.test_reversals import balances, slip_of, sold

OLD = "lama"
FIRST = "0001_found_the_house"
NEW_ACCOUNTS = {"1118", "1124", "4102", "4103", "5101", "6103", "6104"}
NEW_ACCOUNTS |= {"1125", "4104", "4201", "6105", "6106", "6107", "6108"}


def make_old(coop: str) -> None:
    """An empty database of the first revision."""
    if db.is_sqlite():
        db.sqlite_path(coop).parent.mkdir(parents=True, exist_ok=True)
    with db.engine(coop, writes=True).begin() as connection:
        if not db.is_sqlite():
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {db.schema(coop)}"))
    with db.engine(coop, writes=True).begin() as connection:
        command.upgrade(revisions.config(connection), FIRST)


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Everything in a database, by table."""
    return {
        table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
        for table in SQLModel.metadata.sorted_tables
    }


def fill_old(connection: Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    """The same rows in the tables of the first revision, without what it did not know."""
    known = set(inspect(connection).get_table_names())
    for name, kept in rows.items():
        if name not in known or not kept:
            continue
        table = Table(name, MetaData(), autoload_with=connection)
        columns = set(table.columns.keys())
        if name == "account":
            kept = [row for row in kept if row["code"] not in NEW_ACCOUNTS]
        connection.execute(
            insert(table),
            [{key: value for key, value in row.items() if key in columns} for row in kept],
        )
        if not db.is_sqlite() and "id" in columns:
            counted = "SELECT setval(pg_get_serial_sequence(:name, 'id'), max(id)) FROM "
            connection.execute(text(counted + name), {"name": name})


@pytest.fixture
def old(season: Season, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Season:
    """WE-18, settled, paid by the buyer, with Siti's slip paid, in a database of then."""
    monkeypatch.setenv("KOPPROD_BACKUPS", str(tmp_path / "backups"))
    sold(season, paid=("Siti",))
    with db.engine(season.coop, writes=False).connect() as connection, connection.begin():
        rows = rows_of(connection)
    make_old(OLD)
    with db.engine(OLD, writes=True).begin() as connection:
        fill_old(connection, rows)
    assert run.revision(OLD) == FIRST
    return season


def test_a_paid_slip_of_then_keeps_its_figures_and_the_books_prove(old: Season) -> None:
    with db.reading(old.coop) as session:
        before = balances(session)

    assert run.upgrade(OLD, at=make.AT) is not None

    assert run.revision(OLD) == revisions.newest()
    with db.reading(OLD) as session:
        assert balances(session) == before
        paid, unpaid = (slip_of(session, old, name) for name in ("Siti", "Budi"))
        assert (paid.net_value_rp, paid.received_rp, paid.deducted_rp) == (2_554_127, 2_554_127, 0)
        assert (unpaid.received_rp, unpaid.voided_on, unpaid.batch_id) == (None, None, None)
        codes = set(session.exec(select(Account.code)).all())
        assert codes >= NEW_ACCOUNTS
        assert session.get_one(Account, MEMBERS_OWE).sub_ledger == "member"
        assert list(check.problems(session)) == []


def test_what_was_settled_then_is_taken_back_now(old: Season) -> None:
    run.upgrade(OLD, at=make.AT)
    with db.writing(OLD, person=make.MANAGER, action="test", at=make.AT) as session:
        reversals.reverse_settlement(session, 1, reason="Salah", on=DAY)
        assert ledger.balance_rp(session, MEMBERS_OWE) == 2_554_127
        sales.settle(session, 1, on=DAY)
        assert ledger.balance_rp(session, MEMBERS_OWE) == 0
        assert ledger.balance_rp(session, BANK) == 5_130_150 - 2_554_127
    with db.reading(OLD) as session:
        assert list(check.problems(session)) == []
