"""Prices that follow from what was measured: milk is paid by its fat and protein.

Milk with 3,5 % fat and 2,7 % protein: 35 points of Rp33 and 27 points of Rp73,6 are Rp3.142,2 a
liter. (KUD Puspa Mekar and its buyer, 2012.)
"""

from dataclasses import dataclass
from fractions import Fraction

from kopprod.domain import money

_POINT_BP = 10  # one point is 0,1 % of fat or protein


@dataclass(frozen=True)
class MilkPoints:
    """What a buyer pays for a point of fat and of protein, and takes off for too many bacteria.

    All `_e4` for one liter; `most_bacteria` is the total plate count for a millilitre.
    """

    fat_e4: int = 330_000
    protein_e4: int = 736_000
    most_bacteria: int = 5_000_000
    bacteria_cut_e4: int = 1_000_000


def milk_price_e4(
    *, fat_bp: int, protein_bp: int, bacteria: int = 0, points: MilkPoints | None = None
) -> int:
    """The price of a liter by its fat and protein, in hundredths of a percent of its weight."""
    points = points or MilkPoints()
    price_e4 = Fraction(fat_bp * points.fat_e4 + protein_bp * points.protein_e4, _POINT_BP)
    cut_e4 = points.bacteria_cut_e4 if bacteria > points.most_bacteria else 0
    return money.round_half_up(price_e4) - cut_e4
