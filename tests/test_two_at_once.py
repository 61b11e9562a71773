"""Two people at one task at the same moment: one does it, the other is told so or changes nothing.

What is paid, settled or taken back by two at once is tested with its topic; here are the lists that
everybody adds to, and the ways in which two could wait for each other for ever.
"""

from collections.abc import Callable

import pytest
from sqlmodel import Session, func, select

from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.domain.imports import Columns
from kopprod.domain.ledger import CASH, Posting
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import Refusal
from kopprod.services import (
    accounts,
    cooperative,
    deliveries,
    imports,
    ledger,
    members,
    output,
    products,
    sales,
)
from kopprod.services import check as checking
from kopprod.tables.deliveries import Delivery
from kopprod.tables.sales import SaleCost
from kopprod.tables.trail import Change
from tests import make
from tests.seasons import DAY, KG, Season, at_once, bring, open_sale, writing

Act = Callable[[Session], object]


def each(season: Season, *acts: Act, person: Person = make.MANAGER) -> list[object]:
    """What each act gave or refused, every one in a transaction of its own."""

    def alone(act: Act) -> Callable[[], object]:
        def run() -> object:
            with writing(season.coop, person) as session:
                return act(session)

        return run

    return at_once(*(alone(act) for act in acts))


def _product(session: Session) -> object:
    return products.add_product(
        session,
        name="Kopi",
        kind=ProductKind.CROP,
        base_unit=BaseUnit.GRAM,
        price_unit="kg",
        since=DAY,
    )


ONE_NAME: dict[str, Act] = {
    "buyer": lambda session: sales.add_buyer(session, name="PT Sama"),
    "village": lambda session: cooperative.add_village(session, name="Sama"),
    "product": _product,
    "user": lambda session: accounts.add_user(session, name="Sama", user_name="sama"),
    "access": lambda session: accounts.open_for_member(session, member_id=1),
    "member": lambda session: members.add_member(session, number="S-1", name="Sama"),
}


@pytest.mark.parametrize("act", ONE_NAME.values(), ids=ONE_NAME)
def test_one_name_is_added_once(season: Season, act: Act) -> None:
    results = each(season, act, act, act)

    assert len(results) == 3  # nobody fell over something that is no refusal
    assert sum(isinstance(result, Refusal) for result in results) == 2


def test_the_same_setting_mapping_and_neighbours_are_kept_once(season: Season) -> None:
    with writing(season.coop) as session:
        one, other = make.village(session, "Awan").id, make.village(session, "Bukit").id
    columns = Columns({"price": "Harga"})
    acts: list[Act] = [
        lambda session: cooperative.change_setting(session, name="fee_bp", value="3"),
        lambda session: imports.save_mapping(session, kind="prices", name="A", columns=columns),
        lambda session: cooperative.add_neighbours(session, village_id=one, other_id=other),
    ]
    for act in acts:
        results = each(season, act, act, act)
        assert len(results) == 3
        assert not any(isinstance(result, Refusal) for result in results)
    with db.reading(season.coop) as session:
        assert cooperative.whole(session, "fee_bp") == 300
        assert len(cooperative.neighbours(session)) == 1


def test_a_cost_that_two_remove_at_once_leaves_one_trace(season: Season) -> None:
    with writing(season.coop) as session:
        sale_id = open_sale(session, season).id
        cost_id = sales.add_cost(session, sale_id, name="Truk", amount_rp=1_000).id

    def remove(session: Session) -> None:
        sales.remove_cost(session, cost_id)

    assert each(season, remove, remove) == [None, None]
    with db.reading(season.coop) as session:
        assert session.get(SaleCost, cost_id) is None
        gone = select(func.count()).where(
            Change.table_name == "sale_cost", Change.column_name == "*"
        )
        assert session.exec(gone).one() == 1


def test_many_loads_and_an_import_never_wait_for_each_other(season: Season) -> None:
    names = list(season.members)

    def receive(order: list[str]) -> Act:
        return lambda session: [bring(session, season, name, KG) for name in order * 5]

    results = each(season, *(receive(order) for order in (names, names[::-1]) * 2))

    assert len(results) == 4
    with db.reading(season.coop) as session:
        count = session.exec(select(func.count()).select_from(Delivery)).one()
        assert count == len(season.delivered) + 4 * 5 * len(names)


