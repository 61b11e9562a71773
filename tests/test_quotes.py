"""What middlemen offer: bad input, a button pressed twice, who may, and the screen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.quotes import Hidden, Loan, Step, Taken
from kopprod.domain.refusal import Refusal
from kopprod.services import quotes, standings
from kopprod.tables.quotes import Quote
from tests import make
from tests.screens import screen, words

DAY = make.TODAY
RP = 10_000


@dataclass(frozen=True)
class Market:
    """A village where paddy is bought; coffee is another product."""

    coop: str
    village_id: int
    product_id: int
    grade_id: int
    other_grade_id: int
    ayu: Person


@pytest.fixture
def market(coop: str) -> Market:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        village_id = make.village(session).id
        ayu_id = make.member(session, "Ayu", village_id=village_id).id
        paddy, coffee = make.product(session), make.product(session, "Kopi")
        return Market(
            coop=coop,
            village_id=village_id,
            product_id=paddy.id,
            grade_id=make.grade(session, paddy.id).id,
            other_grade_id=make.grade(session, coffee.id).id,
            ayu=make.user(session, Role.MEMBER, member_id=ayu_id),
        )


def record(session: Session, market: Market, **change: Any) -> Quote:
    said: dict[str, Any] = {
        "product_id": market.product_id,
        "grade_id": market.grade_id,
        "village_id": market.village_id,
        "quoted_on": DAY,
        "price_e4": 6_300 * RP,
        "on": DAY,
    }
    return quotes.record(session, **(said | change))


def count(market: Market) -> int:
    with db.reading(market.coop) as session:
        return session.exec(select(func.count()).select_from(Quote)).one()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"quoted_on": DAY + timedelta(days=1)}, quotes.QuoteInFuture),
        ({"price_e4": 0}, quotes.QuoteAbsurd),
        ({"price_e4": -1}, quotes.QuoteAbsurd),
        ({"price_e4": quotes.MOST_E4 + 1}, quotes.QuoteAbsurd),
        ({"charge_e4": -1}, quotes.QuoteAbsurd),
        ({"charge_e4": 6_300 * RP}, quotes.NothingLeft),
        ({"charge_e4": 3_200 * RP, "cut_bp": 5_000}, quotes.NothingLeft),
        ({"cut_per_sack": 100, "sack_size": 100}, quotes.CutTooLarge),
        ({"cut_per_sack": 101, "sack_size": 100}, quotes.CutTooLarge),
        ({"cut_per_sack": -1, "sack_size": 100}, quotes.CutTooLarge),
        ({"cut_per_sack": 1, "sack_size": 0}, quotes.CutTooLarge),
        ({"cut_per_sack": 1}, quotes.CutTooLarge),
        ({"cut_bp": -1}, quotes.CutTooLarge),
        ({"cut_bp": 10_000}, quotes.CutTooLarge),
        ({"pays_after_days": -1}, quotes.DaysAbsurd),
        ({"pays_after_days": 366}, quotes.DaysAbsurd),
        ({"scale_offset": 5}, quotes.CutTooLarge),
        ({"scale_offset": -1, "sack_size": 100}, quotes.CutTooLarge),
        ({"scale_offset": 60, "cut_per_sack": 40, "sack_size": 100}, quotes.CutTooLarge),
        ({"commission_bp": 10_000}, quotes.CutTooLarge),
        ({"commission_bp": -1}, quotes.CutTooLarge),
        ({"market_e4": 6_299 * RP}, quotes.MarketLower),
        ({"market_e4": quotes.MOST_E4 + 1}, quotes.QuoteAbsurd),
        ({"loan": Loan(0, 20, 200_000, 7)}, quotes.LoanAbsurd),
        ({"loan": Loan(quotes.MOST_RP + 1, 20, 200_000, 7)}, quotes.LoanAbsurd),
        ({"loan": Loan(4_000_000, 0, 200_000, 7)}, quotes.LoanAbsurd),
        ({"loan": Loan(4_000_000, 521, 200_000, 7)}, quotes.LoanAbsurd),
        ({"loan": Loan(4_000_000, 20, -1, 7)}, quotes.LoanAbsurd),
        ({"loan": Loan(4_000_000, 20, 200_000, 0)}, quotes.LoanAbsurd),
        ({"loan": Loan(4_000_000, 20, 200_000, 7, 0)}, quotes.LoadAbsurd),
        ({"loan": Loan(4_000_000, 20, 1, 7), "market_e4": 9_000 * RP}, quotes.LoadUnknown),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_kept(
    market: Market, change: dict[str, Any], refusal: type[Refusal]
) -> None:
    with (
        pytest.raises(refusal),
        db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session,
    ):
        record(session, market, **change)
    assert count(market) == 0


def test_a_grade_of_another_product_is_refused(market: Market) -> None:
    with (
        pytest.raises(quotes.GradeOfAnother) as refused,
        db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session,
    ):
        record(session, market, grade_id=market.other_grade_id)
    assert refused.value.facts == {"product": "Gabah"}


def test_an_offer_is_kept_as_it_was_said(market: Market) -> None:
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        record(
            session,
            market,
            cut_per_sack=10_000,
            sack_size=121_000,
            middleman='  Bos "Jaya"  <b>\u202e ',
            draft_key="one",
        )
    with db.reading(market.coop, person=market.ayu) as session:
        (kept,) = quotes.quotes(session)
        (heard,) = standings.effective_quotes(session, product_id=market.product_id, on=DAY)
    assert (kept.cut_per_sack, kept.sack_size, kept.by_user_id) == (
        10_000,
        121_000,
        market.ayu.user_id,
    )
    assert kept.middleman == 'Bos "Jaya" <b>'  # what turns the letters round is not kept
    assert heard.effective_rp == 5_779


def test_a_tied_offer_says_what_the_loan_really_costs(market: Market) -> None:
    loan = Loan(4_000_000, 20, 200_000, 7, 150_000)
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        kept = record(session, market, price_e4=11_000 * RP, market_e4=15_000 * RP, loan=loan)
        assert quotes.loan_of(kept) == loan
        assert quotes.last_of_mine(session) == kept
    with db.reading(market.coop, person=market.ayu) as session:
        (heard,) = standings.effective_quotes(session, product_id=market.product_id, on=DAY)

    assert heard.hidden == Hidden(600_000, 800_000, 1_943, 101_314)
    assert (heard.first_e4, heard.effective_rp) == (15_000 * RP, 11_000)
    (gap,) = heard.steps
    assert gap == Taken(Step.GAP, off=Fraction(4_000), left=Fraction(11_000))


def test_a_scale_above_zero_and_a_cut_are_kept_apart(market: Market) -> None:
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        kept = record(session, market, price_e4=7_000 * RP, scale_offset=5_000, sack_size=100_000)
        assert (kept.scale_offset, kept.cut_per_sack, kept.sack_size) == (5_000, 0, 100_000)
        record(session, market, price_e4=7_000 * RP, scale_offset=5_000, cut_per_sack=5_000,
               sack_size=100_000)  # fmt: skip
    with db.reading(market.coop, person=market.ayu) as session:
        heard = standings.effective_quotes(session, product_id=market.product_id, on=DAY)
    assert [one.effective_rp for one in heard] == [6_300, 6_650]


def test_a_sack_without_a_cut_is_not_kept(market: Market) -> None:
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        kept = record(session, market, cut_per_sack=0, sack_size=121_000)
        assert (kept.cut_per_sack, kept.sack_size) == (None, None)


@pytest.mark.parametrize("role", Role)
def test_everybody_but_the_supervisor_may_note_a_price(market: Market, role: Role) -> None:
    who = make.person(role)
    with db.writing(market.coop, person=who, action="test", at=make.AT) as session:
        if role is Role.SUPERVISOR:
            with pytest.raises(NotAllowed):
                record(session, market)
        else:
            record(session, market)
    assert count(market) == (0 if role is Role.SUPERVISOR else 1)
    with db.reading(market.coop, person=who) as session:
        assert len(quotes.quotes(session)) == count(market)


def test_the_same_form_twice_is_one_row(market: Market) -> None:
    for _ in range(2):
        with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
            kept = record(session, market, draft_key="one")
            assert kept.id == 1
    assert count(market) == 1


def test_two_threads_with_the_same_form_make_one_row(market: Market) -> None:
    barrier = Barrier(2)

    def press() -> object:
        barrier.wait()
        with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
            return record(session, market, draft_key="one").id

    assert at_once(press, press) == [1, 1]
    assert count(market) == 1


def test_the_database_itself_keeps_one_row_of_a_form(market: Market) -> None:
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        first = record(session, market, draft_key="one")
    with (
        pytest.raises(IntegrityError),
        db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session,
    ):
        session.add(Quote(**first.model_dump(exclude={"id", "act_id"})))
    assert count(market) == 1


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gave, all begun on threads of their own."""
    results: list[object] = []

    def run(act: Callable[[], object]) -> None:
        try:
            results.append(act())
        except Exception as mistake:  # a thread's mistake is the test's to see
            results.append(mistake)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_quotes_are_the_newest_first_and_of_the_days_asked_for(market: Market) -> None:
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        for days in (3, 1, 2):
            record(session, market, quoted_on=DAY - timedelta(days=days))
    with db.reading(market.coop, person=market.ayu) as session:
        found = quotes.quotes(session, since=DAY - timedelta(days=2), until=DAY - timedelta(days=1))
        assert [q.quoted_on for q in found] == [DAY - timedelta(days=2)]
        ordered = [q.quoted_on for q in quotes.quotes(session, most=2)]
        assert ordered == [DAY - timedelta(days=1), DAY - timedelta(days=2)]
        assert quotes.quotes(session, product_id=market.product_id + 1) == []


