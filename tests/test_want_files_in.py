"""Wants and the e-RDKK brought in: the command line, the screen, and the lists that go out."""

from pathlib import Path

import pytest

from kopprod import __main__ as command_line
from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.services import exports, subsidies
from tests import make
from tests.screens import screen, words

WANTS = (
    "Nomor;Nama;Desa;Musim;Urea;Harga urea\nA-01;Ayu;Sukamaju;1;70;90\n"
    "A-02;Budi;Sukamaju;1;45;80\nA-03;;;1;5;80\n"
)


def test_the_command_line_shows_the_report_and_keeps_once(
    coop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pesanan.csv"
    file.write_text(WANTS, encoding="utf-8")
    order = ["import", "wants", str(file), "--coop", coop]

    assert command_line.main([*order, "--check"]) == 0
    looked = capsys.readouterr().out
    assert command_line.main([*order, "--all-good"]) == 0
    assert command_line.main([*order, "--all-good"]) == 0
    kept = capsys.readouterr().out
    out = tmp_path / "w.csv"
    assert command_line.main(["export", "wants", "--coop", coop, "--out", str(out)]) == 0

    assert "Jumlah" in looked
    assert looked.splitlines()[-3].split()[-1] == "610"
    assert "2 pesanan disimpan dalam 1 belanja bersama, dan 2 anggota baru." in kept
    assert "0 pesanan disimpan dalam 0 belanja bersama, dan 0 anggota baru." in kept
    assert out.read_text(encoding="utf-8-sig").splitlines()[-1].endswith("8000;8610;610")


def test_the_list_goes_out_in_the_way_it_comes_in(coop: str, tmp_path: Path) -> None:
    file = tmp_path / "rdkk.csv"
    file.write_text("Nomor;Musim;Urea;NPK\nA-Ayu;2026 MT1;112,5;0\n", encoding="utf-8")
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        make.member(session)

    assert (
        command_line.main(["import", "entitlements", str(file), "--coop", coop, "--all-good"]) == 0
    )
    with db.reading(coop, person=SYSTEM) as session:
        headings, rows = exports.entitlement_list(session)
        assert subsidies.seasons(session) == ["2026 MT1"]

    said = dict(zip(headings, rows[0], strict=True))
    assert (said["Nomor"], said["Urea"], said["Npk"], said["Za"]) == ("A-Ayu", 112.5, 0, "")


def test_the_screen_shows_what_buying_together_would_have_saved(coop: str) -> None:
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(coop, citra, "imports")
    test.segmented_control(key="kind").set_value("wants").run()
    test.file_uploader[0].set_value(("pesanan.csv", WANTS.encode(), "text/csv")).run()

    assert not test.exception
    assert "Hemat seandainya dibeli bersama" in [one.label for one in test.expander]
    test.button(key="keep").click().run()
    assert not test.exception
    assert "pesanan.csv" in words(test)
