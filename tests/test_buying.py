"""Beli putus: bought at the price of the delivery's day, taken back whole, paid like any slip."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain import bands
from kopprod.domain.access import SYSTEM, Action, NotAllowed, Person, Role
from kopprod.domain.bands import Axis, Band, Bands, Between
from kopprod.domain.buying import NothingPaid
from kopprod.domain.deliveries import DeliveryIsSold
from kopprod.domain.ledger import CASH, COST_OF_GOODS, MEMBERS_OWE, OWED_TO_MEMBERS, STOCK, Posting
from kopprod.domain.measures import Measure
from kopprod.domain.price_versions import NoPriceRule
from kopprod.domain.pricing import Fixed, GradePrice, Limit, PriceRule, ToMoisture
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import SaleMode
from kopprod.domain.stock import Loss, PartWasLost
from kopprod.services import (
    bought,
    buying,
    check,
    comparison,
    deliveries,
    ledger,
    pricing,
    quotes,
    sales,
    settlement,
    slips,
    standings,
    stock,
)
from kopprod.services.bought import BoughtStory
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Product
from kopprod.tables.slips import Slip
from tests import make
from tests.founded import acting, today
from tests.screens import screen, words

DAY = make.TODAY
KG = 1_000
# Rp6.500 at 14 % moisture, Rp300 less when over 3 % are empty.
RULE = PriceRule(
    Fixed((GradePrice(None, 65_000_000),)),
    limits=(Limit(Measure.EMPTY, 300, -3_000_000, needed=False),),
    weight=ToMoisture(1_400),
)
WET = {Measure.MOISTURE: 1_800}


@dataclass(frozen=True)
class Store:
    """Paddy that is bought at the rule's price, two who bring it, and who weighs and pays."""

    coop: str
    product_id: int
    grade_id: int
    ayu: Person
    budi: Person
    officer: Person
    treasurer: Person
    manager: Person


@pytest.fixture
def store(coop: str) -> Store:
    with writing(coop) as session:
        ledger.open_chart(session)
        gabah = make.product(session)
        balances = [Posting(CASH, debit_rp=50_000_000), Posting("35", credit_rp=50_000_000)]
        ledger.open_balances(session, on=DAY, balances=balances)
        pricing.add_version(session, gabah.id, rule=RULE, since=DAY - timedelta(days=30))
        return Store(
            coop,
            product_id=gabah.id,
            grade_id=make.grade(session, gabah.id).id,
            ayu=make.user(session, Role.MEMBER, name="Ayu"),
            budi=make.user(session, Role.MEMBER, name="Budi"),
            officer=make.user(session, Role.OFFICER, name="Oman"),
            treasurer=make.user(session, Role.TREASURER, name="Tuti"),
            manager=make.user(session, Role.MANAGER, name="Citra"),
        )


def writing(coop: str, person: Person = SYSTEM):  # type: ignore[no-untyped-def]
    return db.writing(coop, person=person, action="test", at=make.AT)


def bring(
    session: Session,
    store: Store,
    gram: int = 50 * KG,
    *,
    buys: bool = True,
    measured: dict[Measure, int] | None = None,
    received_on: date = DAY,
    draft_key: str | None = None,
    corrects_id: int | None = None,
) -> Delivery:
    member_id = store.ayu.member_id
    assert member_id is not None
    return deliveries.receive(
        session,
        member_id=member_id,
        product_id=store.product_id,
        grade_id=store.grade_id,
        gross=gram,
        tare=0,
        received_on=received_on,
        on=max(DAY, received_on),
        measured=WET if measured is None else measured,
        buys=buys,
        draft_key=draft_key,
        corrects_id=corrects_id,
    )


def sell(session: Session, store: Store, delivery_id: int, gram: int) -> int:
    buyer_id = make.buyer(session, f"PB {delivery_id} {gram}").id
    sale = sales.open_sale(
        session,
        buyer_id=buyer_id,
        product_id=store.product_id,
        sold_on=DAY,
        price_e4=80_000_000,
        buyer_weight=gram,
        fee_bp=0,
        on=DAY,
        mode=SaleMode.OUTRIGHT,
    )
    sales.allot(session, sale.id, delivery_id=delivery_id, quantity=gram)
    sales.settle(session, sale.id, on=DAY)
    return sale.id


def test_a_cancelled_sale_of_goods_that_were_sold_otherwise_can_be_looked_at(store: Store) -> None:
    with writing(store.coop) as session:
        lot = bring(session, store)
        given_up = sales.open_sale(
            session,
            buyer_id=make.buyer(session).id,
            product_id=store.product_id,
            sold_on=DAY,
            price_e4=80_000_000,
            buyer_weight=50 * KG,
            fee_bp=0,
            on=DAY,
            mode=SaleMode.OUTRIGHT,
        )
        sales.allot_all(session, given_up.id, [lot.id])
        sales.cancel(session, given_up.id)
        sell(session, store, lot.id, 50 * KG)
        found = sales.statement(session, given_up.id)
        assert found.outcome is None
        assert isinstance(found.why_not, settlement.SaleCancelled)


