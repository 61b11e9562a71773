"""How far a comparison with the middleman can be trusted: how many prices, how alike, how fresh.

Six prices between Rp6.000 and Rp6.300, the youngest of yesterday, are strong. Three are enough to
compare, and no more than that: one of them may be a slip of the tongue.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kopprod.domain.comparison import Enough, Reference

STRONG_TIMES = 2  # as many prices as are needed at all, twice over
STRONG_SPREAD = Fraction(1, 10)
STRONG_AGE_DAYS = 3


class Mark(StrEnum):
    """How sure a comparison is; thin means that nothing is said."""

    STRONG = "strong"
    FAIR = "fair"
    THIN = "thin"


@dataclass(frozen=True)
class Evidence:
    """What a comparison rests on: its prices, from lowest to highest as a part of the middle one,
    and how many days before the delivery the youngest was heard."""

    count: int
    spread: Fraction
    age_days: int


def evidence(middlemen: Reference) -> Evidence | None:
    """What a reference rests on; nothing where it is thin."""
    if middlemen.thin or not middlemen.price or middlemen.age_days is None:
        return None
    reach = (middlemen.highest or middlemen.price) - (middlemen.lowest or middlemen.price)
    return Evidence(middlemen.count, reach / abs(middlemen.price), middlemen.age_days)


def weakest(found: Iterable[Evidence]) -> Evidence | None:
    """What several comparisons rest on at the least: fewest prices, widest spread, oldest."""
    every = list(found)
    if not every:
        return None
    return Evidence(
        min(one.count for one in every),
        max(one.spread for one in every),
        max(one.age_days for one in every),
    )


def mark(rests_on: Evidence | None, enough: Enough) -> Mark:
    """How sure: strong needs twice the prices, within a tenth of each other, at most 3 days old."""
    if rests_on is None:
        return Mark.THIN
    many = rests_on.count >= STRONG_TIMES * enough.min_count
    alike = rests_on.spread <= STRONG_SPREAD
    fresh = rests_on.age_days <= STRONG_AGE_DAYS
    return Mark.STRONG if many and alike and fresh else Mark.FAIR
