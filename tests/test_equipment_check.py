"""Proving machines in the books: every way of breaking what came, was lost and left is named."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from kopprod import db
from kopprod.domain.equipment import Source
from kopprod.services import check, depreciation, equipment_units
from kopprod.services.equipment_units import UnitFacts
from tests import make
from tests.machines import Yard
from tests.seasons import DAY, writing
from tests.test_check import break_it
from tests.test_equipment import BOUGHT, CAME, GRANTED, clean, fill_cash

# ALAT-2026-0004, -5, -6 and -7: bought and in use, granted and sold, lent, and typed wrongly.


@pytest.fixture
def worn(kept: Callable[[Callable[..., Any]], Any]) -> Yard:
    """A tractor bought, a pump granted that left, one lent, one that never was; two months lost."""
    return cast(Yard, kept(_worn))


def _worn(yard: Yard) -> Yard:
    with writing(yard.coop) as session:
        fill_cash(session)
        lent = UnitFacts(Source.LENT, CAME, owner_id=yard.members["Budi"])
        tractor, pump, lent_one, wrong = (
            equipment_units.add_unit(session, kind_id, facts)
            for kind_id, facts in (
                (yard.tractor_id, BOUGHT),
                (yard.pump_id, GRANTED),
                (yard.pump_id, lent),
                (yard.pump_id, BOUGHT),
            )
        )
        assert (tractor.number, lent_one.source) == ("ALAT-2026-0004", Source.LENT)
        equipment_units.take_out(session, wrong.id, why="Salah ketik", on=DAY)
        depreciation.charge(session, until=DAY)
        equipment_units.retire_unit(session, pump.id, why="Dijual", on=DAY)
    assert clean(yard.coop) == []
    return yard


_TRACTOR = "(SELECT id FROM equipment_unit WHERE number = 'ALAT-2026-0004')"
_PUMP = "(SELECT id FROM equipment_unit WHERE number = 'ALAT-2026-0005')"
_LENT = "(SELECT id FROM equipment_unit WHERE number = 'ALAT-2026-0006')"


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (f"UPDATE equipment_unit SET value_rp = 30000001 WHERE id = {_TRACTOR}",
         "Machines: the journal says"),
        (f"UPDATE equipment_unit SET value_rp = 30000001 WHERE id = {_TRACTOR}",
         "0004 did not come into the journal"),
        (f"UPDATE equipment_unit SET source = 'grant' WHERE id = {_TRACTOR}",
         "0004 did not come into the journal"),
        (f"UPDATE equipment_unit SET bought_on = '2026-01-11' WHERE id = {_TRACTOR}",
         "0004 did not come into the journal"),
        ("UPDATE entry SET paper = 'unit:1' WHERE id ="
         f" (SELECT entry_id FROM equipment_unit WHERE id = {_TRACTOR})",
         "0004 did not come into the journal"),
        (f"UPDATE equipment_unit SET value_rp = 1 WHERE id = {_LENT}", "0006 is lent by a member"),
        (f"UPDATE depreciation SET amount_rp = 500001 WHERE unit_id = {_TRACTOR}",
         "(account 12045), the months charged"),
        (f"UPDATE depreciation SET amount_rp = 500001 WHERE unit_id = {_TRACTOR}",
         "as an expense: the journal has"),
        (f"UPDATE depreciation SET amount_rp = 500001 WHERE unit_id = {_TRACTOR}",
         "0004: reckoned again"),
        (f"UPDATE equipment_unit SET life_months = 59 WHERE id = {_TRACTOR}",
         "0004: reckoned again"),
        (f"DELETE FROM depreciation WHERE month = '2026-01-31' AND unit_id = {_TRACTOR}",
         "0004: reckoned again"),
        ("UPDATE depreciation SET month = '2026-02-27' WHERE month = '2026-02-28'"
         f" AND unit_id = {_TRACTOR}", "0004: a month of depreciation is not"),
        (f"UPDATE depreciation SET entry_id = (SELECT entry_id FROM equipment_unit WHERE id ="
         f" {_TRACTOR}) WHERE unit_id = {_TRACTOR}", "0004: a month of depreciation is not"),
        (f"UPDATE equipment_unit SET retired_entry_id = NULL WHERE id = {_PUMP}",
         "0005 left the register, but not the journal"),
        (f"UPDATE equipment_unit SET retired_on = NULL WHERE id = {_PUMP}",
         "0005 left the register, but not the journal"),
        (f"UPDATE equipment_unit SET retired_on = '2026-03-01' WHERE id = {_PUMP}",
         "0005 left the register, but not the journal"),
        (f"UPDATE equipment_unit SET retired_on = '2026-02-01' WHERE id = {_PUMP}",
         "0005 left the register, but its kind or its months"),
        ("UPDATE equipment SET retired_on = '2026-03-01' WHERE name = 'Traktor tangan'",
         "0004 left the register, but its kind or its months"),
        ("INSERT INTO equipment_tariff (equipment_id, basis, season, since, member_e4, operator,"
         " operator_e4, fuel, fuel_e4, mobilisation_rp, minimum_rp, act_id) SELECT equipment_id,"
         " basis, season, '2026-02-01', member_e4, operator, operator_e4, fuel, fuel_e4,"
         " mobilisation_rp, minimum_rp, act_id FROM equipment_tariff WHERE basis = 'hour'",
         "Pompa air 3 dim has two tariffs for the same use on one day, from 2026-02-01"),
        ("UPDATE entry SET paper = 'unit:999' WHERE id ="
         f" (SELECT entry_id FROM equipment_unit WHERE id = {_TRACTOR})",
         "from a machine that is not there"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named(worn: Yard, statements: str, named: str) -> None:
    with writing(worn.coop, make.MANAGER) as session:
        break_it(session.connection(), statements)
    with db.reading(worn.coop) as session:
        found = [problem.sentence.format(**problem.facts) for problem in check.problems(session)]
    assert any(named in one for one in found), found
