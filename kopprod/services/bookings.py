"""Booking shared machines: asked, decided, changed, extended, cancelled.

Each act waits for its turn, ends requests that nobody answered, and gives who waits a time that is
free before anybody else. What is taken is refused with the next free time.
"""

from datetime import date, datetime

from sqlmodel import Session

from kopprod.domain import booking_limits as limits
from kopprod.domain import bookings as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import Act, Stage
from kopprod.domain.capacity import possible
from kopprod.domain.intervals import Span
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    booking_asks,
    booking_costs,
    booking_operators,
    booking_rows,
    days,
    sent,
    upkeep,
    waiting_list,
)
from kopprod.services.booking_asks import Wanted
from kopprod.services.booking_rows import fleet, lock, move_to, standing
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment

__all__ = [
    "Wanted",
    "approve",
    "ask",
    "book",
    "cancel",
    "change",
    "extend",
    "fleet",
    "lock",
    "move_to",
    "no_show",
    "place",
    "refuse",
    "standing",
]


def ask(
    session: Session,
    equipment_id: int,
    *,
    since: datetime,
    at: datetime,
    until: datetime | None = None,
    size: int | None = None,
    typed: str = "",
    member_id: int | None = None,
    other_name: str = "",
    other_phone: str = "",
    operator_id: int | None = None,
    with_operator: bool = False,
    place: str = "",
    ripe_on: date | None = None,
    season: str = "",
    note: str = "",
    wait: bool = False,
    draft_key: str | None = None,
) -> Booking:
    """Ask for a machine from a moment on, as long as the job takes or until a typed end.

    As `book`, which says what is refused.
    """
    wanted = Wanted(
        since=since,
        until=until,
        size=size,
        typed=typed,
        member_id=member_id,
        other_name=other_name,
        other_phone=other_phone,
        operator_id=operator_id,
        with_operator=with_operator,
        place=place,
        ripe_on=ripe_on,
        season=season,
        note=note,
    )
    return book(session, equipment_id, wanted, at=at, wait=wait, draft_key=draft_key)


def book(
    session: Session,
    equipment_id: int,
    wanted: Wanted,
    *,
    at: datetime,
    wait: bool = False,
    draft_key: str | None = None,
) -> Booking:
    """A booking, or a request where this kind is approved; the same `draft_key` gives it again.

    Refuses what the machine, its limits or quotas do not allow, and a taken time with the next free
    one; with `wait` a taken time gives a place on the waiting list.
    """
    person = booking_asks.check_who(session, wanted.member_id)
    kind = booking_asks.begin(session, equipment_id, at=at)
    facts = {"equipment_id": equipment_id, "member_id": wanted.member_id, "since": wanted.since}
    known = sent.same(session, Booking, draft_key, facts)
    if known is not None:
        return known
    row = booking_asks.prepare(session, kind, wanted, at=at)
    row.draft_key = draft_key
    span = Span(row.since, row.until)
    booking_asks.check_quotas(session, kind, row, [span])
    booking_rows.lock_operator(session, row.operator_id)
    if wait and not _is_free(session, kind, row, at=at):
        return booking_asks.write(session, row, Stage.WAITING, at=at)
    booking_rows.check_possible(session, row, at=at)
    return booking_asks.write(session, row, booking_asks.first_stage(kind, person), at=at)


def _is_free(session: Session, kind: Equipment, row: Booking, *, at: datetime) -> bool:
    jobs, machines = booking_operators.seen(session, kind, since=row.since, at=at)
    return possible(booking_rows.job(row, kind), jobs, machines)


# What becomes of a booking


def approve(
    session: Session, booking_id: int, *, at: datetime, operator_id: int | None = None
) -> Booking:
    """Say yes to a request, perhaps with another operator."""
    access.require(session, Action.BOOKINGS_DECIDE)
    row, kind = _open(session, booking_id, at=at)
    rules.after(row.stage, Act.APPROVE, number=row.number)
    _check_fit(session, kind, at=at)
    chosen = row.operator_id
    if operator_id is not None and operator_id != chosen:
        span = Span(row.since, row.until)
        chosen = booking_operators.choose(session, kind, span, asked=operator_id, at=at, but=row.id)
    return _move(session, row, Act.APPROVE, at=at, operator_id=chosen)


