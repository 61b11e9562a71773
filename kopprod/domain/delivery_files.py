"""Files of deliveries: which rows are goods that a member brought, and which cannot be true.

`MA_2;F_5;50;2023-10-16;Buy;No` is 50 litres that F_5 brought to MA_2. A row without a quantity, one
that was rejected, one of a day to come, or milk with 30 % fat is listed and not taken in.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kopprod.domain import imports
from kopprod.domain.deliveries import is_large
from kopprod.domain.imports import Cell, Columns, Fault, Field, Findings, Row, Sign, Weight
from kopprod.domain.quantities import BaseUnit, UnitFactor, format_number
from kopprod.domain.refusal import N_, Fact

NO_MEMBER = N_("The row does not say who brought it.")
UNKNOWN_MEMBER = N_("Member {said} is not in the register.")
NO_QUANTITY = N_("The quantity is missing.")
NOT_POSITIVE = N_("The quantity must be more than 0.")
TOO_FINE = N_("{said} is finer than the smallest unit that is kept.")
REJECTED = N_("The row says that it was rejected, so it was not taken in.")
UNCLEAR_REJECTED = N_("{said} is neither yes nor no.")
IMPOSSIBLE = N_("{said} cannot be true here.")
UNUSUAL = N_("{said} is unusual here. Is it right?")
NOT_BOUGHT = N_("The row says {said}, not bought from a member. Was it brought by the member?")
FAR_OFF = N_("This member usually brings about {usual}. Is it right?")
FAR_OFF_ALL = N_("Deliveries in this file are usually about {usual}. Is it right?")
VERY_LARGE = N_("This is very much for one delivery. Is it right?")

FIELDS: Sequence[Field] = (
    Field(
        "member",
        N_("Member number"),
        ("nomor anggota", "no anggota", "no. anggota", "anggota", "farmer_id", "member"),
        required=True,
    ),
    Field("centre", N_("Collection point"), ("titik kumpul", "tempat", "desa", "mcc_id", "centre")),
    Field("date", N_("Date"), ("tanggal", "tgl", "date"), required=True),
    Field("time", N_("Time"), ("jam", "pukul", "time")),
    Field(
        "quantity",
        N_("Quantity"),
        ("jumlah", "bersih", "berat", "kuantitas", "liter", "kg", "qty", "quantity"),
        required=True,
    ),
    Field("kind", N_("Bought or sold"), ("jenis", "sale.type", "sale type")),
    Field("rejected", N_("Rejected"), ("ditolak", "rejected")),
    Field("sample", N_("Sample or note number"), ("nomor", "no", "sampel", "sample_id")),
    Field("fat", N_("Fat, %"), ("lemak", "fat")),
    Field("snf", N_("Solids without fat, %"), ("bktl", "snf")),
    Field("protein", N_("Protein, %"), ("protein",)),
    Field("water", N_("Added water, %"), ("air tambahan", "added.water", "added water")),
    Field(
        "lactometer",
        N_("Lactometer"),
        ("laktometer", "corrected.lactometer.reading", "lactometer"),
    ),
)

# What milk can be at all, and what it usually is; between the two somebody has to say so.
_POSSIBLE: Mapping[str, tuple[int, int]] = {
    "fat": (0, 15),
    "snf": (0, 20),
    "protein": (0, 10),
    "water": (0, 100),
    "lactometer": (0, 60),
}
_USUAL: Mapping[str, tuple[int, int]] = {
    "fat": (2, 7),
    "snf": (6, 12),
    "protein": (1, 6),
    "water": (0, 30),
    "lactometer": (15, 40),
}
_BROUGHT = {"", "buy", "beli", "dibeli", "setor", "setoran", "terima", "diterima"}
_YES = {"yes", "ya", "y", "1", "true", "ditolak", "tolak"}
_NO = {"", "no", "tidak", "t", "n", "0", "false", "diterima", "na", "-"}

BY_CENTRE = "by centre"  # each collection point counts its farmers from one
LITRE = UnitFactor("liter", 1_000)
OWN_ENOUGH = 5  # so many deliveries of a member say what she usually brings
OWN_TIMES = 10
FILE_TIMES = 20


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery as a file gives it: base units, and a key that is the same for the same row."""

    row: int
    member_number: str
    centre: str
    received_on: date
    amount: int
    said: str
    quality: tuple[tuple[str, str], ...]
    key: str


@dataclass(frozen=True)
class DeliveryFile:
    """What a file of deliveries says, before it is compared with what is kept."""

    good: Sequence[DeliveryRow]
    asked: Sequence[DeliveryRow]
    faults: Sequence[Fault]
    repeated: int
    rows: int
    member_column: str
    people: Mapping[str, tuple[str, str]]  # by register number: as the file names them, and where


@dataclass(frozen=True)
class _Reading:
    mapping: Columns
    signs: Mapping[str, Sign]
    unit: UnitFactor
    base_unit: BaseUnit
    on: date


