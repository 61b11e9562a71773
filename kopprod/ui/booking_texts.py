"""Texts about bookings that moved: for each person concerned, and one for the members' group."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st
from sqlmodel import Session

from kopprod import language
from kopprod.domain import phones
from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import Calendar, Span
from kopprod.services import booking_letters, booking_moves, cooperative, days
from kopprod.services.booking_letters import Told
from kopprod.services.booking_moves import Changed, Letter, Plan
from kopprod.tables.bookings import Booking
from kopprod.ui.visit import _, now, plain, reading, spoken

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
    group = "\n".join([lead, *lines, *([sender] if sender else [])]) if lines else lead
    people = [(one.name, one.phone or "", _letter(one, lead, sender, calendar)) for one in letters]
    _remember([group], people)


def keep_rows(session: Session, *rows: Booking) -> None:
    """Remember the texts for whom the office just gave a time, or took one back."""
    calendar, sender = days.calendar(session), cooperative.setting(session, "name")
    found = booking_letters.after_act(session, *rows, at=now())
    if found:
        _remember([], [(one.name, one.phone or "", _of(one, sender, calendar)) for one in found])


def _remember(groups: Sequence[str], people: Sequence[tuple[str, str, str]]) -> None:
    # What was not sent yet of an earlier act stays.
    kept = st.session_state.get(_KEPT, {"groups": [], "people": []})
    st.session_state[_KEPT] = {
        "groups": [*kept["groups"], *groups],
        "people": [*kept["people"], *people],
    }


def _of(one: Told, sender: str, calendar: Calendar) -> str:
    when = times(one.span, calendar)
    facts = {"name": one.name, "machine": one.machine, "when": when, "number": one.number}
    if one.whose:
        return "\n".join([_operates(one, facts), *([sender] if sender else [])])
    if one.waited:
        said = _("{name}, the time that you waited for is yours: {machine}, {when} ({number}).",
                 **facts)  # fmt: skip
    elif one.stage is Stage.BOOKED:
        said = _("{name}, {machine} is booked for you: {when} ({number}).", **facts)
    elif one.offered:
        said = _("{name}, the time that you wait for is free now: {machine}, {when} ({number}). "
                 "Do you still want it?", **facts)  # fmt: skip
    elif one.stage is Stage.WAITING:
        said = _("{name}, you are on the waiting list for {machine}, {when} ({number}). "
                 "We tell you as soon as it is free.", **facts)  # fmt: skip
    elif one.stage is Stage.POSTPONED:
        said = _("{name}, {machine} of {when} is postponed ({number}). A new time follows.",
                 **facts)  # fmt: skip
    elif one.stage is Stage.REFUSED:
        said = _("{name}, we cannot give you {machine}, {when} ({number}): {reason}",
                 reason=one.note, **facts)  # fmt: skip
    else:
        said = _("{name}, {machine}, {when} is cancelled ({number}).", **facts)
    return "\n".join([said, *([sender] if sender else [])])


def _operates(one: Told, facts: Mapping[str, str]) -> str:
    """To an operator: for whom she works, when and where, or that she need not come."""
    if one.stage is Stage.CANCELLED:
        return _(
            "{name}, you need not come: {machine} for {whose} is cancelled, {when} ({number}).",
            whose=one.whose,
            **facts,
        )
    said = _("{name}, you operate {machine} for {whose}: {when} ({number}).",
             whose=one.whose, **facts)  # fmt: skip
    return f"{said} {_('Place: {place}', place=one.place)}" if one.place else said


def send(row: Booking) -> None:
    """A text for whoever has this booking, ready to be sent: how it stands now."""
    with reading() as session:
        (one,) = booking_letters.told(session, [row], at=now())
        text = _of(one, cooperative.setting(session, "name"), days.calendar(session))
    with st.popover(_("Text for {name}", name=plain(one.name)), width="stretch"):
        _one(text, one.phone or "", key=f"row_{row.id}")


def given() -> None:
    """Who got a time because a member gave hers back by herself, each with a text to send."""
    with reading() as session:
        found = booking_letters.given(session, at=now())
        calendar, sender = days.calendar(session), cooperative.setting(session, "name")
    if not found:
        return
    with st.expander(
        _("{n} got a time from the waiting list: tell them", n=len(found)), key="booking_given"
    ):
        for one in found:
            st.markdown(f"**{plain(one.name)}** ({plain(one.number)})")
            _one(_of(one, sender, calendar), one.phone or "", key=f"given_{one.number}")


def show() -> None:
    """The texts that are still to be sent, each ready for WhatsApp or to copy."""
    kept = st.session_state.get(_KEPT)
    if not kept:
        return
    with st.container(border=True, key="booking_letters_box"):
        st.subheader(_("Tell everybody"), anchor=False)
        for place, group in enumerate(kept["groups"]):
            st.markdown(f"**{_('For the group')}**")
            _one(group, "", key=f"group_{place}")
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
