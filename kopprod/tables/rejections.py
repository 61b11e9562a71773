"""Loads that were brought and not taken: recorded, never paid, never in store."""

from datetime import date

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import check, key, may_whole, refers


class RejectedLoad(SQLModel, table=True):
    """Goods that the officer did not take, and why; `gross` is empty where nobody weighed them."""

    __tablename__ = "rejected_load"
    __table_args__ = (
        check("gross_positive", "gross IS NULL OR gross > 0"),
        check("reason_given", "length(reason) > 0"),
    )

    id: int = key()
    number: str = Field(unique=True)
    member_id: int = refers("member.id")
    product_id: int = refers("product.id", index=False)
    brought_on: date = Field(index=True)
    gross: int | None = may_whole()
    reason: str
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
