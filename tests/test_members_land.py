"""What a member farms: it may stay empty, and is never nothing or a whole district."""

from decimal import Decimal

import pytest
from sqlmodel import col, select

from kopprod import sheets
from kopprod.domain import imports, member_files, quantities, typed
from kopprod.domain.imports import Cell, Columns
from kopprod.domain.members import LandAbsurd, check_land
from kopprod.services import exports, members
from kopprod.services import member_files as member_service
from kopprod.tables.members import Member
from tests import make
from tests.seasons import writing
from tests.test_member_files import BAU, ON


@pytest.mark.parametrize("land_m2", [None, 1, 7_500, 10_000_000])
def test_land_as_it_is_farmed_is_kept(land_m2: int | None) -> None:
    assert check_land(land_m2) == land_m2


@pytest.mark.parametrize("land_m2", [0, -1, 10_000_001])
def test_land_that_cannot_be_is_refused(land_m2: int) -> None:
    with pytest.raises(LandAbsurd):
        check_land(land_m2)


def test_land_is_written_down_and_taken_back(coop: str) -> None:
    with writing(coop) as session:
        row = make.member(session, "Siti")
        assert members.change_member(session, row.id, land_m2=7_500).land_m2 == 7_500
        assert members.change_member(session, row.id, name="Siti Aminah").land_m2 == 7_500
        assert members.change_member(session, row.id, land_m2=None).land_m2 is None


# In a file


def from_file(said: Cell, heading: str = "Luas lahan (m2)") -> member_files.MemberFile:
    cells = {"Nomor": "A-01", "Nama": "Siti", heading: said}
    mapping = Columns(imports.guess(member_files.FIELDS, list(cells)))
    return member_files.read_rows([(2, cells)], [], mapping, on=ON, bau_tenths=BAU)


@pytest.mark.parametrize(
    ("heading", "said", "land_m2"),
    [
        ("Luas lahan", "0,75 ha", 7_500),
        ("Luas lahan", "7.500 m²", 7_500),
        ("Luas", "50 are", None),  # no heading that we know: nobody pointed it out
        ("Lahan", "1 hektar + 20 are", 12_000),
        ("Luas lahan (m2)", "7500", 7_500),
        ("Luas lahan (m²)", 7500, 7_500),
        ("Luas lahan (ha)", "0,75", 7_500),
        ("Luas lahan (ha)", Decimal("0.75"), 7_500),
        ("Luas lahan (ha)", "100 ubin", 1_400),
        ("Luas lahan (bau)", "1,5", 12_000),
        ("Luas lahan (m2)", "-", None),
    ],
)
def test_land_in_a_file_is_read_as_people_write_it(
    heading: str, said: Cell, land_m2: int | None
) -> None:
    (member,) = from_file(said, heading).members
    assert member.land_m2 == land_m2


@pytest.mark.parametrize(
    ("heading", "said", "sentence"),
    [
        ("Luas lahan", "2", quantities.UnitMissing.sentence),
        ("Luas lahan", Decimal("0.75"), quantities.UnitMissing.sentence),
        ("Luas lahan (ha)", "luas", quantities.NotAQuantity.sentence),
        ("Luas lahan (m2)", "0.75", typed.Ambiguous.sentence),
        ("Luas lahan (m2)", "0", quantities.ZeroQuantity.sentence),
        ("Luas lahan (ha)", "2 wau", quantities.UnknownUnit.sentence),
        ("Luas lahan (ha)", "7500", LandAbsurd.sentence),
    ],
)
def test_land_that_cannot_be_read_names_its_row(heading: str, said: Cell, sentence: str) -> None:
    file = from_file(said, heading)
    (fault,) = file.faults
    assert (fault.row, fault.column, fault.sentence) == (2, heading, sentence)
    assert not file.members


def test_land_goes_from_a_file_into_the_register_and_out_again(coop: str) -> None:
    with writing(coop) as session:
        assert member_service.keep(session, from_file("0,75", "Luas lahan (ha)")).members == 1
        assert session.exec(select(Member.land_m2).order_by(col(Member.id))).all() == [7_500]
        sheet = sheets.read(sheets.write_xlsx(*exports.member_list(session)), "anggota.xlsx")
    mapping = Columns(imports.guess(member_files.FIELDS, sheet.header))
    file = member_files.read_rows(sheet.rows, sheet.faults, mapping, on=ON, bau_tenths=BAU)
    assert [row.land_m2 for row in file.members] == [7_500]
