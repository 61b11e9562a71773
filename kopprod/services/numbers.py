"""Running numbers of papers, without gaps: a number falls with the transaction that took it.

The row of a counter is also what people wait at who do the same thing at the same moment.
"""

from sqlalchemy import text
from sqlmodel import Session

from kopprod.tables.numbers import Counter

_BEGIN = text("INSERT INTO counter (name, last) VALUES (:name, 0) ON CONFLICT DO NOTHING")


def take(session: Session, prefix: str, year: int) -> str:
    """Give the next number of a kind in a year: `take(s, "SET", 2026)` -> "SET-2026-0001"."""
    last = take_many(session, f"{prefix}-{year}", 1)
    return f"{prefix}-{year}-{last:04d}"


def take_many(session: Session, name: str, count: int) -> int:
    """Reserve `count` numbers and return the first; the counter's row is locked until commit."""
    counter = _locked(session, name)
    first = counter.last + 1
    counter.last += count
    return first


def wait_turn(session: Session, name: str, year: int | None = None) -> None:
    """Be the only one who does `name` until this transaction ends.

    Two who add the same name to a list at once come one after the other, and the second one sees
    what the first wrote. Whoever locks other rows before taking a number of a `year` waits here for
    its counter first: otherwise two could wait for each other.
    """
    _locked(session, name if year is None else f"{name}-{year}")


def _locked(session: Session, name: str) -> Counter:
    # A row that this transaction locked before is still locked, so it is asked for only once.
    held: dict[str, Counter] = session.info.setdefault("counters", {})
    if name not in held:
        # The first number of a year may be taken by two at once: the second waits here.
        session.execute(_BEGIN, {"name": name})
        held[name] = session.get_one(Counter, name, with_for_update=True)
    return held[name]
