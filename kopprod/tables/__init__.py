"""Every table and its CHECKs, one file per topic."""

from kopprod.tables import (
    access,
    cooperative,
    deliveries,
    ledger,
    members,
    numbers,
    output,
    prices,
    pricing,
    products,
    quotes,
    sales,
    slips,
    trail,
)

__all__ = [
    "access",
    "cooperative",
    "deliveries",
    "ledger",
    "members",
    "numbers",
    "output",
    "prices",
    "pricing",
    "products",
    "quotes",
    "sales",
    "slips",
    "trail",
]
