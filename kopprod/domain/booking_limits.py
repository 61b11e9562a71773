"""How early, how far ahead and how long a machine may be booked, and how long a job takes.

Ayu's 0,75 ha are 7.500 m2; the tractor works 1.500 m2 an hour, so the job takes five hours. With a
notice of 24 hours she can ask on Monday at 06.00 for Tuesday 06.00, and with a horizon of 30 days
for a job that ends by midnight of the thirtieth day from now.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from kopprod.domain.bookings import Act
from kopprod.domain.equipment import Rate, Work, minutes_needed, shown
from kopprod.domain.intervals import DAY, MINUTE, Calendar, Period, Span, period_span
from kopprod.domain.quantities import NotWhole, ParsedQuantity, UnitFactor, parse_quantity
from kopprod.domain.refusal import N_, Refusal

_FINE = 1_000
STEP_MIN = 15  # jobs take whole quarters of an hour
HOUR = timedelta(hours=1)
HOURS = Rate(Work.TIME, 60)  # of a job that is asked for in minutes
# How people say the size of a job; a bau is the place's own, and comes from its settings.
SIZE_UNITS: Mapping[Work, tuple[UnitFactor, ...]] = {
    Work.AREA: (
        UnitFactor("ha", 10_000),
        UnitFactor("m2", 1),
        UnitFactor("are", 100),
        UnitFactor("ubin", 14),
    ),
    Work.MASS: (UnitFactor("kg", 1_000), UnitFactor("kuintal", 100_000), UnitFactor("gram", 1)),
    Work.TRIPS: (UnitFactor("trip", 1),),
    Work.TIME: (UnitFactor("jam", 60), UnitFactor("menit", 1)),
}


class InThePast(Refusal):
    """A time that is over."""

    sentence = N_("{since} is over already. Choose a later time.")


class TooSoon(Refusal):
    """Less notice than the cooperative needs."""

    sentence = N_(
        "{machine} is booked at least {notice_min} ahead, so from {earliest} on. "
        "Choose a later time, or ask the manager."
    )


class TooLateToChange(Refusal):
    """A change when everybody relies on it."""

    sentence = N_(
        "This could be changed or cancelled until {latest}. Ask the cooperative's manager."
    )


class TooFarAhead(Refusal):
    """Later than anybody can plan."""

    sentence = N_("{machine} can be booked until {horizon_on}. Choose an earlier day.")


class TooShort(Refusal):
    """Less than it is worth to bring the machine."""

    sentence = N_("{machine} is booked for at least {least_min}. This would be {asked_min}.")


class TooLong(Refusal):
    """More than one booking may take."""

    sentence = N_(
        "{machine} is booked for at most {most_min} at once. This would be {asked_min}. "
        "Divide the job into several bookings."
    )


class LongerThanSeason(Refusal):
    """A job that no season has room for."""

    sentence = N_(
        "This would take {asked_min}, but the season from {first_on} to {last_on} is shorter. "
        "Look at the size of the job again."
    )


class NotExtended(Refusal):
    """An end that is not later than the one that stands."""

    sentence = N_("The booking ends {until} already. Choose a later end.")


@dataclass(frozen=True)
class Limits:
    """What a kind of machine allows: notice in hours, horizon in days, length in minutes.

    A bound of None is none. Who manages the machines may pass none of them at all.
    """

    add_notice_h: int = 0
    change_notice_h: int = 0
    cancel_notice_h: int = 0
    horizon_days: int = 366
    least_min: int = 1
    most_min: int | None = None


def horizon(limits: Limits, *, at: datetime, calendar: Calendar) -> datetime:
    """When the last day ends on which the machine can be booked; of no days, today."""
    return calendar.moment(calendar.day_of(at) + (limits.horizon_days + 1) * DAY)


def check_times(
    span: Span, limits: Limits, *, machine: str, at: datetime, calendar: Calendar
) -> None:
    """Refuse a new time that is past, too soon, too far ahead, too short, too long."""
    if span.since < at:
        raise InThePast(since=calendar.local(span.since))
    earliest = at + limits.add_notice_h * HOUR
    if span.since < earliest:
        raise TooSoon(
            machine=machine,
            notice_min=limits.add_notice_h * 60,
            earliest=calendar.local(earliest),
        )
    check_length(span, limits, machine=machine, calendar=calendar)
    _check_horizon(span, limits, machine=machine, at=at, calendar=calendar)


def _check_horizon(
    span: Span, limits: Limits, *, machine: str, at: datetime, calendar: Calendar
) -> None:
    last = horizon(limits, at=at, calendar=calendar)
    if span.until > last:
        raise TooFarAhead(machine=machine, horizon_on=calendar.day_of(last - MINUTE))


def check_length(span: Span, limits: Limits, *, machine: str, calendar: Calendar) -> None:
    """Refuse a job shorter or longer than the machine allows, or longer than its season."""
    if span.minutes < limits.least_min:
        raise TooShort(machine=machine, least_min=limits.least_min, asked_min=span.minutes)
    if limits.most_min is not None and span.minutes > limits.most_min:
        raise TooLong(machine=machine, most_min=limits.most_min, asked_min=span.minutes)
    season = period_span(Period.SEASON, calendar.day_of(span.since), calendar)
    if span.minutes > season.minutes:
        raise LongerThanSeason(
            asked_min=span.minutes,
            first_on=calendar.day_of(season.since),
            last_on=calendar.day_of(season.until - MINUTE),
        )


def check_notice(act: Act, span: Span, limits: Limits, *, at: datetime, calendar: Calendar) -> None:
    """Refuse to change or cancel what begins too soon; `span` is the time that stands.

    An extension needs no notice: who is on the field learns late that it takes longer.
    """
    hours = {Act.CHANGE: limits.change_notice_h, Act.CANCEL: limits.cancel_notice_h}.get(act)
    if hours is not None and at > span.since - hours * HOUR:
        raise TooLateToChange(latest=calendar.local(span.since - hours * HOUR))


def extended(
    span: Span,
    until: datetime,
    limits: Limits,
    *,
    machine: str,
    at: datetime,
    calendar: Calendar,
) -> Span:
    """The same time with a later end, or a refusal; whether it is free is asked apart."""
    if until <= span.until:
        raise NotExtended(until=calendar.local(span.until))
    if until <= at:
        raise InThePast(since=calendar.local(until))
    longer = Span(span.since, until)
    check_length(longer, limits, machine=machine, calendar=calendar)
    _check_horizon(longer, limits, machine=machine, at=at, calendar=calendar)
    return longer


class NoRateOfWork(Refusal):
    """A machine of which nobody wrote down how fast it works."""

    sentence = N_("How much {machine} does in an hour is not set yet. Book hours instead.")


class JobLargerThanLand(Refusal):
    """An area that the member does not have."""

    sentence = N_(
        "{name} works {land} of land, so a job of {area} is too large. Look at the area again, or "
        "have her land corrected first."
    )


def job_minutes(size: int, rate: Rate | None, *, machine: str, step_min: int = STEP_MIN) -> int:
    """How long a job takes, rounded up to whole steps; the size in base units of the rate's work.

    7.500 m2 at 1.500 m2 an hour are 300 minutes, 7.501 m2 are 315.
    """
    if rate is None:
        raise NoRateOfWork(machine=machine)
    return -(-minutes_needed(size, rate) // step_min) * step_min


def read_size(text: str, work: Work, *, bau_tenths: int) -> ParsedQuantity:
    """The size of a job as somebody types it, in base units of the work.

    `100 ubin` are 1.400 m2, and `1 bau` where one is 7.096,5 m2 are 7.097: any begun square metre
    counts, of `0,75 bau` too. A bare number is refused for land, since it means hectares to one and
    square metres to another; of weights, trips and times it counts kilograms, trips and hours.
    """
    if work is not Work.AREA:
        return parse_quantity(text, SIZE_UNITS[work], SIZE_UNITS[work][0].name)
    try:
        return _read_area(text, bau_tenths, 10)
    except NotWhole:  # half a bau of 7.096,5 m2
        return _read_area(text, bau_tenths, 10 * _FINE)


def _read_area(text: str, bau_tenths: int, per_m2: int) -> ParsedQuantity:
    units = [UnitFactor(unit.name, unit.factor * per_m2) for unit in SIZE_UNITS[Work.AREA]]
    bau = UnitFactor("bau", bau_tenths * per_m2 // 10)
    parsed = parse_quantity(text, [*units, bau], None)
    return ParsedQuantity(ceil(Fraction(parsed.amount, per_m2)), parsed.said)


def unit_in(heading: str) -> str:
    """The unit of land that a heading names, after a blank: `Luas lahan (ha)`; else nothing."""
    known = {*(unit.name for unit in SIZE_UNITS[Work.AREA]), "bau"}
    words = re.findall(r"\w+", heading.casefold().replace("²", "2"))
    return next((f" {word}" for word in words if word in known), "")


def check_area(area_m2: int, land_m2: int | None, *, name: str) -> None:
    """Refuse a job larger than the member's land; None where her land is not known."""
    if land_m2 is not None and area_m2 > land_m2:
        raise JobLargerThanLand(
            name=name, land=shown(Work.AREA, land_m2), area=shown(Work.AREA, area_m2)
        )
