"""Whatever is bought, sold, advanced, paid and taken back again, in whatever order: it adds up.

The moves of `tests/test_laws.py` and all those of collective marketing: goods bought outright,
fees and costs of every kind, advances, agreements, payout lists, money that comes back, settlements
taken back and settled again, wrong deliveries in settled sales, losses, orders and quotes.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.ledger import MEMBERS_OWE, STOCK
from kopprod.domain.measures import Measure
from kopprod.domain.members import AccountKind
from kopprod.domain.payouts import AGREEABLE, Agreed, BatchKind
from kopprod.domain.pricing import Fixed, GradePrice, Limit, PriceRule, ToMoisture
from kopprod.domain.quotes import Loan
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import CostSplit, SaleMode, SaleStage
from kopprod.domain.stock import Loss
from kopprod.services import (
    advances,
    answers,
    books,
    check,
    comparison,
    deductions,
    deliveries,
    ledger,
    orders,
    passport,
    payout_rows,
    payouts,
    pricing,
    quotes,
    receivables,
    reversals,
    sales,
    slips,
    standings,
    stock,
    take_backs,
)
from kopprod.services.take_backs import Instead
from kopprod.tables.answers import DeliveryAnswer
from kopprod.tables.buying import StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.ledger import Line
from kopprod.tables.members import Member
from kopprod.tables.orders import BuyerOrder
from kopprod.tables.payouts import Advance, PayoutBatch
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, BuyerPayment, Sale, SaleCost
from kopprod.tables.slips import Slip
from tests import make, test_stock_lots
from tests import test_laws as laws
from tests.databases import COOP, Postgresql, Sqlite
from tests.test_laws import DAY, NUMBERS, PRICES_E4, Dice, Played, one

# Rp6.500 a kilogram, Rp9.000 of grade A, at 14 % moisture; Rp300 less when over 3 % are empty.
RULE = PriceRule(
    Fixed((GradePrice(None, 65_000_000), GradePrice(1, 90_000_000))),
    limits=(Limit(Measure.EMPTY, 300, -3_000_000, needed=False),),
    weight=ToMoisture(1_400),
)
LOADS = (1_000, 40_000, 50_000, 120_500, 999_999)
AMOUNTS_RP = (-1, 0, 1, 999, 50_000, 250_000, 10**12, 10**15)
REASONS = ("Salah timbang",) * 7 + ("",)


def found(session: Session) -> None:
    """What `test_laws` plays with, a price rule for its first product, and two bank accounts."""
    laws.found(session)
    pricing.add_version(session, 1, rule=RULE, since=DAY - timedelta(days=30))
    session.get_one(Member, 1).village_id = make.village(session).id
    for member in session.exec(select(Member).limit(2)).all():
        member.account_number, member.account_provider = f"00{member.id}", "Bank"
        member.account_kind = AccountKind.BANK
    session.flush()


def _brings(dice: Dice, *, buys: bool) -> Delivery:
    member = dice.row(Member)
    grade = dice.row(Grade, Grade.product_id == 1) if buys else dice.row(Grade)
    assert member
    assert grade
    sacks = [dice.pick(LOADS) for _ in range(dice.pick((1, 1, 2, 3)))]
    return deliveries.receive(
        dice.session,
        member_id=member.id,
        product_id=grade.product_id,
        grade_id=grade.id,
        gross=0,
        tare=0,
        weights=sacks,
        tare_each=dice.pick((None, 100)),
        received_on=dice.day(),
        on=DAY,
        measured=dice.pick((None, {Measure.MOISTURE: 1_800}, {Measure.MOISTURE: 0}))
        if not buys
        else {Measure.MOISTURE: dice.pick((1_400, 1_800, 9_999))},
        sure=True,
        buys=buys,
    )


def bring(dice: Dice) -> None:
    _brings(dice, buys=False)


def buy(dice: Dice) -> None:
    _brings(dice, buys=True)


def sell(dice: Dice) -> None:
    """A sale of either kind, of what is in store, with fees of three kinds."""
    mode = dice.pick((SaleMode.POOL, SaleMode.OUTRIGHT))
    lots = stock.in_store(dice.session, dice.pick((1, 1, 2)), mode=mode)
    if not lots:
        return
    weight = sum(lot.left for lot in lots)
    pool = mode is SaleMode.POOL
    sold = sales.open_sale(
        dice.session,
        buyer_id=dice.pick((1, 2)),
        product_id=lots[0].delivery.product_id,
        sold_on=dice.pick((DAY, DAY, dice.day())),
        price_e4=dice.pick(PRICES_E4),
        buyer_weight=dice.pick((weight, weight, weight - 1 or 1, 2 * weight)),
        fee_bp=dice.pick((0, 250, 3_333)) if pool else 0,
        fee_weight_e4=dice.pick((0, 1, 500_000)) if pool else 0,
        fee_flat_rp=dice.pick((0, 1, 25_000, 10**12)) if pool else 0,
        mode=mode,
        on=DAY,
    )
    for lot in lots:
        part = dice.pick((lot.left, lot.left, lot.left // 3 or 1))
        sales.allot(dice.session, sold.id, delivery_id=lot.delivery.id, quantity=part)
    row = dice.row(BuyerOrder)
    if row and row.product_id == sold.product_id and row.buyer_id == sold.buyer_id:
        orders.name_order(dice.session, sold.id, order_id=row.id)


def add_cost(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.OPEN)
    if sale:
        sales.add_cost(
            dice.session,
            sale.id,
            name=dice.pick(("Truk", "Karung")),
            amount_rp=dice.pick((*AMOUNTS_RP, 31_000, 31_001)),
            split=dice.pick(tuple(CostSplit)),
        )


def change_terms(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.OPEN) or dice.row(Sale)
    if sale:
        sales.change_terms(
            dice.session,
            sale.id,
            sold_on=dice.day(),
            price_e4=dice.pick(PRICES_E4),
            buyer_weight=sale.buyer_weight,
            fee_bp=0,
            on=DAY,
        )


def settle(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.OPEN)
    if sale:
        on = dice.pick((sale.sold_on, DAY))
        sales.settle(
            dice.session, sale.id, on=on, shrinkage_reason=dice.pick(("Basah", "Basah", ""))
        )


def take_settlement_back(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.SETTLED) or dice.row(Sale)
    if sale:
        reason = dice.pick(REASONS)
        reversals.reverse_settlement(
            dice.session, sale.id, reason=reason, on=dice.pick((DAY, dice.day()))
        )


def take_payment_back(dice: Dice) -> None:
    payment = dice.row(BuyerPayment)
    if payment:
        reversals.reverse_payment(
            dice.session,
            payment.id,
            reason=dice.pick(REASONS),
            on=dice.pick((DAY, dice.day())),
            keeps_rp=dice.pick((0, 0, 1, payment.amount_rp // 2, payment.amount_rp, -1)),
        )


def take_cost_back(dice: Dice) -> None:
    cost = dice.row(SaleCost, col(SaleCost.paid_entry_id).is_not(None)) or dice.row(SaleCost)
    if cost:
        reversals.reverse_cost(dice.session, cost.id, reason=dice.pick(REASONS), on=DAY)


def take_sold_back(dice: Dice) -> None:
    """A wrong delivery that is sold, with the right one or with nothing in its place."""
    settled = select(Allotment.delivery_id).join(Sale).where(Sale.stage == SaleStage.SETTLED)
    wrong = dice.row(Delivery, col(Delivery.id).in_(settled)) or dice.row(Delivery)
    if not wrong:
        return
    member, grade = dice.row(Member), dice.row(Grade, Grade.product_id == wrong.product_id)
    assert member
    assert grade
    sacks = dice.pick(
        ([wrong.net], [wrong.net // 2, wrong.net - wrong.net // 2], [wrong.net * 2], [0])
    )
    right = Instead(dice.pick((wrong.member_id, member.id)), grade.id, sacks, dice.pick((0, 0, 1)))
    take_backs.outlooks(dice.session, wrong.id, instead=right)
    take_backs.take_back_sold(
        dice.session,
        wrong.id,
        reason=dice.pick(REASONS),
        on=DAY,
        instead=dice.pick((right, right, None)),
    )


def advance(dice: Dice) -> None:
    delivery = dice.row(Delivery)
    if delivery:
        advances.pay(
            dice.session,
            delivery.id,
            amount_rp=dice.pick((1, 999, 50_000, 250_000, -1, 0, 10**15)),
            account=dice.money(),
            on=dice.pick((DAY, dice.day())),
            draft_key=dice.pick((None, "advance")),
        )


def take_advance_back(dice: Dice) -> None:
    row = dice.row(Advance)
    if row:
        advances.reverse(dice.session, row.id, reason=dice.pick(REASONS), on=dice.day())


def agree(dice: Dice) -> None:
    member = dice.row(Member)
    assert member
    kinds = [dice.pick(AGREEABLE) for _ in range(dice.pick((0, 1, 2, 3)))]
    agreed = [
        Agreed(kind, place, dice.pick((1_000, 100_000, None, 0)))
        for place, kind in enumerate(dict.fromkeys(kinds), start=1)
    ]
    most_bp = dice.pick((0, 1, 5_000, 10_000, 10_000, 10_001))
    deductions.agree(
        dice.session, member.id, agreed=agreed, most_bp=most_bp, on=dice.pick((DAY, dice.day()))
    )


def draw_up(dice: Dice) -> None:
    waiting = [row.slip.id for row in payouts.unpaid(dice.session) if row.batch is None]
    if waiting:
        chosen = waiting[: dice.pick((1, 2, len(waiting)))]
        kind = dice.pick(tuple(BatchKind))
        payouts.draw_up(
            dice.session,
            chosen,
            kind=kind,
            account=dice.money(),
            on=dice.pick((DAY, DAY, dice.day())),
            draft_key=dice.pick((None, None, "list")),
        )


def mark_paid(dice: Dice) -> None:
    row = dice.row(Slip, col(Slip.batch_id).is_not(None), col(Slip.paid_on).is_(None))
    if row:
        payouts.mark_paid(dice.session, row.id, on=DAY)


def take_off(dice: Dice) -> None:
    row = dice.row(Slip, col(Slip.batch_id).is_not(None), col(Slip.paid_on).is_(None))
    if row:
        payouts.take_off(dice.session, row.id, on=DAY)


def mark_all_paid(dice: Dice) -> None:
    batch = dice.row(PayoutBatch, col(PayoutBatch.closed_on).is_(None)) or dice.row(PayoutBatch)
    if batch:
        payouts.mark_all_paid(dice.session, batch.id, on=dice.pick((DAY, DAY, dice.day())))


def pay_slip(dice: Dice) -> None:
    row = dice.row(Slip, col(Slip.paid_on).is_(None), col(Slip.voided_on).is_(None))
    if row:
        slips.pay(dice.session, row.id, account=dice.money(), on=dice.pick((DAY, dice.day())))


def money_back(dice: Dice) -> None:
    row = dice.row(Slip, col(Slip.paid_entry_id).is_not(None)) or dice.row(Slip)
    if row:
        reversals.return_payout(dice.session, row.id, reason=dice.pick(REASONS), on=DAY)


def lose(dice: Dice) -> None:
    delivery = dice.row(Delivery)
    if delivery:
        stock.lose(
            dice.session,
            delivery.id,
            quantity=dice.pick((1, delivery.net // 3, delivery.net, 0, -1, 10**18)),
            kind=dice.pick(tuple(Loss)),
            reason=dice.pick(REASONS),
            on=dice.pick((DAY, dice.day())),
            draft_key=dice.pick((None, "loss")),
        )


def order(dice: Dice) -> None:
    orders.add_order(
        dice.session,
        buyer_id=dice.pick((1, 2)),
        product_id=dice.pick((1, 2)),
        grade_id=None,
        quantity=dice.pick(LOADS),
        price_e4=dice.pick((None, *PRICES_E4)),
        ordered_on=dice.day(),
        due_on=DAY + timedelta(days=dice.pick((0, 3))),
        on=DAY,
        draft_key=dice.pick((None, "order")),
    )


def end_order(dice: Dice) -> None:
    row = dice.row(BuyerOrder)
    if row:
        end = dice.pick((orders.close_order, orders.cancel_order, orders.reopen_order))
        end(dice.session, row.id)


def quote(dice: Dice) -> None:
    """A middleman's price, heard late or today; now and then only for who owes him."""
    grade = dice.row(Grade)
    assert grade
    tied = dice.pick((False, False, True))
    quotes.record(
        dice.session,
        product_id=grade.product_id,
        grade_id=grade.id,
        village_id=1,
        quoted_on=dice.day(),
        price_e4=dice.pick((1, 52_000_000, 61_000_000, 64_000_000)),
        on=DAY,
        cut_per_sack=dice.pick((None, 2_000)),
        sack_size=50_000,
        cut_bp=dice.pick((0, 150)),
        pays_after_days=dice.pick((0, 7)),
        loan=Loan(1_000_000, 1, 1_000_000, 120, 500_000) if tied else None,
        market_e4=70_000_000 if tied else None,
    )


