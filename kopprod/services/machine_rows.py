"""Machines one by one: reading them, locking them with their kind, and what their meters show."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain.refusal import N_, Refusal
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.upkeep import MeterReading


class UnitUnknown(Refusal):
    """No machine of that key."""

    sentence = N_("This machine is not here. Go back to the list of machines.")


def units(
    session: Session, equipment_id: int, *, all_of_them: bool = False
) -> Sequence[EquipmentUnit]:
    """The units of a kind in use, in the order in which they came; perhaps also those that left."""
    query = select(EquipmentUnit).where(EquipmentUnit.equipment_id == equipment_id)
    if not all_of_them:
        query = query.where(col(EquipmentUnit.retired_on).is_(None))
    return session.exec(query.order_by(col(EquipmentUnit.id))).all()


def unit(session: Session, unit_id: int) -> EquipmentUnit:
    """One machine; refuses a key of none."""
    row = session.get(EquipmentUnit, unit_id)
    if row is None:
        raise UnitUnknown
    return row


def name_of(session: Session, unit: EquipmentUnit) -> str:
    """A unit as people call it: Traktor tangan (ALAT-2026-0001)."""
    return f"{session.get_one(Equipment, unit.equipment_id).name} ({unit.number})"


def lock_unit(session: Session, unit_id: int) -> EquipmentUnit:
    """One machine, its kind's row locked first, as whoever books or hands over does."""
    row = unit(session, unit_id)
    # Its key is not locked, for whoever only names it.
    session.get(
        Equipment, row.equipment_id, with_for_update={"key_share": True}, populate_existing=True
    )
    session.refresh(row)
    return row


def read_meter(session: Session, unit: EquipmentUnit, meter: int | None, *, on: date) -> None:
    """Keep what a meter showed; part of hand-over, return and upkeep, which ask for permission."""
    if meter is None:
        return
    unit.meter = max(unit.meter, meter)
    session.add(MeterReading(unit_id=unit.id, read_on=on, meter=meter))
    session.flush()
