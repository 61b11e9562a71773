"""What is free and where, what one has booked and whose turn is before, what a job would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.booking_limits import HOUR, STEP_MIN
from kopprod.domain.bookings import HOLDING, BookingUnknown, Stage
from kopprod.domain.capacity import Free
from kopprod.domain.capacity import free as free_times
from kopprod.domain.equipment_bills import Bill
from kopprod.domain.intervals import MINUTE, Period, Span, period_span, rounded_up
from kopprod.domain.refusal import Refusal
from kopprod.services import (
    access,
    booking_asks,
    booking_costs,
    booking_operators,
    booking_rows,
    days,
    equipment,
    fitness,
    waiting_list,
)
from kopprod.services.booking_asks import Wanted
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member

_LIVE = (*HOLDING, Stage.WAITING, Stage.POSTPONED)


@dataclass(frozen=True)
class Out:
    """A machine that is out now: with whom, and until when; the name only for the office."""

    place: str
    name: str
    until: datetime


@dataclass(frozen=True)
class FreeKind:
    """A kind of machine with the times in which how many units are free, and where they are.

    Where none is free, `stopped` says which units nobody can book, and `shut` when they are out of
    service.
    """

    kind: Equipment
    units: int
    times: Sequence[Free]
    out: Sequence[Out]
    stopped: Sequence[Refusal] = ()
    shut: Sequence[Outage] = ()


@dataclass(frozen=True)
class Seen:
    """A booking with its machine, who has it, who operates, and how many are before it.

    `before` are those whose turn comes first: earlier in the day of the machine, or longer on the
    waiting list. `over` says that nobody answered the request in time.
    """

    row: Booking
    kind: Equipment
    name: str
    operator: str
    before: int
    over: bool
    offered: bool = False

    @property
    def stage(self) -> Stage:
        """The stage as it is now; a request past its time is over, though no act has said so."""
        return Stage.EXPIRED if self.over else self.row.stage


@dataclass(frozen=True)
class Proposal:
    """A time for a job on a day, who would operate it, and what it would cost if that is known.

    Without a `span` nothing is free that day, and `next_span` is the first time after it.
    """

    minutes: int
    span: Span | None
    next_span: Span | None
    operator: str
    bill: Bill | None


def free(session: Session, between: Span, *, at: datetime) -> list[FreeKind]:
    """What is still free between two moments, of every kind in use, and where it is.

    Closed hours are left out; requests that nobody answered in time hold nothing.
    """
    access.require(session, Action.EQUIPMENT_SEE)
    begins = max(between.since, rounded_up(at, STEP_MIN))
    if begins >= between.until:
        return []
    left = Span(begins, between.until)
    return [_free(session, kind, left, at=at) for kind in equipment.kinds(session)]


def _free(session: Session, kind: Equipment, between: Span, *, at: datetime) -> FreeKind:
    fleet = booking_rows.fleet(session, kind, between=between, at=at)
    jobs = booking_rows.standing(session, kind.id, between, at=at)
    held = [fleet.blocked(job.span) for job in jobs]
    shut = [*fleet.away, *[one for one in fleet.closed for _unit in range(fleet.units)]]
    times = free_times(between, held, shut, fleet.units)
    return FreeKind(
        kind=kind,
        units=fleet.units,
        times=times,
        out=_out(session, kind),
        stopped=() if times else stopped(session, kind.id, at=at),
        shut=() if times else _shut(session, kind, between),
    )


def stopped(session: Session, equipment_id: int, *, at: datetime) -> list[Refusal]:
    """Why units of a kind cannot be booked: broken, or their upkeep is due."""
    day = days.calendar(session).day_of(at)
    return list(fitness.blocked(session, equipment_id, on=day).values())


def _shut(session: Session, kind: Equipment, between: Span) -> Sequence[Outage]:
    """Maintenance and holidays of some days; of a breakdown `stopped` speaks."""
    query = select(Outage).where(
        Outage.equipment_id == kind.id,
        col(Outage.broken).is_(False),
        col(Outage.since) < between.until,
        col(Outage.until) > between.since,
    )
    return session.exec(query.order_by(col(Outage.since), col(Outage.id))).all()


def _out(session: Session, kind: Equipment) -> list[Out]:
    query = select(Booking).where(Booking.equipment_id == kind.id, Booking.stage == Stage.OUT)
    rows = session.exec(query.order_by(col(Booking.until))).all()
    sees = access.person(session).may(Action.MEMBERS_SEE)
    names = booking_rows.who(session, rows) if sees else {}
    return [Out(row.place, names.get(row.id, ""), row.until) for row in rows]


def propose(
    session: Session, equipment_id: int, wanted: Wanted, *, on: date, at: datetime
) -> Proposal:
    """When a job of this size could be done on a day, and what it would cost; nothing is kept.

    Refuses what asking for it would refuse, but for the time.
    """
    access.require(session, Action.EQUIPMENT_SEE)
    booking_asks.check_who(session, wanted.member_id)
    kind = booking_rows.kind(session, equipment_id)
    typed, size = booking_asks.time_of(kind, wanted)
    minutes = typed.minutes
    member = booking_asks.check_user(session, kind, wanted, size, on=on)
    day = period_span(Period.DAY, on, days.calendar(session))
    allowed = booking_rows.limits(kind, free=access.person(session).may(Action.BOOKINGS_DECIDE))
    after = max(day.since, rounded_up(at + allowed.add_notice_h * HOUR, STEP_MIN))
    operator_id = wanted.operator_id
    found = None
    if after < day.until:
        within = Span(day.since, day.until + minutes * MINUTE)
        found = booking_operators.first_free(
            session,
            kind,
            minutes,
            after=after,
            at=at,
            operator_id=operator_id,
            needed=wanted.with_operator,
            within=within,
        )
        if found is not None and found[0].since >= day.until:
            found = None
    other = found or booking_operators.first_free(
        session,
        kind,
        minutes,
        after=max(after, day.until),
        at=at,
        operator_id=operator_id,
        needed=wanted.with_operator,
    )
    span, chosen = other if other is not None else (None, None)
    return Proposal(
        minutes=minutes,
        span=None if found is None else span,
        next_span=None if found is not None else span,
        operator=_name(session, chosen),
        bill=None
        if span is None
        else booking_costs.estimate(
            session,
            kind,
            span,
            size=size,
            member=member is not None,
            with_operator=wanted.with_operator or kind.needs_operator or chosen is not None,
            season=wanted.season,
        ),
    )


def resized(session: Session, booking_id: int, *, size: int) -> Proposal:
    """How long a booking would be with another size, and what it would cost; nothing is kept."""
    person = access.require(session, Action.EQUIPMENT_SEE)
    row = session.get(Booking, booking_id)
    if row is None:
        raise BookingUnknown
    if row.member_id is None or row.member_id != person.member_id:
        access.require(session, Action.BOOKINGS_DECIDE)
    kind = booking_rows.kind(session, row.equipment_id)
    span, size = booking_asks.time_of(kind, Wanted(row.since, size=size))
    bill = booking_costs.estimate(
        session,
        kind,
        span,
        size=size,
        member=row.member_id is not None,
        with_operator=row.with_operator,
        season=row.season,
    )
    return Proposal(span.minutes, span, None, _name(session, row.operator_id), bill)


def _name(session: Session, member_id: int | None) -> str:
    return "" if member_id is None else session.get_one(Member, member_id).name


def mine(session: Session, *, at: datetime) -> list[Seen]:
    """What a member has booked, asked for or waits for, and has not ended, the next first."""
    person = access.require(session, Action.OWN_SEE)
    if person.member_id is None:
        return []
    query = select(Booking).where(
        Booking.member_id == person.member_id, col(Booking.stage).in_(_LIVE)
    )
    rows = session.exec(query.order_by(col(Booking.since), col(Booking.id))).all()
    return [one for one in _seen(session, rows, at=at) if not one.over]


def to_answer(session: Session, *, at: datetime) -> list[Seen]:
    """Requests that wait for an answer, the most urgent first."""
    access.require(session, Action.BOOKINGS_DECIDE)
    query = select(Booking).where(Booking.stage == Stage.REQUESTED, col(Booking.expires_at) > at)
    rows = session.exec(query.order_by(col(Booking.expires_at), col(Booking.id))).all()
    return _seen(session, rows, at=at)


def to_place(session: Session, *, at: datetime) -> list[Seen]:
    """Who waits, or was postponed, and has no time yet; those whose time is free now first."""
    access.require(session, Action.BOOKINGS_DECIDE)
    query = select(Booking).where(
        (col(Booking.stage) == Stage.POSTPONED)
        | ((col(Booking.stage) == Stage.WAITING) & (col(Booking.since) >= at))
    )
    rows = session.exec(query.order_by(col(Booking.asked_at), col(Booking.id))).all()
    return sorted(_seen(session, rows, at=at), key=lambda one: not one.offered)


def booked(session: Session, between: Span, *, at: datetime) -> list[Seen]:
    """Every booking with a minute between two moments, whatever became of it, in order."""
    access.require(session, Action.BOOKINGS_DECIDE)
    query = select(Booking).where(
        col(Booking.since) < between.until, col(Booking.until) > between.since
    )
    rows = session.exec(query.order_by(col(Booking.since), col(Booking.id))).all()
    return _seen(session, rows, at=at)


def _seen(session: Session, rows: Sequence[Booking], *, at: datetime) -> list[Seen]:
    kinds = {key: booking_rows.kind(session, key) for key in {row.equipment_id for row in rows}}
    names = booking_rows.who(session, rows)
    offered = {
        one.id
        for key in {row.equipment_id for row in rows if row.stage is Stage.WAITING}
        for one in waiting_list.offers(session, key, at=at)
    }
    return [
        Seen(
            row=row,
            kind=kinds[row.equipment_id],
            name=names[row.id],
            operator=_name(session, row.operator_id),
            before=_before(session, row, at=at),
            over=booking_rows.is_over(row, at=at)
            or (row.stage is Stage.WAITING and row.since < at),
            offered=row.id in offered,
        )
        for row in rows
    ]


def _before(session: Session, row: Booking, *, at: datetime) -> int:
    """How many of others come first: on the machine on that day, or on its waiting list."""
    if row.stage in (Stage.WAITING, Stage.POSTPONED):
        queue = waiting_list.waiting(session, row.equipment_id, at=at)
        return len([one for one in queue if (one.asked_at, one.id) < (row.asked_at, row.id)])
    day = days.calendar(session).day_of(row.since)
    begins = days.calendar(session).moment(day)
    query = select(Booking).where(
        Booking.equipment_id == row.equipment_id,
        col(Booking.stage).in_(HOLDING),
        col(Booking.since) >= begins,
        col(Booking.since) < row.since,
    )
    jobs = session.exec(query).all()
    others = [one for one in jobs if row.member_id is None or one.member_id != row.member_id]
    return len([one for one in others if not booking_rows.is_over(one, at=at)])
