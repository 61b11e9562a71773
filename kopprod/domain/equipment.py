"""Shared machines and tools: what is written down about one, how fast it works, what it is worth.

A hand tractor of Rp30.000.000 that lasts 60 months and is worth nothing after them loses Rp500.000
in each; bought on 10 March, it stands at Rp29.500.000 on 31 March, and at Rp30.000.000 on the 30th.
One of Rp10.000.000 over 36 months loses Rp277.778 and then Rp277.777 twice over: what is charged up
to any month is rounded, never the single month, so the last one brings it exactly to what is left.

Sources: straight line, a whole month for the one in which it was bought, as Income Tax Law art. 11
(3) begins depreciation; the tractor of WE-12; granted machines stay marked, as the programme that
gave them asks who has them (UPJA).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil

from kopprod.domain.money import MOST_RP, round_half_up
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

LONGEST_NAME = 80
MOST_MONTHS = 600  # fifty years; a rice mill is old by then
OLDEST_YEARS = 60
MOST_BUFFER = 7 * 24 * 60  # minutes
MOST_RATE = 10**9  # base units an hour
HECTARE_M2 = 10_000


class Source(StrEnum):
    """Where a machine comes from, and so whose it is."""

    BOUGHT = "bought"
    GRANT = "grant"
    LENT = "lent"


SOURCE_WORDS: Mapping[Source, str] = {
    Source.BOUGHT: N_("Bought"),
    Source.GRANT: N_("Granted"),
    Source.LENT: N_("Lent by a member"),
}


class Condition(StrEnum):
    """The state of a machine, from best to worst."""

    GOOD = "good"
    WORN = "worn"
    DAMAGED = "damaged"
    BROKEN = "broken"


CONDITION_WORDS: Mapping[Condition, str] = {
    Condition.GOOD: N_("In good order"),
    Condition.WORN: N_("Worn, but works"),
    Condition.DAMAGED: N_("Damaged, but still works"),
    Condition.BROKEN: N_("Broken, cannot be used"),
}


class Work(StrEnum):
    """What is counted of a machine's work; each has a base unit: m2, gram, trip, minute."""

    AREA = "area"
    MASS = "mass"
    TRIPS = "trips"
    TIME = "time"


@dataclass(frozen=True)
class Rate:
    """What a machine does in an hour: 1.500 m2 a hand tractor, 800.000 g a thresher."""

    work: Work
    per_hour: int


@dataclass(frozen=True)
class Asset:
    """What a machine's value in the books follows from; one lent by a member has none."""

    source: Source
    bought_on: date
    value_rp: int = 0
    residual_rp: int = 0
    life_months: int = 0

    @property
    def to_lose_rp(self) -> int:
        """What it loses over its whole life; nothing where it is not the cooperative's own."""
        return 0 if self.source is Source.LENT else self.value_rp - self.residual_rp


class EquipmentNameMissing(Refusal):
    """A machine without a name."""

    sentence = N_("Write what the machine is called, for example Traktor tangan 1.")


class EquipmentNameTooLong(Refusal):
    """More than fits on a phone."""

    sentence = N_("This name of a machine is too long: at most {longest} letters.")


class GiverMissing(Refusal):
    """A granted machine belongs to a programme, which asks for it again."""

    sentence = N_("Write who granted the machine, for example Dinas Pertanian.")


class OwnerMissing(Refusal):
    """A lent machine goes back to somebody."""

    sentence = N_("Choose the member who lends the machine.")


class LentHasNoValue(Refusal):
    """What is not the cooperative's does not stand in its books."""

    sentence = N_("A machine lent by a member has no value in the books. Leave the value empty.")


class ValueMissing(Refusal):
    """What was bought or granted is worth something."""

    sentence = N_(
        "Write what the machine is worth, between Rp1 and {most_rp}; a granted one at what it "
        "would have cost."
    )


class LifeAbsurd(Refusal):
    """A life of no months, or of a hundred years."""

    sentence = N_("A machine lasts between 1 and {most} months; {months} cannot be right.")


class ResidualAbsurd(Refusal):
    """Worth less than nothing at the end, or more than at the beginning."""

    sentence = N_(
        "At the end of its life the machine cannot be worth {residual_rp}: it is between nothing "
        "and its value of {value_rp}."
    )


class BoughtInFuture(Refusal):
    """Bought on a day that is still to come."""

    sentence = N_("The day {bought_on} is still to come. Choose the day on which the machine came.")


class BoughtTooLongAgo(Refusal):
    """Older than any machine that still runs."""

    sentence = N_("{bought_on} is too long ago for a machine. Please look at the year again.")


class BufferAbsurd(Refusal):
    """The gap between two jobs is less than nothing, or more than a week."""

    sentence = N_("The gap between two jobs is at least nothing and at most {most_min}.")


