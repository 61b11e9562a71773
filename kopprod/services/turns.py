"""The queue of a machine in a day or a week, in another order: looked at first, then done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from kopprod.domain import moves
from kopprod.domain import turns as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import CHARGED, Stage
from kopprod.domain.capacity import Job
from kopprod.domain.intervals import Period, Span, period_span
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.turns import Asked, TurnRule
from kopprod.services import access, booking_moves, booking_rows, cooperative, days
from kopprod.services.booking_moves import Board, Changed, Plan, PlanChanged, Situation
from kopprod.tables.bookings import Booking
from kopprod.tables.members import Member


class QueueEmpty(Refusal):
    """Nobody to put in order."""

    sentence = N_("Nobody is in the queue of {machine} then. Choose another day or week.")


@dataclass(frozen=True)
class Turn:
    """One place in the queue: what speaks for it, and what it changes."""

    place: int
    change: Changed
    village: str
    ripe_on: date | None
    size: int
    asked_at: datetime
    used_min: int


@dataclass(frozen=True)
class Queue:
    """A queue in the order of a rule, and the plan that would bring it about."""

    turns: Sequence[Turn]
    plan: Plan


def queue(
    session: Session,
    equipment_id: int,
    day: date,
    *,
    period: Period = Period.WEEK,
    rule: TurnRule,
    at: datetime,
) -> Queue:
    """Requests, bookings and postponed jobs of a day or week in order; nothing is written.

    What was postponed is in every queue, since it has no time. What has begun, or is handed over,
    stays where it is; so does what lies partly outside.
    """
    access.require(session, Action.BOOKINGS_DECIDE)
    equipment = booking_rows.kind(session, equipment_id)
    hours = period_span(period, day, days.calendar(session))
    seen = _with_postponed(session, Board(session, at=at).situation(equipment, since=hours.since))
    asked = _asked(session, seen, hours, at)
    used = _used_min(session, equipment_id, day, but=asked)
    ordered = rules.order(asked.values(), rule, used_min=used, neighbours=_neighbours(session))
    jobs = {job.key: job for job in seen.jobs}
    placed = moves.place(
        [jobs[one.key] for one in ordered],
        seen.jobs,
        seen.fleet,
        not_before=max(at, hours.since),
        horizon=seen.horizon,
        in_order=True,
        ration=seen.ration,
    )
    plan = Plan(booking_moves.changes(session, seen, placed))
    names = {village.id: village.name for village in cooperative.villages(session)}
    turns = [
        Turn(
            place=place,
            change=change,
            village=names.get(one.village_id or 0, ""),
            ripe_on=one.ripe_on,
            size=one.size,
            asked_at=one.asked_at,
            used_min=used.get(one.member_id, 0),
        )
        for place, (one, change) in enumerate(zip(ordered, plan.changes, strict=True), 1)
    ]
    return Queue(turns, plan)


def put_in_order(
    session: Session,
    equipment_id: int,
    day: date,
    *,
    period: Period = Period.WEEK,
    rule: TurnRule,
    seen: str,
    at: datetime,
) -> Plan:
    """Do what was looked at: `seen` is the plan's; refused if anything is different now."""
    access.require(session, Action.BOOKINGS_DECIDE)
    booking_moves.hold(session, [equipment_id], at=at)
    now = queue(session, equipment_id, day, period=period, rule=rule, at=at).plan
    if not now.changes:
        raise QueueEmpty(machine=booking_rows.kind(session, equipment_id).name)
    if now.seen != seen:
        raise PlanChanged
    held = booking_moves.release(session, now, at=at)
    booking_moves.settle(session, now, held, at=at)
    return now


def _with_postponed(session: Session, seen: Situation) -> Situation:
    query = select(Booking).where(
        Booking.equipment_id == seen.equipment.id, Booking.stage == Stage.POSTPONED
    )
    rows = session.exec(query.order_by(col(Booking.asked_at), col(Booking.id))).all()
    names = booking_rows.who(session, rows)
    jobs = [booking_rows.job(row, seen.equipment, names[row.id]) for row in rows]
    return replace(
        seen, rows={**seen.rows, **{row.id: row for row in rows}}, jobs=[*seen.jobs, *jobs]
    )


def _asked(session: Session, seen: Situation, hours: Span, at: datetime) -> dict[int, Asked]:
    rows = [seen.rows[job.key] for job in seen.jobs if _is_in(seen.rows[job.key], job, hours, at)]
    ids = {row.member_id for row in rows if row.member_id is not None}
    query = select(Member.id, Member.village_id).where(col(Member.id).in_(ids))
    villages = dict(session.exec(query).all())
    return {
        row.id: Asked(
            key=row.id,
            member_id=row.member_id or -row.id,  # whoever is no member is somebody each time
            asked_at=row.asked_at,
            minutes=Span(row.since, row.until).minutes,
            ripe_on=row.ripe_on,
            village_id=villages.get(row.member_id or 0),
            size=row.size,
        )
        for row in rows
    }


def _is_in(row: Booking, job: Job, hours: Span, at: datetime) -> bool:
    if row.stage is Stage.POSTPONED:
        return True
    inside = hours.since <= job.span.since and job.span.until <= hours.until
    return inside and row.stage is not Stage.OUT and row.since >= at


def _used_min(
    session: Session, equipment_id: int, day: date, *, but: Mapping[int, Asked]
) -> dict[int, int]:
    """What each member has of this kind in the season of a day, without this queue."""
    season = period_span(Period.SEASON, day, days.calendar(session))
    query = select(Booking).where(
        Booking.equipment_id == equipment_id,
        col(Booking.stage).in_(CHARGED),
        col(Booking.member_id).is_not(None),
        col(Booking.until) > season.since,
        col(Booking.since) < season.until,
    )
    used: dict[int, int] = defaultdict(int)
    for row in session.exec(query).all():
        part = Span(row.since, row.until).shared(season)
        if row.id not in but and part is not None:
            used[row.member_id or 0] += part.minutes
    return dict(used)


def _neighbours(session: Session) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in cooperative.neighbours(session):
        found[one.id].add(other.id)
        found[other.id].add(one.id)
    return dict(found)
