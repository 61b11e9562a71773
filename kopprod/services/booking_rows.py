"""Rows of bookings for the rules: what stands, what is out of service, and the one way to move.

Whoever changes a booking waits at the counter of bookings first, then locks the machine, operators
and the booking: `lock` does all of it. `move_to` alone changes a stage, and what the database
refuses comes back as the sentence that the rule would have said.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from kopprod.domain import bookings as rules
from kopprod.domain import capacity
from kopprod.domain.access import Action
from kopprod.domain.booking_limits import Limits, horizon
from kopprod.domain.bookings import HOLDING, Act, BookingUnknown, Stage
from kopprod.domain.capacity import Fleet, Job
from kopprod.domain.equipment import Rate, Work
from kopprod.domain.intervals import DAY, MINUTE, Span, closed_hours, subtract
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, days, fitness, machine_rows, numbers
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member

NUMBER = "JADWAL"
_FULL_DAY = 24 * 60
_FAR_DAYS = 1_000  # further than anybody books


class KindUnknown(Refusal):
    """No kind of machine of that key."""

    sentence = N_("This machine is not in the register. Go back to the list of machines.")


def kind(session: Session, equipment_id: int, *, to_change: bool = False) -> Equipment:
    """A kind of machine; `to_change` holds it until the transaction ends."""
    row = session.get(
        Equipment,
        equipment_id,
        with_for_update={"key_share": True} if to_change else None,
        populate_existing=to_change,
    )
    if row is None:
        raise KindUnknown
    return row


def limits(equipment: Equipment, *, free: bool = False) -> Limits:
    """How early, far ahead and long it may be booked; `free` for who manages the machines."""
    if free:
        return Limits()
    return Limits(
        add_notice_h=equipment.add_notice_h,
        change_notice_h=equipment.change_notice_h,
        cancel_notice_h=equipment.cancel_notice_h,
        horizon_days=equipment.horizon_days,
        least_min=equipment.least_min,
        most_min=equipment.most_min,
    )


def rate(equipment: Equipment) -> Rate | None:
    """What it does in an hour; a machine that works by time does an hour's."""
    if equipment.work is Work.TIME:
        return Rate(Work.TIME, 60)
    if equipment.rate_per_hour is None:
        return None
    return Rate(equipment.work, equipment.rate_per_hour)


def last_moment(session: Session, equipment: Equipment, *, at: datetime) -> datetime:
    """Until when it can be booked by anybody but who manages the machines."""
    return horizon(limits(equipment), at=at, calendar=days.calendar(session))


def fleet(
    session: Session, equipment: Equipment, *, between: Span, at: datetime | None = None
) -> Fleet:
    """A kind of machine for the rules: its units, outages, closed hours and busy operators.

    Outages and busy operators are those that end after `between` begins, also beyond its end. With
    `at` somebody looks for a new time: what is broken then, or whose upkeep is due, has none.
    """
    units = [unit.id for unit in machine_rows.units(session, equipment.id)]
    outages = _outages(session, equipment.id, since=between.since)
    unfit: set[int] = set()
    if at is not None:
        unfit = fitness.unfit(session, equipment.id, on=days.calendar(session).day_of(at))
    return Fleet(
        units=len(units),
        buffer_min=equipment.buffer_min,
        out=capacity.out_of_service(outages, units),
        unfit=never(outages, sorted(unfit), since=between.since),
        closed=closed(session, equipment, between),
        busy=_busy(session, equipment.id, since=between.since),
    )


def _outages(
    session: Session, equipment_id: int, *, since: datetime
) -> list[tuple[int | None, Span]]:
    query = select(Outage).where(Outage.equipment_id == equipment_id, col(Outage.until) > since)
    rows = session.exec(query.order_by(col(Outage.since), col(Outage.id))).all()
    return [(row.unit_id, Span(row.since, row.until)) for row in rows]


def never(
    outages: Sequence[tuple[int | None, Span]], units: Sequence[int], *, since: datetime
) -> list[Span]:
    """All time from a moment on in which these units are not out of service anyway."""
    return [
        part
        for unit in units
        for part in subtract(far(since), capacity.out_of_service(outages, [unit]))
    ]


