"""Two people at money and goods at the same moment: neither waits for the other for ever.

Each pair is put into the worst order: both hold what they hold first, and wait for the journal.
"""

from collections.abc import Callable
from threading import Thread
from time import sleep

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.domain.ledger import CASH, Posting
from kopprod.domain.payouts import BatchKind
from kopprod.domain.refusal import Refusal
from kopprod.domain.stock import Loss
from kopprod.services import (
    advances,
    answers,
    check,
    deliveries,
    ledger,
    numbers,
    payouts,
    reversals,
    sales,
    slips,
    stock,
    take_backs,
)
from kopprod.services.take_backs import Instead, TakenBack
from kopprod.tables.payouts import Advance
from kopprod.tables.sales import SaleCost
from kopprod.tables.slips import Slip
from tests import make
from tests.seasons import DAY, KG, Season, at_once, bring, settled
from tests.test_buying import Store, sell, store
from tests.test_buying import bring as buy
from tests.test_laws_marketing import as_member

__all__ = ["store"]

Act = Callable[[Session], object]


def one_after_the_other(coop: str, counter: str, *acts: Act) -> list[object]:
    """What each act gave, all of them waiting in this order at a counter that somebody holds."""
    results: list[object] = []

    def run(act: Act) -> None:
        try:
            with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
                results.append(act(session))
        except Exception as found:  # a deadlock is what we look for
            results.append(found)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        numbers.wait_turn(session, counter)
        for thread in threads:
            thread.start()
            sleep(0.3)
    for thread in threads:
        thread.join()
    return results


def proved(coop: str, results: list[object], *, refused: int = 0) -> None:
    """Nobody fell over something that is no refusal, and the books prove.

    Which of them comes first is decided by the database, and so whether the last is refused.
    """
    assert all(isinstance(one, Refusal) for one in results if isinstance(one, Exception)), results
    assert sum(isinstance(one, Refusal) for one in results) <= refused, results
    with db.reading(coop) as session:
        assert [each.sentence for each in check.problems(session)] == []


def test_bought_goods_are_taken_back_while_their_slip_is_paid(store: Store) -> None:
    with db.writing(store.coop, person=SYSTEM, action="test", at=make.AT) as session:
        wrong = buy(session, store)
        slip_id = session.exec(select(Slip.id)).one()
    results = one_after_the_other(
        store.coop,
        ledger.COUNTER,
        lambda session: deliveries.reverse(session, wrong.id, reason="Salah", on=DAY),
        lambda session: slips.pay(session, slip_id, account=CASH, on=DAY),
    )
    proved(store.coop, results, refused=1)


def test_a_dispute_is_resolved_while_the_delivery_is_taken_back(season: Season) -> None:
    delivery_id = season.delivered[0]
    with (
        db.writing(season.coop, person=SYSTEM, action="test", at=make.AT) as session,
        as_member(session, season.members["Siti"]),
    ):
        answers.dispute(session, delivery_id, words="Bukan A", on=DAY, at=make.AT)
    results = one_after_the_other(
        season.coop,
        f"SET-{DAY.year}",
        lambda session: deliveries.reverse(session, delivery_id, reason="Salah", on=DAY),
        lambda session: answers.correct_grade(
            session, delivery_id, grade_id=season.grade_b, reason="Benar", on=DAY, at=make.AT
        ),
    )
    proved(season.coop, results, refused=1)


@pytest.fixture
def payday_of(season: Season) -> tuple[Season, int]:
    """WE-18 settled, money in the box."""
    with db.writing(season.coop, person=SYSTEM, action="test", at=make.AT) as session:
        balances = [Posting(CASH, debit_rp=9_000_000), Posting("35", credit_rp=9_000_000)]
        ledger.open_balances(session, on=DAY, balances=balances)
        return season, settled(session, season).id


def test_a_list_is_paid_while_the_settlement_is_taken_back(
    payday_of: tuple[Season, int],
) -> None:
    season, sale_id = payday_of
    with db.writing(season.coop, person=SYSTEM, action="test", at=make.AT) as session:
        ids = session.exec(select(Slip.id)).all()
        batch = payouts.draw_up(session, ids, kind=BatchKind.CASH, account=CASH, on=DAY)
    results = one_after_the_other(
        season.coop,
        ledger.COUNTER,
        lambda session: payouts.mark_all_paid(session, batch.id, on=DAY),
        lambda session: reversals.reverse_settlement(session, sale_id, reason="x", on=DAY),
    )
    proved(season.coop, results, refused=1)


