"""What happens before the server answers: migrate, make the demo, say how to get in."""

import gc
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import anyio.to_thread

from kopprod import db
from kopprod.migrations import run
from kopprod.web import assets, bundles, cookie, founding, signin, sockets

_LOG = logging.getLogger(__name__)


def lifespan(
    demo_is_whole: Callable[[], bool], make_demo: Callable[[date], None]
) -> Callable[[Any], Any]:
    """The server's life: prepare, then watch over the sockets until it stops."""

    @asynccontextmanager
    async def live(_app: Any) -> AsyncIterator[None]:
        bundles.install()
        await anyio.to_thread.run_sync(prepare, demo_is_whole, make_demo)
        # What was loaded stays until the end: looking through it for garbage held everybody up for
        # a fifth of a second, some hundred pages apart.
        gc.collect()
        gc.freeze()
        async with sockets.watching():
            yield

    return live


def prepare(demo_is_whole: Callable[[], bool], make_demo: Callable[[date], None]) -> None:
    """Bring every cooperative to the newest revision; one that fails stops only itself.

    Servers that start at once do so one after the other: the next ones find nothing left to do.
    """
    assets.prepare_to_serve(_say)
    with db.alone("start"):
        _prepare(demo_is_whole, make_demo)
    _say_how_to_get_in()


def _prepare(demo_is_whole: Callable[[], bool], make_demo: Callable[[date], None]) -> None:
    signin.broken.clear()
    newest = run.newest()
    for coop in db.coops():
        try:
            if run.revision(coop) != newest:
                run.upgrade(coop, at=datetime.now(UTC))
        except Exception:
            _LOG.exception("The cooperative %s could not be migrated and stays closed", coop)
            signin.broken.add(coop)
    if cookie.demo_is_on() and not demo_is_whole():
        _prepare_demo(make_demo)


def _prepare_demo(make_demo: Callable[[date], None]) -> None:
    _say("KopProd: preparing the demo cooperative, once ...")
    began = time.monotonic()
    try:
        make_demo(date.today())  # noqa: DTZ011 - the demo ends on the server's own day
    except Exception:
        _LOG.exception("The demo cooperative could not be made")
        signin.broken.add(cookie.DEMO)
        return
    _say(f"KopProd: the demo is ready after {time.monotonic() - began:.0f} s")


def _say_how_to_get_in() -> None:
    address = f"http://{_host()}:{os.environ.get('PORT', '8501')}"
    known = signin.known()
    lines = ["", f"  KopProd serves on {address}"]
    if known.demo:
        people = ", ".join(name for _user_id, name, _role in known.demo)
        lines.append(f"  Demo, one click on the sign-in page: {people}")
    if not known.real:
        lines.append(f"  To found a cooperative: {address}/dirikan")
        lines.append(f"  with the one-time founding code {founding.new_code()}")
    _say("\n".join([*lines, ""]))


def _host() -> str:
    host = os.environ.get("HOST", "127.0.0.1")
    return "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