def closed(session: Session, equipment: Equipment, between: Span) -> list[Span]:
    """When no job is proposed: outside the hours of the kind."""
    opens, closes = (_clock(minutes) for minutes in (equipment.opens_min, equipment.closes_min))
    if equipment.closes_min < _FULL_DAY:
        return closed_hours(between, opens, closes, days.calendar(session))
    if equipment.opens_min == 0:
        return []
    # It closes at midnight, which no clock shows as 24.00: what is closed are the mornings.
    return subtract(between, closed_hours(between, time.min, opens, days.calendar(session)))


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _busy(session: Session, equipment_id: int, *, since: datetime) -> dict[int, list[Span]]:
    query = select(Booking).where(
        col(Booking.stage).in_(HOLDING),
        col(Booking.operator_id).is_not(None),
        Booking.equipment_id != equipment_id,
        col(Booking.blocked_until) > since,
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for row in session.exec(query.order_by(col(Booking.since))).all():
        found[row.operator_id or 0].append(Span(row.since, row.blocked_until))
    return dict(found)


def standing(
    session: Session, equipment_id: int, between: Span, *, at: datetime | None = None
) -> list[Job]:
    """The jobs that hold a time of a kind, in order of start; requests are over at `at`.

    Those with a minute, or their buffer's, in `between`. Whoever may see members reads names.
    """
    equipment = kind(session, equipment_id)
    query = select(Booking).where(
        Booking.equipment_id == equipment_id,
        col(Booking.stage).in_(HOLDING),
        col(Booking.blocked_until) > between.since,
        col(Booking.since) < between.until + equipment.buffer_min * MINUTE,
    )
    rows = session.exec(query.order_by(col(Booking.since), col(Booking.id))).all()
    names = who(session, rows) if access.person(session).may(Action.MEMBERS_SEE) else {}
    return [
        job(row, equipment, names.get(row.id, ""))
        for row in rows
        if at is None or not is_over(row, at=at)
    ]


def job(row: Booking, equipment: Equipment, name: str = "") -> Job:
    """A booking for the rules.

    One that was made when the gap between two jobs was longer keeps what it was promised.
    """
    until = max(row.until, row.blocked_until - equipment.buffer_min * MINUTE)
    shown = f"{row.number} ({name})" if name else row.number
    return Job(row.id, Span(row.since, until), shown, row.operator_id)


def who(session: Session, rows: Sequence[Booking]) -> dict[int, str]:
    """Who has each of these bookings, by its key."""
    ids = {row.member_id for row in rows if row.member_id is not None}
    query = select(Member.id, Member.name).where(col(Member.id).in_(ids))
    names: dict[int, str] = dict(session.exec(query).all()) if ids else {}
    return {
        row.id: row.other_name if row.member_id is None else names[row.member_id] for row in rows
    }


def of_series(session: Session, number: str) -> list[Booking]:
    """The bookings of a series, by the number of its first, in order."""
    query = select(Booking).where(Booking.series == number)
    return list(session.exec(query.order_by(col(Booking.since))).all())


def is_over(row: Booking, *, at: datetime) -> bool:
    """Whether this is a request that nobody answered in time."""
    return row.stage is Stage.REQUESTED and row.expires_at is not None and row.expires_at <= at


def far(at: datetime, *, until: datetime | None = None) -> Span:
    """From a moment on, further than anybody books."""
    return Span(at.replace(second=0, microsecond=0), max(at, until or at) + _FAR_DAYS * DAY)


# Changing


def wait_turn(session: Session) -> None:
    """Be the only one who changes bookings until this transaction ends."""
    numbers.wait_turn(session, NUMBER, days.today(session).year)


def lock_kind(session: Session, equipment_id: int, *, at: datetime) -> Equipment:
    """The machine as it is now, held; requests that nobody answered in time are over."""
    wait_turn(session)
    session.flush()
    equipment = kind(session, equipment_id, to_change=True)
    expire(session, at=at)
    return equipment


def lock_operator(session: Session, operator_id: int | None) -> Member | None:
    """The operator, held; None where there is none."""
    if operator_id is None:
        return None
    return session.get(
        Member, operator_id, with_for_update={"key_share": True}, populate_existing=True
    )


def lock(session: Session, booking_id: int, *, at: datetime) -> Booking:
    """The booking as it is now, held with its machine and operator until the transaction ends."""
    wait_turn(session)
    session.flush()
    known = session.get(Booking, booking_id, populate_existing=True)
    if known is None:
        raise BookingUnknown
    lock_kind(session, known.equipment_id, at=at)
    lock_operator(session, known.operator_id)
    return session.get_one(Booking, booking_id, with_for_update=True, populate_existing=True)


def expire(session: Session, *, at: datetime) -> list[Booking]:
    """End requests that nobody answered in time, waiting for what is over, and what nobody fetched.

    The last a fortnight after its end, with its reason: until then it can still be written down.
    """
    unanswered = (col(Booking.stage) == Stage.REQUESTED) & (col(Booking.expires_at) <= at)
    too_late = (col(Booking.stage) == Stage.WAITING) & (col(Booking.since) < at)
    left = (col(Booking.stage) == Stage.BOOKED) & (col(Booking.until) <= at - rules.LAPSES)
    query = select(Booking).where(unanswered | too_late | left)
    rows = session.exec(query.order_by(col(Booking.since), col(Booking.id))).all()
    for row in rows:
        act = Act.EXPIRE
        if row.stage is Stage.BOOKED:
            act, row.note = Act.NO_SHOW, row.note or rules.NOBODY_CAME
        row.stage = rules.after(row.stage, act, number=row.number)
        row.expires_at = None
    session.flush()
    return list(rows)


def move_to(
    session: Session,
    booking: Booking,
    act: Act,
    *,
    at: datetime,
    span: Span | None = None,
    expires_at: datetime | None = None,
    **columns: Any,
) -> Booking:
    """Do an act with a locked booking: its new stage, perhaps its new time and other columns.

    Refuses what the stage does not allow, and a time that is taken, with the next free one.
    """
    stage = rules.after(booking.stage, act, number=booking.number)
    changes = {"stage": stage, **columns}
    changes["expires_at"] = (expires_at or booking.expires_at) if stage is Stage.REQUESTED else None
    if span is not None:
        buffer = kind(session, booking.equipment_id).buffer_min
        changes |= {
            "since": span.since,
            "until": span.until,
            "blocked_until": span.until + timedelta(minutes=buffer),
        }
    keep(session, booking, changes, at=at)
    return booking


def keep(session: Session, row: Booking, changes: dict[str, Any], *, at: datetime) -> None:
    """Write a booking, new or changed; what the database refuses is told as the rule tells it."""
    session.flush()
    wanted = Booking(**{**row.model_dump(), **changes})
    try:
        with session.begin_nested():
            for name, value in changes.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
    except IntegrityError as refused:
        if "guard booking" not in str(refused.orig):
            raise
        check_possible(session, wanted, at=at)
        raise


def check_possible(session: Session, wanted: Booking, *, at: datetime, anew: bool = True) -> None:
    """Refuse a time for which no unit is left, or whose operator works elsewhere.

    The sentence names what stands in the way, and the next free time. What has its time already is
    not asked `anew`: it may count on a unit whose upkeep is due.
    """
    equipment = kind(session, wanted.equipment_id)
    span = Span(wanted.since, wanted.until)
    last = max(last_moment(session, equipment, at=at), span.until)
    between = Span(min(at.replace(second=0, microsecond=0), span.since), last + DAY)
    operator = None if wanted.operator_id is None else session.get(Member, wanted.operator_id)
    capacity.check_possible(
        Job(wanted.id or 0, span, operator_id=wanted.operator_id),
        standing(session, equipment.id, far(between.since, until=last), at=at),
        fleet(session, equipment, between=between, at=at if anew else None),
        machine=equipment.name,
        operator="" if operator is None else operator.name,
        at=at,
        horizon=last,
        calendar=days.calendar(session),
    )
