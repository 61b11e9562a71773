"""A shared machine on phones of 390 px: asked for, rained on, handed over, damaged, billed.

What was asked before and the nights that pass are prepared by services; what Siti, Oman and Citra
do is pressed, typed and read on the screens.
"""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from sqlmodel import select

from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import DAY
from kopprod.services import bookings, check, days
from kopprod.tables.bookings import Booking
from kopprod.tables.members import Member
from tests import make
from tests.browser import (
    PATIENCE_MS,
    OpensPages,
    fill,
    go,
    heard,
    picture,
    press,
    read,
    settle,
    unfold,
)
from tests.machines import Yard
from tests.seasons import writing

pytestmark = pytest.mark.browser

SITI, OMAN, CITRA = (make.Key(name) for name in ("siti", "oman", "citra"))
PICTURES = os.environ.get("KOPPROD_PICTURES")


def test_a_machine_from_the_request_to_the_bill(
    yard: Yard, phone: OpensPages, laptop: OpensPages
) -> None:
    """Budi has the tractor tomorrow from midnight on for 2 hours, and half an hour between.

    Siti's 0,75 ha take 5 hours at Rp1.200.000 a hectare: Rp900.000. It rains tomorrow, and both go
    to the day after, Budi first. She brings the tractor back with a broken bolt.
    """
    prepared(yard)
    siti = phone(SITI)
    she_asks_and_sees_her_turn(siti)
    oman = phone(OMAN)
    rain_postpones_the_whole_queue(oman, yard)
    keep(go(siti, "bookings"), "3_siti_after_rain")
    assert "1 giliran sebelum Anda hari itu" in said(siti)
    two_nights_pass(yard)
    he_hands_over_and_takes_back_what_is_damaged(oman)
    the_bill_is_hers(siti)
    the_manager_sees_all_machines(laptop(CITRA))
    with db.reading(yard.coop, person=SYSTEM) as session:
        assert [*check.problems(session)] == []


def prepared(yard: Yard) -> None:
    """Who signs in, and Budi, who asked before her."""
    with writing(yard.coop) as session:
        make.user(session, Role.MEMBER, name="Siti", member_id=yard.members["Siti"])
        make.user(session, Role.OFFICER, name="Oman")
        make.user(session, Role.MANAGER, name="Citra")
        session.get_one(Member, yard.members["Siti"]).phone = "+6281234567890"
        calendar = days.calendar(session)
        bookings.ask(
            session,
            yard.tractor_id,
            member_id=yard.members["Budi"],
            since=calendar.moment(calendar.day_of(datetime.now(UTC)) + DAY),
            size=3_000,
            at=datetime.now(UTC),
        )


def said(page: Page) -> str:
    """The words on a screen, whatever breaks its lines."""
    return " ".join(read(page).replace("\N{NON-BREAKING HYPHEN}", "-").split())


