"""Texts about bookings that moved: for each person concerned, and one for the members' group."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from sqlmodel import Session

from kopprod import language
from kopprod.domain import phones
from kopprod.domain.intervals import Calendar, Span
from kopprod.services import booking_moves, cooperative, days
from kopprod.services.booking_moves import Changed, Letter, Plan
from kopprod.ui.visit import _, plain, spoken

_KEPT = "booking_letters"


def moment(at: datetime, calendar: Calendar) -> str:
    """A moment by clocks of the place, in words."""
    return language.long_moment(spoken(), calendar.local(at))


def times(span: Span, calendar: Calendar) -> str:
    """From when to when: Senin, 6 April 2026, 08.00-10.00 WIB."""
    since, until = calendar.local(span.since), calendar.local(span.until)
    if since.date() != until.date():
        return f"{moment(span.since, calendar)} – {moment(span.until, calendar)}"
    said = moment(span.since, calendar)
    clock = moment(span.until, calendar).rsplit(", ", 1)[1]
    return f"{said.rsplit(' ', 1)[0]}–{clock}"


def _line(one: Changed, calendar: Calendar, *, whose: bool) -> str:
    what = f"{one.name}, {one.machine}" if whose else f"{one.machine} ({one.number})"
    before = times(one.before, calendar)
    if one.after is None:
        return _("- {what}: {before} is postponed, a new time follows", what=what, before=before)
    after = times(one.after, calendar)
    return _("- {what}: {before} becomes {after}", what=what, before=before, after=after)


def _letter(one: Letter, lead: str, sender: str, calendar: Calendar) -> str:
    lines = [_line(change, calendar, whose=one.operates) for change in one.changes]
    greeting = _("{name}, you operate:", name=one.name) if one.operates else f"{one.name},"
    return "\n".join([greeting, lead, *lines, *([sender] if sender else [])])


def keep(session: Session, plan: Plan, lead: str) -> None:
    """Remember the texts of what was just done, until somebody says that all are told."""
    calendar, sender = days.calendar(session), cooperative.setting(session, "name")
    letters = booking_moves.letters(session, plan.moved)
    lines = [_line(one, calendar, whose=True) for one in plan.moved]
    st.session_state[_KEPT] = {
        "group": "\n".join([lead, *lines, *([sender] if sender else [])]) if lines else lead,
        "people": [
            (one.name, one.phone or "", _letter(one, lead, sender, calendar)) for one in letters
        ],
    }


def show() -> None:
    """The texts that are still to be sent, each ready for WhatsApp or to copy."""
    kept = st.session_state.get(_KEPT)
    if not kept:
        return
    with st.container(border=True, key="booking_letters_box"):
        st.subheader(_("Tell everybody"), anchor=False)
        st.markdown(f"**{_('For the group')}**")
        _one(kept["group"], "", key="group")
        people: Sequence[tuple[str, str, str]] = kept["people"]
        for place, (name, phone, text) in enumerate(people):
            with st.expander(_("Text for {name}", name=plain(name)), key=f"letter_{place}"):
                _one(text, phone, key=str(place))
        if st.button(_("Everybody is told"), key="booking_told", width="stretch"):
            st.session_state.pop(_KEPT)
            st.rerun()


def _one(text: str, phone: str, *, key: str) -> None:
    st.code(text, language=None, wrap_lines=True)
    st.link_button(
        _("Send by WhatsApp"),
        phones.whatsapp_link(phone, text),
        width="stretch",
        key=f"booking_text_{key}",
    )
