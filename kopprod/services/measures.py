"""Which measures a product asks for, what its grades allow, and what each delivery had."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, select

from kopprod.domain import grading
from kopprod.domain import measures as rules
from kopprod.domain.access import Action
from kopprod.domain.grading import Limit
from kopprod.domain.measures import Measure
from kopprod.domain.products import GradeUnknown, ProductUnknown
from kopprod.services import access
from kopprod.services import products as product_service
from kopprod.tables.deliveries import Delivery
from kopprod.tables.measures import DeliveryMeasure, GradeLimit, ProductMeasure
from kopprod.tables.products import Grade, Product


def asked(session: Session, product_id: int) -> list[ProductMeasure]:
    """What the product asks for at the scale, in the order in which it was set."""
    access.require(session, Action.PRICES_SEE)
    query = select(ProductMeasure).where(ProductMeasure.product_id == product_id)
    return list(session.exec(query.order_by(col(ProductMeasure.id))).all())


def ask(session: Session, product_id: int, *, measure: Measure, required: bool) -> ProductMeasure:
    """Ask for a measure when this product comes in; a second time changes whether it must be."""
    access.require(session, Action.PRODUCTS_CHANGE)
    if session.get(Product, product_id, with_for_update=True) is None:
        raise ProductUnknown
    for known in asked(session, product_id):
        if known.measure is measure:
            known.required = required
            session.flush()
            return known
    row = ProductMeasure(product_id=product_id, measure=measure, required=required)
    session.add(row)
    session.flush()
    return row


def stop_asking(session: Session, product_id: int, *, measure: Measure) -> None:
    """Ask for a measure no longer, and let no grade depend on it; what was measured stays."""
    access.require(session, Action.PRODUCTS_CHANGE)
    session.get(Product, product_id, with_for_update=True)
    for row in asked(session, product_id):
        if row.measure is measure:
            session.delete(row)
    for limit in _limits(session, product_id):
        if limit.measure is measure:
            session.delete(limit)
    session.flush()


def _limits(session: Session, product_id: int) -> list[GradeLimit]:
    query = (
        select(GradeLimit)
        .join(Grade, col(Grade.id) == GradeLimit.grade_id)
        .where(Grade.product_id == product_id)
        .order_by(col(GradeLimit.id))
    )
    return list(session.exec(query).all())


def limits(session: Session, product_id: int) -> dict[int, list[Limit]]:
    """What each grade of the product allows, by the grade's key."""
    access.require(session, Action.PRICES_SEE)
    found: dict[int, list[Limit]] = {}
    for row in _limits(session, product_id):
        found.setdefault(row.grade_id, []).append(Limit(row.measure, row.least, row.most))
    return found


def set_limit(session: Session, grade_id: int, *, limit: Limit) -> GradeLimit:
    """Say what goods of a grade have at least or at most; the earlier limit is replaced."""
    access.require(session, Action.PRODUCTS_CHANGE)
    grade = session.get(Grade, grade_id, with_for_update=True)
    if grade is None:
        raise GradeUnknown
    grading.check_limit(limit)
    if limit.measure not in {row.measure for row in asked(session, grade.product_id)}:
        raise grading.MeasureNotAsked(measure_word=rules.WORDS[limit.measure])
    row = _limit_of(session, grade_id, limit.measure)
    if row is None:
        row = GradeLimit(grade_id=grade_id, measure=limit.measure, least=limit.least)
        session.add(row)
    row.least, row.most = limit.least, limit.most
    session.flush()
    return row


def remove_limit(session: Session, grade_id: int, *, measure: Measure) -> None:
    """Let a grade no longer depend on a measure."""
    access.require(session, Action.PRODUCTS_CHANGE)
    row = _limit_of(session, grade_id, measure)
    if row is not None:
        session.delete(row)
    session.flush()


def _limit_of(session: Session, grade_id: int, measure: Measure) -> GradeLimit | None:
    query = select(GradeLimit).where(GradeLimit.grade_id == grade_id, GradeLimit.measure == measure)
    return session.exec(query).first()


def proposed(session: Session, product_id: int, *, values: Mapping[Measure, int]) -> int | None:
    """The grade that the measures propose; None where they do not say."""
    allowed = limits(session, product_id)
    if not allowed:
        return None
    grades = product_service.grades(session, product_id)
    return grading.propose([(g.id, allowed.get(g.id, [])) for g in grades], values)


def check(session: Session, product_id: int, *, values: Mapping[Measure, int]) -> None:
    """Refuse values that cannot be true, and goods of which a required measure is missing."""
    for measure, value in values.items():
        rules.check(measure, value)
    for row in asked(session, product_id):
        if row.required and row.measure not in values:
            raise grading.MeasureNeeded(measure_word=rules.WORDS[row.measure])


def keep(session: Session, delivery_id: int, *, values: Mapping[Measure, int]) -> None:
    """Keep what was measured of a delivery."""
    access.require(session, Action.DELIVERIES_RECEIVE)
    session.add_all(
        DeliveryMeasure(delivery_id=delivery_id, measure=measure, value=value)
        for measure, value in values.items()
    )
    session.flush()


def measured(session: Session, delivery_ids: Iterable[int]) -> dict[int, dict[Measure, int]]:
    """What was measured of these deliveries, by delivery; a member sees her own only."""
    query = (
        select(DeliveryMeasure)
        .join(Delivery, col(Delivery.id) == DeliveryMeasure.delivery_id)
        .where(col(DeliveryMeasure.delivery_id).in_(list(delivery_ids)))
        .order_by(col(DeliveryMeasure.id))
    )
    person = access.person(session)
    if not person.may(Action.DELIVERIES_SEE):
        access.require(session, Action.OWN_SEE)
        query = query.where(Delivery.member_id == person.member_id)
    found: dict[int, dict[Measure, int]] = {}
    for row in session.exec(query):
        found.setdefault(row.delivery_id, {})[row.measure] = row.value
    return found
