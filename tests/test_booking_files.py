"""Bookings from a file: what each row says, and every clash with both of its sides named."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kopprod import sheets
from kopprod.domain import booking_files as rules
from kopprod.domain import imports, row_reader
from kopprod.domain.booking_files import BookingFile, Known, Machine
from kopprod.domain.booking_limits import InThePast, TooFarAhead, read_size
from kopprod.domain.capacity import Fleet, Job
from kopprod.domain.equipment import Work
from kopprod.domain.imports import Columns, Weight
from kopprod.domain.intervals import Calendar, Span
from kopprod.domain.quantities import UnitMissing, UnknownUnit, ZeroQuantity
from kopprod.domain.refusal import Refusal

WIB = Calendar(ZoneInfo("Asia/Jakarta"))
WIT = Calendar(ZoneInfo("Asia/Jayapura"))
HEAD = "Alat;Nomor anggota;Tanggal;Mulai;Selesai;Luas;Operator;Masak\n"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of April 2026, by clocks in Jakarta."""
    return datetime(2026, 4, day, hour, minute, tzinfo=WIB.zone).astimezone(UTC)


PUMP = Machine(1, "Pompa", Work.TIME, None, Fleet(2), [], at(30, 0))
TRACTOR = Machine(
    2,
    "Traktor",
    Work.AREA,
    1_500,
    Fleet(1, buffer_min=30, busy={9: [Span(at(8, 8), at(8, 10))]}),
    [Job(70, Span(at(6, 8), at(6, 10)), "JADWAL-2026-0001 Siti")],
    at(30, 0),
    needs_operator=True,
    operators={"m-1": 9},
)
MILL = Machine(3, "Giling", Work.MASS, None, Fleet(1), [], at(30, 0), operators={"m-1": 9})
KNOWN = Known(
    machines={"pompa": PUMP, "traktor": TRACTOR, "giling": MILL},
    register={"a-1": (11, "Siti"), "a-2": (12, "Budi"), "m-1": (9, "Made")},
    kept=frozenset(),
    at=at(1, 8),
    calendar=WIB,
)


def read(text: str, calendar: Calendar = WIB, *, head: str = "Luas") -> BookingFile:
    sheet = sheets.read(f"{HEAD.replace('Luas', head)}{text}".encode(), "jadwal.csv")
    mapping = Columns(imports.guess(rules.FIELDS, sheet.header))
    return rules.read_rows(sheet.rows, sheet.faults, mapping, calendar=calendar)


def test_a_row_is_two_and_a_half_hours_by_clocks_of_the_place() -> None:
    text = "Traktor tangan;A-014;6-4-2026;08.00;10.30;0,75;;10-4-2026\n"
    west, east = read(text).bookings[0], read(text, WIT).bookings[0]

    assert not read(text).faults
    assert (west.span, west.span.minutes) == (Span(at(6, 8), at(6, 10, 30)), 150)
    assert east.span == Span(at(6, 6), at(6, 8, 30))
    assert str(west.ripe_on) == "2026-04-10"


@pytest.mark.parametrize(
    ("said", "hour", "minute"),
    [("08.00", 8, 0), ("8:05", 8, 5), ("8", 8, 0), ("08:30:00", 8, 30), ("00.00", 0, 0)],
)
def test_a_time_of_day_is_read_as_people_and_workbooks_write_it(
    said: str, hour: int, minute: int
) -> None:
    file = read(f"Pompa;A-1;6-4-2026;{said};23.00;;;\n")

    assert file.bookings[0].span.since == at(6, hour, minute)


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (";A-1;6-4-2026;8;9;;;", "Alat", row_reader.NOTHING_THERE),
        ("Pompa;;6-4-2026;8;9;;;", "Nomor anggota", row_reader.NOTHING_THERE),
        ("Pompa;A-1;besok;8;9;;;", "Tanggal", imports.NO_DATE),
        ("Pompa;A-1;;8;9;;;", "Tanggal", row_reader.NOTHING_THERE),
        ("Pompa;A-1;6-4-2026;25;9;;;", "Mulai", rules.NO_TIME),
        ("Pompa;A-1;6-4-2026;8;9.75;;;", "Selesai", rules.NO_TIME),
        ("Pompa;A-1;6-4-2026;8;;;;", "Selesai", row_reader.NOTHING_THERE),
        ("Pompa;A-1;6-4-2026;8;8.00;;;", "Selesai", rules.SAME_TIME),
        ("Pompa;A-1;6-4-2026;8;9;luas;;", "Luas", imports.NO_NUMBER),
        ("Pompa;A-1;6-4-2026;8;9;-1;;", "Luas", imports.NO_NUMBER),
        ("Pompa;A-1;6-4-2026;8;9;;;kapan", "Masak", imports.NO_DATE),
        ("Pompa;A-1;6-4-2026;=8+1;9;;;", "Mulai", sheets.FORMULA),
    ],
)
def test_every_faulty_row_says_why_and_where(row: str, column: str, sentence: str) -> None:
    file = read(f"{row}\n")

    assert [(f.row, f.column, f.sentence) for f in file.faults] == [(2, column, sentence)]
    assert not file.bookings


