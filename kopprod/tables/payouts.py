"""Payouts: what members let be taken from their slips, and slips paid together in batches."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.payouts import BatchKind, DeductionKind
from kopprod.tables.columns import check, key, may_refer, may_whole, one_of, refers, whole


class PayoutTerms(SQLModel, table=True):
    """The most that a member lets be taken from a payout, in hundredths of a percent of it."""

    __tablename__ = "payout_terms"
    __table_args__ = (check("most_in_range", "most_bp >= 0 AND most_bp <= 10000"),)

    id: int = key()
    member_id: int = refers("member.id", unique=True)
    most_bp: int = whole()
    agreed_on: date
    act_id: int = refers("act.id", index=False)


class DeductionAgreement(SQLModel, table=True):
    """One kind of deduction that a member agreed to, in her order; an ended one is kept.

    `most_rp` is the most of it in one payout; empty takes what is owed. Dues are owed by nobody, so
    they always say how much.
    """

    __tablename__ = "deduction_agreement"
    __table_args__ = (
        check("position_positive", "position > 0"),
        check("most_positive", "most_rp IS NULL OR most_rp > 0"),
        check("dues_have_amount", "kind <> 'dues' OR most_rp IS NOT NULL"),
        check("ends_later", "until IS NULL OR until >= since"),
    )

    id: int = key()
    member_id: int = refers("member.id")
    kind: DeductionKind = one_of(DeductionKind, "kind")
    position: int
    most_rp: int | None = may_whole()
    since: date
    until: date | None = None
    act_id: int = refers("act.id", index=False)


class SlipDeduction(SQLModel, table=True):
    """What was taken from one slip, of one kind; all of a slip's stand in one entry."""

    __tablename__ = "slip_deduction"
    __table_args__ = (
        UniqueConstraint("slip_id", "kind"),
        check("amount_positive", "amount_rp > 0"),
    )

    id: int = key()
    slip_id: int = refers("slip.id", index=False)
    kind: DeductionKind = one_of(DeductionKind, "kind")
    amount_rp: int = whole()
    act_id: int = refers("act.id", index=False)


class PayoutBatch(SQLModel, table=True):
    """Slips that are paid together: a list to sign, or one file for the bank."""

    __tablename__ = "payout_batch"

    id: int = key()
    number: str = Field(unique=True)
    kind: BatchKind = one_of(BatchKind, "kind")
    account_code: str = Field(foreign_key="account.code")
    drawn_on: date = Field(index=True)
    closed_on: date | None = None
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class PayoutReturn(SQLModel, table=True):
    """Money of a paid slip that came back (a wrong account number); the slip is unpaid again."""

    __tablename__ = "payout_return"
    __table_args__ = (
        check("amount_positive", "amount_rp > 0"),
        check("reason_given", "length(reason) > 0"),
    )

    id: int = key()
    number: str = Field(unique=True)
    slip_id: int = refers("slip.id")
    returned_on: date
    amount_rp: int = whole()
    account_code: str = Field(foreign_key="account.code")
    reason: str
    entry_id: int = refers("entry.id", unique=True)  # the payment's reversal
    act_id: int = refers("act.id", index=False)


class TransferFormat(SQLModel, table=True):
    """The columns that one bank or e-wallet wants in its transfer file; `columns` is JSON."""

    __tablename__ = "transfer_format"
    __table_args__ = (check("name_given", "length(name) > 0"),)

    id: int = key()
    name: str = Field(unique=True)
    columns: str
    separator: str = ","
    has_titles: bool = True
    active: bool = True
    act_id: int = refers("act.id", index=False)


class Advance(SQLModel, table=True):
    """Money that a member had at delivery (panjar), before her goods were sold."""

    __table_args__ = (
        check("amount_positive", "amount_rp > 0"),
        check("code_whole", "length(code) = 16"),
        check("reversed_has_entry", "(reversed_on IS NULL) = (reversal_entry_id IS NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    code: str = Field(unique=True)
    delivery_id: int = refers("delivery.id")
    member_id: int = refers("member.id")
    amount_rp: int = whole()
    paid_on: date = Field(index=True)
    account_code: str = Field(foreign_key="account.code")
    entry_id: int = refers("entry.id", unique=True)
    reversed_on: date | None = None
    reversal_entry_id: int | None = may_refer("entry.id", unique=True)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
