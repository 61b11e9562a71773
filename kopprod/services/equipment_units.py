"""Single machines of a kind: how they came, what they are worth, and how they leave the register.

One that is bought or granted goes into the books on the day it came, unless the opening balances
have it already; one that a member lends stays out of them.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import equipment as rules
from kopprod.domain.access import Action
from kopprod.domain.bookings import HOLDING
from kopprod.domain.capacity import levels, out_of_service
from kopprod.domain.equipment import Asset, Condition, Source
from kopprod.domain.intervals import Span
from kopprod.domain.ledger import DEPRECIATED, DEPRECIATION, GRANTS, MACHINES, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.uses import MOST_METER, MeterAbsurd, hours
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    days,
    depreciation,
    equipment,
    ledger,
    machine_rows,
    numbers,
    sent,
)
from kopprod.services.payments import check_money
from kopprod.tables.bookings import Booking, Outage
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.ledger import Entry
from kopprod.tables.members import Member
from kopprod.tables.uses import Use

_NUMBERS = "ALAT"


class PaidFromMissing(Refusal):
    """What was bought was paid for."""

    sentence = N_("Choose whether the machine was paid from the cash box or the bank.")


class OwnerUnknown(Refusal):
    """A machine lent by somebody who is not in the register."""

    sentence = N_("The member who lends the machine is not in the register.")


class UnitRetired(Refusal):
    """It left the register already."""

    sentence = N_("{number} left the register on {retired_on}.")


class UnitIsOut(Refusal):
    """It stands on somebody's field."""

    sentence = N_("{number} is handed over. Write down its return first.")


class RetiredTooEarly(Refusal):
    """It leaves before it came, before its last depreciation, or on a day to come."""

    sentence = N_("{number} can leave the register between {first_on} and {last_on}.")


class WhyRetiredMissing(Refusal):
    """Nobody will remember next year."""

    sentence = N_("Write why the machine leaves: sold, worn out, given back.")


class AlreadyAtWork(Refusal):
    """What happened with it stands."""

    sentence = N_(
        "{number} was used or depreciated already. Let it leave the register as sold or worn out."
    )


class LentIsNotSold(Refusal):
    """It belongs to a member."""

    sentence = N_("A machine lent by a member goes back to her; the cooperative cannot sell it.")


@dataclass(frozen=True)
class UnitFacts:
    """What is written down about one machine.

    `paid_from` is the cash box or bank of one that is bought. `in_opening` says that the opening
    balances have it; `charged_until` the day up to which they have what it lost, too.
    """

    source: Source
    bought_on: date
    value_rp: int = 0
    residual_rp: int = 0
    life_months: int = 0
    serial: str = ""
    giver: str = ""
    owner_id: int | None = None
    condition: Condition = Condition.GOOD
    meter: int = 0
    paid_from: str | None = None
    in_opening: bool = False
    charged_until: date | None = None


def add_unit(
    session: Session, equipment_id: int, facts: UnitFacts, *, draft_key: str | None = None
) -> EquipmentUnit:
    """One more machine of a kind, with its entry in the journal; the same form again is the same.

    Bought: paid from cash box or bank. Granted: its worth joins the grants. Lent: no entry.
    """
    access.require(session, Action.EQUIPMENT_CHANGE)
    numbers.wait_turn(session, _NUMBERS, facts.bought_on.year)
    kind = equipment.to_change(session, equipment_id)
    known = {"equipment_id": kind.id, "source": facts.source, "value_rp": facts.value_rp}
    there = sent.same(session, EquipmentUnit, draft_key, known)
    if there is not None:
        return there
    row = _checked(session, kind, facts)
    row.number = numbers.take(session, _NUMBERS, facts.bought_on.year)
    row.draft_key = draft_key
    session.add(row)
    session.flush()
    if facts.source is not Source.LENT and not facts.in_opening:
        row.entry_id = _enter(session, row, facts.paid_from).id
        session.flush()
    return row


