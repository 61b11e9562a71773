"""The journal: double entry, its numbers, its reversals, and nothing that changes afterwards."""

from contextlib import AbstractContextManager
from datetime import date, timedelta
from threading import Barrier, Thread

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select, text

from kopprod import db
from kopprod.domain import ledger as rule
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.ledger import Posting, SubLedger
from kopprod.domain.refusal import Refusal
from kopprod.services import books, ledger
from kopprod.tables.ledger import Entry
from kopprod.tables.trail import Change
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


# The rule


@pytest.mark.parametrize(
    ("postings", "refusal"),
    [
        ([], rule.TooFewLines),
        ([Posting(CASH, debit_rp=1)], rule.TooFewLines),
        ([Posting(CASH, debit_rp=2), Posting(FEE, credit_rp=1)], rule.NotBalanced),
        ([Posting(CASH, debit_rp=0), Posting(FEE, credit_rp=0)], rule.NotPositive),
        ([Posting(CASH, debit_rp=1, credit_rp=1), *income(5)], rule.NotPositive),
        ([Posting(CASH, debit_rp=-1), Posting(FEE, credit_rp=-1)], rule.NotPositive),
        ([Posting("9999", debit_rp=1), Posting(FEE, credit_rp=1)], rule.UnknownAccount),
        ([Posting(CASH, debit_rp=1), Posting(OWED, credit_rp=1)], rule.MemberMissing),
        ([Posting("1120", debit_rp=1), Posting(FEE, credit_rp=1)], rule.BuyerMissing),
    ],
)
def test_what_is_no_double_entry_is_refused(
    postings: list[Posting], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rule.check_entry(postings)


def test_a_difference_is_named_in_rupiah() -> None:
    with pytest.raises(rule.NotBalanced) as refused:
        rule.check_entry([Posting(CASH, debit_rp=500), Posting(FEE, credit_rp=2_000)])
    assert refused.value.facts == {"difference_rp": 1_500}


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20))
def test_an_entry_and_its_reversal_come_to_nothing(amounts: list[int]) -> None:
    postings = [Posting(CASH, debit_rp=amount) for amount in amounts]
    postings.append(Posting(FEE, credit_rp=sum(amounts)))
    back = rule.reversed_postings(postings)
    rule.check_entry(postings)
    rule.check_entry(back)
    for account in (CASH, FEE):
        both = [posting for posting in postings + back if posting.account == account]
        assert rule.difference_rp(both) == 0


def test_every_code_of_the_chart_is_there_once() -> None:
    codes = [plan.code for plan in rule.CHART]
    assert len(codes) == len(set(codes))
    assert {plan.code for plan in rule.CHART if plan.holds_money} == {CASH, BANK}
    assert rule.CHART_SUB_LEDGERS[OWED] is SubLedger.MEMBER


# Posting


def test_an_entry_is_posted_with_the_next_number(opened: str) -> None:
    with writing(opened) as session:
        first, second = post(session, income(700)), post(session, income(300))
    assert (first.number, second.number, second.posted_at) == (1, 2, make.AT)
    with db.reading(opened) as session:
        assert ledger.balance_rp(session, CASH) == 1_000
        assert ledger.balance_rp(session, FEE) == -1_000


def test_a_number_falls_with_its_transaction(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1))
    with pytest.raises(rule.NotBalanced), writing(opened) as session:
        post(session, income(1))
        post(session, [Posting(CASH, debit_rp=2), Posting(FEE, credit_rp=1)])
    with writing(opened) as session:
        assert post(session, income(1)).number == 2


def test_the_trail_does_not_repeat_what_the_journal_says(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1))
    with db.reading(opened) as session:
        assert session.exec(select(Change)).all() == []


def test_the_box_is_never_emptied_below_zero(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1_000))
        post(session, spending(400))
        with pytest.raises(ledger.CashShort) as refused:
            post(session, spending(601))
        assert refused.value.facts == {"account": "Kas", "held_rp": 600, "wanted_rp": 601}
        post(session, spending(600))


