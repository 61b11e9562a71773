"""Products, their own units and their grades, with what each counts for from which day on."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import products as rules
from kopprod.domain import quantities
from kopprod.domain.access import Action
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit, UnitFactor
from kopprod.services import access, numbers, references
from kopprod.services.memory import until_written
from kopprod.tables.products import Grade, GradeFactor, Product, ProductUnit

# What everybody may know, members too: they log output and read prices by these.
_SEE = Action.PRICES_SEE


def products(session: Session, *, with_stopped: bool = False) -> list[Product]:
    """The products that are made now, by name; `with_stopped` adds the others."""
    access.require(session, _SEE)
    return list(_products(session, with_stopped))


@until_written
def _products(session: Session, with_stopped: bool) -> Sequence[Product]:
    query = select(Product).order_by(col(Product.name))
    if not with_stopped:
        query = query.where(col(Product.active))
    return session.exec(query).all()


def product(session: Session, product_id: int) -> Product:
    """One product, stopped or not."""
    access.require(session, _SEE)
    row = _product(session, product_id)
    if row is None:
        raise rules.ProductUnknown
    return row


@until_written
def _product(session: Session, product_id: int) -> Product | None:
    return session.get(Product, product_id)


def add_product(
    session: Session,
    *,
    name: str,
    kind: ProductKind,
    base_unit: BaseUnit,
    price_unit: str,
    since: date,
    first_grade: str = "A",
) -> Product:
    """Begin a product with one grade that counts whole from `since` on.

    `price_unit` is a standard unit of `base_unit`; without `first_grade` the grades come later.
    """
    access.require(session, Action.PRODUCTS_CHANGE)
    row = Product(
        name=_free_name(session, name),
        kind=kind,
        base_unit=base_unit,
        price_unit=rules.check_price_unit(price_unit, base_unit),
    )
    session.add(row)
    session.flush()
    if first_grade:
        add_grade(session, row.id, name=first_grade, factor_bp=10_000, since=since)
    return row


def rename_product(session: Session, product_id: int, *, name: str) -> Product:
    """Give a product another name; everything that was kept of it follows."""
    row = _to_change(session, product_id)
    row.name = _free_name(session, name, but=product_id)
    session.flush()
    return row


def stop_product(session: Session, product_id: int) -> Product:
    """Offer a product no longer; what was made of it stays."""
    row = _to_change(session, product_id)
    row.active = False
    session.flush()
    return row


def resume_product(session: Session, product_id: int) -> Product:
    """Offer a stopped product again."""
    row = _to_change(session, product_id)
    row.active = True
    session.flush()
    return row


def set_buys(session: Session, product_id: int, *, buys: bool) -> Product:
    """Say whether the form at the scale proposes to buy this product outright."""
    row = _to_change(session, product_id)
    row.buys = buys
    session.flush()
    return row


def _to_change(session: Session, product_id: int) -> Product:
    access.require(session, Action.PRODUCTS_CHANGE)
    row = session.get(Product, product_id, with_for_update=True)
    if row is None:
        raise rules.ProductUnknown
    return row


def _free_name(session: Session, name: str, *, but: int | None = None) -> str:
    kept = rules.check_product_name(name)
    numbers.wait_turn(session, "product")
    for row in session.exec(select(Product)).all():
        if row.id != but and row.name.casefold() == kept.casefold():
            raise rules.ProductNameTaken(name=row.name)
    return kept


def units(
    session: Session, product_id: int, *, on: date, village_id: int | None = None
) -> list[UnitFactor]:
    """Every unit the product may be typed in on a day: the standard ones and its own, which win.

    A village's own factor wins over the general one.
    """
    row = product(session, product_id)
    return _valid_units(row, unit_history(session, product_id), on=on, village_id=village_id)


def units_on(session: Session, product: Product) -> Callable[[date, int | None], list[UnitFactor]]:
    """The same for many days and villages: its dated units are read once."""
    history = unit_history(session, product.id)
    return lambda on, village_id: _valid_units(product, history, on=on, village_id=village_id)


def _valid_units(
    row: Product, history: Sequence[ProductUnit], *, on: date, village_id: int | None = None
) -> list[UnitFactor]:
    own: dict[str, UnitFactor] = {}
    for unit in history:
        if not rules.is_valid(unit, on=on) or unit.village_id not in (None, village_id):
            continue
        if unit.village_id is not None or unit.name not in own:
            own[unit.name] = UnitFactor(unit.name, unit.factor)
    return quantities.known_units(row.base_unit, list(own.values()))


def unit_history(session: Session, product_id: int) -> list[ProductUnit]:
    """Every factor its own units ever had: by name, the general one first, the oldest first."""
    access.require(session, _SEE)
    return list(_unit_history(session, product_id))


@until_written
def _unit_history(session: Session, product_id: int) -> Sequence[ProductUnit]:
    query = select(ProductUnit).where(ProductUnit.product_id == product_id)
    return sorted(
        session.exec(query).all(), key=lambda u: (u.name, u.village_id or 0, u.since, u.id)
    )


def price_per(session: Session, product: Product, *, on: date) -> int:
    """How many base units one price unit of the product is: 1.000 grams for a price per kg."""
    return price_pers(session, product)(on)


def price_pers(session: Session, product: Product) -> Callable[[date], int]:
    """The same for many days: its dated units are read once, then asked day by day."""
    valid = units_on(session, product)

    def per(on: date) -> int:
        for unit in valid(on, None):
            if unit.name == product.price_unit:
                return unit.factor
        known = ", ".join(u.name for u in quantities.STANDARD_UNITS[product.base_unit])
        raise rules.PriceUnitUnknown(unit=product.price_unit, known=known)

    return per


def add_unit(
    session: Session,
    product_id: int,
    *,
    name: str,
    factor: int,
    since: date,
    village_id: int | None = None,
) -> ProductUnit:
    """Say how many base units one `name` of the product is from a day on, perhaps in one village.

    The factor that was valid on that day ends there; one that begins on the same day is corrected.
    Nothing that was kept before changes: it was kept in base units.
    """
    row = _to_change(session, product_id)
    unit = rules.check_unit(name, factor, row.base_unit)
    past = [
        each
        for each in unit_history(session, product_id)
        if each.name == unit.name and each.village_id == village_id
    ]
    fitted = rules.place(since, past)
    if fitted.corrects is not None:
        kept = past[fitted.corrects]
        kept.factor = unit.factor
    else:
        if fitted.ends is not None:
            past[fitted.ends].until = since
        kept = ProductUnit(
            product_id=product_id,
            name=unit.name,
            factor=unit.factor,
            village_id=village_id,
            since=since,
            until=fitted.until,
        )
        session.add(kept)
    session.flush()
    if unit.name == row.price_unit:
        references.keep_all(session, product_id=product_id)
    return kept


def end_unit(session: Session, unit_id: int, *, until: date) -> ProductUnit:
    """Let a unit's factor end; `until` is the first day on which it no longer counts."""
    access.require(session, Action.PRODUCTS_CHANGE)
    unit = session.get(ProductUnit, unit_id, with_for_update=True)
    if unit is None:
        raise rules.UnitUnknown
    if until <= unit.since:
        raise rules.UnitEndsBeforeItBegins(since_on=unit.since)
    if unit.until is None or until < unit.until:
        unit.until = until
    session.flush()
    references.keep_all(session, product_id=unit.product_id)
    return unit


