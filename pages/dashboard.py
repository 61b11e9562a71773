"""Dashboard: did selling together pay, who bought, and what was logged but never came."""

from datetime import timedelta

import streamlit as st

from kopprod import ui
from kopprod.domain.quantities import BaseUnit
from kopprod.services import comparison, cooperative, dashboard, members, output, products
from kopprod.services.dashboard import Period
from kopprod.ui import Column, Tile, _, figures, month_column, premiums, rp_column

who = ui.open_page(ui.Action.DASHBOARD_SEE, "Dashboard").person
on = ui.today()
leads = who.may(ui.Action.SALES_SETTLE)

with ui.reading() as session:
    goods = {p.id: p for p in products.products(session)}
if not goods:
    ui.empty(_("Charts appear here once there are products, deliveries and settled sales."))
    ui.link("products", label=_("Set up the first product"))
    st.stop()

spans = {365: _("12 months"), 730: _("24 months"), 91: _("3 months")}
with st.container(horizontal=True):
    chosen = st.selectbox(
        _("Product"),
        [0, *goods],
        format_func=lambda p: goods[p].name if p else _("All products"),
        key="dash_product",
        width=260,
    )
    days = st.selectbox(
        _("Period"), list(spans), format_func=spans.__getitem__, key="dash_span", width=180
    )
period = Period((on - timedelta(days=days)).replace(day=1), on + timedelta(days=1), chosen or None)

with ui.reading() as session:
    lots = comparison.lots(session, period, on=on)
    flows = output.logged_and_delivered(
        session, product_id=chosen or None, since=period.since, until=period.until
    )
    buyers = dashboard.sold(session, period)
    pers = {p.id: products.price_per(session, p, on=on) for p in goods.values()}
    names = {m.id: m.name for m in members.members(session)}
    villages = {v.id: v.name for v in cooperative.villages(session)}
    enough = comparison.enough(session)
months = comparison.by_month(lots)
shown = [p for p in goods.values() if not chosen or p.id == chosen]

gained_rp = sum(m.difference_rp for m in months)
lost = sum(1 for m in months if m.difference_rp < 0)
compared = sum(m.compared for m in months)
ui.tiles(
    [
        Tile(
            _("More by selling together") if gained_rp >= 0 else _("Less by selling together"),
            ui.rp(abs(gained_rp)),
            _("{n} of {lots} lots could be compared", n=compared, lots=len(lots)),
            "teal" if gained_rp >= 0 else "amber",
        ),
        Tile(
            _("Months in which the middleman paid more"),
            str(lost),
            _("counted product by product"),
            "amber" if lost else "",
        ),
        Tile(_("For members, from settled sales"), ui.rp(sum(b.net_rp for b in buyers))),
    ]
)

if compared:
    gains = figures.gain_rows(months)
    ui.chart(
        figures.gain_figure(gains),
        key="dash_gain",
        columns=[
            month_column(),
            rp_column(_("In the month"), "month_rp"),
            rp_column(_("Added up"), "running_rp"),
        ],
        rows=gains,
    )
    with st.expander(_("The same for every member, whoever gained least first")):
        ui.table(
            [
                Column(_("Member"), "name"),
                Column(_("Lots compared"), "compared", number=True),
                Column(_("Not enough data"), "thin", number=True),
                rp_column(_("Cooperative"), "coop_rp"),
                rp_column(_("Middleman"), "middleman_rp"),
                rp_column(_("More or less"), "difference_rp"),
            ],
            [
                ui.fields(m, "compared", "middleman_rp") | {"name": names.get(m.member_id, "")}
                for m in comparison.by_member(lots)
            ],
            key="dash_members",
        )
else:
    ui.empty(
        _("No comparison yet. It needs settled sales, and at least three middleman's prices that "
          "were noted within a week of a delivery.")
    )  # fmt: skip
    ui.link("quotes", label=_("Note a middleman's price"))

for product in shown:
    rows = [m for m in months if m.product_id == product.id]
    if rows:
        ui.chart(
            figures.price_figure(
                rows, product=product.name, unit=product.price_unit, per=pers[product.id]
            ),
            key=f"dash_price_{product.id}",
            note=_("What arrives for one true {unit} on both sides, after cuts, costs and waiting. "
                   "A gap: too few comparable prices.", unit=product.price_unit),
            columns=[
                month_column(),
                Column(_("Lots compared"), "compared", number=True),
                Column(_("Not enough data"), "thin", number=True),
                rp_column(_("Cooperative"), "coop_rp"),
                rp_column(_("Middleman"), "middleman_rp"),
                rp_column(_("More or less"), "difference_rp"),
            ],
            rows=[ui.fields(m, "compared", "middleman_rp") for m in rows],
        )  # fmt: skip

if lots:
    called = premiums.Names({p.id: p.name for p in goods.values()}, villages, names)
    premiums.show(lots, called, enough)

for product in shown:
    flow = [f for f in reversed(flows) if f.product_id == product.id]
    if flow:
        pieces = product.base_unit == BaseUnit.PIECE
        ui.chart(
            figures.flow_figure(
                flow,
                product=product.name,
                unit=product.price_unit,
                per=1 if pieces else pers[product.id],
            ),
            key=f"dash_flow_{product.id}",
            # Of all members together, and for the manager only: a sign, and no accusation.
            note=premiums.gap_words(flow, product.base_unit) if leads else "",
            columns=[
                month_column(),
                ui.quantity_column(_("Logged"), "logged", product.base_unit),
                ui.quantity_column(_("Delivered"), "delivered", product.base_unit),
                *([ui.quantity_column(_("Not delivered"), "gap", product.base_unit)] * leads),
            ],
            rows=[premiums.gap_row(f) for f in flow],
        )

if buyers:
    ui.chart(
        figures.buyers_figure(buyers, [f"{b.buyer}, {goods[b.product_id].name}" for b in buyers]),
        key="dash_buyers",
        columns=[
            Column(_("Buyer"), "buyer"),
            Column(_("Product"), "product"),
            Column(_("Sales"), "sales", number=True),
            Column(_("Weight"), "shown", number=True),
            rp_column(_("Proceeds"), "gross_rp"),
            rp_column(_("For members"), "net_rp"),
        ],
        rows=[
            ui.fields(b)
            | {
                "product": goods[b.product_id].name,
                "shown": ui.quantity(b.weight, goods[b.product_id].base_unit),
            }
            for b in buyers
        ],
    )
