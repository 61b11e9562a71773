"""Files that people bring: what a cell means, what a column means, and what is wrong with a row.

`Rp4.889` in a column of such prices is 4.889 rupiah; `2700.16` in a column where every value ends
in one or two decimals is 2.700,16 rupiah; `1.5` alone is not read, because nobody can know.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from kopprod.domain.refusal import N_, Fact, Refusal

Cell = str | int | Decimal | date  # an empty cell is ""
Row = tuple[int, Mapping[str, Cell]]  # its number in the file, counted from 1, and cells by heading


class Weight(StrEnum):
    """A fault is never taken in; a question is, once a person says that the row is right."""

    FAULT = "fault"
    QUESTION = "question"


@dataclass(frozen=True)
class Fault:
    """What is wrong, or odd, with one row; `sentence` is a message id filled from `facts`."""

    row: int
    column: str
    value: str
    sentence: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    weight: Weight = Weight.FAULT


RowType = TypeVar("RowType")


@dataclass(frozen=True)
class Findings(Generic[RowType]):
    """A file's rows sorted: good ones, ones to ask about, and what is wrong or odd with which row.

    `there_already` counts rows that were kept before, `repeated` those that a row above says too.
    """

    good: Sequence[RowType]
    asked: Sequence[RowType]
    faults: Sequence[Fault]
    there_already: int
    repeated: int
    rows: int

    @property
    def faulty(self) -> int:
        """How many rows can never be taken in as they are."""
        return len({fault.row for fault in self.faults if fault.weight is Weight.FAULT})


class ColumnMissing(Refusal):
    """Nobody said which column holds something that every row needs."""

    sentence = N_("Choose which column holds: {field}.")


class ColumnUnknown(Refusal):
    """The mapping names a column that this file lacks."""

    sentence = N_("The file has no column named {column}.")


class MappingUnknown(Refusal):
    """No mapping was saved under that name."""

    sentence = N_("No mapping of columns is saved as {name}.")


class MappingNeedsName(Refusal):
    """A mapping to be kept needs a name of at most 60 characters."""

    sentence = N_("Give the mapping a name of at most 60 characters.")


UNCLEAR_NUMBER = N_("{said} can be read in two ways. Say which sign marks the decimals.")
NO_NUMBER = N_("{said} is no number.")
NO_DATE = N_("{said} is no date that can be read. Write it like 31-12-2025.")
DATE_MISSING = N_("The date is missing.")
DATE_AHEAD = N_("This date lies in the future.")
DATE_LONG_AGO = N_("This date is before 1900.")


@dataclass(frozen=True)
class Field:
    """Something a row says: its name in the code, its label, and headings that often hold it."""

    name: str
    label: str
    headings: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class Columns:
    """Which column holds which field, what the file leaves unsaid, and the sign of its decimals."""

    columns: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    sign: str = "auto"

    def cell(self, cells: Mapping[str, Cell], name: str) -> Cell:
        """The cell of a field; a column wins over what was said for the whole file."""
        if name in self.columns:
            return cells.get(self.columns[name], "")
        return self.fixed.get(name, "")

    def heading(self, name: str) -> str:
        """The column that a fault of this field is shown at."""
        return self.columns.get(name, "")


def guess(fields: Sequence[Field], header: Sequence[str]) -> dict[str, str]:
    """Which column probably holds which field: by its known headings, each column used once."""
    plain = {_plain(heading): heading for heading in reversed(header)}
    found: dict[str, str] = {}
    for wanted in fields:
        for name in wanted.headings:
            heading = plain.get(_plain(name))
            if heading is not None and heading not in found.values():
                found[wanted.name] = heading
                break
    return found


def check_mapping(fields: Sequence[Field], mapping: Columns, header: Sequence[str]) -> None:
    """Refuse a mapping that names columns the file lacks, or leaves out what every row needs."""
    for column in mapping.columns.values():
        if column not in header:
            raise ColumnUnknown(column=column)
    for wanted in missing(fields, mapping):
        raise ColumnMissing(field=wanted.label)


def missing(fields: Sequence[Field], mapping: Columns) -> list[Field]:
    """What every row needs and nobody has pointed out yet."""
    return [
        wanted
        for wanted in fields
        if wanted.required
        and wanted.name not in mapping.columns
        and not mapping.fixed.get(wanted.name)
    ]


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", heading.casefold()).strip()


# Marks by which a text could be shown in another order than it is kept; letters of right-to-left
# scripts need none of them.
_REORDERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")  # all that Unicode calls Cc


def words(cell: Cell) -> str:
    """A cell as one line of text: composed letters, single blanks, nothing that cannot be seen."""
    text = unicodedata.normalize("NFC", _REORDERING.sub("", shown(cell)))
    return " ".join(_CONTROLS.sub(" ", text).split())


def shown(cell: Cell) -> str:
    """A cell as it stands in a list of faults."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


