"""Keeping machines running: when maintenance is due, who pays it, and what a machine brings.

The oil is changed every 100 hours of the meter or every 90 days, whichever comes first. Changed on
1 March at 1.000,0 hours it is due on 30 May, or on the day on which the meter is first read at
1.100,0 or more. From 9 days or 10 hours before, a tenth of each, it is due soon. While it is due,
nobody can book the machine.

A repair of Rp400.000 takes Rp349.500 out of a reserve of that size; Rp50.500 are an expense.

A rotary tiller earned Rp10.639.000 in a season and cost Rp7.843.000: Rp2.796.000 are left. On its
8,86 ha each hectare cost Rp885.214,45. Source: UPJA Kampar (2012).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from kopprod.domain.equipment import HECTARE_M2
from kopprod.domain.intervals import Span, subtract
from kopprod.domain.money import BP, E4, round_half_up
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

SOON = 10  # the last tenth of an interval
MOST_TENTHS = 100_000  # ten thousand hours
MOST_DAYS = 3_650
LONGEST_WORK = 80


class Stage(StrEnum):
    """How near maintenance is, from far to near."""

    FAR = "far"
    SOON = "soon"
    DUE = "due"
    OVERDUE = "overdue"


STAGE_WORDS: Mapping[Stage, str] = {
    Stage.FAR: N_("maintenance not due yet"),
    Stage.SOON: N_("maintenance due soon"),
    Stage.DUE: N_("maintenance due now"),
    Stage.OVERDUE: N_("maintenance overdue"),
}
_STAGES = list(Stage)


@dataclass(frozen=True)
class Plan:
    """What is done every so many tenths of an hour, or days, whichever comes first."""

    work: str
    every_tenths: int | None = None
    every_days: int | None = None


@dataclass(frozen=True)
class Reading:
    """What the hour meter showed on a day, in tenths of an hour."""

    on: date
    meter: int


@dataclass(frozen=True)
class Standing:
    """Where a plan stands on a day; what is left is below nothing when it is overdue.

    `since_on` is the day from which it was due; none while it is not.
    """

    work: str
    stage: Stage
    left_tenths: int | None
    left_days: int | None
    since_on: date | None

    @property
    def blocks(self) -> bool:
        """Whether nobody can book the machine until this is done."""
        return self.stage in (Stage.DUE, Stage.OVERDUE)


@dataclass(frozen=True)
class Down:
    """Days on which a machine could not be used; `until` is the first on which it can again."""

    since: date
    until: date | None
    why: str = ""


@dataclass(frozen=True)
class PaidFrom:
    """Where the money for maintenance comes from."""

    reserve_rp: int
    expense_rp: int


@dataclass(frozen=True)
class Result:
    """What a machine did and brought in some time; costs with fuel, operator and depreciation.

    `minutes_open` is how long it could have been used.
    """

    minutes_used: int
    minutes_open: int
    income_rp: int
    cost_rp: int
    area_m2: int = 0

    @property
    def idle_minutes(self) -> int:
        """How long it stood still though it could have been used."""
        return max(self.minutes_open - self.minutes_used, 0)

    @property
    def used_bp(self) -> int | None:
        """The part of the time that it was used, at most all of it; none where it never could."""
        if self.minutes_open <= 0:
            return None
        return min(round_half_up(Fraction(self.minutes_used * BP, self.minutes_open)), BP)

    @property
    def net_rp(self) -> int:
        """What is left; below nothing it is a loss."""
        return self.income_rp - self.cost_rp

    @property
    def income_per_hour_e4(self) -> int | None:
        """Rupiah earned in an hour of use; none where it was not used."""
        return per_unit_e4(self.income_rp, self.minutes_used, 60)

    @property
    def cost_per_hour_e4(self) -> int | None:
        """What an hour of use cost; none where it was not used."""
        return per_unit_e4(self.cost_rp, self.minutes_used, 60)

    @property
    def cost_per_ha_e4(self) -> int | None:
        """What a hectare cost; none where no area was worked."""
        return per_unit_e4(self.cost_rp, self.area_m2, HECTARE_M2)


@dataclass(frozen=True)
class Hire:
    """One use: what was paid here, and what renting outside would have cost, where it is known."""

    billed_rp: int
    outside_rp: int | None


@dataclass(frozen=True)
class Saving:
    """Renting outside against the cooperative's machine; `uncompared` uses are on neither side."""

    outside_rp: int
    billed_rp: int
    loss_rp: int
    compared: int
    uncompared: int

    @property
    def saved_rp(self) -> int:
        """What the machine saved its users, less the loss that all members bear; may be below
        nothing, and is then shown so."""
        return self.outside_rp - self.billed_rp - self.loss_rp


class WorkMissing(Refusal):
    """A plan that does not say what is done."""

    sentence = N_("Write what is done, in at most {longest} letters, for example Ganti oli.")


class IntervalMissing(Refusal):
    """A plan without a rhythm is none."""

    sentence = N_("Say after how many hours or days {work} is due.")


class IntervalAbsurd(Refusal):
    """Every hour of no hours, or once in a lifetime."""

    sentence = N_(
        "{work} is due after at most {hours} hours or {days} days, and not before one has passed."
    )


class HoursWithoutMeter(Refusal):
    """Hours that nobody counts."""

    sentence = N_("{machine} has no hour meter. Say after how many days {work} is due.")


class MachineBroken(Refusal):
    """What does not run cannot be promised."""

    sentence = N_("{machine} cannot be booked: it is broken since {since_on} ({why}).")


