"""Files of bookings: which rows can be booked, and which clash, with whom and in which row.

`Traktor tangan;A-014;6-4-2026;08.00;10.30` is two and a half hours for A-014. A row from 22.00
until 02.00 goes over midnight, and is asked about. Of two rows that want one machine the upper one
is kept; the lower one names it. Times are those of clocks in the cooperative.

A job of land names its unit, in the cell (`0,75 ha`) or in the heading (`Luas (bau)`): a bare 0,75
means hectares to one and bau to another. Of other machines it is kilograms, trips or hours.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from kopprod.domain import imports
from kopprod.domain.booking_limits import InThePast, TooFarAhead, read_size, unit_in
from kopprod.domain.capacity import Fleet, Job, fits, in_the_way, operating
from kopprod.domain.equipment import Work
from kopprod.domain.imports import Cell, Columns, Fault, Field, Findings, Row, Weight
from kopprod.domain.intervals import DAY, MINUTE, Calendar, Span
from kopprod.domain.refusal import N_, Fact, Refusal
from kopprod.domain.row_reader import RowReader, signs

UNKNOWN_MACHINE = N_("No shared machine is named {said}.")
UNKNOWN_MEMBER = N_("Nobody in the register has the number {said}.")
NOT_OPERATOR = N_("{said} does not operate {machine}.")
NO_OPERATOR_FREE = N_("Nobody who operates {machine} is free then.")
NO_TIME = N_("{said} is no time of day. Write it like 08.00.")
SAME_TIME = N_("This ends when it begins.")
OVER_MIDNIGHT = N_("This goes over midnight, until {until}. Is it right?")
NO_SIZE = N_("How large the job is must stand here, since {machine} is not booked by the hour.")
TAKEN = N_("{machine} is not free then. In the way: {names}.")
TAKEN_BY_ROWS = N_("{machine} is not free then. In the way: row {other} of this file.")
TAKEN_BY_BOTH = N_("{machine} is not free then. In the way: {names}, and row {other} of this file.")
OUT_THEN = N_("{machine} is out of service then.")
OPERATOR_BUSY = N_("{name} operates another machine then.")
OPERATOR_IN_ROW = N_("{name} operates the machine of row {other} then.")

FIELDS: Sequence[Field] = (
    Field("machine", N_("Machine"), ("alat", "mesin", "nama alat", "machine"), required=True),
    Field(
        "number",
        N_("Member number"),
        ("nomor anggota", "no anggota", "no. anggota", "nomor", "anggota", "member"),
        required=True,
    ),
    Field("date", N_("Date"), ("tanggal", "tgl", "hari", "date"), required=True),
    Field("since", N_("From"), ("mulai", "dari", "jam mulai", "from", "start"), required=True),
    Field("until", N_("Until"), ("selesai", "sampai", "jam selesai", "until", "end"), True),
    Field(
        "size",
        N_("Size of the job"),
        ("luas", "luas (ha)", "luas (m2)", "luas (m²)", "luas (bau)", "luas (are)", "luas (ubin)")
        + ("ukuran", "banyak", "size"),
    ),
    Field("operator", N_("Operator's number"), ("operator", "nomor operator")),
    Field("place", N_("Place"), ("tempat", "lokasi", "lahan", "place")),
    Field("ripe", N_("Ripe on"), ("masak", "siap panen", "ripe")),
    Field("note", N_("Note"), ("catatan", "keterangan", "note")),
)
BAU_TENTHS = 80_000  # where the place has not said how large its bau is
_UNIT = re.compile(r"[^\W\d_]")
_CLOCK = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?(?:[.:]00)?")


@dataclass(frozen=True)
class BookingRow:
    """A booking as a file gives it; `key` is the same for the same row of any file."""

    row: int
    machine: str
    number: str
    span: Span
    size: str = ""  # as it is written
    unit: str = ""  # of land, as the heading names it; the cell names its own
    operator: str = ""
    place: str = ""
    ripe_on: date | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """What it says of machine, member and time; sent twice it is kept once."""
        said = (
            self.machine.casefold(),
            self.number.casefold(),
            self.span.since.isoformat(),
            self.span.until.isoformat(),
        )
        return "file-" + hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class BookingFile:
    """What a file says, before it is compared with what stands."""

    bookings: Sequence[BookingRow]
    questions: Mapping[int, Fault]
    faults: Sequence[Fault]
    repeated: int
    rows: int
    mapping: Columns


@dataclass(frozen=True)
class Machine:
    """A kind as it stands: what it can do, what is booked, and who operates it."""

    id: int
    name: str
    work: Work
    per_hour: int | None
    fleet: Fleet
    standing: Sequence[Job]
    horizon: datetime
    needs_operator: bool = False
    operators: Mapping[str, int] = field(default_factory=dict)  # keys by folded number


@dataclass(frozen=True)
class Known:
    """What a file is compared with; names and numbers are folded."""

    machines: Mapping[str, Machine]
    register: Mapping[str, tuple[int, str]]
    kept: Set[str]
    at: datetime
    calendar: Calendar
    bau_tenths: int = BAU_TENTHS


@dataclass(frozen=True)
class Resolved:
    """A row that can be booked: the same in keys and base units."""

    row: int
    said: BookingRow
    equipment_id: int
    member_id: int
    size: int
    operator_id: int | None

    @property
    def span(self) -> Span:
        """When."""
        return self.said.span


def read_rows(
    rows: Sequence[Row], cell_faults: Sequence[Fault], mapping: Columns, *, calendar: Calendar
) -> BookingFile:
    """What each row says, and every fault of every row."""
    broken = {fault.row for fault in cell_faults}
    how = signs(rows, mapping, ["size"])
    faults, found, seen, repeated = list(cell_faults), [], set[str](), 0
    questions: dict[int, Fault] = {}
    for row, cells in rows:
        if row in broken:
            continue
        reader = RowReader(row, cells, mapping, how)
        booking = _read_row(reader, calendar)
        faults.extend(reader.faults)
        if booking is None:
            continue
        if booking.key in seen:
            repeated += 1
            continue
        seen.add(booking.key)
        found.append(booking)
        if calendar.day_of(booking.span.since) != calendar.day_of(booking.span.until - MINUTE):
            questions[row] = _midnight(reader, booking, calendar)
    return BookingFile(found, questions, faults, repeated, len(rows), mapping)


def _midnight(reader: RowReader, booking: BookingRow, calendar: Calendar) -> Fault:
    return Fault(
        reader.row,
        reader.mapping.heading("until"),
        reader.words("until"),
        OVER_MIDNIGHT,
        {"until": calendar.local(booking.span.until)},
        Weight.QUESTION,
    )


def _read_row(reader: RowReader, calendar: Calendar) -> BookingRow | None:
    machine, number = reader.needed("machine"), reader.needed("number")
    on = _day(reader, "date", needed=True)
    since, until = (_clock(reader, name) for name in ("since", "until"))
    ripe_on = _day(reader, "ripe", needed=False)
    size = _size(reader)
    if on is None or since is None or until is None or reader.faults:
        return None
    if since == until:
        reader.wrong("until", SAME_TIME)
        return None
    last = on if since < until else on + DAY
    return BookingRow(
        reader.row,
        machine,
        number,
        Span(calendar.moment(on, since), calendar.moment(last, until)),
        size,
        "" if _UNIT.search(size) else unit_in(reader.mapping.heading("size")),
        reader.words("operator"),
        reader.words("place"),
        ripe_on,
        reader.words("note"),
    )


def _day(reader: RowReader, name: str, *, needed: bool) -> date | None:
    if not (reader.needed(name) if needed else reader.words(name)):
        return None
    found = imports.day(reader.mapping.cell(reader.cells, name))
    if found is None:
        reader.wrong(name, imports.NO_DATE)
    return found


def _clock(reader: RowReader, name: str) -> time | None:
    """A time of day: 08.00, 8:00, 8, 24.00 for midnight, or a spreadsheet's own time."""
    cell: Cell = reader.mapping.cell(reader.cells, name)
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    said = reader.needed(name)
    match = _CLOCK.fullmatch(said)
    hours, minutes = (int(match[1]), int(match[2] or 0)) if match else (25, 0)
    if (hours, minutes) == (24, 0):
        return time.min
    if hours < 24 and minutes < 60:
        return time(hours, minutes)
    if said:
        reader.wrong(name, NO_TIME)
    return None


