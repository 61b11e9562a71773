"""The books as people read them: lines with what their account holds after each.

Ayu is owed Rp900 and Rp400 of it is paid: her account of what is owed says 900, then 500.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from kopprod.domain.ledger import AccountKind, in_own_direction_rp


@dataclass(frozen=True)
class BookLine:
    """One line of an entry, with what the account holds after it where that was asked for.

    `balance_rp` grows by debit for what we have or spent, by credit for what we owe or earned.
    """

    entry_id: int
    number: int
    on: date
    memo: str
    paper: str
    account: str
    account_name: str
    debit_rp: int
    credit_rp: int
    whom: str = ""
    balance_rp: int = 0


@dataclass(frozen=True)
class JournalEntry:
    """A posted entry with its lines."""

    id: int
    number: int
    on: date
    memo: str
    paper: str
    reverses_id: int | None
    is_reversed: bool
    lines: Sequence[BookLine] = field(default_factory=tuple)


@dataclass(frozen=True)
class Journal:
    """One page of entries, newest first, and how many there are in all."""

    entries: Sequence[JournalEntry]
    count: int


@dataclass(frozen=True)
class AccountBook:
    """What an account held before the lines that are shown, these, and what it held after.

    `cut` says that the period has older lines, which count as held before.
    """

    account: str
    name: str
    opening_rp: int
    lines: Sequence[BookLine]
    closing_rp: int
    cut: bool = False


@dataclass(frozen=True)
class TrialLine:
    """One account's balance, on the side where it stands."""

    account: str
    name: str
    kind: AccountKind
    debit_rp: int
    credit_rp: int


def running(
    lines: Iterable[BookLine],
    kinds: Mapping[str, AccountKind],
    before_rp: Mapping[str, int] | None = None,
) -> list[BookLine]:
    """The same lines, oldest first, each with what its own account holds after it.

    `before_rp` is what accounts held before the first line; without it nothing.
    """
    held: dict[str, int] = defaultdict(int, before_rp or {})
    result = []
    for line in lines:
        change = in_own_direction_rp(kinds[line.account], line.debit_rp - line.credit_rp)
        held[line.account] += change
        result.append(replace(line, balance_rp=held[line.account]))
    return result
