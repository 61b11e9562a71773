"""CSV and XLSX files in, rows and faults out; and back.

Nothing in a file is ever evaluated: a formula is a fault at its row and column. What cannot be a
table is refused before much of it is read.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from kopprod.domain.imports import Cell, Fault, Row
from kopprod.domain.refusal import N_, Refusal
from kopprod.workbook import RISKY, Page, safe, write_book

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 500
MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_UNPACKED_TIMES = 100  # an honest workbook shrinks five- to twentyfold
_SAMPLE_ROWS = 60


class FileTooLarge(Refusal):
    """Larger than a table of the office can be."""

    sentence = N_("{file} is larger than {limit_mb} MB. Nothing was read; please split the file.")


class FileEmpty(Refusal):
    """Nothing in it."""

    sentence = N_("{file} is empty.")


class OnlyHeadings(Refusal):
    """Headings, and no row below them."""

    sentence = N_("{file} has headings but no rows below them.")


class NotATable(Refusal):
    """A picture, a document, a program: not rows and columns."""

    sentence = N_("{file} is not a table. Save it as CSV or XLSX and bring that file.")


class OldWorkbook(Refusal):
    """Excel before 2007, or a workbook locked with a password: both look alike from outside."""

    sentence = N_("{file} is an old or locked workbook. Save it as XLSX without a password.")


class QuotesBroken(Refusal):
    """A quotation mark that opens and never closes swallows every row below it."""

    sentence = N_("A quotation mark in {file} is not closed properly near row {row}.")


class TooManyRows(Refusal):
    """More rows than are read at once."""

    sentence = N_("{file} has more than {limit} rows. Please split the file.")


class TooManyColumns(Refusal):
    """More columns than a list of the office has."""

    sentence = N_("{file} has more than {limit} columns.")


FORMULA = N_("This cell holds a formula. Put the value itself into the cell.")
ERROR_VALUE = N_("This cell holds an error of the spreadsheet.")
TOO_MANY_CELLS = N_("This row has more cells than there are headings.")


@dataclass(frozen=True)
class Sheet:
    """A file's headings, its rows with their numbers in it, and the faults of single cells."""

    name: str
    header: Sequence[str]
    rows: Sequence[Row]
    faults: Sequence[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Formula:
    """A cell that would be evaluated."""

    text: str


@dataclass(frozen=True)
class ErrorCell:
    """A cell in which a spreadsheet says that it failed."""

    text: str


RawCell = Cell | Formula | ErrorCell


def read(
    source: bytes | Path,
    name: str = "",
    *,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> Sheet:
    """Read a CSV or XLSX file. Refuses what is too large, empty, only headings, or no table."""
    name = name or (source.name if isinstance(source, Path) else "")
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > max_bytes:
        raise FileTooLarge(file=name, limit_mb=max_bytes // (1024 * 1024))
    data = source.read_bytes() if isinstance(source, Path) else source
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise FileEmpty(file=name)
    records = workbook(data, name) if data.startswith(ZIP) else _text(data, name)
    return _sheet(records, name, max_rows)


ZIP = b"PK\x03\x04"
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"{\\rtf")
_MARKUP = ("<!doc", "<html", "<?xml")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _text(data: bytes, name: str) -> Iterator[tuple[int, Sequence[RawCell]]]:
    check_foreign(data, name)
    text = _decoded(data, name)
    check_signs(text, name)
    return csv_rows(io.StringIO(text, newline=""), separator(text, name), name)


def check_foreign(data: bytes, name: str) -> None:
    """Refuse what begins like a picture, a document or an old workbook."""
    if data.startswith(_OLD_WORKBOOK):
        raise OldWorkbook(file=name)
    if data.startswith(_FOREIGN):
        raise NotATable(file=name)


def check_signs(text: str, name: str) -> None:
    """Refuse signs that no text has."""
    if _CONTROL.search(text):
        raise NotATable(file=name)


def encodings(start: bytes) -> Sequence[str]:
    """What a text that begins so may be written in, in the order in which it is tried."""
    return ("utf-16",) if start in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")


def _decoded(data: bytes, name: str) -> str:
    for encoding in encodings(data[:2]):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotATable(file=name)


@dataclass(frozen=True)
class Separator:
    """The sign between cells; `said` where the first line says it and holds nothing else."""

    sign: str
    said: bool


def separator(text: str, name: str) -> Separator:
    """The sign that parts cells, by the beginning of a text; refuses a page of the web."""
    if text.lstrip()[:9].casefold().startswith(_MARKUP):
        raise NotATable(file=name)
    said = re.match(r"sep=(.)\r?\n", text)  # what Excel writes on top when it fears a misreading
    return Separator(said[1], True) if said else Separator(_delimiter(text, name), False)


def csv_rows(
    lines: Iterable[str], separator: Separator, name: str
) -> Iterator[tuple[int, Sequence[RawCell]]]:
    """Every row with its number in the file."""
    reader = csv.reader(lines, delimiter=separator.sign, strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, 1):
            if separator.said and number == 1:
                continue
            yield number, [_csv_cell(cell) for cell in record]
    except csv.Error as broken:
        raise QuotesBroken(file=name, row=number + 1) from broken


def _delimiter(text: str, name: str) -> str:
    """The sign that cuts most of the first rows into as many cells as the first row has."""
    best, best_score = "", (0.0, 0)
    for delimiter in ";,\t|":
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = [len(record) for record, _ in zip(reader, range(_SAMPLE_ROWS), strict=False)]
        except csv.Error:
            continue
        widths = [width for width in widths if width]
        if not widths or widths[0] < 2:
            continue
        score = (round(widths.count(widths[0]) / len(widths), 1), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    if not best:
        raise NotATable(file=name)
    return best


# Only a sign, digits and what stands between them: -5, +62 812-3456-7890, Rp lists, a lone dash.
_SIGNED_NUMBER = re.compile(r"[-+]\s*(Rp\.?\s*)?[\d\s.,()/]*(-[\d\s.,()/]*)*")


@lru_cache(maxsize=50_000)  # a million rows have the same days, members and weights in them
def _csv_cell(cell: str) -> RawCell:
    text = cell.strip()
    if text.startswith("'") and text[1:].startswith(RISKY):
        return text[1:]  # the mark that our own files and spreadsheets put before such a text
    if text.startswith(("=", "@")) and len(text) > 1:
        return Formula(text)
    if text.startswith(("+", "-")) and not _SIGNED_NUMBER.fullmatch(text):
        return Formula(text)
    return text


def workbook(data: bytes, name: str) -> Iterator[tuple[int, Sequence[RawCell]]]:
    """Every row of the first page, with its number."""
    _check_archive(data, name)
    try:
        # Formulas are read as formulas, not as what they last came to, so that they can be named.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception as broken:
        # openpyxl raises whatever its parsers raise; a file that it cannot open is not our mistake.
        raise NotATable(file=name) from broken
    return _workbook_rows(book, name)


def _check_archive(data: bytes, name: str) -> None:
    """Refuse what is no workbook, or would unpack into far more than it seems."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as broken:
        raise NotATable(file=name) from broken
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise NotATable(file=name)
    unpacked = sum(part.file_size for part in parts)
    grows = unpacked > len(data) * MAX_UNPACKED_TIMES and unpacked > MAX_BYTES
    if unpacked > MAX_UNPACKED_BYTES or grows:
        raise FileTooLarge(file=name, limit_mb=MAX_BYTES // (1024 * 1024))


def _workbook_rows(book: Any, name: str) -> Iterator[tuple[int, Sequence[RawCell]]]:
    if not book.worksheets:
        raise NotATable(file=name)
    page = book.worksheets[0]
    page.reset_dimensions()  # some programs write wrong ones, and rows would be lost
    try:
        for number, cells in enumerate(page.iter_rows(), 1):
            yield number, [_xlsx_cell(cell) for cell in cells]
    except (ValueError, KeyError, zipfile.BadZipFile, SyntaxError, EOFError) as broken:
        raise NotATable(file=name) from broken
    finally:
        book.close()


def _xlsx_cell(cell: Any) -> RawCell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(str(value)[:200])
    if cell.data_type == "e":
        return ErrorCell(str(value))
    return _plain(value)


def _plain(value: Any) -> RawCell:
    """Workbooks keep numbers as floats: 2700.16 becomes the Decimal 2700.16, 5.0 the int 5."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        exact = Decimal(repr(value))
        return int(exact) if exact == exact.to_integral_value() else exact
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, int | date):
        return value
    return _csv_cell(str(value))


def _sheet(records: Iterable[tuple[int, Sequence[RawCell]]], name: str, max_rows: int) -> Sheet:
    header: list[str] = []
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, cells in records:
        if all(cell == "" for cell in cells):
            continue
        if not header:
            header = headings(cells, name)
            continue
        if len(rows) >= max_rows:
            raise TooManyRows(file=name, limit=max_rows)
        row, wrong = read_row(number, cells, header)
        rows.append(row)
        faults.extend(wrong)
    if not header:
        raise FileEmpty(file=name)
    if not rows:
        raise OnlyHeadings(file=name)
    return Sheet(name, _used(header, rows), rows, faults)


def headings(cells: Sequence[RawCell], name: str) -> list[str]:
    """Headings as they stand; a blank one is called by its letter, a second one gets a number."""
    if len(cells) > MAX_COLUMNS:
        raise TooManyColumns(file=name, limit=MAX_COLUMNS)
    header: list[str] = []
    for position, cell in enumerate(cells, 1):
        text = " ".join(_shown(cell).split())[:100] or f"({get_column_letter(position)})"
        heading, times = text, 1
        while heading in header:
            times += 1
            heading = f"{text} ({times})"
        header.append(heading)
    return header


def _used(header: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Without the columns that have neither heading nor value."""
    blank = {heading for heading in header if re.fullmatch(r"\([A-Z]+\)", heading)}
    for _, cells in rows:
        if not blank:
            break
        blank = {heading for heading in blank if cells[heading] == ""}
    return [heading for heading in header if heading not in blank]


def read_row(
    number: int, cells: Sequence[RawCell], header: Sequence[str]
) -> tuple[Row, list[Fault]]:
    """A row by its headings, and the faults of its cells."""
    faults: list[Fault] = []
    read_cells: dict[str, Cell] = dict.fromkeys(header, "")
    for position, cell in enumerate(cells):
        known = position < len(header)
        heading = header[position] if known else f"({get_column_letter(position + 1)})"
        if isinstance(cell, Formula | ErrorCell):
            sentence = FORMULA if isinstance(cell, Formula) else ERROR_VALUE
            faults.append(Fault(number, heading, cell.text, sentence))
        elif known:
            read_cells[heading] = cell
        elif cell != "":
            faults.append(Fault(number, heading, _shown(cell), TOO_MANY_CELLS))
    return (number, read_cells), faults


def _shown(cell: RawCell) -> str:
    return cell.text if isinstance(cell, Formula | ErrorCell) else str(cell)


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV that an Indonesian Excel opens by itself: UTF-8 with its mark, `;`, decimal commas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(heading) for heading in headings])
    writer.writerows([_csv_value(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
        return safe(str(value))
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one page with real numbers and dates, its headings fixed at the top."""
    return write_book([Page("KopProd", headings, rows)])
