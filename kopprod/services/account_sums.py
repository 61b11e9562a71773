"""What an account holds, without adding up again what was added up before.

Posted lines stay as they are, and their keys follow each other as they are posted, since whoever
posts holds the counter. So what all lines up to one of them come to is true for good: the process
remembers it, and adds up only what came after. Nothing is stored for it, and nobody who posts waits
for another row. Whether the journal is still the one that was added up (and no backup was put in
its place) is asked of the last line that is in the sum. A transaction that writes leaves nothing
behind here, since it may be given up.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, bindparam
from sqlmodel import Session, col, func, select

from kopprod.tables.ledger import Entry, Line


@dataclass(frozen=True)
class Held:
    """Debit less credit of some lines, and how many these are."""

    moved_rp: int = 0
    lines: int = 0

    def __add__(self, other: "Held") -> "Held":
        """Both together."""
        return Held(self.moved_rp + other.moved_rp, self.lines + other.lines)

    def __sub__(self, other: "Held") -> "Held":
        """Without the others, which are among them."""
        return Held(self.moved_rp - other.moved_rp, self.lines - other.lines)


@dataclass(frozen=True)
class _Known:
    """What the lines of an account up to one come to, and what that one says."""

    upto: int
    mark: Hashable
    held: Held


# In a query: debit less credit of all lines that are asked for.
MOVED = func.coalesce(func.sum(col(Line.debit_rp) - col(Line.credit_rp)), 0)
_NOTHING = _Known(0, None, Held())
# By the pool of connections, which is another one where a database's file was replaced.
_KNOWN: WeakKeyDictionary[Pool, dict[tuple[str, str], _Known]] = WeakKeyDictionary()


def held(session: Session, code: str) -> Held:
    """What every line of an account comes to, of all that was ever posted."""
    if "coop" not in session.info:
        return _added(session, code, after=0, upto=None)
    place = session.info["coop"], code
    known = _KNOWN.setdefault(session.get_bind().pool, {})  # type: ignore[union-attr]
    before = known.get(place, _NOTHING)
    if before.mark != _mark(session, before.upto):
        before = _NOTHING
    if "act_id" in session.info:
        return before.held + _added(session, code, after=before.upto, upto=None)
    upto = session.exec(_last()).first() or 0
    found = before.held + _added(session, code, after=before.upto, upto=upto)
    if upto > before.upto and session.exec(_draft()).first() is None:
        known[place] = _Known(upto, _mark(session, upto), found)
    return found


def apart(session: Session, code: str, whom: Any, *conditions: Any) -> dict[int, int]:
    """Debit less credit of an account by `whom`, a line's member or buyer; none at zero."""
    # Every line of a sub-ledger names whom it is about; said here, only such lines are read.
    of = (col(Line.account_code) == code, whom.is_not(None), *conditions)
    query = select(whom, MOVED).where(*of).group_by(whom).order_by(whom)
    return {key: int(moved_rp) for key, moved_rp in session.exec(query).all() if moved_rp}


def _mark(session: Session, line_id: int) -> Hashable:
    """What the line says, and when it was posted: no other journal has the same."""
    if not line_id:
        return None
    marks: dict[int, Hashable] = session.info.setdefault("lines", {})
    if line_id not in marks:
        row = session.execute(_line(), {"id": line_id}).first()
        marks[line_id] = None if row is None else tuple(row)
    return marks[line_id]


def _added(session: Session, code: str, *, after: int, upto: int | None) -> Held:
    asked = {"code": code, "after": after, "upto": 2**62 if upto is None else upto}
    moved_rp, lines = session.execute(_sum(), asked).one()
    return Held(int(moved_rp), lines)


@cache
def _sum() -> Any:
    of = col(Line.account_code) == bindparam("code")
    return select(MOVED, func.count()).where(
        of, col(Line.id) > bindparam("after"), col(Line.id) <= bindparam("upto")
    )


@cache
def _line() -> Any:
    says: Any = (Line.entry_id, Line.account_code, Line.debit_rp, Line.credit_rp)
    posted: Any = (Entry.number, Entry.posted_at, Entry.act_id)
    query: Any = select(*says, *posted)
    return query.join(Entry, col(Entry.id) == col(Line.entry_id)).where(
        Line.id == bindparam("id"), col(Entry.number).is_not(None)
    )


@cache
def _last() -> Any:
    return select(Line.id).order_by(col(Line.id).desc()).limit(1)


@cache
def _draft() -> Any:
    # What is posted later, or never, may still change.
    return select(Entry.id).where(col(Entry.number).is_(None)).limit(1)
