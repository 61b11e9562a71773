"""A pooled purchase on phones of 390 px: from a want to a bill that a settlement pays the rest of.

Who the others are, what they want, and the harvest are prepared by services; everything that makes
Ayu's sack hers is pressed, typed and read on the screens.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from kopprod import db
from kopprod.domain import tier_lines
from kopprod.domain.access import SYSTEM
from kopprod.domain.ledger import CASH
from kopprod.domain.members import MemberStatus
from kopprod.domain.money import E4
from kopprod.domain.purchase_bills import FreightBy
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.tiers import Freight
from kopprod.services import (
    articles,
    check,
    members,
    payments,
    purchase_terms,
    purchases,
    suppliers,
)
from kopprod.services.purchase_terms import Offered
from tests import make
from tests.browser import (
    PATIENCE_MS,
    OpensPages,
    button,
    choose,
    fill,
    go,
    press,
    read,
    settle,
    unfold,
)
from tests.founded import KG, Founded, acting, settled_sale, today

pytestmark = pytest.mark.browser

AYU, WULAN, RATNA, BAGAS = (make.Key(name) for name in ("ayu", "wulan", "ratna", "bagas"))


def test_from_a_want_to_a_bill_that_a_settlement_pays(
    coop: str, founded: Founded, phone: OpensPages
) -> None:
    """Budi wants 3 sacks, Citra 4 and Darto 1; with Ayu's 2 there are 10, and all cost Rp295.000.

    Ayu would pay 2 × 295.000 + 2/10 of the truck's 100.000 + 1 % = Rp615.900. One sack comes too
    few; she spoke last, so she gets one: 295.000 + 100.000/9 = 11.111 + 2.950 = Rp309.061. Of it
    Rp200.000 wait for her harvest and Rp109.061 she pays in cash. Her slip of Rp1.577.443 leaves
    Rp1.377.443, and nothing of the bill is open.
    """
    prepared(coop, founded)
    ayu = phone(AYU)
    she_says_what_she_wants(ayu)
    the_manager_fixes_and_orders(phone(RATNA))
    wulan = phone(WULAN)
    the_officer_receives_one_sack_too_few(wulan)
    the_officer_hands_out(wulan)
    bagas = phone(BAGAS)
    the_treasurer_lets_a_part_wait_and_takes_the_rest(bagas)
    harvest_is_sold(coop, founded)
    the_settlement_pays_what_waited(bagas)

    said = of_the_purchase(ayu)
    assert "Urea, 1 karung Rp295.000" in said
    assert "Yang harus dibayar Rp309.061" in said
    assert "sudah dibayar −Rp109.061" in said
    assert "dipotong dari hasil jual −Rp200.000" in said
    assert "Belum dibayar Rp0" in said
    with db.reading(coop, person=SYSTEM) as session:
        assert [*check.problems(session)] == []


def prepared(coop: str, founded: Founded) -> None:
    """An open purchase of urea by the sack, in which three of the four have said what they want."""
    on = today()
    with acting(coop) as session:
        urea = articles.add_article(
            session, name="Urea", base_unit=BaseUnit.GRAM, portion=50 * KG, portion_word="karung"
        ).id
        shop = suppliers.add_supplier(session, name="UD Tani").id
        facts = purchases.Facts(
            title="Urea musim tanam",
            until=on + timedelta(days=5),
            freight_by=FreightBy.PACKS,
            fee_bp=100,
            most_parts=2,
        )
        purchase = purchases.add_purchase(session, facts, on=on).id
        purchase_terms.put_article(session, purchase, article_id=urea, shop_e4=320_000 * E4)
        purchase_terms.put_supplier(
            session, purchase, supplier_id=shop, freight=Freight(fixed_rp=100_000)
        )
        offered = Offered(pack=1, tiers=tier_lines.read_tiers("1-9 305000; 10- 295000"))
        purchase_terms.add_offer(
            session, purchase, supplier_id=shop, article_id=urea, offered=offered
        )
        purchases.open_purchase(session, purchase, on=on)
        citra, darto = (
            members.add_member(
                session,
                number=number,
                name=name,
                status=MemberStatus.MEMBER,
                joined_on=make.SINCE,
            ).id
            for number, name in (("A-003", "Citra"), ("A-004", "Darto"))
        )
        for minute, (member_id, firm) in enumerate(((founded.budi, 3), (citra, 4), (darto, 1))):
            purchases.want(
                session,
                purchase,
                article_id=urea,
                member_id=member_id,
                firm=firm,
                tolerance=0,
                highest_e4=None,
                on=on,
                at=make.AT + timedelta(minutes=minute),
            )


def of_the_purchase(page: Page) -> str:
    """The purchase on somebody's screen, opened as from a bookmark."""
    return " ".join(read(go(page, "purchases?purchase=1")).split())