@dataclass(frozen=True)
class _Found:
    delivery: DeliveryRow
    questions: Sequence[Fault]


def read_rows(
    rows: Sequence[Row],
    cell_faults: Sequence[Fault],
    mapping: Columns,
    *,
    unit: UnitFactor,
    base_unit: BaseUnit,
    on: date,
) -> DeliveryFile:
    """What each row says; quantities are in `unit` of a product counted in `base_unit`."""
    signs = {
        name: imports.column_sign(mapping.cell(cells, name) for _, cells in rows)
        if mapping.sign == "auto"
        else Sign(mapping.sign)
        for name in ("quantity", *_POSSIBLE)
    }
    reading = _Reading(mapping, signs, unit, base_unit, on)
    broken = {fault.row for fault in cell_faults}
    faults, found = list(cell_faults), []
    seen: Counter[tuple[Cell, ...]] = Counter()
    repeated = 0
    for row, cells in rows:
        if row in broken:
            continue
        read = _read_row(row, cells, reading, seen)
        if read is None:
            repeated += 1
        elif isinstance(read, Fault):
            faults.append(read)
        else:
            found.append(read)
    questions = _odd_amounts([f.delivery for f in found], mapping, unit)
    faults.extend(q for f in found for q in f.questions)
    faults.extend(questions.values())
    asked = {f.delivery.row for f in found if f.questions} | questions.keys()
    return DeliveryFile(
        [f.delivery for f in found if f.delivery.row not in asked],
        [f.delivery for f in found if f.delivery.row in asked],
        sorted(faults, key=lambda fault: fault.row),
        repeated,
        len(rows),
        mapping.heading("member"),
        _people(rows, mapping),
    )


def _people(rows: Sequence[Row], mapping: Columns) -> dict[str, tuple[str, str]]:
    found = {}
    for _, cells in rows:
        number = _member_number(cells, mapping)
        if number:
            own, centre = (imports.words(mapping.cell(cells, n)) for n in ("member", "centre"))
            found[number] = own, centre
    return found


def _read_row(
    row: int, cells: Mapping[str, Cell], reading: _Reading, seen: Counter[tuple[Cell, ...]]
) -> _Found | Fault | None:
    """The delivery of a row, why there is none, or None where a row above says the same."""
    mapping = reading.mapping
    number = _member_number(cells, mapping)
    if not number:
        return _fault(row, cells, mapping, "member", NO_MEMBER)
    when, said_when = imports.day(mapping.cell(cells, "date")), mapping.cell(cells, "date")
    trouble = imports.date_trouble(when, said_when, on=reading.on)
    if when is None or trouble:
        return _fault(row, cells, mapping, "date", trouble or imports.NO_DATE)
    rejected = _rejected(row, cells, mapping)
    if rejected is not None:
        return rejected
    amount = _amount(cells, reading)
    if isinstance(amount, str):
        return _fault(row, cells, mapping, "quantity", amount)
    quality = _quality(row, cells, reading)
    for fault in quality:
        if fault.weight is Weight.FAULT:
            return fault
    same = _same(cells, mapping, number, when, amount)
    seen[same] += 1
    if seen[same] > 1 and "time" in mapping.columns:
        return None  # nobody brings the same twice in one second
    delivery = DeliveryRow(
        row,
        number,
        imports.words(mapping.cell(cells, "centre")),
        when,
        amount,
        f"{imports.words(mapping.cell(cells, 'quantity'))} {reading.unit.name}",
        _measured(cells, mapping),
        _key(same, seen[same]),
    )
    return _Found(delivery, [*quality, *_asked(row, cells, reading, amount)])


def _fault(
    row: int,
    cells: Mapping[str, Cell],
    mapping: Columns,
    name: str,
    why: str,
    weight: Weight = Weight.FAULT,
) -> Fault:
    said = imports.shown(mapping.cell(cells, name))
    facts: dict[str, Fact] = {"said": said} if "{said}" in why else {}
    return Fault(row, mapping.heading(name), said, why, facts, weight)


def _member_number(cells: Mapping[str, Cell], mapping: Columns) -> str:
    """The register's number; where each collection point counts its own, with the point's name."""
    said = mapping.cell(cells, "member")
    centre = imports.words(mapping.cell(cells, "centre"))
    if imports.is_nothing(said):
        return ""
    own = imports.words(said)
    joined = f"{centre}/{own}" if centre and mapping.fixed.get("numbers") == BY_CENTRE else own
    return joined.replace("_", "-")


def _rejected(row: int, cells: Mapping[str, Cell], mapping: Columns) -> Fault | None:
    said = imports.words(mapping.cell(cells, "rejected")).casefold()
    if said in _NO:
        return None
    why = REJECTED if said in _YES else UNCLEAR_REJECTED
    return _fault(row, cells, mapping, "rejected", why)


