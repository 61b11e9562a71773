"""Addresses at which a calendar may be read without signing in: of a machine, or of a member.

Whoever knows an address reads it, so only its hash is kept, and renewing it ends the old one. A
machine's calendar says when it is taken and names nobody; a member's has her own bookings only.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.bookings import CHARGED, Stage
from kopprod.domain.intervals import DAY, Span
from kopprod.domain.members import MemberStatus
from kopprod.services import access, cooperative, numbers, signin
from kopprod.tables.bookings import Booking, CalendarFeed, Outage
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits
PAST_DAYS = 60
_COUNTER = "calendar_feed"


@dataclass(frozen=True)
class Event:
    """A time in a calendar; `stage` is None for a time out of service, whose reason is `what`."""

    uid: str
    span: Span
    what: str
    stage: Stage | None
    place: str = ""


@dataclass(frozen=True)
class Feed:
    """A calendar as its address shows it; `own` says that it is a member's."""

    name: str
    cooperative: str
    zone: ZoneInfo
    own: bool
    events: Sequence[Event]


def path(coop: str, token: str) -> str:
    """The address of a calendar, below the server's own."""
    return f"/kalender/{coop}/{token}.ics"


def well_formed(token: str) -> bool:
    """Whether it can be a token at all."""
    return _TOKEN.fullmatch(token) is not None


def renew_for_equipment(session: Session, equipment_id: int, *, at: datetime) -> str:
    """A new token for a machine's calendar, shown this once; the old address ends."""
    access.require(session, Action.BOOKINGS_DECIDE)
    session.get_one(Equipment, equipment_id)
    return _renew(session, at=at, equipment_id=equipment_id)


def renew_own(session: Session, *, at: datetime) -> str:
    """A new token for the calendar of whoever acts, a member; the old address ends."""
    acting = access.require(session, Action.OWN_SEE)
    if acting.member_id is None:
        raise NotAllowed
    return _renew(session, at=at, member_id=acting.member_id)


def _renew(
    session: Session, *, at: datetime, equipment_id: int | None = None, member_id: int | None = None
) -> str:
    numbers.wait_turn(session, _COUNTER)  # of two who renew at once, one address is left
    _end(session, at=at, equipment_id=equipment_id, member_id=member_id)
    token = secrets.token_urlsafe(32)
    row = CalendarFeed(
        token_hash=signin.hash_token(token), equipment_id=equipment_id, member_id=member_id
    )
    session.add(row)
    session.flush()
    return token


def end_for_equipment(session: Session, equipment_id: int, *, at: datetime) -> None:
    """A machine's calendar can no longer be read from outside."""
    access.require(session, Action.BOOKINGS_DECIDE)
    numbers.wait_turn(session, _COUNTER)
    _end(session, at=at, equipment_id=equipment_id)


def end_own(session: Session, *, at: datetime) -> None:
    """The calendar of whoever acts can no longer be read from outside."""
    acting = access.require(session, Action.OWN_SEE)
    numbers.wait_turn(session, _COUNTER)
    if acting.member_id is not None:
        _end(session, at=at, member_id=acting.member_id)


def _end(session: Session, *, at: datetime, **subject: int | None) -> None:
    for row in _open(session, **subject):
        row.ended_at = at
    session.flush()


def _open(session: Session, **facts: int | str | None) -> Sequence[CalendarFeed]:
    query = select(CalendarFeed).where(col(CalendarFeed.ended_at).is_(None)).filter_by(**facts)
    return session.exec(query).all()


def is_open_for_equipment(session: Session, equipment_id: int) -> bool:
    """Whether a machine's calendar has an address now."""
    access.require(session, Action.BOOKINGS_DECIDE)
    return bool(_open(session, equipment_id=equipment_id))


def is_open_own(session: Session) -> bool:
    """Whether the calendar of whoever acts has an address now."""
    acting = access.require(session, Action.OWN_SEE)
    return acting.member_id is not None and bool(_open(session, member_id=acting.member_id))


def read(session: Session, *, token: str, at: datetime) -> Feed | None:
    """The calendar of a token, from two months ago on; open to whoever knows it.

    None where nobody has it, where it was renewed, and where its member has left.
    """
    found = _open(session, token_hash=signin.hash_token(token))
    if not found:
        return None
    feed = found[0]
    since = at - PAST_DAYS * DAY
    if feed.member_id is not None:
        member = session.get_one(Member, feed.member_id)
        if member.status is MemberStatus.LEFT:
            return None
        return _feed(session, member.name, _own_events(session, member.id, since), own=True)
    kind = session.get_one(Equipment, feed.equipment_id)
    return _feed(session, kind.name, _machine_events(session, kind, since), own=False)


def _feed(session: Session, name: str, events: Sequence[Event], *, own: bool) -> Feed:
    return Feed(
        name=name,
        cooperative=cooperative.setting(session, "name"),
        zone=ZoneInfo(cooperative.setting(session, "zone")),
        own=own,
        events=sorted(events, key=lambda one: (one.span, one.uid)),
    )


def _own_events(session: Session, member_id: int, since: datetime) -> list[Event]:
    """Her bookings, and those on which she operates the machine."""
    query = (
        select(Booking, Equipment)
        .join(Equipment, col(Equipment.id) == Booking.equipment_id)
        .where(
            or_(col(Booking.member_id) == member_id, col(Booking.operator_id) == member_id),
            col(Booking.stage).in_(CHARGED),
            Booking.until > since,
        )
    )
    return [
        Event(
            uid=f"booking-{row.id}",
            span=Span(row.since, row.until),
            what=f"{kind.name} · {row.number}",
            stage=row.stage,
            place=row.place or kind.place,
        )
        for row, kind in session.exec(query).all()
    ]


def _machine_events(session: Session, kind: Equipment, since: datetime) -> list[Event]:
    taken = select(Booking).where(
        Booking.equipment_id == kind.id,
        col(Booking.stage).in_(CHARGED),
        Booking.until > since,
    )
    out = select(Outage).where(Outage.equipment_id == kind.id, Outage.until > since)
    return [
        *(
            Event(f"booking-{row.id}", Span(row.since, row.until), kind.name, row.stage)
            for row in session.exec(taken).all()
        ),
        *(
            Event(f"outage-{row.id}", Span(row.since, row.until), f"{kind.name}: {row.why}", None)
            for row in session.exec(out).all()
        ),
    ]