def balance(session: Session, account: str) -> int:
    return ledger.balance_rp(session, account)


def test_a_wet_delivery_is_bought_at_once_by_the_rule_of_its_day(store: Store) -> None:
    with writing(store.coop, store.officer) as session:
        delivery = bring(session, store)
    with db.reading(store.coop, person=SYSTEM) as session:
        row = buying.of_delivery(session, delivery.id)
        assert row is not None
        # 50 kg of 18 % are 47,674 kg of 14 %: 82/86 of 50.000 g, half up.
        assert row.paid_weight_e4 == 47_674 * 10_000
        assert (row.price_e4, row.amount_rp) == (65_000_000, 309_881)
        slip = session.exec(select(Slip)).one()
        assert (slip.buying_id, slip.sale_id, slip.net_value_rp) == (row.id, None, 309_881)
        assert slip.member_id == store.ayu.member_id
        assert balance(session, STOCK) == 309_881
        assert balance(session, OWED_TO_MEMBERS) == -309_881
        assert list(check.problems(session)) == []


def test_the_same_form_twice_buys_once(store: Store) -> None:
    with writing(store.coop) as session:
        first = bring(session, store, draft_key="a")
        assert bring(session, store, draft_key="a").id == first.id
        assert len(session.exec(select(Slip)).all()) == 1
        with pytest.raises(buying.BoughtAlready):
            buying.buy(session, first.id, on=DAY)


def test_a_book_typed_late_is_bought_by_the_rule_of_the_day_on_which_it_came(store: Store) -> None:
    dearer = PriceRule(Fixed((GradePrice(None, 70_000_000),)))
    with writing(store.coop) as session:
        pricing.add_version(session, store.product_id, rule=dearer, since=DAY)
        late = bring(session, store, received_on=DAY - timedelta(days=1))
        today = bring(session, store)
        rows = [buying.of_delivery(session, one.id) for one in (late, today)]

    assert [row and row.price_e4 for row in rows] == [65_000_000, 70_000_000]
    assert [row and row.bought_on for row in rows] == [DAY, DAY]


def asks(session: Session, store: Store) -> None:
    axis = Axis(Measure.MOISTURE, 100, (Band(None, 1_400), Band(1_500, None)), between=Between.ASK)
    rule = PriceRule(Fixed((GradePrice(None, 65_000_000),)), bands=(Bands((axis,), (0, -1_000)),))
    pricing.add_version(session, store.product_id, rule=rule, since=DAY)


def too_early(_session: Session, _store: Store) -> None:
    """The rule of the fixture does not count yet."""


REFUSALS: list[tuple[dict[str, object], type[Refusal]]] = [
    ({"received_on": DAY - timedelta(days=31)}, NoPriceRule),
    ({"measured": {}}, Refusal),  # a moisture is needed for the weight
    ({"gram": 1, "measured": {Measure.MOISTURE: 9_000}}, NothingPaid),
]


@pytest.mark.parametrize(("how", "refusal"), REFUSALS)
def test_what_the_rule_does_not_price_is_neither_bought_nor_received(
    store: Store, how: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal), writing(store.coop) as session:
        bring(session, store, **how)  # type: ignore[arg-type]
    with db.reading(store.coop, person=SYSTEM) as session:
        assert session.exec(select(Delivery)).all() == []
        assert session.exec(select(Buying)).all() == []


def test_where_the_rule_asks_the_answer_is_bought_by(store: Store) -> None:
    with writing(store.coop) as session:
        asks(session, store)
        delivery = bring(session, store, buys=False, measured={Measure.MOISTURE: 1_450})
        with pytest.raises(bands.ToAsk) as asked:
            buying.buy(session, delivery.id, on=DAY)
        one = asked.value.choices[0]
        row = buying.buy(session, delivery.id, on=DAY, decided={Measure.MOISTURE: one})
        assert row.price_e4 in (65_000_000, 64_999_000)


def test_a_price_of_nothing_is_owed_to_nobody(store: Store) -> None:
    nothing = PriceRule(Fixed((GradePrice(None, 0),)))
    with writing(store.coop) as session:
        pricing.add_version(session, store.product_id, rule=nothing, since=DAY)
        delivery = bring(session, store)
        row = buying.of_delivery(session, delivery.id)
        assert row is not None
        assert (row.amount_rp, row.entry_id) == (0, None)
        deliveries.reverse(session, delivery.id, reason="Salah", on=DAY)
        assert (row.reversed_on, row.reversal_entry_id) == (DAY, None)
    with db.reading(store.coop, person=SYSTEM) as session:
        assert list(check.problems(session)) == []


