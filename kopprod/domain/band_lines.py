"""Bands as people write them, one class a line, or as they copy them from a published table.

`26-30; 11-15: -750` takes Rp750 from goods with 26 to 30 % moisture and 11 to 15 % empty grain.
`≤ 25`, `sampai 25` and `-25` are open downwards; `≥ 31`, `31+` and `mulai 31` upwards. Cells of a
spreadsheet, parted by tabs or semicolons, may also bring each end by itself: `1,5; 1,9; -1`.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from kopprod.domain import bands, measures, typed
from kopprod.domain.bands import Axis, Band, Bands
from kopprod.domain.measures import WORDS
from kopprod.domain.money import E4, MOST_RP
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_, Refusal

MOST_LINES = 1_000
_CELLS = re.compile(r"\s*[;\t|]\s*")
_UP_TO = re.compile(r"(?:≤|<=|=<|sampai|s\.?/?d\.?|max\.?|maks\.?|up to)\s*", re.IGNORECASE)
_FROM = re.compile(r"(?:≥|>=|=>|mulai|min\.?|from)\s*", re.IGNORECASE)
_BETWEEN = re.compile(rf"\s*(?:[{typed.MINUS}]|sampai|s\.?/?d\.?|\bto\b)\s*", re.IGNORECASE)
_ABOVE = re.compile(r"(?:>|di atas|lebih dari)\s*", re.IGNORECASE)
_BELOW = re.compile(r"(?:<|di bawah|kurang dari)\s*", re.IGNORECASE)
_MONEY = re.compile(
    rf"(?P<sign>[{typed.MINUS}+])? ?(?:rp\.? ?)?(?P<late>[{typed.MINUS}])?"
    rf"(?P<number>{typed.NUMBER})",
    re.IGNORECASE,
)


class LineUnclear(Refusal):
    """A line that is no class with its addition or deduction."""

    sentence = N_("Line {line} cannot be read: {typed}. Write it like {example}.")


class LineTwice(Refusal):
    """A table says two things of one combination."""

    sentence = N_("Line {line} says again what {one} with {other} adds or takes.")


class LineMissing(Refusal):
    """A table says nothing of one combination."""

    sentence = N_("No line says what {one} with {other} adds or takes.")


class AdjustmentTooFine(Refusal):
    """More than four decimals."""

    sentence = N_("{typed} has more than four decimals. Round it.")


class AdjustmentTooLarge(Refusal):
    """More money than any unit of goods costs."""

    sentence = N_("{typed} is too much to be true.")


def parse_adjust_e4(text: str) -> int:
    """Read what is added to a price or, with a minus, taken from it: `-300`, `+0,25`, `0`."""
    words = typed.clean(text)
    match = _MONEY.fullmatch(words)
    if match is None:
        raise typed.NotANumber(typed=words)
    amount = typed.read(match["number"], thousandths=False) * E4
    if amount.denominator != 1:
        raise AdjustmentTooFine(typed=words)
    if amount > MOST_RP * E4:
        raise AdjustmentTooLarge(typed=words)
    below = match["late"] or match["sign"] not in (None, "+")
    return -int(amount) if below else int(amount)


def format_adjust(adjust_e4: int) -> str:
    """`-300`, `+0,25`, `0`: as it is typed, so never with three decimals that are asked about."""
    sign = "-" if adjust_e4 < 0 else "+" if adjust_e4 else ""
    number = format_number(Fraction(abs(adjust_e4), E4), decimals=4)
    three = len(number.partition(",")[2]) == 3
    return f"{sign}{number}0" if three else f"{sign}{number}"


def parse(axes: Sequence[Axis], text: str) -> Bands:
    """Read the lines of one measure or of a table of two, whose axes come still without bands.

    Refuses a line that cannot be read, gaps, overlaps, and a table with a hole or a cell twice.
    """
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise bands.NoBands(measure_word=WORDS[axes[0].measure])
    if len(lines) > MOST_LINES:
        raise bands.TooManyBands(measure_word=WORDS[axes[0].measure], most=MOST_LINES)
    cells: dict[tuple[Band, ...], int] = {}
    for n, line in lines:
        key, adjust_e4 = _parse_line(axes, line, n)
        if key in cells:
            raise LineTwice(line=n, **_named(axes, key))
        cells[key] = adjust_e4
    return _fitted(axes, cells)


def _fitted(axes: Sequence[Axis], cells: dict[tuple[Band, ...], int]) -> Bands:
    """The bands of each axis, rising and checked, and what each combination adds."""
    ranged = []
    for place, axis in enumerate(axes):
        rising = sorted({key[place] for key in cells}, key=_rising)
        ranged.append(Axis(axis.measure, axis.step, tuple(rising), axis.between, axis.outside))
        bands.check_axis(ranged[-1])
    keys: list[tuple[Band, ...]] = [()]
    for axis in ranged:
        keys = [(*key, band) for key in keys for band in axis.bands]
    for key in keys:
        if key not in cells:
            raise LineMissing(**_named(axes, key))
    return bands.check(Bands(tuple(ranged), tuple(cells[key] for key in keys)))


def _rising(band: Band) -> tuple[int, int]:
    low = -1 if band.low is None else band.low
    return low, 10**12 if band.high is None else band.high


def _named(axes: Sequence[Axis], key: tuple[Band, ...]) -> dict[str, str]:
    said = [bands.shown(axis.measure, band) for axis, band in zip(axes, key, strict=True)]
    return {"one": said[0], "other": said[-1]}


def _parse_line(axes: Sequence[Axis], line: str, n: int) -> tuple[tuple[Band, ...], int]:
    cells = _CELLS.split(line)
    if len(cells) == len(axes):  # the last cell brings the amount after a colon
        head, _, amount = cells[-1].rpartition(":")
        cells = [*cells[:-1], head, amount]
    unclear = LineUnclear(line=n, typed=line[:40], example=example(axes))
    try:
        if len(cells) == len(axes) + 1:
            key = [_parse_band(axis, cell) for axis, cell in zip(axes, cells[:-1], strict=True)]
        elif len(cells) == 2 * len(axes) + 1:
            ends = zip(axes, cells[:-1:2], cells[1:-1:2], strict=True)
            key = [Band(_end(axis, low), _end(axis, high)) for axis, low, high in ends]
        else:
            raise unclear
        return tuple(key), parse_adjust_e4(cells[-1])
    except (typed.NotANumber, typed.NothingTyped):
        raise unclear from None


def example(axes: Sequence[Axis]) -> str:
    """A line as it might be written, for the sentence of a refusal and for the empty field."""
    return "; ".join(["26-30", "11-15"][: len(axes)]) + ": -750"


def _end(axis: Axis, text: str) -> int | None:
    return measures.parse(axis.measure, text) if text.strip() else None


def _parse_band(axis: Axis, text: str) -> Band:
    words = text.strip().removesuffix("%").strip()
    if words in ("…", "..."):
        return Band(None, None)
    if words.endswith("+"):
        words = f"≥{words[:-1]}"
    for opening, step, upwards in _OPENINGS:
        if match := opening.match(words):
            end = measures.parse(axis.measure, words[match.end() :]) + step * axis.step
            return Band(end, None) if upwards else Band(None, end)
    ends = _BETWEEN.split(words, maxsplit=1)
    if len(ends) == 2:
        return Band(_end(axis, ends[0]), measures.parse(axis.measure, ends[1]))
    value = measures.parse(axis.measure, words)
    return Band(value, value)


# How an open band is written, by how many steps it ends beside the number, and on which side.
_OPENINGS = ((_UP_TO, 0, False), (_FROM, 0, True), (_ABOVE, 1, True), (_BELOW, -1, False))


def format_lines(found: Bands) -> str:
    """The lines that `parse` reads as these bands."""
    keys: list[str] = [""]
    for axis in found.axes:
        keys = [
            f"{key}; {bands.shown(axis.measure, band)}" if key else bands.shown(axis.measure, band)
            for key in keys
            for band in axis.bands
        ]
    pairs = zip(keys, found.adjust_e4, strict=True)
    return "\n".join(f"{key}: {format_adjust(adjust_e4)}" for key, adjust_e4 in pairs)
