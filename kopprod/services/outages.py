"""Times in which a machine cannot be had: looked at first, set, told to everybody, ended early."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from kopprod.domain import moves as rules
from kopprod.domain.access import Action
from kopprod.domain.intervals import DAY, MINUTE, Span, merge, rounded_up, subtract
from kopprod.domain.moves import Blackout
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    booking_moves,
    booking_rows,
    days,
    fitness,
    machine_rows,
    numbers,
    waiting_list,
)
from kopprod.services.booking_moves import Board, Plan, PlanChanged
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import Equipment, EquipmentUnit

NUMBER = "HENTI"
LONGEST_WHY = 200
LONGEST_DAYS = 366


class WhyMissing(Refusal):
    """Whoever finds the machine stopped wants to know why."""

    sentence = N_("Write why it cannot be used, for example libur Lebaran.")


class OutageOver(Refusal):
    """A time that is behind us, or longer than a year."""

    sentence = N_("Choose a time that is still to come, of at most {longest} days.")


class OutageUnknown(Refusal):
    """No such time out of service."""

    sentence = N_("This time out of service is not here any more. Look at the list again.")


class OutageEnded(Refusal):
    """It is over already."""

    sentence = N_("{number} is over already.")


class EndsWithRepair(Refusal):
    """A breakdown ends when the machine runs again."""

    sentence = N_("{number} is a breakdown. Write down the repair instead, under maintenance.")


class UnitOfAnother(Refusal):
    """A unit that is none of this kind."""

    sentence = N_("Choose one machine of this kind, or all of them.")


@dataclass(frozen=True)
class Stop:
    """What is to be stopped: kinds (all of them: None), or one unit of a kind; when and why."""

    span: Span
    why: str
    how: Blackout
    equipment_ids: Sequence[int] | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class Listed:
    """A time out of service as the office sees it; no unit where all of the kind are out."""

    outage: Outage
    machine: str
    unit: str


def plan(session: Session, stop: Stop, *, at: datetime) -> Plan:
    """Whom it would move, from when to when, and when units would be out; nothing is written."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    _check(stop, at)
    return _plan(session, stop, at=at)


def _plan(session: Session, stop: Stop, *, at: datetime) -> Plan:
    board = Board(session, at=at)
    found, out = [], {}
    for equipment in _kinds(session, stop):
        units_out, covered, unfit = _covered(session, equipment, stop, at)
        if not units_out:
            continue
        seen = board.situation(equipment, since=stop.span.since)
        outcome = rules.black_out(
            stop.span,
            stop.how,
            seen.jobs,
            replace(seen.fleet, out=covered, unfit=unfit),
            machine=equipment.name,
            units_out=units_out,
            staying=seen.staying,
            at=at,
            horizon=seen.horizon,
            ration=seen.ration,
        )
        board.note(outcome)
        found += booking_moves.changes(session, seen, outcome.moves)
        out[equipment.id] = merge(outcome.out)
    return Plan(found, out)


