"""Measures of quality: what is measured beside the weight, as whole numbers of a stated scale.

Moisture of 28 % is kept as 2.800 hundredths of a percent, milk of density 1,026 as 10.260
ten-thousandths of a kilogram a liter, and five million bacteria in a millilitre as 5.000.000.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kopprod.domain import typed
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_, Refusal


class Measure(StrEnum):
    """What may be measured of goods."""

    FAT = "fat"
    PROTEIN = "protein"
    SNF = "snf"
    ACIDITY = "acidity"
    BACTERIA = "bacteria"
    DENSITY = "density"
    ADDED_WATER = "added_water"
    SEDIMENT = "sediment"
    MOISTURE = "moisture"
    IMPURITY = "impurity"
    EMPTY = "empty"
    BROKEN = "broken"
    UNRIPE = "unripe"
    DEFECTS = "defects"


WORDS: Mapping[Measure, str] = {
    Measure.FAT: N_("Fat"),
    Measure.PROTEIN: N_("Protein"),
    Measure.SNF: N_("Solids without fat"),
    Measure.ACIDITY: N_("Acidity"),
    Measure.BACTERIA: N_("Bacteria"),
    Measure.DENSITY: N_("Density"),
    Measure.ADDED_WATER: N_("Added water"),
    Measure.SEDIMENT: N_("Sediment class"),
    Measure.MOISTURE: N_("Moisture"),
    Measure.IMPURITY: N_("Impurity"),
    Measure.EMPTY: N_("Empty grain"),
    Measure.BROKEN: N_("Broken grain"),
    Measure.UNRIPE: N_("Unripe"),
    Measure.DEFECTS: N_("Defects"),
}


@dataclass(frozen=True)
class Scale:
    """How a measure is written and kept: its decimals, its unit, and what can be true of it."""

    decimals: int
    unit: str
    least: int
    most: int
    step: int  # the step in which it is mostly read

    @property
    def one(self) -> int:
        """How many of what is kept are one of its unit."""
        return int(10**self.decimals)


_PERCENT = Scale(decimals=2, unit=" %", least=0, most=10_000, step=10)
_SCALES: Mapping[Measure, Scale] = {
    Measure.ACIDITY: Scale(decimals=2, unit=" %", least=0, most=10_000, step=1),
    Measure.BACTERIA: Scale(decimals=0, unit="/ml", least=0, most=10**10, step=1),
    Measure.DENSITY: Scale(decimals=4, unit=" kg/l", least=9_000, most=12_000, step=5),
    Measure.SEDIMENT: Scale(decimals=0, unit="", least=1, most=9, step=1),
    Measure.MOISTURE: Scale(decimals=2, unit=" %", least=0, most=10_000, step=100),
    Measure.EMPTY: Scale(decimals=2, unit=" %", least=0, most=10_000, step=100),
}
_TIMES = {"ribu": 10**3, "rb": 10**3, "juta": 10**6, "jt": 10**6}
_VALUE = re.compile(
    rf"(?P<number>{typed.NUMBER}) ?(?P<times>ribu|rb|juta|jt)?(?: ?%|/ml| ?kg/l)?", re.IGNORECASE
)


class MeasureOutOfRange(Refusal):
    """A moisture of 250 %."""

    sentence = N_("{measure_word} is between {least} and {most}; {value} cannot be right.")


class MeasureTooFine(Refusal):
    """More decimals than the measure is kept with."""

    sentence = N_("{measure_word} is kept to {finest}; {value} is finer.")


class MeasureMissing(Refusal):
    """The price asks for what nobody measured."""

    sentence = N_("{measure_word} is not measured yet. The price depends on it.")


def scale(measure: Measure) -> Scale:
    """How a measure is written and kept; most are percent of the weight."""
    return _SCALES.get(measure, _PERCENT)


def shown(measure: Measure, value: int) -> str:
    """The value as people read it: `28 %`, `5.000.000/ml`."""
    return f"{number(measure, value)}{scale(measure).unit}"


def number(measure: Measure, value: int) -> str:
    """The value without its unit, as it is typed: `28`."""
    known = scale(measure)
    return format_number(Fraction(value, known.one), decimals=known.decimals)


def check(measure: Measure, value: int) -> int:
    """The value, or a refusal of what cannot be true."""
    known = scale(measure)
    if not known.least <= value <= known.most:
        raise MeasureOutOfRange(
            measure_word=WORDS[measure],
            least=shown(measure, known.least),
            most=shown(measure, known.most),
            value=shown(measure, value),
        )
    return value


def parse(measure: Measure, text: str) -> int:
    """Read a value as people type it: `28`, `12,5 %`, `5 juta`. Refuses what cannot be true."""
    return check(measure, parse_step(measure, text))


def parse_step(measure: Measure, text: str) -> int:
    """Read a distance between two values, `0,1`, which may be smaller than any value is."""
    words = typed.clean(text)
    match = _VALUE.fullmatch(words)
    if match is None:
        raise typed.NotANumber(typed=words)
    known = scale(measure)
    value = typed.read(match["number"], thousandths=True) * known.one
    value *= _TIMES[match["times"].lower()] if match["times"] else 1
    if value.denominator != 1:
        raise MeasureTooFine(
            measure_word=WORDS[measure], finest=shown(measure, 1), value=f"{words}"
        )
    return int(value)
