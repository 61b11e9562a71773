"""The ways of a sale: fees of several kinds, costs by weight and sacks, the cooperative's goods."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.ledger import (
    COST_OF_GOODS,
    GOODS_SOLD,
    OWED_SALE_COSTS,
    SALE_FEE,
    SELLING_COSTS,
    STOCK,
)
from kopprod.domain.pricing import Fixed, GradePrice, PriceRule
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import CostSplit, SaleMode, ShareBelowNothing
from kopprod.papers.press import Letterhead
from kopprod.papers.sales import proof, proof_words
from kopprod.papers.slips import slip_words
from kopprod.services import buying, check, deliveries, ledger, pricing, sales, settlement, slips
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip
from tests import make
from tests.screens import screen, words
from tests.seasons import DAY, KG, Season, at_once, members_rp, open_sale, writing
from tests.test_check import break_it, sentences

LETTER = Letterhead(coop="demo", name="KSU Tani", language="id", printed_on=DAY)


def buys(season: Season, *places: int, price_e4: int = 150_000_000) -> None:
    """Buy some of what was delivered, at Rp15.000 a kilogram."""
    with db.writing(season.coop, person=SYSTEM, action="test", at=make.AT) as session:
        rule = PriceRule(Fixed((GradePrice(None, price_e4),)))
        pricing.add_version(session, season.product_id, rule=rule, since=DAY)
        for place in places:
            buying.buy(session, season.delivered[place], on=DAY)


def own_sale(session: Session, season: Season, *, buyer_weight: int, rp: int = 17_250) -> Sale:
    """A sale of goods that the cooperative bought."""
    return sales.open_sale(
        session,
        buyer_id=season.buyer_id,
        product_id=season.product_id,
        sold_on=DAY,
        price_e4=rp * 10_000,
        buyer_weight=buyer_weight,
        fee_bp=0,
        mode=SaleMode.OUTRIGHT,
        on=DAY,
    )


def clean(season: Season) -> None:
    with db.reading(season.coop) as session:
        assert list(check.problems(session)) == []


# The cooperative's own goods


@pytest.mark.parametrize(
    ("rp", "gross_rp", "net_rp"), [(17_250, 3_113_625, 306_125), (14_000, 2_527_000, -280_500)]
)
def test_own_goods_leave_a_gain_or_a_loss(
    season: Season, rp: int, gross_rp: int, net_rp: int
) -> None:
    buys(season, 0, 2)  # 120,5 and 60 kg at Rp15.000: Rp2.707.500
    with writing(season.coop) as session:
        sale = own_sale(session, season, buyer_weight=180_500, rp=rp)
        sales.allot_all(session, sale.id, [season.delivered[0], season.delivered[2]])
        sales.add_cost(session, sale.id, name="Truk", amount_rp=100_000)
        before = sales.preview(session, sale.id)
        sales.settle(session, sale.id, on=DAY)
        assert sales.preview(session, sale.id) == before
        assert (sale.gross_rp, sale.costs_rp, sale.fee_rp) == (gross_rp, 100_000, 0)
        assert (sale.cost_of_goods_rp, sale.net_rp) == (2_707_500, net_rp)
        assert members_rp(session, sale) == {}
        balances = {
            code: ledger.balance_rp(session, code)
            for code in (GOODS_SOLD, COST_OF_GOODS, SELLING_COSTS, OWED_SALE_COSTS, STOCK, SALE_FEE)
        }
    assert balances == {
        GOODS_SOLD: -gross_rp,
        COST_OF_GOODS: 2_707_500,
        SELLING_COSTS: 100_000,
        OWED_SALE_COSTS: -100_000,
        STOCK: 0,
        SALE_FEE: 0,
    }
    clean(season)


def test_a_sale_takes_only_goods_of_its_own_kind(season: Season) -> None:
    buys(season, 0)
    with writing(season.coop) as session:
        pool = open_sale(session, season, delivery_ids=[])
        own = own_sale(session, season, buyer_weight=1)
        with pytest.raises(sales.OfCooperative) as refused:
            sales.allot(session, pool.id, delivery_id=season.delivered[0], quantity=1)
        assert refused.value.facts == {"number": "SET-2026-0001"}
        with pytest.raises(sales.OfMembers):
            sales.allot_all(session, own.id, season.delivered[1:])
        offered = deliveries.in_store(session, mode=SaleMode.OUTRIGHT)
        assert [row.delivery.id for row in offered] == [season.delivered[0]]


def test_own_goods_bear_no_fee(season: Season) -> None:
    buys(season, 0)
    with writing(season.coop) as session:
        sale = own_sale(session, season, buyer_weight=KG)
        for fee in ({"fee_bp": 1}, {"fee_weight_e4": 1}, {"fee_flat_rp": 1}):
            with pytest.raises(sales.FeeOfOwnGoods):
                sales.change_terms(
                    session,
                    sale.id,
                    sold_on=DAY,
                    price_e4=1,
                    buyer_weight=1,
                    on=DAY,
                    **({"fee_bp": 0} | fee),
                )


def test_parts_of_a_bought_delivery_cost_together_what_it_had_cost(season: Season) -> None:
    buys(season, 0, price_e4=150_003_333)  # Rp1.807.540,16...
    parts = [40_001, 40_002, 40_497]
    with writing(season.coop) as session:
        for quantity in parts:
            sale = own_sale(session, season, buyer_weight=quantity)
            sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=quantity)
            sales.settle(session, sale.id, on=DAY)
        taken = session.exec(select(func.sum(Allotment.cost_rp))).one()
        bought = buying.of_delivery(session, season.delivered[0])
        assert bought is not None
        assert int(taken or 0) == bought.amount_rp == 1_807_540
        assert ledger.balance_rp(session, STOCK) == 0
    clean(season)


def test_two_who_settle_parts_of_one_delivery_at_once_share_its_cost(season: Season) -> None:
    buys(season, 0, price_e4=150_003_333)
    with writing(season.coop) as session:
        ids = []
        for quantity in (60_249, 60_251):
            sale = own_sale(session, season, buyer_weight=quantity)
            sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=quantity)
            ids.append(sale.id)

    def settle(sale_id: int) -> Callable[[], object]:
        def act() -> object:
            with writing(season.coop) as session:
                return sales.settle(session, sale_id, on=DAY).net_rp

        return act

    assert all(isinstance(result, int) for result in at_once(*map(settle, ids)))
    with db.reading(season.coop) as session:
        assert ledger.balance_rp(session, STOCK) == 0
    clean(season)


# Fees and costs


def test_every_kind_of_fee_is_the_cooperatives(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        sales.change_terms(
            session,
            sale.id,
            sold_on=DAY,
            price_e4=sale.price_e4,
            buyer_weight=sale.buyer_weight,
            fee_bp=250,
            fee_weight_e4=505_000,
            fee_flat_rp=10_000,
            on=DAY,
        )
        sales.settle(session, sale.id, on=DAY)
        assert sale.fee_rp == 128_254 + 15_185 + 10_000
        assert ledger.balance_rp(session, SALE_FEE) == -153_439
        outcome = sales.preview(session, sale.id)
        assert (outcome.fees.weight_rp, outcome.fees.flat_rp) == (15_185, 10_000)
        settled = sales.statement(session, sale.id)
    shown = [
        (line.what, line.amount)
        for line in proof_words(settled, LETTER, entry_number=1)["proceeds"]
    ]
    assert shown == [
        ("Hasil penjualan", "Rp5.130.150"),
        ("dikurangi jasa koperasi", "\N{MINUS SIGN}Rp128.254"),
        ("dikurangi jasa menurut banyaknya barang", "\N{MINUS SIGN}Rp15.185"),
        ("dikurangi jasa tetap", "\N{MINUS SIGN}Rp10.000"),
        ("Bersih untuk anggota", "Rp4.976.711"),
    ]
    clean(season)


@pytest.mark.parametrize(
    ("fee", "refusal"),
    [
        ({"fee_weight_e4": -1}, sales.PriceAbsurd),
        ({"fee_flat_rp": -1}, sales.CostAbsurd),
        ({"fee_flat_rp": 10**13}, sales.CostAbsurd),
    ],
)
def test_a_fee_that_cannot_be_meant_is_refused(
    season: Season, fee: dict[str, int], refusal: type[Refusal]
) -> None:
    with writing(season.coop) as session, pytest.raises(refusal):
        sales.open_sale(
            session,
            buyer_id=season.buyer_id,
            product_id=season.product_id,
            sold_on=DAY,
            price_e4=1,
            buyer_weight=1,
            fee_bp=0,
            on=DAY,
            **fee,  # type: ignore[arg-type]
        )


def sacks(session: Session, season: Season, name: str, *gram: int) -> int:
    return deliveries.receive(
        session,
        member_id=season.members[name],
        product_id=season.product_id,
        grade_id=season.grade_a,
        gross=sum(gram),
        tare=0,
        weights=gram,
        received_on=DAY,
        on=DAY,
    ).id


def test_costs_by_weight_and_by_sacks_are_borne_by_each_and_shown(season: Season) -> None:
    with writing(season.coop) as session:
        siti = sacks(session, season, "Siti", 50_000, 50_000)
        budi = sacks(session, season, "Budi", 100_000)
        sale = open_sale(session, season, delivery_ids=[siti], buyer_weight=150_000, fee_bp=0)
        sales.allot(session, sale.id, delivery_id=budi, quantity=50_000)  # half a sack of one
        sales.add_cost(session, sale.id, name="Truk", amount_rp=30_000, split=CostSplit.WEIGHT)
        sales.add_cost(session, sale.id, name="Karung", amount_rp=5_000, split=CostSplit.SACKS)
        sales.settle(session, sale.id, on=DAY)
        # 150 kg at Rp17.250; of the truck 2 : 1, of the sacks 2 : 1/2
        assert members_rp(session, sale) == {
            "Siti": 1_725_000 - 20_000 - 4_000,
            "Budi": 862_500 - 10_000 - 1_000,
        }
        slip = session.exec(select(Slip).where(Slip.member_id == season.members["Budi"])).one()
        story = slips.slip(session, slip.id)
        settled = sales.statement(session, sale.id)
    lines = slip_words(story, LETTER)["shares"]
    assert lines[0].how[1:4] == (
        "50 kg ÷ 150 kg × Rp2.587.500 = Rp862.500",
        "dikurangi biaya Truk: 50 kg ÷ 150 kg × Rp30.000 = Rp10.000",
        "dikurangi biaya Karung: 0,5 karung ÷ 2,5 karung × Rp5.000 = Rp1.000",
    )
    paper = proof_words(settled, LETTER, entry_number=1)
    assert [line.amount for line in paper["equation"]][-2:] == ["Rp0", "Rp2.587.500"]
    assert paper["members"][1]["lines"][0].how[2] == lines[0].how[2]
    assert proof(settled, LETTER, entry_number=1).startswith(b"%PDF")
    clean(season)


def test_a_share_below_nothing_is_said_before_settling(season: Season) -> None:
    with writing(season.coop) as session:
        light = sacks(session, season, "Made", *[100] * 20)
        sale = open_sale(session, season, delivery_ids=[*season.delivered, light])
        sales.add_cost(session, sale.id, name="Karung", amount_rp=200_000, split=CostSplit.SACKS)
        why = sales.statement(session, sale.id).why_not
        assert isinstance(why, ShareBelowNothing)
        assert why.facts["number"] == "SET-2026-0005"
        with pytest.raises(ShareBelowNothing):
            sales.settle(session, sale.id, on=DAY)


def test_the_same_cost_again_is_kept_only_by_who_is_sure(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        sales.add_cost(session, sale.id, name="Truk", amount_rp=50_000)
        with pytest.raises(sales.SameCostAgain) as refused:
            sales.add_cost(session, sale.id, name=" truk ", amount_rp=50_000)
        assert refused.value.facts == {"name": "truk", "amount_rp": 50_000}
        sales.add_cost(session, sale.id, name="Truk", amount_rp=50_001)
        sales.add_cost(session, sale.id, name="Truk", amount_rp=50_000, known=1)
        with pytest.raises(sales.SameCostAgain):  # sent twice
            sales.add_cost(session, sale.id, name="Truk", amount_rp=50_000, known=1)
        assert len(settlement.costs(session, sale.id)) == 3


def test_of_a_button_pressed_twice_one_cost_is_kept(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = open_sale(session, season).id

    def add() -> object:
        with writing(season.coop) as session:
            return sales.add_cost(session, sale_id, name="Truk", amount_rp=50_000).name

    results = at_once(add, add)

    assert [type(result) for result in results if result != "Truk"] == [sales.SameCostAgain]


def test_goods_that_came_after_the_sale_are_not_in_it(season: Season) -> None:
    earlier = DAY - timedelta(days=1)
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        terms = {"price_e4": sale.price_e4, "buyer_weight": sale.buyer_weight, "fee_bp": 250}
        with pytest.raises(sales.CameLater) as refused:
            sales.change_terms(session, sale.id, sold_on=earlier, on=DAY, **terms)
        assert refused.value.facts == {
            "number": "SET-2026-0001",
            "received_on": DAY,
            "sold_on": earlier,
        }
        for delivery_id in season.delivered:
            sales.release(session, sale.id, delivery_id=delivery_id)
        sales.change_terms(session, sale.id, sold_on=earlier, on=DAY, **terms)
        with pytest.raises(sales.CameLater):
            sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=KG)


# Proving it


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        ("UPDATE allotment SET cost_rp = cost_rp + 1 WHERE id = 1", "had cost does not add up"),
        ("UPDATE allotment SET cost_rp = NULL WHERE id = 1", "had cost does not add up"),
        ("UPDATE allotment SET share_rp = 0 WHERE id = 1", "the shares do not add up"),
        ("UPDATE buying SET delivery_id = 4 WHERE delivery_id = 1", "mixes goods of members"),
        (
            "UPDATE sale SET cost_of_goods_rp = cost_of_goods_rp + 1, net_rp = net_rp - 1",
            "entry in the journal has other amounts",
        ),
        (
            "UPDATE line SET credit_rp = credit_rp + 1 WHERE account_code = '4102'",
            "entry in the journal has other amounts",
        ),
    ],
)
def test_what_is_broken_in_a_sale_of_own_goods_is_named(
    season: Season, statements: str, sentence: str
) -> None:
    buys(season, 0)
    with writing(season.coop) as session:
        sale = own_sale(session, season, buyer_weight=120_500)
        sales.allot_all(session, sale.id, season.delivered[:1])
        sales.settle(session, sale.id, on=DAY)
    clean(season)
    with db.writing(season.coop, person=SYSTEM, action="test", at=make.AT) as session:
        break_it(session.connection(), statements)
    assert any(sentence in finding for finding in sentences(season.coop))


# On the screen


def type_in(test: AppTest, key: str, text: str) -> None:
    test.text_input(key=key).set_value(text)


def test_own_goods_are_sold_on_the_screen_and_the_gain_is_said(season: Season) -> None:
    buys(season, 0, 2)
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(season.coop, citra, "sales")
    test.radio(key=f"sale_mode_{season.product_id}").set_value(SaleMode.OUTRIGHT).run()
    type_in(test, "sale_price", "17.250")
    type_in(test, "sale_weight", "180,5")
    test.run()
    assert "2 setoran, seluruhnya 180,5 kg" in words(test)
    assert not any(field.key == "sale_fee" for field in test.text_input)
    test.button(key="sale_open").click().run()
    assert "Koperasi untung **Rp406.125**." in words(test)
    next(box for box in test.checkbox if str(box.key).startswith("settle_sure_")).check().run()
    next(one for one in test.button if str(one.key).startswith("settle_")).click().run()
    assert "selesai dengan untung Rp406.125." in words(test)
    assert "Dibeli menurut aturan harga, versi 1" in words(test)
    assert not test.exception
    clean(season)


def test_fees_and_what_a_cost_is_shared_by_are_asked_on_the_screen(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        sale = open_sale(session, season)
    test = screen(season.coop, citra, "sales")
    test.button(key=f"open_sale_{sale.id}").click().run()
    test.toggle(key=f"terms_{sale.id}_fee_more").set_value(True).run()
    type_in(test, f"terms_{sale.id}_fee_weight", "abc")
    test.run()
    assert not any(button.key == "terms_keep" for button in test.button)
    type_in(test, f"terms_{sale.id}_fee_weight", "50,5")
    type_in(test, f"terms_{sale.id}_fee_flat", "10 ribu")
    test.run()
    test.button(key="terms_keep").click().run()
    for turn, again in enumerate((False, True)):
        type_in(test, f"cost_name_{turn}", "Truk")
        type_in(test, f"cost_amount_{turn}", "250 ribu")
        test.radio(key=f"cost_split_{turn}").set_value("weight").run()
        if again:
            assert test.button(key="cost_add").disabled
            test.checkbox(key=f"cost_sure_{turn}").check().run()
        test.button(key="cost_add").click().run()
    shown = words(test)
    assert "dikurangi jasa menurut banyaknya barang" in shown
    assert "Hapus Truk, Rp250.000, dibagi menurut banyaknya barang" in shown
    assert not test.exception
    with db.reading(season.coop, person=make.MANAGER) as session:
        outcome = sales.preview(session, sale.id)
        kept = session.exec(select(Sale).order_by(col(Sale.id))).one()
    assert (kept.fee_weight_e4, kept.fee_flat_rp) == (505_000, 10_000)
    assert outcome.costs_rp == 500_000