def grades(session: Session, product_id: int, *, with_stopped: bool = False) -> list[Grade]:
    """The product's grades, best first; `with_stopped` adds those no longer given."""
    access.require(session, _SEE)
    query = (
        select(Grade)
        .where(Grade.product_id == product_id)
        .order_by(col(Grade.position), col(Grade.id))
    )
    if not with_stopped:
        query = query.where(col(Grade.active))
    return list(session.exec(query).all())


def factor_history(session: Session, grade_id: int) -> list[GradeFactor]:
    """Every factor of a grade there ever was, oldest first."""
    access.require(session, _SEE)
    query = select(GradeFactor).where(GradeFactor.grade_id == grade_id)
    return list(session.exec(query.order_by(col(GradeFactor.since))).all())


def factor_bp(session: Session, grade_id: int, *, on: date) -> int:
    """What a grade counts for on a day, in hundredths of a percent; refuses when nothing is set."""
    # Kept for the transaction: a sale asks for the same grades with each of its deliveries.
    known: dict[int, list[GradeFactor]] = session.info.setdefault("factors", {})
    if grade_id not in known:
        known[grade_id] = factor_history(session, grade_id)
    found = rules.valid_on(known[grade_id], on=on)
    if found is None:
        grade = session.get(Grade, grade_id)
        if grade is None:
            raise rules.GradeUnknown
        raise rules.NoGradeFactor(grade=grade.name, day_on=on)
    return found.factor_bp