def says(page: Page, words: str) -> None:
    """Wait until the app has said what it did."""
    said = page.get_by_test_id("stAlert").filter(has_text=words).first
    expect(said).to_be_visible(timeout=PATIENCE_MS)
    settle(page)


def she_says_what_she_wants(ayu: Page) -> None:
    press(ayu, "Belanja bersama: Urea musim tanam, tinggal 5 hari")
    said = " ".join(read(ayu).split())
    assert "3 anggota memesan 8 karung" in said
    assert "2 karung lagi, dan harga satu karung jadi Rp295.000 untuk semua." in said
    fill(ayu, "Anda mau berapa?", "2")
    said = " ".join(read(ayu).split())
    assert "2 karung = 100 kg" in said
    assert "Anda akan mendapat 2 karung dan membayar sekitar Rp615.900" in said
    assert "Anda hemat Rp24.100" in said
    press(ayu, "Benar, catat")
    says(ayu, "Tersimpan: 2 karung Urea di BELI-")

    said = " ".join(read(ayu).split())
    assert "Perkiraan Anda membayar Rp615.900" in said
    assert "Budi" not in said


def the_manager_fixes_and_orders(ratna: Page) -> None:
    assert "UD Tani Urea 10 10 karung Rp295.000 Rp2.950.000" in of_the_purchase(ratna)
    press(ratna, "Tetapkan pesanan dan kemasan")
    says(ratna, "pesanan dan kemasan sudah ditetapkan.")
    press(ratna, "Pesanan sudah sampai ke pemasok")
    says(ratna, "sudah dipesan.")


def the_officer_receives_one_sack_too_few(wulan: Page) -> None:
    of_the_purchase(wulan)
    fill(wulan, "Baik, dalam karung", "9")
    press(wulan, "Catat yang datang")

    says(wulan, "Sudah dicatat. Rp295.000 diklaim kembali.")


def the_officer_hands_out(wulan: Page) -> None:
    press(wulan, "Buat semua nota")
    says(wulan, "4 nota sudah dibuat.")
    choose(wulan, "Nota siapa?", "Ayu · Sukamaju · Rp309.061")
    press(wulan, "Sudah dibagikan")

    says(wulan, "diserahkan kepada Ayu.")


def the_treasurer_lets_a_part_wait_and_takes_the_rest(bagas: Page) -> None:
    of_the_purchase(bagas)
    choose(bagas, "Nota siapa?", "Ayu · Sukamaju · Rp309.061")
    unfold(bagas, "Bayar dari hasil jual berikutnya (yarnen)")
    assert "Masih boleh menunggu: Rp3.000.000." in " ".join(read(bagas).split())
    fill(bagas, "Berapa yang ditunda?", "200 ribu")
    press(bagas, "Sepakat")
    says(bagas, "Rp200.000 dari NOTA-")

    if not button(bagas, "Uangnya sudah diterima").is_visible():
        unfold(bagas, "Terima uang untuk nota ini")
    press(bagas, "Uangnya sudah diterima")
    says(bagas, "dibayar Rp109.061.")


def harvest_is_sold(coop: str, founded: Founded) -> None:
    """The sale that Ayu has Rp1.577.443 to come from, paid by the buyer into the cash box."""
    settled_sale(coop, founded)
    with acting(coop) as session:
        payments.take_payment(session, 1, amount_rp=2_255_500, account=CASH, on=today())


def the_settlement_pays_what_waited(bagas: Page) -> None:
    press(bagas, "Slip")
    choose(bagas, "Siapa yang dibayar sekarang?", "Ayu, Rp1.577.443")
    press(bagas, "Uang sudah diserahkan")

    says(bagas, "Rp1.377.443 dibayar kepada Ayu.")
