"""Shared machines in the demo: a tractor and two pumps, jobs that are done and jobs to come."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

from sqlmodel import Session

from kopprod import db
from kopprod.demo.stage import Stage, moment
from kopprod.domain.access import Role
from kopprod.domain.equipment import Condition, Source, Work
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.money import E4
from kopprod.domain.tariffs import Basis, Borne, Tariff
from kopprod.domain.uses import HandOver, Return
from kopprod.services import bookings, equipment, equipment_units, tariffs, trainings, upkeep, uses
from kopprod.services.bookings import Wanted
from kopprod.services.equipment import Facts
from kopprod.services.equipment_units import UnitFacts
from kopprod.services.use_bills import Beside
from kopprod.tables.bookings import Booking

OPENS, CLOSES = 6 * 60, 18 * 60
M2_AN_HOUR = 1_500
METER = 1_200  # tenths of an hour
# How many days ago, how many m2, and litres of fuel.
DONE = ((41, 2_800, 4), (27, 4_200, 6), (12, 3_500, 5))
TO_COME = ((1, 2_800), (1, 4_900), (2, 3_500), (4, 7_000))
PUMPED_H = 3


def play(stage: Stage) -> None:
    """Two kinds of machine two months ago, three jobs done since, and what is booked now."""
    people = [member for member, _village in stage.goods[0].members]
    begun = stage.on - timedelta(days=60)
    with _acts(stage, "equipment.add_kind", moment(begun)) as session:
        tractor = _tractor(session, begun)
        trainings.add_training(
            session, tractor, member_id=people[-1], trained_on=begun, operates=True, on=begun
        )
        pump = _pump(session, begun)
    for place, (ago, area, litres) in enumerate(DONE):
        day = stage.on - timedelta(days=ago)
        _work(stage, tractor, people[place], day, area, litres, meter=METER + 30 * place)
    _ask(stage, tractor, pump, [*stage.own, *(one for one in people if one not in stage.own)])


def _acts(stage: Stage, action: str, at: datetime) -> AbstractContextManager[Session]:
    return db.writing(stage.coop, person=stage.people[Role.MANAGER], action=action, at=at)


def _tractor(session: Session, on: date) -> int:
    kind = equipment.add_kind(
        session,
        Facts(
            name="Traktor tangan",
            work=Work.AREA,
            rate_per_hour=M2_AN_HOUR,
            place="Gudang koperasi",
            buffer_min=30,
            needs_operator=True,
            has_meter=True,
            fuel="solar",
            opens_min=OPENS,
            closes_min=CLOSES,
        ),
    ).id
    granted = UnitFacts(
        source=Source.GRANT,
        bought_on=on,
        value_rp=30_000_000,
        life_months=60,
        giver="Dinas Pertanian",
        meter=METER,
    )
    equipment_units.add_unit(session, kind, granted)
    tariffs.add_tariff(
        session,
        kind,
        Tariff(Basis.UBIN, on, None, 1_100 * E4, 1_300 * E4, minimum_rp=100_000),
    )
    tariffs.add_outside(
        session, kind, basis=Basis.UBIN, seen_on=on, price_e4=1_250 * E4, source="Sewa desa", on=on
    )
    upkeep.add_plan(session, kind, work="Ganti oli mesin", on=on, every_tenths=1_000)
    return kind


def _pump(session: Session, on: date) -> int:
    kind = equipment.add_kind(
        session,
        Facts(
            name="Pompa air 3 dim",
            place="Gudang koperasi",
            buffer_min=15,
            fuel="bensin",
            opens_min=OPENS,
            closes_min=CLOSES,
        ),
    ).id
    for _one in range(2):
        bought = UnitFacts(
            source=Source.BOUGHT,
            bought_on=on,
            value_rp=3_600_000,
            life_months=36,
            paid_from=BANK,
        )
        equipment_units.add_unit(session, kind, bought)
    tariffs.add_tariff(
        session, kind, Tariff(Basis.HOUR, on, None, 15_000 * E4, 20_000 * E4, fuel=Borne.OWN)
    )
    return kind


def _book(session: Session, kind: int, wanted: Wanted) -> Booking:
    return bookings.book(session, kind, wanted, at=session.info["at"], wait=True)


def _work(
    stage: Stage, kind: int, member_id: int, day: date, area: int, litres: int, *, meter: int
) -> None:
    """A job as it went: asked two days before, handed over, brought back, billed."""
    with _acts(stage, "bookings.book", moment(day - timedelta(days=2), 9)) as session:
        wanted = Wanted(moment(day), size=area, typed=f"{area} m2", member_id=member_id)
        booking_id = _book(session, kind, wanted).id
    with _acts(stage, "uses.hand_over", moment(day)) as session:
        out = HandOver(at=moment(day), meter=meter, condition=Condition.GOOD)
        use_id = uses.hand_over(session, booking_id, out).id
    back_at = moment(day, 12)
    with _acts(stage, "uses.take_back", back_at) as session:
        back = Return(
            at=back_at,
            meter=meter + 30,
            condition=Condition.GOOD,
            area_m2=area,
            fuel_ml=litres * 1_000,
        )
        uses.take_back(session, use_id, back, Beside(fuel_rp=litres * 6_800, fuel_from=CASH))


def _ask(stage: Stage, tractor: int, pump: int, people: Sequence[int]) -> None:
    """Two want the tractor at the same hour tomorrow: the later one waits."""
    with _acts(stage, "bookings.book", moment(stage.on, 9)) as session:
        for member_id, (days, area) in zip(people, TO_COME, strict=False):
            since = moment(stage.on + timedelta(days=days))
            _book(
                session,
                tractor,
                Wanted(since, size=area, typed=f"{area} m2", member_id=member_id),
            )
        since = moment(stage.on + timedelta(days=1))
        until = since + timedelta(hours=PUMPED_H)
        _book(session, pump, Wanted(since, until=until, member_id=people[0]))
