"""Bringing a cooperative's database to the newest revision, and making a new one."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from kopprod import db
from kopprod.tables import triggers

HERE = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings; it never opens a connection of its own."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def newest() -> str:
    """The newest revision in the source."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise ValueError("no revision in the source")
    return head


def revision(coop: str) -> str | None:
    """The revision that a cooperative's database has."""
    with db.engine(coop, writes=False).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def create(coop: str) -> None:
    """Make an empty database for a cooperative, with its tables and triggers."""
    if db.is_sqlite():
        db.sqlite_path(coop).parent.mkdir(parents=True, exist_ok=True)
    else:
        with db.engine(coop, writes=True).begin() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {db.schema(coop)}"))
    upgrade(coop)


def upgrade(coop: str) -> None:
    """Bring one cooperative's database to the newest revision, in one transaction.

    A batch migration on SQLite rebuilds a table and silently loses its triggers, so they are dropped
    first and made again from their one source. Foreign keys are switched off before the transaction
    begins, and checked before it ends.
    """
    with db.engine(coop, writes=True).connect() as connection:
        _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                triggers.drop(connection)
                command.upgrade(config(connection), "head")
                triggers.create(connection)
                _check_foreign_keys(connection)
        finally:
            _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.execute(f"PRAGMA foreign_keys={state}")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise ValueError(f"the migration left broken references: {broken[:3]}")
