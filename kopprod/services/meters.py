"""Hour meters that are replaced: the new one begins where it begins, the hours go on counting.

A pump's meter breaks at 1.204,5 hours; the new one begins at 0,0. Oil that was changed at 1.150,0
and is due after 100 hours is due when the new one shows 45,5. What was written down before was read
from the old meter, and a use during which it was replaced counts what both showed.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import uses as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import Stage
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.upkeep import LONGEST_WORK
from kopprod.domain.words import tidy
from kopprod.services import access, booking_rows, machine_rows
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.upkeep import MeterChange, MeterReading
from kopprod.tables.uses import Use


class NoMeter(Refusal):
    """A machine that counts no hours."""

    sentence = N_("{machine} has no hour meter.")


class MeterChangeNeedsWords(Refusal):
    """A meter that shows less than before is explained."""

    sentence = N_("Write why the hour meter of {machine} was replaced.")


class MeterReplacedSince(Refusal):
    """A reading of a meter that is not there any more."""

    sentence = N_(
        "The hour meter of {machine} was replaced while it was out. What the old one showed can "
        "no longer be corrected."
    )


def of(session: Session, unit_id: int) -> Sequence[MeterChange]:
    """When the meter of a unit was replaced, the first time first."""
    query = select(MeterChange).where(MeterChange.unit_id == unit_id)
    return session.exec(query.order_by(col(MeterChange.id))).all()


def replace(
    session: Session, unit_id: int, *, ended: int, begins: int, why: str, on: date
) -> MeterChange:
    """Write down that a meter was replaced: what the old one ended at, where the new one begins.

    Refuses a machine without one, no reason, and an old meter that ran backwards itself.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    booking_rows.wait_turn(session)
    unit = machine_rows.lock_unit(session, unit_id)
    machine = machine_rows.name_of(session, unit)
    if not session.get_one(Equipment, unit.equipment_id).has_meter:
        raise NoMeter(machine=machine)
    kept = tidy(why)[:LONGEST_WORK]
    if not kept:
        raise MeterChangeNeedsWords(machine=machine)
    rules.check_replaced(ended, begins, machine=machine, last_meter=unit.meter)
    row = MeterChange(
        unit_id=unit.id,
        changed_on=on,
        ended=ended,
        begins=begins,
        booking_id=_held_by(session, unit),
        why=kept,
    )
    session.add(row)
    unit.meter = begins
    session.flush()
    return row


def _held_by(session: Session, unit: EquipmentUnit) -> int | None:
    query = (
        select(Use.booking_id)
        .join(Booking, col(Booking.id) == col(Use.booking_id))
        .where(
            Use.unit_id == unit.id,
            Booking.stage == Stage.OUT,
            col(Use.returned_at).is_(None),
            col(Use.reversed_on).is_(None),
        )
    )
    return session.exec(query).first()


# Reading across it


def ran(changes: Iterable[MeterChange], meter: int, *, act_id: int, on: date) -> int:
    """What a meter would show had it never been replaced, of what an act read on a day."""
    return meter + sum(
        one.ended - one.begins for one in changes if one.act_id < act_id and one.changed_on <= on
    )


def last_read(session: Session, unit_id: int) -> int | None:
    """The most that the meter that is on it now showed; None where it was never read."""
    change = next(reversed(of(session, unit_id)), None)
    query = select(func.max(MeterReading.meter)).where(MeterReading.unit_id == unit_id)
    if change is None:
        return session.exec(query).one()
    newest = session.exec(query.where(MeterReading.act_id > change.act_id)).one()
    return max(change.begins, newest or 0)


def during(session: Session, row: Use) -> Sequence[MeterChange]:
    """When the meter was replaced while a booking had the machine."""
    query = select(MeterChange).where(
        MeterChange.booking_id == row.booking_id, MeterChange.unit_id == row.unit_id
    )
    return session.exec(query.order_by(col(MeterChange.id))).all()


def moved(session: Session) -> dict[int, int]:
    """By booking how much a new meter shows less than the old one would."""
    query = select(MeterChange).where(col(MeterChange.booking_id).is_not(None))
    found: dict[int, int] = {}
    for one in session.exec(query).all():
        key = one.booking_id or 0
        found[key] = found.get(key, 0) + one.ended - one.begins
    return found


def after_return(session: Session, row: Use) -> MeterChange | None:
    """The replacement that came after a use, whose meter is not there any more; None without."""
    first = session.exec(select(func.min(Use.act_id)).where(Use.booking_id == row.booking_id)).one()
    return next(
        (
            one
            for one in of(session, row.unit_id)
            if one.act_id >= first and one.booking_id != row.booking_id
        ),
        None,
    )
