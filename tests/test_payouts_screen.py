"""The page of payouts: draw up, pay, take off; advances; agreements; files for the bank."""

from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.domain.ledger import CASH
from kopprod.domain.members import AccountKind
from kopprod.domain.payouts import Agreed, BatchKind, DeductionKind
from kopprod.domain.transfers import EXAMPLES
from kopprod.papers import texts
from kopprod.papers.press import Letterhead
from kopprod.papers.slips import slip_words
from kopprod.services import advances, deductions, payouts, slips, transfers, yarnen
from kopprod.tables.members import Member
from tests import make
from tests.payday import DUES, LOAN, Payday, clean
from tests.screens import screen, words
from tests.seasons import DAY, bring, writing


def opened(payday: Payday, who: Person | None = None, view: str = "waiting") -> AppTest:
    test = screen(payday.coop, who or payday.treasurer, "payouts")
    if view != "waiting":
        test.session_state["payouts_view"] = view
        test.run()
    assert not test.exception
    return test


def test_a_list_is_drawn_up_and_paid_on_the_screen(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000), Agreed(DUES, 2, 10_000))
    test = opened(payday)
    said = words(test)
    assert "Rp4.510.896" in said  # 4.720.896 less 210.000
    assert "**3** slip: nilai bersih Rp4.720.896" in said
    test.button(key="list_draw").click().run()
    said = words(test)
    assert "Daftar BAYAR-2026-0001 sudah dibuat." in said
    assert "cicilan pinjaman Rp200.000" in said
    budi = payday.slip_ids["Budi"]
    test.button(key=f"list_paid_{budi}").click().run()
    assert "SLIP-2026-0002: Rp1.193.669 dibayar kepada Budi." in words(test)
    assert "tidak mengubah apa pun" not in words(test)
    siti = payday.slip_ids["Siti"]
    test.button(key=f"list_off_{siti}").click().run()
    assert "atas nama Siti keluar dari daftar" in words(test)
    made = payday.slip_ids["Made"]
    test.button(key=f"list_paid_{made}").click().run()
    assert "Selesai pada" in words(test)
    assert not test.exception
    assert clean(payday.coop) == []


def test_a_slip_on_a_list_says_so_and_keeps_its_settlement(payday: Payday) -> None:
    opened(payday).button(key="list_draw").click().run()
    siti = payday.slip_ids["Siti"]
    test = screen(payday.coop, payday.treasurer, "slips")
    options = [one for box in test.selectbox for one in box.options]
    assert any("di daftar BAYAR-2026-0001" in option for option in options)
    test.query_params["slip"] = str(siti)
    test.run()
    assert "Belum dibayar. Ada di daftar bayar BAYAR-2026-0001." in words(test)
    with payday.acting() as session:
        story = slips.slip(session, siti)
    letter = Letterhead(payday.coop, "Koperasi", "id", DAY)
    assert slip_words(story, letter)["paid"].endswith("BAYAR-2026-0001.")
    assert "BAYAR-2026-0001" in texts.slip(story, letter)
    test = screen(payday.coop, payday.manager, "sales")
    test.query_params["sale"] = str(payday.sale_id)
    test.run()
    assert "ada di daftar bayar BAYAR-2026-0001 yang belum selesai" in words(test)
    test.text_input(key=f"settlement_why_{payday.sale_id}").set_value("Salah").run()
    (cancel,) = [one for one in test.button if (one.key or "").startswith("settlement_reverse_")]
    assert cancel.disabled
    assert not test.exception


def test_a_press_on_a_list_that_changed_meanwhile_pays_nobody(payday: Payday) -> None:
    with payday.acting() as session:
        ids = list(payday.slip_ids.values())
        batch = payouts.draw_up(session, ids, kind=BatchKind.CASH, account=CASH, on=DAY)
    test = screen(payday.coop, payday.treasurer, "payouts")
    test.query_params["list"] = str(batch.id)
    test.run()
    siti = payday.slip_ids["Siti"]
    with payday.acting() as session:
        payouts.take_off(session, siti, on=DAY)
    test.button(key=f"list_paid_{siti}").click().run()
    assert "tombol yang Anda tekan tidak mengubah apa pun" in words(test)
    with db.reading(payday.coop) as session:
        assert payday.slip(session, "Siti").paid_on is None
    test.run()
    test.checkbox(key=f"list_sure_{batch.id}_2").check().run()
    test.button(key=f"list_all_{batch.id}").click().run()
    assert "Daftar BAYAR-2026-0001 sudah dibayar." in words(test)
    assert not test.exception


def test_a_list_for_the_bank_names_who_is_left_out_and_has_a_file(payday: Payday) -> None:
    with payday.acting(make.MANAGER) as session:
        row = session.get_one(Member, payday.season.members["Siti"])
        row.account_kind, row.account_provider = AccountKind.BANK, "Bank Desa"
        row.account_number, row.account_holder = "0012345678", "SITI"
    test = opened(payday)
    test.radio(key="list_kind").set_value(BatchKind.TRANSFER).run()
    assert "Tidak ikut" in words(test)
    assert "Budi, Made" in words(test)
    test.button(key="list_draw").click().run()
    assert "Belum ada susunan berkas." in words(test)
    with payday.acting() as session:
        transfers.keep(session, name="Bank Desa", layout=EXAMPLES["Plain file for a bank"])
    test.run()
    assert "0012345678" in words(test)
    assert "1 baris, berjumlah Rp2.554.127" in words(test)
    assert not test.exception


