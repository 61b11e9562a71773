"""A yard of shared machines for tests: two pumps, one hand tractor with its operator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import pytest
from sqlmodel import Session

from kopprod.domain.equipment import Source, Work
from kopprod.domain.money import E4
from kopprod.domain.tariffs import Basis, Borne
from kopprod.services import ledger, numbers
from kopprod.tables.equipment import Equipment, EquipmentTariff, EquipmentUnit, Trained
from tests import make
from tests.seasons import writing

HECTARE_M2 = 10_000
BOUGHT_ON = date(2026, 1, 10)
SINCE = date(2026, 1, 1)
LAND_M2 = {"Siti": 7_500, "Budi": 12_000, "Made": None}


@dataclass(frozen=True)
class Yard:
    """A cooperative with two pumps and one hand tractor; Made, without land, operates it.

    The pump costs Rp20.000 an hour (others Rp30.000), fuel is brought; the tractor Rp1.200.000 a
    hectare (others Rp1.400.000) with operator and fuel, at 1.500 m2 an hour, 30 minutes between
    two jobs. Both may be booked at any hour of the day.
    """

    coop: str
    pump_id: int
    pumps: tuple[int, int]
    tractor_id: int
    tractors: tuple[int]
    pump_tariff_id: int
    tractor_tariff_id: int
    members: dict[str, int]

    @property
    def operator_id(self) -> int:
        """Made, who operates the tractor."""
        return self.members["Made"]


def kind(
    session: Session,
    name: str,
    *,
    work: Work = Work.TIME,
    rate_per_hour: int | None = None,
    buffer_min: int = 0,
    needs_operator: bool = False,
    has_meter: bool = True,
) -> Equipment:
    """A kind of machine with no unit yet, straight through the table."""
    row = Equipment(
        name=name,
        work=work,
        rate_per_hour=rate_per_hour,
        buffer_min=buffer_min,
        needs_operator=needs_operator,
        has_meter=has_meter,
        fuel="bensin",
    )
    session.add(row)
    session.flush()
    return row


def unit(
    session: Session, equipment_id: int, number: str = "", *, value_rp: int = 0
) -> EquipmentUnit:
    """A unit whose value, if any, stands in the opening balances."""
    row = EquipmentUnit(
        number=number or numbers.take(session, "ALAT", BOUGHT_ON.year),
        equipment_id=equipment_id,
        source=Source.BOUGHT,
        bought_on=BOUGHT_ON,
        value_rp=value_rp,
        life_months=60 if value_rp else 0,
    )
    session.add(row)
    session.flush()
    return row


def tariff(
    session: Session,
    equipment_id: int,
    *,
    basis: Basis,
    member_rp: int,
    other_rp: int | None,
    fuel: Borne = Borne.INCLUDED,
) -> EquipmentTariff:
    """What a kind costs from the beginning of the year."""
    row = EquipmentTariff(
        equipment_id=equipment_id,
        basis=basis,
        since=SINCE,
        member_e4=member_rp * E4,
        other_e4=None if other_rp is None else other_rp * E4,
        operator=Borne.INCLUDED,
        fuel=fuel,
    )
    session.add(row)
    session.flush()
    return row


def set_up(session: Session, coop: str) -> Yard:
    """The yard's rows, in a cooperative that has its chart of accounts."""
    members = {name: make.member(session, name) for name in LAND_M2}
    for name, land_m2 in LAND_M2.items():
        members[name].land_m2 = land_m2
    pump = kind(session, "Pompa air 3 dim")
    pumps = unit(session, pump.id), unit(session, pump.id)
    tractor = kind(
        session,
        "Traktor tangan",
        work=Work.AREA,
        rate_per_hour=1_500,
        buffer_min=30,
        needs_operator=True,
    )
    tractors = (unit(session, tractor.id),)
    made = Trained(
        equipment_id=tractor.id, member_id=members["Made"].id, operates=True, trained_on=SINCE
    )
    session.add(made)
    by_hour = tariff(
        session, pump.id, basis=Basis.HOUR, member_rp=20_000, other_rp=30_000, fuel=Borne.OWN
    )
    by_hectare = tariff(
        session, tractor.id, basis=Basis.HECTARE, member_rp=1_200_000, other_rp=1_400_000
    )
    session.flush()
    return Yard(
        coop=coop,
        pump_id=pump.id,
        pumps=(pumps[0].id, pumps[1].id),
        tractor_id=tractor.id,
        tractors=(tractors[0].id,),
        pump_tariff_id=by_hour.id,
        tractor_tariff_id=by_hectare.id,
        members={name: row.id for name, row in members.items()},
    )


@pytest.fixture
def yard(kept: Callable[[Callable[..., Any]], Any]) -> Yard:
    """Two pumps, a tractor, three members; nothing booked yet."""
    return cast(Yard, kept(_yard))


def _yard(coop: str) -> Yard:
    with writing(coop) as session:
        ledger.open_chart(session)
        return set_up(session, coop)
