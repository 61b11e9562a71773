"""The register of shared machines: kinds, who may use them, who operates them, how they look.

Single machines of a kind are in `equipment_units`, what they lose of their value in `depreciation`,
what using them costs in `tariffs`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import equipment as rules
from kopprod.domain.access import Action
from kopprod.domain.booking_limits import Limits
from kopprod.domain.bookings import ENDED
from kopprod.domain.equipment import Rate, Work
from kopprod.domain.members import MemberStatus, VillageUnknown
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tariffs import Split, check_split
from kopprod.domain.words import tidy
from kopprod.services import access, booking_rows, machine_rows, numbers, photos
from kopprod.services.memory import hers_until_written
from kopprod.tables.bookings import Booking
from kopprod.tables.cooperative import Village
from kopprod.tables.equipment import (
    Equipment,
    EquipmentUnit,
    EquipmentVillage,
    Trained,
)
from kopprod.tables.members import Member

DAY_MIN = 24 * 60
FIRST_MIN, LAST_MIN = 6 * 60, 18 * 60  # in daylight, unless somebody says otherwise
MOST_DAYS = 366
LONGEST_TEXT = 300
FIRST_SPLIT = Split(4_000, 2_000, 2_500, 1_500)
_NAMED = 5  # bookings in one sentence


class KindKnown(Refusal):
    """A name that a kind of machine has already."""

    sentence = N_("There is a machine named {name} already. Add one more unit to it instead.")


class KindRetired(Refusal):
    """Nothing is changed in what nobody can book any more."""

    sentence = N_("{machine} left the register on {retired_on}.")


class HoursAbsurd(Refusal):
    """It closes before it opens, or works on an hour that no day has."""

    sentence = N_("The hours of work begin and end within one day, and end after they begin.")


class LimitsAbsurd(Refusal):
    """Less than nothing, a longest job below the shortest, a horizon beyond a year."""

    sentence = N_(
        "These limits of booking cannot be right: a job lasts at least a minute and at most as "
        "long as the longest, and can be booked up to {most_days} days ahead."
    )


class WorkInUse(Refusal):
    """Sizes of jobs that are written down were counted in it."""

    sentence = N_(
        "{machine} has bookings already, so what its work is counted by stays as it is. Write "
        "down another machine beside it."
    )


class BookingsStand(Refusal):
    """Somebody counts on the machine."""

    sentence = N_(
        "{machine} cannot leave the register while bookings stand: {numbers}. Move or cancel them "
        "first."
    )


class VillageMayNot(Refusal):
    """A machine of other villages."""

    sentence = N_("{machine} is for members of {villages} only.")


class NotTrained(Refusal):
    """Who has not learnt it breaks it, or herself."""

    sentence = N_(
        "{name} has not learnt yet what {machine} asks for: {training}. The manager writes "
        "trainings down; or ask for an operator."
    )


class LeftTheCooperative(Refusal):
    """Machines are for members."""

    sentence = N_("{name} is no longer a member.")


@dataclass(frozen=True)
class Facts:
    """What is written down about a kind of machine.

    `village_ids` are the villages whose members may use it; none is all. Between `opens_min` and
    `closes_min`, minutes of the local day, free times are proposed.
    """

    name: str
    work: Work = Work.TIME
    rate_per_hour: int | None = None
    note: str = ""
    place: str = ""
    buffer_min: int = 0
    needs_operator: bool = False
    has_meter: bool = False
    fuel: str = ""
    accessories: str = ""
    training: str = ""
    needs_approval: bool = False
    opens_min: int = FIRST_MIN
    closes_min: int = LAST_MIN
    limits: Limits = field(default_factory=lambda: Limits(horizon_days=180, least_min=30))
    request_hours: int = 24
    split: Split = FIRST_SPLIT
    village_ids: tuple[int, ...] = ()


@hers_until_written
def kinds(session: Session, *, all_of_them: bool = False) -> list[Equipment]:
    """The kinds of machines in use, by name; perhaps also those that left the register."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = select(Equipment)
    if not all_of_them:
        query = query.where(col(Equipment.retired_on).is_(None))
    return sorted(session.exec(query).all(), key=lambda row: (row.name.casefold(), row.id))


