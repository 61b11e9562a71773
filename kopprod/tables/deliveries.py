"""Deliveries: what the cooperative received from a member, weighed and graded."""

from datetime import date

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import check, key, may_refer, refers, whole


class Delivery(SQLModel, table=True):
    """Goods received from a member at the cooperative's scale, in base units.

    A wrong one is never changed: a reversal (`reverses_id`) takes it out again.
    """

    __table_args__ = (
        check("net_is_gross_less_tare", "net = gross - tare"),
        check("net_positive", "net > 0"),
        check("tare_not_negative", "tare >= 0"),
    )

    id: int = key()
    number: str = Field(unique=True)
    member_id: int = refers("member.id")
    product_id: int = refers("product.id")
    grade_id: int = refers("grade.id")
    village_id: int | None = may_refer("village.id")
    received_on: date = Field(index=True)
    gross: int = whole()
    tare: int = whole()
    net: int = whole()
    typed: str = ""
    note: str = ""
    output_id: int | None = may_refer("output_log.id")
    draft_key: str | None = Field(default=None, unique=True)
    reverses_id: int | None = may_refer("delivery.id", unique=True)
    reason: str | None = None
    act_id: int = refers("act.id", index=False)
