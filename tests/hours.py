"""Times of one week for tests of bookings: hours from Monday 6 April 2026, 00.00 WIB."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from kopprod.domain.capacity import Fleet, Job, most_at_once
from kopprod.domain.intervals import Calendar, Span

WIB = Calendar(ZoneInfo("Asia/Jakarta"))
MONDAY, TUESDAY, WEDNESDAY = date(2026, 4, 6), date(2026, 4, 7), date(2026, 4, 8)
DAY_H = 24


def hour(hours: int, minutes: int = 0) -> datetime:
    """So many hours after Monday began: 26 is Tuesday, 02.00."""
    return WIB.moment(MONDAY) + timedelta(hours=hours, minutes=minutes)


def span(since: int, until: int) -> Span:
    """From one hour to another."""
    return Span(hour(since), hour(until))


def job(key: int, since: int, until: int, operator_id: int | None = None) -> Job:
    """A job whose name is its key's letter."""
    return Job(key, span(since, until), name=chr(64 + key), operator_id=operator_id)


def most_taken(jobs: list[Job], fleet: Fleet) -> int:
    """The most units that jobs and outages take at one moment."""
    return most_at_once([*(fleet.blocked(one.span) for one in jobs), *fleet.out])


SPANS = st.builds(
    lambda since, length: Span(hour(0, since * 30), hour(0, (since + length) * 30)),
    st.integers(0, 60),
    st.integers(1, 16),
)
MANY = st.lists(SPANS, max_size=8)
