"""Whether the server answers, for whoever watches it; nothing more is told to strangers."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def _healthy(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok", headers={"cache-control": "no-store"})


ROUTES = [Route("/sehat", _healthy)]
