"""What the database itself refuses of bookings, past every service: tables of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, text

from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import Span
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import EquipmentUnit
from tests.booked import AT, acting, hours, overbooked
from tests.machines import Yard

BUFFER = {"pump": 0, "tractor": 30}


@dataclass(frozen=True)
class Takes:
    """A booking of a machine by its hours, in a stage, with an operator."""

    machine: str
    begins: int
    ends: int
    stage: Stage = Stage.BOOKED
    operator: str = ""


@dataclass(frozen=True)
class Stops:
    """A unit of a machine out of service for some hours; -1 for all units."""

    machine: str
    begins: int
    ends: int
    unit: int = -1


Thing = Takes | Stops


def put(session: Session, yard: Yard, thing: Thing) -> Booking | Outage:
    span = hours(thing.begins, thing.ends)
    row: Booking | Outage
    if isinstance(thing, Stops):
        row = stop(yard, thing, span)
    else:
        row = Booking(
            number=f"T-{thing.machine}-{thing.begins}-{thing.ends}-{thing.stage}-{thing.operator}",
            equipment_id=yard.pump_id if thing.machine == "pump" else yard.tractor_id,
            member_id=yard.members["Siti"],
            stage=thing.stage,
            since=span.since,
            until=span.until,
            blocked_until=span.with_buffer(BUFFER[thing.machine]).until,
            operator_id=yard.members[thing.operator] if thing.operator else None,
            size=span.minutes,
            asked_at=AT,
            expires_at=AT + timedelta(days=9) if thing.stage is Stage.REQUESTED else None,
        )
        known = session.exec(text("SELECT count(*) FROM booking")).scalar_one()  # type: ignore[call-overload]
        row.number += f"-{known}"
    session.add(row)
    session.flush()
    return row


def stop(yard: Yard, thing: Stops, span: Span) -> Outage:
    units = yard.pumps if thing.machine == "pump" else yard.tractors
    return Outage(
        number=f"H-{thing.machine}-{thing.begins}-{thing.unit}",
        equipment_id=yard.pump_id if thing.machine == "pump" else yard.tractor_id,
        unit_id=None if thing.unit < 0 else units[thing.unit],
        since=span.since,
        until=span.until,
        why="servis",
    )


def pump(begins: int, ends: int, stage: Stage = Stage.BOOKED, operator: str = "") -> Takes:
    return Takes("pump", begins, ends, stage, operator)


def tractor(begins: int, ends: int, stage: Stage = Stage.BOOKED, operator: str = "") -> Takes:
    return Takes("tractor", begins, ends, stage, operator)


W = Stage.WAITING
CASES: dict[str, tuple[Sequence[Thing], Thing, bool]] = {
    "the same hours": ([tractor(8, 10)], tractor(8, 10), False),
    "inside": ([tractor(8, 12)], tractor(9, 10), False),
    "around": ([tractor(9, 10)], tractor(8, 12), False),
    "over the start": ([tractor(9, 11)], tractor(8, 10), False),
    "over the end": ([tractor(9, 11)], tractor(10, 12), False),
    "touching, within the buffer after": ([tractor(8, 10)], tractor(10, 12), False),
    "touching, within the buffer before": ([tractor(10, 12)], tractor(8, 10), False),
    "an hour after": ([tractor(8, 10)], tractor(11, 12), True),
    "an hour before": ([tractor(11, 12)], tractor(8, 10), True),
    "touching, without a buffer": ([pump(8, 10), pump(8, 10)], pump(10, 12), True),
    "two units": ([pump(8, 10)], pump(8, 10), True),
    "three of two units": ([pump(8, 10), pump(8, 10)], pump(9, 10), False),
    "three overlap, two at once": ([pump(8, 10), pump(10, 12)], pump(9, 11), True),
    "full only in the middle": ([pump(9, 10), pump(9, 10)], pump(8, 12), False),
    "full only at its end": ([pump(11, 13), pump(11, 13)], pump(8, 12), False),
    "a request holds": ([tractor(8, 10, Stage.REQUESTED)], tractor(8, 10), False),
    "handed over holds": ([tractor(8, 10, Stage.OUT)], tractor(8, 10), False),
    "waiting holds nothing": ([tractor(8, 10, W)], tractor(8, 10), True),
    "postponed holds nothing": ([tractor(8, 10, Stage.POSTPONED)], tractor(8, 10), True),
    "to wait is always free": ([tractor(8, 10)], tractor(8, 10, W), True),
    "another machine": ([tractor(8, 10)], pump(8, 10), True),
    "all units are out": ([Stops("pump", 8, 10)], pump(9, 11), False),
    "one of two is out": ([Stops("pump", 8, 10, 0)], pump(9, 11), True),
    "one out, one taken": ([Stops("pump", 8, 10, 0), pump(8, 9)], pump(8, 11), False),
    "one out, one taken before": ([Stops("pump", 9, 10, 0), pump(8, 9)], pump(8, 11), True),
    "both out one after the other": (
        [Stops("pump", 8, 9, 0), Stops("pump", 9, 10, 1)],
        pump(8, 10),
        True,
    ),
    "both out at once": ([Stops("pump", 8, 9, 0), Stops("pump", 8, 9, 1)], pump(8, 10), False),
    "one out twice": ([Stops("pump", 8, 10, 0), Stops("pump", 9, 11, 0)], pump(8, 11), True),
    "it is out after the buffer": ([Stops("tractor", 11, 12)], tractor(8, 10), True),
    "it is out in the buffer": ([Stops("tractor", 10, 12)], tractor(8, 10), False),
    "an outage over a job": ([tractor(8, 10)], Stops("tractor", 9, 11), False),
    "an outage beside a job": ([tractor(8, 10)], Stops("tractor", 11, 12), True),
    "an outage of the other unit": ([pump(8, 10)], Stops("pump", 8, 10, 1), True),
    "an outage of all units": ([pump(8, 10)], Stops("pump", 9, 10), False),
    "the operator works elsewhere": (
        [tractor(8, 10, operator="Made")],
        pump(9, 11, operator="Made"),
        False,
    ),
    "the operator, within the buffer": (
        [tractor(8, 10, operator="Made")],
        pump(10, 11, operator="Made"),
        False,
    ),
    "the operator, afterwards": (
        [tractor(8, 10, operator="Made")],
        pump(11, 12, operator="Made"),
        True,
    ),
    "another operator": ([tractor(8, 10, operator="Made")], pump(9, 11, operator="Budi"), True),
    "an operator who waits": (
        [tractor(8, 10, W, operator="Made")],
        pump(9, 11, operator="Made"),
        True,
    ),
}


@pytest.mark.parametrize(("there", "new", "fits"), CASES.values(), ids=CASES)
def test_the_database_takes_what_fits_and_refuses_the_rest(
    yard: Yard, there: Sequence[Thing], new: Thing, fits: bool
) -> None:
    with acting(yard) as session:
        for thing in there:
            put(session, yard, thing)
    if fits:
        with acting(yard) as session:
            put(session, yard, new)
    else:
        with pytest.raises(IntegrityError, match="guard (booking|outage)"), acting(yard) as session:
            put(session, yard, new)
    with acting(yard) as session:
        assert overbooked(session) == []


EDITS = {
    "moved onto another": "since = '{9}', until = '{11}', blocked_until = '{11}'",
    "a longer end": "until = '{9}', blocked_until = '{9}'",
    "a longer buffer": "blocked_until = '{9}'",
    "another machine": "equipment_id = {tractor}, since = '{8}', blocked_until = '{9}'",
    "an operator who works": "operator_id = {made}, since = '{8}', blocked_until = '{9}'",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_is_looked_at_as_a_new_booking_is(yard: Yard, edit: str) -> None:
    with acting(yard) as session:
        for thing in (pump(8, 10), pump(8, 10), tractor(8, 10, operator="Made")):
            put(session, yard, thing)
        row = put(session, yard, pump(6, 8))
        moments = {
            str(hour): hours(hour, hour + 1).since.strftime("%Y-%m-%d %H:%M:%S")
            for hour in range(6, 13)
        }
    facts = {**moments, "tractor": yard.tractor_id, "made": yard.members["Made"]}
    for name, value in facts.items():
        edit = edit.replace(f"{{{name}}}", str(value))
    with pytest.raises(IntegrityError, match="guard booking_keeps"), acting(yard) as session:
        session.execute(text("SET TIME ZONE 'UTC'" if is_postgresql(session) else "SELECT 1"))
        session.execute(text(f"UPDATE booking SET {edit} WHERE id = {row.id}"))


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def test_what_waits_gets_no_time_that_is_taken(yard: Yard) -> None:
    with acting(yard) as session:
        put(session, yard, tractor(8, 10))
        row = put(session, yard, tractor(9, 10, W))
    with pytest.raises(IntegrityError, match="guard booking_keeps"), acting(yard) as session:
        session.get_one(Booking, row.id).stage = Stage.BOOKED


@pytest.mark.parametrize(
    "there", [[pump(8, 10), pump(8, 10)], [pump(8, 10), Stops("pump", 8, 9, 1)]]
)
def test_a_unit_that_is_needed_is_not_retired(yard: Yard, there: Sequence[Thing]) -> None:
    with acting(yard) as session:
        for thing in there:
            put(session, yard, thing)
    with pytest.raises(IntegrityError, match="guard unit_leaves_jobs"), acting(yard) as session:
        session.get_one(EquipmentUnit, yard.pumps[0]).retired_on = AT.date()


def test_a_unit_that_nobody_needs_is_retired_and_then_one_less_is_free(yard: Yard) -> None:
    with acting(yard) as session:
        put(session, yard, pump(8, 10))
        put(session, yard, pump(10, 12))
        session.get_one(EquipmentUnit, yard.pumps[0]).retired_on = AT.date()
    with pytest.raises(IntegrityError, match="guard booking_finds"), acting(yard) as session:
        put(session, yard, pump(9, 10))


@pytest.mark.parametrize(
    "stage", [Stage.RETURNED, Stage.REFUSED, Stage.CANCELLED, Stage.EXPIRED], ids=str
)
def test_what_is_over_stays_as_it_is(yard: Yard, stage: Stage) -> None:
    with acting(yard) as session:
        row = put(session, yard, tractor(8, 10, stage))
    with pytest.raises(IntegrityError, match="guard booking_ended"), acting(yard) as session:
        session.execute(text(f"UPDATE booking SET note = 'x' WHERE id = {row.id}"))


def test_no_booking_is_ever_deleted(yard: Yard) -> None:
    with acting(yard) as session:
        put(session, yard, tractor(8, 10))
    with pytest.raises(IntegrityError, match="guard booking_is_kept"), acting(yard) as session:
        session.execute(text("DELETE FROM booking"))
