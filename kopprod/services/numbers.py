"""Running numbers of papers, without gaps: a number falls with the transaction that took it.

The row of a counter is also what people wait at who do the same thing at the same moment.
"""

from sqlalchemy import text
from sqlmodel import Session

# The first number of a kind may be taken by two at once: the second waits for the first one's row.
_TAKE = text(
    "INSERT INTO counter (name, last) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET last = counter.last + :count RETURNING last"
)


def take(session: Session, prefix: str, year: int) -> str:
    """Give the next number of a kind in a year: `take(s, "SET", 2026)` -> "SET-2026-0001"."""
    last = take_many(session, f"{prefix}-{year}", 1)
    return f"{prefix}-{year}-{last:04d}"


def take_each(session: Session, prefix: str, year: int, count: int) -> list[str]:
    """Give the next `count` numbers of a kind in a year, in one step."""
    first = take_many(session, f"{prefix}-{year}", count)
    return [f"{prefix}-{year}-{number:04d}" for number in range(first, first + count)]


def take_many(session: Session, name: str, count: int) -> int:
    """Reserve `count` numbers and return the first; the counter's row is locked until commit."""
    last = int(session.execute(_TAKE, {"name": name, "count": count}).scalar_one())
    _held(session).add(name)
    return last - count + 1


def wait_turn(session: Session, name: str, year: int | None = None) -> None:
    """Be the only one who does `name` until this transaction ends.

    Two who add the same name to a list at once come one after the other, and the second one sees
    what the first wrote. Whoever locks other rows before taking a number of a `year` waits here for
    its counter first: otherwise two could wait for each other.
    """
    name = name if year is None else f"{name}-{year}"
    if name not in _held(session):
        take_many(session, name, 0)


def _held(session: Session) -> set[str]:
    """The counters whose rows this transaction has locked."""
    held: set[str] = session.info.setdefault("counters", set())
    return held
