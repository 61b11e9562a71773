"""What members will need in the season: noted in the field, and made a purchase of."""

import streamlit as st

from kopprod import ui
from kopprod.services import articles, cooperative, members, needs
from kopprod.ui import _
from kopprod.ui import needs as parts
from kopprod.ui.choose import choose_member

who = ui.open_page(ui.Action.PURCHASES_SEE, "What is needed").person
leads, notes_for = who.may(ui.Action.PURCHASES_CHANGE), who.may(ui.Action.PURCHASES_WANT_FOR)

with ui.reading() as session:
    goods = articles.articles(session)
    villages = {one.id: one.name for one in cooperative.villages(session)}
    people = members.members(session) if notes_for else []
if not goods:
    ui.empty(_("What can be bought together appears here once the manager has written it down."))
    if leads:
        ui.link("purchases", label=_("To the purchases"))
    st.stop()

parts.made()
if who.member_id is not None:
    parts.note(goods, member_id=who.member_id)
elif notes_for:
    person = choose_member(people, villages=villages, key="need_member")
    if person is not None:
        parts.note(goods, member_id=person.id)

if who.member_id is not None or notes_for:
    with ui.reading() as session:
        rows = needs.waiting(session)
    st.subheader(_("Noted and waiting"), anchor=False)
    parts.waiting(rows, named=notes_for)

if who.may(ui.Action.MEMBERS_SEE):
    with ui.reading() as session:
        wanted = needs.demand(session)
    if wanted:
        st.subheader(_("By month and article"), anchor=False)
        parts.demand(wanted)
        if leads:
            with st.expander(_("Make a purchase of it")):
                parts.propose(wanted, villages=villages)
    elif not notes_for:
        ui.empty(_("Nothing is noted yet. What you write down here becomes the next purchase."))