_NOTHING = frozenset(
    {"", "-", "--", "---", "–", "—", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "nil"}
    | {".", "..", "...", "tidak ada", "kosong", "tad", "t.a.d."}
)


def is_nothing(cell: Cell) -> bool:
    """Whether the cell says that there is no value: empty, a dash, NA, tidak ada."""
    return isinstance(cell, str) and words(cell).casefold() in _NOTHING


class Sign(StrEnum):
    """Which sign marks the decimals in a column of numbers."""

    COMMA = "comma"
    POINT = "point"
    UNCLEAR = "unclear"


_WHOLE = r"[0-9]+"
_IN_THREES_BY_POINT = r"[0-9]{1,3}(\.[0-9]{3})+"
_IN_THREES_BY_COMMA = r"[0-9]{1,3}(,[0-9]{3})+"
# What each way of writing accepts; whatever fits neither is no number, as Rp6.7000.
_COMMA_NUMBER = re.compile(rf"({_WHOLE}|{_IN_THREES_BY_POINT})(,\d{{1,4}})?")
_POINT_NUMBER = re.compile(
    rf"({_WHOLE}|{_IN_THREES_BY_COMMA})(\.\d{{1,2}})?|(0|\d{{4,}})\.\d{{3,}}"
)
_SURE_COMMA = re.compile(rf"({_WHOLE}|{_IN_THREES_BY_POINT}),\d{{1,2}}|\d{{1,3}}(\.\d{{3}}){{2,}}")
_SURE_POINT = re.compile(rf"({_WHOLE}|{_IN_THREES_BY_COMMA})\.\d{{1,2}}|(0|\d{{4,}})\.\d{{3,}}")
_THREES_BY_POINT = re.compile(_IN_THREES_BY_POINT)
_THREES_BY_COMMA = re.compile(_IN_THREES_BY_COMMA)
_MONEY_AROUND = re.compile(r"^(rp|idr)\.?\s*|\s*(/\s*\w+)$|,-+$", re.IGNORECASE)
SURE_ENOUGH = 5  # so many values with a decimal point make a column of a machine
SLIP_AMONG = 20  # one in so many is a slip, and only that value is asked about


def _core(text: str) -> str:
    """The number without `Rp`, `,-` and `/kg` around it."""
    before, core = "", words(text)
    while core != before:
        before, core = core, _MONEY_AROUND.sub("", core)
    return core.replace(" ", "")


def column_sign(cells: Iterable[Cell]) -> Sign:
    """Decide by all values of a column which sign marks its decimals.

    A point followed by one or two digits, several times and never contradicted, is a machine's
    decimal point; a single one among many thousands is a slip of the hand. Points that part groups
    of three digits are thousands, as Indonesians write them; commas that do so leave it unclear.
    """
    return sign_of(Counter(written(cell) for cell in cells if isinstance(cell, str)))


Written = tuple[bool, ...]  # whether a cell fits each of `_MARKS`
_MARKS = (_SURE_POINT, _SURE_COMMA, _THREES_BY_POINT, _THREES_BY_COMMA)


@lru_cache(maxsize=50_000)  # a million rows have some thousand weights
def written(text: str) -> Written:
    """What a cell says about the sign of its column's decimals."""
    core = _core(text).lstrip("-+")
    return tuple(mark.fullmatch(core) is not None for mark in _MARKS)


