"""Whom to tell of bookings that the office gave, took back or has no time for yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from kopprod.domain.access import MAY, Action
from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import DAY, Span
from kopprod.services import access, booking_rows, waiting_list
from kopprod.tables.access import UserRole
from kopprod.tables.bookings import Booking
from kopprod.tables.members import Member
from kopprod.tables.trail import Act, Change

_OFFICE = MAY[Action.BOOKINGS_DECIDE]  # who is told of what the office itself did


@dataclass(frozen=True)
class Told:
    """What somebody has to know of a booking; `waited` who got a time from the waiting list.

    `whose` is for whom an operator works, and `place` where; empty for who has the booking.
    """

    name: str
    phone: str | None
    machine: str
    number: str
    span: Span
    stage: Stage
    note: str
    waited: bool = False
    offered: bool = False
    whose: str = ""
    place: str = ""


def told(session: Session, rows: Sequence[Booking], *, at: datetime) -> list[Told]:
    """Each booking with whom to tell of it, and how to reach her."""
    access.require(session, Action.BOOKINGS_DECIDE)
    names = booking_rows.who(session, rows)
    ids = {row.member_id for row in rows if row.member_id is not None}
    query = select(Member.id, Member.phone).where(col(Member.id).in_(ids))
    phones = dict(session.exec(query).all()) if ids else {}
    waited = {row.id for row in waiting_list.filled(session)}
    offered = {
        one.id
        for key in sorted({row.equipment_id for row in rows if row.stage is Stage.WAITING})
        for one in waiting_list.offers(session, key, at=at)
    }
    return [
        Told(
            name=names[row.id],
            phone=phones.get(row.member_id or 0, row.other_phone or None),
            machine=booking_rows.kind(session, row.equipment_id).name,
            number=row.number,
            span=Span(row.since, row.until),
            stage=row.stage,
            note=row.note,
            waited=row.id in waited,
            offered=row.id in offered,
        )
        for row in rows
    ]


def after_act(session: Session, *rows: Booking, at: datetime) -> list[Told]:
    """Whom the office tells after its act: of these bookings, and of times that waiters got.

    Nobody where a member acts for herself, nor of one's own booking.
    """
    person = access.person(session)
    if not person.may(Action.BOOKINGS_DECIDE):
        return []
    every = {row.id: row for row in [*rows, *waiting_list.filled(session)]}
    others = [
        row for row in every.values() if row.member_id is None or row.member_id != person.member_id
    ]
    return [*told(session, others, at=at), *_operators(session, every.values(), person.member_id)]


def _operators(session: Session, rows: Iterable[Booking], own: int | None) -> list[Told]:
    """Who operates what was booked or given up; nobody of her own job, nor who does it herself."""
    concerned = [
        row
        for row in rows
        if row.stage in (Stage.BOOKED, Stage.CANCELLED)
        and row.operator_id not in (None, own, row.member_id)
    ]
    names = booking_rows.who(session, concerned)
    found = []
    for row in concerned:
        operator = session.get_one(Member, row.operator_id)
        found.append(
            Told(
                name=operator.name,
                phone=operator.phone,
                machine=booking_rows.kind(session, row.equipment_id).name,
                number=row.number,
                span=Span(row.since, row.until),
                stage=row.stage,
                note=row.note,
                whose=names[row.id],
                place=row.place,
            )
        )
    return found


def given(session: Session, *, at: datetime) -> list[Told]:
    """Who got a time from the waiting list because a member gave hers back, and does not know yet.

    The office hears of it here: of the last week, until the time begins.
    """
    access.require(session, Action.BOOKINGS_DECIDE)
    office = select(UserRole.user_id).where(col(UserRole.role).in_(_OFFICE))
    query = (
        select(Change.row_key)
        .join(Act, col(Act.id) == col(Change.act_id))
        .where(
            Change.table_name == "booking",
            Change.column_name == "stage",
            Change.before == Stage.WAITING.value,
            Change.after == Stage.BOOKED.value,
            col(Act.at) > at - 7 * DAY,
            col(Act.user_id).is_(None) | col(Act.user_id).not_in(office),
        )
    )
    keys = {int(key) for key in session.exec(query).all()}
    waited = select(Booking).where(
        col(Booking.id).in_(keys), Booking.stage == Stage.BOOKED, col(Booking.since) > at
    )
    rows = session.exec(waited.order_by(col(Booking.since), col(Booking.id))).all()
    return [replace(one, waited=True) for one in told(session, rows, at=at)]
