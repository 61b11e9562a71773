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
from kopprod.domain.ledger import EntryStage, SubLedger
from kopprod.services import access
from kopprod.tables.ledger import Account, Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.sales import Buyer

PAGE = 24


def accounts(session: Session) -> list[Account]:
    """The chart of accounts, by code."""
    access.require(session, Action.LEDGER_SEE)
    return list(session.exec(select(Account).order_by(col(Account.code))))


def trial_balance(session: Session, *, until: date | None = None) -> list[TrialLine]:
    """Every account that moved before the day `until`; its two columns add up to the same."""
    totals: dict[str, int] = defaultdict(int)
    for (code, _, _), total_rp in balances(session, until=until).items():
        totals[code] += total_rp
    return [
        TrialLine(
            account.code,
            account.name,
            account.kind,
            max(totals[account.code], 0),
            max(-totals[account.code], 0),
        )
        for account in accounts(session)
        if account.code in totals
    ]


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
    count = session.exec(select(func.count()).select_from(Entry).where(*conditions)).one()
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
    session: Session, account: str, *, since: date | None = None, until: date | None = None
) -> AccountBook:
    """The lines of one account in a period with what it held after each: 1101 is the cash book."""
    access.require(session, Action.LEDGER_SEE)
    row = session.get_one(Account, account)
    conditions: list[Any] = [Line.account_code == account]
    if until is not None:
        conditions.append(Entry.on < until)
    lines = running(_lines(session, *conditions), {account: row.kind})
    before = [line for line in lines if since is not None and line.on < since]
    within = lines[len(before) :]
    return AccountBook(
        account=account,
        name=row.name,
        opening_rp=before[-1].balance_rp if before else 0,
        lines=within,
        closing_rp=lines[-1].balance_rp if lines else 0,
    )


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


def _lines(session: Session, *conditions: Any) -> Iterator[BookLine]:
    whom = func.coalesce(col(Member.name), col(Buyer.name), "")
    query = (
        select(Line, Entry, col(Account.name), whom)
        .join(Entry, col(Line.entry_id) == Entry.id)
        .join(Account, col(Line.account_code) == Account.code)
        .outerjoin(Member, col(Line.member_id) == Member.id)
        .outerjoin(Buyer, col(Line.buyer_id) == Buyer.id)
        .where(Entry.stage == EntryStage.POSTED, *conditions)
        .order_by(col(Entry.on), col(Entry.number), col(Line.id))
    )
    for line, of, account_name, named in session.exec(query):
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
