"""Keeping machines running: plans, what is due, what was done and paid, and what is broken.

What was kept back of a machine's income pays for its upkeep, as far as it goes; the rest is an
expense. The reserve of one kind of machine does not pay for another.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import upkeep as rules
from kopprod.domain.access import Action
from kopprod.domain.ledger import UPKEEP, UPKEEP_RESERVE, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.upkeep import Plan
from kopprod.domain.uses import MOST_METER, MeterAbsurd, MeterRunsBackwards, hours
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    booking_rows,
    ledger,
    machine_rows,
    meters,
    numbers,
    sent,
    waiting_list,
)
from kopprod.services.fitness import (
    Stood,
    blocked,
    check_bookable,
    check_unit,
    plans_of,
    readings,
    standings,
)
from kopprod.services.payments import check_money
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.upkeep import UpkeepDone, UpkeepPlan
from kopprod.tables.uses import Use

__all__ = [
    "Stood",
    "add_plan",
    "blocked",
    "check_bookable",
    "check_unit",
    "done",
    "end_plan",
    "log",
    "plans",
    "reserve_rp",
    "standings",
]

_NUMBERS = "RAWAT"


class PlanUnknown(Refusal):
    """No plan of that key, or one of another kind of machine."""

    sentence = N_("This maintenance plan is not here. Go back to the machine.")


class PlanEnded(Refusal):
    """Nothing is due by it any more."""

    sentence = N_("{work} is no longer planned since {ended_on}.")


class PlannedAlready(Refusal):
    """The same work twice for one kind of machine."""

    sentence = N_("{work} is planned for {machine} already. End that plan first.")


class DoneInFuture(Refusal):
    """Work that nobody can have done yet."""

    sentence = N_("{done_on} has not come yet. Write maintenance down when it is done.")


# Plans


def plans(session: Session, equipment_id: int) -> Sequence[UpkeepPlan]:
    """What is to be done regularly to each unit of a kind, by name."""
    access.require(session, Action.EQUIPMENT_SEE)
    return plans_of(session, equipment_id)


def add_plan(
    session: Session,
    equipment_id: int,
    *,
    work: str,
    on: date,
    every_tenths: int | None = None,
    every_days: int | None = None,
) -> UpkeepPlan:
    """Plan work on every unit of a kind: every so many tenths of an hour, or days, or both."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    kind = session.get(
        Equipment, equipment_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if kind is None:
        raise machine_rows.UnitUnknown
    plan = rules.check_plan(
        Plan(work, every_tenths, every_days), machine=kind.name, has_meter=kind.has_meter
    )
    if any(one.work.casefold() == plan.work.casefold() for one in plans_of(session, kind.id)):
        raise PlannedAlready(work=plan.work, machine=kind.name)
    row = UpkeepPlan(
        equipment_id=kind.id,
        work=plan.work,
        every_tenths=plan.every_tenths,
        every_days=plan.every_days,
        since=on,
    )
    session.add(row)
    session.flush()
    return row


