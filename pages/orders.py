"""Buyers' orders and contracts: what is promised, what is there for it, and each order."""

import streamlit as st

from kopprod import ui
from kopprod.domain.orders import OrderStage
from kopprod.services import orders, products, sales
from kopprod.ui import _
from kopprod.ui import orders as parts
from kopprod.ui.choose import choose_product
from kopprod.ui.receivables import new_buyer
from kopprod.ui.sales import choose, chosen

who = ui.open_page(ui.Action.SALES_SEE, "Buyers' orders").person
on, manager = ui.today(), who.may(ui.Action.SALES_CHANGE)
order_id = chosen("order")

with ui.reading() as session:
    rows = orders.orders(session)
    promised = orders.promised(session)
    goods = products.products(session)
    buyers = sales.buyers(session)

if order_id is not None:
    if st.button(_("All orders"), key="order_back"):
        choose("order", None)
        st.rerun()
    row = next((each for each in rows if each.order.id == order_id), None)
    if row is None:
        st.error(_("This order is not here. Go back to the list of orders."))
        st.stop()
    parts.one_order(row)
    if manager:
        if row.order.stage is OrderStage.OPEN:
            with ui.reading() as session:
                units = products.units(session, row.product.id, on=on)
                grades = products.grades(session, row.product.id)
            parts.change(row, units=units, grades=grades)
        parts.end(row)
    st.stop()

for line in promised:
    parts.standing(line)
if promised:
    parts.cover_cards(promised)
waiting = [row for row in rows if row.order.stage is OrderStage.OPEN]
if waiting:
    parts.open_orders(waiting)
if not rows:
    ui.empty(
        _("Orders and contracts of buyers appear here, with what is in store for them. Write the "
          "first one down as soon as a buyer asks.")
        if manager
        else _("Orders and contracts of buyers appear here once the manager has written one down.")
    )  # fmt: skip
if manager and not goods:
    ui.link("products", label=_("First write down a product"))
if manager:
    with st.expander(_("A new buyer"), expanded=not buyers):
        new_buyer()
if manager and goods and buyers:
    turn = ui.held_turn("order")
    with st.expander(_("A new order"), expanded=not rows):
        product = choose_product(goods, key=f"order_product_{turn}", value=goods[0].id)
        if product is not None:
            with ui.reading() as session:
                units = products.units(session, product.id, on=on)
                grades = products.grades(session, product.id)
            parts.new_order(buyers=buyers, product=product, units=units, grades=grades, turn=turn)
if manager and promised:
    parts.cover_chart(promised)
if rows:
    parts.past_orders(rows)
