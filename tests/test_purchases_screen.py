"""Pooled purchases on the screens: set up, wanted on a phone, planned, fixed, opened again."""

import pytest
from streamlit.testing.v1 import AppTest

from kopprod import ui
from kopprod.domain.access import Person, Role
from kopprod.domain.money import E4
from kopprod.services import purchases
from tests import make
from tests.pooled import Pool, all_say, says, set_up
from tests.screens import screen, words
from tests.seasons import DAY, writing


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("kopprod.ui", "kopprod.ui.purchase_setup", "kopprod.ui.purchase_plan"):
        monkeypatch.setattr(f"{module}.today", lambda: DAY)
    monkeypatch.setattr("kopprod.ui.purchase_wants.now", lambda: make.AT)
    assert ui.today() == DAY


def manager(coop: str) -> Person:
    with writing(coop) as session:
        return make.user(session, Role.MANAGER, name="Ibu Citra")


def member(pool: Pool, name: str) -> Person:
    with writing(pool.coop) as session:
        return make.user(session, Role.MEMBER, name=name, member_id=pool.members[name])


def opened(coop: str, who: Person, purchase_id: int) -> AppTest:
    test = screen(coop, who, "purchases")
    test.query_params["purchase"] = str(purchase_id)
    return test.run()


def field(test: AppTest, ending: str) -> str:
    [key] = [one.key for one in test.text_input if one.key and one.key.endswith(ending)]
    return key


def test_a_member_says_what_she_wants_and_sees_bill_and_saving_at_once(pool: Pool) -> None:
    with writing(pool.coop) as session:
        for minute, name in enumerate(("Budi", "Made", "Yohana", "Rahmat")):
            sacks = {"Budi": 3, "Made": 12, "Yohana": 5, "Rahmat": 10}[name]
            says(session, pool, name, sacks, minute=minute)
    siti = member(pool, "Siti")
    assert "Belanja bersama: Urea musim tanam, tinggal 10 hari" in " ".join(
        one.proto.label for one in screen(pool.coop, siti).get("page_link")
    )
    test = opened(pool.coop, siti, pool.purchase_id)
    assert not test.exception
    assert "4 anggota memesan 30 karung" in words(test)
    test.text_input(key=field(test, "_firm")).input("7").run()
    assert "Rp2.059.907" in words(test)
    assert "Anda hemat Rp75.093" in words(test)
    test.button(key=f"want_keep_{pool.article_id}").click().run()

    assert not test.exception
    assert "Tersimpan: 7 karung Urea di BELI-2026-0001." in words(test)
    assert "Pesanan saya" in words(test)
    assert "Budi" not in words(test)
    test.button(key=f"want_none_{pool.article_id}").click().run()
    assert "tidak memesan Urea lagi" in words(test)


def test_a_highest_price_that_is_too_low_is_said_before_it_is_kept(pool: Pool) -> None:
    test = opened(pool.coop, member(pool, "Siti"), pool.purchase_id)
    test.text_input(key=field(test, "_firm")).input("250 kg").run()
    test.text_input(key=field(test, "_highest")).input("290 ribu").run()

    assert not test.exception
    assert "Anda tidak ikut" in words(test)
    test.text_input(key=field(test, "_firm")).input("75 kg").run()
    assert "per karung utuh" in words(test)


def test_the_manager_sees_the_plan_fixes_it_and_opens_it_again(pool: Pool) -> None:
    with writing(pool.coop) as session:
        all_say(session, pool)
        says(session, pool, "Siti", 8, highest_e4=100_000 * E4, minute=9)
    test = opened(pool.coop, manager(pool.coop), pool.purchase_id)
    assert not test.exception
    assert "Siti tidak ikut" in words(test)
    test.button(key="purchase_lock").click().run()
    assert not test.exception
    assert "BELI-2026-0001: pesanan dan kemasan sudah ditetapkan." in words(test)
    siti = words(opened(pool.coop, member(pool, "Siti"), pool.purchase_id))
    assert "Nota Anda tampil di sini setelah barang datang dan dibagi." in siti
    test.button(key="purchase_reopen").click().run()
    assert "BELI-2026-0001 menerima pesanan lagi." in words(test)
    test.text_input(key="purchase_cancel_reason").input("Pemasok tutup").run()
    test.button(key="purchase_cancel").click().run()
    assert "Dibatalkan: Pemasok tutup" in words(test)


def test_a_plan_that_breaks_a_rule_is_refused_and_given_up(pool: Pool) -> None:
    with writing(pool.coop) as session:
        all_say(session, pool)
    test = opened(pool.coop, manager(pool.coop), pool.purchase_id)
    test.number_input(key=f"plan_packs_{pool.offer_id}").set_value(40).run()
    test.button(key="plan_look").click().run()

    assert not test.exception
    assert len(test.error) == 1
    assert "37" in words(test)


def test_a_purchase_is_set_up_on_the_screen(coop: str) -> None:
    test = screen(coop, manager(coop), "purchases")
    test.text_input(key="article_new_name").input("Urea")
    test.text_input(key="article_new_word").input("karung")
    test.text_input(key="article_new_size").input("50 kg").run()
    test.button(key="article_new_keep").click().run()
    test.text_input(key="supplier_new_name").input("UD Tani").run()
    test.button(key="supplier_new_keep").click().run()
    turn = test.session_state["held_purchase"]
    test.text_input(key=f"purchase_{turn}_title").input("Pupuk").run()
    test.button(key="purchase_add").click().run()
    assert not test.exception
    assert "BELI-2026-0001 sedang disiapkan" in words(test)
    test.selectbox(key="article_more").set_value(1).run()
    test.text_input(key="article_1_1_shop").input("305.000").run()
    test.button(key="article_1_1_keep").click().run()
    test.text_input(key="offer_new_1_1_1_tiers").input("1-9 305000; 20- 295000").run()
    assert len(test.error) == 1  # a gap
    test.text_input(key="offer_new_1_1_1_tiers").input("1-9 305000; 10- 295000").run()
    test.button(key="offer_add").click().run()
    test.button(key="purchase_open").click().run()

    assert not test.exception
    assert "dibuka untuk pesanan" in words(test)


def test_an_officer_says_it_for_a_member(pool: Pool) -> None:
    with writing(pool.coop) as session:
        officer = make.user(session, Role.OFFICER, name="Oman")
    test = opened(pool.coop, officer, pool.purchase_id)
    test.selectbox(key="want_member").set_value(pool.members["Budi"]).run()
    test.text_input(key=field(test, "_firm")).input("3").run()
    test.button(key=f"want_keep_{pool.article_id}").click().run()

    assert not test.exception
    assert "Tersimpan: 3 karung Urea" in words(test)
    assert "purchase_lock" not in [one.key for one in test.button]


@pytest.mark.parametrize("role", Role)
def test_a_draft_is_for_the_office_only(coop: str, role: Role) -> None:
    with writing(coop) as session:
        purchase_id = set_up(session)[0]
        who = make.user(session, role, name="Ayu")
    test = opened(coop, who, purchase_id)

    assert not test.exception
    assert ("Urea musim tanam" in words(test)) == (role is not Role.MEMBER)


def test_what_was_called_off_says_why(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Siti", 2)
        purchases.cancel(session, pool.purchase_id, reason="Terlalu sedikit")
    test = opened(pool.coop, member(pool, "Siti"), pool.purchase_id)

    assert not test.exception
    assert "Dibatalkan: Terlalu sedikit" in words(test)
