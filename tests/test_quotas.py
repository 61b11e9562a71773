"""Quotas split at local borders, edits charged with the difference, as cases and laws."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod import language
from kopprod.domain.intervals import Calendar, Period, Span
from kopprod.domain.quotas import (
    Counted,
    Quota,
    QuotaOfMinutes,
    QuotaOfTimes,
    Ration,
    charge,
    check_quota,
)
from kopprod.domain.refusal import Refusal
from tests.hours import DAY_H, MANY, MONDAY, SPANS, TUESDAY, WIB, hour, span

A_WEEK = Quota(Period.WEEK, Counted.MINUTES, 600)
TWICE_A_DAY = Quota(Period.DAY, Counted.TIMES, 2)


def check(
    new: list[Span],
    standing: list[Span],
    quota: Quota,
    old: list[Span] | None = None,
    calendar: Calendar = WIB,
) -> None:
    check_quota(new, standing, quota, calendar, machine="Traktor", name="Ayu", old=old or [])


def test_a_booking_over_a_border_is_charged_on_both_sides() -> None:
    night = span(22, 27)  # Monday 22.00 to Tuesday 03.00 WIB

    by_day = Quota(Period.DAY, Counted.MINUTES, 1)
    assert charge([night], by_day, WIB) == {MONDAY: 120, TUESDAY: 180}
    assert charge([night], TWICE_A_DAY, WIB) == {MONDAY: 1, TUESDAY: 1}
    assert charge([night], by_day, Calendar(ZoneInfo("Asia/Jayapura"))) == {TUESDAY: 300}
    assert charge([night], A_WEEK, WIB) == {MONDAY: 300}
    assert charge([], A_WEEK, WIB) == {}


@pytest.mark.parametrize(
    ("new", "standing", "old", "may"),
    [
        ([span(8, 18)], [], [], True),
        ([Span(hour(8), hour(18, 1))], [], [], False),
        ([span(8, 10)], [span(30, 38)], [], True),
        ([span(8, 11)], [span(30, 38)], [], False),
        ([span(8, 11)], [span(200, 208)], [], True),  # another week
        ([span(8, 11)], [span(30, 37)], [span(8, 10)], True),
        ([span(8, 12)], [span(30, 37)], [span(8, 10)], False),
        ([span(8, 12)], [span(30, 40)], [span(8, 14)], True),  # over, but less than it was
        ([span(8, 14)], [span(30, 40)], [span(9, 15)], True),  # over, and as much as it was
        ([span(8, 13), span(30, 36)], [], [], False),  # a series
        ([span(166, 170)], [span(8, 16)], [], True),  # Sunday 22.00 to Monday 02.00
        ([span(165, 170)], [span(8, 16)], [], False),
    ],
)
def test_ten_hours_a_week(
    new: list[Span], standing: list[Span], old: list[Span], may: bool
) -> None:
    if may:
        check(new, standing, A_WEEK, old)
    else:
        with pytest.raises(QuotaOfMinutes):
            check(new, standing, A_WEEK, old)


def test_the_sentence_says_quota_used_and_left() -> None:
    with pytest.raises(QuotaOfMinutes) as minutes:
        check([span(8, 12)], [span(30, 37)], A_WEEK, [span(8, 10)])
    with pytest.raises(QuotaOfTimes) as times:
        check([span(8, 9)], [span(10, 11), span(12, 13), span(14, 15)], TWICE_A_DAY)

    assert language.sentence("id", minutes.value) == (
        "Ayu boleh memesan Traktor 10 jam seminggu. Mulai 6 April 2026 sudah terpakai 9 jam dan "
        "tersisa 1 jam, padahal ini perlu 2 jam."
    )
    assert language.sentence("en", times.value) == (
        "Ayu may book Traktor 2 times a day. From 6 April 2026 on 3 are used and 0 are left, but "
        "this needs 1."
    )


PERIODS = st.sampled_from(list(Period))


@given(MANY, PERIODS)
def test_minutes_charged_are_minutes_booked(spans: list[Span], period: Period) -> None:
    taken = charge(spans, Quota(period, Counted.MINUTES, 0), WIB)

    assert taken.total() == sum(one.minutes for one in spans)


@given(MANY, SPANS, SPANS, PERIODS, st.sampled_from(list(Counted)), st.integers(0, 900))
@settings(max_examples=80)
def test_no_period_gets_more_than_its_quota_and_less_is_never_refused(
    standing: list[Span], old: Span, new: Span, period: Period, counted: Counted, most: int
) -> None:
    quota = Quota(period, counted, most)
    used = charge([*standing, old], quota, WIB)
    after = charge([*standing, new], quota, WIB)

    try:
        check([new], standing, quota, [old])
    except Refusal:
        assert any(after[day] > max(most, used[day]) for day in after)
    else:
        assert all(after[day] <= max(most, used[day]) for day in after)


AYU, BUDI = 1, 2
TWICE_A_WEEK = Quota(Period.WEEK, Counted.TIMES, 2)
NEXT_WEEK = 7 * DAY_H
# Ayu has Saturday (7), and two of next week (8, 9); Budi has one next week (6); 5 is nobody's.
RATION = Ration(
    quotas=[TWICE_A_WEEK],
    calendar=WIB,
    owners={7: AYU, 8: AYU, 9: AYU, 6: BUDI, 4: AYU},
    charged={
        7: span(128, 130),
        8: span(NEXT_WEEK + 8, NEXT_WEEK + 10),
        9: span(NEXT_WEEK + 32, NEXT_WEEK + 34),
        6: span(NEXT_WEEK + 12, NEXT_WEEK + 14),
        5: span(NEXT_WEEK + 16, NEXT_WEEK + 18),
    },
)


@pytest.mark.parametrize(
    ("key", "since", "moving", "placed", "again"),
    [
        (7, 152, {7}, {}, None),  # on Sunday of the same week
        (7, NEXT_WEEK + 56, {7}, {}, 2 * NEXT_WEEK),
        (7, NEXT_WEEK + 56, {7, 8}, {}, None),  # one of next week's moves too
        (7, NEXT_WEEK + 56, {7, 8}, {8: span(NEXT_WEEK + 50, NEXT_WEEK + 52)}, 2 * NEXT_WEEK),
        (7, NEXT_WEEK + 56, {7, 8}, {8: span(152, 154)}, None),
        (8, NEXT_WEEK + 56, {8}, {}, None),  # within its week it takes no more
        (6, NEXT_WEEK + 56, {6}, {}, None),
        (5, NEXT_WEEK + 56, {5}, {}, None),  # who is no member has no quota
        (4, NEXT_WEEK + 56, {4}, {}, 2 * NEXT_WEEK),  # postponed: it counts for nothing yet
        (4, 152, {4}, {}, None),
        (7, NEXT_WEEK - 1, {7}, {}, 2 * NEXT_WEEK),  # Sunday 23.00 to Monday 01.00
    ],
)
def test_a_job_that_is_moved_goes_where_its_member_has_room(
    key: int, since: int, moving: set[int], placed: dict[int, Span], again: int | None
) -> None:
    found = RATION.look_again(key, span(since, since + 2), moving=moving, placed=placed)

    assert found == (None if again is None else hour(again))
