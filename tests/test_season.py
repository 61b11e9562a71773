"""A whole season in real browsers, each person on a phone of her own, and what goes wrong there.

What the cooperative is founded with is prepared by services; everything after it is pressed, typed
and read on the screens.
"""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.services import check, signin
from kopprod.tables.output import OutputLog
from kopprod.tables.slips import Slip
from tests import make
from tests.browser import (
    Line,
    OpensPages,
    button,
    choose,
    fill,
    go,
    heard,
    pick,
    press,
    press_together,
    press_twice,
    read,
    sign_in,
    tick,
)
from tests.founded import Founded, acting, open_sale, settled_sale

pytestmark = pytest.mark.browser

AYU, WULAN, RATNA, DEWI, BAGAS = (
    make.Key(name) for name in ("ayu", "wulan", "ratna", "dewi", "bagas")
)
FIGURE = re.compile(r"Rp ?\d|\d kg")


def test_a_season_from_the_field_to_the_payout(
    coop: str, founded: Founded, phone: OpensPages
) -> None:
    """Ayu's 250 kg of grade A and Budi's 100 kg of grade B (which counts 80 %) are sold together.

    The middleman: Ayu hears Rp6.300 of which he cuts 5 % of the weight, so Rp5.985 arrive; in the
    neighbouring village he says Rp5.900 and Rp6.100 (Rp7.000 in a village far off does not count).
    The middle of the three is Rp5.985. He would weigh Ayu's 252 kg with the sacks: Rp1.508.220.

    The sale: the buyer weighs 347 kg (3 kg less than we, 0,86 %) at Rp6.500 = Rp2.255.500. Less the
    truck Rp60.500 and the fee of 5 % Rp112.775 there are Rp2.082.225 for graded weights of 250 and
    80, 330 in all: Ayu 250/330 = 1.577.443,18; Budi 80/330 = 504.781,82. The rupiah that is left
    goes to the larger fraction: Ayu Rp1.577.443, Budi Rp504.782.

    Ayu has Rp1.577.443 / 252 = Rp6.259,69 for a true kg and waited no day: Rp69.223 or 4,59 % more
    by selling together. Break-even is where her 250/330 are Rp1.508.220: a net of Rp1.990.850,40,
    with the truck Rp2.051.350,40, with the fee (/ 0,95) Rp2.159.316, of 347 kg: Rp6.222,81.

    The cash box: Rp500.000 + Rp2.255.500 - Rp1.577.443 = Rp1.178.057.
    """
    ayu = phone(AYU)
    she_notes_the_middlemans_price(ayu)
    she_logs_her_harvest(ayu)
    the_officer_weighs(phone(WULAN))
    the_manager_sells_and_settles(phone(RATNA))
    the_treasurer_pays(phone(BAGAS))
    she_reads_her_slip(ayu)

    with db.reading(coop, person=SYSTEM) as session:
        assert [*check.problems(session)] == []


def she_notes_the_middlemans_price(ayu: Page) -> None:
    press(ayu, "Harga")
    fill(ayu, "Harganya untuk satu kg", "6.300")
    tick(ayu, "Ia memotong, memungut")
    ayu.get_by_text("potongan persen", exact=True).click()
    heard(ayu)
    fill(ayu, "Potongan dalam persen barang", "5")
    press(ayu, "Simpan harga ini")

    assert "Harga sudah dicatat. Terima kasih." in read(ayu)
    assert re.search(r"Tengkulak\s+Rp5\.985\s+nilai tengah 3 harga", read(ayu))


def she_logs_her_harvest(ayu: Page) -> None:
    press(ayu, "Catat")
    fill(ayu, "Berapa banyak?", "2,5 kuintal")
    assert "2,5 kuintal = 250 kg" in read(ayu)

    press(ayu, "Benar, catat")

    assert re.search(r"Sudah dicatat\. OUT-\d{4}-0001: 250 kg Gabah\.", read(ayu))