class RateAbsurd(Refusal):
    """It does nothing in an hour, or more than any machine."""

    sentence = N_("In an hour a machine does something, but not {rate}. Please look at it again.")


class NothingToDo(Refusal):
    """A job without a size takes no time."""

    sentence = N_("Write how large the job is: more than nothing.")


def check_name(name: str) -> str:
    """A machine's name as it is kept; refuses none and an endless one."""
    kept = tidy(name)
    if not kept:
        raise EquipmentNameMissing
    if len(kept) > LONGEST_NAME:
        raise EquipmentNameTooLong(longest=LONGEST_NAME)
    return kept


def check_source(source: Source, *, giver: str = "", owner_id: int | None = None) -> str:
    """Who granted it, as it is kept; refuses a grant of nobody and a machine lent by nobody."""
    kept = tidy(giver)
    if source is Source.GRANT and not kept:
        raise GiverMissing
    if source is Source.LENT and owner_id is None:
        raise OwnerMissing
    return kept


def check_asset(asset: Asset, *, today: date) -> Asset:
    """The asset, or a refusal of a value, life, residual value or day that cannot be true."""
    _check_bought_on(asset.bought_on, today)
    if asset.source is Source.LENT:
        if asset.value_rp or asset.residual_rp or asset.life_months:
            raise LentHasNoValue
        return asset
    if not 0 < asset.value_rp <= MOST_RP:
        raise ValueMissing(most_rp=MOST_RP)
    if not 0 < asset.life_months <= MOST_MONTHS:
        raise LifeAbsurd(most=MOST_MONTHS, months=asset.life_months)
    if not 0 <= asset.residual_rp <= asset.value_rp:
        raise ResidualAbsurd(residual_rp=asset.residual_rp, value_rp=asset.value_rp)
    return asset


def _check_bought_on(bought_on: date, today: date) -> None:
    if bought_on > today:
        raise BoughtInFuture(bought_on=bought_on)
    if bought_on.year < today.year - OLDEST_YEARS:
        raise BoughtTooLongAgo(bought_on=bought_on)


def check_buffer(minutes: int) -> int:
    """The least gap between two jobs in minutes; refuses less than nothing and over a week."""
    if not 0 <= minutes <= MOST_BUFFER:
        raise BufferAbsurd(most_min=MOST_BUFFER)
    return minutes


def check_rate(rate: Rate) -> Rate:
    """What it does in an hour; refuses nothing, too much, and hours in an hour."""
    if rate.work is Work.TIME or not 0 < rate.per_hour <= MOST_RATE:
        raise RateAbsurd(rate=shown(rate.work, rate.per_hour))
    return rate


def minutes_needed(size: int, rate: Rate) -> int:
    """The time a job takes, in minutes begun: 7.500 m2 at 1.500 an hour take 300.

    Refuses a job of no size.
    """
    if size <= 0:
        raise NothingToDo
    return ceil(Fraction(size * 60, rate.per_hour))


def shown(work: Work, size: int) -> str:
    """A size as people read it: `0,75 ha`, `800 kg`, `1,5 jam`, `3 trip`."""
    per, unit = {
        Work.AREA: (HECTARE_M2, "ha"),
        Work.MASS: (1_000, "kg"),
        Work.TIME: (60, "jam"),
        Work.TRIPS: (1, "trip"),
    }[work]
    return f"{format_number(Fraction(size, per), decimals=4)} {unit}"


def depreciated_rp(asset: Asset, *, on: date) -> int:
    """All that has been charged up to a day: a month is charged on its last day.

    The month of buying counts as a whole one. What is charged up to a month is rounded half up, so
    that all months add up exactly to value less residual value. Nothing for a lent machine.
    """
    if not asset.to_lose_rp:
        return 0
    months = min(max(_months_charged(asset.bought_on, on), 0), asset.life_months)
    return round_half_up(Fraction(asset.to_lose_rp * months, asset.life_months))


def depreciation_rp(asset: Asset, *, month: date) -> int:
    """What is charged for the calendar month in which that day lies."""
    first = month.replace(day=1)
    return depreciated_rp(asset, on=month_end(month)) - depreciated_rp(
        asset, on=first - timedelta(days=1)
    )


def book_value_rp(asset: Asset, *, on: date) -> int:
    """What it stands at in the books on a day; nothing before it came, never below the residual."""
    if asset.source is Source.LENT or on < asset.bought_on:
        return 0
    return asset.value_rp - depreciated_rp(asset, on=on)


def month_end(day: date) -> date:
    """The last day of its month, on which the month is charged."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _months_charged(bought_on: date, on: date) -> int:
    """Months that have ended, that of buying among them; below nothing before it came."""
    begun = 12 * (on.year - bought_on.year) + on.month - bought_on.month
    return begun + (on == month_end(on))