def refuse(session: Session, booking_id: int, *, at: datetime, reason: str = "") -> Booking:
    """Say no to a request; the time is free for who waits."""
    access.require(session, Action.BOOKINGS_DECIDE)
    row, kind = _open(session, booking_id, at=at)
    move_to(session, row, Act.REFUSE, at=at, note=reason or row.note)
    waiting_list.fill(session, kind, at=at)
    return row


def cancel(session: Session, booking_id: int, *, at: datetime) -> Booking:
    """Give a time back, or a place on the waiting list; who waits may get it."""
    row, kind = _open(session, booking_id, at=at)
    manages = _check_actor(session, row, Act.CANCEL)
    if not manages and row.stage is Stage.BOOKED:
        allowed = booking_rows.limits(kind)
        calendar = days.calendar(session)
        limits.check_notice(
            Act.CANCEL, Span(row.since, row.until), allowed, at=at, calendar=calendar
        )
    move_to(session, row, Act.CANCEL, at=at)
    waiting_list.fill(session, kind, at=at)
    return row


def place(
    session: Session, booking_id: int, *, since: datetime | None = None, at: datetime
) -> Booking:
    """Give a time to who waits or was postponed: the time that was wanted, or another."""
    access.require(session, Action.BOOKINGS_DECIDE)
    row, kind = _open(session, booking_id, at=at)
    rules.after(row.stage, Act.PLACE, number=row.number)
    _check_fit(session, kind, at=at)
    wanted = Span(row.since, row.until)
    span = wanted if since is None else wanted.moved_to(since)
    calendar = days.calendar(session)
    check_free = booking_rows.limits(kind, free=True)
    limits.check_times(span, check_free, machine=kind.name, at=at, calendar=calendar)
    booking_asks.check_quotas(session, kind, row, [span])
    return _move(session, row, Act.PLACE, at=at, span=span)


def extend(session: Session, booking_id: int, *, until: datetime, at: datetime) -> Booking:
    """Give a booking a later end, also while the machine is out."""
    row, kind = _open(session, booking_id, at=at)
    manages = _check_actor(session, row, Act.EXTEND)
    span = limits.extended(
        Span(row.since, row.until),
        until,
        booking_rows.limits(kind, free=manages),
        machine=kind.name,
        at=at,
        calendar=days.calendar(session),
    )
    rules.check_in_use(kind.name, kind.retired_on, span, days.calendar(session))
    booking_asks.check_quotas(session, kind, row, [span], old=row)
    return _move(session, row, Act.EXTEND, at=at, span=span, anew=False)


