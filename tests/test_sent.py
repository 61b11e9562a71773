"""A form that comes back: the same writes once, another under its key is refused."""

import pytest
from sqlmodel import func, select

from kopprod import db
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.services import payments, sent
from kopprod.tables.sales import BuyerPayment
from tests import make
from tests.seasons import DAY, Season, settled, writing


@pytest.mark.parametrize(("amount_rp", "account"), [(1_001, CASH), (1_000, BANK)])
def test_money_under_a_key_that_kept_other_money_is_refused(
    season: Season, amount_rp: int, account: str
) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)

    def pay(amount_rp: int, account: str) -> int | None:
        with writing(season.coop, make.TREASURER) as session:
            return payments.take_payment(
                session, sale.id, amount_rp=amount_rp, account=account, on=DAY, draft_key="one"
            ).id

    assert pay(1_000, CASH) == pay(1_000, CASH)
    with pytest.raises(FormKeptOtherwise) as refused:
        pay(amount_rp, account)
    assert refused.value.facts["number"] == sale.number
    with db.reading(season.coop) as session:
        assert session.exec(select(func.sum(BuyerPayment.amount_rp))).one() == 1_000


def test_a_form_without_a_key_was_never_sent(season: Season) -> None:
    with writing(season.coop) as session:
        assert sent.find(session, BuyerPayment, None) is None
        assert sent.same(session, BuyerPayment, None, {"amount_rp": 1}) is None
        assert sent.same(session, BuyerPayment, "unknown", {"amount_rp": 1}) is None
