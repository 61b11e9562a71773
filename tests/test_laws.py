"""Whatever people do, in whatever order: every rupiah and every gram is accounted for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, col, func, select

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.domain.ledger import BANK, CASH, OWED_TO_MEMBERS, Posting
from kopprod.domain.members import MemberStatus
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import SaleStage
from kopprod.services import check, deliveries, ledger, members, output, products, sales, slips
from kopprod.tables.deliveries import Delivery
from kopprod.tables.ledger import Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.output import OutputLog
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Sale, SaleCost
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Act
from tests import make
from tests.databases import COOP, Postgresql, Sqlite

DAY = make.TODAY
T = TypeVar("T")

# What people type, and what they should not: tiny, odd, just over a bound, and huge.
WEIGHTS = (1, 7, 999, 120_500, 1_000_000, 99_999_999, 10**11)
PRICES_E4 = (1, 9_999, 31_422_000, 172_500_000, 10**12)
FEES_BP = (0, 1, 250, 3_333, 10_000)
AMOUNTS_RP = (0, 1, 999, 250_000, 10**9, 10**12, 10**12 + 1)


@dataclass
class Dice:
    """What one move is about: picks things by numbers that hypothesis chose."""

    session: Session
    numbers: Sequence[int]
    used: Iterator[int] = field(default_factory=count)

    def _next(self) -> int:
        return self.numbers[next(self.used) % len(self.numbers)]

    def pick(self, things: Sequence[T]) -> T:
        return things[self._next() % len(things)]

    def row(self, table: type[T], *where: Any) -> T | None:
        """One of the rows that are there, the older ones first; None where there is none."""
        key = col(table.id)  # type: ignore[attr-defined]
        ids = self.session.exec(select(key).where(*where).order_by(key)).all()
        return self.session.get(table, self.pick(ids)) if ids else None

    def day(self) -> date:
        return DAY - timedelta(days=self._next() % 5)

    def money(self) -> str:
        return self.pick((CASH, BANK))


def found(session: Session) -> None:
    """Two products and four members, one of whom brings an old claim along."""
    ledger.open_chart(session)
    names = ("Ayu", "Budi", "Citra", "Dewi")
    ayu, *_others = [make.member(session, name) for name in names]
    gabah = make.product(session)
    make.grade(session, gabah.id, "A")
    make.grade(session, gabah.id, "B", factor_bp=9_200, position=2)
    make.grade(session, gabah.id, "C", factor_bp=1, position=3)
    anyaman = make.product(
        session, "Anyaman", base_unit=BaseUnit.PIECE, price_unit="kodi", units={"kodi": 20}
    )
    make.grade(session, anyaman.id)
    make.buyer(session)
    make.buyer(session, "CV Tani")
    ledger.open_balances(
        session,
        on=DAY - timedelta(days=5),
        balances=[
            Posting(CASH, debit_rp=5_000_000),
            Posting(OWED_TO_MEMBERS, credit_rp=300_000, member_id=ayu.id),
            Posting("35", credit_rp=4_700_000),
        ],
    )


def log(dice: Dice) -> None:
    member, product = dice.row(Member), dice.row(Product)
    if member and product:
        output.record(
            dice.session,
            None,
            member_id=member.id,
            product_id=product.id,
            amount=dice.pick(WEIGHTS),
            typed="x",
            made_on=dice.day(),
            on=DAY,
        )


def correct_log(dice: Dice) -> None:
    known = dice.row(OutputLog)
    if known:
        output.correct(
            dice.session, known.id, amount=dice.pick(WEIGHTS), typed="x", made_on=DAY, on=DAY
        )


def deliver(dice: Dice) -> None:
    member, grade = dice.row(Member), dice.row(Grade)
    assert member and grade
    known = dice.row(
        OutputLog, OutputLog.member_id == member.id, OutputLog.product_id == grade.product_id
    )
    weight = dice.pick(WEIGHTS)
    deliveries.receive(
        dice.session,
        member_id=member.id,
        product_id=grade.product_id,
        grade_id=grade.id,
        gross=weight,
        tare=dice.pick((0, 0, 1, weight // 10)),
        received_on=dice.day(),
        on=DAY,
        output_id=known.id if known else None,
        draft_key=dice.pick((None, "one", "two")),
        sure=True,
    )


def take_back(dice: Dice) -> None:
    known = dice.row(Delivery)
    if known:
        deliveries.reverse(dice.session, known.id, reason="Salah timbang", on=DAY)


def leave_or_return(dice: Dice) -> None:
    member = dice.row(Member)
    assert member
    if member.status is MemberStatus.LEFT:
        members.accept(dice.session, member.id, on=DAY)
    else:
        members.leave(dice.session, member.id, on=DAY, reason="Pindah")


def change_factor(dice: Dice) -> None:
    grade = dice.row(Grade)
    assert grade
    factor_bp = dice.pick((1, 5_000, 9_999, 20_000))
    products.set_grade_factor(dice.session, grade.id, factor_bp=factor_bp, since=dice.day())


def change_sack(dice: Dice) -> None:
    product = dice.row(Product)
    assert product
    factor = dice.pick((2, 40_000, 121_000))
    products.add_unit(dice.session, product.id, name="karung", factor=factor, since=dice.day())


def sell(dice: Dice) -> None:
    """A sale of some of what is in store; the buyer's scale says more, less, or nonsense."""
    stock = deliveries.in_store(dice.session)
    if not stock:
        return
    product_id = dice.pick(stock).delivery.product_id
    lots = [lot for lot in stock if lot.delivery.product_id == product_id]
    weight = sum(lot.left for lot in lots)
    sale = sales.open_sale(
        dice.session,
        buyer_id=dice.pick((1, 2)),
        product_id=product_id,
        sold_on=dice.day(),
        price_e4=dice.pick(PRICES_E4),
        buyer_weight=dice.pick((weight, weight - 1 or 1, weight + 1, 3 * weight, 1)),
        fee_bp=dice.pick(FEES_BP),
        on=DAY,
    )
    for lot in lots:
        part = dice.pick((lot.left, lot.left // 3 or 1, lot.left + 1))
        sales.allot(dice.session, sale.id, delivery_id=lot.delivery.id, quantity=part)


def allot(dice: Dice) -> None:
    sale, known = dice.row(Sale, Sale.stage == SaleStage.OPEN), dice.row(Delivery)
    if sale and known:
        part = dice.pick((1, known.net // 2, known.net))
        sales.allot(dice.session, sale.id, delivery_id=known.id, quantity=part)


def release(dice: Dice) -> None:
    part = dice.row(Allotment)
    if part:
        sales.release(dice.session, part.sale_id, delivery_id=part.delivery_id)


def add_cost(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.OPEN)
    if sale:
        # Now and then the costs take all that there is: the members' slips are then of Rp0.
        rest_rp = sales.preview(dice.session, sale.id).net_rp
        amount_rp = dice.pick((*AMOUNTS_RP, rest_rp, rest_rp, rest_rp + 1))
        sales.add_cost(dice.session, sale.id, name="Truk", amount_rp=amount_rp)


def remove_cost(dice: Dice) -> None:
    cost = dice.row(SaleCost)
    if cost:
        sales.remove_cost(dice.session, cost.id)


def cancel(dice: Dice) -> None:
    sale = dice.row(Sale)
    if sale:
        sales.cancel(dice.session, sale.id)


def settle(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.OPEN) or dice.row(Sale)
    if sale:
        reason = dice.pick(("", "Basah", "Basah"))
        sales.settle(dice.session, sale.id, on=dice.day(), shrinkage_reason=reason)


def buyer_pays(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.SETTLED) or dice.row(Sale)
    if sale:
        gross_rp = sale.gross_rp or 1
        sales.take_payment(
            dice.session,
            sale.id,
            amount_rp=dice.pick((gross_rp, gross_rp // 2, 1, gross_rp + 1)),
            account=dice.money(),
            on=dice.day(),
            draft_key=dice.pick((None, f"{sale.id}-once")),
        )


def pay_cost(dice: Dice) -> None:
    cost = dice.row(SaleCost)
    if cost:
        sales.pay_cost(dice.session, cost.id, account=dice.money(), on=dice.day())


def pay_slip(dice: Dice) -> None:
    slip = dice.row(Slip, col(Slip.paid_on).is_(None)) or dice.row(Slip)
    if slip:
        slips.pay(dice.session, slip.id, account=dice.money(), on=dice.day())


def write_by_hand(dice: Dice) -> None:
    """Electricity, cash to the bank, an old claim paid out, a debt of a buyer from before."""
    amount_rp = dice.pick(AMOUNTS_RP)
    sides = (
        (Posting("61", amount_rp), Posting(CASH, 0, amount_rp)),
        (Posting(BANK, amount_rp), Posting(CASH, 0, amount_rp)),
        (Posting(OWED_TO_MEMBERS, amount_rp, member_id=1), Posting(CASH, 0, amount_rp)),
        (Posting(CASH, amount_rp), Posting("1120", 0, amount_rp, buyer_id=1)),
    )
    ledger.post_by_hand(dice.session, on=dice.day(), memo="Lain", postings=dice.pick(sides))


def correct_entry(dice: Dice) -> None:
    entry = dice.row(Entry)
    if entry:
        ledger.correct(dice.session, entry.id, on=dice.day(), memo="Keliru")


MOVES: Sequence[Callable[[Dice], None]] = (
    log, correct_log, deliver, deliver, deliver, take_back, leave_or_return, change_factor,
    change_sack, sell, sell, allot, release, add_cost, remove_cost, cancel, settle, settle,
    buyer_pays, buyer_pays, pay_cost, pay_slip, pay_slip, write_by_hand, correct_entry,
)  # fmt: skip
NUMBERS = st.lists(st.integers(0, 60), min_size=7, max_size=7)
# Goods, a sale, its settlement and money come first, so that there is something to play with.
BEGIN = st.tuples(
    *(
        st.tuples(st.just(move), NUMBERS)
        for move in (deliver, deliver, deliver, sell, settle, buyer_pays)
    )
)
THEN = st.lists(st.tuples(st.sampled_from(MOVES), NUMBERS), min_size=15, max_size=30)


Played = Sequence[tuple[Callable[[Dice], None], Sequence[int]]]


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


def one(session: Session, query: Any) -> int:
    return int(session.execute(query).scalar() or 0)


def every_gram_is_somewhere(session: Session) -> None:
    came = one(session, select(func.sum(Delivery.net)).where(deliveries.standing()))
    gone = one(
        session,
        select(func.sum(Allotment.quantity))
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Sale.stage != SaleStage.CANCELLED),
    )
    assert came - gone == sum(lot.left for lot in deliveries.in_store(session)) >= 0


def every_rupiah_is_somewhere(session: Session) -> None:
    gross = one(session, select(func.sum(Sale.gross_rp)))
    fees = one(session, select(func.sum(Sale.fee_rp)))
    settled = select(Sale.id).where(Sale.stage == SaleStage.SETTLED)
    costs = one(
        session, select(func.sum(SaleCost.amount_rp)).where(col(SaleCost.sale_id).in_(settled))
    )
    assert gross == fees + costs + one(session, select(func.sum(Slip.net_value_rp)))
    assert one(session, select(func.sum(Line.debit_rp - Line.credit_rp))) == 0
    assert min(ledger.balance_rp(session, CASH), ledger.balance_rp(session, BANK)) >= 0


def every_change_has_an_act(session: Session) -> None:
    acts = set(session.exec(select(Act.id)).all())
    for table in SQLModel.metadata.sorted_tables:
        if "act_id" in table.columns:
            named = set(session.execute(select(table.columns["act_id"])).scalars())
            assert named <= acts, table.name


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(begin=BEGIN, then=THEN)
def test_whatever_is_played_the_books_prove(
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
            assert list(check.problems(session)) == []
            every_gram_is_somewhere(session)
            every_rupiah_is_somewhere(session)
            every_change_has_an_act(session)
