"""Proving the books and the database: every rule asked again of what is really stored.

`problems` finds what should be impossible: each finding is one sentence with its facts. First comes
the database itself (its file, references, revision, triggers, CHECKs), then the journal, then what
the papers say against it and the goods (the statements of `tables/check.py`), and at last every
settlement is reckoned again.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.check import Problem, problem
from kopprod.domain.refusal import N_, Fact
from kopprod.domain.sales import SaleStage
from kopprod.migrations import revisions
from kopprod.services import access, buying, depreciation, purchase_bills, references, settlement
from kopprod.tables import check as source
from kopprod.tables import (
    check_bookings,
    check_buying,
    check_equipment,
    check_goods,
    check_orders,
    check_payouts,
    check_purchases,
    check_reversals,
    check_sales,
    check_uses,
    triggers,
)
from kopprod.tables.sales import Sale


def problems(session: Session) -> Iterator[Problem]:
    """Everything that is wrong with the open cooperative, in the order in which to look at it."""
    access.require(session, Action.LEDGER_SEE)
    if revisions.revision_of(session.connection()) != revisions.newest():
        yield problem(N_("The database is not at the newest revision. Run: migrate."))
        return  # what follows asks for tables and columns that may not be there yet
    yield from chain.from_iterable(prove(session) for prove in (_file, _triggers, _bounds))
    yield from _broken(session, source.ENTRY_RULES)
    yield from _money(session)
    yield from _agreements(session)
    for rules in (
        check_sales.SALE_RULES,
        source.PAYMENT_RULES,
        check_goods.GOODS_RULES,
        check_orders.ORDER_RULES,
        check_buying.BUYING_RULES,
        check_reversals.REVERSAL_RULES,
        check_payouts.PAYOUT_RULES,
        check_purchases.PURCHASE_RULES,
        check_equipment.EQUIPMENT_RULES,
        check_bookings.BOOKING_RULES,
        check_uses.USE_RULES,
    ):
        yield from _broken(session, rules)
    yield from _reckoned(session)
    yield from _bought(session)
    yield from _billed(session)
    yield from _depreciated(session)
    yield from references.differing(session)


def _broken(session: Session, rules: Sequence[source.Rule]) -> Iterator[Problem]:
    for rule in rules:
        for row in session.execute(text(rule.finds), source.CODES):
            facts = {name: _fact(value) for name, value in zip(rule.facts, row, strict=True)}
            yield Problem(rule.sentence, facts)


def _fact(value: Any) -> Fact:
    # PostgreSQL sums whole numbers into a Decimal.
    return value if isinstance(value, str) else int(value or 0)


# The database itself


def _file(session: Session) -> Iterator[Problem]:
    if session.get_bind().dialect.name != "sqlite":
        return
    for (says,) in session.execute(text("PRAGMA integrity_check(5)")):
        if says != "ok":
            yield problem(N_("The file is damaged: {says}"), says=says)
    for table, row_key, other, _ in session.execute(text("PRAGMA foreign_key_check")):
        yield problem(
            N_("Row {row_key} of {table} points to a row of {other} that is not there."),
            row_key=row_key or 0,
            table=table,
            other=other,
        )


def _triggers(session: Session) -> Iterator[Problem]:
    for name in triggers.differences(session.connection()):
        yield problem(N_("The trigger {name} is not the one in the source."), name=name)


def _bounds(session: Session) -> Iterator[Problem]:
    for name in source.lost_bounds(session.connection()):
        yield problem(N_("The CHECK {name} is not the one in the source."), name=name)


# The books and the papers


def _money(session: Session) -> Iterator[Problem]:
    held: dict[str, int] = {}
    below: set[str] = set()
    for name, on, change in session.execute(text(source.MONEY_BY_DAY)):
        held[name] = held.get(name, 0) + int(change)
        if held[name] < 0 and name not in below:
            below.add(name)
            yield problem(
                N_("{account} stood {below_rp} below zero on {day}."),
                account=name,
                below_rp=-held[name],
                day=str(on),
            )


def _agreements(session: Session) -> Iterator[Problem]:
    for agreement in (
        *source.AGREEMENTS,
        *check_buying.BUYING_AGREEMENTS,
        *check_reversals.REVERSAL_AGREEMENTS,
        *check_payouts.PAYOUT_AGREEMENTS,
        *check_purchases.PURCHASE_AGREEMENTS,
        *check_equipment.EQUIPMENT_AGREEMENTS,
        *check_uses.USE_AGREEMENTS,
    ):
        journal, papers = _sums(session, agreement.journal), _sums(session, agreement.papers)
        for whom in sorted(journal.keys() | papers.keys()):
            journal_rp, papers_rp = journal.get(whom, 0), papers.get(whom, 0)
            if journal_rp != papers_rp:
                yield problem(
                    agreement.sentence,
                    whom=whom,
                    account=agreement.account,
                    journal_rp=journal_rp,
                    papers_rp=papers_rp,
                )


def _reckoned(session: Session) -> Iterator[Problem]:
    """Reckon every settled sale once more, by the rule and from what was frozen in it."""
    settled = select(Sale).where(Sale.stage == SaleStage.SETTLED).order_by(col(Sale.id))
    for sale in session.exec(settled).all():
        if not settlement.holds(session, sale):
            yield problem(
                N_("Sale {number}: reckoned again, it comes to other amounts."), number=sale.number
            )


def _bought(session: Session) -> Iterator[Problem]:
    """Reckon once more what was bought, from what was frozen of it."""
    for number in buying.not_adding_up(session):
        sentence = N_("Delivery {number}: reckoned again, it was bought for another amount.")
        yield problem(sentence, number=number)


def _billed(session: Session) -> Iterator[Problem]:
    """Reckon the bills of every purchase once more, from what came and how it was shared."""
    for number in purchase_bills.not_adding_up(session):
        sentence = N_("Purchase {number}: reckoned again, its bills come to other amounts.")
        yield problem(sentence, number=number)


def _depreciated(session: Session) -> Iterator[Problem]:
    """Reckon the value of every machine once more, month by month."""
    for number in depreciation.not_adding_up(session):
        sentence = N_("Machine {number}: reckoned again, it loses other amounts in these months.")
        yield problem(sentence, number=number)


def _sums(session: Session, sql: str) -> dict[str, int]:
    return {whom: int(total or 0) for whom, total in session.execute(text(sql), source.CODES)}
