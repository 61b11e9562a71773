"""Half-open spans, and the borders of local days, weeks, months and seasons, as cases and laws."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain.intervals import (
    MINUTE,
    Calendar,
    EndsBeforeStart,
    Period,
    Span,
    closed_hours,
    first_day,
    lasting,
    merge,
    next_first_day,
    period_span,
    rounded_up,
    split,
    subtract,
)
from tests.hours import MANY, MONDAY, SPANS, TUESDAY, WIB, hour, span

ZONES = [
    Calendar(ZoneInfo(name))
    for name in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Amsterdam")
]


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (span(6, 8), None),  # touches
        (span(10, 12), None),
        (span(6, 9), span(8, 9)),
        (span(9, 12), span(9, 10)),
        (span(8, 10), span(8, 10)),
        (span(6, 12), span(8, 10)),
        (Span(hour(8, 30), hour(8, 31)), Span(hour(8, 30), hour(8, 31))),
    ],
)
def test_to_touch_is_not_to_overlap(other: Span, shared: Span | None) -> None:
    mine = span(8, 10)

    assert mine.shared(other) == other.shared(mine) == shared
    assert mine.overlaps(other) == other.overlaps(mine) == (shared is not None)


def test_a_span_has_its_start_and_not_its_end() -> None:
    mine = span(8, 10)

    assert [mine.holds(hour(h)) for h in (7, 8, 9, 10)] == [False, True, True, False]
    assert mine.minutes == 120
    assert mine.with_buffer(30) == Span(hour(8), hour(10, 30))
    assert mine.with_buffer(0) == mine
    assert mine.moved_to(hour(30)) == span(30, 32) == lasting(hour(30), 120)


def test_what_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(EndsBeforeStart):
        span(10, 8)
    with pytest.raises(EndsBeforeStart):
        span(8, 8)


def test_moments_are_whole_minutes_in_a_zone_and_kept_in_utc() -> None:
    wib = ZoneInfo("Asia/Jakarta")

    kept = Span(datetime(2026, 4, 6, 7, tzinfo=wib), datetime(2026, 4, 6, 8, tzinfo=wib))

    assert kept.since.tzinfo is kept.until.tzinfo is UTC
    assert kept == Span(datetime(2026, 4, 6, 0, tzinfo=UTC), datetime(2026, 4, 6, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="no whole minute"):
        Span(datetime(2026, 4, 6, 7), hour(8))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no whole minute"):
        lasting(hour(7) + timedelta(seconds=1), 5)


def test_an_hour_that_clocks_show_twice_counts_twice() -> None:
    amsterdam = ZoneInfo("Europe/Amsterdam")
    night = Span(
        datetime(2026, 10, 25, 1, tzinfo=amsterdam), datetime(2026, 10, 25, 4, tzinfo=amsterdam)
    )

    assert night.minutes == 240


@pytest.mark.parametrize(
    ("minute", "step", "wanted"),
    [(0, 1, 0), (7, 1, 7), (7, 15, 15), (15, 15, 15), (46, 15, 60), (1, 30, 30)],
)
def test_a_moment_is_rounded_up_to_a_step(minute: int, step: int, wanted: int) -> None:
    assert rounded_up(hour(8, minute), step) == hour(8, wanted)
    if minute % step:
        assert rounded_up(hour(8, minute) + timedelta(seconds=3), step) == hour(8, wanted)


def test_seconds_are_rounded_up_to_the_minute() -> None:
    assert rounded_up(hour(8) + timedelta(microseconds=1)) == hour(8, 1)


@pytest.mark.parametrize(
    ("spans", "merged", "left"),
    [
        ([], [], [span(7, 17)]),
        ([span(8, 10), span(10, 12)], [span(8, 12)], [span(7, 8), span(12, 17)]),
        ([span(10, 12), span(8, 11)], [span(8, 12)], [span(7, 8), span(12, 17)]),
        ([span(8, 12), span(9, 10)], [span(8, 12)], [span(7, 8), span(12, 17)]),
        ([span(5, 8), span(16, 20)], [span(5, 8), span(16, 20)], [span(8, 16)]),
        ([span(5, 20)], [span(5, 20)], []),
        ([span(1, 2), span(20, 22)], [span(1, 2), span(20, 22)], [span(7, 17)]),
        ([span(7, 17)], [span(7, 17)], []),
    ],
)
def test_what_is_taken_and_what_is_left(
    spans: list[Span], merged: list[Span], left: list[Span]
) -> None:
    assert merge(spans) == merged
    assert subtract(span(7, 17), spans) == left


@given(SPANS, MANY)
def test_what_is_left_and_what_is_taken_are_the_whole(whole: Span, taken: list[Span]) -> None:
    left = subtract(whole, taken)
    inside = [part for part in (one.shared(whole) for one in merge(taken)) if part]

    assert sum(one.minutes for one in [*left, *inside]) == whole.minutes
    assert merge([*left, *inside]) == [whole]
    assert not any(one.overlaps(other) for one in left for other in taken)


@given(MANY, st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_the_order(spans: list[Span], dice: Random) -> None:
    merged = merge(spans)
    dice.shuffle(spans)

    assert merge(spans) == merged == merge(merged)
    assert all(one.until < other.since for one, other in zip(merged, merged[1:], strict=False))


@pytest.mark.parametrize(
    ("period", "day", "first", "following"),
    [
        (Period.DAY, date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        (Period.WEEK, date(2026, 4, 12), date(2026, 4, 6), date(2026, 4, 13)),
        (Period.WEEK, date(2026, 1, 1), date(2025, 12, 29), date(2026, 1, 5)),
        (Period.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
        (Period.MONTH, date(2026, 12, 5), date(2026, 12, 1), date(2027, 1, 1)),
        (Period.SEASON, date(2026, 4, 1), date(2026, 4, 1), date(2026, 10, 1)),
        (Period.SEASON, date(2026, 3, 31), date(2025, 10, 1), date(2026, 4, 1)),
        (Period.SEASON, date(2026, 12, 31), date(2026, 10, 1), date(2027, 4, 1)),
    ],
)
def test_periods_begin_on_their_local_days(
    period: Period, day: date, first: date, following: date
) -> None:
    assert first_day(period, day, WIB) == first
    assert next_first_day(period, day, WIB) == following


def test_a_week_may_begin_on_any_day_and_seasons_when_it_rains() -> None:
    own = Calendar(WIB.zone, week_starts=6, season_starts=((11, 1), (3, 1), (7, 1)))

    assert first_day(Period.WEEK, date(2026, 4, 12), own) == date(2026, 4, 12)
    assert first_day(Period.WEEK, date(2026, 4, 11), own) == date(2026, 4, 5)
    assert first_day(Period.SEASON, date(2026, 2, 1), own) == date(2025, 11, 1)
    assert next_first_day(Period.SEASON, date(2026, 4, 11), own) == date(2026, 7, 1)


@pytest.mark.parametrize(
    "settings", [{"week_starts": 7}, {"season_starts": ()}, {"season_starts": ((2, 29),)}]
)
def test_a_calendar_that_cannot_be_is_our_mistake(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"no calendar|day .*out of range|day .*must be in"):
        Calendar(WIB.zone, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("Asia/Jakarta", {MONDAY: 120, TUESDAY: 120}),  # 22.00-02.00
        ("Asia/Makassar", {MONDAY: 60, TUESDAY: 180}),  # 23.00-03.00
        ("Asia/Jayapura", {TUESDAY: 240}),  # 00.00-04.00
        ("UTC", {MONDAY: 240}),
    ],
)
def test_a_night_is_divided_where_the_cooperative_is(zone: str, minutes: dict[date, int]) -> None:
    parts = split(span(22, 26), Period.DAY, Calendar(ZoneInfo(zone)))

    assert {day: part.minutes for day, part in parts.items()} == minutes


@given(st.sampled_from(ZONES), st.sampled_from(list(Period)), SPANS, st.integers(0, 400))
@settings(max_examples=60)
def test_splitting_adds_up(calendar: Calendar, period: Period, one: Span, days: int) -> None:
    whole = Span(one.since, one.until + timedelta(days=days))

    parts = split(whole, period, calendar)

    assert sum(part.minutes for part in parts.values()) == whole.minutes
    assert merge(parts.values()) == [whole]
    for day, part in parts.items():
        inside = period_span(period, day, calendar)
        assert inside.shared(part) == part
        assert first_day(period, calendar.day_of(part.until - MINUTE), calendar) == day


def test_a_day_on_which_clocks_change_has_its_own_length() -> None:
    amsterdam = ZONES[-1]

    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (MONDAY, 24)):
        assert period_span(Period.DAY, day, amsterdam).minutes == hours * 60
    assert amsterdam.local(hour(12)).hour == 7
    assert amsterdam.moment(MONDAY, time(7)) == hour(12)


def test_nobody_works_before_six_and_after_six() -> None:
    closed = closed_hours(span(20, 60), time(6), time(18), WIB)

    assert closed == [span(20, 30), span(42, 54)]
    assert closed_hours(span(8, 10), time(6), time(18), WIB) == []
