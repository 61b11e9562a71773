"""More or less by selling together, added up in five ways, and how sure each of them is."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from kopprod import db
from kopprod.domain import premiums as rules
from kopprod.domain.comparison import Enough, Reference
from kopprod.domain.premiums import Evidence, Mark
from kopprod.domain.quantities import BaseUnit
from kopprod.services import comparison, premiums
from kopprod.services.dashboard import Period
from kopprod.services.output_months import LoggedAndDelivered
from kopprod.services.premiums import By
from kopprod.ui.premiums import gap_words
from kopprod.ui.show import month_column
from tests import make
from tests.conftest import DEMO_ON

EVER = Period(DEMO_ON - timedelta(days=800), DEMO_ON + timedelta(days=1))
ENOUGH = Enough()


def heard(count: int, lowest: int, price: int, highest: int, age_days: int = 0) -> Reference:
    prices = (Fraction(price), Fraction(lowest), Fraction(highest))
    return Reference(count, count < 3, *prices, age_days)


@pytest.mark.parametrize(
    ("middlemen", "mark"),
    [
        (heard(6, 6_000, 6_200, 6_300, age_days=3), Mark.STRONG),
        (heard(6, 6_000, 6_200, 6_300, age_days=4), Mark.FAIR),
        (heard(6, 5_000, 6_200, 6_300), Mark.FAIR),
        (heard(5, 6_200, 6_200, 6_200), Mark.FAIR),
        (heard(2, 6_200, 6_200, 6_200), Mark.THIN),
        (Reference(0, True), Mark.THIN),
    ],
)
def test_many_fresh_prices_close_together_are_sure(middlemen: Reference, mark: Mark) -> None:
    assert rules.mark(rules.evidence(middlemen), ENOUGH) is mark


def test_a_line_is_as_sure_as_the_weakest_of_its_lots() -> None:
    strong, fair = Evidence(8, Fraction(1, 20), 0), Evidence(3, Fraction(1, 5), 2)

    assert rules.weakest([strong, fair]) == Evidence(3, Fraction(1, 5), 2)
    assert rules.weakest([]) is None


@pytest.mark.parametrize("by", By)
def test_however_they_are_added_up_the_sum_is_the_same(demo_coop: str, by: By) -> None:
    with db.reading(demo_coop, person=make.MANAGER) as session:
        lots = comparison.lots(session, EVER, on=DEMO_ON)
    found = premiums.premiums(lots, by=by, enough=ENOUGH)

    assert sum(one.together.difference_rp for one in found) == sum(
        lot.difference_rp for lot in lots
    )
    assert sum(len(one.lots) for one in found) == len(lots)
    assert all((one.mark is Mark.THIN) == (one.together.compared == 0) for one in found)
    assert all((one.rate is None) == (one.together.compared == 0) for one in found)
    if by is By.DELIVERY:
        thin = [one for one in found if one.lots[0].thin]
        assert thin and all(one.evidence is None for one in thin)


def test_the_percent_is_of_the_middlemans_money(demo_coop: str) -> None:
    with db.reading(demo_coop, person=make.MANAGER) as session:
        lots = comparison.lots(session, EVER, on=DEMO_ON)
    found = premiums.premiums(lots, by=By.PRODUCT, enough=ENOUGH)

    assert {one.lots[0].likeness.product_id for one in found} >= {1}
    for one in found:
        if one.rate is not None:
            assert one.rate * one.together.middleman_rp == one.together.difference_rp


def flow(logged: int, delivered: int) -> LoggedAndDelivered:
    return LoggedAndDelivered(1, "Gabah", BaseUnit.GRAM, date(2026, 3, 1), logged, delivered)


def test_a_month_stays_on_one_line() -> None:
    assert month_column().show(date(2026, 3, 1)) == "Mar\N{NO-BREAK SPACE}26"


def test_what_was_logged_and_did_not_come_is_said_in_words() -> None:
    words = gap_words([flow(100_000, 60_000), flow(20_000, 30_000)], BaseUnit.GRAM)

    assert words.startswith("30 kg dari yang dicatat (25 %) tidak disetor")
    assert gap_words([flow(5_000, 5_000)], BaseUnit.GRAM) == "Semua yang dicatat sudah disetor."
    assert "lebih banyak" in gap_words([flow(5_000, 6_000)], BaseUnit.GRAM)
