"""Files in: numbers, days and columns, the command line and the screen."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, func, select

from kopprod import __main__ as command_line
from kopprod import db, faults, sheets
from kopprod.domain import imports
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.imports import Cell, Columns, Sign
from kopprod.domain.refusal import N_
from kopprod.services import imports as mapping_service
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.prices import PricePoint
from tests import make
from tests.screens import screen, words
from tests.test_member_files import MEMBERS

# --- cells and columns ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "sign"),
    [
        (["Rp4.889", "Rp5.170", "-"], Sign.COMMA),
        (["2700.16", "2673.95", "2651.2", "13636", "12.5", "9.75"], Sign.POINT),
        (["1.5"], Sign.UNCLEAR),
        (["1,234", "5,678"], Sign.UNCLEAR),
        (["1,5", "2.700,16"], Sign.COMMA),
        (["2700.16", "2673.95", "2651.23", "1.25", "2.5", "2.700,16"], Sign.UNCLEAR),
        (["1,234.50", "5,678.25", "2.75", "3.50", "1.25"], Sign.POINT),
        (["5000", "6000"], Sign.COMMA),
        ([5000, Decimal("2.5")], Sign.COMMA),
        ([], Sign.COMMA),
    ],
)
def test_all_values_of_a_column_decide_its_sign(column: list[Cell], sign: Sign) -> None:
    assert imports.column_sign(column) == sign


@pytest.mark.parametrize(
    ("said", "sign", "value"),
    [
        ("Rp6.500", Sign.COMMA, Decimal(6500)),
        ("Rp 1.800/kg", Sign.COMMA, Decimal(1800)),
        ("Rp. 25.000.000,-", Sign.COMMA, Decimal(25_000_000)),
        ("Rp1.234.567,89", Sign.COMMA, Decimal("1234567.89")),
        ("1.500", Sign.COMMA, Decimal(1500)),
        ("1,5", Sign.COMMA, Decimal("1.5")),
        ("-2,5", Sign.COMMA, Decimal("-2.5")),
        ("2700.16", Sign.POINT, Decimal("2700.16")),
        ("1,234.5", Sign.POINT, Decimal("1234.5")),
        (5, Sign.UNCLEAR, Decimal(5)),
        (Decimal("2.5"), Sign.COMMA, Decimal("2.5")),
        ("5000", Sign.UNCLEAR, Decimal(5000)),
        ("1.5", Sign.COMMA, imports.UNCLEAR_NUMBER),
        ("1.500", Sign.UNCLEAR, imports.UNCLEAR_NUMBER),
        ("12.345", Sign.POINT, imports.UNCLEAR_NUMBER),
        ("Rp6.7000", Sign.COMMA, imports.NO_NUMBER),
        ("6.7000", Sign.POINT, imports.NO_NUMBER),
        ("1.2.3", Sign.COMMA, imports.NO_NUMBER),
        ("dua", Sign.COMMA, imports.NO_NUMBER),
        (date(2024, 1, 1), Sign.COMMA, imports.NO_NUMBER),
    ],
)
def test_a_number_is_read_in_the_way_of_its_column(
    said: Cell, sign: Sign, value: Decimal | str
) -> None:
    assert imports.number(said, sign) == value


def test_a_small_number_with_a_point_has_three_decimals_and_no_thousands() -> None:
    assert imports.number("3.456", Sign.POINT, small=True) == Decimal("3.456")


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_no_way_of_writing_an_amount_changes_it(whole: int, sen: int) -> None:
    value = Decimal(whole) + Decimal(sen) / 100
    indonesian = f"{whole:,}".replace(",", ".") + f",{sen:02}"

    assert imports.number(indonesian, Sign.COMMA) == value
    assert imports.number(f"{whole}.{sen:02}", Sign.POINT) == value
    assert imports.number(f"{whole:,}.{sen:02}", Sign.POINT) == value


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2024-01-31", date(2024, 1, 31)),
        ("31-01-2024", date(2024, 1, 31)),
        ("31/1/2024", date(2024, 1, 31)),
        ("31.01.2024", date(2024, 1, 31)),
        ("2020-01", date(2020, 1, 1)),
        ("01/2020", date(2020, 1, 1)),
        ("Januari 2020", date(2020, 1, 1)),
        ("17 Agustus 2024", date(2024, 8, 17)),
        ("5 Peb 2024", date(2024, 2, 5)),
        ("2024-01-31 16:54:37", date(2024, 1, 31)),
        ("2024-01-31T16:54:37", date(2024, 1, 31)),
        (date(2024, 1, 31), date(2024, 1, 31)),
        (datetime.fromisoformat("2024-01-31T08:30"), date(2024, 1, 31)),
        ("31-02-2024", None),
        ("01/13/2024", None),
        ("31-01-24", None),
        ("besok", None),
        ("5 Xyz 2024", None),
        (45000, None),
    ],
)
def test_days_are_read_the_indonesian_way(said: Cell, day: date | None) -> None:
    assert imports.day(said) == day


def test_a_moment_is_listed_to_the_second() -> None:
    assert imports.shown(datetime.fromisoformat("2024-01-31T08:30")) == "2024-01-31 08:30:00"
    assert imports.shown(date(2024, 1, 31)) == "2024-01-31"


def test_a_month_needs_a_year_of_four_digits() -> None:
    assert imports.month_start("2024", "Sept.") == date(2024, 9, 1)
    assert imports.month_start(2024, 9) == date(2024, 9, 1)
    assert imports.month_start("24", "Sept") is None
    assert imports.month_start("2024", "Ramadan") is None


def test_words_keep_every_letter_and_lose_what_cannot_be_seen() -> None:
    assert imports.words("  Siti\t\n Aminah ") == "Siti Aminah"
    assert imports.words("عائشة بنت") == "عائشة بنت"
    assert imports.words("A\u202ename\u202c<b>") == "Aname<b>"
    assert imports.words(5) == "5"


def test_headings_are_guessed_however_they_are_written() -> None:
    fields = mapping_service.KINDS[mapping_service.MEMBERS]

    found = imports.guess(fields, ["NO. ANGGOTA", "Nama Lengkap", "No HP", "Catatan"])

    assert found == {"number": "NO. ANGGOTA", "name": "Nama Lengkap", "phone": "No HP"}


def test_a_mapping_must_name_columns_that_are_there_and_what_every_row_needs() -> None:
    fields = mapping_service.KINDS[mapping_service.PRICES]

    with pytest.raises(imports.ColumnUnknown):
        imports.check_mapping(fields, Columns({"price": "Harga"}), ["Nilai"])
    with pytest.raises(imports.ColumnMissing):
        imports.check_mapping(fields, Columns({"price": "Harga"}), ["Harga"])
    imports.check_mapping(fields, Columns({"price": "Harga"}, {"commodity": "Kopi"}), ["Harga"])


def test_a_mapping_is_kept_under_its_name_and_replaced_by_the_next(coop: str) -> None:
    first = Columns({"price": "Harga"}, {"unit": "kg"}, "point")
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        mapping_service.save_mapping(session, kind="prices", name=" BPS  jatim ", columns=first)
        mapping_service.save_mapping(session, kind="prices", name="BPS jatim", columns=first)
        with pytest.raises(imports.MappingNeedsName):
            mapping_service.save_mapping(session, kind="prices", name=" ", columns=first)

    with db.reading(coop) as session:
        assert mapping_service.mappings(session, "prices") == ["BPS jatim"]
        assert mapping_service.mapping(session, "prices", "BPS jatim") == first
        with pytest.raises(imports.MappingUnknown):
            mapping_service.mapping(session, "members", "BPS jatim")


# --- the command line ----------------------------------------------------------------------------


def run(*arguments: object) -> int:
    return command_line.main([str(argument) for argument in arguments])


def rows_of(coop: str, table: type[Any]) -> int:
    with db.reading(coop) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_prices_come_in_by_the_command_line_and_faults_beside_them(
    coop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "harga.csv"
    file.write_text("Komoditas;Satuan;Tanggal;Harga\nKopi;kg;2024-01;25.000\nKopi;kg;2024-02;-\n")

    assert run("import", "prices", file, "--coop", coop) == 0
    assert rows_of(coop, PricePoint) == 0
    assert run("import", "prices", file, "--coop", coop, "--check") == 0
    assert rows_of(coop, PricePoint) == 0
    keep = ("import", "prices", file, "--coop", coop, "--all-good")
    assert run(*keep, "--save-mapping", "BPS") == 0
    assert run(*keep, "--mapping", "BPS", "--source", "harga") == 0

    assert rows_of(coop, PricePoint) == 1
    written = sheets.read(tmp_path / "harga-kesalahan.csv")
    assert [cells["Mengapa"] for _, cells in written.rows] == ["Tidak ada harga di baris ini."]
    said = capsys.readouterr().out
    assert "2 baris: 1 baik, 0 perlu ditanyakan, 1 salah, 0 sudah ada, 0 berulang." in said
    assert "2 baris: 0 baik, 0 perlu ditanyakan, 1 salah, 1 sudah ada, 0 berulang." in said


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7", "bukan tabel"),
        (b"", "kosong"),
        (b"Nama;Harga\n", "tidak ada baris di bawahnya"),
    ],
)
def test_a_bad_file_gets_one_indonesian_sentence(
    coop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, sentence: str
) -> None:
    file = tmp_path / "berkas.csv"
    file.write_bytes(data)

    assert run("import", "prices", file, "--coop", coop, "--all-good") == 1

    assert sentence in capsys.readouterr().err
    assert rows_of(coop, PricePoint) == 0


def test_100_mb_are_refused_at_once(
    coop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "besar.csv"
    with file.open("wb") as large:
        large.truncate(100 * 2**20)

    assert run("import", "members", file, "--coop", coop, "--all-good") == 1
    assert "lebih besar dari 20 MB" in capsys.readouterr().err
    assert run("import", "members", tmp_path / "hilang.csv", "--coop", coop) == 1


def test_members_go_in_and_come_out_by_the_command_line(coop: str, tmp_path: Path) -> None:
    file, out = tmp_path / "anggota.csv", tmp_path / "keluar.xlsx"
    file.write_text(f"{MEMBERS}A-01;Siti;Sukamaju;;;;;;;;;;\n")

    assert run("import", "members", file, "--coop", coop, "--all-good") == 0
    assert run("export", "members", "--coop", coop, "--out", out) == 0

    ((_, row),) = sheets.read(out).rows
    assert (row["Nomor"], row["Nama"], row["Desa"]) == ("A-01", "Siti", "Sukamaju")


def test_deliveries_make_a_new_cooperative(
    coop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert coop != "susu_baru"
    file = tmp_path / "susu.csv"
    head = "MCC_ID,farmer_ID,Qty,Sale.Type,Rejected,date,time\n"
    file.write_text(
        f"{head}MA_1,F_1,5,Buy,No,2024-01-01,08:00:00\nMA_2,F_1,7.5,Buy,No,2024-01-01,08:00:00\n"
        "MA_2,F_2,NA,Buy,No,2024-01-01,08:00:00\n"
    )
    order = ("import", "deliveries", file, "--coop", "susu_baru", "--all-good")

    assert run(*order, "--sign", "point") == 0
    assert run(*order, "--sign", "point") == 0

    assert rows_of("susu_baru", Delivery) == 2
    with db.reading("susu_baru") as session:
        numbers = session.exec(select(Member.number).order_by(col(Member.number))).all()
    assert list(numbers) == ["MA-1/F-1", "MA-2/F-1", "MA-2/F-2"]
    assert "2 setoran disimpan, dengan 3 anggota baru." in capsys.readouterr().out


def test_a_file_without_a_good_row_makes_no_cooperative(coop: str, tmp_path: Path) -> None:
    assert coop != "kosong"
    file = tmp_path / "susu.csv"
    file.write_text("Anggota;Tanggal;Jumlah\nA-01;besok;5\n")

    assert run("import", "deliveries", file, "--coop", "kosong", "--all-good") == 1
    assert not db.exists("kosong")


# --- the screen ----------------------------------------------------------------------------------


def manager_at_files(coop: str) -> Any:
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    return screen(coop, citra, "imports")


def bring(test: Any, name: str, data: str | bytes) -> Any:
    data = data.encode() if isinstance(data, str) else data
    return test.file_uploader[0].set_value((name, data, "text/csv")).run()


def test_a_file_is_looked_at_before_anything_is_kept(coop: str) -> None:
    test = manager_at_files(coop)
    assert "tidak ada yang disimpan sebelum Anda setuju" in words(test)
    file = "Komoditas;Satuan;Tanggal;Harga\nKopi;kg;2024-01;25.000\nKopi;kg;2024-02;=1+1\n"

    test = bring(test, "harga.csv", file)

    assert not test.exception
    assert rows_of(coop, PricePoint) == 0
    assert "Sel ini berisi rumus" in words(test)
    test.button(key="keep").click().run()
    assert not test.exception
    assert rows_of(coop, PricePoint) == 1
    assert "1 baris dari harga.csv disimpan." in words(test)


def test_nothing_is_kept_when_somebody_says_so(coop: str) -> None:
    test = manager_at_files(coop)
    test = bring(test, "a.csv", "Komoditas;Satuan;Tanggal;Harga\nKopi;kg;2024-01;25.000\n")

    test.button(key="keep_nothing").click().run()

    assert not test.exception
    assert rows_of(coop, PricePoint) == 0
    assert not [button for button in test.button if button.key == "keep"]


def test_a_file_that_is_no_table_gets_a_sentence_on_the_screen(coop: str) -> None:
    test = bring(manager_at_files(coop), "rapat.csv", b"%PDF-1.7 ...")

    assert not test.exception
    assert "rapat.csv bukan tabel" in words(test)


def test_members_are_looked_at_with_every_reason(coop: str) -> None:
    test = manager_at_files(coop)
    test.segmented_control(key="kind").set_value("members").run()

    test = bring(test, "anggota.csv", f"{MEMBERS}A-01;<b>Siti</b>;Sukamaju;12;;;;;;;;;\nA-02;Ayu\n")

    assert not test.exception
    shown = words(test)
    assert "12 bukan nomor" in shown or "12" in shown
    assert "<b>Siti</b>" not in shown
    test.button(key="keep").click().run()
    assert rows_of(coop, Member) == 1


def test_a_question_is_answered_before_its_row_is_kept(coop: str) -> None:
    usual = "".join(f"Kopi;kg;2024-{m:02};25.000\n" for m in range(1, 7))
    file = f"Komoditas;Satuan;Tanggal;Harga\n{usual}Kopi;kg;2024-07;2.500\n"
    test = bring(manager_at_files(coop), "harga.csv", file)

    (question,) = [box for box in test.checkbox if "2.500" in box.label]
    question.check().run()
    test.button(key="keep").click().run()

    assert not test.exception
    assert rows_of(coop, PricePoint) == 7


def test_a_list_of_faults_is_a_safe_file() -> None:
    fault = imports.Fault(2, "=A", "=1+1", N_("{said} is no number."), {"said": "=1+1"})

    ((_, row),) = sheets.read(faults.as_csv("id", [fault]), "kesalahan.csv").rows

    assert row == {
        "Baris": "2",
        "Kolom": "=A",
        "Nilai": "=1+1",
        "Jenis temuan": "Salah",
        "Mengapa": "=1+1 bukan angka.",
    }
