"""Migrations: one transaction, a backup first, nothing lost on the way, and one failing alone."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.migrations import revisions, run
from kopprod.services import backup, check, ledger
from kopprod.tables import check as bounds
from kopprod.tables import triggers
from tests import make
from tests.test_ledger import income

REVISION = '''"""{name}."""

import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
{body}
'''

# What SQLite needs for most changes: a new table, the rows copied, the old one dropped.
REBUILD = """
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    for table in ("line", "entry"):
        with op.batch_alter_table(table, recreate=recreate) as batch:
            batch.add_column(sa.Column("remark", sa.String(), nullable=True))
"""
FORGETFUL = """
    with op.batch_alter_table("line") as batch:
        batch.drop_constraint(op.f("ck_line_one_side"), type_="check")
        batch.add_column(sa.Column("remark", sa.String(), nullable=True))
"""
FAILS_HALFWAY = """
    op.add_column("line", sa.Column("remark", sa.String(), nullable=True))
    op.get_bind().execute(sa.text("UPDATE line SET business_unit = 'x'"))
    if op.get_bind().execute(sa.text("SELECT count(*) FROM line")).scalar():
        raise ValueError("no more disk")
"""
NewRevision = Callable[[str], None]


@pytest.fixture
def new_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NewRevision:
    """Puts one more revision behind the newest, in a copy of the folder of revisions."""

    def write(body: str) -> None:
        before = revisions.newest()
        copy = tmp_path / "migrations"
        shutil.copytree(revisions.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        text_of = REVISION.format(name="add_remark", before=before, body=body)
        (copy / "versions" / "add_remark.py").write_text(text_of)
        monkeypatch.setattr(revisions, "HERE", copy)

    monkeypatch.setenv("KOPPROD_BACKUPS", str(tmp_path / "backups"))
    return write


@pytest.fixture
def posted(coop: str) -> str:
    """A cooperative with one posted entry."""
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        ledger.open_chart(session)
        ledger.post_by_hand(session, on=make.TODAY, memo="Test", postings=income(1_000))
    return coop


def columns(coop: str) -> set[str]:
    with db.engine(coop, writes=False).connect() as connection, connection.begin():
        return {column["name"] for column in inspect(connection).get_columns("line")}


def cash_rp(coop: str) -> int:
    with db.reading(coop) as session:
        return ledger.balance_rp(session, "1101")


def is_clean(coop: str) -> bool:
    with db.reading(coop) as session:
        return list(check.problems(session)) == []


def test_the_migrated_database_is_the_one_of_the_tables(coop: str) -> None:
    with db.engine(coop, writes=False).connect() as connection, connection.begin():
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        assert bounds.lost_bounds(connection) == []
        assert triggers.differences(connection) == []


def test_a_table_that_is_rebuilt_keeps_triggers_checks_and_rows(
    posted: str, new_revision: NewRevision, tmp_path: Path
) -> None:
    new_revision(REBUILD)

    (done,) = run.upgrade_all(at=make.AT)

    assert done.failure is None
    assert "remark" in columns(posted)
    assert cash_rp(posted) == 1_000
    assert is_clean(posted)
    assert done.backup is not None
    assert done.backup.parent == tmp_path / "backups"
    assert run.upgrade_all(at=make.AT) == [run.Upgrade(posted)]


def test_a_migration_that_loses_a_check_is_taken_back(
    posted: str, new_revision: NewRevision, caplog: pytest.LogCaptureFixture
) -> None:
    new_revision(FORGETFUL)
    with caplog.at_level(logging.CRITICAL):
        (done,) = run.upgrade_all(at=make.AT)
    assert "left other CHECKs" in str(done.failure)
    assert "remark" not in columns(posted)
    assert run.revision(posted) != revisions.newest()


def test_what_fails_for_one_stops_only_that_one_and_leaves_it_as_it_was(
    posted: str, new_revision: NewRevision, caplog: pytest.LogCaptureFixture
) -> None:
    run.create("sejahtera")
    before = run.revision(posted)
    new_revision(FAILS_HALFWAY)

    with caplog.at_level(logging.CRITICAL):
        failed, done = run.upgrade_all(at=make.AT)

    assert (failed.coop, str(failed.failure)) == (posted, "no more disk")
    assert (done.coop, done.failure) == ("sejahtera", None)
    assert "remark" in columns("sejahtera")
    assert "remark" not in columns(posted)
    assert (cash_rp(posted), run.revision(posted)) == (1_000, before)
    with db.engine(posted, writes=False).connect() as connection, connection.begin():
        assert triggers.differences(connection) == []
    with pytest.raises(Exception, match="guard"), db.engine(posted, writes=True).begin() as there:
        there.execute(text("DELETE FROM line"))


def test_the_backup_before_a_migration_is_what_was_there(
    posted: str, new_revision: NewRevision, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = revisions.HERE
    new_revision(REBUILD)
    (done,) = run.upgrade_all(at=make.AT)
    assert done.backup is not None
    monkeypatch.setattr(revisions, "HERE", here)
    backup.restore(done.backup, coop="sejahtera", at=make.AT)
    assert "remark" not in columns("sejahtera")
    assert cash_rp("sejahtera") == 1_000


def test_nothing_is_migrated_without_its_backup(posted: str, new_revision: NewRevision) -> None:
    new_revision(REBUILD)
    with pytest.raises(ValueError, match="backed up"):
        run.upgrade(posted)
    assert "remark" not in columns(posted)


def test_triggers_of_an_older_source_are_renewed_at_the_start(
    posted: str, caplog: pytest.LogCaptureFixture
) -> None:
    with db.engine(posted, writes=True).begin() as connection:
        triggers.drop(connection)
    with caplog.at_level(logging.CRITICAL):
        assert run.upgrade(posted) is None
    assert is_clean(posted)


def test_a_broken_reference_stops_a_migration_on_sqlite(
    posted: str, new_revision: NewRevision
) -> None:
    if not db.is_sqlite():
        return  # PostgreSQL keeps its references itself
    new_revision("    op.get_bind().execute(sa.text('UPDATE line SET entry_id = 99'))")
    with pytest.raises(ValueError, match="broken references"):
        run.upgrade(posted, at=make.AT)
    assert cash_rp(posted) == 1_000