OTHERS: dict[str, Act] = {
    "advance": lambda session: advances.pay(session, 1, amount_rp=1_000, account=CASH, on=DAY),
    "advance back": lambda session: advances.reverse(session, 1, reason="x", on=DAY),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_sold_delivery_is_taken_back_while_others_touch_it(season: Season, other: Act) -> None:
    with db.writing(season.coop, person=SYSTEM, action="test", at=make.AT) as session:
        balances = [Posting(CASH, debit_rp=9_000_000), Posting("35", credit_rp=9_000_000)]
        ledger.open_balances(session, on=DAY, balances=balances)
        bring(session, season, "Made", 60 * KG)
        sale = settled(session, season)
        reversals.reverse_settlement(session, sale.id, reason="x", on=DAY)
        sales.allot(session, sale.id, delivery_id=1, quantity=100 * KG)
        session.add(_advance(session, season))
        session.flush()
        sales.settle(session, sale.id, on=DAY, shrinkage_reason="x")
    instead = Instead(season.members["Budi"], season.grade_a, [100 * KG], 0)
    results = one_after_the_other(
        season.coop,
        ledger.COUNTER,
        lambda session: take_backs.take_back_sold(
            session, 1, reason="Salah", on=DAY, instead=instead
        ),
        other,
    )
    assert all(isinstance(one, Refusal) for one in results if isinstance(one, Exception)), results
    assert any(isinstance(one, TakenBack) for one in results), results


OF_BOUGHT: dict[str, Act] = {
    "lose": lambda session: stock.lose(
        session, 1, quantity=KG, kind=Loss.DRIED, reason="x", on=DAY
    ),
    "pay": lambda session: slips.pay(session, 1, account=CASH, on=DAY),
}


@pytest.mark.parametrize("other", OF_BOUGHT.values(), ids=OF_BOUGHT)
def test_sold_goods_of_its_own_are_taken_back_while_others_touch_them(
    store: Store, other: Act
) -> None:
    with db.writing(store.coop, person=SYSTEM, action="test", at=make.AT) as session:
        sell(session, store, buy(session, store).id, 10 * KG)
    results = one_after_the_other(
        store.coop,
        ledger.COUNTER,
        lambda session: take_backs.take_back_sold(session, 1, reason="Salah", on=DAY),
        other,
    )
    proved(store.coop, results, refused=1)


def _advance(session: Session, season: Season) -> Advance:
    entry = ledger.post(
        session,
        on=DAY,
        memo="x",
        paper="delivery:1",
        postings=[
            Posting(advances.ADVANCES, debit_rp=5_000, member_id=season.members["Siti"]),
            Posting(CASH, credit_rp=5_000),
        ],
    )
    return Advance(
        number="PANJAR-2026-0001",
        code="X" * 16,
        delivery_id=1,
        member_id=season.members["Siti"],
        amount_rp=5_000,
        paid_on=DAY,
        account_code=CASH,
        entry_id=entry.id,
    )


def test_a_cost_is_paid_once_and_taken_back_once(payday_of: tuple[Season, int]) -> None:
    season, _sale_id = payday_of
    with db.reading(season.coop) as session:
        cost_id = session.exec(select(SaleCost.id)).first()
    assert cost_id is not None

    def alone(act: Act) -> Callable[[], object]:
        def run() -> object:
            with db.writing(season.coop, person=SYSTEM, action="test", at=make.AT) as session:
                return act(session)

        return run

    pay = alone(lambda session: sales.pay_cost(session, cost_id, account=CASH, on=DAY))
    back = alone(lambda session: reversals.reverse_cost(session, cost_id, reason="x", on=DAY))
    paid, taken_back = at_once(pay, pay, pay), at_once(back, back)
    for results, refused in ((paid, 2), (taken_back, 1)):
        assert sum(isinstance(one, Refusal) for one in results) == refused, results
        proved(season.coop, results, refused=refused)
