"""The whole journal as a file for hledger or beancount, read and written piece by piece."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import case, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from kopprod.domain import ledger_files as rules
from kopprod.domain.access import Action
from kopprod.domain.ledger import EntryStage, SubLedger
from kopprod.domain.ledger_files import FileEntry, FileLine, Leaf, LedgerFormat
from kopprod.services import access, cooperative, days
from kopprod.tables.ledger import Account, Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.sales import Buyer

_AT_ONCE = 5_000  # lines in memory, however long the journal is

_Key = tuple[str, int | None, int | None]  # an account, and which member or buyer of it


def journal(
    session: Session, form: LedgerFormat, *, says: Callable[[str], str] = str
) -> Iterator[str]:
    """The journal in pieces of text: its accounts, then every posted entry by number.

    `says` gives a memo that the app wrote itself in the reader's language.
    """
    access.require(session, Action.LEDGER_SEE)
    accounts = session.exec(select(Account).order_by(col(Account.code))).all()
    leaves = {key: leaf for account in accounts for key, leaf in _leaves(session, account)}
    names = {key: rules.account_name(form, leaf) for key, leaf in leaves.items()}
    yield from rules.head(
        form,
        title=cooperative.setting(session, "name"),
        leaves=((names[key], leaf) for key, leaf in leaves.items()),
        since=session.exec(select(func.min(Entry.on))).one() or days.today(session),
    )
    for said in _entries(session, names, says):
        yield rules.entry(form, said)


def _leaves(session: Session, account: Account) -> Iterator[tuple[_Key, Leaf]]:
    """The account, and for each whom it names a part."""
    yield (account.code, None, None), Leaf(account.code, account.name, account.kind)
    of_account = col(Line.account_code) == account.code
    query: Any
    if account.sub_ledger is SubLedger.MEMBER:
        there = select(Line.id).where(of_account, Line.member_id == Member.id).exists()
        query = select(Member.id, Member.number, Member.name).where(there).order_by(col(Member.id))
    elif account.sub_ledger is SubLedger.BUYER:
        there = select(Line.id).where(of_account, Line.buyer_id == Buyer.id).exists()
        query = select(Buyer.id, literal(""), Buyer.name).where(there).order_by(col(Buyer.id))
    else:
        return
    for whom_id, number, name in session.execute(query):
        of_member = account.sub_ledger is SubLedger.MEMBER
        key = (whom_id, None) if of_member else (None, whom_id)
        leaf = Leaf(account.code, account.name, account.kind, whom_id, number, name)
        yield (account.code, *key), leaf


def _entries(
    session: Session, names: dict[_Key, str], says: Callable[[str], str]
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
