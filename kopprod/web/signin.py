"""The plain pages of getting in and out: signing in, a new PIN, the demo, signing out."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kopprod import db
from kopprod.domain import access as rules
from kopprod.domain.access import ROLE_NAMES, SYSTEM, Person
from kopprod.domain.refusal import Refusal
from kopprod.services import access, cooperative, signin
from kopprod.services.signin import SignedIn
from kopprod.web import cookie, founding, plain, sockets
from kopprod.web.cookie import DEMO, LANGUAGE_COOKIE, Ticket

_WHERE = re.compile(r"/[A-Za-z0-9_/-]*")
_NAMES_KEPT_S = 30.0
# Each comparison of a secret takes 19 MiB, so only four are made at a time; the others queue.
_SLOW = ThreadPoolExecutor(max_workers=4, thread_name_prefix="kopprod-secrets")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Known:
    """The cooperatives of this server, by slug and name, and whom the demo is entered as."""

    real: Mapping[str, str]
    demo: tuple[tuple[int, str, str], ...]


# Cooperatives that could not be migrated at start: they are left out here, the others go on.
broken: set[str] = set()
_known: dict[tuple[str, ...], tuple[float, Known]] = {}


def known() -> Known:
    """Ask every cooperative for its name; remembered for half a minute, or until one is founded."""
    coops = (db.url_template(), *db.coops())
    found = _known.get(coops)
    if found is None or time.monotonic() - found[0] > _NAMES_KEPT_S:
        _known.clear()
        found = _known[coops] = (time.monotonic(), _ask_names())
    return found[1]


def _ask_names() -> Known:
    real: dict[str, str] = {}
    people: tuple[tuple[int, str, str], ...] = ()
    for coop in set(db.coops()) - broken:
        with db.reading(coop) as session:
            if coop == DEMO:
                people = tuple(
                    (user_id, name, ROLE_NAMES[role])
                    for user_id, name, role in signin.demo_people(session)
                )
            else:
                real[coop] = cooperative.setting(session, "name") or coop
    real = dict(sorted(real.items(), key=lambda item: item[1].casefold()))
    return Known(real, people if cookie.demo_is_on() else ())


# --- signing in ------------------------------------------------------------------------------


async def _show(request: Request) -> Response:
    if "keluar" not in request.query_params and await _here(request) is not None:
        return _to("/")
    return await _sign_in_page(request)


async def _sign_in_page(
    request: Request, *, refusal: Refusal | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    names = await anyio.to_thread.run_sync(known)
    asked = typed or request.query_params
    chosen = asked.get("koperasi") or request.cookies.get(cookie.COOKIE, "").partition(".")[0]
    choices = dict(names.real) or ({DEMO: ""} if names.demo else {})
    if chosen == DEMO and names.demo:
        choices = {DEMO: ""}
    return plain.page(
        request,
        "signin.html",
        refusal=refusal,
        status=200 if refusal is None else 403,
        choices=choices,
        chosen=chosen if chosen in choices else "",
        typed=(typed or {}).get("nama", ""),
        where=_where(asked.get("ke", "")),
        demo=names.demo,
        may_found=not names.real and founding.is_open(),
        signed_out="keluar" in request.query_params and refusal is None,
    )


async def _enter(request: Request) -> Response:
    try:
        typed = await _our_form(request)
    except Refusal as refusal:
        return await _sign_in_page(request, refusal=refusal)
    coop, name, secret = typed.get("koperasi", ""), typed.get("nama", ""), typed.get("pin", "")
    if not db.SLUG.fullmatch(coop) or (coop == DEMO and not cookie.demo_is_on()):
        return await _sign_in_page(request, refusal=rules.WrongNameOrSecret(), typed=typed)
    came_from = cookie.address(request)
    pause_ms = await anyio.to_thread.run_sync(_pause_ms, coop, came_from)
    await anyio.sleep(pause_ms / 1000)
    device, language = cookie.device(request), request.cookies.get(LANGUAGE_COOKIE)
    result = await _slowly(lambda: sign_in(coop, name, secret, came_from, device, language))
    if isinstance(result, Refusal):
        return await _sign_in_page(request, refusal=result, typed=typed)
    where = "/masuk/pin" if result.must_change else _where(typed.get("ke", "")) or "/"
    return _signed_in(request, coop, result, where)


def _pause_ms(coop: str, came_from: str) -> int:
    if not db.exists(coop):
        return 0
    with db.reading(coop) as session:
        return signin.address_pause_ms(session, address=came_from, at=_now())


def sign_in(
    coop: str, name: str, secret: str, came_from: str, device: str, language: str | None = None
) -> SignedIn | Refusal:
    """Try a name and a secret at a cooperative; the slow hash runs outside of any transaction."""
    if not db.exists(coop):
        signin.Attempt(subject="").prove(secret)  # takes as long as any other wrong attempt
        return rules.WrongNameOrSecret()
    with db.reading(coop) as session:
        attempt = signin.attempt(session, name=name)
    proof = attempt.prove(secret[:300])
    person = Person(attempt.user_id, "") if proof.right else SYSTEM
    with db.writing(coop, person=person, action="access.sign_in", at=_now()) as session:
        return signin.sign_in(
            session,
            attempt=attempt,
            proof=proof,
            at=_now(),
            address=came_from,
            device=device,
            language=language if language in ("id", "en") else None,
        )


async def _enter_demo(request: Request) -> Response:
    try:
        typed = await _our_form(request)
        user_id = int(typed.get("orang", "0")) if typed.get("orang", "0").isdecimal() else 0
        signed_in = await anyio.to_thread.run_sync(
            _into_demo, user_id, cookie.device(request), plain.spoken(request)
        )
    except Refusal as refusal:
        return await _sign_in_page(request, refusal=refusal)
    return _signed_in(request, DEMO, signed_in, "/")


def _into_demo(user_id: int, device: str, language: str) -> SignedIn:
    if not cookie.demo_is_on():
        raise rules.NotAllowed
    person = Person(user_id, "")
    with db.writing(DEMO, person=person, action="access.enter_demo", at=_now()) as session:
        return signin.enter_demo(
            session, user_id=user_id, at=_now(), device=device, language=language
        )


# --- a PIN of one's own ----------------------------------------------------------------------


async def _show_secret(request: Request) -> Response:
    here = await _here(request)
    if here is None:
        return _to("/masuk")
    return _secret_page(request, here)


def _secret_page(
    request: Request, here: access.Standing, refusal: Refusal | None = None
) -> Response:
    return plain.page(
        request,
        "secret.html",
        refusal=refusal,
        status=200 if refusal is None else 403,
        language=here.person.language,
        name=here.person.name,
        first=here.must_change,
    )


async def _change_secret(request: Request) -> Response:
    here, shown = await _here(request), cookie.ticket(request)
    if here is None or shown is None:
        return _to("/masuk")
    try:
        typed = await _our_form(request)
        device = cookie.device(request)
        result = await _slowly(lambda: _new_secret(shown.coop, here, typed, device))
    except Refusal as refusal:
        return _secret_page(request, here, refusal)
    await sockets.close(shown)
    return _signed_in(request, shown.coop, result, "/")


def _new_secret(
    coop: str, here: access.Standing, typed: Mapping[str, str], device: str
) -> SignedIn:
    new, person = typed.get("baru", ""), here.person
    assert person.user_id is not None  # a standing is always a user's
    if not here.must_change:
        _prove_old(coop, person.user_id, typed.get("pin", ""))
    if new != typed.get("ulang", ""):
        raise rules.SecretsDiffer
    with db.reading(coop, person=person) as session:
        signin.check_new_secret(session, user_id=person.user_id, new=new)
        if signin.attempt_of(session, user_id=person.user_id).prove(new).right:
            raise rules.SecretUnchanged
    secret_hash = signin.hash_secret(new)
    with db.writing(coop, person=person, action="access.change_secret", at=_now()) as session:
        return signin.change_secret(
            session,
            user_id=person.user_id,
            secret_hash=secret_hash,
            at=_now(),
            device=device,
            language=person.language,
        )


def _prove_old(coop: str, user_id: int, old: str) -> None:
    # Counted like a sign-in: whoever finds an open phone must not guess the PIN in peace.
    with db.reading(coop) as session:
        attempt = signin.attempt_of(session, user_id=user_id)
    proof = attempt.prove(old)
    with db.writing(
        coop, person=Person(user_id, ""), action="access.prove_secret", at=_now()
    ) as session:
        refusal = signin.prove_again(session, attempt=attempt, proof=proof, at=_now())
    if refusal is not None:
        raise refusal


# --- signing out -----------------------------------------------------------------------------


async def _ask_sign_out(request: Request) -> Response:
    here = await _here(request)
    if here is None:
        return _to("/masuk?keluar=1")
    return plain.page(request, "signout.html", language=here.person.language, name=here.person.name)


async def _sign_out(request: Request) -> Response:
    if not cookie.is_from_our_page(request):
        return await _sign_in_page(request, refusal=plain.NotFromOurPage())
    here, shown = await _here(request), cookie.ticket(request)
    if here is not None and shown is not None:
        await anyio.to_thread.run_sync(_end, shown, here.person)
        await sockets.close(shown)
    response = _to("/masuk?keluar=1")
    cookie.take_back(response)
    return response


def _end(shown: Ticket, person: Person) -> None:
    with db.writing(shown.coop, person=person, action="access.sign_out", at=_now()) as session:
        signin.sign_out(session, token_hash=shown.token_hash, at=_now())


# --- shared by these pages -------------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC)


async def _slowly(work: Callable[[], _Result]) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(_SLOW, work)


async def _here(request: Request) -> access.Standing | None:
    shown = cookie.ticket(request)
    return None if shown is None else await anyio.to_thread.run_sync(_standing, shown)


def _standing(shown: Ticket) -> access.Standing | None:
    if not db.exists(shown.coop):
        return None
    with db.reading(shown.coop) as session:
        return access.standing(session, shown.token_hash, at=_now())


async def _our_form(request: Request) -> Mapping[str, str]:
    if not cookie.is_from_our_page(request):
        raise plain.NotFromOurPage
    return await plain.form(request)


def _where(typed: str) -> str:
    """A page of ours to go on to, and never another site."""
    return typed if _WHERE.fullmatch(typed) and not typed.startswith("//") else ""


def _signed_in(request: Request, coop: str, signed_in: SignedIn, where: str) -> Response:
    response = _to(where)
    cookie.give(response, request, coop=coop, token=signed_in.token, until=signed_in.until)
    return response


def _to(where: str) -> RedirectResponse:
    return RedirectResponse(where, status_code=303, headers={"cache-control": "no-store"})


ROUTES = [
    Route("/masuk", _show),
    Route("/masuk", _enter, methods=["POST"]),
    Route("/masuk/contoh", _enter_demo, methods=["POST"]),
    Route("/masuk/pin", _show_secret),
    Route("/masuk/pin", _change_secret, methods=["POST"]),
    Route("/keluar", _ask_sign_out),
    Route("/keluar", _sign_out, methods=["POST"]),
]
