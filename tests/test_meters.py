"""Hour meters that are replaced: hours go on counting, and still never run backwards."""

from datetime import timedelta

import pytest

from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.upkeep import Stage
from kopprod.domain.uses import MeterAbsurd, MeterRunsBackwards
from kopprod.services import meters, upkeep, use_reversals, uses
from kopprod.services.meters import MeterChangeNeedsWords, MeterReplacedSince, NoMeter
from kopprod.services.use_bills import Beside
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.trail import Act
from kopprod.tables.uses import Use
from tests import make
from tests.fields import HOUR, START, back, booked, comes_back, goes_out
from tests.machines import Yard
from tests.payday import clean
from tests.seasons import DAY, writing

LONG_AGO = START.date() - timedelta(days=1)


def used(yard: Yard, day: int, before: int, after: int) -> int:
    """Siti has the first pump for five hours or more, some days after the first; the use's key."""
    since = START + day * 24 * HOUR
    with writing(yard.coop) as session:
        row = booked(session, yard.pump_id, yard.members["Siti"], since=since, hours=10)
        use = goes_out(session, row, meter=before, unit_id=yard.pumps[0])
        comes_back(session, use, back(since + 20 * HOUR, meter=after))
        return use.id


def replaced(yard: Yard, ended: int, begins: int = 0) -> None:
    with writing(yard.coop) as session:
        on = (START + 24 * HOUR).date()
        meters.replace(session, yard.pumps[0], ended=ended, begins=begins, why="Rusak", on=on)


def left(yard: Yard) -> tuple[Stage, int | None]:
    with writing(yard.coop) as session:
        found = upkeep.standings(session, yard.pumps[0], on=DAY)[0].standing
        return found.stage, found.left_tenths


@pytest.fixture
def oiled(yard: Yard) -> Yard:
    """Oil every 100 hours, changed at 1.150,0; the meter broke at 1.204,5."""
    with writing(yard.coop) as session:
        session.get_one(EquipmentUnit, yard.pumps[0]).meter = 11_500
        plan = upkeep.add_plan(
            session, yard.pump_id, work="Ganti oli", on=LONG_AGO, every_tenths=1_000
        )
        upkeep.done(session, yard.pumps[0], plan_id=plan.id, work="", done_on=LONG_AGO,
                    on=DAY, meter=11_500)  # fmt: skip
    used(yard, 0, 11_900, 12_045)
    return yard


def test_oil_is_due_by_what_both_meters_counted(oiled: Yard) -> None:
    assert left(oiled) == (Stage.FAR, 455)
    with pytest.raises(MeterRunsBackwards):
        used(oiled, 2, 0, 10)
    replaced(oiled, ended=12_045)
    assert left(oiled) == (Stage.FAR, 455)
    used(oiled, 2, 0, 200)
    assert left(oiled) == (Stage.FAR, 255)
    used(oiled, 4, 255, 455)
    assert left(oiled) == (Stage.DUE, 0)
    with writing(oiled.coop) as session:
        on = (START + 6 * 24 * HOUR).date()
        [plan] = upkeep.plans(session, oiled.pump_id)
        with pytest.raises(MeterRunsBackwards):
            upkeep.done(session, oiled.pumps[0], plan_id=plan.id, work="", done_on=on, on=DAY,
                        meter=454)  # fmt: skip
        upkeep.done(
            session, oiled.pumps[0], plan_id=plan.id, work="", done_on=on, on=DAY, meter=455
        )
    assert left(oiled) == (Stage.FAR, 1_000)
    assert clean(oiled.coop) == []


def test_a_new_meter_runs_backwards_no_more_than_the_old_one(oiled: Yard) -> None:
    with pytest.raises(MeterRunsBackwards):
        replaced(oiled, ended=12_044)
    replaced(oiled, ended=12_050, begins=30)
    assert left(oiled) == (Stage.FAR, 450)
    with pytest.raises(MeterRunsBackwards):
        used(oiled, 2, 29, 40)
    used(oiled, 2, 30, 60)
    with pytest.raises(MeterRunsBackwards):
        used(oiled, 4, 59, 60)
    assert left(oiled) == (Stage.FAR, 420)


def test_a_meter_that_is_replaced_in_the_field_bills_what_both_counted(yard: Yard) -> None:
    with writing(yard.coop) as session:
        row = booked(session, yard.pump_id, yard.members["Siti"])
        use_id = goes_out(session, row, meter=12_045, unit_id=yard.pumps[0]).id
    with writing(yard.coop) as session:
        meters.replace(session, yard.pumps[0], ended=12_060, begins=5, why="Pecah", on=START.date())
    with writing(yard.coop) as session:
        with pytest.raises(MeterReplacedSince):
            use_reversals.correct_meter(session, use_id, meter=12_040, at=make.AT)
        with pytest.raises(MeterRunsBackwards):
            uses.preview(session, use_id, back(START + 5 * HOUR, meter=4), Beside())
        use = comes_back(session, session.get_one(Use, use_id), back(START + 5 * HOUR, meter=20))
        # 1,5 hours of the old one and 1,5 of the new one, at Rp20.000.
        assert (use.back_meter, use.bill_rp) == (20, 60_000)
        assert session.get_one(EquipmentUnit, yard.pumps[0]).meter == 20
    assert clean(yard.coop) == []


def test_a_return_before_it_is_written_anew_by_the_old_meter(oiled: Yard) -> None:
    use_id = used(oiled, 1, 12_045, 12_060)
    replaced(oiled, ended=12_070)
    used(oiled, 2, 0, 100)
    with writing(oiled.coop) as session:
        other = use_reversals.reverse(session, use_id, reason="Salah baca", on=DAY)
        assert other is not None
        assert session.get_one(EquipmentUnit, oiled.pumps[0]).meter == 100
    with writing(oiled.coop) as session:
        use = session.get_one(Use, other.id)
        since = START + 24 * HOUR
        with pytest.raises(MeterRunsBackwards):
            uses.preview(session, use.id, back(since + 20 * HOUR, meter=12_071), Beside())
        comes_back(session, use, back(since + 20 * HOUR, meter=12_065))
        assert session.get_one(EquipmentUnit, oiled.pumps[0]).meter == 100
    assert left(oiled) == (Stage.FAR, 330)
    used(oiled, 4, 100, 110)


def test_what_cannot_be_true_of_a_new_meter_is_refused_and_the_trail_names_who_wrote_it(
    yard: Yard,
) -> None:
    with writing(yard.coop) as session:
        on, unit_id = START.date(), yard.pumps[0]
        with pytest.raises(MeterChangeNeedsWords):
            meters.replace(session, unit_id, ended=0, begins=0, why=" ", on=on)
        with pytest.raises(MeterAbsurd):
            meters.replace(session, unit_id, ended=0, begins=-1, why="Rusak", on=on)
        row = meters.replace(session, unit_id, ended=7, begins=0, why=" Rusak ", on=on)
        assert (row.why, row.booking_id) == ("Rusak", None)
        assert session.get_one(Act, row.act_id).user_id == make.MANAGER.user_id
        session.get_one(Equipment, yard.pump_id).has_meter = False
        with pytest.raises(NoMeter):
            meters.replace(session, unit_id, ended=7, begins=0, why="Rusak", on=on)
    siti = make.person(Role.MEMBER, name="Siti", member_id=yard.members["Siti"])
    with writing(yard.coop, siti) as session, pytest.raises(NotAllowed):
        meters.replace(session, yard.pumps[0], ended=9, begins=0, why="Rusak", on=DAY)
