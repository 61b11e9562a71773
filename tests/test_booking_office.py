"""What the office sees of the calendar of machines, pressed through."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select
from streamlit import config
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.bookings import Stage
from kopprod.services import bookings
from kopprod.tables.bookings import Booking, BookingQuota, CalendarFeed, Outage
from kopprod.tables.members import Member
from tests import make
from tests.machines import Yard
from tests.screens import PATIENCE_S, words

DAY = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=3)
WIB = ZoneInfo("Asia/Jakarta")
PAGE = """
from kopprod import ui
from kopprod.ui import booking_office, booking_texts

who = ui.open_page(ui.Action.EQUIPMENT_SEE, "Bookings").person
booking_texts.show()
booking_office.show(who)
"""


def office(yard: Yard, *roles: Role) -> AppTest:
    """The office's part alone, as somebody of these roles sees it."""
    with db.writing(yard.coop, person=SYSTEM, action="test", at=make.AT) as session:
        sign_in = make.sign_in(session, make.user(session, *roles, name="Citra"))
    config.set_option("client.showErrorDetails", "full")
    test = AppTest.from_string(PAGE, default_timeout=PATIENCE_S)
    test.user = {"coop": yard.coop, "signin": sign_in}
    return test.run()


def part(test: AppTest, name: str) -> AppTest:
    """Another part of the page."""
    return test.segmented_control(key="booking_office").set_value(name).run()


def booked(yard: Yard) -> list[int]:
    """Siti and Budi on the tractor in three days, Budi first by the clock."""
    now = datetime.now(UTC)
    with db.writing(yard.coop, person=make.MANAGER, action="test", at=now) as session:
        session.get_one(Member, yard.members["Siti"]).phone = "+6281234567890"
        return [
            bookings.ask(session, yard.tractor_id, since=DAY + timedelta(hours=hour),
                         until=DAY + timedelta(hours=hour + 2), size=3_000,
                         member_id=yard.members[name], at=now).id
            for name, hour in (("Siti", 4), ("Budi", 0))
        ]  # fmt: skip


def rows(yard: Yard) -> list[Booking]:
    with db.reading(yard.coop) as session:
        return list(session.exec(select(Booking).order_by(col(Booking.id))).all())


def test_the_timeline_has_every_machine_its_use_and_who_had_how_much(yard: Yard) -> None:
    booked(yard)
    test = office(yard, Role.MANAGER)
    for period in ("day", "week", "season"):
        test = test.segmented_control(key="timeline_period").set_value(period).run()
        test = test.date_input(key="timeline_day").set_value(DAY.date()).run()
        assert not test.exception, period
        shown = words(test)
        for said in ("Traktor tangan", "Pompa air 3 dim", "Siti", "4 jam", "50 %"):
            assert said in shown, (period, said)


def test_the_queue_is_shown_in_an_order_and_put_so(yard: Yard) -> None:
    siti, budi = booked(yard)
    test = part(office(yard, Role.OFFICER), "queue")
    test = test.selectbox(key="queue_kind").set_value(yard.tractor_id).run()
    test = test.date_input(key="queue_day").set_value(DAY.date()).run()
    test = test.radio(key="queue_rule").set_value("first_come").run()
    assert rows(yard)[0].since == DAY + timedelta(hours=4), "shown, not done"
    test = test.button(key="queue_apply").click().run()

    found = {row.id: row.since for row in rows(yard)}
    assert found[siti] < found[budi]
    assert "Antrean sudah diatur" in words(test)
    assert "Beri tahu semua" in words(test)


def test_a_rain_day_is_postponed_and_everybody_gets_a_text(yard: Yard) -> None:
    booked(yard)
    test = part(office(yard, Role.OFFICER), "rain")
    test = test.date_input(key="rain_day").set_value(DAY.date()).run()
    assert "Siti" in words(test)
    test = test.button(key="rain_apply").click().run()
    texts = [str(code.value) for code in test.code]

    assert all(row.since >= DAY + timedelta(hours=15) for row in rows(yard))
    assert len(texts) == 4, "the group, two members, the operator"
    assert all("hujan" in text for text in texts)
    links = [str(link.proto.url) for link in test.get("link_button")]
    assert any("wa.me/6281234567890?text=" in link for link in links)
    test = test.button(key="booking_told").click().run()
    assert not test.code


