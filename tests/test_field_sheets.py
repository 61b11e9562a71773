"""Field sheets: numbered rows in one order, typed back once, faults named by their number."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.deliveries import NotYetReceived
from kopprod.domain.field_sheets import MOST_TURNS, TurnUnknown, mark, row_key
from kopprod.domain.measures import Measure
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.papers.field_sheets import field_sheet
from kopprod.services import field_sheets, measures, members
from kopprod.services.field_sheets import FieldSheet
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member, MemberProduct
from tests import make
from tests.screens import screen, words
from tests.seasons import DAY, KG, Season, writing
from tests.test_papers import LETTER, text_of
from tests.test_papers_screen import labels


def sheet(season: Season, *, turn: int = 1) -> FieldSheet:
    with db.reading(season.coop, person=make.OFFICER) as session:
        return field_sheets.sheet(session, product_id=season.product_id, on=DAY, turn=turn)


def keep(
    session: Session, season: Season, name: str = "Siti", *, turn: int = 1, kg: int = 50,
    received_on: date = DAY,
) -> Delivery:  # fmt: skip
    return field_sheets.keep_row(
        session, product_id=season.product_id, member_id=season.members[name],
        grade_id=season.grade_a, weights=[kg * KG, 40 * KG], tare_each=200,
        received_on=received_on, turn=turn, on=DAY,
    )  # fmt: skip


def deliveries_of(season: Season) -> list[Delivery]:
    with db.reading(season.coop) as session:
        return list(session.exec(select(Delivery).where(Delivery.id > 4)).all())


@given(st.lists(st.integers(1, 10**6), unique=True, min_size=2), st.integers(1, 99))
def test_a_mark_knows_members_and_their_order(ids: list[int], product_id: int) -> None:
    assert mark(product_id, ids) == mark(product_id, ids)
    assert len(mark(product_id, ids)) == 4
    assert row_key(product_id, DAY, 1, ids[0]) != row_key(product_id, DAY, 1, ids[1])


def test_another_list_has_another_mark() -> None:
    assert len({mark(1, [1, 2]), mark(1, [2, 1]), mark(2, [1, 2]), mark(1, [1, 2, 3])}) == 4


@pytest.mark.parametrize("turn", [0, -1, MOST_TURNS + 1])
def test_a_day_has_so_many_sheets(turn: int) -> None:
    with pytest.raises(TurnUnknown):
        row_key(1, DAY, turn, 1)


def test_rows_stand_by_village_and_name_and_without_who_left(season: Season) -> None:
    with writing(season.coop) as session:
        far = make.village(session, "Wonosari").id
        near = make.village(session, "Banjar").id
        for name, village_id in (("Siti", far), ("Budi", near), ("Made", near)):
            session.get_one(Member, season.members[name]).village_id = village_id
        gone = make.member(session, "Agus", village_id=near)
        members.leave(session, gone.id, on=DAY, reason="Pindah")

    rows = sheet(season).rows
    assert [(row.place, row.member.name, row.village) for row in rows] == [
        (1, "Budi", "Banjar"),
        (2, "Made", "Banjar"),
        (3, "Siti", "Wonosari"),
    ]


def test_only_who_makes_it_stands_on_it_where_that_is_known(season: Season) -> None:
    with writing(season.coop) as session:
        session.add(MemberProduct(member_id=season.members["Made"], product_id=season.product_id))

    assert [row.member.name for row in sheet(season).rows] == ["Made"]


def test_a_row_sent_again_doubles_nothing(season: Season) -> None:
    for _again in range(3):
        with writing(season.coop, make.OFFICER) as session:
            keep(session, season)

    (delivery,) = deliveries_of(season)
    assert (delivery.gross, delivery.tare, delivery.net) == (90_000, 400, 89_600)
    kept = {row.member.name: row.kept for row in sheet(season).rows}
    assert kept["Siti"] is not None and kept["Siti"].id == delivery.id
    assert kept["Budi"] is None
    assert all(row.kept is None for row in sheet(season, turn=2).rows)


def test_another_figure_for_a_kept_row_is_refused_and_a_second_sheet_is_not(
    season: Season,
) -> None:
    with writing(season.coop, make.OFFICER) as session:
        keep(session, season)
    with pytest.raises(FormKeptOtherwise), writing(season.coop, make.OFFICER) as session:
        keep(session, season, kg=51)
    with writing(season.coop, make.OFFICER) as session:
        keep(session, season, turn=2, kg=51)

    assert len(deliveries_of(season)) == 2


def test_a_day_that_has_not_come_is_refused(season: Season) -> None:
    with pytest.raises(NotYetReceived), writing(season.coop, make.OFFICER) as session:
        keep(session, season, received_on=DAY + timedelta(days=1))


def test_only_who_receives_has_a_sheet(season: Season) -> None:
    with pytest.raises(NotAllowed), db.reading(season.coop, person=make.TREASURER) as session:
        field_sheets.sheet(session, product_id=season.product_id, on=DAY)


def test_the_paper_has_a_numbered_row_for_each_member_and_some_more(season: Season) -> None:
    found = sheet(season)
    said = text_of(field_sheet(found, [Measure.MOISTURE], LETTER))

    for part in ("Lembar lapangan", f"Lembar 1 · {found.mark}", "Gabah", "2 Maret 2026",
                 "1 Budi A-Budi", "3 Siti A-Siti", "7", "Kadar air", "Tanda tangan"):  # fmt: skip
        assert part in said, part
    many = replace(found, rows=[replace(found.rows[0], place=n) for n in range(1, 61)])
    assert "60 Budi" in text_of(field_sheet(many, [], LETTER))


# The screen


@pytest.fixture
def officer(season: Season, monkeypatch: pytest.MonkeyPatch) -> Person:
    for module in ("kopprod.ui", "kopprod.ui.field_sheets", "kopprod.ui.papers"):
        monkeypatch.setattr(f"{module}.today", lambda: DAY)
    with writing(season.coop) as session:
        return make.user(session, Role.OFFICER, name="Oman")


def field(season: Season, name: str) -> str:
    return f"sheet_{season.product_id}_{DAY}_1_{season.members[name]}"


def type_in(test: AppTest, season: Season, **typed: str) -> AppTest:
    for name, text in typed.items():
        test.text_input(key=field(season, name)).input(text).run()
    return test


def test_rows_are_typed_back_and_a_faulty_one_takes_nothing_with_it(
    season: Season, officer: Person
) -> None:
    test = screen(season.coop, officer, "field_sheets")
    assert not test.exception
    assert "Cetak lembar lapangan (PDF)" in labels(test)
    test.text_input(key=f"sheet_tare_{season.product_id}").input("60 kg").run()
    type_in(test, season, Budi="50,5 51", Made="70 80", Siti="1.5")
    test.button(key="sheet_keep").click().run()

    said = words(test)
    assert not test.exception
    assert "**Baris 1, Budi**" in said  # 60 kg of tare for a sack of 50,5 kg
    assert "1 dari 2 baris tersimpan." in said
    assert [(row.member_id, row.net) for row in deliveries_of(season)] == [
        (season.members["Made"], 30_000)
    ]

    test.text_input(key=f"sheet_tare_{season.product_id}").input("").run()
    test.button(key="sheet_keep").click().run()
    assert not test.exception
    assert {row.member_id: row.net for row in deliveries_of(season)} == {
        season.members["Made"]: 30_000,
        season.members["Budi"]: 101_500,
    }
    assert "2. Made · A-Made: tersimpan sebagai SET-2026-0005, 30 kg" in words(test)


def test_a_row_without_a_measure_that_is_needed_is_named(season: Season, officer: Person) -> None:
    with writing(season.coop) as session:
        measures.ask(session, season.product_id, measure=Measure.MOISTURE, required=True)
    test = type_in(screen(season.coop, officer, "field_sheets"), season, Budi="50")
    test.button(key="sheet_keep").click().run()
    assert "Mutu atau hasil ukurnya belum diisi." in words(test)
    assert deliveries_of(season) == []

    key = f"delivery_measure_moisture_{field(season, 'Budi')}"
    test.text_input(key=key).input("14,5").run()
    test.button(key="sheet_keep").click().run()
    assert not test.exception
    assert len(deliveries_of(season)) == 1


def test_without_members_the_page_says_what_to_do(coop: str) -> None:
    with writing(coop) as session:
        who = make.user(session, Role.OFFICER, name="Oman")
    test = screen(coop, who, "field_sheets")

    assert not test.exception
    assert "Isi dulu anggota dan produk." in words(test)


def _page(test: AppTest) -> Any:
    (page,) = [one for one in test.selectbox if str(one.key).endswith("_page")]
    return page


def test_a_long_sheet_is_typed_back_page_by_page(
    season: Season, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kopprod.ui.show.PAGE_ROWS", 2)
    monkeypatch.setattr("kopprod.ui.field_sheets.PAGE_ROWS", 2)
    test = screen(season.coop, officer, "field_sheets")
    assert "Simpan dulu baris di satu halaman" in words(test)
    first = {one.key for one in test.text_input}
    _page(test).set_value(1).run()
    second = {one.key for one in test.text_input}

    rows = {field(season, name) for name in season.members}
    assert rows & first
    assert rows & second
    assert not rows & first & second
    assert not _page(test).disabled
    type_in(test, season, Siti="50")
    assert _page(test).disabled  # or what is typed would be forgotten
    test.button(key="sheet_keep").click().run()
    assert not test.exception
    assert [row.member_id for row in deliveries_of(season)] == [season.members["Siti"]]
    assert not _page(test).disabled
