"""Deliveries: the officer weighs, the goods get a number; the manager reads the book."""

from datetime import timedelta

import streamlit as st

from kopprod import ui
from kopprod.services import (
    answers,
    cooperative,
    deliveries,
    members,
    products,
    rejections,
    weighing,
)
from kopprod.ui import _, first_steps, papers
from kopprod.ui.answers import resolve_disputes
from kopprod.ui.deliveries import asked_for, received_card, rejected_card, totals
from kopprod.ui.delivery_book import look_through
from kopprod.ui.fold import fold
from kopprod.ui.receiving import receive_goods
from kopprod.ui.rejections import papers_of
from kopprod.ui.take_backs import ask_reversal
from kopprod.ui.weighing import ask_scales

who = ui.open_page(ui.Action.DELIVERIES_SEE, "Deliveries", says=False)
on = ui.today()
may_reverse = who.person.may(ui.Action.DELIVERIES_REVERSE)
with ui.reading() as session:
    people = members.members(session)
    villages = {v.id: v.name for v in cooperative.villages(session)}
    goods = products.products(session)
    recent = deliveries.recent_members(session)
if not people or not goods:
    ui.empty(_("Deliveries are received here once the manager has entered members and products."))
    first_steps.show_next(who.person, here="deliveries")
    st.stop()

with ui.reading() as session:
    disputed = answers.disputes(session) if may_reverse else []

rows = asked_for()
part = "one" if rows else "book"
if not rows and who.person.may(ui.Action.DELIVERIES_RECEIVE):
    parts = {"receive": _("Receive"), "book": _("Book")}
    part = st.segmented_control(
        _("What do you want to do?"),
        list(parts),
        format_func=parts.__getitem__,
        default="receive",
        key="delivery_part",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )

if part != "receive":
    ui.say_done()

if part == "receive":
    receive_goods(on=on)
    ui.link("field_sheets", label=_("No signal in the field? Print a field sheet"))
    resolve_disputes(disputed, on=on)
    with ui.reading() as session:
        rows = deliveries.deliveries(session, since=on, until=on + timedelta(days=1))
        refused = rejections.rejected(session, since=on, until=on + timedelta(days=1))
    st.subheader(_("Received today"), anchor=False)
    if not rows:
        ui.empty(_("Nothing was received today yet."))
    totals(rows)
    papers.receipts(rows)
    papers_of(refused)
    if rows and who.person.may(ui.Action.SLIPS_PAY):
        ui.link("payouts", label=_("Does she want money now? Pay an advance"))
    ui.cards([rejected_card(row) for row in refused] + [received_card(row) for row in rows[:30]])

if part == "one":
    papers.receipts(rows)

if part == "book":
    resolve_disputes(disputed, on=on)
    rows = look_through(people=people, villages=villages, goods=goods, recent=recent, on=on)
    papers.receipts(rows)

if may_reverse and rows:
    label = _("Correct a delivery (take it back and receive it anew)")
    with fold(label, key="delivery_correct", keeps=True) as is_open:
        if is_open:
            ask_reversal(rows[:200], people=people, on=on)

if who.person.may(ui.Action.COOPERATIVE_CHANGE):
    label = _("Scales and their verification")
    with fold(label, key="delivery_scales", keeps=True) as is_open:
        if is_open:
            with ui.reading() as session:
                scales = weighing.scales(session, with_stopped=True)
            ask_scales(scales)