def test_over_midnight_is_asked_about_and_until_midnight_is_not() -> None:
    file = read("Pompa;A-1;6-4-2026;22.00;02.00;;;\nPompa;A-2;6-4-2026;22.00;24.00;;;\n")
    found = rules.sort_out(file, KNOWN)

    assert [row.span.minutes for row in file.bookings] == [240, 120]
    assert [row.row for row in found.asked] == [2]
    assert [row.row for row in found.good] == [3]
    question = found.faults[0]
    assert (question.sentence, question.weight) == (rules.OVER_MIDNIGHT, Weight.QUESTION)
    assert question.facts["until"] == at(7, 2)


def test_the_same_row_twice_is_one_and_what_is_kept_is_there_already() -> None:
    row = "Pompa;A-1;6-4-2026;8;9;;;\n"
    file = read(row + row.replace("Pompa", "POMPA"))
    found = rules.sort_out(file, KNOWN)
    again = rules.sort_out(
        file, Known(KNOWN.machines, KNOWN.register, {file.bookings[0].key}, KNOWN.at, WIB)
    )

    assert (len(found.good), found.repeated, found.there_already) == (1, 1, 0)
    assert (len(again.good), again.repeated, again.there_already) == (0, 1, 1)


@pytest.mark.parametrize(
    ("rows", "row", "column", "sentence", "facts"),
    [
        ("Bajak;A-1;6-4-2026;8;9;;;", 2, "Alat", rules.UNKNOWN_MACHINE, {"said": "Bajak"}),
        ("Pompa;B-7;6-4-2026;8;9;;;", 2, "Nomor anggota", rules.UNKNOWN_MEMBER, {"said": "B-7"}),
        ("Pompa;A-1;1-4-2026;7;9;;;", 2, "Mulai", InThePast.sentence, {"since": at(1, 7)}),
        (
            "Pompa;A-1;30-4-2026;7;9;;;",
            2,
            "Tanggal",
            TooFarAhead.sentence,
            {"machine": "Pompa", "horizon_on": at(29, 12).date()},
        ),
        ("Giling;A-1;7-4-2026;8;9;;;", 2, "Luas", rules.NO_SIZE, {"machine": "Giling"}),
        (
            "Traktor;A-1;7-4-2026;8;9;;A-2;",
            2,
            "Operator",
            rules.NOT_OPERATOR,
            {"said": "A-2", "machine": "Traktor"},
        ),
        (
            "Traktor;A-1;8-4-2026;9;11;;;",
            2,
            "Mulai",
            rules.NO_OPERATOR_FREE,
            {"machine": "Traktor"},
        ),
        (
            "Traktor;A-1;6-4-2026;10;11;;M-1;",
            2,
            "Mulai",
            rules.TAKEN,
            {"machine": "Traktor", "names": "JADWAL-2026-0001 Siti"},
        ),
        (
            "Traktor;A-1;7-4-2026;8;9;;M-1;\nTraktor;A-2;7-4-2026;9;10;;M-1;",
            3,
            "Mulai",
            rules.TAKEN_BY_ROWS,
            {"machine": "Traktor", "other": "2"},
        ),
        (
            "Traktor;A-1;6-4-2026;10.30;11;;M-1;\nTraktor;A-2;6-4-2026;9;11;;M-1;",
            3,
            "Mulai",
            rules.TAKEN_BY_BOTH,
            {"machine": "Traktor", "names": "JADWAL-2026-0001 Siti", "other": "2"},
        ),
        (
            "Traktor;A-1;8-4-2026;9;11;;M-1;",
            2,
            "Operator",
            rules.OPERATOR_BUSY,
            {"name": "M-1"},
        ),
        (
            "Traktor;A-1;7-4-2026;8;9;;M-1;\nGiling;A-2;7-4-2026;9;11;200;M-1;",
            3,
            "Operator",
            rules.OPERATOR_IN_ROW,
            {"name": "M-1", "other": 2},
        ),
    ],
)
def test_what_cannot_be_booked_names_what_stands_in_the_way(
    rows: str, row: int, column: str, sentence: str, facts: dict[str, object]
) -> None:
    found = rules.sort_out(read(rows + "\n"), KNOWN)

    assert [(f.row, f.column, f.sentence, dict(f.facts)) for f in found.faults] == [
        (row, column, sentence, facts)
    ]


