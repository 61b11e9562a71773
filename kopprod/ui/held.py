"""The key of a form that is being filled in, held by the browser, so that a form writes once."""

from uuid import UUID, uuid4

import streamlit as st

from kopprod.ui.visit import remember


def held_turn(form: str) -> str:
    """The key of the form that is being filled in: another one after `next_turn`.

    Fields that carry it in their own key are empty for the next form; as `draft_key` it lets one
    form write once. The browser holds it, unseen, beside what is typed: a server that began anew,
    or another one behind the same address, learns all of it with the next thing that is pressed.
    """
    key, used = f"held_{form}", st.session_state.get(f"used_{form}")
    fresh = str(remember(f"fresh_{form}", uuid4))
    if used is not None and st.session_state.get(key, used) == used:
        fresh = st.session_state[key] = str(uuid4())
        return _hold(key, "", fresh)
    return _hold(key, fresh, fresh)


def _hold(key: str, value: str, otherwise: str) -> str:
    held = st.text_input(key, value, key=key, max_chars=36, label_visibility="collapsed")
    try:
        return str(UUID(held))
    except ValueError:  # somebody's browser holds something else
        return otherwise


def next_turn(form: str) -> None:
    """The form was kept: the next run begins an empty one, with a key of its own."""
    st.session_state[f"used_{form}"] = st.session_state[f"held_{form}"]
