"""CSV and XLSX files: what is read, what is refused, and what is written safely."""

import io
import time
import zipfile
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kopprod import sheets
from kopprod.domain.imports import Cell
from kopprod.domain.refusal import Refusal


def cells(data: bytes | str, name: str = "harga.csv") -> list[list[Cell]]:
    """The rows of a file, without their numbers."""
    data = data.encode() if isinstance(data, str) else data
    sheet = sheets.read(data, name)
    return [[row[heading] for heading in sheet.header] for _, row in sheet.rows]


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_usual_delimiter_is_found(delimiter: str) -> None:
    text = f"Nama{delimiter}Desa\nSiti{delimiter}Sukamaju\nBudi{delimiter}Cibeureum\n"

    assert cells(text) == [["Siti", "Sukamaju"], ["Budi", "Cibeureum"]]


def test_decimal_commas_do_not_cut_a_file_of_semicolons() -> None:
    assert cells("Nama;Harga\nKopi;1.500,5\nKakao;2.000,25\n") == [
        ["Kopi", "1.500,5"],
        ["Kakao", "2.000,25"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    assert cells("Nama;Desa\nAndré;Sukamaju\n".encode(encoding)) == [["André", "Sukamaju"]]


def test_names_with_quotes_markup_and_right_to_left_letters_are_plain_text() -> None:
    text = 'Nama;Desa\n"Siti ""Ati"" O\'Neil";<b>Suka</b>\nعائشة;"a;b\nc"\n'

    assert cells(text) == [['Siti "Ati" O\'Neil', "<b>Suka</b>"], ["عائشة", "a;b\nc"]]


def test_rows_keep_their_number_in_the_file() -> None:
    sheet = sheets.read(b"\nNama;Desa\n\nSiti;Sukamaju\n;\nBudi;Cibeureum\n", "a.csv")

    assert [number for number, _ in sheet.rows] == [4, 6]


def test_blank_and_repeated_headings_get_names_of_their_own() -> None:
    sheet = sheets.read(b"Nama;;Harga;Harga;\nSiti;x;1;2;\n", "a.csv")

    assert list(sheet.header) == ["Nama", "(B)", "Harga", "Harga (2)"]


@pytest.mark.parametrize(
    "formula", ["=1+1", '=HYPERLINK("x")', "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3", "-abc"]
)
def test_a_formula_in_a_csv_cell_is_a_fault_at_its_place(formula: str) -> None:
    quoted = formula.replace('"', '""')
    sheet = sheets.read(f'Nama;Harga\nKopi;"{quoted}"\nTeh;5\n'.encode(), "a.csv")

    (fault,) = sheet.faults
    assert (fault.row, fault.column, fault.value) == (2, "Harga", formula)
    assert fault.sentence == sheets.FORMULA
    assert sheet.rows[0][1]["Harga"] == ""


@pytest.mark.parametrize("text", ["-5", "-", "+62 812-3456-7890", "- Rp", "-Rp5.000", "+1,5"])
def test_signs_before_numbers_are_no_formulas(text: str) -> None:
    sheet = sheets.read(f"Nama;Harga\nKopi;{text}\n".encode(), "a.csv")

    assert sheet.rows[0][1]["Harga"] == text
    assert not sheet.faults


def test_a_formula_in_a_workbook_is_a_fault_and_never_evaluated() -> None:
    sheet = sheets.read(workbook(["Nama", "Harga"], ["Kopi", "=2*3"], ["Teh", 5]), "a.xlsx")

    (fault,) = sheet.faults
    assert (fault.row, fault.column, fault.value) == (2, "Harga", "=2*3")
    assert [row["Harga"] for _, row in sheet.rows] == ["", 5]


def test_numbers_and_days_of_a_workbook_keep_their_kind() -> None:
    moment = datetime.fromisoformat("2024-01-31T08:30")
    data = workbook(["a", "b", "c", "d"], [5, 2700.16, date(2024, 1, 31), moment])

    assert cells(data, "a.xlsx") == [[5, Decimal("2700.16"), date(2024, 1, 31), moment]]


def test_more_cells_than_headings_are_a_fault() -> None:
    sheet = sheets.read(b"Nama;Desa\nSiti;Sukamaju;x\nBudi;Sukamaju\nAyu\n", "a.csv")

    assert [(f.row, f.column, f.value) for f in sheet.faults] == [(2, "(C)", "x")]
    assert sheet.rows[2] == (4, {"Nama": "Ayu", "Desa": ""})


BAD_FILES: list[tuple[bytes, type[Refusal]]] = [
    (b"", sheets.FileEmpty),
    (b"\xef\xbb\xbf \r\n\t\r\n", sheets.FileEmpty),
    (b";;\n;;\n", sheets.FileEmpty),
    (b"Nama;Desa\n", sheets.OnlyHeadings),
    (b"%PDF-1.7 a;b\n1;2\n", sheets.NotATable),
    (b"\x89PNG\r\n\x1a\n" + bytes(100), sheets.NotATable),
    (b"\xff\xd8\xff\xe0" + bytes(100), sheets.NotATable),
    (b"a;b\n\x00\x01\x02;3\n", sheets.NotATable),
    (b"<!DOCTYPE html><p>a;b</p>\n", sheets.NotATable),
    (b"Rapat anggota hari Rabu pukul delapan\nbertempat di balai desa\n", sheets.NotATable),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), sheets.OldWorkbook),
    (b"PK\x03\x04 this is no archive", sheets.NotATable),
    (b'Nama;Desa\n"Siti;Sukamaju\nBudi;Sukamaju\n', sheets.QuotesBroken),
    (b";".join(b"x" for _ in range(600)) + b"\n" + b"1;" * 599 + b"1\n", sheets.TooManyColumns),
]


