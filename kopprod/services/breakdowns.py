"""Machines that do not run: written down, out of service meanwhile, and repaired."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.equipment import Condition
from kopprod.domain.intervals import MINUTE, Span, rounded_up
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.upkeep import Down
from kopprod.domain.words import tidy
from kopprod.services import access, days, machine_rows, numbers
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import EquipmentUnit

_NUMBERS = "HENTI"
LONGEST_WHY = 200
REPAIR_DAYS = 3_650  # nobody knows how long; `repaired` ends it


class BrokenNeedsWords(Refusal):
    """Who mends it must know what to mend."""

    sentence = N_("Write what is broken on {machine}.")


class NotBroken(Refusal):
    """A repair of what runs."""

    sentence = N_("{machine} is not written down as broken.")


def break_down(
    session: Session, unit_id: int, *, why: str, at: datetime, until: datetime | None = None
) -> Outage:
    """Write down that a unit does not run, until it is repaired, or about until `until`.

    It cannot be booked meanwhile. What is broken already stays so, with its first reason.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    numbers.wait_turn(session, _NUMBERS, days.today(session).year)
    unit = machine_rows.lock_unit(session, unit_id)
    kept = tidy(why)[:LONGEST_WHY]
    if not kept:
        raise BrokenNeedsWords(machine=machine_rows.name_of(session, unit))
    row = _breakdown(session, unit)
    if unit.condition is Condition.BROKEN and row is not None and row.until > at:
        return row
    since = rounded_up(at)
    span = Span(since, until or since + timedelta(days=REPAIR_DAYS))
    unit.condition = Condition.BROKEN
    session.flush()
    return _set_out(session, unit, span, kept)


def _set_out(session: Session, unit: EquipmentUnit, span: Span, why: str) -> Outage:
    row = Outage(
        number=numbers.take(session, _NUMBERS, days.today(session).year),
        equipment_id=unit.equipment_id,
        unit_id=unit.id,
        since=span.since,
        until=span.until,
        why=why,
        broken=True,
    )
    session.add(row)
    session.flush()
    return row


def repaired(
    session: Session, unit_id: int, *, at: datetime, condition: Condition = Condition.GOOD
) -> EquipmentUnit:
    """Write down that a broken unit runs again: from now on it can be booked."""
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    unit = machine_rows.lock_unit(session, unit_id)
    if unit.condition is not Condition.BROKEN or condition is Condition.BROKEN:
        raise NotBroken(machine=machine_rows.name_of(session, unit))
    row = _breakdown(session, unit)
    if row is not None and row.until > at:
        row.until = max(rounded_up(at), row.since + MINUTE)
    unit.condition = condition
    session.flush()
    return unit


def down(session: Session, unit: EquipmentUnit, *, on: date) -> Down | None:
    """Since when a unit is broken, and why; None where it runs."""
    if unit.condition is not Condition.BROKEN:
        return None
    row = _breakdown(session, unit)
    if row is None:
        return Down(on, None)
    return Down(days.calendar(session).day_of(row.since), None, row.why)


def _breakdown(session: Session, unit: EquipmentUnit) -> Outage | None:
    query = select(Outage).where(Outage.unit_id == unit.id, col(Outage.broken).is_(True))
    return session.exec(query.order_by(col(Outage.since).desc(), col(Outage.id).desc())).first()
