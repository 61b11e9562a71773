"""Prices by quantity as people write them in one line, and back.

`1-9 305000; 10-29 295 ribu; 30- 284.000` are three prices, of which the last has no end; `305000`
alone is the price of any number of packs. What the prices say to each other `tiers` checks.
"""

import re
from collections.abc import Iterable

from kopprod.domain import money
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import Tier

_RANGE = re.compile(r"([0-9]{1,9})\s*(?:\+|[-\u2013\u2014]\s*([0-9]{1,9})?)\s*[:=]?\s+(.+)")
_BETWEEN = re.compile(r"[;\n]+")


class TierUnread(Refusal):
    """A price whose packs nobody can tell."""

    sentence = N_(
        "“{typed}” is no price by quantity. Write, for example, “1-9 305000; 10- 295000”: from how "
        "many packs to how many, then the price of one pack."
    )


def read_tiers(text: str) -> list[Tier]:
    """The prices in a text, unchecked; refuses what is no range with a price behind it."""
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) == 1 and not _RANGE.fullmatch(parts[0]):
        return [Tier(1, None, money.parse_rp(parts[0]))]
    return [_read_part(part) for part in parts]


def _read_part(part: str) -> Tier:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise TierUnread(typed=part[:60])
    first, last, price = found.groups()
    return Tier(int(first), int(last) if last else None, money.parse_rp(price))


def write_tiers(tiers: Iterable[Tier]) -> str:
    """Prices as they are typed."""
    return "; ".join(
        f"{tier.from_packs}-{'' if tier.to_packs is None else tier.to_packs} {tier.pack_rp}"
        for tier in tiers
    )
