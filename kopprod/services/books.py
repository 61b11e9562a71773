"""The books as people read them: journal, cash book, members' accounts, trial balance."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.books import (
    AccountBook,
    BookLine,
    Journal,
    JournalEntry,
    TrialLine,
    running,
)
from kopprod.domain.ledger import EntryStage, SubLedger, in_own_direction_rp
from kopprod.services import access, account_sums
from kopprod.services.account_sums import MOVED, Held
from kopprod.tables.ledger import Account, Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.sales import Buyer

PAGE = 24
NEWEST = 1_000  # lines that an account's book shows unless all are asked for


def accounts(session: Session) -> list[Account]:
    """The chart of accounts, by code."""
    access.require(session, Action.LEDGER_SEE)
    return list(session.exec(select(Account).order_by(col(Account.code))))


def trial_balance(session: Session, *, until: date | None = None) -> list[TrialLine]:
    """Every account that moved before the day `until`; its two columns add up to the same."""
    apart = _apart(session, until)
    found = []
    for account in accounts(session):
        held = account_sums.held(session, account.code) - apart[account.code]
        if held.lines:
            debit_rp, credit_rp = max(held.moved_rp, 0), max(-held.moved_rp, 0)
            kind = account.kind
            found.append(TrialLine(account.code, account.name, kind, debit_rp, credit_rp))
    return found


def _apart(session: Session, until: date | None) -> dict[str, Held]:
    """By account, what was posted from the day `until` on; and drafts, which are not posted."""
    found: dict[str, Held] = defaultdict(Held)
    which: list[Any] = [col(Entry.number).is_(None)]
    if until is not None:
        which.append((col(Entry.on) >= until) & col(Entry.number).is_not(None))
    for condition in which:
        # As a sum it has no index: SQLite begins with those entries and not with all lines.
        account: Any = col(Line.account_code) + ""
        query = select(account, MOVED, func.count()).group_by(account)
        of = query.join(Entry, col(Entry.id) == col(Line.entry_id)).where(condition)
        for code, moved_rp, lines in session.exec(of).all():
            found[code] += Held(int(moved_rp), lines)
    return found


Whose = tuple[str, int | None, int | None]


def balances(session: Session, *, until: date | None = None) -> dict[Whose, int]:
    """Debit less credit of whatever moved before `until`, by account, member and buyer.

    The trial balance and every sub-ledger, from one look at the lines.
    """
    access.require(session, Action.LEDGER_SEE)
    whose: Any = (col(Line.account_code), col(Line.member_id), col(Line.buyer_id))
    total = func.sum(col(Line.debit_rp)) - func.sum(col(Line.credit_rp))
    columns: Any = [*whose, total]
    query: Any = select(*columns).group_by(*whose)
    # A draft is there only while somebody posts; asking each line for its entry takes thrice as
    # long, and drafts are those without a number.
    drafts = session.exec(select(Entry.id).where(col(Entry.number).is_(None))).all()
    if drafts:
        query = query.where(col(Line.entry_id).not_in(drafts))
    if until is not None:
        query = query.where(col(Line.entry_id).in_(select(Entry.id).where(Entry.on < until)))
    return {(code, member, buyer): int(rp) for code, member, buyer, rp in session.exec(query)}


def entries(
    session: Session,
    *,
    since: date | None = None,
    until: date | None = None,
    paper: str | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> Journal:
    """One page of the journal, newest first; `paper` narrows it to what came from one paper."""
    access.require(session, Action.LEDGER_SEE)
    conditions: list[Any] = [Entry.stage == EntryStage.POSTED]
    if since is not None:
        conditions.append(Entry.on >= since)
    if until is not None:
        conditions.append(Entry.on < until)
    if paper is not None:
        conditions.append(Entry.paper == paper)
    # Their numbers leave no gap, so the last one says how many there are in all.
    counted: Any = select(func.count()).select_from(Entry).where(*conditions)
    if len(conditions) == 1:
        counted = select(func.coalesce(func.max(Entry.number), 0))
    count = session.exec(counted).one()
    newest = col(Entry.on).desc(), col(Entry.number).desc()
    found = session.exec(
        select(Entry).where(*conditions).order_by(*newest).offset(offset).limit(limit)
    ).all()
    return Journal(entries=_with_lines(session, found), count=int(count))


def entry(session: Session, entry_id: int) -> JournalEntry | None:
    """One posted entry with its lines."""
    access.require(session, Action.LEDGER_SEE)
    found = session.get(Entry, entry_id)
    if found is None or found.stage is not EntryStage.POSTED:
        return None
    return _with_lines(session, [found])[0]


def account_book(
    session: Session,
    account: str,
    *,
    since: date | None = None,
    until: date | None = None,
    newest: int | None = None,
) -> AccountBook:
    """The lines of one account in a period with what it held after each: 1101 is the cash book.

    Of more lines than `newest` only so many of the newest.
    """
    access.require(session, Action.LEDGER_SEE)
    row = session.get_one(Account, account)
    held = account_sums.held(session, account) - _apart(session, until)[account]
    closing_rp = in_own_direction_rp(row.kind, held.moved_rp)
    of: Any = col(Line.account_code) == account
    if newest is not None and held.lines > newest:
        # As a sum it has no index: SQLite goes back through the days instead of sorting all lines.
        of = col(Line.account_code) + "" == account
    conditions: list[Any] = [of]
    conditions += [] if since is None else [Entry.on >= since]
    conditions += [] if until is None else [Entry.on < until]
    limit = None if newest is None else newest + 1
    found = list(_lines(session, *conditions, newest=limit))
    cut = newest is not None and len(found) > newest
    found = found[1:] if cut else found
    moved_rp = sum(line.debit_rp - line.credit_rp for line in found)
    opening_rp = closing_rp - in_own_direction_rp(row.kind, moved_rp)
    lines = running(found, {account: row.kind}, {account: opening_rp})
    return AccountBook(account, row.name, opening_rp, lines, closing_rp, cut)


def member_account(session: Session, member_id: int) -> list[BookLine]:
    """Every line of the member's own accounts, oldest first, each with what its account then held.

    Members see their own; the books' readers see everybody's.
    """
    if access.person(session).member_id == member_id:
        access.require(session, Action.OWN_SEE)
    else:
        access.require(session, Action.LEDGER_SEE)
    named = session.exec(select(Account).where(Account.sub_ledger == SubLedger.MEMBER))
    kinds = {account.code: account.kind for account in named}
    found = _lines(session, Line.member_id == member_id, col(Line.account_code).in_(list(kinds)))
    return running(found, kinds)


def _with_lines(session: Session, found: Sequence[Entry]) -> list[JournalEntry]:
    ids = [row.id for row in found]
    lines: dict[int, list[BookLine]] = defaultdict(list)
    for line in _lines(session, col(Line.entry_id).in_(ids)):
        lines[line.entry_id].append(line)
    reversed_ids = set(
        session.exec(select(Entry.reverses_id).where(col(Entry.reverses_id).in_(ids)))
    )
    return [
        JournalEntry(
            id=row.id,
            number=row.number or 0,
            on=row.on,
            memo=row.memo,
            paper=row.paper,
            reverses_id=row.reverses_id,
            is_reversed=row.id in reversed_ids,
            lines=tuple(lines[row.id]),
        )
        for row in found
    ]


def _lines(session: Session, *conditions: Any, newest: int | None = None) -> Iterator[BookLine]:
    """Posted lines in the order of their entries; of more than `newest` the last so many."""
    whom = func.coalesce(col(Member.name), col(Buyer.name), "")
    query = (
        select(Line, Entry, col(Account.name), whom)
        .join(Entry, col(Line.entry_id) == Entry.id)
        .join(Account, col(Line.account_code) == Account.code)
        .outerjoin(Member, col(Line.member_id) == Member.id)
        .outerjoin(Buyer, col(Line.buyer_id) == Buyer.id)
        .where(Entry.stage == EntryStage.POSTED, *conditions)
    )
    order = (col(Entry.on), col(Entry.number), col(Line.id))
    if newest is not None:  # by their keys first: joined to names, SQLite would sort all of them
        last = select(Line.id).join(Entry, col(Line.entry_id) == Entry.id)
        last = last.where(Entry.stage == EntryStage.POSTED, *conditions)
        last = last.order_by(*(one.desc() for one in order)).limit(newest)
        query = query.where(col(Line.id).in_(session.exec(last).all()))
    for line, of, account_name, named in session.exec(query.order_by(*order)):
        yield BookLine(
            entry_id=of.id,
            number=of.number or 0,
            on=of.on,
            memo=of.memo,
            paper=of.paper,
            account=line.account_code,
            account_name=account_name,
            debit_rp=line.debit_rp,
            credit_rp=line.credit_rp,
            whom=named,
        )
