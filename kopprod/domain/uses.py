"""One use of a machine: handed over, brought back, and what it brought.

Siti takes the tractor with 1.204,5 hours on its meter and brings it back with 1.209,5: five hours,
0,75 ha. Her bill is Rp1.875.000, the cooperative's fuel cost Rp127.500: Rp1.747.500 are left, of
which the operator gets 40 %, Rp699.000, maintenance 20 %, Rp349.500, depreciation 25 %, Rp436.875,
and the cooperative keeps Rp262.125. The shares add up to what is left, to the rupiah; a loss is the
cooperative's alone.

Meters are read in tenths of an hour. Two readings may hide almost a tenth, so the meter may run
six minutes longer than the machine was out, and no more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from kopprod.domain.equipment import HECTARE_M2, Condition, Work, shown
from kopprod.domain.money import BP, split_rp
from kopprod.domain.quantities import BaseUnit, Quantity, format_number
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tariffs import Split, check_split
from kopprod.domain.words import tidy

TENTH_MINUTES = 6
MOST_METER = 10_000_000  # tenths of an hour: more than a century
MOST_FUEL_ML = 2_000_000  # two thousand litres in one use
MOST_AREA_M2 = 10_000_000  # a thousand hectares in one use
LONGEST_DAMAGE = 500
_WORSE = list(Condition)  # from best to worst


@dataclass(frozen=True)
class HandOver:
    """The machine as it goes out: moment (aware), meter in tenths of an hour, state, what is with
    it."""

    at: datetime
    meter: int | None
    condition: Condition
    accessories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Return:
    """The machine as it comes back; `fuel_ml` is what was burnt, `area_m2` what was done."""

    at: datetime
    meter: int | None
    condition: Condition
    area_m2: int | None = None
    fuel_ml: int | None = None
    damage: str = ""
    accessories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shares:
    """What becomes of net income; together exactly that. Nobody has a share in a loss."""

    operator_rp: int
    maintenance_rp: int
    depreciation_rp: int
    cooperative_rp: int

    @property
    def total_rp(self) -> int:
        """The net income that was shared."""
        return self.operator_rp + self.maintenance_rp + self.depreciation_rp + self.cooperative_rp


@dataclass(frozen=True)
class MemberUse:
    """How long a member used machines in some time, nothing too, and the land she works."""

    member_id: int
    minutes: int
    land_m2: int = 0


@dataclass(frozen=True)
class Part:
    """One member's part: in hundredths of a percent, and minutes per hectare where she has land."""

    member_id: int
    minutes: int
    share_bp: int
    minutes_per_ha: Fraction | None


@dataclass(frozen=True)
class Fairness:
    """Everybody's part, in the given order; who used most and who least, several at a tie.

    Both are empty where all used the same.
    """

    parts: tuple[Part, ...]
    most: tuple[int, ...]
    least: tuple[int, ...]


class MeterMissing(Refusal):
    """A machine with an hour meter is read whenever it changes hands."""

    sentence = N_("{machine} has an hour meter. Read it and write down what it shows.")


class MeterAbsurd(Refusal):
    """Less than nothing, or more hours than a machine lives."""

    sentence = N_("An hour meter cannot show {hours} hours. Please read it again.")


class MeterRunsBackwards(Refusal):
    """An hour meter only counts upwards."""

    sentence = N_(
        "The hour meter of {machine} stood at {before} hours and cannot show {hours} now. "
        "Please read it again."
    )


class MeterFasterThanClock(Refusal):
    """The machine ran longer than it was away."""

    sentence = N_(
        "By its hour meter {machine} ran {hours} hours, but it was out for {elapsed_min} only. "
        "Look at the meter and at both times again."
    )


class HandedOverBroken(Refusal):
    """Nobody is sent to the field with a machine that does not run."""

    sentence = N_("{machine} is broken and cannot be handed over. Have it mended first.")


class ReturnedBeforeHandedOver(Refusal):
    """Brought back before it went out."""

    sentence = N_("{machine} cannot come back before it went out. Look at both times again.")


class AreaAbsurd(Refusal):
    """Less than nothing, or more than any village."""

    sentence = N_("An area of {area} cannot be right. Please look at it again.")


