"""What is measured of goods: which measures a product asks for, what each delivery had."""

from sqlmodel import SQLModel, UniqueConstraint

from kopprod.domain.measures import Measure
from kopprod.tables.columns import check, key, may_whole, one_of, refers, whole


class ProductMeasure(SQLModel, table=True):
    """A measure that is asked for at the scale when this product comes in."""

    __tablename__ = "product_measure"
    __table_args__ = (UniqueConstraint("product_id", "measure"),)

    id: int = key()
    product_id: int = refers("product.id", index=False)
    measure: Measure = one_of(Measure, "measure")
    required: bool = False
    act_id: int = refers("act.id", index=False)


class GradeLimit(SQLModel, table=True):
    """What goods of a grade have at least or at most, in the whole numbers of the measure."""

    __tablename__ = "grade_limit"
    __table_args__ = (
        UniqueConstraint("grade_id", "measure"),
        check("one_end_given", "least IS NOT NULL OR most IS NOT NULL"),
        check("least_below_most", "least IS NULL OR most IS NULL OR least <= most"),
    )

    id: int = key()
    grade_id: int = refers("grade.id", index=False)
    measure: Measure = one_of(Measure, "measure")
    least: int | None = may_whole()
    most: int | None = may_whole()
    act_id: int = refers("act.id", index=False)


class DeliveryMeasure(SQLModel, table=True):
    """What was measured of a delivery, in the whole numbers of the measure."""

    __tablename__ = "delivery_measure"
    __table_args__ = (
        UniqueConstraint("delivery_id", "measure"),
        check("value_not_negative", "value >= 0"),
    )

    id: int = key()
    delivery_id: int = refers("delivery.id", index=False)
    measure: Measure = one_of(Measure, "measure")
    value: int = whole()
    act_id: int = refers("act.id", index=False)
