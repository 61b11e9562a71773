"""The files below a table: the values themselves, with units, and nothing that is a formula."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from kopprod import sheets
from kopprod.domain.quantities import BaseUnit
from kopprod.ui.show import (
    Column,
    day_column,
    file_cells,
    file_headings,
    quantity_column,
    rp_column,
    table_html,
)

COLUMNS = [
    Column("Anggota", "member"),
    quantity_column("Bersih", "net", BaseUnit.GRAM),
    rp_column("Bagian", "share_rp"),
    Column("Jasa", "fee_bp", number=True),
    Column("Harga", "price_e4", number=True),
    day_column("Hari", "on"),
]
ROWS: list[dict[str, Any]] = [
    {"member": "=HYPERLINK(1)", "net": 120_500, "share_rp": -5, "fee_bp": 250,
     "price_e4": 31_422_000, "on": date(2026, 3, 2)},
    {"member": "@Siti", "net": None, "share_rp": None, "fee_bp": None, "price_e4": None,
     "on": None},
]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "said"),
    [(BaseUnit.GRAM, "gram"), (BaseUnit.MILLILITRE, "ml"), (BaseUnit.PIECE, "buah")],
)
def test_whole_base_units_say_what_they_are(unit: BaseUnit, said: str) -> None:
    assert file_headings([quantity_column("Bersih", "net", unit)]) == [f"Bersih ({said})"]


def test_a_csv_has_numbers_with_a_comma_and_no_formula() -> None:
    head, first, second = (
        sheets.write_csv(file_headings(COLUMNS), file_cells(COLUMNS, ROWS))
        .decode("utf-8-sig")
        .splitlines()
    )

    assert head == "Anggota;Bersih (gram);Bagian;Jasa;Harga;Hari"
    assert first == "'=HYPERLINK(1);120500;-5;2,50;3142,2000;2026-03-02"
    assert second == "'@Siti;;;;;"


def test_what_stands_below_in_a_cell_is_a_column_of_its_own_in_the_files() -> None:
    columns = [COLUMNS[0].over(COLUMNS[5]), COLUMNS[2]]

    assert file_headings(columns) == ["Anggota", "Hari", "Bagian"]
    assert file_cells(columns, ROWS)[0] == ["=HYPERLINK(1)", date(2026, 3, 2), -5]
    shown = table_html(columns, [{"member": "<b>", "on": date(2026, 3, 2), "share_rp": 5}])
    assert '<td>&lt;b&gt;<span class="kp-note">02-03-2026</span></td>' in shown
    assert "None" not in table_html(columns, ROWS)


def test_a_workbook_has_real_numbers_and_no_formula() -> None:
    book = load_workbook(
        BytesIO(sheets.write_xlsx(file_headings(COLUMNS), file_cells(COLUMNS, ROWS)))
    )
    assert book.active is not None
    _head, first, second = ([*row] for row in book.active.iter_rows(values_only=True))

    assert list(first[:5]) == ["'=HYPERLINK(1)", 120_500, -5, 2.5, 3142.2]
    assert second[0] == "'@Siti"
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert file_cells(COLUMNS, ROWS)[0][3] == Decimal("2.5")
