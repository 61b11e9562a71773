"""Break-even where a sale bears fees of several kinds, and costs by weight or by sacks."""

from fractions import Fraction

import pytest

from kopprod import db
from kopprod.domain.ledger import CASH, Posting
from kopprod.domain.sales import CostSplit
from kopprod.services import advances, check, comparison, ledger
from tests import make
from tests.test_comparison import (
    DAY,
    EVER,
    KG,
    PAID,
    Place,
    bring,
    hear,
    pay_all,
    place,  # noqa: F401
    sell,
    the_lot,
    writing,
)


@pytest.mark.parametrize("split", list(CostSplit))
def test_break_even_is_the_same_whatever_the_only_deliverys_cost_is_shared_by(
    place: Place,  # noqa: F811
    split: CostSplit,
) -> None:
    with writing(place) as session:
        delivery_id = bring(session, place, place.ayu)
        pay_all(session, sell(session, place, [(delivery_id, 1_208 * KG)], split=split))
        for days in (-1, 0, 3):
            hear(session, place, days=days)

    lot = the_lot(place)

    assert lot.lot.net_value_rp == 7_634_460
    assert lot.break_even is not None
    assert round(lot.break_even, 2) == Fraction("6013.04")


def test_at_the_break_even_price_a_lot_with_every_kind_of_fee_brings_what_he_pays(
    place: Place,  # noqa: F811
) -> None:
    """Two deliveries of different weight, a cost by weight, fees by weight and flat."""
    with writing(place) as session:
        for days in (-1, 0, 3):
            hear(session, place, days=days)
        light = bring(session, place, place.ayu, gross=400 * KG)
        heavy = bring(session, place, place.ayu)
        parts = [(light, 398 * KG), (heavy, 1_208 * KG)]
        fees = {"fee_weight_e4": 500_000, "fee_flat_rp": 20_000}
        sale_id = sell(session, place, parts, split=CostSplit.WEIGHT, **fees)  # type: ignore[arg-type]
        pay_all(session, sale_id)
    with db.reading(place.coop, person=make.MANAGER) as session:
        lots = comparison.lots(session, EVER, on=PAID)

    for lot, kg in zip(lots, (398, 1_208), strict=True):
        assert lot.break_even is not None and lot.outcome.difference is not None
        left = 1 - Fraction(2_400 * lot.lot.waited_days, 10_000 * 365)
        dearer = (lot.sold_at - lot.break_even) * kg * Fraction(98, 100) * left
        assert abs(dearer - lot.outcome.difference) < 2  # but for rounding to whole rupiah


def test_an_advance_at_delivery_does_not_wait_and_moves_the_break_even_with_it(
    place: Place,  # noqa: F811
) -> None:
    with writing(place) as session:
        for days in (-1, 0, 3):
            hear(session, place, days=days)
        budi = bring(session, place, place.budi)
        pay_all(session, sell(session, place, [(budi, 1_208 * KG)]), on=DAY)  # now a price is known
        delivery_id = bring(session, place, place.ayu)
    with writing(place, make.TREASURER) as session:
        ledger.post_by_hand(
            session,
            on=DAY,
            memo="Modal",
            postings=[Posting(CASH, debit_rp=10_000_000), Posting("38", credit_rp=10_000_000)],
        )
        advances.pay(session, delivery_id, amount_rp=3_650_000, account=CASH, on=DAY)
    with writing(place) as session:
        pay_all(session, sell(session, place, [(delivery_id, 1_208 * KG)]))

    with db.reading(place.coop, person=make.MANAGER) as session:
        (lot,) = (
            one
            for one in comparison.lots(session, EVER, on=PAID)
            if one.member_id == place.ayu.member_id
        )
        assert list(check.problems(session)) == []
    assert lot.lot.waited_days == 14
    assert lot.lot.early_rp_days == 3_650_000 * 14
    assert lot.coop_rp == 7_564_181 + 33_600
    assert lot.break_even is not None
    left = 1 - Fraction(24 * 14, 36_500)
    spared = 33_600 / left / Fraction(98, 100) / 1_208
    assert abs(lot.break_even + spared - Fraction("6013.04")) < Fraction("0.01")
