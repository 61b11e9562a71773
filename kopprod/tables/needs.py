"""What members write down in the field during the season: I shall need so much of it."""

from datetime import date

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import check, key, may_refer, refers, whole


class Need(SQLModel, table=True):
    """A need that waits for a purchase; `purchase_id` is the one that took it up."""

    __table_args__ = (check("quantity_positive", "quantity > 0"),)

    id: int = key()
    member_id: int = refers("member.id")
    article_id: int = refers("article.id")
    quantity: int = whole()  # portions
    needed_on: date = Field(index=True)
    noted_on: date
    note: str = ""
    purchase_id: int | None = may_refer("purchase.id")
    withdrawn: bool = False
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
