"""Fresh cooperatives for tests: migrated once for each process, then copied for each test.

What many tests stand on is made once, too: `kept` gives the rows of the first time to the next.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import psycopg
import pytest
from psycopg import sql

from kopprod import db
from kopprod.migrations import run
from tests.postgres import Server

COOP = "makmur"
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
Made = TypeVar("Made")


class Sqlite:
    """A migrated file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        """Migrate the file that the others are copies of."""
        self.url = f"sqlite:///{folder}/{{coop}}.db"
        self.file = folder / f"{COOP}.db"
        self.made: dict[str, tuple[Path, object]] = {}
        _migrate(self.url)

    def kept(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` makes in this test's fresh cooperative, or made the first time it was asked.

        `make` may return names and keys, no rows.
        """
        here = db.sqlite_path(COOP)
        if not here.exists():  # a cooperative of another name, for a server that others share
            return make()
        if name not in self.made:
            value = make()
            db.close_connections()  # the last connection empties the log into the file
            copy = self.file.with_name(f"{len(self.made)}.kept")
            shutil.copyfile(here, copy)
            self.made[name] = copy, value
        else:
            db.close_connections()
            shutil.copyfile(self.made[name][0], here)
        return cast(Made, deepcopy(self.made[name][1]))

    @contextmanager
    def fresh(self, folder: Path, coop: str = COOP) -> Iterator[str]:
        """The URL of a database of the test's own; what was in the folder before is gone."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copyfile(self.file, folder / f"{coop}.db")
        yield f"sqlite:///{folder}/{{coop}}.db"
        db.close_connections()


# What a test may have changed beside rows: a database with another of these is dropped.
_SHAPE = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
    SELECT 'n' || nspname AS part FROM pg_namespace WHERE nspname NOT LIKE 'pg_temp%'
    AND nspname NOT LIKE 'pg_toast_temp%'
    UNION ALL SELECT 'r' || oid || relname FROM pg_class WHERE relpersistence <> 't'
    UNION ALL SELECT 'a' || attrelid || '.' || attnum || attnotnull || xmin
        FROM pg_attribute WHERE attnum > 0 AND attrelid > 16000
    UNION ALL SELECT 'c' || oid || '.' || xmin FROM pg_constraint
    UNION ALL SELECT 't' || oid || tgenabled::text || '.' || xmin FROM pg_trigger
    UNION ALL SELECT 'p' || oid || '.' || xmin FROM pg_proc WHERE oid > 16000
) AS parts
"""
_TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_schema LIKE 'coop_%' AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'
ORDER BY table_name
"""
_REVISION = f"SELECT version_num FROM coop_{COOP}.alembic_version"
_SEQUENCES = "SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname LIKE 'coop_%'"


_SEQUENCES_NOW = """
SELECT schemaname, sequencename, last_value FROM pg_sequences
WHERE schemaname LIKE 'coop_%' AND last_value IS NOT NULL
"""


@dataclass(frozen=True)
class _Rows:
    """All rows of the tables that had any, as COPY writes them, and where numbers had come to."""

    tables: list[tuple[sql.Identifier, bytes]]
    sequences: list[tuple[str, int]]


class Postgresql:
    """A migrated database, cloned by CREATE DATABASE … TEMPLATE, emptied and used again.

    Cloning copies more than a thousand files; emptying what a test filled is many times as fast.
    """

    def __init__(self, server: Server) -> None:
        """Migrate the database that the others are clones of, and learn what it is made of."""
        self.server = server
        self.template = f"template_{_WORKER}"
        self.count = 0
        self.free: list[str] = []
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.template)))
        _migrate(server.database(self.template))
        with self._connect(self.template) as connection:
            self.tables = [sql.Identifier(*row) for row in connection.execute(_TABLES)]
            sequences = connection.execute(_SEQUENCES).fetchall()
            self.revision = connection.execute(_REVISION).fetchall()
        self.begin_again = sql.SQL("SELECT {}").format(
            sql.SQL(", ").join(
                sql.SQL("setval({}, 1, false)").format(sql.Literal(f"{schema}.{name}"))
                for schema, name in sequences
            )
        )
        self.shape = ""
        self.made: dict[str, tuple[_Rows, object]] = {}

    def kept(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` makes in this test's fresh cooperative, or made the first time it was asked.

        `make` may return names and keys, no rows.
        """
        database = db.url_template().rsplit("/", 1)[1]
        if name not in self.made:
            value = make()
            db.close_connections()
            with self._connect(database) as connection:
                self.made[name] = self._rows(connection), value
        else:
            with self._connect(database) as connection:
                connection.execute("SET session_replication_role = replica")
                self._fill(connection, self.made[name][0])
        return cast(Made, deepcopy(self.made[name][1]))

    def _rows(self, connection: psycopg.Connection[tuple[Any, ...]]) -> _Rows:
        filled = connection.execute(self._which_are_filled()).fetchone()
        tables = [
            table for table, is_filled in zip(self.tables, filled or (), strict=True) if is_filled
        ]
        rows = []
        for table in tables:
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
                rows.append((table, b"".join(bytes(part) for part in copy)))
        counts = connection.execute(_SEQUENCES_NOW).fetchall()
        return _Rows(rows, [(f"{schema}.{name}", last) for schema, name, last in counts])

    def _fill(self, connection: psycopg.Connection[tuple[Any, ...]], kept: _Rows) -> None:
        for table, rows in kept.tables:
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                copy.write(rows)
        for name, last in kept.sequences:
            connection.execute("SELECT setval(%s, %s)", (name, last))

    @contextmanager
    def fresh(self, _folder: Path, coop: str = COOP) -> Iterator[str]:
        """The URL of a database of the test's own, empty as after its migration."""
        assert coop == COOP
        name = self.free.pop() if self.free else self._clone()
        yield self.server.database(name)
        db.close_connections()
        if self._emptied(name):
            self.free.append(name)
        else:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _clone(self) -> str:
        self.count += 1
        name = f"test_{_WORKER}_{self.count}"
        clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(clone.format(sql.Identifier(name), sql.Identifier(self.template)))
        if not self.shape:
            with self._connect(name) as connection:
                self.shape = _shape(connection)
        return name

    def _emptied(self, name: str) -> bool:
        """Whether the database could be emptied: its rows only are other than the template's."""
        with self._connect(name) as connection:
            if _shape(connection) != self.shape:
                return False
            if connection.execute(_REVISION).fetchall() != self.revision:
                return False
            connection.execute("SET session_replication_role = replica")  # no triggers, no order
            filled = connection.execute(self._which_are_filled()).fetchone()
            for table, is_filled in zip(self.tables, filled or (), strict=True):
                if is_filled:
                    connection.execute(sql.SQL("DELETE FROM {}").format(table))
            connection.execute(self.begin_again)
        return True

    def _which_are_filled(self) -> sql.Composed:
        exists = sql.SQL("EXISTS (SELECT 1 FROM {})")
        return sql.SQL("SELECT {}").format(
            sql.SQL(", ").join(exists.format(table) for table in self.tables)
        )

    def _connect(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        address = self.server.database(name).replace("+psycopg", "")
        return psycopg.connect(address, autocommit=True)

    def _run(self, command: sql.Composed) -> None:
        with self._connect("postgres") as connection:
            connection.execute(command)


def _shape(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    row = connection.execute(_SHAPE).fetchone()
    return "" if row is None else str(row[0])


def _migrate(url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOPPROD_DB", url)
        run.create(COOP)
        db.close_connections()  # on SQLite the last connection empties the log into the file
