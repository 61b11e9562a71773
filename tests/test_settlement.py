"""Collective sales: pooling, settling once, to the rupiah, and the money around it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.ledger import BANK, BUYERS_OWE, CASH, OWED_SALE_COSTS, OWED_TO_MEMBERS, SALE_FEE
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import (
    CostsAboveProceeds,
    NothingPooled,
    SaleStage,
    ShrinkageNeedsReason,
)
from kopprod.services import check, deliveries, ledger, payments, products, sales, settlement
from kopprod.tables.ledger import Entry, Line
from kopprod.tables.members import Member
from kopprod.tables.sales import Allotment, BuyerPayment, Sale, SaleCost
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Change
from tests import make
from tests.screens import screen, words

DAY = make.TODAY
KG = 1_000


@dataclass(frozen=True)
class Season:
    """A cooperative in which Siti, Budi and Made have delivered 300,7 kg, as in WE-18."""

    coop: str
    product_id: int
    buyer_id: int
    grade_a: int
    grade_b: int
    members: dict[str, int]
    delivered: list[int]


def writing(coop: str, person: Person = make.MANAGER) -> AbstractContextManager[Session]:
    return db.writing(coop, person=person, action="test", at=make.AT)


def bring(
    session: Session, season: Season, name: str, gram: int, grade_id: int | None = None
) -> int:
    delivery = deliveries.receive(
        session,
        member_id=season.members[name],
        product_id=season.product_id,
        grade_id=grade_id or season.grade_a,
        gross=gram,
        tare=0,
        received_on=DAY,
        on=DAY,
    )
    return delivery.id


@pytest.fixture
def season(coop: str) -> Season:
    with writing(coop) as session:
        ledger.open_chart(session)
        gabah = make.product(session)
        a = make.grade(session, gabah.id, "A")
        b = make.grade(session, gabah.id, "B", factor_bp=9_200, position=2)
        names = ("Siti", "Budi", "Made")
        season = Season(
            coop=coop,
            product_id=gabah.id,
            buyer_id=make.buyer(session).id,
            grade_a=a.id,
            grade_b=b.id,
            members={name: make.member(session, name).id for name in names},
            delivered=[],
        )
        season.delivered.append(bring(session, season, "Siti", 120_500))
        season.delivered.append(bring(session, season, "Budi", 80_000, b.id))
        season.delivered.append(bring(session, season, "Made", 60_000))
        season.delivered.append(bring(session, season, "Siti", 40_200, b.id))
    return season


def open_sale(
    session: Session,
    season: Season,
    *,
    buyer_weight: int = 297_400,
    price_e4: int = 172_500_000,
    fee_bp: int = 250,
    delivery_ids: Sequence[int] | None = None,
) -> Sale:
    sale = sales.open_sale(
        session,
        buyer_id=season.buyer_id,
        product_id=season.product_id,
        sold_on=DAY,
        price_e4=price_e4,
        buyer_weight=buyer_weight,
        fee_bp=fee_bp,
        on=DAY,
    )
    ids = season.delivered if delivery_ids is None else delivery_ids
    sales.allot_all(session, sale.id, ids)
    return sale


def settled(session: Session, season: Season) -> Sale:
    """WE-18, settled."""
    sale = open_sale(session, season)
    sales.add_cost(session, sale.id, name="Truk", amount_rp=250_000)
    sales.add_cost(session, sale.id, name="Karung", amount_rp=31_000)
    return sales.settle(session, sale.id, on=DAY)


def members_rp(session: Session, sale: Sale) -> dict[str, int]:
    query = select(Member.name, Slip.net_value_rp).join(Slip, col(Slip.member_id) == Member.id)
    return dict(session.exec(query.where(Slip.sale_id == sale.id)).all())


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gave or refused, all begun at the same moment on threads of their own."""
    barrier, results = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results.append(act())
        except Refusal as refusal:
            results.append(refusal)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# Settling