def _checked(session: Session, kind: Equipment, facts: UnitFacts) -> EquipmentUnit:
    giver = rules.check_source(facts.source, giver=facts.giver, owner_id=facts.owner_id)
    today = days.today(session)
    rules.check_asset(
        Asset(facts.source, facts.bought_on, facts.value_rp, facts.residual_rp, facts.life_months),
        today=today,
    )
    lent = facts.source is Source.LENT
    if lent and session.get(Member, facts.owner_id) is None:
        raise OwnerUnknown
    if not 0 <= facts.meter <= MOST_METER:
        raise MeterAbsurd(hours=hours(facts.meter))
    until = facts.charged_until if facts.in_opening and not lent else None
    if until is not None and until > today:
        raise rules.BoughtInFuture(bought_on=until)
    return EquipmentUnit(
        number="",
        equipment_id=kind.id,
        serial=tidy(facts.serial)[: rules.LONGEST_NAME],
        source=facts.source,
        giver=giver[: rules.LONGEST_NAME] if facts.source is Source.GRANT else "",
        owner_id=facts.owner_id if lent else None,
        bought_on=facts.bought_on,
        value_rp=facts.value_rp,
        residual_rp=facts.residual_rp,
        life_months=facts.life_months,
        charged_until=until,
        condition=facts.condition,
        meter=facts.meter if kind.has_meter else 0,
    )


def _enter(session: Session, row: EquipmentUnit, paid_from: str | None) -> Entry:
    if row.source is Source.GRANT:
        memo, other = N_("Machine granted"), GRANTS
    else:
        access.require(session, Action.MONEY_MOVE)
        if paid_from is None:
            raise PaidFromMissing
        check_money(paid_from)
        memo, other = N_("Machine bought"), paid_from
    return ledger.post(
        session,
        on=row.bought_on,
        memo=memo,
        paper=f"unit:{row.id}",
        postings=[
            Posting(MACHINES, debit_rp=row.value_rp),
            Posting(other, credit_rp=row.value_rp),
        ],
    )


def change_unit(session: Session, unit_id: int, *, serial: str) -> EquipmentUnit:
    """Put right the serial number; what stands in the books is corrected by taking it out."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    row = _in_use(session, unit_id)
    row.serial = tidy(serial)[: rules.LONGEST_NAME]
    session.flush()
    return row


def retire_unit(
    session: Session,
    unit_id: int,
    *,
    why: str,
    on: date,
    proceeds_rp: int = 0,
    account: str | None = None,
) -> EquipmentUnit:
    """A machine leaves the register: sold for `proceeds_rp`, worn out, or given back.

    What it still stood at is written off; money above that makes depreciation smaller. Refuses
    while it is out, or while bookings would be left without a machine, and names those.
    """
    access.require(session, Action.EQUIPMENT_CHANGE)
    depreciation.wait_turn(session)
    row = _in_use(session, unit_id)
    kind = equipment.to_change(session, row.equipment_id)
    _check_free(session, kind, row)
    _retire(session, row, why=why, on=on, proceeds_rp=proceeds_rp, account=account)
    return row


def take_out(session: Session, unit_id: int, *, why: str, on: date) -> EquipmentUnit:
    """A machine that was written down wrongly leaves the register as if it had never come.

    Its entry is reversed. Refuses one that was depreciated, or used: that one is retired.
    """
    access.require(session, Action.EQUIPMENT_CHANGE)
    depreciation.wait_turn(session)
    row = _in_use(session, unit_id)
    kind = equipment.to_change(session, row.equipment_id)
    _check_free(session, kind, row)
    used = session.exec(select(Use.id).where(Use.unit_id == row.id)).first() is not None
    if used or depreciation.months(session, row.id):
        raise AlreadyAtWork(number=row.number)
    row.retired_on, row.retired_why = on, _why(why)
    session.flush()
    if row.entry_id is not None:
        memo = N_("Machine was written down wrongly")
        row.retired_entry_id = ledger.reverse(session, row.entry_id, on=on, memo=memo).id
        session.flush()
    return row


def retire_kind(session: Session, equipment_id: int, *, why: str, on: date) -> Equipment:
    """A kind leaves the register with all its machines; refuses while any booking stands."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    depreciation.wait_turn(session)
    kind = equipment.to_change(session, equipment_id)
    equipment.check_unbooked(session, kind)
    for row in equipment.units(session, kind.id):
        _retire(session, row, why=why, on=on)
    kind.retired_on = on
    session.flush()
    return kind


