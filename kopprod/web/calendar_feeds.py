"""The calendars of machines and members, for whoever knows an address that nobody can guess."""

from datetime import UTC, datetime

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.papers.calendar_feeds import written
from kopprod.services import calendar_feeds, codes
from kopprod.web import checking, cookie

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


async def _read(request: Request) -> Response:
    coop, token = request.path_params["coop"], request.path_params["token"]
    if not calendar_feeds.well_formed(token) or not checking.is_here(coop):
        return _nothing()
    came_from = cookie.address(request)
    # A wrong address counts like a wrong code of a paper: guessing either becomes slow.
    await anyio.sleep(await anyio.to_thread.run_sync(checking.pause_ms, coop, came_from) / 1000)
    text = await anyio.to_thread.run_sync(_look_up, coop, token, came_from)
    if text is None:
        return _nothing()
    return Response(
        text,
        media_type="text/calendar; charset=utf-8",
        headers={**_HEADERS, "content-disposition": 'inline; filename="jadwal-alat.ics"'},
    )


def _nothing() -> Response:
    return PlainTextResponse("404", status_code=404, headers=_HEADERS)


def _look_up(coop: str, token: str, came_from: str) -> bytes | None:
    at = datetime.now(UTC)
    with db.reading(coop) as session:
        feed = calendar_feeds.read(session, token=token, at=at)
    if feed is not None:
        return written(feed, coop=coop, at=at)
    with db.writing(coop, person=SYSTEM, action="codes.count_wrong", at=at) as session:
        codes.count_wrong(session, address=came_from, at=at)
    return None


ROUTES = [Route("/kalender/{coop}/{token}.ics", _read)]
