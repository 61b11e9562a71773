"""Papers on the screens: buttons that make a file when pressed, and texts to send."""

from urllib.parse import unquote

import pytest
from streamlit.testing.v1 import AppTest

from kopprod import ui
from kopprod.domain.access import Person, Role
from kopprod.tables.members import Member
from tests import make
from tests.screens import screen, unfold
from tests.seasons import Season, settled, writing


def labels(test: AppTest) -> list[str]:
    """What the buttons for files say."""
    return [element.proto.label for element in test.get("download_button")]


def links(test: AppTest) -> list[str]:
    """Where the buttons that are links lead."""
    return [element.proto.url for element in test.get("link_button")]


def user(season: Season, *roles: Role, member: str = "") -> Person:
    with writing(season.coop) as session:
        member_id = season.members[member] if member else None
        return make.user(session, *roles, name=member or "Oman", member_id=member_id)


def test_a_member_sends_herself_her_slip(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)
        session.get_one(Member, season.members["Siti"]).phone = "+6282212345678"
    test = screen(season.coop, user(season, Role.MEMBER, member="Siti"), "slips")
    test.query_params["slip"] = "1"
    test.run()

    assert not test.exception
    assert "Unduh PDF" in labels(test)
    (chat,) = (url for url in links(test) if "wa.me" in url)
    assert chat.startswith("https://wa.me/6282212345678?text=")
    assert "SLIP-2026-0001" in unquote(chat)
    assert "Anda menerima Rp2.554.127." in test.code[0].value


def test_without_a_phone_there_is_a_text_and_no_chat(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)
    test = screen(season.coop, user(season, Role.TREASURER), "slips")
    test.query_params["slip"] = "2"
    test.run()

    assert "SLIP-2026-0002" in test.code[0].value
    assert not [url for url in links(test) if "wa.me" in url]


def test_a_settled_sale_has_its_proof(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
    test = screen(season.coop, user(season, Role.MANAGER), "sales")
    test.query_params["sale"] = str(sale.id)
    test.run()

    assert not test.exception
    assert "Bukti pembagian (PDF)" in labels(test)


def test_the_newest_receipt_is_at_hand_at_the_scale(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui, "today", lambda: make.TODAY)
    test = screen(season.coop, user(season, Role.OFFICER), "deliveries")
    unfold(test, "receipts")

    assert not test.exception
    assert "Unduh PDF" in labels(test)
    newest = season.delivered[-1]
    assert f"/struk/{newest}" in links(test)
    assert "SET-2026-0004" in test.code[0].value
    test.selectbox(key=f"receipt_of_{newest}").set_value(season.delivered[0]).run()
    assert "SET-2026-0001" in test.code[0].value
