"""The first page: what am I owed, what did I bring, what is today's price, what waits for me."""

from datetime import UTC, datetime, time, timedelta

import streamlit as st

from kopprod import ui
from kopprod.domain.access import Role
from kopprod.services import (
    answers,
    articles,
    cooperative,
    equipment,
    home,
    products,
    purchases,
    standings,
)
from kopprod.ui import _, first_steps, places
from kopprod.ui import home as parts
from kopprod.ui.answers import ask_answers
from kopprod.ui.buying import show_posted
from kopprod.ui.fold import fold
from kopprod.ui.foot import show_foot
from kopprod.ui.purchases import home_doors, member_doors

who = ui.open_page(ui.Action.PRICES_SEE, "Home")
on = ui.today()
since = datetime.combine(on - timedelta(days=14), time(), UTC)  # the same all day

with ui.reading() as session:
    called = cooperative.setting(session, "name")
    goods = {p.id: p for p in products.products(session)}
    mine = home.mine(session, on=on) if who.person.member_id else None
    office = home.office(session, on=on) if who.person.may(ui.Action.DELIVERIES_SEE) else None
    wanted = [p for p in (mine.product_ids if mine else goods) if p in goods]
    asked = who.person.may(ui.Action.DELIVERIES_ANSWER)
    new = answers.waiting_for(session, on=on) if asked else []
    said = answers.mine(session, since=since) if asked else []
    pooled = purchases.purchases(session, open_only=True) if mine else []
    machines = equipment.kinds(session) if mine else []
    buys = bool(mine and articles.articles(session))
    todays = {p: standings.standings(session, product_id=p, on=on) for p in wanted}
st.caption(f"{ui.plain(called)}. {ui.plain(who.person.name)}")
first_steps.show_next(who.person, here="home")

if mine is not None:
    parts.owed(mine)
    home_doors(pooled, on=on)
    if machines:
        ui.link("bookings", label=_("Ask for a machine"))
ask_answers(new, said, on=on)
if office is not None and goods:
    parts.waits(office, who.person)
if office is not None and not goods:
    ui.empty(_("A new cooperative begins with its villages, products and members."))
    if who.person.may(ui.Action.COOPERATIVE_SEE):
        ui.link("cooperative", label=_("See the first steps"))

show_posted(product_ids=wanted)
if any(todays.values()):
    st.subheader(_("Today's prices"), anchor=False)
    if mine is None:
        parts.prices(todays, goods)
    else:
        shown = [ui.standing_html(one, goods[p]) for p, found in todays.items() for one in found]
        ui.html(f'<div class="kp-cards">{"".join(shown)}</div>')

if mine is not None:
    parts.brought(mine)
    if buys:
        member_doors()

if who.person.roles - {Role.MEMBER}:
    begins = office is not None and not goods
    with fold(_("All pages"), key="home_pages", expanded=begins) as is_open:
        for place in places.open_to(who.person) if is_open else ():
            ui.link(place.name, label=_(place.title))
show_foot("home")
