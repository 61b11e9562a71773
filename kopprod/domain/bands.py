"""Bands of one or two measures, each with what it adds to the price or takes from it.

The paddy table of January 2025 (Kepbadan 2/2025): moisture up to 25 % or 26-30 %, empty grain up to
10 % or 11-15 %, in steps of 1 %. At 28 % and 12 % Rp750 are taken from Rp6.500. Between 25 % and
26 % the table says nothing, so the cooperative does: 25,5 % counts as the next higher class, or is
refused, or somebody is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import prod
from typing import ClassVar

from kopprod.domain import measures
from kopprod.domain.measures import WORDS, Measure
from kopprod.domain.refusal import N_, Refusal

MOST_BANDS = 100  # of one measure; the longest published table seen has fourteen

Values = Mapping[Measure, int]


class Between(StrEnum):
    """What happens to a value that lies between two steps, and so between two bands."""

    HIGHER = "higher"
    LOWER = "lower"
    REFUSE = "refuse"
    ASK = "ask"


class Outside(StrEnum):
    """What happens to a value below the first band or above the last one."""

    NEAREST = "nearest"
    REFUSE = "refuse"
    ASK = "ask"


class Kept:
    """What is kept as JSON: nothing unknown may come back in it, and whole numbers are whole."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}


@dataclass(frozen=True)
class Band(Kept):
    """From `low` to `high`, both included; an end without a number is open."""

    low: int | None
    high: int | None

    def holds(self, value: int) -> bool:
        """Whether a value lies in it."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Axis(Kept):
    """A measure's bands, rising, and the step in which it is read: fat by 0,1 %."""

    measure: Measure
    step: int
    bands: tuple[Band, ...]
    between: Between = Between.ASK
    outside: Outside = Outside.ASK


@dataclass(frozen=True)
class Bands(Kept):
    """What each band adds (or takes, below zero), in ten-thousandths of a rupiah.

    With two axes it is a table: first all bands of the second axis for the first band of the first.
    """

    axes: tuple[Axis, ...]
    adjust_e4: tuple[int, ...]


class NoBands(Refusal):
    """Bands without a band."""

    sentence = N_("Write at least one class of {measure_word}.")


class TooManyBands(Refusal):
    """More bands than any table has."""

    sentence = N_("{measure_word} has more than {most} classes. Look again.")


class StepMissing(Refusal):
    """A step of nothing."""

    sentence = N_("Say in which step {measure_word} is read, for example {example}.")


class BandUpsideDown(Refusal):
    """A band that ends below its beginning."""

    sentence = N_("{measure_word}: the class {band} ends below its beginning.")


class BandOffStep(Refusal):
    """A band that begins or ends between two steps."""

    sentence = N_("{measure_word}: the class {band} does not fit the step of {step}.")


class BandsOverlap(Refusal):
    """A value would lie in two bands."""

    sentence = N_("{measure_word}: the classes {one} and {other} overlap.")


class BandsHaveGap(Refusal):
    """A value on the grid would lie in no band."""

    sentence = N_(
        "{measure_word}: between the classes {one} and {other} there is a gap of more than "
        "one step of {step}."
    )


class MeasureTwice(Refusal):
    """A table of one measure by itself."""

    sentence = N_("{measure_word} stands twice in one table. Choose two different measures.")


class BetweenRefused(Refusal):
    """The rule buys nothing between two bands."""

    sentence = N_(
        "{measure_word} {value} lies between the classes {one} and {other}. "
        "The price rule refuses that."
    )


class OutsideRefused(Refusal):
    """The rule buys nothing outside its bands."""

    sentence = N_("{measure_word} {value} lies outside all classes. The price rule refuses that.")


class ToAsk(Refusal):
    """The rule leaves it to somebody; `choices` are the values it may count as."""

    sentence = N_("The price rule leaves this to you. Choose the class.")
    measure: Measure
    choices: tuple[int, ...]


class BetweenToAsk(ToAsk):
    """Between two bands, one of them is to be chosen."""

    sentence = N_(
        "{measure_word} {value} lies between the classes {one} and {other}. "
        "Choose which one it counts as."
    )


class OutsideToAsk(ToAsk):
    """Outside all bands, the nearest is to be confirmed."""

    sentence = N_(
        "{measure_word} {value} lies outside all classes. "
        "Should it count as the nearest one, {one}?"
    )


@dataclass(frozen=True)
class Counted:
    """A value and the band it was put into; `counts_as` is the value that decided."""

    measure: Measure
    value: int
    band: Band
    counts_as: int
    decided: bool = False  # somebody was asked


def shown(measure: Measure, band: Band) -> str:
    """A band as people write it: `26-30 %`, `≤ 25 %`, `≥ 31 %`; a single value stands alone."""
    unit = measures.scale(measure).unit
    match (band.low, band.high):
        case (None, None):
            return "…"
        case (None, int(high)):
            return f"≤ {measures.number(measure, high)}{unit}"
        case (int(low), None):
            return f"≥ {measures.number(measure, low)}{unit}"
        case (int(low), int(high)) if low == high:
            return measures.shown(measure, low)
    ends = (measures.number(measure, end) for end in (band.low or 0, band.high or 0))
    return "\N{EN DASH}".join(ends) + unit


