"""Buyers' orders and contracts."""

from datetime import date

from sqlmodel import Field, SQLModel

from kopprod.domain.orders import OrderStage
from kopprod.tables.columns import check, key, may_refer, may_whole, one_of, refers, whole


class BuyerOrder(SQLModel, table=True):
    """What a buyer ordered and by when, in base units; a price where one was agreed."""

    __tablename__ = "buyer_order"
    __table_args__ = (
        check("quantity_positive", "quantity > 0"),
        check("price_positive", "price_e4 IS NULL OR price_e4 > 0"),
        check("due_later", "due_on >= ordered_on"),
    )

    id: int = key()
    number: str = Field(unique=True)
    stage: OrderStage = one_of(OrderStage, "stage")
    buyer_id: int = refers("buyer.id")
    product_id: int = refers("product.id")
    grade_id: int | None = may_refer("grade.id", index=False)
    quantity: int = whole()
    price_e4: int | None = may_whole()
    ordered_on: date
    due_on: date = Field(index=True)
    reference: str = ""  # the buyer's own number: a contract, a purchase order
    note: str = ""
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
