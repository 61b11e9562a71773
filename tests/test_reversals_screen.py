"""Taking back on the screen: what will happen is shown first, and cancelled papers say so."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain import codes as code_rules
from kopprod.domain.access import Person, Role
from kopprod.domain.ledger import BANK, MEMBERS_OWE
from kopprod.domain.sales import SaleStage
from kopprod.papers import texts
from kopprod.papers.press import Letterhead
from kopprod.papers.slips import slip, slip_words
from kopprod.services import ledger, reversals, sales, slips
from kopprod.services.slips import Story
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.sales import BuyerPayment, Sale
from kopprod.tables.slips import Slip
from tests import make
from tests.screens import screen, unfold, words
from tests.seasons import DAY, Season, writing
from tests.test_checking import Browser
from tests.test_reversals import clean, slip_of, sold

LETTER = Letterhead("makmur", "Koperasi Makmur", "id", DAY)


def keyed(elements: Iterable[Any], start: str) -> Any:
    """The first of these elements whose key begins so."""
    return next(one for one in elements if (one.key or "").startswith(start))


def user(season: Season, role: Role, name: str) -> Person:
    with writing(season.coop) as session:
        return make.user(session, role, name=name)


def opened(season: Season, who: Person, place: str, key: str) -> AppTest:
    test = screen(season.coop, who, place)
    keyed(test.button, key).click().run()
    return test


def test_a_manager_cancels_a_settlement_and_settles_again(season: Season) -> None:
    sale_id = sold(season, paid=("Siti",))
    test = screen(season.coop, user(season, Role.MANAGER, "Citra"), "sales")
    test.query_params["sale"] = str(sale_id)
    test.run()
    assert "Rp2.554.127" in words(test)
    assert keyed(test.button, "settlement_reverse_").disabled
    keyed(test.text_input, "settlement_why_").set_value("Salah grade").run()
    keyed(test.button, "settlement_reverse_").click().run()
    assert "BATAL-2026-0001: pembagian hasil dibatalkan" in words(test)
    assert "Perbaiki penjualan ini, lalu bagi lagi." in words(test)
    assert "Salah grade" in words(test)
    keyed(test.checkbox, "settle_sure_").check().run()
    keyed(test.button, "settle_").click().run()
    assert not test.exception
    assert "sudah dibagi" in words(test)
    with db.reading(season.coop) as session:
        assert session.get_one(Sale, sale_id).stage is SaleStage.SETTLED
        assert ledger.balance_rp(session, MEMBERS_OWE) == 0
    clean(season)


def test_the_treasurer_gives_back_what_is_too_much(season: Season) -> None:
    sale_id = sold(season)
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale_id, reason="Dikembalikan", on=DAY)
        sale = session.get_one(Sale, sale_id)
        sales.change_terms(
            session, sale_id, sold_on=sale.sold_on, price_e4=sale.price_e4,
            buyer_weight=277_400, fee_bp=sale.fee_bp, on=DAY,
        )  # fmt: skip
        sales.settle(session, sale_id, on=DAY, shrinkage_reason="20 kg dikembalikan")
    test = screen(season.coop, user(season, Role.TREASURER, "Tuti"), "sales")
    test.query_params["sale"] = str(sale_id)
    test.run()
    assert "Pembeli kelebihan bayar Rp345.000." in words(test)
    keyed(test.text_input, "payment_why_").set_value("20 kg dikembalikan").run()
    keyed(test.button, "payment_reverse_").click().run()
    assert "Rp345.000 dari pembayaran pembeli dibatalkan." in words(test)
    assert "kelebihan" not in words(test)
    assert "dibatalkan pada" in words(test)
    with db.reading(season.coop) as session:
        assert ledger.balance_rp(session, BANK) == 5_130_150 - 345_000
        assert len(session.exec(select(BuyerPayment)).all()) == 2
    clean(season)


def test_money_of_a_slip_that_came_back_is_written_down(season: Season) -> None:
    sold(season, paid=("Siti",))
    with db.reading(season.coop) as session:
        slip_id = slip_of(session, season, "Siti").id
    test = screen(season.coop, user(season, Role.TREASURER, "Tuti"), "slips")
    test.query_params["slip"] = str(slip_id)
    test.run()
    keyed(test.text_input, "payout_why_").set_value("Nomor rekening salah").run()
    keyed(test.button, "payout_return_").click().run()
    assert "RETUR-2026-0001: Rp2.554.127 kembali" in words(test)
    assert "Belum dibayar" in words(test)
    assert "Rp2.554.127 kembali. Alasannya: Nomor rekening salah" in words(test)
    assert not [one for one in test.button if (one.key or "").startswith("payout_return_")]
    clean(season)


def test_a_sold_delivery_is_taken_back_in_the_delivery_book(season: Season) -> None:
    sale_id = sold(season, paid=("Siti",))
    with db.reading(season.coop) as session:
        session.exec(select(Delivery)).all()
    test = screen(season.coop, user(season, Role.MANAGER, "Citra"), "deliveries")
    keyed(test.button_group, "delivery_part").set_value("book").run()
    keyed(test.button_group, "delivery_period").set_value(366).run()
    unfold(test, "delivery_correct")
    keyed(test.selectbox, "delivery_wrong").set_value(season.delivered[3]).run()
    assert "ada di penjualan yang hasilnya sudah dibagi" in words(test)
    keyed(test.selectbox, "sold_member_").set_value(season.members["Made"]).run()
    assert "Rp599.819" in words(test)  # what Siti will owe, and Made will get
    keyed(test.text_input, "delivery_reason_").set_value("Karung Made").run()
    keyed(test.button, "delivery_sold_").click().run()
    assert not test.exception
    assert "dan hasil penjualannya dibagi lagi" in words(test)
    with db.reading(season.coop) as session:
        found = sales.statement(session, sale_id)
        shares = {member.name: one.net_value_rp for one, member in found.slips}
    assert shares == {"Siti": 1_954_308, "Budi": 1_193_669, "Made": 973_100 + 599_819}
    clean(season)


def test_what_takes_its_place_is_weighed_as_at_the_scale(season: Season) -> None:
    sold(season)
    test = screen(season.coop, user(season, Role.MANAGER, "Citra"), "deliveries")
    keyed(test.button_group, "delivery_part").set_value("book").run()
    keyed(test.button_group, "delivery_period").set_value(366).run()
    unfold(test, "delivery_correct")
    keyed(test.selectbox, "delivery_wrong").set_value(season.delivered[3]).run()
    assert keyed(test.text_input, "sold_gross_").value == "40,2 kg"
    keyed(test.text_input, "sold_gross_").set_value("20 20,6 = 41").run()
    assert "40,6 kg" in words(test)  # the sacks are trusted
    keyed(test.button_group, "sold_tare_").set_value(True).run()
    keyed(test.text_input, "sold_tare_").set_value("0,2").run()
    assert "40,2 kg" in words(test)  # net
    keyed(test.text_input, "sold_tare_").set_value("20").run()
    assert not [one for one in test.button if (one.key or "").startswith("delivery_sold_")]
    keyed(test.text_input, "sold_tare_").set_value("0,2").run()
    keyed(test.text_input, "delivery_reason_").set_value("Tara lupa").run()
    keyed(test.button, "delivery_sold_").click().run()
    assert not test.exception
    assert "dan hasil penjualannya dibagi lagi" in words(test)
    with db.reading(season.coop) as session:
        right = session.exec(select(Delivery).order_by(col(Delivery.id).desc())).first()
        assert right is not None
        assert (right.gross, right.tare, right.tare_each) == (40_600, 400, 200)
        assert right.typed == "20 20,6 = 41 - 2 x 0,2 kg"
    clean(season)


def test_an_officer_is_sent_to_the_manager(season: Season) -> None:
    sold(season)
    test = screen(season.coop, user(season, Role.OFFICER, "Oman"), "deliveries")
    keyed(test.button_group, "delivery_part").set_value("book").run()
    keyed(test.button_group, "delivery_period").set_value(366).run()
    unfold(test, "delivery_correct")
    keyed(test.selectbox, "delivery_wrong").set_value(season.delivered[3]).run()
    keyed(test.text_input, "delivery_reason_").set_value("x").run()
    test.button(key="delivery_reverse").click().run()
    assert "Pengelola membatalkannya bersama pembagian itu." in words(test)


def test_a_cancelled_slip_says_so_wherever_it_is_shown(season: Season) -> None:
    sale_id = sold(season, paid=("Siti",))
    with writing(season.coop) as session:
        siti = make.user(session, Role.MEMBER, name="Siti", member_id=season.members["Siti"])
        treasurer = make.user(session, Role.TREASURER, name="Tuti")
        reversals.reverse_settlement(session, sale_id, reason="Rahasia dapur", on=DAY)
        row = slip_of(session, season, "Siti", void=True)
        slip_id, code = row.id, row.code
    mine = screen(season.coop, siti, "slips")
    assert "dibatalkan" in words(mine)
    assert "Rp0" in words(mine)  # what the cooperative owes her
    keyed(mine.button, f"slip_{slip_id}").click().run()
    assert "Slip ini tidak dibayar lagi." in words(mine)
    assert "Rahasia dapur" in words(mine)
    assert not mine.exception
    office = screen(season.coop, treasurer, "slips")
    assert not office.exception
    assert "Setiap slip sudah dibayar." in words(office) or "Rp0" in words(office)
    assert not screen(season.coop, siti, "passport").exception
    with db.reading(season.coop) as session:
        story = slips.slip(session, slip_id)
        assert isinstance(story, Story)
    paper = slip_words(story, LETTER)
    assert paper["void"] == "DIBATALKAN"
    assert "2 Maret 2026: Rahasia dapur" in paper["warnings"][0]
    assert slip(story, LETTER).startswith(b"%PDF")
    assert "DIBATALKAN" in texts.slip(story, LETTER)
    page = Browser().get(code_rules.path(season.coop, code)).text
    assert "sudah dibatalkan" in page
    assert "Dibatalkan pada" in page
    for secret in ("Rahasia dapur", "2.554.127", "Siti"):
        assert secret not in page


def test_lists_and_sums_leave_cancelled_slips_out(season: Season) -> None:
    sale_id = sold(season, paid=("Siti",))
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
        assert slips.slips(session, unpaid_only=True) == []
        sales.settle(session, sale_id, on=DAY)
        owed = [row.slip.net_value_rp for row in slips.slips(session, unpaid_only=True)]
        assert sorted(owed) == [973_100, 1_193_669]
        every = session.exec(select(Slip).where(col(Slip.voided_on).is_(None))).all()
        assert len(every) == 3
        assert len(session.exec(select(Member)).all()) == 3