def the_officer_weighs(wulan: Page) -> None:
    press(wulan, "Setoran")
    choose(wulan, "Anggota", "Ayu · A-001 · Sukamaju")
    expect(wulan.get_by_role("radio", name="250 kg, hari ini")).to_be_checked()  # what Ayu logged
    fill(wulan, "Kotor", "252")
    fill(wulan, "Tara (karung, ember kosong)", "2")
    pick(wulan, "Mutu", "A")
    assert "250 kg Gabah mutu A dari Ayu (A-001), hari ini. Benar?" in read(wulan)
    press(wulan, "Benar, terima")
    assert "250 kg Gabah dari Ayu." in read(wulan)

    choose(wulan, "Anggota", "Budi · A-002 · Sukamaju")
    fill(wulan, "Kotor", "2 karung")
    pick(wulan, "Mutu", "B")
    press(wulan, "Benar, terima")
    assert "100 kg Gabah dari Budi." in read(wulan)


def the_manager_sells_and_settles(ratna: Page) -> None:
    press(ratna, "Jual")
    fill(ratna, "Nama pembeli baru", "UD Beras Lestari")
    press(ratna, "Tambahkan pembeli")
    fill(ratna, "Harga per kg", "6.500")
    fill(ratna, "Berat pembeli, menurut timbangan pembeli", "347")
    press(ratna, "Siapkan penjualan")
    fill(ratna, "Untuk apa", "Truk")
    fill(ratna, "Jumlah", "60.500")
    press(ratna, "Tambahkan biaya")
    for figure in ("Rp2.255.500", "Rp60.500", "Rp112.775", "Rp1.577.443", "Rp504.782"):
        assert figure in read(ratna)
    tick(ratna, "Angka-angka di atas sudah saya periksa")
    press(ratna, "Bagikan Rp2.082.225")

    assert "sudah dibagi: Rp2.082.225 untuk 2 anggota." in read(ratna)


def the_treasurer_pays(bagas: Page) -> None:
    assert "Pembeli masih berutang Rp2.255.500" in read(bagas)
    go(bagas, "sales")
    bagas.get_by_label("Buka satu penjualan").click()
    bagas.get_by_role("option").first.click()
    heard(bagas)
    fill(bagas, "Pembeli membayar", "2.255.500")
    press(bagas, "Simpan pembayaran")
    assert "Rp2.255.500 dari pembeli sudah dicatat." in read(bagas)

    press(bagas, "Slip")
    choose(bagas, "Siapa yang dibayar sekarang?", "Ayu, Rp1.577.443")
    press(bagas, "Uang sudah diserahkan")
    assert "Rp1.577.443 dibayar kepada Ayu." in read(bagas)
    assert "Rp1.178.057" in read(bagas)  # what is left in the cash box


def she_reads_her_slip(ayu: Page) -> None:
    press(ayu, "Slip")
    ayu.get_by_role("button", name="Rp1.577.443").click()
    said = " ".join(read(heard(ayu)).split())
    for step in (
        "Rp1.577.443 satu juta lima ratus tujuh puluh tujuh ribu empat ratus empat puluh tiga",
        "dari Kas, oleh Bagas.",
        "Rp6.500/kg × 347 kg menurut timbangan pembeli Rp2.255.500",
        "dikurangi biaya Truk −Rp60.500",
        "dikurangi jasa koperasi 5 % × Rp2.255.500 −Rp112.775",
        "Bersih untuk anggota Rp2.082.225",
        "Timbangan kami: 350 kg. Timbangan pembeli: 347 kg; susut 3 kg (0,86 %).",
        "250 kg × 100 % = 250 kg",
        "250 kg ÷ 330 kg × Rp2.082.225",
        "2 slip penjualan ini berjumlah Rp2.082.225",
        "Koperasi Rp6.260 Tengkulak Rp5.985 nilai tengah 3 harga, Rp5.900 sampai Rp6.100",
        "Lebih berkat jual bersama Rp69.223 4,59 %",
        "Harga impas: Rp6.222,81",
    ):
        assert step in said


def test_whoever_is_signed_out_loses_the_screen(
    coop: str, founded: Founded, phone: OpensPages
) -> None:
    settled_sale(coop, founded)
    ayu, ratna = phone(AYU), phone(RATNA)
    assert "Rp1.577.443" in read(ayu)

    go(ratna, "access")
    choose(ratna, "Siapa?", "Ayu · A-001")
    button(ratna, "Keluarkan dari semua perangkat").click()
    loses_the_screen(ayu)

    sign_in(ayu, AYU)
    assert "Rp1.577.443" in read(ayu)
    with acting(coop) as session:  # in a process that is not the server's
        signin.revoke(session, user_id=founded.ayu_user, at=datetime.now(UTC))
    loses_the_screen(ayu)


