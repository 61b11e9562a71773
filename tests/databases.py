"""Fresh cooperatives for tests: migrated once for each process, then copied for each test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from kopprod import db
from kopprod.migrations import run
from tests.postgres import Server

COOP = "makmur"
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


class Sqlite:
    """A migrated file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        """Migrate the file that the others are copies of."""
        self.url = f"sqlite:///{folder}/{{coop}}.db"
        self.file = folder / f"{COOP}.db"
        _migrate(self.url)

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """The URL of a database of the test's own."""
        folder.mkdir()
        shutil.copyfile(self.file, folder / self.file.name)
        yield f"sqlite:///{folder}/{{coop}}.db"
        db.forget_engines()


class Postgresql:
    """A migrated database, cloned for each test by CREATE DATABASE … TEMPLATE."""

    def __init__(self, server: Server) -> None:
        """Migrate the database that the others are clones of."""
        self.server = server
        self.template = f"template_{_WORKER}"
        self.count = 0
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.template)))
        _migrate(server.database(self.template))

    @contextmanager
    def fresh(self, _folder: Path) -> Iterator[str]:
        """The URL of a database of the test's own, dropped afterwards."""
        self.count += 1
        name = sql.Identifier(f"test_{_WORKER}_{self.count}")
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(self.template))
        )
        yield self.server.database(f"test_{_WORKER}_{self.count}")
        db.forget_engines()
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def _run(self, command: sql.Composed) -> None:
        address = self.server.database("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(command)


def _migrate(url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOPPROD_DB", url)
        run.create(COOP)
        db.forget_engines()  # on SQLite the last connection empties the log into the file
