"""What the plan of a pooled purchase decided about members when wants were fixed."""

from sqlmodel import SQLModel, UniqueConstraint

from kopprod.tables.columns import check, key, refers, whole


class PurchaseDropped(SQLModel, table=True):
    """Who dropped out of an article when wants were fixed: her highest price lies below its price.

    `expected_e4` is what a portion was expected to cost then.
    """

    __tablename__ = "purchase_dropped"
    __table_args__ = (
        UniqueConstraint("purchase_id", "article_id", "member_id"),
        check("expected_positive", "expected_e4 > 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    article_id: int = refers("article.id", index=False)
    member_id: int = refers("member.id")
    expected_e4: int = whole()
    act_id: int = refers("act.id", index=False)
