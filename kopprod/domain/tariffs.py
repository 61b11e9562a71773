"""What the use of a machine costs: by area, time, weight or trip, on the day of use.

A combine of Rp2.000.000 per bau of 8.000 m2 costs Rp2.500.000 a hectare: 0,75 ha are Rp1.875.000.
A hand tractor of Rp110.000 per 100 ubin (1.400 m2) costs Rp785.714,29 a hectare.

How large a bau is differs from place to place, so it is said with the tariff, in tenths of m2:
80.000, or the old colonial 70.965. What one use costs follows in equipment_bills.

Sources: tariffs of Kudus (2024) and of a UPJA (2013); ubin of 14 m2.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from kopprod.domain.equipment import Work
from kopprod.domain.money import BP, E4, MOST_RP, amount_rp, round_half_up
from kopprod.domain.products import is_valid
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

LEAST_BAU, MOST_BAU = 50_000, 100_000  # tenths of m2
LONGEST_SEASON = 40


class Basis(StrEnum):
    """By what the use is charged."""

    HECTARE = "hectare"
    BAU = "bau"
    UBIN = "ubin"
    ARE = "are"
    HOUR = "hour"
    DAY = "day"
    KILOGRAM = "kilogram"
    TRIP = "trip"


BASIS_WORDS: Mapping[Basis, str] = {
    Basis.HECTARE: N_("hectare"),
    Basis.BAU: N_("bau"),
    Basis.UBIN: N_("ubin"),
    Basis.ARE: N_("are"),
    Basis.HOUR: N_("hour"),
    Basis.DAY: N_("day"),
    Basis.KILOGRAM: N_("kilogram"),
    Basis.TRIP: N_("trip"),
}
AREAS = frozenset({Basis.HECTARE, Basis.BAU, Basis.UBIN, Basis.ARE})
# In tenths of m2, minutes, days, grams, trips; a bau is the place's own.
_PER: Mapping[Basis, int] = {
    Basis.HECTARE: 100_000,
    Basis.UBIN: 140,
    Basis.ARE: 1_000,
    Basis.HOUR: 60,
    Basis.DAY: 1,
    Basis.KILOGRAM: 1_000,
    Basis.TRIP: 1,
}


_TIME = (Basis.HOUR, Basis.DAY)
# By what a job is charged where nobody said otherwise: by what is counted of it, else by time.
LIKELY: Mapping[Work, Sequence[Basis]] = {
    Work.AREA: (Basis.HECTARE, Basis.BAU, Basis.UBIN, Basis.ARE, *_TIME),
    Work.MASS: (Basis.KILOGRAM, *_TIME),
    Work.TRIPS: (Basis.TRIP, *_TIME),
    Work.TIME: _TIME,
}


class Borne(StrEnum):
    """Who bears operator or fuel: in the price, charged beside it, or brought by the user."""

    INCLUDED = "included"
    EXTRA = "extra"
    OWN = "own"


BORNE_WORDS: Mapping[Borne, str] = {
    Borne.INCLUDED: N_("in the price"),
    Borne.EXTRA: N_("charged beside the price"),
    Borne.OWN: N_("brought by the user"),
}


@dataclass(frozen=True)
class Tariff:
    """What one machine costs by one basis, from `since` until the day before `until`.

    `season` is empty where it counts all year. Prices are per unit of the basis; the operator's
    too, that of fuel per litre; without `other_e4` it is for members only.
    """

    basis: Basis
    since: date
    until: date | None
    member_e4: int
    other_e4: int | None = None
    season: str = ""
    operator: Borne = Borne.INCLUDED
    operator_e4: int = 0
    fuel: Borne = Borne.INCLUDED
    fuel_e4: int = 0
    mobilisation_rp: int = 0
    minimum_rp: int = 0
    bau_tenths: int | None = None


@dataclass(frozen=True)
class Split:
    """By which percentages net income is shared, in hundredths of a percent; together 100 %."""

    operator_bp: int
    maintenance_bp: int
    depreciation_bp: int
    cooperative_bp: int

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """In this order: operator, maintenance, depreciation, cooperative."""
        return (
            self.operator_bp,
            self.maintenance_bp,
            self.depreciation_bp,
            self.cooperative_bp,
        )


class BauUnknown(Refusal):
    """A price per bau says nothing where nobody said how large a bau is."""

    sentence = N_("Say how large a bau is here: between {least} and {most} m2.")


class TariffPriceMissing(Refusal):
    """A tariff without a price, or one that could only be a slip."""

    sentence = N_("Write a price per {basis_word} above nothing and at most {most_rp}.")


class TariffAmountAbsurd(Refusal):
    """A fee below nothing, or more than any cooperative has."""

    sentence = N_("A fee or minimum of {amount_rp} cannot be right. Please look at it again.")


class TariffEndsBeforeItBegins(Refusal):
    """A tariff counts for one day at least."""

    sentence = N_("The tariff begins on {since_on}. It can only end after that day.")


class TariffOverlaps(Refusal):
    """Two prices of the same use on one day."""

    sentence = N_(
        "A tariff per {basis_word} counts from {since_on} already, on some of these days. End that "
        "one first, or choose other days."
    )


class TariffSeasonTooLong(Refusal):
    """A season with an endless name."""

    sentence = N_("Write the season of a tariff in at most {longest} letters.")


class NoTariff(Refusal):
    """No price counts on the day of use."""

    sentence = N_(
        "{machine} has no tariff per {basis_word} that counts on {day_on}. Have one written under "
        "Shared machines, What it costs, from that day or an earlier one; then it can be reckoned."
    )


class NotComparable(Refusal):
    """A price by the hour says nothing about one by the hectare."""

    sentence = N_("A price per {basis_word} cannot be turned into one per {other_word}.")


class SplitNotWhole(Refusal):
    """Percentages that share more or less than there is."""

    sentence = N_("The parts of net income add up to {total_bp}. They must add up to 100 %.")


def check_bau(tenths: int | None) -> int:
    """The size of a bau in tenths of m2; refuses none, and sizes that no place knows."""
    if tenths is None or not LEAST_BAU <= tenths <= MOST_BAU:
        raise BauUnknown(least=format_number(LEAST_BAU // 10), most=format_number(MOST_BAU // 10))
    return tenths


def per(basis: Basis, *, bau_tenths: int | None = None) -> int:
    """How many tenths of m2, minutes, days, grams or trips one unit of the basis is."""
    return check_bau(bau_tenths) if basis is Basis.BAU else _PER[basis]


def check_split(split: Split) -> Split:
    """The percentages; refuses any below nothing, and all that are not 100 % together."""
    if sum(split.parts) != BP or min(split.parts) < 0:
        raise SplitNotWhole(total_bp=sum(split.parts))
    return split


def check_tariff(tariff: Tariff, others: Iterable[Tariff]) -> Tariff:
    """The tariff as it is kept; `others` are the same machine's.

    Refuses no price, fees below nothing, no day, a bau without a size, and a day on which another
    tariff of the same basis and season counts.
    """
    per(tariff.basis, bau_tenths=tariff.bau_tenths)
    if tariff.until is not None and tariff.until <= tariff.since:
        raise TariffEndsBeforeItBegins(since_on=tariff.since)
    _check_prices(tariff)
    for amount in (tariff.mobilisation_rp, tariff.minimum_rp):
        if not 0 <= amount <= MOST_RP:
            raise TariffAmountAbsurd(amount_rp=amount)
    kept = replace(tariff, season=tidy(tariff.season))
    if len(kept.season) > LONGEST_SEASON:
        raise TariffSeasonTooLong(longest=LONGEST_SEASON)
    for other in others:
        if _same_use(kept, other) and _overlap(kept, other):
            raise TariffOverlaps(basis_word=BASIS_WORDS[other.basis], since_on=other.since)
    return kept


def _check_prices(tariff: Tariff) -> None:
    prices = [tariff.member_e4]
    if tariff.other_e4 is not None:
        prices.append(tariff.other_e4)
    if tariff.operator is Borne.EXTRA:
        prices.append(tariff.operator_e4)
    if tariff.fuel is Borne.EXTRA:
        prices.append(tariff.fuel_e4)
    if not all(0 < price <= MOST_RP for price in prices):  # in e4: Rp100 million a unit
        raise TariffPriceMissing(
            basis_word=BASIS_WORDS[tariff.basis], most_rp=round_half_up(Fraction(MOST_RP, E4))
        )


def _same_use(one: Tariff, other: Tariff) -> bool:
    return one.basis is other.basis and one.season.casefold() == other.season.casefold()


def _overlap(one: Tariff, other: Tariff) -> bool:
    return (one.until is None or other.since < one.until) and (
        other.until is None or one.since < other.until
    )


def tariff_on(
    tariffs: Sequence[Tariff], basis: Basis, *, on: date, machine: str, season: str = ""
) -> Tariff:
    """The machine's tariff that counts on the day of use: the season's, else that of all year.

    Where nobody said a season, and there is none of all year, the only one that counts then.
    Refuses a day without one, naming machine and day.
    """
    found = _of_season(tariffs, basis, on, season)
    if found is None:
        raise NoTariff(machine=machine, basis_word=BASIS_WORDS[basis], day_on=on)
    return found


def _of_season(tariffs: Iterable[Tariff], basis: Basis, on: date, season: str) -> Tariff | None:
    valid = [one for one in tariffs if one.basis is basis and is_valid(one, on=on)]
    said = tidy(season).casefold()
    for wanted in (said, ""):
        for one in valid:
            if one.season.casefold() == wanted:
                return one
    return valid[0] if len(valid) == 1 and not said else None


def seasons_on(tariffs: Iterable[Tariff], *, on: date) -> list[str]:
    """The seasons between whose prices somebody has to choose on a day; empty for all year.

    None where there is nothing to choose: all year only, or a single season.
    """
    said = {one.season.casefold(): one.season for one in tariffs if is_valid(one, on=on)}
    return [said[key] for key in sorted(said)] if len(said) > 1 else []


def bases_on(tariffs: Sequence[Tariff], work: Work, *, on: date, season: str = "") -> list[Basis]:
    """By what a job is charged on a day and in a season, the likeliest first; estimates too."""
    known = [basis for basis in Basis if _of_season(tariffs, basis, on, season) is not None]
    likely = [basis for basis in LIKELY[work] if basis in known]
    return [*likely, *(basis for basis in known if basis not in likely)]


def charge_rp(quantity: int, price_e4: int, basis: Basis, *, bau_tenths: int | None = None) -> int:
    """Base units (m2, minutes, days, g, trips) at a price per unit of the basis, rounded once.

    1 bau of 7.096,5 m2 is kept as the 7.097 m2 that it began, and costs what one bau costs.
    """
    if basis in AREAS:
        units = units_of(quantity, basis, bau_tenths=bau_tenths)
        return amount_rp(units.numerator, price_e4, units.denominator)
    return amount_rp(quantity, price_e4, per(basis))


def units_of(area_m2: int, basis: Basis, *, bau_tenths: int | None = None) -> Fraction:
    """How many units of an area's basis are billed; a bau as it was typed, where that is known."""
    size = per(basis, bau_tenths=bau_tenths)
    thousandths = typed_bau(area_m2, size) if basis is Basis.BAU else None
    if thousandths is not None:
        return Fraction(thousandths, 1_000)
    return Fraction(area_m2 * 10, size)


def typed_bau(area_m2: int, bau_tenths: int) -> int | None:
    """The thousandths of a bau that are kept as this area: those with the fewest decimals.

    None where there are none, or where every tenth of m2 of a bau is a whole m2: it is exact then.
    """
    if bau_tenths % 10 == 0:
        return None
    for step in (1_000, 100, 10, 1):
        # The largest number of steps that is not larger than the area.
        steps = area_m2 * 10_000 // (bau_tenths * step)
        if steps and -(-steps * step * bau_tenths // 10_000) == area_m2:
            return steps * step
    return None


def price_in(
    price_e4: int, basis: Basis, other: Basis, *, bau_tenths: int | None = None
) -> Fraction:
    """The same price per unit of another basis, exactly, in ten-thousandths of a rupiah.

    Refuses what counts something else: hours are no hectares, and no days begun.
    """
    if basis is not other and not {basis, other} <= AREAS:
        raise NotComparable(basis_word=BASIS_WORDS[basis], other_word=BASIS_WORDS[other])
    wanted, known = (per(one, bau_tenths=bau_tenths) for one in (other, basis))
    return Fraction(price_e4 * wanted, known)
