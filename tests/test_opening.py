"""Opening balances from a file: every fault listed, blank rows passed over, nothing guessed."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from kopprod import db, sheets
from kopprod.domain import imports, opening
from kopprod.domain.access import NotAllowed
from kopprod.domain.imports import Cell, Columns
from kopprod.domain.ledger import CHART_SUB_LEDGERS, Posting
from kopprod.domain.opening import People
from kopprod.services import ledger
from kopprod.services import opening as service
from tests import make

AYU, BUDI, TWIN, BUYER = 1, 2, 3, 7
PEOPLE = People(
    members=opening.named(
        [(AYU, ("A-1", "Ayu")), (BUDI, ("A-2", "Budi")), (TWIN, ("A-3", "Budi"))]
    ),
    buyers=opening.named([(BUYER, ("PB Sri Rejeki",))]),
)
COLUMNS = Columns({"account": "Akun", "whom": "Anggota", "debit": "Debet", "credit": "Kredit"})


def read(*rows: tuple[Cell, Cell, Cell, Cell]) -> imports.Findings[Posting]:
    cells: list[tuple[int, Mapping[str, Cell]]] = [
        (number, dict(zip(COLUMNS.columns.values(), row, strict=True)))
        for number, row in enumerate(rows, start=2)
    ]
    return opening.read_rows(cells, [], COLUMNS, sub_ledgers=CHART_SUB_LEDGERS, people=PEOPLE)


def test_amounts_are_read_as_people_write_them_and_blank_rows_pass() -> None:
    found = read(
        ("1101", "", "1,6 juta", ""),
        (1103, "", Decimal(250_000), ""),
        ("31", "ayu", "", "Rp500.000"),
        ("31", "A-3", "", 100_000),
        ("1120", "pb sri rejeki", 7, ""),
        ("35", "", "", 0),
        ("32", "A-2", "-", ""),
    )
    assert found.faults == []
    assert found.good == [
        Posting("1101", debit_rp=1_600_000),
        Posting("1103", debit_rp=250_000),
        Posting("31", credit_rp=500_000, member_id=AYU),
        Posting("31", credit_rp=100_000, member_id=TWIN),
        Posting("1120", debit_rp=7, buyer_id=BUYER),
    ]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("9", "", 1, ""), opening.ACCOUNT_UNKNOWN),
        (("31", "", "", 1), opening.WHOM_MISSING),
        (("31", "Citra", "", 1), opening.WHOM_UNKNOWN),
        (("31", "Budi", "", 1), opening.WHOM_UNCLEAR),
        (("1120", "Ayu", 1, ""), opening.WHOM_UNKNOWN),
        (("1101", "Ayu", 1, ""), opening.WHOM_TOO_MUCH),
        (("1101", "", 1, 1), opening.BOTH_SIDES),
        (("1101", "", Decimal("1.5"), ""), opening.NOT_WHOLE),
        (("1101", "", -5, ""), opening.NOT_WHOLE),
    ],
)
def test_a_row_that_cannot_be_is_a_fault(row: tuple[Cell, Cell, Cell, Cell], sentence: str) -> None:
    found = read(row)
    assert [(fault.row, fault.sentence) for fault in found.faults] == [(2, sentence)]
    assert found.good == []


def test_an_amount_that_nobody_can_read_is_a_fault() -> None:
    assert [fault.value for fault in read(("1101", "", "Rp6.7000", "")).faults] == ["Rp6.7000"]


def test_a_row_with_a_broken_cell_is_not_read_further() -> None:
    broken = imports.Fault(row=2, column="Debet", value="=1+1", sentence="A formula.")
    cells: Mapping[str, Cell] = dict.fromkeys(COLUMNS.columns.values(), "")
    found = opening.read_rows(
        [(2, cells)], [broken], COLUMNS, sub_ledgers=CHART_SUB_LEDGERS, people=PEOPLE
    )
    assert (found.good, found.faults) == ([], [broken])


def test_the_same_account_and_name_twice_is_a_fault() -> None:
    found = read(("31", "Ayu", "", 1), ("31", "A-1", "", 2))
    assert [(f.row, f.sentence, f.facts) for f in found.faults] == [
        (3, opening.SAID_TWICE, {"other": 2})
    ]


def test_a_sheet_that_was_filled_in_becomes_the_opening_balances(coop: str) -> None:
    treasurer = make.TREASURER
    with db.writing(coop, person=treasurer, action="test", at=make.AT) as session:
        ledger.open_chart(session)
        ayu = make.member(session, "Ayu")
        make.buyer(session)
        rows = service.sheet(session)
        filled = [[*row[:4], *_fill(row)] for row in rows]
        file = sheets.write_xlsx(list(service.HEADINGS), filled)
        read = sheets.read(file, "saldo.xlsx")
        found = service.findings(session, read.rows, read.faults, read.header)
        assert found.faults == []
        ledger.open_balances(session, on=make.TODAY, balances=found.good)
        assert ledger.balance_rp(session, "31", member_id=ayu.id) == -400_000
        assert ledger.balance_rp(session, "1101") == 1_000_000


def _fill(row: list[str]) -> tuple[str, str]:
    amounts = {"1101": ("1000000", ""), "31": ("", "400000"), "35": ("", "600.000")}
    return amounts.get(row[0], ("", ""))


def test_a_file_without_its_columns_is_refused(coop: str) -> None:
    with (
        pytest.raises(imports.ColumnMissing),
        db.reading(coop, person=make.TREASURER) as session,
    ):
        service.findings(session, [], [], ["Akun", "Debet"])
    with db.reading(coop, person=make.MANAGER) as session:
        for ask in (service.people, service.sheet):
            with pytest.raises(NotAllowed):
                ask(session)
