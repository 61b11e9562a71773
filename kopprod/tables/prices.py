"""Reference prices that others published, imported from files."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.prices import PriceLevel
from kopprod.tables.columns import check, key, may_refer, one_of, refers, whole


class PriceSeries(SQLModel, table=True):
    """One commodity at one level in one place from one source, per `unit`."""

    __tablename__ = "price_series"
    __table_args__ = (UniqueConstraint("source", "commodity", "place", "unit", "level"),)

    id: int = key()
    source: str
    commodity: str
    place: str = ""
    unit: str
    level: PriceLevel = one_of(PriceLevel, "level")
    product_id: int | None = may_refer("product.id")
    act_id: int = refers("act.id", index=False)


class PricePoint(SQLModel, table=True):
    """The price of a series in the month or on the day that begins at `starts_on`."""

    __tablename__ = "price_point"
    __table_args__ = (
        UniqueConstraint("series_id", "starts_on"),
        check("price_positive", "price_e4 > 0"),
    )

    id: int = key()
    series_id: int = refers("price_series.id", index=False)
    starts_on: date
    price_e4: int = whole()
    act_id: int = refers("act.id", index=False)


class ImportMapping(SQLModel, table=True):
    """Which column of a file means what, saved under a name to be used again."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: int = key()
    kind: str
    name: str = Field(index=True)
    mapping: str  # JSON: field name to column heading or fixed value
    act_id: int = refers("act.id", index=False)
