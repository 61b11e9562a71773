"""Which season's price of a machine counts, where there are several on a day."""

from datetime import date

import streamlit as st

from kopprod.services import tariffs
from kopprod.ui.visit import _, reading


def ask_season(equipment_id: int, on: date, *, key: str) -> str | None:
    """The season, empty where there is nothing to choose or for all year; None until it is said."""
    with reading() as session:
        known = tariffs.seasons(session, equipment_id, on=on)
    if not known:
        return ""
    return st.radio(
        _("Which season's price?"),
        known,
        index=None,
        format_func=lambda one: one or _("The price of all year"),
        key=f"{key}_{on}",
    )
