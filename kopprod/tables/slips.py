"""Slips: what one member gets from one sale or one delivery, and its being paid out."""

from datetime import date

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from kopprod.tables.columns import check, key, may_refer, may_whole, no, refers, whole, zero


class Slip(SQLModel, table=True):
    """One member's part of a settled sale, or one delivery bought outright; paid once, in whole.

    `net_value_rp` (nilai bersih) less `deducted_rp` is `received_rp` (uang diterima). A slip whose
    sale or buying was reversed is void and stays in the book.
    """

    __table_args__ = (
        Index(
            "uq_slip_standing",
            "sale_id",
            "member_id",
            unique=True,
            sqlite_where=text("voided_on IS NULL"),
            postgresql_where=text("voided_on IS NULL"),
        ),
        check("one_source", "(sale_id IS NULL) <> (buying_id IS NULL)"),
        check("code_whole", "length(code) = 16"),
        check("value_not_negative", "net_value_rp >= 0"),
        check("deducted_in_range", "deducted_rp >= 0 AND deducted_rp <= net_value_rp"),
        check("deducted_has_entry", "(deducted_rp = 0) = (deducted_entry_id IS NULL)"),
        check("paid_says_how_much", "(paid_on IS NULL) = (received_rp IS NULL)"),
        check(
            "paid_what_is_left", "received_rp IS NULL OR received_rp = net_value_rp - deducted_rp"
        ),
        check("paid_has_entry", "(coalesce(received_rp, 0) > 0) = (paid_entry_id IS NOT NULL)"),
        check("paid_from_known", "(coalesce(received_rp, 0) > 0) = (paid_from IS NOT NULL)"),
        check("void_has_reason", "(voided_on IS NULL) = (void_reason IS NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    code: str = Field(unique=True)  # printed on the slip, asked for by whoever holds it
    sale_id: int | None = may_refer("sale.id")
    buying_id: int | None = may_refer("buying.id", unique=True)
    member_id: int = refers("member.id")
    net_value_rp: int = whole()
    deducted_rp: int = zero()
    deducted_entry_id: int | None = may_refer("entry.id", unique=True)
    batch_id: int | None = may_refer("payout_batch.id")
    paid_on: date | None = Field(default=None, index=True)
    received_rp: int | None = may_whole()
    paid_from: str | None = Field(default=None, foreign_key="account.code")
    paid_by_id: int | None = may_refer("app_user.id", index=False)
    paid_entry_id: int | None = may_refer("entry.id", unique=True)
    paid_by_settler: bool = no()  # allowed only where there is one officer, and then shown
    voided_on: date | None = None
    void_reason: str | None = None
    act_id: int = refers("act.id", index=False)
