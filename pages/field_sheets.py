"""Field sheets: print the numbered list, and type it back in the same order."""

import streamlit as st

from kopprod import ui
from kopprod.domain.field_sheets import MOST_TURNS
from kopprod.domain.quantities import BaseUnit
from kopprod.services import cooperative, field_sheets, measures, members, products, weighing
from kopprod.ui import _, first_steps
from kopprod.ui import field_sheets as parts
from kopprod.ui.choose import choose_product
from kopprod.ui.deliveries import ask_grade
from kopprod.ui.weighing import remembered

who = ui.open_page(ui.Action.DELIVERIES_RECEIVE, "Field sheets")
with ui.reading() as session:
    goods = products.products(session)
    people = members.members(session)
    villages = {village.id: village.name for village in cooperative.villages(session)}
if not goods or not people:
    ui.empty(
        _("Here a list of members is printed for the field and typed back. First there must be "
          "members and products.")
    )  # fmt: skip
    first_steps.show_next(who.person, here="field_sheets")
    st.stop()

product = choose_product(goods, key="sheet_product", value=goods[0].id)
names = {0: _("all villages")} | villages
village_id = st.selectbox(
    _("Village"), list(names), format_func=names.__getitem__, key="sheet_village"
)
beside = st.columns(2)
with beside[0]:
    on = parts.ask_on("sheet_on")
with beside[1]:
    turn = st.selectbox(_("Which sheet of that day?"), range(1, MOST_TURNS + 1), key="sheet_turn")
if product is None:
    st.stop()
with ui.reading() as session:
    sheet = field_sheets.sheet(
        session, product_id=product.id, on=on, turn=turn, village_id=village_id or None
    )
    units = products.units(session, product.id, on=on)
    grades = products.grades(session, product.id)
    asked = measures.asked(session, product.id)
    last_tare = weighing.last_tare_each(session, product.id)
if not sheet.rows:
    ui.empty(_("Nobody lives in this village. Choose another one."))
    st.stop()
parts.print_it(sheet, asked)

st.subheader(_("Type it back"), anchor=False)
usual = ask_grade(grades, key=f"sheet_usual_{product.id}", value=grades[0].id if grades else None)
tare = None
if product.base_unit is not BaseUnit.PIECE:
    tare = ui.ask_quantity(
        _("Tare of one sack (empty is none)"),
        units=units,
        default=product.price_unit,
        base_unit=product.base_unit,
        key=f"sheet_tare_{product.id}",
        value=remembered(last_tare, product.base_unit),
    )
rows = parts.ask_rows(sheet, units=units, grades=grades, usual=usual, asked=asked)
if st.button(
    _("Keep these rows: {count}", count=len(rows)),
    key="sheet_keep",
    type="primary",
    width="stretch",
    disabled=not rows,
):
    parts.keep(
        rows,
        sheet,
        tare_each=0 if tare is None else tare.amount,
        with_measures=bool(asked),
        on=ui.today(),
    )