def _amount(cells: Mapping[str, Cell], reading: _Reading) -> int | str:
    said = reading.mapping.cell(cells, "quantity")
    if imports.is_nothing(said):
        return NO_QUANTITY
    value = imports.number(said, reading.signs["quantity"])
    if isinstance(value, str):
        return value
    if value <= 0:
        return NOT_POSITIVE
    amount = value * reading.unit.factor
    return int(amount) if amount == amount.to_integral_value() else TOO_FINE


def _quality(row: int, cells: Mapping[str, Cell], reading: _Reading) -> list[Fault]:
    """What was measured that cannot be true, or hardly."""
    found = []
    for name, (low, high) in _POSSIBLE.items():
        said = reading.mapping.cell(cells, name)
        if imports.is_nothing(said):
            continue
        value = imports.number(said, reading.signs[name], small=True)
        if isinstance(value, str):
            found.append(_fault(row, cells, reading.mapping, name, value))
        elif not low <= value <= high:
            found.append(_fault(row, cells, reading.mapping, name, IMPOSSIBLE))
        elif not _USUAL[name][0] <= value <= _USUAL[name][1]:
            question = _fault(row, cells, reading.mapping, name, UNUSUAL, Weight.QUESTION)
            found.append(question)
    return found


def _asked(row: int, cells: Mapping[str, Cell], reading: _Reading, amount: int) -> list[Fault]:
    found = []
    kind = imports.words(reading.mapping.cell(cells, "kind"))
    if kind.casefold() not in _BROUGHT:
        found.append(_fault(row, cells, reading.mapping, "kind", NOT_BOUGHT, Weight.QUESTION))
    if is_large(amount, reading.base_unit):
        found.append(_fault(row, cells, reading.mapping, "quantity", VERY_LARGE, Weight.QUESTION))
    return found


def _measured(cells: Mapping[str, Cell], mapping: Columns) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, imports.words(mapping.cell(cells, name)))
        for name in ("sample", *_POSSIBLE)
        if not imports.is_nothing(mapping.cell(cells, name))
    )


def _same(
    cells: Mapping[str, Cell], mapping: Columns, number: str, when: date, amount: int
) -> tuple[Cell, ...]:
    time, sample = (imports.words(mapping.cell(cells, name)) for name in ("time", "sample"))
    return number, when.isoformat(), amount, time, sample


def _key(same: tuple[Cell, ...], ordinal: int) -> str:
    words = "\x1f".join([*map(str, same), str(ordinal)])
    return f"file-{hashlib.sha256(words.encode()).hexdigest()[:40]}"


def _odd_amounts(
    found: Iterable[DeliveryRow], mapping: Columns, unit: UnitFactor
) -> dict[int, Fault]:
    """Amounts ten times off what a member usually brings; of newcomers, twenty times the file's."""
    by_member: dict[str, list[DeliveryRow]] = defaultdict(list)
    for delivery in found:
        by_member[delivery.member_number].append(delivery)
    of_all = sorted(d.amount for own in by_member.values() for d in own)
    questions = {}
    for own in by_member.values():
        if len(own) >= OWN_ENOUGH:
            usual = sorted(d.amount for d in own)[len(own) // 2]
            odd = [d for d in own if is_off(d.amount, usual, OWN_TIMES)]
            why = FAR_OFF
        else:
            usual = of_all[len(of_all) // 2]
            odd = [d for d in own if d.amount > usual * FILE_TIMES]
            why = FAR_OFF_ALL
        shown = f"{format_number(int(Decimal(usual) / unit.factor))} {unit.name}"
        for delivery in odd:
            questions[delivery.row] = Fault(
                delivery.row,
                mapping.heading("quantity"),
                delivery.said,
                why,
                {"usual": shown},
                Weight.QUESTION,
            )
    return questions


def is_off(amount: int, usual: int, times: int) -> bool:
    """Whether an amount is so many times more, or less, than what is usual."""
    return amount > usual * times or amount * times < usual


def sort_out(
    file: DeliveryFile, *, kept_keys: Set[str], members: Set[str] | None
) -> Findings[DeliveryRow]:
    """Compare a file with what is kept; `members` are the register's numbers, None for any."""
    faults = list(file.faults)
    there_already, lists = 0, []
    for rows in (file.good, file.asked):
        fresh = []
        for delivery in rows:
            if delivery.key in kept_keys:
                there_already += 1
            elif members is not None and delivery.member_number not in members:
                faults.append(_unknown(delivery, file.member_column))
            else:
                fresh.append(delivery)
        lists.append(fresh)
    asked = {delivery.row for delivery in lists[1]}
    # The questions of rows that are kept already were answered when they were kept.
    open_faults = [f for f in faults if f.weight is Weight.FAULT or f.row in asked]
    open_faults.sort(key=lambda fault: fault.row)
    return Findings(lists[0], lists[1], open_faults, there_already, file.repeated, file.rows)


def _unknown(delivery: DeliveryRow, column: str) -> Fault:
    number = delivery.member_number
    return Fault(delivery.row, column, number, UNKNOWN_MEMBER, {"said": number})
