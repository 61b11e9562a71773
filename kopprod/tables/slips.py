"""Slips: what one member gets from one sale, and its being paid out."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.tables.columns import check, key, may_refer, refers, whole


class Slip(SQLModel, table=True):
    """One member's part of one settled sale. Frozen at settling; paid out once, in whole."""

    __table_args__ = (
        UniqueConstraint("sale_id", "member_id"),
        check("code_whole", "length(code) = 16"),
        check("value_not_negative", "net_value_rp >= 0"),
        check("paid_has_entry", "(paid_on IS NULL) = (paid_entry_id IS NULL)"),
        check("paid_from_known", "(paid_on IS NULL) = (paid_from IS NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    code: str = Field(unique=True)  # printed on the slip, asked for by whoever holds it
    sale_id: int = refers("sale.id")
    member_id: int = refers("member.id")
    net_value_rp: int = whole()
    paid_on: date | None = Field(default=None, index=True)
    paid_from: str | None = Field(default=None, foreign_key="account.code")
    paid_by_id: int | None = may_refer("app_user.id", index=False)
    paid_entry_id: int | None = may_refer("entry.id", unique=True)
    paid_by_settler: bool = False  # allowed only where there is one officer, and then shown
    act_id: int = refers("act.id", index=False)