def end_plan(session: Session, plan_id: int, *, on: date) -> UpkeepPlan:
    """Plan this work no longer; what was done by it stays in the log."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    booking_rows.wait_turn(session)
    row = session.get(UpkeepPlan, plan_id, with_for_update=True)
    if row is None:
        raise PlanUnknown
    if row.ended_on is not None:
        raise PlanEnded(work=row.work, ended_on=row.ended_on)
    row.ended_on = on
    session.flush()
    _serve(session, row.equipment_id)
    return row


# What was done


def done(
    session: Session,
    unit_id: int,
    *,
    work: str,
    done_on: date,
    on: date,
    plan_id: int | None = None,
    meter: int | None = None,
    by_whom: str = "",
    cost_rp: int = 0,
    account: str | None = None,
    draft_key: str | None = None,
) -> UpkeepDone:
    """Write down work on a unit; its cost comes from the kind's reserve first, paid from `account`.

    The same `draft_key` again gives the row that is there. Refuses a meter that runs backwards, a
    day that has not come, and what neither cash box nor bank holds.
    """
    access.require(session, Action.EQUIPMENT_HAND_OUT if not cost_rp else Action.MONEY_MOVE)
    booking_rows.wait_turn(session)
    numbers.wait_turn(session, _NUMBERS, on.year)
    unit = machine_rows.lock_unit(session, unit_id)
    facts = {"unit_id": unit.id, "plan_id": plan_id, "cost_rp": cost_rp}
    known = sent.same(session, UpkeepDone, draft_key, facts)
    if known is not None:
        return known
    if done_on > on:
        raise DoneInFuture(done_on=done_on)
    kept_work = _check_work(session, unit, plan_id, work)
    meter = _check_meter(session, unit, meter, done_on)
    number = numbers.take(session, _NUMBERS, on.year)
    row = UpkeepDone(
        number=number,
        unit_id=unit.id,
        plan_id=plan_id,
        done_on=done_on,
        meter=meter,
        work=kept_work,
        by_whom=tidy(by_whom)[:80],
        cost_rp=cost_rp,
        draft_key=draft_key,
    )
    changed = next(reversed(meters.of(session, unit.id)), None)
    newest = changed is None or changed.changed_on <= done_on
    if meter is not None and meter >= unit.meter and newest:
        machine_rows.read_meter(session, unit, meter, on=done_on)
    if cost_rp:
        _pay(session, row, unit, account or "", on=on)
    session.add(row)
    session.flush()
    if plan_id is not None:
        _serve(session, unit.equipment_id)
    return row


def _serve(session: Session, equipment_id: int) -> None:
    """Who waits gets what can be booked again."""
    at = session.info["at"]
    waiting_list.fill(session, booking_rows.lock_kind(session, equipment_id, at=at), at=at)


def _check_work(session: Session, unit: EquipmentUnit, plan_id: int | None, work: str) -> str:
    kept = tidy(work)
    if plan_id is not None:
        plan = session.get(UpkeepPlan, plan_id)
        if plan is None or plan.equipment_id != unit.equipment_id:
            raise PlanUnknown
        kept = kept or plan.work
    if not 0 < len(kept) <= rules.LONGEST_WORK:
        raise rules.WorkMissing(longest=rules.LONGEST_WORK)
    return kept


def _check_meter(
    session: Session, unit: EquipmentUnit, meter: int | None, done_on: date
) -> int | None:
    if meter is None or not session.get_one(Equipment, unit.equipment_id).has_meter:
        return None
    if not 0 <= meter <= MOST_METER:
        raise MeterAbsurd(hours=hours(meter))
    before = max((one.meter for one in readings(session, unit.id) if one.on < done_on), default=0)
    replaced = [one for one in meters.of(session, unit.id) if one.changed_on <= done_on]
    before -= sum(one.ended - one.begins for one in replaced)  # as the meter on it then shows it
    if meter < before:
        raise MeterRunsBackwards(
            machine=machine_rows.name_of(session, unit), before=hours(before), hours=hours(meter)
        )
    return meter


def _pay(session: Session, row: UpkeepDone, unit: EquipmentUnit, account: str, *, on: date) -> None:
    check_money(account)
    # Whoever else pays upkeep, or shares income, waits here: the reserve is used once.
    numbers.wait_turn(session, ledger.COUNTER)
    paid = rules.paid_from(row.cost_rp, reserve_rp=reserve_rp(session, unit.equipment_id))
    postings = [
        *([Posting(UPKEEP_RESERVE, debit_rp=paid.reserve_rp)] if paid.reserve_rp else []),
        *([Posting(UPKEEP, debit_rp=paid.expense_rp)] if paid.expense_rp else []),
        Posting(account, credit_rp=row.cost_rp),
    ]
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Upkeep of a machine"),
        paper=f"upkeep:{row.number}",
        postings=postings,
    )
    row.reserve_rp, row.account_code, row.entry_id = paid.reserve_rp, account, entry.id


def reserve_rp(session: Session, equipment_id: int) -> int:
    """What was kept back of a kind's income for its upkeep and not spent yet."""
    access.require(session, Action.EQUIPMENT_SEE)
    units = select(EquipmentUnit.id).where(EquipmentUnit.equipment_id == equipment_id)
    kept = select(func.coalesce(func.sum(Use.maintenance_rp), 0)).where(
        col(Use.unit_id).in_(units), col(Use.reversed_on).is_(None)
    )
    spent = select(func.coalesce(func.sum(UpkeepDone.reserve_rp), 0)).where(
        col(UpkeepDone.unit_id).in_(units)
    )
    return int(session.exec(kept).one()) - int(session.exec(spent).one())


def log(session: Session, *, unit_id: int | None = None) -> Sequence[UpkeepDone]:
    """What was done, the newest first, of one unit or of all."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = select(UpkeepDone).order_by(col(UpkeepDone.done_on).desc(), col(UpkeepDone.id).desc())
    if unit_id is not None:
        query = query.where(UpkeepDone.unit_id == unit_id)
    return session.exec(query).all()
