"""Rows of uses: which stand, which machines are with whom, what is to be fetched and is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from kopprod.domain import uses as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import Stage
from kopprod.domain.equipment import Condition
from kopprod.domain.intervals import Period, Span, period_span
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.uses import HandOver
from kopprod.services import access, days, fitness, machine_rows
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.members import Member
from kopprod.tables.uses import Use


class UseUnknown(Refusal):
    """No use of that key, or one of somebody else."""

    sentence = N_("This use of a machine is not here. Go back to the list.")


class ReturnedAlready(Refusal):
    """Somebody wrote the return down, perhaps a moment ago."""

    sentence = N_("{number} is returned already, with a bill of {bill_rp}. Nothing was changed.")


class UseReversed(Refusal):
    """It does not count any more."""

    sentence = N_("{number} was reversed on {reversed_on}: {reason}.")


@dataclass(frozen=True)
class Fetched:
    """A booking whose machine is to be handed over; `free` are the units that can be, by number."""

    booking: Booking
    kind: Equipment
    name: str
    member: Member | None
    free: Sequence[EquipmentUnit]


@dataclass(frozen=True)
class Held:
    """A use that is not returned yet, or whose return is to be written anew."""

    use: Use
    booking: Booking
    kind: Equipment
    unit: EquipmentUnit
    name: str
    member: Member | None
    late_min: int

    @property
    def unit_words(self) -> str:
        """The machine as people call it."""
        return f"{self.kind.name} ({self.unit.number})"

    @property
    def again(self) -> bool:
        """The machine is back, its return was wrong and reversed."""
        return self.booking.stage is Stage.RETURNED


def use(session: Session, use_id: int) -> Use:
    """One use; refuses a key of none."""
    row = session.get(Use, use_id)
    if row is None:
        raise UseUnknown
    return row


def reversed_already(row: Use) -> UseReversed:
    """The refusal of what would change a use that was reversed."""
    facts = {"number": row.number, "reason": row.reason}
    return UseReversed(reversed_on=row.reversed_on or row.out_at.date(), **facts)


def standing(session: Session, booking_id: int) -> Use | None:
    """The use of a booking that stands."""
    query = select(Use).where(Use.booking_id == booking_id, col(Use.reversed_on).is_(None))
    return session.exec(query).first()


def things(words: str) -> frozenset[str]:
    """What went along or came back, from the lines that are kept."""
    return frozenset(words.splitlines())


def out_of(row: Use) -> HandOver:
    """The hand-over of a use, for the rules."""
    return HandOver(row.out_at, row.out_meter, row.out_condition, things(row.out_accessories))


def taken(session: Session, equipment_id: int, span: Span) -> dict[int, list[Span]]:
    """When each unit of a kind cannot be handed over in a span: out, broken, out of service."""
    units = machine_rows.units(session, equipment_id)
    found: dict[int, list[Span]] = {unit.id: [] for unit in units}
    with_somebody = (
        select(Use.unit_id)
        .join(Booking, col(Booking.id) == col(Use.booking_id))
        .where(
            Booking.equipment_id == equipment_id,
            Booking.stage == Stage.OUT,
            col(Use.returned_at).is_(None),
            col(Use.reversed_on).is_(None),
        )
    )
    away = set(session.exec(with_somebody).all())
    outages = select(Outage).where(
        Outage.equipment_id == equipment_id,
        col(Outage.since) < span.until,
        col(Outage.until) > span.since,
    )
    for row in session.exec(outages).all():
        for unit in units:
            if row.unit_id in (None, unit.id):
                found[unit.id].append(Span(row.since, row.until))
    for unit in units:
        if unit.id in away or unit.condition is Condition.BROKEN:
            found[unit.id].append(span)
    return found


def free_units(session: Session, booking: Booking, *, on: date) -> list[EquipmentUnit]:
    """The units that can be handed over for a booking: those that are fit first, by number."""
    span = Span(booking.since, booking.until)
    found = taken(session, booking.equipment_id, span)
    units = machine_rows.units(session, booking.equipment_id)
    free = [unit for unit in units if not any(span.overlaps(one) for one in found[unit.id])]
    due = fitness.unfit(session, booking.equipment_id, on=on)
    return sorted(free, key=lambda unit: (unit.id in due, unit.number))


# What the officer sees


def to_fetch(session: Session, *, at: datetime) -> list[Fetched]:
    """What is booked for today or for earlier, and has not been handed over, in order of time."""
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    calendar = days.calendar(session)
    on = calendar.day_of(at)
    until = period_span(Period.DAY, on, calendar).until
    query = (
        select(Booking, Equipment, Member)
        .join(Equipment, col(Equipment.id) == col(Booking.equipment_id))
        .outerjoin(Member, col(Member.id) == col(Booking.member_id))
        .where(Booking.stage == Stage.BOOKED, col(Booking.since) < until)
        .order_by(col(Booking.since), col(Booking.id))
    )
    return [
        Fetched(booking, kind, _name(booking, member), member, free_units(session, booking, on=on))
        for booking, kind, member in session.exec(query).all()
    ]


def held(session: Session, *, at: datetime) -> list[Held]:
    """Machines that are with somebody, the latest first; and returns to be written anew."""
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    query = (
        select(Use, Booking, Equipment, Member)
        .join(Booking, col(Booking.id) == col(Use.booking_id))
        .join(Equipment, col(Equipment.id) == col(Booking.equipment_id))
        .outerjoin(Member, col(Member.id) == col(Use.member_id))
        .where(col(Use.returned_at).is_(None), col(Use.reversed_on).is_(None))
        .order_by(col(Booking.until), col(Use.id))
    )
    return [
        Held(
            row,
            booking,
            kind,
            machine_rows.unit(session, row.unit_id),
            _name(booking, member),
            member,
            rules.minutes_late(booking.until, at) if booking.stage is Stage.OUT else 0,
        )
        for row, booking, kind, member in session.exec(query).all()
    ]


def _name(booking: Booking, member: Member | None) -> str:
    return booking.other_name if member is None else member.name


def name_of(session: Session, booking: Booking) -> str:
    """Who has a booking."""
    member = None if booking.member_id is None else session.get(Member, booking.member_id)
    return _name(booking, member)
