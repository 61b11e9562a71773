"""The journal: double entry, its numbers, its reversals, and nothing that changes afterwards."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain import ledger as rule
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.ledger import Posting, SubLedger
from kopprod.domain.refusal import Refusal
from kopprod.services import books, check, ledger
from kopprod.tables.cooperative import Setting
from kopprod.tables.ledger import Entry
from kopprod.tables.trail import Change
from tests import make
from tests.screens import screen, words

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


@pytest.mark.parametrize(("code", "said_rp"), [(CASH, 500), ("61", 500), (OWED, -500), (FEE, -500)])
def test_a_balance_is_said_as_what_we_have_or_owe(code: str, said_rp: int) -> None:
    (kind,) = (plan.kind for plan in rule.CHART if plan.code == code)

    assert rule.in_own_direction_rp(kind, 500) == said_rp
    assert rule.in_own_direction_rp(kind, -500) == -said_rp


def test_equity_is_said_by_credit() -> None:
    assert rule.in_own_direction_rp(rule.AccountKind.EQUITY, -69) == 69


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


def test_money_never_moves_on_a_day_that_has_not_come(opened: str) -> None:
    tomorrow = DAY + timedelta(days=1)
    with writing(opened) as session, pytest.raises(ledger.EntryInFuture) as refused:
        post(session, income(100), on=tomorrow)
    assert refused.value.facts == {"day_on": tomorrow}

    with writing(opened, make.MANAGER) as session:
        session.add(Setting(name="zone", value="Asia/Jayapura"))
    late = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # 01.00 of the next day in Jayapura
    with db.writing(opened, person=make.TREASURER, action="test", at=late) as session:
        post(session, income(100), on=tomorrow)


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


def test_an_entry_by_hand_that_is_sent_twice_is_posted_once(opened: str) -> None:
    numbers = []
    for _ in range(2):
        with writing(opened) as session:
            entry = ledger.post_by_hand(
                session, on=DAY, memo=" Listrik ", postings=income(5), draft_key="k"
            )
            numbers.append(entry.number)
    assert (numbers, entry.memo) == ([1, 1], "Listrik")


def test_an_entry_by_hand_says_what_it_is_for(opened: str) -> None:
    with writing(opened) as session:
        with pytest.raises(ledger.MemoMissing):
            ledger.post_by_hand(session, on=DAY, memo=" ", postings=income(5))
        entry = ledger.post_by_hand(session, on=DAY, memo="Listrik", postings=income(5))
        with pytest.raises(ledger.MemoMissing):
            ledger.correct(session, entry.id, on=DAY, memo="")


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


def test_what_was_owed_to_a_member_from_before_is_paid_by_hand(opened: str) -> None:
    with writing(opened) as session:
        ayu = make.member(session, "Ayu")
        old = [
            Posting(CASH, debit_rp=900_000),
            Posting("2110", credit_rp=300_000, member_id=ayu.id),
            Posting("35", credit_rp=600_000),
        ]
        ledger.open_balances(session, on=DAY, balances=old)

        def pay(amount_rp: int, member_id: int | None) -> None:
            lines = [Posting("2110", amount_rp, member_id=member_id), Posting(CASH, 0, amount_rp)]
            ledger.post_by_hand(session, on=DAY, memo="Utang lama", postings=lines)

        pay(100_000, ayu.id)
        with pytest.raises(rule.MemberMissing):
            pay(200_000, None)
        assert ledger.balances_rp(session, "2110") == {ayu.id: -200_000}
        pay(200_000, ayu.id)
        assert ledger.balances_rp(session, "2110") == {}
    with db.reading(opened) as session:
        assert [line.balance_rp for line in books.member_account(session, ayu.id)][-1] == 0
        assert list(check.problems(session)) == []


def test_opening_balances_that_differ_are_refused_with_the_difference(opened: str) -> None:
    balances = [Posting(CASH, debit_rp=5_000), Posting("35", credit_rp=4_000)]
    with pytest.raises(ledger.OpeningNotBalanced) as refused, writing(opened) as session:
        ledger.open_balances(session, on=DAY, balances=balances)
    assert refused.value.facts == {
        "debit_rp": 5_000,
        "credit_rp": 4_000,
        "difference_rp": 1_000,
    }


def test_only_the_treasurer_writes_by_hand(opened: str) -> None:
    for person in (make.MANAGER, make.OFFICER, make.SUPERVISOR):
        with pytest.raises(NotAllowed), writing(opened, person) as session:
            ledger.post_by_hand(session, on=DAY, memo="x", postings=income(1))
        with pytest.raises(NotAllowed), writing(opened, person) as session:
            ledger.open_balances(session, on=DAY, balances=income(1))
        with pytest.raises(NotAllowed), writing(opened, person) as session:
            ledger.correct(session, 1, on=DAY, memo="x")


# The screen


@pytest.fixture
def treasurer(opened: str) -> Person:
    """A treasurer with a user row, and Ayu and a buyer to write about."""
    with writing(opened) as session:
        make.member(session, "Ayu")
        make.buyer(session)
        return make.user(session, Role.TREASURER, name="Tuti")


def look(test: AppTest, view: str) -> AppTest:
    """Turn to one of the books."""
    return test.segmented_control(key="ledger_view").set_value(view).run()


def test_the_treasurer_opens_the_books_line_by_line(opened: str, treasurer: Person) -> None:
    test = look(screen(opened, treasurer, "ledger"), "opening")
    test.text_input(key="opening_amount_0").set_value("1,5 juta").run()
    test.button(key="opening_add").click().run()
    test.selectbox(key="opening_account").set_value("31").run()
    test.text_input(key="opening_amount_1").set_value("500 ribu").run()
    test.button(key="opening_add").click().run()
    assert "Pilih dulu namanya" in words(test)
    test.selectbox(key="opening_1_member").set_value(1).run()
    test.button(key="opening_add").click().run()
    test.button(key="open").click().run()
    assert "selisih Rp1.000.000" in words(test)
    test.selectbox(key="opening_account").set_value("35").run()
    test.text_input(key="opening_amount_2").set_value("1 juta").run()
    test.button(key="opening_add").click().run()
    test.button(key="open").click().run()
    assert "Saldo awal tercatat sebagai jurnal nomor 1." in words(test)
    assert not test.exception
    with db.reading(opened) as session:
        assert ledger.balance_rp(session, "31", member_id=1) == -500_000


def test_the_treasurer_writes_by_hand_and_takes_it_back(opened: str, treasurer: Person) -> None:
    with writing(opened) as session:
        post(session, income(1_000_000))
    test = look(screen(opened, treasurer, "ledger"), "hand")
    form = test.session_state["held_hand"]
    test.text_input(key=f"hand_amount_{form}").set_value("150 ribu").run()
    test.button(key="hand").click().run()
    assert "Tuliskan keperluan" in words(test)
    test.text_input(key=f"hand_memo_{form}").set_value("Listrik {Maret} <b>").run()
    test.button(key="hand").click().run()
    assert "Jurnal nomor 2 tercatat." in words(test)
    look(test, "journal")
    test.toggle(key="journal_whole").set_value(True).run()
    assert "Listrik {Maret} &lt;b&gt;" in words(test)
    test.query_params["entry"] = "2"
    test.run()
    test.text_input(key="correct_why").set_value("Salah jumlah").run()
    test.button(key="correct").click().run()
    assert "Jurnal nomor 2 dibatalkan." in words(test)
    assert "correct" not in [button.key for button in test.button]
    assert not test.exception
    with db.reading(opened) as session:
        assert ledger.balance_rp(session, CASH) == 1_000_000


def test_the_supervisor_reads_every_book_and_writes_in_none(opened: str) -> None:
    with writing(opened) as session:
        ayu = make.member(session, "Ayu")
        post(session, [Posting(CASH, 900), Posting(OWED, 0, 900, member_id=ayu.id)])
        sari = make.user(session, Role.SUPERVISOR, name="Sari")
    test = screen(opened, sari, "ledger")
    assert list(test.segmented_control(key="ledger_view").options) == [
        "Jurnal",
        "Buku kas dan akun",
        "Rekening anggota",
        "Neraca saldo",
    ]
    for view, said in (
        ("journal", "1 · Rp900"),
        ("account", "Rp900"),
        ("members", "2110 Utang hasil kepada anggota"),
        ("trial", "Debet dan kredit sama-sama Rp900."),
    ):
        assert said in words(look(test, view)), view
    test.selectbox(key="trial_open").set_value(OWED).run()
    assert test.selectbox(key="book_account").value == OWED
    test.query_params["entry"] = "1"
    assert "Jurnal nomor 1" in words(test.run())
    test.query_params["entry"] = "99"
    assert "Catatan ini tidak ada." in words(test.run())
    assert not test.exception


def test_the_journal_turns_its_pages(opened: str, treasurer: Person) -> None:
    with writing(opened) as session:
        for _ in range(books.PAGE + 1):
            post(session, income(1))
    test = screen(opened, treasurer, "ledger")
    test.selectbox(key="journal_page").set_value(1).run()
    (first,) = [button for button in test.button if str(button.key).startswith("open_")]
    first.click().run()
    assert "Jurnal nomor 1" in words(test)
    test.button(key="entry_back").click().run()
    test.segmented_control(key="journal_period").set_value("last").run()
    assert "Setiap rupiah yang bergerak" in words(test)
    assert not test.exception
