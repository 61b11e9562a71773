"""How many units are taken at once, what is free, and what stands in the way, as cases and laws."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod import language
from kopprod.domain.capacity import (
    Fleet,
    Free,
    Job,
    Occupied,
    OccupiedToHorizon,
    OperatorBusy,
    OperatorBusyToHorizon,
    check_possible,
    fits,
    free,
    in_the_way,
    levels,
    most_at_once,
    next_free,
    out_of_service,
    possible,
    unit_for,
)
from kopprod.domain.intervals import MINUTE, Span, merge
from kopprod.domain.refusal import Refusal
from tests.hours import MANY, SPANS, WIB, hour, job, span

ONE, TWO = Fleet(1), Fleet(2)


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([], 0),
        ([span(8, 10)], 1),
        ([span(8, 10), span(10, 12)], 1),
        ([span(8, 10), span(9, 12)], 2),
        ([span(8, 10), span(9, 12), span(10, 11)], 2),  # three overlap the middle one's hours
        ([span(8, 12), span(9, 10), span(10, 11), span(11, 12)], 2),
        ([span(8, 10), span(8, 10), span(8, 10)], 3),
    ],
)
def test_a_sweep_counts_what_holds_at_one_moment(spans: list[Span], most: int) -> None:
    assert most_at_once(spans) == most


def minute_by_minute(spans: list[Span]) -> int:
    moments = [one.since for one in spans]
    return max((sum(one.holds(at) for one in spans) for at in moments), default=0)


@given(MANY)
def test_the_sweep_agrees_with_counting(spans: list[Span]) -> None:
    assert most_at_once(spans) == minute_by_minute(spans)


@given(SPANS, MANY, st.integers(1, 3))
def test_what_fits_never_goes_above_capacity(new: Span, held: list[Span], units: int) -> None:
    if most_at_once(held) <= units:
        assert fits(new, held, units) == (most_at_once([*held, new]) <= units)


@given(SPANS, MANY, st.integers(1, 3))
def test_free_and_taken_are_the_whole(between: Span, held: list[Span], units: int) -> None:
    found = free(between, held, [], units)

    above = sum(max(0, n - units) * one.minutes for one, n in levels(between, held))
    inside = [part for part in (one.shared(between) for one in held) if part]
    left = sum(one.units * one.span.minutes for one in found)
    assert left + sum(one.minutes for one in inside) - above == units * between.minutes
    assert all(fits(one.span, held, units) for one in found)
    assert sum(one.minutes for one, _level in levels(between, held)) == between.minutes


def test_what_is_free_between_these_days() -> None:
    out = out_of_service([(7, span(6, 9)), (None, span(16, 18)), (7, span(15, 17))], units=[3, 7])

    assert out == [span(16, 18), span(6, 9), span(15, 18)]
    assert free(span(6, 18), [span(8, 10), span(9, 12)], out, 2) == [
        Free(span(6, 8), 1),
        Free(span(10, 12), 1),
        Free(span(12, 15), 2),
        Free(span(15, 16), 1),
    ]


@pytest.mark.parametrize(
    ("fleet", "minutes", "wanted"),
    [
        (ONE, 60, span(7, 8)),
        (ONE, 120, span(10, 12)),
        (ONE, 180, span(14, 17)),
        (ONE, 361, None),
        # 07.00 would leave no gap before A; until 12.00 the gap before B is left.
        (Fleet(1, buffer_min=30), 60, Span(hour(10, 30), hour(11, 30))),
        (Fleet(1, out=[span(14, 15)]), 180, span(15, 18)),
        (Fleet(1, out=[span(14, 18)]), 180, None),
        (Fleet(1, closed=[span(0, 9), span(17, 30)]), 60, span(10, 11)),
        (Fleet(1, closed=[span(0, 9), span(15, 16)]), 180, span(16, 19)),
        (Fleet(1, closed=[span(0, 9), span(12, 15)]), 240, span(15, 19)),
        (TWO, 300, span(7, 12)),
    ],
)
def test_the_next_free_time(fleet: Fleet, minutes: int, wanted: Span | None) -> None:
    standing = [job(1, 8, 10), job(2, 12, 14)]

    found = next_free(minutes, after=hour(7), horizon=hour(20), standing=standing, fleet=fleet)

    assert found == wanted


def test_a_job_longer_than_any_day_only_begins_in_open_hours() -> None:
    fleet = Fleet(1, closed=[span(0, 6), span(18, 30), span(42, 54)])

    found = next_free(15 * 60, after=hour(1), horizon=hour(60), standing=[], fleet=fleet)

    assert found == span(6, 21)


def test_the_next_free_time_begins_at_a_whole_minute() -> None:
    after = hour(7) + timedelta(seconds=20)

    found = next_free(60, after=after, horizon=hour(20), standing=[], fleet=ONE)

    assert found == Span(hour(7, 1), hour(8, 1))


@given(
    st.integers(1, 20).map(lambda n: n * 30),
    MANY,
    MANY,
    st.integers(0, 2).map(lambda n: n * 15),
    st.integers(1, 2),
)
@settings(max_examples=60)
def test_the_next_free_time_is_free_and_none_is_earlier(
    minutes: int, held: list[Span], out: list[Span], buffer_min: int, units: int
) -> None:
    fleet = Fleet(units, buffer_min, out)
    jobs = [Job(key, one, operator_id=key % 2) for key, one in enumerate(held)]

    found = next_free(
        minutes, after=hour(0), horizon=hour(20), standing=jobs, fleet=fleet, operator_id=1
    )

    starts = (hour(0) + n * 15 * MINUTE for n in range(20 * 4))
    every = (Span(at, at + minutes * MINUTE) for at in starts)
    first = next(
        (s for s in every if s.until <= hour(20) and possible(Job(99, s, "", 1), jobs, fleet)), None
    )
    assert found == first


@pytest.mark.parametrize(
    ("wanted", "fleet", "names"),
    [
        (span(10, 12), ONE, ""),
        (span(9, 10), ONE, "A"),
        (span(7, 13), ONE, "AB"),
        (span(7, 13), TWO, ""),
        (span(10, 12), Fleet(1, buffer_min=30), "AB"),
        (Span(hour(10, 30), hour(11, 30)), Fleet(1, buffer_min=30), ""),
        (span(7, 13), Fleet(2, out=[span(9, 11)]), "A"),
        (span(11, 12), Fleet(1, out=[span(11, 12)]), ""),
    ],
)
def test_what_stands_in_the_way(wanted: Span, fleet: Fleet, names: str) -> None:
    standing = [job(2, 12, 14), job(1, 8, 10)]

    found = in_the_way(Job(9, wanted), standing, fleet)

    assert "".join(one.name for one in found) == names


def test_an_edit_is_not_in_its_own_way() -> None:
    standing = [job(1, 8, 10), job(2, 12, 14)]

    assert possible(job(1, 8, 12), standing, ONE)
    assert not possible(job(1, 8, 13), standing, ONE)


def test_nobody_operates_two_machines_at_once() -> None:
    fleet = Fleet(3, buffer_min=60, busy={5: [span(12, 14)]})
    standing = [job(1, 8, 10, 5), job(2, 8, 10, 6)]

    for wanted, may in (
        (job(3, 8, 9, 5), False),
        (job(3, 10, 11, 5), False),  # not before the gap after the first is over
        (Job(3, Span(hour(11), hour(11, 1)), "", 5), False),  # its own gap reaches to 12.01
        (job(3, 14, 15, 5), True),
        (job(3, 8, 9, 7), True),
        (job(3, 8, 9), True),
    ):
        assert possible(wanted, standing, fleet) is may


def refused(wanted: Job, standing: list[Job], fleet: Fleet, horizon: int) -> Refusal:
    with pytest.raises(Refusal) as caught:
        check_possible(
            wanted,
            standing,
            fleet,
            machine="Pompa",
            operator="Made",
            at=hour(6),
            horizon=hour(horizon),
            calendar=WIB,
        )
    return caught.value


def test_the_sentence_names_what_stands_in_the_way_and_the_next_free_time() -> None:
    standing = [job(1, 8, 10, 5), job(2, 10, 12)]

    found = refused(job(3, 9, 11), standing, ONE, 24)

    assert isinstance(found, Occupied)
    assert language.sentence("id", found) == (
        "Pompa tidak kosong dari Senin, 6 April 2026, 09.00 WIB sampai Senin, 6 April 2026, 11.00 "
        "WIB. Sudah terisi: A, B. Waktu kosong berikutnya Senin, 6 April 2026, 12.00 WIB."
    )
    full = refused(job(3, 9, 11), standing, ONE, 13)
    assert isinstance(full, OccupiedToHorizon)
    assert "until 6 April 2026. Ask" in language.sentence("en", full)


def test_the_sentence_says_when_only_the_operator_is_missing_or_the_machine_is_out() -> None:
    standing = [job(1, 8, 10, 5)]

    busy = refused(job(2, 9, 11, 5), standing, TWO, 24)
    never = refused(job(2, 9, 11, 5), standing, TWO, 11)
    out = refused(job(2, 12, 13), standing, Fleet(1, out=[span(11, 14)]), 24)

    assert isinstance(busy, OperatorBusy)
    assert "Monday, 6 April 2026, 10:00 WIB." in language.sentence("en", busy)
    assert isinstance(never, OperatorBusyToHorizon)
    assert "mesin sedang tidak dipakai" in language.sentence("id", out)


def test_what_is_possible_is_not_refused() -> None:
    check_possible(
        job(1, 8, 10),
        [],
        ONE,
        machine="Pompa",
        at=hour(6),
        horizon=hour(24),
        calendar=WIB,
    )


@given(MANY, st.integers(1, 3))
def test_handed_over_in_order_of_start_a_unit_is_always_left(spans: list[Span], units: int) -> None:
    standing: list[Job] = []
    for key, one in enumerate(spans):
        if possible(Job(key, one), standing, Fleet(units)):
            standing.append(Job(key, one))
    taken: dict[int, list[Span]] = {unit: [] for unit in range(units)}

    for booked in sorted(standing, key=lambda booked: booked.span):
        unit = unit_for(booked.span, taken)
        assert unit is not None
        taken[unit].append(booked.span)

    assert unit_for(span(0, 1), {1: [span(0, 2)]}) is None


@given(MANY, st.randoms(use_true_random=False))
def test_what_is_in_the_way_does_not_depend_on_the_order(spans: list[Span], dice: Random) -> None:
    standing = [Job(key, one) for key, one in enumerate(spans)]
    wanted = Job(99, span(4, 9))
    found = in_the_way(wanted, standing, TWO)
    dice.shuffle(standing)

    assert in_the_way(wanted, standing, TWO) == found
    if not possible(wanted, standing, ONE):  # and it is enough that they go
        gone = in_the_way(wanted, standing, ONE)
        assert possible(wanted, [one for one in standing if one not in gone], ONE)
    assert merge(spans) == merge(one.span for one in standing)


def test_what_is_broken_or_due_beside_a_fit_one_is_not_counted_free() -> None:
    fleet = Fleet(2, unfit=[span(0, 400)])
    stands = [job(1, 8, 10)]

    assert fleet.away == [span(0, 400)]
    assert not possible(job(2, 9, 11), stands, fleet)
    assert possible(job(2, 10, 12), stands, fleet)
    assert in_the_way(job(2, 9, 11), stands, fleet) == stands
    found = next_free(60, after=hour(9), horizon=hour(40), standing=stands, fleet=fleet)
    assert found == span(10, 11)
    with pytest.raises(Refusal) as refused:
        check_possible(
            job(2, 9, 11),
            stands,
            fleet,
            machine="Pompa",
            at=hour(0),
            horizon=hour(40),
            calendar=WIB,
        )
    assert refused.value.facts["next_since"] == WIB.local(hour(10))
