"""Opening a cooperative's database: one SQLite file or one PostgreSQL schema for each.

`KOPPROD_DB` is the template of the URL. With `{coop}` in it each cooperative is a file of its own;
without, it is a PostgreSQL database and each cooperative is the schema `coop_<slug>`.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Engine,
    String,
    cast,
    create_engine,
    event,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.orm.attributes import History, set_committed_value
from sqlalchemy.orm.base import PASSIVE_OFF
from sqlmodel import Session, SQLModel

from kopprod.domain.access import SYSTEM, Person
from kopprod.domain.refusal import N_, Refusal
from kopprod.tables.trail import Act

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_URL = f"sqlite:///{ROOT}/data/coops/{{coop}}.db"
SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}")


class UnknownCooperative(Refusal):
    """No database of that name on this server."""

    sentence = N_("There is no cooperative named {coop} on this server.")


def url_template() -> str:
    """Where the databases are."""
    return os.environ.get("KOPPROD_DB", DEFAULT_URL)


def is_sqlite() -> bool:
    """Whether each cooperative is a file."""
    return url_template().startswith("sqlite")


def check_slug(coop: str) -> str:
    """Refuse what cannot name a cooperative, before it gets near a path or a schema."""
    if not SLUG.fullmatch(coop):
        raise UnknownCooperative(coop=coop[:40])
    return coop


def sqlite_path(coop: str) -> Path:
    """The file of a cooperative."""
    return Path(url_template().format(coop=check_slug(coop)).removeprefix("sqlite:///"))


def schema(coop: str) -> str:
    """The schema of a cooperative on PostgreSQL."""
    return f"coop_{check_slug(coop)}"


def coops() -> list[str]:
    """Every cooperative on this server, by slug."""
    if is_sqlite():
        folder = Path(url_template().removeprefix("sqlite:///")).parent
        return sorted(p.stem for p in folder.glob("*.db") if SLUG.fullmatch(p.stem))
    with _engine(url_template()).connect() as connection:
        names = inspect(connection).get_schema_names()
    return sorted(name.removeprefix("coop_") for name in names if name.startswith("coop_"))


def exists(coop: str) -> bool:
    """Whether the cooperative's database is there."""
    if is_sqlite():
        return sqlite_path(coop).exists()
    return check_slug(coop) in coops()


_ENGINES: dict[str, Engine] = {}


def _engine(url: str) -> Engine:
    found = _ENGINES.get(url)
    # Two threads may both make the first one; `setdefault` lets them share one of the two.
    return found or _ENGINES.setdefault(url, _new_engine(url))


def _new_engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(url, pool_size=10, max_overflow=20)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        # A connection keeps what it has learnt of every table it used, some 3 MB for a cooperative:
        # few are used, the rest stay small, and each begins anew after ten minutes.
        engine = create_engine(
            url, pool_size=10, max_overflow=20, pool_pre_ping=True, pool_use_lifo=True,
            pool_recycle=600,
        )  # fmt: skip
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin late and deferred; ours begins in `begin`.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=20000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    # What a statement would undo is put into a file otherwise, 200 kB for each row of a large
    # transaction; what a reader sorts may be too much for memory.
    where = "MEMORY" if writes else "DEFAULT"
    if connection.info.get("temp_store") != where:
        connection.exec_driver_sql(f"PRAGMA temp_store={where}")
        connection.info["temp_store"] = where
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_PLACE = text("SELECT set_config('search_path', :schema, true), set_config('jit', 'off', true)")


def _begin_postgresql(connection: Connection) -> None:
    coop = connection.get_execution_options().get("coop")
    if coop is None:
        return  # only `coops` and the maker of schemas open without a cooperative
    # Translating a statement for the machine (`jit`) takes a second, and ours take milliseconds.
    connection.execute(_PLACE, {"schema": schema(coop)})