@contextmanager
def as_member(session: Session, member_id: int) -> Iterator[None]:
    """Act as this member for a moment."""
    before = session.info["person"]
    session.info["person"] = make.person(Role.MEMBER, member_id=member_id)
    yield
    session.info["person"] = before


def dispute(dice: Dice) -> None:
    delivery = dice.row(Delivery)
    if delivery:
        with as_member(dice.session, delivery.member_id):
            answers.dispute(dice.session, delivery.id, words="Bukan B", on=DAY, at=make.AT)


def resolve(dice: Dice) -> None:
    said = dice.row(DeliveryAnswer, ~col(DeliveryAnswer.agrees))
    if said:
        wrong = dice.session.get_one(Delivery, said.delivery_id)
        grade = dice.row(Grade, Grade.product_id == wrong.product_id)
        assert grade
        answers.correct_grade(
            dice.session, wrong.id, grade_id=grade.id, reason=dice.pick(REASONS), on=DAY, at=make.AT
        )


def change_rule(dice: Dice) -> None:
    past = pricing.versions(dice.session, 1)
    base = Fixed((GradePrice(None, dice.pick((1, 50_000_000, 10**12))),))
    since = dice.day()
    known = [each.id for each in past if each.since == since]
    rule = replace(RULE, base=base)
    pricing.add_version(
        dice.session, 1, rule=rule, since=since, corrects_id=known[-1] if known else None
    )