# The screen


def test_a_member_notes_a_price_and_reads_it_back(market: Market) -> None:
    test = screen(market.coop, market.ayu, "quotes")
    price = next(one for one in test.text_input if one.label.startswith("Harganya"))
    assert test.button(key="quote_save").disabled
    price.input("6,3 ribu").run()
    assert "**Rp6.300**" in words(test)
    test.button(key="quote_save").click().run()

    assert "Harga sudah dicatat" in words(test)
    assert count(market) == 1
    with db.reading(market.coop) as session:
        kept = session.get_one(Quote, 1)
    assert (kept.price_e4, kept.by_user_id) == (6_300 * RP, market.ayu.user_id)
    # The next price is a new form.
    price = next(one for one in test.text_input if one.label.startswith("Harganya"))
    assert price.value == ""


@pytest.mark.parametrize("typed", ["-6300", "nol", "0", "1.5", "Rp6.7000", "6300<script>"])
def test_a_price_that_cannot_be_read_is_not_kept(market: Market, typed: str) -> None:
    test = screen(market.coop, market.ayu, "quotes")
    price = next(one for one in test.text_input if one.label.startswith("Harganya"))
    price.input(typed).run()

    assert [one.value for one in test.exception] == []
    if not test.button(key="quote_save").disabled:
        test.button(key="quote_save").click().run()
    assert len(test.error) == 1
    assert count(market) == 0