class MaintenanceDue(Refusal):
    """A machine that is not kept up breaks in somebody's field."""

    sentence = N_(
        "{machine} cannot be booked: {work} is due since {since_on}. It can be booked again once "
        "that is done and written down."
    )


class MaintenanceCostMissing(Refusal):
    """What cost nothing takes nothing from the reserve."""

    sentence = N_("Write what the maintenance cost: more than nothing, not {cost_rp}.")


def check_plan(plan: Plan, *, machine: str, has_meter: bool) -> Plan:
    """The plan as it is kept; refuses no words, no interval, absurd ones, and hours unmetered."""
    work = tidy(plan.work)
    if not 0 < len(work) <= LONGEST_WORK:
        raise WorkMissing(longest=LONGEST_WORK)
    if plan.every_tenths is None and plan.every_days is None:
        raise IntervalMissing(work=work)
    if plan.every_tenths is not None and not has_meter:
        raise HoursWithoutMeter(machine=machine, work=work)
    for every, least, most in (
        (plan.every_tenths, 10, MOST_TENTHS),
        (plan.every_days, 1, MOST_DAYS),
    ):
        if every is not None and not least <= every <= most:
            raise IntervalAbsurd(
                work=work, hours=format_number(MOST_TENTHS // 10), days=format_number(MOST_DAYS)
            )
    return Plan(work, plan.every_tenths, plan.every_days)


def standing(
    plan: Plan, *, last_on: date, last_meter: int = 0, readings: Sequence[Reading], on: date
) -> Standing:
    """Where a plan stands on a day, by what was done last (or when the machine came) and the meter.

    Readings after `on`, and before the last time, do not count. On the very day, and at the very
    hour, it is due; after them overdue.
    """
    read = sorted(
        (one for one in readings if last_on <= one.on <= on), key=lambda one: (one.on, one.meter)
    )
    left_tenths = left_days = None
    due: list[date] = []
    if plan.every_tenths is not None:
        due_at = last_meter + plan.every_tenths
        left_tenths = due_at - max([last_meter, *(one.meter for one in read)])
        due += [one.on for one in read if one.meter >= due_at][:1]
    if plan.every_days is not None:
        due_on = last_on + timedelta(days=plan.every_days)
        left_days = (due_on - on).days
        due += [due_on] if due_on <= on else []
    stage = max(
        _stage(left_tenths, plan.every_tenths),
        _stage(left_days, plan.every_days),
        key=_STAGES.index,
    )
    return Standing(plan.work, stage, left_tenths, left_days, min(due, default=None))


def _stage(left: int | None, every: int | None) -> Stage:
    if left is None or every is None:
        return Stage.FAR
    if left <= 0:
        return Stage.OVERDUE if left < 0 else Stage.DUE
    return Stage.SOON if left * SOON <= every else Stage.FAR


def check_bookable(machine: str, *, standings: Iterable[Standing], broken: Down | None) -> None:
    """Refuse to book a broken machine, or one whose maintenance is due: the longest due is named.

    Ask with the standings of today, also for a booking of later days: until then it can be done.
    """
    if broken is not None:
        raise MachineBroken(machine=machine, since_on=broken.since, why=broken.why)
    waiting = [(one.since_on, one.work) for one in standings if one.blocks and one.since_on]
    if waiting:
        since_on, work = min(waiting)
        raise MaintenanceDue(machine=machine, work=work, since_on=since_on)


def paid_from(cost_rp: int, *, reserve_rp: int) -> PaidFrom:
    """What maintenance takes from the reserve, as far as it goes, and the rest, an expense.

    Refuses a cost of nothing.
    """
    if cost_rp <= 0:
        raise MaintenanceCostMissing(cost_rp=cost_rp)
    taken_rp = min(cost_rp, max(reserve_rp, 0))
    return PaidFrom(taken_rp, cost_rp - taken_rp)


def downtime_days(downs: Iterable[Down], *, since: date, until: date) -> int:
    """Days from `since` until the day before `until` on which it could not be used.

    A day that two reasons share is one day; what has no end lasts until the end.
    """
    days, reached = 0, since
    for down in sorted(downs, key=lambda one: one.since):
        first, end = max(down.since, reached), min(down.until or until, until)
        if first < end:
            days += (end - first).days
            reached = end
    return days


def minutes_open(between: Span, *, closed: Iterable[Span], out: Iterable[Span]) -> int:
    """How long a unit could have been used: without closed hours, and what it was out of service.

    A pump that works from 06.00 until 18.00 and broke on Tuesday at 12.00 until Wednesday 10.00
    could have been used six hours of Tuesday and eight of Wednesday.
    """
    return sum(one.minutes for one in subtract(between, [*closed, *out]))


def per_unit_e4(amount_rp: int, size: int, per: int) -> int | None:
    """Rupiah for each `per` base units of a size, in ten-thousandths, half up; none for no size."""
    return round_half_up(Fraction(amount_rp * per * E4, size)) if size > 0 else None


def saving(hires: Iterable[Hire], *, net_rp: int) -> Saving:
    """What a machine saved against renting outside, never flattered.

    Uses whose price outside nobody knows are left out on both sides and counted. `net_rp` is the
    machine's result in that time: its loss is taken off whole, its gain is not added, since users
    paid it themselves.
    """
    every = list(hires)
    known = [(one.outside_rp, one.billed_rp) for one in every if one.outside_rp is not None]
    return Saving(
        outside_rp=sum(outside for outside, _billed in known),
        billed_rp=sum(billed for _outside, billed in known),
        loss_rp=max(-net_rp, 0),
        compared=len(known),
        uncompared=len(every) - len(known),
    )
