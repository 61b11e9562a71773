"""The money around a sale: what the buyer paid, what the costs took."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from kopprod import db
from kopprod.domain.ledger import BANK, BUYERS_OWE, CASH, OWED_SALE_COSTS, SALE_FEE
from kopprod.services import ledger, payments, sales
from kopprod.tables.sales import BuyerPayment, SaleCost
from tests import make
from tests.seasons import DAY, Season, at_once, open_sale, settled, writing


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
