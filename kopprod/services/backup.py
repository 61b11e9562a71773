"""Copies of a cooperative's database, made while people work, and putting one back.

A backup is one file, `<coop>-<moment in UTC>.db` or `.sql`; older ones are never touched. A file is
put back only after `check` has found nothing wrong in it, and what it replaces is kept beside.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.domain.backup import BackupBroken, NoBackup, ProgramMissing, stamp
from kopprod.services import check
from kopprod.tables import triggers

_SCHEMA = re.compile(rb"^CREATE SCHEMA (coop_[a-z0-9_]+);$", re.MULTILINE)


@dataclass(frozen=True)
class Restored:
    """A cooperative that was put back, and where what it replaced is kept."""

    coop: str
    kept_as: str | None


def folder() -> Path:
    """Where backups are kept; `KOPPROD_BACKUPS` names another place."""
    return Path(os.environ.get("KOPPROD_BACKUPS", db.ROOT / "data" / "backups"))


def backup(coop: str, *, folder: Path, at: datetime) -> Path:
    """Copy a cooperative's database as it is at one moment, while people go on working."""
    if not db.exists(coop):
        raise db.UnknownCooperative(coop=coop)
    folder.mkdir(parents=True, exist_ok=True)
    ending = "db" if db.is_sqlite() else "sql"
    target = _unused(folder, f"{coop}-{stamp(at)}", ending)
    partial = target.with_suffix(".partial")
    try:
        if db.is_sqlite():
            _copy(db.sqlite_path(coop), partial)
        else:
            _dump(coop, partial)
        _to_disk(partial)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def restore(file: Path, *, coop: str, at: datetime) -> Restored:
    """Put a backup back as the cooperative `coop`, once `check` finds nothing wrong in it.

    A cooperative of that name is kept aside under the moment `at`. People may stay signed in: they
    see the restored books at their next click.
    """
    db.check_slug(coop)
    if not file.is_file():
        raise NoBackup(file=file.name)
    put_back = _restore_file if db.is_sqlite() else _restore_dump
    return put_back(file, coop, stamp(at))


def _unused(folder: Path, name: str, ending: str) -> Path:
    """A file that is not there yet: two backups of one second are both kept."""
    target, count = folder / f"{name}.{ending}", 1
    while target.exists():
        count += 1
        target = folder / f"{name}-{count}.{ending}"
    return target


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _prove(session: Session, file: Path) -> None:
    session.info["person"] = SYSTEM
    found = list(check.problems(session))
    if found:
        raise BackupBroken(found, file=file.name)


# SQLite: a file, copied page by page under the database's own locks


def _copy(source: Path, target: Path) -> None:
    """Copy with SQLite's backup API, which sees one moment of a database that others write to."""
    with closing(sqlite3.connect(source, timeout=20)) as read, closing(_target(target)) as write:
        read.backup(write)
        if target.suffix != ".db":  # a backup is one file, without a log beside it
            write.execute("PRAGMA journal_mode=DELETE")


def _target(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=20)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _restore_file(file: Path, coop: str, moment: str) -> Restored:
    target = db.sqlite_path(coop)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / "copy.sqlite"
        try:
            _copy(file, copy)
        except sqlite3.DatabaseError as wrong:
            raise NoBackup(file=file.name) from wrong
        with _opened(copy) as session:
            _prove(session, file)
        kept = None
        if target.exists():
            kept = _unused(target.parent, f"{coop}-{moment}", "db")
            _copy(target, kept)
        # Written into the file that is there, so that whoever has it open sees the restored books.
        _copy(copy, target)
    return Restored(coop, None if kept is None else str(kept))


@contextmanager
def _opened(path: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


# PostgreSQL: a schema, dumped and loaded by its own programs


def _program(name: str) -> str:
    """Where one of PostgreSQL's programs is; Debian keeps some outside the PATH."""
    found = shutil.which(name)
    if found:
        return found
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if not places:
        raise ProgramMissing(program=name)
    return str(places[0])


def _address() -> dict[str, str]:
    """The server as its programs are told of it: in the environment, where no other user reads."""
    url = make_url(db.url_template())
    query = {key: value for key, value in url.query.items() if isinstance(value, str)}
    named = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": query.get("sslmode"),
    }
    return os.environ | {key: str(value) for key, value in named.items() if value}


def _dump(coop: str, target: Path) -> None:
    schema = f"--schema={db.schema(coop)}"
    command = [_program("pg_dump"), schema, "--no-owner", "--no-privileges", f"--file={target}"]
    subprocess.run(command, env=_address(), check=True, capture_output=True)


def _restore_dump(file: Path, coop: str, moment: str) -> Restored:
    named = _SCHEMA.search(file.read_bytes())
    if named is None:
        raise NoBackup(file=file.name)
    source, target = named.group(1).decode(), db.schema(coop)
    loaded = f"restoring_{coop}"
    _load(file, source=source, into=loaded)
    # A connection without a cooperative: nothing is chosen before the schemas have their names.
    engine = db.engine(coop, writes=True)
    with engine.begin() as connection:
        _choose(connection, loaded)
        _renew_triggers(connection)
    try:
        with engine.begin() as connection, Session(connection) as session:
            _choose(connection, loaded)
            _prove(session, file)
    except BaseException:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {loaded} CASCADE"))
        raise
    return _exchange(engine, coop, loaded=loaded, target=target, moment=moment)


def _load(file: Path, *, source: str, into: str) -> None:
    """Load a dump under another schema's name, in one transaction.

    The dump writes its own schema's name, so a living schema of that name steps aside meanwhile;
    nobody else sees it go.
    """
    aside = f"aside_{source}"
    script = f"""
DROP SCHEMA IF EXISTS {into} CASCADE;
DO $$ BEGIN IF to_regnamespace('{source}') IS NOT NULL THEN
ALTER SCHEMA {source} RENAME TO {aside}; END IF; END $$;
\\i {file.resolve()}
ALTER SCHEMA {source} RENAME TO {into};
DO $$ BEGIN IF to_regnamespace('{aside}') IS NOT NULL THEN
ALTER SCHEMA {aside} RENAME TO {source}; END IF; END $$;
"""
    command = [_program("psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    done = subprocess.run(
        command, input=script.encode(), env=_address(), check=False, capture_output=True
    )
    if done.returncode != 0:
        raise NoBackup(file=file.name) from RuntimeError(done.stderr.decode(errors="replace"))


def _exchange(engine: Engine, coop: str, *, loaded: str, target: str, moment: str) -> Restored:
    kept = None
    with engine.begin() as connection:
        if db.exists(coop):
            kept = f"kept_{coop}_{moment.lower()}"
            connection.execute(text(f"ALTER SCHEMA {target} RENAME TO {kept}"))
            _choose(connection, kept)
            _renew_triggers(connection)
        connection.execute(text(f"ALTER SCHEMA {loaded} RENAME TO {target}"))
        _choose(connection, target)
        _renew_triggers(connection)
    return Restored(coop, kept)


def _choose(connection: Connection, schema: str) -> None:
    connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": schema})


def _renew_triggers(connection: Connection) -> None:
    """Functions of triggers name their schema, so they are made again when its name changes."""
    triggers.drop(connection)
    triggers.create(connection)
