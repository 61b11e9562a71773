"""A fold: what is behind it is looked up and drawn only once somebody opens it."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def fold(label: str, *, key: str, expanded: bool = False, keeps: bool = False) -> Iterator[bool]:
    """A heading to tap; gives whether what is behind it is drawn, so that nothing is made before.

    What is not drawn forgets what was typed in it. `keeps`: once opened, it is drawn although it
    is closed again, so that it stays.
    """
    box = st.expander(label, expanded=expanded, key=key, on_change="rerun")
    is_open = bool(box.open)
    if keeps:
        was_open = f"{key}_was_open"
        st.session_state[was_open] = is_open = is_open or st.session_state.get(was_open, False)
    with box:
        yield is_open
