"""What buyers owe: by age, buyer by buyer, in agreement with the journal."""

import streamlit as st

from kopprod import ui
from kopprod.services import receivables
from kopprod.ui import _
from kopprod.ui import receivables as parts

who = ui.open_page(ui.Action.LEDGER_SEE, "What buyers owe").person

with ui.reading() as session:
    found = receivables.receivables(session, on=ui.today())
if not found.buyers:
    ui.empty(_("Buyers and what they owe appear here. Add the first buyer among the orders."))
    ui.link("orders", label=_("To the orders"))
    st.stop()

parts.head(found)
parts.buyer_cards([one for one in found.buyers if one.buyer.active or one.owed_rp])

st.subheader(_("Remind or correct a buyer"), anchor=False)
one = parts.choose_buyer(found.buyers)
if one is not None:
    parts.doors(one)
    parts.remind(one)
    if who.may(ui.Action.SALES_CHANGE):
        parts.change(one.buyer)

if found.owing or found.ages.undated_rp:
    st.subheader(_("By age"), anchor=False)
    parts.by_age(found)
if found.owing:
    st.subheader(_("Sale by sale"), anchor=False)
    parts.sales(found)
