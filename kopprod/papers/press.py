"""Printing: a template filled with plain words, as PDF, the same bytes each time.

A template gets its words as one JSON text and never as source, so that a name with markup in it is
a name. Typst carries its own fonts: nothing of the server's and nothing from the network is used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst

from kopprod import language
from kopprod.domain import codes
from kopprod.domain.quantities import BaseUnit, Quantity, format_quantity

TEMPLATES = Path(__file__).parent
_BEGINNING = 0  # of time, in seconds: a PDF of the same words is the same file


@dataclass(frozen=True)
class Letterhead:
    """Whose paper it is, for whom, and when it was printed; `origin` is the server's address.

    Without an `origin` the code is printed, but not where to ask for it. `place` is the
    cooperative's own address, `pay_to` where buyers pay, `logo` its picture as PNG.
    """

    coop: str
    name: str
    language: str
    printed_on: date
    origin: str = ""
    place: str = ""
    pay_to: str = ""
    logo: bytes = b""

    def say(self, message: str, **facts: Any) -> str:
        """The message in the reader's language."""
        return language.translate(self.language, message, **facts)

    def address(self, code: str) -> str:
        """Where somebody asks whether a paper is ours."""
        return f"{self.origin}{codes.path(self.coop, code)}" if self.origin else ""


@dataclass(frozen=True)
class Line:
    """One line of a reckoning, with how it was reckoned; a sum stands under a rule, in bold."""

    what: str
    amount: str
    how: tuple[str, ...] = ()
    is_sum: bool = False


def weight(amount: int, unit: BaseUnit) -> str:
    """Base units in the unit that people read."""
    return format_quantity(Quantity(amount, unit))


def head(letter: Letterhead, *, title: str, number: str, code: str | None) -> dict[str, Any]:
    """What stands on every paper: whose, what, its number, its code, and when it was printed."""
    _ = letter.say
    address = letter.address(code) if code else ""
    return {
        "language": letter.language,
        "cooperative": letter.name or letter.coop,
        "place": letter.place,
        "logo": list(letter.logo),
        "title": title,
        "number": number,
        "code": codes.grouped(code) if code else "",
        "code_label": _("Verification code") if code else "",
        "ask_at": _("Check this paper at {address}", address=address) if address else "",
        "printed": _("Printed on {printed_on}", printed_on=letter.printed_on),
    }


def pdf(template: str, words: Mapping[str, Any]) -> bytes:
    """Fill a template of this folder."""
    printed = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"words": json.dumps(words, ensure_ascii=False, default=vars)},
        timestamp=_BEGINNING,
    )
    assert isinstance(printed, bytes)
    return printed


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
