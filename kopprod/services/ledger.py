"""The journal's only writer: entries are drafted, given their lines, then posted by one UPDATE."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from kopprod.domain.ledger import Posting
from kopprod.tables.ledger import Entry


def post(
    session: Session, *, on: date, memo: str, paper: str, postings: Sequence[Posting]
) -> Entry:
    """Post an entry inside the caller's transaction. `memo` is a message id or a person's words."""
    raise NotImplementedError