def engine(coop: str, *, writes: bool) -> Engine:
    """The engine of one cooperative. Its transactions see that cooperative's tables only."""
    url = url_template().format(coop=check_slug(coop)) if is_sqlite() else url_template()
    found = _engine(url).execution_options(coop=coop, writes=writes)
    if writes or is_sqlite():
        return found
    # Who looks sees one moment, as with SQLite: sums that are asked one by one belong together.
    return found.execution_options(isolation_level="REPEATABLE READ")


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Whatever is done inside, no other process on the same databases does under this name."""
    if is_sqlite():
        folder = Path(url_template().removeprefix("sqlite:///")).parent
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f".{what}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with _engine(url_template()).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext(:what))"), {"what": what})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(hashtext(:what))"), {"what": what})


def close_connections() -> None:
    """Close every connection; for tests and for replacing a database's file.

    The engines stay, with what they have learnt of the app's statements.
    """
    for engine in list(_ENGINES.values()):
        engine.dispose()
    _FOUND.clear()


# Schemas seen on a server: looking for one takes as long as many a person's whole action.
_FOUND: set[tuple[str, str]] = set()


def _check_exists(coop: str) -> None:
    seen = (url_template(), coop)
    if seen in _FOUND:
        return
    if not exists(coop):
        raise UnknownCooperative(coop=coop)
    if not is_sqlite():
        _FOUND.add(seen)


@contextmanager
def reading(coop: str, *, person: Person = SYSTEM) -> Iterator[Session]:
    """A session that only looks; whatever it would change is given up at the end."""
    _check_exists(coop)
    with Session(engine(coop, writes=False), expire_on_commit=False) as session:
        session.info["person"] = person
        session.info["coop"] = coop
        session.autoflush = False
        yield session
        # Closing gives up the transaction. A rollback would also make the rows forget their
        # columns, and they are read after the session has closed.


@contextmanager
def writing(coop: str, *, person: Person, action: str, at: datetime) -> Iterator[Session]:
    """One transaction of one person: commits at the end, or keeps nothing if anything was raised.

    `action` names what the person did in the trail. Every new row of a table with an `act_id` gets
    the act's; every changed column is written down with its value before and after, every deleted
    row with all of its columns.
    """
    _check_exists(coop)
    with Session(engine(coop, writes=True), expire_on_commit=False) as session:
        act = Act(at=at, user_id=person.user_id, action=action)
        session.add(act)
        session.flush()
        session.info.update(person=person, coop=coop, act_id=act.id, at=at)
        event.listen(session, "before_flush", _write_trail)
        yield session
        session.commit()


def _write_trail(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    act_id = session.info["act_id"]
    for row in session.new:
        if hasattr(row, "act_id") and row.act_id is None:
            row.act_id = act_id
    changes: list[dict[str, Any]] = []
    for row in session.dirty:
        changes += _changed(row)
    for row in session.deleted:
        changes += _deleted(row)
    if changes:  # in one statement: a settlement changes a hundred columns
        # The session knows no order; a demo made twice must be the same to the last row.
        changes.sort(key=lambda change: (change["table_name"], change["row_key"]))
        rows = [{"act_id": act_id} | change for change in changes]
        session.connection().execute(insert(SQLModel.metadata.tables["change"]), rows)


# Secrets are never copied into the trail, only that they changed; counters change with every paper,
# and kept references are reckoned from what is in the trail.
_SECRET = {"secret_hash", "one_time_hash"}
_UNTRAILED = {"counter", "sign_in", "sign_in_failure", "output_draft", "delivery_draft"}
_UNTRAILED |= {"reference_day"}


def _changed(row: Any) -> Iterator[dict[str, Any]]:
    """Each column that is not what it was, with both values."""
    state = inspect(row)
    if state.mapper.local_table.name in _UNTRAILED:
        return
    for attribute in state.mapper.column_attrs:
        # Only what was set is looked at: a settlement sets a column or two of very many rows.
        if attribute.key in state.committed_state:
            history = state.get_history(attribute.key, PASSIVE_OFF)
            if history.has_changes():
                before = _shown(attribute.key, history.deleted)
                after = _shown(attribute.key, history.added)
                yield _change(row, attribute.key, before, after)


def _deleted(row: Any) -> Iterator[dict[str, Any]]:
    """One change under the name `*`, with all columns as they stood in the database."""
    before = {
        name: _shown(name, history.deleted or history.unchanged)
        for name, history in _histories(row)
    }
    if before:
        yield _change(row, "*", json.dumps(before, ensure_ascii=False), None)


def _histories(row: Any) -> Iterator[tuple[str, History]]:
    state = inspect(row)
    if state.mapper.local_table.name not in _UNTRAILED:
        for attribute in state.mapper.column_attrs:
            yield attribute.key, state.attrs[attribute.key].load_history()


def _shown(name: str, values: Sequence[Any]) -> str | None:
    value = next(iter(values), None)
    return None if value is None or name in _SECRET else str(value)


def _change(row: Any, name: str, before: str | None, after: str | None) -> dict[str, Any]:
    state = inspect(row)
    return {
        "table_name": state.mapper.local_table.name,
        "row_key": str(state.identity[0]),
        "column_name": name,
        "before": before,
        "after": after,
    }


def set_many(
    session: Session, table: type[SQLModel], column: str, values: Mapping[int, int | None]
) -> None:
    """Set a whole number of very many rows by their keys, in two statements instead of so many.

    The trail is what changing them one by one would leave: each row whose number becomes another
    one, before and after. Rows that the session has at hand get the new number too.
    """
    if not values:
        return
    session.flush()
    rows, trail = inspect(table).local_table, SQLModel.metadata.tables["change"]
    # One text that the database takes apart: so many bound values would take longer than the rest.
    listed = json.dumps(values)
    each: Any = func.json_each(listed)
    if session.connection().dialect.name != "sqlite":
        each = func.json_each_text(cast(literal(listed, String), JSON))
    new = each.table_valued("key", "value", name="new")
    after = cast(new.c.value, BigInteger)
    becomes = rows.c.id == cast(new.c.key, BigInteger), rows.c[column].is_distinct_from(after)
    changes = select(
        literal(session.info["act_id"]),
        literal(rows.name),
        cast(rows.c.id, String),
        literal(column),
        cast(rows.c[column], String),
        cast(after, String),
    )
    into = ["act_id", "table_name", "row_key", "column_name", "before", "after"]
    changed = changes.where(*becomes).order_by(rows.c.id)
    session.connection().execute(insert(trail).from_select(into, changed))
    session.connection().execute(update(rows).where(*becomes).values({column: after}))
    for row in session.identity_map.values():
        key = inspect(row).identity[0]
        if isinstance(row, table) and key in values:
            set_committed_value(row, column, values[key])
