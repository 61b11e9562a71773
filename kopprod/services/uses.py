"""Machines handed over and taken back: who has which, what she did with it, and her bill."""

from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import bookings as stages
from kopprod.domain import capacity
from kopprod.domain import uses as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import Act, Stage
from kopprod.domain.equipment import Condition
from kopprod.domain.intervals import Span
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.uses import HandOver, MeterRunsBackwards, Return
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    booking_rows,
    breakdowns,
    days,
    fitness,
    machine_rows,
    meters,
    numbers,
    photos,
    use_bills,
    use_rows,
)
from kopprod.services.booking_moves import Plan
from kopprod.services.use_bills import Beside, Reckoned
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentUnit, Trained
from kopprod.tables.members import Member
from kopprod.tables.uses import Use, UseLine, UsePayment

NUMBERS = "PAKAI"
PAYMENTS = "BAYARALAT"


class UnitTaken(Refusal):
    """The machine that was chosen is with somebody else, broken, or out of service."""

    sentence = N_("{machine} cannot be handed over: it is out, broken or out of service.")


class NoUnitFree(Refusal):
    """All of a kind are out, perhaps because one is late."""

    sentence = N_(
        "No {machine} is here for {number}: all are out, broken or out of service. See who is late."
    )


class BookedForAnother(Refusal):
    """Somebody else came for it."""

    sentence = N_(
        "Booking {number} is {name}'s. Say that somebody else fetches it for {name}, and who."
    )


class ReturnedAnother(Refusal):
    """The machine that is brought is not the one that went out."""

    sentence = N_("{number} went out with {machine}, but {other} was brought. Whose is that one?")


class UseInFuture(Refusal):
    """A moment that has not come."""

    sentence = N_("This moment has not come yet. Write it down when it has happened.")


class NotItsOperator(Refusal):
    """Who does not operate this kind of machine."""

    sentence = N_("{name} is not written down as an operator of {machine}.")


# Handing over


