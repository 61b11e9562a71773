"""The page of shared machines: for a member on a phone, for the manager's register."""

import pytest
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.domain.equipment import Work
from kopprod.domain.ledger import DEPRECIATION
from kopprod.domain.money import E4
from kopprod.services import equipment, equipment_units, ledger, tariffs
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member
from tests import make
from tests.machines import Yard
from tests.screens import screen, words
from tests.seasons import DAY, writing
from tests.test_equipment import BOUGHT, GRANTED, fill_cash


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("kopprod.ui", "kopprod.ui.equipment_units", "kopprod.ui.tariffs")
    for module in (*names, "kopprod.ui.equipment_form", "kopprod.ui.ask"):
        monkeypatch.setattr(f"{module}.today", lambda: DAY)


def manager(coop: str) -> Person:
    with writing(coop) as session:
        return make.user(session, Role.MANAGER, name="Ibu Citra")


def siti(yard: Yard) -> Person:
    with writing(yard.coop) as session:
        return make.user(session, Role.MEMBER, name="Siti", member_id=yard.members["Siti"])


def opened(yard: Yard, who: Person, kind_id: int) -> AppTest:
    test = screen(yard.coop, who, "equipment")
    test.query_params["equipment"] = str(kind_id)
    return test.run()


def test_a_member_sees_which_machines_there_are_and_what_they_cost_her(yard: Yard) -> None:
    test = screen(yard.coop, siti(yard), "equipment")

    assert not test.exception
    assert "Pompa air 3 dim" in words(test) and "2 unit" in words(test)
    assert "Rp1.200.000 per hektare" in words(test)
    assert "Nilai buku" not in words(test)
    test.button(key=f"equipment_{yard.tractor_id}").click().run()
    assert not test.exception
    assert "operator sudah termasuk; bahan bakar sudah termasuk" in words(test)
    assert "bukan anggota: Rp1.400.000 per hektare" in words(test)
    assert "1 ha selesai kira-kira dalam 6 jam 40 menit" in words(test)
    assert "Made" in words(test)


def test_an_empty_register_says_what_comes_first(coop: str) -> None:
    with writing(coop) as session:
        ledger.open_chart(session)
        member = make.user(session, Role.MEMBER, name="Siti")
    test = screen(coop, manager(coop), "equipment")
    assert "Catat alat pertama di bawah" in words(test)
    assert "belum punya alat bersama" in words(screen(coop, member, "equipment"))
    [name] = [one for one in test.text_input if (one.key or "").endswith("_name")]
    name.input("Perontok padi").run()
    [rate] = [one for one in test.text_input if "_rate_" in (one.key or "")]
    rate.input("satu").run()
    assert test.button(key="kind_add").disabled
    [rate] = [one for one in test.text_input if "_rate_" in (one.key or "")]
    rate.input("0,2 ha").run()
    test.button(key="kind_add").click().run()

    assert not test.exception
    assert "Perontok padi masuk daftar alat" in words(test)
    with db.reading(coop) as session:
        [row] = equipment.kinds(session)
        assert (row.work, row.rate_per_hour) == (Work.AREA, 2_000)


def test_the_manager_adds_a_unit_a_tariff_and_depreciates(yard: Yard) -> None:
    who = manager(yard.coop)
    with writing(yard.coop) as session:
        fill_cash(session)
    test = opened(yard, who, yard.tractor_id)
    assert not test.exception
    [value] = [one for one in test.text_input if (one.key or "").endswith("_value")]
    value.input("30 juta").run()
    [came] = [one for one in test.date_input if (one.key or "").endswith("_on")][:1]
    came.set_value(BOUGHT.bought_on).run()
    test.button(key=f"unit_add_{yard.tractor_id}").click().run()
    assert not test.exception
    assert "ALAT-2026-0004 masuk daftar alat" in words(test)
    assert "Rp30.000.000" in words(test)

    key = f"tariff_{yard.tractor_id}_1"
    test.selectbox(key=f"{key}_basis").select("bau").run()
    test.text_input(key=f"{key}_member").input("2 juta").run()
    assert "Rp2.000.000 per bau (8.000 m2), sama dengan Rp2.500.000 per hektare" in words(test)
    test.button(key=f"tariff_add_{yard.tractor_id}").click().run()
    assert not test.exception
    assert "Tarif per bau (8.000 m2) berlaku mulai" in words(test)

    test = screen(yard.coop, who, "equipment")
    assert "2 penyusutan bulanan dari 1 alat, jumlahnya Rp1.000.000" in words(test)
    test.button(key="depreciation_post").click().run()
    assert not test.exception
    assert "2 penyusutan bulanan dibukukan, jumlahnya Rp1.000.000" in words(test)
    with db.reading(yard.coop) as session:
        assert ledger.balance_rp(session, DEPRECIATION) == 1_000_000


