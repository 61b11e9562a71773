"""Reference prices: at which step of the chain a published price was taken, and series of them.

A price of paddy at the farm in March and one in June make a series with a gap, not a line between.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from kopprod.domain.refusal import N_


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
