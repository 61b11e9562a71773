"""The journal for hledger and beancount: both take it, and come to our balances."""

import csv
import io
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Open, Transaction
from hypothesis import given
from hypothesis import strategies as st

from kopprod import __main__ as command_line
from kopprod import db
from kopprod.domain.ledger import AccountKind, Posting, SubLedger
from kopprod.domain.ledger_files import (
    FileEntry,
    FileLine,
    Leaf,
    LedgerFormat,
    account_name,
    entry,
    head,
)
from kopprod.services import books, ledger
from tests import make
from tests.seasons import DAY, Season, settled, writing

ODD = 'Ibu "Ati"\n: O\'Neil; (kedua)  \\ 🌾 عائشة'
BOTH = list(LedgerFormat)
Balances = Mapping[tuple[str, int | None], int]

SLIP = FileEntry(
    41,
    date(2026, 10, 31),
    'Dibayar; "tunai"',
    "slip:7",
    [FileLine("Kewajiban:2110", 2_554_127), FileLine("Aset:1101", -2_554_127, "toko")],
    reverses=40,
)


def test_an_entry_as_each_program_reads_it() -> None:
    assert entry(LedgerFormat.HLEDGER, SLIP) == (
        '\n2026-10-31 * (41) Dibayar, "tunai"  ; paper: slip-7\n'
        '    ; memo: "Dibayar; \\"tunai\\""\n'
        "    ; reverses: 40\n"
        "    Kewajiban:2110  2554127 IDR\n"
        "    Aset:1101  -2554127 IDR  ; unit: toko\n"
    )
    assert entry(LedgerFormat.BEANCOUNT, SLIP) == (
        '\n2026-10-31 * "Dibayar; \\"tunai\\"" ^entry-40\n'
        '  number: "41"\n'
        '  paper: "slip:7"\n'
        '  reverses: "40"\n'
        "  Kewajiban:2110 2554127 IDR\n"
        "  Aset:1101 -2554127 IDR\n"
        '    unit: "toko"\n'
    )


def test_what_a_program_takes_as_it_is_stands_as_it_is() -> None:
    cash = Leaf("1101", "Kas", AccountKind.ASSET)
    name = account_name(LedgerFormat.HLEDGER, cash)
    plain = FileEntry(1, date(2026, 10, 31), "Setoran modal", "x", [FileLine(name, 1)])

    assert name == "Aset:1101 Kas"
    assert [*head(LedgerFormat.HLEDGER, title="K", leaves=[(name, cash)], since=DAY)][1:] == [
        "account Aset:1101 Kas  ; type:A\n",
        '    ; name: "Kas"\n',
    ]
    assert entry(LedgerFormat.HLEDGER, plain) == (
        "\n2026-10-31 * (1) Setoran modal  ; paper: x\n    Aset:1101 Kas  1 IDR\n"
    )


def test_accounts_stand_before_the_entries_with_their_names_as_written() -> None:
    siti = Leaf("2110", "Utang hasil", AccountKind.LIABILITY, 7, "A-07", 'Siti "Ati"')
    pb = Leaf("1120", "Piutang", AccountKind.ASSET, 3, "", "PB")

    def text(form: LedgerFormat) -> str:
        leaves = [(account_name(form, leaf), leaf) for leaf in (siti, pb)]
        return "".join(head(form, title="Koperasi", leaves=leaves, since=DAY))

    assert text(LedgerFormat.HLEDGER) == (
        '; "Koperasi"\ncommodity 1000. IDR\n\n'
        'account Kewajiban:2110 Utang hasil:7 Siti "Ati"  ; type:L\n'
        '    ; name: "Siti \\"Ati\\""\n    ; number: "A-07"\n'
        'account Aset:1120 Piutang:3 PB  ; type:A\n    ; name: "PB"\n'
    )
    assert text(LedgerFormat.BEANCOUNT).endswith(
        'option "name_expenses" "Beban"\n'
        f"{DAY} open Kewajiban:2110-Utang-hasil:7-Siti-Ati IDR\n"
        '  name: "Siti \\"Ati\\""\n  number: "A-07"\n'
        f'{DAY} open Aset:1120-Piutang:3-PB IDR\n  name: "PB"\n'
    )


