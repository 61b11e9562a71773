"""The journal as a text that other accounting programs read: hledger and beancount.

Siti's slip of Rp2.554.127 paid in cash is `(41)` of 31 October: `Kewajiban:2110 Utang hasil kepada
anggota:7 Siti` +2554127 IDR, `Aset:1101 Kas` -2554127 IDR. Debit is positive, as both programs
have it. An account's name begins with its code, a sub-ledger's with the key of whom it is about,
so no two are ever the same, whatever a name looks like in letters that the program takes; each
name as it was written down stands beside its account, in JSON.

The grammars: https://hledger.org/hledger.html and
https://beancount.github.io/docs/beancount_language_syntax.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kopprod.domain.ledger import AccountKind


class LedgerFormat(StrEnum):
    """The programs for which the journal is written."""

    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


ENDINGS = {LedgerFormat.HLEDGER: "journal", LedgerFormat.BEANCOUNT: "beancount"}
USUAL_UNIT = "marketing"  # the business unit of a line that names none

# The five kinds by the cooperative's own words, and the letters by which hledger knows them.
_ROOTS: Mapping[AccountKind, tuple[str, str, str]] = {
    AccountKind.ASSET: ("Aset", "A", "name_assets"),
    AccountKind.LIABILITY: ("Kewajiban", "L", "name_liabilities"),
    AccountKind.EQUITY: ("Ekuitas", "E", "name_equity"),
    AccountKind.INCOME: ("Pendapatan", "R", "name_income"),
    AccountKind.EXPENSE: ("Beban", "X", "name_expenses"),
}


@dataclass(frozen=True)
class Leaf:
    """An account, or the part of a sub-ledger's account that is about one member or buyer."""

    code: str
    account: str
    kind: AccountKind
    whom_id: int | None = None
    number: str = ""  # of a member
    name: str = ""


@dataclass(frozen=True)
class FileLine:
    """One line: the account by its name in the file, debit less credit, the business unit."""

    account: str
    amount_rp: int
    unit: str = USUAL_UNIT


@dataclass(frozen=True)
class FileEntry:
    """A posted entry; `reverses` and `reversed_by` are the numbers of the entries it belongs to."""

    number: int
    on: date
    memo: str
    paper: str
    lines: Sequence[FileLine]
    reverses: int | None = None
    reversed_by: int | None = None


def account_name(form: LedgerFormat, leaf: Leaf) -> str:
    """The account's name in the file: kind, code and name, and whom it is about."""
    parts = [_ROOTS[leaf.kind][0], f"{leaf.code} {leaf.account}"]
    if leaf.whom_id is not None:
        parts.append(f"{leaf.whom_id} {leaf.name}")
    return ":".join(_PART[form](part) for part in parts)


def _hledger_part(words: str) -> str:
    """A colon parts accounts, two spaces or a semicolon end them."""
    kept = "".join(sign if sign.isprintable() else " " for sign in words)
    return " ".join(kept.replace(":", "-").replace(";", ",").split())


def _beancount_part(words: str) -> str:
    """Letters, digits and hyphens."""
    kept = "".join(sign if sign.isalpha() or sign.isdecimal() else " " for sign in words)
    return "-".join(kept.split())


_PART = {LedgerFormat.HLEDGER: _hledger_part, LedgerFormat.BEANCOUNT: _beancount_part}


def head(
    form: LedgerFormat, *, title: str, leaves: Iterable[tuple[str, Leaf]], since: date
) -> Iterator[str]:
    """What stands before the entries: the currency and every account with its name in the file."""
    if form is LedgerFormat.HLEDGER:
        yield f"; {_json(title)}\ncommodity 1000. IDR\n\n"
        for name, leaf in leaves:
            yield f"account {name}  ; type:{_ROOTS[leaf.kind][1]}\n"
            yield from (f"    ; {word}: {_json(said)}\n" for word, said in _said(leaf))
        return
    yield f"option {_quoted('title')} {_quoted(title)}\n"
    yield 'option "operating_currency" "IDR"\n'
    for root, _, option in _ROOTS.values():
        yield f"option {_quoted(option)} {_quoted(root)}\n"
    for name, leaf in leaves:
        yield f"{since} open {name} IDR\n"
        yield from (f"  {word}: {_quoted(said)}\n" for word, said in _said(leaf))


def _said(leaf: Leaf) -> list[tuple[str, str]]:
    """What was written down, where the account's name in the file may show it otherwise."""
    if leaf.whom_id is None:
        return [("name", leaf.account)]
    return [("name", leaf.name), ("number", leaf.number)][: 2 if leaf.number else 1]


def entry(form: LedgerFormat, said: FileEntry) -> str:
    """One entry with its lines."""
    return _hledger(said) if form is LedgerFormat.HLEDGER else _beancount(said)


def _hledger(said: FileEntry) -> str:
    memo = _hledger_part(said.memo)
    found = [f"{said.on} * ({said.number}) {memo}  ; paper: {_hledger_part(said.paper)}"]
    if memo != said.memo:
        found.append(f"    ; memo: {_json(said.memo)}")
    found += [f"    ; {word}: {number}" for word, number in _links(said)]
    for line in said.lines:
        unit = "" if line.unit == USUAL_UNIT else f"  ; unit: {_hledger_part(line.unit)}"
        found.append(f"    {line.account}  {line.amount_rp} IDR{unit}")
    return "\n" + "\n".join(found) + "\n"


def _beancount(said: FileEntry) -> str:
    # Both halves of a correction carry the number of what was corrected.
    first = said.reverses or (said.number if said.reversed_by else None)
    link = f" ^entry-{first}" if first else ""
    found = [f"{said.on} * {_quoted(said.memo)}{link}", f'  number: "{said.number}"']
    found.append(f"  paper: {_quoted(said.paper)}")
    found += [f'  {word}: "{number}"' for word, number in _links(said)]
    for line in said.lines:
        found.append(f"  {line.account} {line.amount_rp} IDR")
        if line.unit != USUAL_UNIT:
            found.append(f"    unit: {_quoted(line.unit)}")
    return "\n" + "\n".join(found) + "\n"


def _links(said: FileEntry) -> list[tuple[str, int]]:
    both = (("reverses", said.reverses), ("reversed-by", said.reversed_by))
    return [(word, number) for word, number in both if number is not None]


def _json(words: str) -> str:
    """Any text on one line, to be read back as it was."""
    return json.dumps(words, ensure_ascii=False)


def _quoted(words: str) -> str:
    """A string of beancount, which knows these escapes."""
    for sign, kept in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        words = words.replace(sign, kept)
    return f'"{words}"'
