"""What of a bill the cooperative bears itself, because nobody pays above a price ceiling."""

from sqlmodel import SQLModel, UniqueConstraint

from kopprod.tables.columns import check, key, refers, whole


class PurchaseBorne(SQLModel, table=True):
    """Of one article on a member's bill: cost that the cooperative bears, and fee it forgoes."""

    __tablename__ = "purchase_borne"
    __table_args__ = (
        UniqueConstraint("purchase_id", "article_id", "member_id"),
        check("money_not_negative", "cost_rp >= 0 AND fee_rp >= 0"),
        check("borne_positive", "cost_rp + fee_rp > 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    article_id: int = refers("article.id", index=False)
    member_id: int = refers("member.id")
    cost_rp: int = whole()
    fee_rp: int = whole()
    act_id: int = refers("act.id", index=False)
