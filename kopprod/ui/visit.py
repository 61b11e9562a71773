"""Who is looking: looked up from the sign-in at every step, never remembered beyond it."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec
from zoneinfo import ZoneInfo

import streamlit as st
from sqlmodel import Session
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kopprod import db, language
from kopprod.domain.access import Action, NotAllowed, Person
from kopprod.domain.refusal import Fact, Refusal
from kopprod.services import access, cooperative
from kopprod.ui import places

P = ParamSpec("P")


@dataclass(frozen=True)
class Visit:
    """A signed-in person at a cooperative."""

    coop: str
    person: Person


class _Step(threading.local):
    """What one run of a page has looked up so far; other threads have their own or none."""

    under_way = False
    who: Visit | None = None
    session: Session | None = None

    def __init__(self) -> None:
        self.opened = ExitStack()

    def forget(self) -> None:
        """Let go of person and session, so that the next look is a new one."""
        self.who = self.session = None
        self.opened.close()


_STEP = _Step()


@contextmanager
def one_step() -> Iterator[None]:
    """Everything that a run of a page reads is of one session: one moment, one look-up of a person.

    Whatever changes something looks her up anew, and the page reads anew after it. Callbacks run
    outside of it: each of their looks is a step of its own.
    """
    if _STEP.under_way:  # a form within a page that is being drawn
        yield
        return
    _STEP.forget()
    _STEP.under_way = True
    try:
        yield
    finally:
        _STEP.under_way = False
        _STEP.forget()


def part_of_page(draw: Callable[P, None]) -> Callable[P, None]:
    """A part of a page that is drawn again by itself when somebody answers in it.

    It asks for what it shows itself: what it was given would be kept for as long as the page is
    open. Whatever it keeps draws the whole page again, and so does the first answer of a new day.
    """

    @st.fragment
    def run(drawn_on: date, *args: P.args, **kwargs: P.kwargs) -> None:
        with one_step():
            visit()
            if today() != drawn_on:
                st.rerun()
            draw(*args, **kwargs)

    @wraps(draw)
    def begin(*args: P.args, **kwargs: P.kwargs) -> None:
        run(today(), *args, **kwargs)

    return begin


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The business day in the cooperative's own time zone."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The business day on which something happened, in the cooperative's own time zone."""
    return moment.astimezone(ZoneInfo(st.session_state.get("zone", "Asia/Jakarta"))).date()


def _(message: str, **facts: Fact) -> str:
    """Translate a message into the language of this person's session and fill in its facts."""
    return language.translate(spoken(), message, **facts)


def spoken() -> str:
    """The language of this person's session."""
    if _STEP.under_way and _STEP.who is not None:  # each sentence of a page asks
        return _STEP.who.person.language
    return str(st.session_state.get("language", "id"))


def plain(text: str) -> str:
    """Somebody's words inside a label or a sentence, so that they are not read as markup."""
    return re.sub(r"([\\\[\]*_`~$:<>#|!()])", r"\\\1", text)


def complain(refusal: Refusal) -> None:
    """Show the sentence of a refusal; what a person typed in it is never markup."""
    st.error(plain(language.sentence(spoken(), refusal)))


def visit() -> Visit:
    """Look up who is signed in; whoever is not is sent away at once.

    Fragments and callbacks run on other threads without the page's first lines, so everything that
    reads or changes comes through here again: one indexed read, kept for the rest of the step.
    """
    if not _STEP.under_way:
        return _look_up()
    if _STEP.who is None:
        _STEP.who = _look_up()
    return _STEP.who


def _look_up() -> Visit:
    # `st.user` says the same, after looking for four files of secrets at each question.
    context = get_script_run_ctx()
    said = {} if context is None else context.user_info
    coop, sign_in = said.get("coop"), said.get("signin")
    if not isinstance(coop, str) or not isinstance(sign_in, str) or not db.exists(coop):
        _leave()
    with ExitStack() as opened:
        if _STEP.under_way:  # the page goes on reading in it
            opened = _STEP.opened
        session = opened.enter_context(db.reading(coop))
        person = access.look_up(session, sign_in, at=now())
        if person is None:
            _leave()
        session.info["person"] = person
        st.session_state["language"] = person.language
        st.session_state["zone"] = cooperative.setting(session, "zone")
        if _STEP.under_way:
            _STEP.session = session
    return Visit(coop, person)


def _leave() -> NoReturn:
    # The gate has closed the socket by now; this is what a thread that was still running shows.
    st.empty()
    st.warning(_("You are signed out. Please sign in again."))
    st.stop()


def open_page(action: Action, title: str, *, says: bool = True) -> Visit:
    """Begin a page: check that this person may be here, say its title and what was just done.

    `says=False`: a form of the page says what was done, so that her next answer takes it away.
    """
    who = visit()
    if not who.person.may(action):
        st.title(_("Not for you"))
        st.error(_(NotAllowed.sentence))
        places.link("home", label=_("Back to the first page"))
        st.stop()
    st.title(_(title), anchor=False)
    if says:
        say_done()
    return who


@contextmanager
def reading() -> Iterator[Session]:
    """A session that looks. A refusal is shown as its sentence, and the page ends there."""
    who = visit()
    try:
        if _STEP.under_way:
            yield _session_of_step(who)
        else:
            with db.reading(who.coop, person=who.person) as session:
                yield session
    except Refusal as refusal:
        complain(refusal)
        st.stop()


def _session_of_step(who: Visit) -> Session:
    if _STEP.session is None:
        _STEP.session = _STEP.opened.enter_context(db.reading(who.coop, person=who.person))
    return _STEP.session


@contextmanager
def action(done: str, *, name: str, stay: bool = False) -> Iterator[Session]:
    """One action of a person: one transaction, one sentence.

    It commits, remembers the sentence `done` (a message id, filled from `tell`) and begins the page
    again unless `stay`; or shows the sentence of a `Refusal` and keeps nothing. `name` is written
    into the trail.
    """
    _STEP.forget()
    who = visit()
    try:
        with db.writing(who.coop, person=who.person, action=name, at=now()) as session:
            yield session
            facts = session.info.get("facts", {})
    except Refusal as refusal:
        complain(refusal)
        return
    finally:
        _STEP.forget()
    if done:
        st.session_state["done"] = _(done, **facts)
    if not stay:
        st.rerun()


def tell(session: Session, **facts: Fact) -> None:
    """Fill facts into the sentence that this action will say, such as the number it gave."""
    session.info.setdefault("facts", {}).update(facts)


def say_done() -> None:
    """Say once what the last action did."""
    # Its container is always there: what comes and goes in front of an expander closes it.
    done = st.session_state.pop("done", None)
    with st.container(key="said"):
        if done:
            st.success(done)


def remember(key: str, make: Any) -> Any:
    """A value of this browser session, made once."""
    if key not in st.session_state:
        st.session_state[key] = make()
    return st.session_state[key]
