"""A delivery that turns out wrong after its sale was settled, in one act, with a look ahead."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain import reversals as rule
from kopprod.domain.access import NotAllowed
from kopprod.domain.deliveries import AlreadyReversed
from kopprod.domain.ledger import BANK, MEMBERS_OWE
from kopprod.domain.members import MemberStatus
from kopprod.domain.reversals import Change
from kopprod.domain.sales import SaleStage
from kopprod.domain.weighing import OddWeight
from kopprod.services import (
    deliveries,
    ledger,
    reversals,
    sale_goods,
    sales,
    slips,
    take_backs,
    weighing,
)
from kopprod.services.take_backs import Instead, Outlook
from kopprod.tables.members import Member
from kopprod.tables.sales import Allotment, Sale
from tests import make
from tests.seasons import DAY, Season, at_once, members_rp, open_sale, writing
from tests.test_reversals import balances, clean, slip_of, sold

RP = st.integers(0, 10**9)


def test_what_she_was_paid_too_much_is_what_she_owes() -> None:
    siti = Change(before_rp=2_554_127, had_rp=2_554_127, after_rp=2_254_127)

    assert (siti.set_off_rp, siti.to_pay_rp, siti.owes_rp) == (2_254_127, 0, 300_000)


@given(before=RP, had=RP, after=RP)
def test_what_she_had_is_set_off_or_owed_to_the_rupiah(before: int, had: int, after: int) -> None:
    change = Change(before, had, after)

    assert change.set_off_rp + change.to_pay_rp == after
    assert change.set_off_rp + change.owes_rp == had
    assert min(change.to_pay_rp, change.owes_rp) == 0


@given(net=RP, claim=RP, owes=st.integers(-(10**9), 10**9))
def test_never_more_is_set_off_than_is_there_claimed_and_owed(
    net: int, claim: int, owes: int
) -> None:
    amount = rule.set_off_rp(net, claim_rp=claim, owes_rp=owes)

    assert 0 <= amount <= min(net, claim, max(owes, 0))


def test_whoever_is_in_any_of_the_three_is_among_the_changes() -> None:
    assert rule.changes({1: 10}, {1: 10, 2: 5}, {3: 7}) == {
        1: Change(10, 10, 0),
        2: Change(0, 5, 0),
        3: Change(0, 0, 7),
    }


def by_name(outlook: Outlook) -> dict[str, Change]:
    return {member.name: change for member, change in outlook.members}


def now_rp(season: Season, sale_id: int) -> dict[str, int]:
    with writing(season.coop) as session:
        found = sales.statement(session, sale_id)
        return {member.name: slip.net_value_rp for slip, member in found.slips}


def test_a_sack_that_was_anothers_goes_to_her_and_both_are_told_before(season: Season) -> None:
    sale_id = sold(season, paid=("Siti", "Budi"))
    right = Instead(season.members["Made"], season.grade_b, weights=[40_200], tare=0)
    with writing(season.coop) as session:
        (seen,) = take_backs.outlooks(session, season.delivered[3], instead=right)
        done = take_backs.take_back_sold(
            session, season.delivered[3], reason="Karung Made", on=DAY, instead=right
        )
        assert [sale.id for sale in done.settled] == [sale_id]
        assert done.left_open == []
        assert done.instead is not None
        assert done.instead.corrects_id == season.delivered[3]
        assert done.reversal.reverses_id == season.delivered[3]
    after = now_rp(season, sale_id)
    # The same goods at the same grade: only whose they are has changed.
    assert after == {"Siti": 1_954_308, "Budi": 1_193_669, "Made": 973_100 + 599_819}
    changes = by_name(seen)
    assert {name: change.after_rp for name, change in changes.items()} == after
    assert changes["Siti"].owes_rp == 599_819
    assert (changes["Budi"].owes_rp, changes["Budi"].to_pay_rp) == (0, 0)
    assert changes["Made"].to_pay_rp == 973_100 + 599_819
    with db.reading(season.coop) as session:
        owed = ledger.balances_rp(session, MEMBERS_OWE)
        assert owed == {season.members["Siti"]: 599_819}
    clean(season)


def test_a_delivery_that_never_was_leaves_its_part_to_the_others(season: Season) -> None:
    sale_id = sold(season, paid=("Siti", "Made"))
    with writing(season.coop) as session:
        (seen,) = take_backs.outlooks(session, season.delivered[3])
        take_backs.take_back_sold(session, season.delivered[3], reason="Ditulis dua kali", on=DAY)
        assert {part.id for part in session.exec(select(Allotment)).all()} == {1, 2, 3}
        assert session.get_one(Sale, sale_id).shrinkage_reason == "Ditulis dua kali"
    after = now_rp(season, sale_id)
    assert {name: change.after_rp for name, change in by_name(seen).items()} == after
    assert sum(after.values()) == 4_720_896
    clean(season)


def test_a_sale_of_which_nothing_is_left_stays_open(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = open_sale(
            session, season, delivery_ids=season.delivered[:1], buyer_weight=120_500
        ).id
        sales.settle(session, sale_id, on=DAY)
    with writing(season.coop, make.TREASURER) as session:
        sales.take_payment(session, sale_id, amount_rp=2_078_625, account=BANK, on=DAY)
        slips.pay(session, slip_of(session, season, "Siti").id, account=BANK, on=DAY)
    with writing(season.coop) as session:
        (seen,) = take_backs.outlooks(session, season.delivered[0])
        assert (seen.stays_open, seen.received_rp, seen.gross_rp) == (True, 2_078_625, 0)
        done = take_backs.take_back_sold(session, season.delivered[0], reason="x", on=DAY)
        assert [sale.id for sale in done.left_open] == [sale_id]
        assert session.get_one(Sale, sale_id).stage is SaleStage.OPEN
        again = take_backs.outlook(session, sale_id)
        assert by_name(again)["Siti"].owes_rp == 2_026_659
    clean(season)


def test_a_delivery_in_two_sales_leaves_both(season: Season) -> None:
    with writing(season.coop) as session:
        first = open_sale(session, season, delivery_ids=season.delivered[1:3], buyer_weight=190_500)
        sales.allot(session, first.id, delivery_id=season.delivered[0], quantity=50_500)
        sales.settle(session, first.id, on=DAY)
        second = open_sale(session, season, delivery_ids=[], buyer_weight=70_000)
        sales.allot(session, second.id, delivery_id=season.delivered[0], quantity=70_000)
        right = Instead(
            season.members["Siti"], season.grade_a, weights=[60_000, 51_000], tare=1_000
        )
        done = take_backs.take_back_sold(
            session, season.delivered[0], reason="Salah timbang", on=DAY, instead=right
        )
        assert done.instead is not None
        parts = session.exec(
            select(Allotment)
            .where(Allotment.delivery_id == done.instead.id)
            .order_by(col(Allotment.sale_id))
        ).all()
        assert [(part.sale_id, part.quantity) for part in parts] == [
            (first.id, 50_500), (second.id, 59_500),
        ]  # fmt: skip
        assert session.get_one(Sale, second.id).stage is SaleStage.OPEN
    clean(season)


def test_an_odd_sack_instead_needs_somebody_who_is_sure(season: Season) -> None:
    sale_id = sold(season)
    sacks = [500, *[10_000] * 3]
    odd = Instead(season.members["Siti"], season.grade_b, [*sacks, 990_000], 5_000)
    with pytest.raises(OddWeight), writing(season.coop) as session:
        take_backs.take_back_sold(session, season.delivered[3], reason="x", on=DAY, instead=odd)
    right = replace(odd, weights=sacks, tare=0, tare_each=200, typed="0,5 3x10 - 4 x 200 gram")
    with writing(season.coop) as session:
        done = take_backs.take_back_sold(
            session, season.delivered[3], reason="Salah ketik", on=DAY, instead=right
        )
        assert done.instead is not None
        assert (done.instead.gross, done.instead.tare, done.instead.net) == (30_500, 800, 29_700)
        assert (done.instead.tare_each, done.instead.typed) == (200, "0,5 3x10 - 4 x 200 gram")
        assert weighing.weights(session, done.instead.id) == sacks
        assert session.get_one(Sale, sale_id).stage is SaleStage.SETTLED
    clean(season)


def test_goods_of_who_left_before_the_payout_are_corrected_and_paid(season: Season) -> None:
    sale_id = sold(season)
    with writing(season.coop) as session:
        siti = session.get_one(Member, season.members["Siti"])
        siti.status, siti.left_on, siti.left_reason = MemberStatus.LEFT, DAY, "Pindah"
    right = Instead(season.members["Siti"], season.grade_b, [42_200], 0)
    with writing(season.coop) as session:
        done = take_backs.take_back_sold(
            session, season.delivered[3], reason="Salah timbang", on=DAY, instead=right
        )
        assert [sale.id for sale in done.settled] == [sale_id]
    with writing(season.coop, make.TREASURER) as session:
        slip = slip_of(session, season, "Siti")
        assert slips.pay(session, slip.id, account=BANK, on=DAY).received_rp == slip.net_value_rp
    clean(season)


def test_what_is_in_no_settled_sale_is_taken_back_by_itself(season: Season) -> None:
    sold(season)
    with writing(season.coop) as session:
        with pytest.raises(sale_goods.UnknownDelivery):
            take_backs.take_back_sold(session, 99, reason="x", on=DAY)
        with pytest.raises(reversals.ReasonMissing):
            take_backs.take_back_sold(session, season.delivered[0], reason=" ", on=DAY)
        take_backs.take_back_sold(session, season.delivered[0], reason="x", on=DAY)
        with pytest.raises(AlreadyReversed):
            take_backs.take_back_sold(session, season.delivered[0], reason="x", on=DAY)
    with writing(season.coop, make.OFFICER) as session, pytest.raises(NotAllowed):
        take_backs.take_back_sold(session, season.delivered[1], reason="x", on=DAY)
    clean(season)


def test_a_delivery_in_an_open_sale_only_is_not_sold(season: Season) -> None:
    with writing(season.coop) as session:
        open_sale(session, season)
        with pytest.raises(take_backs.NotSold):
            take_backs.take_back_sold(session, season.delivered[0], reason="x", on=DAY)


def test_of_two_who_take_a_sold_delivery_back_at_once_one_succeeds(season: Season) -> None:
    sold(season, paid=("Siti",))

    def take_back() -> object:
        with writing(season.coop) as session:
            done = take_backs.take_back_sold(session, season.delivered[0], reason="x", on=DAY)
            return done.reversal.number

    results = at_once(take_back, take_back)

    assert sorted(type(one).__name__ for one in results) == ["AlreadyReversed", "str"]
    clean(season)


def pay_all(session: Session, sale_id: int, names: set[str]) -> list[int]:
    """The buyer pays what is owed, and these members get theirs; gives the slips that were paid."""
    found = sales.statement(session, sale_id)
    sales.take_payment(session, sale_id, amount_rp=found.owed_rp, account=BANK, on=DAY)
    waiting = {row.slip.id for row in slips.slips(session, unpaid_only=True)}
    owed = [slip.id for slip, member in found.slips if member.name in names and slip.id in waiting]
    for slip_id in owed:
        slips.pay(session, slip_id, account=BANK, on=DAY)
    return owed


def money_in_and_out(session: Session, sale_id: int, names: set[str]) -> None:
    """Money in, out to members, and all of it back: then nothing has happened."""
    for slip_id in pay_all(session, sale_id, names):
        reversals.return_payout(session, slip_id, reason="x", on=DAY)
    for payment in sales.statement(session, sale_id).payments:
        if payment.reversed_on is None:
            reversals.reverse_payment(session, payment.id, reason="x", on=DAY)


@given(
    paid=st.sets(st.sampled_from(["Siti", "Budi", "Made"])),
    weight=st.integers(50_000, 500_000),
    price_e4=st.integers(10_000_000, 10**9),
    fee_bp=st.integers(0, 1_000),
    cost=st.integers(1, 50_000),
    received=st.booleans(),
    turns=st.integers(1, 2),
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_taking_back_restores_every_balance_and_settling_again_every_share(
    season: Season,
    paid: set[str],
    weight: int,
    price_e4: int,
    fee_bp: int,
    cost: int,
    received: bool,
    turns: int,
) -> None:
    with writing(season.coop) as session:
        ids = [
            deliveries.receive(
                session, member_id=member_id, product_id=season.product_id,
                grade_id=season.grade_a, gross=weight // 3, tare=0, received_on=DAY, on=DAY,
            ).id
            for member_id in season.members.values()
        ]  # fmt: skip
        sale = open_sale(
            session, season, delivery_ids=ids, buyer_weight=weight, price_e4=price_e4,
            fee_bp=fee_bp,
        )  # fmt: skip
        sales.add_cost(session, sale.id, name="Truk", amount_rp=cost)
        sale_id, stock = sale.id, len(deliveries.in_store(session))
        before = balances(session)
        sales.settle(session, sale_id, on=DAY, shrinkage_reason="Contoh")
        settled = balances(session)
        shares = members_rp(session, sale)
    for _turn in range(turns):
        with writing(season.coop, make.TREASURER) as session:
            if received:
                money_in_and_out(session, sale_id, paid)
            assert balances(session) == settled
        with writing(season.coop) as session:
            reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
            assert balances(session) == before
            assert len(deliveries.in_store(session)) == stock
            sales.settle(session, sale_id, on=DAY, shrinkage_reason="Contoh")
            assert balances(session) == settled
    assert now_rp(season, sale_id) == shares
    with writing(season.coop, make.TREASURER) as session:
        pay_all(session, sale_id, set(season.members))
        all_paid = balances(session)
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
        sales.settle(session, sale_id, on=DAY, shrinkage_reason="Contoh")
        assert balances(session) == all_paid  # all of it was set off
    assert now_rp(season, sale_id) == shares
    clean(season)
