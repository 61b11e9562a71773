"""What is asked of a machine, looked at as a rule would: who, how long, when, and at what cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kopprod.domain import booking_limits as limits
from kopprod.domain.access import Action, NotAllowed, Person
from kopprod.domain.booking_limits import STEP_MIN
from kopprod.domain.bookings import Stage, check_in_use, expires_at
from kopprod.domain.equipment import NothingToDo, Work
from kopprod.domain.intervals import Span, lasting
from kopprod.domain.members import MemberUnknown
from kopprod.domain.phones import to_e164
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    booking_costs,
    booking_operators,
    booking_quotas,
    booking_rows,
    days,
    equipment,
    numbers,
    upkeep,
    waiting_list,
)
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member

LONGEST = 200


class NobodyAsks(Refusal):
    """A booking of nobody, or of a member and somebody else at once."""

    sentence = N_("Choose the member for whom this is, or write the name of who is no member.")


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of a machine: from `since`, until a typed end or as long as it takes.

    `size` is in base units of the machine's work; one that works by time needs none.
    """

    since: datetime
    until: datetime | None = None
    size: int | None = None
    typed: str = ""
    member_id: int | None = None
    other_name: str = ""
    other_phone: str = ""
    operator_id: int | None = None
    with_operator: bool = False
    place: str = ""
    ripe_on: date | None = None
    season: str = ""
    note: str = ""


def check_who(session: Session, member_id: int | None) -> Person:
    """Refuse who may not ask for this member, or for who is none."""
    person = access.person(session)
    if person.may(Action.BOOKINGS_ASK_FOR):
        return person
    access.require(session, Action.BOOKINGS_ASK_OWN)
    if member_id is None or person.member_id != member_id:
        raise NotAllowed
    return person


def time_of(equipment: Equipment, wanted: Wanted) -> tuple[Span, int]:
    """When the job is and how large: an end that was typed counts, else the job's size.

    Refuses a job of no size, and a size for a machine of which nobody knows how fast it works.
    """
    size = wanted.size
    if wanted.until is not None:
        span = Span(wanted.since, wanted.until)
        size = span.minutes if equipment.work is Work.TIME else size
    if size is None or size <= 0:
        raise NothingToDo
    if wanted.until is None:
        span = lasting(wanted.since, minutes_of(equipment, size))
    return span, size


def minutes_of(equipment: Equipment, size: int) -> int:
    """How long a job of this size takes; time that is asked for is as long as it is."""
    step = 1 if equipment.work is Work.TIME else STEP_MIN
    return limits.job_minutes(
        size, booking_rows.rate(equipment), machine=equipment.name, step_min=step
    )


def prepare(session: Session, kind: Equipment, wanted: Wanted, *, at: datetime) -> Booking:
    """The booking that would be written, with all that is asked but whether the time is free.

    Refuses who may not use the machine, a job larger than her land, and times out of its limits.
    """
    person = access.person(session)
    span, size = time_of(kind, wanted)
    calendar = days.calendar(session)
    check_in_use(kind.name, kind.retired_on, span, calendar)
    upkeep.check_bookable(session, kind.id, on=calendar.day_of(at))
    check_user(session, kind, wanted, size, on=calendar.day_of(span.since))
    allowed = booking_rows.limits(kind, free=person.may(Action.BOOKINGS_DECIDE))
    limits.check_times(span, allowed, machine=kind.name, at=at, calendar=calendar)
    operator_id = booking_operators.choose(
        session, kind, span, asked=wanted.operator_id, needed=wanted.with_operator, at=at
    )
    with_operator = wanted.with_operator or kind.needs_operator or operator_id is not None
    bill = booking_costs.estimate(
        session,
        kind,
        span,
        size=size,
        member=wanted.member_id is not None,
        with_operator=with_operator,
        season=wanted.season,
    )
    return Booking(
        number="",
        equipment_id=kind.id,
        member_id=wanted.member_id,
        other_name=tidy(wanted.other_name)[:LONGEST],
        other_phone=to_e164(phone) if (phone := tidy(wanted.other_phone)) else "",
        since=span.since,
        until=span.until,
        blocked_until=span.with_buffer(kind.buffer_min).until,
        operator_id=operator_id,
        with_operator=with_operator,
        size=size,
        typed=tidy(wanted.typed)[:LONGEST],
        place=tidy(wanted.place)[:LONGEST],
        ripe_on=wanted.ripe_on,
        season=tidy(wanted.season)[:LONGEST],
        asked_at=at,
        estimate_rp=None if bill is None else bill.total_rp,
        note=tidy(wanted.note)[:LONGEST],
    )


def check_user(
    session: Session, kind: Equipment, wanted: Wanted, size: int, *, on: date
) -> Member | None:
    """Who asks, None for who is no member; refuses nobody, who may not, and too large a job."""
    if (wanted.member_id is None) is not bool(tidy(wanted.other_name)):
        raise NobodyAsks
    if wanted.member_id is None:
        return None
    member = session.get(Member, wanted.member_id)
    if member is None:
        raise MemberUnknown
    equipment.check_may_use(session, kind, member.id, on=on, with_operator=wanted.with_operator)
    if kind.work is Work.AREA:
        limits.check_area(size, member.land_m2, name=member.name)
    return member


def begin(session: Session, equipment_id: int, *, at: datetime) -> Equipment:
    """The machine, held; who waits for it has got what is free."""
    kind = booking_rows.lock_kind(session, equipment_id, at=at)
    waiting_list.fill(session, kind, at=at)
    return kind


def first_stage(kind: Equipment, person: Person) -> Stage:
    """Booked at once, or a request that somebody who manages the machines answers."""
    if kind.needs_approval and not person.may(Action.BOOKINGS_DECIDE):
        return Stage.REQUESTED
    return Stage.BOOKED


def check_quotas(
    session: Session,
    kind: Equipment,
    row: Booking,
    spans: Sequence[Span],
    *,
    old: Booking | None = None,
) -> None:
    """Refuse what is above the quotas of its member; `old` is what it replaces."""
    if row.member_id is not None:
        member = session.get_one(Member, row.member_id)
        booking_quotas.check(session, kind, member, spans, old=old)


def write(
    session: Session, row: Booking, stage: Stage, *, at: datetime, series: str = ""
) -> Booking:
    """Keep a prepared booking, with its number."""
    number = numbers.take(session, booking_rows.NUMBER, days.today(session).year)
    changes: dict[str, object] = {"number": number, "stage": stage, "series": series}
    if stage is Stage.REQUESTED:
        kind = booking_rows.kind(session, row.equipment_id)
        changes["expires_at"] = expires_at(at, row.since, kind.request_hours)
    booking_rows.keep(session, row, changes, at=at)
    return row
