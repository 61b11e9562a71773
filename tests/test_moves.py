"""Blackouts and rain: who makes room and where she goes; after any acts no moment is overbooked."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain.capacity import Fleet, Job, possible
from kopprod.domain.intervals import MINUTE, Period, Span, subtract
from kopprod.domain.moves import (
    BLACKOUT_NAMES,
    Blackout,
    HandedOverMeanwhile,
    Move,
    NothingLeftToBlock,
    NothingToPostpone,
    Outcome,
    affected,
    black_out,
    place,
    queue_of,
    rain,
)
from kopprod.domain.quotas import Counted, Quota, Ration
from tests.hours import DAY_H, MONDAY, SPANS, TUESDAY, WEDNESDAY, WIB, hour, job, most_taken, span

ONE, TWO = Fleet(1), Fleet(2)
AYU, BUDI, CITRA = job(1, 7, 9), job(2, 9, 12), job(3, 32, 36)  # Monday, Monday, Tuesday


def after(outcome: Outcome) -> dict[int, Span | None]:
    return {move.job.key: move.after for move in outcome.moves}


def rained(
    standing: list[Job], fleet: Fleet = ONE, *, at: int = 5, until: int = 240, staying: int = -1
) -> Outcome:
    return rain(
        MONDAY,
        standing,
        fleet,
        staying={staying},
        at=hour(at),
        horizon=hour(until),
        calendar=WIB,
    )


NIGHT = [span(0, 6), span(18, 30), span(42, 54)]


@pytest.mark.parametrize(
    ("standing", "fleet", "wanted"),
    [
        ([AYU, BUDI, CITRA], Fleet(1, closed=NIGHT), {1: span(30, 32), 2: span(36, 39)}),
        ([BUDI, CITRA, AYU], Fleet(1, closed=NIGHT), {1: span(30, 32), 2: span(36, 39)}),
        ([AYU, BUDI], ONE, {1: span(24, 26), 2: span(26, 29)}),
        # The shorter job would fit before Citra, but nobody overtakes.
        ([job(1, 7, 10), job(2, 11, 12), job(3, 26, 36)], ONE, {1: span(36, 39), 2: span(39, 40)}),
        ([AYU, BUDI], Fleet(1, 30), {1: span(24, 26), 2: Span(hour(26, 30), hour(29, 30))}),
        ([AYU, BUDI, CITRA], Fleet(2, closed=NIGHT), {1: span(30, 32), 2: span(30, 33)}),
        ([AYU, BUDI], Fleet(1, out=[span(20, 240)]), {1: None, 2: None}),
        ([AYU, BUDI], Fleet(1, out=[span(26, 240)]), {1: span(24, 26), 2: None}),
        ([job(1, -2, 2), BUDI], ONE, {1: span(24, 28), 2: span(28, 31)}),
        ([job(1, 23, 26)], ONE, {1: span(24, 27)}),
        (
            [job(1, 7, 9, 5), job(2, 9, 12, 5)],
            Fleet(2, busy={5: [span(20, 30)]}),
            {1: span(30, 32), 2: span(32, 35)},
        ),
    ],
)
def test_a_rain_day_moves_the_queue_into_free_time_in_its_order(
    standing: list[Job], fleet: Fleet, wanted: dict[int, Span | None]
) -> None:
    found = rained(standing, fleet)

    assert after(found) == wanted
    assert list(after(found)) == list(wanted)
    assert found.out == ()


def test_before_and_after_are_told_and_what_is_handed_over_stays() -> None:
    found = rained([AYU, BUDI, CITRA], staying=1)

    assert found.moves == (Move(BUDI, before=span(9, 12), after=span(24, 27)),)
    with pytest.raises(NothingToPostpone):
        rained([AYU, CITRA], staying=1)


def test_rain_that_is_written_down_late_moves_nobody_into_the_past() -> None:
    assert after(rained([AYU], at=40)) == {1: span(40, 42)}


def test_the_queue_of_a_day_is_in_order_of_start() -> None:
    standing = [CITRA, BUDI, AYU, job(4, 23, 26)]

    assert [one.key for one in queue_of(MONDAY, standing, WIB)] == [1, 2, 4]
    assert [one.key for one in queue_of(TUESDAY, standing, WIB)] == [4, 3]
    assert queue_of(WEDNESDAY, standing, WIB) == []


def stopped(
    how: Blackout,
    turn: list[Job],
    fleet: Fleet = ONE,
    *,
    units_out: int = 1,
    staying: int = -1,
    blackout: Span | None = None,
) -> Outcome:
    return black_out(
        blackout or span(8, 12),
        how,
        turn,
        fleet,
        machine="Pompa",
        units_out=units_out,
        staying={staying},
        at=hour(5),
        horizon=hour(48),
    )


def test_notify_postpones_those_for_whom_no_unit_is_left() -> None:
    assert after(stopped(Blackout.NOTIFY, [AYU, BUDI, CITRA])) == {1: None, 2: None}
    assert stopped(Blackout.NOTIFY, [AYU, BUDI, CITRA]).out == (span(8, 12),)
    assert after(stopped(Blackout.NOTIFY, [AYU, BUDI], TWO)) == {}
    assert after(stopped(Blackout.NOTIFY, [AYU, BUDI], TWO, units_out=2)) == {1: None, 2: None}
    both = [AYU, job(2, 8, 10)]
    assert after(stopped(Blackout.NOTIFY, both, TWO)) == {2: None}
    assert after(stopped(Blackout.NOTIFY, both[::-1], TWO)) == {1: None}


def test_move_gives_each_the_next_free_time_in_turn_and_not_before_its_own() -> None:
    assert after(stopped(Blackout.MOVE, [AYU, BUDI, CITRA])) == {1: span(12, 14), 2: span(14, 17)}
    assert after(stopped(Blackout.MOVE, [BUDI, AYU, CITRA])) == {2: span(12, 15), 1: span(15, 17)}
    late = [job(1, 10, 20), job(2, 11, 12)]  # each may overtake where only she fits
    full = Fleet(1, out=[span(14, 46)])
    assert after(stopped(Blackout.MOVE, late, full)) == {1: None, 2: span(12, 13)}


def test_around_splits_the_blackout() -> None:
    around = stopped(Blackout.AROUND, [AYU, job(2, 10, 11)], Fleet(1, 30))

    assert around == Outcome((Span(hour(9, 30), hour(10)), Span(hour(11, 30), hour(12))), ())
    two = stopped(Blackout.AROUND, [AYU, job(2, 10, 11)], TWO, units_out=2)
    assert two.out == (span(9, 10), span(11, 12)) * 2
    with pytest.raises(NothingLeftToBlock):
        stopped(Blackout.AROUND, [job(1, 7, 13)])


@pytest.mark.parametrize("how", [Blackout.NOTIFY, Blackout.MOVE])
def test_a_machine_on_somebodys_field_is_not_stopped_by_paper(how: Blackout) -> None:
    with pytest.raises(HandedOverMeanwhile) as caught:
        stopped(how, [AYU, BUDI], staying=1)
    with pytest.raises(HandedOverMeanwhile):  # all is out of service already
        stopped(how, [], Fleet(1, out=[span(8, 9)]))

    assert caught.value.facts["names_word"] == "A"
    assert after(stopped(how, [job(2, 8, 10), AYU], TWO, staying=1)).keys() == {2}
    assert stopped(Blackout.AROUND, [AYU], staying=1).out == (span(9, 12),)


def test_who_is_later_in_turn_gives_way_and_who_is_elsewhere_does_not() -> None:
    turn = [job(4, 20, 22), job(1, 8, 10), job(2, 9, 11)]

    assert affected(span(9, 10), 1, turn, TWO) == [turn[2]]
    assert affected(span(9, 10), 1, turn, TWO, staying=[2]) == [turn[1]]
    assert affected(span(13, 14), 2, turn, TWO) == []
    assert set(BLACKOUT_NAMES) == set(Blackout)


def test_a_queue_in_another_order_takes_the_time_it_has() -> None:
    found = place(
        [BUDI, AYU], [AYU, BUDI, CITRA], ONE, not_before=hour(7), horizon=hour(40), in_order=True
    )

    assert [(move.job.key, move.after) for move in found] == [(2, span(7, 10)), (1, span(10, 12))]


ACTS = st.tuples(
    st.sampled_from(["ask", "edit", "extend", "cancel", "notify", "move", "around", "rain"]),
    SPANS,
    st.integers(0, 9),
)


def act(what: str, one: Span, key: int, jobs: list[Job], fleet: Fleet) -> tuple[list[Job], Fleet]:
    """What the services do: they book what is possible, and take over what an outcome says."""
    by_key = {job.key: job for job in jobs}
    if what in ("ask", "edit"):
        found = Job(key, one, operator_id=key % 3)
    elif key in by_key and what == "extend":
        old = by_key[key].span
        found = replace(by_key[key], span=Span(old.since, old.until + 45 * MINUTE))
    elif what == "cancel":
        return [job for job in jobs if job.key != key], fleet
    elif what in tuple(Blackout):
        return take_over(black_out_all(Blackout(what), one, jobs, fleet), jobs, fleet)
    elif what == "rain" and queue_of(MONDAY, jobs, WIB):
        return take_over(rained(jobs, fleet, until=100), jobs, fleet)
    else:
        return jobs, fleet
    if not possible(found, jobs, fleet):
        return jobs, fleet
    return [*(job for job in jobs if job.key != key), found], fleet


def black_out_all(how: Blackout, one: Span, jobs: list[Job], fleet: Fleet) -> Outcome:
    try:
        return stopped(how, jobs, fleet, blackout=one)
    except (NothingLeftToBlock, HandedOverMeanwhile):
        return Outcome((), ())


def take_over(outcome: Outcome, jobs: list[Job], fleet: Fleet) -> tuple[list[Job], Fleet]:
    moved = after(outcome)
    every = [replace(job, span=moved.get(job.key, job.span) or job.span) for job in jobs]
    left = [job for job in every if job.key not in moved or moved[job.key] is not None]
    return left, replace(fleet, out=[*fleet.out, *outcome.out])


@given(st.integers(1, 3), st.sampled_from([0, 15, 30]), st.lists(ACTS, max_size=25))
@settings(max_examples=120)
def test_after_any_acts_no_moment_has_more_than_there_is(
    units: int, buffer_min: int, acts: list[tuple[str, Span, int]]
) -> None:
    jobs: list[Job] = []
    fleet = Fleet(units, buffer_min, busy={1: [span(9, 12)]})

    for what, one, key in acts:
        jobs, fleet = act(what, one, key, jobs, fleet)

        assert most_taken(jobs, fleet) <= units
        for operator in range(3):
            work = [fleet.blocked(job.span) for job in jobs if job.operator_id == operator]
            work += fleet.busy.get(operator, ())
            assert most_taken([Job(0, one) for one in work], Fleet(9)) <= 1
        assert len({job.key for job in jobs}) == len(jobs)


JOBS = st.lists(SPANS, max_size=8)


def granted(spans: list[Span], fleet: Fleet) -> list[Job]:
    """Those of some wishes that are possible, first come."""
    jobs: list[Job] = []
    for key, one in enumerate(spans, start=1):
        if possible(Job(key, one), jobs, fleet):
            jobs.append(Job(key, one))
    return jobs


@given(JOBS, st.integers(1, 2), st.randoms(use_true_random=False))
def test_rain_moves_the_day_only_keeps_its_order_and_does_not_depend_on_the_lists(
    spans: list[Span], units: int, dice: Random
) -> None:
    fleet = Fleet(units, 15)
    jobs = granted(spans, fleet)
    queue = queue_of(MONDAY, jobs, WIB)
    if not queue:
        return
    found = rained(jobs, fleet)
    dice.shuffle(jobs)

    assert rained(jobs, fleet) == found
    assert [move.job for move in found.moves] == queue
    starts = [move.after.since for move in found.moves if move.after]
    assert starts == sorted(starts)
    assert all(at >= hour(24) for at in starts)
    assert all(m.after is None or m.after.minutes == m.before.minutes for m in found.moves)


@given(JOBS, SPANS, st.integers(1, 2))
def test_around_and_what_stands_are_the_whole(spans: list[Span], one: Span, units: int) -> None:
    fleet = Fleet(units, 15)
    jobs = granted(spans, fleet)
    held = [fleet.blocked(job.span) for job in jobs]

    found = black_out_all(Blackout.AROUND, one, jobs, fleet)

    left = subtract(one, found.out)
    assert sum(part.minutes for part in [*left, *found.out]) == one.minutes
    for at in (part.since for part in left):
        assert sum(span.holds(at) for span in held) == units


def test_whoever_would_be_above_a_quota_goes_later_and_holds_nobody_up() -> None:
    once_a_day = Quota(Period.DAY, Counted.TIMES, 1)
    standing = [AYU, BUDI, CITRA]
    ration = Ration(
        [once_a_day], WIB, {1: 7, 2: 8, 3: 7}, {one.key: one.span for one in standing}
    )  # Ayu has Citra's Tuesday too

    found = rain(
        MONDAY, standing, ONE, at=hour(7), horizon=hour(4 * DAY_H), calendar=WIB, ration=ration
    )

    assert after(found) == {1: span(48, 50), 2: span(24, 27)}
    none = rain(
        MONDAY, standing, ONE, at=hour(7), horizon=hour(2 * DAY_H), calendar=WIB, ration=ration
    )
    assert after(none) == {1: None, 2: span(24, 27)}


def test_nobody_is_moved_onto_a_unit_that_is_broken_or_due() -> None:
    fleet = Fleet(2, unfit=[span(0, 200)])
    standing = [job(1, 7, 9), job(2, 7, 9), job(3, 30, 36)]

    found = rain(MONDAY, standing, fleet, at=hour(5), horizon=hour(72), calendar=WIB)

    assert after(found) == {1: span(24, 26), 2: span(26, 28)}
    # What stands may count on it: nobody gives way to a blackout of the other unit's morning only.
    assert stopped(Blackout.NOTIFY, [job(1, 8, 10)], Fleet(2, unfit=[span(0, 200)])).moves == ()
