"""Our own mistakes: loud in the log, and a short apology with a code to quote on the screen."""

import logging
import secrets

import streamlit as st

from kopprod.ui.visit import _

_LOG = logging.getLogger("kopprod.mistakes")


def apologise(mistake: Exception) -> bool:
    """Log the mistake under a code and show that code; Streamlit then shows nothing of its own."""
    code = secrets.token_hex(3).upper()
    _LOG.critical("mistake %s", code, exc_info=mistake)
    st.error(
        _(
            "Something went wrong on our side. What you did last was not kept, and nothing was "
            "half-kept. Try again; if it happens again, tell the manager this code: {code}",
            code=code,
        )
    )
    return True