def test_money_that_came_later_cannot_be_spent_before(opened: str) -> None:
    week_ago = DAY - timedelta(days=7)
    with writing(opened) as session:
        post(session, income(100), on=week_ago)
        post(session, income(900))
        with pytest.raises(ledger.CashShort):
            post(session, spending(101), on=week_ago)
        post(session, spending(100), on=week_ago)


def test_an_earlier_payment_counts_what_was_paid_since(opened: str) -> None:
    week_ago = DAY - timedelta(days=7)
    with writing(opened) as session:
        post(session, income(100), on=week_ago)
        post(session, spending(100))
        with pytest.raises(ledger.CashShort):
            post(session, spending(1), on=week_ago)


def test_two_who_pay_the_last_rupiah_at_once(opened: str) -> None:
    with writing(opened) as session:
        post(session, income(1_000))
    told: list[str] = []
    start = Barrier(2)

    def pay() -> None:
        start.wait()
        try:
            with writing(opened) as session:
                post(session, spending(1_000))
        except ledger.CashShort:
            told.append("short")
        else:
            told.append("paid")

    payers = [Thread(target=pay) for _ in range(2)]
    for payer in payers:
        payer.start()
    for payer in payers:
        payer.join()
    assert sorted(told) == ["paid", "short"]
    with db.reading(opened) as session:
        assert ledger.balance_rp(session, CASH) == 0
        assert [row.number for row in books.entries(session).entries] == [2, 1]


# Correcting


def test_a_reversal_brings_back_what_was_before(opened: str) -> None:
    with writing(opened) as session:
        entry = post(session, income(1_000))
        back = ledger.reverse(session, entry.id, on=DAY, memo="Wrong")
    assert (back.reverses_id, back.paper) == (entry.id, "test:1")
    with db.reading(opened) as session:
        assert ledger.balance_rp(session, CASH) == 0
        newest, oldest = books.entries(session).entries
    assert (oldest.is_reversed, newest.reverses_id) == (True, oldest.id)


def test_an_entry_is_reversed_once_and_a_reversal_never(opened: str) -> None:
    with writing(opened) as session:
        entry = post(session, income(1_000))
        back = ledger.reverse(session, entry.id, on=DAY, memo="Wrong")
        with pytest.raises(ledger.AlreadyReversed):
            ledger.reverse(session, entry.id, on=DAY, memo="Again")
        with pytest.raises(ledger.IsReversal):
            ledger.reverse(session, back.id, on=DAY, memo="Back")
        with pytest.raises(ledger.EntryUnknown):
            ledger.reverse(session, 999, on=DAY, memo="Nothing")


def test_by_hand_only_what_was_made_by_hand_is_corrected(opened: str) -> None:
    with writing(opened) as session:
        hand = ledger.post_by_hand(session, on=DAY, memo="Listrik", postings=income(5))
        sale = post(session, income(7))
        ledger.correct(session, hand.id, on=DAY, memo="Salah")
        with pytest.raises(ledger.BelongsToPaper):
            ledger.correct(session, sale.id, on=DAY, memo="Salah")
        with pytest.raises(ledger.EntryUnknown):
            ledger.correct(session, 999, on=DAY, memo="Salah")


# Opening balances


def test_opening_balances_are_taken_over_once(opened: str) -> None:
    with writing(opened) as session:
        ayu = make.member(session, "Ayu")
        balances = [
            Posting(CASH, debit_rp=5_000_000),
            Posting("31", credit_rp=2_000_000, member_id=ayu.id),
            Posting("35", credit_rp=3_000_000),
        ]
        entry = ledger.open_balances(session, on=DAY, balances=balances)
        assert entry.paper == "opening:1"
        with pytest.raises(ledger.AlreadyOpened):
            ledger.open_balances(session, on=DAY, balances=balances)
        ledger.correct(session, entry.id, on=DAY, memo="Salah")
        ledger.open_balances(session, on=DAY, balances=balances)
        assert ledger.balances_rp(session, "31") == {ayu.id: -2_000_000}
        assert ledger.balances_rp(session, CASH) == {}


