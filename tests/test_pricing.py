"""Price rules kept as versions, chosen by the day of delivery, and their screen."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import text

from kopprod import db
from kopprod.domain import bands, money, price_versions
from kopprod.domain import products as product_rules
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.measures import Measure
from kopprod.domain.pricing import Fixed, GradePrice, Kind, PriceRule
from kopprod.domain.quantities import BaseUnit
from kopprod.services import pricing, products
from tests import make
from tests.test_pricing_rule import MILK, PADDY, TIERS, flat

JAN15, JAN20, JAN24, FEB1 = (date(2025, *day) for day in ((1, 15), (1, 20), (1, 24), (2, 1)))
DAY = timedelta(days=1)
RP = money.E4
WET = {Measure.MOISTURE: 2_800, Measure.EMPTY: 1_200}
ONE_PRICE = PriceRule(flat(6_500 * RP))


def paddy(coop: str) -> int:
    """Paddy with the table of 15 January 2025 and the one price of 24 January."""
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        row = make.product(session)
        make.grade(session, row.id)
        pricing.add_version(session, row.id, rule=PADDY, since=JAN15, note="Kepbadan 2/2025")
        pricing.add_version(session, row.id, rule=ONE_PRICE, since=JAN24, note="Kepbadan 14/2025")
        return row.id


def test_paddy_is_paid_by_the_rule_of_its_day(coop: str) -> None:
    rice = paddy(coop)
    with db.reading(coop, person=make.OFFICER) as session:
        per = products.price_per(session, products.product(session, rice), on=JAN20)

        def paid(on: date) -> tuple[int, int | None]:
            priced = pricing.price(session, rice, grade_id=None, values=WET, on=on)
            return money.amount_rp(1_000_000, priced.price_e4, per), priced.version_id

        (table, _), (one, _) = (pricing.rule_on(session, rice, on=on) for on in (JAN20, FEB1))
        assert paid(JAN20) == (5_750_000, table.id)  # WE-9c
        assert paid(FEB1) == (6_500_000, one.id)
        assert (paid(JAN24 - DAY)[0], paid(JAN24)[0]) == (5_750_000, 6_500_000)
        assert (table.kind, one.kind) == (Kind.BANDS, Kind.FIXED)
        with pytest.raises(price_versions.NoPriceRule):
            paid(JAN15 - DAY)


def test_a_correction_is_a_new_version_and_the_old_one_stays(coop: str) -> None:
    rice = paddy(coop)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        table, one = pricing.versions(session, rice)
        right = PriceRule(flat(6_700 * RP), bands=PADDY.bands)
        with pytest.raises(price_versions.RuleOfThatDay):
            pricing.add_version(session, rice, rule=right, since=JAN15)
        with pytest.raises(price_versions.CorrectsAnotherDay):
            pricing.add_version(session, rice, rule=right, since=JAN20, corrects_id=table.id)
        with pytest.raises(price_versions.VersionUnknown):
            pricing.add_version(session, rice, rule=right, since=JAN15, corrects_id=0)
        kept = pricing.add_version(session, rice, rule=right, since=JAN15, corrects_id=table.id)

        assert (
            pricing.price(session, rice, grade_id=None, values=WET, on=JAN20).price_e4 == 5_950 * RP
        )
        assert pricing.version(session, table.id) == (table, PADDY)
        spans = [(p.version.number, p.since, p.until) for p in pricing.periods(session, rice)]
        assert spans == [(kept.number, JAN15, JAN24), (one.number, JAN24, None)]
        with pytest.raises(price_versions.VersionUnknown):
            pricing.version(session, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE price_rule_version SET rule = '{}  '",
        "UPDATE price_rule_version SET until = '2025-01-16'",
        "DELETE FROM price_rule_version",
    ],
)
def test_the_database_refuses_to_change_a_version(coop: str, statement: str) -> None:
    paddy(coop)
    with (
        pytest.raises(DBAPIError, match="guard price_rule_version"),
        db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session,
    ):
        session.execute(text(statement))


def test_the_history_says_who_kept_a_version_and_when(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        milk = make.product(
            session, "Susu", base_unit=BaseUnit.MILLILITRE, price_unit="liter", units={}
        )
    with db.writing(coop, person=citra, action="test", at=make.AT) as session:
        pricing.add_version(session, milk.id, rule=MILK, since=JAN15, until=FEB1, note=" a ")
        pricing.add_version(session, milk.id, rule=TIERS, since=FEB1)

    with db.reading(coop, person=make.SUPERVISOR) as session:
        newest, first = pricing.history(session, milk.id)
        assert (first.by, first.at, first.rule) == ("Citra", make.AT, MILK)
        assert (first.version.note, first.version.until) == ("a", FEB1)
        assert (newest.version.number, newest.rule) == (2, TIERS)


def test_grades_of_a_rule_and_of_goods_belong_to_the_product(coop: str) -> None:
    rice = paddy(coop)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        other = make.grade(session, make.product(session, "Jagung").id)
        rule = PriceRule(Fixed((GradePrice(other.id, RP),)))
        with pytest.raises(product_rules.GradeUnknown):
            pricing.add_version(session, rice, rule=rule, since=FEB1)
        with pytest.raises(product_rules.GradeUnknown):
            pricing.price(session, rice, grade_id=other.id, values=WET, on=FEB1)
        with pytest.raises(product_rules.ProductUnknown):
            pricing.add_version(session, 0, rule=ONE_PRICE, since=FEB1)
        (own,) = products.grades(session, rice)
        assert pricing.price(session, rice, grade_id=own.id, values=WET, on=FEB1).price_e4


def test_what_the_rule_asks_comes_back_as_decided(coop: str) -> None:
    rule = PriceRule(flat(0), bands=asking())
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = make.product(session)
        pricing.add_version(session, rice.id, rule=rule, since=JAN15)
        values = {Measure.MOISTURE: 2_550}
        with pytest.raises(bands.ToAsk) as asked:
            pricing.price(session, rice.id, grade_id=None, values=values, on=JAN20)

        decided = {asked.value.measure: asked.value.choices[0]}
        priced = pricing.price(
            session, rice.id, grade_id=None, values=values, on=JAN20, decided=decided
        )
        assert priced.price_e4 == 100 * RP


def asking() -> tuple[bands.Bands, ...]:
    """Moisture up to 25 % and from 26 % on; between them somebody decides."""
    axis = bands.Axis(Measure.MOISTURE, 100, (bands.Band(None, 2_500), bands.Band(2_600, None)))
    return (bands.Bands((axis,), (100 * RP, 50 * RP)),)


def test_everybody_reads_price_rules_and_only_the_manager_keeps_them(coop: str) -> None:
    rice = paddy(coop)
    for role in set(Role) - {Role.MANAGER}:
        with db.writing(coop, person=make.person(role), action="test", at=make.AT) as session:
            assert pricing.price(session, rice, grade_id=None, values=WET, on=FEB1).price_e4
            with pytest.raises(NotAllowed):
                pricing.add_version(session, rice, rule=ONE_PRICE, since=FEB1)
