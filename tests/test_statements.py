"""How many statements a list takes does not grow with its rows, however long the history gets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session

from kopprod import db
from kopprod.domain.access import Role
from kopprod.services import (
    advances,
    answers,
    deductions,
    deliveries,
    home,
    orders,
    output,
    output_months,
    payout_rows,
    payouts,
    purchases,
    receivables,
    sales,
    slips,
    stock,
    use_debts,
    use_results,
)
from kopprod.services.purchases import Facts
from kopprod.tables.slips import Slip
from tests import make
from tests.conftest import DEMO_ON
from tests.fields import HOUR, START, back, booked, comes_back, goes_out
from tests.machines import Yard
from tests.payday import Payday
from tests.seasons import writing

REPEATED = (
    6  # how often a reader may ask one and the same statement: for a product, a kind, a grade
)


@contextmanager
def asked(session: Session) -> Iterator[list[str]]:
    """The text of each statement."""
    seen: list[str] = []

    def note(*given: object) -> None:
        seen.append(str(given[2]))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


READERS: dict[str, Callable[[Session], object]] = {
    "home": lambda session: home.office(session, on=DEMO_ON),
    "receivables": lambda session: receivables.receivables(session, on=DEMO_ON),
    "purchases": purchases.purchases,
    "payouts": lambda session: deductions.planned(
        session, [row.slip for row in payouts.unpaid(session)]
    ),
    "payable": lambda session: slips.payable(
        session, [row.slip for row in payouts.unpaid(session)]
    ),
    "payout_lists": payout_rows.lists,
    "slips": slips.slips,
    "advances": advances.advances,
    "may_have": advances.may_have,
    "deliveries": deliveries.deliveries,
    "disputes": answers.disputes,
    "stock": lambda session: stock.piles(session, on=DEMO_ON),
    "orders": orders.promised,
    "output": output.logs,
    "output_months": output_months.logged_and_delivered,
    "sales": sales.sales,
    "bills": use_debts.bills,
    "results": lambda session: use_results.results(
        session, since=DEMO_ON - timedelta(days=400), until=DEMO_ON
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_no_reader_asks_row_by_row(
    demo_coop: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(deductions, "_FEW", 0)
    who = make.person(Role.MANAGER, Role.TREASURER, user_id=1)
    with db.reading(demo_coop, person=who) as session, asked(session) as seen:
        READERS[name](session)
    counted = {text: seen.count(text) for text in seen}
    assert {text: times for text, times in counted.items() if times > REPEATED} == {}


def test_what_many_owe_is_what_each_of_them_owes(
    payday: Payday, monkeypatch: pytest.MonkeyPatch
) -> None:
    with payday.acting() as session:
        members = [session.get_one(Slip, one).member_id for one in payday.slip_ids.values()]
        each = deductions.debts_of(session, members)
        monkeypatch.setattr(deductions, "_FEW", 0)
        assert deductions.debts_of(session, members) == each
    assert any(rp for owed in each.values() for rp in owed.values())


def test_more_purchases_take_no_more_statements(coop: str) -> None:
    def counted() -> int:
        with (
            db.reading(coop, person=make.person(Role.MANAGER, user_id=1)) as session,
            asked(session) as seen,
        ):
            rows = purchases.purchases(session)
        assert [row.members for row in rows] == [0] * len(rows)
        return len(seen)

    def add(count: int) -> None:
        until = make.TODAY + timedelta(days=30)
        with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
            for turn in range(count):
                purchases.add_purchase(session, Facts(f"Pupuk {turn}", until), on=make.TODAY)

    add(1)
    before = counted()
    add(4)
    assert counted() == before


def test_more_uses_of_machines_take_no_more_statements(yard: Yard) -> None:
    def counted() -> int:
        who = make.person(Role.MANAGER, Role.TREASURER, user_id=1)
        with db.reading(yard.coop, person=who) as session, asked(session) as seen:
            use_debts.bills(session, newest=1)  # what is older is open
            use_results.results(session, since=START.date(), until=DEMO_ON)
        return len(seen)

    def work(*days: int) -> None:
        with writing(yard.coop) as session:
            for day in days:
                since = START + timedelta(days=day)
                row = booked(session, yard.pump_id, yard.members["Siti"], since=since)
                use = goes_out(session, row, meter=50 * day)
                comes_back(session, use, back(since + 5 * HOUR, meter=50 * day + 50))

    work(0, 1)
    before = counted()
    work(2, 3, 4, 5, 6)
    assert counted() == before
