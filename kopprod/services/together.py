"""Compared lots added up: by month and product, by member."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from kopprod.services.comparison import Compared


@dataclass
class Together:
    """Several lots added up: in rupiah and weight, over those that could be compared."""

    lots: int = 0
    thin: int = 0
    coop_rp: int = 0
    difference_rp: int = 0
    true_weight: Fraction = Fraction(0)

    @property
    def compared(self) -> int:
        """How many lots could be compared."""
        return self.lots - self.thin

    @property
    def middleman_rp(self) -> int:
        """What the middleman would have paid for them."""
        return self.coop_rp - self.difference_rp

    def add(self, lot: Compared) -> None:
        """Count one more lot."""
        self.lots += 1
        if lot.thin:
            self.thin += 1
            return
        self.coop_rp += lot.coop_rp
        self.difference_rp += lot.difference_rp
        self.true_weight += lot.lot.true_weight


@dataclass
class MonthTogether(Together):
    """The lots of one product in one month."""

    month: date = field(default=date.min)
    product_id: int = 0


@dataclass
class MemberTogether(Together):
    """The lots of one member."""

    member_id: int = 0


def by_month(found: Iterable[Compared]) -> list[MonthTogether]:
    """Lots added up by month of delivery and product, oldest first."""
    sums: dict[tuple[date, int], MonthTogether] = {}
    for lot in found:
        at = (lot.likeness.on.replace(day=1), lot.likeness.product_id)
        sums.setdefault(at, MonthTogether(month=at[0], product_id=at[1])).add(lot)
    return [sums[at] for at in sorted(sums)]


def by_member(found: Iterable[Compared]) -> list[MemberTogether]:
    """Lots added up by member, whoever gained least first."""
    sums: dict[int, MemberTogether] = {}
    for lot in found:
        sums.setdefault(lot.member_id, MemberTogether(member_id=lot.member_id)).add(lot)
    return sorted(sums.values(), key=lambda m: (m.difference_rp, m.member_id))
