"""What is left of quotas for a member, in the periods of a day; and all quotas that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.bookings import CHARGED
from kopprod.domain.intervals import MINUTE, Calendar, Span, period_span
from kopprod.domain.quotas import Counted, Quota, charge
from kopprod.services import access, booking_asks, days
from kopprod.tables.bookings import Booking, BookingQuota
from kopprod.tables.equipment import Equipment


@dataclass(frozen=True)
class Left:
    """A quota with what a member has used of it in one period, whose last day is `last_on`."""

    machine: str
    counted: Counted
    most: int
    used: int
    first_on: date
    last_on: date

    @property
    def left(self) -> int:
        """What she may still book; nothing where the quota was lowered below what stands."""
        return max(0, self.most - self.used)


def left(
    session: Session, member_id: int, *, on: date, equipment_id: int | None = None
) -> list[Left]:
    """What is left of a member's quotas in the periods of a day, of one kind or of all in use."""
    booking_asks.check_who(session, member_id)
    calendar = days.calendar(session)
    return [
        _left(session, member_id, kind, row, on, calendar)
        for kind, row in every(session)
        if equipment_id in (None, kind.id)
    ]


def _left(
    session: Session,
    member_id: int,
    kind: Equipment,
    row: BookingQuota,
    on: date,
    calendar: Calendar,
) -> Left:
    span = period_span(row.period, on, calendar)
    query = select(Booking).where(
        Booking.equipment_id == kind.id,
        Booking.member_id == member_id,
        col(Booking.stage).in_(CHARGED),
        col(Booking.until) > span.since,
        col(Booking.since) < span.until,
    )
    taken = [Span(one.since, one.until) for one in session.exec(query).all()]
    first_on = calendar.day_of(span.since)
    return Left(
        machine=kind.name,
        counted=row.counted,
        most=row.most,
        used=charge(taken, Quota(row.period, row.counted, row.most), calendar)[first_on],
        first_on=first_on,
        last_on=calendar.day_of(span.until - MINUTE),
    )


def every(session: Session) -> Sequence[tuple[Equipment, BookingQuota]]:
    """All quotas of kinds in use, by the kind's name."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = (
        select(Equipment, BookingQuota)
        .join(BookingQuota, col(BookingQuota.equipment_id) == col(Equipment.id))
        .where(col(Equipment.retired_on).is_(None))
        .order_by(col(Equipment.name), col(BookingQuota.id))
    )
    return session.exec(query).all()
