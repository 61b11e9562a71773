"""Reference prices: at which step of the chain a published price was taken."""

from enum import StrEnum


class PriceLevel(StrEnum):
    """Where in the chain a price was taken."""

    FARM = "farm"
    MILL = "mill"
    WHOLESALE = "wholesale"
    RETAIL = "retail"
    UNKNOWN = "unknown"
