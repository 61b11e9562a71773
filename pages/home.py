"""The first page: what am I owed, what did I bring, what is today's price, what waits for me."""

import streamlit as st

from kopprod import ui
from kopprod.domain.access import Role
from kopprod.services import comparison, cooperative, home, products
from kopprod.ui import Card, Tile, _, places

who = ui.open_page(ui.Action.PRICES_SEE, "Home")
on = ui.today()

with ui.reading() as session:
    called = cooperative.setting(session, "name")
    goods = {p.id: p for p in products.products(session)}
    mine = home.mine(session) if who.person.member_id else None
    office = home.office(session, on=on) if who.person.may(ui.Action.DELIVERIES_SEE) else None
    wanted = [p for p in (mine.product_ids if mine else goods) if p in goods]
    standings = {p: comparison.standings(session, product_id=p, on=on) for p in wanted}
st.caption(f"{called}. {who.person.name}")

if mine is not None:
    ui.figure(
        _("The cooperative owes you"),
        ui.rp(mine.owed_rp),
        _("{n} slips wait to be paid", n=mine.unpaid_slips) if mine.unpaid_slips else "",
        "teal",
    )
    if mine.unpaid_slips:
        ui.link("slips", label=_("See my slips"))
    with st.container(key="main_door"):
        ui.link("output", label=_("Log what I harvested or made"))
    if mine.not_delivered:
        st.caption(_("{n} of your logs have not been delivered yet.", n=mine.not_delivered))

if office is not None:
    ui.tiles(
        [
            Tile(_("Waiting to be paid out"), ui.rp(office.unpaid_rp),
                 _("{n} slips", n=office.unpaid_slips)),
            Tile(_("Open sales"), str(office.open_sales)),
            Tile(_("Deliveries today"), str(office.received_today)),
            Tile(_("Members"), str(office.members)),
        ]
    )  # fmt: skip
    if not goods:
        ui.empty(_("A new cooperative begins with its villages, products and members."))

if any(standings.values()):
    st.subheader(_("Today's prices"), anchor=False)
    for product_id, found in standings.items():
        for standing in found:
            ui.html(ui.standing_html(standing, goods[product_id]))

if mine is not None:
    st.subheader(_("What I brought last"), anchor=False)
    if mine.brought:
        ui.cards(
            [
                Card(
                    title=f"{b.product} {b.grade}",
                    below=f"{ui.day(b.on)}, {b.number}",
                    right=ui.quantity(b.net.amount, b.net.unit),
                    right_below=_("settled") if b.settled else _("in store"),
                )
                for b in mine.brought
            ]
        )
    else:
        ui.empty(_("Your deliveries appear here once the officer has weighed them."))

if who.person.roles - {Role.MEMBER}:
    with st.expander(_("All pages"), expanded=office is not None and not goods):
        for place in places.open_to(who.person):
            ui.link(place.name, label=_(place.title))
ui.html(f'<a class="kp-out" href="/keluar" target="_self">{_("Sign out")}</a>')
