"""A member's passport: everything between one member and the cooperative, to read and to keep."""

import streamlit as st

from kopprod import ui
from kopprod.services import cooperative, members, passport
from kopprod.ui import _, first_steps
from kopprod.ui import passport as parts
from kopprod.ui import sales as opening
from kopprod.ui.choose import choose_member
from kopprod.ui.passport_book import download
from kopprod.ui.rejections import papers_of
from kopprod.ui.rejections import section as section_of_rejected
from kopprod.ui.show import PAGE_ROWS

who = ui.open_page(ui.Action.PRICES_SEE, "Member passport").person
office = who.may(ui.Action.MEMBERS_SEE)
member_id = opening.chosen("member") or (None if office else who.member_id)

if member_id is None and office:
    with ui.reading() as session:
        people = members.members(session)
        villages = {village.id: village.name for village in cooperative.villages(session)}
    if not people:
        ui.empty(_("Nobody is in the register yet."))
        first_steps.show_next(who, here="passport")
        st.stop()
    first = [who.member_id] if who.member_id else []
    picked = choose_member(
        people, villages=villages, key="passport_member", first=first, may_be_all=True
    )
    if picked is None:
        ui.empty(_("Choose a member to see everything between her and the cooperative."))
        st.stop()
    opening.choose("member", picked.id)
    st.rerun()
if member_id is None:
    ui.empty(_("Members read here what is written down about them."))
    st.stop()

asked_for_all = st.session_state.get("passport_whole", False)
most = None if asked_for_all or st.session_state.get("passport_part") == "all" else PAGE_ROWS
with ui.reading() as session:
    found = passport.passport(session, member_id, on=ui.today(), most=most)
    called = cooperative.setting(session, "name")
parts.paper_style()
if office and st.button(_("Another member"), key="passport_back"):
    opening.choose("member", None)
    st.rerun()
parts.summary(found)
made = parts.sections(found)
if found.rejected:
    made.insert(2, section_of_rejected(found.rejected))
titles = {section.key: section.title for section in made} | {"all": _("Everything, to print")}
with st.container(key="passport_bar"):
    chosen = st.segmented_control(
        _("Which part?"),
        list(titles),
        format_func=titles.__getitem__,
        default=made[0].key,
        key="passport_part",
        required=True,
    )
    if found.older or asked_for_all:
        st.toggle(_("Older ones too, and all of it as a file"), key="passport_whole")
    if not found.older:
        download(found, made)
for section in made:
    if chosen in (section.key, "all"):
        parts.show(section, whole=chosen == "all")
    if chosen == section.key == "slip" and found.earned is not None and found.earned.slips:
        parts.documents(found.earned)
    if chosen == section.key == "ditolak":
        papers_of(found.rejected)
st.caption(_("{cooperative}, as of {day}", cooperative=ui.plain(called), day=ui.day(ui.today())))
