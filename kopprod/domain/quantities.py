"""Quantities: whole base units, typed and shown in the units people use."""

from dataclasses import dataclass
from enum import StrEnum


class BaseUnit(StrEnum):
    """What is counted; every quantity is a whole number of these."""

    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "piece"


@dataclass(frozen=True)
class Quantity:
    """So many whole base units."""

    amount: int
    unit: BaseUnit
