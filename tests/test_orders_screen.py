"""Orders and debts on the screens: written down, filled, closed, reminded, and empty."""

import pytest
from streamlit.testing.v1 import AppTest

from kopprod import ui
from kopprod.domain.access import Person, Role
from kopprod.services import orders, sales
from tests import make
from tests.screens import screen, words
from tests.seasons import DAY, Season, open_sale, settled, writing
from tests.test_papers_screen import labels


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (
        "kopprod.ui", "kopprod.ui.ask", "kopprod.ui.orders", "kopprod.ui.sale_terms",
        "kopprod.ui.papers",
    ):  # fmt: skip
        monkeypatch.setattr(f"{module}.today", lambda: DAY)
    assert ui.today() == DAY


def user(coop: str, role: Role = Role.MANAGER) -> Person:
    with writing(coop) as session:
        return make.user(session, role, name=f"Ibu {role}")


def add(season: Season, quantity: int = 297_400) -> int:
    with writing(season.coop) as session:
        return orders.add_order(
            session, buyer_id=season.buyer_id, product_id=season.product_id, grade_id=None,
            quantity=quantity, price_e4=172_500_000, ordered_on=DAY, due_on=DAY, on=DAY,
        ).id  # fmt: skip


def opened(test: AppTest, **which: int) -> AppTest:
    for name, key in which.items():
        test.query_params[name] = str(key)
    return test.run()


def test_only_who_writes_orders_down_is_told_to(coop: str) -> None:
    assert "Catat yang pertama" in words(screen(coop, user(coop), "orders"))
    shown = words(screen(coop, user(coop, Role.TREASURER), "orders"))
    assert "setelah dicatat pengelola" in shown
    assert "Catat yang pertama" not in shown


@pytest.mark.parametrize("place", ["orders", "receivables"])
@pytest.mark.parametrize("role", [Role.MANAGER, Role.TREASURER, Role.SUPERVISOR])
def test_an_empty_cooperative_says_what_to_do(coop: str, place: str, role: Role) -> None:
    test = screen(coop, user(coop, role), place)

    assert not test.exception
    assert "muncul di sini" in words(test)


def test_a_manager_writes_an_order_down(season: Season) -> None:
    test = screen(season.coop, user(season.coop), "orders")
    turn = test.session_state["held_order"]
    key = f"order_{turn}_{season.product_id}"
    test.text_input(key=f"{key}_quantity").input("2,5 kuintal")
    test.text_input(key=f"{key}_price").input("17.250")
    test.text_input(key=f"{key}_reference").input("PO 77")
    test.date_input(key=f"{key}_due").set_value(DAY).run()
    test.button(key="order_save").click().run()

    assert not test.exception
    said = words(test)
    assert "Pesanan PESAN-2026-0001 tercatat." in said
    assert "isi gudang cukup untuk 250 kg" in said


def test_an_order_is_filled_by_a_sale_and_closed(season: Season) -> None:
    order_id = add(season)
    who = user(season.coop)
    test = screen(season.coop, who, "sales")
    assert test.text_input(key=f"sale_{order_id}_price").value == "Rp17.250"
    test.text_input(key=f"sale_{order_id}_weight").input("297,4").run()
    test.button(key="sale_open").click().run()
    assert not test.exception
    with writing(season.coop) as session:
        (row,) = orders.orders(session)
        assert row.prepared == 300_700

    test = opened(screen(season.coop, who, "orders"), order=order_id)
    assert "JUAL-2026-0001" in " ".join(link.proto.label for link in test.get("page_link"))
    assert not [button for button in test.button if button.key == f"order_cancel_{order_id}"]
    test.button(key=f"order_close_{order_id}").click().run()
    assert "Pesanan PESAN-2026-0001 ditutup." in words(test)
    test.button(key=f"order_reopen_{order_id}").click().run()
    assert "terbuka lagi" in words(test)


def test_an_order_is_corrected_and_cancelled(season: Season) -> None:
    order_id = add(season)
    test = opened(screen(season.coop, user(season.coop), "orders"), order=order_id)
    test.text_input(key=f"order_{order_id}_quantity").input("5 ton").run()
    test.button(key=f"order_{order_id}_keep").click().run()
    assert "Pesanan PESAN-2026-0001 sudah diperbaiki." in words(test)
    assert "5.000 kg" in words(test)
    test.button(key=f"order_cancel_{order_id}").click().run()
    assert "Pesanan PESAN-2026-0001 dibatalkan." in words(test)
    test = screen(season.coop, user(season.coop, Role.OFFICER), "orders")
    assert not test.exception
    assert "order_save" not in [button.key for button in test.button]


def test_what_is_short_is_said(season: Season) -> None:
    add(season, quantity=1_000_000)
    test = screen(season.coop, user(season.coop), "orders")

    assert not test.exception
    assert (
        "masih kurang 699,3 kg untuk memenuhi janji, yang pertama paling lambat 2 Maret 2026"
        in words(test)
    )


def test_debts_are_seen_reminded_and_the_buyer_corrected(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)
    test = screen(season.coop, user(season.coop), "receivables")
    assert not test.exception
    said = words(test)
    assert "Rp5.130.150" in said
    assert "Sama dengan akun 1120 di jurnal: Rp5.130.150." in said
    assert {"Unduh CSV", "Unduh XLSX"} <= set(labels(test))

    test.selectbox(key="buyer").set_value(season.buyer_id).run()
    assert "Yth. PB Sri Rejeki" in test.code[0].value
    key = f"buyer_{season.buyer_id}"
    test.text_input(key=f"{key}_term").input("dua minggu").run()
    test.button(key=f"{key}_keep").click().run()
    assert "dua minggu bukan jumlah hari" in words(test)
    test.text_input(key=f"{key}_term").input("14").run()
    test.button(key=f"{key}_keep").click().run()
    assert "Data PB Sri Rejeki sudah diperbaiki." in words(test)
    assert "membayar dalam 14 hari" in words(test)
    test.button(key=f"{key}_switch").click().run()
    assert "PB Sri Rejeki dinonaktifkan." in words(test)


def test_a_buyer_is_added_before_any_sale(coop: str) -> None:
    test = screen(coop, user(coop), "orders")
    test.text_input(key="new_buyer_0").input("CV Beras Jaya").run()
    test.button(key="new_buyer_add").click().run()

    assert not test.exception
    assert "CV Beras Jaya" in words(test)


def test_a_sale_has_its_note_and_its_invoice(season: Season) -> None:
    with writing(season.coop) as session:
        open_sale(session, season)
    who = user(season.coop)
    test = opened(screen(season.coop, who, "sales"), sale=1)
    assert "Surat jalan (PDF)" in labels(test)
    assert "Tagihan (PDF)" not in labels(test)
    with writing(season.coop) as session:
        sales.settle(session, 1, on=DAY)
    test = opened(screen(season.coop, who, "sales"), sale=1)
    assert not test.exception
    assert "Tagihan (PDF)" in labels(test)
