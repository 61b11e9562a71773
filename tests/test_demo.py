"""The demo cooperative: invented, but made as people would, whole, and the same each time."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import Session, SQLModel, func, select

from kopprod import db, demo
from kopprod.domain.access import Person, Role
from kopprod.domain.members import MemberStatus
from kopprod.domain.orders import OrderStage
from kopprod.domain.products import ProductKind
from kopprod.domain.sales import SaleStage
from kopprod.services import (
    check,
    comparison,
    deliveries,
    home,
    orders,
    output,
    payout_rows,
    receivables,
    sales,
    signin,
    slips,
    together,
)
from kopprod.services.dashboard import Period
from kopprod.tables.access import AppUser
from kopprod.tables.cooperative import Village
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member, MemberProduct
from kopprod.tables.products import Product
from kopprod.tables.quotes import Quote
from kopprod.tables.sales import Sale
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Act
from tests import make
from tests.conftest import DEMO_ON, UNTOUCHED_DEMO
from tests.screens import screen, words

EVER = Period(DEMO_ON - timedelta(days=800), DEMO_ON + timedelta(days=1))


def rows(session: Session, table: type[SQLModel]) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def people(coop: str) -> dict[Role, Person]:
    """Whom a visitor may enter as, one for each role; the first where there are several."""
    found: dict[Role, Person] = {}
    with db.reading(coop) as session:
        for user_id, name, role in signin.demo_people(session):
            member_id = session.get_one(AppUser, user_id).member_id
            found.setdefault(
                role, make.person(role, name=name, user_id=user_id, member_id=member_id)
            )
    return found


def test_about_fifty_members_of_four_kinds_live_in_three_villages(demo_coop: str) -> None:
    with db.reading(demo_coop) as session:
        assert 45 <= rows(session, Member) <= 60
        assert rows(session, Village) == 3
        assert {m.status for m in session.exec(select(Member)).all()} == {MemberStatus.MEMBER}
        kinds = {p.id: p.kind for p in session.exec(select(Product)).all()}
        made = Counter(m.product_id for m in session.exec(select(MemberProduct)).all())
    assert len(kinds) == len(made) == 4
    assert ProductKind.CRAFT in kinds.values()
    assert min(made.values()) >= 8


def test_two_years_of_everything_are_there(demo_coop: str) -> None:
    with db.reading(demo_coop) as session:
        for table, day, count in (
            (Delivery, Delivery.received_on, 400),
            (Quote, Quote.quoted_on, 400),
            (Sale, Sale.sold_on, 70),
        ):
            first, last = session.exec(select(func.min(day), func.max(day))).one()
            assert last - first >= timedelta(days=690), table
            assert DEMO_ON - last <= timedelta(days=31), table
            assert rows(session, table) >= count
        assert rows(session, Slip) >= 400


def test_the_middleman_paid_more_in_some_months_and_less_in_most(demo_coop: str) -> None:
    with db.reading(demo_coop, person=make.MANAGER) as session:
        lots = comparison.lots(session, EVER, on=DEMO_ON)
    months = together.by_month(lots)
    lost = [m for m in months if m.difference_rp < 0]
    assert 3 <= len(lost) < len(months) / 2
    assert {m.product_id for m in lost} == {m.product_id for m in months}
    assert 0 < sum(lot.thin for lot in lots) < len(lots) / 2
    assert sum(m.difference_rp for m in months) > 0


def test_the_books_prove_right(demo_coop: str) -> None:
    with db.reading(demo_coop) as session:
        assert list(check.problems(session)) == []


def test_a_visitor_may_enter_in_every_role(demo_coop: str) -> None:
    assert people(demo_coop).keys() == set(Role)


def test_something_waits_for_everybody(demo_coop: str) -> None:
    who = people(demo_coop)
    with db.reading(demo_coop, person=who[Role.MEMBER]) as session:
        mine = home.mine(session, on=DEMO_ON)
        assert mine.owed_rp > 0 and mine.unpaid_slips and mine.brought and mine.not_delivered
    with db.reading(demo_coop, person=who[Role.OFFICER]) as session:
        assert output.logs(session, open_only=True, since=DEMO_ON - timedelta(days=3))
        assert deliveries.in_store(session)
    with db.reading(demo_coop, person=who[Role.MANAGER]) as session:
        (waiting,) = sales.sales(session, stage=SaleStage.OPEN)
        assert sales.preview(session, waiting.sale.id).net_rp > 0
    with db.reading(demo_coop, person=who[Role.TREASURER]) as session:
        assert len(slips.slips(session, unpaid_only=True)) >= 5
        assert [s for s in sales.sales(session, stage=SaleStage.SETTLED) if s.owed_rp > 0]
        owed = receivables.receivables(session, on=DEMO_ON)
        assert owed.ages.total_rp > 0
        habits = [one.habit for one in owed.buyers]
        assert 0 < sum(h.late for h in habits) < sum(h.paid for h in habits) / 2
        (half_paid,) = payout_rows.lists(session)
        assert 0 < half_paid.unpaid < half_paid.slips
        (order,) = orders.orders(session, stage=OrderStage.OPEN)
        assert order.filled < order.order.quantity
        assert home.office(session, on=DEMO_ON).open_lists == 1


def test_everything_was_done_by_somebody_of_the_demo_on_its_own_day(demo_coop: str) -> None:
    with db.reading(demo_coop) as session:
        users = set(session.exec(select(AppUser.id)).all())
        # The demo is shared by the tests of a process, whose sign-ins are acts named test.
        acts = session.exec(select(Act).where(Act.action != "test")).all()
    assert {act.user_id for act in acts if act.user_id is not None} <= users
    assert {act.action for act in acts if act.user_id is None} == {"demo.found", demo.WHOLE}
    assert max(act.at for act in acts).date() == DEMO_ON


@pytest.mark.parametrize("role", Role)
def test_the_first_screens_of_every_role_are_full(demo_coop: str, role: Role) -> None:
    who = people(demo_coop)[role]
    for place in ("home", "quotes"):
        test = screen(demo_coop, who, place)
        assert [one.value for one in test.exception] == [], place
        assert [one.value for one in test.error] == [], place
        assert "Rp" in words(test), place


RANDOM = {"code", "draft_key"}  # what nobody may guess


def dump(coop: str) -> dict[str, list[str]]:
    """Every row of every table, without what is random on purpose."""
    with db.reading(coop) as session:
        return {
            name: sorted(
                repr(row)
                for row in session.execute(
                    table.select().with_only_columns(*[c for c in table.c if c.name not in RANDOM])
                )
            )
            for name, table in SQLModel.metadata.tables.items()
        }


def test_the_same_day_gives_the_same_cooperative(demo_coop: str) -> None:
    demo.make("demo_again", on=DEMO_ON)

    assert dump("demo_again") == dump(UNTOUCHED_DEMO)
    assert demo.is_whole("demo_again")
    demo.remove("demo_again")
    assert not demo.is_whole("demo_again")


def test_only_a_demo_is_ever_removed(coop: str) -> None:
    with pytest.raises(ValueError, match="no demo"):
        demo.remove(coop)
    assert db.exists(coop)


def test_a_demo_that_broke_off_is_not_whole(demo_coop: str) -> None:
    assert demo.is_whole(demo_coop)
    assert not demo.is_whole("demo_gone")