def test_opening_balances_that_differ_are_refused_with_the_difference(opened: str) -> None:
    balances = [Posting(CASH, debit_rp=5_000), Posting("35", credit_rp=4_000)]
    with pytest.raises(ledger.OpeningNotBalanced) as refused, writing(opened) as session:
        ledger.open_balances(session, on=DAY, balances=balances)
    assert refused.value.facts == {
        "debit_rp": 5_000,
        "credit_rp": 4_000,
        "difference_rp": 1_000,
    }


# Reading


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


def test_only_the_treasurer_writes_by_hand(opened: str) -> None:
    for person in (make.MANAGER, make.OFFICER, make.SUPERVISOR):
        with pytest.raises(NotAllowed), writing(opened, person) as session:
            ledger.post_by_hand(session, on=DAY, memo="x", postings=income(1))
        with pytest.raises(NotAllowed), writing(opened, person) as session:
            ledger.open_balances(session, on=DAY, balances=income(1))
        with pytest.raises(NotAllowed), writing(opened, person) as session:
            ledger.correct(session, 1, on=DAY, memo="x")


# What the database itself refuses

POSTED_ENTRY = (
    'INSERT INTO entry (id, number, stage, "on", memo, paper, posted_at, act_id)'
    " VALUES ({id}, {number}, '{stage}', '2026-03-02', 'x', 'x', {posted_at}, 1)"
)
MOMENT = "'2026-03-02 01:00:00'"
LINE = (
    "INSERT INTO line (id, entry_id, account_code, debit_rp, credit_rp, business_unit)"
    " VALUES ({id}, {entry}, '1101', 1, 0, 'x')"
)
DRAFT = POSTED_ENTRY.format(id=90, number="NULL", stage="draft", posted_at="NULL")
POST_DRAFT = f"UPDATE entry SET stage = 'posted', number = 90, posted_at = {MOMENT} WHERE id = 90"

# Entry 1 is posted with lines 1 and 2; entry 90 is a draft with the lines 90 and 91.
ATTEMPTS = [
    "UPDATE entry SET memo = 'other' WHERE id = 1",
    "UPDATE entry SET \"on\" = '2020-01-01' WHERE id = 1",
    "UPDATE entry SET stage = 'draft', number = NULL, posted_at = NULL WHERE id = 1",
    "UPDATE entry SET id = 7 WHERE id = 1",
    "UPDATE entry SET id = 7 WHERE id = 90",
    "DELETE FROM entry WHERE id = 1",
    "DELETE FROM entry",
    POSTED_ENTRY.format(id=7, number=7, stage="posted", posted_at=MOMENT),
    "UPDATE line SET debit_rp = debit_rp + 1 WHERE id = 1",
    "UPDATE line SET account_code = '1103' WHERE id = 1",
    "UPDATE line SET entry_id = 90 WHERE id = 1",
    "UPDATE line SET entry_id = 1 WHERE id = 90",
    "UPDATE line SET id = 7 WHERE id = 90",
    "DELETE FROM line WHERE id = 1",
    "DELETE FROM line",
    LINE.format(id=7, entry=1),
    # posting what does not balance, or has one line, or none, or names nobody
    f"UPDATE line SET debit_rp = 2 WHERE id = 90; {POST_DRAFT}",
    f"DELETE FROM line WHERE id = 91; {POST_DRAFT}",
    f"DELETE FROM line WHERE entry_id = 90; {POST_DRAFT}",
    f"UPDATE line SET account_code = '2110' WHERE id = 90; {POST_DRAFT}",
    f"UPDATE line SET account_code = '1120' WHERE id = 90; {POST_DRAFT}",
    # the chart under posted lines, the trail, what is never deleted
    "UPDATE account SET sub_ledger = 'none' WHERE code = '2110'",
    "UPDATE account SET kind = 'asset' WHERE code = '4101'",
    "UPDATE act SET action = 'other'",
    "DELETE FROM act",
    "UPDATE change SET after = 'other'",
    "DELETE FROM change",
    "DELETE FROM member",
]

