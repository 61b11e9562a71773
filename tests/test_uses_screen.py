"""Using machines on screens: the officer hands over and takes back, the treasurer takes money."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kopprod.domain.access import Person, Role
from kopprod.domain.bookings import Stage
from kopprod.domain.equipment import Work, shown
from kopprod.domain.ledger import CASH
from kopprod.services import bookings, upkeep, use_debts, use_payments
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import EquipmentUnit
from tests import make
from tests.fields import HOUR, START, back, booked, comes_back, goes_out, money
from tests.machines import Yard
from tests.screens import screen, unfold, words
from tests.seasons import DAY, writing
from tests.test_use_debts import takes


@pytest.fixture
def people(yard: Yard) -> dict[str, Person]:
    """Who works with machines, each with a user."""
    with writing(yard.coop) as session:
        return {
            "officer": make.user(session, Role.OFFICER, name="Oman"),
            "treasurer": make.user(session, Role.TREASURER, name="Tuti"),
            "manager": make.user(session, Role.MANAGER, name="Citra"),
            "siti": make.user(session, Role.MEMBER, name="Siti", member_id=yard.members["Siti"]),
        }


def test_an_empty_page_says_what_it_will_show(yard: Yard, people: dict[str, Person]) -> None:
    for name in people:
        shown = screen(yard.coop, people[name], "uses")
        assert not shown.exception
        assert shown.info, name


def test_from_hand_over_to_money(yard: Yard, people: dict[str, Person]) -> None:
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=8)
    with writing(yard.coop) as session:
        booking_id = booked(
            session, yard.tractor_id, yard.members["Siti"], since=since,
            operator_id=yard.operator_id,
        ).id  # fmt: skip
    page = screen(yard.coop, people["officer"], "uses")
    page.button(key=f"use_out_{booking_id}").click().run()
    page.text_input(key=f"out_{booking_id}_{yard.tractors[0]}_meter").input("12.045").run()
    assert "12.045 jam lebih banyak" in words(page)
    page.text_input(key=f"out_{booking_id}_{yard.tractors[0]}_meter").input("1.204,5").run()
    page.button(key=f"out_{booking_id}_do").click().run()
    assert not page.exception
    assert "PAKAI-" in words(page), words(page)

    page.button(key="use_back_1").click().run()
    page.toggle(key="back_1_misread").set_value(True).run()
    page.text_input(key="back_1_out_meter").input("1.204").run()
    page.button(key="back_1_correct").click().run()
    assert "jam mesin waktu diserahkan 1.204 jam" in words(page)
    page.text_input(key="back_1_meter").input("1.204").run()
    page.text_input(key="back_1_area").input("0,8 ha").run()
    assert "Siti" in "\n".join(str(one.value) for one in page.error)  # more land than she has
    page.text_input(key="back_1_area").input("0,75 ha").run()
    assert "Siti" not in "\n".join(str(one.value) for one in page.error)
    assert "Rp900.000" in words(page)
    page.button(key="back_1_do").click().run()
    assert not page.exception
    assert "Rp900.000" in words(page)
    page.text_input(key="use_reason_1").input("salah baca").run()
    assert page.selectbox(key="use_bill_of").value == 1, "the bill stays while its reason is typed"

    page = screen(yard.coop, people["treasurer"], "uses")
    page.selectbox(key="use_bill_of").set_value(1).run()
    page.text_input(key="use_pay_1_900000_rp").input("400.000").run()
    page.button(key="use_pay_1_900000_do").click().run()
    assert not page.exception
    with writing(yard.coop) as session:
        assert use_debts.bill(session, 1).left_rp == 500_000

    sees_her_bill(screen(yard.coop, people["siti"], "uses"))
    page = screen(yard.coop, people["manager"], "uses")
    assert not page.exception
    assert "Traktor tangan" in words(page)


def test_an_operator_who_earns_the_same_again_is_paid_again(
    yard: Yard, people: dict[str, Person]
) -> None:
    for turn in (0, 1):
        with writing(yard.coop) as session:
            if not turn:
                money(session)
            since = START + turn * 24 * HOUR
            row = booked(session, yard.tractor_id, yard.members["Siti"], since=since,
                         operator_id=yard.operator_id)  # fmt: skip
            use = goes_out(session, row, meter=100 * turn)
            comes_back(session, use, back(since + 5 * HOUR, meter=50 + 100 * turn, area_m2=5_000))
        page = screen(yard.coop, people["treasurer"], "uses")
        (pay,) = [one for one in page.button if (one.key or "").startswith("operator_")]
        pay.click().run()
        assert not page.exception
        with writing(yard.coop) as session:
            (kept,) = use_payments.kept_for_operators(session)
            assert (kept.left_rp, kept.payments) == (0, turn + 1)


def test_a_bill_whose_debt_came_back_takes_the_same_amount_again(
    yard: Yard, people: dict[str, Person]
) -> None:
    siti = yard.members["Siti"]
    with writing(yard.coop) as session:
        row = booked(session, yard.pump_id, siti)
        use_id = comes_back(session, goes_out(session, row)).id
    for less_rp, given_rp in ((50_000, 20_000), (-50_000, 30_000), (0, 20_000)):
        with writing(yard.coop) as session:
            if less_rp:
                takes(session, siti, less_rp)
            left_rp = use_debts.bill(session, use_id).left_rp
        page = screen(yard.coop, people["treasurer"], "uses")
        page.selectbox(key="use_bill_of").set_value(use_id).run()
        page.text_input(key=f"use_pay_{use_id}_{left_rp}_rp").input(str(given_rp)).run()
        page.button(key=f"use_pay_{use_id}_{left_rp}_do").click().run()
        assert not page.exception
        with writing(yard.coop) as session:
            assert use_debts.bill(session, use_id).left_rp == left_rp - given_rp


def sees_her_bill(page: AppTest) -> None:
    """Its heading says what is open; what stands on it is drawn once she opens it."""
    assert "Belum dibayar Rp500.000" in page.expander(key="use_own_1").label
    assert "sudah dibayar" not in words(page)
    unfold(page, "use_own_1")
    assert "−Rp400.000" in words(page)


def test_of_many_bills_the_newest_are_listed_or_all_of_one_member(
    yard: Yard, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_debts, "NEWEST", 1)
    with writing(yard.coop) as session:
        for turn, name in enumerate(("Siti", "Budi", "Budi")):
            since = START + turn * 6 * HOUR
            booking = booked(session, yard.pump_id, yard.members[name], since=since)
            use = goes_out(session, booking, meter=50 * turn)
            comes_back(session, use, back(since + 5 * HOUR, meter=50 * turn + 50))
            if turn < 2:
                use_payments.pay(session, use.id, amount_rp=100_000, account=CASH, on=DAY)
    page = screen(yard.coop, people["treasurer"], "uses")
    assert "1 nota: yang terbaru dan semua yang belum lunas" in words(page)
    assert page.selectbox(key="use_bill_of").options == ["Budi · Pompa air 3 dim · Rp100.000"]
    assert "Rp300.000" in words(page), "all bills, also those that are not listed"

    page.selectbox(key="use_bills_of").set_value(yard.members["Siti"]).run()
    assert page.selectbox(key="use_bill_of").options == ["Siti · Pompa air 3 dim · Rp0"]


def test_a_machine_breaks_and_is_repaired(yard: Yard, people: dict[str, Person]) -> None:
    unit_id = yard.tractors[0]
    page = screen(yard.coop, people["manager"], "uses")
    page.selectbox(key="upkeep_unit").set_value(unit_id).run()
    page.text_input(key=f"plan_work_{yard.tractor_id}").input("Ganti oli").run()
    page.number_input(key=f"plan_days_{yard.tractor_id}").set_value(90).run()
    page.button(key=f"plan_do_{yard.tractor_id}").click().run()
    assert "Ganti oli" in words(page)
    page.text_input(key=f"upkeep_work_{unit_id}").input("Ganti sabuk").run()
    page.button(key=f"upkeep_do_{unit_id}").click().run()
    assert "RAWAT-" in words(page)
    page.text_input(key=f"broken_why_{unit_id}").input("As patah").run()
    page.button(key=f"broken_do_{unit_id}").click().run()
    assert not page.exception
    page.button(key=f"repaired_{unit_id}").click().run()
    assert not page.exception
    with writing(yard.coop) as session:
        upkeep.check_bookable(session, yard.tractor_id, on=make.TODAY)


def test_who_does_not_come_gives_her_time_to_who_waits_and_she_is_told(
    yard: Yard, people: dict[str, Person]
) -> None:
    since = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)
    with writing(yard.coop) as session:
        gone = booked(session, yard.pump_id, yard.members["Siti"], since=since, hours=9).id
        booked(session, yard.pump_id, yard.members["Budi"], since=since, hours=9)
        bookings.ask(
            session, yard.pump_id, member_id=yard.members["Made"], wait=True, at=since,
            since=since + timedelta(hours=4), until=since + timedelta(hours=6),
        )  # fmt: skip
    page = screen(yard.coop, people["officer"], "uses")
    page.button(key=f"use_out_{gone}").click().run()
    page.button(key=f"no_show_do_out_{gone}").click().run()
    assert not page.exception
    assert "tidak ada yang datang" in words(page)
    [text] = [str(one.value) for one in page.code]
    assert text.startswith("Made, waktu yang Anda tunggu sekarang untuk Anda")
    with writing(yard.coop) as session:
        assert session.get_one(Booking, gone).stage is Stage.EXPIRED
    page = screen(yard.coop, people["officer"], "bookings")
    assert "Tidak ada yang datang mengambil mesinnya." in words(page)


def test_a_booking_whose_time_has_come_is_given_free_in_the_list_of_bookings(
    yard: Yard, people: dict[str, Person]
) -> None:
    since = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)
    with writing(yard.coop) as session:
        gone = booked(session, yard.pump_id, yard.members["Siti"], since=since, hours=9).id
        later = booked(session, yard.pump_id, yard.members["Budi"],
                       since=since + timedelta(hours=1)).id  # fmt: skip
    page = screen(yard.coop, people["manager"], "bookings")
    page.selectbox(key="week_pick").set_value(later).run()
    assert "no_show_do" not in str([one.key for one in page.button])
    page.selectbox(key="week_pick").set_value(gone).run()
    page.text_input(key=f"no_show_why_week_{gone}").input("Sakit {demam}").run()
    page.button(key=f"no_show_do_week_{gone}").click().run()
    assert not page.exception
    assert "Sakit {demam}" in words(page)


def test_a_meter_that_was_replaced_is_written_down_where_it_is_read(
    yard: Yard, people: dict[str, Person]
) -> None:
    since = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)
    unit_id = yard.pumps[0]
    with writing(yard.coop) as session:
        session.get_one(EquipmentUnit, unit_id).meter = 12_045
        booking_id = booked(session, yard.pump_id, yard.members["Siti"], since=since).id
    page = screen(yard.coop, people["officer"], "uses")
    page.button(key=f"use_out_{booking_id}").click().run()
    key = f"out_{booking_id}_replaced_{unit_id}"
    page.toggle(key=f"{key}_0").set_value(True).run()
    page.text_input(key=f"{key}_why").input("Pecah").run()
    page.button(key=f"{key}_do").click().run()
    assert not page.exception
    assert "jam mesin yang baru mulai dari 0" in words(page)
    page.text_input(key=f"out_{booking_id}_{unit_id}_meter").input("0,5").run()
    page.button(key=f"out_{booking_id}_do").click().run()
    assert "PAKAI-" in words(page), words(page)
    page.selectbox(key="upkeep_unit").set_value(unit_id).run()
    assert "1.204,5 jam" in words(page)


def test_an_area_far_above_what_was_booked_is_asked_about(
    yard: Yard, people: dict[str, Person]
) -> None:
    """Nobody knows Made's land, so nothing else would stop a slip of the finger."""
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=8)
    with writing(yard.coop) as session:
        booking_id = booked(session, yard.tractor_id, yard.members["Made"], since=since).id
        size = shown(Work.AREA, session.get_one(Booking, booking_id).size)
    page = screen(yard.coop, people["officer"], "uses")
    page.button(key=f"use_out_{booking_id}").click().run()
    page.text_input(key=f"out_{booking_id}_{yard.tractors[0]}_meter").input("0,5").run()
    page.button(key=f"out_{booking_id}_do").click().run()
    page.button(key="use_back_1").click().run()
    page.text_input(key="back_1_meter").input("0,6").run()
    page.text_input(key="back_1_area").input("75 ha").run()
    assert f"Yang dipesan {size}" in words(page)
