"""What middlemen offered, as somebody saw or heard it."""

from datetime import date

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import check, key, may_refer, may_whole, refers, whole, zero


class Quote(SQLModel, table=True):
    """A middleman's offer for one product and grade in one village on one day.

    `price_e4` is per price unit of the product. His scale may begin `scale_offset` base units above
    zero, and he may cut `cut_per_sack` more from each sack of `sack_size`, then `cut_bp` of the
    weight; he may keep `commission_bp` of the money and charge `charge_e4` per price unit; he pays
    after `pays_after_days`. Who owes him may have a lower price, and that is then `price_e4`:
    `loan_rp` is repaid in `loan_parts` parts of `loan_part_rp`, one each `loan_part_days`, and
    `market_e4` is what he pays to those who owe nothing.
    """

    __table_args__ = (
        check("price_positive", "price_e4 > 0"),
        check("cut_needs_sack", "(cut_per_sack IS NULL) = (sack_size IS NULL)"),
        check(
            "cut_smaller_than_sack",
            "cut_per_sack IS NULL OR (cut_per_sack >= 0 AND cut_per_sack < sack_size)",
        ),
        check(
            "offset_in_range",
            "scale_offset = 0 OR (cut_per_sack IS NOT NULL AND scale_offset > 0"
            " AND cut_per_sack + scale_offset < sack_size)",
        ),
        check("commission_in_range", "commission_bp >= 0 AND commission_bp < 10000"),
        check("cut_in_range", "cut_bp >= 0 AND cut_bp < 10000"),
        check("charge_not_negative", "charge_e4 >= 0"),
        check("days_not_negative", "pays_after_days >= 0"),
        check(
            "loan_is_whole",
            "(loan_rp IS NULL) = (loan_parts IS NULL)"
            " AND (loan_rp IS NULL) = (loan_part_rp IS NULL)"
            " AND (loan_rp IS NULL) = (loan_part_days IS NULL)",
        ),
        check(
            "loan_positive",
            "loan_rp IS NULL OR (loan_rp > 0 AND loan_parts > 0 AND loan_part_rp >= 0"
            " AND loan_part_days > 0)",
        ),
        check("market_positive", "market_e4 IS NULL OR market_e4 > 0"),
        check("market_not_lower", "market_e4 IS NULL OR market_e4 >= price_e4"),
        check("load_positive", "loan_load IS NULL OR loan_load > 0"),
    )

    id: int = key()
    product_id: int = refers("product.id")
    grade_id: int = refers("grade.id")
    village_id: int = refers("village.id")
    quoted_on: date = Field(index=True)
    price_e4: int = whole()
    cut_per_sack: int | None = may_whole()
    sack_size: int | None = may_whole()
    cut_bp: int = whole()
    charge_e4: int = whole()
    pays_after_days: int = whole()
    scale_offset: int = zero()
    commission_bp: int = zero()
    loan_rp: int | None = may_whole()
    loan_parts: int | None = may_whole()
    loan_part_rp: int | None = may_whole()
    loan_part_days: int | None = may_whole()
    loan_load: int | None = may_whole()  # base units that she must sell him in each part's time
    market_e4: int | None = may_whole()
    middleman: str = ""
    note: str = ""
    by_user_id: int | None = may_refer("app_user.id", index=False)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
