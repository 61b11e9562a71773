"""Lists of deliveries of any product, to be received in bulk and perhaps bought at once.

`2026-01-05;A-0012;Gabah;A;50,5;0,2` is 50,3 kg of paddy, net, that A-0012 brought. A list may have
a million rows, so it is never held as a whole: it is surveyed once for what only all rows say
(`Survey`), and then each row is read by itself.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Any, NamedTuple

from kopprod.domain import deliveries, imports
from kopprod.domain.delivery_files import (
    FAR_OFF,
    FAR_OFF_ALL,
    FILE_TIMES,
    NO_MEMBER,
    NO_QUANTITY,
    OWN_ENOUGH,
    OWN_TIMES,
    TOO_FINE,
    UNKNOWN_MEMBER,
    VERY_LARGE,
    is_off,
)
from kopprod.domain.imports import Cell, Columns, Fault, Field, Row, Sign, Weight, Written
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import N_, Fact, Refusal
from kopprod.domain.words import tidy

NO_PRODUCT = N_("The row does not say what was brought.")
UNKNOWN_PRODUCT = N_("{said} is none of the cooperative's products.")
NO_GRADE = N_("The row does not say the grade, and there are several.")
UNKNOWN_GRADE = N_("{said} is no grade of this product.")
UNKNOWN_UNIT = N_("{said} is no unit of this product on that day.")
OURS = N_("{said} is a number of the delivery book itself: this row was taken from there.")

FIELDS: Sequence[Field] = (
    Field(
        "member",
        N_("Member number"),
        ("nomor anggota", "no anggota", "no. anggota", "anggota", "member number", "member"),
        required=True,
    ),
    Field("date", N_("Date"), ("tanggal", "tgl", "hari", "date", "day"), required=True),
    Field("time", N_("Time"), ("jam", "pukul", "time")),
    Field(
        "product",
        N_("Product"),
        ("produk", "komoditas", "barang", "product", "commodity"),
        required=True,
    ),
    Field("grade", N_("Grade"), ("mutu", "kelas", "kualitas", "grade", "quality")),
    Field(
        "quantity",
        N_("Quantity, tare included"),
        ("kotor", "bruto", "gross", "jumlah", "berat", "kuantitas", "quantity", "qty", "bersih")
        + ("kg", "liter"),
        required=True,
    ),
    Field("unit", N_("Unit"), ("satuan", "unit")),
    Field("tare", N_("Tare"), ("tara", "potongan", "tare")),
    Field("paper", N_("Sample or note number"), ("nomor nota", "no nota", "nota", "nomor")),
    Field("note", N_("Note"), ("catatan", "keterangan", "note", "remarks")),
)
_COUNTED = ("quantity", "tare")
_OURS = re.compile(r"SET-\d{4}-\d{4,}")
_MOST_NOTE = 300


class Deliverer(NamedTuple):
    """Who may bring something: a row of the register, as far as it counts here."""

    id: int
    number: str
    name: str
    village_id: int | None
    left_on: date | None


@dataclass(frozen=True, eq=False)
class Goods:
    """A product with the keys of its grades by their names, folded."""

    id: int
    name: str
    base_unit: BaseUnit
    price_unit: str
    grades: Mapping[str, int]


@dataclass(frozen=True)
class Register:
    """What rows may name: members by number, products by their folded names, units by their day.

    `factor` is how many base units one unit of a product is on a day in a village; "" stands for
    the unit of its price, None comes back for an unknown one.
    """

    members: Mapping[str, Deliverer]
    goods: Mapping[str, Goods]
    factor: Callable[[Goods, str, date, int | None], int | None]


class ListRow(NamedTuple):
    """One delivery as a list gives it, in base units; `marks` are its time and its paper's number.

    The fields up to `marks` are the same for two rows that say the same.
    """

    member: Deliverer
    goods: Goods
    grade_id: int
    received_on: date
    gross: int
    tare: int
    note: str
    marks: tuple[str, str]
    said: str
    row: int

    @property
    def net(self) -> int:
        """What came, net."""
        return self.gross - self.tare

    @property
    def same(self) -> tuple[object, ...]:
        """What makes two rows say the same."""
        ids = (self.member.id, self.goods.id, self.grade_id, self.received_on.isoformat())
        return (*ids, self.gross, self.tare, self.note, self.marks)


@dataclass(frozen=True)
class Reading:
    """How cells are read: their columns, the decimals' signs, and the day on which this is."""

    columns: Columns
    signs: Mapping[str, Sign]
    on: date

    @cached_property
    def cells(self) -> Callable[[Mapping[str, Cell]], Sequence[Cell]]:
        """The cells of a row in the order of `FIELDS`; what the file leaves unsaid is added."""
        named, fixed, names = self.columns.columns, self.columns.fixed, [f.name for f in FIELDS]
        # No heading is None, so there a row gives what was said for all of them.
        at: Any = [(named[n], "") if n in named else (None, fixed.get(n, "")) for n in names]
        return lambda row: [row.get(heading, unsaid) for heading, unsaid in at]


