"""Writing down loads that are not taken, so that nobody wonders later."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import deliveries as delivery_rules
from kopprod.domain import rejections as rules
from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.quantities import BaseUnit
from kopprod.services import access, delivery_drafts, numbers, sent
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Product
from kopprod.tables.rejections import RejectedLoad


def reject(
    session: Session,
    *,
    member_id: int,
    product_id: int,
    reason: str,
    brought_on: date,
    on: date,
    gross: int | None = None,
    draft_key: str | None = None,
) -> RejectedLoad:
    """Write down a load that was not taken; the same `draft_key` again gives the row that is there.

    `gross` is in base units, None where nobody weighed it. Refused without a reason, and for a form
    that was received.
    """
    access.require(session, Action.DELIVERIES_RECEIVE)
    # The member's row is locked first: a form that is sent twice waits for itself here.
    if session.get(Member, member_id, with_for_update=True) is None:
        raise NotAllowed
    known = _sent_before(session, draft_key)
    if known is not None:
        return known
    kept = rules.check_reason(reason)
    delivery_rules.check_day(brought_on, on=on)
    if gross is not None and gross <= 0:
        raise delivery_rules.NothingWeighed
    load = RejectedLoad(
        number=numbers.take(session, "TOLAK", on.year),
        member_id=member_id,
        product_id=product_id,
        brought_on=brought_on,
        gross=gross,
        reason=kept,
        draft_key=draft_key,
    )
    session.add(load)
    delivery_drafts.use_draft(session, draft_key, at=session.info["at"])
    session.flush()
    return load


def _sent_before(session: Session, draft_key: str | None) -> RejectedLoad | None:
    taken = sent.find(session, Delivery, draft_key)
    if taken is not None:
        raise rules.LoadReceivedAlready(number=taken.number)
    return sent.find(session, RejectedLoad, draft_key)


@dataclass(frozen=True)
class Rejected:
    """A rejected load with the names that belong to it."""

    load: RejectedLoad
    member: str
    member_number: str
    product: str
    unit: BaseUnit


def rejected(
    session: Session,
    *,
    since: date,
    until: date | None = None,
    member_id: int | None = None,
    product_id: int | None = None,
) -> list[Rejected]:
    """Loads that were not taken, newest first; `until` is not included. A member sees her own."""
    person = access.person(session)
    if not person.may(Action.DELIVERIES_SEE):
        access.require(session, Action.OWN_SEE)
        if person.member_id is None or member_id not in (None, person.member_id):
            raise NotAllowed
        member_id = person.member_id
    names = (Member.name, Member.number, Product.name, Product.base_unit)
    query = (
        select(RejectedLoad, *names)  # type: ignore[call-overload]
        .join(Member, col(Member.id) == RejectedLoad.member_id)
        .join(Product, col(Product.id) == RejectedLoad.product_id)
        .where(RejectedLoad.brought_on >= since)
        .order_by(col(RejectedLoad.brought_on).desc(), col(RejectedLoad.id).desc())
    )
    if until is not None:
        query = query.where(RejectedLoad.brought_on < until)
    if member_id is not None:
        query = query.where(RejectedLoad.member_id == member_id)
    if product_id is not None:
        query = query.where(RejectedLoad.product_id == product_id)
    return [Rejected(*row) for row in session.exec(query).all()]
