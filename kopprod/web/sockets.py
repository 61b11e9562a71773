"""The live sockets of this process, and the task that closes those whose sign-in has ended.

A sign-in may be revoked in another process, so the database is asked every two seconds: one query
for each cooperative that has live sockets. With nobody connected nothing is asked.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import anyio.to_thread
from starlette.types import Message, Receive, Send

from kopprod import db
from kopprod.services import access
from kopprod.web.cookie import Ticket
from kopprod.web.document import SIGNED_OUT

EVERY_S = 2.0
_LOG = logging.getLogger(__name__)
_live: dict[Ticket, set["Socket"]] = {}


class Socket:
    """One WebSocket of a signed-in browser, which can be closed from outside of the app."""

    def __init__(self, receive: Receive, send: Send) -> None:
        """Stand between the server and the app."""
        self._receive = receive
        self._send = send
        self._over = asyncio.Event()

    async def receive(self) -> Message:
        """The next message of the browser; a disconnection once the socket was closed."""
        coming = asyncio.ensure_future(self._receive())
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({coming, over}, return_when=asyncio.FIRST_COMPLETED)
            if self._over.is_set():
                return {"type": "websocket.disconnect", "code": SIGNED_OUT}
            return coming.result()
        finally:
            over.cancel()
            if not coming.done():
                coming.cancel()

    async def send(self, message: Message) -> None:
        """Hand a message to the browser; nothing more once the socket was closed."""
        if not self._over.is_set():
            await self._send(message)

    async def close(self) -> None:
        """Tell the browser that it is signed out, and the app that the browser is gone."""
        if self._over.is_set():
            return
        self._over.set()
        with suppress(Exception):  # the browser may have gone by itself meanwhile
            await self._send({"type": "websocket.close", "code": SIGNED_OUT})


def add(ticket: Ticket, socket: Socket) -> None:
    """Watch a socket."""
    _live.setdefault(ticket, set()).add(socket)


def remove(ticket: Ticket, socket: Socket) -> None:
    """Watch a socket no longer."""
    sockets = _live.get(ticket, set())
    sockets.discard(socket)
    if not sockets:
        _live.pop(ticket, None)


async def close(ticket: Ticket) -> None:
    """Close every socket of one sign-in."""
    for socket in list(_live.get(ticket, ())):
        await socket.close()


@asynccontextmanager
async def watching() -> AsyncIterator[None]:
    """Watch for as long as the server runs."""
    task = asyncio.create_task(_watch(), name="kopprod-revocations")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch() -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await close_ended()
        except Exception:  # a busy database must not end the watch; it is asked again
            _LOG.exception("Could not ask which sign-ins have ended")


async def close_ended() -> None:
    """Close the sockets whose sign-in was revoked, ran out, or whose user was switched off."""
    tickets = set(_live)
    by_coop: dict[str, set[str]] = {}
    for ticket in tickets:
        by_coop.setdefault(ticket.coop, set()).add(ticket.token_hash)
    for coop, hashes in by_coop.items():
        valid = await anyio.to_thread.run_sync(_valid, coop, hashes)
        for token_hash in hashes - valid:
            await close(Ticket(coop, token_hash))


def _valid(coop: str, hashes: set[str]) -> set[str]:
    if not db.exists(coop):
        return set()
    with db.reading(coop) as session:
        return access.still_valid(session, hashes, at=datetime.now(UTC))
