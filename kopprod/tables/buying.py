"""Beli putus: deliveries that the cooperative bought outright, at the price of a rule."""

from datetime import date

from sqlmodel import Field, SQLModel

from kopprod.domain.stock import Loss
from kopprod.tables.columns import check, key, may_refer, one_of, refers, whole


class Buying(SQLModel, table=True):
    """One delivery bought outright: amount = paid weight x price, by the rule of that day.

    `paid_weight_e4` is in ten-thousandths of a base unit, `price_e4` for one price unit; `steps` is
    JSON: how the rule came to the price. Taking the delivery back reverses the entry.
    """

    __table_args__ = (
        check("price_not_negative", "price_e4 >= 0"),
        check("weight_positive", "paid_weight_e4 > 0"),
        check("amount_not_negative", "amount_rp >= 0"),
        check(
            "reversed_has_entry",
            "(reversed_on IS NULL OR entry_id IS NULL) = (reversal_entry_id IS NULL)",
        ),
    )

    id: int = key()
    delivery_id: int = refers("delivery.id", unique=True)
    price_version_id: int | None = may_refer("price_rule_version.id", index=False)
    paid_weight_e4: int = whole()
    price_e4: int = whole()
    amount_rp: int = whole()
    steps: str = "[]"
    bought_on: date = Field(index=True)
    entry_id: int | None = may_refer("entry.id", unique=True)  # none where nothing is owed
    reversed_on: date | None = None
    reversal_entry_id: int | None = may_refer("entry.id", unique=True)
    act_id: int = refers("act.id", index=False)


class StockLoss(SQLModel, table=True):
    """Goods of the cooperative's own that spoiled, dried or were lost, at what they had cost."""

    __tablename__ = "stock_loss"
    __table_args__ = (
        check("quantity_positive", "quantity > 0"),
        check("cost_not_negative", "cost_rp >= 0"),
        check("reason_given", "length(reason) > 0"),
    )

    id: int = key()
    number: str = Field(unique=True)
    delivery_id: int = refers("delivery.id")
    quantity: int = whole()
    cost_rp: int = whole()
    lost_on: date = Field(index=True)
    kind: Loss = one_of(Loss, "kind")
    reason: str
    entry_id: int | None = may_refer("entry.id", unique=True)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
