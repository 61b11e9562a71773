"""The whole journal as a file for hledger or beancount, read and written piece by piece."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import case
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from kopprod.domain import ledger_files as rules
from kopprod.domain.access import Action
from kopprod.domain.ledger import EntryStage, SubLedger
from kopprod.domain.ledger_files import FileEntry, FileLine, Leaf, LedgerFormat
from kopprod.services import access, books, cooperative, days
from kopprod.services.books import Whose
from kopprod.tables.ledger import Account, Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.sales import Buyer

_AT_ONCE = 5_000  # lines in memory, however long the journal is


def journal(
    session: Session, form: LedgerFormat, *, says: Callable[[str], str] = str
) -> Iterator[str]:
    """The journal in pieces of text: its accounts, then every posted entry by number.

    `says` gives a memo that the app wrote itself in the reader's language.
    """
    access.require(session, Action.LEDGER_SEE)
    leaves = dict(_leaves(session))
    names = {key: rules.account_name(form, leaf) for key, leaf in leaves.items()}
    yield from rules.head(
        form,
        title=cooperative.setting(session, "name"),
        leaves=((names[key], leaf) for key, leaf in leaves.items()),
        since=session.exec(select(func.min(Entry.on))).one() or days.today(session),
    )
    for said in _entries(session, names, says):
        yield rules.entry(form, said)


def _leaves(session: Session) -> Iterator[tuple[Whose, Leaf]]:
    """Each account, and for each whom it names a part."""
    accounts = {account.code: account for account in books.accounts(session)}
    members = {row[0]: row for row in session.exec(select(Member.id, Member.number, Member.name))}
    buyers = dict(session.exec(select(Buyer.id, Buyer.name)).all())
    for code, row in accounts.items():
        yield (code, None, None), Leaf(code, row.name, row.kind)
    for code, member_id, buyer_id in sorted(books.balances(session), key=str):
        row = accounts[code]
        if row.sub_ledger is SubLedger.MEMBER and member_id is not None:
            leaf = Leaf(code, row.name, row.kind, *members[member_id])
            yield (code, member_id, None), leaf
        if row.sub_ledger is SubLedger.BUYER and buyer_id is not None:
            leaf = Leaf(code, row.name, row.kind, buyer_id, "", buyers[buyer_id])
            yield (code, None, buyer_id), leaf


def _entries(
    session: Session, names: dict[Whose, str], says: Callable[[str], str]
) -> Iterator[FileEntry]:
    before, after = aliased(Entry), aliased(Entry)
    entry = [Entry.number, Entry.on, Entry.memo, Entry.paper, before.number, after.number]
    member_id = case((col(Account.sub_ledger) == SubLedger.MEMBER, Line.member_id))
    buyer_id = case((col(Account.sub_ledger) == SubLedger.BUYER, Line.buyer_id))
    line = [Line.account_code, member_id, buyer_id, Line.debit_rp - Line.credit_rp]
    columns: Any = [*entry, *line, Line.business_unit]
    query: Any = (
        select(*columns)
        .join(Line, col(Line.entry_id) == Entry.id)
        .join(Account, col(Account.code) == Line.account_code)
        .outerjoin(before, col(before.id) == Entry.reverses_id)
        .outerjoin(after, col(after.reverses_id) == Entry.id)
        .where(Entry.stage == EntryStage.POSTED)
        .order_by(col(Entry.number), col(Line.id))
        .execution_options(yield_per=_AT_ONCE)
    )
    rows = session.execute(query)
    for (number, on, memo, paper, reverses, reversed_by), own in groupby(rows, key=lambda r: r[:6]):
        lines = [
            FileLine(names[code, member, buyer], int(amount_rp), unit)
            for *_, code, member, buyer, amount_rp, unit in own
        ]
        yield FileEntry(number, on, says(memo), paper, lines, reverses, reversed_by)
