"""In front of everything: whoever is not signed in gets nothing but the open paths.

Streamlit's script never decides who is in. The gate drops whatever identity headers a client sends
and sets its own from the cookie; `server.trustedUserHeaders` maps those to `st.user`, so that a
visitor who knows another's Streamlit session id cannot resume it.
"""

import gzip
import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.services import access
from kopprod.services.access import Standing
from kopprod.web import assets, document, sockets
from kopprod.web.cookie import Ticket, ticket

# Everything else is closed. Each path is meant exactly: nothing below it is open.
OPEN_PATHS = frozenset(
    {
        "/masuk",
        "/masuk/contoh",
        "/masuk/pin",
        "/keluar",
        "/dirikan",
        "/cek",
        "/sehat",
        "/favicon.png",
        "/favicon.ico",
    }
)
# Three shapes are open beside them: the page that confirms a paper, /cek/<cooperative>/<code>, a
# calendar at an address that nobody can guess, /kalender/<cooperative>/<token>.ics, and the files
# of Streamlit's pages, /berkas/<key>/js/<name>, which are the same for everybody.
_OPEN_SHAPE = re.compile(
    r"/cek/[a-z][a-z0-9_]{1,39}/[A-Za-z0-9-]{1,40}"
    r"|/kalender/[a-z][a-z0-9_]{1,39}/[A-Za-z0-9_-]{43}\.ics"
    r"|/berkas/[0-9a-f]{16}/(?:js|css|media)/[A-Za-z0-9_.-]{1,120}"
)
REMEMBERED_S = 2.0
_PAGE_PATH = re.compile(r"/[A-Za-z0-9_/-]*")
_OUR_HEADERS = b"x-kopprod-"
_FRESH = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}


def is_open(path: str) -> bool:
    """Whether a stranger may ask for this path."""
    return path in OPEN_PATHS or _OPEN_SHAPE.fullmatch(path) is not None


class Gate:
    """The middleware; the sign-ins it saw as valid are remembered for two seconds."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of `app`."""
        self.app = app
        self._remembered: dict[Ticket, tuple[float, Standing]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or turn away."""
        if scope["type"] == "http":
            await self._http(_without_our_headers(scope), receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(_without_our_headers(scope), receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        shown = ticket(connection)
        standing = None if shown is None else await self._standing(shown)
        wants_page = "text/html" in connection.headers.get("accept", "")
        if shown is None or standing is None or standing.must_change:
            away = _turned_away(scope, standing, wants_page)
            await away(scope, receive, send)
            return
        accepted = connection.headers.get("accept-encoding", "")
        scope = _with_headers(scope, shown, drop=_FRESH if wants_page else ())
        if wants_page and scope["method"] in {"GET", "HEAD"}:
            await _Rewriting(send, scope, standing.person, accepted).run(self.app, receive)
        else:
            await self.app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = ticket(HTTPConnection(scope))
        standing = None if shown is None else await anyio.to_thread.run_sync(_look_up, shown)
        if shown is None or standing is None or standing.must_change:
            # Refusing the handshake would only make the browser try again: accept, and say why.
            await receive()
            offered = scope.get("subprotocols") or [None]
            await send({"type": "websocket.accept", "subprotocol": offered[0]})
            await send({"type": "websocket.close", "code": document.SIGNED_OUT})
            return
        socket = sockets.Socket(receive, send)
        sockets.add(shown, socket)
        try:
            await self.app(_with_headers(scope, shown), socket.receive, socket.send)
        finally:
            sockets.remove(shown, socket)

    async def _standing(self, shown: Ticket) -> Standing | None:
        now = time.monotonic()
        known = self._remembered.get(shown)
        if known is not None and now - known[0] < REMEMBERED_S:
            return known[1]
        standing = await anyio.to_thread.run_sync(_look_up, shown)
        if len(self._remembered) > 5000:
            self._remembered.clear()
        if standing is None:
            self._remembered.pop(shown, None)
        else:
            self._remembered[shown] = (now, standing)
        return standing


def _look_up(shown: Ticket) -> Standing | None:
    if not db.exists(shown.coop):
        return None
    with db.reading(shown.coop) as session:
        return access.standing(session, shown.token_hash, at=datetime.now(UTC))


def _turned_away(scope: Scope, standing: Standing | None, wants_page: bool) -> Response:
    headers = {"cache-control": "no-store"}
    if scope["method"] not in {"GET", "HEAD"} or not wants_page:
        return PlainTextResponse("401", status_code=401, headers=headers)
    if standing is not None:
        return RedirectResponse("/masuk/pin", status_code=303, headers=headers)
    path = scope["path"]
    wanted = path != "/" and _PAGE_PATH.fullmatch(path) and not path.startswith("//")
    where = f"/masuk?ke={quote(path)}" if wanted else "/masuk"
    return RedirectResponse(where, status_code=303, headers=headers)


def _without_our_headers(scope: Scope) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if not _is_ours(name)]
    return {**scope, "headers": kept}


def _is_ours(name: bytes) -> bool:
    # A proxy or library may fold underscores into dashes, so both spellings are dropped.
    return name.lower().replace(b"_", b"-").startswith(_OUR_HEADERS)


def _with_headers(scope: Scope, shown: Ticket, drop: Iterable[bytes] = ()) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in drop]
    kept.append((b"x-kopprod-coop", shown.coop.encode()))
    kept.append((b"x-kopprod-signin", shown.token_hash.encode()))
    return {**scope, "headers": kept}


class _Rewriting:
    """Collects an HTML answer and sends it on as our document; any other answer passes through."""

    def __init__(self, send: Send, scope: Scope, person: Person, accepted: str) -> None:
        self._send = send
        self._scope = scope
        self._person = person
        self._encoding = assets.chosen(accepted, ["gzip"])
        self._start: Message | None = None
        self._body = b""

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        # Asked with HEAD, a file has a length but no body to rewrite.
        await app({**self._scope, "method": "GET"}, receive, self._collect)

    async def _collect(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._pass(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _pass(self, message: Message) -> None:
        if self._scope["method"] == "HEAD" and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        officer = self._person.roles != {Role.MEMBER}
        page = assets.addressed(self._body, officer=officer)
        page = document.ours(page, self._person.language)
        page = gzip.compress(page, mtime=0) if self._encoding else page
        replaced = {
            b"content-length",
            b"etag",
            b"last-modified",
            b"cache-control",
            b"accept-ranges",
        }
        headers = [(name, value) for name, value in start["headers"] if name not in replaced]
        headers += [(b"content-encoding", b"gzip")] if self._encoding else []
        headers += [
            (b"vary", b"Accept-Encoding"),
            (b"content-length", str(len(page)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"same-origin"),
            (b"x-content-type-options", b"nosniff"),
        ]
        body = b"" if self._scope["method"] == "HEAD" else page
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_html(start: Message) -> bool:
    headers = dict(start["headers"])
    kind: bytes = headers.get(b"content-type", b"")
    return kind.startswith(b"text/html")
