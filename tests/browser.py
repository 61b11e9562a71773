"""A real server and a real Chromium, for tests that look at what people see.

A test asks for `phone` or `laptop` and opens a browser for each person, on the test's `coop`:
`ayu = phone(make.Key("ayu"))`; then `press(ayu, "Simpan")`, `read(ayu)`.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Literal, Protocol
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    WebSocket,
    WebSocketRoute,
    expect,
    sync_playwright,
)
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests import make

ROOT = Path(__file__).resolve().parent.parent
PHONE, LAPTOP = (390, 844), (1280, 800)
LONG_S = 5.0  # after which a run has begun, or none will
PATIENCE_MS = 20_000  # two cores may be busy with three browsers

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # as root Chromium starts no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_IDLE = (
    '[data-testid="stApp"][data-test-script-state="notRunning"]'
    '[data-test-connection-state="CONNECTED"]'
)
_CLOSED_SIDEBAR = '[data-testid="stSidebar"][data-collapsed="true"]'


class NoChromium(Exception):
    """No Chromium is installed."""


@dataclass
class _Talk:
    """Whether the server owes the page the end of a run: a busy one begins after a moment only."""

    waits: bool = False
    sent: int = 0

    def listen(self, wire: WebSocket) -> None:
        """Follow one connection."""
        wire.on("framesent", self._say)
        wire.on("framereceived", self._hear)
        wire.on("close", lambda _: setattr(self, "waits", False))

    def _say(self, _frame: str | bytes) -> None:
        self.waits, self.sent = True, self.sent + 1

    def _hear(self, frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame) if isinstance(frame, bytes) else ForwardMsg()
        early = ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if message.WhichOneof("type") == "script_finished" and message.script_finished != early:
            self.waits = False


_TALKS: WeakKeyDictionary[Page, _Talk] = WeakKeyDictionary()


class OpensPages(Protocol):
    """Opens a browser for a person, signed in; for nobody, at the sign-in page."""

    def __call__(self, who: make.Key | None = None) -> Page:
        """A page of a new browser context."""


def chromium() -> str:
    """Debian's Chromium, or whatever of the family is in the PATH."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise NoChromium("no Chromium is here; on Debian: apt install chromium")


@contextmanager
def launched() -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Server:
    """A running KopProd."""

    url: str
    log: Path
    pid: int = 0


@contextmanager
def serving(log: Path, **settings: str) -> Iterator[Server]:
    """Run the app in a process of its own on a free port; `settings` go into its environment."""
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1"]
            + ["--port", str(port), "--no-access-log"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=out,
            stderr=out,
        )
    try:
        wait_until_serving(process, port, log)
        yield Server(f"http://127.0.0.1:{port}", log, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_serving(
    process: subprocess.Popen[bytes], port: int, log: Path, path: str = "/sehat"
) -> None:
    """Wait until the server that was just started answers; say what it wrote if it does not."""
    until = time.monotonic() + 120
    while True:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the server did not start:\n{log.read_text()}")
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()


def open_page(browser: Browser, server: Server, size: tuple[int, int]) -> Page:
    """A page in a new context of this size, set to Indonesian, at the door."""
    width, height = size
    small = size == PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=small,
        has_touch=small,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        base_url=server.url,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("websocket", _TALKS.setdefault(page, _Talk()).listen)
    page.goto("/")
    return page


def settle(page: Page) -> Page:
    """Wait until Streamlit has shown all it has to show."""
    expect(page.locator(_IDLE)).to_be_attached(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=PATIENCE_MS)
    return page


def go(page: Page, place: str) -> Page:
    """Open a page of the app by its address, as from a bookmark."""
    page.goto("/" if place == "home" else f"/{place}")
    return settle(page)


def press(page: Page, name: str) -> Page:
    """Press the button or link of this name, and wait for what comes of it."""
    button(page, name).click()
    return heard(page)


def heard(page: Page) -> Page:
    """Wait until the server has heard of what was done, and has answered."""
    page.wait_for_timeout(100)
    talk, until = _TALKS.get(page, _Talk()), time.monotonic() + LONG_S
    while talk.waits and time.monotonic() < until:
        page.wait_for_timeout(20)
    return settle(page)


def button(page: Page, name: str) -> Locator:
    """The button or link of this name that is on the screen, not in a closed sidebar."""
    exactly = re.compile(rf"^\s*{re.escape(name)}\s*$")
    found: Locator = page.get_by_role("button", name=exactly)
    found = found.or_(page.get_by_role("link", name=exactly))
    return found.and_(page.locator(f":not({_CLOSED_SIDEBAR} *)")).filter(visible=True).first


def press_twice(page: Page, name: str) -> Page:
    """Press so fast that nothing can happen in between."""
    button(page, name).evaluate("(it) => { it.click(); it.click() }")
    return heard(page)


def press_together(pages: Sequence[Page], name: str) -> None:
    """Press the same button on several screens, by their clocks in the same moment."""
    at_ms = time.time() * 1_000 + 700
    for page in pages:
        button(page, name).evaluate(
            "(it, at) => setTimeout(() => it.click(), at - Date.now())", at_ms
        )
    before = [_TALKS[page].sent for page in pages]
    for page, sent in zip(pages, before, strict=True):
        page.wait_for_timeout(max(0, at_ms + 300 - time.time() * 1_000))
        until = time.monotonic() + LONG_S
        while _TALKS[page].sent == sent and time.monotonic() < until:
            page.wait_for_timeout(20)  # a busy machine presses late
        heard(page)


class Line:
    """The line between a page and the server, which a test can break one way or the other."""

    def __init__(self, page: Page) -> None:
        """Open the page anew over this line."""
        self.page, self.out, self.back = page, True, True
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/_stcore/stream"), self._join)
        reopen(page)

    def _join(self, browser: WebSocketRoute) -> None:
        self.sockets.append(browser)
        server = browser.connect_to_server()
        browser.on_message(lambda said: server.send(said) if self.out else None)
        server.on_message(lambda said: browser.send(said) if self.back else None)

    def cut(self) -> None:
        """The phone has no network any more."""
        self.page.context.set_offline(True)
        self.sockets[-1].close()

    def join(self) -> Page:
        """The phone has network again."""
        self.page.context.set_offline(False)
        return settle(self.page)

    def mend(self) -> None:
        """Both ways are open again, and the person opens the page anew."""
        self.out, self.back = True, True
        reopen(self.page)


def reopen(page: Page) -> Page:
    """Open the same address anew."""
    page.reload()
    return settle(page)


def fill(page: Page, label: str, text: str) -> Page:
    """Type into the field of this label, and leave it."""
    field = page.get_by_label(label, exact=True).first
    for _once_more in range(3):  # a page that was just opened may draw the field again
        field.fill(text)
        field.blur()
        heard(page)
        if field.count() == 0 or field.input_value() == text:
            break
    return page


def choose(page: Page, label: str, option: str) -> Page:
    """Choose from the list of this label."""
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option, exact=True).first.click()
    return heard(page)


