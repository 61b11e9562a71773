"""What a buyer gets on paper: delivery note, invoice, an invoice made void, and a reminder."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kopprod import db
from kopprod.domain.ledger import BANK
from kopprod.papers import orders as order_papers
from kopprod.services import buyers, orders, receivables, reversals, sale_papers, sales
from kopprod.services.sale_papers import Consignment
from kopprod.tables.sales import Buyer
from tests import make
from tests.seasons import DAY, Season, open_sale, settled, writing
from tests.test_papers import LETTER, ODD_NAMES, text_of

LETTER_TO_PAY = replace(LETTER, pay_to="BRI 1234-01 a.n. Koperasi Tani Makmur", place="Jl. Sawah 1")


def goods(season: Season, sale_id: int = 1) -> Consignment:
    with db.reading(season.coop, person=make.MANAGER) as session:
        return sale_papers.consignment(session, sale_id)


def order_it(season: Season, sale_id: int) -> None:
    with writing(season.coop) as session:
        order = orders.add_order(
            session, buyer_id=season.buyer_id, product_id=season.product_id, grade_id=None,
            quantity=900_000, price_e4=None, ordered_on=DAY, due_on=DAY, on=DAY,
            reference="PO-77",
        )  # fmt: skip
        orders.name_order(session, sale_id, order_id=order.id)


def test_a_delivery_note_says_what_is_on_the_truck(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        sale_id = sale.id
        sales.allot(session, sale_id, delivery_id=season.delivered[2], quantity=10_000)
    order_it(season, sale_id)
    said = text_of(order_papers.delivery_note(goods(season), LETTER))

    for part in (
        "Surat jalan",
        "SJ-2026-0001",
        "PB Sri Rejeki",
        "PESAN-2026-0001 · PO-77",
        "A 2 1 dan sebagian dari 1 setoran 130,5 kg",
        "B 2 2 120,2 kg",
        "Jumlah 4 3 dan sebagian dari 1 setoran 250,7 kg",
        "Berat Anda",
        "Sopir",
    ):
        assert part in said, part


def test_an_empty_sale_has_an_empty_note(season: Season) -> None:
    with writing(season.coop) as session:
        open_sale(session, season, delivery_ids=[])

    assert "Belum ada barang" in text_of(order_papers.delivery_note(goods(season), LETTER))


def test_an_invoice_says_what_is_left_until_when_and_where(season: Season) -> None:
    with writing(season.coop) as session:
        buyers.change_buyer(session, season.buyer_id, phone="", place="Ngawi", pays_within_days=14)
        sale = settled(session, season)
        sales.take_payment(session, sale.id, amount_rp=2_000_000, account=BANK, on=DAY)
    said = text_of(order_papers.invoice(goods(season), LETTER_TO_PAY))

    for part in (
        "Tagihan",
        "TAG-2026-0001",
        "Jl. Sawah 1",
        "PB Sri Rejeki · Ngawi",
        "Rp17.250/kg × 297,4 kg menurut timbangan Anda",
        "Rp5.130.150",
        "dikurangi pembayaran 2 Maret 2026, Bank −Rp2.000.000",
        "Masih harus dibayar Rp3.130.150",
        "tiga juta seratus tiga puluh ribu seratus lima puluh rupiah",
        "Mohon dibayar paling lambat 16 Maret 2026.",
        "BRI 1234-01 a.n. Koperasi Tani Makmur",
    ):
        assert part in said, part
    late = replace(LETTER, printed_on=DAY + timedelta(days=20))
    assert "sudah lewat 6 hari" in text_of(order_papers.invoice(goods(season), late))


def test_an_invoice_that_is_paid_says_so(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        sales.take_payment(session, sale.id, amount_rp=5_130_150, account=BANK, on=DAY)
    found = goods(season)

    assert "Sudah lunas." in text_of(order_papers.invoice(found, LETTER))
    more = replace(found, payments=[*found.payments, found.payments[0]])
    assert "Pembayaran lebih Rp5.130.150." in text_of(order_papers.invoice(more, LETTER))


def test_a_settlement_taken_back_voids_its_invoice_and_the_next_has_a_turn(
    season: Season,
) -> None:
    with writing(season.coop) as session:
        sale_id = settled(session, season).id
        back = reversals.reverse_settlement(session, sale_id, reason="Harga salah", on=DAY)
    found = goods(season)
    said = text_of(order_papers.void_invoice(found, found.reversals[0], LETTER))
    for part in ("TAG-2026-0001", "DIBATALKAN", back.number, "Harga salah", "Rp5.130.150"):
        assert part in said, part

    with writing(season.coop) as session:
        sales.settle(session, sale_id, on=DAY)
    said = text_of(order_papers.invoice(goods(season), LETTER))
    assert "TAG-2026-0001-2" in said
    assert "Tagihan TAG-2026-0001 sebesar Rp5.130.150 dibatalkan" in said


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_buyers_name_is_printed_as_it_is(season: Season, name: str) -> None:
    with writing(season.coop) as session:
        session.get_one(Buyer, season.buyer_id).name = name
        settled(session, season)
    found = goods(season)

    for pdf in (order_papers.delivery_note(found, LETTER), order_papers.invoice(found, LETTER)):
        assert name.replace(" ", "") in text_of(pdf).replace(" ", "")


def test_a_reminder_names_each_sale_and_the_whole(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)
    with db.reading(season.coop, person=make.TREASURER) as session:
        rows = receivables.receivables(session, on=DAY + timedelta(days=3)).owing
    text = order_papers.reminder("PB <b>Sri</b>\nRejeki", rows, LETTER_TO_PAY)

    first, second, *_rest = text.splitlines()
    assert first == "Koperasi Tani Makmur"
    assert second.startswith("Yth. PB <b>Sri</b> Rejeki, kami mengingatkan dengan hormat")
    assert "Gabah, JUAL-2026-0001: Rp5.130.150, jatuh tempo 2 Maret 2026 (terlambat 3 hari)" in text
    assert "Jumlah Rp5.130.150." in text
    assert "BRI 1234-01" in text
