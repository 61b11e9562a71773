"""The journal's rules: double entry, whole rupiah, corrections by reversal."""

from dataclasses import dataclass
from enum import StrEnum


class AccountKind(StrEnum):
    """The five kinds of account."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class SubLedger(StrEnum):
    """Whom every line of the account must name."""

    NONE = "none"
    MEMBER = "member"
    BUYER = "buyer"


class EntryStage(StrEnum):
    """An entry is a draft only inside the transaction that posts it."""

    DRAFT = "draft"
    POSTED = "posted"


@dataclass(frozen=True)
class Posting:
    """One side of an entry to be: exactly one of debit and credit is positive, in whole rupiah."""

    account: str
    debit_rp: int = 0
    credit_rp: int = 0
    member_id: int | None = None
    buyer_id: int | None = None
    business_unit: str = "marketing"
