"""Deliveries: what the cooperative received from a member, weighed and graded."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from kopprod.tables.columns import (
    check,
    key,
    may_moment,
    may_refer,
    may_whole,
    moment,
    no,
    refers,
    whole,
)


class DeliveryDraft(SQLModel, table=True):
    """The form that somebody has open at the scale, with what was typed so far.

    Its `draft_key` becomes the delivery's: however often the form is sent, it makes one delivery.
    """

    __tablename__ = "delivery_draft"
    __table_args__ = (
        Index(
            "uq_delivery_draft_open",
            "user_id",
            unique=True,
            sqlite_where=text("used_at IS NULL"),
            postgresql_where=text("used_at IS NULL"),
        ),
    )

    id: int = key()
    draft_key: str = Field(unique=True)
    user_id: int = refers("app_user.id")
    opened_at: datetime = moment()
    used_at: datetime | None = may_moment()
    member_id: int | None = may_refer("member.id", index=False)
    product_id: int | None = may_refer("product.id", index=False)
    grade_id: int | None = may_refer("grade.id", index=False)
    output_id: int | None = may_refer("output_log.id", index=False)
    gross_typed: str = ""
    tare_typed: str = ""
    tare_is_each: bool = False  # what was typed is the tare of one sack
    measures_typed: str = ""  # JSON: what was typed for each measure
    proposed_grade_id: int | None = may_refer("grade.id", index=False)
    scale_id: int | None = may_refer("scale.id", index=False)
    received_on: date | None = None
    buys: bool = no()  # bought outright at once
    note: str = ""
    act_id: int = refers("act.id", index=False)


class Delivery(SQLModel, table=True):
    """Goods received from a member at the cooperative's scale, in base units.

    Its gross is the sum of its `delivery_weight` rows. A wrong one is never changed: a reversal
    (`reverses_id`) takes it out again, and what is received instead names it (`corrects_id`).
    """

    __table_args__ = (
        check("net_is_gross_less_tare", "net = gross - tare"),
        check("net_positive", "net > 0"),
        check("tare_not_negative", "tare >= 0"),
        check("tare_each_not_negative", "tare_each IS NULL OR tare_each >= 0"),
        check("code_whole", "length(code) = 16"),
        check("reversal_has_reason", "(reverses_id IS NULL) = (reason IS NULL)"),
        Index(None, "member_id", "received_on"),  # hers, the latest first
        Index(None, "product_id", "received_on"),
    )

    id: int = key()
    number: str = Field(unique=True)
    code: str = Field(unique=True)  # printed on the receipt, asked for by whoever holds it
    member_id: int = refers("member.id", index=False)
    product_id: int = refers("product.id", index=False)
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
    corrects_id: int | None = may_refer("delivery.id", unique=True)
    tare_each: int | None = may_whole()  # of one sack; empty where the tare was weighed in all
    scale_id: int | None = may_refer("scale.id", index=False)
    proposed_grade_id: int | None = may_refer("grade.id", index=False)  # by the measures
    act_id: int = refers("act.id", index=False)
