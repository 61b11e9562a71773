"""Taking back what was closed: the books come out as if it had never been."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain.access import NotAllowed, Person
from kopprod.domain.ledger import BANK, BUYERS_OWE, CASH, MEMBERS_OWE, OWED_TO_MEMBERS
from kopprod.domain.sales import SaleStage
from kopprod.services import check, ledger, payments, reversals, sales, settlement, slips
from kopprod.tables.payouts import PayoutReturn, SlipDeduction
from kopprod.tables.sales import Allotment, BuyerPayment, Sale, SaleCost
from kopprod.tables.slips import Slip
from tests import make
from tests.seasons import DAY, Season, at_once, members_rp, settled, writing

LATER = DAY + timedelta(days=3)


def later(season: Season, person: Person = make.MANAGER) -> AbstractContextManager[Session]:
    at = make.AT + timedelta(days=3)
    return db.writing(season.coop, person=person, action="test", at=at)


def balances(session: Session) -> dict[tuple[str, int | None, int | None], int]:
    """Every account, by member and by buyer."""
    rows = session.execute(
        text(
            "SELECT account_code, member_id, buyer_id, sum(debit_rp - credit_rp) FROM line"
            " GROUP BY account_code, member_id, buyer_id"
        )
    )
    return {(code, member, buyer): int(total) for code, member, buyer, total in rows if total}


def slip_of(session: Session, season: Season, name: str, *, void: bool = False) -> Slip:
    query = select(Slip).where(Slip.member_id == season.members[name])
    query = query.where(col(Slip.voided_on).is_not(None) if void else col(Slip.voided_on).is_(None))
    return session.exec(query.order_by(col(Slip.id).desc())).first()  # type: ignore[return-value]


def clean(season: Season) -> None:
    with db.reading(season.coop) as session:
        assert list(check.problems(session)) == []


def sold(season: Season, *, paid: tuple[str, ...] = ()) -> int:
    """WE-18, settled and paid by the buyer into the bank, with these members' slips paid."""
    with writing(season.coop) as session:
        sale_id = settled(session, season).id
    with writing(season.coop, make.TREASURER) as session:
        sales.take_payment(session, sale_id, amount_rp=5_130_150, account=BANK, on=DAY)
        for name in paid:
            slips.pay(session, slip_of(session, season, name).id, account=BANK, on=DAY)
    return sale_id


def test_a_settlement_taken_back_opens_the_sale_and_keeps_what_was_frozen(season: Season) -> None:
    with writing(season.coop) as session:
        before = balances(session)
        sale = settled(session, season)
        row = reversals.reverse_settlement(session, sale.id, reason=" Salah timbang ", on=DAY)
        assert (row.number, row.reason, row.settled_on) == ("BATAL-2026-0001", "Salah timbang", DAY)
        assert (row.gross_rp, row.costs_rp, row.fee_rp, row.net_rp) == (
            5_130_150, 281_000, 128_254, 4_720_896,
        )  # fmt: skip
        assert balances(session) == before
        sale = session.get_one(Sale, sale.id)
        assert sale.stage is SaleStage.OPEN
        assert (sale.settled_on, sale.entry_id, sale.gross_rp, sale.net_rp) == (None,) * 4
        assert set(session.exec(select(Allotment.share_rp)).all()) == {None}
        assert {slip.void_reason for slip in session.exec(select(Slip)).all()} == {"Salah timbang"}
    clean(season)


