"""The sign-in cookie, and what a request truly is: from where, over TLS or not, from our own page.

Its value is `<cooperative>.<token>`; the database knows only the token's SHA-256.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from kopprod import db
from kopprod.services import signin

COOKIE = "kopprod"
LANGUAGE_COOKIE = "kopprod_language"
DEMO = "demo"


@dataclass(frozen=True)
class Ticket:
    """What a browser shows: which cooperative, and the hash of its token. Nothing is proved yet."""

    coop: str
    token_hash: str


def ticket(connection: HTTPConnection) -> Ticket | None:
    """The cookie of a request, if it is well-formed."""
    coop, dot, token = connection.cookies.get(COOKIE, "").partition(".")
    if not dot or not token or not db.SLUG.fullmatch(coop) or len(token) > 100:
        return None
    if coop == DEMO and not demo_is_on():
        return None
    return Ticket(coop, signin.hash_token(token))


def demo_is_on() -> bool:
    """Whether this server lets visitors into the demo cooperative."""
    return os.environ.get("KOPPROD_DEMO", "on").lower() not in {"off", "0", "no", "false"}


def give(
    response: Response, connection: HTTPConnection, *, coop: str, token: str, until: datetime
) -> None:
    """Let the browser keep a new sign-in until it ends."""
    response.set_cookie(
        COOKIE,
        f"{coop}.{token}",
        expires=until,
        path="/",
        httponly=True,
        secure=is_secure(connection),
        # Strict would show the sign-in page to whoever follows a link from a message.
        samesite="lax",
    )


def take_back(response: Response) -> None:
    """Let the browser forget its sign-in."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser came over TLS, to us or to the configured proxy before us."""
    if connection.url.scheme in {"https", "wss"}:
        return True
    forwarded = connection.headers.get("x-forwarded-proto", "")
    return _is_proxy(_peer(connection)) and forwarded.split(",")[-1].strip() == "https"


def address(connection: HTTPConnection) -> str:
    """Where a request came from; what a proxy says counts only if the proxy is configured."""
    peer = _peer(connection)
    if not _is_proxy(peer):
        return peer
    for hop in reversed(connection.headers.get("x-forwarded-for", "").split(",")):
        if hop.strip() and not _is_proxy(hop.strip()):
            return hop.strip()[:64]
    return peer


def device(connection: HTTPConnection) -> str:
    """What the browser calls itself, for the list of sign-ins."""
    return connection.headers.get("user-agent", "")[:200]


def is_from_our_page(connection: HTTPConnection) -> bool:
    """Whether a form was sent from a page of this server; a request that cannot show it was not."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    source = connection.headers.get("origin") or connection.headers.get("referer")
    if source is None:
        return site is not None
    return urlsplit(source).netloc == connection.headers.get("host")


def _peer(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _is_proxy(peer: str) -> bool:
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    return any(found in network for network in _proxies(os.environ.get("KOPPROD_PROXY", "")))


@cache
def _proxies(listed: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip(), strict=False) for part in listed.split(",") if part)
