"""What a young cooperative does first: the whole list, and the next of it on other pages."""

from dataclasses import dataclass

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.services import cooperative
from kopprod.ui import places
from kopprod.ui.visit import _, reading

_OF_GOODS = {"output", "deliveries", "field_sheets", "quotes", "passport"}


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
    """The next step that this person can take on another page than `here`; else nothing.

    Opening balances are no step towards an empty page of goods: only Home and set-up name them.
    """
    if not who.may(Action.COOPERATIVE_SEE):
        return
    steps = [step for step in _steps(who) if step.page != "ledger" or here not in _OF_GOODS]
    step = next((step for step in steps if step.page and not step.done), None)
    if step is not None and step.page != here:
        places.link(step.page, label=_("Next step: {step}", step=step.sentence) + "\u00a0→")


def _steps(who: Person) -> list[_Step]:
    with reading() as session:
        has = cooperative.first_steps(session)
    opening = _("The treasurer takes over the opening balances, on the page Books")
    if who.may(Action.LEDGER_POST):
        opening = _("Take over the opening balances: cash, stock, the members' savings")
    steps = (
        (has.villages > 0, _("Write down your villages"), Action.COOPERATIVE_CHANGE, "cooperative"),
        (
            has.products > 0,
            _("Set up what you make, with units and grades"),
            Action.PRODUCTS_CHANGE,
            "products",
        ),
        (
            has.members > 0,
            _("Enter the members, or take over your list from a file"),
            Action.MEMBERS_CHANGE,
            "members",
        ),
        (
            has.staff,
            _("Give access to the officer and the treasurer"),
            Action.ACCESS_CHANGE,
            "access",
        ),
        (has.opened, opening, Action.LEDGER_POST, "ledger"),
    )
    return [
        _Step(done, sentence, page if who.may(action) else "")
        for done, sentence, action, page in steps
    ]
