"""Quantities: whole base units, typed and shown in the units people use.

Ayu types `2,5 kuintal`: 250.000 grams are kept, beside her own words, and `2,5 kuintal = 250 kg` is
read back to her. Made's `3 gros + 2 kodi + 1 lusin` are 432 + 40 + 12 = 484 pieces.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kopprod.domain import typed
from kopprod.domain.refusal import N_, Refusal

MOST = 10**12  # base units; a million tonnes of rice is not one farmer's harvest


class BaseUnit(StrEnum):
    """What is counted; every quantity is a whole number of these."""

    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "piece"


@dataclass(frozen=True)
class Quantity:
    """So many whole base units."""

    amount: int
    unit: BaseUnit


@dataclass(frozen=True)
class UnitFactor:
    """A unit's name and how many base units it is; a sack's factor is its product's own."""

    name: str
    factor: int


@dataclass(frozen=True)
class ParsedQuantity:
    """Base units, and what the person said, tidied: `2,5 kuintal`."""

    amount: int
    said: str


# Source of the trade units: lusin 12, kodi 20, gros 12 lusin, rim 500 sheets, kuintal 100 kg.
STANDARD_UNITS: Mapping[BaseUnit, tuple[UnitFactor, ...]] = {
    BaseUnit.GRAM: (
        UnitFactor("kg", 1_000),
        UnitFactor("kuintal", 100_000),
        UnitFactor("ton", 1_000_000),
        UnitFactor("gram", 1),
    ),
    BaseUnit.MILLILITRE: (UnitFactor("liter", 1_000), UnitFactor("ml", 1)),
    BaseUnit.PIECE: (
        UnitFactor("buah", 1),
        UnitFactor("lusin", 12),
        UnitFactor("kodi", 20),
        UnitFactor("gros", 144),
    ),
}
SHEET = "lembar"
REAM = UnitFactor("rim", 500)

_OTHER_NAMES: Mapping[str, str] = {
    "kilo": "kg",
    "kilogram": "kg",
    "kgs": "kg",
    "g": "gram",
    "gr": "gram",
    "grm": "gram",
    "kw": "kuintal",
    "kwt": "kuintal",
    "kwintal": "kuintal",
    "kuwintal": "kuintal",
    "t": "ton",
    "l": "liter",
    "lt": "liter",
    "ltr": "liter",
    "litre": "liter",
    "mililiter": "ml",
    "cc": "ml",
    "bh": "buah",
    "pcs": "buah",
    "pc": "buah",
    "biji": "buah",
    "bj": "buah",
    "lembar": "buah",
    "lbr": "buah",
    "lsn": "lusin",
    "dosin": "lusin",
    "kd": "kodi",
    "gross": "gros",
    "krg": "karung",
    "sak": "karung",
    "hektar": "ha",
    "hektare": "ha",
    "m²": "m2",
    "meter": "m2",
    "meter persegi": "m2",
    "bata": "ubin",
    "tumbak": "ubin",
    "bahu": "bau",
    "rit": "trip",
    "mnt": "menit",
}
_SHOWN_IN: Mapping[BaseUnit, UnitFactor] = {
    base: units[0] for base, units in STANDARD_UNITS.items()
}
_PART = re.compile(
    rf"(?P<minus>[{typed.MINUS}])? ?(?P<number>{typed.NUMBER}) ?(?P<unit>[^\W\d].*)?"
)


class NotAQuantity(Refusal):
    """No number begins it."""

    sentence = N_(
        "{typed} cannot be read as a quantity. "
        "Type it like 25 {unit}, or as a sum: 20 {unit} + 5 {unit}."
    )


class UnknownUnit(Refusal):
    """The product is not measured in this unit."""

    sentence = N_("The unit {unit} is not known here. Known are: {known}.")


class UnitMissing(Refusal):
    """A bare number where one person means hectares by it and another square metres."""

    sentence = N_("Do you mean {one} or {other}? Write the unit too. Known are: {known}.")


class NegativeQuantity(Refusal):
    """A quantity below zero was typed."""

    sentence = N_("{typed} is less than nothing. Type the quantity without a minus sign.")


class ZeroQuantity(Refusal):
    """Nothing at all was typed as a quantity."""

    sentence = N_("{typed} is nothing. Type a quantity greater than zero.")


class QuantityTooLarge(Refusal):
    """More than any cooperative has."""

    sentence = N_("{typed} is too much to be true. Please check the figure and its unit.")


