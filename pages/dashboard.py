"""Dashboard: did selling together pay, who bought, and what was logged but never came."""

from datetime import timedelta

import streamlit as st

from kopprod import ui
from kopprod.services import dashboard, products, references
from kopprod.services.dashboard import Period
from kopprod.ui import _
from kopprod.ui.dashboard import View, answer, parts

who = ui.open_page(ui.Action.DASHBOARD_SEE, "Dashboard").person
on = ui.today()

with ui.reading() as session:
    goods = {p.id: p for p in products.products(session)}
if not goods:
    ui.empty(_("Charts appear here once there are products, deliveries and settled sales."))
    ui.link("products", label=_("Set up the first product"))
    st.stop()

first = st.container()  # the answer comes before what it depends on
spans = {365: _("12 months"), 730: _("24 months"), 91: _("3 months")}
with st.container(horizontal=True):
    chosen = st.selectbox(
        _("Product"),
        [0, *goods],
        format_func=lambda p: goods[p].name if p else _("All products"),
        key="dash_product",
        width=200,
    )
    days = st.selectbox(
        _("Period"), list(spans), format_func=spans.__getitem__, key="dash_span", width=130
    )
period = Period((on - timedelta(days=days)).replace(day=1), on + timedelta(days=1), chosen or None)

with ui.reading() as session:
    view = View(
        period=period,
        on=on,
        goods=goods,
        pers={p.id: products.price_per(session, p, on=on) for p in goods.values()},
        months=references.months(session, period, on=on),
        sold=dashboard.sold(session, period),
        leads=who.may(ui.Action.SALES_SETTLE),
    )
with first:
    answer(view)
parts(view)
