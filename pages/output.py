"""Logging output: what was harvested or made, in a few taps, read back, and kept with a number."""

import streamlit as st

from kopprod import ui
from kopprod.services import cooperative, members, output_months, products
from kopprod.ui import _, first_steps
from kopprod.ui.choose import choose_member
from kopprod.ui.fold import fold
from kopprod.ui.output import (
    EARLIER,
    ask_correction,
    by_month,
    latest,
    list_logs,
    year_before,
)
from kopprod.ui.output_form import log_output, open_draft

who = ui.open_page(ui.Action.PRICES_SEE, "Log output", says=False)
on = ui.today()
for_others = who.person.may(ui.Action.OUTPUT_LOG_FOR)
member_id = who.person.member_id
logs_own = member_id is not None and who.person.may(ui.Action.OUTPUT_LOG_OWN)

with ui.reading() as session:
    made_here = products.products(session)
if not made_here:
    ui.empty(_("Once the manager has set up products, output can be logged here."))
    first_steps.show_next(who.person, here="output")
    st.stop()

village_id = None
if for_others:
    draft = open_draft()
    with ui.reading() as session:
        people = members.members(session)
        villages = {v.id: v.name for v in cooperative.villages(session)}
    chosen = choose_member(
        people,
        villages=villages,
        key=f"output_member_{draft.id}",
        value=draft.member_id or member_id,
    )
    member_id = None if chosen is None else chosen.id
    village_id = None if chosen is None else chosen.village_id
elif logs_own:
    with ui.reading() as session:
        village_id = members.own(session).village_id

if member_id is not None and (for_others or logs_own):
    log_output(member_id=member_id, village_id=village_id, for_others=for_others, on=on)
else:
    ui.say_done()

st.subheader(_("Logged lately"), anchor=False)
if not list_logs(member_id):
    ui.empty(
        _("Nothing is logged yet. What you log stands here with its number.")
        if for_others or logs_own
        else _("Nothing is logged yet. What members log stands here with its number.")
    )
elif for_others or logs_own:
    with fold(_("Correct a log"), key="output_correction", keeps=True) as is_open:
        if is_open:
            ask_correction(latest(member_id, most=EARLIER), on=on)
with fold(_("Logged and delivered, by month"), key="output_by_month") as is_open:
    if is_open:
        older = st.toggle(_("Older months too"), key="output_older")
        with ui.reading() as session:
            months = output_months.logged_and_delivered(
                session, member_id=member_id, since=None if older else year_before(on)
            )
        by_month(months, key="output_months")