def check(bands: Bands) -> Bands:
    """The bands, or a refusal that names the two between which is a gap or an overlap."""
    if len(bands.axes) not in (1, 2) or len(bands.adjust_e4) != prod(
        len(axis.bands) for axis in bands.axes
    ):
        raise ValueError("bands and adjustments do not fit")
    for axis in bands.axes:
        check_axis(axis)
    if len({axis.measure for axis in bands.axes}) < len(bands.axes):
        raise MeasureTwice(measure_word=WORDS[bands.axes[0].measure])
    return bands


def check_axis(axis: Axis) -> None:
    """Refuse bands that leave a value of the grid without a band or give it two."""
    word = WORDS[axis.measure]
    if not axis.bands:
        raise NoBands(measure_word=word)
    if len(axis.bands) > MOST_BANDS:
        raise TooManyBands(measure_word=word, most=MOST_BANDS)
    if axis.step < 1:
        example = measures.shown(axis.measure, measures.scale(axis.measure).step)
        raise StepMissing(measure_word=word, example=example)
    for band in axis.bands:
        _check_band(axis, band)
    for one, other in pairwise(axis.bands):
        _check_pair(axis, one, other)


def _check_band(axis: Axis, band: Band) -> None:
    ends = [end for end in (band.low, band.high) if end is not None]
    facts = {"measure_word": WORDS[axis.measure], "band": shown(axis.measure, band)}
    for end in ends:
        measures.check(axis.measure, end)
        if end % axis.step:
            raise BandOffStep(step=measures.shown(axis.measure, axis.step), **facts)
    if ends != sorted(ends):
        raise BandUpsideDown(**facts)


def _check_pair(axis: Axis, one: Band, other: Band) -> None:
    facts = {
        "measure_word": WORDS[axis.measure],
        "one": shown(axis.measure, one),
        "other": shown(axis.measure, other),
    }
    if one.high is None or other.low is None or other.low <= one.high:
        raise BandsOverlap(**facts)
    if other.low - one.high > axis.step:
        raise BandsHaveGap(step=measures.shown(axis.measure, axis.step), **facts)


def find(axis: Axis, value: int, *, decided: int | None = None) -> Counted:
    """The band of a value; between two or outside all, what the rule says.

    Raises `ToAsk` where the rule leaves it to somebody; one of its `choices` then comes back as
    `decided`, which counts for nothing where the rule asks nobody.
    """
    for band in axis.bands:
        if band.holds(value):
            return Counted(axis.measure, value, band, value)
    for one, other in pairwise(axis.bands):
        if one.high is not None and other.low is not None and one.high < value < other.low:
            return _between(axis, value, one.high, other.low, decided)
    first, last = axis.bands[0], axis.bands[-1]
    if first.low is not None and value < first.low:
        return _outside(axis, value, first.low, decided)
    assert last.high is not None  # an open band would have held it
    return _outside(axis, value, last.high, decided)


def _between(axis: Axis, value: int, low: int, high: int, decided: int | None) -> Counted:
    facts = _facts(axis, value)
    facts["one"] = shown(axis.measure, _band_of(axis, low))
    facts["other"] = shown(axis.measure, _band_of(axis, high))
    if axis.between is Between.HIGHER:
        return _as(axis, value, high)
    if axis.between is Between.LOWER:
        return _as(axis, value, low)
    if axis.between is Between.REFUSE:
        raise BetweenRefused(**facts)
    return _asked(axis, value, decided, BetweenToAsk(**facts), (low, high))


def _outside(axis: Axis, value: int, nearest: int, decided: int | None) -> Counted:
    facts = _facts(axis, value)
    if axis.outside is Outside.NEAREST:
        return _as(axis, value, nearest)
    if axis.outside is Outside.REFUSE:
        raise OutsideRefused(**facts)
    facts["one"] = shown(axis.measure, _band_of(axis, nearest))
    return _asked(axis, value, decided, OutsideToAsk(**facts), (nearest,))


def _facts(axis: Axis, value: int) -> dict[str, str]:
    return {
        "measure_word": WORDS[axis.measure],
        "value": measures.shown(axis.measure, value),
    }


def _band_of(axis: Axis, value: int) -> Band:
    return next(band for band in axis.bands if band.holds(value))


def _as(axis: Axis, value: int, counts_as: int, *, decided: bool = False) -> Counted:
    return Counted(axis.measure, value, _band_of(axis, counts_as), counts_as, decided)


def _asked(
    axis: Axis, value: int, decided: int | None, question: ToAsk, choices: tuple[int, ...]
) -> Counted:
    if decided in choices:
        return _as(axis, value, decided, decided=True)
    question.measure, question.choices = axis.measure, choices
    raise question


def adjustment(bands: Bands, values: Values, decided: Values) -> tuple[list[Counted], int]:
    """Each measure with its band, and what they add to the price together, in e4."""
    found, place = [], 0
    for axis in bands.axes:
        counted = find(axis, values[axis.measure], decided=decided.get(axis.measure))
        found.append(counted)
        place = place * len(axis.bands) + axis.bands.index(counted.band)
    return found, bands.adjust_e4[place]