def no_show(session: Session, booking_id: int, *, reason: str = "", at: datetime) -> Booking:
    """Give a booking up for which nobody came, with its reason; the rest of its time is free.

    Refuses one that has not begun. What nobody gives up lapses by itself a fortnight after its end.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT)
    row, kind = _open(session, booking_id, at=at)
    rules.after(row.stage, Act.NO_SHOW, number=row.number)
    span = Span(row.since, row.until)
    rules.check_no_show(span, number=row.number, at=at, calendar=days.calendar(session))
    note = tidy(reason)[: booking_asks.LONGEST] or rules.NOBODY_CAME
    move_to(session, row, Act.NO_SHOW, at=at, note=note)
    waiting_list.fill(session, kind, at=at)
    return row


def change(
    session: Session,
    booking_id: int,
    *,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    size: int | None = None,
    typed: str = "",
    operator_id: int | None = None,
) -> Booking:
    """Another time, size or operator; what is not given stays. It is checked as a new one is.

    A new size without an end takes as long as the job needs. Refuses a member another size of what
    was approved.
    """
    row, kind = _open(session, booking_id, at=at)
    manages = _check_actor(session, row, Act.CHANGE)
    if size is not None and size != row.size:
        rules.check_resize(
            row.stage, approved=kind.needs_approval, manages=manages, number=row.number
        )
    before, allowed = Span(row.since, row.until), booking_rows.limits(kind, free=manages)
    calendar = days.calendar(session)
    if not manages:
        limits.check_notice(Act.CHANGE, before, allowed, at=at, calendar=calendar)
    begins = row.since if since is None else since
    if until is None and size is None:
        until = before.moved_to(begins).until
    wanted = Wanted(
        since=begins,
        until=until,
        size=row.size if size is None else size,
        member_id=row.member_id,
        other_name=row.other_name,
        with_operator=row.with_operator,
    )
    span, size = booking_asks.time_of(kind, wanted)
    rules.check_in_use(kind.name, kind.retired_on, span, calendar)
    booking_asks.check_user(session, kind, wanted, size, on=calendar.day_of(span.since))
    if span != before:
        _check_fit(session, kind, at=at)
        limits.check_times(span, allowed, machine=kind.name, at=at, calendar=calendar)
    booking_asks.check_quotas(session, kind, row, [span], old=row)
    chosen = row.operator_id
    if operator_id is not None:
        chosen = booking_operators.choose(session, kind, span, asked=operator_id, at=at, but=row.id)
    expires = None if row.expires_at is None else min(row.expires_at, span.since)
    _move(
        session, row, Act.CHANGE, at=at, span=span, size=size, typed=typed or row.typed,
        operator_id=chosen, expires_at=expires, anew=span != before,
    )  # fmt: skip
    waiting_list.fill(session, kind, at=at)
    return row


def _open(session: Session, booking_id: int, *, at: datetime) -> tuple[Booking, Equipment]:
    """The booking, held, and its kind of machine."""
    row = lock(session, booking_id, at=at)
    return row, booking_asks.begin(session, row.equipment_id, at=at)


def _check_fit(session: Session, kind: Equipment, *, at: datetime) -> None:
    """Refuse a new time for a kind of which every unit is broken, or due."""
    upkeep.check_bookable(session, kind.id, on=days.calendar(session).day_of(at))


def _check_actor(session: Session, row: Booking, act: Act) -> bool:
    """Whether who acts manages the machines; refuses who may not, and what the stage forbids."""
    person = access.person(session)
    manages = person.may(Action.BOOKINGS_DECIDE)
    if not manages:
        access.require(session, Action.BOOKINGS_ASK_OWN)
    rules.check_actor(
        act,
        own=row.member_id is not None and row.member_id == person.member_id,
        manages=manages,
        number=row.number,
        name=booking_rows.who(session, [row])[row.id],
    )
    rules.after(row.stage, act, number=row.number)
    return manages


def _move(
    session: Session,
    row: Booking,
    act: Act,
    *,
    at: datetime,
    span: Span | None = None,
    expires_at: datetime | None = None,
    anew: bool = True,
    **columns: object,
) -> Booking:
    """As `move_to`, asked beforehand whether the time is free, with what it is likely to cost."""
    now = span or Span(row.since, row.until)
    kind = booking_rows.kind(session, row.equipment_id)
    columns = {"operator_id": row.operator_id, "size": row.size, **columns}
    facts = {**row.model_dump(), **columns, "since": now.since, "until": now.until}
    wanted = Booking(**facts)
    booking_rows.lock_operator(session, wanted.operator_id)
    booking_rows.check_possible(session, wanted, at=at, anew=anew)
    bill = booking_costs.estimate(
        session,
        kind,
        now,
        size=wanted.size,
        member=row.member_id is not None,
        with_operator=row.with_operator,
        season=row.season,
    )
    columns["estimate_rp"] = None if bill is None else bill.total_rp
    return move_to(session, row, act, at=at, span=span, expires_at=expires_at, **columns)
