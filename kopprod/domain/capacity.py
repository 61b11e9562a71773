"""How much of a kind of machine is taken at a moment, and when it is free: by a sweep over time.

Of two pumps Ayu has one 08.00-10.00, Budi one 09.00-12.00. Citra's 10.00-11.00 fits: two are out at
once, though together with Citra's three jobs overlap Budi's hours. With a buffer of 30 minutes
Ayu's pump is blocked until 10.30, so Citra's next free time is 10.30. The buffer is the least gap
between two jobs: a job blocks itself and the buffer after it, never a buffer before it as well.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kopprod.domain.intervals import MINUTE, Calendar, Span, lasting, merge, rounded_up, subtract
from kopprod.domain.refusal import N_, Refusal


class Occupied(Refusal):
    """Somebody else has that time."""

    sentence = N_(
        "{machine} is not free from {since} until {until}. In the way: {names_word}. "
        "The next free time is {next_since}."
    )


class OccupiedToHorizon(Refusal):
    """Somebody else has that time, and there is no other."""

    sentence = N_(
        "{machine} is not free from {since} until {until}. In the way: {names_word}. "
        "No time is free until {horizon_on}. Ask for a place on the waiting list."
    )


class OperatorBusy(Refusal):
    """Nobody operates two machines at once."""

    sentence = N_(
        "{operator} already operates another machine from {since} until {until}. "
        "The next time when both are free is {next_since}."
    )


class OperatorBusyToHorizon(Refusal):
    """Nobody operates two machines at once, and there is no time left."""

    sentence = N_(
        "{operator} already operates another machine from {since} until {until}, and has no time "
        "left until {horizon_on}. Choose another operator."
    )


@dataclass(frozen=True)
class Job:
    """A booking that has, or wants, a time; `name` is for saying what stands in the way."""

    key: int
    span: Span
    name: str = ""
    operator_id: int | None = None


@dataclass(frozen=True)
class Fleet:
    """One kind of machine: its units in use, its buffer, and when which cannot work.

    `out` has a span for each unit that is out of service; `unfit` one for each that is broken or
    whose upkeep is due, where it is not out anyway: jobs that stand may count on it, since it can
    be mended until then, and nobody books it anew. `closed` are hours in which no job is proposed;
    `busy` says when operators work on other machines, their buffers included.
    """

    units: int
    buffer_min: int = 0
    out: Sequence[Span] = ()
    unfit: Sequence[Span] = ()
    closed: Sequence[Span] = ()
    busy: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    def blocked(self, span: Span) -> Span:
        """What a job takes: itself and the buffer."""
        return span.with_buffer(self.buffer_min)

    @property
    def away(self) -> list[Span]:
        """A span for each unit that nobody can book anew."""
        return [*self.out, *self.unfit]


@dataclass(frozen=True)
class Free:
    """How many units are free throughout a span."""

    span: Span
    units: int


def levels(between: Span, spans: Iterable[Span]) -> list[tuple[Span, int]]:
    """How many spans hold at once, from the first moment to the last, in order, without a gap."""
    steps: Counter[datetime] = Counter({between.since: 0})
    for span in spans:
        part = span.shared(between)
        if part is not None:
            steps[part.since] += 1
            steps[part.until] -= 1
    # Where one ends and another begins, nothing changes.
    moments = sorted(at for at, step in steps.items() if step or at == between.since)
    found, level = [], 0
    for at, until in zip(moments, [*moments[1:], between.until], strict=True):
        level += steps[at]
        if at < until:
            found.append((Span(at, until), level))
    return found


def most_at_once(spans: Iterable[Span]) -> int:
    """The most spans that hold at one moment."""
    every = list(spans)
    if not every:
        return 0
    whole = Span(min(span.since for span in every), max(span.until for span in every))
    return max(level for _span, level in levels(whole, every))


def fits(new: Span, held: Iterable[Span], units: int) -> bool:
    """Whether a unit is left at every moment of `new`; all spans with their buffers."""
    return all(level < units for _span, level in levels(new, held))


def out_of_service(outages: Iterable[tuple[int | None, Span]], units: Iterable[int]) -> list[Span]:
    """A span for each unit and time out of service; an outage of None is of all units.

    A unit that is in the workshop on a holiday is out once, not twice.
    """
    every = list(outages)
    return [
        span for unit in units for span in merge(s for which, s in every if which in (None, unit))
    ]


def free(between: Span, held: Iterable[Span], out: Iterable[Span], units: int) -> list[Free]:
    """What is free between two moments, in order: spans with the units that are free throughout."""
    every = levels(between, [*held, *out])
    return [Free(span, units - level) for span, level in every if level < units]


def next_free(
    minutes: int,
    *,
    after: datetime,
    horizon: datetime,
    standing: Iterable[Job],
    fleet: Fleet,
    operator_id: int | None = None,
) -> Span | None:
    """The first time for a job of so many minutes that ends by the horizon, or None.

    Never in closed hours, unless the job is longer than the hours of any day: then it only begins
    in open hours. With an operator, when that operator is free too. Begins at a whole minute.
    """
    jobs, after = list(standing), rounded_up(after)
    if after + minutes * MINUTE > horizon:
        return None
    every = Span(after, horizon + fleet.buffer_min * MINUTE)
    held = [fleet.blocked(job.span) for job in jobs]
    # While the operator works elsewhere it is as if all units were out.
    out = [*fleet.away, *operating(operator_id, jobs, fleet) * fleet.units]
    rooms = merge(one.span for one in free(every, held, out, fleet.units))
    whole = any(hours.minutes >= minutes for hours in subtract(every, fleet.closed))
    return _first_in(rooms, minutes, fleet, whole=whole)


def _first_in(rooms: Iterable[Span], minutes: int, fleet: Fleet, *, whole: bool) -> Span | None:
    """The first that fits into one of the rooms: all of it in open hours, or only its start."""
    closed = merge(fleet.closed)
    ends = [shut.until for shut in closed]
    length = (minutes if whole else 1) * MINUTE
    for room in rooms:
        since = room.since
        for shut in closed[bisect_right(ends, since) :]:
            if since + length <= shut.since:
                break
            since = shut.until
        job = lasting(since, minutes)
        if fleet.blocked(job).until <= room.until:
            return job
    return None


def operating(operator_id: int | None, jobs: Iterable[Job], fleet: Fleet) -> list[Span]:
    """When an operator works, on these jobs and on other machines, with buffers."""
    if operator_id is None:
        return []
    here = [fleet.blocked(job.span) for job in jobs if job.operator_id == operator_id]
    return [*here, *fleet.busy.get(operator_id, ())]


def in_the_way(wanted: Job, standing: Iterable[Job], fleet: Fleet) -> list[Job]:
    """The jobs because of which no unit is left at some moment, in order of start."""
    new, jobs = fleet.blocked(wanted.span), _others(wanted, standing)
    held = [fleet.blocked(job.span) for job in jobs]
    full = [span for span, level in levels(new, [*held, *fleet.away]) if level >= fleet.units]
    return [job for job in jobs if any(fleet.blocked(job.span).overlaps(span) for span in full)]


def possible(wanted: Job, standing: Iterable[Job], fleet: Fleet) -> bool:
    """Whether a job fits, with its operator; one of its own key does not count, as in an edit."""
    new, jobs = fleet.blocked(wanted.span), _others(wanted, standing)
    held = [fleet.blocked(job.span) for job in jobs]
    if not fits(new, [*held, *fleet.away], fleet.units):
        return False
    return not any(new.overlaps(one) for one in operating(wanted.operator_id, jobs, fleet))


def _others(wanted: Job, standing: Iterable[Job]) -> list[Job]:
    every = sorted(standing, key=lambda job: (job.span, job.key))
    return [job for job in every if job.key != wanted.key]


OUT_OF_SERVICE = N_("the machine is out of service")


def check_possible(
    wanted: Job,
    standing: Iterable[Job],
    fleet: Fleet,
    *,
    machine: str,
    operator: str = "",
    at: datetime,
    horizon: datetime,
    calendar: Calendar,
) -> None:
    """Refuse a job for which no unit is left or whose operator works elsewhere.

    The sentence names what stands in the way, and the next free time from the wanted one on.
    """
    jobs = _others(wanted, standing)
    if possible(wanted, jobs, fleet):
        return
    other = next_free(
        wanted.span.minutes,
        after=max(at, wanted.span.since),
        horizon=horizon,
        standing=jobs,
        fleet=fleet,
        operator_id=wanted.operator_id,
    )
    told: dict[str, date] = {
        "since": calendar.local(wanted.span.since),
        "until": calendar.local(wanted.span.until),
    }
    if other is None:
        told["horizon_on"] = calendar.day_of(horizon - MINUTE)
    else:
        told["next_since"] = calendar.local(other.since)
    held = [fleet.blocked(job.span) for job in jobs]
    if fits(fleet.blocked(wanted.span), [*held, *fleet.away], fleet.units):
        raise (OperatorBusyToHorizon if other is None else OperatorBusy)(operator=operator, **told)
    names = ", ".join(job.name for job in in_the_way(wanted, jobs, fleet))
    kind = OccupiedToHorizon if other is None else Occupied
    raise kind(machine=machine, names_word=names or OUT_OF_SERVICE, **told)


def unit_for(span: Span, taken: Mapping[int, Sequence[Span]]) -> int | None:
    """Which unit to hand over: the lowest that is free all that time, or None.

    `taken` has every unit, with what it is already handed over for or out of service. Without
    outages one is always left, if jobs are handed over in order of start.
    """
    units = (unit for unit in sorted(taken) if not any(span.overlaps(one) for one in taken[unit]))
    return next(units, None)
