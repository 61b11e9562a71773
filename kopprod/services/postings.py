"""Many entries of one day into the journal, in a few statements: for imports of very many papers.

The same rows, numbers and checks as `ledger.post` leaves one by one. Each paper keeps an entry of
its own: it can be followed to its paper, and taken back alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import update
from sqlmodel import Session, col

from kopprod import many_rows
from kopprod.domain.ledger import EntryStage, Posting, check_entry
from kopprod.services import days, ledger, numbers
from kopprod.tables.ledger import Entry, Line

_LINE = ("entry_id", "account_code", "debit_rp", "credit_rp", "member_id", "buyer_id")


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be: what it came from, and its lines."""

    paper: str
    postings: tuple[Posting, ...]


def post_many(session: Session, *, on: date, memo: str, drafts: Sequence[Draft]) -> list[int]:
    """Post entries inside the caller's transaction and give their keys, in order.

    Refuses what `ledger.post` refuses. No account of money is among them: what it holds would have
    to be asked after each entry.
    """
    if not drafts:
        return []
    sample = [one for draft in drafts for one in draft.postings]
    accounts = ledger.accounts_of(session, sample)
    if any(account.holds_money for account in accounts.values()):
        raise ValueError("money is moved entry by entry")
    sub_ledgers = {code: account.sub_ledger for code, account in accounts.items()}
    for draft in drafts:
        check_entry(draft.postings, sub_ledgers)
    if on > days.today(session):
        raise ledger.EntryInFuture(day_on=on)
    number = numbers.take_many(session, ledger.COUNTER, len(drafts))
    ids = many_rows.reserve(session, Entry, len(drafts))
    many_rows.insert(
        session,
        Entry,
        ("id", "paper"),
        [(key, draft.paper) for key, draft in zip(ids, drafts, strict=True)],
        stage=EntryStage.DRAFT,
        on=on,
        memo=memo,
        act_id=session.info["act_id"],
    )
    many_rows.insert(
        session,
        Line,
        (*_LINE, "business_unit"),
        [
            (key, p.account, p.debit_rp, p.credit_rp, p.member_id, p.buyer_id, p.business_unit)
            for key, draft in zip(ids, drafts, strict=True)
            for p in draft.postings
        ],
    )
    _seal(session, ids, number)
    return ids


def _seal(session: Session, ids: Sequence[int], number: int) -> None:
    """Post them, at which the database's own triggers check each: one statement for a run of keys.

    Whoever posts holds the counter, so the keys follow each other but for what somebody gave up.
    """
    for distance, run in groupby(enumerate(ids), lambda pair: pair[1] - pair[0]):
        keys = [key for _, key in run]
        session.execute(
            update(Entry)
            .where(col(Entry.id).between(keys[0], keys[-1]))
            .values(
                stage=EntryStage.POSTED,
                number=col(Entry.id) - distance + number,
                posted_at=session.info["at"],
            )
            .execution_options(synchronize_session=False)
        )
