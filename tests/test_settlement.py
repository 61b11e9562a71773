"""Settling a sale: once, exactly, with its entry and its slips."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from kopprod import db
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.ledger import BUYERS_OWE, OWED_SALE_COSTS, OWED_TO_MEMBERS, SALE_FEE
from kopprod.domain.sales import (
    CostsAboveProceeds,
    NothingPooled,
    SaleStage,
    ShrinkageNeedsReason,
)
from kopprod.services import (
    check,
    deliveries,
    ledger,
    products,
    reckoning,
    reversals,
    sales,
    settlement,
)
from kopprod.tables.ledger import Entry, Line
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Change
from tests import make
from tests.seasons import DAY, Season, at_once, bring, members_rp, open_sale, settled, writing


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


def trail(session: Session) -> list[tuple[int, str, str | None, str | None]]:
    """What this act changed of lines of sales, by the line's key."""
    query = select(Change).where(
        Change.table_name == "allotment", Change.act_id == session.info["act_id"]
    )
    rows = session.exec(query.order_by(col(Change.id))).all()
    return [(int(row.row_key), row.column_name, row.before, row.after) for row in rows]


def test_each_frozen_line_is_in_the_trail_as_if_set_by_itself(season: Season) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season)
        first, second, third, fourth = session.exec(
            select(Allotment.id).order_by(col(Allotment.delivery_id))
        ).all()
        products.set_grade_factor(session, season.grade_b, factor_bp=9_000, since=DAY)
    with writing(season.coop) as session:
        at_hand = session.get_one(Allotment, second)
        sales.settle(session, sale.id, on=DAY)
        shares = {part.id: part.share_rp for part in session.exec(select(Allotment)).all()}
        assert trail(session) == [
            (second, "factor_bp", "9200", "9000"),
            (fourth, "factor_bp", "9200", "9000"),
            *((key, "share_rp", None, str(shares[key])) for key in (first, second, third, fourth)),
        ]
        assert (at_hand.factor_bp, at_hand.share_rp) == (9_000, shares[second])
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale.id, reason="Salah", on=DAY)
        assert trail(session) == [
            (key, "share_rp", str(shares[key]), None) for key in (first, second, third, fourth)
        ]
    with writing(season.coop) as session:
        sales.settle(session, sale.id, on=DAY)
        assert [row[1] for row in trail(session)] == ["share_rp"] * 4


def test_slips_name_the_act_that_wrote_them(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        slips = session.exec(select(Slip).where(Slip.sale_id == sale.id)).all()
        assert {slip.act_id for slip in slips} == {session.info["act_id"]}
        assert {(slip.deducted_rp, slip.paid_by_settler) for slip in slips} == {(0, False)}
        assert len({slip.code for slip in slips}) == 3


@pytest.mark.parametrize("ending", [sales.settle, None, sales.cancel])
def test_lines_by_columns_are_those_of_the_rows(
    season: Season, ending: Callable[..., object] | None
) -> None:
    with writing(season.coop) as session:
        sale = open_sale(session, season, delivery_ids=season.delivered[1:])
        sales.allot(session, sale.id, delivery_id=season.delivered[0], quantity=297_400 - 180_200)
        products.set_grade_factor(session, season.grade_b, factor_bp=9_000, since=DAY)
        if ending is not None:
            ending(session, sale.id, **({"on": DAY} if ending is sales.settle else {}))
        lines = reckoning.lines(session, sale)
        assert lines == reckoning.lines_of(reckoning.pooled(session, sale))
        assert lines.delivery_ids == season.delivered


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
