"""The same booking several times: which days are taken, and the rest in one act."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from kopprod.domain import series as rules
from kopprod.domain.intervals import Span
from kopprod.domain.series import Series
from kopprod.services import booking_asks, booking_operators, booking_rows, days, sent
from kopprod.services.booking_asks import Wanted
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment


def series(
    session: Session,
    equipment_id: int,
    wanted: Wanted,
    *,
    every_days: int,
    times: int,
    at: datetime,
) -> Series:
    """Which days of a series are free and which are taken, as it stands now."""
    booking_asks.check_who(session, wanted.member_id)
    kind = booking_rows.kind(session, equipment_id)
    return _sorted(session, kind, wanted, every_days=every_days, times=times, at=at)[1]


def ask_series(
    session: Session,
    equipment_id: int,
    wanted: Wanted,
    *,
    every_days: int,
    times: int,
    skip_taken: bool,
    at: datetime,
    draft_key: str | None = None,
) -> list[Booking]:
    """The same booking several times, each so many days after the one before, or none of them.

    With `skip_taken` the days that are free; otherwise a taken day refuses all, by its date.
    """
    person = booking_asks.check_who(session, wanted.member_id)
    kind = booking_asks.begin(session, equipment_id, at=at)
    known = sent.find(session, Booking, draft_key)
    if known is not None:
        return booking_rows.of_series(session, known.series)
    rows, found = _sorted(session, kind, wanted, every_days=every_days, times=times, at=at)
    spans = rules.check_series(
        found, skip_taken=skip_taken, machine=kind.name, calendar=days.calendar(session)
    )
    kept = [row for row in rows if Span(row.since, row.until) in spans]
    booking_asks.check_quotas(session, kind, kept[0], spans)
    booking_rows.lock_operator(session, kept[0].operator_id)
    kept[0].draft_key = draft_key
    first = ""
    for row in kept:
        booking_asks.write(
            session, row, booking_asks.first_stage(kind, person), at=at, series=first
        )
        first = first or row.number
    booking_rows.keep(session, kept[0], {"series": first}, at=at)
    return kept


def _sorted(
    session: Session,
    kind: Equipment,
    wanted: Wanted,
    *,
    every_days: int,
    times: int,
    at: datetime,
) -> tuple[list[Booking], Series]:
    """Each booking of a series as it would be written, and which of them are free."""
    span, _size = booking_asks.time_of(kind, wanted)
    spans = rules.occurrences(
        span,
        every_days=every_days,
        times=times,
        calendar=days.calendar(session),
        buffer_min=kind.buffer_min,
    )
    first = booking_asks.prepare(session, kind, wanted, at=at)
    one = replace(wanted, operator_id=first.operator_id)  # the same operator each time
    rows = [
        booking_asks.prepare(session, kind, replace(one, since=each.since, until=each.until), at=at)
        for each in spans
    ]
    jobs, machines = booking_operators.seen(session, kind, since=span.since, at=at)
    found = rules.sort_out(spans, jobs, machines, operator_id=first.operator_id)
    return rows, found