def says(page: Page, words: str) -> None:
    """Wait until the app has said what it did."""
    alert = page.get_by_test_id("stAlert").filter(has_text=words).first
    expect(alert).to_be_visible(timeout=PATIENCE_MS)
    settle(page)


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look."""
    if PICTURES:
        picture(page, Path(PICTURES) / f"{name}.png")


def tap(page: Page, name: str) -> None:
    """Tap the pill or the part of this name."""
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).first.click()
    heard(page)


def begin(page: Page, name: str) -> None:
    """Press the button whose words begin so."""
    page.get_by_test_id("stMain").get_by_role("button", name=name).first.click()
    heard(page)


def she_asks_and_sees_her_turn(siti: Page) -> None:
    go(siti, "bookings")
    assert "Rp1.200.000 per hektare" in said(siti)
    keep(siti, "1_siti_free")
    tap(siti, "Traktor tangan")
    fill(siti, "Berapa banyak yang dikerjakan?", "0,75 ha")
    asked = said(siti)
    assert "Pekerjaan ini perlu 5 jam" in asked
    assert "Rp900.000" in asked
    keep(siti, "2_siti_asks")
    press(siti, "Minta alat ini")

    says(siti, "sudah dipesan")
    assert "1 giliran sebelum Anda hari itu" in said(siti)


def rain_postpones_the_whole_queue(oman: Page, yard: Yard) -> None:
    go(oman, "bookings")
    tap(oman, "Hujan")
    with db.reading(yard.coop) as session:
        tomorrow = days.calendar(session).day_of(datetime.now(UTC)) + DAY
    oman.get_by_label("Hari apa hujannya?").get_by_role("spinbutton").first.click()
    oman.keyboard.type(f"{tomorrow:%d%m%Y}")
    oman.get_by_role("heading", name="Kalender alat").click()  # closes the calendar
    heard(oman)
    keep(oman, "3_oman_rain")
    press(oman, "Undur seluruh hari itu (2 pesanan)")

    says(oman, "Diundur: 2 pesanan")
    keep(oman, "3_oman_texts")
    for name in ("Budi", "Siti", "Made"):
        unfold(oman, f"Pesan untuk {name}")
    texts = [one.inner_text() for one in oman.get_by_test_id("stCode").all()]
    assert len(texts) == 4, "the group, both members, the operator"
    assert all("hujan" in text for text in texts)
    assert "Siti" in texts[0]
    assert "Budi" in texts[0]
    links = [one.get_attribute("href") or "" for one in oman.locator('a[href*="wa.me"]').all()]
    assert len(links) == 4
    assert sum("wa.me/6281234567890?text=Siti" in link for link in links) == 1
    press(oman, "Semua sudah diberi tahu")
    assert "Beri tahu semua" not in said(oman)


def two_nights_pass(yard: Yard) -> None:
    """Budi's job is over and given up; Siti's began an hour ago."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    with writing(yard.coop) as session:
        budi, siti = session.exec(select(Booking).order_by("since")).all()
        bookings.cancel(session, budi.id, at=datetime.now(UTC))
        row = bookings.lock(session, siti.id, at=datetime.now(UTC))
        assert row.stage is Stage.BOOKED
        length, gap = row.until - row.since, row.blocked_until - row.until
        row.since, row.until = begins, begins + length
        row.blocked_until = row.until + gap


def a_photo() -> bytes:
    """A broken bolt, from far away."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(kept, "PNG")
    return kept.getvalue()


def he_hands_over_and_takes_back_what_is_damaged(oman: Page) -> None:
    go(oman, "uses")
    begin(oman, "Serahkan: Traktor tangan, Siti")
    fill(oman, "Jam mesin", "1.204,5")
    keep(oman, "4_oman_hands_over")
    press(oman, "Serahkan")
    says(oman, "PAKAI-")

    begin(oman, "Terima kembali: Traktor tangan")
    fill(oman, "Jam mesin", "1.204,6")
    fill(oman, "Luas yang dikerjakan", "0,75 ha")
    fill(oman, "Bahan bakar terpakai", "2 liter")
    oman.get_by_text("Ada kerusakan, tetapi masih jalan").first.click()
    heard(oman)
    fill(oman, "Apa yang rusak?", "Baut roda patah")
    photo = FilePayload(name="baut.png", mimeType="image/png", buffer=a_photo())
    oman.locator('input[type="file"]').first.set_input_files(photo)
    heard(oman)
    keep(oman, "5_oman_takes_back")
    begin(oman, "Simpan pengembalian, nota Rp900.000")
    says(oman, "Rp900.000")


def the_bill_is_hers(siti: Page) -> None:
    go(siti, "uses")
    keep(siti, "6_siti_bill")
    bill = said(siti)
    assert "Traktor tangan" in bill
    assert "Rp900.000" in bill


def the_manager_sees_all_machines(citra: Page) -> None:
    go(citra, "bookings")
    chart = citra.locator(".js-plotly-plot").first
    expect(chart).to_contain_text("Siti", timeout=PATIENCE_MS)
    keep(citra, "7_citra_timeline")
    shown = said(citra)
    assert "dikembalikan" in shown
    assert "Siapa memakai alat apa, dan kapan" in shown
    box = chart.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 1280
