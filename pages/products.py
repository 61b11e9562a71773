"""Products: what the cooperative sells, in which units people say it, and how grades count."""

from datetime import date

import streamlit as st

from kopprod import ui
from kopprod.domain import money
from kopprod.domain import products as rules
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import STANDARD_UNITS, BaseUnit
from kopprod.domain.refusal import N_
from kopprod.services import cooperative, products
from kopprod.tables.cooperative import Village
from kopprod.tables.products import Grade, GradeFactor, Product, ProductUnit
from kopprod.ui import Card, Column, _, first_steps
from kopprod.ui.doors import Door, back, doors, opened
from kopprod.ui.measures import show_measures

KINDS = {
    ProductKind.CROP: N_("Crop"),
    ProductKind.MILK: N_("Milk"),
    ProductKind.FISH: N_("Fish"),
    ProductKind.LIVESTOCK: N_("Livestock"),
    ProductKind.CRAFT: N_("Craft"),
    ProductKind.PROCESSED: N_("Processed goods"),
}
BASES = {
    BaseUnit.GRAM: N_("weighed (kg)"),
    BaseUnit.MILLILITRE: N_("measured (liter)"),
    BaseUnit.PIECE: N_("counted (piece)"),
}


def show_list(rows: list[Product]) -> None:
    """Every product, each a door to its units and grades."""
    if not rows:
        ui.empty(_("There is no product yet. Add the first one below, for example Gabah."))
    doors([Door(row.id, row.name, words(row)) for row in rows], parameter="product")
    if may_change:
        with st.expander(_("Add a product"), expanded=not rows):
            ask_product()


def words(row: Product) -> list[str]:
    """Its kind, what prices are for, and whether it is offered."""
    known = [_(KINDS[row.kind]), _("price for one {unit}", unit=row.price_unit)]
    known += [_("bought outright")] if row.buys else []
    return known if row.active else [*known, _("no longer offered")]


def ask_product() -> None:
    """A new product: its name, how it is counted, and what prices are for."""
    name = st.text_input(_("Name"), key="new_name", placeholder=_("for example Gabah"))
    kind = st.selectbox(_("Kind"), list(KINDS), format_func=lambda k: _(KINDS[k]), key="new_kind")
    base = st.segmented_control(
        _("How is it counted?"),
        list(BASES),
        format_func=lambda b: _(BASES[b]),
        default=BaseUnit.GRAM,
        key="new_base",
        required=True,
    )
    unit = st.segmented_control(
        _("Prices are for one"),
        [each.name for each in STANDARD_UNITS[base]],
        default=STANDARD_UNITS[base][0].name,
        key=f"new_price_unit_{base}",
        required=True,
    )
    grade = st.text_input(
        _("Its best grade"),
        value="A",
        key="new_grade",
        help=_("Further grades can be added later."),
    )
    since = ask_since("new_since")
    if st.button(_("Add the product"), key="add_product", type="primary", width="stretch"):
        with ui.action(N_("{product} is added."), name="products.add_product") as session:
            row = products.add_product(
                session,
                name=name,
                kind=kind,
                base_unit=base,
                price_unit=unit,
                since=since,
                first_grade=grade,
            )
            ui.tell(session, product=ui.plain(row.name))
            st.query_params["product"] = str(row.id)


def ask_since(key: str) -> date:
    """From which day on something counts."""
    day: date = st.date_input(
        _("Counts from"), value=ui.today(), format="DD/MM/YYYY", key=key, min_value=date(2000, 1, 1)
    )
    return day


def show_units(row: Product, history: list[ProductUnit], villages: list[Village]) -> None:
    """The product's own units with every factor they ever had."""
    st.subheader(_("Own units"), anchor=False)
    st.caption(
        _(
            "{units} are known for this product anyway. A sack or a basket is its own.",
            units=", ".join(unit.name for unit in STANDARD_UNITS[row.base_unit]),
        )
    )
    names = {village.id: village.name for village in villages}
    if history:
        ui.cards(
            [
                Card(
                    title=f"1 {unit.name} = {ui.quantity(unit.factor, row.base_unit)}",
                    below=span(unit, names.get(unit.village_id or 0, _("everywhere"))),
                    right=state(unit),
                )
                for unit in history
            ]
        )
    if may_change:
        with st.expander(_("Add a unit, or change what it is")):
            ask_unit(row, villages)


def span(unit: ProductUnit, where: str) -> str:
    """Where and when a unit of the product's own counts."""
    if unit.until is None:
        return _("{where}, from {since} on", where=where, since=unit.since)
    return _(
        "{where}, from {since} until before {until}",
        where=where,
        since=unit.since,
        until=unit.until,
    )


