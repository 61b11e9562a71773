"""What a use costs and brings: reckoned from what was really done, and posted in one entry."""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from kopprod.domain import equipment_bills, tariffs
from kopprod.domain import uses as rules
from kopprod.domain.equipment_bills import Bill, Job, MeasuredBelowNothing
from kopprod.domain.ledger import (
    HIRE,
    HIRE_OTHERS,
    HIRE_OWED,
    MACHINE_FUEL,
    OPERATOR_PAY,
    OWED_OPERATORS,
    UPKEEP,
    UPKEEP_RESERVE,
    Posting,
)
from kopprod.domain.refusal import N_
from kopprod.domain.tariffs import LIKELY, Basis, Split, Tariff, bases_on
from kopprod.domain.uses import Return, Shares
from kopprod.services import days, ledger, machine_rows, meters, use_rows
from kopprod.services import tariffs as tariff_rows
from kopprod.services.payments import check_money
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.ledger import Entry
from kopprod.tables.members import Member
from kopprod.tables.uses import Use


@dataclass(frozen=True)
class Beside:
    """What is written down at a return beside the machine itself.

    `fuel_rp` is what the cooperative paid for fuel, out of `fuel_from`; `brought` that it brought
    the machine to the field (none: as it was booked); `basis` by which tariff is charged, where
    there are several, `season` whose price where the booking does not say. `unit_id` is the machine
    that stands there, `operator_id` who drove it (none: as handed over), `paid_to` where the money
    of who is no member went, `photo` a small PNG of the damage.
    """

    weight_g: int | None = None
    trips: int | None = None
    fuel_rp: int = 0
    fuel_from: str | None = None
    brought: bool | None = None
    basis: Basis | None = None
    season: str = ""
    unit_id: int | None = None
    operator_id: int | None = None
    paid_to: str | None = None
    photo: bytes | None = None


@dataclass(frozen=True)
class Reckoned:
    """A return before it is kept: the checked facts, its bill, and how the income is shared."""

    back: Return
    tariff_id: int
    basis: Basis
    bau_tenths: int | None
    bill: Bill
    net_rp: int
    shares: Shares
    minutes: int
    late_min: int
    missing: tuple[str, ...]
    operator_id: int | None


def bases(session: Session, equipment_id: int, *, on: date, season: str = "") -> list[Basis]:
    """By what a kind is charged on a day, the likeliest first; empty where it has no tariff."""
    kind = session.get_one(Equipment, equipment_id)
    known = list(tariff_rows.of(session, equipment_id).values())
    return bases_on(known, kind.work, on=on, season=season)


def reckon(session: Session, row: Use, back: Return, beside: Beside) -> Reckoned:
    """A return with its bill, by the tariff of the day on which the machine went out.

    Refuses what cannot be true, and a day without a tariff, naming machine and day.
    """
    booking = session.get_one(Booking, row.booking_id)
    kind = session.get_one(Equipment, booking.equipment_id)
    unit = session.get_one(EquipmentUnit, row.unit_id)
    member = None if row.member_id is None else session.get_one(Member, row.member_id)
    out, machine = use_rows.out_of(row), machine_rows.name_of(session, unit)
    replaced = meters.during(session, row)
    if replaced and back.meter is not None:
        rules.check_begun(back.meter, replaced[-1].begins, machine=machine)
    more = sum(one.ended - one.begins for one in replaced)  # what the new meter does not show
    checked = rules.check_return(
        out,
        back if back.meter is None else replace(back, meter=back.meter + more),
        machine=machine,
        has_meter=kind.has_meter,
        name=booking.other_name if member is None else member.name,
        land_m2=None if member is None else member.land_m2,
    )
    calendar = days.calendar(session)
    tariff_id, tariff = _tariff(session, kind, booking, beside, on=calendar.day_of(row.out_at))
    operator_id = beside.operator_id or row.operator_id
    done = Job(
        area_m2=checked.area_m2,
        minutes=rules.minutes_used(out, checked),
        days=equipment_bills.days_begun(out.at, checked.at, calendar.zone),
        grams=beside.weight_g,
        trips=beside.trips,
        fuel_ml=checked.fuel_ml,
        with_operator=operator_id is not None,
        brought=booking.with_operator if beside.brought is None else beside.brought,
    )
    if min(beside.weight_g or 0, beside.trips or 0) < 0:
        raise MeasuredBelowNothing(machine=machine)
    bill = equipment_bills.bill(tariff, done, member=member is not None, machine=machine)
    net_rp = rules.net_income_rp(bill.total_rp, fuel_rp=beside.fuel_rp)
    split = Split(kind.operator_bp, kind.maintenance_bp, kind.depreciation_bp, kind.cooperative_bp)
    if checked.meter is not None:
        checked = replace(checked, meter=checked.meter - more)
    return Reckoned(
        back=checked,
        tariff_id=tariff_id,
        basis=tariff.basis,
        bau_tenths=tariff.bau_tenths,
        bill=bill,
        net_rp=net_rp,
        shares=rules.income_shares(net_rp, split, operator=operator_id is not None),
        minutes=done.minutes or 0,
        late_min=rules.minutes_late(booking.until, checked.at),
        missing=tuple(rules.missing_accessories(out, checked)),
        operator_id=operator_id,
    )


def _tariff(
    session: Session, kind: Equipment, booking: Booking, beside: Beside, *, on: date
) -> tuple[int, Tariff]:
    season = booking.season or beside.season
    known = bases(session, kind.id, on=on, season=season)
    basis = beside.basis or (known[0] if known else LIKELY[kind.work][0])
    every = tariff_rows.of(session, kind.id)
    found = tariffs.tariff_on(list(every.values()), basis, on=on, machine=kind.name, season=season)
    return next((key, one) for key, one in every.items() if one is found)


def post(session: Session, row: Use, found: Reckoned, beside: Beside, *, on: date) -> Entry | None:
    """The entry of a return: the bill, its fuel, and what of the income is kept for whom.

    The share called depreciation is shown beside what is depreciated, and not posted again.
    """
    postings: list[Posting] = []
    if found.bill.total_rp:
        postings += _income(row, found.bill.total_rp, beside)
    if beside.fuel_rp:
        check_money(beside.fuel_from or "")
        postings += _pair(MACHINE_FUEL, beside.fuel_from or "", beside.fuel_rp)
    postings += _pair(OPERATOR_PAY, OWED_OPERATORS, found.shares.operator_rp)
    postings += _pair(UPKEEP, UPKEEP_RESERVE, found.shares.maintenance_rp)
    if not postings:
        return None
    memo = N_("Use of a machine")
    return ledger.post(session, on=on, memo=memo, paper=f"use:{row.id}", postings=postings)


def _income(row: Use, bill_rp: int, beside: Beside) -> list[Posting]:
    if row.member_id is not None:
        return [
            Posting(HIRE_OWED, debit_rp=bill_rp, member_id=row.member_id),
            Posting(HIRE, credit_rp=bill_rp),
        ]
    check_money(beside.paid_to or "")
    return _pair(beside.paid_to or "", HIRE_OTHERS, bill_rp)


def _pair(debit: str, credit: str, amount_rp: int) -> list[Posting]:
    if not amount_rp:
        return []
    return [Posting(debit, debit_rp=amount_rp), Posting(credit, credit_rp=amount_rp)]
