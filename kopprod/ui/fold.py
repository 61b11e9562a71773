"""A fold: what is behind it is looked up and drawn only once somebody opens it."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def fold(label: str, *, key: str, expanded: bool = False) -> Iterator[bool]:
    """A heading to tap; gives whether it is open, so that nothing is made for a closed one.

    Where a person types something that is kept nowhere else, use `st.expander`: what is not drawn
    forgets what was in it.
    """
    box = st.expander(label, expanded=expanded, key=key, on_change="rerun")
    with box:
        yield bool(box.open)
