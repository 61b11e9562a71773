"""What accounts hold: the same as adding up every line, without adding up what was before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, func, select

from kopprod import db
from kopprod.domain.access import Role
from kopprod.services import account_sums, books, ledger
from kopprod.services.account_sums import Held
from kopprod.tables.ledger import Line
from tests import make
from tests.screens import screen, words
from tests.test_books import BANK, CASH, DAY, FEE, income, opened, post, spending, writing
from tests.test_check import break_it

__all__ = ["opened"]


def added_up(session: Session, code: str) -> Held:
    of = select(func.coalesce(func.sum(col(Line.debit_rp) - col(Line.credit_rp)), 0), func.count())
    moved_rp, lines = session.exec(of.where(Line.account_code == code)).one()
    return Held(int(moved_rp), lines)


def looked_at(coop: str, code: str = CASH) -> int:
    with db.reading(coop, person=make.TREASURER) as session:
        held = account_sums.held(session, code)
        assert held == added_up(session, code)
        assert held.moved_rp == ledger.balance_rp(session, code)
    return held.moved_rp


@contextmanager
def asked(session: Session) -> Iterator[list[object]]:
    """What each statement was asked with."""
    seen: list[object] = []

    def note(*given: object) -> None:
        seen.append(given[3])

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def test_what_came_since_is_added(opened: str) -> None:
    assert looked_at(opened) == 0
    for day in range(3):
        with writing(opened) as session:
            entry = post(session, income(1_000), on=DAY - timedelta(days=day))
            post(session, income(70, to=BANK))
            post(session, spending(day)) if day else None
            assert account_sums.held(session, CASH) == added_up(session, CASH)
        assert looked_at(opened) == (1_000, 1_999, 2_997)[day]
        assert looked_at(opened, BANK) == 70 * (day + 1)
    with writing(opened) as session:
        ledger.reverse(session, entry.id, on=DAY, memo="Test")
    assert looked_at(opened) == 1_997


def test_only_what_came_since_is_asked_of_the_lines(opened: str) -> None:
    with writing(opened) as session:
        for _ in range(3):
            post(session, income(1_000))
    looked_at(opened)
    with db.reading(opened, person=make.TREASURER) as session:
        last = session.exec(select(func.max(Line.id))).one()
        with asked(session) as seen:
            assert account_sums.held(session, CASH) == Held(3_000, 3)
    (since,) = [given for given in seen if CASH in _values(given)]
    assert list(_values(since)).count(last) == 2  # after it, and up to it


def _values(given: object) -> list[object]:
    return list(given.values()) if isinstance(given, dict) else list(given)  # type: ignore[call-overload]


def test_what_is_given_up_was_never_added(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1_000))
    looked_at(opened)
    with pytest.raises(RuntimeError), writing(opened) as session:
        post(session, income(500))
        assert account_sums.held(session, CASH).moved_rp == 1_500
        raise RuntimeError
    with writing(opened) as session:
        post(session, income(3))  # perhaps under the same key
    assert looked_at(opened) == 1_003


def test_another_journal_in_its_place_is_added_up_anew(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1_000))
        post(session, income(500))
    looked_at(opened)
    with writing(opened) as session:
        break_it(
            session.connection(), "UPDATE line SET debit_rp = 2 * debit_rp WHERE credit_rp = 0"
        )
        break_it(
            session.connection(), "UPDATE line SET credit_rp = 2 * credit_rp WHERE debit_rp = 0"
        )
    assert looked_at(opened) == 3_000
    with writing(opened) as session:
        break_it(session.connection(), "DELETE FROM line WHERE entry_id > 1")
    assert looked_at(opened) == 2_000


def test_a_draft_that_was_left_behind_is_never_kept(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1_000))
        post(session, income(500))
        break_it(
            session.connection(), "UPDATE entry SET stage = 'draft', number = NULL WHERE number = 2"
        )
    looked_at(opened)
    with writing(opened) as session:
        break_it(session.connection(), "UPDATE line SET debit_rp = 9 WHERE debit_rp = 500")
    assert looked_at(opened) == 1_009
    with db.reading(opened, person=make.TREASURER) as session:
        assert [
            (row.account, row.debit_rp, row.credit_rp) for row in books.trial_balance(session)
        ] == [
            (CASH, 1_000, 0),
            (FEE, 0, 1_000),
        ]


@pytest.mark.parametrize("newest", [1, 2, 3, 4, None])
def test_the_newest_lines_of_a_book_are_those_of_the_whole(opened: str, newest: int | None) -> None:
    with writing(opened) as session:
        for day in (3, 1, 2, 0):
            post(session, income(1_000 + day), on=DAY - timedelta(days=day))
    with db.reading(opened, person=make.TREASURER) as session:
        for since in (None, DAY - timedelta(days=2)):
            whole = books.account_book(session, CASH, since=since, until=DAY)
            found = books.account_book(session, CASH, since=since, until=DAY, newest=newest)
            assert found.closing_rp == whole.closing_rp == 3_006
            assert list(found.lines) == list(whole.lines)[-(newest or 9) :]
            assert found.cut == (newest is not None and newest < len(whole.lines))
            first = found.lines[0]
            assert found.opening_rp == first.balance_rp - first.debit_rp


def test_the_trial_balance_of_every_day_is_what_the_lines_say(opened: str) -> None:
    with writing(opened) as session:
        for day in (2, 0, 1):
            post(session, income(100 * day + 7), on=DAY - timedelta(days=day))
    with db.reading(opened, person=make.TREASURER) as session:
        for until in [None, *(DAY + timedelta(days=n) for n in range(-3, 2))]:
            trial = {
                one.account: one.debit_rp - one.credit_rp
                for one in books.trial_balance(session, until=until)
            }
            assert trial == {
                code: rp for (code, _, _), rp in books.balances(session, until=until).items()
            }


def test_a_long_book_shows_its_newest_lines_and_the_whole_when_asked(
    opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "NEWEST", 2)
    with writing(opened, make.MANAGER) as session:
        who = make.user(session, Role.TREASURER, name="Tuti")
        for amount_rp in (1_000, 20_000, 300_000):
            post(session, income(amount_rp))
    test = screen(opened, who, "ledger")
    test.session_state["ledger_view"] = "account"
    test.run()
    assert not test.exception
    assert "2 baris terbaru dari masa ini." in words(test)
    assert "sebelum baris di bawah ini: Rp1.000" in words(test)
    test.toggle(key="book_whole").set_value(True).run()
    assert not test.exception
    assert "baris terbaru" not in words(test)
    assert "Rp321.000" in words(test)
