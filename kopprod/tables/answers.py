"""What members say about their deliveries: right, or not, and what became of it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from kopprod.domain.answers import Resolution
from kopprod.tables.columns import check, key, may_be_one_of, may_moment, may_refer, moment, refers


class DeliveryAnswer(SQLModel, table=True):
    """A member's word about one of her deliveries, and how the cooperative resolved a dispute.

    A delivery without an answer counts as accepted once the days for it are over.
    """

    __tablename__ = "delivery_answer"
    __table_args__ = (
        check("dispute_has_words", "agrees OR length(words) > 0"),
        check("resolution_of_dispute", "resolution IS NULL OR NOT agrees"),
        check(
            "resolution_is_whole",
            "(resolution IS NULL) = (resolved_at IS NULL)"
            " AND (resolution IS NULL) = (reason IS NULL)",
        ),
        Index(  # disputes are few, however often members agree
            "ix_delivery_answer_disputed",
            "delivery_id",
            sqlite_where=text("agrees = 0"),
            postgresql_where=text("NOT agrees"),
        ),
    )

    id: int = key()
    delivery_id: int = refers("delivery.id", unique=True)
    agrees: bool
    words: str = ""
    at: datetime = moment()
    answered_by_id: int | None = may_refer("app_user.id", index=False)
    resolution: Resolution | None = may_be_one_of(Resolution, "resolution")
    reason: str | None = None
    resolved_at: datetime | None = may_moment()
    resolved_by_id: int | None = may_refer("app_user.id", index=False)
    act_id: int = refers("act.id", index=False)
