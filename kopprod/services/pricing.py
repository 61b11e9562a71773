"""Price rules of products: keeping versions, finding the one of a day, and pricing by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from kopprod.domain import price_rules, price_versions
from kopprod.domain import pricing as rules
from kopprod.domain import products as product_rules
from kopprod.domain.access import Action
from kopprod.domain.bands import Values
from kopprod.domain.price_versions import Period
from kopprod.domain.pricing import Fixed, Priced, PriceRule
from kopprod.services import access, products
from kopprod.services.memory import until_written
from kopprod.tables.access import AppUser
from kopprod.tables.pricing import PriceRuleVersion
from kopprod.tables.products import Grade, Product
from kopprod.tables.trail import Act

# What everybody may know, members too: they are paid by it.
_SEE = Action.PRICES_SEE
_LONGEST_NOTE = 500


@dataclass(frozen=True)
class KeptVersion:
    """A version with who kept it and when; `by` is empty for what the app did by itself."""

    version: PriceRuleVersion
    rule: PriceRule
    at: datetime
    by: str


def add_version(
    session: Session,
    product_id: int,
    *,
    rule: PriceRule,
    since: date,
    until: date | None = None,
    corrects_id: int | None = None,
    note: str = "",
) -> PriceRuleVersion:
    """Keep a rule that counts for what is delivered from `since` on, until before `until`.

    Without `until` it counts until another begins. A version that begins on the day of another
    must say that it corrects it (`corrects_id`). Nothing that was kept changes: what was priced
    before names its version.
    """
    access.require(session, Action.PRODUCTS_CHANGE)
    _lock(session, product_id)
    text = price_rules.to_json(rule)
    _check_grades(session, product_id, rule)
    past = versions(session, product_id)
    corrects = next((each for each in past if each.id == corrects_id), None)
    if corrects_id is not None and corrects is None:
        raise price_versions.VersionUnknown
    price_versions.check_days(past, since=since, until=until, corrects=corrects)
    row = PriceRuleVersion(
        product_id=product_id,
        number=1 + max((each.number for each in past), default=0),
        kind=rules.kind_of(rule),
        rule=text,
        since=since,
        until=until,
        corrects_id=corrects_id,
        note=note.strip()[:_LONGEST_NOTE],
    )
    session.add(row)
    session.flush()
    return row


def _lock(session: Session, product_id: int) -> None:
    # The product is the head row of its rules: two who keep one at once get two numbers.
    if session.get(Product, product_id, with_for_update=True) is None:
        raise product_rules.ProductUnknown


def _check_grades(session: Session, product_id: int, rule: PriceRule) -> None:
    if not isinstance(rule.base, Fixed):
        return
    known = {grade.id for grade in products.grades(session, product_id, with_stopped=True)}
    for each in rule.base.prices:
        if each.grade_id is not None and each.grade_id not in known:
            raise product_rules.GradeUnknown


def versions(session: Session, product_id: int) -> Sequence[PriceRuleVersion]:
    """Every version of a product's rule, in the order in which they were kept."""
    access.require(session, _SEE)
    query = select(PriceRuleVersion).where(PriceRuleVersion.product_id == product_id)
    return session.exec(query.order_by(col(PriceRuleVersion.number))).all()


def version(session: Session, version_id: int) -> tuple[PriceRuleVersion, PriceRule]:
    """One version, as a slip names it, whether it counts still or not."""
    access.require(session, _SEE)
    row = session.get(PriceRuleVersion, version_id)
    if row is None:
        raise price_versions.VersionUnknown
    return row, price_rules.from_json(row.rule)


def rule_on(session: Session, product_id: int, *, on: date) -> tuple[PriceRuleVersion, PriceRule]:
    """The version that counts for what is delivered on a day; refuses when there is none."""
    row = price_versions.version_on(versions(session, product_id), on=on)
    if row is None:
        product = products.product(session, product_id)
        raise price_versions.NoPriceRule(product=product.name, day_on=on)
    return row, price_rules.from_json(row.rule)


def periods(session: Session, product_id: int) -> list[Period[PriceRuleVersion]]:
    """On which days which version counts, oldest first."""
    return price_versions.periods(versions(session, product_id))


def price(
    session: Session,
    product_id: int,
    *,
    grade_id: int | None,
    values: Values,
    on: date,
    decided: Values | None = None,
) -> Priced:
    """The price of one price unit delivered on a day, with each step and the version's id.

    Refuses what `domain/pricing.py` refuses; where that asks (`bands.ToAsk`), the answer comes as
    `decided`.
    """
    row, rule = rule_on(session, product_id, on=on)
    if grade_id is not None:
        grade = session.get(Grade, grade_id)
        if grade is None or grade.product_id != product_id:
            raise product_rules.GradeUnknown
    priced = rules.price(rule, grade_id=grade_id, values=values, decided=decided)
    return replace(priced, version_id=row.id)


def history(session: Session, product_id: int) -> list[KeptVersion]:
    """Every version with who kept it and when, the newest first."""
    access.require(session, Action.PRODUCTS_SEE)
    query = (
        select(PriceRuleVersion, Act.at, AppUser.name)
        .join(Act, col(Act.id) == col(PriceRuleVersion.act_id))
        .outerjoin(AppUser, col(AppUser.id) == col(Act.user_id))
        .where(PriceRuleVersion.product_id == product_id)
        .order_by(col(PriceRuleVersion.number).desc())
    )
    return [
        KeptVersion(row, price_rules.from_json(row.rule), at, name or "")
        for row, at, name in session.exec(query).all()
    ]


@dataclass(frozen=True)
class Posted:
    """What the cooperative pays on a day for a product that it buys outright."""

    product: Product
    version: PriceRuleVersion
    rule: PriceRule
    grades: Sequence[Grade]


def posted(session: Session, *, on: date) -> Sequence[Posted]:
    """Every product with a rule that counts on a day, by name; for everybody to read."""
    access.require(session, _SEE)
    return _posted(session, on)


@until_written
def _posted(session: Session, on: date) -> Sequence[Posted]:
    found = []
    for product in products.products(session):
        row = price_versions.version_on(versions(session, product.id), on=on)
        if row is not None:
            rule, grades = price_rules.from_json(row.rule), products.grades(session, product.id)
            found.append(Posted(product, row, rule, grades))
    return found


def has_rule(session: Session, product_id: int, *, on: date) -> bool:
    """Whether a version counts for what is delivered on a day, so that goods can be bought."""
    return price_versions.version_on(versions(session, product_id), on=on) is not None
