"""What a young cooperative does first: the whole list, and the next of it on other pages."""

from dataclasses import dataclass

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.services import cooperative
from kopprod.ui import places
from kopprod.ui.visit import _, reading


@dataclass(frozen=True)
class _Step:
    done: bool
    sentence: str
    page: str  # where it is done; empty for what this person leaves to somebody else


def show_all(who: Person, *, here: str) -> None:
    """The list, each step on another page than `here` a door, until all of it is done."""
    steps = _steps(who)
    if all(step.done for step in steps):
        return
    st.subheader(_("What comes first"), anchor=False)
    for step in steps:
        if step.done:
            st.write("✓ " + step.sentence)
        elif step.page and step.page != here:
            places.link(step.page, label="○ " + step.sentence)
        else:
            st.write("○ " + step.sentence)


def show_next(who: Person, *, here: str) -> None:
    """The next step that this person can take on another page than `here`; else nothing."""
    if not who.may(Action.COOPERATIVE_CHANGE):
        return
    for step in _steps(who):
        if not step.done and step.page == here:
            return
        if not step.done and step.page:
            places.link(step.page, label=_("Next step: {step}", step=step.sentence) + " →")
            return


def _steps(who: Person) -> list[_Step]:
    with reading() as session:
        has = cooperative.first_steps(session)
    opens = who.may(Action.LEDGER_POST)
    opening = _("Take over the opening balances: cash, stock, the members' savings")
    if not opens:
        opening = _("The treasurer takes over the opening balances, on the page Books")
    steps = [
        _Step(has.villages > 0, _("Write down your villages"), "cooperative"),
        _Step(has.products > 0, _("Set up what you make, with units and grades"), "products"),
        _Step(
            has.members > 0, _("Enter the members, or take over your list from a file"), "members"
        ),
        _Step(has.staff, _("Give access to the officer and the treasurer"), "access"),
        _Step(has.opened, opening, "ledger" if opens else ""),
    ]
    if who.may(Action.COOPERATIVE_CHANGE):
        return steps
    return [_Step(step.done, step.sentence, "") for step in steps]
