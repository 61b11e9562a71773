"""Proving orders: a sound season with orders is clean, and every way of breaking one is named."""

import pytest
from sqlalchemy import Connection, text
from sqlmodel import col, update

from kopprod import db
from kopprod.services import check, orders, sales
from kopprod.tables import triggers
from kopprod.tables.orders import BuyerOrder
from tests import make
from tests.seasons import DAY, Season, open_sale, writing


def add(season: Season) -> int:
    with writing(season.coop) as session:
        order = orders.add_order(
            session, buyer_id=season.buyer_id, product_id=season.product_id,
            grade_id=season.grade_a, quantity=300_000, price_e4=None, ordered_on=DAY, due_on=DAY,
            on=DAY,
        )  # fmt: skip
        sale = open_sale(session, season)
        orders.name_order(session, sale.id, order_id=order.id)
        sales.settle(session, sale.id, on=DAY)
        return order.id


def said(season: Season) -> list[str]:
    with db.reading(season.coop) as session:
        return [problem.sentence for problem in check.problems(session)]


def broken(connection: Connection, statement: str) -> None:
    """Write what no service would, past the guards."""
    triggers.drop(connection)
    connection.execute(text(statement))
    triggers.create(connection)


def test_a_season_with_an_order_is_clean(season: Season) -> None:
    add(season)

    assert said(season) == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE buyer_order SET buyer_id = :other", "another buyer or product"),
        ("UPDATE buyer_order SET stage = 'cancelled'", "was cancelled"),
        ("UPDATE buyer_order SET grade_id = :grade", "grade of another product"),
    ],
)
def test_what_was_written_past_the_services_is_found(
    season: Season, statement: str, sentence: str
) -> None:
    add(season)
    with writing(season.coop) as session:
        other = make.buyer(session, "CV Lain").id
        grade = make.grade(session, make.product(session, "Kopi").id).id
        statement = statement.replace(":other", str(other)).replace(":grade", str(grade))
        broken(session.connection(), statement)

    assert [one for one in said(season) if sentence in one]


def test_a_bound_keeps_an_order_of_nothing_out(season: Season) -> None:
    order_id = add(season)

    with pytest.raises(Exception, match="quantity_positive"), writing(season.coop) as session:
        session.execute(update(BuyerOrder).where(col(BuyerOrder.id) == order_id).values(quantity=0))
