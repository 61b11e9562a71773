"""Weighing: the cooperative's scales, and what each sack, can or crate of a delivery weighed."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.tables.columns import check, key, refers, whole


class Scale(SQLModel, table=True):
    """A scale and the day until which its verification (tera) is valid, that day included."""

    __table_args__ = (check("name_given", "length(name) > 0"),)

    id: int = key()
    name: str = Field(unique=True)
    verified_until: date | None = None
    active: bool = True
    act_id: int = refers("act.id", index=False)


class DeliveryWeight(SQLModel, table=True):
    """One sack of a delivery, gross, in base units, in the order in which they were weighed."""

    __tablename__ = "delivery_weight"
    __table_args__ = (
        UniqueConstraint("delivery_id", "position"),
        check("gross_positive", "gross > 0"),
        check("position_positive", "position > 0"),
    )

    id: int = key()
    delivery_id: int = refers("delivery.id", index=False)
    position: int
    gross: int = whole()
    act_id: int = refers("act.id", index=False)