def add_grade(
    session: Session, product_id: int, *, name: str, factor_bp: int, since: date
) -> Grade:
    """Add a grade below the others, with what it counts for from a day on."""
    _to_change(session, product_id)
    kept = rules.check_grade_name(name)
    rules.check_grade_factor(factor_bp)
    others = grades(session, product_id, with_stopped=True)
    if any(other.name.casefold() == kept.casefold() for other in others):
        raise rules.GradeNameTaken(name=kept)
    last = max((other.position for other in others), default=0)
    row = Grade(product_id=product_id, name=kept, position=last + 1)
    session.add(row)
    session.flush()
    session.add(GradeFactor(grade_id=row.id, factor_bp=factor_bp, since=since))
    session.flush()
    session.info.pop("factors", None)
    return row


def set_grade_factor(
    session: Session, grade_id: int, *, factor_bp: int, since: date
) -> GradeFactor:
    """Say what a grade counts for from a day on; the factor valid on that day ends there.

    One that begins on the same day is corrected. Settled sales keep the factor they were
    settled by.
    """
    _grade_to_change(session, grade_id)
    rules.check_grade_factor(factor_bp)
    past = factor_history(session, grade_id)
    fitted = rules.place(since, past)
    if fitted.corrects is not None:
        kept = past[fitted.corrects]
        kept.factor_bp = factor_bp
    else:
        if fitted.ends is not None:
            past[fitted.ends].until = since
        kept = GradeFactor(grade_id=grade_id, factor_bp=factor_bp, since=since, until=fitted.until)
        session.add(kept)
    session.flush()
    session.info.pop("factors", None)
    return kept


def rank_grades(session: Session, product_id: int, *, grade_ids: Sequence[int]) -> None:
    """Put the product's grades in this order, best first."""
    _to_change(session, product_id)
    rows = {row.id: row for row in grades(session, product_id, with_stopped=True)}
    if sorted(rows) != sorted(grade_ids):
        raise rules.GradeUnknown
    for position, grade_id in enumerate(grade_ids, start=1):
        rows[grade_id].position = position
    session.flush()


def stop_grade(session: Session, grade_id: int) -> Grade:
    """Give a grade no longer; deliveries that have it keep it."""
    row = _grade_to_change(session, grade_id)
    row.active = False
    session.flush()
    return row


def resume_grade(session: Session, grade_id: int) -> Grade:
    """Give a stopped grade again."""
    row = _grade_to_change(session, grade_id)
    row.active = True
    session.flush()
    return row


def _grade_to_change(session: Session, grade_id: int) -> Grade:
    access.require(session, Action.PRODUCTS_CHANGE)
    row = session.get(Grade, grade_id)
    if row is None:
        raise rules.GradeUnknown
    _to_change(session, row.product_id)  # the product is the head row of its grades
    return row