def test_a_format_begins_with_an_example(payday: Payday) -> None:
    test = opened(payday, view="formats")
    test.button(key="format_example_0").click().run()
    assert "Susunan Berkas sederhana untuk bank tersimpan." in words(test)
    with db.reading(payday.coop, person=payday.treasurer) as session:
        [kept] = transfers.formats(session)
    test.button(key=f"format_keep_{kept.row.id}").click().run()
    assert not test.exception
    test.button(key=f"format_off_{kept.row.id}").click().run()
    assert "tidak ditawarkan lagi" in words(test)


def test_an_agreement_is_written_on_the_screen(payday: Payday) -> None:
    test = opened(payday, view="agreements")
    siti = payday.season.members["Siti"]
    test.selectbox(key="agree_member").set_value(siti).run()
    said = words(test)
    assert "Anggota ini belum menyepakati apa pun" in said
    assert "Rp2.000.000" in said
    kinds = next(one for one in test.multiselect if str(one.key).startswith("agree_"))
    kinds.set_value([DUES, LOAN]).run()
    for field in test.text_input:
        if str(field.key).endswith(f"_{DUES}"):
            field.set_value("10 ribu")
        if str(field.key).endswith("_cap"):
            field.set_value("25 %")
    test.run()
    next(one for one in test.button if str(one.key).endswith("_keep")).click().run()
    assert "Kesepakatan Siti tersimpan." in words(test)
    with db.reading(payday.coop, person=payday.treasurer) as session:
        terms = deductions.terms(session, siti)
        assert (terms.most_bp, terms.agreed) == (
            2_500,
            [Agreed(DUES, 1, 10_000), Agreed(LOAN, 2)],
        )
    assert not test.exception


def test_an_advance_is_paid_and_taken_back_on_the_screen(payday: Payday) -> None:
    with writing(payday.coop, payday.manager) as session:
        lot = bring(session, payday.season, "Made", 100_000)
    test = opened(payday, view="advances")
    test.selectbox(key="advance_delivery").set_value(lot).run()
    assert "Rp862.500" in words(test)
    test.text_input(key=f"advance_amount_{lot}_0").set_value("500 ribu").run()
    test.button(key=f"advance_pay_{lot}").click().run()
    assert "PANJAR-2026-0001: Rp500.000 dibayar kepada Made." in words(test)
    with db.reading(payday.coop, person=payday.treasurer) as session:
        [paid] = advances.advances(session)
    advance_id = paid.advance.id
    test.selectbox(key="advance_open").set_value(advance_id).run()
    assert "Panjar PANJAR-2026-0001" in test.code[0].value
    test.text_input(key=f"advance_why_{advance_id}").set_value("Salah orang")
    test.button(key=f"advance_back_{advance_id}").click().run()
    assert "Panjar PANJAR-2026-0001 dibatalkan." in words(test)
    assert not test.exception


def test_one_slip_is_paid_with_what_is_taken_before_the_eyes(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000))
    test = screen(payday.coop, payday.treasurer, "slips")
    siti = payday.slip_ids["Siti"]
    test.selectbox(key="pay_slip").set_value(siti).run()
    said = words(test)
    assert "sisa utang Rp1.800.000" in said
    assert "Rp2.354.127" in said
    payday.agree("Siti", Agreed(LOAN, 1, 300_000))  # meanwhile, by somebody else
    test.button(key=f"pay_now_{siti}").click().run()
    with db.reading(payday.coop) as session:
        assert payday.slip(session, "Siti").received_rp in (None, 2_254_127)
    assert not test.exception


def test_a_member_reads_what_was_taken_of_her_slip_and_what_she_agreed_to(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000))
    with payday.acting() as session:
        slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY)
        siti = make.user(session, Role.MEMBER, name="Siti", member_id=payday.season.members["Siti"])
    test = screen(payday.coop, siti, "slips")
    assert "cicilan pinjaman" in words(test)
    test.button(key=f"slip_{payday.slip_ids['Siti']}").click().run()
    said = words(test)
    assert "dipotong cicilan pinjaman" in said
    assert "Rp2.354.127" in said
    assert not test.exception


def test_the_supervisor_looks_and_presses_nothing(payday: Payday) -> None:
    with writing(payday.coop, make.MANAGER) as session:
        sari = make.user(session, Role.SUPERVISOR, name="Sari")
    for view in ("waiting", "lists", "advances", "agreements", "formats"):
        test = opened(payday, sari, view)
        assert {button.key for button in test.button} == {"language_side"}
    test = opened(payday, payday.manager)
    assert "jadi slipnya dibayar orang lain" in words(test)


def test_what_may_be_taken_is_nothing_for_a_stranger(payday: Payday) -> None:
    with db.reading(payday.coop, person=payday.treasurer) as session:
        siti = payday.season.members["Siti"]
        assert deductions.terms(session, siti) == deductions.Terms()
        assert deductions.debts(session, siti)[DeductionKind.LOAN] == 2_000_000


def test_the_manager_gives_a_member_a_limit_of_her_own(payday: Payday) -> None:
    siti = payday.season.members["Siti"]
    for typed, own_rp, said in (("750 ribu", 750_000, "khusus"), ("", None, "sama seperti")):
        test = opened(payday, payday.manager, view="agreements")
        test.selectbox(key="agree_member").set_value(siti).run()
        before = f"limit_{siti}_{None if typed else 750_000}"
        test.text_input(key=before).set_value(typed).run()
        test.button(key=f"{before}_keep").click().run()
        assert not test.exception
        assert said in words(test)
        with db.reading(payday.coop, person=payday.manager) as session:
            assert yarnen.own_limit_rp(session, siti) == own_rp
