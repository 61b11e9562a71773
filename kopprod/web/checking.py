"""The public page that confirms a receipt or slip to whoever holds it, and says nothing else."""

from datetime import UTC, datetime

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kopprod import db
from kopprod.domain import codes as rules
from kopprod.domain.access import SYSTEM
from kopprod.domain.codes import UnknownCode
from kopprod.domain.money import format_rp
from kopprod.domain.quantities import format_quantity
from kopprod.domain.refusal import Refusal
from kopprod.language import long_date
from kopprod.services import codes, cooperative
from kopprod.services.codes import Confirmed
from kopprod.web import cookie, plain, signin
from kopprod.web.cookie import DEMO


async def _ask(request: Request) -> Response:
    """The form; filled in, it leads to the address that the paper names."""
    typed = request.query_params
    coop, code = typed.get("koperasi", ""), rules.cleaned(typed.get("kode", ""))
    if not typed.get("kode"):
        return await _page(request, coop)
    if code is None or not db.SLUG.fullmatch(coop):
        return await _page(request, coop, typed["kode"], UnknownCode())
    return RedirectResponse(rules.path(coop, code), status_code=303, headers=plain.HEADERS)


async def _check(request: Request) -> Response:
    coop, typed = request.path_params["coop"], request.path_params["code"]
    code = rules.cleaned(typed)
    if code is None or not is_here(coop):
        return await _page(request, coop, typed, UnknownCode())
    came_from = cookie.address(request)
    await anyio.sleep(await anyio.to_thread.run_sync(pause_ms, coop, came_from) / 1000)
    name, paper = await anyio.to_thread.run_sync(_look_up, coop, code, came_from)
    if paper is None:
        return await _page(request, coop, typed, UnknownCode())
    return plain.page(
        request,
        "checked.html",
        paper=paper,
        cooperative=name,
        day=long_date(plain.spoken(request), paper.cancelled_on or paper.on),
        figure=_figure(paper),
        code=rules.grouped(code),
    )


def _figure(paper: Confirmed) -> str:
    if paper.net is not None:
        return format_quantity(paper.net)
    return format_rp(paper.value_rp or 0)


async def _page(
    request: Request, coop: str, typed: str = "", refusal: Refusal | None = None
) -> Response:
    known = await anyio.to_thread.run_sync(signin.known)
    names = dict(known.real) | ({DEMO: ""} if known.demo else {})
    return plain.page(
        request,
        "check.html",
        refusal=refusal,
        status=200 if refusal is None else 404,
        names=names,
        chosen=coop if coop in names else "",
        typed=typed[:40],
    )


def is_here(coop: str) -> bool:
    """Whether strangers may ask something of this cooperative here."""
    if not db.SLUG.fullmatch(coop) or coop in signin.broken:
        return False
    return db.exists(coop) and (coop != DEMO or cookie.demo_is_on())


def pause_ms(coop: str, came_from: str) -> int:
    """How long to hold back an answer to somebody who asked for wrong codes lately."""
    with db.reading(coop) as session:
        return codes.pause_ms(session, address=came_from, at=datetime.now(UTC))


def _look_up(coop: str, code: str, came_from: str) -> tuple[str, Confirmed | None]:
    with db.reading(coop) as session:
        name, paper = cooperative.setting(session, "name"), codes.confirm(session, code=code)
    if paper is None:
        at = datetime.now(UTC)
        with db.writing(coop, person=SYSTEM, action="codes.count_wrong", at=at) as session:
            codes.count_wrong(session, address=came_from, at=at)
    return name or coop, paper


ROUTES = [Route("/cek", _ask), Route("/cek/{coop}/{code}", _check)]