def test_settled_again_it_comes_to_the_same(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        shares, parts = members_rp(session, sale), sales.preview(session, sale.id).share_rp
        reversals.reverse_settlement(session, sale.id, reason="Salah", on=DAY)
        sales.settle(session, sale.id, on=DAY)
        found = sales.statement(session, sale.id)
        assert {member.name: slip.net_value_rp for slip, member in found.slips} == shares
        assert found.outcome is not None
        assert found.outcome.share_rp == parts
        assert [row.number for row in reversals.of_sale(session, sale.id)] == ["BATAL-2026-0001"]
        assert len(reversals.void_slips(session, sale.id)) == 3
    clean(season)


def test_what_she_had_been_paid_is_what_she_owes_and_the_new_slip_is_set_off(
    season: Season,
) -> None:
    sale_id = sold(season, paid=("Siti",))
    with later(season) as session:
        reversals.reverse_settlement(session, sale_id, reason="Salah grade", on=LATER)
        owed = ledger.balances_rp(session, MEMBERS_OWE)
        assert owed == {season.members["Siti"]: 2_554_127}
        assert ledger.balances_rp(session, OWED_TO_MEMBERS) == {}
        assert ledger.balance_rp(session, BUYERS_OWE) == -5_130_150
    clean(season)
    with later(season) as session:
        sales.settle(session, sale_id, on=LATER)
        siti = slip_of(session, season, "Siti")
        assert (siti.deducted_rp, siti.received_rp, siti.paid_on) == (2_554_127, 0, LATER)
        assert (siti.paid_entry_id, siti.paid_from) == (None, None)
        assert slip_of(session, season, "Budi").paid_on is None
        assert ledger.balances_rp(session, MEMBERS_OWE) == {}
        taken = session.exec(select(SlipDeduction)).one()
        assert (taken.slip_id, taken.kind, taken.amount_rp) == (siti.id, "claim", 2_554_127)
    clean(season)


def test_what_she_got_too_much_stays_owed_and_the_rest_is_paid(season: Season) -> None:
    sale_id = sold(season, paid=("Siti", "Budi"))
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale_id, reason="Karung tertukar", on=DAY)
        # The sack of 40,2 kg was never in this sale; what it had brought is shared by the others.
        sales.release(session, sale_id, delivery_id=season.delivered[3])
        sales.settle(session, sale_id, on=DAY, shrinkage_reason="Karung lain")
        siti, budi = slip_of(session, season, "Siti"), slip_of(session, season, "Budi")
        assert siti.received_rp == 0
        assert siti.net_value_rp < 2_554_127
        owed = ledger.balances_rp(session, MEMBERS_OWE)
        assert owed == {season.members["Siti"]: 2_554_127 - siti.net_value_rp}
        assert budi.paid_on is None
        assert budi.deducted_rp == 1_193_669
        assert budi.net_value_rp > 1_193_669
    clean(season)
    with writing(season.coop, make.TREASURER) as session:
        paid = slips.pay(session, slip_of(session, season, "Budi").id, account=BANK, on=DAY)
        assert paid.received_rp == paid.net_value_rp - 1_193_669
    clean(season)


def test_taken_back_twice_the_claims_are_counted_once(season: Season) -> None:
    sale_id = sold(season, paid=("Siti",))
    for _turn in range(3):
        with writing(season.coop) as session:
            reversals.reverse_settlement(session, sale_id, reason="Salah", on=DAY)
            assert ledger.balance_rp(session, MEMBERS_OWE) == 2_554_127
            sales.settle(session, sale_id, on=DAY)
            assert ledger.balance_rp(session, MEMBERS_OWE) == 0
        clean(season)


def test_taking_back_is_refused_without_a_reason_twice_too_early_and_to_others(
    season: Season,
) -> None:
    sale_id = sold(season)
    with writing(season.coop) as session:
        with pytest.raises(reversals.ReasonMissing):
            reversals.reverse_settlement(session, sale_id, reason="  ", on=DAY)
        with pytest.raises(reversals.TakenBackTooEarly):
            reversals.reverse_settlement(session, sale_id, reason="x", on=DAY - timedelta(days=1))
        with pytest.raises(settlement.UnknownSale):
            reversals.reverse_settlement(session, 99, reason="x", on=DAY)
        reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
        with pytest.raises(reversals.NothingSettled):
            reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
    for person in (make.TREASURER, make.OFFICER, make.SUPERVISOR):
        with writing(season.coop, person) as session, pytest.raises(NotAllowed):
            reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)


def test_of_two_who_take_back_at_once_one_succeeds(season: Season) -> None:
    sale_id = sold(season, paid=("Siti",))

    def take_back() -> object:
        with writing(season.coop) as session:
            return reversals.reverse_settlement(session, sale_id, reason="x", on=DAY).number

    results = at_once(take_back, take_back)

    assert sorted(type(one).__name__ for one in results) == ["NothingSettled", "str"]
    clean(season)


