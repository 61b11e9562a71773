"""Reference prices: at which step of the chain a published price was taken, and series of them.

A price of paddy at the farm in March and one in June make a series with a gap, not a line between.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from statistics import median

from kopprod.domain import money
from kopprod.domain.comparison import farmers_share
from kopprod.domain.refusal import N_, Refusal


class PriceLevel(StrEnum):
    """Where in the chain a price was taken."""

    FARM = "farm"
    MILL = "mill"
    WHOLESALE = "wholesale"
    RETAIL = "retail"
    UNKNOWN = "unknown"


LEVEL_WORDS: Mapping[PriceLevel, str] = {
    PriceLevel.FARM: N_("at the farm"),
    PriceLevel.MILL: N_("at the mill"),
    PriceLevel.WHOLESALE: N_("wholesale"),
    PriceLevel.RETAIL: N_("in the shop"),
    PriceLevel.UNKNOWN: N_("not said"),
}

_NAMED_LEVELS: Sequence[tuple[str, PriceLevel]] = (
    ("penggiling", PriceLevel.MILL),
    ("mill", PriceLevel.MILL),
    ("petani", PriceLevel.FARM),
    ("produsen", PriceLevel.FARM),
    ("farm", PriceLevel.FARM),
    ("grosir", PriceLevel.WHOLESALE),
    ("wholesale", PriceLevel.WHOLESALE),
    ("eceran", PriceLevel.RETAIL),
    ("konsumen", PriceLevel.RETAIL),
    ("retail", PriceLevel.RETAIL),
)


def level_of(words: str) -> PriceLevel:
    """The step of the chain that some words name: `Tk. Penggilingan` is at the mill."""
    folded = words.casefold()
    for word, level in _NAMED_LEVELS:
        if word in folded:
            return level
    return PriceLevel.UNKNOWN


def with_gaps(points: Sequence[tuple[date, int]]) -> list[tuple[date, int | None]]:
    """A series with an empty point in each gap, so that a chart does not draw over it.

    A gap is more than one and a half times the usual distance between two prices.
    """
    steps = sorted(b - a for (a, _), (b, _) in pairwise(points))
    usual = steps[len(steps) // 2] if steps else timedelta(0)
    found: list[tuple[date, int | None]] = []
    for when, price_e4 in points:
        if found and when - found[-1][0] > usual * 3 / 2:
            found.append((found[-1][0] + usual, None))
        found.append((when, price_e4))
    return found


@dataclass(frozen=True)
class MonthPrice:
    """What was paid in a month in the middle of some places, in rupiah for one unit, exactly."""

    price: Fraction
    places: int


def monthly(points: Iterable[tuple[int, date, int]]) -> dict[date, MonthPrice]:
    """The median over places of each month; `points` are series, day and `price_e4`.

    A place with daily prices counts once a month, with the median of its days, so that a place
    that was asked more often weighs no more.
    """
    days: dict[tuple[date, int], list[int]] = defaultdict(list)
    for series, on, price_e4 in points:
        days[on.replace(day=1), series].append(price_e4)
    places: dict[date, list[Fraction]] = defaultdict(list)
    for (month, _), prices_e4 in days.items():
        places[month].append(_middle_e4(prices_e4))
    return {
        month: MonthPrice(median(found_e4) / money.E4, len(found_e4))
        for month, found_e4 in sorted(places.items())
    }


def _middle_e4(prices_e4: Sequence[int]) -> Fraction:
    # `median` of whole numbers would be a float where there is an even number of them.
    ordered, half = sorted(prices_e4), len(prices_e4) // 2
    return Fraction(ordered[half] + ordered[-half - 1], 2)


class YieldMissing(Refusal):
    """Of nothing that the farmer sold the shop would sell something."""

    sentence = N_("Say how many percent of the farm's goods the shop sells, more than 0 %.")


@dataclass(frozen=True)
class FarmersMonth:
    """A month in which both prices are known, in rupiah for one unit of what the shop sells.

    `as_sold` is the farm price of as much as one sold unit is made of: paddy at Rp5.000 of which
    62,5 % becomes rice is Rp8.000 for a kg of rice.
    """

    month: date
    farm: MonthPrice
    as_sold: Fraction
    retail: MonthPrice

    @property
    def share(self) -> Fraction:
        """The part of what the shop's customer paid that reached the farmer."""
        return farmers_share(self.as_sold, self.retail.price)

    @property
    def margin(self) -> Fraction:
        """What lies between both: milling, transport, trade, and what each of them earns."""
        return self.retail.price - self.as_sold


def farmers_months(
    farm: Mapping[date, MonthPrice], retail: Mapping[date, MonthPrice], *, yield_bp: int
) -> list[FarmersMonth]:
    """The months that both sides know, oldest first; `yield_bp` of the farm's goods are sold.

    Refuses a yield of nothing.
    """
    if yield_bp <= 0:
        raise YieldMissing
    return [
        FarmersMonth(month, farm[month], farm[month].price * money.BP / yield_bp, retail[month])
        for month in sorted(farm.keys() & retail.keys())
    ]


def lacking(
    farm: Mapping[date, MonthPrice], retail: Mapping[date, MonthPrice]
) -> tuple[list[date], list[date]]:
    """Months without a farm price, and months without a retail price, while both were published.

    From the later of their first months to the earlier of their last; nothing where they never
    meet.
    """
    if not farm or not retail:
        return [], []
    month, last = max(min(farm), min(retail)), min(max(farm), max(retail))
    months = []
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return [m for m in months if m not in farm], [m for m in months if m not in retail]
