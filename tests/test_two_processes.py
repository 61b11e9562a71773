"""Two processes of the app behind Caddy, on one PostgreSQL: one is killed, and its people go on.

Caddy reads `deploy/Caddyfile`, as it does on a server.
"""

import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.migrations import run
from kopprod.services import signin
from kopprod.tables.output import OutputLog
from tests import make, postgres
from tests.browser import PHONE, ROOT, Server, fill, go, open_page, press, settle
from tests.browser import sign_in as enter
from tests.databases import COOP

pytestmark = pytest.mark.browser

AYU, BUDI = make.Key("ayu"), make.Key("budi")
WAY = "kopprod_way"  # the cookie by which Caddy knows a browser's process


@dataclass(frozen=True)
class Process:
    """One process of the app."""

    port: int
    running: subprocess.Popen[bytes]
    log: Path

    @property
    def way(self) -> str:
        """What Caddy's cookie holds for it."""
        return hmac.new(b"", f"127.0.0.1:{self.port}".encode(), hashlib.sha256).hexdigest()

    def kill(self) -> None:
        """It is gone at once, as after a power cut."""
        self.running.kill()
        self.running.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of an empty database, on a PostgreSQL of this file's own."""
    try:
        postgres.program("initdb")
    except postgres.NoPostgres as missing:
        pytest.skip(str(missing))
    with postgres.serving() as server, pytest.MonkeyPatch.context() as patch:
        url = server.database("postgres")
        patch.setenv("KOPPROD_DB", url)
        yield url
        db.close_connections()


@contextmanager
def started(program: list[str], log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of this test, ended with it."""
    with log.open("wb") as out:
        running = subprocess.Popen(
            program, cwd=ROOT, env=os.environ | settings, stdout=out, stderr=out
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(timeout=5)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def two(folder: Path, **settings: str) -> Iterator[list[Process]]:
    """Two processes of the app that start in the same moment."""
    with ExitStack() as stack:
        both = []
        for port in (free_port(), free_port()):
            log = folder / f"{port}.log"
            program = [sys.executable, "-m", "kopprod", "serve", "--port", str(port)]
            at = {"KOPPROD_DATA": str(folder), "KOPPROD_PROXY": "127.0.0.1", **settings}
            both.append(Process(port, stack.enter_context(started(program, log, **at)), log))
        for one in both:
            wait_for(f"http://127.0.0.1:{one.port}", one.log)
        yield both


def wait_for(site: str, log: Path) -> None:
    """Wait until somebody serves there who is well, or show what was logged."""
    until = time.monotonic() + 180
    while True:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{site}/sehat", timeout=2).status_code == 200:
                return
        if time.monotonic() > until:
            raise RuntimeError(log.read_text()[-5_000:])
        time.sleep(0.1)


@contextmanager
def caddy(both: list[Process], folder: Path) -> Iterator[str]:
    """Caddy as `deploy/` sets it up, before these processes."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("caddy is not here; on Debian: apt install caddy")
    site, log = f"http://127.0.0.1:{free_port()}", folder / "caddy.log"
    settings = {
        "KOPPROD_SITE": site,
        "KOPPROD_SERVERS": " ".join(f"127.0.0.1:{one.port}" for one in both),
        "KOPPROD_ADMIN": "off",
        "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
    }
    config = [program, "run", "--config", str(ROOT / "deploy" / "Caddyfile")]
    with started(config, log, **settings):
        wait_for(site, log)
        yield site


@pytest.fixture(scope="module")
def people(database: str) -> str:
    """A cooperative with a product, two members and a manager."""
    assert database
    run.create(COOP)
    with db.writing(COOP, person=SYSTEM, action="test", at=make.AT) as session:
        make.product(session)
        for name in ("Ayu", "Budi"):
            make.user(session, Role.MEMBER, name=name)
        make.user(session, Role.MANAGER, name="Citra")
    return COOP


@pytest.fixture(scope="module")
def house(people: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Process]]:
    """Two processes that serve it."""
    assert people
    with two(tmp_path_factory.mktemp("two"), KOPPROD_DEMO="off") as both:
        yield both


def logged() -> list[str]:
    """What was logged, as it was typed."""
    with db.reading(COOP, person=SYSTEM) as session:
        return [log.typed for log in session.exec(select(OutputLog).order_by(col(OutputLog.id)))]


def arrive(browser: Browser, site: str, at: Process, who: make.Key, stack: ExitStack) -> Page:
    """A phone whose way leads to this process, signed in, at the output log."""
    page = open_page(browser, Server(site, at.log), PHONE)
    stack.callback(page.context.close)
    page.context.add_cookies([{"name": WAY, "value": at.way, "url": site}])
    go(enter(page, who), "output")
    assert way(page) == at.way
    return page


def way(page: Page) -> str:
    """Which process Caddy has chosen for this browser."""
    return next(c["value"] for c in page.context.cookies() if c["name"] == WAY)


def test_guesses_at_both_processes_are_counted_together(house: list[Process]) -> None:
    with ExitStack() as stack:
        clients = [
            stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{one.port}"))
            for one in house
        ]
        typed = {"koperasi": COOP, "nama": "citra", "pin": "000000"}
        for turn in range(6):
            at = clients[turn % 2]
            answer = at.post("/masuk", data=typed, headers={"origin": str(at.base_url)})
        right = typed | {"pin": make.PIN}
        answer = clients[0].post(
            "/masuk", data=right, headers={"origin": f"http://127.0.0.1:{house[0].port}"}
        )

    assert answer.status_code == 403
    assert "Terlalu banyak" in answer.text


def test_one_is_killed_and_its_people_go_on_at_the_other(
    house: list[Process], browser: Browser, tmp_path: Path
) -> None:
    one, other = house
    with caddy(house, tmp_path) as site, ExitStack() as stack:
        ayu = arrive(browser, site, one, AYU, stack)
        budi = arrive(browser, site, other, BUDI, stack)
        fill(ayu, "Berapa banyak?", "2,5 kuintal")
        fill(budi, "Berapa banyak?", "40 kg")

        one.kill()

        press(budi, "Benar, catat")
        assert logged() == ["40 kg"]
        settle(ayu)
        expect(ayu.get_by_label("Berapa banyak?")).to_have_value("2,5 kuintal")
        press(ayu, "Benar, catat")
        assert logged() == ["40 kg", "2,5 kuintal"]
        go(ayu, "output")  # she has not signed in again
        assert way(ayu) == other.way

        with db.writing(COOP, person=SYSTEM, action="test", at=datetime.now(UTC)) as session:
            signin.revoke_all(session, at=datetime.now(UTC))
        for page in (ayu, budi):
            expect(page).to_have_url(f"{site}/masuk?keluar=1", timeout=5_000)
