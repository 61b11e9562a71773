"""What the middlemen's price came to, kept by product, grade, village and day."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.tables.columns import (
    check,
    key,
    may_moment,
    may_refer,
    may_whole,
    moment,
    refers,
    whole,
)


class ReferenceDay(SQLModel, table=True):
    """The reference of one product, grade and village on one day, and that day's lots against it.

    Prices are e4 of a rupiah for one price unit, `age_days` is how old the youngest quote was. A
    day has a row where goods were sold or a price was heard. The lots are those that are paid:
    what waiting costs the others still changes from day to day. Kept again whenever a quote, a
    settlement or a payout touches the day; `changed_at` is when a late quote last moved a reference
    that stood, and `before_e4` what it had been before the first of them.
    """

    __tablename__ = "reference_day"
    __table_args__ = (
        UniqueConstraint("product_id", "grade_id", "village_id", "day"),
        check("quotes_not_negative", "quotes >= 0"),
        check("lots_not_negative", "lots >= 0 AND thin >= 0 AND thin <= lots"),
        check("changed_says_from", "(changed_at IS NULL) = (before_e4 IS NULL)"),
    )

    id: int = key()
    product_id: int = refers("product.id", index=False)
    grade_id: int = refers("grade.id", index=False)
    village_id: int | None = may_refer("village.id", index=False)
    day: date = Field(index=True)
    quotes: int = whole()
    middle_e4: int | None = may_whole()
    lowest_e4: int | None = may_whole()
    highest_e4: int | None = may_whole()
    age_days: int | None = may_whole()
    lots: int = whole()
    thin: int = whole()
    coop_rp: int = whole()
    difference_rp: int = whole()
    true_weight: int = whole()
    kept_at: datetime = moment()
    changed_at: datetime | None = may_moment()
    before_e4: int | None = may_whole()
