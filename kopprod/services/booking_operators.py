"""Who operates a machine for others, and who of them is free when."""

from datetime import datetime

from sqlmodel import Session

from kopprod.domain.capacity import Fleet, Job, next_free, possible
from kopprod.domain.intervals import DAY, Span
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import booking_rows, days
from kopprod.services import equipment as register
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member


class NoOperator(Refusal):
    """Somebody who has not learnt to operate it, or no more."""

    sentence = N_(
        "{operator} does not operate {machine} on {needed_on}. Choose another operator, or have "
        "the training written down first."
    )


def seen(
    session: Session, equipment: Equipment, *, since: datetime, at: datetime
) -> tuple[list[Job], Fleet]:
    """What stands of a kind from a moment on, and the kind itself, for the rules."""
    last = max(booking_rows.last_moment(session, equipment, at=at), since) + DAY
    begins = min(at, since).replace(second=0, microsecond=0)
    standing = booking_rows.standing(
        session, equipment.id, booking_rows.far(begins, until=last), at=at
    )
    return standing, booking_rows.fleet(session, equipment, between=Span(begins, last), at=at)


def choose(
    session: Session,
    equipment: Equipment,
    span: Span,
    *,
    asked: int | None,
    at: datetime,
    needed: bool = False,
    but: int = 0,
) -> int | None:
    """Who operates it then: who was asked for, else the first who is free, else the first.

    None where nobody is needed by the machine or by who asks, or nobody is written down. `but` is a
    booking that is changed.
    """
    on = days.calendar(session).day_of(span.since)
    known = register.operators(session, equipment.id, on=on)
    if asked is not None:
        if asked not in {one.id for one in known}:
            member = session.get(Member, asked)
            raise NoOperator(
                operator="" if member is None else member.name,
                machine=equipment.name,
                needed_on=on,
            )
        return asked
    if not (equipment.needs_operator or needed) or not known:
        return None
    standing, fleet = seen(session, equipment, since=span.since, at=at)
    for one in known:
        if possible(Job(but, span, operator_id=one.id), standing, fleet):
            return one.id
    return known[0].id


def first_free(
    session: Session,
    equipment: Equipment,
    minutes: int,
    *,
    after: datetime,
    at: datetime,
    operator_id: int | None = None,
    needed: bool = False,
    within: Span | None = None,
) -> tuple[Span, int | None] | None:
    """The first time for a job of so many minutes, and its operator; None if there is none.

    `within` keeps it to a day or so; without it is until the horizon.
    """
    last = booking_rows.last_moment(session, equipment, at=at)
    if within is not None:
        after, last = max(after, within.since), min(last, within.until)
    standing, fleet = seen(session, equipment, since=after, at=at)
    on = days.calendar(session).day_of(after)
    crew: list[int | None] = [operator_id]
    if operator_id is None and (equipment.needs_operator or needed):
        crew = [one.id for one in register.operators(session, equipment.id, on=on)] or [None]
    found = []
    for place, one in enumerate(crew):
        span = next_free(
            minutes,
            after=after,
            horizon=last,
            standing=standing,
            fleet=fleet,
            operator_id=one,
        )
        if span is not None:
            found.append((span, place, one))
    if not found:
        return None
    span, _place, chosen = min(found, key=lambda each: each[:2])
    return span, chosen
