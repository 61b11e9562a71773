"""Bookings of the yard's machines for tests: hours of a day, asked by members or for them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.domain.bookings import HOLDING
from kopprod.domain.capacity import levels
from kopprod.domain.intervals import Span, merge
from kopprod.services import bookings
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import EquipmentUnit
from tests import make
from tests.machines import Yard
from tests.seasons import at_once

AT = make.AT  # Monday, 2 March 2026, 08.00 in Jakarta
MIDNIGHT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # of Tuesday, 3 March, in Jakarta


def clock(hour: int, minute: int = 0, *, day: int = 3) -> datetime:
    """A moment of March 2026, as clocks in Jakarta show it; Tuesday the 3rd unless said."""
    return MIDNIGHT + timedelta(days=day - 3, hours=hour, minutes=minute)


def hours(begins: int, ends: int, *, day: int = 3) -> Span:
    """From an hour of a local day until another."""
    return Span(clock(begins, day=day), clock(ends, day=day))


def acting(
    yard: Yard, person: Person = make.MANAGER, *, at: datetime = AT
) -> AbstractContextManager[Session]:
    """A transaction of somebody."""
    return db.writing(yard.coop, person=person, action="test", at=at)


def member(yard: Yard, name: str = "Siti") -> Person:
    """A member who acts for herself on her phone."""
    return make.person(Role.MEMBER, name=name, member_id=yard.members[name])


def pump(
    session: Session, yard: Yard, span: Span, name: str = "Siti", *, at: datetime = AT, **facts: str
) -> Booking:
    """A pump for a time that was typed."""
    return bookings.ask(
        session,
        yard.pump_id,
        member_id=yard.members[name],
        since=span.since,
        until=span.until,
        at=at,
        draft_key=facts.get("draft_key"),
        typed=facts.get("typed", ""),
    )


def tractor(
    session: Session,
    yard: Yard,
    since: datetime,
    name: str = "Siti",
    *,
    size: int = 7_500,
    at: datetime = AT,
    wait: bool = False,
) -> Booking:
    """The tractor for so many m2."""
    return bookings.ask(
        session,
        yard.tractor_id,
        member_id=yard.members[name],
        since=since,
        size=size,
        at=at,
        wait=wait,
    )


def all_at_once(
    yard: Yard, acts: Sequence[Callable[[Session], object]], person: Person = make.MANAGER
) -> list[object]:
    """What each act gave or refused, every one in a transaction and a thread of its own."""

    def alone(act: Callable[[Session], object]) -> Callable[[], object]:
        def run() -> object:
            with acting(yard, person) as session:
                return act(session)

        return run

    return at_once(*(alone(act) for act in acts))


def overbooked(session: Session) -> list[str]:
    """What no sequence of acts may bring about, reckoned from the rows alone."""
    rows = session.exec(select(Booking).where(col(Booking.stage).in_(HOLDING))).all()
    found = []
    for equipment_id in {row.equipment_id for row in rows}:
        known = [
            unit.id
            for unit in session.exec(select(EquipmentUnit)).all()
            if unit.equipment_id == equipment_id and unit.retired_on is None
        ]
        taken = [
            Span(row.since, row.blocked_until) for row in rows if row.equipment_id == equipment_id
        ]
        outages = [
            one for one in session.exec(select(Outage)).all() if one.equipment_id == equipment_id
        ]
        for unit_id in known:  # a unit that is out twice is out once
            mine = [one for one in outages if one.unit_id in (None, unit_id)]
            taken += merge(Span(one.since, one.until) for one in mine)
        found += _above(taken, len(known), f"machine {equipment_id}")
    for operator_id in {row.operator_id for row in rows if row.operator_id is not None}:
        busy = [
            Span(row.since, row.blocked_until) for row in rows if row.operator_id == operator_id
        ]
        found += _above(busy, 1, f"operator {operator_id}")
    return found


def _above(taken: Sequence[Span], most: int, what: str) -> list[str]:
    whole = Span(min(one.since for one in taken), max(one.until for one in taken))
    return [f"{what}: {span}" for span, level in levels(whole, taken) if level > most]
