"""Middleman's price: what he offers, what of it arrives, and whether selling together beats it."""

import uuid

import streamlit as st

from kopprod import ui
from kopprod.services import cooperative, members, products, quotes, standings
from kopprod.ui import Card, _

FIRST = 6  # prices shown at once on a phone

who = ui.open_page(ui.Action.QUOTES_SEE, "Middleman's price")
on = ui.today()

with ui.reading() as session:
    goods = products.products(session)
    villages = {v.id: v.name for v in cooperative.villages(session)}
    mine = members.own(session) if who.person.member_id else None
    made = {p.id for p in members.products_of(session, mine.id)} if mine else set()
if not goods or not villages:
    ui.empty(_("Once the manager has set up products and villages, prices can be noted here."))
    st.stop()

goods = sorted(goods, key=lambda p: p.id not in made)  # her own first
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
    todays = standings.standings(session, product_id=product.id, on=on)
    seen = standings.effective_quotes(session, product_id=product.id, on=on, most=20)

for standing in todays:
    ui.html(ui.standing_html(standing, product))
if not todays:
    ui.empty(_("Nobody has noted a middleman's price for this product yet. Note the first below."))

if who.person.may(ui.Action.QUOTES_RECORD) and grades:
    turn = ui.remember("quote_turn", uuid.uuid4)
    with st.expander(_("Note what a middleman offers"), expanded=not seen):
        village_ids = list(villages)
        at_home = village_ids.index(mine.village_id) if mine and mine.village_id in villages else 0
        village_id = st.selectbox(
            _("In which village?"),
            village_ids,
            index=at_home,
            format_func=villages.__getitem__,
            key="quote_village",
        )
        grade_id = st.segmented_control(
            _("Grade"),
            list(grades),
            format_func=grades.__getitem__,
            default=next(iter(grades)),
            key=f"quote_grade_{product.id}",
            required=True,
        )
        price_e4 = ui.ask_price(
            _("His price for one {unit}", unit=product.price_unit),
            per=product.price_unit,
            key=f"quote_price_{turn}",
            placeholder=_("for example 6.300"),
        )
        quoted_on = ui.ask_day(_("When?"), key=f"quote_day_{turn}")
        terms = ui.ask_terms(product=product, units=units, key=f"quote_{turn}")
        if st.button(
            _("Keep this price"),
            key="quote_save",
            type="primary",
            width="stretch",
            disabled=price_e4 is None or terms is None,
        ):
            assert price_e4 is not None and terms is not None
            with ui.action(_("The price is noted. Thank you."), name="quotes.record") as session:
                quotes.record(
                    session,
                    product_id=product.id,
                    grade_id=grade_id,
                    village_id=village_id,
                    quoted_on=quoted_on,
                    price_e4=price_e4,
                    on=on,
                    draft_key=str(turn),
                    **terms,
                )
                del st.session_state["quote_turn"]

if seen:
    st.subheader(_("Noted lately"), anchor=False)
    st.caption(
        _("On the right what arrives for one true {unit} after his cuts, below it what he says.",
          unit=product.price_unit)
    )  # fmt: skip
    every = len(seen) <= FIRST or st.toggle(_("Show older prices too"), key="quotes_all")
    ui.cards(
        [
            Card(
                title=f"{villages.get(q.quote.village_id, '')}, {grades.get(q.quote.grade_id, '')}",
                below=" · ".join(w for w in (ui.day(q.quote.quoted_on), q.quote.middleman) if w)
                + ("\n" + _("far from the others of those days") if q.odd else ""),
                right=ui.rp(q.effective_rp),
                right_below=_("he says {price_e4}", price_e4=q.quote.price_e4),
            )
            for q in (seen if every else seen[:FIRST])
        ]
    )
    if any(q.odd for q in seen):
        st.caption(
            _("A price far from the others is more than three times as far from the middle as is "
              "usual, and more than a tenth of it. It is marked and still counts; the middle bears "
              "it.")
        )  # fmt: skip
