"""What one use of a machine costs: before it as an estimate, after it from what was really done.

0,75 ha at Rp1.000.000 a hectare are Rp750.000, the operator at Rp200.000 a hectare Rp150.000, fuel
of 18,75 liter at Rp6.800 Rp127.500, bringing the machine Rp50.000: a bill of Rp1.077.500. A tenth
of a hectare costs the minimum of Rp500.000; the Rp400.000 up to it are a line of their own.

A day is a calendar day begun, at the cooperative's place: from Monday 20.00 until Tuesday 06.00 are
two. It is easier to see than 24 hours begun, and nobody has to bring a machine back at night.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from kopprod.domain.equipment import Rate, Work, minutes_needed
from kopprod.domain.intervals import Span
from kopprod.domain.money import amount_rp
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tariffs import AREAS, BASIS_WORDS, Basis, Borne, Tariff, charge_rp

LITRE_ML = 1_000


@dataclass(frozen=True)
class Job:
    """What is to be done, or was done, in base units; what is not measured is none.

    `days` are calendar days begun. `brought` says that the cooperative brings the machine.
    """

    area_m2: int | None = None
    minutes: int | None = None
    days: int | None = None
    grams: int | None = None
    trips: int | None = None
    fuel_ml: int | None = None
    with_operator: bool = False
    brought: bool = False


class LineKind(StrEnum):
    """What a line of a bill is for."""

    USE = "use"
    OPERATOR = "operator"
    FUEL = "fuel"
    MOBILISATION = "mobilisation"
    MINIMUM = "minimum"


LINE_WORDS: Mapping[LineKind, str] = {
    LineKind.USE: N_("Use of the machine"),
    LineKind.OPERATOR: N_("Operator of the machine"),
    LineKind.FUEL: N_("Fuel for the machine"),
    LineKind.MOBILISATION: N_("Bringing the machine"),
    LineKind.MINIMUM: N_("Up to the minimum"),
}


@dataclass(frozen=True)
class Line:
    """`quantity` base units (m2, minutes, days, g, trips, ml) at a price per unit of the basis.

    What comes once, as bringing the machine, has a quantity of 1 and no price.
    """

    kind: LineKind
    quantity: int
    price_e4: int | None
    amount_rp: int


@dataclass(frozen=True)
class Bill:
    """What one use costs, line by line."""

    lines: tuple[Line, ...]

    @property
    def total_rp(self) -> int:
        """What is to be paid."""
        return sum(line.amount_rp for line in self.lines)


class NotForOthers(Refusal):
    """A machine that only members may hire."""

    sentence = N_("{machine} has no price for people who are not members.")


class NoOperatorOffered(Refusal):
    """The user brings somebody who can drive it."""

    sentence = N_("{machine} is let without an operator. The user brings one.")


class NotMeasured(Refusal):
    """The bill asks for what nobody measured."""

    sentence = N_("Write how much {machine} did: it is charged per {basis_word}.")


class MeasuredBelowNothing(Refusal):
    """Nobody works less than nothing."""

    sentence = N_("What {machine} did cannot be less than nothing. Please look at it again.")


def days_begun(since: datetime, until: datetime, place: tzinfo) -> int:
    """Calendar days begun between two moments, at the cooperative's place; midnight begins none."""
    last = (until.astimezone(place) - timedelta(microseconds=1)).date()
    return max((last - since.astimezone(place).date()).days + 1, 0)


def booked_job(work: Work, size: int, span: Span, place: tzinfo, *, with_operator: bool) -> Job:
    """What is to be done by a booking. Whoever takes an operator has the machine brought by him."""
    return Job(
        area_m2=size if work is Work.AREA else None,
        grams=size if work is Work.MASS else None,
        trips=size if work is Work.TRIPS else None,
        minutes=span.minutes,
        days=days_begun(span.since, span.until, place),
        with_operator=with_operator,
        brought=with_operator,
    )


def measured(job: Job, basis: Basis) -> int | None:
    """What was done of what the basis counts, in base units (m2, minutes, days, g, trips)."""
    if basis in AREAS:
        return job.area_m2
    return {
        Basis.HOUR: job.minutes,
        Basis.DAY: job.days,
        Basis.KILOGRAM: job.grams,
        Basis.TRIP: job.trips,
    }[basis]


def estimate(
    tariff: Tariff, job: Job, *, member: bool, machine: str, rate: Rate | None = None
) -> Bill:
    """What a job will cost, before it is done.

    Where it is charged by the hour and only its size is known, the machine's rate of work says how
    long it takes. Refuses what `bill` refuses.
    """
    if tariff.basis is Basis.HOUR and job.minutes is None and rate is not None:
        size = {Work.AREA: job.area_m2, Work.MASS: job.grams, Work.TRIPS: job.trips}.get(rate.work)
        if size is not None:
            job = replace(job, minutes=minutes_needed(size, rate))
    return bill(tariff, job, member=member, machine=machine)


def bill(tariff: Tariff, job: Job, *, member: bool, machine: str) -> Bill:
    """What a job costs, from what was really done; fuel only as far as it was measured.

    Refuses a price that there is not, an operator who is not offered, and what nobody measured.
    """
    if not member and tariff.other_e4 is None:
        raise NotForOthers(machine=machine)
    if job.with_operator and tariff.operator is Borne.OWN:
        raise NoOperatorOffered(machine=machine)
    quantity = measured(job, tariff.basis)
    if quantity is None:
        raise NotMeasured(machine=machine, basis_word=BASIS_WORDS[tariff.basis])
    if quantity < 0 or (job.fuel_ml or 0) < 0:
        raise MeasuredBelowNothing(machine=machine)
    lines = _lines(tariff, job, quantity, tariff.member_e4 if member else tariff.other_e4 or 0)
    missing_rp = tariff.minimum_rp - Bill(lines).total_rp
    if missing_rp > 0:
        lines += (Line(LineKind.MINIMUM, 1, None, missing_rp),)
    return Bill(lines)


def _lines(tariff: Tariff, job: Job, quantity: int, price_e4: int) -> tuple[Line, ...]:
    lines = [_by_basis(LineKind.USE, tariff, quantity, price_e4)]
    if job.with_operator and tariff.operator is Borne.EXTRA:
        lines.append(_by_basis(LineKind.OPERATOR, tariff, quantity, tariff.operator_e4))
    if job.fuel_ml and tariff.fuel is Borne.EXTRA:
        cost_rp = amount_rp(job.fuel_ml, tariff.fuel_e4, LITRE_ML)
        lines.append(Line(LineKind.FUEL, job.fuel_ml, tariff.fuel_e4, cost_rp))
    if job.brought and tariff.mobilisation_rp:
        lines.append(Line(LineKind.MOBILISATION, 1, None, tariff.mobilisation_rp))
    return tuple(lines)


def _by_basis(kind: LineKind, tariff: Tariff, quantity: int, price_e4: int) -> Line:
    return Line(
        kind,
        quantity,
        price_e4,
        charge_rp(quantity, price_e4, tariff.basis, bau_tenths=tariff.bau_tenths),
    )