def test_who_weighs_buys_and_nobody_else(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store, buys=False)
    for person in (store.treasurer, store.ayu):
        with pytest.raises(NotAllowed), writing(store.coop, person) as session:
            buying.buy(session, delivery.id, on=DAY)
    assert store.officer.may(Action.DELIVERIES_RECEIVE)


def test_a_delivery_that_is_not_there_is_not_bought(store: Store) -> None:
    with pytest.raises(NotAllowed), writing(store.coop) as session:
        buying.buy(session, 999, on=DAY)


# Taking back


def test_a_bought_delivery_is_taken_back_with_its_entry_and_slip(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)
        deliveries.reverse(session, delivery.id, reason="Salah timbang", on=DAY)
    with db.reading(store.coop, person=SYSTEM) as session:
        assert (balance(session, STOCK), balance(session, OWED_TO_MEMBERS)) == (0, 0)
        slip = session.exec(select(Slip)).one()
        assert (slip.voided_on, slip.void_reason) == (DAY, "Salah timbang")
        assert buying.of_delivery(session, delivery.id) is None
        assert list(check.problems(session)) == []


def test_what_she_was_paid_for_it_she_owes(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)
    with writing(store.coop, store.treasurer) as session:
        slips.pay(session, session.exec(select(Slip.id)).one(), account=CASH, on=DAY)
    with writing(store.coop, store.officer) as session:
        deliveries.reverse(session, delivery.id, reason="Salah timbang", on=DAY)
    with db.reading(store.coop, person=SYSTEM) as session:
        assert balance(session, MEMBERS_OWE) == 309_881
        assert (balance(session, STOCK), balance(session, OWED_TO_MEMBERS)) == (0, 0)
        assert balance(session, CASH) == 50_000_000 - 309_881
        assert list(check.problems(session)) == []


def test_its_correction_is_bought_anew_by_the_same_rule(store: Store) -> None:
    with writing(store.coop) as session:
        wrong = bring(session, store)
        deliveries.reverse(session, wrong.id, reason="Salah timbang", on=DAY)
        right = bring(session, store, 40 * KG, corrects_id=wrong.id)
        first = session.exec(select(Buying).where(Buying.delivery_id == wrong.id)).one()
        second = buying.of_delivery(session, right.id)
        assert second is not None
        assert second.price_version_id == first.price_version_id
        assert second.amount_rp == 247_910
    with db.reading(store.coop, person=SYSTEM) as session:
        assert balance(session, STOCK) == 247_910
        assert list(check.problems(session)) == []


def test_what_is_sold_or_lost_in_part_is_not_taken_back(store: Store) -> None:
    with writing(store.coop) as session:
        sold, lost = bring(session, store), bring(session, store)
        sell(session, store, sold.id, 10 * KG)
        stock.lose(session, lost.id, quantity=KG, kind=Loss.SPOILED, reason="Tikus", on=DAY)
    for delivery, refusal in ((sold, DeliveryIsSold), (lost, PartWasLost)):
        with pytest.raises(refusal), writing(store.coop) as session:
            deliveries.reverse(session, delivery.id, reason="Salah", on=DAY)


# What parts cost


def test_all_parts_that_were_sold_or_lost_cost_what_was_paid(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)
        assert buying.cost_rp(session, delivery.id, 50 * KG) == 309_881
        sell(session, store, delivery.id, 20 * KG)
        lost = stock.lose(
            session, delivery.id, quantity=7 * KG, kind=Loss.DRIED, reason="Susut", on=DAY
        )
        # 27 kg cost Rp167.336, of which the 20 kg before cost Rp123.952.
        assert lost.cost_rp == 43_384
        sell(session, store, delivery.id, 23 * KG)
    with db.reading(store.coop, person=SYSTEM) as session:
        assert balance(session, STOCK) == 0
        assert balance(session, COST_OF_GOODS) == 309_881 - 43_384
        assert list(check.problems(session)) == []


def test_members_goods_cost_the_cooperative_nothing(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store, buys=False)
        with pytest.raises(buying.NotBought):
            buying.cost_rp(session, delivery.id, KG)


# What slip and receipt say


def test_a_slip_tells_every_step_and_the_version_of_the_rule(store: Store) -> None:
    with writing(store.coop) as session:
        bring(session, store, measured={**WET, Measure.EMPTY: 500})
        slip_id = session.exec(select(Slip.id)).one()
    with db.reading(store.coop, person=store.ayu) as session:
        story = slips.slip(session, slip_id)
        (listed,) = slips.slips(session)
    assert isinstance(story, BoughtStory)
    assert (story.how.version.number, story.how.version.since) == (1, DAY - timedelta(days=30))
    assert story.how.buying.price_e4 == 62_000_000
    amounts = [step.amount_e4 for step in story.how.steps]
    assert amounts == [65_000_000, -3_000_000, None]
    assert (listed.sale, listed.made_on, listed.of_number) == (None, DAY, "SET-2026-0001")


