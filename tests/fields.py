"""Machines in use, for tests: booked straight through the table, handed over, taken back."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from kopprod.domain.bookings import Stage
from kopprod.domain.equipment import Condition, Work
from kopprod.domain.ledger import CASH, Posting
from kopprod.domain.tariffs import Basis
from kopprod.domain.uses import HandOver, Return
from kopprod.services import ledger, numbers, uses
from kopprod.services.use_bills import Beside
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, Trained
from kopprod.tables.uses import Use
from tests import machines, make
from tests.machines import Yard

START = make.AT - timedelta(days=10)  # 20 February 2026, 08.00 in Jakarta
HOUR = timedelta(hours=1)
FUEL_RP, BILL_RP = 127_500, 1_875_000  # of WE-12, line 11


def booked(
    session: Session,
    equipment_id: int,
    member_id: int | None,
    *,
    since: datetime = START,
    hours: int = 5,
    operator_id: int | None = None,
    other_name: str = "",
) -> Booking:
    """A booking that was approved."""
    kind = session.get_one(Equipment, equipment_id)
    until = since + hours * HOUR
    row = Booking(
        number=numbers.take(session, "JADWAL", 2026),
        equipment_id=equipment_id,
        member_id=member_id,
        other_name=other_name,
        stage=Stage.BOOKED,
        since=since,
        until=until,
        blocked_until=until + timedelta(minutes=kind.buffer_min),
        operator_id=operator_id,
        with_operator=operator_id is not None,
        size=60 * hours,
        asked_at=since,
    )
    session.add(row)
    session.flush()
    return row


def goes_out(
    session: Session,
    booking: Booking,
    *,
    meter: int | None = 0,
    at: datetime | None = None,
    accessories: frozenset[str] = frozenset(),
    **rest: Any,
) -> Use:
    """The machine as it goes out, in good order."""
    out = HandOver(at or booking.since, meter, Condition.GOOD, accessories)
    return uses.hand_over(session, booking.id, out, **rest)


def back(
    at: datetime,
    *,
    meter: int | None = 50,
    area_m2: int | None = None,
    condition: Condition = Condition.GOOD,
    fuel_ml: int | None = None,
    damage: str = "",
    accessories: frozenset[str] = frozenset(),
) -> Return:
    """A machine as it comes back: five hours on its meter."""
    return Return(at, meter, condition, area_m2, fuel_ml, damage, accessories)


def comes_back(session: Session, use: Use, found: Return | None = None, **beside: Any) -> Use:
    """The return, five hours after it went out."""
    found = found or back(use.out_at + 5 * HOUR)
    return uses.take_back(session, use.id, found, Beside(**beside))[0]


def money(session: Session, amount_rp: int = 5_000_000) -> None:
    """Cash in the box, from before the season."""
    balances = [Posting(CASH, debit_rp=amount_rp), Posting("35", credit_rp=amount_rp)]
    day = START.date() - timedelta(days=30)
    ledger.post(session, on=day, memo="Awal", paper=ledger.OPENING_PAPER, postings=balances)


def combine(session: Session, yard: Yard) -> int:
    """WE-12: a combine of Rp2.000.000 per bau of 8.000 m2, Made at the wheel."""
    kind = machines.kind(session, "Combine", work=Work.AREA, needs_operator=True)
    machines.unit(session, kind.id)
    row = machines.tariff(
        session, kind.id, basis=Basis.BAU, member_rp=2_000_000, other_rp=2_400_000
    )
    row.bau_tenths = 80_000
    session.add(
        Trained(
            equipment_id=kind.id,
            member_id=yard.operator_id,
            operates=True,
            trained_on=machines.SINCE,
        )
    )
    session.flush()
    return kind.id


def harvested(session: Session, yard: Yard, *, name: str = "Siti") -> Use:
    """WE-12, line 11: 0,75 ha with the combine, five hours, 18,75 liter of fuel."""
    booking = booked(
        session, combine(session, yard), yard.members[name], operator_id=yard.operator_id
    )
    use = goes_out(session, booking, meter=12_045)
    found = back(use.out_at + 5 * HOUR, meter=12_095, area_m2=7_500, fuel_ml=18_750)
    return comes_back(session, use, found, fuel_rp=FUEL_RP, fuel_from=CASH)