def pick(page: Page, label: str, option: str) -> Page:
    """Choose from the buttons of this label."""
    page.get_by_role("radiogroup", name=label).get_by_role("radio", name=option).click()
    return heard(page)


def tick(page: Page, label: str) -> Page:
    """Tick the box, or turn the switch, of this label."""
    page.get_by_test_id("stCheckbox").filter(has_text=label).locator("label").click()
    return heard(page)


def unfold(page: Page, name: str) -> Page:
    """Open what is folded away under this name."""
    page.locator("summary", has_text=name).click()
    return settle(page)


def read(page: Page) -> str:
    """The words on the screen."""
    return page.locator("body").inner_text()


def picture(page: Page, path: Path) -> None:
    """A picture of the whole page: Streamlit scrolls an inner box, so the window grows."""
    size = page.viewport_size or {"width": LAPTOP[0], "height": LAPTOP[1]}
    tall = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll('[data-testid="stMain"], html')]
                .map(box => box.scrollHeight + 8))"""
    )
    page.set_viewport_size({"width": size["width"], "height": min(max(tall, size["height"]), 6000)})
    page.wait_for_timeout(250)  # until charts have taken their new size
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.set_viewport_size(size)


def _as_long_as_possible(fixture_name: str, config: pytest.Config) -> Literal["session", "module"]:
    """Chromium's driver runs a loop; tests that start one of their own come only after it."""
    assert fixture_name == "browser"
    return "session" if config.option.markexpr == "browser" else "module"


@pytest.fixture(scope=_as_long_as_possible)
def browser() -> Iterator[Browser]:
    """Chromium, started once for the tests in the browser, or for a file of them among others."""
    try:
        chromium()
    except NoChromium as missing:
        pytest.skip(str(missing))
    with launched() as running:
        yield running


@pytest.fixture(scope="session")
def shared_server(coop_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """KopProd in a process of its own, without the demo, serving one cooperative after the other.

    Each test's has another name, so nothing that the server remembers is of an earlier test.
    """
    log = tmp_path_factory.mktemp("server") / "server.log"
    place = f"sqlite:///{coop_folder}/coops/{{coop}}.db"
    with serving(log, KOPPROD_DB=place, KOPPROD_DEMO="off") as running:
        yield running


@pytest.fixture
def server(coop: str, shared_server: Server) -> Server:
    """The server, at which the test's cooperative is the only one."""
    assert coop
    return shared_server


@dataclass
class Screens:
    """What is open during a test, for the report if it fails."""

    server: Server
    folder: Path
    pages: list[Page]

    def evidence(self) -> Iterator[tuple[str, str]]:
        """The words of each screen, with a picture of it in a file, and what the server logged."""
        for number, page in enumerate(self.pages, 1):
            path = self.folder / f"screen-{number}.png"
            page.screenshot(path=path)
            yield f"{page.url} ({path})", read(page)
        yield "the server's log", self.server.log.read_text()[-5000:]


SCREENS = pytest.StashKey[Screens]()


@pytest.fixture
def opened(
    browser: Browser, server: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[tuple[int, int], make.Key | None], Page]]:
    """Opens pages, and closes them after the test."""
    screens = request.node.stash[SCREENS] = Screens(server, tmp_path, [])

    def open_one(size: tuple[int, int], who: make.Key | None) -> Page:
        page = open_page(browser, server, size)
        screens.pages.append(page)
        return page if who is None else sign_in(page, who)

    yield open_one
    for page in screens.pages:
        page.context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Show what was on the screens when the test failed."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if call.when == "call" and report.failed and SCREENS in item.stash:
        report.sections += item.stash[SCREENS].evidence()
    return report  # type: ignore[return-value]


@pytest.fixture
def phone(opened: Callable[[tuple[int, int], make.Key | None], Page]) -> OpensPages:
    """Opens a phone's browser for a person."""

    def open_one(who: make.Key | None = None) -> Page:
        return opened(PHONE, who)

    return open_one


@pytest.fixture
def laptop(opened: Callable[[tuple[int, int], make.Key | None], Page]) -> OpensPages:
    """Opens a laptop's browser for a person."""

    def open_one(who: make.Key | None = None) -> Page:
        return opened(LAPTOP, who)

    return open_one


def sign_in(page: Page, who: make.Key) -> Page:
    """Sign in at the real sign-in page."""
    page.locator('[name="nama"]').fill(who.name)
    page.locator('[name="pin"]').fill(who.secret)
    page.locator('form[action="/masuk"] button').click()
    return settle(page)
