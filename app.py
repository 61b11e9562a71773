"""The ASGI entry: `uvicorn app:app`, or `streamlit run app.py`."""

from datetime import date

import streamlit as st
from starlette.middleware import Middleware

from kopprod import db, demo
from kopprod.ui.mistake import apologise
from kopprod.web import assets, calendar_feeds, checking, founding, health, receipts, signin, start
from kopprod.web.gate import Gate


def make_demo(on: date) -> None:
    """Make the demo cooperative, from the start if it broke off half-way."""
    if db.exists(demo.SLUG):
        demo.remove()
    demo.make(on=on)


app = st.App(
    db.ROOT / "kopprod" / "ui" / "menu.py",
    routes=[
        *signin.ROUTES,
        *founding.ROUTES,
        *checking.ROUTES,
        *calendar_feeds.ROUTES,
        *receipts.ROUTES,
        *health.ROUTES,
        *assets.ROUTES,
    ],
    middleware=[Middleware(Gate)],
    lifespan=start.lifespan(demo.is_whole, make_demo),
    on_script_error=apologise,
)
