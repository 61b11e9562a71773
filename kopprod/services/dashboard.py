"""The manager's figures of sales: sums by buyer and product, straight from the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.services import access
from kopprod.services.memory import until_written
from kopprod.tables.sales import Buyer, Sale


@dataclass(frozen=True)
class Period:
    """From `since` to before `until`, of one product or of all."""

    since: date
    until: date
    product_id: int | None = None


@dataclass(frozen=True)
class SoldTo:
    """What one buyer took of one product in settled sales: base units by our scale, rupiah.

    `net_rp` is the members' part; goods bought outright are the cooperative's own by then.
    """

    buyer: str
    product_id: int
    sales: int
    weight: int
    gross_rp: int
    net_rp: int


def sold(session: Session, period: Period) -> Sequence[SoldTo]:
    """Settled sales by buyer and product, the largest first."""
    access.require(session, Action.DASHBOARD_SEE)
    return _sold(session, period)


@until_written
def _sold(session: Session, period: Period) -> Sequence[SoldTo]:
    members_rp = case((col(Sale.mode) == SaleMode.POOL, col(Sale.net_rp)), else_=0)
    sums = [func.sum(column) for column in (Sale.our_weight, Sale.gross_rp, members_rp)]
    columns: Any = [Buyer.name, Sale.product_id, func.count(), *sums]
    query: Any = (
        select(*columns)
        .join(Buyer, col(Buyer.id) == col(Sale.buyer_id))
        .where(
            Sale.stage == SaleStage.SETTLED,
            col(Sale.sold_on) >= period.since,
            col(Sale.sold_on) < period.until,
        )
        .group_by(col(Buyer.name), col(Sale.product_id))
        .order_by(func.sum(Sale.gross_rp).desc(), col(Buyer.name))
    )
    if period.product_id is not None:
        query = query.where(Sale.product_id == period.product_id)
    rows = session.exec(query).all()
    return [SoldTo(b, p, n, int(w), int(g), int(net)) for b, p, n, w, g, net in rows]
