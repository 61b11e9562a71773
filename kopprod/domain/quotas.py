"""Quotas: how often, or how long, a member may book a kind of machine in a period.

Ayu may have the tractor 600 minutes a week. She has Sunday 22.00 until Monday 03.00 WIB, which is
120 minutes of one week and 180 of the next. An hour more takes 60 minutes of the second week only.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kopprod.domain.intervals import Calendar, Period, Span, next_first_day, split
from kopprod.domain.refusal import N_, Refusal


class Counted(StrEnum):
    """What a quota counts."""

    TIMES = "times"
    MINUTES = "minutes"


PERIOD_NAMES: Mapping[Period, str] = {
    Period.DAY: N_("a day"),
    Period.WEEK: N_("a week"),
    Period.MONTH: N_("a month"),
    Period.SEASON: N_("a season"),
}


class QuotaOfTimes(Refusal):
    """More bookings than one member may have."""

    sentence = N_(
        "{name} may book {machine} {quota} times {period_word}. From {first_on} on {used} are used "
        "and {left} are left, but this needs {needs}."
    )


class QuotaOfMinutes(Refusal):
    """More time than one member may have."""

    sentence = N_(
        "{name} may book {machine} for {quota_min} {period_word}. From {first_on} on {used_min} "
        "are used and {left_min} are left, but this needs {needs_min}."
    )


@dataclass(frozen=True)
class Quota:
    """So many bookings, or minutes, of one kind of machine for each member in each period."""

    period: Period
    counted: Counted
    most: int


def charge(spans: Iterable[Span], quota: Quota, calendar: Calendar) -> Counter[date]:
    """What bookings take of a quota, by the first day of each period.

    A booking over a border is split at it: its minutes add up, and it counts once on either side.
    """
    taken: Counter[date] = Counter()
    for span in spans:
        for first_on, part in split(span, quota.period, calendar).items():
            taken[first_on] += 1 if quota.counted is Counted.TIMES else part.minutes
    return taken


def check_quota(
    new: Iterable[Span],
    standing: Iterable[Span],
    quota: Quota,
    calendar: Calendar,
    *,
    machine: str,
    name: str,
    old: Iterable[Span] = (),
) -> None:
    """Refuse bookings above what is left of a quota, in the first period in which that is so.

    `standing` is what this member has of this kind without `old`, which the new ones replace. An
    edit is charged only with the difference: one that takes no more of a period is never refused,
    also where the quota was lowered meanwhile.
    """
    for first_on, used, needs in _above(new, standing, quota, calendar, old):
        raise _refusal(quota, used, needs, machine=machine, name=name, first_on=first_on)


def _above(
    new: Iterable[Span],
    standing: Iterable[Span],
    quota: Quota,
    calendar: Calendar,
    old: Iterable[Span],
) -> Iterator[tuple[date, int, int]]:
    """The first days of the periods in which it is too much, what is used there, what it needs."""
    before = charge(old, quota, calendar)
    others = charge(standing, quota, calendar)
    for first_on, asked in sorted(charge(new, quota, calendar).items()):
        used, needs = others[first_on] + before[first_on], asked - before[first_on]
        if needs > 0 and used + needs > quota.most:
            yield first_on, used, needs


@dataclass(frozen=True)
class Ration:
    """What members have of a kind, for jobs that are moved: none goes where it is too much.

    By the keys of bookings: `owners` says whose each is, `charged` when those are that count now.
    Ayu may have the tractor twice a week and has next week both. Rain moves her Saturday's job not
    into that week, but into the one after.
    """

    quotas: Sequence[Quota]
    calendar: Calendar
    owners: Mapping[int, int]
    charged: Mapping[int, Span]

    def look_again(
        self, key: int, span: Span, *, moving: Collection[int], placed: Mapping[int, Span]
    ) -> datetime | None:
        """None where the time is within the quotas; else the end of the last period that is full.

        `moving` are the jobs that are moved together, `placed` those that have their new time.
        """
        member_id = self.owners.get(key)
        if member_id is None:
            return None
        standing = {one: at for one, at in self.charged.items() if one not in moving} | {**placed}
        theirs = [at for one, at in standing.items() if self.owners.get(one) == member_id]
        old = [self.charged[key]] if key in self.charged else []
        ends = [
            next_first_day(quota.period, first_on, self.calendar)
            for quota in self.quotas
            for first_on, _used, _needs in _above([span], theirs, quota, self.calendar, old)
        ]
        return self.calendar.moment(max(ends)) if ends else None


def _refusal(
    quota: Quota, used: int, needs: int, *, machine: str, name: str, first_on: date
) -> Refusal:
    word, left = PERIOD_NAMES[quota.period], max(0, quota.most - used)
    if quota.counted is Counted.TIMES:
        return QuotaOfTimes(
            machine=machine,
            name=name,
            first_on=first_on,
            period_word=word,
            quota=quota.most,
            used=used,
            left=left,
            needs=needs,
        )
    return QuotaOfMinutes(
        machine=machine,
        name=name,
        first_on=first_on,
        period_word=word,
        quota_min=quota.most,
        used_min=used,
        left_min=left,
        needs_min=needs,
    )