ONLY_SQLITE = [
    POSTED_ENTRY.format(id=1, number="NULL", stage="draft", posted_at="NULL").replace(
        "INSERT", "INSERT OR REPLACE"
    ),
    POSTED_ENTRY.format(id=7, number=1, stage="posted", posted_at=MOMENT).replace(
        "INSERT", "INSERT OR REPLACE"
    ),
    LINE.format(id=1, entry=90).replace("INSERT", "INSERT OR REPLACE"),
    POST_DRAFT.replace("UPDATE", "UPDATE OR REPLACE").replace("number = 90", "number = 1"),
    "UPDATE OR REPLACE entry SET id = 1 WHERE id = 90",
    "UPDATE OR REPLACE line SET id = 1 WHERE id = 90",
    "INSERT OR REPLACE INTO act (id, at, action) VALUES (1, '2026-03-02 01:00:00', 'other')",
    "REPLACE INTO entry SELECT * FROM entry WHERE id = 1",
    "INSERT INTO line SELECT * FROM line WHERE id = 1 ON CONFLICT (id) DO UPDATE SET debit_rp = 5",
]

ONLY_POSTGRESQL = [
    "TRUNCATE line",
    "TRUNCATE entry CASCADE",
    "TRUNCATE act CASCADE",
    "TRUNCATE change",
    "TRUNCATE member CASCADE",
    "INSERT INTO line SELECT * FROM line WHERE id = 1 ON CONFLICT (id) DO UPDATE SET debit_rp = 5",
    "MERGE INTO line USING (SELECT 1 AS id) AS one ON line.id = one.id"
    " WHEN MATCHED THEN UPDATE SET debit_rp = 5",
    "WITH gone AS (DELETE FROM line WHERE id = 1 RETURNING id) SELECT * FROM gone",
    "COPY line (id, entry_id, account_code, debit_rp, credit_rp, business_unit) FROM STDIN",
]


@pytest.fixture
def guarded(opened: str) -> str:
    """A posted entry, a committed draft that balances, a trail and a member."""
    with writing(opened) as session:
        ayu = make.member(session, "Ayu")
        posted = post(session, income(1_000))
        post(session, [Posting(CASH, debit_rp=5), Posting(OWED, credit_rp=5, member_id=ayu.id)])
        assert posted.id == 1
        ayu.phone = "+628123"
        for statement in (DRAFT, LINE.format(id=90, entry=90), LINE.format(id=91, entry=90)):
            session.execute(text(statement))
        session.execute(text("UPDATE line SET debit_rp = 0, credit_rp = 1 WHERE id = 91"))
    return opened


def snapshot(coop: str) -> list[str]:
    with db.reading(coop) as session:
        return [
            str(row)
            for table in ("entry", "line", "account", "act", "change", "member")
            for row in session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))
        ]


def attempt(coop: str, statements: str) -> None:
    with db.engine(coop, writes=True).begin() as connection:
        for statement in statements.split("; "):
            if statement.startswith("COPY"):
                with connection.connection.cursor().copy(statement) as copy:
                    copy.write("7\t1\t1101\t5\t0\tx\n")
            else:
                connection.execute(text(statement))


def refuse(coop: str, statements: str) -> None:
    before = snapshot(coop)
    with pytest.raises((DBAPIError, psycopg.Error), match="guard"):
        attempt(coop, statements)
    assert snapshot(coop) == before


@pytest.mark.parametrize("statements", ATTEMPTS)
def test_the_database_refuses_what_would_change_the_books(guarded: str, statements: str) -> None:
    refuse(guarded, statements)


@pytest.mark.parametrize("statements", ONLY_SQLITE)
def test_sqlite_refuses_to_replace(guarded: str, statements: str) -> None:
    if not db.is_sqlite():
        return
    refuse(guarded, statements)


@pytest.mark.parametrize("statements", ONLY_POSTGRESQL)
def test_postgresql_refuses_to_empty_merge_or_copy(guarded: str, statements: str) -> None:
    if db.is_sqlite():
        return
    refuse(guarded, statements)


def test_a_draft_that_balances_may_be_posted(guarded: str) -> None:
    with db.engine(guarded, writes=True).begin() as connection:
        connection.execute(text(POST_DRAFT))