def test_the_worked_example_comes_out_exactly(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        assert (sale.gross_rp, sale.costs_rp, sale.fee_rp) == (5_130_150, 281_000, 128_254)
        assert sale.net_rp == 4_720_896
        assert (sale.our_weight, sale.graded_weight_e4) == (300_700, 2_910_840_000)
        shares = session.exec(select(Allotment.share_rp).order_by(col(Allotment.delivery_id)))
        assert list(shares) == [1_954_308, 1_193_669, 973_100, 599_819]
        paid = {"Siti": 2_554_127, "Budi": 1_193_669, "Made": 973_100}
        assert members_rp(session, sale) == paid
        numbers = session.exec(select(Slip.number).order_by(col(Slip.id))).all()
        assert numbers == ["SLIP-2026-0001", "SLIP-2026-0002", "SLIP-2026-0003"]


def test_the_settlement_is_one_balanced_entry(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        entry = session.get_one(Entry, sale.entry_id)
        lines = session.exec(select(Line).where(Line.entry_id == entry.id)).all()
        assert entry.paper == f"sale:{sale.id}"
        assert sum(line.debit_rp for line in lines) == 5_130_150
        assert sum(line.credit_rp for line in lines) == 5_130_150
        siti = season.members["Siti"]
        assert ledger.balance_rp(session, OWED_TO_MEMBERS, member_id=siti) == -2_554_127
        assert ledger.balance_rp(session, BUYERS_OWE, buyer_id=season.buyer_id) == 5_130_150
        assert ledger.balance_rp(session, SALE_FEE) == -128_254
        assert ledger.balance_rp(session, OWED_SALE_COSTS) == -281_000


def test_without_costs_and_fee_their_lines_are_left_out(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season, fee_bp=0)
        sales.settle(session, sale.id, on=DAY)
        codes = session.exec(select(Line.account_code).where(Line.entry_id == sale.entry_id))
        assert set(codes) == {BUYERS_OWE, OWED_TO_MEMBERS}


def test_the_preview_is_what_settling_does(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        before = sales.preview(session, sale.id)
        sales.settle(session, sale.id, on=DAY)
        assert sales.preview(session, sale.id) == before
        assert before.net_rp == sum(members_rp(session, sale).values())


def test_a_factor_that_changes_later_does_not_touch_a_settled_sale(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        products.set_grade_factor(session, season.grade_b, factor_bp=5_000, since=DAY)
        after = sales.statement(session, sale.id)
        assert [part.factor_bp for part in after.parts] == [10_000, 9_200, 10_000, 9_200]
        assert after.outcome is not None
        assert after.outcome.share_rp["SET-2026-0002"] == 1_193_669


def test_a_sale_is_settled_once(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        with pytest.raises(settlement.AlreadySettled) as refused:
            sales.settle(session, sale.id, on=DAY)
        assert refused.value.facts == {"number": "JUAL-2026-0001", "settled_on": DAY}
        assert session.exec(select(func.count()).select_from(Slip)).one() == 3


def test_of_two_who_settle_at_once_one_succeeds(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = open_sale(session, season).id

    def settle() -> object:
        with writing(season.coop) as session:
            return sales.settle(session, sale_id, on=DAY).number

    results = at_once(settle, settle)

    assert [type(r) for r in results if r != "JUAL-2026-0001"] == [settlement.AlreadySettled]
    with db.reading(season.coop) as session:
        assert session.exec(select(func.count()).select_from(Slip)).one() == 3
        assert ledger.balance_rp(session, BUYERS_OWE) == 5_130_150
        assert next(check.problems(session), None) is None


def test_a_large_difference_of_weight_needs_a_reason(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season, buyer_weight=290_000)
        with pytest.raises(ShrinkageNeedsReason):
            sales.settle(session, sale.id, on=DAY, shrinkage_reason="  ")
        sales.settle(session, sale.id, on=DAY, shrinkage_reason="Hujan di jalan")
        assert sale.shrinkage_reason == "Hujan di jalan"


def test_a_large_gain_needs_a_reason_too(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season, buyer_weight=310_000)
        with pytest.raises(ShrinkageNeedsReason):
            sales.settle(session, sale.id, on=DAY)


def test_a_sale_without_goods_or_with_too_many_costs_is_refused(season: Season) -> None:
    with writing(season.coop) as session:
        empty = open_sale(session, season, delivery_ids=[])
        with pytest.raises(NothingPooled):
            sales.settle(session, empty.id, on=DAY)
        dear = open_sale(session, season, buyer_weight=300_000)
        sales.add_cost(session, dear.id, name="Kapal", amount_rp=6_000_000)
        with pytest.raises(CostsAboveProceeds):
            sales.settle(session, dear.id, on=DAY)
        assert isinstance(sales.statement(session, dear.id).why_not, CostsAboveProceeds)


def test_a_refused_settlement_keeps_nothing(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = open_sale(session, season, buyer_weight=290_000).id
    with pytest.raises(ShrinkageNeedsReason), writing(season.coop) as session:
        sales.settle(session, sale_id, on=DAY)
    with db.reading(season.coop) as session:
        assert session.get_one(Sale, sale_id).stage is SaleStage.OPEN
        assert session.exec(select(Slip)).first() is None
        assert session.exec(select(Entry)).first() is None


def test_only_a_manager_sells_and_settles(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = open_sale(session, season).id
    for person in (make.TREASURER, make.OFFICER, make.SUPERVISOR, make.person(Role.MEMBER)):
        with pytest.raises(NotAllowed), writing(season.coop, person) as session:
            sales.settle(session, sale_id, on=DAY)
        with pytest.raises(NotAllowed), writing(season.coop, person) as session:
            sales.cancel(session, sale_id)


# Pooling


def test_a_delivery_may_be_split_over_several_sales(season: Season) -> None:
    siti = season.delivered[0]
    with writing(season.coop) as session:
        first = open_sale(session, season, delivery_ids=[])
        second = open_sale(session, season, delivery_ids=[], buyer_weight=1)
        sales.allot(session, first.id, delivery_id=siti, quantity=100 * KG)
        assert deliveries.left(session, siti) == 20_500
        sales.allot(session, second.id, delivery_id=siti, quantity=20_500)
        assert deliveries.left(session, siti) == 0
        with pytest.raises(sales.MoreThanDelivered):
            sales.allot(session, first.id, delivery_id=siti, quantity=100_001)
        sales.allot(session, first.id, delivery_id=siti, quantity=40 * KG)
        assert deliveries.left(session, siti) == 60 * KG


def test_only_more_than_was_delivered_is_refused(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season, delivery_ids=[])
        with pytest.raises(sales.MoreThanDelivered):
            sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=120_501)
        with pytest.raises(sales.NothingOfIt):
            sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=0)
        sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=120_500)


def test_two_managers_cannot_sell_the_same_sack_twice(season: Season) -> None:
    with writing(season.coop) as session:
        first = open_sale(session, season, delivery_ids=[]).id
        second = open_sale(session, season, delivery_ids=[], buyer_weight=1).id

    def sell(sale_id: int) -> Callable[[], object]:
        def act() -> object:
            with writing(season.coop) as session:
                return sales.allot(
                    session, sale_id, delivery_id=season.delivered[0], quantity=70 * KG
                ).quantity

        return act

    results = at_once(sell(first), sell(second))

    assert [type(r) for r in results if r != 70 * KG] == [sales.MoreThanDelivered]
    with db.reading(season.coop) as session:
        assert deliveries.left(session, season.delivered[0]) == 50_500


def test_a_cancelled_sale_gives_its_goods_back_and_stays_cancelled(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        assert deliveries.in_store(session) == []
        sales.cancel(session, sale.id)
        assert len(deliveries.in_store(session)) == 4
        with pytest.raises(settlement.SaleCancelled):
            sales.settle(session, sale.id, on=DAY)
        again = open_sale(session, season)
        sales.settle(session, again.id, on=DAY)
        with pytest.raises(settlement.AlreadySettled):
            sales.cancel(session, again.id)


def test_goods_of_another_product_and_goods_taken_back_are_refused(season: Season) -> None:
    with writing(season.coop) as session:
        kopi = make.product(session, "Kopi")
        grade = make.grade(session, kopi.id)
        other = deliveries.receive(
            session,
            member_id=season.members["Made"],
            product_id=kopi.id,
            grade_id=grade.id,
            gross=KG,
            tare=0,
            received_on=DAY,
            on=DAY,
        )
        wrong = season.delivered[0]
        deliveries.reverse(session, wrong, reason="Salah timbang", on=DAY)
        sale = open_sale(session, season, delivery_ids=[])
        with pytest.raises(sales.OtherProduct):
            sales.allot(session, sale.id, delivery_id=other.id, quantity=1)
        with pytest.raises(sales.DeliveryTakenBack):
            sales.allot(session, sale.id, delivery_id=wrong, quantity=1)


def test_goods_and_costs_can_be_taken_out_while_the_sale_is_open(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        cost = sales.add_cost(session, sale.id, name="Truk", amount_rp=1_000)
        sales.remove_cost(session, cost.id)
        sales.release(session, sale.id, delivery_id=season.delivered[0])
        assert len(deliveries.in_store(session)) == 1
        sales.settle(session, sale.id, on=DAY, shrinkage_reason="Sebagian saja")
        assert sale.costs_rp == 0
        with pytest.raises(settlement.AlreadySettled):
            sales.add_cost(session, sale.id, name="Truk", amount_rp=1_000)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"sold_on": DAY + timedelta(days=1)}, sales.SaleInFuture),
        ({"price_e4": 0}, sales.PriceAbsurd),
        ({"price_e4": -1}, sales.PriceAbsurd),
        ({"buyer_weight": 0}, sales.WeightAbsurd),
        ({"fee_bp": 10_001}, sales.FeeAbsurd),
        ({"fee_bp": -1}, sales.FeeAbsurd),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(
    season: Season, change: dict[str, int | date], refusal: type[Refusal]
) -> None:
    terms = {"sold_on": DAY, "price_e4": 1, "buyer_weight": 1, "fee_bp": 0} | change
    with writing(season.coop) as session, pytest.raises(refusal):
        sales.open_sale(
            session,
            buyer_id=season.buyer_id,
            product_id=season.product_id,
            on=DAY,
            **terms,  # type: ignore[arg-type]
        )


def test_a_sale_opened_twice_at_once_is_one_sale(season: Season) -> None:
    def open_one() -> object:
        with writing(season.coop) as session:
            return open_sale(session, season).number

    with writing(season.coop) as session:
        sales.cancel(session, open_sale(session, season).id)
    results = at_once(open_one, open_one)

    assert [type(r) for r in results if r != "JUAL-2026-0002"] == [sales.SameSaleOpen]


def test_changed_terms_are_in_the_trail(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
    with writing(season.coop) as session:
        sales.change_terms(
            session, sale.id, sold_on=DAY, price_e4=1, buyer_weight=297_400, fee_bp=250, on=DAY
        )
    with db.reading(season.coop) as session:
        change = session.exec(select(Change).where(Change.column_name == "price_e4")).one()
        assert (change.before, change.after) == ("172500000", "1")


def test_a_buyer_is_known_by_one_name(season: Season) -> None:
    with writing(season.coop) as session:
        sales.add_buyer(session, name=' Toko  "Ani" <b> ')
        with pytest.raises(sales.BuyerKnown):
            sales.add_buyer(session, name='toko "ani" <B>')
        with pytest.raises(sales.BuyerNameless):
            sales.add_buyer(session, name="  ")
        assert 'Toko "Ani" <b>' in [buyer.name for buyer in sales.buyers(session)]


# Money


def test_a_buyer_pays_in_parts_and_never_more_than_is_owed(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
    with writing(season.coop, make.TREASURER) as session:
        sales.take_payment(session, sale.id, amount_rp=5_000_000, account=BANK, on=DAY)
        with pytest.raises(payments.MoreThanOwed) as refused:
            sales.take_payment(session, sale.id, amount_rp=130_151, account=CASH, on=DAY)
        assert refused.value.facts["owed_rp"] == 130_150
        sales.take_payment(session, sale.id, amount_rp=130_150, account=CASH, on=DAY)
        assert ledger.balance_rp(session, BUYERS_OWE) == 0
        assert ledger.balance_rp(session, BANK) == 5_000_000
        assert sales.statement(session, sale.id).owed_rp == 0
        assert [row.owed_rp for row in sales.sales(session)] == [0]


def test_a_payment_sent_twice_is_kept_once(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = settled(session, season).id

    def pay() -> object:
        with writing(season.coop, make.TREASURER) as session:
            return sales.take_payment(
                session, sale_id, amount_rp=1_000, account=CASH, on=DAY, draft_key="same"
            ).id

    first, second = at_once(pay, pay)

    assert first == second
    with db.reading(season.coop) as session:
        assert session.exec(select(func.count()).select_from(BuyerPayment)).one() == 1
        assert ledger.balance_rp(session, CASH) == 1_000


def test_money_waits_for_the_settlement(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        with pytest.raises(payments.NotSettledYet):
            sales.take_payment(session, sale.id, amount_rp=1, account=CASH, on=DAY)
        sales.settle(session, sale.id, on=DAY)
        with pytest.raises(payments.NothingPaid):
            sales.take_payment(session, sale.id, amount_rp=0, account=CASH, on=DAY)
        with pytest.raises(payments.NoMoneyAccount):
            sales.take_payment(session, sale.id, amount_rp=1, account=SALE_FEE, on=DAY)
        with pytest.raises(payments.BeforeSale):
            yesterday = DAY - timedelta(days=1)
            sales.take_payment(session, sale.id, amount_rp=1, account=CASH, on=yesterday)


def test_a_cost_is_paid_once_and_from_what_is_there(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        truck = session.exec(select(SaleCost).where(SaleCost.name == "Truk")).one()
    with writing(season.coop, make.TREASURER) as session, pytest.raises(ledger.CashShort):
        sales.pay_cost(session, truck.id, account=CASH, on=DAY)
    with writing(season.coop, make.TREASURER) as session:
        sales.take_payment(session, sale.id, amount_rp=5_130_150, account=CASH, on=DAY)
        sales.pay_cost(session, truck.id, account=CASH, on=DAY)
        with pytest.raises(payments.CostPaidAlready):
            sales.pay_cost(session, truck.id, account=CASH, on=DAY)
        assert ledger.balance_rp(session, OWED_SALE_COSTS) == -31_000
        assert ledger.balance_rp(session, CASH) == 4_880_150


# The law


@given(
    lots=st.lists(
        st.tuples(st.sampled_from(["Siti", "Budi", "Made"]), st.integers(1, 10**7), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    price_e4=st.integers(1, 10**9),
    costs=st.lists(st.integers(1, 50_000), max_size=2),
    fee_bp=st.integers(0, 1_000),
    part=st.integers(1, 100),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_slips_always_add_up_to_the_sale(
    season: Season,
    lots: list[tuple[str, int, bool]],
    price_e4: int,
    costs: list[int],
    fee_bp: int,
    part: int,
) -> None:
    with writing(season.coop) as session:
        ids = [
            bring(session, season, name, gram, season.grade_a if best else season.grade_b)
            for name, gram, best in lots
        ]
        sale = open_sale(
            session,
            season,
            delivery_ids=ids[1:],
            buyer_weight=sum(gram for _, gram, _ in lots),
            price_e4=price_e4,
            fee_bp=fee_bp,
        )
        some = -(-lots[0][1] * part // 100)
        sales.allot(session, sale.id, delivery_id=ids[0], quantity=some)
        for cost in costs:
            sales.add_cost(session, sale.id, name="Angkut", amount_rp=cost)
        try:
            sales.settle(session, sale.id, on=DAY, shrinkage_reason="Contoh")
        except (CostsAboveProceeds, settlement.NothingToShare):
            sales.cancel(session, sale.id)
            return
        slips_rp = sum(members_rp(session, sale).values())
        assert (sale.gross_rp or 0) == slips_rp + (sale.costs_rp or 0) + (sale.fee_rp or 0)
        lines = session.exec(select(Line).where(Line.entry_id == sale.entry_id)).all()
        assert sum(line.debit_rp - line.credit_rp for line in lines) == 0
        assert deliveries.left(session, ids[0]) == lots[0][1] - some
    with db.reading(season.coop) as session:
        assert next(check.problems(session), None) is None


# The screen


def _typed(test: AppTest, key: str, text: str) -> None:
    test.text_input(key=key).set_value(text)


def test_a_manager_sells_settles_and_takes_the_money_on_the_screen(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(season.coop, citra, "sales")
    _typed(test, "sale_price", "17.250")
    _typed(test, "sale_weight", "297,4")
    _typed(test, "sale_fee", "2,5 %")
    test.run()
    assert "4 setoran, seluruhnya 300,7 kg" in words(test)
    test.button(key="sale_open").click().run()
    assert "Penjualan JUAL-2026-0001 siap diisi." in words(test)
    for turn, (name, amount) in enumerate([("Truk", "250 ribu"), ("Karung", "31.000")]):
        _typed(test, f"cost_name_{turn}", name)
        _typed(test, f"cost_amount_{turn}", amount)
        test.run()
        test.button(key="cost_add").click().run()
    assert "Rp4.720.896" in words(test)
    test.checkbox(key="settle_sure").check().run()
    test.button(key="settle").click().run()
    assert "Hasil penjualan JUAL-2026-0001 sudah dibagi: Rp4.720.896 untuk 3" in words(test)
    _typed(test, "payment_amount_0", "5 juta")
    test.run()
    test.button(key="payment_keep").click().run()
    assert "Rp5.000.000 dari pembeli sudah dicatat." in words(test)
    assert not test.exception
    with db.reading(season.coop) as session:
        assert ledger.balance_rp(session, CASH) == 5_000_000
        assert next(check.problems(session), None) is None


def test_a_refused_settlement_says_why_and_can_be_tried_again(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        sale = open_sale(session, season, buyer_weight=290_000)
    test = screen(season.coop, citra, "sales")
    test.button(key=f"open_sale_{sale.id}").click().run()
    test.checkbox(key="settle_sure").check().run()
    test.button(key="settle").click().run()
    assert "Tuliskan alasannya" in words(test)
    _typed(test, "settle_reason", "Karung basah")
    test.run()
    test.button(key="settle").click().run()
    assert "Alasan selisih berat: Karung basah" in words(test)


def test_a_part_of_a_delivery_goes_in_and_the_sale_can_be_cancelled(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        sale = open_sale(session, season)
    test = screen(season.coop, citra, "sales")
    test.button(key=f"open_sale_{sale.id}").click().run()
    _typed(test, f"part_quantity_{season.delivered[0]}", "20 kg")
    test.run()
    test.button(key="part_use").click().run()
    assert "Setoran itu ikut dijual sebanyak 20 kg." in words(test)
    with db.reading(season.coop) as session:
        assert deliveries.left(session, season.delivered[0]) == 100_500
    test.button(key="sale_cancel").click().run()
    assert "Penjualan JUAL-2026-0001 dibatalkan." in words(test)
    assert not test.exception


def test_who_only_looks_finds_no_button_that_changes(season: Season) -> None:
    with writing(season.coop) as session:
        sari = make.user(session, Role.SUPERVISOR, name="Sari")
        sale = settled(session, season)
    test = screen(season.coop, sari, "sales")
    test.query_params["sale"] = str(sale.id)
    test.run()
    assert "Rp4.720.896" in words(test)
    assert [button.key for button in test.button if button.key != "sale_back"] == []


def test_a_made_up_address_says_a_sentence(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(season.coop, citra, "sales")
    for made_up in ("999", "-1", "1; DROP TABLE sale"):
        test.query_params["sale"] = made_up
        test.run()
        assert not test.exception
