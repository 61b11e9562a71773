"""What machines did and brought: use and idle time, income and cost, reserve, what was saved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import equipment_bills, tariffs
from kopprod.domain import upkeep as rules
from kopprod.domain import uses as use_rules
from kopprod.domain.access import Action
from kopprod.domain.equipment_bills import Job
from kopprod.domain.intervals import Span
from kopprod.domain.ledger import DEPRECIATION
from kopprod.domain.tariffs import AREAS, Basis
from kopprod.domain.upkeep import Down, Hire, Result, Saving
from kopprod.domain.uses import Return
from kopprod.services import access, booking_rows, days, machine_rows, meters, upkeep, use_rows
from kopprod.services import tariffs as tariff_rows
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import (
    Depreciation,
    Equipment,
    EquipmentUnit,
    OutsidePrice,
)
from kopprod.tables.ledger import Line
from kopprod.tables.upkeep import UpkeepDone
from kopprod.tables.uses import Use


@dataclass(frozen=True)
class Compared:
    """A price elsewhere, and how many uses were compared with it."""

    price: OutsidePrice
    uses: int


@dataclass(frozen=True)
class Machine:
    """A kind of machine in some time; `saving` against renting outside, a loss as a loss.

    `outside` are the prices that it was compared with, the newest first; `lost_rp` of the costs is
    what its units lost of their value.
    """

    kind: Equipment
    units: int
    uses: int
    result: Result
    reserve_rp: int
    saving: Saving
    outside: Sequence[Compared]
    down_days: int
    lost_rp: int


def results(session: Session, *, since: date, until: date) -> list[Machine]:
    """Every kind from a day until the day before another, by name.

    Its costs are fuel, operators, what was kept back for upkeep, upkeep above that, what its units
    lost of their value, and what they still stood at when they left.
    """
    access.require(session, Action.DASHBOARD_SEE)
    kinds = session.exec(select(Equipment).order_by(col(Equipment.name))).all()
    return [_machine(session, kind, since, until) for kind in kinds]


def _machine(session: Session, kind: Equipment, since: date, until: date) -> Machine:
    units = [
        unit
        for unit in machine_rows.units(session, kind.id, all_of_them=True)
        if unit.bought_on < until and (unit.retired_on is None or unit.retired_on > since)
    ]
    ids = select(EquipmentUnit.id).where(EquipmentUnit.equipment_id == kind.id)
    rows = session.exec(
        select(Use).where(
            col(Use.unit_id).in_(ids),
            col(Use.reversed_on).is_(None),
            col(Use.billed_on) >= since,
            col(Use.billed_on) < until,
        )
    ).all()
    calendar = days.calendar(session)
    within = (
        col(Outage.until) > calendar.moment(since),
        col(Outage.since) < calendar.moment(until),
    )
    outages = session.exec(select(Outage).where(Outage.equipment_id == kind.id, *within)).all()
    moved = meters.moved(session)
    hires, outside = _hires(session, kind, rows, moved)
    lost_rp = _lost_rp(session, kind, since, until)
    result = Result(
        minutes_used=sum(_job(session, row, moved).minutes or 0 for row in rows),
        minutes_open=sum(_open_min(session, kind, unit, outages, since, until) for unit in units),
        income_rp=sum(row.bill_rp for row in rows),
        cost_rp=sum(
            row.fuel_rp + row.other_rp + row.operator_rp + row.maintenance_rp for row in rows
        )
        + _upkeep_rp(session, kind, since, until)
        + lost_rp,
        area_m2=sum(row.area_m2 for row in rows),
    )
    return Machine(
        kind=kind,
        units=len(units),
        uses=len(rows),
        result=result,
        reserve_rp=upkeep.reserve_rp(session, kind.id),
        saving=rules.saving(hires, net_rp=result.net_rp),
        outside=outside,
        down_days=sum(_down_days(session, unit, outages, since, until) for unit in units),
        lost_rp=lost_rp,
    )


def _upkeep_rp(session: Session, kind: Equipment, since: date, until: date) -> int:
    """What upkeep cost above what was kept back for it."""
    query = (
        select(func.coalesce(func.sum(UpkeepDone.cost_rp - UpkeepDone.reserve_rp), 0))
        .join(EquipmentUnit, col(EquipmentUnit.id) == col(UpkeepDone.unit_id))
        .where(
            EquipmentUnit.equipment_id == kind.id,
            UpkeepDone.done_on >= since,
            UpkeepDone.done_on < until,
        )
    )
    return int(session.exec(query).one())


def _lost_rp(session: Session, kind: Equipment, since: date, until: date) -> int:
    """What was depreciated, and written off of units that left."""
    charged = (
        select(func.coalesce(func.sum(Depreciation.amount_rp), 0))
        .join(EquipmentUnit, col(EquipmentUnit.id) == col(Depreciation.unit_id))
        .where(
            EquipmentUnit.equipment_id == kind.id,
            Depreciation.month >= since,
            Depreciation.month < until,
        )
    )
    left = (
        select(func.coalesce(func.sum(Line.debit_rp - Line.credit_rp), 0))
        .join(EquipmentUnit, col(EquipmentUnit.retired_entry_id) == col(Line.entry_id))
        .where(
            EquipmentUnit.equipment_id == kind.id,
            Line.account_code == DEPRECIATION,
            col(EquipmentUnit.retired_on) >= since,
            col(EquipmentUnit.retired_on) < until,
        )
    )
    return int(session.exec(charged).one()) + int(session.exec(left).one())


def _open_min(
    session: Session,
    kind: Equipment,
    unit: EquipmentUnit,
    outages: Sequence[Outage],
    since: date,
    until: date,
) -> int:
    """How long a unit could have been used while it was in the register."""
    calendar = days.calendar(session)
    first, end = max(since, unit.bought_on), min(until, unit.retired_on or until)
    if first >= end:
        return 0
    here = Span(calendar.moment(first), calendar.moment(end))
    return rules.minutes_open(
        here,
        closed=booking_rows.closed(session, kind, here),
        out=[Span(one.since, one.until) for one in outages if one.unit_id in (None, unit.id)],
    )


def _down_days(
    session: Session, unit: EquipmentUnit, outages: Sequence[Outage], since: date, until: date
) -> int:
    calendar = days.calendar(session)
    return rules.downtime_days(
        (
            Down(calendar.day_of(row.since), calendar.day_of(row.until), row.why)
            for row in outages
            if row.unit_id in (None, unit.id)
        ),
        since=max(since, unit.bought_on),
        until=min(until, unit.retired_on or until),
    )


def _job(session: Session, row: Use, moved: Mapping[int, int]) -> Job:
    out = use_rows.out_of(row)
    returned = row.returned_at or row.out_at
    meter = None if row.back_meter is None else row.back_meter + moved.get(row.booking_id, 0)
    back = Return(returned, meter, row.back_condition or row.out_condition)
    zone = days.calendar(session).zone
    return Job(
        area_m2=row.area_m2 or None,
        minutes=use_rules.minutes_used(out, back),
        days=equipment_bills.days_begun(row.out_at, returned, zone),
        grams=row.weight_g or None,
        trips=row.trips or None,
    )


# Against renting outside


def _hires(
    session: Session, kind: Equipment, rows: Sequence[Use], moved: Mapping[int, int]
) -> tuple[list[Hire], list[Compared]]:
    """Members' uses against the price outside, and with which prices; others saved us nothing."""
    known = tariff_rows.outside(session, kind.id)
    basis = {key: one.basis for key, one in tariff_rows.of(session, kind.id).items()}
    hires: list[Hire] = []
    times: Counter[int] = Counter()
    for row in rows:
        if row.member_id is None:
            continue
        job = _job(session, row, moved)
        day = days.calendar(session).day_of(row.out_at)
        price = _outside(known, job, on=day, billed=basis.get(row.tariff_id or 0))
        if price is None:
            hires.append(Hire(row.bill_rp, None))
            continue
        quantity = equipment_bills.measured(job, price.basis) or 0
        outside_rp = tariffs.charge_rp(
            quantity, price.price_e4, price.basis, bau_tenths=price.bau_tenths
        )
        hires.append(Hire(row.bill_rp, outside_rp))
        times[price.id] += 1
    return hires, [Compared(price, times[price.id]) for price in known if times[price.id]]


def _outside(
    known: Sequence[OutsidePrice], job: Job, *, on: date, billed: Basis | None
) -> OutsidePrice | None:
    """The last price known on the day of a use: by what it was billed by, else as like it."""
    fit = [
        one
        for one in known
        if one.seen_on <= on and equipment_bills.measured(job, one.basis) is not None
    ]
    return min(fit, key=lambda one: _unlike(one.basis, billed), default=None)


def _unlike(basis: Basis, billed: Basis | None) -> int:
    if basis is billed:
        return 0
    return 1 if billed is not None and {basis, billed} <= AREAS else 2
