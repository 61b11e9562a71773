"""What machines did and brought: use and idle time, income and cost, reserve, what was saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import equipment_bills, tariffs
from kopprod.domain import upkeep as rules
from kopprod.domain import uses as use_rules
from kopprod.domain.access import Action
from kopprod.domain.equipment_bills import Job
from kopprod.domain.upkeep import Down, Hire, Result, Saving
from kopprod.domain.uses import Return
from kopprod.services import access, days, machine_rows, upkeep, use_rows
from kopprod.services import tariffs as tariff_rows
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import Depreciation, Equipment, EquipmentUnit
from kopprod.tables.upkeep import UpkeepDone
from kopprod.tables.uses import Use


@dataclass(frozen=True)
class Machine:
    """A kind of machine in some time; `saving` against renting outside, a loss as a loss."""

    kind: Equipment
    units: int
    uses: int
    result: Result
    reserve_rp: int
    saving: Saving
    down_days: int


def results(session: Session, *, since: date, until: date) -> list[Machine]:
    """Every kind from a day until the day before another, by name.

    Its costs are fuel, operators, what was kept back for upkeep, upkeep above that, and what its
    units lost of their value.
    """
    access.require(session, Action.DASHBOARD_SEE)
    kinds = session.exec(select(Equipment).order_by(col(Equipment.name))).all()
    return [_machine(session, kind, since, until) for kind in kinds]


def _machine(session: Session, kind: Equipment, since: date, until: date) -> Machine:
    units = machine_rows.units(session, kind.id)
    ids = select(EquipmentUnit.id).where(EquipmentUnit.equipment_id == kind.id)
    rows = session.exec(
        select(Use).where(
            col(Use.unit_id).in_(ids),
            col(Use.reversed_on).is_(None),
            col(Use.billed_on) >= since,
            col(Use.billed_on) < until,
        )
    ).all()
    spent = session.exec(
        select(UpkeepDone).where(
            col(UpkeepDone.unit_id).in_(ids),
            UpkeepDone.done_on >= since,
            UpkeepDone.done_on < until,
        )
    ).all()
    lost = session.exec(
        select(Depreciation.amount_rp).where(
            col(Depreciation.unit_id).in_(ids), Depreciation.month >= since,
            Depreciation.month < until,
        )
    ).all()  # fmt: skip
    down = [_down_days(session, kind, unit, since, until) for unit in units]
    hours_open = kind.closes_min - kind.opens_min
    cost_rp = sum(row.fuel_rp + row.other_rp + row.operator_rp + row.maintenance_rp for row in rows)
    cost_rp += sum(one.cost_rp - one.reserve_rp for one in spent) + sum(lost)
    result = Result(
        minutes_used=sum(_job(session, row).minutes or 0 for row in rows),
        minutes_open=sum(
            rules.minutes_open(since, until, down_days=one, day_minutes=hours_open) for one in down
        ),
        income_rp=sum(row.bill_rp for row in rows),
        cost_rp=cost_rp,
        area_m2=sum(row.area_m2 for row in rows),
    )
    return Machine(
        kind=kind,
        units=len(units),
        uses=len(rows),
        result=result,
        reserve_rp=upkeep.reserve_rp(session, kind.id),
        saving=rules.saving(_hires(session, kind, rows), net_rp=result.net_rp),
        down_days=sum(down),
    )


def _down_days(
    session: Session, kind: Equipment, unit: EquipmentUnit, since: date, until: date
) -> int:
    query = select(Outage).where(Outage.equipment_id == kind.id)
    calendar = days.calendar(session)
    return rules.downtime_days(
        (
            Down(calendar.day_of(row.since), calendar.day_of(row.until), row.why)
            for row in session.exec(query).all()
            if row.unit_id in (None, unit.id)
        ),
        since=since,
        until=until,
    )


def _job(session: Session, row: Use) -> Job:
    out = use_rows.out_of(row)
    returned = row.returned_at or row.out_at
    back = Return(returned, row.back_meter, row.back_condition or row.out_condition)
    zone = days.calendar(session).zone
    return Job(
        area_m2=row.area_m2 or None,
        minutes=use_rules.minutes_used(out, back),
        days=equipment_bills.days_begun(row.out_at, returned, zone),
        grams=row.weight_g or None,
        trips=row.trips or None,
    )


def _hires(session: Session, kind: Equipment, rows: Sequence[Use]) -> list[Hire]:
    return [Hire(row.bill_rp, _outside_rp(session, kind, row)) for row in rows]


def _outside_rp(session: Session, kind: Equipment, row: Use) -> int | None:
    """What the same job would have cost elsewhere, where a price of that day is known."""
    day = days.calendar(session).day_of(row.out_at)
    job = _job(session, row)
    for basis, price in tariff_rows.outside_on(session, kind.id, on=day).items():
        quantity = equipment_bills.measured(job, basis)
        if quantity is not None:
            return tariffs.charge_rp(quantity, price.price_e4, basis, bau_tenths=price.bau_tenths)
    return None
