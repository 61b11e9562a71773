"""Weights of sacks, cans, crates, bundles or pieces, typed in one field; the sacks are trusted.

`50,5 51 49,8 3x50 48` are seven sacks of 349,3 kg, whatever total somebody else wrote down: after
`= 350` the difference of 0,7 kg is shown, and 349,3 kg stay.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median_low

from kopprod.domain import quantities, typed
from kopprod.domain.quantities import BaseUnit, Quantity, UnitFactor
from kopprod.domain.refusal import N_, Refusal

LONGEST = 2_000  # characters: some three hundred sacks
MOST_SACKS = 1_000
ODD_TIMES = 5  # 505 for 50,5 among 51 and 52 is more than five times the middle one

# What somebody may type, for whoever has not done it yet: pieces have no halves.
EXAMPLES: Mapping[BaseUnit, str] = {
    BaseUnit.GRAM: "50,5 51 3x49,8",
    BaseUnit.MILLILITRE: "20,5 21 3x19,5",
    BaseUnit.PIECE: "20 25 3x12",
}

_NUMBER = typed.NUMBER
_UNIT = r"[^\W\d_]+"
_X = r"[x×*X]"
# Between two weights: blanks, lines, semicolons, plus signs, or a comma that a blank follows.
_BETWEEN = re.compile(r"(?:[;+\n\r]|,(?=\s|$)|\bdan\b)+")
_PIECE = re.compile(
    rf"(?P<minus>[{typed.MINUS}] ?)?"
    rf"(?:(?P<first>{_NUMBER})(?: ?(?P<first_unit>(?!{_X}[ 0-9]){_UNIT}))?"
    rf"(?: ?{_X} ?(?P<second>{_NUMBER})(?: ?(?P<second_unit>{_UNIT}))?)?)"
    r"(?=\s|$)"
)
_WORD = re.compile(r"\S+")


class PieceUnclear(Refusal):
    """A piece that is no weight."""

    sentence = N_("{piece} is not a weight. Type the sacks like 50,5 51 49,8 or 3x50.")


class CountUnclear(Refusal):
    """Neither side of the x is a whole number of sacks."""

    sentence = N_("{piece}: how many sacks is that? Type the count and the weight, like 3x50,5.")


class TooManySacks(Refusal):
    """More than a truck carries."""

    sentence = N_("{count} weights are too many for one delivery. Look at the counts again.")


class OddWeight(Refusal):
    """One sack weighs very much more than the others, and nobody said that it is right."""

    sentence = N_(
        "One weighs {odd}, the middle one {middle}. Look at that number again; "
        "if it is right, say so and save again."
    )


class TareNeedsCount(Refusal):
    """The tare of one sack counts as often as there are sacks."""

    sentence = N_("The tare of one ({tare}) must be less than the lightest ({lightest}).")


class ScaleNeedsName(Refusal):
    """A scale without a name."""

    sentence = N_("Give the scale a name, like the place where it stands.")


class ScaleKnown(Refusal):
    """Two scales of one name could not be told apart."""

    sentence = N_("There is already a scale named {name}.")


@dataclass(frozen=True)
class Weights:
    """What each sack weighs in base units, in order, and the total that was typed after `=`."""

    each: tuple[int, ...]
    stated: int | None = None

    @property
    def total(self) -> int:
        """What all of them weigh: always recomputed, never what was typed."""
        return sum(self.each)

    @property
    def differs(self) -> int:
        """How much more was typed as the total than the sacks weigh; 0 where nothing was."""
        return 0 if self.stated is None else self.stated - self.total


def parse_weights(text: str, units: Sequence[UnitFactor], default: str) -> Weights:
    """Read weights between blanks, semicolons or lines: `50,5 51 3x50 48`, `= 350` for a total.

    A comma begins decimals. A number without a unit counts `default`. Of `3x50` the count is the
    side without unit and decimals, and of two such the smaller. Refuses, naming the piece, what is
    no weight, zero or negative, unclear (`1.5`), or in an unknown unit.
    """
    words = _clean(text)
    sacks, *totals = words.split("=")
    each: list[int] = []
    for part in _BETWEEN.split(sacks):
        each.extend(_read_part(part, units, default))
        if len(each) > MOST_SACKS:
            raise TooManySacks(count=len(each))
    if not each:
        raise typed.NothingTyped
    if len(totals) > 1:
        raise PieceUnclear(piece="=" + totals[1].strip()[: typed.LONGEST])
    stated = None
    if totals and totals[0].strip():
        stated = quantities.parse_quantity(totals[0], units=units, default=default).amount
    return Weights(tuple(each), stated)


def _clean(text: str) -> str:
    if len(text) > LONGEST:
        raise PieceUnclear(piece=text[LONGEST - 20 : LONGEST].strip())
    visible = "".join(c for c in text if c.isprintable() or c in "\n\r\t")
    if not visible.strip():
        raise typed.NothingTyped
    if visible.lstrip()[0] in "=@":
        raise typed.FormulaTyped(typed=visible.strip()[: typed.LONGEST])
    return visible


def _read_part(part: str, units: Sequence[UnitFactor], default: str) -> list[int]:
    found: list[int] = []
    rest = part.strip()
    while rest:
        match = _PIECE.match(rest)
        if match is None:
            word = _WORD.match(rest)
            raise PieceUnclear(piece="" if word is None else word[0][: typed.LONGEST])
        found.extend(_read_piece(match, units, default))
        if len(found) > MOST_SACKS:
            raise TooManySacks(count=len(found))
        rest = rest[match.end() :].strip()
    return found


def _read_piece(match: re.Match[str], units: Sequence[UnitFactor], default: str) -> list[int]:
    if match["minus"]:
        raise quantities.NegativeQuantity(typed=match[0].strip())
    count, weight = 1, _words(match["first"], match["first_unit"])
    if match["second"]:
        count, weight = _count_and_weight(match)
    return [quantities.parse_quantity(weight, units=units, default=default).amount] * count


def _words(number: str, unit: str | None) -> str:
    return f"{number} {unit}" if unit else number


def _count_and_weight(match: re.Match[str]) -> tuple[int, str]:
    first, second = match["first"], match["second"]
    sides = [
        (int(count), _words(weight, unit))
        for count, own_unit, weight, unit in (
            (first, match["first_unit"], second, match["second_unit"]),
            (second, match["second_unit"], first, match["first_unit"]),
        )
        if count.isdecimal() and int(count) > 0 and own_unit is None
    ]
    if not sides:
        raise CountUnclear(piece=match[0].strip())
    count, weight = min(sides)
    if count > MOST_SACKS:
        raise TooManySacks(count=count)
    return count, weight


def as_typed(weights: Sequence[int], unit: BaseUnit) -> str:
    """Weights as an officer would type them, equal ones that follow each other once: `3x50 kg`."""
    runs = [(len(list(run)), weight) for weight, run in groupby(weights)]
    words = [(count, quantities.format_quantity(Quantity(weight, unit))) for count, weight in runs]
    return " ".join(f"{count}x{said}" if count > 1 else said for count, said in words)


def check_weights(weights: Sequence[int], unit: BaseUnit, *, sure: bool = False) -> int:
    """What all weigh together; one much heavier than the middle one is refused unless `sure`."""
    odd = odd_weight(weights)
    if odd is not None and not sure:
        raise OddWeight(odd=Quantity(odd, unit), middle=Quantity(middle(weights), unit))
    return sum(weights)


def odd_weight(weights: Sequence[int]) -> int | None:
    """The heaviest, where it weighs more than five times the middle one."""
    heaviest = max(weights)
    return heaviest if heaviest > ODD_TIMES * middle(weights) else None


def middle(weights: Sequence[int]) -> int:
    """What the middle one weighs; of two middle ones the lighter."""
    return median_low(weights)


def tare_of(each: int, weights: Sequence[int], unit: BaseUnit) -> int:
    """The whole tare of so many sacks; refuses a sack that would weigh less than nothing."""
    if each >= min(weights):
        raise TareNeedsCount(tare=Quantity(each, unit), lightest=Quantity(min(weights), unit))
    return each * len(weights)


def is_expired(verified_until: date | None, *, on: date) -> bool:
    """Whether a scale's verification is over on a day, or was never written down."""
    return verified_until is None or verified_until < on
