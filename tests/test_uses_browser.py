"""In a browser at 390 px: a machine goes out, comes back damaged, and its bill is paid."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kopprod.domain.access import Role
from tests import make
from tests.browser import OpensPages, fill, go, heard, picture, press, read, settle
from tests.fields import booked
from tests.machines import Yard
from tests.seasons import writing

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("KOPPROD_PICTURES")


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look."""
    if PICTURES:
        picture(page, Path(PICTURES) / f"{name}.png")


def begin(page: Page, name: str) -> None:
    """Press the button whose words begin so."""
    page.get_by_role("button", name=re.compile(rf"^\s*{re.escape(name)}")).first.click()
    settle(heard(page))


def test_out_back_with_damage_and_paid(yard: Yard, phone: OpensPages, laptop: OpensPages) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with writing(yard.coop) as session:
        make.user(session, Role.OFFICER, name="Oman")
        make.user(session, Role.MANAGER, name="Citra")
        booked(session, yard.tractor_id, yard.members["Siti"], since=hour - timedelta(hours=8),
               operator_id=yard.operator_id)  # fmt: skip
        booked(session, yard.pump_id, yard.members["Budi"], since=hour)
    oman = go(phone(make.Key("oman")), "uses")
    keep(oman, "1_antrean")
    begin(oman, "Serahkan: Traktor tangan, Siti")
    fill(oman, "Jam mesin", "1.204,5")
    keep(oman, "2_serahkan")
    press(oman, "Serahkan")
    assert "PAKAI-" in read(oman)
    keep(oman, "3_terlambat")

    begin(oman, "Terima kembali: Traktor tangan")
    fill(oman, "Jam mesin", "1.204,6")
    fill(oman, "Luas yang dikerjakan", "0,75 ha")
    fill(oman, "Bahan bakar terpakai", "2 liter")
    heard(oman)
    oman.get_by_text("Ada kerusakan, tetapi masih jalan").click()
    heard(oman)
    fill(oman, "Apa yang rusak?", "Baut roda patah")
    keep(oman, "4_kembali")
    begin(oman, "Simpan pengembalian, nota Rp900.000")
    assert "Rp900.000" in read(oman)
    keep(oman, "5_nota")

    citra = go(laptop(make.Key("citra")), "uses")
    assert "Traktor tangan" in read(citra)
    keep(citra, "6_pengelola")
