"""Jobs that must make room, for a blackout or for rain, and where each of them goes.

On Tuesday it rains. Ayu had the tractor 07.00-09.00, Budi 09.00-12.00; on Wednesday Citra has
08.00-12.00, and nobody is moved who stands. Ayu gets Wednesday 12.00-14.00, Budi 14.00-17.00: in
the same order, into free time only. Whoever finds no time until the horizon is postponed and keeps
her place in the queue.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from kopprod.domain.capacity import OUT_OF_SERVICE, Fleet, Job, fits, free, next_free
from kopprod.domain.intervals import Calendar, Period, Span, merge, period_span
from kopprod.domain.quotas import Ration
from kopprod.domain.refusal import N_, Refusal


class Blackout(StrEnum):
    """What becomes of bookings where a machine is to be out of service."""

    NOTIFY = "notify"  # they are postponed, and everybody is told
    MOVE = "move"  # each goes to the next free time
    AROUND = "around"  # they stand, and the blackout is split around them


BLACKOUT_NAMES = {
    Blackout.NOTIFY: N_("Postpone these bookings and tell everybody"),
    Blackout.MOVE: N_("Move each to the next free time"),
    Blackout.AROUND: N_("Leave them, and stop the machine only in between"),
}


class NothingLeftToBlock(Refusal):
    """A blackout split around bookings of which nothing is left."""

    sentence = N_("In this time {machine} is never free, so it cannot be stopped in between.")


class HandedOverMeanwhile(Refusal):
    """A blackout while the machine stands on somebody's field."""

    sentence = N_(
        "{machine} cannot be stopped in this time: {names_word}. Write down what has come back, or "
        "stop it only in between."
    )


class NothingToPostpone(Refusal):
    """A rain day of which nobody has booked anything."""

    sentence = N_("Nothing is booked on {rainy_on} that could be postponed.")


@dataclass(frozen=True)
class Move:
    """A job's time before and after; None after means it is postponed and holds no time."""

    job: Job
    before: Span
    after: Span | None


@dataclass(frozen=True)
class Outcome:
    """What a blackout or a rain day does: when units are out, and what moves where, in order."""

    out: tuple[Span, ...]
    moves: tuple[Move, ...]


def place(
    jobs: Sequence[Job],
    standing: Iterable[Job],
    fleet: Fleet,
    *,
    not_before: datetime,
    horizon: datetime,
    in_order: bool,
    ration: Ration | None = None,
) -> tuple[Move, ...]:
    """Give each job in turn the next free time, from its own on, around all that stands.

    With `in_order` nobody begins before who was placed before her, and from `not_before` on, not
    from her own time on: so a queue is put into another order. What stands never moves. Whoever
    would be above a quota goes into a later period, and holds nobody behind her up.
    """
    moving = {one.key for one in jobs}
    taken = [job for job in standing if job.key not in moving]
    placed: dict[int, Span] = {}
    moves = []
    for job in jobs:
        after: datetime | None = not_before if in_order else max(not_before, job.span.since)
        found = []
        while after is not None:
            span = next_free(
                job.span.minutes,
                after=after,
                horizon=horizon,
                standing=taken,
                fleet=fleet,
                operator_id=job.operator_id,
            )
            found.append(span)
            after = None
            if span is not None and ration is not None:
                after = ration.look_again(job.key, span, moving=moving, placed=placed)
        first, span = found[0], found[-1]
        moves.append(Move(job, job.span, span))
        if span is not None:
            taken.append(replace(job, span=span))
            placed[job.key] = span
        if in_order and first is not None:
            not_before = first.since
    return tuple(moves)


def affected(
    blackout: Span,
    units_out: int,
    turn: Sequence[Job],
    fleet: Fleet,
    *,
    staying: Collection[int] = (),
) -> list[Job]:
    """The jobs for which no unit is left if so many units are out: who is later in turn gives way.

    `turn` has all that stands, in the order of the queue; those in `staying` are always kept.
    """
    out = [*fleet.out, *[blackout] * units_out]
    kept = [fleet.blocked(job.span) for job in turn if job.key in staying]
    gone = []
    for job in turn:
        if job.key not in staying:
            blocked = fleet.blocked(job.span)
            if blocked.overlaps(blackout) and not fits(blocked, [*kept, *out], fleet.units):
                gone.append(job)
            else:
                kept.append(blocked)
    return gone


def black_out(
    blackout: Span,
    how: Blackout,
    turn: Sequence[Job],
    fleet: Fleet,
    *,
    machine: str,
    units_out: int,
    staying: Collection[int] = (),
    at: datetime,
    horizon: datetime,
    ration: Ration | None = None,
) -> Outcome:
    """What a blackout of so many units does to what stands, given in the order of the queue.

    Jobs whose keys are in `staying` are handed over and cannot move: a blackout that leaves them no
    unit is refused, unless it goes around them.
    """
    if how is Blackout.AROUND:
        parts = _around(blackout, units_out, turn, fleet)
        if not parts:
            raise NothingLeftToBlock(machine=machine)
        return Outcome(tuple(parts) * units_out, ())
    out = (blackout,) * units_out
    _check_staying(blackout, [job for job in turn if job.key in staying], units_out, fleet, machine)
    gone = affected(blackout, units_out, turn, fleet, staying=staying)
    if how is Blackout.NOTIFY:
        return Outcome(out, tuple(Move(job, job.span, None) for job in gone))
    stopped = replace(fleet, out=[*fleet.out, *out])
    moves = place(
        gone, turn, stopped, not_before=at, horizon=horizon, in_order=False, ration=ration
    )
    return Outcome(out, moves)


def _check_staying(
    blackout: Span, staying: Sequence[Job], units_out: int, fleet: Fleet, machine: str
) -> None:
    held = [fleet.blocked(job.span) for job in staying]
    if not fits(blackout, [*held, *fleet.out], fleet.units - units_out + 1):
        names = [job.name for job in staying if fleet.blocked(job.span).overlaps(blackout)]
        raise HandedOverMeanwhile(machine=machine, names_word=", ".join(names) or OUT_OF_SERVICE)


def _around(blackout: Span, units_out: int, turn: Sequence[Job], fleet: Fleet) -> list[Span]:
    held = [fleet.blocked(job.span) for job in turn]
    every = free(blackout, held, fleet.out, fleet.units)
    return merge(one.span for one in every if one.units >= units_out)


def queue_of(day: date, standing: Iterable[Job], calendar: Calendar) -> list[Job]:
    """The jobs that have a minute on a local day, in order of start."""
    hours = period_span(Period.DAY, day, calendar)
    return sorted(
        (job for job in standing if job.span.overlaps(hours)), key=lambda job: (job.span, job.key)
    )


def rain(
    day: date,
    standing: Sequence[Job],
    fleet: Fleet,
    *,
    staying: Collection[int] = (),
    at: datetime,
    horizon: datetime,
    calendar: Calendar,
    ration: Ration | None = None,
) -> Outcome:
    """Postpone a whole local day's queue: each job, in the same order, into the next free time.

    Jobs whose keys are in `staying` are handed over and stay. The day itself is not blocked for who
    can work in the rain (`out` is empty); nobody of the queue is put on it again.
    """
    queue = [job for job in queue_of(day, standing, calendar) if job.key not in staying]
    if not queue:
        raise NothingToPostpone(rainy_on=day)
    after = max(at, period_span(Period.DAY, day, calendar).until)
    moves = place(
        queue, standing, fleet, not_before=after, horizon=horizon, in_order=True, ration=ration
    )
    return Outcome((), moves)
