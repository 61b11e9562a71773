"""A member's own book: how good her goods were over time, and what stands open between both.

Of 120 kg that Ayu brought in March 90 kg were grade A: 75 %, and 25 % B. The parts of a month
always add up to a hundred percent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kopprod.domain import money
from kopprod.domain.books import BookLine
from kopprod.domain.quantities import BaseUnit


@dataclass(frozen=True)
class Graded:
    """One delivery as its grade counts: `net` in base units."""

    on: date
    product: str
    unit: BaseUnit
    grade: str
    net: int


@dataclass(frozen=True)
class Quality:
    """One grade of one product in one month: how much of it, and its part of the month."""

    month: date
    product: str
    unit: BaseUnit
    grade: str
    deliveries: int
    net: int
    share_bp: int


@dataclass(frozen=True)
class Open:
    """What one account holds for the member: above zero the cooperative owes her."""

    account: str
    amount_rp: int


def quality(deliveries: Iterable[Graded]) -> list[Quality]:
    """Grades by month and product, the newest month first, the largest part first."""
    months: dict[tuple[date, str], dict[str, list[Graded]]] = {}
    for delivery in deliveries:
        at = (delivery.on.replace(day=1), delivery.product)
        months.setdefault(at, {}).setdefault(delivery.grade, []).append(delivery)
    found: list[Quality] = []
    for month, product in sorted(months, key=lambda at: (-at[0].toordinal(), at[1])):
        grades = sorted(
            ((sum(d.net for d in of), grade, of) for grade, of in months[month, product].items()),
            key=lambda entry: (-entry[0], entry[1]),
        )
        shares_bp = money.split_rp(money.BP, [net for net, _, _ in grades])
        found += [
            Quality(month, product, of[0].unit, grade, len(of), net, share_bp)
            for (net, grade, of), share_bp in zip(grades, shares_bp, strict=True)
        ]
    return found


def still_open(lines: Iterable[BookLine]) -> list[Open]:
    """What each of the member's accounts holds after all its lines; nothing where it is even."""
    held: dict[str, int] = {}
    for line in lines:
        held[line.account_name] = held.get(line.account_name, 0) + line.credit_rp - line.debit_rp
    return [Open(account, amount_rp) for account, amount_rp in held.items() if amount_rp]