def test_another_member_reads_neither_slip_nor_price(store: Store) -> None:
    with writing(store.coop) as session:
        delivery = bring(session, store)
    with db.reading(store.coop, person=store.budi) as session:
        assert bought.how_bought(session, delivery.id) is None
        assert buying.slip_of(session, delivery.id) is None
        assert slips.slips(session) == []
    with db.reading(store.coop, person=store.ayu) as session:
        assert bought.how_bought(session, delivery.id) is not None
        assert buying.slip_of(session, delivery.id) is not None
    with db.reading(store.coop, person=store.officer) as session:
        assert buying.slip_of(session, delivery.id) is None


def test_whoever_weighed_and_bought_leaves_the_paying_to_another(store: Store) -> None:
    with writing(store.coop, store.manager) as session:
        bring(session, store)
        slip_id = session.exec(select(Slip.id)).one()
    with pytest.raises(slips.WeigherMayNotPay), writing(store.coop, store.manager) as session:
        slips.pay(session, slip_id, account=CASH, on=DAY)


def test_a_product_is_bought_by_default_where_the_manager_says_so(store: Store) -> None:
    with db.reading(store.coop, person=SYSTEM) as session:
        assert not session.get_one(Product, store.product_id).buys


def test_bought_goods_are_held_against_the_middlemans_price_too(store: Store) -> None:
    with writing(store.coop) as session:
        place = make.village(session).id
        session.get_one(Member, store.ayu.member_id).village_id = place
        for rupiah in (5_000, 5_100, 5_200):
            quotes.record(
                session,
                product_id=store.product_id,
                grade_id=store.grade_id,
                village_id=place,
                quoted_on=DAY,
                price_e4=rupiah * 10_000,
                on=DAY,
            )
        bring(session, store)
        slip_id = session.exec(select(Slip.id)).one()
    with db.reading(store.coop, person=store.ayu) as session:
        (lot,) = comparison.of_slip(session, slip_id, on=DAY + timedelta(days=5))
        assert lot == comparison.of_member(session, lot.member_id, on=DAY + timedelta(days=5))[0]
    assert (lot.bought, lot.paid, lot.lot.waited_days) == (True, False, 5)
    assert (lot.lot.net_value_rp, lot.lot.true_weight) == (309_881, 50 * KG)
    assert (lot.sold_on, lot.sold_at) == (DAY, Fraction(6_500))
    # 50 kg at Rp5.100 with the middleman are Rp255.000.
    assert lot.difference_rp == lot.coop_rp - 255_000 > 0
    # 47,674 kg are paid, so the middleman is better below some Rp5.360 for one of them.
    assert lot.break_even is not None
    assert 5_340 < lot.break_even < 5_380
    with writing(store.coop) as session:
        deliveries.reverse(session, 1, reason="Salah", on=DAY)
        assert comparison.of_slip(session, slip_id, on=DAY) == []


def test_the_last_price_is_of_the_last_sale_or_buying_whichever_was_later(store: Store) -> None:
    early = DAY - timedelta(days=3)

    def last() -> tuple[int, date | None, bool]:
        (found,) = standings.standings(session, product_id=store.product_id, on=DAY)
        assert found.coop is not None
        return round(found.coop), found.coop_on, found.coop_bought

    with writing(store.coop) as session:
        assert standings.standings(session, product_id=store.product_id, on=DAY) == []
        bring(session, store, received_on=early)
        # Rp6.500 for 47,674 of 50 kg, the rest is water; then three days of waiting at 24 % a year.
        assert last() == (6_185, early, True)
        hers = bring(session, store, buys=False, received_on=early)
        sale = sales.open_sale(
            session, buyer_id=make.buyer(session).id, product_id=store.product_id, sold_on=early,
            price_e4=60_000_000, buyer_weight=50 * KG, fee_bp=0, on=DAY,
        )  # fmt: skip
        sales.allot_all(session, sale.id, [hers.id])
        sales.settle(session, sale.id, on=DAY)
        assert last() == (5_988, early, False)
        for gram in (50 * KG, 30 * KG):
            bring(session, store, gram, measured={Measure.MOISTURE: 1_400})
        wrong = bring(session, store)
        assert last()[0] < 6_500
        deliveries.reverse(session, wrong.id, reason="Salah", on=DAY)
        assert last() == (6_500, DAY, True)


def test_prices_say_whether_they_were_sold_or_bought_for(store: Store) -> None:
    with acting(store.coop) as session:
        bring(session, store, received_on=today())
    shown = words(screen(store.coop, store.manager, "home"))
    assert "dibeli putus" in shown