def test_paying_and_taking_back_at_once_leave_sound_books(season: Season) -> None:
    sale_id = sold(season)
    with db.reading(season.coop) as session:
        slip_id = slip_of(session, season, "Made").id

    def pay() -> object:
        with writing(season.coop, make.TREASURER) as session:
            return slips.pay(session, slip_id, account=BANK, on=DAY).number

    def take_back() -> object:
        with writing(season.coop) as session:
            return reversals.reverse_settlement(session, sale_id, reason="x", on=DAY).number

    results = at_once(pay, take_back)

    assert "BATAL-2026-0001" in results
    clean(season)


def test_a_void_slip_is_not_paid(season: Season) -> None:
    sale_id = sold(season)
    with writing(season.coop) as session:
        slip_id = slip_of(session, season, "Made").id
        reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
    with writing(season.coop, make.TREASURER) as session, pytest.raises(slips.SlipCancelled):
        slips.pay(session, slip_id, account=BANK, on=DAY)


def test_a_sale_with_money_in_it_is_not_given_up(season: Season) -> None:
    sale_id = sold(season)
    with writing(season.coop, make.TREASURER) as session:
        truck = session.exec(select(SaleCost).where(SaleCost.name == "Truk")).one().id
        sales.pay_cost(session, truck, account=BANK, on=DAY)
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
        with pytest.raises(payments.MoneyInSale):
            sales.cancel(session, sale_id)
        with pytest.raises(payments.CostIsPaid):
            sales.remove_cost(session, truck)
    clean(season)
    with writing(season.coop, make.TREASURER) as session:
        paid = session.exec(select(BuyerPayment)).one()
        reversals.reverse_cost(session, truck, reason="Salah bayar", on=DAY)
        reversals.reverse_payment(session, paid.id, reason="Dikembalikan", on=DAY)
    with writing(season.coop) as session:
        sales.remove_cost(session, truck)
        assert reversals.of_costs(session, sale_id) == [
            reversals.CostBack(DAY, 250_000, "Salah bayar")  # also of a cost that is gone
        ]
        sales.cancel(session, sale_id)
        assert balances(session) == {}
    clean(season)


def test_a_payment_taken_back_is_owed_again(season: Season) -> None:
    sale_id = sold(season)
    with later(season, make.TREASURER) as session:
        paid = session.exec(select(BuyerPayment)).one()
        with pytest.raises(reversals.ReasonMissing):
            reversals.reverse_payment(session, paid.id, reason="", on=DAY)
        with pytest.raises(reversals.TakenBackTooEarly):
            reversals.reverse_payment(session, paid.id, reason="x", on=DAY - timedelta(days=1))
        with pytest.raises(reversals.KeepsTooMuch):
            reversals.reverse_payment(session, paid.id, reason="x", on=DAY, keeps_rp=5_130_150)
        with pytest.raises(reversals.UnknownPayment):
            reversals.reverse_payment(session, 99, reason="x", on=DAY)
        reversals.reverse_payment(session, paid.id, reason="Uang palsu", on=LATER)
        assert (paid.reversed_on, paid.reason) == (LATER, "Uang palsu")
        assert ledger.balance_rp(session, BANK) == 0
        found = sales.statement(session, sale_id)
        assert (found.received_rp, found.owed_rp) == (0, 5_130_150)
        assert [row.owed_rp for row in sales.sales(session)] == [5_130_150]
        with pytest.raises(reversals.PaymentTakenBack):
            reversals.reverse_payment(session, paid.id, reason="x", on=LATER)
        sales.take_payment(session, sale_id, amount_rp=5_130_150, account=CASH, on=LATER)
    clean(season)


def test_a_payment_that_was_spent_already_is_not_taken_back(season: Season) -> None:
    sold(season, paid=("Siti",))
    with writing(season.coop, make.TREASURER) as session, pytest.raises(ledger.CashShort):
        paid = session.exec(select(BuyerPayment)).one()
        reversals.reverse_payment(session, paid.id, reason="x", on=DAY)