MARKETING: Sequence[Callable[[Dice], None]] = (
    bring, bring, buy, buy, sell, sell, sell, add_cost, add_cost, change_terms, settle, settle,
    settle, take_settlement_back, take_settlement_back, take_payment_back, take_cost_back,
    take_sold_back, take_sold_back, advance, advance, take_advance_back, agree, agree, draw_up,
    draw_up, mark_paid, mark_paid, take_off, take_off, mark_all_paid, pay_slip, pay_slip,
    money_back, money_back, lose, order, end_order, quote, quote, dispute, resolve, change_rule,
    laws.buyer_pays, laws.buyer_pays, laws.pay_cost, laws.leave_or_return, laws.take_back,
    laws.change_factor, laws.release, laws.cancel, laws.remove_cost, laws.allot,
)  # fmt: skip
BEGIN = st.tuples(
    *(
        st.tuples(st.just(move), NUMBERS)
        for move in (bring, buy, bring, advance, agree, sell, add_cost, settle, laws.buyer_pays)
    )
)
THEN = st.lists(st.tuples(st.sampled_from(MARKETING), NUMBERS), min_size=20, max_size=40)


def play(coop: str, moves: Played) -> None:
    """Each move is one person's action: kept whole, or refused and nothing of it kept."""
    with db.writing(coop, person=SYSTEM, action="test.found", at=make.AT) as session:
        found(session)
    for move, numbers in moves:
        try:
            with db.writing(
                coop, person=SYSTEM, action=f"test.{move.__name__}", at=make.AT
            ) as session:
                move(Dice(session, numbers))
        except Refusal:
            continue  # a rule said no; what it says is tested elsewhere


