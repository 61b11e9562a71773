"""The schedule of machines on the screens: asked on a phone, answered in the office."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import DAY, Period, Span
from kopprod.domain.money import E4
from kopprod.domain.moves import Blackout
from kopprod.domain.quotas import Counted
from kopprod.domain.tariffs import NoTariff
from kopprod.services import booking_quotas, bookings, breakdowns, days, outages, uses
from kopprod.services.outages import Stop
from kopprod.services.use_bills import Beside
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentTariff, EquipmentUnit
from kopprod.tables.members import Member
from tests import make
from tests.booked import acting
from tests.fields import back, goes_out
from tests.machines import Yard
from tests.screens import screen, unfold, words


def user(yard: Yard, role: Role, name: str, member_id: int | None = None) -> Person:
    with acting(yard) as session:
        return make.user(session, role, name=name, member_id=member_id)


@pytest.fixture
def siti(yard: Yard) -> Person:
    return user(yard, Role.MEMBER, "Siti", yard.members["Siti"])


def keys(test: AppTest, kind: str, begins: str) -> str:
    [key] = [one.key for one in test.get(kind) if one.key and one.key.startswith(begins)]
    return str(key)


def ask(test: AppTest, kind: int, size: str) -> AppTest:
    test.get("button_group")  # pills and segmented controls
    pills = [one for one in test.pills if one.key and one.key.startswith("book_kind_")]
    pills[0].set_value(kind).run()
    test.text_input(key=keys(test, "text_input", "book_size_")).input(size).run()
    return test


def first_of(yard: Yard) -> Booking:
    with db.reading(yard.coop) as session:
        return session.get_one(Booking, 1)


def tomorrow(yard: Yard, hour: int) -> datetime:
    with db.reading(yard.coop) as session:
        calendar = days.calendar(session)
    day = calendar.day_of(datetime.now(UTC)) + DAY
    return calendar.moment(day) + timedelta(hours=hour)


def test_without_machines_the_page_says_what_will_be_there(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        ayu = make.user(session, Role.MEMBER, name="Ayu")
    test = screen(coop, ayu, "bookings")
    assert not test.exception
    assert "setelah dicatat pengelola" in words(test)


def test_a_member_asks_in_few_taps_and_sees_time_and_cost_first(yard: Yard, siti: Person) -> None:
    test = screen(yard.coop, siti, "bookings")
    assert not test.exception
    assert "Anda belum memesan alat" in words(test)
    ask(test, yard.tractor_id, "0,75 ha")
    assert "Rp900.000" in words(test)
    assert "5 jam" in words(test)
    test.button(key="book_ask").click().run()
    assert not test.exception
    assert "JADWAL-2026-0001: Traktor tangan" in words(test).replace("\\-", "-")
    assert "sudah dipesan" in words(test)
    assert first_of(yard).since == tomorrow(yard, 0)


def test_a_tariff_that_is_missing_is_said_and_stops_nobody(yard: Yard, siti: Person) -> None:
    with acting(yard) as session:
        row = session.get_one(EquipmentTariff, yard.pump_tariff_id)
        row.until = row.since + DAY
    test = ask(screen(yard.coop, siti, "bookings"), yard.pump_id, "3")
    assert "Biayanya belum diketahui" in words(test)
    test.button(key="book_ask").click().run()
    assert first_of(yard).estimate_rp is None
    assert "biaya belum diketahui" in words(test)


def test_what_is_refused_is_told_and_nothing_is_kept(yard: Yard, siti: Person) -> None:
    test = ask(screen(yard.coop, siti, "bookings"), yard.tractor_id, "2 ha")
    assert "terlalu luas" in words(test)


def test_a_member_moves_extends_and_cancels_her_booking(yard: Yard, siti: Person) -> None:
    since = tomorrow(yard, 8)
    with acting(yard, at=since - DAY) as session:
        bookings.ask(
            session, yard.pump_id, member_id=siti.member_id, since=since, at=since - DAY,
            until=since + timedelta(hours=2),
        )  # fmt: skip
    test = screen(yard.coop, siti, "bookings")
    test.pills(key="longer_1").set_value(60).run()
    test.button(key="extend_1").click().run()
    assert not test.exception
    assert first_of(yard).until == since + timedelta(hours=3)
    test.date_input(key="change_day_1").set_value(since.date() + 3 * DAY).run()
    test.button(key="change_1").click().run()
    assert first_of(yard).since > since + DAY
    test.button(key="cancel_1").click().run()
    assert first_of(yard).stage is Stage.CANCELLED
    assert "Anda belum memesan alat" in words(test)


@pytest.fixture
def requested(yard: Yard, siti: Person) -> Iterator[Yard]:
    with acting(yard) as session:
        session.get_one(Equipment, yard.pump_id).needs_approval = True
    since, at = tomorrow(yard, 8), datetime.now(UTC)
    with acting(yard, siti, at=at) as session:
        for wait in (False, True):
            bookings.ask(
                session, yard.pump_id, member_id=siti.member_id, since=since,
                until=since + timedelta(hours=2), at=at, wait=wait,
            )  # fmt: skip
    yield yard


def test_the_office_answers_requests(requested: Yard) -> None:
    oman = user(requested, Role.OFFICER, "Oman")
    test = screen(requested.coop, oman, "bookings")
    assert not test.exception
    test.button(key="approve_1").click().run()
    assert not test.exception
    assert first_of(requested).stage is Stage.BOOKED
    test.text_input(key="refuse_why_2").input("Pompa dipakai desa").run()
    test.button(key="refuse_2").click().run()
    assert not test.exception
    assert "JADWAL-2026-0002 ditolak" in words(test).replace("\\-", "-")


def test_a_member_changes_the_size_of_her_request_until_it_is_approved(
    requested: Yard, siti: Person
) -> None:
    test = screen(requested.coop, siti, "bookings")
    test.text_input(key="resize_size_1").input("3 jam").run()
    assert "Pekerjaan ini perlu 3 jam" in words(test)
    test.button(key="resize_1").click().run()
    assert not test.exception
    assert "sudah diubah: 3 jam" in words(test)
    assert first_of(requested).size == 180
    oman = user(requested, Role.OFFICER, "Oman")
    screen(requested.coop, oman, "bookings").button(key="approve_1").click().run()
    test = screen(requested.coop, siti, "bookings")
    assert not [one for one in test.text_input if one.key == "resize_size_1"]


def test_who_has_many_bookings_sees_the_next_ones_and_finds_the_others_behind(
    yard: Yard, siti: Person
) -> None:
    since = tomorrow(yard, 8)
    with acting(yard, at=since - DAY) as session:
        for week in range(5):
            bookings.ask(
                session, yard.pump_id, member_id=siti.member_id, since=since + 7 * week * DAY,
                at=since - DAY, until=since + 7 * week * DAY + timedelta(hours=2),
            )  # fmt: skip
    test = screen(yard.coop, siti, "bookings")
    assert "0003" in words(test) and "0004" not in words(test)
    unfold(test, "mine_later")
    assert "0004" in words(test) and "0005" in words(test)
    test.selectbox(key="mine_pick").select(5).run()
    test.button(key="cancel_5").click().run()
    assert not test.exception
    with db.reading(yard.coop) as session:
        assert session.get_one(Booking, 5).stage is Stage.CANCELLED


def test_a_broken_or_due_machine_says_why_it_is_not_free_and_whom_to_ask(
    yard: Yard, siti: Person
) -> None:
    at = datetime.now(UTC)
    with acting(yard, at=at) as session:
        breakdowns.break_down(session, yard.tractors[0], why="Kopling putus", at=at)
    test = screen(yard.coop, siti, "bookings")
    assert "Kopling putus" in words(test)
    assert words(test).count("Tanyakan kepada petugas atau pengelola") == 1
    ask(test, yard.tractor_id, "0,5 ha")
    assert words(test).count("Tanyakan kepada petugas atau pengelola") == 2


def test_a_holiday_says_why_nothing_is_free(yard: Yard, siti: Person) -> None:
    at = datetime.now(UTC)
    stop = Stop(Span(tomorrow(yard, -48), tomorrow(yard, 240)), "Libur panen", Blackout.NOTIFY,
                [yard.pump_id])  # fmt: skip
    with acting(yard, at=at) as session:
        outages.set_out(session, stop, seen=outages.plan(session, stop, at=at).seen, at=at)
    assert "Libur panen" in words(screen(yard.coop, siti, "bookings"))


def test_who_waits_gets_a_text_and_another_one_when_she_has_the_time(requested: Yard) -> None:
    with acting(requested) as session:
        session.get_one(Member, requested.members["Siti"]).phone = "+6281234567890"
        since = tomorrow(requested, 8)  # when both pumps are taken
        bookings.ask(session, requested.pump_id, member_id=requested.members["Made"], since=since,
                     until=since + timedelta(hours=2), at=make.AT, wait=True)  # fmt: skip
    oman = user(requested, Role.OFFICER, "Oman")
    test = screen(requested.coop, oman, "bookings")
    assert not test.exception
    [waits] = [str(one.value) for one in test.code]
    assert waits.startswith("Made, Anda ada di daftar tunggu Pompa air 3 dim")
    test.text_input(key="refuse_why_1").input("Pompa dipakai desa").run()
    test.button(key="refuse_1").click().run()
    texts = [str(one.value) for one in test.code]
    assert texts[0].startswith("Siti, Pompa air 3 dim")
    assert "belum bisa kami berikan (JADWAL-2026-0001): Pompa dipakai desa" in texts[0]
    links = [str(link.proto.url) for link in test.get("link_button")]
    assert any("wa.me/6281234567890?text=Siti" in link for link in links)
    test.button(key="booking_told").click().run()
    test.button(key="place_3").click().run()
    assert not test.exception
    texts = [str(one.value) for one in test.code]
    assert texts[0].startswith("Made, Pompa air 3 dim sudah dipesan untuk Anda")


def test_a_member_sees_costs_what_is_left_of_her_limit_and_names_the_unit(
    yard: Yard, siti: Person
) -> None:
    with acting(yard) as session:
        booking_quotas.set_quota(
            session, yard.tractor_id, period=Period.SEASON, counted=Counted.TIMES, most=3
        )
    test = screen(yard.coop, siti, "bookings")
    assert "Rp1.200.000 per hektare" in words(test)
    assert "Rp1.400.000" not in words(test), "what others pay"
    assert "sisa 3 kali dari 3 kali" in words(test)
    ask(test, yard.tractor_id, "0,5")
    assert "Maksudnya 0,5 ha atau 0,5 m2?" in words(test)
    assert words(test).count("sisa 3 kali dari 3 kali") == 2, "on top, and where she asks"
    ask(test, yard.tractor_id, "0,5 bau")
    assert "0,5 bau" in words(test)
    assert "0,4 ha" in words(test)
    test.button(key="book_ask").click().run()
    assert "sisa 2 kali dari 3 kali" in words(test)


def test_a_member_says_when_her_crop_is_ripe_and_asks_for_an_operator(
    yard: Yard, siti: Person
) -> None:
    with acting(yard) as session:
        session.get_one(Equipment, yard.tractor_id).needs_operator = False
    test = ask(screen(yard.coop, siti, "bookings"), yard.tractor_id, "0,5 ha")
    assert "Operator: Made" not in words(test)
    test.checkbox(key=keys(test, "checkbox", "book_operator_")).check().run()
    assert "Operator: Made" in words(test)
    ripe_on = tomorrow(yard, 0).date() + 5 * DAY
    test.date_input(key=keys(test, "date_input", "book_ripe_")).set_value(ripe_on).run()
    test.button(key="book_ask").click().run()
    assert not test.exception
    row = first_of(yard)
    assert (row.ripe_on, row.operator_id) == (ripe_on, yard.operator_id)


def test_no_price_is_missed_where_no_time_is_free(yard: Yard, siti: Person) -> None:
    test = ask(screen(yard.coop, siti, "bookings"), yard.pump_id, "9000 jam")
    assert "Tidak ada waktu kosong" in words(test)
    assert "belum ada tarif" not in words(test)


def test_a_machine_without_a_unit_or_a_tariff_says_so(yard: Yard, siti: Person) -> None:
    with acting(yard) as session:
        for unit_id in yard.pumps:
            session.get_one(EquipmentUnit, unit_id).retired_on = make.TODAY
        session.delete(session.get_one(EquipmentTariff, yard.pump_tariff_id))
    test = screen(yard.coop, siti, "bookings")

    assert not test.exception
    assert "Biayanya belum ditetapkan" in words(test)
    assert "Unitnya belum ada" in words(test)


def test_the_days_of_a_series_stand_in_their_order(yard: Yard, siti: Person) -> None:
    since = tomorrow(yard, 0) + 7 * DAY  # where the second of four would be
    with acting(yard) as session:
        bookings.ask(
            session, yard.tractor_id, member_id=yard.members["Budi"], since=since, size=3_000,
            at=datetime.now(UTC),
        )  # fmt: skip
    test = ask(screen(yard.coop, siti, "bookings"), yard.tractor_id, "0,3 ha")
    test.checkbox(key=keys(test, "checkbox", "book_several_")).check().run()
    marks = [str(one.value)[0] for one in test.markdown if str(one.value)[:1] in ("✓", "✗")]
    assert marks == ["✓", "✗", "✓", "✓"]


def test_the_office_books_for_who_is_no_member(yard: Yard) -> None:
    oman = user(yard, Role.OFFICER, "Oman")
    test = screen(yard.coop, oman, "bookings")
    [whom] = [one for one in test.segmented_control if one.key == "book_whom"]
    whom.set_value("other").run()
    test.text_input(key="book_other").input("Pak Lurah").run()
    test.text_input(key="book_phone").input("0812-3456-7890").run()
    ask(test, yard.pump_id, "3 jam")
    assert "Rp90.000" in words(test)
    test.checkbox(key=keys(test, "checkbox", "book_several_")).check().run()
    test.button(key="book_series").click().run()
    assert not test.exception
    with db.reading(yard.coop) as session:
        row = session.get_one(Booking, 4)
        assert (row.series, row.other_phone) == ("JADWAL-2026-0001", "+6281234567890")


def test_where_several_seasons_have_a_price_the_booking_says_which(
    yard: Yard, siti: Person
) -> None:
    with acting(yard) as session:
        rain = session.get_one(EquipmentTariff, yard.tractor_tariff_id)
        rain.season = "Hujan"
        facts = rain.model_dump(exclude={"id", "act_id"}) | {
            "season": "Kemarau", "member_e4": 1_000_000 * E4,
        }  # fmt: skip
        session.add(EquipmentTariff(**facts))
    test = ask(screen(yard.coop, siti, "bookings"), yard.tractor_id, "0,75 ha")
    assert not [one for one in test.button if one.key == "book_ask"]
    test.radio(key=keys(test, "radio", "book_season_")).set_value("Kemarau").run()
    assert "Rp750.000" in words(test)
    test.button(key="book_ask").click().run()
    assert not test.exception
    row = first_of(yard)
    assert (row.season, row.estimate_rp) == ("Kemarau", 750_000)
    with acting(yard) as session:
        use = goes_out(session, session.get_one(Booking, row.id), meter=0, at=make.AT)
        found = back(make.AT + timedelta(hours=5), area_m2=7_500)
        assert uses.preview(session, use.id, found, Beside()).bill.total_rp == 750_000
        session.get_one(Booking, row.id).season = ""  # as from a file
        with pytest.raises(NoTariff):
            uses.preview(session, use.id, found, Beside())
        bill = uses.preview(session, use.id, found, Beside(season="Hujan")).bill
        assert bill.total_rp == 900_000
