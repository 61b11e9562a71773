"""The baseline: our pages for one fixed person, by `streamlit run` from an empty folder.

No middleware, no settings of ours, nobody signs in: who is looking stands in the environment.
"""

import os
import runpy

import streamlit as st

from kopprod.ui import places

# Streamlit's own answer to who is looking, which nothing sets where nobody signs in.
st.user = {  # type: ignore[assignment]
    "coop": os.environ["KOPPROD_PLAIN_COOP"],
    "signin": os.environ["KOPPROD_PLAIN_SIGNIN"],
}
runpy.run_path(str(places.FOLDER.parent / "kopprod" / "ui" / "menu.py"), run_name="__main__")
