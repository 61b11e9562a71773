"""Opening balances from a file: one row for each account, and for each member or buyer of it.

`31;Siti;;250.000` is Siti's simpanan pokok of Rp250.000, on the credit side. A row without an
amount says nothing and is passed over, so that a sheet of all accounts may be half filled.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kopprod.domain import imports, money
from kopprod.domain.imports import Cell, Columns, Fault, Field, Findings, Row
from kopprod.domain.ledger import Posting, SubLedger
from kopprod.domain.refusal import N_, Fact, Refusal

ACCOUNT_UNKNOWN = N_("There is no account {account} in the chart of accounts.")
WHOM_MISSING = N_("This account is kept by member or buyer: say whose it is.")
WHOM_UNKNOWN = N_("{said} is neither a number nor a name that is known here.")
WHOM_UNCLEAR = N_("Several are named {said}. Write the member's number.")
WHOM_TOO_MUCH = N_("This account is not kept by member or buyer: leave the name away.")
BOTH_SIDES = N_("Write either a debit or a credit.")
NOT_WHOLE = N_("{said} is not a whole amount of rupiah above zero.")
SAID_TWICE = N_("Row {other} says this too.")

FIELDS: Sequence[Field] = (
    Field("account", N_("Account"), ("akun", "kode akun", "kode", "account"), True),
    Field("whom", N_("Member or buyer"), ("anggota/pembeli", "anggota", "pembeli", "whom")),
    Field("debit", N_("Debit"), ("debet", "debit"), True),
    Field("credit", N_("Credit"), ("kredit", "credit"), True),
)


@dataclass(frozen=True)
class People:
    """Who may be named: by number or by name, folded, to all that bear it."""

    members: Mapping[str, Sequence[int]] = field(default_factory=dict)
    buyers: Mapping[str, Sequence[int]] = field(default_factory=dict)


def named(pairs: Sequence[tuple[int, Sequence[str]]]) -> dict[str, list[int]]:
    """Everybody by each word that may name them."""
    found: dict[str, list[int]] = defaultdict(list)
    for key, words in pairs:
        for word in dict.fromkeys(word.casefold() for word in words):
            found[word].append(key)
    return dict(found)


@dataclass
class _Reader:
    """One row being read, with its faults."""

    row: int
    cells: Mapping[str, Cell]
    columns: Columns
    faults: list[Fault] = field(default_factory=list)

    def words(self, name: str) -> str:
        """A cell as text; nothing where it says that there is nothing."""
        cell = self.columns.cell(self.cells, name)
        return "" if imports.is_nothing(cell) else imports.words(cell)

    def fault(self, name: str, sentence: str, **facts: Fact) -> None:
        """Note what is wrong with a cell."""
        value = imports.shown(self.columns.cell(self.cells, name))
        self.faults.append(Fault(self.row, self.columns.heading(name), value, sentence, facts))

    def amount_rp(self, name: str) -> int:
        """Whole rupiah above zero; zero where the cell is empty or faulty."""
        cell = self.columns.cell(self.cells, name)
        if imports.is_nothing(cell) or cell == 0:
            return 0
        if isinstance(cell, int | Decimal) and cell == int(cell) and cell > 0:
            return int(cell)
        if not isinstance(cell, str):
            self.fault(name, NOT_WHOLE, said=imports.shown(cell))
            return 0
        try:
            return money.parse_rp(cell, positive=True)
        except Refusal as refusal:
            self.fault(name, refusal.sentence, **refusal.facts)
            return 0


def read_rows(
    rows: Sequence[Row],
    faults: Sequence[Fault],
    columns: Columns,
    *,
    sub_ledgers: Mapping[str, SubLedger],
    people: People,
) -> Findings[Posting]:
    """The lines that a file gives, and every reason why a row is none; nothing is written."""
    good: list[Posting] = []
    found = list(faults)
    first: dict[tuple[str, int | None, int | None], int] = {}
    broken = {fault.row for fault in faults}
    for number, cells in rows:
        if number in broken:
            continue
        reader = _Reader(number, cells, columns)
        posting = _posting(reader, sub_ledgers, people)
        if posting is not None:
            named_so = (posting.account, posting.member_id, posting.buyer_id)
            other = first.setdefault(named_so, number)
            if other != number:
                reader.fault("account", SAID_TWICE, other=other)
            else:
                good.append(posting)
        found += reader.faults
    return Findings(good=good, asked=[], faults=found, there_already=0, repeated=0, rows=len(rows))


def _posting(
    reader: _Reader, sub_ledgers: Mapping[str, SubLedger], people: People
) -> Posting | None:
    debit_rp, credit_rp = reader.amount_rp("debit"), reader.amount_rp("credit")
    if not debit_rp and not credit_rp:
        return None
    if debit_rp and credit_rp:
        reader.fault("credit", BOTH_SIDES)
    account = reader.words("account")
    wants = sub_ledgers.get(account)
    if wants is None:
        reader.fault("account", ACCOUNT_UNKNOWN, account=account)
        return None
    whom = _whom(reader, wants, people)
    if reader.faults:
        return None
    return Posting(
        account,
        debit_rp=debit_rp,
        credit_rp=credit_rp,
        member_id=whom if wants is SubLedger.MEMBER else None,
        buyer_id=whom if wants is SubLedger.BUYER else None,
    )


def _whom(reader: _Reader, wants: SubLedger, people: People) -> int | None:
    said = reader.words("whom")
    if wants is SubLedger.NONE:
        if said:
            reader.fault("whom", WHOM_TOO_MUCH)
        return None
    if not said:
        reader.fault("whom", WHOM_MISSING)
        return None
    known = people.members if wants is SubLedger.MEMBER else people.buyers
    keys = known.get(said.casefold(), ())
    if len(keys) != 1:
        reader.fault("whom", WHOM_UNCLEAR if keys else WHOM_UNKNOWN, said=said)
        return None
    return keys[0]
