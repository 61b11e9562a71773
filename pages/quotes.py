"""Middleman's price: what he offers, what of it arrives, and whether selling together beats it."""

from datetime import timedelta

import streamlit as st

from kopprod import ui
from kopprod.services import cooperative, members, products, quotes, references, standings
from kopprod.ui import _, first_steps
from kopprod.ui import quotes as shown
from kopprod.ui import quotes_form as form
from kopprod.ui.buying import show_posted

LATELY_DAYS = 92  # how far back changed references are shown

who = ui.open_page(ui.Action.QUOTES_SEE, "Middleman's price")
on = ui.today()

with ui.reading() as session:
    goods = products.products(session)
    villages = {v.id: v.name for v in cooperative.villages(session)}
    mine = members.own(session) if who.person.member_id else None
    made = {p.id for p in members.products_of(session, mine.id)} if mine else set()
    before = quotes.last_of_mine(session)
if not goods or not villages:
    ui.empty(_("Once the manager has set up products and villages, prices can be noted here."))
    first_steps.show_next(who.person, here="quotes")
    st.stop()

last_id = None if before is None else before.product_id
goods = sorted(goods, key=lambda p: (p.id not in made, p.id != last_id))  # her own first
names = {p.id: p.name for p in goods}
product_id = st.pills(
    _("Product"),
    list(names),
    format_func=names.__getitem__,
    default=goods[0].id,
    key="quote_product",
    required=True,
)
product = next(p for p in goods if p.id == product_id)
with ui.reading() as session:
    grades = {g.id: g.name for g in products.grades(session, product.id)}
    units = products.units(session, product.id, on=on)
    per = products.price_per(session, product, on=on)
    todays = standings.standings(session, product_id=product.id, on=on)
    seen = standings.effective_quotes(session, product_id=product.id, on=on, most=20)
    moved = (
        references.changed(session, since=on - timedelta(days=LATELY_DAYS), product_id=product.id)
        if who.person.may(ui.Action.DASHBOARD_SEE)
        else []
    )

show_posted(product_ids={product.id})
for standing in todays:
    ui.html(ui.standing_html(standing, product))
if not todays:
    ui.empty(_("Nobody has noted a middleman's price for this product yet. Note the first below."))

if who.person.may(ui.Action.QUOTES_RECORD) and grades:
    turn = ui.held_turn("quote")
    with st.expander(_("Note what a middleman offers"), expanded=True):
        said = form.ask_offer(
            product=product, grades=grades, villages=villages, before=before,
            home_id=mine.village_id if mine else None, key=f"quote_{turn}",
        )  # fmt: skip
        terms = form.ask_terms(
            product=product, units=units, price_e4=said["price_e4"] if said else None, per=per,
            key=f"quote_{turn}",
        )  # fmt: skip
        if st.button(
            _("Keep this price"),
            key="quote_save",
            type="primary",
            width="stretch",
            disabled=said is None or terms is None,
        ):
            assert said is not None and terms is not None
            with ui.action(
                "The price is noted. Thank you. {more}", name="quotes.record"
            ) as session:
                quotes.record(
                    session, product_id=product.id, on=on, draft_key=turn, **said, **terms
                )
                ui.tell(session, more=shown.moved_words(session, said["quoted_on"]))
                ui.next_turn("quote")

shown.changed(moved, products=names, villages=villages, grades=grades, key="quotes_moved")
if seen:
    shown.noted(seen, product, villages, grades)
