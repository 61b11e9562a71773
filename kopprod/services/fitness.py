"""Which machines are fit to be booked: those that run, and whose upkeep is not due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import upkeep as rules
from kopprod.domain.access import Action
from kopprod.domain.equipment import Condition
from kopprod.domain.refusal import Refusal
from kopprod.domain.upkeep import Down, Plan, Reading, Standing
from kopprod.services import access, days, machine_rows, meters
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import EquipmentUnit
from kopprod.tables.upkeep import MeterChange, MeterReading, UpkeepDone, UpkeepPlan


@dataclass(frozen=True)
class Stood:
    """A plan and where it stands for one unit; `last` is when it was done last, if ever."""

    plan: UpkeepPlan
    standing: Standing
    last: UpkeepDone | None


def plans_of(session: Session, equipment_id: int) -> Sequence[UpkeepPlan]:
    """What is to be done regularly to each unit of a kind, by name."""
    query = select(UpkeepPlan).where(
        UpkeepPlan.equipment_id == equipment_id, col(UpkeepPlan.ended_on).is_(None)
    )
    return session.exec(query.order_by(col(UpkeepPlan.work), col(UpkeepPlan.id))).all()


def standings(session: Session, unit_id: int, *, on: date) -> list[Stood]:
    """Where every plan stands for one unit, the most urgent first."""
    access.require(session, Action.EQUIPMENT_SEE)
    unit = machine_rows.unit(session, unit_id)
    read = readings(session, unit_id)
    last = _last_done(session, unit_id)
    found = [
        _stood(unit, plan, read, last.get(plan.id), on, meters.of(session, unit.id))
        for plan in plans_of(session, unit.equipment_id)
    ]
    order = list(rules.Stage)
    return sorted(found, key=lambda one: -order.index(one.standing.stage))


def _stood(
    unit: EquipmentUnit,
    plan: UpkeepPlan,
    read: Sequence[Reading],
    last: UpkeepDone | None,
    on: date,
    replaced: Sequence[MeterChange],
) -> Stood:
    # Before it was ever done it counts from the day on which it was planned, or the machine came.
    since = max(plan.since, unit.bought_on) if last is None else last.done_on
    before = [one.meter for one in read if one.on < since]
    meter = max(before, default=_first_meter(read, unit))
    if last is not None and last.meter is not None:
        meter = meters.ran(replaced, last.meter, act_id=last.act_id, on=last.done_on)
    found = rules.standing(
        Plan(plan.work, plan.every_tenths, plan.every_days),
        last_on=since,
        last_meter=meter,
        readings=read,
        on=on,
    )
    return Stood(plan, found, last)


def _first_meter(read: Sequence[Reading], unit: EquipmentUnit) -> int:
    return min((one.meter for one in read), default=unit.meter)


def readings(session: Session, unit_id: int) -> list[Reading]:
    """What the meter of a unit showed, the oldest first, as if it had never been replaced."""
    query = select(MeterReading).where(MeterReading.unit_id == unit_id)
    rows = session.exec(query.order_by(col(MeterReading.read_on), col(MeterReading.meter))).all()
    replaced = meters.of(session, unit_id)
    read = [(row.read_on, row.meter, row.act_id) for row in rows]
    read += [(one.changed_on, one.ended, one.act_id) for one in replaced]
    found = [
        Reading(on, meters.ran(replaced, meter, act_id=act_id, on=on)) for on, meter, act_id in read
    ]
    return sorted(found, key=lambda one: (one.on, one.meter))


def _last_done(session: Session, unit_id: int) -> Mapping[int, UpkeepDone]:
    query = select(UpkeepDone).where(
        UpkeepDone.unit_id == unit_id, col(UpkeepDone.plan_id).is_not(None)
    )
    rows = session.exec(query.order_by(col(UpkeepDone.done_on), col(UpkeepDone.id))).all()
    return {row.plan_id or 0: row for row in rows}


# What may be booked


def blocked(session: Session, equipment_id: int, *, on: date) -> dict[int, Refusal]:
    """The units in use that are broken or whose upkeep is due, each with the reason."""
    access.require(session, Action.EQUIPMENT_SEE)
    found = {}
    for unit in machine_rows.units(session, equipment_id):
        try:
            check_unit(session, unit, on=on)
        except Refusal as refusal:
            found[unit.id] = refusal
    return found


def unfit(session: Session, equipment_id: int, *, on: date) -> set[int]:
    """The keys of those units in use that nobody can book anew."""
    units = machine_rows.units(session, equipment_id)
    if not plans_of(session, equipment_id):
        return {unit.id for unit in units if unit.condition is Condition.BROKEN}
    return set(blocked(session, equipment_id, on=on))


def check_bookable(session: Session, equipment_id: int, *, on: date) -> None:
    """Refuse to book a kind of which no unit is fit: all are broken, or their upkeep is due."""
    units = machine_rows.units(session, equipment_id)
    reasons = blocked(session, equipment_id, on=on)
    if units and len(reasons) == len(units):
        raise reasons[units[0].id]


def check_unit(session: Session, unit: EquipmentUnit, *, on: date) -> None:
    """Refuse a unit that is broken, or whose upkeep is due."""
    stood = standings(session, unit.id, on=on)
    rules.check_bookable(
        machine=machine_rows.name_of(session, unit),
        standings=[one.standing for one in stood],
        broken=down(session, unit, on=on),
    )


def down(session: Session, unit: EquipmentUnit, *, on: date) -> Down | None:
    """Since when a unit is broken, and why; None where it runs."""
    if unit.condition is not Condition.BROKEN:
        return None
    row = breakdown(session, unit)
    if row is None:
        return Down(on, None)
    return Down(days.calendar(session).day_of(row.since), None, row.why)


def breakdown(session: Session, unit: EquipmentUnit) -> Outage | None:
    """The last time for which a unit was written down as broken."""
    query = select(Outage).where(Outage.unit_id == unit.id, col(Outage.broken).is_(True))
    return session.exec(query.order_by(col(Outage.since).desc(), col(Outage.id).desc())).first()
