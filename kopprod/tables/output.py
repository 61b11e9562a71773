"""What members harvested or made, as they said it themselves."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from kopprod.tables.columns import (
    check,
    key,
    may_moment,
    may_refer,
    moment,
    refers,
    whole,
)


class OutputDraft(SQLModel, table=True):
    """A form somebody has open. It becomes one row of the log, however often it is sent."""

    __tablename__ = "output_draft"
    __table_args__ = (
        Index(
            "uq_output_draft_open",
            "user_id",
            unique=True,
            sqlite_where=text("used_at IS NULL"),
            postgresql_where=text("used_at IS NULL"),
        ),
    )

    id: int = key()
    user_id: int = refers("app_user.id")
    opened_at: datetime = moment()
    used_at: datetime | None = may_moment()
    member_id: int | None = may_refer("member.id", index=False)
    product_id: int | None = may_refer("product.id", index=False)
    typed: str = ""
    made_on: date | None = None
    note: str = ""
    act_id: int = refers("act.id", index=False)


class OutputLog(SQLModel, table=True):
    """One harvest or piece of work: `quantity` in base units, `typed` as the person wrote it.

    Once goods of it are delivered, a correction is a new row that names the old one (`corrects_id`)
    and the first of them all (`first_id`): a row counts as long as no other one corrects it.
    """

    __tablename__ = "output_log"
    __table_args__ = (
        check("quantity_positive", "quantity > 0"),
        check("correction_has_first", "(corrects_id IS NULL) = (first_id IS NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    member_id: int = refers("member.id")
    product_id: int = refers("product.id")
    quantity: int = whole()
    typed: str
    made_on: date = Field(index=True)
    note: str = ""
    draft_id: int | None = may_refer("output_draft.id", unique=True)
    by_user_id: int | None = may_refer("app_user.id", index=False)
    on_behalf: bool = False
    corrects_id: int | None = may_refer("output_log.id", unique=True)
    first_id: int | None = may_refer("output_log.id")
    act_id: int = refers("act.id", index=False)
