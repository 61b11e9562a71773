"""The same booking several times, with the taken days named, as cases and laws."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod import language
from kopprod.domain.capacity import Fleet, Job, most_at_once
from kopprod.domain.intervals import DAY, Calendar, Span
from kopprod.domain.series import (
    AllDaysTaken,
    Series,
    SeriesAbsurd,
    SeriesOverItself,
    SomeDaysTaken,
    check_series,
    occurrences,
    sort_out,
)
from tests.hours import MANY, MONDAY, WIB, job, span

WEEK_H = 7 * 24


def test_every_monday_at_eight() -> None:
    found = occurrences(span(8, 10), every_days=7, times=3, calendar=WIB)

    assert found == [span(8 + n * WEEK_H, 10 + n * WEEK_H) for n in range(3)]


def test_clocks_show_the_same_time_also_where_they_change() -> None:
    amsterdam = Calendar(ZoneInfo("Europe/Amsterdam"))
    first = Span(
        datetime(2026, 3, 27, 8, tzinfo=amsterdam.zone),
        datetime(2026, 3, 27, 10, tzinfo=amsterdam.zone),
    )

    found = occurrences(first, every_days=1, times=4, calendar=amsterdam)

    assert [amsterdam.local(one.since).hour for one in found] == [8, 8, 8, 8]
    assert [one.since.hour for one in found] == [7, 7, 6, 6]
    assert {one.minutes for one in found} == {120}


@pytest.mark.parametrize(
    ("every_days", "times"), [(7, 1), (7, 0), (7, 61), (0, 3), (-1, 3), (367, 3)]
)
def test_a_series_that_nobody_keeps_is_refused(every_days: int, times: int) -> None:
    with pytest.raises(SeriesAbsurd):
        occurrences(span(8, 10), every_days=every_days, times=times, calendar=WIB)


def test_a_series_does_not_overlap_itself() -> None:
    def every_day(until: int, buffer_min: int) -> list[Span]:
        return occurrences(
            span(8, until), every_days=1, times=2, calendar=WIB, buffer_min=buffer_min
        )

    assert len(every_day(32, 0)) == len(every_day(31, 60)) == 2
    for until, buffer_min in ((33, 0), (31, 61)):
        with pytest.raises(SeriesOverItself):
            every_day(until, buffer_min)


THREE = [span(8, 10), span(8 + WEEK_H, 10 + WEEK_H), span(8 + 2 * WEEK_H, 10 + 2 * WEEK_H)]


@pytest.mark.parametrize(
    ("standing", "out", "taken"),
    [
        ([], [], []),
        ([job(1, 10, 12)], [], []),
        ([job(1, 9, 12)], [], [0]),
        ([Job(1, THREE[1])], [], [1]),
        ([job(1, 9, 12)], [THREE[2]], [0, 2]),
        ([job(1, 0, 3 * WEEK_H)], [], [0, 1, 2]),
    ],
)
def test_what_of_a_series_is_free(standing: list[Job], out: list[Span], taken: list[int]) -> None:
    found = sort_out(THREE, standing, Fleet(1, out=out))

    assert found.taken == tuple(THREE[n] for n in taken)
    assert found.free == tuple(one for n, one in enumerate(THREE) if n not in taken)
    assert found.may_skip is (0 < len(taken) < 3)


def test_an_operator_has_no_time_either() -> None:
    fleet = Fleet(2, busy={5: [THREE[1]]})

    assert sort_out(THREE, [], fleet, operator_id=5).taken == (THREE[1],)
    assert sort_out(THREE, [], fleet, operator_id=6).taken == ()


def test_to_skip_the_taken_days_is_offered_only_if_some_are_free() -> None:
    def book(series: Series, *, skip_taken: bool = False) -> tuple[Span, ...]:
        return check_series(series, skip_taken=skip_taken, machine="Pengering", calendar=WIB)

    some = Series((THREE[0], THREE[2]), (THREE[1],))
    assert book(Series(tuple(THREE), ())) == tuple(THREE)
    assert book(some, skip_taken=True) == some.free
    with pytest.raises(SomeDaysTaken) as caught:
        book(some)
    assert caught.value.facts["taken"] == (date(2026, 4, 13),)
    assert caught.value.facts["free"] == (MONDAY, date(2026, 4, 20))
    assert language.sentence("id", caught.value) == (
        "Pada 13 April 2026 Pengering tidak kosong. Yang kosong: 6 April 2026, 20 April 2026. Hari "
        "yang terisi boleh dilewati, atau pilih waktu lain."
    )
    for skip_taken in (False, True):
        with pytest.raises(AllDaysTaken):
            book(Series((), tuple(THREE)), skip_taken=skip_taken)


@given(MANY, st.integers(1, 3), st.integers(2, 6), st.integers(0, 90), st.integers(1, 2))
def test_a_series_never_goes_above_capacity(
    held: list[Span], every_days: int, times: int, buffer_min: int, units: int
) -> None:
    fleet = Fleet(units, buffer_min)
    if most_at_once(fleet.blocked(one) for one in held) > units:
        return
    standing = [Job(key, one) for key, one in enumerate(held)]

    every = occurrences(
        span(9, 11), every_days=every_days, times=times, calendar=WIB, buffer_min=buffer_min
    )
    found = sort_out(every, standing, fleet)

    assert sorted([*found.free, *found.taken]) == every
    assert most_at_once(fleet.blocked(one) for one in [*held, *found.free]) <= units
    assert [one.since - every[0].since for one in every] == [
        n * every_days * DAY for n in range(times)
    ]
