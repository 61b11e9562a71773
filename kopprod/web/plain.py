"""Plain pages: a template, a language, no script, and headers against framing and keeping."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kopprod import language as languages
from kopprod.domain.refusal import N_, Refusal
from kopprod.web.cookie import LANGUAGE_COOKIE

LARGEST_FORM = 20_000  # bytes; a sign-in form has some hundred
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class FormTooLarge(Refusal):
    """More than any of these forms can hold."""

    sentence = N_("This form is too large. Nothing was kept.")


class NotFromOurPage(Refusal):
    """A form that another site may have sent in the visitor's name."""

    sentence = N_("This form did not come from this page. Open the page again and retry.")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("kopprod.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def spoken(request: Request) -> str:
    """The language chosen in this browser; Indonesian where none was."""
    chosen = request.query_params.get("bahasa") or request.cookies.get(LANGUAGE_COOKIE, "id")
    return chosen if chosen in languages.LANGUAGES else "id"


def page(
    request: Request,
    template: str,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
    language: str | None = None,
    **facts: Any,
) -> HTMLResponse:
    """Fill a template; a choice of language in the address is kept in the browser."""
    lang = language or spoken(request)
    text = (
        _templates()
        .get_template(template)
        .render(
            _=partial(languages.translate, lang),
            lang=lang,
            path=request.url.path,
            error="" if refusal is None else languages.sentence(lang, refusal),
            **facts,
        )
    )
    response = HTMLResponse(text, status_code=status, headers=HEADERS)
    if request.query_params.get("bahasa") == lang:
        response.set_cookie(
            LANGUAGE_COOKIE, lang, max_age=31_536_000, httponly=True, samesite="lax"
        )
    return response


async def form(request: Request) -> Mapping[str, str]:
    """The fields of a posted form; it is never read further than any form of ours is long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise FormTooLarge
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
