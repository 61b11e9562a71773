"""What buyers owe, sale by sale and by age, held against the journal's own account (1120)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case
from sqlmodel import Session, col, func, or_, select

from kopprod.domain import receivables as rules
from kopprod.domain.access import Action
from kopprod.domain.ledger import BUYERS_OWE, EntryStage
from kopprod.domain.receivables import Ages, Claim
from kopprod.domain.sales import SaleStage
from kopprod.services import access, ledger
from kopprod.tables.ledger import Entry, Line
from kopprod.tables.products import Product
from kopprod.tables.sales import Buyer, BuyerPayment, Sale


@dataclass(frozen=True)
class Owing:
    """One sale that is not paid exactly: what it came to, what came in, and since when it is due.

    `gross_rp` is nothing where the settlement was taken back; `late` counts days on the day asked
    for.
    """

    sale: Sale
    product: str
    gross_rp: int
    received_rp: int
    due_on: date
    late: int

    @property
    def owed_rp(self) -> int:
        """What is still owed, less than nothing where too much was paid."""
        return self.gross_rp - self.received_rp


@dataclass(frozen=True)
class Habit:
    """How a buyer has paid so far: sales paid whole, how many of them late, how late at most."""

    paid: int = 0
    late: int = 0
    longest: int = 0


@dataclass(frozen=True)
class BuyerOwes:
    """One buyer with what he owes now, how old it is, and how he has paid before."""

    buyer: Buyer
    owing: Sequence[Owing]
    ages: Ages
    habit: Habit
    journal_rp: int

    @property
    def owed_rp(self) -> int:
        """What he owes in all."""
        return self.ages.total_rp

    @property
    def latest(self) -> int:
        """How many days his oldest debt is late."""
        return max((row.late for row in self.owing if row.owed_rp > 0), default=0)

    @property
    def agrees(self) -> bool:
        """Whether the papers come to what the journal says."""
        return self.owed_rp == self.journal_rp


@dataclass(frozen=True)
class Receivables:
    """All buyers, those who are latest first, and their debts together."""

    buyers: Sequence[BuyerOwes]
    ages: Ages
    journal_rp: int

    @property
    def agrees(self) -> bool:
        """Whether the papers come to what account 1120 holds, for every buyer."""
        return all(one.agrees for one in self.buyers) and self.ages.total_rp == self.journal_rp

    @property
    def owing(self) -> list[Owing]:
        """Every sale that is not paid exactly, the latest first."""
        rows = [row for one in self.buyers for row in one.owing]
        return sorted(rows, key=lambda row: (row.due_on, row.sale.id))


def receivables(session: Session, *, on: date) -> Receivables:
    """What every buyer owes now, with its age on a day.

    A payment that was taken back does not count. Opening balances and entries by hand have no day
    and stand beside the ages.
    """
    access.require(session, Action.LEDGER_SEE)
    journal, undated = ledger.balances_rp(session, BUYERS_OWE), _undated(session)
    rows, habits = defaultdict[int, list[Owing]](list), _habits(session)
    for row in _owing(session, on=on):
        rows[row.sale.buyer_id].append(row)
    found = [
        BuyerOwes(
            buyer=buyer,
            owing=rows[buyer.id],
            ages=_ages(rows[buyer.id], on=on, undated_rp=undated.get(buyer.id, 0)),
            habit=habits.get(buyer.id, Habit()),
            journal_rp=journal.get(buyer.id, 0),
        )
        for buyer in session.exec(select(Buyer).order_by(col(Buyer.name))).all()
    ]
    every = [row for one in found for row in one.owing]
    return Receivables(
        buyers=sorted(found, key=lambda one: (-one.latest, -one.owed_rp, one.buyer.name)),
        ages=_ages(every, on=on, undated_rp=sum(undated.values())),
        journal_rp=sum(journal.values()),
    )


def _ages(rows: Iterable[Owing], *, on: date, undated_rp: int) -> Ages:
    claims = [Claim(row.owed_rp, row.due_on) for row in rows]
    return rules.ages(claims, on=on, undated_rp=undated_rp)


def late_rp(session: Session, *, on: date) -> int:
    """How much of what buyers owe is late on a day, asked of the sales that are not paid alone."""
    access.require(session, Action.LEDGER_SEE)
    return _ages(_owing(session, on=on), on=on, undated_rp=0).due_rp


# What a sale brings: nothing while it is open, or where its settlement was taken back.
_GROSS_RP = case((col(Sale.stage) == SaleStage.SETTLED, func.coalesce(Sale.gross_rp, 0)), else_=0)


def _received() -> Any:
    """In a query: what came in for each sale, and when the last of it came."""
    query: Any = select(
        BuyerPayment.sale_id,
        func.sum(BuyerPayment.amount_rp).label("total_rp"),
        func.max(BuyerPayment.paid_on).label("last_on"),
    )
    standing = query.where(col(BuyerPayment.reversed_on).is_(None))
    return standing.group_by(col(BuyerPayment.sale_id)).subquery()


def _owing(session: Session, *, on: date) -> list[Owing]:
    """Every sale that is not paid exactly, by the day of its sale; the others are not read."""
    paid = _received()
    received_rp = func.coalesce(paid.c.total_rp, 0)
    query: Any = (
        select(Sale, Product.name, Buyer.pays_within_days, received_rp)
        .join(Buyer, col(Buyer.id) == col(Sale.buyer_id))
        .join(Product, col(Product.id) == col(Sale.product_id))
        .outerjoin(paid, paid.c.sale_id == Sale.id)
        .where(received_rp != _GROSS_RP)
        .order_by(col(Sale.sold_on), col(Sale.id))
    )
    found = []
    for sale, product, within, received in session.exec(query).all():
        due = rules.due_on(sale.settled_on or sale.sold_on, within)
        settled = sale.stage is SaleStage.SETTLED
        gross_rp = (sale.gross_rp or 0) if settled else 0
        late = rules.days_late(due, on=on)
        found.append(Owing(sale, product, gross_rp, int(received), due, late))
    return found


def _habits(session: Session) -> Mapping[int, Habit]:
    """How each buyer paid the sales that are paid exactly."""
    paid = _received()
    since: Any = func.coalesce(Sale.settled_on, Sale.sold_on)
    alike: Any = (Sale.buyer_id, Buyer.pays_within_days, since, paid.c.last_on)
    query: Any = (
        select(*alike, func.count())  # type: ignore[call-overload]
        .join(Buyer, col(Buyer.id) == col(Sale.buyer_id))
        .join(paid, paid.c.sale_id == Sale.id)
        .where(paid.c.total_rp == _GROSS_RP)
        .group_by(*alike)
    )
    lates: dict[int, list[int]] = defaultdict(list)
    for buyer_id, within, settled_on, last_on, sales in session.exec(query).all():
        late = rules.days_late(rules.due_on(settled_on, within), on=last_on)
        lates[buyer_id] += [late] * sales
    return {key: _habit(late) for key, late in lates.items()}


def _habit(late: Sequence[int]) -> Habit:
    return Habit(paid=len(late), late=sum(1 for days in late if days), longest=max(late))


def _undated(session: Session) -> Mapping[int, int]:
    paper = col(Entry.paper)
    query = (
        select(Line.buyer_id, func.sum(col(Line.debit_rp) - col(Line.credit_rp)))
        .join(Entry, col(Entry.id) == col(Line.entry_id))
        .where(
            Line.account_code == BUYERS_OWE,
            col(Line.buyer_id).is_not(None),
            Entry.stage == EntryStage.POSTED,
            or_(*(paper.startswith(kind) for kind in ledger.HAND_PAPERS)),
        )
        .group_by(col(Line.buyer_id))
    )
    return {buyer_id: int(total) for buyer_id, total in session.exec(query) if buyer_id}