def _in_use(session: Session, unit_id: int) -> EquipmentUnit:
    row = machine_rows.lock_unit(session, unit_id)
    if row.retired_on is not None:
        raise UnitRetired(number=row.number, retired_on=row.retired_on)
    return row


def _why(why: str) -> str:
    kept = tidy(why)[: equipment.LONGEST_TEXT]
    if not kept:
        raise WhyRetiredMissing
    return kept


def _check_free(session: Session, kind: Equipment, row: EquipmentUnit) -> None:
    out = select(Use).where(Use.unit_id == row.id, col(Use.returned_at).is_(None))
    if session.exec(out).first() is not None:
        raise UnitIsOut(number=row.number)
    equipment.refuse_booked(kind, _left_without(session, kind, row))


def _left_without(session: Session, kind: Equipment, row: EquipmentUnit) -> list[str]:
    """The bookings at whose time too few machines would be left, in order."""
    query = select(Booking).where(Booking.equipment_id == kind.id, col(Booking.stage).in_(HOLDING))
    rows = session.exec(query.order_by(col(Booking.since), col(Booking.id))).all()
    jobs = {one.number: Span(one.since, one.blocked_until) for one in rows}
    if not jobs:
        return []
    left = [one.id for one in equipment.units(session, kind.id) if one.id != row.id]
    outages = session.exec(select(Outage).where(Outage.equipment_id == kind.id)).all()
    gone = out_of_service([(one.unit_id, Span(one.since, one.until)) for one in outages], left)
    every = Span(
        min(span.since for span in jobs.values()), max(span.until for span in jobs.values())
    )
    full = [span for span, level in levels(every, [*jobs.values(), *gone]) if level > len(left)]
    return [number for number, span in jobs.items() if any(span.overlaps(one) for one in full)]


def _retire(
    session: Session,
    row: EquipmentUnit,
    *,
    why: str,
    on: date,
    proceeds_rp: int = 0,
    account: str | None = None,
) -> None:
    kept, today = _why(why), days.today(session)
    charged = depreciation.months(session, row.id)
    first = max([row.bought_on, *charged])
    if not first <= on <= today:
        raise RetiredTooEarly(number=row.number, first_on=first, last_on=today)
    row.retired_on, row.retired_why = on, kept
    session.flush()
    if row.source is Source.LENT:
        if proceeds_rp:
            raise LentIsNotSold
        return
    if row.value_rp:
        row.retired_entry_id = _write_off(session, row, proceeds_rp, account).id
        session.flush()


def _write_off(
    session: Session, row: EquipmentUnit, proceeds_rp: int, account: str | None
) -> Entry:
    lost_rp = depreciation.charged_rp(session, row)
    postings = [Posting(MACHINES, credit_rp=row.value_rp)]
    if lost_rp:
        postings.append(Posting(DEPRECIATED, debit_rp=lost_rp))
    if proceeds_rp:
        access.require(session, Action.MONEY_MOVE)
        if account is None:
            raise PaidFromMissing
        check_money(account)
        postings.append(Posting(account, debit_rp=proceeds_rp))
    rest_rp = row.value_rp - lost_rp - proceeds_rp
    if rest_rp > 0:
        postings.append(Posting(DEPRECIATION, debit_rp=rest_rp))
    if rest_rp < 0:
        postings.append(Posting(DEPRECIATION, credit_rp=-rest_rp))
    assert row.retired_on is not None
    memo = N_("Machine left the register")
    return ledger.post(
        session, on=row.retired_on, memo=memo, paper=f"unit:{row.id}", postings=postings
    )
