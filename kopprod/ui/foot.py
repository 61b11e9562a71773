"""The foot of the menu and of the first page: the other language, and the way out."""

import streamlit as st

from kopprod.services import signin
from kopprod.ui.visit import _, action, spoken

# Each in its own language, so that whoever does not read this one finds it.
OWN_NAMES = {"id": "Bahasa Indonesia", "en": "English"}


def show_foot(key: str) -> None:
    """The button that changes the language at once, and the link to sign out."""
    other = "en" if spoken() == "id" else "id"
    if st.button(OWN_NAMES[other], key=f"language_{key}", type="tertiary"):
        with action("", name="access.language") as session:
            signin.change_language(session, token_hash=str(st.user["signin"]), language=other)
    st.html(f'<a class="kp-out" href="/keluar" target="_self">{_("Sign out")}</a>')
