"""Very many rows into a table at once, past the objects: for imports, whose rows are plain tuples.

Every trigger, CHECK and index of the database counts as for any other row. Whoever writes so names
the act himself (`session.info["act_id"]`), as the trail does for objects.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, SQLModel

ROOMY_KB = 128 * 1024
_MANY = 1_000  # rows at once, of which a planner ought to know

Bind = Callable[[Any], Any]


@contextmanager
def roomy(session: Session) -> Iterator[None]:
    """Let SQLite hold more pages at hand, and give them back before the transaction ends.

    Codes and members stand all over their indexes: with its usual 2 MB each row would push out
    pages that the next one wants, and a million rows read hundreds of gigabytes back.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size=-{ROOMY_KB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={usual}")


def binding(session: Session, table: type[SQLModel], column: str) -> Bind:
    """How a value of a column is handed to the driver, such as a day to SQLite as text."""
    dialect = session.connection().dialect
    kind = SQLModel.metadata.tables[_name(table)].columns[column].type
    made = kind.dialect_impl(dialect).bind_processor(dialect)
    return made or (lambda value: value)


def insert(
    session: Session,
    table: type[SQLModel],
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    **same: Any,
) -> None:
    """Insert rows whose values are bound already; `same` are columns that all of them share."""
    if not rows:
        return
    connection = session.connection()
    tail = tuple(binding(session, table, name)(value) for name, value in same.items())
    names = ", ".join(f'"{name}"' for name in (*columns, *same))
    sign = "?" if connection.dialect.name == "sqlite" else "%s"
    signs = ", ".join([sign] * (len(columns) + len(tail)))
    connection.exec_driver_sql(
        f'INSERT INTO "{_name(table)}" ({names}) VALUES ({signs})',  # noqa: S608
        [row + tail for row in rows],
    )
    _tell_planner(session, table, len(rows))


def _tell_planner(session: Session, table: type[SQLModel], count: int) -> None:
    """Let PostgreSQL count a table again into which more came than it knew of.

    Its guards and queries were planned for nearly nothing, and would walk through all that is there
    for each row; it counts by itself only a minute after others can see the rows.
    """
    connection, name = session.connection(), _name(table)
    if count < _MANY or connection.dialect.name == "sqlite":
        return
    known = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")
    if connection.execute(known, {"name": name}).scalar_one() < count:
        connection.exec_driver_sql(f'ANALYZE "{name}"')


def reserve(session: Session, table: type[SQLModel], count: int) -> list[int]:
    """The keys of the next `count` rows, in order."""
    connection, name = session.connection(), _name(table)
    if connection.dialect.name == "sqlite":
        last = connection.execute(text(f'SELECT coalesce(max(id), 0) FROM "{name}"'))  # noqa: S608
        first = int(last.scalar_one()) + 1
        return list(range(first, first + count))
    keys = text(
        "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
    )
    return sorted(connection.execute(keys, {"name": name, "count": count}).scalars())


def _name(table: type[SQLModel]) -> str:
    return str(table.__tablename__)
