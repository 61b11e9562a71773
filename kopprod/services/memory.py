"""What everybody asks and few change, such as today's prices: kept until somebody writes something.

A cooperative's whole state has a mark, and what was read under a mark is right for whoever sees the
same one. On SQLite, where one writes after the other, it is the last act; on PostgreSQL it is which
transactions this one sees. Asking for it is one indexed read; a transaction that writes keeps
nothing and is given nothing kept.
"""

from collections.abc import Callable, Hashable
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, text
from sqlmodel import Session, col, select

from kopprod.domain.access import Person
from kopprod.tables.trail import Act

P = ParamSpec("P")
T = TypeVar("T")

_MOST = 5000  # some twenty megabytes
# By the pool of connections, which is another one where a database's file was replaced.
_KNOWN: WeakKeyDictionary[Pool, dict[Hashable, tuple[Hashable, Any]]] = WeakKeyDictionary()

# They change a form that somebody is filling in and nothing else; nothing here may depend on those.
_FORMS = tuple(
    f"{page}.{act}_draft" for page in ("output", "deliveries") for act in ("open", "fill")
)


def until_written(
    read: Callable[Concatenate[Session, P], T],
) -> Callable[Concatenate[Session, P], T]:
    """Keep what a reader found under what it was asked, for every session that sees the same state.

    It may depend on nothing but the cooperative's rows and what it was asked, neither on the clock
    nor on who asks. Nobody may change what it gives.
    """

    @wraps(read)
    def look(session: Session, /, *args: P.args, **asked: P.kwargs) -> T:
        return _look(read, session, None, *args, **asked)

    return look


def hers_until_written(
    read: Callable[Concatenate[Session, P], T],
) -> Callable[Concatenate[Session, P], T]:
    """The same for whoever asks alone: she may see other things than others do."""

    @wraps(read)
    def look(session: Session, /, *args: P.args, **asked: P.kwargs) -> T:
        return _look(read, session, session.info.get("person"), *args, **asked)

    return look


def _look(
    read: Callable[Concatenate[Session, P], T],
    session: Session,
    who: Person | None,
    *args: P.args,
    **asked: P.kwargs,
) -> T:
    if "act_id" in session.info or "coop" not in session.info:
        return read(session, *args, **asked)
    known = _KNOWN.setdefault(session.get_bind().pool, {})  # type: ignore[union-attr]
    question = (session.info["coop"], read, who, args, tuple(sorted(asked.items())))
    found = known.get(question)
    mark = _mark(session)
    if found is None or found[0] != mark:
        if len(known) >= _MOST:
            known.clear()
        found = known[question] = (mark, read(session, *args, **asked))
    value: T = found[1]
    return value


def _mark(session: Session) -> Hashable:
    # Looked up before anything is read under it: what came since may be in it, never less.
    if "mark" not in session.info:
        row = session.execute(_last(session.get_bind().dialect.name)).first()
        session.info["mark"] = None if row is None else tuple(row)
    mark: Hashable = session.info["mark"]
    return mark


@cache
def _last(dialect: str) -> Any:
    if dialect == "postgresql":
        return text("SELECT CAST(pg_current_snapshot() AS text)")
    newest = select(Act.id, Act.at).order_by(col(Act.id).desc()).limit(1)
    return newest.where(col(Act.action).not_in(_FORMS))