def test_a_log_is_corrected_while_goods_of_it_come(season: Season) -> None:
    with writing(season.coop) as session:
        ayu = season.members["Siti"]
        log_id = output.record(
            session,
            None,
            member_id=ayu,
            product_id=season.product_id,
            amount=5 * KG,
            typed="5 kg",
            made_on=DAY,
            on=DAY,
        ).id

    def receive(session: Session) -> object:
        return deliveries.receive(
            session,
            member_id=ayu,
            product_id=season.product_id,
            grade_id=season.grade_a,
            gross=KG,
            tare=0,
            received_on=DAY,
            on=DAY,
            output_id=log_id,
        )

    def correct(session: Session) -> object:
        return output.correct(session, log_id, amount=6 * KG, typed="6 kg", made_on=DAY, on=DAY)

    for _ in range(3):
        assert len(each(season, receive, correct, receive, correct)) == 4
    with db.reading(season.coop) as session:
        [log] = output.logs(session)
        assert (log.log.quantity, log.delivered) == (6 * KG, 6 * KG)
        assert list(checking.problems(session)) == []


def test_two_forms_of_one_key_keep_one_delivery_and_say_so(season: Season) -> None:
    def receive(gram: int) -> Act:
        return lambda session: deliveries.receive(
            session,
            member_id=season.members["Siti"],
            product_id=season.product_id,
            grade_id=season.grade_a,
            gross=gram,
            tare=0,
            received_on=DAY,
            on=DAY,
            draft_key="one form",
        )

    results = each(season, receive(5 * KG), receive(6 * KG), person=make.OFFICER)

    assert sorted(isinstance(result, Refusal) for result in results) == [False, True]


def test_two_managers_who_dismiss_each_other_leave_one(season: Season) -> None:
    with writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        dewi = make.user(session, Role.MANAGER, name="Dewi")

    def dismiss(person: Person) -> Act:
        assert person.user_id is not None
        user_id = person.user_id
        return lambda session: accounts.set_roles(session, user_id=user_id, roles=[])

    results = each(season, dismiss(citra), dismiss(dewi))

    assert sum(isinstance(result, Refusal) for result in results) == 1


def test_a_cost_is_paid_once_and_balances_are_taken_over_once(season: Season) -> None:
    lines = [Posting(CASH, 9_000), Posting("35", 0, 9_000)]

    def take_over(session: Session) -> object:
        return ledger.open_balances(session, on=DAY, balances=lines)

    results = each(season, take_over, take_over, take_over, person=make.TREASURER)
    assert sum(isinstance(result, ledger.AlreadyOpened) for result in results) == 2
    with writing(season.coop) as session:
        sale_id = open_sale(session, season).id
        cost_id = sales.add_cost(session, sale_id, name="Truk", amount_rp=1_000).id
        sales.settle(session, sale_id, on=DAY)

    def pay(session: Session) -> object:
        return sales.pay_cost(session, cost_id, account=CASH, on=DAY)

    results = each(season, pay, pay, pay, person=make.TREASURER)
    assert sum(isinstance(result, Refusal) for result in results) == 2
    with db.reading(season.coop) as session:
        assert ledger.balance_rp(session, CASH) == 8_000
        assert list(checking.problems(session)) == []


def test_goods_are_sold_or_taken_back_but_never_both(season: Season) -> None:
    with writing(season.coop) as session:
        lots = [bring(session, season, "Made", KG) for _ in range(4)]
        sale_ids = [
            open_sale(session, season, buyer_weight=weight, delivery_ids=[]).id
            for weight in (KG, 2 * KG)
        ]

    def sell(sale_id: int, lot: int) -> Act:
        return lambda session: sales.allot(session, sale_id, delivery_id=lot, quantity=KG)

    def take_back(lot: int) -> Act:
        return lambda session: deliveries.reverse(session, lot, reason="Keliru", on=DAY)

    for lot in lots:
        results = each(season, take_back(lot), *(sell(sale_id, lot) for sale_id in sale_ids))
        assert sum(isinstance(result, Refusal) for result in results) == 2
    with db.reading(season.coop) as session:
        assert list(checking.problems(session)) == []
