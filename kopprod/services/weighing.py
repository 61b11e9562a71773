"""The cooperative's scales, the weights of each sack, and what an officer used last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from kopprod.domain import weighing as rules
from kopprod.domain.access import Action
from kopprod.services import access
from kopprod.tables.deliveries import Delivery
from kopprod.tables.trail import Act
from kopprod.tables.weighing import DeliveryWeight, Scale

_LATELY = 1_000  # deliveries


def scales(session: Session, *, with_stopped: bool = False) -> list[Scale]:
    """The scales in use, by name; `with_stopped` adds the others."""
    access.require(session, Action.DELIVERIES_SEE)
    query = select(Scale).order_by(col(Scale.name))
    if not with_stopped:
        query = query.where(col(Scale.active))
    return list(session.exec(query).all())


def add_scale(session: Session, *, name: str, verified_until: date | None) -> Scale:
    """Write down a scale with the last day of its verification (tera), if that is known."""
    access.require(session, Action.COOPERATIVE_CHANGE)
    kept = " ".join(name.split())[:60]
    if not kept:
        raise rules.ScaleNeedsName
    for known in session.exec(select(Scale)).all():
        if known.name.casefold() == kept.casefold():
            raise rules.ScaleKnown(name=known.name)
    scale = Scale(name=kept, verified_until=verified_until)
    session.add(scale)
    session.flush()
    return scale


def change_scale(
    session: Session, scale_id: int, *, verified_until: date | None, active: bool = True
) -> Scale:
    """Write down a new verification, or that the scale is no longer used."""
    access.require(session, Action.COOPERATIVE_CHANGE)
    scale = session.get_one(Scale, scale_id, with_for_update=True)
    scale.verified_until, scale.active = verified_until, active
    session.flush()
    return scale


def keep(session: Session, delivery_id: int, *, weights: Sequence[int]) -> None:
    """Keep what each sack of a delivery weighed, in the order in which it stood on the scale."""
    access.require(session, Action.DELIVERIES_RECEIVE)
    session.add_all(
        DeliveryWeight(delivery_id=delivery_id, position=position, gross=gross)
        for position, gross in enumerate(weights, start=1)
    )
    session.flush()


def weights(session: Session, delivery_id: int) -> list[int]:
    """What each sack of a delivery weighed, in base units; a member sees her own only."""
    query = (
        select(DeliveryWeight.gross)
        .join(Delivery, col(Delivery.id) == DeliveryWeight.delivery_id)
        .where(DeliveryWeight.delivery_id == delivery_id)
        .order_by(col(DeliveryWeight.position))
    )
    person = access.person(session)
    if not person.may(Action.DELIVERIES_SEE):
        access.require(session, Action.OWN_SEE)
        query = query.where(Delivery.member_id == person.member_id)
    return list(session.exec(query).all())


@dataclass(frozen=True)
class Habits:
    """What an officer chose last: the product of the day, and the scale."""

    product_id: int | None
    scale_id: int | None


def habits(session: Session, *, on: date) -> Habits:
    """What the acting officer used last and lately; the product only if it was on that day."""
    person = access.require(session, Action.DELIVERIES_RECEIVE)
    mine = (
        select(Delivery)
        .join(Act, col(Act.id) == Delivery.act_id)
        .where(Act.user_id == person.user_id, col(Delivery.reason).is_(None), _lately())
        .order_by(col(Delivery.id).desc())
    )
    last = session.exec(mine.limit(1)).first()
    if last is None:
        return Habits(None, None)
    weighed = session.exec(mine.where(col(Delivery.scale_id).is_not(None)).limit(1)).first()
    return Habits(
        product_id=last.product_id if last.received_on == on else None,
        scale_id=None if weighed is None else weighed.scale_id,
    )


def _lately() -> ColumnElement[bool]:
    """In a query: among the latest deliveries; further back nobody's habits are looked for."""
    every = aliased(Delivery)
    return col(Delivery.id) > select(func.max(every.id) - _LATELY).scalar_subquery()


def last_tare_each(session: Session, product_id: int) -> int | None:
    """The tare of one sack as of the product's last delivery; None if it was weighed in all."""
    access.require(session, Action.DELIVERIES_SEE)
    query = (
        select(Delivery)
        .where(Delivery.product_id == product_id, col(Delivery.reason).is_(None))
        .order_by(col(Delivery.received_on).desc(), col(Delivery.id).desc())
    )
    last = session.exec(query.limit(1)).first()
    return None if last is None else last.tare_each