def _size(reader: RowReader) -> str:
    """A number, with its unit where the cell names one: 0,75 ha."""
    said = reader.words("size")
    if not said or (said[0].isdigit() and _UNIT.search(said)):
        return said
    found = imports.number(reader.mapping.cell(reader.cells, "size"), reader.signs["size"])
    if isinstance(found, str) or found <= 0:
        reader.wrong("size", found if isinstance(found, str) else imports.NO_NUMBER)
        return ""
    return f"{found:f}".replace(".", ",")


def sort_out(file: BookingFile, known: Known) -> Findings[Resolved]:
    """Compare a file with itself, the register, and what stands; a clash names both rows.

    What a row would take counts for the rows below it, also its operator on another machine. Rows
    that are asked about take their time too: whoever says yes to them finds it free.
    """
    sorting = _Sorting(file.mapping, known)
    faults = list(file.faults)
    good, asked, there_already = [], [], 0
    for booking in file.bookings:
        if booking.key in known.kept:
            there_already += 1
            continue
        found = sorting.look(booking)
        if isinstance(found, Fault):
            faults.append(found)
        elif booking.row in file.questions:
            asked.append(found)
            faults.append(file.questions[booking.row])
        else:
            good.append(found)
    faults.sort(key=lambda fault: fault.row)
    return Findings(good, asked, faults, there_already, file.repeated, file.rows)


