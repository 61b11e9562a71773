"""What machines brought, reckoned by hand: a tractor's February, and what it saved whom."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from kopprod.domain.access import Role
from kopprod.domain.equipment import Source
from kopprod.domain.ledger import CASH
from kopprod.domain.money import E4
from kopprod.domain.tariffs import Basis
from kopprod.services import depreciation, equipment_units, tariffs, upkeep, use_results
from kopprod.services.equipment_units import UnitFacts
from kopprod.services.use_results import Compared, Machine
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import Equipment, EquipmentUnit, OutsidePrice
from tests import make
from tests.booked import acting
from tests.fields import HOUR, START, back, booked, comes_back, goes_out, money
from tests.machines import Yard
from tests.payday import clean
from tests.screens import screen, words
from tests.seasons import writing

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
SEEN = date(2026, 2, 1)


def price(
    session: Session, yard: Yard, rp: int, *, basis: Basis = Basis.HECTARE, seen_on: date = SEEN
) -> OutsidePrice:
    return tariffs.add_outside(
        session, yard.tractor_id, basis=basis, seen_on=seen_on, price_e4=rp * E4, on=MARCH,
        source="Pak Darmo, dengan operator",
    )  # fmt: skip


def tractor(session: Session, since: date = FEBRUARY, until: date = MARCH) -> Machine:
    rows = use_results.results(session, since=since, until=until)
    return next(row for row in rows if row.kind.name == "Traktor tangan")


def works(
    session: Session, yard: Yard, name: str | None, since: datetime, hours: int, meter: int,
    area_m2: int, fuel_rp: int,
) -> None:  # fmt: skip
    """The tractor with Made; fuel from the cash box."""
    row = booked(
        session, yard.tractor_id, yard.members[name] if name else None, since=since, hours=hours,
        operator_id=yard.operator_id, other_name="" if name else "Pak Joko",
    )  # fmt: skip
    use = goes_out(session, row, meter=meter)
    found = back(since + hours * HOUR, meter=meter + 10 * hours, area_m2=area_m2)
    comes_back(session, use, found, fuel_rp=fuel_rp, fuel_from=CASH, paid_to=None if name else CASH)


def test_a_tractors_february_by_hand(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        kind = session.get_one(Equipment, yard.tractor_id)
        kind.opens_min, kind.closes_min = 6 * 60, 18 * 60
        unit = session.get_one(EquipmentUnit, yard.tractors[0])
        unit.value_rp, unit.life_months = 30_000_000, 60
        price(session, yard, 1_500_000)
        # Siti: 0,75 ha, Rp900.000, net of fuel Rp800.000: 40 % are 320.000, 20 % 160.000.
        works(session, yard, "Siti", START, 5, 0, 7_500, 100_000)
        # Pak Joko: 0,5 ha at Rp1.400.000, Rp700.000, net Rp640.000: 256.000 and 128.000.
        works(session, yard, None, START + 24 * HOUR, 3, 50, 5_000, 60_000)
        # A repair of Rp400.000: the reserve has 288.000, so 112.000 are an expense.
        upkeep.done(session, unit.id, work="Ganti sabuk", done_on=date(2026, 2, 25),
                    on=date(2026, 2, 25), cost_rp=400_000, account=CASH)  # fmt: skip
        depreciation.charge(session, until=date(2026, 2, 28))  # 500.000 for January and February
        # From the 10th, 12.00, until the 11th, 10.00: six hours and four of daylight.
        noon = datetime(2026, 2, 10, 5, tzinfo=UTC)
        outage = Outage(
            number="HENTI-1", equipment_id=kind.id, since=noon, until=noon + 22 * HOUR, why="servis"
        )
        session.add(outage)
        session.flush()

        found = tractor(session)
        result = found.result
        assert (found.units, found.uses, found.reserve_rp, found.down_days) == (1, 2, 0, 1)
        assert result.income_rp == 900_000 + 700_000
        # Fuel, operator, kept back, upkeep above that, a month's depreciation.
        assert result.cost_rp == 160_000 + 576_000 + 288_000 + 112_000 + 500_000
        assert result.net_rp == -36_000
        assert result.minutes_used == 8 * 60
        assert result.minutes_open == 28 * 12 * 60 - 10 * 60
        assert result.idle_minutes == 19_560 - 480
        assert result.used_bp == 245  # 480 of 19.560 minutes are 2,45 %
        assert result.income_per_hour_e4 == 200_000 * E4
        assert result.cost_per_hour_e4 == 204_500 * E4
        assert result.cost_per_ha_e4 == 1_308_800 * E4  # on 1,25 ha
        # Elsewhere Siti would have paid Rp1.125.000; the loss of Rp36.000 is everybody's. What Pak
        # Joko would have paid is not the members' concern.
        saving = found.saving
        assert (saving.outside_rp, saving.billed_rp, saving.loss_rp) == (1_125_000, 900_000, 36_000)
        assert (saving.saved_rp, saving.compared, saving.uncompared) == (189_000, 1, 0)
        assert found.lost_rp == 500_000
        assert [(one.price.seen_on, one.uses) for one in found.outside] == [(SEEN, 1)]
    assert clean(yard.coop) == []


def test_a_use_is_compared_with_what_was_known_on_its_day_by_the_same_measure(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        works(session, yard, "Siti", START, 5, 0, 7_500, 0)
        works(session, yard, "Budi", START + 48 * HOUR, 5, 50, 10_000, 0)
        price(session, yard, 9, seen_on=MARCH)  # only known later
        assert tractor(session).outside == []
        assert (tractor(session).saving.compared, tractor(session).saving.uncompared) == (0, 2)
        by_hour = price(session, yard, 300_000, basis=Basis.HOUR, seen_on=START.date())
        assert tractor(session).saving.outside_rp == 2 * 1_500_000
        by_ubin = price(session, yard, 2_000, basis=Basis.UBIN)  # areas like the tariff's
        assert tractor(session).outside == [Compared(by_ubin, 2)]
        old = price(session, yard, 1_500_000)
        new = price(session, yard, 1_600_000, seen_on=START.date() + timedelta(days=1))
        found = tractor(session)
        assert found.outside == [Compared(new, 1), Compared(old, 1)]
        assert found.saving.outside_rp == 1_125_000 + 1_600_000
        assert by_hour.id not in {one.price.id for one in found.outside}


def test_a_unit_counts_while_it_was_here_and_what_it_still_stood_at_when_it_left(
    yard: Yard,
) -> None:
    with writing(yard.coop) as session:
        money(session, 50_000_000)
        facts = UnitFacts(
            Source.BOUGHT, date(2026, 2, 11), 6_000_000, life_months=60, paid_from=CASH
        )
        unit = equipment_units.add_unit(session, yard.tractor_id, facts)
        equipment_units.retire_unit(
            session, unit.id, why="Dijual", on=date(2026, 2, 21), proceeds_rp=5_000_000,
            account=CASH,
        )  # fmt: skip
        found = tractor(session)
        assert found.units == 2
        assert found.result.minutes_open == (28 + 10) * 24 * 60
        assert found.result.cost_rp == 1_000_000
        assert tractor(session, until=date(2026, 2, 11)).units == 1
        assert tractor(session, since=date(2026, 2, 21)).units == 1


def test_what_was_compared_with_nothing_is_neither_saved_nor_dearer_on_the_screen(
    yard: Yard,
) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)

    def now_acting() -> AbstractContextManager[Session]:
        return acting(yard, at=now)

    with now_acting() as session:
        money(session)
        manager = make.user(session, Role.MANAGER, name="Citra")
        # Pak Joko is no member, and the fuel of Rp1.000.000 is more than his bill of Rp700.000.
        works(session, yard, None, now - 24 * HOUR, 3, 0, 5_000, 1_000_000)
    said = words(screen(yard.coop, manager, "uses"))
    assert "−Rp300.000" in said or "-Rp300.000" in said, said
    assert "daripada sewa di luar" not in said
    with now_acting() as session:
        works(session, yard, "Siti", now - 16 * HOUR, 5, 50, 7_500, 0)
    said = words(screen(yard.coop, manager, "uses"))
    assert "tidak ada yang dibandingkan" in said
    with now_acting() as session:
        price(session, yard, 1_500_000)
        assert tractor(session, until=date(2126, 1, 1)).saving.compared == 1
    said = words(screen(yard.coop, manager, "uses"))
    assert "Lebih hemat daripada sewa di luar" in said
    assert "1 kali pakai dibandingkan dengan Rp1.500.000" in said
    assert "tidak ada yang dibandingkan" not in said
    assert "Kerugian" not in said
    with now_acting() as session:
        unit = session.get_one(EquipmentUnit, yard.tractors[0])
        unit.value_rp, unit.life_months = 30_000_000, 60
        depreciation.charge(session, until=now.date())
    said = words(screen(yard.coop, manager, "uses"))
    assert "Lebih mahal daripada sewa di luar" in said
    assert "Kalau menyewa di luar, pemakai membayar Rp1.125.000; di sini mereka membayar" in said
    assert "Kerugian Traktor tangan" in said and "sudah dibukukan" in said