def state(span: ProductUnit | GradeFactor) -> str:
    """Whether a factor counts today, in a word."""
    if rules.is_valid(span, on=ui.today()):
        return _("counts now")
    return _("counts later") if span.since > ui.today() else _("is over")


def ask_unit(row: Product, villages: list[Village]) -> None:
    """One unit of the product's own: its name, how much it is, since when and where."""
    name = st.text_input(_("Unit"), key="unit_name", placeholder="karung")
    with ui.reading() as session:
        known = products.units(session, row.id, on=ui.today())
    parsed = ui.ask_quantity(
        _("One of them is"),
        units=known,
        default=row.price_unit,
        base_unit=row.base_unit,
        key="unit_factor",
        placeholder=_("for example 50 kg"),
    )
    village_id = st.selectbox(
        _("Where?"),
        [None, *(village.id for village in villages)],
        format_func=lambda i: next((v.name for v in villages if v.id == i), _("everywhere")),
        placeholder=_("everywhere"),
        key="unit_village",
    )
    since = ask_since("unit_since")
    st.caption(_("What was logged or delivered before stays as it is."))
    if st.button(
        _("Keep the unit"), key="add_unit", type="primary", width="stretch", disabled=parsed is None
    ):
        assert parsed is not None
        with ui.action(
            N_("1 {unit} is {factor} from {since_on} on."), name="products.unit"
        ) as session:
            unit = products.add_unit(
                session,
                row.id,
                name=name,
                factor=parsed.amount,
                since=since,
                village_id=village_id,
            )
            factor = ui.quantity(unit.factor, row.base_unit)
            ui.tell(session, unit=unit.name, factor=factor, since_on=since)


def show_grades(row: Product, grades: list[Grade], factors: dict[int, list[GradeFactor]]) -> None:
    """The grades, best first, with every factor they ever had."""
    st.subheader(_("Grades, best first"), anchor=False)
    if not grades:
        ui.empty(_("Without a grade nothing can be delivered. Add the first one below."))
    for place, grade in enumerate(grades):
        now = rules.valid_on(factors[grade.id], on=ui.today())
        counts = money.format_percent(now.factor_bp) if now else _("does not count yet")
        title = f"**{ui.plain(grade.name)}** · {counts}"
        if not grade.active:
            title += " · " + _("no longer given")
        with st.expander(title, key=f"grade_{grade.id}"):
            show_factors(factors[grade.id], f"factors_{grade.id}")
            if may_change:
                change_grade(row, grades, place)
    if may_change:
        with st.expander(_("Add a grade"), expanded=not grades):
            ask_grade(row)


def show_factors(history: list[GradeFactor], key: str) -> None:
    """What a grade counted for and when."""
    columns = [
        Column(_("Counts for"), "factor_bp", money.format_percent, number=True),
        ui.day_column(_("Counts from"), "since"),
        ui.day_column(_("until before"), "until"),
        Column(_("Now"), "now"),
    ]
    rows = [{**ui.fields(factor), "now": state(factor)} for factor in history]
    ui.html(ui.table_html(columns, rows))


def change_grade(row: Product, grades: list[Grade], place: int) -> None:
    """Another factor, another place, or no longer given."""
    grade = grades[place]
    text = st.text_input(
        _("Counts for, in percent"), key=f"factor_{grade.id}", placeholder=_("for example 92")
    )
    since = ask_since(f"factor_since_{grade.id}")
    with st.container(horizontal=True):
        if st.button(_("Keep the factor"), key=f"set_{grade.id}", type="primary"):
            done = N_("Grade {grade} counts {factor_bp} from {since_on} on.")
            with ui.action(done, name="products.grade_factor") as session:
                factor = products.set_grade_factor(
                    session, grade.id, factor_bp=rules.parse_factor_bp(text), since=since
                )
                ui.tell(session, grade=ui.plain(grade.name), since_on=since)
                ui.tell(session, factor_bp=factor.factor_bp)
        if place and st.button(_("Put one place higher"), key=f"raise_{grade.id}"):
            order = [each.id for each in grades]
            order[place - 1 : place + 1] = reversed(order[place - 1 : place + 1])
            with ui.action(N_("The order is changed."), name="products.rank_grades") as session:
                products.rank_grades(session, row.id, grade_ids=order)
        turn_grade(grade)