def test_goods_that_come_back_are_paid_back_out_of_what_is_there(season: Season) -> None:
    """The buyer returns 20 kg: the settlement is taken back, the terms changed, settled again."""
    sale_id = sold(season, paid=("Siti", "Budi"))
    with writing(season.coop) as session:
        reversals.reverse_settlement(session, sale_id, reason="20 kg dikembalikan", on=DAY)
        sale = session.get_one(Sale, sale_id)
        sales.change_terms(
            session,
            sale_id,
            sold_on=sale.sold_on,
            price_e4=sale.price_e4,
            buyer_weight=277_400,
            fee_bp=sale.fee_bp,
            on=DAY,
        )
        sales.settle(session, sale_id, on=DAY, shrinkage_reason="20 kg dikembalikan pembeli")
        assert sales.statement(session, sale_id).owed_rp == -345_000
    clean(season)
    with writing(season.coop, make.TREASURER) as session:
        assert ledger.balance_rp(session, BANK) == 1_382_354  # less than what had been paid in
        paid = session.exec(select(BuyerPayment)).one()
        reversals.reverse_payment(
            session, paid.id, reason="Dikembalikan", on=DAY, keeps_rp=5_130_150 - 345_000
        )
        assert ledger.balance_rp(session, BANK) == 1_037_354
        assert sales.statement(session, sale_id).owed_rp == 0
    clean(season)


def test_a_cost_paid_by_mistake_is_owed_again(season: Season) -> None:
    sold(season)
    with writing(season.coop, make.TREASURER) as session:
        truck = session.exec(select(SaleCost).where(SaleCost.name == "Truk")).one().id
        with pytest.raises(reversals.CostNotPaid):
            reversals.reverse_cost(session, truck, reason="x", on=DAY)
        with pytest.raises(payments.UnknownCost):
            reversals.reverse_cost(session, 99, reason="x", on=DAY)
        before = balances(session)
        sales.pay_cost(session, truck, account=BANK, on=DAY)
        reversals.reverse_cost(session, truck, reason="Truk lain", on=DAY)
        assert balances(session) == before
        sales.pay_cost(session, truck, account=BANK, on=DAY)
    clean(season)


def test_money_of_a_slip_that_came_back_is_paid_again(season: Season) -> None:
    sold(season, paid=("Siti",))
    with later(season, make.TREASURER) as session:
        slip = slip_of(session, season, "Siti")
        unpaid = slip_of(session, season, "Budi").id
        with pytest.raises(reversals.SlipNotPaid):
            reversals.return_payout(session, unpaid, reason="x", on=DAY)
        with pytest.raises(slips.UnknownSlip):
            reversals.return_payout(session, 99, reason="x", on=DAY)
        row = reversals.return_payout(session, slip.id, reason="Nomor salah", on=LATER)
        assert (row.number, row.amount_rp, row.account_code) == (
            "RETUR-2026-0001", 2_554_127, BANK,
        )  # fmt: skip
        assert (slip.paid_on, slip.received_rp, slip.paid_entry_id) == (None, None, None)
        assert ledger.balance_rp(session, BANK) == 5_130_150
        with pytest.raises(reversals.SlipNotPaid):
            reversals.return_payout(session, slip.id, reason="x", on=LATER)
        slips.pay(session, slip.id, account=BANK, on=LATER)
        assert [one.number for one in reversals.returns(session, slip.id)] == [row.number]
    clean(season)


def test_money_of_a_cancelled_slip_does_not_come_back_to_it(season: Season) -> None:
    sale_id = sold(season, paid=("Siti",))
    with writing(season.coop) as session:
        slip_id = slip_of(session, season, "Siti").id
        reversals.reverse_settlement(session, sale_id, reason="x", on=DAY)
        with pytest.raises(reversals.SlipIsVoid):
            reversals.return_payout(session, slip_id, reason="x", on=DAY)
        assert session.exec(select(PayoutReturn)).first() is None
    clean(season)
