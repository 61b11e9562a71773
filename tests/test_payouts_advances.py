"""Advances at delivery: limited, taken first from the slip, and never lost with the goods."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod import db
from kopprod.domain import advances as rules
from kopprod.domain import pricing as prices
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.ledger import BANK, CASH, MEMBERS_OWE
from kopprod.domain.payouts import Agreed, BatchKind, DeductionKind
from kopprod.domain.stock import Loss
from kopprod.services import (
    advances,
    buying,
    codes,
    cooperative,
    deductions,
    deliveries,
    ledger,
    payouts,
    pricing,
    reversals,
    sales,
    slips,
    stock,
)
from kopprod.tables.payouts import Advance
from tests import make
from tests.payday import SITI_RP, Payday, clean
from tests.seasons import DAY, at_once, bring, open_sale, writing

ADVANCE, CLAIM = DeductionKind.ADVANCE, DeductionKind.CLAIM


def brought(payday: Payday, name: str = "Made", gram: int = 100_000) -> int:
    with writing(payday.coop, payday.manager) as session:
        return bring(session, payday.season, name, gram)


def pay(payday: Payday, delivery_id: int, amount_rp: int = 500_000) -> int:
    with payday.acting() as session:
        return advances.pay(session, delivery_id, amount_rp=amount_rp, account=CASH, on=DAY).id


def balance_rp(payday: Payday, account: str, name: str = "Made") -> int:
    with db.reading(payday.coop, person=payday.treasurer) as session:
        member_id = payday.season.members[name]
        return ledger.balance_rp(session, account, member_id=member_id)


@given(
    worth_rp=st.integers(0, 10**12), most_bp=st.integers(0, 10_000), had_rp=st.integers(0, 10**12)
)
def test_what_may_still_be_had_is_never_above_the_limit(
    worth_rp: int, most_bp: int, had_rp: int
) -> None:
    left_rp = rules.Worth(worth_rp, False, most_bp, had_rp).most_rp

    assert left_rp >= 0
    assert left_rp == 0 or (left_rp + had_rp) * 10_000 <= worth_rp * most_bp


def test_an_advance_is_at_most_half_of_what_the_last_sale_says(payday: Payday) -> None:
    lot = brought(payday)
    with payday.acting() as session:
        worth = advances.worth(session, lot)
        assert (worth.worth_rp, worth.by_rule, worth.most_rp) == (1_725_000, False, 862_500)
        with pytest.raises(rules.TooMuchAdvanced):
            advances.pay(session, lot, amount_rp=862_501, account=CASH, on=DAY)
        row = advances.pay(session, lot, amount_rp=800_000, account=CASH, on=DAY)
        assert (row.number, len(row.code)) == ("PANJAR-2026-0001", 16)
        # A second one counts with the first.
        with pytest.raises(rules.TooMuchAdvanced) as refused:
            advances.pay(session, lot, amount_rp=62_501, account=CASH, on=DAY)
        assert refused.value.facts["most_rp"] == 62_500
        assert advances.pay(session, lot, amount_rp=62_500, account=BANK, on=DAY).amount_rp
        assert ledger.balance_rp(session, CASH) == 4_200_000
    assert balance_rp(payday, "1121") == 862_500
    assert clean(payday.coop) == []


def test_the_price_rule_of_the_day_says_before_the_last_sale(payday: Payday) -> None:
    lot = brought(payday)
    with writing(payday.coop, payday.manager) as session:
        pricing.add_version(
            session,
            payday.season.product_id,
            rule=prices.PriceRule(
                base=prices.Fixed(prices=(prices.GradePrice(grade_id=None, price_e4=100_000_000),))
            ),
            since=DAY,
        )
        cooperative.change_setting(session, name="advance_most_bp", value="30")
    with payday.acting() as session:
        worth = advances.worth(session, lot)
        assert (worth.worth_rp, worth.by_rule, worth.most_rp) == (1_000_000, True, 300_000)


def test_goods_without_a_known_price_have_no_advance(payday: Payday) -> None:
    with writing(payday.coop, payday.manager) as session:
        kopi = make.product(session, "Kopi")
        lot = deliveries.receive(
            session,
            member_id=payday.season.members["Made"],
            product_id=kopi.id,
            grade_id=make.grade(session, kopi.id).id,
            gross=1_000,
            tare=0,
            received_on=DAY,
            on=DAY,
        )
    with payday.acting() as session, pytest.raises(rules.NoPriceKnown):
        advances.pay(session, lot.id, amount_rp=1, account=CASH, on=DAY)


def test_what_has_no_advance_is_said(payday: Payday) -> None:
    lot, wrong = brought(payday), brought(payday)
    with writing(payday.coop, payday.manager) as session:
        deliveries.reverse(session, wrong, reason="Salah", on=DAY)
    with payday.acting() as session:

        def refused(delivery_id: int, refusal: type[Exception], amount_rp: int = 1) -> None:
            with pytest.raises(refusal):
                advances.pay(session, delivery_id, amount_rp=amount_rp, account=CASH, on=DAY)

        refused(999, rules.NoSuchDelivery)
        refused(wrong, rules.NoSuchDelivery)
        refused(payday.season.delivered[0], rules.SettledAlready)
        refused(lot, rules.NothingAdvanced, 0)
        with pytest.raises(rules.NoSuchDelivery):
            advances.worth(session, 999)
        with pytest.raises(rules.BeforeDelivery):
            advances.pay(session, lot, amount_rp=1, account=CASH, on=DAY - timedelta(days=1))
        assert [row[0].id for row in advances.may_have(session)] == [lot]
    for person in (make.OFFICER, make.SUPERVISOR):
        with payday.acting(person) as session, pytest.raises(NotAllowed):
            advances.pay(session, lot, amount_rp=1, account=CASH, on=DAY)


def test_the_same_form_sent_twice_pays_once(payday: Payday) -> None:
    lot = brought(payday)
    with payday.acting() as session:
        one, two = (
            advances.pay(session, lot, amount_rp=5, account=CASH, on=DAY, draft_key="x")
            for _ in range(2)
        )
        assert one.id == two.id


def test_an_advance_is_taken_first_from_the_slip_of_its_goods_only(payday: Payday) -> None:
    lot = brought(payday, "Siti")
    pay(payday, lot)
    with payday.acting() as session:  # the goods of this slip had no advance
        siti = payday.season.members["Siti"]
        assert deductions.debts(session, siti)[ADVANCE] == 0
        slips.pay(session, payday.slip_ids["Siti"], account=BANK, on=DAY)
        assert payday.slip(session, "Siti").received_rp == SITI_RP
    with writing(payday.coop, payday.manager) as session:
        sale = open_sale(session, payday.season, buyer_weight=60_000, delivery_ids=[])
        sales.allot(session, sale.id, delivery_id=lot, quantity=60_000)
        sales.settle(session, sale.id, on=DAY)
    with payday.acting() as session:  # not sold to the last gram
        assert deductions.debts(session, siti)[ADVANCE] == 0
    with writing(payday.coop, payday.manager) as session:
        rest = open_sale(session, payday.season, buyer_weight=40_001, delivery_ids=[])
        sales.allot(session, rest.id, delivery_id=lot, quantity=40_000)
        sales.settle(session, rest.id, on=DAY)
    with payday.acting() as session:
        waiting = [row.slip for row in payouts.unpaid(session) if row.slip.member_id == siti]
        batch = payouts.draw_up(
            session, [slip.id for slip in waiting], kind=BatchKind.CASH, account=CASH, on=DAY
        )
        assert sum(slip.deducted_rp for slip in waiting) == 500_000
        payouts.mark_all_paid(session, batch.id, on=DAY)
    assert balance_rp(payday, "1121", "Siti") == 0
    assert clean(payday.coop) == []


def test_goods_taken_back_leave_their_advance_as_what_she_owes(payday: Payday) -> None:
    lot = brought(payday)
    advance_id = pay(payday, lot)
    officer = make.OFFICER
    with payday.acting(officer) as session:
        deliveries.reverse(session, lot, reason="Salah timbang", on=DAY)
    assert (balance_rp(payday, "1121"), balance_rp(payday, MEMBERS_OWE)) == (0, 500_000)
    assert clean(payday.coop) == []
    payday.agree("Made", Agreed(CLAIM, 1, 100_000))
    with payday.acting() as session:
        assert session.get_one(Advance, advance_id).reversed_on == DAY
        slips.pay(session, payday.slip_ids["Made"], account=CASH, on=DAY)
    assert balance_rp(payday, MEMBERS_OWE) == 400_000
    assert clean(payday.coop) == []


def test_an_advance_that_a_payout_took_is_not_claimed_twice(payday: Payday) -> None:
    lot = brought(payday)
    pay(payday, lot)
    with writing(payday.coop, payday.manager) as session:
        sale = open_sale(session, payday.season, buyer_weight=100_000, delivery_ids=[lot])
        sales.settle(session, sale.id, on=DAY)
    with payday.acting() as session:
        [slip] = [row.slip for row in payouts.unpaid(session) if row.source == sale.number]
        slips.pay(session, slip.id, account=CASH, on=DAY)
        assert slip.deducted_rp == 500_000
        net_rp = slip.net_value_rp
    with writing(payday.coop, payday.manager) as session:
        reversals.reverse_settlement(session, sale.id, reason="Salah", on=DAY)
        sales.release(session, sale.id, delivery_id=lot)
        deliveries.reverse(session, lot, reason="Salah", on=DAY)
    assert (balance_rp(payday, "1121"), balance_rp(payday, MEMBERS_OWE)) == (0, net_rp)
    assert clean(payday.coop) == []


def test_a_wrong_advance_is_taken_back_once(payday: Payday) -> None:
    advance_id = pay(payday, brought(payday))
    with payday.acting() as session:
        with pytest.raises(rules.ReasonNeeded):
            advances.reverse(session, advance_id, reason=" ", on=DAY)
        with pytest.raises(rules.BeforeAdvance):
            advances.reverse(session, advance_id, reason="x", on=DAY - timedelta(days=1))
        with pytest.raises(rules.UnknownAdvance):
            advances.reverse(session, 999, reason="x", on=DAY)
        advances.reverse(session, advance_id, reason="Salah orang", on=DAY)
        with pytest.raises(rules.AdvanceReversed):
            advances.reverse(session, advance_id, reason="x", on=DAY)
        assert ledger.balance_rp(session, CASH) == 5_000_000
    assert balance_rp(payday, "1121") == 0
    assert clean(payday.coop) == []


def test_an_advance_that_was_taken_from_a_slip_stays(payday: Payday) -> None:
    lot = brought(payday)
    advance_id = pay(payday, lot)
    with writing(payday.coop, payday.manager) as session:
        sale = open_sale(session, payday.season, buyer_weight=100_000, delivery_ids=[lot])
        sales.settle(session, sale.id, on=DAY)
    with payday.acting() as session:
        [slip] = [row.slip for row in payouts.unpaid(session) if row.source == sale.number]
        slips.pay(session, slip.id, account=CASH, on=DAY)
        with pytest.raises(rules.AdvanceUsed):
            advances.reverse(session, advance_id, reason="x", on=DAY)


def test_of_two_advances_at_once_only_what_the_limit_allows_is_paid(payday: Payday) -> None:
    lot = brought(payday)
    results = at_once(lambda: pay(payday, lot, 500_000), lambda: pay(payday, lot, 500_000))
    assert sum(isinstance(one, rules.TooMuchAdvanced) for one in results) == 1
    assert balance_rp(payday, "1121") == 500_000


def test_a_member_sees_her_own_advances_and_its_code_is_confirmed(payday: Payday) -> None:
    advance_id = pay(payday, brought(payday))
    members = payday.season.members
    made = make.person(Role.MEMBER, name="Made", member_id=members["Made"])
    with db.reading(payday.coop, person=made) as session:
        assert [row.advance.id for row in advances.advances(session)] == [advance_id]
        with pytest.raises(NotAllowed):
            advances.advances(session, member_id=members["Siti"])
        code = session.get_one(Advance, advance_id).code
        found = codes.confirm(session, code=code)
        assert found is not None
        assert (found.number, found.value_rp, found.is_cancelled) == (
            "PANJAR-2026-0001",
            500_000,
            False,
        )


def test_goods_with_an_advance_are_not_bought_outright(payday: Payday) -> None:
    lot, bought = brought(payday), brought(payday)
    pay(payday, lot)
    with writing(payday.coop, payday.manager) as session:
        pricing.add_version(
            session,
            payday.season.product_id,
            rule=prices.PriceRule(
                base=prices.Fixed(prices=(prices.GradePrice(grade_id=None, price_e4=100_000_000),))
            ),
            since=DAY,
        )
        with pytest.raises(rules.HasAdvance):
            buying.buy(session, lot, on=DAY)
        buying.buy(session, bought, on=DAY)
    with payday.acting() as session:
        with pytest.raises(rules.BoughtOutright):
            advances.pay(session, bought, amount_rp=1, account=CASH, on=DAY)
        [row] = [row for row in payouts.unpaid(session) if row.slip.buying_id is not None]
        assert (row.source[:3], row.product, row.left_rp) == ("SET", "Gabah", 1_000_000)
        slips.pay(session, row.slip.id, account=CASH, on=DAY)
    assert clean(payday.coop) == []


def test_an_advance_on_goods_that_dried_is_due_once_the_rest_is_sold(payday: Payday) -> None:
    lot = brought(payday)
    pay(payday, lot)
    with writing(payday.coop, payday.manager) as session:
        stock.lose(session, lot, quantity=2_000, kind=Loss.DRIED, reason="Susut", on=DAY)
        sale = open_sale(session, payday.season, buyer_weight=98_000, delivery_ids=[lot])
    member_id = payday.season.members["Made"]
    with db.reading(payday.coop, person=payday.treasurer) as session:
        assert deductions.debts(session, member_id)[ADVANCE] == 0  # its rest is not sold yet
    with writing(payday.coop, payday.manager) as session:
        sales.settle(session, sale.id, on=DAY)
    with db.reading(payday.coop, person=payday.treasurer) as session:
        assert deductions.debts(session, member_id)[ADVANCE] == 500_000
    assert clean(payday.coop) == []
