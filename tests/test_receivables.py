"""What buyers owe: every sale by its age, and in agreement with the journal."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.access import SYSTEM, NotAllowed
from kopprod.domain.ledger import BUYERS_OWE, CASH, Posting
from kopprod.domain.receivables import Age
from kopprod.services import buyers, deliveries, ledger, receivables, sales
from kopprod.services.receivables import BuyerOwes, Receivables
from kopprod.tables.ledger import Line
from kopprod.tables.sales import BuyerPayment
from tests import make
from tests.seasons import DAY, Season, open_sale, settled, writing


def owed(season: Season, *, late: int = 0) -> Receivables:
    with db.reading(season.coop, person=make.TREASURER) as session:
        return receivables.receivables(session, on=DAY + timedelta(days=late))


def only(found: Receivables) -> BuyerOwes:
    (one,) = found.buyers
    return one


def pay(season: Season, sale_id: int, amount_rp: int, *, late: int = 0) -> None:
    days = timedelta(days=late)
    with db.writing(
        season.coop, person=make.TREASURER, action="test", at=make.AT + days
    ) as session:
        sales.take_payment(session, sale_id, amount_rp=amount_rp, account=CASH, on=DAY + days)


def test_a_buyer_who_pays_late_and_in_part_is_seen(season: Season) -> None:
    with writing(season.coop) as session:
        buyers.change_buyer(session, season.buyer_id, phone="", place="", pays_within_days=14)
        sale_id = settled(session, season).id
    pay(season, sale_id, 2_000_000)

    one = only(owed(season, late=14))
    assert (one.owed_rp, one.latest) == (3_130_150, 0)
    assert one.ages.by_age[Age.NOT_DUE] == 3_130_150

    one = only(owed(season, late=45))
    (row,) = one.owing
    assert (row.owed_rp, row.received_rp, row.late) == (3_130_150, 2_000_000, 31)
    assert one.ages.by_age[Age.TO_60] == one.ages.due_rp == 3_130_150
    assert one.latest == 31


def test_a_buyer_who_never_pays_grows_old(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)

    found = owed(season, late=91)
    assert found.ages.by_age[Age.OVER_90] == found.ages.total_rp == 5_130_150
    assert [row.late for row in found.owing] == [91]


def test_what_is_paid_is_gone_and_how_late_it_was_stays(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = settled(session, season).id
    pay(season, sale_id, 5_000_000)
    pay(season, sale_id, 130_150, late=40)
    one = only(owed(season, late=200))
    assert (one.owed_rp, list(one.owing), one.latest) == (0, [], 0)
    assert (one.habit.paid, one.habit.late, one.habit.longest) == (1, 1, 40)


def test_a_payment_that_was_taken_back_does_not_count(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = settled(session, season).id
    pay(season, sale_id, 130_150)
    with writing(season.coop, SYSTEM) as session:
        payment = session.exec(select(BuyerPayment)).one()
        back = ledger.reverse(session, payment.entry_id, on=DAY, memo="Salah catat")
        payment.reversed_on, payment.reversal_entry_id = DAY, back.id
        payment.reason = "Salah catat"

    found = owed(season)
    assert (found.ages.total_rp, found.agrees) == (5_130_150, True)


def test_opening_balances_stand_on_their_own_line(season: Season) -> None:
    with writing(season.coop, make.TREASURER) as session:
        ledger.open_balances(
            session,
            on=DAY,
            balances=[
                Posting(BUYERS_OWE, debit_rp=700_000, buyer_id=season.buyer_id),
                Posting("35", credit_rp=700_000),
            ],
        )
    with writing(season.coop) as session:
        settled(session, season)

    found = owed(season, late=10)
    assert (found.ages.undated_rp, found.ages.total_rp) == (700_000, 5_830_150)
    assert found.journal_rp == 5_830_150
    assert found.agrees


def test_nobody_owes_for_a_sale_that_is_not_settled(season: Season) -> None:
    with writing(season.coop) as session:
        open_sale(session, season)

    found = owed(season)
    assert (found.ages.total_rp, found.owing, found.agrees) == (0, [], True)


def test_papers_that_the_journal_does_not_know_are_seen(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        payment = BuyerPayment(
            sale_id=sale.id, paid_on=DAY, amount_rp=6_000_000, account_code=CASH,
            entry_id=sale.entry_id or 0,
        )  # fmt: skip
        session.add(payment)

    found = owed(season)
    assert not found.agrees
    assert (found.ages.overpaid_rp, found.ages.total_rp) == (869_850, -869_850)
    assert found.journal_rp == 5_130_150


def test_a_field_officer_does_not_see_what_buyers_owe(season: Season) -> None:
    with pytest.raises(NotAllowed), db.reading(season.coop, person=make.OFFICER) as session:
        receivables.receivables(session, on=DAY)


def on_the_account(session: Session) -> int:
    lines = session.exec(select(Line).where(Line.account_code == BUYERS_OWE)).all()
    return sum(line.debit_rp - line.credit_rp for line in lines)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.integers(0, 100), st.integers(0, 40), st.booleans()),
        min_size=1, max_size=3,
    ),
    st.integers(0, 150),
)  # fmt: skip
def test_the_ages_add_up_to_what_the_journal_says(
    season: Season, plan: list[tuple[int, int, int, bool]], late: int
) -> None:
    """Sales of all sizes, paid by any part, with any term: papers and journal always agree."""
    with db.reading(season.coop) as session:
        before = on_the_account(session)
    with writing(season.coop, SYSTEM) as session:
        for kg, part, term, has_term in plan:
            goods = deliveries.receive(
                session, member_id=season.members["Siti"], product_id=season.product_id,
                grade_id=season.grade_a, gross=kg * 1_000, tare=0, received_on=DAY, on=DAY,
            )  # fmt: skip
            buyers.change_buyer(session, season.buyer_id, phone="", place="",
                                pays_within_days=term if has_term else None)  # fmt: skip
            sale = sales.open_sale(
                session, buyer_id=season.buyer_id, product_id=season.product_id, sold_on=DAY,
                price_e4=61_250_000, buyer_weight=kg * 1_000, fee_bp=0, on=DAY,
            )  # fmt: skip
            sales.allot_all(session, sale.id, [goods.id])
            gross_rp = sales.settle(session, sale.id, on=DAY).gross_rp or 0
            if gross_rp * part // 100:
                sales.take_payment(
                    session, sale.id, amount_rp=gross_rp * part // 100, account=CASH, on=DAY
                )

    found = owed(season, late=late)
    with db.reading(season.coop) as session:
        assert found.ages.total_rp == found.journal_rp == on_the_account(session) >= before
    assert found.agrees
    assert sum(one.owed_rp for one in found.buyers) == found.ages.total_rp
    assert sum(row.owed_rp for row in found.owing) == found.ages.total_rp