def hand_over(
    session: Session,
    booking_id: int,
    out: HandOver,
    *,
    unit_id: int | None = None,
    member_id: int | None = None,
    proxy: str = "",
    operator_id: int | None = None,
) -> Use:
    """Hand a machine over: the unit is chosen now, the lowest that is free and fit, else the lowest
    that is free, unless `unit_id` says.

    `member_id` is who came for it, `proxy` who fetches it for whoever booked. Sent twice it is kept
    once. Refuses a booking of somebody else, a unit that is not here, a meter that runs backwards.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    now = session.info["at"]
    booking_rows.wait_turn(session)
    numbers.wait_turn(session, NUMBERS, days.today(session).year)
    booking = booking_rows.lock(session, booking_id, at=now)
    known = use_rows.standing(session, booking.id)
    if known is not None and _same_out(known, out, unit_id):
        return known
    stages.after(booking.stage, Act.HAND_OVER, number=booking.number)
    if out.at > now:
        raise UseInFuture
    if member_id not in (None, booking.member_id) and not tidy(proxy):
        name = use_rows.name_of(session, booking)
        raise BookedForAnother(number=booking.number, name=name)
    kind = session.get_one(Equipment, booking.equipment_id)
    unit = _choose(session, booking, kind, unit_id)
    checked = rules.check_hand_over(
        out,
        machine=machine_rows.name_of(session, unit),
        has_meter=kind.has_meter,
        last_meter=unit.meter,
    )
    operator_id = operator_id or booking.operator_id
    on = days.calendar(session).day_of(out.at)
    _check_operator(session, kind, operator_id, on=on)
    if operator_id != booking.operator_id:
        booking_rows.lock_operator(session, operator_id)
    booking_rows.move_to(session, booking, Act.HAND_OVER, at=now, operator_id=operator_id)
    row = Use(
        number=numbers.take(session, NUMBERS, days.today(session).year),
        booking_id=booking.id,
        unit_id=unit.id,
        member_id=booking.member_id,
        operator_id=operator_id,
        out_at=checked.at,
        out_meter=checked.meter,
        out_condition=checked.condition,
        out_accessories="\n".join(sorted(checked.accessories)),
        handed_to=tidy(proxy)[:80],
    )
    unit.condition = checked.condition
    session.add(row)
    session.flush()
    machine_rows.read_meter(session, unit, checked.meter, on=on)
    return row


def _same_out(row: Use, out: HandOver, unit_id: int | None) -> bool:
    return (
        row.returned_at is None
        and row.out_meter == out.meter
        and row.out_condition is out.condition
        and unit_id in (None, row.unit_id)
    )


def _choose(
    session: Session, booking: Booking, kind: Equipment, unit_id: int | None
) -> EquipmentUnit:
    span = Span(booking.since, booking.until)
    taken = use_rows.taken(session, booking.equipment_id, span)
    if unit_id is not None:
        unit = machine_rows.unit(session, unit_id)
        if unit_id not in taken or capacity.unit_for(span, {unit_id: taken[unit_id]}) is None:
            raise UnitTaken(machine=machine_rows.name_of(session, unit))
        return unit
    due = fitness.unfit(session, kind.id, on=days.today(session))
    fit = {key: spans for key, spans in taken.items() if key not in due}
    found = capacity.unit_for(span, fit) or capacity.unit_for(span, taken)
    if found is None:
        raise NoUnitFree(machine=kind.name, number=booking.number)
    return machine_rows.unit(session, found)


def _check_operator(
    session: Session, kind: Equipment, operator_id: int | None, *, on: date
) -> None:
    if operator_id is None:
        return
    query = select(Trained).where(
        Trained.equipment_id == kind.id,
        Trained.member_id == operator_id,
        col(Trained.operates).is_(True),
        col(Trained.trained_on) <= on,
        col(Trained.until).is_(None) | (col(Trained.until) > on),
    )
    if session.exec(query).first() is None:
        name = session.get_one(Member, operator_id).name
        raise NotItsOperator(name=name, machine=kind.name)


# Taking back


def preview(session: Session, use_id: int, back: Return, beside: Beside) -> Reckoned:
    """What the bill of a return will be, before it is kept; refuses what `take_back` refuses."""
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    row = use_rows.use(session, use_id)
    return _reckon(session, row, back, beside)


def take_back(
    session: Session, use_id: int, back: Return, beside: Beside
) -> tuple[Use, Plan | None]:
    """Write a return down: its bill by actual use, its entry, and what becomes of the income.

    A member owes it from now on; who is no member pays at once, into `beside.paid_to`. Sent twice
    it is kept once. What came back broken is out of service: the plan says whose bookings that
    postpones, and what to tell them.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    now = session.info["at"]
    booking_rows.wait_turn(session)
    numbers.wait_turn(session, PAYMENTS, days.today(session).year)
    row = use_rows.use(session, use_id)
    booking = booking_rows.lock(session, row.booking_id, at=now)
    session.refresh(row)
    if row.reversed_on is not None:
        raise use_rows.UseReversed(
            number=row.number, reversed_on=row.reversed_on, reason=row.reason
        )
    if row.returned_at is not None:
        if _same_back(row, back, beside):
            return row, None
        raise use_rows.ReturnedAlready(number=row.number, bill_rp=row.bill_rp)
    if back.at > now:
        raise UseInFuture
    found = _reckon(session, row, back, beside)
    if booking.stage is not Stage.RETURNED:  # a return that is written anew
        booking_rows.move_to(session, booking, Act.RETURN, at=now)
    on = days.calendar(session).day_of(back.at)
    _keep(session, row, found, beside, on=on)
    return row, _put_back(session, row, found.back, on=on)


def _reckon(session: Session, row: Use, back: Return, beside: Beside) -> Reckoned:
    unit = machine_rows.unit(session, row.unit_id)
    machine = machine_rows.name_of(session, unit)
    _check_unit(session, row, beside.unit_id)
    booking = session.get_one(Booking, row.booking_id)
    kind = session.get_one(Equipment, booking.equipment_id)
    found = use_bills.reckon(session, row, back, beside)
    on = days.calendar(session).day_of(row.out_at)
    _check_operator(session, kind, beside.operator_id, on=on)
    later = _next_meter(session, row)
    if found.back.meter is not None and later is not None and found.back.meter > later:
        raise MeterRunsBackwards(
            machine=machine, before=rules.hours(found.back.meter), hours=rules.hours(later)
        )
    return found


