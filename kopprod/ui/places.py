"""The places of the app: every page once, with its action, its words and its group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from kopprod.domain.access import Action, Person, Role
from kopprod.domain.refusal import N_
from kopprod.language import translate

FOLDER = Path(__file__).resolve().parent.parent.parent / "pages"


@dataclass(frozen=True)
class Place:
    """A page: its file in `pages/`, who may open it, its title, and its word under the thumb."""

    name: str
    action: Action | None
    title: str
    short: str
    group: str


TODAY, SELL, BUY = N_("Today"), N_("Selling"), N_("Procuring")
SHARE, MONEY = N_("Sharing"), N_("Money")
LOOK, SET = N_("Looking"), N_("Setting up")
GROUPS = (TODAY, SELL, BUY, SHARE, MONEY, LOOK, SET)

ALL: Sequence[Place] = (
    Place("home", None, N_("Home"), N_("Home"), TODAY),
    Place("output", None, N_("Log output"), N_("Log"), TODAY),
    Place("deliveries", Action.DELIVERIES_SEE, N_("Deliveries"), N_("Deliveries"), TODAY),
    Place("field_sheets", Action.DELIVERIES_RECEIVE, N_("Field sheets"), N_("Sheets"), TODAY),
    Place("stock", Action.DELIVERIES_SEE, N_("In store"), N_("Store"), SELL),
    Place("orders", Action.SALES_SEE, N_("Buyers' orders"), N_("Orders"), SELL),
    Place("sales", Action.SALES_SEE, N_("Sell together"), N_("Sell"), SELL),
    Place("quotes", Action.QUOTES_SEE, N_("Middleman's price"), N_("Price"), SELL),
    Place("purchases", Action.PURCHASES_SEE, N_("Buy together"), N_("Buy"), BUY),
    Place("needs", Action.PURCHASES_SEE, N_("What is needed"), N_("Needs"), BUY),
    Place("subsidies", Action.PURCHASES_SEE, N_("Subsidised fertiliser"), N_("Subsidy"), BUY),
    Place("bookings", Action.EQUIPMENT_SEE, N_("Machine schedule"), N_("Machines"), SHARE),
    Place("uses", Action.EQUIPMENT_SEE, N_("Using machines"), N_("Machines"), SHARE),
    Place("equipment", Action.EQUIPMENT_SEE, N_("Shared machines"), N_("Machines"), SHARE),
    Place("slips", None, N_("Slips"), N_("Slips"), MONEY),
    Place("payouts", Action.SLIPS_SEE_ALL, N_("Payouts"), N_("Pay"), MONEY),
    Place("receivables", Action.LEDGER_SEE, N_("What buyers owe"), N_("Debts"), MONEY),
    Place("ledger", Action.LEDGER_SEE, N_("Books"), N_("Books"), MONEY),
    Place("dashboard", Action.DASHBOARD_SEE, N_("Dashboard"), N_("Charts"), LOOK),
    Place("passport", None, N_("Member passport"), N_("Passport"), LOOK),
    Place("prices", Action.PRICES_SEE, N_("Published prices"), N_("Published"), LOOK),
    Place("members", Action.MEMBERS_SEE, N_("Members"), N_("Members"), SET),
    Place("products", Action.PRODUCTS_SEE, N_("Products"), N_("Products"), SET),
    Place("pricing", Action.PRODUCTS_SEE, N_("Price rules"), N_("Rules"), SET),
    Place("imports", Action.IMPORTS_RUN, N_("Files in"), N_("Files"), SET),
    Place("access", Action.ACCESS_SEE, N_("Access"), N_("Access"), SET),
    Place("cooperative", Action.COOPERATIVE_SEE, N_("The cooperative"), N_("Cooperative"), SET),
)


@cache
def pages(language: str, seen: frozenset[str]) -> Mapping[str, st.Page]:
    """Every page by its name; those in `seen` stand in the menu.

    The menu is read anew at each run, so it cannot keep them itself.
    """
    return {
        place.name: st.Page(
            FOLDER / f"{place.name}.py",
            title=translate(language, place.title),
            url_path=place.name,
            default=place.name == "home",
            visibility="visible" if place.name in seen else "hidden",
        )
        for place in ALL
    }


def open_to(person: Person) -> list[Place]:
    """The places that this person may open."""
    return [p for p in ALL if (p.action is None or person.may(p.action)) and not _bare(p, person)]


def _bare(place: Place, person: Person) -> bool:
    """Whether a page has nothing for this person: slips, who has none and may not see others'."""
    return (
        place.name == "slips" and person.member_id is None and not person.may(Action.SLIPS_SEE_ALL)
    )


_THUMBS: Sequence[tuple[Role, tuple[str, ...]]] = (
    (Role.MANAGER, ("home", "deliveries", "sales", "dashboard")),
    (Role.TREASURER, ("home", "payouts", "slips", "ledger")),
    (Role.OFFICER, ("home", "output", "deliveries", "quotes")),
    (Role.SUPERVISOR, ("home", "dashboard", "ledger", "slips")),
    (Role.MEMBER, ("home", "output", "slips", "quotes")),
)


def under_thumb(person: Person) -> list[Place]:
    """The four places always in reach, by the first of this person's roles."""
    for role, names in _THUMBS:
        if role in person.roles:
            return [p for name in names for p in ALL if p.name == name]
    return [ALL[0]]


def link(name: str, *, label: str, **key: int | None) -> None:
    """A link to a place by its name, perhaps with the key of what is opened there."""
    asked = {kind: str(value) for kind, value in key.items() if value is not None}
    # Named by its file, Streamlit would look for that file at each run.
    st.page_link(pages("id", frozenset())[name], label=label, query_params=asked or None)
