"""The first page's figures: what is owed to me, what I brought last, what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.members import MemberStatus
from kopprod.domain.quantities import Quantity
from kopprod.domain.sales import SaleStage
from kopprod.services import access
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member, MemberProduct
from kopprod.tables.output import OutputLog
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip


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
    not_delivered: int  # logs of hers that no delivery has taken in yet


def mine(session: Session) -> Mine:
    """What the signed-in member sees first; nobody else's rows."""
    person = access.require(session, Action.OWN_SEE)
    member_id = person.member_id or 0
    owed = _one(
        session,
        select(func.coalesce(func.sum(Slip.net_value_rp), 0), func.count()).where(
            Slip.member_id == member_id, col(Slip.paid_on).is_(None)
        ),
    )
    products = session.exec(
        select(MemberProduct.product_id).where(MemberProduct.member_id == member_id)
    ).all()
    return Mine(int(owed[0]), owed[1], _brought(session, member_id), products,
                _not_delivered(session, member_id))  # fmt: skip


def _one(session: Session, query: Any) -> Any:
    return session.exec(query).one()


def _brought(session: Session, member_id: int) -> list[Brought]:
    reversal = aliased(Delivery)
    settled = (
        select(Allotment.id)
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(col(Allotment.delivery_id) == Delivery.id, Sale.stage == SaleStage.SETTLED)
        .exists()
    )
    rows: Any = session.exec(
        select(Delivery, Product, Grade.name, settled)
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .where(
            Delivery.member_id == member_id,
            col(Delivery.reverses_id).is_(None),
            ~select(reversal.id).where(col(reversal.reverses_id) == Delivery.id).exists(),
        )
        .order_by(col(Delivery.received_on).desc(), col(Delivery.id).desc())
        .limit(3)
    ).all()
    return [
        Brought(d.number, d.received_on, p.name, g, Quantity(d.net, p.base_unit), bool(done))
        for d, p, g, done in rows
    ]


def _not_delivered(session: Session, member_id: int) -> int:
    newer = aliased(OutputLog)
    taken = select(Delivery.id).where(col(Delivery.output_id) == OutputLog.id).exists()
    replaced = select(newer.id).where(col(newer.corrects_id) == OutputLog.id).exists()
    query = (
        select(func.count())
        .select_from(OutputLog)
        .where(OutputLog.member_id == member_id, ~taken, ~replaced)
    )
    return int(_one(session, query))


@dataclass(frozen=True)
class Office:
    """What waits for those who run the cooperative."""

    members: int
    unpaid_rp: int
    unpaid_slips: int
    open_sales: int
    received_today: int


def office(session: Session, *, on: date) -> Office:
    """Counts of what waits, for everybody who sees deliveries and sales."""
    access.require(session, Action.DELIVERIES_SEE)
    members = select(func.count()).where(Member.status == MemberStatus.MEMBER)
    unpaid = select(func.coalesce(func.sum(Slip.net_value_rp), 0), func.count()).where(
        col(Slip.paid_on).is_(None)
    )
    open_sales = select(func.count()).where(Sale.stage == SaleStage.OPEN)
    today = select(func.count()).where(
        Delivery.received_on == on, col(Delivery.reverses_id).is_(None)
    )
    owed = _one(session, unpaid)
    return Office(
        members=_one(session, members),
        unpaid_rp=int(owed[0]),
        unpaid_slips=owed[1],
        open_sales=_one(session, open_sales),
        received_today=_one(session, today),
    )
