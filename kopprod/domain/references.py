"""What is kept of a day: the reference that middlemen set, and what its paid lots came to.

Three prices that are worth Rp5.779,3388 for a true kilogram keep 57.793.388 ten-thousandths. The
comparison itself never reads them: it reckons with exact fractions, lot by lot.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from kopprod.domain import money
from kopprod.domain.comparison import Reference


@dataclass(frozen=True)
class PaidLot:
    """What one lot whose slip is paid came to, in whole rupiah; thin where nothing is said."""

    thin: bool
    coop_rp: int
    difference_rp: int
    true_weight: int | Fraction


@dataclass(frozen=True)
class Kept:
    """A day's reference in ten-thousandths of a rupiah, and its paid lots added up.

    Rupiah are exact sums. `true_weight` is that of the lots compared, rounded once for the day: a
    part of a split delivery may weigh a fraction of a gram.
    """

    quotes: int
    middle_e4: int | None
    lowest_e4: int | None
    highest_e4: int | None
    age_days: int | None
    lots: int = 0
    thin: int = 0
    coop_rp: int = 0
    difference_rp: int = 0
    true_weight: int = 0


def kept(middlemen: Reference, lots: Iterable[PaidLot]) -> Kept:
    """What is kept of a day of one product, grade and village."""
    every = list(lots)
    compared = [lot for lot in every if not lot.thin]
    weight = sum((Fraction(lot.true_weight) for lot in compared), Fraction(0))
    return Kept(
        quotes=middlemen.count,
        middle_e4=_e4(middlemen.price),
        lowest_e4=_e4(middlemen.lowest),
        highest_e4=_e4(middlemen.highest),
        age_days=middlemen.age_days,
        lots=len(every),
        thin=len(every) - len(compared),
        coop_rp=sum(lot.coop_rp for lot in compared),
        difference_rp=sum(lot.difference_rp for lot in compared),
        true_weight=money.round_half_up(weight),
    )


def _e4(price: Fraction | None) -> int | None:
    return None if price is None else money.round_half_up(price * money.E4)
