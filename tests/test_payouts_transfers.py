"""Transfer files: each bank its columns, every nought kept, nothing a spreadsheet would run."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kopprod.domain import transfers as rules
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.members import AccountKind
from kopprod.domain.payouts import Agreed, BatchKind, DeductionKind
from kopprod.domain.transfers import EXAMPLES, Column, Field, Layout, Transfer
from kopprod.papers.transfers import csv_file, xlsx_file
from kopprod.services import payouts, transfers
from kopprod.tables.members import Member
from tests import make
from tests.payday import Payday
from tests.seasons import DAY

PLAIN = EXAMPLES["Plain file for a bank"]
EVERY = Layout([Column(field.value, field, "Panen") for field in Field], separator=";")
SITI = Transfer(
    "0012345678", "SITI", "Bank Desa", 2_354_127, "SLIP-2026-0001", "BAYAR-2026-0001", "A-Siti",
    "Siti", date(2026, 12, 31),
)  # fmt: skip


def test_every_field_stands_in_its_column() -> None:
    assert rules.cells(EVERY, SITI) == [
        "0012345678", "SITI", "Bank Desa", 2_354_127, "SLIP-2026-0001", "BAYAR-2026-0001",
        "A-Siti", "Siti", "31/12/2026", "20261231", "Panen",
    ]  # fmt: skip
    assert rules.from_json(rules.to_json(EVERY.columns)) == EVERY.columns


@given(st.text())
def test_no_words_are_a_formula(text: str) -> None:
    assert not rules.harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\n" not in rules.harmless(text)


@pytest.mark.parametrize(
    ("layout", "refusal"),
    [
        (Layout([Column("Jumlah", Field.AMOUNT)]), rules.FormatWithoutColumns),
        (Layout([*PLAIN.columns] * 8), rules.TooManyColumns),
        (Layout(PLAIN.columns, separator="|"), rules.SeparatorUnknown),
    ],
)
def test_a_format_that_no_bank_could_pay_by_is_refused(
    layout: Layout, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        rules.check_layout(layout)


def test_a_format_has_a_name_and_a_title_above_each_column() -> None:
    assert rules.check_name("  Bank  Desa ") == "Bank Desa"
    for unnamed in ("", " \n"):
        with pytest.raises(rules.FormatNameless):
            rules.check_name(unnamed)
    assert rules.titles(EVERY) == [field.value for field in Field]


@pytest.mark.parametrize("layout", EXAMPLES.values())
def test_the_examples_can_be_kept(layout: Layout) -> None:
    assert rules.check_layout(layout) == layout
    with pytest.raises(rules.FormatNameless):
        rules.check_name(" ")


def for_the_bank(payday: Payday) -> int:
    with payday.acting(make.MANAGER) as session:
        for name, number in (("Siti", "0012345678"), ("Budi", "0087654321")):
            row = session.get_one(Member, payday.season.members[name])
            row.account_kind, row.account_provider = AccountKind.BANK, "Bank Desa"
            row.account_number, row.account_holder = number, f"=cmd|{name.upper()}"
    payday.agree("Siti", Agreed(DeductionKind.LOAN, 1, 200_000))
    with payday.acting() as session:
        ids = [payday.slip_ids[name] for name in ("Siti", "Budi")]
        return payouts.draw_up(session, ids, kind=BatchKind.TRANSFER, account=BANK, on=DAY).id


def test_a_file_pays_what_is_left_and_leaves_out_what_is_paid(payday: Payday) -> None:
    batch_id = for_the_bank(payday)
    with payday.acting() as session:
        lines = transfers.lines(session, batch_id, layout=PLAIN, on=DAY)
        assert csv_file(lines).decode() == (
            "No. Rekening,Nama Penerima,Jumlah,Keterangan\r\n"
            "0087654321,cmd|BUDI,1193669,SLIP-2026-0002\r\n"
            "0012345678,cmd|SITI,2354127,SLIP-2026-0001\r\n"
        )
        bare = transfers.lines(
            session, batch_id, layout=Layout(PLAIN.columns, "\t", has_titles=False), on=DAY
        )
        assert csv_file(bare).decode().startswith("0087654321\tcmd|BUDI\t1193669\t")
        payouts.mark_paid(session, payday.slip_ids["Budi"], on=DAY)
        left = transfers.lines(session, batch_id, layout=PLAIN, on=DAY)
        assert [row[0] for row in left.rows] == ["0012345678"]
        payouts.mark_paid(session, payday.slip_ids["Siti"], on=DAY)
        with pytest.raises(transfers.NothingToTransfer):
            transfers.lines(session, batch_id, layout=PLAIN, on=DAY)


def test_the_workbook_keeps_noughts_as_words_and_money_as_numbers(payday: Payday) -> None:
    batch_id = for_the_bank(payday)
    with payday.acting() as session:
        lines = transfers.lines(session, batch_id, layout=PLAIN, on=DAY)
    book = load_workbook(io.BytesIO(xlsx_file(lines, name="BAYAR-2026-0001")))
    sheet = book.worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][1] == [
        "0087654321", "cmd|BUDI", 1_193_669, "SLIP-2026-0002",
    ]  # fmt: skip


def test_formats_are_kept_changed_and_given_up(payday: Payday) -> None:
    with payday.acting() as session:
        bank = transfers.keep(session, name=" Bank  Desa ", layout=PLAIN)
        with pytest.raises(transfers.FormatKnown):
            transfers.keep(session, name="Bank Desa", layout=PLAIN)
        other = transfers.keep(session, name="Dompet", layout=EVERY)
        with pytest.raises(transfers.FormatKnown):
            transfers.keep(session, name="Bank Desa", layout=EVERY, format_id=other.id)
        transfers.keep(session, name="Bank Kota", layout=EVERY, format_id=bank.id)
        assert [(k.row.name, k.layout) for k in transfers.formats(session)] == [
            ("Bank Kota", EVERY),
            ("Dompet", EVERY),
        ]
        transfers.give_up(session, other.id)
        assert len(transfers.formats(session)) == 1
        assert transfers.keep(session, name="Dompet", layout=PLAIN).id == other.id
        with pytest.raises(transfers.UnknownFormat):
            transfers.give_up(session, 999)


def test_a_list_in_cash_has_no_file_and_only_who_pays_sees_accounts(payday: Payday) -> None:
    with payday.acting() as session:
        batch = payouts.draw_up(
            session, [payday.slip_ids["Made"]], kind=BatchKind.CASH, account=CASH, on=DAY
        )
        with pytest.raises(transfers.NotForTheBank):
            transfers.lines(session, batch.id, layout=PLAIN, on=DAY)
    for role in (Role.SUPERVISOR, Role.OFFICER):
        with payday.acting(make.person(role)) as session:
            with pytest.raises(NotAllowed):
                transfers.lines(session, batch.id, layout=PLAIN, on=DAY)
            with pytest.raises(NotAllowed):
                transfers.keep(session, name="x", layout=PLAIN)