def loses_the_screen(page: Page) -> None:
    expect(page).to_have_url(re.compile("/masuk"), timeout=5_000)
    assert FIGURE.findall(page.content()) == []
    page.go_back()
    expect(page).to_have_url(re.compile("/masuk"))
    assert FIGURE.findall(page.content()) == []


def test_pressing_twice_makes_one_log(coop: str, founded: Founded, phone: OpensPages) -> None:
    ayu = press(phone(AYU), "Catat")
    fill(ayu, "Berapa banyak?", "2,5 kuintal")

    press_twice(ayu, "Benar, catat")

    assert logged(coop) == ["2,5 kuintal"]
    assert "Sudah dicatat. OUT-" in read(ayu)


@pytest.mark.parametrize("lost", ["press", "answer"])
def test_a_broken_connection_makes_one_log(
    lost: str, coop: str, founded: Founded, phone: OpensPages
) -> None:
    ayu = press(phone(AYU), "Catat")
    line = Line(ayu)
    fill(ayu, "Berapa banyak?", "2,5 kuintal")

    line.out, line.back = lost != "press", lost != "answer"
    button(ayu, "Benar, catat").click()
    ayu.wait_for_timeout(1_500)
    line.mend()

    if lost == "press":  # what she typed is still there
        expect(ayu.get_by_label("Berapa banyak?")).to_have_value("2,5 kuintal")
        assert logged(coop) == []
        press(ayu, "Benar, catat")
    assert re.search(r"OUT-\d{4}-0001", read(ayu))
    assert logged(coop) == ["2,5 kuintal"]


def test_a_phone_without_network_says_so_and_goes_on_by_itself(
    coop: str, founded: Founded, phone: OpensPages
) -> None:
    ayu = press(phone(AYU), "Catat")
    line = Line(ayu)
    fill(ayu, "Berapa banyak?", "2,5 kuintal")
    said = ayu.get_by_text("Sambungan terputus.")

    line.cut()
    expect(said).to_be_visible()
    expect(ayu.get_by_test_id("stDialog")).to_be_attached(timeout=30_000)  # Streamlit's, in English
    expect(ayu.get_by_test_id("stDialog")).to_be_hidden()
    line.join()
    expect(said).to_be_hidden()
    press(ayu, "Benar, catat")

    assert logged(coop) == ["2,5 kuintal"]


def test_a_member_does_not_see_the_managers_pages(
    coop: str, founded: Founded, phone: OpensPages
) -> None:
    settled_sale(coop, founded)
    ayu = phone(AYU)

    for place in ("dashboard", "ledger", "sales", "access", "sales?sale=1"):
        go(ayu, place)
        assert "Anda tidak berhak melakukan ini." in read(ayu), place
        assert not re.search(r"\d", read(ayu)), place


def test_two_managers_settle_one_sale_at_once(
    coop: str, founded: Founded, phone: OpensPages
) -> None:
    sale_id = open_sale(coop, founded)
    both = [phone(RATNA), phone(DEWI)]
    for page in both:
        go(page, f"sales?sale={sale_id}")
        tick(page, "Angka-angka di atas sudah saya periksa")

    press_together(both, "Bagikan Rp2.082.225")

    said = [read(page) for page in both]
    done = "sudah dibagi: Rp2.082.225 untuk 2 anggota."
    assert [done in words for words in said].count(True) == 1
    (other,) = (words for words in said if done not in words)
    assert "Tidak ada yang dibagi dua kali." in other or "Dibagi pada" in other
    with db.reading(coop, person=SYSTEM) as session:
        assert [*check.problems(session)] == []
        assert len(session.exec(select(Slip)).all()) == 2


def logged(coop: str) -> list[str]:
    """What was logged, as it was typed."""
    with db.reading(coop, person=SYSTEM) as session:
        return [log.typed for log in session.exec(select(OutputLog))]
