"""Subsidised fertiliser: the highest prices of a day, who may have how much, what is left."""

import streamlit as st

from kopprod import ui
from kopprod.services import cooperative, members, subsidies
from kopprod.ui import _
from kopprod.ui import subsidies as parts

who = ui.open_page(ui.Action.PURCHASES_SEE, "Subsidised fertiliser").person
leads, office = who.may(ui.Action.PURCHASES_CHANGE), who.may(ui.Action.PURCHASES_WANT_FOR)

with ui.reading() as session:
    seasons = subsidies.seasons(session)
    villages = {one.id: one.name for one in cooperative.villages(session)}
    people = members.members(session) if leads else []
season = ""
if seasons and (office or who.member_id is not None):
    season = st.selectbox(_("Season"), seasons, key="subsidy_season")
    with ui.reading() as session:
        rows = subsidies.entitlements(session, season=season)
    own = [one for one in rows if one.member_id == who.member_id]
    if own:
        st.subheader(_("What you may still have"), anchor=False)
        parts.mine(own)
    elif not office:
        st.info(_("You do not stand in the e-RDKK of this season. Ask the officer if it is wrong."))
    if office:
        st.subheader(_("What each member may still have"), anchor=False)
        parts.everybody(rows, villages=villages)
else:
    ui.empty(_("Entitlements from the e-RDKK appear here, with what is left of them."))
if leads:
    with st.expander(_("Write down or correct an entitlement")):
        parts.entitle(people, villages=villages, season=season)
    ui.link("imports", label=_("Bring the e-RDKK from a file"))

st.subheader(_("Highest retail prices (HET)"), anchor=False)
day = st.date_input(_("On which day?"), value=ui.today(), format="DD/MM/YYYY", key="het_day")
with ui.reading() as session:
    parts.ceilings(subsidies.ceilings(session, on=day))
st.caption(_("Nothing that is subsidised is sold above it, freight and fee included."))
