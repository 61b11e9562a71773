"""In a real Chromium: from the scale to the money, taken back, and settled again.

The officer receives on a phone, for the pool and outright; the treasurer pays an advance; the
manager settles with a fee by weight and a truck shared by weight; the treasurer pays from a list,
which takes the advance off; the manager takes the settlement back and settles again.
"""

import pytest
from playwright.sync_api import Page, expect

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.domain.ledger import CASH, MEMBERS_OWE
from kopprod.domain.pricing import Fixed, GradePrice, PriceRule
from kopprod.domain.sales import SaleMode
from kopprod.services import check, deliveries, ledger, pricing, sales
from tests import make
from tests.browser import OpensPages, fill, go, heard, pick, press, read, tick, unfold
from tests.founded import KG, Founded, acting, today

pytestmark = pytest.mark.browser

# In the pool Ayu has 250 kg of A and Budi 100 kg of B at 80 %, sold as 347 kg at Rp6.500:
# Rp2.255.500. Less the truck, Rp60.500, and the fee, Rp100 for each of 350 kg: Rp2.160.000.
NET = "Rp2.160.000"
PRICES_E4 = (60_000_000, 50_000_000)


def test_what_comes_in_is_sold_paid_taken_back_and_settled_again(
    coop: str, founded: Founded, phone: OpensPages, laptop: OpensPages
) -> None:
    _post_prices(coop, founded)
    wulan = phone(make.Key("wulan"))
    _receive(wulan, "A-002", "25 25,5 24,5", outright=True)
    assert "seharga Rp450.000" in read(wulan)
    _receive(wulan, "A-001", "5x50", outright=False)
    bagas, ratna = laptop(make.Key("bagas")), laptop(make.Key("ratna"))
    _pay_advance(bagas)
    sale_id = _open_sale(coop, founded)

    _set_terms(ratna, sale_id)
    _share(ratna)
    with acting(coop) as session:  # the buyer pays cash, of which the list is paid
        sales.take_payment(session, sale_id, amount_rp=2_255_500, account=CASH, on=today())
    _pay_from_a_list(bagas)
    go(ratna, f"sales?sale={sale_id}")
    _take_back(ratna)
    _share(ratna)

    with db.reading(coop, person=SYSTEM) as session:
        assert [*check.problems(session)] == []
        # What members had been paid was set off against the same amounts at once.
        assert ledger.balance_rp(session, MEMBERS_OWE) == 0


def _post_prices(coop: str, founded: Founded) -> None:
    with acting(coop) as session:
        grades = (founded.grade_a, founded.grade_b)
        each = tuple(GradePrice(g, e4) for g, e4 in zip(grades, PRICES_E4, strict=True))
        pricing.add_version(session, founded.gabah, rule=PriceRule(Fixed(each)), since=make.SINCE)


def _receive(page: Page, number: str, sacks: str, *, outright: bool) -> None:
    go(page, "deliveries")
    page.get_by_label("Anggota", exact=True).first.click()
    page.keyboard.type(number)
    page.get_by_role("option").first.click()
    heard(page)
    fill(page, "Kotor", sacks)
    pick(page, "Mutu", "A")
    if outright:
        pick(page, "Bagaimana anggota dibayar?", "Beli putus")
        expect(page.get_by_text("Anggota menerima").first).to_be_visible()
    page.wait_for_timeout(500)  # a busy server may still be drawing
    press(page, "Benar, terima")
    expect(page.get_by_test_id("stAlert").filter(has_text="SET-").first).to_be_visible()


def _pay_advance(page: Page) -> None:
    go(page, "payouts")
    pick(page, "Lihat apa?", "Panjar")
    page.get_by_label("Untuk setoran yang mana?", exact=True).first.click()
    page.get_by_role("option").filter(has_text="Ayu").first.click()
    heard(page)
    assert "Rp750.000" in read(page)  # half of 250 kg at Rp6.000
    fill(page, "Berapa banyak?", "200 ribu")
    press(page, "Panjar sudah diserahkan")
    assert "Rp200.000 dibayar kepada Ayu" in read(page)


def _open_sale(coop: str, founded: Founded) -> int:
    """Budi's goods came too, and the manager began a sale with a percentage."""
    on = today()
    with acting(coop) as session:
        deliveries.receive(
            session,
            member_id=founded.budi,
            product_id=founded.gabah,
            grade_id=founded.grade_b,
            gross=100 * KG,
            tare=0,
            received_on=on,
            on=on,
        )
        sale_id = sales.open_sale(
            session,
            buyer_id=make.buyer(session).id,
            product_id=founded.gabah,
            sold_on=on,
            price_e4=6_500 * 10_000,
            buyer_weight=347 * KG,
            fee_bp=500,
            on=on,
        ).id
        stored = deliveries.in_store(session, founded.gabah, mode=SaleMode.POOL)
        pooled = [s.delivery.id for s in stored]
        sales.allot_all(session, sale_id, pooled)
        return sale_id


def _set_terms(page: Page, sale_id: int) -> None:
    go(page, f"sales?sale={sale_id}")
    unfold(page, "Perbaiki hari, harga, banyaknya, atau jasa")
    fill(page, "Jasa koperasi", "0 %")
    tick(page, "Ada juga jasa menurut banyaknya barang atau jasa tetap")
    fill(page, "Jasa per kg barang (boleh kosong)", "100")
    press(page, "Simpan")
    fill(page, "Untuk apa", "Truk")
    fill(page, "Jumlah", "60.500")
    shared = page.get_by_test_id("stRadio").filter(has_text="Dibagi kepada anggota menurut")
    shared.get_by_text("banyaknya barang", exact=True).click()
    heard(page)
    press(page, "Tambahkan biaya")


def _share(page: Page) -> None:
    tick(page, "Angka-angka di atas sudah saya periksa")
    press(page, f"Bagikan {NET}")
    assert "Bukti pembagian (PDF)" in read(page)
    assert NET in read(page)


def _pay_from_a_list(page: Page) -> None:
    go(page, "payouts")
    press(page, "Buat daftar")
    shown = read(page)
    assert "panjar" in shown and "Rp200.000" in shown
    for left in (3, 2, 1):
        paid = page.get_by_role("button", name="Sudah dibayar", exact=True)
        expect(paid).to_have_count(left)
        paid.first.click()
        heard(page)
    expect(page.get_by_text("Selesai pada").first).to_be_visible()


def _take_back(page: Page) -> None:
    unfold(page, "Batalkan pembagian hasil")
    fill(page, "Mengapa pembagian hasil dibatalkan?", "Harga keliru")
    page.get_by_role("button", name="Batalkan pembagian hasil JUAL").click()
    heard(page)
    expect(page.get_by_text("Angka-angka di atas sudah saya periksa")).to_be_visible()
