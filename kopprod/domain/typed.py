"""Numbers as people type them, never guessed.

`1.500` is fifteen hundred and `1,5` one and a half: dots group thousands and a comma begins the
decimals, as in Indonesian. What could be read in two ways, as `1.5`, is asked about: `Ambiguous`
names both readings.
"""

import re
import unicodedata
from fractions import Fraction

from kopprod.domain.refusal import N_, Refusal

LONGEST = 60  # characters; nobody types a longer quantity or amount
NUMBER = r"[0-9][0-9.,]*"
MINUS = "-\N{MINUS SIGN}\N{EN DASH}"

_PLAIN = re.compile(r"([0-9]+)(?:,([0-9]+))?")
_GROUPED = re.compile(r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,([0-9]+))?")
_ONE_DOT = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")
_COMMA_FOR_DOT = re.compile(r"([1-9][0-9]{0,2}),([0-9]{3})")


class NothingTyped(Refusal):
    """The field was left empty."""

    sentence = N_("Nothing was typed here yet.")


class NotANumber(Refusal):
    """No number can be read from it."""

    sentence = N_("{typed} cannot be read as a number. Type it like 1.500 or 2,5.")


class FormulaTyped(Refusal):
    """A spreadsheet's formula instead of its result."""

    sentence = N_("{typed} looks like a formula. Type the number itself.")


class WronglyGrouped(Refusal):
    """Dots and commas stand where no number has them, as in Rp6.7000."""

    sentence = N_(
        "The dots and commas in {typed} are not in their places. "
        "Thousands are written 1.500, decimals 2,5."
    )


class Ambiguous(Refusal):
    """It can be read in two ways, so the person is asked."""

    sentence = N_("Do you mean {one} or {other}? {typed} can be read as both.")


def clean(text: str) -> str:
    """What was typed without stray blanks and invisible marks; refuses nothing and formulas."""
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    words = " ".join(visible.split())
    if not words:
        raise NothingTyped
    if words[0] in "=@":
        raise FormulaTyped(typed=words[:LONGEST])
    if len(words) > LONGEST:
        raise NotANumber(typed=words[:LONGEST])
    return words


def read(number: str, *, thousandths: bool, unit: str = "") -> Fraction:
    """The number, exactly.

    Three digits after a comma are asked about where `thousandths` of the unit are not in use
    (`6,500` rupiah), and otherwise when they end in nought (`1,500 kg`), since a comma is also how
    others group thousands. `unit` is only for the question.
    """
    _ask_if_unclear(number, thousandths=thousandths, unit=unit)
    match = _PLAIN.fullmatch(number) or _GROUPED.fullmatch(number)
    if match is None:
        raise WronglyGrouped(typed=f"{number} {unit}".rstrip())
    whole, decimals = match[1].replace(".", ""), match[2] or ""
    return Fraction(int(whole + decimals), 10 ** len(decimals))


def _ask_if_unclear(number: str, *, thousandths: bool, unit: str) -> None:
    match = _ONE_DOT.fullmatch(number)
    if match is not None and _GROUPED.fullmatch(number) is None and number.strip("0."):
        _ask(match[1], match[2], number, unit)
    match = _COMMA_FOR_DOT.fullmatch(number)
    if match is not None and (not thousandths or match[2].endswith("0")):
        _ask(match[1], match[2], number, unit)


def _ask(whole: str, rest: str, number: str, unit: str) -> None:
    decimals = rest.rstrip("0")
    one = f"{whole},{decimals}" if decimals else whole
    other = f"{whole}.{rest:0<3}" if whole.strip("0") else f"{rest:0<3}".lstrip("0")
    raise Ambiguous(
        one=f"{one} {unit}".rstrip(),
        other=f"{other} {unit}".rstrip(),
        typed=f"{number} {unit}".rstrip(),
    )