@dataclass
class _Sorting:
    """What the rows so far would take, by machine and by operator; keys below nought are rows."""

    mapping: Columns
    known: Known
    taken: dict[int, list[Job]] = field(default_factory=dict)
    operating: dict[int, list[tuple[int, Span]]] = field(default_factory=dict)

    def look(self, booking: BookingRow) -> Resolved | Fault:
        """The row in keys and base units, which takes its time; or why it cannot be booked."""
        machine = self.known.machines.get(booking.machine.casefold())
        if machine is None:
            return self._wrong(booking, "machine", UNKNOWN_MACHINE, said=booking.machine)
        member = self.known.register.get(booking.number.casefold())
        if member is None:
            return self._wrong(booking, "number", UNKNOWN_MEMBER, said=booking.number)
        trouble = self._times(booking, machine)
        if trouble is not None:
            return trouble
        try:
            size = _base_size(booking, machine, self.known.bau_tenths)
        except Refusal as refusal:
            return self._wrong(booking, "size", refusal.sentence, **refusal.facts)
        if size is None:
            return self._wrong(booking, "size", NO_SIZE, machine=machine.name)
        operator_id = machine.operators.get(booking.operator.casefold())
        if booking.operator and operator_id is None:
            return self._wrong(
                booking, "operator", NOT_OPERATOR, said=booking.operator, machine=machine.name
            )
        found = Resolved(booking.row, booking, machine.id, member[0], size, operator_id)
        return self._take(found, machine)

    def _wrong(self, booking: BookingRow, column: str, why: str, **facts: Fact) -> Fault:
        said = {
            "machine": booking.machine,
            "number": booking.number,
            "operator": booking.operator,
            "size": booking.size,
        }.get(column, "")
        return Fault(booking.row, self.mapping.heading(column), said, why, facts)

    def _times(self, booking: BookingRow, machine: Machine) -> Fault | None:
        calendar = self.known.calendar
        if booking.span.since < self.known.at:
            since = calendar.local(booking.span.since)
            return self._wrong(booking, "since", InThePast.sentence, since=since)
        if booking.span.until > machine.horizon:
            return self._wrong(
                booking,
                "date",
                TooFarAhead.sentence,
                machine=machine.name,
                horizon_on=calendar.day_of(machine.horizon - MINUTE),
            )
        return None

    def _take(self, found: Resolved, machine: Machine) -> Resolved | Fault:
        jobs = [*machine.standing, *self.taken.get(machine.id, [])]
        wanted = Job(-found.row, found.span)
        blocked = machine.fleet.blocked(found.span)
        held = [machine.fleet.blocked(job.span) for job in jobs]
        if not fits(blocked, [*held, *machine.fleet.away], machine.fleet.units):
            return self._taken(found.said, machine, in_the_way(wanted, jobs, machine.fleet))
        if found.operator_id is None and machine.needs_operator and machine.operators:
            free = (
                one
                for one in machine.operators.values()
                if self._elsewhere(one, blocked, machine) is None
            )
            operator_id = next(free, None)
            if operator_id is None:
                return self._wrong(found.said, "since", NO_OPERATOR_FREE, machine=machine.name)
            found = replace(found, operator_id=operator_id)
        elif found.operator_id is not None:
            row = self._elsewhere(found.operator_id, blocked, machine)
            if row is not None:
                return self._operates(found.said, row)
        if found.operator_id is not None:
            self.operating.setdefault(found.operator_id, []).append((found.row, blocked))
        self.taken.setdefault(machine.id, []).append(wanted)
        return found

    def _taken(self, booking: BookingRow, machine: Machine, jobs: Sequence[Job]) -> Fault:
        rows = ", ".join(str(row) for row in sorted(-job.key for job in jobs if job.key < 0))
        names = ", ".join(job.name for job in jobs if job.key >= 0)
        facts: dict[str, Fact] = {"machine": machine.name}
        facts |= {"names": names} if names else {}
        facts |= {"other": rows} if rows else {}
        why = {
            (True, True): TAKEN_BY_BOTH,
            (True, False): TAKEN,
            (False, True): TAKEN_BY_ROWS,
            (False, False): OUT_THEN,
        }[bool(names), bool(rows)]
        return self._wrong(booking, "since", why, **facts)

    def _elsewhere(self, operator_id: int, blocked: Span, machine: Machine) -> int | None:
        """The row in which she works then, 0 for a booking that stands; None where she is free."""
        for row, span in self.operating.get(operator_id, []):
            if span.overlaps(blocked):
                return row
        every = operating(operator_id, machine.standing, machine.fleet)
        return 0 if any(one.overlaps(blocked) for one in every) else None

    def _operates(self, booking: BookingRow, row: int) -> Fault:
        name = booking.operator
        if row:
            return self._wrong(booking, "operator", OPERATOR_IN_ROW, name=name, other=row)
        return self._wrong(booking, "operator", OPERATOR_BUSY, name=name)


def _base_size(booking: BookingRow, machine: Machine, bau_tenths: int) -> int | None:
    """The size in base units: as written, or as the machine does it in that time."""
    if booking.size:
        unit = booking.unit if machine.work is Work.AREA else ""
        return read_size(booking.size + unit, machine.work, bau_tenths=bau_tenths).amount
    if machine.work is Work.TIME:
        return booking.span.minutes
    if machine.per_hour is None:
        return None
    return max(1, machine.per_hour * booking.span.minutes // 60)