def test_a_middlemans_name_is_never_markup(market: Market) -> None:
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        record(session, market, middleman="<img src=x onerror=alert(1)>")
    shown = words(screen(market.coop, market.ayu, "quotes"))
    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown


def field(test: AppTest, label: str) -> Any:
    return next(one for one in test.text_input if one.label.startswith(label))


def test_a_loan_is_noted_with_its_hidden_interest(market: Market) -> None:
    test = screen(market.coop, market.ayu, "quotes")
    field(test, "Harganya untuk satu kg").input("11.000").run()
    next(one for one in test.toggle if one.label == "Ia juga meminjamkan uang").set_value(True)
    test.run()
    field(test, "Harganya untuk satu kg bagi yang tidak berutang").input("15.000")
    field(test, "Berapa yang ia pinjamkan").input("4 juta")
    test.run()
    assert test.button(key="quote_save").disabled  # part and load are not said yet
    field(test, "Berapa tiap angsuran").input("200 ribu")
    field(test, "Yang harus dijual").input("1,5 kuintal")
    test.run()
    for said in ("19,43 % tiap 7 hari", "1.013,14 % setahun", "Rp600.000", "Rp800.000"):
        assert said in words(test), said
    test.button(key="quote_save").click().run()

    assert [one.value for one in test.exception] == []
    with db.reading(market.coop) as session:
        kept = session.get_one(Quote, 1)
    assert quotes.loan_of(kept) == Loan(4_000_000, 20, 200_000, 7, 150_000)
    assert kept.market_e4 == 15_000 * RP
    shown = words(test)
    assert "bunga tersembunyi pinjamannya 1.013,14 % setahun" in shown
    test.toggle(key="quotes_steps").set_value(True).run()
    assert "lebih rendah karena pinjaman" in words(test)


