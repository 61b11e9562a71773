"""The books: what the journal comes to, by account, by member and by day."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from kopprod import db
from kopprod.domain import ledger as rule
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.books import BookLine, running
from kopprod.domain.ledger import Posting
from kopprod.services import books, ledger
from kopprod.tables.ledger import Entry
from tests import make

DAY = make.TODAY
CASH, BANK, FEE, OWED = rule.CASH, rule.BANK, rule.SALE_FEE, rule.OWED_TO_MEMBERS


def writing(coop: str, person: Person = make.TREASURER) -> AbstractContextManager[Session]:
    return db.writing(coop, person=person, action="test", at=make.AT)


@pytest.fixture
def opened(coop: str) -> str:
    """A cooperative with its chart of accounts."""
    with writing(coop) as session:
        ledger.open_chart(session)
    return coop


def income(amount_rp: int, *, to: str = CASH) -> list[Posting]:
    return [Posting(to, debit_rp=amount_rp), Posting(FEE, credit_rp=amount_rp)]


def spending(amount_rp: int) -> list[Posting]:
    return [Posting("61", debit_rp=amount_rp), Posting(CASH, credit_rp=amount_rp)]


def post(session: Session, postings: list[Posting], *, on: date = DAY) -> Entry:
    return ledger.post(session, on=on, memo="Test", paper="test:1", postings=postings)


def line(account: str, debit_rp: int = 0, credit_rp: int = 0) -> BookLine:
    return BookLine(1, 1, DAY, "Test", "", account, account, debit_rp, credit_rp)


def test_each_account_runs_on_its_own_and_in_its_own_direction() -> None:
    """Ayu is owed Rp900 and Rp400 of it is paid: 900, then 500; the box gives 400 of its 1.000."""
    kinds = {plan.code: plan.kind for plan in rule.CHART}
    lines = [line(CASH, 1_000), line(FEE, 0, 100), line(OWED, 0, 900), line(OWED, 400)]
    lines += [line(CASH, 0, 400), line(FEE, 30)]

    after = running(lines, kinds)

    assert [each.balance_rp for each in after] == [1_000, 100, 900, 500, 600, 70]
    assert [replace(each, balance_rp=0) for each in after] == lines


def test_the_trial_balance_adds_up_before_a_day(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1_000), on=DAY - timedelta(days=1))
        post(session, spending(300))
    with db.reading(opened) as session:
        yesterday = books.trial_balance(session, until=DAY)
        today = books.trial_balance(session)
    assert [(row.account, row.debit_rp, row.credit_rp) for row in yesterday] == [
        (CASH, 1_000, 0),
        (FEE, 0, 1_000),
    ]
    assert sum(row.debit_rp for row in today) == sum(row.credit_rp for row in today) == 1_000


def test_the_cash_book_says_what_the_box_held(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1_000), on=DAY - timedelta(days=1))
        post(session, spending(300))
        post(session, income(50))
    with db.reading(opened) as session:
        book = books.account_book(session, CASH, since=DAY, until=DAY + timedelta(days=1))
        empty = books.account_book(session, BANK)
        later = books.account_book(session, CASH, since=DAY + timedelta(days=1))
    assert (book.opening_rp, book.closing_rp) == (1_000, 750)
    assert [line.balance_rp for line in book.lines] == [700, 750]
    assert (empty.opening_rp, empty.closing_rp, list(empty.lines)) == (0, 0, [])
    assert (later.opening_rp, later.closing_rp, list(later.lines)) == (750, 750, [])


def test_a_member_reads_her_own_account_and_nobody_elses(opened: str) -> None:
    with writing(opened) as session:
        ayu, budi = make.member(session, "Ayu"), make.member(session, "Budi")
        owes = [Posting(CASH, debit_rp=900), Posting(OWED, credit_rp=900, member_id=ayu.id)]
        post(session, owes)
        pays = [Posting(OWED, debit_rp=400, member_id=ayu.id), Posting(CASH, credit_rp=400)]
        post(session, pays)
    with db.reading(opened, person=make.person(Role.MEMBER, member_id=ayu.id)) as session:
        lines = books.member_account(session, ayu.id)
        assert [(line.account, line.balance_rp) for line in lines] == [(OWED, 900), (OWED, 500)]
        assert ledger.balance_rp(session, OWED, member_id=ayu.id) == -500
        for read in (books.member_account, books.entry):
            with pytest.raises(NotAllowed):
                read(session, budi.id)
        with pytest.raises(NotAllowed):
            ledger.balance_rp(session, OWED, member_id=budi.id)


def test_the_journal_is_read_page_by_page(opened: str) -> None:
    with writing(opened) as session:
        for amount in range(1, 6):
            post(session, income(amount))
    with db.reading(opened, person=make.SUPERVISOR) as session:
        page = books.entries(session, since=DAY, until=DAY + timedelta(days=1), offset=2, limit=2)
        assert (page.count, [row.number for row in page.entries]) == (5, [3, 2])
        assert [line.debit_rp for line in page.entries[0].lines] == [3, 0]
        assert books.entries(session, paper="test:2").count == 0
        found = books.entry(session, page.entries[0].id)
        assert found == page.entries[0]
        assert books.entry(session, 999) is None
