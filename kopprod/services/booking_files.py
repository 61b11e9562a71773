"""Bookings from a file: what it would bring, with every clash, and booking its good rows."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain import booking_files as rules
from kopprod.domain.access import Action
from kopprod.domain.booking_files import BookingFile, Known, Machine, Resolved
from kopprod.domain.booking_limits import SIZE_UNITS, Limits, horizon
from kopprod.domain.bookings import HOLDING
from kopprod.domain.imports import Columns, Fault, Findings, Row
from kopprod.domain.intervals import DAY, Span
from kopprod.domain.refusal import Refusal
from kopprod.services import (
    access,
    booking_asks,
    booking_moves,
    booking_rows,
    bookings,
    cooperative,
    days,
    equipment,
)
from kopprod.services.booking_asks import Wanted
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member

_FROM_FILE = "file-"


def read(
    session: Session, rows: Sequence[Row], cell_faults: Sequence[Fault], mapping: Columns
) -> BookingFile:
    """What each row says, by clocks in the cooperative."""
    return rules.read_rows(rows, cell_faults, mapping, calendar=days.calendar(session))


def findings(session: Session, file: BookingFile, *, at: datetime) -> Findings[Resolved]:
    """What a file would bring: clashes with both sides named, and what the machine's rules refuse.

    Land, quotas and who may use a machine are asked as for a booking that is typed.
    """
    access.require(session, Action.IMPORTS_RUN)
    found = rules.sort_out(file, _known(session, at))
    faults = list(found.faults)
    charged: dict[tuple[int, int], list[Span]] = defaultdict(list)
    refused = set()
    for row in sorted([*found.good, *found.asked], key=lambda one: one.row):
        try:
            _check(session, row, charged[row.equipment_id, row.member_id], at=at)
        except Refusal as refusal:
            heading = file.mapping.heading("machine")
            said = row.said.machine
            faults.append(Fault(row.row, heading, said, refusal.sentence, refusal.facts))
            refused.add(row.row)
    questions = [fault for fault in faults if fault.row not in refused or not _asks(fault)]
    return replace(
        found,
        good=[row for row in found.good if row.row not in refused],
        asked=[row for row in found.asked if row.row not in refused],
        faults=sorted(questions, key=lambda fault: fault.row),
    )


def _asks(fault: Fault) -> bool:
    return fault.sentence == rules.OVER_MIDNIGHT


def _check(session: Session, row: Resolved, charged: list[Span], *, at: datetime) -> None:
    kind = booking_rows.kind(session, row.equipment_id)
    booking = booking_asks.prepare(session, kind, _wanted(row), at=at)
    booking_asks.check_quotas(session, kind, booking, [*charged, row.span])
    charged.append(row.span)


def _wanted(row: Resolved) -> Wanted:
    return Wanted(
        since=row.span.since,
        until=row.span.until,
        size=row.size,
        member_id=row.member_id,
        operator_id=row.operator_id,
        place=row.said.place,
        ripe_on=row.said.ripe_on,
        note=row.said.note,
    )


def keep(
    session: Session, file: BookingFile, *, at: datetime, accepted: Collection[int] = ()
) -> int:
    """Book all good rows, and the asked ones that a person accepted; how many.

    The machines are held and the file is compared again, so what comes between is a fault, not half
    a file. A row that was kept before is not booked again.
    """
    access.require(session, Action.IMPORTS_RUN)
    kinds = booking_moves.kinds(session, None)
    booking_moves.hold(session, [one.id for one in kinds], at=at)
    for kind in kinds:
        booking_asks.begin(session, kind.id, at=at)
    found = findings(session, file, at=at)
    rows = [*found.good, *(row for row in found.asked if row.row in set(accepted))]
    for row in sorted(rows, key=lambda one: one.row):
        bookings.book(session, row.equipment_id, _wanted(row), at=at, draft_key=row.said.key)
    return len(rows)


def _known(session: Session, at: datetime) -> Known:
    people = session.exec(select(Member.number, Member.id, Member.name)).all()
    keys = session.exec(
        select(Booking.draft_key).where(col(Booking.draft_key).like(f"{_FROM_FILE}%"))
    ).all()
    return Known(
        machines={
            kind.name.casefold(): _machine(session, kind, at)
            for kind in booking_moves.kinds(session, None)
        },
        register={number.casefold(): (key, name) for number, key, name in people},
        kept={key for key in keys if key},
        at=at,
        calendar=days.calendar(session),
        bau_tenths=cooperative.whole(session, "bau_tenths"),
    )


def _machine(session: Session, kind: Equipment, at: datetime) -> Machine:
    calendar = days.calendar(session)
    begins = at.replace(second=0, microsecond=0)
    last = horizon(Limits(), at=at, calendar=calendar)
    operators = equipment.operators(session, kind.id, on=calendar.day_of(at))
    return Machine(
        id=kind.id,
        name=kind.name,
        work=kind.work,
        per_hour=kind.rate_per_hour,
        fleet=booking_rows.fleet(session, kind, between=Span(begins, last + DAY), at=at),
        standing=booking_rows.standing(
            session, kind.id, booking_rows.far(begins, until=last), at=at
        ),
        horizon=last,
        needs_operator=kind.needs_operator,
        operators={one.number.casefold(): one.id for one in operators},
    )


HEADINGS = tuple(field.headings[0].capitalize() for field in rules.FIELDS)


def listed(session: Session) -> tuple[Sequence[str], list[list[Any]]]:
    """Members' bookings that hold their time, the way a file of them is read back."""
    access.require(session, Action.BOOKINGS_DECIDE)
    calendar = days.calendar(session)
    numbers = dict(session.exec(select(Member.id, Member.number)).all())
    query = (
        select(Booking, Equipment)
        .join(Equipment, col(Equipment.id) == col(Booking.equipment_id))
        .where(col(Booking.stage).in_(HOLDING), col(Booking.member_id).is_not(None))
        .order_by(col(Booking.since), col(Booking.id))
    )
    rows: list[list[Any]] = []
    for row, kind in session.exec(query).all():
        since, until = calendar.local(row.since), calendar.local(row.until)
        unit = SIZE_UNITS[kind.work][0]  # hectares, kilograms, trips, hours
        size = f"{Decimal(row.size) / unit.factor:f} {unit.name}".replace(".", ",")
        rows.append(
            [kind.name, numbers[row.member_id or 0], since.date()]
            + [f"{since:%H.%M}", f"{until:%H.%M}", size]
            + [numbers.get(row.operator_id or 0, ""), row.place, row.ripe_on, row.note]
        )
    return HEADINGS, rows
