"""What was written down wrongly of a use: a return is reversed, a meter at hand-over read again.

A return that was wrong is reversed with a reason; another use of the same booking takes its place,
and what was paid for the first counts for it.
"""

from datetime import date, datetime

from sqlmodel import Session, col, select

from kopprod.domain import bookings as stages
from kopprod.domain import uses as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import Stage
from kopprod.domain.refusal import N_
from kopprod.domain.uses import HandOver
from kopprod.services import (
    access,
    booking_rows,
    days,
    ledger,
    machine_rows,
    meters,
    numbers,
    use_rows,
    uses,
)
from kopprod.services.reversals import said
from kopprod.tables.equipment import Equipment
from kopprod.tables.upkeep import MeterReading
from kopprod.tables.uses import Use


def reverse(
    session: Session, use_id: int, *, reason: str, on: date, again: bool = True
) -> Use | None:
    """Take a wrong return back: its entry is reversed, and what was paid stays the member's.

    Gives the use whose return is to be written anew, or none where there was no use at all
    (`again` is false). Money of who is no member goes back to him, out of where it went.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    why = said(reason)
    booking_rows.wait_turn(session)
    numbers.wait_turn(session, uses.NUMBERS, on.year)
    numbers.wait_turn(session, uses.PAYMENTS, on.year)
    row = use_rows.use(session, use_id)
    booking = booking_rows.lock(session, row.booking_id, at=session.info["at"])
    session.refresh(row)
    if row.reversed_on is not None:
        raise use_rows.UseReversed(
            number=row.number, reversed_on=row.reversed_on, reason=row.reason
        )
    if booking.stage is Stage.OUT:
        raise stages.StillOut(number=booking.number)
    if row.entry_id is not None:
        opposite = ledger.reverse(
            session, row.entry_id, on=on, memo=N_("Return of a machine taken back")
        )
        row.reversal_entry_id = opposite.id
    row.reversed_on, row.reason = on, why
    session.flush()
    _unread(session, row)
    if not again:
        return None
    other = Use(
        number=numbers.take(session, uses.NUMBERS, on.year),
        **row.model_dump(
            include={
                "booking_id",
                "unit_id",
                "member_id",
                "operator_id",
                "out_at",
                "out_meter",
                "out_condition",
                "out_accessories",
                "handed_to",
            }
        ),
    )
    session.add(other)
    session.flush()
    return other


def _unread(session: Session, row: Use) -> None:
    """A reading that was wrong does not count for upkeep, nor for the next hand-over."""
    unit = machine_rows.unit(session, row.unit_id)
    if row.back_meter is None or row.returned_at is None:
        return
    on = days.calendar(session).day_of(row.returned_at)
    query = select(MeterReading).where(
        MeterReading.unit_id == unit.id,
        MeterReading.read_on == on,
        MeterReading.meter == row.back_meter,
    )
    wrong = session.exec(query.order_by(col(MeterReading.id))).first()
    if wrong is None or row.back_meter == row.out_meter:
        return
    session.delete(wrong)
    session.flush()
    unit.meter = meters.last_read(session, unit.id) or row.out_meter or 0
    session.flush()


def correct_meter(session: Session, use_id: int, *, meter: int, at: datetime) -> Use:
    """Correct what the meter was said to show at hand-over, while the machine is out."""
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    row = use_rows.use(session, use_id)
    booking_rows.lock(session, row.booking_id, at=at)
    session.refresh(row)
    if row.returned_at is not None:
        raise use_rows.ReturnedAlready(number=row.number, bill_rp=row.bill_rp)
    unit = machine_rows.unit(session, row.unit_id)
    if meters.during(session, row):
        raise meters.MeterReplacedSince(machine=machine_rows.name_of(session, unit))
    on = days.calendar(session).day_of(row.out_at)
    wrong = select(MeterReading).where(
        MeterReading.unit_id == unit.id,
        MeterReading.read_on == on,
        MeterReading.meter == row.out_meter,
    )
    found = session.exec(wrong.order_by(col(MeterReading.id).desc())).first()
    if found is None:
        return row
    session.delete(found)
    session.flush()
    before = meters.last_read(session, unit.id) or 0
    kind = session.get_one(Equipment, unit.equipment_id)
    out = HandOver(row.out_at, meter, row.out_condition)
    name = machine_rows.name_of(session, unit)
    rules.check_hand_over(out, machine=name, has_meter=kind.has_meter, last_meter=before)
    row.out_meter, unit.meter = meter, before
    machine_rows.read_meter(session, unit, meter, on=on)
    return row
