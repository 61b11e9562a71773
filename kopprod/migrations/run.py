"""Bringing a cooperative's database to the newest revision, and making a new one."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, text

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.migrations.revisions import config, newest, revision_of
from kopprod.services import backup, references
from kopprod.tables import check, triggers

__all__ = ["Upgrade", "config", "create", "keep_references", "newest", "revision"]
__all__ += ["upgrade", "upgrade_all"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upgrade:
    """What became of one cooperative: the backup that was made first, or why it failed."""

    coop: str
    backup: Path | None = None
    failure: Exception | None = None


def revision(coop: str) -> str | None:
    """The revision that a cooperative's database has."""
    with db.engine(coop, writes=False).connect() as connection:
        return revision_of(connection)


def create(coop: str) -> None:
    """Make an empty database for a cooperative, with its tables and triggers."""
    if db.is_sqlite():
        db.sqlite_path(coop).parent.mkdir(parents=True, exist_ok=True)
    else:
        with db.engine(coop, writes=True).begin() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {db.schema(coop)}"))
    upgrade(coop)


def upgrade_all(*, at: datetime) -> list[Upgrade]:
    """Bring every cooperative to the newest revision; what fails for one stops only that one."""
    done = []
    for coop in db.coops():
        try:
            done.append(Upgrade(coop, backup=upgrade(coop, at=at)))
        except Exception as failure:
            log.exception("migrating %s failed; its database is as it was", coop)
            done.append(Upgrade(coop, failure=failure))
    return done


def upgrade(coop: str, *, at: datetime | None = None) -> Path | None:
    """Bring one cooperative's database to the newest revision, in one transaction.

    A database of an older revision is backed up first, under the moment `at`; returns that backup.
    A batch migration on SQLite rebuilds a table and silently loses its triggers, so they are
    dropped first and made again from their one source. Foreign keys are switched off before the
    transaction begins; references and CHECKs are compared before it ends.
    """
    found = revision(coop)
    if found == newest():
        _renew_triggers(coop)
        return None
    saved = None
    if found is not None:
        if at is None:
            raise ValueError("a database that holds something is backed up before it is migrated")
        saved = backup.backup(coop, folder=backup.folder(), at=at)
    with db.engine(coop, writes=True).connect() as connection:
        _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                _wait_for_others(connection, coop)
                triggers.drop(connection)
                command.upgrade(config(connection), "head")
                triggers.create(connection)
                _check_result(connection)
        finally:
            _foreign_keys(connection, "ON")
    if at is not None and found is not None:
        keep_references(coop, at=at)
    return saved


def keep_references(coop: str, *, at: datetime) -> None:
    """Keep all references and totals anew, as `check` reckons them."""
    with db.writing(coop, person=SYSTEM, action="references.keep", at=at) as session:
        references.keep_all(session)


def _renew_triggers(coop: str) -> None:
    """Make the triggers those of the source, where a newer source has other ones."""
    with db.engine(coop, writes=False).connect() as connection:
        changed = triggers.differences(connection)
    if not changed:
        return
    log.warning("the triggers of %s were not those of the source: %s", coop, ", ".join(changed))
    with db.engine(coop, writes=True).begin() as connection:
        triggers.drop(connection)
        triggers.create(connection)


def _wait_for_others(connection: Connection, coop: str) -> None:
    # Two servers that start at once migrate one after the other; SQLite's BEGIN IMMEDIATE does it.
    if connection.dialect.name != "sqlite":
        lock = text("SELECT pg_advisory_xact_lock(hashtext(:schema))")
        connection.execute(lock, {"schema": db.schema(coop)})


def _foreign_keys(connection: Connection, state: str) -> None:
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.execute(f"PRAGMA foreign_keys={state}")


def _check_result(connection: Connection) -> None:
    """Stop a migration that loses something; its transaction leaves the database as it was."""
    lost = check.lost_bounds(connection)
    if lost:
        raise ValueError(f"the migration left other CHECKs than the source has: {lost[:3]}")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise ValueError(f"the migration left broken references: {broken[:3]}")
