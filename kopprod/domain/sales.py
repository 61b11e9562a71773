"""Collective sales: from the buyer's money to each member's share."""

from enum import StrEnum


class SaleStage(StrEnum):
    """Open while goods and costs are put together; settled for good; or cancelled before that."""

    OPEN = "open"
    SETTLED = "settled"
    CANCELLED = "cancelled"
