"""What a run of a page says is handed over in one bundle instead of word by word.

Streamlit wakes its event loop for each element that a script draws. The loop then takes the
interpreter from the script that is still drawing, sends what little is there, and sleeps for five
milliseconds before it looks again: half of the time that a page of ours took
(docs/decisions/0012-a-page-in-one-bundle.md). Here everything waits until the run has ended, or for
`HOLD_S`, whichever comes first, and is heard before anything that the browser says after it;
nothing is lost, and nothing changes its order. What a browser says first to a session is of a whole
page, also where it asks for a part.
"""

import logging
from asyncio import TimerHandle
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent

_LOG = logging.getLogger(__name__)

HOLD_S = 0.05
_MAY_WAIT = (ScriptRunnerEvent.SCRIPT_STARTED, ScriptRunnerEvent.ENQUEUE_FORWARD_MSG)
_BUNDLE = "_kopprod_bundle"
_ANSWER = AppSession.handle_backmsg


class Bundle:
    """What the script of one open page has said and the event loop has not heard yet."""

    def __init__(self, loop: Any) -> None:
        """Hand over to this event loop."""
        self._loop = loop
        self._said: deque[Callable[[], None]] = deque()
        self._waits = False
        self._timer: TimerHandle | None = None

    def add(self, hear: Callable[[], None], *, may_wait: bool) -> None:
        """Take one thing from a script's thread; `hear` is called on the event loop's."""
        self._said.append(hear)
        if not may_wait:
            self._call(self.hand_over)
        elif not self._waits:
            self._waits = True
            self._call(self._begin_to_wait)

    def _call(self, what: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:  # the server stops
            if not self._loop.is_closed():
                raise

    def _begin_to_wait(self) -> None:
        self._timer = self._loop.call_later(HOLD_S, self.hand_over)

    def hand_over(self) -> None:
        """Let the event loop hear all that was said; called on its thread."""
        if self._timer is not None:
            self._timer.cancel()
        # Before the rest is taken: what is said after it waits anew, and what came before is taken.
        self._waits = False
        while self._said:
            hear = self._said.popleft()
            try:
                hear()
            except Exception:  # the others are heard, as if the loop had called each by itself
                _LOG.exception("Something that a page said could not be heard")


def install() -> None:
    """Let every session of this process hand over in bundles."""

    def on_event(self: Any, sender: Any, event: ScriptRunnerEvent, **facts: Any) -> None:
        bundle = self.__dict__.get(_BUNDLE)
        if bundle is None:  # two threads may both make the first one, and share one of the two
            bundle = self.__dict__.setdefault(_BUNDLE, Bundle(self._event_loop))
        hear = partial(self._handle_scriptrunner_event_on_event_loop, sender, event, **facts)
        bundle.add(hear, may_wait=event in _MAY_WAIT)

    def handle_backmsg(self: Any, msg: Any) -> None:
        # Another run may follow from it, and what the one before says is not listened to then.
        bundle = self.__dict__.get(_BUNDLE)
        if bundle is not None:
            bundle.hand_over()
        elif msg.WhichOneof("type") == "rerun_script":
            # A session that has drawn nothing, since the server began anew or this is another one,
            # knows no part of a page: Streamlit would drop the press without a word. So the whole
            # page is drawn, with all that the browser holds of it.
            msg.rerun_script.ClearField("fragment_id")
        _ANSWER(self, msg)

    AppSession._on_scriptrunner_event = on_event  # type: ignore[method-assign, assignment]
    AppSession.handle_backmsg = handle_backmsg  # type: ignore[method-assign]
