"""The first page's figures: what is owed to me, what I brought last, what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import BUYERS_OWE
from kopprod.domain.orders import OrderStage
from kopprod.domain.quantities import Quantity
from kopprod.domain.sales import SaleStage
from kopprod.services import (
    access,
    answers,
    bought,
    cooperative,
    deliveries,
    ledger,
    output,
    receivables,
    stock,
)
from kopprod.services.memory import hers_until_written
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import MemberProduct
from kopprod.tables.orders import BuyerOrder
from kopprod.tables.payouts import PayoutBatch
from kopprod.tables.products import Grade, Product
from kopprod.tables.quotes import Quote
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip

WAIT_DAYS = 60  # what was logged longer ago and never came will not come any more


@dataclass(frozen=True)
class Brought:
    """One of my deliveries: what, when, and what became of it."""

    number: str
    on: date
    product: str
    grade: str
    net: Quantity
    settled: bool


@dataclass(frozen=True)
class Mine:
    """A member's first page."""

    owed_rp: int
    unpaid_slips: int
    brought: Sequence[Brought]
    product_ids: Sequence[int]
    not_delivered: int  # logs of hers, of late, of which nothing has been delivered yet


@hers_until_written
def mine(session: Session, *, on: date) -> Mine:
    """What the signed-in member sees first; nobody else's rows."""
    person = access.require(session, Action.OWN_SEE)
    member_id = person.member_id or 0
    owed_rp, slips = _unpaid(session, Slip.member_id == member_id)
    made = select(MemberProduct.product_id).where(MemberProduct.member_id == member_id)
    return Mine(
        owed_rp=owed_rp,
        unpaid_slips=slips,
        brought=_brought(session, member_id),
        product_ids=session.exec(made).all(),
        not_delivered=_not_delivered(session, on=on, member_id=member_id),
    )


def _unpaid(session: Session, *where: Any) -> tuple[int, int]:
    # A slip of Rp0 is nothing that anybody could pay.
    query: Any = select(
        func.coalesce(func.sum(Slip.net_value_rp - Slip.deducted_rp), 0), func.count()
    ).where(
        col(Slip.paid_on).is_(None), col(Slip.voided_on).is_(None), Slip.net_value_rp > 0, *where
    )
    owed_rp, slips = session.exec(query).one()
    return int(owed_rp), slips


def _brought(session: Session, member_id: int) -> list[Brought]:
    settled = (
        select(Allotment.id)
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(col(Allotment.delivery_id) == Delivery.id, Sale.stage == SaleStage.SETTLED)
        .exists()
    )
    rows: Any = session.exec(
        select(Delivery, Product, Grade.name, or_(settled, bought.is_bought()))
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .where(Delivery.member_id == member_id, deliveries.standing())
        .order_by(col(Delivery.received_on).desc(), col(Delivery.id).desc())
        .limit(3)
    ).all()
    return [
        Brought(d.number, d.received_on, p.name, g, Quantity(d.net, p.base_unit), bool(done))
        for d, p, g, done in rows
    ]


def _not_delivered(session: Session, *, on: date, member_id: int | None = None) -> int:
    lately = output.logs(
        session, member_id=member_id, since=on - timedelta(days=WAIT_DAYS), open_only=True
    )
    return sum(1 for log in lately if log.delivered == 0)


@dataclass(frozen=True)
class Office:
    """What waits for those who run the cooperative.

    `unpaid` are rupiah and slips. What may not be seen is None.
    """

    received_today: int
    not_delivered: int
    in_store: int
    open_sales: int
    unpaid: tuple[int, int] | None
    open_lists: int  # payout lists on which somebody is not paid
    open_orders: int
    orders_late: int
    buyers_owe_rp: int | None
    buyers_late_rp: int
    disputes: int  # members who say that a delivery is not right, for whom answers them
    short_of_quotes: Sequence[str]  # products that come in, but cannot be compared


@hers_until_written
def office(session: Session, *, on: date) -> Office:
    """What waits, for everybody who sees deliveries and sales."""
    person = access.require(session, Action.DELIVERIES_SEE)
    sees_money = person.may(Action.LEDGER_SEE)
    today = select(func.count()).where(Delivery.received_on == on, deliveries.standing())
    open_sales = select(func.count()).where(Sale.stage == SaleStage.OPEN)
    wanted = session.exec(select(BuyerOrder).where(BuyerOrder.stage == OrderStage.OPEN)).all()
    return Office(
        received_today=session.exec(today).one(),
        not_delivered=_not_delivered(session, on=on),
        in_store=stock.count(session),
        open_sales=session.exec(open_sales).one(),
        unpaid=_unpaid(session) if person.may(Action.SLIPS_SEE_ALL) else None,
        open_lists=_open_lists(session) if person.may(Action.SLIPS_SEE_ALL) else 0,
        open_orders=len(wanted),
        orders_late=sum(1 for order in wanted if order.due_on < on),
        buyers_owe_rp=ledger.balance_rp(session, BUYERS_OWE) if sees_money else None,
        buyers_late_rp=receivables.late_rp(session, on=on) if sees_money else 0,
        disputes=len(answers.disputes(session)) if person.may(Action.DELIVERIES_REVERSE) else 0,
        short_of_quotes=_short_of_quotes(session, on=on),
    )


def _open_lists(session: Session) -> int:
    query = select(func.count()).where(col(PayoutBatch.closed_on).is_(None))
    return session.exec(query.select_from(PayoutBatch)).one()


def _short_of_quotes(session: Session, *, on: date) -> Sequence[str]:
    since = on - timedelta(days=cooperative.whole(session, "quote_max_age_days"))
    came = select(Delivery.id).where(
        Delivery.product_id == Product.id, Delivery.received_on >= since, deliveries.standing()
    )
    heard = select(func.count()).where(Quote.product_id == Product.id, Quote.quoted_on >= since)
    query = select(Product.name).where(
        came.exists(),
        heard.scalar_subquery() < cooperative.whole(session, "quote_min_count"),
    )
    return session.exec(query.order_by(col(Product.name))).all()