def check_unit(session: Session, use_id: int, unit_id: int) -> None:
    """Refuse a machine that is brought but is not the one that went out."""
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    _check_unit(session, use_rows.use(session, use_id), unit_id)


def _check_unit(session: Session, row: Use, unit_id: int | None) -> None:
    if unit_id in (None, row.unit_id):
        return
    mine, other = (machine_rows.unit(session, key) for key in (row.unit_id, unit_id or 0))
    raise ReturnedAnother(
        number=row.number,
        machine=machine_rows.name_of(session, mine),
        other=machine_rows.name_of(session, other),
    )


def _next_meter(session: Session, row: Use) -> int | None:
    """What the meter showed when the unit next went out, where a return is written anew."""
    query = select(func.min(Use.out_meter)).where(
        Use.unit_id == row.unit_id,
        Use.booking_id != row.booking_id,
        col(Use.out_at) > row.out_at,
        col(Use.reversed_on).is_(None),
    )
    change = meters.after_return(session, row)
    if change is None:
        return session.exec(query).one()
    found = session.exec(query.where(Use.act_id <= change.act_id)).one()
    return change.ended if found is None else min(found, change.ended)


def _same_back(row: Use, back: Return, beside: Beside) -> bool:
    return (
        row.back_meter == back.meter
        and row.back_condition is back.condition
        and (row.area_m2, row.fuel_ml) == (back.area_m2 or 0, back.fuel_ml or 0)
        and (row.weight_g, row.trips) == (beside.weight_g or 0, beside.trips or 0)
        and row.fuel_rp == beside.fuel_rp
    )


def _keep(session: Session, row: Use, found: Reckoned, beside: Beside, *, on: date) -> None:
    entry = use_bills.post(session, row, found, beside, on=on)
    back, shares = found.back, found.shares
    photo_id = _photo(session, beside.photo)
    row.operator_id = found.operator_id
    row.returned_at, row.billed_on, row.back_meter = back.at, on, back.meter
    row.back_condition, row.damage = back.condition, back.damage
    row.back_accessories = "\n".join(sorted(back.accessories))
    row.damage_photo_id = photo_id
    row.area_m2, row.fuel_ml = back.area_m2 or 0, back.fuel_ml or 0
    row.weight_g, row.trips = beside.weight_g or 0, beside.trips or 0
    row.tariff_id, row.bill_rp = found.tariff_id, found.bill.total_rp
    row.fuel_rp = beside.fuel_rp
    row.operator_rp, row.maintenance_rp = shares.operator_rp, shares.maintenance_rp
    row.depreciation_rp, row.cooperative_rp = shares.depreciation_rp, shares.cooperative_rp
    row.entry_id = None if entry is None else entry.id
    for line in found.bill.lines:
        session.add(UseLine(use_id=row.id, **vars(line)))
    if row.member_id is None and row.entry_id is not None and row.bill_rp:
        session.add(
            UsePayment(
                number=numbers.take(session, PAYMENTS, days.today(session).year),
                use_id=row.id,
                paid_on=on,
                amount_rp=row.bill_rp,
                account_code=beside.paid_to or "",
                entry_id=row.entry_id,
            )
        )
    session.flush()


def _photo(session: Session, picture: bytes | None) -> int | None:
    return None if picture is None else photos.add_photo(session, picture).id


def _put_back(session: Session, row: Use, back: Return, *, on: date) -> Plan | None:
    unit = machine_rows.unit(session, row.unit_id)
    if meters.after_return(session, row) is None:
        machine_rows.read_meter(session, unit, back.meter, on=on)
    if back.condition is Condition.BROKEN:
        _outage, plan = breakdowns.break_down(session, unit.id, why=back.damage, at=back.at)
        return plan
    unit.condition = back.condition
    session.flush()
    return None