def every_gram_is_somewhere(session: Session) -> None:
    came = one(session, select(func.sum(Delivery.net)).where(deliveries.standing()))
    sold = (
        select(func.sum(Allotment.quantity))
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Sale.stage != SaleStage.CANCELLED)
    )
    lost = select(func.sum(StockLoss.quantity))
    there = sum(lot.left for lot in stock.in_store(session))
    assert came - one(session, sold) - one(session, lost) == there >= 0
    # What is kept as in store is what lies there: free, or promised to open sales.
    lie = test_stock_lots.there(session)
    assert test_stock_lots.is_kept(session, *lie)
    assert sum(pile.quantity for pile in stock.piles(session, on=DAY)) == sum(lie.values())


def every_rupiah_is_somewhere(session: Session) -> None:
    for sale in session.exec(select(Sale).where(Sale.stage == SaleStage.SETTLED)).all():
        assert sale.gross_rp is not None
        assert sale.net_rp is not None
        parts = (sale.fee_rp, sale.costs_rp, sale.cost_of_goods_rp, sale.net_rp)
        assert sale.gross_rp == sum(part or 0 for part in parts)
        hers = select(func.sum(Slip.net_value_rp)).where(
            Slip.sale_id == sale.id, col(Slip.voided_on).is_(None)
        )
        assert one(session, hers) == (sale.net_rp if sale.mode is SaleMode.POOL else 0)
    assert one(session, select(func.sum(Line.debit_rp - Line.credit_rp))) == 0
    assert sum(row.debit_rp - row.credit_rp for row in books.trial_balance(session)) == 0
    for slip in session.exec(select(Slip)).all():
        assert 0 <= slip.deducted_rp <= slip.net_value_rp
        if slip.paid_on is not None:
            assert slip.received_rp == slip.net_value_rp - slip.deducted_rp


