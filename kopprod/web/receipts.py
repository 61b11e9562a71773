"""A delivery's receipt as a page 58 mm wide, for the small printer at the scale.

It is a plain page, because a phone prints the page that it shows; the gate has let in whoever asks.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kopprod import db
from kopprod.domain.access import NotAllowed
from kopprod.papers.deliveries import Weighing, receipt_words
from kopprod.papers.press import Letterhead
from kopprod.services import access, bought, cooperative, deliveries, measures, weighing
from kopprod.web import cookie, plain
from kopprod.web.cookie import Ticket


async def _receipt(request: Request) -> Response:
    shown = cookie.ticket(request)
    if shown is None:  # the gate lets nobody here without one
        raise NotAllowed
    scheme = "https" if cookie.is_secure(request) else "http"
    origin = f"{scheme}://{request.url.netloc}"
    found = await anyio.to_thread.run_sync(_words, shown, request.path_params["key"], origin)
    if found is None:
        return plain.page(request, "receipt_58.html", status=404, refusal=NotAllowed(), words=None)
    return plain.page(request, "receipt_58.html", language=found["language"], words=found)


def _words(shown: Ticket, delivery_id: int, origin: str) -> dict[str, Any] | None:
    at = datetime.now(UTC)
    with db.reading(shown.coop) as session:
        person = access.look_up(session, shown.token_hash, at=at)
        zone = ZoneInfo(cooperative.setting(session, "zone"))
        name = cooperative.setting(session, "name")
        place = cooperative.setting(session, "address")
    if person is None:
        return None
    on = at.astimezone(zone).date()
    letter = Letterhead(shown.coop, name, person.language, on, origin, place)
    with db.reading(shown.coop, person=person) as session:
        try:
            row = deliveries.received(session, delivery_id)
        except NotAllowed:
            return None
        measured = measures.measured(session, [delivery_id]).get(delivery_id, {})
        how = bought.how_bought(session, delivery_id)
        weighed = Weighing(weighing.weights(session, delivery_id), measured, how)
    return receipt_words(row, weighed, letter)


ROUTES = [Route("/struk/{key:int}", _receipt)]