@dataclass(frozen=True)
class Survey:
    """What only the whole list says: its signs, what is usual, and what it says more than once.

    `own` is what a member usually brings of a product, `all` what everybody does. `twice` are the
    hashes of rows that say the same as another one, or (very rarely) have its hash.
    """

    reading: Reading
    rows: int
    own: Mapping[tuple[int, int], int]
    all: Mapping[int, int]
    twice: frozenset[int]


@dataclass
class Ordinals:
    """How often the list has said the same so far; only what it says again is remembered."""

    survey: Survey
    _said: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def next(self, row: ListRow) -> int:
        """Which one this is among those that say the same, counted from 1."""
        if hash(row.same) not in self.survey.twice:
            return 1
        self._said[row.same] += 1
        return self._said[row.same]


def signs(rows: Iterable[Row | Fault], columns: Columns) -> dict[str, Sign]:
    """The sign of the decimals in each column of numbers, by all of their values."""
    if columns.sign != "auto":
        return dict.fromkeys(_COUNTED, Sign(columns.sign))
    ways: dict[str, Counter[Written]] = {name: Counter() for name in _COUNTED}
    for one in rows:
        if isinstance(one, Fault):
            continue
        for name in _COUNTED:
            cell = columns.cell(one[1], name)
            if isinstance(cell, str):
                ways[name][imports.written(cell)] += 1
    return {name: imports.sign_of(found) for name, found in ways.items()}


