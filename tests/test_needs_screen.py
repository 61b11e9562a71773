"""Needs and subsidised fertiliser on the screens: noted, taken back, bought, entitled."""

from streamlit.testing.v1 import AppTest

from kopprod.domain.access import Person, Role
from kopprod.domain.tiers import Tier
from kopprod.services import purchase_terms, subsidies
from kopprod.services.purchase_terms import Offered
from tests import make
from tests.pooled import Pool
from tests.screens import screen, words
from tests.seasons import writing


def user(coop: str, role: Role, name: str, member_id: int | None = None) -> Person:
    with writing(coop) as session:
        return make.user(session, role, name=name, member_id=member_id)


def note(test: AppTest, pool: Pool, member_id: int, typed: str) -> AppTest:
    test.pills(key=f"need_article_{member_id}").set_value(pool.article_id).run()
    [key] = [one.key for one in test.text_input if one.key and one.key.startswith("need_quantity_")]
    test.text_input(key=key).input(typed).run()
    return test.button(key="need_keep").click().run()


def test_a_member_notes_a_need_and_takes_it_back(pool: Pool) -> None:
    siti = pool.members["Siti"]
    test = screen(pool.coop, user(pool.coop, Role.MEMBER, "Siti", siti), "needs")
    assert "Belum ada catatan." in words(test)
    note(test, pool, siti, "150 kg")
    assert not test.exception
    assert "Tercatat: 3 karung Urea" in words(test)

    test.selectbox(key="need_back").select_index(0).run()
    test.button(key="need_back_1").click().run()
    assert not test.exception
    assert "Belum ada catatan." in words(test)


def test_needs_become_a_purchase_and_whose_did_not_are_named_with_the_reason(pool: Pool) -> None:
    with writing(pool.coop) as session:
        home = make.village(session).id
    ratna = user(pool.coop, Role.MANAGER, "Ratna")
    test = screen(pool.coop, ratna, "needs")
    siti = pool.members["Siti"]  # of no village, so that one for Sukamaju is not hers
    test.selectbox(key="need_member").select(siti).run()
    note(test, pool, siti, "3")
    test.text_input(key="need_title").input("Pupuk gadu")
    test.multiselect(key="need_villages").select(home)
    test.text_input(key=f"need_shop_{pool.article_id}").input("305.000").run()
    test.button(key="need_propose").click().run()
    assert not test.exception
    assert "BELI-2026-0002 sudah disiapkan" in words(test)
    with writing(pool.coop) as session:
        purchase_terms.add_offer(
            session, 2, supplier_id=pool.supplier_id, article_id=pool.article_id,
            offered=Offered(1, (Tier(1, None, 300_000),)),
        )  # fmt: skip

    test = screen(pool.coop, ratna, "purchases")
    test.query_params["purchase"] = "2"
    test.run().button(key="purchase_open").click().run()

    assert not test.exception
    assert "Kebutuhan ini belum menjadi pesanan." in words(test)
    assert "Belanja bersama BELI-2026-0002 bukan untuk desa Siti." in words(test)


def test_needs_and_subsidies_of_an_empty_cooperative_say_what_comes_first(coop: str) -> None:
    ratna = user(coop, Role.MANAGER, "Ratna")
    for place in ("needs", "subsidies"):
        test = screen(coop, ratna, place)
        assert not test.exception
        assert [one.value for one in test.info]


def test_the_manager_entitles_a_member_who_sees_what_is_left(pool: Pool) -> None:
    siti = pool.members["Siti"]
    test = screen(pool.coop, user(pool.coop, Role.MANAGER, "Ratna"), "subsidies")
    test.text_input(key="entitle_season").input("2026 MT1")
    test.selectbox(key="entitle_member").select(siti)
    test.text_input(key="entitle_quantity").input("112,5 kg").run()
    test.button(key="entitle_keep").click().run()
    assert not test.exception
    assert "Siti" in words(test)

    mine = screen(pool.coop, user(pool.coop, Role.MEMBER, "Siti", siti), "subsidies")
    assert not mine.exception
    assert "112,5 kg" in words(mine)
    assert "Rp90.000" in words(mine)  # a sack of urea, at the most
    budi = pool.members["Budi"]
    other = screen(pool.coop, user(pool.coop, Role.MEMBER, "Budi", budi), "subsidies")
    assert "112,5 kg" not in words(other)
    with writing(pool.coop) as session:
        (row,) = subsidies.entitlements(session, season="2026 MT1")
        assert row.left_g == 112_500
