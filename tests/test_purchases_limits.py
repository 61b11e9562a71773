"""Limits of purchases: price ceilings that nobody pays above, entitlements, and members' credit."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from kopprod.domain.access import NotAllowed
from kopprod.domain.ledger import BANK
from kopprod.domain.members import MemberUnknown
from kopprod.domain.money import E4
from kopprod.domain.payouts import DeductionKind
from kopprod.domain.purchase_bills import (
    Bill,
    BillLine,
    Bills,
    FreightBy,
    Lot,
    Taken,
    bills,
    under_ceilings,
)
from kopprod.domain.purchase_payments import LimitAbsurd, OverCreditLimit
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.subsidies import AboveEntitlement, Fertiliser
from kopprod.domain.tiers import Freight, Tier
from kopprod.services import (
    articles,
    bill_payments,
    deductions,
    purchase_bills,
    purchase_goods,
    purchase_terms,
    purchases,
    slips,
    subsidies,
    suppliers,
    wants,
    yarnen,
)
from kopprod.services.purchase_goods import Came
from kopprod.services.purchase_terms import Offered
from kopprod.tables.purchase_bills import PurchaseBorne
from kopprod.tables.purchases import PurchaseBill, SupplyLot
from tests import make
from tests.bought_together import acting, balances, bill_of, clean
from tests.pooled import SACK_G, UNTIL, Pool, says
from tests.seasons import DAY
from tests.test_check import break_it
from tests.test_purchases_money import harvest, pay, sold_by, wait

SEASON, SACK_RP, FREIGHT_RP = "2026 MT1", 88_000, 10_000

# Ceilings, the rule


def two_sacks(**changed: int) -> BillLine:
    return replace(BillLine(1, 2, 176_000, 10_000, 1_760), **changed)


@pytest.mark.parametrize(
    ("most_rp", "pays"),
    [
        (Fraction(90_000), two_sacks(freight_rp=4_000, fee_rp=0, borne_rp=6_000, forgone_rp=1_760)),
        (Fraction(93_500), two_sacks(fee_rp=1_000, forgone_rp=760)),
        (Fraction(93_880), two_sacks()),
        (Fraction(187_759, 2), two_sacks(fee_rp=1_759, forgone_rp=1)),
        (
            Fraction(80_000),
            two_sacks(goods_rp=160_000, freight_rp=0, fee_rp=0, borne_rp=26_000, forgone_rp=1_760),
        ),
    ],
)
def test_above_the_ceiling_fee_then_freight_then_goods_are_not_hers(
    most_rp: Fraction, pays: BillLine
) -> None:
    free = BillLine(2, 1, 500_000, 0, 0)
    found = under_ceilings(Bills({7: Bill(7, (two_sacks(), free))}, (), 0), {1: most_rp})

    assert found.by_member[7].lines == (pays, free)
    assert (found.borne_rp, found.forgone_rp) == (pays.borne_rp, pays.forgone_rp)


PORTIONS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2), st.integers(0, 9)), max_size=8)


@given(
    PORTIONS, st.integers(0, 9), st.integers(0, 10**7), st.integers(0, 10**6),
    st.integers(0, 2_000),
    st.fractions(0, 10**6),
)  # fmt: skip
def test_nobody_pays_above_the_ceiling_and_all_is_borne_by_somebody(
    drawn: list[tuple[int, int, int]], left: int, goods_rp: int, freight_rp: int, fee_bp: int,
    most_rp: Fraction,
) -> None:  # fmt: skip
    taken = [Taken(*one) for one in drawn]
    came = {key: left + sum(t.quantity for t in taken if t.article_id == key) for key in (1, 2)}
    lots = [Lot(1, key, number, goods_rp, 1, number) for key, number in came.items() if number]
    whole = bills(
        taken, lots, {1: freight_rp}, freight_by=FreightBy.WEIGHT, fee_bp=fee_bp, shop_e4={}
    )
    found = under_ceilings(whole, {1: most_rp})

    lines = [line for bill in found.by_member.values() for line in bill.lines]
    assert all(one.total_rp <= most_rp * one.quantity for one in lines if one.article_id == 1)
    assert all(min(one.goods_rp, one.freight_rp, one.fee_rp) >= 0 for one in lines)
    paid_rp = found.billed_rp - found.fee_rp + found.leftover_rp + found.borne_rp + found.lost_rp
    assert paid_rp == len(lots) * goods_rp + freight_rp
    assert found.fee_rp + found.forgone_rp == whole.fee_rp


# Ceilings, a short delivery


def subsidised(pool: Pool, *, fee_bp: int = 100) -> int:
    """Siti wants 6 sacks of subsidised urea, Budi 4; ordered for Rp88.000 and one truck."""
    with acting(pool) as session:
        urea = articles.add_article(
            session, name="Urea bersubsidi", base_unit=BaseUnit.GRAM, portion=SACK_G,
            portion_word="karung", fertiliser=Fertiliser.UREA,
        )  # fmt: skip
        kiosk = suppliers.add_supplier(session, name="Kios PPTS")
        facts = purchases.Facts(
            title="Urea bersubsidi", until=UNTIL, freight_by=FreightBy.PACKS, fee_bp=fee_bp,
            season=SEASON,
        )  # fmt: skip
        bought = purchases.add_purchase(session, facts, on=DAY)
        purchase_terms.put_article(session, bought.id, article_id=urea.id, shop_e4=112_500 * E4)
        purchase_terms.put_supplier(
            session, bought.id, supplier_id=kiosk.id, freight=Freight(fixed_rp=FREIGHT_RP)
        )
        offered = Offered(pack=1, tiers=[Tier(1, None, SACK_RP)])
        purchase_terms.add_offer(
            session, bought.id, supplier_id=kiosk.id, article_id=urea.id, offered=offered
        )
        purchases.open_purchase(session, bought.id, on=DAY)
        for name, sacks in (("Siti", 6), ("Budi", 4)):
            entitle(session, pool, name, sacks)
            purchases.want(
                session, bought.id, article_id=urea.id, member_id=pool.members[name], firm=sacks,
                tolerance=0, highest_e4=None, on=DAY, at=make.AT,
            )  # fmt: skip
        return bought.id


def entitle(session: Session, pool: Pool, name: str, sacks: int) -> None:
    subsidies.entitle(
        session, member_id=pool.members[name], season=SEASON, fertiliser=Fertiliser.UREA,
        grams=sacks * SACK_G,
    )  # fmt: skip


def lock(pool: Pool, purchase_id: int) -> None:
    with acting(pool) as session:
        purchases.lock(session, purchase_id)
        purchase_goods.order_out(session, purchase_id, on=DAY)


def bring(pool: Pool, purchase_id: int, good: int) -> None:
    with acting(pool, make.OFFICER) as session:
        (line,) = purchase_goods.order_lines(session, purchase_id)
        purchase_goods.receive(
            session, purchase_id, line.supplier.id, came={line.line.id: Came(good, 0, 880_000)},
            freight_rp=FREIGHT_RP, on=DAY,
        )  # fmt: skip


def test_a_short_delivery_lifts_no_bill_above_the_ceiling(ordered: Pool) -> None:
    """Two of ten sacks come; the truck costs the same, so a sack would cost Rp93.880."""
    purchase_id = subsidised(ordered)
    lock(ordered, purchase_id)
    bring(ordered, purchase_id, 2)
    with acting(ordered, make.OFFICER) as session:
        purchase = purchases.one_purchase(session, purchase_id).purchase
        before = purchase_bills.reckon(session, purchase, on=DAY)
        assert (before.borne_rp, before.forgone_rp) == (6_000, 1_760)  # told before it is done
        (bill,) = purchase_bills.make(session, purchase_id, on=DAY)
        assert (bill.goods_rp, bill.freight_rp, bill.fee_rp) == (176_000, 4_000, 0)
        (borne,) = session.exec(select(PurchaseBorne)).all()
        assert (borne.cost_rp, borne.fee_rp) == (6_000, 1_760)
    assert balances(ordered, "1118", "1109", "4103", "6104") == {
        "1118": 0, "1109": 180_000, "4103": 0, "6104": 6_000,
    }  # fmt: skip
    assert clean(ordered) == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE purchase_borne SET cost_rp = cost_rp + 1", "Borne above price ceilings"),
        ("UPDATE purchase_borne SET cost_rp = cost_rp + 1", "Inputs in stock"),
        ("UPDATE purchase_borne SET cost_rp = cost_rp + 1", "do not add up to"),
        ("UPDATE purchase_borne SET fee_rp = fee_rp + 1", "reckoned again"),
    ],
)
def test_what_is_broken_is_named(ordered: Pool, statement: str, named: str) -> None:
    purchase_id = subsidised(ordered)
    lock(ordered, purchase_id)
    bring(ordered, purchase_id, 2)
    with acting(ordered, make.OFFICER) as session:
        purchase_bills.make(session, purchase_id, on=DAY)
    with acting(ordered) as session:
        break_it(session.connection(), statement)

    assert any(named in one for one in clean(ordered))


# Entitlements that became less


def test_what_became_too_much_is_neither_fixed_nor_handed_out(ordered: Pool) -> None:
    purchase_id = subsidised(ordered)
    with acting(ordered) as session:
        entitle(session, ordered, "Budi", 3)
    with pytest.raises(AboveEntitlement):
        lock(ordered, purchase_id)
    with acting(ordered) as session:
        entitle(session, ordered, "Budi", 4)
    lock(ordered, purchase_id)
    bring(ordered, purchase_id, 10)
    with acting(ordered) as session:
        entitle(session, ordered, "Budi", 3)
    with pytest.raises(AboveEntitlement), acting(ordered, make.OFFICER) as session:
        purchase_bills.make(session, purchase_id, on=DAY)
    with acting(ordered, make.OFFICER) as session:
        (found,) = purchase_goods.shared(session, purchase_id)
        by_hand = {found.article.id: {ordered.members["Siti"]: 6, ordered.members["Budi"]: 3}}
        purchase_goods.redistribute(session, purchase_id, by_hand=by_hand)
        purchase_bills.make(session, purchase_id, on=DAY)
        assert session.exec(select(SupplyLot.quantity)).one() == 1
    assert clean(ordered) == []


# A member's own limit of credit


def own_limit(pool: Pool, name: str, limit_rp: int | None) -> None:
    with acting(pool) as session:
        yarnen.keep_limit(session, pool.members[name], limit_rp=limit_rp)


def test_a_members_own_limit_counts_before_that_of_the_cooperative(billed: Pool) -> None:
    own_limit(billed, "Siti", 500_000)
    with pytest.raises(OverCreditLimit):
        wait(billed, "Siti", 500_001, 1)
    own_limit(billed, "Siti", 0)
    with pytest.raises(OverCreditLimit):
        wait(billed, "Siti", 1, 1)
    own_limit(billed, "Siti", None)
    own_limit(billed, "Siti", None)  # none twice is none
    wait(billed, "Siti", 2_059_907, 1)
    own_limit(billed, "Made", 4_000_000)
    wait(billed, "Made", 3_531_269, 1)
    with acting(billed) as session:
        siti, made = billed.members["Siti"], billed.members["Made"]
        assert [yarnen.limit_rp(session, one) for one in (siti, made)] == [3_000_000, 4_000_000]
    assert clean(billed) == []


def test_a_limit_that_cannot_be_is_refused_and_only_the_manager_gives_one(billed: Pool) -> None:
    siti = billed.members["Siti"]
    with acting(billed) as session:
        for wrong in (-1, 100_000_001):
            with pytest.raises(LimitAbsurd):
                yarnen.keep_limit(session, siti, limit_rp=wrong)
        with pytest.raises(MemberUnknown):
            yarnen.keep_limit(session, 999, limit_rp=1)
    for person in (make.TREASURER, make.OFFICER):
        with acting(billed, person) as session, pytest.raises(NotAllowed):
            yarnen.keep_limit(session, siti, limit_rp=1)


def test_who_owes_more_than_her_own_limit_wants_no_more(billed: Pool) -> None:
    """Siti owes Rp2.059.907, less than others may."""
    own_limit(billed, "Siti", 2_000_000)
    with acting(billed) as session:
        facts = purchases.Facts(title="Lagi", until=UNTIL)
        again = purchases.add_purchase(session, facts, on=DAY)
        purchase_terms.put_article(
            session, again.id, article_id=billed.article_id, shop_e4=305_000 * E4
        )
        purchase_terms.add_offer(
            session, again.id, supplier_id=billed.supplier_id, article_id=billed.article_id,
            offered=Offered(pack=1, tiers=[Tier(1, None, 300_000)]),
        )  # fmt: skip
        purchases.open_purchase(session, again.id, on=DAY)
        second = replace(billed, purchase_id=again.id)
        with pytest.raises(wants.OverLimitAlready):
            says(session, second, "Siti", 1)
        says(session, second, "Budi", 1)
    assert second.purchase_id != billed.purchase_id


# What was agreed later


def test_a_settlement_from_before_the_agreement_takes_no_part_of_it(billed: Pool) -> None:
    """Between the bill and the agreement Siti's goods were settled; that is not her first part."""
    siti = billed.members["Siti"]
    with acting(billed) as session:
        goods = sold_by(session)
        first = harvest(session, siti, goods).id
    with acting(billed, make.TREASURER) as session:
        slips.pay(session, first, account=BANK, on=DAY)  # she had agreed to nothing yet
    wait(billed, "Siti", 900_000, 3)
    pay(billed, "Siti", 1_159_907)
    with acting(billed) as session:
        second = harvest(session, siti, goods).id
    with acting(billed, make.TREASURER) as session:
        slips.pay(session, second, account=BANK, on=DAY)
        assert deductions.taken(session, [second])[second] == {DeductionKind.INPUTS: 300_000}
    with acting(billed) as session:
        assert session.get_one(PurchaseBill, bill_of(session, billed, "Siti").id).parts == 3
        stage = purchases.one_purchase(session, billed.purchase_id).purchase.stage
    assert stage is PurchaseStage.RECEIVED
    assert clean(billed) == []


def test_nothing_waits_from_before_there_was_a_bill(billed: Pool) -> None:
    with pytest.raises(bill_payments.BeforeBill), acting(billed, make.TREASURER) as session:
        bill_id = bill_of(session, billed, "Siti").id
        before = DAY.replace(day=1)
        bill_payments.let_wait(session, bill_id, amount_rp=1_000, parts=1, on=before)
