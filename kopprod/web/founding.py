"""Founding a cooperative, by whoever can read the server's log.

The one-time code is printed at start and kept as a hash in `data/`; a restart prints a new one, and
founding uses it up. Where several processes serve, each has printed a code of its own, known by the
port; founding uses up all of them.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kopprod import db
from kopprod.domain import access as rules
from kopprod.domain.access import SYSTEM
from kopprod.domain.cooperative import CHOICE_NAMES, CooperativeKind, slug_of
from kopprod.domain.refusal import N_, Refusal
from kopprod.migrations import run
from kopprod.services import cooperative, signin
from kopprod.services.cooperative import Founding
from kopprod.services.signin import SignedIn
from kopprod.web import cookie, plain

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that is taken for a digit
_SLOW_S = 1.0
# One guess at a time and a second for each wrong one: the code has some 10^17 values.
_one_at_a_time = asyncio.Lock()


class WrongFoundingCode(Refusal):
    """Not the code that the server printed last."""

    sentence = N_("This is not the founding code that the server printed at its last start.")


def _file() -> Path:
    return Path(os.environ.get("KOPPROD_DATA", db.ROOT / "data")) / "founding-code"


def new_code() -> str:
    """Make a code, keep its hash, and hand it out for printing; an older one no longer counts."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    ours = f"{os.environ.get('PORT', '8501')} "
    with db.alone("founding"):
        others = [line for line in _printed() if not line.startswith(ours)]
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text("\n".join([*others, ours + _hash(code)]))
    return "-".join((code[:4], code[4:8], code[8:]))


def _printed() -> list[str]:
    """For each process the port and the hash of its code."""
    return _file().read_text().splitlines() if _file().exists() else []


def is_open() -> bool:
    """Whether a code is waiting to be used."""
    return _file().exists()


def _hash(code: str) -> str:
    plain_code = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(plain_code.encode()).hexdigest()


def is_right(code: str) -> bool:
    """Whether this is a code that was printed at the last start."""
    asked = _hash(code)
    return any(hmac.compare_digest(line.split()[-1], asked) for line in _printed())


async def _show(request: Request) -> Response:
    return _page(request, {})


def _page(request: Request, typed: Mapping[str, str], refusal: Refusal | None = None) -> Response:
    return plain.page(
        request,
        "founding.html",
        refusal=refusal,
        status=200 if refusal is None else 403,
        typed=typed,
        kinds={kind.value: CHOICE_NAMES[kind.value] for kind in CooperativeKind},
        is_open=is_open(),
    )


async def _found(request: Request) -> Response:
    typed: Mapping[str, str] = {}
    try:
        if not cookie.is_from_our_page(request):
            raise plain.NotFromOurPage
        typed = await plain.form(request)
        async with _one_at_a_time:
            device = cookie.device(request)
            try:
                coop, signed_in = await anyio.to_thread.run_sync(_found_once, typed, device)
            except WrongFoundingCode:
                await anyio.sleep(_SLOW_S)
                raise
    except Refusal as refusal:
        return _page(request, typed, refusal)
    response = RedirectResponse(
        "/cooperative", status_code=303, headers={"cache-control": "no-store"}
    )
    cookie.give(response, request, coop=coop, token=signed_in.token, until=signed_in.until)
    return response


def _found_once(typed: Mapping[str, str], device: str) -> tuple[str, SignedIn]:
    with db.alone("founding"):  # two processes must not both take the same code
        if not is_right(typed.get("kode", "")):
            raise WrongFoundingCode
        return found(typed, device)


def found(typed: Mapping[str, str], device: str) -> tuple[str, SignedIn]:
    """Found the cooperative that the form describes; everything is checked before it is made."""
    founding = cooperative.check_founding(
        Founding(
            name=typed.get("nama", ""),
            kind=typed.get("jenis", ""),
            village=typed.get("desa", ""),
            founder=typed.get("pendiri", ""),
            user_name=rules.check_user_name(typed.get("pengguna", "")),
            is_treasurer="bendahara" in typed,
        )
    )
    secret = typed.get("pin", "")
    if secret != typed.get("ulang", ""):
        raise rules.SecretsDiffer
    rules.check_secret(secret, birth_on=None, known=(founding.founder, founding.user_name))
    secret_hash = signin.hash_secret(secret)
    coop = slug_of(founding.name, taken={*db.coops(), cookie.DEMO})
    run.create(coop)
    at = datetime.now(UTC)
    with db.writing(coop, person=SYSTEM, action="cooperative.found", at=at) as session:
        signed_in = cooperative.found(
            session, founding=founding, secret_hash=secret_hash, at=at, device=device
        )
    _file().unlink(missing_ok=True)
    return coop, signed_in


ROUTES = [Route("/dirikan", _show), Route("/dirikan", _found, methods=["POST"])]
