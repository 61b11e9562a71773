"""`page_bytes.*`: what a first visit sends: ours, and beside it plain Streamlit's.

Bytes are those that Chromium reports as received with nothing kept from before, and with them what
came over the WebSocket before it was unpacked. Both servers show the same copy of the demo to its
manager. `python -m benchmarks.pages`.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import select

from benchmarks import figures
from benchmarks.people import COOP, Someone, village
from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.services import signin
from kopprod.tables.access import AppUser
from kopprod.web import assets
from tests.browser import PHONE, ROOT, launched, serving

PIN = "481620"
LOG, DASHBOARD, SIGN_IN = "/output", "/dashboard", "/masuk"
GOALS = {SIGN_IN: 30_000, LOG: 600_000, DASHBOARD: 1_900_000}
NAMES = {SIGN_IN: "signin", LOG: "log", DASHBOARD: "dashboard"}
PATIENCE_MS = 120_000
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
USABLE = '[data-testid="stMain"] [data-testid="stSelectbox"]'
CHART = '[data-testid="stPlotlyChart"] .main-svg'


@dataclass(frozen=True)
class Servers:
    """Both servers, and who visits them."""

    ours: str
    plain: str
    who: Someone


def measure() -> None:
    """Print a line for each figure of the pages."""
    with (
        tempfile.TemporaryDirectory() as folder,
        both(Path(folder)) as servers,
        launched() as chrome,
    ):
        for path, goal in GOALS.items():
            ours = bytes_of(chrome, servers.ours, path, servers.who)
            plain = bytes_of(chrome, servers.plain, LOG if path == SIGN_IN else path)
            figures.line(f"page_bytes.{NAMES[path]}", ours, goal, 1, plain=plain)


# --- the two servers -------------------------------------------------------------------------


@contextmanager
def both(folder: Path) -> Iterator[Servers]:
    """Ours and the plain one, on the same cooperative."""
    assets.prepare()
    with ExitStack() as stack:
        who = stack.enter_context(cooperative(folder))
        ours = stack.enter_context(serving(folder / "ours.log", KOPPROD_DEMO="off"))
        plain = stack.enter_context(serving_plain(folder, who))
        yield Servers(ours.url, plain, who)


@contextmanager
def cooperative(folder: Path) -> Iterator[Someone]:
    """A copy of the demo as a cooperative of its own, whose manager has a PIN."""
    with village(folder):
        yield _manager(datetime.now(UTC))


def _manager(at: datetime) -> Someone:
    with db.reading(COOP) as session:
        people = signin.demo_people(session)
        user_id = next(id_ for id_, _name, role in people if role is Role.MANAGER)
        user = session.exec(select(AppUser).where(AppUser.id == user_id)).one()
        name = user.user_name or str(user.phone)
    person, secret_hash = Person(user_id, name), signin.hash_secret(PIN)
    with db.writing(COOP, person=person, action="benchmark", at=at) as session:
        made = signin.change_secret(session, user_id=user_id, secret_hash=secret_hash, at=at)
    return Someone(name, signin.hash_token(made.token))


@contextmanager
def serving_plain(folder: Path, who: Someone) -> Iterator[str]:
    """`streamlit run benchmarks/plain.py` from an empty folder; it tells nobody of it."""
    empty = folder / "empty"
    empty.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"KOPPROD_PLAIN_COOP": COOP, "KOPPROD_PLAIN_SIGNIN": who.sign_in}
    with (folder / "plain.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "benchmarks" / "plain.py")]
            + ["--server.port", str(port), "--server.address", "127.0.0.1"]
            + ["--server.headless", "true", "--browser.gatherUsageStats", "false"],
            cwd=empty,
            env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
            stdout=log,
            stderr=log,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait(address: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


# --- one visit -------------------------------------------------------------------------------


@contextmanager
def newcomer(chrome: Browser, url: str) -> Iterator[BrowserContext]:
    """A phone that was never here."""
    width, height = PHONE
    context = chrome.new_context(
        viewport={"width": width, "height": height},
        is_mobile=True,
        has_touch=True,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        base_url=url,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


class Meter:
    """What a page received."""

    def __init__(self, page: Page) -> None:
        """Count from now on."""
        self.received = 0
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("Network.enable")
        self.devtools.send("Network.setCacheDisabled", {"cacheDisabled": False})
        self.devtools.on("Network.loadingFinished", self._file)
        self.devtools.on("Network.webSocketFrameReceived", self._message)

    def _file(self, event: dict[str, Any]) -> None:
        self.received += int(event["encodedDataLength"])

    def _message(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        data = frame["payloadData"]
        self.received += len(b64decode(data)) if frame["opcode"] == 2 else len(data.encode())


def bytes_of(chrome: Browser, url: str, path: str, who: Someone | None = None) -> int:
    """What the first visit to a page receives; signing in, which comes before, is not of it."""
    with newcomer(chrome, url) as context:
        if who is not None and path != SIGN_IN:
            _come_in(context, url, who)
        page = context.new_page()
        meter = Meter(page)
        page.goto(path)
        if path != SIGN_IN:
            expect(page.locator(IDLE)).to_be_attached(timeout=PATIENCE_MS)
            expect(page.locator(USABLE).first).to_be_visible(timeout=PATIENCE_MS)
        if path == DASHBOARD:
            expect(page.locator(CHART).first).to_be_visible(timeout=PATIENCE_MS)
        page.wait_for_load_state("networkidle")
        return meter.received


def _come_in(context: BrowserContext, url: str, who: Someone) -> None:
    """Sign in without a page, so that nothing of a page is kept from before."""
    form: dict[str, str | float | bool] = {"koperasi": COOP, "nama": who.name, "pin": PIN}
    answer = context.request.post(
        SIGN_IN,
        form=form,
        headers={"origin": url, "sec-fetch-site": "same-origin"},
        max_redirects=0,
    )
    if answer.status != 303:
        raise RuntimeError(f"could not sign in: {answer.status}")


def main() -> None:
    """Measure once."""
    measure()


if __name__ == "__main__":
    main()
