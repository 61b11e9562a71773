"""Products with their units and grades; crops, milk, fish and crafts in one model."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit
from kopprod.tables.columns import check, key, may_refer, no, one_of, refers, whole


class Product(SQLModel, table=True):
    """What members make. Quantities are whole base units; prices are for one `price_unit`."""

    __table_args__ = (check("name_given", "length(name) > 0"),)

    id: int = key()
    name: str = Field(unique=True)
    kind: ProductKind = one_of(ProductKind, "kind")
    base_unit: BaseUnit = one_of(BaseUnit, "base_unit")
    price_unit: str  # the name of the unit that prices are for: kg, liter, buah
    buys: bool = no()  # beli putus is what the form at the scale proposes
    active: bool = True
    act_id: int = refers("act.id", index=False)


class ProductUnit(SQLModel, table=True):
    """How much one unit is, in base units, from a day on and perhaps only in one village."""

    __tablename__ = "product_unit"
    __table_args__ = (
        check("factor_positive", "factor > 0"),
        check("ends_later", "until IS NULL OR until > since"),
    )

    id: int = key()
    product_id: int = refers("product.id")
    name: str
    factor: int = whole()
    village_id: int | None = may_refer("village.id", index=False)
    since: date
    until: date | None = None
    act_id: int = refers("act.id", index=False)


class Grade(SQLModel, table=True):
    """A grade of a product, best first."""

    __table_args__ = (UniqueConstraint("product_id", "name"),)

    id: int = key()
    product_id: int = refers("product.id")
    name: str
    position: int
    active: bool = True
    act_id: int = refers("act.id", index=False)


class GradeFactor(SQLModel, table=True):
    """What a grade counts for from a day on, in hundredths of a percent: B = 92 % is 9200."""

    __tablename__ = "grade_factor"
    __table_args__ = (
        check("factor_positive", "factor_bp > 0"),
        check("ends_later", "until IS NULL OR until > since"),
        UniqueConstraint("grade_id", "since"),
    )

    id: int = key()
    grade_id: int = refers("grade.id")
    factor_bp: int = whole()
    since: date
    until: date | None = None
    act_id: int = refers("act.id", index=False)
