"""The e-RDKK from a file: what each row gives, and every reason why it cannot be kept."""

import pytest

from kopprod import sheets
from kopprod.domain import entitlement_files, imports, members, row_reader, subsidies
from kopprod.domain.entitlement_files import EntitlementFile, EntitlementRow
from kopprod.domain.imports import Columns
from kopprod.domain.subsidies import Fertiliser

HEAD = "Nomor;Musim;Urea;NPK\n"
KG = 1_000


def entitlement_file(text: str) -> EntitlementFile:
    sheet = sheets.read(f"{HEAD}{text}".encode(), "rdkk.csv")
    mapping = Columns(imports.guess(entitlement_files.FIELDS, sheet.header))
    return entitlement_files.read_rows(sheet.rows, sheet.faults, mapping)


def test_an_empty_cell_says_nothing_and_a_nought_says_none() -> None:
    file = entitlement_file("A-01;2026 MT1;112,5;\nA-02;2026 MT1;;0\n")

    assert not file.faults
    assert file.entitlements == [
        EntitlementRow(2, "A-01", "2026 MT1", Fertiliser.UREA, 112_500),
        EntitlementRow(3, "A-02", "2026 MT1", Fertiliser.NPK, 0),
    ]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (";MT1;5;", "Nomor", members.NumberMissing.sentence),
        ("A-01;;5;", "Musim", subsidies.SeasonMissing.sentence),
        ("A-01;MT1;-5;", "Urea", row_reader.BELOW_NOTHING),
        ("A-01;MT1;;99999", "NPK", row_reader.TOO_MUCH),
        ("A-01;MT1;;", "Nomor", entitlement_files.NO_FERTILISER),
        ("A-01;MT1;=1+1;", "Urea", sheets.FORMULA),
    ],
)
def test_every_faulty_row_says_why_and_where(row: str, column: str, sentence: str) -> None:
    file = entitlement_file(f"{row}\n")

    assert [(f.row, f.column, f.sentence) for f in file.faults] == [(2, column, sentence)]
    assert not file.entitlements


def test_a_file_is_compared_with_itself_the_register_and_what_is_kept() -> None:
    file = entitlement_file(
        "A-01;MT1;100;75\nA-02;MT1;100;\nA-01;MT1;50;\nA-01;MT2;50;\na-03;MT1;60;\n"
    )
    kept = {("a-01", "MT1", Fertiliser.NPK): 75 * KG, ("a-03", "MT1", Fertiliser.UREA): 50 * KG}

    found = entitlement_files.sort_out(file, register={"a-01", "a-03"}, kept=kept)

    assert [(row.row, row.grams) for row in found.good] == [
        (2, 100 * KG),
        (5, 50 * KG),
        (6, 60 * KG),
    ]
    assert found.there_already == 1
    assert [(f.row, f.sentence) for f in found.faults] == [
        (3, entitlement_files.UNKNOWN_MEMBER),
        (4, entitlement_files.SAID_TWICE),
    ]
