"""What a script says is heard once, in order, and not long after it was said."""

import asyncio
import inspect
import threading
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent

from kopprod.web import bundles
from kopprod.web.bundles import Bundle


def test_nothing_is_heard_before_the_run_has_ended() -> None:
    async def play() -> list[int]:
        heard: list[int] = []
        bundle = Bundle(asyncio.get_running_loop())
        for n in range(3):
            bundle.add(partial(heard.append, n), may_wait=True)
        await asyncio.sleep(0)
        assert heard == []
        bundle.add(partial(heard.append, 3), may_wait=False)
        await asyncio.sleep(0)
        return heard

    assert asyncio.run(play()) == [0, 1, 2, 3]


def test_a_long_run_is_heard_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "HOLD_S", 0.001)

    async def play() -> bool:
        first, second = asyncio.Event(), asyncio.Event()
        bundle = Bundle(asyncio.get_running_loop())
        bundle.add(first.set, may_wait=True)
        await asyncio.wait_for(first.wait(), 10)
        bundle.add(second.set, may_wait=True)  # it waits anew
        await asyncio.wait_for(second.wait(), 10)
        return True

    assert asyncio.run(play())


def test_of_many_said_by_another_thread_none_is_lost_and_none_comes_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bundles, "HOLD_S", 0.0001)

    async def play() -> list[int]:
        heard: list[int] = []
        ended = asyncio.Event()
        bundle = Bundle(asyncio.get_running_loop())

        def run() -> None:
            for n in range(5_000):
                bundle.add(partial(heard.append, n), may_wait=n % 7 != 0)
            bundle.add(ended.set, may_wait=False)

        thread = threading.Thread(target=run)
        thread.start()
        await asyncio.wait_for(ended.wait(), 60)
        thread.join()
        return heard

    assert asyncio.run(play()) == list(range(5_000))


def test_what_is_said_while_the_server_stops_is_let_go() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    Bundle(loop).add(lambda: None, may_wait=False)


def test_one_that_fails_does_not_keep_the_others_from_being_heard(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def play() -> list[int]:
        heard: list[int] = []
        bundle = Bundle(asyncio.get_running_loop())
        bundle.add(partial(heard.append, 1), may_wait=True)
        bundle.add(partial(heard.remove, 7), may_wait=True)
        bundle.add(partial(heard.append, 2), may_wait=False)
        await asyncio.sleep(0)
        return heard

    assert asyncio.run(play()) == [1, 2]
    assert "ValueError" in caplog.text


def test_what_a_run_said_is_heard_before_the_browser_begins_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_on_scriptrunner_event", "handle_backmsg"):  # put back at the end
        monkeypatch.setattr(AppSession, name, getattr(AppSession, name))
    bundles.install()

    async def play() -> list[str]:
        heard: list[str] = []
        page: Any = SimpleNamespace(
            _event_loop=asyncio.get_running_loop(),
            _handle_scriptrunner_event_on_event_loop=lambda *_: heard.append("said"),
            _handle_rerun_script_request=lambda _: heard.append("again"),
        )
        AppSession._on_scriptrunner_event(page, None, ScriptRunnerEvent.ENQUEUE_FORWARD_MSG)
        AppSession.handle_backmsg(page, BackMsg(rerun_script=ClientState()))
        return heard

    assert asyncio.run(play()) == ["said", "again"]


def test_streamlit_still_speaks_through_the_method_that_is_replaced() -> None:
    before = inspect.signature(AppSession._handle_scriptrunner_event_on_event_loop).parameters
    assert list(before)[:3] == ["self", "sender", "event"]
    source = inspect.getsource(AppSession)
    assert "on_event.connect(self._on_scriptrunner_event)" in source
    assert "self._event_loop" in source
