"""The address of a calendar on the screen: opened, shown once, renewed, closed."""

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from kopprod.domain.refusal import N_
from kopprod.services import calendar_feeds
from kopprod.ui.visit import _, action, now, reading, visit


def of_machine(equipment_id: int) -> None:
    """A machine's calendar, for the office: it names nobody."""
    with reading() as session:
        is_open = calendar_feeds.is_open_for_equipment(session, equipment_id)
    st.caption(_("It says when the machine is taken or out of service, and names nobody."))
    _ask(
        f"machine_{equipment_id}",
        is_open,
        lambda session: calendar_feeds.renew_for_equipment(session, equipment_id, at=now()),
        lambda session: calendar_feeds.end_for_equipment(session, equipment_id, at=now()),
    )


def own() -> None:
    """The calendar of whoever is signed in, a member."""
    with reading() as session:
        is_open = calendar_feeds.is_open_own(session)
    st.caption(_("Your bookings in the calendar of your phone, always up to date."))
    _ask(
        "own",
        is_open,
        lambda session: calendar_feeds.renew_own(session, at=now()),
        lambda session: calendar_feeds.end_own(session, at=now()),
    )


def _ask(
    key: str, is_open: bool, renew: Callable[[Session], str], end: Callable[[Session], None]
) -> None:
    kept = f"feed_{key}"
    shown = st.session_state.get(kept)
    if shown and is_open:
        st.code(shown, language=None, wrap_lines=True)
        st.caption(
            _(
                "Add this address in your calendar program (subscribe to a calendar). Whoever "
                "knows it can read it, so keep it to yourself. It is shown only now."
            )
        )
    elif is_open:
        st.info(_("It has an address. Who lost it makes a new one; the old one then ends."))
    label = _("Make a new address; the old one ends") if is_open else _("Make an address")
    if st.button(label, key=f"{kept}_renew", width="stretch"):
        done = N_("The calendar has a new address.")
        with action(done, name="calendar_feeds.renew") as session:
            path = calendar_feeds.path(visit().coop, renew(session))
            st.session_state[kept] = f"{_origin()}{path}"
    if is_open and st.button(_("Close the address"), key=f"{kept}_end", width="stretch"):
        with action(N_("The address is closed."), name="calendar_feeds.end") as session:
            end(session)
            st.session_state.pop(kept, None)


def _origin() -> str:
    """Where this server is, as the browser sees it."""
    scheme, _sep, rest = (st.context.url or "").partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if rest else ""
