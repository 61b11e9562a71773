"""Serving the app, and making the demo cooperative anew: the commands `serve` and `demo`."""

import argparse
import os
from datetime import datetime

import uvicorn

from kopprod import db, demo
from kopprod.domain.refusal import N_, Refusal


class DemoThere(Refusal):
    """The demo is made once."""

    sentence = N_("The demo cooperative is there already. Say --anew to make it from the start.")


def ask_serve(parser: argparse.ArgumentParser) -> None:
    """Where to listen; the environment's HOST and PORT unless said otherwise."""
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8501")))


def serve(asked: argparse.Namespace) -> int:
    """Migrate, make the demo if it is missing, and serve until stopped."""
    os.environ["HOST"], os.environ["PORT"] = asked.host, str(asked.port)
    os.chdir(db.ROOT)
    uvicorn.run(
        "app:app",
        host=asked.host,
        port=asked.port,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
    )
    return 0


def ask_demo(parser: argparse.ArgumentParser) -> None:
    """Whether to begin again."""
    parser.add_argument("--anew", action="store_true", help="remove the demo that is there first")


def make_demo(asked: argparse.Namespace) -> int:
    """Make the demo cooperative as it would stand today."""
    if db.exists(demo.SLUG):
        if not asked.anew and demo.is_whole():
            raise DemoThere
        demo.remove()
    demo.make(on=datetime.now().astimezone().date())
    return 0