def test_wet_goods_written_down_as_less_are_a_cut(market: Market) -> None:
    test = screen(market.coop, market.ayu, "quotes")
    field(test, "Harganya").input("4.400").run()
    next(one for one in test.toggle if one.label.startswith("Ia memotong")).set_value(True).run()
    next(one for one in test.button_group if one.label == "Apa yang ia ambil?").set_value(["less"])
    test.run()
    field(test, "Yang sebenarnya").input("50 kg")
    field(test, "ia catat sebagai").input("40 kg")
    test.run()
    assert "**Rp3.520**" in words(test)
    test.button(key="quote_save").click().run()
    with db.reading(market.coop) as session:
        kept = session.get_one(Quote, 1)
    assert (kept.cut_per_sack, kept.sack_size) == (10_000, 50_000)


def test_the_plain_form_is_a_price_and_a_press(market: Market) -> None:
    """Product, village, grade and day are there; the last offer's grade is the next one's."""
    with db.writing(market.coop, person=market.ayu, action="test", at=make.AT) as session:
        second = make.grade(session, market.product_id, "B", position=2).id
        record(session, market, grade_id=second)
    test = screen(market.coop, market.ayu, "quotes")
    field(test, "Harganya").input("6.300").run()
    test.button(key="quote_save").click().run()
    with db.reading(market.coop) as session:
        kept = session.get_one(Quote, 2)
    assert (kept.grade_id, kept.village_id) == (second, market.village_id)
    assert kept.quoted_on == screen_day()


def test_a_supervisor_reads_prices_and_finds_no_form(market: Market) -> None:
    with db.writing(market.coop, person=make.MANAGER, action="test", at=make.AT) as session:
        record(session, market)
        supervisor = make.user(session, Role.SUPERVISOR, name="Sari")
    test = screen(market.coop, supervisor, "quotes")
    assert "Rp6.300" in words(test)
    assert "quote_save" not in [button.key for button in test.button]


def test_thin_prices_are_not_shown_as_a_price(market: Market) -> None:
    today = screen_day()
    with db.writing(market.coop, person=make.MANAGER, action="test", at=make.AT) as session:
        for _ in range(2):
            record(session, market, quoted_on=today, on=today, price_e4=5_000 * RP)
    shown = words(screen(market.coop, market.ayu, "quotes"))
    assert "Data kurang" in shown and "baru 2 harga" in shown
    with db.writing(market.coop, person=make.MANAGER, action="test", at=make.AT) as session:
        record(session, market, quoted_on=today, on=today, price_e4=5_000 * RP)
    shown = words(screen(market.coop, market.ayu, "quotes"))
    assert "nilai tengah 3 harga" in shown


def screen_day() -> date:
    """The day that the screen takes for today."""
    return datetime.now(ZoneInfo("Asia/Jakarta")).date()