class AreaBeyondLand(Refusal):
    """More was worked than the member has."""

    sentence = N_(
        "{name} works {land} of land, but {area} were written down. Correct the area, or her land "
        "in the register first."
    )


class FuelAbsurd(Refusal):
    """Less than nothing, or a lorry full."""

    sentence = N_("{fuel} of fuel in one use cannot be right. Please look at it again.")


class DamageNeedsWords(Refusal):
    """Who mends it must know what to mend."""

    sentence = N_("{machine} came back worse than it went out. Write what is damaged.")


class DamageTooLong(Refusal):
    """More than fits on a page."""

    sentence = N_("Write what is damaged in at most {longest} letters.")


class NeverWentAlong(Refusal):
    """Something comes back that was not given out."""

    sentence = N_("{thing} was not handed out with {machine}, so it cannot come back with it.")


class CostOfUseBelowNothing(Refusal):
    """A cost that brings money is none."""

    sentence = N_("The cost of a use cannot be less than nothing: {cost_rp}.")


def check_hand_over(
    out: HandOver, *, machine: str, has_meter: bool, last_meter: int | None
) -> HandOver:
    """The hand-over, or a refusal of a broken machine, and of a meter unread or run backwards.

    `last_meter` is what was read last, if anything. Machines without a meter keep none.
    """
    if out.condition is Condition.BROKEN:
        raise HandedOverBroken(machine=machine)
    meter = _check_meter(out.meter, machine=machine, has_meter=has_meter, before=last_meter)
    return HandOver(out.at, meter, out.condition, _named(out.accessories))


def check_return(
    out: HandOver,
    back: Return,
    *,
    machine: str,
    has_meter: bool,
    name: str,
    land_m2: int | None,
) -> Return:
    """The return as it is kept, or a refusal of what cannot be true.

    `name` is the member's who used it; `land_m2` is none where her land is not known or where it is
    no member's.
    """
    if back.at < out.at:
        raise ReturnedBeforeHandedOver(machine=machine)
    meter = _check_meter(back.meter, machine=machine, has_meter=has_meter, before=out.meter)
    _check_hours(out, back.at, meter, machine)
    _check_area(back.area_m2, name, land_m2)
    if back.fuel_ml is not None and not 0 <= back.fuel_ml <= MOST_FUEL_ML:
        raise FuelAbsurd(fuel=Quantity(back.fuel_ml, BaseUnit.MILLILITRE))
    things = _named(back.accessories)
    for thing in sorted(things - out.accessories):
        raise NeverWentAlong(thing=thing, machine=machine)
    damage = _check_damage(out.condition, back.condition, back.damage, machine)
    return Return(back.at, meter, back.condition, back.area_m2, back.fuel_ml, damage, things)


def _check_meter(
    meter: int | None, *, machine: str, has_meter: bool, before: int | None
) -> int | None:
    if not has_meter:
        return None
    if meter is None:
        raise MeterMissing(machine=machine)
    if not 0 <= meter <= MOST_METER:
        raise MeterAbsurd(hours=hours(meter))
    if before is not None and meter < before:
        raise MeterRunsBackwards(machine=machine, before=hours(before), hours=hours(meter))
    return meter


def check_replaced(ended: int, begins: int, *, machine: str, last_meter: int) -> None:
    """Refuse a meter that was replaced before it showed what was read last, and absurd hours."""
    _check_meter(ended, machine=machine, has_meter=True, before=last_meter)
    _check_meter(begins, machine=machine, has_meter=True, before=None)


def check_begun(meter: int, begins: int, *, machine: str) -> None:
    """Refuse a new meter that shows less than where it began."""
    _check_meter(meter, machine=machine, has_meter=True, before=begins)


def _check_hours(out: HandOver, at: datetime, meter: int | None, machine: str) -> None:
    if meter is None or out.meter is None:
        return
    ran, elapsed = meter - out.meter, at - out.at
    if timedelta(minutes=TENTH_MINUTES * (ran - 1)) > elapsed:
        raise MeterFasterThanClock(machine=machine, hours=hours(ran), elapsed_min=_minutes(elapsed))