def sign_of(ways: Mapping[Written, int]) -> Sign:
    """The sign of a column by how many cells are written in which way."""
    points, commas, thousands, comma_thousands = (
        sum(times for way, times in ways.items() if way[place]) for place in range(len(_MARKS))
    )
    if points:
        return _sign_with_points(points, commas, thousands)
    if not commas and comma_thousands:
        return Sign.UNCLEAR
    return Sign.COMMA


def _sign_with_points(points: int, commas: int, thousands: int) -> Sign:
    if thousands + commas >= SLIP_AMONG * points:
        return Sign.COMMA
    if commas or points < SURE_ENOUGH or thousands > points:
        return Sign.UNCLEAR
    return Sign.POINT


def number(cell: Cell, sign: Sign, *, small: bool = False) -> Decimal | str:
    """The number in a cell, or the message id that says why there is none.

    `small` numbers, such as percentages, are never parted into thousands: `4.488` among decimal
    points is about four and a half.
    """
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    if isinstance(cell, date):
        return NO_NUMBER
    core = _core(cell)
    digits = core.lstrip("-+")
    plain = _plain_digits(digits, sign, small)
    if plain is None:
        either_way = _COMMA_NUMBER.fullmatch(digits) or _POINT_NUMBER.fullmatch(digits)
        return UNCLEAR_NUMBER if either_way else NO_NUMBER
    return -Decimal(plain) if core.startswith("-") else Decimal(plain)


def _plain_digits(digits: str, sign: Sign, small: bool) -> str | None:
    """The digits with a point before the decimals, if they are written in the way of `sign`."""
    if re.fullmatch(r"[0-9]+", digits):
        return digits
    if sign is Sign.COMMA and _COMMA_NUMBER.fullmatch(digits):
        return digits.replace(".", "").replace(",", ".")
    if sign is Sign.POINT and _POINT_NUMBER.fullmatch(digits):
        return digits.replace(",", "")
    if sign is Sign.POINT and small and re.fullmatch(r"[0-9]+\.[0-9]+", digits):
        return digits
    return None


_MONTH_NAMES = (
    ("januari", "january", "jan"),
    ("februari", "pebruari", "february", "feb", "peb"),
    ("maret", "march", "mar", "mrt"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("agustus", "august", "agu", "agt", "ags", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nopember", "nov", "nop"),
    ("desember", "december", "des", "dec"),
)
MONTHS: Mapping[str, int] = {
    name: position for position, names in enumerate(_MONTH_NAMES, 1) for name in names
}
_DATE_SHAPES = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[ t].*)?"),
    re.compile(r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})(?:[ t].*)?"),
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})[-/](?P<y>\d{4})"),
    re.compile(r"(?:(?P<d>\d{1,2})[ -]+)?(?P<m>[a-z]+)\.?[ -]+(?P<y>\d{4})"),
)


def day(cell: Cell) -> date | None:
    """The day in a cell; a month alone (`2020-01`, `Januari 2020`) is its first day."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = words(cell).casefold()
    for shape in _DATE_SHAPES:
        match = shape.fullmatch(text)
        if match:
            parts = match.groupdict()
            return month_start(parts["y"], parts["m"], parts.get("d") or "1")
    return None


def month_start(year: Cell, month: Cell, day_of_month: str = "1") -> date | None:
    """The day of a year and a month, named (`September`, `sept`) or numbered."""
    name = words(month).casefold().rstrip(".")
    in_year = MONTHS.get(name) or (int(name) if re.fullmatch(r"\d{1,2}", name) else 0)
    plain_year = words(year)
    if not re.fullmatch(r"\d{4}", plain_year):
        return None
    try:
        return date(int(plain_year), in_year, int(day_of_month))
    except ValueError:  # 31 February, month 13
        return None


def date_trouble(found: date | None, said: Cell, *, on: date) -> str | None:
    """Why this is no day that something already happened on; `on` is today."""
    if found is None:
        return DATE_MISSING if is_nothing(said) else NO_DATE
    if found > on:
        return DATE_AHEAD
    return DATE_LONG_AGO if found.year < 1900 else None
