"""How often, or how long, one member may book a kind of machine: set, and looked at each time."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from kopprod.domain import quotas as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import CHARGED, Stage
from kopprod.domain.intervals import Period, Span, period_span
from kopprod.domain.quotas import Counted, Quota, Ration
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, booking_rows, days
from kopprod.tables.bookings import Booking, BookingQuota
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member

MOST = 100_000  # minutes of a season


class QuotaAbsurd(Refusal):
    """A quota of nothing, or of more than a season has."""

    sentence = N_("A quota is at least 1 and at most {most}.")


def set_quota(
    session: Session, equipment_id: int, *, period: Period, counted: Counted, most: int | None
) -> BookingQuota | None:
    """Let a member book so many times, or minutes, in a period; None takes the quota away.

    What stands above it already stays.
    """
    access.require(session, Action.EQUIPMENT_CHANGE)
    if most is not None and not 0 < most <= MOST:
        raise QuotaAbsurd(most=MOST)
    booking_rows.kind(session, equipment_id, to_change=True)
    rows = [
        row
        for row in quotas(session, equipment_id)
        if (row.period, row.counted) == (period, counted)
    ]
    row = next(iter(rows), None)
    if most is None:
        for one in rows:
            session.delete(one)
        session.flush()
        return None
    if row is None:
        row = BookingQuota(equipment_id=equipment_id, period=period, counted=counted, most=most)
        session.add(row)
    row.most = most
    session.flush()
    return row


def quotas(session: Session, equipment_id: int) -> Sequence[BookingQuota]:
    """The quotas of a kind, for every member alike."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = select(BookingQuota).where(BookingQuota.equipment_id == equipment_id)
    return session.exec(query.order_by(col(BookingQuota.id))).all()


def check(
    session: Session,
    equipment: Equipment,
    member: Member,
    new: Sequence[Span],
    *,
    old: Booking | None = None,
) -> None:
    """Refuse what is above a member's quotas; `old` is the booking that the new one replaces."""
    for row in quotas(session, equipment.id):
        rules.check_quota(
            new,
            _charged(session, equipment.id, member.id, but=None if old is None else old.id),
            Quota(row.period, row.counted, row.most),
            days.calendar(session),
            machine=equipment.name,
            name=member.name,
            old=[] if old is None else [Span(old.since, old.until)],
        )


def ration(session: Session, equipment: Equipment, *, since: datetime) -> Ration:
    """What everybody has of a kind, for jobs that are moved; seasons before `since` are over."""
    calendar = days.calendar(session)
    begins = period_span(Period.SEASON, calendar.day_of(since), calendar).since
    query = select(Booking).where(
        Booking.equipment_id == equipment.id,
        col(Booking.member_id).is_not(None),
        col(Booking.stage).in_([*CHARGED, Stage.POSTPONED]),
        (col(Booking.until) > begins) | (col(Booking.stage) == Stage.POSTPONED),
    )
    rows = session.exec(query).all()
    return Ration(
        quotas=[Quota(row.period, row.counted, row.most) for row in quotas(session, equipment.id)],
        calendar=calendar,
        owners={row.id: row.member_id or 0 for row in rows},
        charged={row.id: Span(row.since, row.until) for row in rows if row.stage in CHARGED},
    )


def leaves_room(session: Session, booking: Booking) -> bool:
    """Whether what waits, or was postponed, would stay within its member's quotas."""
    if booking.member_id is None:
        return True
    calendar = days.calendar(session)
    wanted = [Span(booking.since, booking.until)]
    standing = _charged(session, booking.equipment_id, booking.member_id, but=booking.id)
    for row in quotas(session, booking.equipment_id):
        quota = Quota(row.period, row.counted, row.most)
        taken = rules.charge([*standing, *wanted], quota, calendar)
        if any(taken[day] > row.most for day in rules.charge(wanted, quota, calendar)):
            return False
    return True


def _charged(
    session: Session, equipment_id: int, member_id: int, *, but: int | None = None
) -> list[Span]:
    query = select(Booking).where(
        Booking.equipment_id == equipment_id,
        Booking.member_id == member_id,
        col(Booking.stage).in_(CHARGED),
    )
    return [Span(row.since, row.until) for row in session.exec(query).all() if row.id != but]
