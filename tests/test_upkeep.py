"""Upkeep of machines: what is due, what was done and from which money, what is broken."""

from datetime import timedelta
from typing import Any

import pytest

from kopprod.domain.bookings import Stage as BookingStage
from kopprod.domain.equipment import Condition
from kopprod.domain.ledger import CASH
from kopprod.domain.upkeep import MachineBroken, MaintenanceDue, Stage
from kopprod.domain.uses import MeterRunsBackwards
from kopprod.services import breakdowns, ledger, upkeep, use_rows
from kopprod.services.breakdowns import BrokenNeedsWords, NotBroken
from kopprod.services.upkeep import DoneInFuture, PlanEnded, PlannedAlready, PlanUnknown
from kopprod.tables.equipment import EquipmentUnit
from tests import make
from tests.fields import HOUR, START, back, booked, comes_back, goes_out, harvested, money
from tests.machines import Yard
from tests.payday import clean
from tests.seasons import DAY, writing

LONG_AGO = START.date() - timedelta(days=1)


def test_oil_is_due_by_the_hours_that_members_ran(yard: Yard) -> None:
    with writing(yard.coop) as session:
        plan = upkeep.add_plan(
            session, yard.pump_id, work="Ganti oli", on=LONG_AGO, every_tenths=100
        )
        unit_id = yard.pumps[0]
        stood = upkeep.standings(session, unit_id, on=DAY)[0].standing
        assert (stood.stage, stood.left_tenths) == (Stage.FAR, 100)
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]))
        comes_back(session, use, back(START + 10 * HOUR, meter=100))
        stood = upkeep.standings(session, unit_id, on=DAY)[0].standing
        assert (stood.stage, stood.left_tenths, stood.since_on) == (Stage.DUE, 0, START.date())
        assert list(upkeep.blocked(session, yard.pump_id, on=DAY)) == [unit_id]
        upkeep.check_bookable(session, yard.pump_id, on=DAY)  # the other pump is fit

        upkeep.done(
            session, unit_id, plan_id=plan.id, work="", done_on=DAY, on=DAY, meter=100,
            by_whom="Pak Darto",
        )  # fmt: skip
        stood = upkeep.standings(session, unit_id, on=DAY)[0].standing
        assert (stood.stage, stood.left_tenths) == (Stage.FAR, 100)
        assert [one.work for one in upkeep.log(session, unit_id=unit_id)] == ["Ganti oli"]


def test_a_machine_whose_upkeep_is_due_cannot_be_booked(yard: Yard) -> None:
    with writing(yard.coop) as session:
        plan = upkeep.add_plan(session, yard.tractor_id, work="Servis", on=LONG_AGO, every_days=5)
        with pytest.raises(MaintenanceDue) as refused:
            upkeep.check_bookable(session, yard.tractor_id, on=DAY)
        assert refused.value.facts["work"] == "Servis"
        upkeep.end_plan(session, plan.id, on=DAY)
        upkeep.check_bookable(session, yard.tractor_id, on=DAY)
        with pytest.raises(PlanEnded):
            upkeep.end_plan(session, plan.id, on=DAY)


def test_the_reserve_pays_first_and_the_rest_is_an_expense(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        use = harvested(session, yard)  # keeps Rp349.500 back
        facts: dict[str, Any] = {"work": "Ganti sabuk", "done_on": DAY, "on": DAY, "account": CASH}
        row = upkeep.done(session, use.unit_id, cost_rp=400_000, draft_key="a", **facts)
        again = upkeep.done(session, use.unit_id, cost_rp=400_000, draft_key="a", **facts)
        assert row.id == again.id
        assert (row.cost_rp, row.reserve_rp) == (400_000, 349_500)
        assert ledger.balance_rp(session, "2140") == 0
        assert ledger.balance_rp(session, "6107") == 349_500 + 50_500
        # What the combine kept back does not mend a pump.
        pump = upkeep.done(session, yard.pumps[0], cost_rp=10_000, **facts)
        assert pump.reserve_rp == 0
    assert clean(yard.coop) == []


def test_what_cannot_be_true_of_upkeep_is_refused(yard: Yard) -> None:
    with writing(yard.coop) as session:
        plan = upkeep.add_plan(session, yard.pump_id, work="Oli", on=LONG_AGO, every_days=90)
        with pytest.raises(PlannedAlready):
            upkeep.add_plan(session, yard.pump_id, work="oli ", on=DAY, every_days=30)
        done: dict[str, Any] = {"work": "Oli", "on": DAY}
        with pytest.raises(PlanUnknown):
            upkeep.done(session, yard.tractors[0], plan_id=plan.id, done_on=DAY, **done)
        with pytest.raises(DoneInFuture):
            upkeep.done(session, yard.pumps[0], done_on=DAY + timedelta(days=1), **done)
        goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]), meter=70)
        with pytest.raises(MeterRunsBackwards):
            upkeep.done(session, yard.pumps[0], done_on=DAY, meter=69, **done)


def test_what_is_broken_cannot_be_booked_until_it_is_repaired(yard: Yard) -> None:
    with writing(yard.coop) as session:
        unit_id = yard.tractors[0]
        with pytest.raises(NotBroken):
            breakdowns.repaired(session, unit_id, at=make.AT)
        with pytest.raises(BrokenNeedsWords):
            breakdowns.break_down(session, unit_id, why=" ", at=make.AT)
        tomorrow = booked(session, yard.tractor_id, yard.members["Siti"], since=make.AT + 24 * HOUR)
        first, plan = breakdowns.break_down(session, unit_id, why="Gigi patah", at=make.AT)
        assert plan is not None
        assert [one.number for one in plan.moved] == [tomorrow.number]
        assert tomorrow.stage is BookingStage.POSTPONED
        again, none = breakdowns.break_down(session, unit_id, why="Lagi", at=make.AT)
        assert (again.id, none) == (first.id, None)
        with pytest.raises(MachineBroken) as refused:
            upkeep.check_bookable(session, yard.tractor_id, on=DAY)
        assert (refused.value.facts["why"], refused.value.facts["since_on"]) == ("Gigi patah", DAY)
        breakdowns.repaired(session, unit_id, at=make.AT + HOUR, condition=Condition.WORN)
        assert first.until == make.AT + HOUR
        assert session.get_one(EquipmentUnit, unit_id).condition is Condition.WORN
        upkeep.check_bookable(session, yard.tractor_id, on=DAY)


def test_a_fit_machine_is_proposed_before_one_whose_upkeep_is_due(yard: Yard) -> None:
    with writing(yard.coop) as session:
        plan = upkeep.add_plan(session, yard.pump_id, work="Oli", on=LONG_AGO, every_days=5)
        first = booked(session, yard.pump_id, yard.members["Siti"])
        other = booked(session, yard.pump_id, yard.members["Budi"])
        upkeep.done(session, yard.pumps[1], plan_id=plan.id, work="", done_on=DAY, on=DAY)
        free = use_rows.free_units(session, first, on=DAY)
        assert [one.id for one in free] == list(yard.pumps[::-1])
        assert goes_out(session, first).unit_id == yard.pumps[1]
        assert goes_out(session, other).unit_id == yard.pumps[0], "due, and the only one left"
