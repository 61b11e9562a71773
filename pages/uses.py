"""Machines in use: handing over and taking back, bills and their money, what machines brought."""

import streamlit as st

from kopprod import ui
from kopprod.services import equipment, use_debts, use_payments, use_rows
from kopprod.ui import _, booking_texts, upkeep, use_forms, use_lists, use_results

who = ui.open_page(ui.Action.EQUIPMENT_SEE, "Using machines").person
on, office = ui.today(), who.may(ui.Action.MEMBERS_SEE)
officer = who.may(ui.Action.EQUIPMENT_HAND_OUT)
with ui.reading() as session:
    known = equipment.kinds(session, all_of_them=True)
if not known:
    ui.empty(_("Machines that can be booked appear here once the manager has written them down."))
    if who.may(ui.Action.EQUIPMENT_CHANGE):
        ui.link("equipment", label=_("Write the first machine down"))
    st.stop()

if officer:
    booking_texts.show()
    with ui.reading() as session:
        to_fetch = use_rows.to_fetch(session, at=ui.now())
        held = use_rows.held(session, at=ui.now())
    act, key = st.session_state.get("use_open", ("", 0))
    fetched = next((row for row in to_fetch if act == "out" and row.booking.id == key), None)
    back = next((row for row in held if act == "back" and row.use.id == key), None)
    if fetched is not None:
        use_forms.hand_over(fetched)
        st.stop()
    if back is not None:
        use_forms.take_back(back)
        st.stop()
    use_lists.queue(to_fetch, held)

if who.member_id is not None:
    with ui.reading() as session:
        mine = use_debts.bills(session, member_id=who.member_id)
    use_lists.own(mine)
    with ui.reading() as session:
        kept = use_payments.kept_for_operators(session, member_id=who.member_id)
    for one in kept:
        ui.figure(_("Kept for you as operator"), ui.rp(one.left_rp))
if not office:
    st.stop()

with ui.reading() as session:
    rows = use_debts.bills(session, newest=use_debts.NEWEST)
    billed_rp = use_debts.billed_rp(session)
    operators = use_payments.kept_for_operators(session)
if rows:
    listed = use_lists.of_member(rows) if len(rows) >= use_debts.NEWEST else rows
    use_lists.chosen_bill(listed, who)
    use_lists.sums(rows, billed_rp)
    use_lists.bills_table(listed, who)
elif not officer:
    ui.empty(_("Bills of machines appear here once the first is returned."))
use_lists.operators(operators, who)
upkeep.section(who)
if who.may(ui.Action.DASHBOARD_SEE):
    use_results.results(on, who)