def set_out(session: Session, stop: Stop, *, seen: str, at: datetime) -> tuple[Plan, list[Outage]]:
    """Do what was looked at: `seen` is the plan's; refused if anything is different now."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    _check(stop, at)
    return _set_out(session, stop, seen=seen, at=at)


def set_broken(session: Session, stop: Stop, *, at: datetime) -> tuple[Plan, list[Outage]]:
    """A unit that does not run: a breakdown asks nobody, and asks for its own permission."""
    return _set_out(session, stop, seen=None, at=at)


def _set_out(
    session: Session, stop: Stop, *, seen: str | None, at: datetime
) -> tuple[Plan, list[Outage]]:
    booking_rows.wait_turn(session)
    numbers.wait_turn(session, NUMBER, days.today(session).year)
    booking_moves.hold(session, [one.id for one in _kinds(session, stop)], at=at)
    now = _plan(session, stop, at=at)
    if seen not in (None, now.seen):
        raise PlanChanged
    held = booking_moves.release(session, now, at=at)
    rows = [
        _write(session, equipment_id, stop, span, broken=seen is None)
        for equipment_id, spans in now.out.items()
        for span in spans
    ]
    booking_moves.settle(session, now, held, at=at)
    return now, rows


def _write(session: Session, equipment_id: int, stop: Stop, span: Span, *, broken: bool) -> Outage:
    row = Outage(
        number="",
        equipment_id=equipment_id,
        unit_id=stop.unit_id,
        since=span.since,
        until=span.until,
        why=tidy(stop.why)[:LONGEST_WHY],
        broken=broken,
    )
    facts = row.model_dump(exclude={"id", "number", "act_id"})
    same = session.exec(select(Outage).filter_by(**facts)).first()
    if same is not None:  # sent twice
        return same
    row.number = numbers.take(session, NUMBER, days.today(session).year)
    session.add(row)
    session.flush()
    return row


def _check(stop: Stop, at: datetime) -> None:
    if not tidy(stop.why):
        raise WhyMissing
    if stop.span.until <= at or stop.span.until - stop.span.since > LONGEST_DAYS * DAY:
        raise OutageOver(longest=LONGEST_DAYS)


def _kinds(session: Session, stop: Stop) -> list[Equipment]:
    if stop.unit_id is None:
        return booking_moves.kinds(session, stop.equipment_ids)
    unit = session.get(EquipmentUnit, stop.unit_id)
    ids = stop.equipment_ids or []
    if unit is None or unit.retired_on is not None or list(ids) != [unit.equipment_id]:
        raise UnitOfAnother
    return booking_moves.kinds(session, ids)


def _covered(
    session: Session, equipment: Equipment, stop: Stop, at: datetime
) -> tuple[int, list[Span], list[Span]]:
    """How many units it stops, when units are out beside it, and which nobody can book anew.

    What is out once is not twice.
    """
    units = [unit.id for unit in machine_rows.units(session, equipment.id)]
    stopped = units if stop.unit_id is None else [stop.unit_id]
    query = select(Outage).where(
        Outage.equipment_id == equipment.id, col(Outage.until) > min(at, stop.span.since)
    )
    rows = session.exec(query.order_by(col(Outage.since), col(Outage.id))).all()
    left: list[Span] = []
    for unit in units:
        own = merge(Span(one.since, one.until) for one in rows if one.unit_id in (None, unit))
        if unit in stopped:
            left += [part for span in own for part in subtract(span, [stop.span])]
        else:
            left += own
    begins = min(at, stop.span.since).replace(second=0, microsecond=0)
    known = [(one.unit_id, Span(one.since, one.until)) for one in rows]
    known += [(unit, stop.span) for unit in stopped]
    unfit = fitness.unfit(session, equipment.id, on=days.calendar(session).day_of(at))
    return len(stopped), left, booking_rows.never(known, sorted(unfit), since=begins)


def outages(session: Session, *, at: datetime, with_past: bool = False) -> list[Listed]:
    """The times out of service that are not over, by start; with the past ones, newest first."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = select(Outage, Equipment.name).join(
        Equipment, col(Equipment.id) == col(Outage.equipment_id)
    )
    if not with_past:
        query = query.where(col(Outage.until) > at)
    order = col(Outage.since).desc() if with_past else col(Outage.since).asc()
    units: Mapping[int, str] = dict(
        session.exec(select(EquipmentUnit.id, EquipmentUnit.number)).all()
    )
    rows = session.exec(query.order_by(order, col(Outage.id))).all()
    return [Listed(row, machine, units.get(row.unit_id or 0, "")) for row, machine in rows]


def end(session: Session, outage_id: int, *, at: datetime) -> Outage:
    """End it now; one that has not begun is taken back whole. Who waits gets what is free."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    booking_rows.wait_turn(session)
    known = session.get(Outage, outage_id)
    if known is None:
        raise OutageUnknown
    equipment = booking_rows.lock_kind(session, known.equipment_id, at=at)
    row = session.get(Outage, outage_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise OutageUnknown
    if row.broken:
        raise EndsWithRepair(number=row.number)
    if row.until <= at:
        raise OutageEnded(number=row.number)
    now = rounded_up(at)
    if row.since >= now:
        session.delete(row)
    else:
        row.until = min(row.until, max(now, row.since + MINUTE))
    session.flush()
    waiting_list.fill(session, equipment, at=at)
    return row
