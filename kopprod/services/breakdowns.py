"""Machines that do not run: written down, out of service meanwhile, and repaired."""

from datetime import datetime, timedelta

from sqlmodel import Session

from kopprod.domain.access import Action
from kopprod.domain.equipment import Condition
from kopprod.domain.intervals import MINUTE, Span, rounded_up
from kopprod.domain.moves import Blackout
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    booking_rows,
    days,
    fitness,
    machine_rows,
    numbers,
    outages,
    waiting_list,
)
from kopprod.services.booking_moves import Plan
from kopprod.services.outages import Stop
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import EquipmentUnit


class BrokenNeedsWords(Refusal):
    """Who mends it must know what to mend."""

    sentence = N_("Write what is broken on {machine}.")


class NotBroken(Refusal):
    """A repair of what runs."""

    sentence = N_("{machine} is not written down as broken.")


def break_down(
    session: Session, unit_id: int, *, why: str, at: datetime, until: datetime | None = None
) -> tuple[Outage, Plan | None]:
    """Write down that a unit does not run, until it is repaired, or about until `until`.

    Bookings that it would have served are postponed; the plan says whose, and what to tell them. It
    cannot be booked meanwhile. What is broken already stays so, with its first reason.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    booking_rows.wait_turn(session)
    numbers.wait_turn(session, outages.NUMBER, days.today(session).year)
    unit = machine_rows.lock_unit(session, unit_id)
    kept = tidy(why)[: outages.LONGEST_WHY]
    if not kept:
        raise BrokenNeedsWords(machine=machine_rows.name_of(session, unit))
    row = fitness.breakdown(session, unit)
    if unit.condition is Condition.BROKEN and row is not None and row.until > at:
        return row, None
    since = rounded_up(at)
    span = Span(since, rounded_up(until or since + timedelta(days=outages.LONGEST_DAYS)))
    unit.condition = Condition.BROKEN
    session.flush()
    stop = Stop(span, kept, Blackout.NOTIFY, [unit.equipment_id], unit.id)
    plan, rows = outages.set_broken(session, stop, at=at)
    return rows[0], plan


def repaired(
    session: Session, unit_id: int, *, at: datetime, condition: Condition = Condition.GOOD
) -> EquipmentUnit:
    """Write down that a broken unit runs again: from now on it can be booked."""
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    booking_rows.wait_turn(session)
    unit = machine_rows.lock_unit(session, unit_id)
    if unit.condition is not Condition.BROKEN or condition is Condition.BROKEN:
        raise NotBroken(machine=machine_rows.name_of(session, unit))
    row = fitness.breakdown(session, unit)
    if row is not None and row.until > at:
        row.until = max(rounded_up(at), row.since + MINUTE)
    unit.condition = condition
    session.flush()
    # Who waits gets what is free again.
    waiting_list.fill(session, booking_rows.kind(session, unit.equipment_id), at=at)
    return unit