def turn_grade(grade: Grade) -> None:
    """Stop giving a grade, or begin again."""
    if grade.active and st.button(_("No longer give it"), key=f"stop_{grade.id}"):
        with ui.action(N_("The grade is no longer given."), name="products.stop_grade") as session:
            products.stop_grade(session, grade.id)
    if not grade.active and st.button(_("Give it again"), key=f"resume_{grade.id}"):
        with ui.action(N_("The grade is given again."), name="products.resume_grade") as session:
            products.resume_grade(session, grade.id)


def ask_grade(row: Product) -> None:
    """A further grade, below the others."""
    name = st.text_input(_("Grade"), key="grade_name", placeholder="B")
    text = st.text_input(
        _("Counts for, in percent"), key="grade_factor", placeholder=_("for example 92")
    )
    since = ask_since("grade_since")
    if st.button(_("Add the grade"), key="add_grade", type="primary", width="stretch"):
        with ui.action(N_("Grade {grade} is added."), name="products.add_grade") as session:
            grade = products.add_grade(
                session,
                row.id,
                name=name,
                factor_bp=rules.parse_factor_bp(text),
                since=since,
            )
            ui.tell(session, grade=ui.plain(grade.name))


def try_out(row: Product, villages: list[Village]) -> None:
    """What the product makes of what people say."""
    st.subheader(_("Try it out"), anchor=False)
    village_id = None
    if villages:
        village_id = st.selectbox(
            _("Where?"),
            [None, *(village.id for village in villages)],
            format_func=lambda i: next((v.name for v in villages if v.id == i), _("everywhere")),
            placeholder=_("everywhere"),
            key="try_village",
        )
    with ui.reading() as session:
        known = products.units(session, row.id, on=ui.today(), village_id=village_id)
    standard = {unit.name for unit in STANDARD_UNITS[row.base_unit]}
    example = next((unit.name for unit in known if unit.name not in standard), row.price_unit)
    ui.ask_quantity(
        _("Type a quantity as members say it"),
        units=known,
        default=row.price_unit,
        base_unit=row.base_unit,
        key="try_quantity",
        placeholder=_("for example 3 {unit}", unit=example),
    )


def ask_buys(row: Product) -> None:
    """Whether the form at the scale proposes to buy the product outright."""
    buys = st.toggle(
        _("At the scale, propose to buy it outright (beli putus)"),
        value=row.buys,
        key=f"buys_{row.id}",
        help=_("The price comes from the product's price rule."),
    )
    if buys != row.buys:
        done = N_("The form at the scale proposes it from now on.")
        with ui.action(done, name="products.set_buys") as session:
            products.set_buys(session, row.id, buys=buys)


def turn_product(row: Product) -> None:
    """Rename a product, stop offering it, or begin again."""
    with st.expander(_("Rename or stop the product")):
        name = st.text_input(_("Name"), value=row.name, key="rename")
        if st.button(_("Keep the name"), key="keep_name"):
            with ui.action(N_("The name is changed."), name="products.rename") as session:
                products.rename_product(session, row.id, name=name)
        if row.active and st.button(_("No longer offer it"), key="stop_product"):
            done = N_("{product} is no longer offered. Nothing that was kept is lost.")
            with ui.action(done, name="products.stop") as session:
                products.stop_product(session, row.id)
                ui.tell(session, product=ui.plain(row.name))
        if not row.active and st.button(_("Offer it again"), key="resume_product"):
            with ui.action(N_("{product} is offered again."), name="products.resume") as session:
                products.resume_product(session, row.id)
                ui.tell(session, product=ui.plain(row.name))


who = ui.open_page(ui.Action.PRODUCTS_SEE, "Products")
first_steps.show_next(who.person, here="products")
may_change = who.person.may(ui.Action.PRODUCTS_CHANGE)
open_now = opened("product")
with ui.reading() as session:
    if not open_now.isdecimal():
        everything = products.products(session, with_stopped=True)
    else:
        product = products.product(session, int(open_now))
        places = list(cooperative.villages(session))
        own_units = products.unit_history(session, product.id)
        graded = products.grades(session, product.id, with_stopped=True)
        history = {grade.id: products.factor_history(session, grade.id) for grade in graded}
if not open_now.isdecimal():
    show_list(everything)
else:
    back(N_("All products"))
    st.header(ui.plain(product.name), anchor=False)
    st.caption(
        " · ".join(
            [
                _(KINDS[product.kind]),
                _(BASES[product.base_unit]),
                _("price for one {unit}", unit=product.price_unit),
            ]
        )
    )
    show_grades(product, graded, history)
    show_measures(product, [g for g in graded if g.active], may_change=may_change)
    show_units(product, own_units, places)
    try_out(product, places)
    if may_change:
        ask_buys(product)
        turn_product(product)