@pytest.mark.parametrize(("data", "refusal"), BAD_FILES)
def test_what_is_no_table_is_refused(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        sheets.read(data, "berkas")


def test_a_zip_without_a_workbook_is_no_table() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a;b")

    with pytest.raises(sheets.NotATable):
        sheets.read(out.getvalue(), "a.xlsx")


def test_a_broken_workbook_is_no_table() -> None:
    whole = workbook(["a", "b"], [1, 2])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part, b"<x" if "sheet1" in part.filename else old.read(part))

    with pytest.raises(sheets.NotATable):
        sheets.read(out.getvalue(), "a.xlsx")


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(60 * 2**20))
    assert len(out.getvalue()) < 2**20

    started = time.perf_counter()
    with pytest.raises(sheets.FileTooLarge):
        sheets.read(out.getvalue(), "a.xlsx")
    assert time.perf_counter() - started < 2


def test_a_file_of_100_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    large = tmp_path / "besar.csv"
    with large.open("wb") as file:
        file.truncate(100 * 2**20)

    started = time.perf_counter()
    with pytest.raises(sheets.FileTooLarge):
        sheets.read(large)
    assert time.perf_counter() - started < 1


def test_more_rows_than_allowed_are_refused() -> None:
    with pytest.raises(sheets.TooManyRows):
        sheets.read(b"a;b\n" + b"1;2\n" * 11, "a.csv", max_rows=10)


@pytest.mark.parametrize("text", ["=1+1", "+62812", "-x", "@x", "\tx", "\rx"])
def test_no_text_that_we_write_becomes_a_formula(text: str) -> None:
    as_csv = sheets.write_csv(["Nama", "Nilai"], [[text, 1]]).decode("utf-8-sig")
    page = load_workbook(io.BytesIO(sheets.write_xlsx(["Nama", "Nilai"], [[text, 1]]))).active

    assert as_csv.split("\n", 1)[1].lstrip('"').startswith("'")
    assert page is not None
    assert page["A2"].data_type == "s"
    assert str(page["A2"].value).startswith("'")


def test_what_we_write_opens_in_an_indonesian_excel() -> None:
    data = sheets.write_csv(["Tanggal", "Harga"], [[date(2024, 1, 31), Decimal("2700.16")]])

    assert data == b"\xef\xbb\xbfTanggal;Harga\r\n2024-01-31;2700,16\r\n"


def test_a_workbook_that_we_write_holds_real_numbers_and_days() -> None:
    rows = [[date(2024, 1, 31), Decimal("2700.16"), 5, "Kopi", None]]
    data = sheets.write_xlsx(["a", "b", "c", "d", "e"], rows)

    assert cells(data, "a.xlsx") == [[date(2024, 1, 31), Decimal("2700.16"), 5, "Kopi", ""]]


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="'"), min_size=1
).filter(lambda text: text == text.strip() and text.strip("\ufeff"))


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_what_we_write_is_read_back_as_it_was(pairs: list[tuple[str, str]]) -> None:
    written = sheets.write_csv(["Kolom satu", "Kolom dua"], pairs)

    assert cells(written) == [list(pair) for pair in pairs]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(Refusal):
        sheets.read(data, "berkas")