def kind(session: Session, equipment_id: int) -> Equipment:
    """One kind of machine, also one that left the register."""
    access.require(session, Action.EQUIPMENT_SEE)
    return booking_rows.kind(session, equipment_id)


def units(
    session: Session, equipment_id: int, *, all_of_them: bool = False
) -> Sequence[EquipmentUnit]:
    """The machines of a kind in use; perhaps also those that left the register."""
    access.require(session, Action.EQUIPMENT_SEE)
    return machine_rows.units(session, equipment_id, all_of_them=all_of_them)


def add_kind(session: Session, facts: Facts) -> Equipment:
    """Write a kind of machine down; refuses a name that is there, and what cannot be."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    numbers.wait_turn(session, "equipment")
    row = Equipment(name=_free_name(session, facts.name), work=facts.work)
    _write(row, facts)
    session.add(row)
    session.flush()
    _invite(session, row.id, facts.village_ids)
    return row


def change_kind(session: Session, equipment_id: int, facts: Facts) -> Equipment:
    """Put right what is written down; bookings keep their times. Work only while nothing has it."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    numbers.wait_turn(session, "equipment")
    row = to_change(session, equipment_id)
    if facts.work is not row.work and _is_counted(session, row.id):
        raise WorkInUse(machine=row.name)
    row.name = _free_name(session, facts.name, but=row.id)
    row.work = facts.work
    _write(row, facts)
    session.flush()
    _invite(session, row.id, facts.village_ids)
    return row


def to_change(session: Session, equipment_id: int) -> Equipment:
    """A kind of machine that is in use, held until the transaction ends."""
    row = booking_rows.kind(session, equipment_id, to_change=True)
    if row.retired_on is not None:
        raise KindRetired(machine=row.name, retired_on=row.retired_on)
    return row


def facts_of(session: Session, row: Equipment) -> Facts:
    """What is written down about a kind, as the form that changes it begins."""
    return Facts(
        name=row.name,
        work=row.work,
        rate_per_hour=row.rate_per_hour,
        note=row.note,
        place=row.place,
        buffer_min=row.buffer_min,
        needs_operator=row.needs_operator,
        has_meter=row.has_meter,
        fuel=row.fuel,
        accessories=row.accessories,
        training=row.training,
        needs_approval=row.needs_approval,
        opens_min=row.opens_min,
        closes_min=row.closes_min,
        limits=booking_rows.limits(row),
        request_hours=row.request_hours,
        split=Split(row.operator_bp, row.maintenance_bp, row.depreciation_bp, row.cooperative_bp),
        village_ids=tuple(villages(session, row.id)),
    )


def _write(row: Equipment, facts: Facts) -> None:
    if facts.rate_per_hour is not None:
        rules.check_rate(Rate(facts.work, facts.rate_per_hour))
    check_split(facts.split)
    _check_limits(facts)
    row.rate_per_hour = facts.rate_per_hour
    row.buffer_min = rules.check_buffer(facts.buffer_min)
    for name in ("note", "place", "fuel", "training"):
        setattr(row, name, tidy(getattr(facts, name))[:LONGEST_TEXT])
    lines = (tidy(line) for line in facts.accessories.splitlines())
    row.accessories = "\n".join(line for line in lines if line)[:LONGEST_TEXT]
    for name in ("needs_operator", "has_meter", "needs_approval", "opens_min", "closes_min"):
        setattr(row, name, getattr(facts, name))
    for name, value in vars(facts.limits).items():
        setattr(row, name, value)
    row.request_hours = facts.request_hours
    row.operator_bp, row.maintenance_bp, row.depreciation_bp, row.cooperative_bp = facts.split.parts


def _check_limits(facts: Facts) -> None:
    if not 0 <= facts.opens_min < facts.closes_min <= DAY_MIN:
        raise HoursAbsurd
    limits = facts.limits
    notices = (limits.add_notice_h, limits.change_notice_h, limits.cancel_notice_h)
    longest = limits.least_min if limits.most_min is None else limits.most_min
    if not (
        min(notices) >= 0
        and 0 < limits.horizon_days <= MOST_DAYS
        and 0 < limits.least_min <= longest
        and facts.request_hours > 0
    ):
        raise LimitsAbsurd(most_days=MOST_DAYS)


