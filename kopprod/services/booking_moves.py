"""Many bookings that move in one act: for a time out of service, for rain, for another order.

What would happen is reckoned from what stands, shown, and reckoned again where it is done. All of
them let go of their time first, since the database looks at every row by itself.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session, col, select

from kopprod.domain import bookings as rules
from kopprod.domain.bookings import HOLDING, Act, Stage
from kopprod.domain.capacity import Fleet, Job
from kopprod.domain.intervals import DAY, MINUTE, Span
from kopprod.domain.moves import Move, Outcome
from kopprod.domain.quotas import Ration
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import (
    booking_costs,
    booking_quotas,
    booking_rows,
    machine_rows,
    waiting_list,
)
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member


class PlanChanged(Refusal):
    """Somebody booked, changed or handed over between looking and pressing."""

    sentence = N_(
        "Meanwhile somebody booked or changed something, so nothing was moved. Look at the new "
        "plan below and press again."
    )


@dataclass(frozen=True)
class Situation:
    """A kind as it stands for an act: its jobs in order of asking; `staying` are handed over."""

    equipment: Equipment
    fleet: Fleet
    rows: Mapping[int, Booking]
    jobs: Sequence[Job]
    staying: frozenset[int]
    horizon: datetime
    ration: Ration


@dataclass(frozen=True)
class Changed:
    """One booking before and after; `after` is None where it is postponed without a new time."""

    booking_id: int
    number: str
    equipment_id: int
    machine: str
    name: str
    before: Span
    after: Span | None
    stage: Stage
    member_id: int | None = None
    operator_id: int | None = None
    phone: str | None = None

    @property
    def moves(self) -> bool:
        """Whether anything is different for who has it."""
        return self.after != self.before


@dataclass(frozen=True)
class Plan:
    """What an act does: by kind when units are out, and each booking's new time, in order."""

    changes: Sequence[Changed]
    out: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    @property
    def moved(self) -> list[Changed]:
        """Those for whom something is different."""
        return [one for one in self.changes if one.moves]

    @property
    def seen(self) -> str:
        """The same for the same plan: what was looked at is what is done."""
        said = [
            *((one.booking_id, one.before, one.after, one.stage) for one in self.changes),
            *sorted((key, tuple(spans)) for key, spans in self.out.items()),
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()


class Board:
    """What stands of several kinds while an act is planned: later kinds see earlier moves."""

    def __init__(self, session: Session, *, at: datetime) -> None:
        """Nothing has moved yet."""
        self._session = session
        self._at = at
        self._moved: dict[int, Move] = {}

    def situation(self, equipment: Equipment, *, since: datetime) -> Situation:
        """A kind from the earlier of `since` and now on."""
        begins = min(self._at, since).replace(second=0, microsecond=0)
        last = max(booking_rows.last_moment(self._session, equipment, at=self._at), since)
        standing = booking_rows.standing(
            self._session, equipment.id, booking_rows.far(begins, until=last), at=self._at
        )
        query = select(Booking).where(col(Booking.id).in_([job.key for job in standing]))
        rows = {row.id: row for row in self._session.exec(query).all()}
        fleet = booking_rows.fleet(
            self._session, equipment, between=Span(begins, last + DAY), at=self._at
        )
        return Situation(
            equipment=equipment,
            fleet=replace(fleet, busy=self._busy(equipment.id, begins)),
            rows=rows,
            jobs=sorted(standing, key=lambda job: (rows[job.key].asked_at, job.key)),
            staying=frozenset(key for key, row in rows.items() if row.stage is Stage.OUT),
            horizon=last,
            ration=booking_quotas.ration(self._session, equipment, since=begins),
        )

    def _busy(self, equipment_id: int, since: datetime) -> dict[int, list[Span]]:
        """When operators work on other kinds, as they stand after what has moved."""
        query = select(Booking).where(
            col(Booking.stage).in_(HOLDING),
            col(Booking.operator_id).is_not(None),
            Booking.equipment_id != equipment_id,
            col(Booking.blocked_until) > since,
        )
        found: dict[int, list[Span]] = defaultdict(list)
        for row in self._session.exec(query.order_by(col(Booking.since))).all():
            span: Span | None = Span(row.since, row.blocked_until)
            if row.id in self._moved:
                buffer_min = (row.blocked_until - row.until) // MINUTE
                after = self._moved[row.id].after
                span = None if after is None else after.with_buffer(buffer_min)
            if span is not None:
                found[row.operator_id or 0].append(span)
        return dict(found)

    def note(self, outcome: Outcome) -> None:
        """Let later kinds see where jobs go."""
        self._moved |= {move.job.key: move for move in outcome.moves}


def changes(session: Session, seen: Situation, moves: Iterable[Move]) -> list[Changed]:
    """The moves of a kind with everything that somebody has to be told."""
    every = list(moves)
    rows = [seen.rows[move.job.key] for move in every]
    names = booking_rows.who(session, rows)
    phones = _phones(session, rows)
    return [
        Changed(
            booking_id=row.id,
            number=row.number,
            equipment_id=seen.equipment.id,
            machine=seen.equipment.name,
            name=names[row.id],
            before=Span(row.since, row.until),
            after=None if move.after is None else _own_length(row, move),
            stage=row.stage,
            member_id=row.member_id,
            operator_id=row.operator_id,
            phone=phones.get(row.member_id or 0, row.other_phone or None),
        )
        for row, move in zip(rows, every, strict=True)
    ]


def _own_length(row: Booking, move: Move) -> Span:
    """A job that was promised a longer gap is placed with it, and still as long itself."""
    after = move.after or move.before
    return Span(after.since, after.since + (row.until - row.since))


def _phones(session: Session, rows: Sequence[Booking]) -> dict[int, str | None]:
    ids = {row.member_id for row in rows if row.member_id is not None}
    query = select(Member.id, Member.phone).where(col(Member.id).in_(ids))
    return dict(session.exec(query).all())


def hold(session: Session, equipment_ids: Iterable[int], *, at: datetime) -> None:
    """Lock these kinds, in the order in which everybody does."""
    booking_rows.wait_turn(session)
    for equipment_id in sorted(equipment_ids):
        booking_rows.lock_kind(session, equipment_id, at=at)


def release(session: Session, plan: Plan, *, at: datetime) -> dict[int, Booking]:
    """Lock all who move, and let them go of their time."""
    for operator_id in sorted({one.operator_id for one in plan.moved if one.operator_id}):
        booking_rows.lock_operator(session, operator_id)
    held = {
        key: session.get_one(Booking, key, with_for_update=True, populate_existing=True)
        for key in sorted(one.booking_id for one in plan.moved)
    }
    for row in held.values():
        if row.stage is not Stage.POSTPONED:
            booking_rows.move_to(session, row, Act.POSTPONE, at=at)
    return held


def settle(session: Session, plan: Plan, held: Mapping[int, Booking], *, at: datetime) -> None:
    """Give each its new time, in order; who found none stays postponed.

    What was only asked for is still to be approved, within the time of a request made now. What it
    will cost is reckoned again, and who waits gets what has become free.
    """
    for one in plan.moved:
        if one.after is None:
            continue
        row = held[one.booking_id]
        cost_rp = booking_costs.again_rp(session, row, one.after)
        if one.stage is Stage.POSTPONED:
            booking_rows.move_to(
                session, row, Act.PLACE, at=at, span=one.after, estimate_rp=cost_rp
            )
            continue
        stage = rules.after(one.stage, Act.CHANGE, number=one.number)
        kind = booking_rows.kind(session, one.equipment_id)
        asked = stage is Stage.REQUESTED
        changed = {
            "stage": stage,
            "estimate_rp": cost_rp,
            "since": one.after.since,
            "until": one.after.until,
            "blocked_until": one.after.with_buffer(kind.buffer_min).until,
            "expires_at": rules.expires_at(at, one.after.since, kind.request_hours)
            if asked
            else None,
        }
        booking_rows.keep(session, row, changed, at=at)
    for equipment_id in sorted({one.equipment_id for one in plan.moved}):
        waiting_list.fill(session, booking_rows.kind(session, equipment_id), at=at)


def kinds(session: Session, equipment_ids: Sequence[int] | None) -> list[Equipment]:
    """These kinds, or all that have a unit in use, by key."""
    if equipment_ids is not None:
        return [booking_rows.kind(session, key) for key in sorted(set(equipment_ids))]
    query = select(Equipment).where(col(Equipment.retired_on).is_(None))
    every = session.exec(query.order_by(col(Equipment.id))).all()
    return [one for one in every if machine_rows.units(session, one.id)]


@dataclass(frozen=True)
class Letter:
    """What one person has to be told; an operator reads whose jobs she goes to."""

    name: str
    phone: str | None
    changes: Sequence[Changed]
    operates: bool = False


def letters(session: Session, moved: Sequence[Changed]) -> list[Letter]:
    """One letter for each person concerned, in order of first mention, then for operators."""
    by_person: dict[tuple[int, str], list[Changed]] = defaultdict(list)
    by_operator: dict[int, list[Changed]] = defaultdict(list)
    for one in moved:
        by_person[one.member_id or 0, "" if one.member_id else one.name].append(one)
        if one.operator_id is not None and one.operator_id != one.member_id:
            by_operator[one.operator_id].append(one)
    found = [Letter(own[0].name, own[0].phone, own) for own in by_person.values()]
    query = select(Member).where(col(Member.id).in_(by_operator)).order_by(col(Member.id))
    operators = session.exec(query).all()
    return [
        *found,
        *(Letter(one.name, one.phone, by_operator[one.id], operates=True) for one in operators),
    ]
