"""The frame of every page: which pages there are, and the way to them."""

from collections.abc import Mapping
from copy import copy

import streamlit as st

from kopprod import style
from kopprod.domain.access import Person, Role
from kopprod.ui import places
from kopprod.ui.foot import show_foot
from kopprod.ui.visit import _, one_step, plain, remember, spoken, visit


def frame() -> None:
    """Show the chosen page with the links around it."""
    st.set_page_config(page_title="KopProd", layout="wide", initial_sidebar_state="auto")
    who = visit()
    _style()
    # Streamlit notes in a page whether it is the one that is shown: each run has its own copies.
    kept = places.pages(spoken(), frozenset(p.name for p in places.open_to(who.person)))
    pages = {name: copy(page) for name, page in kept.items()}
    if who.person.roles - {Role.MEMBER}:
        page = st.navigation(_groups(pages), expanded=True)
        _below(who.person)
    else:
        page = st.navigation([*pages.values()], position="hidden")
    _thumbs(who.person, pages)  # first, since a page may end early
    page.run()


def _style() -> None:
    # The look came with the document, in the language that was spoken then.
    if spoken() != remember("document_language", spoken):
        st.html(style.words(spoken()))


def _groups(pages: Mapping[str, st.Page]) -> dict[str, list[st.Page]]:
    """The pages by the day's work; whoever may not open one does not see it."""
    return {
        _(heading): [pages[place.name] for place in places.ALL if place.group == heading]
        for heading in places.GROUPS
    }


def _below(person: Person) -> None:
    with st.sidebar:
        st.caption(plain(person.name))
        show_foot("side")


def _thumbs(person: Person, pages: Mapping[str, st.Page]) -> None:
    # A closed sidebar is overlooked on a phone: four places are always under the thumb.
    with (
        st.bottom,
        st.container(horizontal=True, horizontal_alignment="distribute", key="thumbs"),
    ):
        for place in places.under_thumb(person):
            st.page_link(pages[place.name], label=_(place.short))


if __name__ in ("__main__", "kopprod.ui.menu"):
    with one_step():
        frame()