def _check_area(area_m2: int | None, name: str, land_m2: int | None) -> None:
    if area_m2 is None:
        return
    if not 0 <= area_m2 <= MOST_AREA_M2:
        raise AreaAbsurd(area=shown(Work.AREA, area_m2))
    if land_m2 is not None and area_m2 > land_m2:
        raise AreaBeyondLand(
            name=name, land=shown(Work.AREA, land_m2), area=shown(Work.AREA, area_m2)
        )


def _check_damage(before: Condition, after: Condition, words: str, machine: str) -> str:
    kept = tidy(words)
    if len(kept) > LONGEST_DAMAGE:
        raise DamageTooLong(longest=LONGEST_DAMAGE)
    if is_worse(before, after) and not kept:
        raise DamageNeedsWords(machine=machine)
    return kept


def is_worse(before: Condition, after: Condition) -> bool:
    """Whether it came back damaged or broken and had gone out better; wear is no damage."""
    return after in (Condition.DAMAGED, Condition.BROKEN) and _WORSE.index(after) > _WORSE.index(
        before
    )


def missing_accessories(out: HandOver, back: Return) -> list[str]:
    """What went out and did not come back, by name."""
    return sorted(out.accessories - back.accessories)


def _named(things: Collection[str]) -> frozenset[str]:
    return frozenset(tidy(thing) for thing in things) - {""}


def hours(tenths: int) -> str:
    """`1.204,5`: what a meter shows."""
    return format_number(Fraction(tenths, 10), decimals=1)


def minutes_late(until: datetime, at: datetime) -> int:
    """Minutes begun since it should have been back; nothing until that moment has passed."""
    return max(_minutes(at - until), 0)


def minutes_used(out: HandOver, back: Return) -> int:
    """How long it ran by its meter; without one, how long it was out, in minutes begun."""
    if out.meter is not None and back.meter is not None:
        return TENTH_MINUTES * (back.meter - out.meter)
    return _minutes(back.at - out.at)


def _minutes(span: timedelta) -> int:
    return ceil(Fraction(span // timedelta(microseconds=1), 60 * 10**6))


def net_income_rp(bill_rp: int, *, fuel_rp: int, other_rp: int = 0) -> int:
    """What a use brought: its bill less the fuel that the cooperative paid and other direct costs.

    Below nothing where it cost more. Refuses costs below nothing.
    """
    for cost_rp in (fuel_rp, other_rp):
        if cost_rp < 0:
            raise CostOfUseBelowNothing(cost_rp=cost_rp)
    return bill_rp - fuel_rp - other_rp


def income_shares(net_rp: int, split: Split, *, operator: bool) -> Shares:
    """Net income by the set percentages, to the rupiah, by largest remainder.

    Without an operator of the cooperative, her part stays with the cooperative. A loss, or nothing,
    gives no shares: all four are nought. Refuses percentages that are not 100 % together.
    """
    check_split(split)
    if net_rp <= 0:
        return Shares(0, 0, 0, 0)
    theirs, maintenance, depreciation, cooperative = split.parts
    if not operator:
        theirs, cooperative = 0, cooperative + theirs
    return Shares(*split_rp(net_rp, [theirs, maintenance, depreciation, cooperative]))


def fairness(used: Sequence[MemberUse]) -> Fairness:
    """How machine time was shared among members, those who had none too.

    Shares are in hundredths of a percent and add up to the whole, where anything was used at all.
    """
    each = [one.minutes for one in used]
    shares = split_rp(BP, each) if any(each) else [0 for _ in each]
    parts = tuple(
        Part(
            one.member_id,
            one.minutes,
            share_bp,
            Fraction(one.minutes * HECTARE_M2, one.land_m2) if one.land_m2 > 0 else None,
        )
        for one, share_bp in zip(used, shares, strict=True)
    )
    if len(set(each)) < 2:
        return Fairness(parts, (), ())
    return Fairness(
        parts,
        most=tuple(one.member_id for one in used if one.minutes == max(each)),
        least=tuple(one.member_id for one in used if one.minutes == min(each)),
    )
