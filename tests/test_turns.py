"""The order of a queue and the waiting list: cases by hand, and laws."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain.capacity import Fleet, Job, most_at_once
from kopprod.domain.intervals import Span
from kopprod.domain.turns import (
    TURN_MEANINGS,
    TURN_RULES,
    Asked,
    TurnRule,
    Waiting,
    fill,
    next_waiting,
    order,
)
from tests.hours import SPANS, hour, job, span

AYU, BUDI, CITRA = 1, 2, 3
EAST, WEST, NORTH = 10, 20, 30
RIPE_MONDAY, RIPE_WEDNESDAY = date(2026, 4, 6), date(2026, 4, 8)
FIRST, SECOND, THIRD = (hour(n) for n in (-30, -20, -10))

# Budi asked first; Ayu's and Citra's rice is ripe first.
QUEUE = [
    Asked(1, AYU, SECOND, 300, RIPE_MONDAY, EAST, 7_500),
    Asked(2, BUDI, FIRST, 120, RIPE_WEDNESDAY, WEST, 3_000),
    Asked(3, CITRA, THIRD, 60, RIPE_MONDAY, NORTH, 1_500),
    Asked(4, AYU, THIRD, 60, RIPE_MONDAY, NORTH, 1_000),
    Asked(5, BUDI, FIRST, 60, None, EAST, 500),
]


@pytest.mark.parametrize(
    ("rule", "used", "neighbours", "wanted"),
    [
        (TurnRule.FIRST_COME, {}, {}, [2, 5, 1, 3, 4]),
        (TurnRule.RIPE, {}, {}, [1, 4, 3, 2, 5]),
        (TurnRule.RIPE, {}, {EAST: [NORTH]}, [1, 4, 3, 2, 5]),
        (TurnRule.LEAST_USED, {}, {}, [2, 1, 3, 5, 4]),
        (TurnRule.LEAST_USED, {AYU: 100, BUDI: 600, CITRA: 50}, {}, [3, 1, 4, 2, 5]),
        (TurnRule.LEAST_USED, {CITRA: 1_000}, {}, [2, 1, 5, 4, 3]),
    ],
)
def test_three_rules_three_queues(
    rule: TurnRule, used: dict[int, int], neighbours: dict[int, list[int]], wanted: list[int]
) -> None:
    found = order(QUEUE, rule, used_min=used, neighbours=neighbours)

    assert [one.key for one in found] == wanted


def test_on_one_day_the_machine_goes_from_village_to_neighbour() -> None:
    here = [Asked(n, n, FIRST, 60, RIPE_MONDAY, 10 * n) for n in (1, 2, 3, 4)]
    nowhere = Asked(9, 9, FIRST, 60, RIPE_MONDAY)
    next_day = [Asked(n, n, FIRST, 60, RIPE_WEDNESDAY, 10 * n) for n in (5, 2, 6)]
    near = {10: [40], 40: [10, 30], 20: [60], 60: [20]}

    found = order([nowhere, *next_day, *here], TurnRule.RIPE, neighbours=near)

    # 10, its neighbour 40, its neighbour 30, then 20; whose village nobody knows comes last.
    assert [one.village_id for one in found] == [10, 40, 30, 20, None, 20, 60, 50]


def test_ties_go_to_who_asked_first_then_to_the_lower_key() -> None:
    same = [Asked(key, key, FIRST, 60, RIPE_MONDAY, EAST, 100) for key in (3, 1, 2)]
    earlier = Asked(9, 9, FIRST - timedelta(hours=1), 60, RIPE_MONDAY, EAST, 100)

    for rule in TurnRule:
        assert [one.key for one in order([*same, earlier], rule)] == [9, 1, 2, 3]


def test_every_rule_is_named_and_explained() -> None:
    assert set(TURN_RULES) == set(TURN_MEANINGS) == set(TurnRule)


ASKED = st.lists(
    st.builds(
        Asked,
        key=st.integers(1, 10**6),
        member_id=st.integers(1, 4),
        asked_at=st.sampled_from([FIRST, SECOND, THIRD]),
        minutes=st.integers(1, 20).map(lambda n: n * 15),
        ripe_on=st.sampled_from([RIPE_MONDAY, RIPE_WEDNESDAY, None]),
        village_id=st.sampled_from([EAST, WEST, NORTH, None]),
        size=st.integers(0, 3),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)
NEAR = {EAST: [WEST], WEST: [EAST]}


@given(ASKED, st.sampled_from(list(TurnRule)), st.randoms(use_true_random=False))
def test_the_order_of_the_list_changes_nothing(
    queue: list[Asked], rule: TurnRule, dice: Random
) -> None:
    used = {1: 90, 2: 15}
    found = order(queue, rule, used_min=used, neighbours=NEAR)
    dice.shuffle(queue)

    assert order(queue, rule, used_min=used, neighbours=NEAR) == found
    assert sorted(one.key for one in found) == sorted(one.key for one in queue)


@given(ASKED)
def test_what_is_ripe_first_comes_first_and_villages_stay_together(queue: list[Asked]) -> None:
    found = order(queue, TurnRule.RIPE, neighbours=NEAR)

    days = [one.ripe_on or date.max for one in found]
    assert days == sorted(days)
    places = [(one.ripe_on, one.village_id) for one in found]
    changes = 1 + sum(one != other for one, other in zip(places, places[1:], strict=False))
    assert not places or changes == len(set(places))


@given(ASKED)
def test_nobody_comes_before_who_has_used_less(queue: list[Asked]) -> None:
    used = dict.fromkeys(range(1, 5), 0) | {1: 90, 2: 15}
    left = order(queue, TurnRule.LEAST_USED, used_min=used)

    while left:
        following = left.pop(0)
        assert all(used[following.member_id] <= used[one.member_id] for one in left)
        used[following.member_id] += following.minutes


ALL_WEEK = span(0, 168)
ONE = Fleet(1)


@pytest.mark.parametrize(
    ("slot", "standing", "wanted"),
    [
        (span(8, 11), [], (2, span(8, 10))),  # Ayu's four hours do not fit
        (span(8, 12), [], (1, span(8, 12))),
        (span(8, 9), [], (3, span(8, 9))),
        (span(7, 8), [], None),
        (span(12, 14), [], (2, span(12, 14))),
        (span(8, 13), [job(9, 8, 10)], (2, span(10, 12))),
        (span(8, 11), [job(9, 11, 12)], (2, span(8, 10))),
        (span(8, 10), [job(9, 10, 12)], (3, span(8, 9))),  # no gap would be left
    ],
)
def test_the_first_whose_job_fits_comes_next(
    slot: Span, standing: list[Job], wanted: tuple[int, Span] | None
) -> None:
    fleet = Fleet(1, 30) if standing and standing[0].span.since == slot.until else ONE
    waiting = [
        Waiting(3, THIRD, 60, span(8, 10)),
        Waiting(2, SECOND, 120, span(8, 72)),
        Waiting(1, FIRST, 240, ALL_WEEK),
    ]

    found = next_waiting(slot, waiting, standing, fleet)

    assert (found and (found[0].key, found[1])) == wanted


def test_who_waits_for_an_operator_waits_until_the_operator_is_free_too() -> None:
    waiting = [Waiting(1, FIRST, 60, ALL_WEEK, operator_id=5)]

    found = next_waiting(span(8, 12), waiting, [], Fleet(2, busy={5: [span(8, 10)]}))

    assert found == (waiting[0], span(10, 11))


def test_a_slot_is_filled_with_all_who_fit() -> None:
    waiting = [Waiting(n, hour(-10 + n), 90, ALL_WEEK) for n in (1, 2, 3)]

    found = fill(span(8, 11), waiting, [], ONE)

    assert [one.key for one, _span in found] == [1, 2]
    assert [one.minutes for _one, one in found] == [90, 90]


@given(
    SPANS,
    st.lists(st.tuples(SPANS, st.integers(1, 16)), max_size=6),
    st.integers(1, 2),
    st.randoms(use_true_random=False),
)
def test_filling_never_overbooks_and_leaves_out_only_who_does_not_fit(
    slot: Span, wishes: list[tuple[Span, int]], units: int, dice: Random
) -> None:
    fleet, standing = Fleet(units, 30), [job(99, 4, 6)]
    waiting = [Waiting(key, FIRST, n * 30, one) for key, (one, n) in enumerate(wishes)]

    found = fill(slot, waiting, standing, fleet)
    taken = [*standing, *(Job(one.key, at) for one, at in found)]
    left = [one for one in waiting if one.key not in {each.key for each in taken}]

    assert most_at_once(fleet.blocked(one.span) for one in taken) <= units
    assert all(slot.shared(at) == at == one.between.shared(at) for one, at in found)
    assert next_waiting(slot, left, taken, fleet) is None
    dice.shuffle(waiting)
    assert fill(slot, waiting, standing, fleet) == found
