"""What members logged against what they brought, by product and month."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.quantities import BaseUnit
from kopprod.services import access
from kopprod.services.deliveries import which
from kopprod.services.output import stands
from kopprod.tables.deliveries import Delivery
from kopprod.tables.output import OutputLog
from kopprod.tables.products import Product

_Months = dict[tuple[int, date], int]


@dataclass(frozen=True)
class LoggedAndDelivered:
    """What members said they made and what they brought, of one product in one month."""

    product_id: int
    product: str
    unit: BaseUnit
    month: date
    logged: int
    delivered: int


def logged_and_delivered(
    session: Session,
    *,
    product_id: int | None = None,
    member_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[LoggedAndDelivered]:
    """Base units by product and month, the newest month first; `until` is not included.

    A month is named by its first day. A member gets her own only.
    """
    member_id = access.whose(session, member_id, all_see=Action.OUTPUT_SEE_ALL)
    said = (OutputLog.product_id, OutputLog.made_on, OutputLog.quantity)
    logged = _by_month(session, said, stands(member_id, product_id, since, until))
    delivered = _delivered(session, which(member_id, product_id, since, until), since)
    known = {p.id: p for p in session.exec(select(Product)).all()}
    keys = sorted(
        logged.keys() | delivered.keys(), key=lambda k: (-k[1].toordinal(), known[k[0]].name)
    )
    return [
        LoggedAndDelivered(
            product_id=product_id,
            product=known[product_id].name,
            unit=known[product_id].base_unit,
            month=month,
            logged=logged.get((product_id, month), 0),
            delivered=delivered.get((product_id, month), 0),
        )
        for product_id, month in keys
    ]


def _delivered(session: Session, asked: list[ColumnElement[bool]], since: date | None) -> _Months:
    """All that came less what of it was taken back, which is little: no row is asked for itself."""
    reversal = aliased(Delivery)
    reversed_ids = select(reversal.reverses_id).where(col(reversal.reverses_id).is_not(None))
    # Of a stretch of days as a sum, which has no index: SQLite begins with its first day then.
    product: Any = Delivery.product_id if since is None else Delivery.product_id + 0
    came = (product, Delivery.received_on, Delivery.net)
    found = _by_month(session, came, [col(Delivery.reason).is_(None), *asked])
    wrong = _by_month(session, came, [col(Delivery.id).in_(reversed_ids), *asked])
    return {key: net - wrong.get(key, 0) for key, net in found.items() if net > wrong.get(key, 0)}


def _by_month(
    session: Session, what: tuple[Any, Any, Any], where: list[ColumnElement[bool]]
) -> _Months:
    """Product, day and amount added up; by day first, which the indexes know."""
    product, day, amount = what
    query = select(product, day, func.sum(amount)).where(*where).group_by(product, day)
    found: _Months = {}
    for product_id, on, total in session.execute(query):
        key = product_id, on.replace(day=1)
        found[key] = found.get(key, 0) + int(total)
    return found
