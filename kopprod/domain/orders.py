"""Buyers' orders and contracts: what was promised, against what is there."""

from enum import StrEnum


class OrderStage(StrEnum):
    """An order stands until it was filled, or was given up."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"
