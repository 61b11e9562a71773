"""From wants to whole packs, as Foodsoft rounds them.

All is counted in portions, the smallest part that is handed out: a pack of 10 is ten of them. Ayu
wants 4 and Budi 3, and Citra 2 but would take 3 more: 9 are firm, with one more of hers the pack is
full. Where 10 are firm, her 3 more alone fill no second pack.

Source: foodcoops/foodsoft, OrderArticle: units = Q div u, and one more if there is a remainder and
remainder + tolerance reach u; below the minimum order nothing, or just the minimum where tolerance
bridges it. Rounding up is ours: what nobody wants goes to the cooperative's stock, up to a limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kopprod.domain import tiers
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import MOST_PACKS, Tier

LARGEST_PACK = 10**6


class Rounding(StrEnum):
    """What becomes of a pack that wants and tolerance do not fill."""

    DOWN = "down"
    UP = "up"


ROUNDING_WORDS: Mapping[Rounding, str] = {
    Rounding.DOWN: N_("Only full packs: what fills none is not ordered"),
    Rounding.UP: N_("The cooperative fills the last pack and keeps what is left, up to a limit"),
}


class PackSizeAbsurd(Refusal):
    """A pack of nothing, or of a whole harvest."""

    sentence = N_("A pack of {pack} cannot be right. Please look at it again.")


class LeastPacksAbsurd(Refusal):
    """A minimum order of nothing or of more than anybody has."""

    sentence = N_("A minimum order of {least} packs cannot be right. It is one pack or more.")


class StockLimitAbsurd(Refusal):
    """A limit below nothing, or above what a pack could leave over for ever."""

    sentence = N_("The most that may go to the cooperative's stock cannot be {most}. Look again.")


@dataclass(frozen=True)
class PackRule:
    """Portions in a pack, the fewest packs, and the most portions that may go to stock."""

    pack: int
    least_packs: int = 1
    stock_most: int = 0


def pack_rule(
    *, pack: int, least_packs: int = 1, rounding: Rounding = Rounding.DOWN, stock_most: int = 0
) -> PackRule:
    """The rule of one article, checked; who rounds down keeps nothing in stock."""
    if not 1 <= pack <= LARGEST_PACK:
        raise PackSizeAbsurd(pack=pack)
    if not 1 <= least_packs <= MOST_PACKS:
        raise LeastPacksAbsurd(least=least_packs)
    if not 0 <= stock_most <= LARGEST_PACK:
        raise StockLimitAbsurd(most=stock_most)
    return PackRule(pack, least_packs, stock_most if rounding is Rounding.UP else 0)


def packs_for(firm: int, tolerance: int, rule: PackRule) -> int:
    """How many packs are ordered for so many firm portions and so many that would be fine.

    Tolerance (and the stock's room) only fills a pack that something firm has begun; or bridges the
    minimum order, which is then just reached.
    """
    room = tolerance + rule.stock_most
    packs, begun = divmod(firm, rule.pack)
    if begun and begun + room >= rule.pack:
        packs += 1
    if packs >= rule.least_packs:
        return packs
    bridged = firm > 0 and firm + room >= rule.least_packs * rule.pack
    return rule.least_packs if bridged else 0


def missing_for(packs: int, firm: int, tolerance: int, rule: PackRule) -> int:
    """How many more firm portions bring at least so many packs; nought if they are there."""
    wanted = max(packs, rule.least_packs)
    filled = wanted * rule.pack - tolerance - rule.stock_most
    least = 1 if wanted == rule.least_packs else (wanted - 1) * rule.pack + 1
    return max(0, max(filled, least) - firm)


def lacking(firm: int, tolerance: int, rule: PackRule) -> int:
    """What the pack (or the minimum order) that was begun still lacks; nought if none was begun."""
    packs = packs_for(firm, tolerance, rule)
    if firm <= packs * rule.pack:
        return 0
    return max(packs + 1, rule.least_packs) * rule.pack - firm - tolerance - rule.stock_most


def lacking_of_all(firm: int, tolerance: int, rules: Sequence[PackRule]) -> int:
    """What is lacking until packs of one or several sizes together serve all that is firm.

    24 are firm; packs of 25 and of 10 are sold: with one more all are served, in a pack of 25.
    With three more, which need three packs of 10, three would be lacking.
    """
    if len(rules) < 2 or not firm:
        return sum(lacking(firm, tolerance, rule) for rule in rules if firm)
    alone = min(max(rule.least_packs, -(-firm // rule.pack)) * rule.pack for rule in rules)
    quantity = _least_sum(firm, alone, rules)
    return max(0, quantity - firm - tolerance - max(rule.stock_most for rule in rules))


def _least_sum(firm: int, most: int, rules: Sequence[PackRule]) -> int:
    """The fewest portions from `firm` to `most` that packs make up, each size as often as it may.

    Every bit of a number stands for a quantity that can be made up.
    """
    every = (1 << (most + 1)) - 1
    made = 1
    for rule in rules:
        least = rule.least_packs * rule.pack
        if least <= most:
            more, step = (made << least) & every, rule.pack
            while step <= most:
                more |= (more << step) & every
                step *= 2
            made |= more
    above = made >> firm
    return firm + (above & -above).bit_length() - 1


@dataclass(frozen=True)
class Fill:
    """How far the packs of one article are: full ones, and what is missing to go on.

    `used` of the tolerance fills packs and `stock` goes to the cooperative. `missing` more firm
    portions make the next pack, `missing_tier` reach `next_tier`.
    """

    packs: int
    unserved: int
    used: int
    stock: int
    missing: int
    next_tier: Tier | None
    missing_tier: int | None


def fill(firm: int, tolerance: int, rule: PackRule, prices: Sequence[Tier] = ()) -> Fill:
    """What a member sees: how many packs are full and what the next one still needs."""
    packs = packs_for(firm, tolerance, rule)
    over = max(0, packs * rule.pack - firm)
    used = min(over, tolerance)
    tier = tiers.following(prices, packs)
    return Fill(
        packs=packs,
        unserved=max(0, firm - packs * rule.pack),
        used=used,
        stock=over - used,
        missing=missing_for(packs + 1, firm, tolerance, rule),
        next_tier=tier,
        missing_tier=missing_for(tier.from_packs, firm, tolerance, rule) if tier else None,
    )