@given(name=st.text(max_size=40), form=st.sampled_from(BOTH))
def test_no_name_breaks_a_line_or_makes_an_account_below(name: str, form: LedgerFormat) -> None:
    leaf = Leaf("2110", name, AccountKind.LIABILITY, 7, "", name)
    found = account_name(form, leaf)

    assert found.count(":") == 2
    assert "  " not in found and ";" not in found and len(found.splitlines()) == 1
    assert found.split(":")[2][:1] == "7"


def test_both_programs_come_to_our_balances(season: Season, tmp_path: Path) -> None:
    with writing(season.coop) as session:
        settled(session, season)
    with writing(season.coop, make.TREASURER) as session:
        odd = make.member(session, ODD, number='"9": ; 🌾').id
        postings = [
            Posting("1101", debit_rp=75_000),
            Posting("31", credit_rp=75_000, member_id=odd),
        ]
        by_hand = ledger.post(session, on=DAY, memo=ODD, paper="hand:1", postings=postings)
        ledger.correct(session, by_hand.id, on=DAY, memo="Salah tulis")
        again = [Posting("1103", debit_rp=5), Posting("31", credit_rp=5, member_id=odd)]
        ledger.post(session, on=DAY, memo="Simpanan", paper="hand:2", postings=again)

    files = {form: tmp_path / form for form in BOTH}
    for form, file in files.items():
        order = ["export", "ledger", "--format", form, "--coop", season.coop]
        assert command_line.main([*order, "--out", str(file)]) == 0

    ours = balances(season.coop)
    assert len(ours) > 5
    assert in_beancount(files[LedgerFormat.BEANCOUNT]) == ours
    if shutil.which("hledger") is None:
        pytest.skip("hledger is not installed")
    assert in_hledger(files[LedgerFormat.HLEDGER]) == ours


def balances(coop: str) -> Balances:
    """The trial balance, by whom where the account has a sub-ledger; debit less credit."""
    found: dict[tuple[str, int | None], int] = {}
    with db.reading(coop) as session:
        trial = {one.account: one.debit_rp - one.credit_rp for one in books.trial_balance(session)}
        for account in books.accounts(session):
            if account.sub_ledger is SubLedger.NONE:
                found[account.code, None] = trial.get(account.code, 0)
            else:
                each = ledger.balances_rp(session, account.code).items()
                found |= {(account.code, whom): rp for whom, rp in each}
    return {place: rp for place, rp in found.items() if rp}


def in_hledger(file: Path) -> Balances:
    order = ["hledger", "-f", str(file), "--strict", "balance", "--flat", "-N", "-O", "csv"]
    told = subprocess.run(order, check=True, capture_output=True, text=True).stdout
    rows = list(csv.DictReader(io.StringIO(told)))
    return {account(row["account"]): int(row["balance"].split()[0]) for row in rows}


def in_beancount(file: Path) -> Balances:
    entries, errors, _options = loader.load_file(str(file))
    assert errors == []
    found: dict[tuple[str, int | None], int] = defaultdict(int)
    for one in entries:
        if isinstance(one, Transaction):
            for posting in one.postings:
                assert posting.units is not None
                found[account(posting.account)] += int(posting.units.number or 0)
    corrected = [one for one in entries if isinstance(one, Transaction) and one.links]
    assert [one.meta.keys() & {"reverses", "reversed-by"} for one in corrected] == [
        {"reversed-by"},
        {"reverses"},
    ]
    assert len({next(iter(one.links)) for one in corrected}) == 1
    assert ODD in {one.meta["name"] for one in entries if isinstance(one, Open)}
    assert ODD in {one.narration for one in corrected}
    return {key: rp for key, rp in found.items() if rp}


def account(name: str) -> tuple[str, int | None]:
    """The code and the key in a sub-ledger, from a name in a file."""
    code, *whom = (part.replace("-", " ").split()[0] for part in name.split(":")[1:])
    return code, int(whom[0]) if whom else None
