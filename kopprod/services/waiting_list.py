"""Who waits for a machine: offered or given a time as soon as one is free."""

from datetime import datetime

from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.bookings import Act, Stage
from kopprod.domain.capacity import possible
from kopprod.domain.intervals import Span
from kopprod.services import (
    access,
    booking_costs,
    booking_operators,
    booking_quotas,
    booking_rows,
)
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment


def waiting(session: Session, equipment_id: int, *, at: datetime) -> list[Booking]:
    """Who waits for a time of this kind that is still to come, first come first."""
    query = select(Booking).where(
        Booking.equipment_id == equipment_id,
        Booking.stage == Stage.WAITING,
        col(Booking.since) >= at,
    )
    return list(session.exec(query.order_by(col(Booking.asked_at), col(Booking.id))).all())


def offers(session: Session, equipment_id: int, *, at: datetime) -> list[Booking]:
    """Those who wait and whose time is free now: whoever decides may give it to them."""
    access.require(session, Action.EQUIPMENT_SEE)
    equipment = booking_rows.kind(session, equipment_id)
    rows = waiting(session, equipment_id, at=at)
    return [row for row in rows if _free_for(session, equipment, row, at=at)]


def fill(session: Session, equipment: Equipment, *, at: datetime) -> list[Booking]:
    """Give those who wait their time as far as it is free, first come first; part of other acts.

    Where somebody has to approve bookings nothing is given by itself: `offers` says what can be.
    """
    if equipment.needs_approval:
        return []
    filled = []
    for row in waiting(session, equipment.id, at=at):
        if _free_for(session, equipment, row, at=at):
            booking_rows.lock_operator(session, row.operator_id)
            span = Span(row.since, row.until)
            cost_rp = booking_costs.again_rp(session, row, span)
            booking_rows.move_to(session, row, Act.PLACE, at=at, span=span, estimate_rp=cost_rp)
            filled.append(row)
    session.info.setdefault("filled", []).extend(filled)
    return filled


def filled(session: Session) -> list[Booking]:
    """Who got a time from the waiting list in this transaction, to be told so."""
    found: list[Booking] = session.info.get("filled", [])
    return found


def _free_for(session: Session, equipment: Equipment, row: Booking, *, at: datetime) -> bool:
    standing, fleet = booking_operators.seen(session, equipment, since=row.since, at=at)
    job = booking_rows.job(row, equipment)
    return possible(job, standing, fleet) and booking_quotas.leaves_room(session, row)
