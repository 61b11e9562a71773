"""Lists of deliveries on the screen and by the command line; long files read row by row."""

from pathlib import Path

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from kopprod import __main__ as command_line
from kopprod import db, long_sheets, sheets
from kopprod.domain.access import Role
from kopprod.domain.imports import Fault
from kopprod.domain.pricing import Fixed, GradePrice, PriceRule
from kopprod.domain.refusal import Refusal
from kopprod.services import delivery_lists, imports, ledger, pricing
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from tests import make
from tests.screens import screen, words

HEAD = "Nomor anggota;Tanggal;Produk;Mutu;Kotor;Tara\n"
LIST = f"""{HEAD}A-01;2026-03-01;Gabah;A;50,5;0,5
A-02;2026-03-01;Gabah;;30;
A-09;2026-03-01;Gabah;A;1;
"""
ODD = (
    "".join(f"A-01;2026-02-0{n};Gabah;A;5{n};\n" for n in range(1, 7))
    + "A-01;2026-02-08;Gabah;A;5;\n"
)


@pytest.fixture
def store(coop: str) -> str:
    """Two members, and paddy at Rp6.500."""
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        ledger.open_chart(session)
        gabah = make.product(session)
        make.grade(session, gabah.id)
        rule = PriceRule(Fixed((GradePrice(None, 65_000_000),)))
        pricing.add_version(session, gabah.id, rule=rule, since=make.SINCE)
        for n, name in enumerate(("Ayu", "Budi"), 1):
            make.member(session, name, number=f"A-0{n}")
    return coop


def at_lists(coop: str, data: str) -> AppTest:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        manager = make.user(session, Role.MANAGER, name="Citra")
    test = screen(coop, manager, "imports")
    test.segmented_control(key="kind").set_value(imports.LISTS).run()
    return test.file_uploader[0].set_value(("setoran.csv", data.encode(), "text/csv")).run()


def kept(coop: str) -> list[tuple[int, bool]]:
    with db.reading(coop) as session:
        query = select(Delivery.net, Buying.id).outerjoin(Buying).order_by(Delivery.id)  # type: ignore[arg-type]
        return [(net, bought is not None) for net, bought in session.exec(query)]


def test_a_list_is_looked_at_bought_and_kept_once(store: str) -> None:
    test = at_lists(store, LIST)
    test.toggle(key="buys").set_value(True).run()

    assert not test.exception
    assert "A-09 tidak ada" in words(test)
    assert "Rp520.000" in words(test)  # 80 kg at Rp6.500
    test.button(key="keep").click().run()
    assert not test.exception
    assert "2 baris dari setoran.csv" in words(test)
    assert kept(store) == [(50_000, True), (30_000, True)]
    assert "keep" not in {button.key for button in test.button}


def test_goods_are_received_only_unless_they_are_to_be_bought(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kopprod.ui.delivery_lists.BATCH", 1)
    monkeypatch.setattr(delivery_lists.batches, "__kwdefaults__", {"size": 1})
    test = at_lists(store, LIST)
    test.text_input(key="save_as").set_value("Buku kami")
    test.button(key="keep").click().run()

    assert not test.exception
    assert kept(store) == [(50_000, False), (30_000, False)]
    with db.reading(store) as session:
        assert imports.mappings(session, imports.LISTS) == ["Buku kami"]


def test_odd_rows_are_kept_once_somebody_says_that_they_are_right(store: str) -> None:
    test = at_lists(store, HEAD + ODD)
    (question,) = [box for box in test.checkbox if "5 kg" in box.label]
    question.check().run()
    test.button(key="keep").click().run()

    assert not test.exception
    assert len(kept(store)) == 7


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"{HEAD}A-09;2026-03-01;Gabah;A;1;\n", "Perbaiki"),
        ("Nomor anggota;Tanggal\nA-01;2026-03-01\n", "Pilih kolom"),
        ("%PDF-1.7", "bukan tabel"),
    ],
)
def test_what_cannot_be_kept_says_so(store: str, data: str, said: str) -> None:
    test = at_lists(store, data)

    assert not test.exception
    assert said in words(test)
    assert "keep" not in {button.key for button in test.button}


def test_a_list_goes_in_by_the_command_line(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "setoran.csv"
    path.write_text(LIST + ODD)

    def run(*arguments: str) -> str:
        assert command_line.main(["import", "lists", str(path), "--coop", store, *arguments]) == 0
        return capsys.readouterr().out

    assert "Tidak ada yang disimpan" in run("--check")
    assert "8 setoran disimpan; utang atas barang itu Rp" in run("--buys", "--all-good")
    assert "1 setoran disimpan" in run("--all-good", "--accept", "all", "--save-mapping", "Buku")
    assert "0 setoran disimpan" in run("--all-good", "--accept", "10")
    assert "A-09 tidak ada" in (tmp_path / "setoran-kesalahan.csv").read_text("utf-8-sig")


# --- long files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        f'sep=,\nA,B,A\n1,\'=x,3\n\n4,-,"a\n{"b" * 70_000}"\n'.encode(),
        "Nama;Catatan\nSiti;caf\xe9\n".encode("cp1252"),
        "Nama;Catatan\nSiti;é\n".encode("utf-16"),
        sheets.write_csv(["A", "B"], [[1, "x"], [2, "y"]]),
        sheets.write_xlsx(["A", "B"], [[1, "x"], [2, "y"]]),
    ],
)
def test_a_long_file_has_the_rows_of_a_short_one(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "daftar"
    path.write_bytes(data)
    short, long = sheets.read(data, "daftar"), long_sheets.read(path)

    assert (long.name, list(long.header)) == ("daftar", list(short.header))
    assert list(long.rows()) == list(long.rows()) == list(short.rows)


def test_a_row_with_a_formula_is_its_fault() -> None:
    rows = list(long_sheets.read(b"A;B\n1;=2\n3;4;5\n6\n").rows())

    assert [(one.row, one.sentence) for one in rows if isinstance(one, Fault)] == [
        (2, sheets.FORMULA),
        (3, sheets.TOO_MANY_CELLS),
    ]
    assert rows[-1] == (4, {"A": "6", "B": ""})


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", sheets.FileEmpty),
        (b"\xef\xbb\xbf \r\n", sheets.FileEmpty),
        (b"\n;\n" * 30_000, sheets.FileEmpty),
        (b"A;B\n", sheets.OnlyHeadings),
        (b"%PDF-1.7", sheets.NotATable),
        (b"A;B\n\x00;1\n", sheets.NotATable),
        (b"A;B\n\x81;1\n", sheets.NotATable),
        (b"<html><p>;</p>", sheets.NotATable),
        (b"\xd0\xcf\x11\xe0", sheets.OldWorkbook),
        (b"A;B\n" * 400_000, sheets.FileTooLarge),
        (b'A;B\n"1;2\n', sheets.QuotesBroken),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        long_sheets.read(data, "daftar.csv", max_bytes=10**6)


def test_a_file_with_too_many_rows_is_refused() -> None:
    sheet = long_sheets.read(b"A;B\n1;2\n3;4\n", max_rows=1)

    with pytest.raises(sheets.TooManyRows):
        list(sheet.rows())