class NotWhole(Refusal):
    """Half a piece, or less than a gram."""

    sentence = N_("{typed} cannot be counted: the smallest quantity here is 1 {smallest}.")


def known_units(base: BaseUnit, own: Sequence[UnitFactor]) -> list[UnitFactor]:
    """The units a product may be typed in: the standard ones and its own, which win.

    A ream is known only where the product itself is counted in sheets.
    """
    units = {unit.name.casefold(): unit for unit in STANDARD_UNITS[base]}
    units |= {unit.name.casefold(): unit for unit in own}
    if base is BaseUnit.PIECE and SHEET in units:
        units.setdefault(REAM.name, REAM)
    return list(units.values())


def parse_quantity(text: str, units: Sequence[UnitFactor], default: str | None) -> ParsedQuantity:
    """Read a quantity, or a sum of some: `2,5 kuintal`, `1.500`, `3 gros + 2 kodi`.

    A number without a unit counts `default`, one of `units`; where that is None it is refused.
    Refuses what is empty, no number, zero or below, too large, no whole number of base units, in an
    unknown unit, or readable in two ways.
    """
    words = typed.clean(text)
    matches = [_PART.fullmatch(part.strip()) for part in re.split(r"\+|\bdan\b", words)]
    if None in matches:
        raise NotAQuantity(typed=words, unit=default or units[0].name)
    parts = [_read_part(match, units, default) for match in matches if match]
    amount = sum((amount for amount, _ in parts), Fraction(0))
    said = " + ".join(said for _, said in parts)
    if amount == 0:
        raise ZeroQuantity(typed=said)
    if amount > MOST:
        raise QuantityTooLarge(typed=said)
    if amount.denominator != 1:
        raise NotWhole(typed=said, smallest=_smallest(units).name)
    return ParsedQuantity(int(amount), said)


def _read_part(
    match: re.Match[str], units: Sequence[UnitFactor], default: str | None
) -> tuple[Fraction, str]:
    said = match["unit"] or default
    if said is None:
        one, other = (f"{match['number']} {unit.name}" for unit in units[:2])
        raise UnitMissing(one=one, other=other, known=_names(units))
    unit = _find(said, units)
    number = typed.read(match["number"], thousandths=True, unit=unit.name)
    said = f"{match['number']} {unit.name}"
    if match["minus"]:
        raise NegativeQuantity(typed=f"-{said}")
    return number * unit.factor, said


def _find(name: str, units: Sequence[UnitFactor]) -> UnitFactor:
    wanted = name.strip(" .").casefold()
    by_name = {unit.name.casefold(): unit for unit in units}
    found = by_name.get(wanted) or by_name.get(_OTHER_NAMES.get(wanted, wanted))
    if found is None:
        raise UnknownUnit(unit=name.strip(), known=_names(units))
    return found


def _names(units: Sequence[UnitFactor]) -> str:
    return ", ".join(unit.name for unit in units)


def _smallest(units: Sequence[UnitFactor]) -> UnitFactor:
    return min(units, key=lambda unit: unit.factor)


def format_number(number: int | Fraction, *, decimals: int = 3) -> str:
    """`1.234,5`: at most `decimals` after the comma, half away from zero, no trailing noughts."""
    scale = 10**decimals
    scaled = int(abs(number) * scale + Fraction(1, 2))
    whole, rest = divmod(scaled, scale)
    shown = f"{whole:,}".replace(",", ".")
    if rest:
        shown += "," + str(rest).zfill(decimals).rstrip("0")
    return f"\N{MINUS SIGN}{shown}" if number < 0 and scaled else shown


def format_in(amount: int, unit: UnitFactor) -> str:
    """So many base units in a unit of choice: 250.000 in kuintal is `2,5 kuintal`."""
    return f"{format_number(Fraction(amount, unit.factor))} {unit.name}"


def format_quantity(quantity: Quantity) -> str:
    """As people say it: grams in kg, millilitres in liter, pieces in buah. `120,5 kg`."""
    return format_in(quantity.amount, _SHOWN_IN[quantity.unit])


def read_back(parsed: ParsedQuantity, unit: BaseUnit) -> str:
    """What was typed and what it means: `2,5 kuintal = 250 kg`; once only where they agree."""
    shown = format_quantity(Quantity(parsed.amount, unit))
    return shown if shown == parsed.said else f"{parsed.said} = {shown}"
