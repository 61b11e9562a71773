"""Versions of products' price rules; one that is kept never changes."""

from datetime import date

from sqlmodel import SQLModel, UniqueConstraint

from kopprod.domain.pricing import Kind
from kopprod.tables.columns import check, key, may_refer, one_of, refers


class PriceRuleVersion(SQLModel, table=True):
    """A price rule from a day on, chosen by the day of delivery.

    `rule` is JSON that `domain/price_rules.py` writes and reads. A correction names what it
    corrects and begins on the same day.
    """

    __tablename__ = "price_rule_version"
    __table_args__ = (
        UniqueConstraint("product_id", "number"),
        check("number_positive", "number > 0"),
        check("rule_given", "length(rule) > 2"),
        check("ends_later", "until IS NULL OR until > since"),
        check("corrects_another", "corrects_id IS NULL OR corrects_id <> id"),
    )

    id: int = key()
    product_id: int = refers("product.id", index=False)
    number: int
    kind: Kind = one_of(Kind, "kind")
    rule: str
    since: date
    until: date | None = None
    corrects_id: int | None = may_refer("price_rule_version.id", index=False)
    note: str = ""
    act_id: int = refers("act.id", index=False)