def everything_can_be_looked_at(session: Session) -> None:
    """Every page's figures, and those that must agree with the journal do."""
    piles = stock.piles(session, on=DAY)
    assert sum(pile.cost_rp for pile in piles) == ledger.balance_rp(session, STOCK)
    owed = receivables.receivables(session, on=DAY)
    assert owed is not None
    for slip_id in session.exec(select(Slip.id)).all():
        slips.slip(session, slip_id)
        comparison.of_slip(session, slip_id, on=DAY)
    for sale_id in session.exec(select(Sale.id)).all():
        sales.statement(session, sale_id)
        take_backs.outlook(session, sale_id)
    waiting = [row.slip for row in payouts.unpaid(session)]
    for slip_id, taken in deductions.planned(session, waiting).items():
        worth_rp = session.get_one(Slip, slip_id).net_value_rp
        assert 0 <= sum(each.amount_rp for each in taken) <= worth_rp
    payout_rows.lists(session)
    orders.promised(session)
    for member_id in session.exec(select(Member.id)).all():
        passport.passport(session, member_id, on=DAY)
        assert ledger.balance_rp(session, MEMBERS_OWE, member_id=member_id) >= 0
    for product_id in session.exec(select(Product.id)).all():
        standings.standings(session, product_id=product_id, on=DAY)


# A few with every run; KOPPROD_SEASONS=100 plays a hundred.
EXAMPLES = int(os.environ.get("KOPPROD_SEASONS", "4"))


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(begin=BEGIN, then=THEN)
def test_whatever_is_marketed_the_books_prove(
    databases: Sqlite | Postgresql,
    tmp_path_factory: pytest.TempPathFactory,
    begin: Played,
    then: Played,
) -> None:
    folder: Path = tmp_path_factory.mktemp("law") / "coops"
    with databases.fresh(folder) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOPPROD_DB", url)
        play(COOP, [*begin, *then])
        with db.reading(COOP) as session:
            assert [each.sentence for each in check.problems(session)] == []
            every_gram_is_somewhere(session)
            every_rupiah_is_somewhere(session)
            laws.every_change_has_an_act(session)
            everything_can_be_looked_at(session)
