"""What machines lose of their value: seen beforehand, charged month by month in one act, proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, func, select

from kopprod.domain import equipment as rules
from kopprod.domain.access import Action
from kopprod.domain.equipment import Asset
from kopprod.domain.ledger import DEPRECIATED, DEPRECIATION, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, days, ledger, numbers
from kopprod.tables.equipment import Depreciation, Equipment, EquipmentUnit


class NothingToCharge(Refusal):
    """All months up to the day are in the books."""

    sentence = N_("Up to {until_on} there is nothing to depreciate: all months are in the books.")


class ChargedInFuture(Refusal):
    """A month is charged when it is over."""

    sentence = N_("{until_on} is still to come. A month is depreciated once it is over.")


@dataclass(frozen=True)
class Charge:
    """What one machine loses in one month."""

    unit: EquipmentUnit
    machine: str
    month: date
    amount_rp: int


@dataclass(frozen=True)
class Worth:
    """What a machine stands at in the books: its value less all that has been charged."""

    unit: EquipmentUnit
    machine: str
    charged_rp: int
    charged_until: date | None

    @property
    def book_rp(self) -> int:
        """Nothing for one that left, or is lent."""
        return 0 if self.unit.retired_on is not None else self.unit.value_rp - self.charged_rp


def asset(unit: EquipmentUnit) -> Asset:
    """A machine as the rules of its value know it."""
    return Asset(unit.source, unit.bought_on, unit.value_rp, unit.residual_rp, unit.life_months)


def months(session: Session, unit_id: int) -> list[date]:
    """The months that were charged for a machine, by their last days, in order."""
    query = select(col(Depreciation.month)).where(Depreciation.unit_id == unit_id)
    return list(session.exec(query.order_by(col(Depreciation.month))).all())


def charged_rp(session: Session, unit: EquipmentUnit) -> int:
    """All that a machine has lost in the books, in the opening balances too."""
    query = select(func.coalesce(func.sum(Depreciation.amount_rp), 0))
    posted = session.exec(query.where(Depreciation.unit_id == unit.id)).one()
    return opening_rp(unit) + int(posted)


def opening_rp(unit: EquipmentUnit) -> int:
    """What it had lost in the opening balances."""
    if unit.charged_until is None:
        return 0
    return rules.depreciated_rp(asset(unit), on=unit.charged_until)


def worth(session: Session, *, all_of_them: bool = False) -> list[Worth]:
    """Every machine in use with what it stands at, by kind and number; perhaps also those gone."""
    access.require(session, Action.LEDGER_SEE)
    query = select(EquipmentUnit, Equipment).join(
        Equipment, col(EquipmentUnit.equipment_id) == Equipment.id
    )
    if not all_of_them:
        query = query.where(col(EquipmentUnit.retired_on).is_(None))
    found = []
    for unit, kind in session.exec(query.order_by(col(EquipmentUnit.number))).all():
        known = months(session, unit.id)
        last = known[-1] if known else unit.charged_until
        found.append(Worth(unit, kind.name, charged_rp(session, unit), last))
    return sorted(found, key=lambda one: (one.machine.casefold(), one.unit.number))


def to_charge(session: Session, *, until: date) -> list[Charge]:
    """What would be charged up to a day: each machine in use, each month that is over, once."""
    access.require(session, Action.LEDGER_SEE)
    found = []
    for one in worth(session):
        done = set(months(session, one.unit.id))
        for month in _months(one.unit, until=until):
            amount_rp = rules.depreciation_rp(asset(one.unit), month=month)
            if amount_rp and month not in done:
                found.append(Charge(one.unit, one.machine, month, amount_rp))
    return sorted(found, key=lambda one: (one.month, one.unit.number))


def _months(unit: EquipmentUnit, *, until: date) -> list[date]:
    """The months of its life that are over by the day and not in the opening balances."""
    found: list[date] = []
    month = rules.month_end(unit.bought_on)
    while month <= until and len(found) < unit.life_months:
        found.append(month)
        month = rules.month_end(month + timedelta(days=1))
    return [one for one in found if unit.charged_until is None or one > unit.charged_until]


def wait_turn(session: Session) -> None:
    """Be the only one who charges, or takes a machine out of the register."""
    numbers.wait_turn(session, "depreciation")


def charge(session: Session, *, until: date) -> Sequence[Depreciation]:
    """Charge every month up to a day that is not charged yet, on its last day.

    Refuses a day to come, and where there is nothing to charge.
    """
    access.require(session, Action.MONEY_MOVE)
    if until > days.today(session):
        raise ChargedInFuture(until_on=until)
    wait_turn(session)
    rows = [_post(session, one) for one in to_charge(session, until=until)]
    if not rows:
        raise NothingToCharge(until_on=until)
    session.flush()
    return rows


def _post(session: Session, one: Charge) -> Depreciation:
    entry = ledger.post(
        session,
        on=one.month,
        memo=N_("Depreciation of a machine"),
        paper=f"unit:{one.unit.id}",
        postings=[
            Posting(DEPRECIATION, debit_rp=one.amount_rp),
            Posting(DEPRECIATED, credit_rp=one.amount_rp),
        ],
    )
    row = Depreciation(
        unit_id=one.unit.id, month=one.month, amount_rp=one.amount_rp, entry_id=entry.id
    )
    session.add(row)
    return row


def not_adding_up(session: Session) -> list[str]:
    """The numbers of machines whose charged months are not those of the rule, one after another."""
    wrong = []
    for unit in session.exec(select(EquipmentUnit).order_by(col(EquipmentUnit.number))).all():
        query = select(Depreciation).where(Depreciation.unit_id == unit.id)
        rows = session.exec(query.order_by(col(Depreciation.month))).all()
        last = rows[-1].month if rows else unit.bought_on
        wanted = {
            month: rules.depreciation_rp(asset(unit), month=month)
            for month in _months(unit, until=last)
        }
        if rows and {row.month: row.amount_rp for row in rows} != {
            month: amount_rp for month, amount_rp in wanted.items() if amount_rp
        }:
            wrong.append(unit.number)
    return wrong
