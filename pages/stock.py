"""In store: the members' goods and the cooperative's own, what these cost, and what was lost."""

import streamlit as st

from kopprod import ui
from kopprod.services import products, stock
from kopprod.ui import _
from kopprod.ui.stock import ask_loss, show_losses, show_piles

who = ui.open_page(ui.Action.DELIVERIES_SEE, "In store")
on = ui.today()
with ui.reading() as session:
    piles = stock.piles(session, on=on)
    lots = stock.in_store(session)
    lost = stock.losses(session, most=200)
    goods = {product.id: product for product in products.products(session, with_stopped=True)}
if piles:
    show_piles(piles, on=on)
else:
    ui.empty(_("Nothing is in store. What is received at the scale appears here until it is sold."))
    ui.link("deliveries", label=_("To the deliveries"))
if lots and who.person.may(ui.Action.SALES_CHANGE):
    with st.expander(_("Something dried, spoiled or is missing")):
        ask_loss(lots, goods, on=on)
if lost:
    st.subheader(_("Lost in store"), anchor=False)
    show_losses(lost)