def survey(rows: Iterable[Row | Fault], reading: Reading, register: Register) -> Survey:
    """Read the whole list once, keeping two whole numbers for each row."""
    amounts: dict[tuple[int, int], list[int]] = defaultdict(list)
    hashes: list[int] = []
    count = 0
    for one in rows:
        count += 1
        read = one if isinstance(one, Fault) else read_row(one, reading, register)
        if not isinstance(read, Fault):
            amounts[read.member.id, read.goods.id].append(read.gross)
            hashes.append(hash(read.same))
    hashes.sort()
    own: dict[tuple[int, int], int] = {}
    every: dict[int, list[int]] = defaultdict(list)
    for whose, brought in amounts.items():
        brought.sort()
        if len(brought) >= OWN_ENOUGH:
            own[whose] = brought[len(brought) // 2]
        every[whose[1]] += brought
    usual = {product: sorted(brought)[len(brought) // 2] for product, brought in every.items()}
    twice = frozenset(one for one, other in pairwise(hashes) if one == other)
    return Survey(reading, count, own, usual, twice)


class _Wrong(Exception):
    """Why there is no delivery in a row, and in which field."""

    def __init__(self, name: str, why: str, facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(why)
        self.name, self.why, self.facts = name, why, facts


def read_row(one: Row, reading: Reading, register: Register) -> ListRow | Fault:
    """The delivery of a row, or the first reason why there is none."""
    number, cells = one
    try:
        return _read(number, cells, reading, register)
    except _Wrong as wrong:
        said = imports.shown(reading.columns.cell(cells, wrong.name))
        own: dict[str, Fact] = {"said": said} if "{said}" in wrong.why else {}
        heading = reading.columns.heading(wrong.name)
        return Fault(number, heading, said, wrong.why, wrong.facts or own)


def _read(row: int, cells: Mapping[str, Cell], reading: Reading, register: Register) -> ListRow:
    who, day, time, what, which, quantity, said_unit, off, nota, noted = reading.cells(cells)
    member = _member(who, register)
    when = _when(day, member, on=reading.on)
    paper = _words(nota)
    if _OURS.fullmatch(paper):
        raise _Wrong("paper", OURS)
    goods = _goods(what, register)
    grade_id = _grade(which, goods)
    unit = _folded(said_unit)
    factor = register.factor(goods, unit, when, member.village_id)
    if factor is None:
        raise _Wrong("unit", UNKNOWN_UNIT)
    gross = _amount(quantity, reading.signs["quantity"], factor)
    tare = _amount(off, reading.signs["tare"], factor)
    if isinstance(gross, str):
        raise _Wrong("quantity", gross)
    if isinstance(tare, str) and tare != NO_QUANTITY:
        raise _Wrong("tare", tare)
    tare = 0 if isinstance(tare, str) else tare
    _check_net(gross, tare, goods.base_unit)
    said = f"{_words(quantity)} {unit or goods.price_unit}"
    marks = (_words(time), paper)
    return ListRow(member, goods, grade_id, when, gross, tare, _noted(noted), marks, said, row)


def said_number(columns: Columns, cells: Mapping[str, Cell]) -> str:
    """The member's number, as the register has it."""
    return _words(columns.cell(cells, "member"))


def _member(said: Cell, register: Register) -> Deliverer:
    member = register.members.get(_words(said))
    if member is None:
        raise _Wrong("member", NO_MEMBER if imports.is_nothing(said) else UNKNOWN_MEMBER)
    return member


def _when(said: Cell, member: Deliverer, *, on: date) -> date:
    when = _day(said)
    trouble = imports.date_trouble(when, said, on=on)
    if when is None or trouble is not None:
        raise _Wrong("date", trouble or imports.NO_DATE)
    if not deliveries.may_deliver(when, member.left_on):
        raise _Wrong("member", deliveries.DelivererHasLeft.sentence, {"name": member.name})
    return when


def _goods(said: Cell, register: Register) -> Goods:
    goods = register.goods.get(_folded(said))
    if goods is None:
        raise _Wrong("product", NO_PRODUCT if imports.is_nothing(said) else UNKNOWN_PRODUCT)
    return goods


def _grade(cell: Cell, goods: Goods) -> int:
    said = _folded(cell)
    if not said and len(goods.grades) == 1:
        return next(iter(goods.grades.values()))
    grade_id = goods.grades.get(said)
    if grade_id is None:
        raise _Wrong("grade", UNKNOWN_GRADE if said else NO_GRADE)
    return grade_id


def _check_net(gross: int, tare: int, unit: BaseUnit) -> None:
    try:
        # Very much is asked about (`questions`), more than that is refused.
        deliveries.net(gross, tare, unit, sure=True)
    except (deliveries.TareBelowZero, deliveries.TareTooLarge) as refusal:
        raise _Wrong("tare", refusal.sentence, refusal.facts) from refusal
    except Refusal as refusal:
        raise _Wrong("quantity", refusal.sentence, refusal.facts) from refusal


# A million rows say the same few thousand words, days and weights again and again. Typed, because
# 5 and the Decimal 5,0 are equal and written differently.


@lru_cache(maxsize=50_000, typed=True)
def _words(cell: Cell) -> str:
    return imports.words(cell)


@lru_cache(maxsize=10_000, typed=True)
def _noted(cell: Cell) -> str:
    return tidy(imports.words(cell))[:_MOST_NOTE]


@lru_cache(maxsize=10_000, typed=True)
def _folded(cell: Cell) -> str:
    return "" if imports.is_nothing(cell) else imports.words(cell).casefold()


@lru_cache(maxsize=10_000, typed=True)
def _day(cell: Cell) -> date | None:
    return imports.day(cell)


@lru_cache(maxsize=50_000, typed=True)
def _amount(cell: Cell, sign: Sign, factor: int) -> int | str:
    if imports.is_nothing(cell):
        return NO_QUANTITY
    value = imports.number(cell, sign)
    if isinstance(value, str):
        return value
    amount: Decimal = value * factor
    return int(amount) if amount == amount.to_integral_value() else TOO_FINE


def repeated(row: ListRow, ordinal: int) -> bool:
    """Whether a row above says the same: nobody brings it twice at one time, or on one paper."""
    return ordinal > 1 and any(row.marks)


def key(row: ListRow, ordinal: int) -> str:
    """The same for the same row of whichever list; those of one day stand together."""
    words = "\x1f".join([*map(str, row.same), str(ordinal)])
    digest = blake2b(words.encode(), digest_size=16).hexdigest()
    return f"list-{row.received_on.isoformat()}-{digest}"


def questions(row: ListRow, survey: Survey) -> Iterator[Fault]:
    """What is odd about a row: very much, or far from what the member or everybody brings."""
    column = survey.reading.columns.heading("quantity")
    if deliveries.is_large(row.gross, row.goods.base_unit):
        yield Fault(row.row, column, row.said, VERY_LARGE, {}, Weight.QUESTION)
    usual = survey.own.get((row.member.id, row.goods.id))
    if usual is not None:
        odd, why = is_off(row.gross, usual, OWN_TIMES), FAR_OFF
    else:
        usual = survey.all.get(row.goods.id, row.gross)  # nothing, where she is new since then
        odd, why = row.gross > usual * FILE_TIMES, FAR_OFF_ALL
    if odd:
        facts: dict[str, Fact] = {"usual": Quantity(usual, row.goods.base_unit)}
        yield Fault(row.row, column, row.said, why, facts, Weight.QUESTION)


def not_bought(row: ListRow, survey: Survey, refusal: Refusal) -> Fault:
    """Why goods that are to be bought at once have no price."""
    column = survey.reading.columns.heading("product")
    return Fault(row.row, column, row.goods.name, refusal.sentence, refusal.facts)


def full_note(row: ListRow) -> str:
    """What is kept beside a delivery: the number of its paper, its time, and what was noted.

    The delivery book is the cooperative's own paper, in its own language.
    """
    time, paper = row.marks
    parts = (f"nota {paper}" if paper else "", f"pukul {time}" if time else "", row.note)
    return ", ".join(part for part in parts if part)[:_MOST_NOTE]
