"""The baseline: our pages for one fixed person, by `streamlit run` from an empty folder.

No middleware, no settings of ours, nobody signs in: who is looking stands in the environment.
"""

import os
import runpy

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kopprod import style
from kopprod.ui import places

# Streamlit's own answer to who is looking, which nothing sets where nobody signs in.
context = get_script_run_ctx()
if context is not None:
    context.user_info["coop"] = os.environ["KOPPROD_PLAIN_COOP"]
    context.user_info["signin"] = os.environ["KOPPROD_PLAIN_SIGNIN"]
# The look comes with our document, which nothing rewrites here.
st.html(style.sheet() + style.words("id"))
runpy.run_path(str(places.FOLDER.parent / "kopprod" / "ui" / "menu.py"), run_name="__main__")