def _free_name(session: Session, name: str, *, but: int | None = None) -> str:
    kept = rules.check_name(name)
    same = select(Equipment).where(func.lower(Equipment.name) == kept.lower(), Equipment.id != but)
    if session.exec(same).first() is not None:
        raise KindKnown(name=kept)
    return kept


def _is_counted(session: Session, equipment_id: int) -> bool:
    booked = select(Booking.id).where(Booking.equipment_id == equipment_id)
    return session.exec(booked).first() is not None


def check_unbooked(session: Session, row: Equipment) -> None:
    """Refuse while any booking of the kind stands, waits or was postponed; names them."""
    query = select(Booking.number).where(
        Booking.equipment_id == row.id, col(Booking.stage).not_in(ENDED)
    )
    refuse_booked(row, session.exec(query.order_by(col(Booking.since), col(Booking.id))).all())


def refuse_booked(row: Equipment, found: Sequence[str]) -> None:
    """Refuse where these bookings would lose their machine; the first are named."""
    if found:
        more = [] if len(found) <= _NAMED else [f"+{len(found) - _NAMED}"]
        raise BookingsStand(machine=row.name, numbers=", ".join([*found[:_NAMED], *more]))


# Who may use it


def villages(session: Session, equipment_id: int) -> dict[int, str]:
    """The villages whose members may use it, by key; without any, all may."""
    query = (
        select(Village)
        .join(EquipmentVillage, col(EquipmentVillage.village_id) == Village.id)
        .where(EquipmentVillage.equipment_id == equipment_id)
    )
    return {row.id: row.name for row in session.exec(query.order_by(col(Village.name))).all()}


def _invite(session: Session, equipment_id: int, village_ids: Collection[int]) -> None:
    wanted = set(village_ids)
    query = select(EquipmentVillage).where(EquipmentVillage.equipment_id == equipment_id)
    for row in session.exec(query).all():
        if row.village_id in wanted:
            wanted.remove(row.village_id)
        else:
            session.delete(row)
    for village_id in sorted(wanted):
        if session.get(Village, village_id) is None:
            raise VillageUnknown
        session.add(EquipmentVillage(equipment_id=equipment_id, village_id=village_id))
    session.flush()


def check_may_use(
    session: Session,
    equipment: Equipment,
    member_id: int,
    *,
    on: date,
    with_operator: bool = False,
) -> None:
    """Refuse who has left, who is of another village, or who has not learnt what it asks for.

    Where an operator works for her she need not have learnt it herself.
    """
    member = session.get_one(Member, member_id)
    if member.status is MemberStatus.LEFT:
        raise LeftTheCooperative(name=member.name)
    invited = villages(session, equipment.id)
    if invited and member.village_id not in invited:
        raise VillageMayNot(machine=equipment.name, villages=", ".join(invited.values()))
    if not equipment.training or equipment.needs_operator or with_operator:
        return
    learnt = {row.member_id for row in trained(session, equipment.id, on=on)}
    if member_id not in learnt:
        raise NotTrained(name=member.name, machine=equipment.name, training=equipment.training)


def operators(session: Session, equipment_id: int, *, on: date) -> list[Member]:
    """Who may operate it for others on a day, by name; without what is private."""
    access.require(session, Action.EQUIPMENT_SEE)
    may = {row.member_id for row in trained(session, equipment_id, on=on) if row.operates}
    query = select(Member).where(col(Member.id).in_(may), Member.status != MemberStatus.LEFT)
    return sorted(session.exec(query).all(), key=lambda row: (row.name.casefold(), row.id))


def trained(session: Session, equipment_id: int, *, on: date) -> Sequence[Trained]:
    """Whose training counts on a day."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = select(Trained).where(
        Trained.equipment_id == equipment_id,
        Trained.trained_on <= on,
        col(Trained.until).is_(None) | (col(Trained.until) > on),
    )
    return session.exec(query).all()


# How it looks


def keep_photo(session: Session, equipment_id: int, *, picture: bytes) -> Equipment:
    """Keep a photo of the kind, made small; nothing takes it away. The old one stays in the trail.

    Refuses what is no picture.
    """
    access.require(session, Action.EQUIPMENT_CHANGE)
    row = to_change(session, equipment_id)
    row.photo_id = photos.add_photo(session, picture).id if picture else None
    session.flush()
    return row
