"""The journal: accounts, entries and their lines. Posted entries never change."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from kopprod.domain.ledger import AccountKind, EntryStage, SubLedger
from kopprod.tables.columns import check, key, may_moment, may_refer, one_of, refers, whole


class Account(SQLModel, table=True):
    """One account of the chart. A sub-ledger account wants a member or buyer on every line."""

    code: str = Field(primary_key=True)
    name: str
    kind: AccountKind = one_of(AccountKind, "kind")
    sub_ledger: SubLedger = one_of(SubLedger, "sub_ledger")
    holds_money: bool = False  # cash and bank: never below zero
    active: bool = True
    act_id: int = refers("act.id", index=False)


class Entry(SQLModel, table=True):
    """A journal entry: drafted, given its lines, then posted by one UPDATE and never touched again.

    `paper` names what it came from (`sale:12`, `slip:40`), so that every amount can be followed.
    """

    __table_args__ = (
        check("posted_has_number", "(stage = 'posted') = (number IS NOT NULL)"),
        check("posted_has_moment", "(stage = 'posted') = (posted_at IS NOT NULL)"),
    )

    id: int = key()
    number: int | None = Field(default=None, unique=True)
    stage: EntryStage = one_of(EntryStage, "stage")
    on: date = Field(index=True)
    memo: str
    paper: str = Field(index=True)
    reverses_id: int | None = may_refer("entry.id", unique=True)
    posted_at: datetime | None = may_moment()
    act_id: int = refers("act.id", index=False)


class Line(SQLModel, table=True):
    """One debit or one credit of an entry, never both, never neither."""

    __table_args__ = (
        check("debit_not_negative", "debit_rp >= 0"),
        check("credit_not_negative", "credit_rp >= 0"),
        check("one_side", "(debit_rp > 0) <> (credit_rp > 0)"),
    )

    id: int = key()
    entry_id: int = refers("entry.id")
    account_code: str = Field(foreign_key="account.code", index=True)
    debit_rp: int = whole()
    credit_rp: int = whole()
    member_id: int | None = may_refer("member.id")
    buyer_id: int | None = may_refer("buyer.id")
    business_unit: str = "marketing"
