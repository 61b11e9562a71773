"""The same booking several times: every so many days, at the same time of the clock.

Made wants the dryer every Tuesday at 08.00, four times. On the second Tuesday it is taken: he is
told which day that is, and may skip it and have the other three. If all were taken there would be
no such offer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kopprod.domain.capacity import Fleet, Job, possible
from kopprod.domain.intervals import DAY, Calendar, Span, lasting
from kopprod.domain.refusal import N_, Refusal

MOST_TIMES = 60
LONGEST_STEP_DAYS = 366


class SeriesAbsurd(Refusal):
    """A series that nobody keeps, or of one booking."""

    sentence = N_("A series is from 2 to {most} bookings, each some days after the one before.")


class SeriesOverItself(Refusal):
    """The next would begin before the last has ended."""

    sentence = N_(
        "One of these bookings takes until {until}, when the next has begun. "
        "Choose more days between."
    )


class SomeDaysTaken(Refusal):
    """Part of a series is free: the rest may be skipped."""

    sentence = N_(
        "On {taken} {machine} is not free. Free are {free}. You may skip the taken days, or choose "
        "another time."
    )


class AllDaysTaken(Refusal):
    """Nothing of a series is free, so nothing can be skipped."""

    sentence = N_("{machine} is free on none of these days: {taken}. Choose another time.")


@dataclass(frozen=True)
class Series:
    """What of a series is free and what is taken, each in order."""

    free: tuple[Span, ...]
    taken: tuple[Span, ...]

    @property
    def may_skip(self) -> bool:
        """Whether leaving out the taken days leaves anything."""
        return bool(self.free and self.taken)


def occurrences(
    first: Span, *, every_days: int, times: int, calendar: Calendar, buffer_min: int = 0
) -> list[Span]:
    """So many bookings, each so many local days after the one before; weeks are seven days.

    Each begins when clocks show the same time as at the first and takes as many minutes, also where
    clocks change in between. Refuses a series that overlaps itself.
    """
    if not (1 < times <= MOST_TIMES and 0 < every_days <= LONGEST_STEP_DAYS):
        raise SeriesAbsurd(most=MOST_TIMES)
    begins = calendar.local(first.since)
    moments = [
        calendar.moment(begins.date() + count * every_days * DAY, begins.time())
        for count in range(times)
    ]
    spans = [lasting(moment, first.minutes) for moment in moments]
    for span, following in zip(spans, spans[1:], strict=False):
        if span.with_buffer(buffer_min).overlaps(following):
            raise SeriesOverItself(until=calendar.local(span.with_buffer(buffer_min).until))
    return spans


def sort_out(
    spans: Sequence[Span],
    standing: Sequence[Job],
    fleet: Fleet,
    *,
    operator_id: int | None = None,
) -> Series:
    """Which bookings of a series are free; none is in the way of another."""
    wanted = [Job(key=-1, span=span, operator_id=operator_id) for span in spans]
    free = tuple(job.span for job in wanted if possible(job, standing, fleet))
    return Series(free, tuple(span for span in spans if span not in free))


def check_series(
    series: Series, *, skip_taken: bool, machine: str, calendar: Calendar
) -> tuple[Span, ...]:
    """What is booked of a series: all of it, or with `skip_taken` what is free; else a refusal."""
    if not series.free:
        raise AllDaysTaken(machine=machine, taken=_days(series.taken, calendar))
    if series.taken and not skip_taken:
        raise SomeDaysTaken(
            machine=machine,
            taken=_days(series.taken, calendar),
            free=_days(series.free, calendar),
        )
    return series.free


def _days(spans: Sequence[Span], calendar: Calendar) -> tuple[date, ...]:
    return tuple(calendar.day_of(span.since) for span in spans)