def test_an_outage_is_looked_at_set_and_ended(yard: Yard) -> None:
    booked(yard)
    test = part(office(yard, Role.MANAGER), "outages")
    assert "Semua alat bisa dipakai" in words(test)
    test.text_input(key="outage_why").set_value("Libur Lebaran")
    test.date_input(key="outage_first").set_value(DAY.date())
    test = test.date_input(key="outage_last").set_value(DAY.date()).run()
    assert "Siti" in words(test)
    test = test.button(key="outage_apply").click().run()

    assert {row.stage for row in rows(yard)} == {Stage.POSTPONED}
    with db.reading(yard.coop) as session:
        made = session.exec(select(Outage)).all()
    assert len(made) == 2
    assert "HENTI-" in words(test)
    test = test.button(key=f"outage_end_{made[0].id}").click().run()
    assert not test.exception
    with db.reading(yard.coop) as session:
        assert len(session.exec(select(Outage)).all()) == 1


def test_a_week_of_nothing_says_so_and_leads_to_the_next(yard: Yard) -> None:
    test = office(yard, Role.MANAGER)
    assert "tidak ada yang memakai alat" in words(test)
    assert "Sesudah itu juga belum ada pesanan" in words(test)
    booked(yard)
    test = test.date_input(key="timeline_day").set_value(DAY.date() - timedelta(days=14)).run()
    test = test.button(key="timeline_next").click().run()

    assert not test.exception
    assert test.date_input(key="timeline_day").value == DAY.astimezone(WIB).date()
    assert "Siapa memakai alat apa" in words(test)
    assert "1 anggota belum memakai alat musim ini" in [one.label for one in test.expander]


def test_a_limit_is_set_changed_and_ended(yard: Yard) -> None:
    test = part(office(yard, Role.MANAGER), "quotas")
    assert "Belum ada batas" in words(test)
    test = test.selectbox(key="quota_kind").set_value(yard.tractor_id).run()
    test = test.button(key="quota_keep").click().run()
    assert "Traktor tangan: tiap anggota paling banyak 2 kali seminggu" in words(test)
    test = test.segmented_control(key="quota_counted").set_value("minutes").run()
    key = f"quota_most_{yard.tractor_id}_week_minutes"
    assert test.button(key="quota_keep").disabled
    test = test.text_input(key=key).input("10").run()
    assert "10 jam" in words(test)
    test = test.button(key="quota_keep").click().run()
    assert "paling banyak 10 jam seminggu" in words(test)
    test = test.button(key="quota_end_1").click().run()
    assert not test.exception
    with db.reading(yard.coop) as session:
        assert [row.most for row in session.exec(select(BookingQuota)).all()] == [600]


def test_an_officer_sees_limits_and_sets_none(yard: Yard) -> None:
    test = part(office(yard, Role.OFFICER), "quotas")

    assert "Belum ada batas" in words(test)
    assert "quota_keep" not in [one.key for one in test.button]


def test_a_calendar_gets_an_address_shown_once(yard: Yard) -> None:
    test = part(office(yard, Role.OFFICER), "feeds")
    kind = test.selectbox(key="feed_kind").value
    test = test.button(key=f"feed_machine_{kind}_renew").click().run()
    shown = str(test.code[0].value)
    with db.reading(yard.coop) as session:
        (feed,) = session.exec(select(CalendarFeed)).all()

    assert f"/kalender/{yard.coop}/" in shown
    assert feed.token_hash not in shown
    test = test.button(key=f"feed_machine_{kind}_end").click().run()
    assert not test.code


@pytest.mark.parametrize("name", ["timeline", "queue", "rain", "outages", "quotas", "feeds"])
def test_without_a_machine_each_part_says_what_comes_first(coop: str, name: str) -> None:
    empty = Yard(coop, 0, (0, 0), 0, (0,), 0, 0, {})
    test = part(office(empty, Role.MANAGER), name)

    assert not test.exception
    assert "halaman alat" in words(test)


def test_a_member_sees_nothing_of_it(yard: Yard) -> None:
    test = office(yard, Role.MEMBER)

    assert not test.exception
    assert not test.get("segmented_control")
