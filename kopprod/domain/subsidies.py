"""Subsidised fertiliser is no free product: who may have how much, and at which price at the most.

From 22 October 2025 urea is Rp1.800 a kilogram at the most, Rp90.000 a sack of 50 kg; on the day
before it was Rp2.250, Rp112.500 a sack. Organic fertiliser comes in sacks of 40 kg: Rp25.600. And
nobody gets more in a season than stands behind her name in the e-RDKK.

Source: Kepmentan 1117/2025 (HET from 22 October 2025), and the prices that it replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from kopprod.domain.money import E4, amount_rp
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

KG = 1_000  # ceilings are per kilogram
MOST_G = 20_000 * KG  # of one member in one season: two hectares take a fraction of it
LONGEST_SEASON = 40


class Fertiliser(StrEnum):
    """What the state subsidises."""

    UREA = "urea"
    NPK = "npk"
    NPK_COCOA = "npk_cocoa"
    ZA = "za"
    ORGANIC = "organic"


FERTILISER_WORDS: Mapping[Fertiliser, str] = {
    Fertiliser.UREA: N_("Urea"),
    Fertiliser.NPK: N_("NPK"),
    Fertiliser.NPK_COCOA: N_("NPK for cocoa"),
    Fertiliser.ZA: N_("ZA"),
    Fertiliser.ORGANIC: N_("Organic fertiliser"),
}
SACK_G: Mapping[Fertiliser, int] = {
    Fertiliser.UREA: 50_000,
    Fertiliser.NPK: 50_000,
    Fertiliser.NPK_COCOA: 50_000,
    Fertiliser.ZA: 50_000,
    Fertiliser.ORGANIC: 40_000,
}


@dataclass(frozen=True)
class Ceiling:
    """The highest retail price of a kilogram, from a day on."""

    fertiliser: Fertiliser
    since_on: date
    price_e4: int


def _decree(since_on: date, **kg_rp: int) -> tuple[Ceiling, ...]:
    return tuple(Ceiling(Fertiliser(key), since_on, rp * E4) for key, rp in kg_rp.items())


# The first day of the older prices is not known here; they count for all days before the newer.
CEILINGS: Sequence[Ceiling] = (
    *_decree(date.min, urea=2_250, npk=2_300, npk_cocoa=3_300, za=1_700, organic=800),
    *_decree(date(2025, 10, 22), urea=1_800, npk=1_840, npk_cocoa=2_640, za=1_360, organic=640),
)


class AboveCeiling(Refusal):
    """Dearer than the state allows."""

    sentence = N_(
        "{fertiliser_word} may cost {ceiling_e4} a kilogram at the most on {day_on}. "
        "{price_e4} is above the highest retail price (HET)."
    )


class NotEntitled(Refusal):
    """She does not stand in the list."""

    sentence = N_(
        "{name} has no {fertiliser_word} in the e-RDKK of {season}. Subsidised fertiliser is only "
        "for whom the list names; buy unsubsidised goods together instead."
    )


class AboveEntitlement(Refusal):
    """More in a season than the list gives her."""

    sentence = N_(
        "{name} may have {entitled} of {fertiliser_word} in {season}, and {left} of it is left. "
        "{asked} is too much."
    )


class WantBelowZero(Refusal):
    """A quantity below nothing takes nothing from an entitlement."""

    sentence = N_("A quantity of subsidised fertiliser cannot be less than nothing.")


class SeasonMissing(Refusal):
    """An entitlement for no season, or for one with an endless name."""

    sentence = N_("Write the season in at most {longest} letters, such as 2026 MT1.")


class EntitlementAbsurd(Refusal):
    """Below nothing, or more than any field takes."""

    sentence = N_("An entitlement of {entitled} cannot be right. Please look at it again.")


def check_season(season: str) -> str:
    """A season's name as it is kept; refuses none."""
    kept = tidy(season)
    if not 0 < len(kept) <= LONGEST_SEASON:
        raise SeasonMissing(longest=LONGEST_SEASON)
    return kept


def check_grams(grams: int) -> int:
    """What the e-RDKK gives; refuses what it cannot give."""
    if not 0 <= grams <= MOST_G:
        raise EntitlementAbsurd(entitled=Quantity(grams, BaseUnit.GRAM))
    return grams


def ceiling_e4(fertiliser: Fertiliser, on: date, *, ceilings: Sequence[Ceiling] = CEILINGS) -> int:
    """The highest price of a kilogram on a day; a later decree is one more row of `ceilings`."""
    known = [one for one in ceilings if one.fertiliser is fertiliser and one.since_on <= on]
    return max(known, key=lambda one: one.since_on).price_e4


def sack_rp(fertiliser: Fertiliser, on: date, *, ceilings: Sequence[Ceiling] = CEILINGS) -> int:
    """The highest price of a whole sack on a day."""
    return amount_rp(SACK_G[fertiliser], ceiling_e4(fertiliser, on, ceilings=ceilings), KG)


def most_rp(fertiliser: Fertiliser, grams: int, on: date) -> Fraction:
    """What so many grams may cost on a day, exactly."""
    return Fraction(ceiling_e4(fertiliser, on) * grams, E4 * KG)


def check_price(
    fertiliser: Fertiliser,
    *,
    cost_rp: int,
    grams: int,
    on: date,
    ceilings: Sequence[Ceiling] = CEILINGS,
) -> None:
    """Refuse what costs a member more than the ceiling: her whole bill, freight and fee included.

    `on` is the day on which she gets the goods. Nothing for nothing is never too dear.
    """
    most_e4 = ceiling_e4(fertiliser, on, ceilings=ceilings)
    if cost_rp * E4 * KG > most_e4 * grams:
        raise AboveCeiling(
            fertiliser_word=FERTILISER_WORDS[fertiliser],
            ceiling_e4=most_e4,
            day_on=on,
            price_e4=-(-cost_rp * E4 * KG // grams) if grams else cost_rp * E4,
        )


@dataclass(frozen=True)
class Entitlement:
    """What the e-RDKK gives one member of one fertiliser in one season, in grams."""

    fertiliser: Fertiliser
    season: str
    grams: int


def left_g(entitlement: Entitlement, *, had_g: int) -> int:
    """What is left of it after what she had in the season, from whichever purchase."""
    return max(0, entitlement.grams - had_g)


def check_entitlement(entitlement: Entitlement, *, name: str, had_g: int, asked_g: int) -> None:
    """Refuse more than is left: `asked_g` is firm quantity and tolerance together.

    `had_g` is what she got, and what she wants in other open purchases. Who does not stand in the
    list has an entitlement of nothing.
    """
    if asked_g < 0:
        raise WantBelowZero
    word = FERTILISER_WORDS[entitlement.fertiliser]
    if asked_g and not entitlement.grams:
        raise NotEntitled(name=name, fertiliser_word=word, season=entitlement.season)
    left = left_g(entitlement, had_g=had_g)
    if asked_g > left:
        raise AboveEntitlement(
            name=name,
            entitled=Quantity(entitlement.grams, BaseUnit.GRAM),
            fertiliser_word=word,
            season=entitlement.season,
            left=Quantity(left, BaseUnit.GRAM),
            asked=Quantity(asked_g, BaseUnit.GRAM),
        )
