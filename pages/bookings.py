"""The schedule of shared machines: my bookings and my turn, what is free, asking in few taps."""

import streamlit as st

from kopprod import ui
from kopprod.services import booking_rations, booking_views, cooperative, equipment, members
from kopprod.ui import (
    _,
    booking_feeds,
    booking_form,
    booking_free,
    booking_office,
    booking_texts,
    places,
)
from kopprod.ui import bookings as parts
from kopprod.ui.choose import choose_member

who = ui.open_page(ui.Action.EQUIPMENT_SEE, "Machine schedule").person
asks_for, decides = who.may(ui.Action.BOOKINGS_ASK_FOR), who.may(ui.Action.BOOKINGS_DECIDE)
at = ui.now()
with ui.reading() as session:
    kinds = equipment.kinds(session)
if not kinds:
    ui.empty(_("Machines that can be booked appear here once the manager has written them down."))
    if who.may(ui.Action.EQUIPMENT_CHANGE):
        places.link("equipment", label=_("Write the first machine down"))
    st.stop()

if decides:
    booking_texts.show()
    booking_texts.given()
if who.member_id is not None:
    with ui.reading() as session:
        own = booking_views.mine(session, at=at)
        rations = booking_rations.left(session, who.member_id, on=ui.today())
    parts.mine(own, rations)

if decides:
    with ui.reading() as session:
        asked = booking_views.to_answer(session, at=at)
        timeless = booking_views.to_place(session, at=at)
    if asked:
        parts.answers(asked)
    if timeless:
        parts.without_time(timeless)

st.subheader(_("What is free, and where"), anchor=False)
between = booking_free.ask_days()
with ui.reading() as session:
    found = booking_views.free(session, between, at=at)
booking_free.free(found, on=parts.here().day_of(between.since), office=asks_for)

if asks_for:
    st.subheader(_("Ask for a machine"), anchor=False)
    choices = {"member": _("For a member"), "other": _("For somebody who is no member")}
    whom = st.segmented_control(
        _("For whom?"),
        list(choices),
        format_func=choices.__getitem__,
        default="member",
        key="book_whom",
        required=True,
        label_visibility="collapsed",
    )
    if whom == "member":
        with ui.reading() as session:
            people = members.members(session)
            villages = {one.id: one.name for one in cooperative.villages(session)}
        person = choose_member(people, villages=villages, key="book_member", value=who.member_id)
        if person is not None:
            booking_form.ask(kinds, member_id=person.id)
    else:
        name = st.text_input(_("Name"), key="book_other", max_chars=100)
        phone = st.text_input(_("Phone (may stay empty)"), key="book_phone", max_chars=40)
        if name.strip():
            booking_form.ask(kinds, member_id=None, other_name=name, other_phone=phone)
elif who.may(ui.Action.BOOKINGS_ASK_OWN) and who.member_id is not None:
    st.subheader(_("Ask for a machine"), anchor=False)
    booking_form.ask(kinds, member_id=who.member_id)

if decides:
    with ui.reading() as session:
        rows = booking_views.booked(session, between, at=at)
    parts.week(rows)
if who.member_id is not None:
    with st.expander(_("In the calendar of my phone")):
        booking_feeds.own()
if decides:
    booking_office.show(who)
