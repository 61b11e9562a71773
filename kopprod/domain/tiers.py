"""What a supplier asks: prices by quantity, the least that may be ordered, and freight.

Urea costs Rp305.000 a sack up to 9 sacks, Rp295.000 from 10, Rp284.000 from 30 and Rp276.000 from
100 (WE-11). The tier that is reached prices every pack: 37 sacks are 37 times Rp284.000, and 30
sacks (Rp8.520.000) cost less than 29 (Rp8.555.000).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from pydantic import TypeAdapter

from kopprod.domain.refusal import N_, Refusal

MOST_PACK_RP = 10**9
MOST_PACKS = 10**6
MOST_TIERS = 20


class NoTiers(Refusal):
    """A quotation without a price."""

    sentence = N_("Write at least one price for {name}.")


class TooManyTiers(Refusal):
    """More prices than any supplier quotes."""

    sentence = N_("{name} has more than {most} prices by quantity. Look again.")


class TierUpsideDown(Refusal):
    """A range that ends before it begins, or begins at nothing."""

    sentence = N_("{name}: a price from {first} to {last} packs makes no sense. Look again.")


class TiersBeginLate(Refusal):
    """Nobody knows what fewer packs cost."""

    sentence = N_(
        "{name}: the prices begin at {first} packs, but {least} may be ordered. "
        "Write the price from {least} packs on."
    )


class TiersHaveGap(Refusal):
    """Nobody knows what a quantity between two ranges costs."""

    sentence = N_("{name}: there is no price between {last} and {first} packs.")


class TiersOverlap(Refusal):
    """A quantity with two prices."""

    sentence = N_("{name}: {first} packs would have two prices. Let one range end before it.")


class TiersEnd(Refusal):
    """Nobody knows what more packs cost."""

    sentence = N_("{name}: more than {last} packs have no price. Leave the end of the last empty.")


class TierPriceRises(Refusal):
    """Whoever buys more pays more for each: a slip of the pen."""

    sentence = N_(
        "{name}: from {first} packs on a pack costs {price_rp}, which is more than {before_rp} "
        "for fewer. Look at the prices again."
    )


class TierPriceAbsurd(Refusal):
    """A pack for nothing, or for the price of a house."""

    sentence = N_("{name}: a pack for {price_rp} cannot be right. Please look at it again.")


class SupplierTermAbsurd(Refusal):
    """A least order or a freight below zero or beyond reason."""

    sentence = N_("{name}: the least order and the freight are nought or more. Look again.")


@dataclass(frozen=True)
class Tier:
    """The price of each pack, from so many packs to so many; the last one has no end."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    from_packs: int
    to_packs: int | None
    pack_rp: int


@dataclass(frozen=True)
class Freight:
    """A fixed sum and so much a pack; nothing once the goods are worth `free_from_rp`."""

    fixed_rp: int = 0
    per_pack_rp: int = 0
    free_from_rp: int | None = None

    def rp(self, *, goods_rp: int, packs: int) -> int:
        """What it costs to bring these goods; nothing is brought for nothing."""
        free = self.free_from_rp is not None and goods_rp >= self.free_from_rp
        return 0 if free or packs == 0 else self.fixed_rp + self.per_pack_rp * packs


@dataclass(frozen=True)
class Supplier:
    """What one supplier asks of a whole order, whatever is in it."""

    supplier_id: int
    freight: Freight = Freight()
    least_rp: int = 0
    least_packs: int = 0


def check_tiers(tiers: Iterable[Tier], *, name: str, least_packs: int = 1) -> tuple[Tier, ...]:
    """The tiers, rising in quantity; refuses gaps, overlaps and prices that rise.

    The first begins at one pack, or at the least that may be ordered; the last has no end. `name`
    is the article's, for the sentences.
    """
    rising = tuple(sorted(tiers, key=lambda tier: tier.from_packs))
    if not rising:
        raise NoTiers(name=name)
    if len(rising) > MOST_TIERS:
        raise TooManyTiers(name=name, most=MOST_TIERS)
    for tier in rising:
        _check_tier(tier, name=name)
    if rising[0].from_packs > max(1, least_packs):
        raise TiersBeginLate(name=name, first=rising[0].from_packs, least=max(1, least_packs))
    for before, after in pairwise(rising):
        _check_neighbours(before, after, name=name)
    last = rising[-1].to_packs
    if last is not None:
        raise TiersEnd(name=name, last=last)
    return rising


def _check_tier(tier: Tier, *, name: str) -> None:
    last = MOST_PACKS if tier.to_packs is None else tier.to_packs
    if not 1 <= tier.from_packs <= last <= MOST_PACKS:
        raise TierUpsideDown(name=name, first=tier.from_packs, last=last)
    if not 0 < tier.pack_rp <= MOST_PACK_RP:
        raise TierPriceAbsurd(name=name, price_rp=tier.pack_rp)


def _check_neighbours(before: Tier, after: Tier, *, name: str) -> None:
    if before.to_packs is None or before.to_packs >= after.from_packs:
        raise TiersOverlap(name=name, first=after.from_packs)
    if before.to_packs + 1 < after.from_packs:
        raise TiersHaveGap(name=name, last=before.to_packs, first=after.from_packs)
    if after.pack_rp > before.pack_rp:
        raise TierPriceRises(
            name=name,
            first=after.from_packs,
            price_rp=after.pack_rp,
            before_rp=before.pack_rp,
        )


def check_supplier(supplier: Supplier, *, name: str) -> None:
    """Refuse terms that no supplier can mean."""
    freight = supplier.freight
    sums_rp = (supplier.least_rp, freight.fixed_rp, freight.per_pack_rp, freight.free_from_rp or 0)
    fits = all(0 <= each_rp <= MOST_PACK_RP for each_rp in sums_rp)
    if not (fits and 0 <= supplier.least_packs <= MOST_PACKS):
        raise SupplierTermAbsurd(name=name)


def reached(tiers: Sequence[Tier], packs: int) -> Tier | None:
    """The tier that so many packs reach; below the first one none."""
    return next((tier for tier in reversed(tiers) if tier.from_packs <= packs), None)


def following(tiers: Sequence[Tier], packs: int) -> Tier | None:
    """The next tier that so many packs have not reached yet, if there is one."""
    return next((tier for tier in tiers if tier.from_packs > packs), None)


_JSON = TypeAdapter(tuple[Tier, ...])


def tiers_to_json(tiers: Iterable[Tier]) -> str:
    """Tiers as they are kept beside an offer; check them first."""
    return _JSON.dump_json(tuple(tiers)).decode()


def tiers_from_json(text: str) -> tuple[Tier, ...]:
    """The tiers that were kept, as they are."""
    return _JSON.validate_json(text, strict=True)
