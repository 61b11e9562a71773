"""A list whose lines open: one member, one product, each at an address of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from kopprod.ui.show import page_of
from kopprod.ui.visit import _, plain

# Each a line to tap on a phone, side by side on a laptop.
_STYLE = """<style>
.st-key-doors{display:grid;gap:.5rem;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr))}
.st-key-doors button>div{width:100%;justify-content:flex-start}
.st-key-doors button p{text-align:left}
</style>"""


@dataclass(frozen=True)
class Door:
    """One thing of a list by its key, its name, and words that tell it from others."""

    id: int
    name: str
    words: Sequence[str] = ()


def doors(things: Sequence[Door], *, parameter: str) -> None:
    """Lines that open; the key of the one that is open stands in the address as `parameter`."""
    st.html(_STYLE)
    shown = page_of(things, key=f"{parameter}_doors")
    with st.container(key="doors"):
        for thing in shown:
            label = " · ".join([f"**{plain(thing.name)}**", *map(plain, thing.words)])
            if st.button(label, key=f"open_{thing.id}", width="stretch"):
                st.query_params[parameter] = str(thing.id)
                st.rerun()


def opened(parameter: str) -> str:
    """What is open by the address; empty while it is the list."""
    return st.query_params.get(parameter, "")


def back(label: str) -> None:
    """The way back to the list."""
    if st.button(f"← {_(label)}", key="back", type="tertiary"):
        st.query_params.clear()
        st.rerun()
