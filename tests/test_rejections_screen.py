"""The paper of a load that was not taken: at the scale, in the book, and in her passport."""

import pytest

from kopprod import db, ui
from kopprod.domain.access import Person, Role
from kopprod.papers import rejections as papers
from kopprod.services import rejections
from kopprod.services.rejections import Rejected
from tests import make
from tests.screens import screen, unfold
from tests.seasons import DAY, Season, writing
from tests.test_papers import LETTER, text_of
from tests.test_papers_screen import labels


@pytest.fixture
def refused(season: Season, monkeypatch: pytest.MonkeyPatch) -> Season:
    monkeypatch.setattr(ui, "today", lambda: DAY)
    with writing(season.coop) as session:
        rejections.reject(
            session,
            member_id=season.members["Siti"],
            product_id=season.product_id,
            reason="Terlalu basah, *jemur* #dulu",
            brought_on=DAY,
            on=DAY,
            gross=50_000,
        )
    return season


def row_of(season: Season, person: Person = make.OFFICER) -> Rejected:
    with db.reading(season.coop, person=person) as session:
        (row,) = rejections.rejected(session, since=DAY)
    return row


def user(season: Season, *roles: Role, member: str = "") -> Person:
    with writing(season.coop) as session:
        member_id = season.members[member] if member else None
        return make.user(session, *roles, name=member or "Oman", member_id=member_id)


def test_its_paper_and_its_text_say_who_what_and_why(refused: Season) -> None:
    row = row_of(refused)
    printed, sent = text_of(papers.receipt(row, LETTER)), papers.text(row, LETTER)

    for said in (printed, sent):
        for part in (
            "Koperasi Tani Makmur",
            "Muatan tidak diterima",
            "TOLAK-2026-0001",
            "Siti",
            "2 Maret 2026",
            "Gabah",
            "50 kg",
            "Terlalu basah, *jemur* #dulu",
            "Tidak dibayar dan tidak masuk gudang",
        ):
            assert part in said, (part, said)
    assert "Kode" not in printed + sent  # nothing can be asked for on it


def test_an_unweighed_load_has_a_paper_too(refused: Season) -> None:
    row = row_of(refused)
    row.load.gross = None

    assert "Kotor" not in text_of(papers.receipt(row, LETTER))
    assert "kg" not in papers.text(row, LETTER)


@pytest.mark.parametrize("part", ["receive", "book"])
def test_the_officer_finds_it_at_the_scale_and_in_the_book(refused: Season, part: str) -> None:
    test = screen(refused.coop, user(refused, Role.OFFICER), "deliveries")
    test.session_state["delivery_part"] = part
    if part == "book":
        test.session_state["delivery_period"] = 366
    unfold(test.run(), "rejections")

    assert not test.exception
    assert "Unduh PDF" in labels(test)
    assert any("TOLAK-2026-0001" in code.value for code in test.code)


def test_the_member_finds_it_in_her_passport(refused: Season) -> None:
    test = screen(refused.coop, user(refused, Role.MEMBER, member="Siti"), "passport")
    test.session_state["passport_part"] = "ditolak"
    unfold(test.run(), "rejections")

    assert not test.exception
    assert any("jemur" in str(html.proto.body) for html in test.get("html"))
    assert any("TOLAK-2026-0001" in code.value for code in test.code)
    other = screen(refused.coop, user(refused, Role.MEMBER, member="Budi"), "passport")
    assert "TOLAK" not in str(other.main)
