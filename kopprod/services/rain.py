"""Rain: a whole day's queue of machines postponed in one act, and everybody told."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from kopprod.domain import moves as rules
from kopprod.domain.access import Action
from kopprod.domain.intervals import Period, period_span
from kopprod.domain.moves import NothingToPostpone
from kopprod.services import access, booking_moves, days
from kopprod.services.booking_moves import Board, Plan, PlanChanged


def plan(
    session: Session, day: date, *, equipment_ids: Sequence[int] | None = None, at: datetime
) -> Plan:
    """Where the queue of a day would go, of these kinds or of all; nothing is written."""
    access.require(session, Action.BOOKINGS_DECIDE)
    calendar = days.calendar(session)
    hours = period_span(Period.DAY, day, calendar)
    board = Board(session, at=at)
    found = []
    for equipment in booking_moves.kinds(session, equipment_ids):
        seen = board.situation(equipment, since=hours.since)
        queue = rules.queue_of(day, seen.jobs, calendar)
        if all(job.key in seen.staying for job in queue):
            continue
        outcome = rules.rain(
            day,
            seen.jobs,
            seen.fleet,
            staying=seen.staying,
            at=at,
            horizon=seen.horizon,
            calendar=calendar,
            ration=seen.ration,
        )
        board.note(outcome)
        found += booking_moves.changes(session, seen, outcome.moves)
    return Plan(found)


def postpone(
    session: Session,
    day: date,
    *,
    equipment_ids: Sequence[int] | None = None,
    seen: str,
    at: datetime,
) -> Plan:
    """Do what was looked at: `seen` is the plan's; refused if anything is different now.

    Refuses a day on which nobody has booked anything that could be postponed.
    """
    access.require(session, Action.BOOKINGS_DECIDE)
    kinds = booking_moves.kinds(session, equipment_ids)
    booking_moves.hold(session, [one.id for one in kinds], at=at)
    now = plan(session, day, equipment_ids=equipment_ids, at=at)
    if not now.changes:
        raise NothingToPostpone(rainy_on=day)
    if now.seen != seen:
        raise PlanChanged
    held = booking_moves.release(session, now, at=at)
    booking_moves.settle(session, now, held, at=at)
    return now
