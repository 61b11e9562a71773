"""What buyers owe and how late they are: every rupiah in one age, and the ages add up.

A sale was settled on 2 March for Rp5.130.150, to be paid within 14 days, so by 16 March. Of that
Rp2.000.000 came. On 16 March Rp3.130.150 are not due yet; on 17 March they are one day late; from
16 April on, 31 days late, they stand with those of 31 to 60 days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kopprod.domain.refusal import N_


class Age(StrEnum):
    """How long after its day something is still unpaid."""

    NOT_DUE = "not_due"
    TO_30 = "to_30"
    TO_60 = "to_60"
    TO_90 = "to_90"
    OVER_90 = "over_90"


AGE_NAMES: Mapping[Age, str] = {
    Age.NOT_DUE: N_("Not due yet"),
    Age.TO_30: N_("1-30 days"),
    Age.TO_60: N_("31-60 days"),
    Age.TO_90: N_("61-90 days"),
    Age.OVER_90: N_("over 90 days"),
}
_ENDS = ((0, Age.NOT_DUE), (30, Age.TO_30), (60, Age.TO_60), (90, Age.TO_90))


def due_on(settled_on: date, pays_within_days: int | None) -> date:
    """The last day on which a sale may be paid as agreed; without a term on the day itself."""
    return settled_on + timedelta(days=pays_within_days or 0)


def days_late(due: date, *, on: date) -> int:
    """How many days something due is late; on its day it is not."""
    return max(0, (on - due).days)


def age(due: date, *, on: date) -> Age:
    """How old a debt is on a day."""
    late = days_late(due, on=on)
    return next((name for end, name in _ENDS if late <= end), Age.OVER_90)


@dataclass(frozen=True)
class Claim:
    """What is owed for one sale, less than nothing where too much was paid."""

    owed_rp: int
    due_on: date


@dataclass(frozen=True)
class Ages:
    """Debts by age; beside them what has no day of its own (`undated_rp`: opening balances and
    entries by hand), and what buyers have paid too much (`overpaid_rp`, above nothing).
    """

    by_age: Mapping[Age, int]
    undated_rp: int
    overpaid_rp: int

    @property
    def due_rp(self) -> int:
        """What is late, of whatever age."""
        return sum(rp for name, rp in self.by_age.items() if name is not Age.NOT_DUE)

    @property
    def total_rp(self) -> int:
        """What is owed in all, as account 1120 has it."""
        return sum(self.by_age.values()) + self.undated_rp - self.overpaid_rp


def ages(claims: Iterable[Claim], *, on: date, undated_rp: int = 0) -> Ages:
    """Sort what is owed by its age; all of it together is the sum of the claims."""
    by_age = dict.fromkeys(Age, 0)
    overpaid_rp = 0
    for claim in claims:
        if claim.owed_rp < 0:
            overpaid_rp -= claim.owed_rp
        else:
            by_age[age(claim.due_on, on=on)] += claim.owed_rp
    return Ages(by_age, undated_rp, overpaid_rp)
