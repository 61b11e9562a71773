"""Spans of time, half-open: what overlaps, what is left of them, and where local days divide them.

Ayu has the pump from 08.00 until 10.00, Budi from 10.00 until 12.00: they touch, nothing overlaps.
Of the day from 07.00 until 17.00 07.00-08.00 and 12.00-17.00 are left. A job from Tuesday 22.00
until Wednesday 02.00 WIB is 120 minutes of Tuesday and 120 of Wednesday, though in UTC all of it is
Tuesday.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from kopprod.domain.refusal import N_, Refusal

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class EndsBeforeStart(Refusal):
    """A time that ends before it begins, or at once."""

    sentence = N_("This would end before it starts. Choose an end after the start.")


@dataclass(frozen=True, order=True)
class Span:
    """From `since` up to, and without, `until`: whole minutes, kept in UTC.

    Refuses an end that is not after the start; moments without a zone, or with seconds, are our own
    mistake. Sorts by start, then end.
    """

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        # Two moments of one zone are compared by their clocks, which is wrong where clocks change.
        object.__setattr__(self, "since", _in_utc(self.since))
        object.__setattr__(self, "until", _in_utc(self.until))
        if self.until <= self.since:
            raise EndsBeforeStart

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.until - self.since) // MINUTE

    def holds(self, moment: datetime) -> bool:
        """Whether a moment is in it; its end is not."""
        return self.since <= moment < self.until

    def overlaps(self, other: "Span") -> bool:
        """Whether they share a minute; to touch is not to overlap."""
        return self.since < other.until and other.since < self.until

    def shared(self, other: "Span") -> "Span | None":
        """What both have, or None."""
        if not self.overlaps(other):
            return None
        return Span(max(self.since, other.since), min(self.until, other.until))

    def with_buffer(self, minutes: int) -> "Span":
        """What a job blocks: itself and the least gap after it, so a gap is counted once."""
        return Span(self.since, self.until + minutes * MINUTE)

    def moved_to(self, since: datetime) -> "Span":
        """As long, at another time."""
        return lasting(since, self.minutes)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.second or moment.microsecond:
        raise ValueError(f"{moment} is no whole minute in a zone")
    return moment.astimezone(UTC)


def lasting(since: datetime, minutes: int) -> Span:
    """So many minutes from a moment on."""
    return Span(since, since.astimezone(UTC) + minutes * MINUTE)


def rounded_up(moment: datetime, step_min: int = 1) -> datetime:
    """The moment itself, or the next that is whole steps from the hour, in UTC."""
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour - (hour - moment) // (step_min * MINUTE) * (step_min * MINUTE)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same moments in the fewest spans, in order: what overlaps or touches becomes one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.since <= merged[-1].until:
            last = merged.pop()
            span = Span(last.since, max(last.until, span.until))
        merged.append(span)
    return merged


def subtract(whole: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a span, in order: also the gaps between two moments, and booking around."""
    left, since = [], whole.since
    for span in merge(taken):
        if since < min(span.since, whole.until):
            left.append(Span(since, min(span.since, whole.until)))
        since = max(since, span.until)
    if since < whole.until:
        left.append(Span(since, whole.until))
    return left


class Period(StrEnum):
    """What quotas and overviews go by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"


@dataclass(frozen=True)
class Calendar:
    """A cooperative's days: its zone, the day its week begins on (Monday is 0), and its seasons.

    `season_starts` are (month, day), so that every day is in a season. The default are the two
    seasons of statistics in Indonesia: Oktober-Maret (Okmar) and April-September (Asep).
    """

    zone: ZoneInfo
    week_starts: int = 0
    season_starts: tuple[tuple[int, int], ...] = ((4, 1), (10, 1))

    def __post_init__(self) -> None:
        for month, day in self.season_starts:
            date(2001, month, day)  # a season that begins on 29 February would have no start
        if not self.season_starts or not 0 <= self.week_starts < 7:
            raise ValueError(f"no calendar: {self.week_starts}, {self.season_starts}")

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(self.zone).date()

    def moment(self, day: date, clock: time = time.min) -> datetime:
        """The moment, in UTC, at which clocks there show a time, or the day begins.

        A time that clocks jump over is as long after the jump, one that they show twice is the
        first. No zone of Indonesia has either.
        """
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """The same moment as clocks there show it, for a sentence."""
        return moment.astimezone(self.zone)


def first_day(period: Period, day: date, calendar: Calendar) -> date:
    """The first day of the period in which a day is."""
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return day - (day.weekday() - calendar.week_starts) % 7 * DAY
    if period is Period.MONTH:
        return day.replace(day=1)
    return max(start for start in _season_starts(day, calendar) if start <= day)


def next_first_day(period: Period, day: date, calendar: Calendar) -> date:
    """The first day of the period after that in which a day is."""
    if period is Period.SEASON:
        return min(start for start in _season_starts(day, calendar) if start > day)
    longest = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31}[period]
    return first_day(period, first_day(period, day, calendar) + longest * DAY, calendar)


def _season_starts(day: date, calendar: Calendar) -> Iterable[date]:
    return (
        date(year, month, start)
        for year in (day.year - 1, day.year, day.year + 1)
        for month, start in calendar.season_starts
    )


def period_span(period: Period, day: date, calendar: Calendar) -> Span:
    """The moments of the period in which a local day is."""
    return Span(
        calendar.moment(first_day(period, day, calendar)),
        calendar.moment(next_first_day(period, day, calendar)),
    )


def split(span: Span, period: Period, calendar: Calendar) -> dict[date, Span]:
    """A span's parts by the first local day of their periods; they add up to the span."""
    parts: dict[date, Span] = {}
    since = span.since
    while since < span.until:
        day = calendar.day_of(since)
        until = min(span.until, calendar.moment(next_first_day(period, day, calendar)))
        parts[first_day(period, day, calendar)] = Span(since, until)
        since = until
    return parts


def closed_hours(between: Span, opens: time, closes: time, calendar: Calendar) -> list[Span]:
    """When nobody works between two moments: each local day before `opens` and from `closes` on.

    A job over night is still possible; these hours are only never proposed.
    """
    day, last = calendar.day_of(between.since), calendar.day_of(between.until)
    hours = []
    while day <= last:
        hours.append(Span(calendar.moment(day, opens), calendar.moment(day, closes)))
        day += DAY
    return subtract(between, hours)
