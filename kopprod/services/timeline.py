"""All machines beside each other by day, week or season: taken, out of service, idle; and by whom.

Time is that of bookings that stand or are returned, within the hours in which a machine is open.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlmodel import Session, col, func, select

from kopprod.domain import uses
from kopprod.domain.access import Action
from kopprod.domain.bookings import CHARGED, Stage
from kopprod.domain.capacity import out_of_service, unit_for
from kopprod.domain.intervals import Period, Span, merge, period_span, subtract
from kopprod.domain.members import MemberStatus
from kopprod.domain.uses import MemberUse
from kopprod.services import access, booking_moves, booking_rows, days, machine_rows
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member


@dataclass(frozen=True)
class Bar:
    """A stretch of a lane: a booking of somebody, or with no stage a time out of service."""

    lane: int
    span: Span
    words: str
    number: str
    stage: Stage | None


@dataclass(frozen=True)
class Used:
    """A kind in a period, in minutes of all its units; what is idle is open and nobody's."""

    machine: str
    units: int
    open_min: int
    used_min: int
    out_min: int
    jobs: int
    bars: Sequence[Bar]

    @property
    def idle_min(self) -> int:
        """Open, in service, and nobody's; nothing where jobs went beyond the open hours."""
        return max(0, self.open_min - self.used_min - self.out_min)

    @property
    def used_bp(self) -> int:
        """The part of the open time that was used, in hundredths of a percent."""
        return min(10_000, self.used_min * 10_000 // self.open_min) if self.open_min else 0


@dataclass(frozen=True)
class Part:
    """A member's part of machine time in a season; a part of the land where it is known."""

    name: str
    number: str
    minutes: int
    share_bp: int
    land_m2: int
    minutes_per_ha: Fraction | None


@dataclass(frozen=True)
class Timeline:
    """A period and every kind in it."""

    span: Span
    machines: Sequence[Used]


def timeline(session: Session, day: date, *, period: Period) -> Timeline:
    """Every kind in the day, week or season of a day."""
    access.require(session, Action.BOOKINGS_DECIDE)
    span = period_span(period, day, days.calendar(session))
    machines = [_used(session, kind, span) for kind in booking_moves.kinds(session, None)]
    return Timeline(span, sorted(machines, key=lambda one: one.machine.casefold()))


def next_day(session: Session, after: datetime) -> date | None:
    """The local day on which the next job or time out of service begins; None where none does."""
    access.require(session, Action.BOOKINGS_DECIDE)
    jobs = select(func.min(Booking.since)).where(
        col(Booking.stage).in_(CHARGED), col(Booking.since) >= after
    )
    outages = select(func.min(Outage.since)).where(col(Outage.since) >= after)
    found = [one for query in (jobs, outages) if (one := session.exec(query).one()) is not None]
    return days.calendar(session).day_of(min(found)) if found else None


def _used(session: Session, kind: Equipment, span: Span) -> Used:
    units = [unit.id for unit in machine_rows.units(session, kind.id)]
    lanes: dict[int, list[Span]] = {lane: [] for lane in range(len(units))}
    outages = session.exec(
        select(Outage)
        .where(
            Outage.equipment_id == kind.id,
            col(Outage.until) > span.since,
            col(Outage.since) < span.until,
        )
        .order_by(col(Outage.since), col(Outage.id))
    ).all()
    bars = []
    for row in outages:
        for lane, unit in enumerate(units):
            if row.unit_id not in (None, unit):
                continue
            lanes[lane].append(Span(row.since, row.until))
            bars.append(Bar(lane, Span(row.since, row.until), row.why, row.number, None))
    bookings = _bookings(session, kind.id, span)
    names = booking_rows.who(session, bookings)
    for booking in bookings:
        its = Span(booking.since, booking.until)
        lane = unit_for(its, lanes) or 0
        lanes[lane].append(its)
        bars.append(Bar(lane, its, names[booking.id], booking.number, booking.stage))
    fleet = booking_rows.fleet(session, kind, between=span)
    hours = subtract(span, fleet.closed)
    out = out_of_service([(row.unit_id, Span(row.since, row.until)) for row in outages], units)
    return Used(
        machine=kind.name,
        units=len(units),
        open_min=len(units) * sum(one.minutes for one in hours),
        used_min=sum(_within(Span(row.since, row.until), [span]) for row in bookings),
        out_min=sum(_within(one, hours) for one in out),
        jobs=len(bookings),
        bars=bars,
    )


def _bookings(session: Session, equipment_id: int, span: Span) -> Sequence[Booking]:
    query = select(Booking).where(
        Booking.equipment_id == equipment_id,
        col(Booking.stage).in_(CHARGED),
        col(Booking.until) > span.since,
        col(Booking.since) < span.until,
    )
    return session.exec(query.order_by(col(Booking.since), col(Booking.id))).all()


def _within(span: Span, hours: Sequence[Span]) -> int:
    parts = [span.shared(one) for one in merge(hours)]
    return sum(part.minutes for part in parts if part is not None)


def fairness(session: Session, day: date) -> list[Part]:
    """Each member's part of all machine time in the season of a day, who had most first.

    Members who had none are there too; those who left only where they had some.
    """
    access.require(session, Action.BOOKINGS_DECIDE)
    season = period_span(Period.SEASON, day, days.calendar(session))
    used: dict[int, int] = defaultdict(int)
    for kind in session.exec(select(Equipment.id)).all():
        for row in _bookings(session, kind, season):
            if row.member_id is not None:
                used[row.member_id] += _within(Span(row.since, row.until), [season])
    people = {
        row.id: row
        for row in session.exec(select(Member).order_by(col(Member.number))).all()
        if row.id in used or row.status is not MemberStatus.LEFT
    }
    shared = uses.fairness(
        [MemberUse(row.id, used.get(row.id, 0), row.land_m2 or 0) for row in people.values()]
    )
    parts = [
        Part(
            name=people[one.member_id].name,
            number=people[one.member_id].number,
            minutes=one.minutes,
            share_bp=one.share_bp,
            land_m2=people[one.member_id].land_m2 or 0,
            minutes_per_ha=one.minutes_per_ha,
        )
        for one in shared.parts
    ]
    return sorted(parts, key=lambda one: (-one.minutes, one.number))
