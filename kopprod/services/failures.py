"""Counting what failed lately, by account or by address, so that guessing becomes slow."""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete

from kopprod.domain import access as rules
from kopprod.tables.access import SignInFailure


def recent(session: Session, subject: str, *, at: datetime) -> int:
    """How often the subject failed lately."""
    return counted(session.get(SignInFailure, subject), at=at)


def counted(row: SignInFailure | None, *, at: datetime) -> int:
    """What a row still counts: failures are forgotten after a day without any."""
    forgotten = at - timedelta(hours=rules.FAILURES_FORGOTTEN_HOURS)
    return 0 if row is None or row.last_at < forgotten else row.failures


def locked(session: Session, subject: str, *, at: datetime) -> SignInFailure:
    """The row that counts a subject's failures, made if need be, and locked until commit."""
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if postgres else sqlite.insert
    values = {"subject": subject, "failures": 0, "last_at": at}
    session.execute(insert(SignInFailure).values(**values).on_conflict_do_nothing())
    return session.get_one(SignInFailure, subject, with_for_update=True)


def add(session: Session, *subjects: str, at: datetime) -> None:
    """Count one more failure for each subject, and drop rows that count nothing any more."""
    for subject in subjects:
        row = locked(session, subject, at=at)
        row.failures = counted(row, at=at) + 1
        row.last_at = at
    old = at - timedelta(hours=2 * rules.FAILURES_FORGOTTEN_HOURS)
    session.execute(delete(SignInFailure).where(col(SignInFailure.last_at) < old))
    session.flush()