def test_two_pumps_take_two_rows_at_once_and_the_third_names_both() -> None:
    hours = "6-4-2026;8;10;;;\n"
    file = read(f"Pompa;A-1;{hours}Pompa;A-2;{hours}Pompa;M-1;{hours}")
    found = rules.sort_out(file, KNOWN)

    assert [row.row for row in found.good] == [2, 3]
    assert found.faults[0].facts["other"] == "2, 3"


def test_an_operator_who_is_free_is_found_for_a_row_that_names_none() -> None:
    none_known = replace(TRACTOR, operators={})
    known = replace(KNOWN, machines={"traktor": none_known})
    file = read("Traktor;A-1;7-4-2026;8;9;;;\n")

    assert [row.operator_id for row in rules.sort_out(file, KNOWN).good] == [9]
    assert [row.operator_id for row in rules.sort_out(file, known).good] == [None]


def test_an_operator_goes_from_one_machine_to_the_next() -> None:
    rows = "Traktor;A-1;7-4-2026;8;9;;M-1;\nGiling;A-2;7-4-2026;9.30;11;200;M-1;\n"
    found = rules.sort_out(read(rows), KNOWN)

    assert [row.row for row in found.good] == [2, 3]


def test_a_machine_out_of_service_is_said_to_be_so() -> None:
    stopped = Machine(
        1, "Pompa", Work.TIME, None, Fleet(1, out=[Span(at(6, 0), at(7, 0))]), [], at(30, 0)
    )
    known = Known({"pompa": stopped}, KNOWN.register, frozenset(), KNOWN.at, WIB)
    found = rules.sort_out(read("Pompa;A-1;6-4-2026;8;9;;;\n"), known)

    assert [fault.sentence for fault in found.faults] == [rules.OUT_THEN]


@pytest.mark.parametrize(
    ("row", "size"),
    [
        ("Pompa;A-1;6-4-2026;8;9.30;;;", 90),
        ("Pompa;A-1;6-4-2026;8;9.30;2;;", 120),
        ("Traktor;A-1;7-4-2026;8;13;;M-1;", 7_500),
        ("Traktor;A-1;7-4-2026;8;13;0,75 ha;M-1;", 7_500),
        ("Traktor;A-1;7-4-2026;8;13;1 bau;M-1;", 8_000),
        ("Giling;A-1;7-4-2026;8;13;800;;", 800_000),
    ],
)
def test_the_size_is_what_is_written_or_what_the_machine_does_in_that_time(
    row: str, size: int
) -> None:
    found = rules.sort_out(read(f"{row}\n"), KNOWN)

    assert [one.size for one in found.good] == [size]


@pytest.mark.parametrize(
    ("typed", "m2"), [("1 bau", 7_097), ("0,5 bau", 3_549), ("0,75 bau", 5_323), ("0,001 bau", 8)]
)
def test_parts_of_an_old_bau_are_read_to_the_begun_square_metre(typed: str, m2: int) -> None:
    assert read_size(typed, Work.AREA, bau_tenths=70_965).amount == m2


@pytest.mark.parametrize(
    ("heading", "size"),
    [("Luas (ha)", 7_500), ("Luas (bau)", 5_323), ("Luas (m²)", 1), ("Luas (ubin)", 11)],
)
def test_a_bare_number_of_land_is_in_the_unit_that_the_heading_names(
    heading: str, size: int
) -> None:
    """0,75 bau of 7.096,5 m2 are 5.322,375 m2; any begun square metre counts."""
    found = rules.sort_out(
        read("Traktor;A-1;7-4-2026;8;13;0,75;M-1;\nPompa;A-1;7-4-2026;8;9.30;2;;\n", head=heading),
        replace(KNOWN, bau_tenths=70_965),
    )
    assert [one.size for one in found.good] == [size, 120]
    assert not found.faults


@pytest.mark.parametrize(
    ("size", "sentence"),
    [("0,75", UnitMissing), ("0,75 kg", UnknownUnit), ("0 ha", ZeroQuantity)],
)
def test_land_without_a_unit_is_refused_with_its_row_and_column(
    size: str, sentence: type[Refusal]
) -> None:
    found = rules.sort_out(read(f"Traktor;A-1;7-4-2026;8;13;{size};M-1;\n"), KNOWN)

    faults = [(one.row, one.column, one.value, one.sentence) for one in found.faults]
    assert faults == [(2, "Luas", size, sentence.sentence)]
    assert not found.good


def test_a_workbook_keeps_days_and_times_of_its_own() -> None:
    moment = datetime(2026, 4, 6, 8, 0)  # noqa: DTZ001  as a cell of a workbook has it
    cells: dict[str, imports.Cell] = dict(
        zip(HEAD.strip().split(";"), ["Pompa", "A-1", moment, moment, "9"], strict=False)
    )
    mapping = Columns(imports.guess(rules.FIELDS, list(cells)))
    file = rules.read_rows([(2, cells)], [], mapping, calendar=WIB)

    assert [row.span for row in file.bookings] == [Span(at(6, 8), at(6, 9))]