def test_the_first_meter_of_a_unit_is_read_in_tenths(yard: Yard) -> None:
    with writing(yard.coop) as session:
        fill_cash(session)
        session.get_one(Equipment, yard.tractor_id).has_meter = True
    test = opened(yard, manager(yard.coop), yard.tractor_id)
    for ending, typed in (("_value", "30 juta"), ("_meter", "1.204,5")):
        [field] = [one for one in test.text_input if (one.key or "").endswith(ending)]
        field.input(typed).run()
    test.button(key=f"unit_add_{yard.tractor_id}").click().run()
    assert not test.exception
    with db.reading(yard.coop) as session:
        assert equipment.units(session, yard.tractor_id)[-1].meter == 12_045


def test_a_new_price_ends_the_one_that_counts(yard: Yard) -> None:
    test = opened(yard, manager(yard.coop), yard.pump_id)
    key = f"tariff_{yard.pump_id}_1"
    test.selectbox(key=f"{key}_basis").select("hour").run()
    test.text_input(key=f"{key}_member").input("22.000").run()
    assert "berakhir saat tarif ini mulai" in words(test)
    test.button(key=f"tariff_add_{yard.pump_id}").click().run()
    assert not test.exception
    with db.reading(yard.coop) as session:
        [now] = tariffs.valid(session, yard.pump_id, on=DAY)
        assert now.tariff.member_e4 == 22_000 * E4


def test_a_training_a_price_elsewhere_and_a_unit_that_leaves(yard: Yard) -> None:
    with writing(yard.coop) as session:
        made = equipment_units.add_unit(session, yard.tractor_id, GRANTED)
    test = opened(yard, manager(yard.coop), yard.tractor_id)
    test.selectbox(key=f"trained_{yard.tractor_id}").select(yard.members["Siti"]).run()
    test.button(key=f"training_add_{yard.tractor_id}").click().run()
    assert "Siti masuk daftar" in words(test)
    test.text_input(key=f"outside_{yard.tractor_id}_price").input("1,5 juta").run()
    test.button(key=f"outside_add_{yard.tractor_id}").click().run()
    assert not test.exception
    assert "20 %" in words(test)
    test.selectbox(key=f"unit_out_{yard.tractor_id}").select(made.id).run()
    test.text_input(key=f"unit_why_{made.id}").input("Dicuri").run()
    test.button(key=f"unit_retire_{made.id}").click().run()
    assert not test.exception
    assert f"{made.number} keluar dari daftar alat" in words(test)


def test_a_members_land_is_written_down_as_people_say_it(yard: Yard) -> None:
    budi = yard.members["Budi"]
    test = screen(yard.coop, manager(yard.coop), "members")
    test.query_params["member"] = str(budi)
    test.run()
    assert "1,2 ha" in words(test)
    test.text_input(key=f"land_{budi}").input("50 are").run()
    test.button(key="keep").click().run()
    assert not test.exception
    assert "0,5 ha" in words(test)
    test.text_input(key=f"land_{budi}").input("luas").run()
    test.button(key="keep").click().run()
    with db.reading(yard.coop) as session:
        assert session.get_one(Member, budi).land_m2 == 5_000
