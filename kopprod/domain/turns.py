"""The order of a queue: by ripeness and area, by who used least, or by who came first.

Ayu's and Citra's rice is ripe on Monday, Budi's on Wednesday. Ayu and Citra come first, neighbours
one after the other, then Budi, though he asked first. By least use the season's minutes count: who
has had 600 waits behind who has had 120, and each job in the queue counts for who has it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from kopprod.domain.capacity import Fleet, Job, next_free
from kopprod.domain.intervals import Span
from kopprod.domain.refusal import N_


class TurnRule(StrEnum):
    """How a queue is put in order."""

    RIPE = "ripe"
    LEAST_USED = "least_used"
    FIRST_COME = "first_come"


TURN_RULES: Mapping[TurnRule, str] = {
    TurnRule.RIPE: N_("By area and ripeness"),
    TurnRule.LEAST_USED: N_("Who used least this season"),
    TurnRule.FIRST_COME: N_("Who asked first"),
}
TURN_MEANINGS: Mapping[TurnRule, str] = {
    TurnRule.RIPE: N_(
        "What is ripe first comes first; on the same day neighbouring villages one after the "
        "other, and in a village the smaller job first, so that fewer people wait."
    ),
    TurnRule.LEAST_USED: N_(
        "Who has had the machine for the shortest time this season comes first; each job in the "
        "queue counts too."
    ),
    TurnRule.FIRST_COME: N_("Who asked first comes first."),
}


@dataclass(frozen=True)
class Asked:
    """A request in a queue: whose, since when, how long it takes, where, and when it is ripe."""

    key: int
    member_id: int
    asked_at: datetime
    minutes: int
    ripe_on: date | None = None
    village_id: int | None = None
    size: int = 0


def order(
    queue: Iterable[Asked],
    rule: TurnRule,
    *,
    used_min: Mapping[int, int] | None = None,
    neighbours: Mapping[int, Collection[int]] | None = None,
) -> list[Asked]:
    """A queue in order; the order in which it is given changes nothing, ties go to the lower key.

    `used_min` is what each member has used this season; `neighbours` the villages next to each. The
    smaller job first is what keeps the sum of all waiting least (Smith 1956, Naval Research
    Logistics 3, 59-66).
    """
    asked = sorted(queue, key=lambda one: (one.asked_at, one.key))
    if rule is TurnRule.LEAST_USED:
        return _least_used(asked, used_min or {})
    if rule is TurnRule.RIPE:
        return _ripe(asked, neighbours or {})
    return asked


def _least_used(asked: Sequence[Asked], used_min: Mapping[int, int]) -> list[Asked]:
    used = {one.member_id: used_min.get(one.member_id, 0) for one in asked}
    left, ordered = list(asked), []
    while left:
        following = min(left, key=lambda one: used[one.member_id])  # the first of equals
        used[following.member_id] += following.minutes
        left.remove(following)
        ordered.append(following)
    return ordered


def _ripe(asked: Sequence[Asked], neighbours: Mapping[int, Collection[int]]) -> list[Asked]:
    """What has no day of ripeness comes last; the way goes on from the village where it was."""
    ordered: list[Asked] = []
    by_day = sorted(asked, key=lambda one: one.ripe_on or date.max)
    for _day, ripe in groupby(by_day, key=lambda one: one.ripe_on):
        today = list(ripe)
        here = ordered[-1].village_id if ordered else None
        for village in _way({one.village_id for one in today}, here, neighbours):
            there = [one for one in today if one.village_id == village]
            ordered += sorted(there, key=lambda one: one.size)
    return ordered


def _way(
    villages: Collection[int | None],
    here: int | None,
    neighbours: Mapping[int, Collection[int]],
) -> list[int | None]:
    """From village to village: the same, else a neighbour, else any; the lowest key, none last."""
    left, way = set(villages), []
    while left:
        near = neighbours.get(here, ()) if here is not None else ()
        here = min(left, key=lambda one: (one is None, one != here, one not in near, one or 0))
        left.remove(here)
        way.append(here)
    return way


@dataclass(frozen=True)
class Waiting:
    """Somebody on the waiting list, and between which moments she could use the machine."""

    key: int
    asked_at: datetime
    minutes: int
    between: Span
    operator_id: int | None = None


def next_waiting(
    slot: Span, waiting: Iterable[Waiting], standing: Iterable[Job], fleet: Fleet
) -> tuple[Waiting, Span] | None:
    """Who comes next now that a slot is free, and when: the first who asked whose job fits.

    The job lies in the slot and in the time she can use; its buffer may reach beyond the slot where
    nothing stands.
    """
    jobs = list(standing)
    for one in sorted(waiting, key=lambda one: (one.asked_at, one.key)):
        hours = slot.shared(one.between)
        if hours is not None:
            found = next_free(
                one.minutes,
                after=hours.since,
                horizon=hours.until,
                standing=jobs,
                fleet=fleet,
                operator_id=one.operator_id,
            )
            if found is not None:
                return one, found
    return None


def fill(
    slot: Span, waiting: Iterable[Waiting], standing: Iterable[Job], fleet: Fleet
) -> list[tuple[Waiting, Span]]:
    """All who get a time in a slot that is free, one after the other, until no more fit."""
    left, jobs, found = list(waiting), list(standing), []
    while (following := next_waiting(slot, left, jobs, fleet)) is not None:
        one, span = following
        found.append(following)
        left.remove(one)
        jobs.append(Job(one.key, span, operator_id=one.operator_id))
    return found
