"""A visitor without a browser: what Streamlit's page says to the server, over the same WebSocket.

She opens a page, answers in it and presses buttons by the keys that our screens give them; each
step lasts until the server has said that nothing runs any more.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 60
LONGEST_END = 80  # bytes; what ends a run has some fifty
# A message to her whose kind of element has no `id` is no question.
QUESTIONS = ("text_input", "button", "selectbox", "button_group")


class Refused(Exception):
    """The server answered with an error, or a question that was to be answered is not there."""


def _is_over(raw: bytes) -> bool:
    """Whether this says that the run which was asked for has ended."""
    if len(raw) > LONGEST_END:
        return False
    message = ForwardMsg.FromString(raw)
    ended = message.WhichOneof("type") == "script_finished"
    return bool(ended and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)


@dataclass
class Visitor:
    """One open page."""

    socket: ClientConnection
    page: str = ""
    page_hash: str = ""
    widgets: dict[str, str] = field(default_factory=dict)  # id -> fragment
    states: dict[str, WidgetState] = field(default_factory=dict)
    received: int = 0  # bytes

    @classmethod
    async def come(cls, host: str, cookie: str = "") -> "Visitor":
        """Open the line; with the cookie of whoever is signed in."""
        headers = {"Cookie": cookie} if cookie else {}
        socket = await connect(
            f"ws://{host}/_stcore/stream",
            additional_headers=headers,
            origin=f"http://{host}",  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        )
        return cls(socket)

    async def go(self, page: str) -> float:
        """Open a page of the menu; seconds until it stands."""
        self.page, self.page_hash = page, ""
        self.widgets, self.states = {}, {}
        return await self._run(ClientState(page_name=page))

    async def again(self) -> float:
        """Let the whole page run once more."""
        return await self._run(self._state())

    async def type_into(self, key: str, words: str) -> float:
        """Answer the question whose key begins so."""
        one = self._find(key)
        self.states[one] = WidgetState(id=one, string_value=words)
        return await self._run(self._state(self.widgets[one]))

    async def press(self, key: str) -> float:
        """Press the button whose key begins so."""
        one = self._find(key)
        state = self._state(self.widgets[one])
        state.widget_states.widgets.append(WidgetState(id=one, trigger_value=True))
        return await self._run(state)

    async def leave(self) -> None:
        """Close the line."""
        await self.socket.close()

    def _find(self, key: str) -> str:
        # The newest: what a form asked before it was kept is still known under its old key.
        for one in reversed(self.widgets):
            if f"-{key}" in one:
                return one
        raise Refused(f"nothing asks for {key} on {self.page}")

    def _state(self, fragment: str = "") -> ClientState:
        state = ClientState(
            page_name=self.page, page_script_hash=self.page_hash, fragment_id=fragment
        )
        state.widget_states.widgets.extend(self.states.values())
        return state

    async def _run(self, state: ClientState) -> float:
        began = time.perf_counter()
        await self.socket.send(BackMsg(rerun_script=state).SerializeToString())
        heard: list[bytes] = []
        async with asyncio.timeout(PATIENCE_S):
            while not heard or not _is_over(heard[-1]):
                heard.append(await self.socket.recv(decode=False))
        took = time.perf_counter() - began
        for raw in heard:  # reading them is the visitor's time, not the server's
            self._hear(raw)
        return took

    def _hear(self, raw: bytes) -> None:
        self.received += len(raw)
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        if kind == "delta":
            self._take(message.delta)
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            raise Refused("the page did not compile")

    def _take(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise Refused(element.exception.message)
        if kind == "alert" and element.alert.format == element.alert.ERROR:
            raise Refused(element.alert.body)
        if kind in QUESTIONS:
            self.widgets.pop(getattr(element, kind).id, None)
            self.widgets[getattr(element, kind).id] = delta.fragment_id
