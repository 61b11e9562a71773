"""Receiving members' goods at the scale, taking a wrong delivery back, and the delivery book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from kopprod.domain import deliveries as rules
from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.measures import Measure
from kopprod.domain.members import MemberStatus
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.rejections import LoadRejectedAlready
from kopprod.domain.sales import SaleStage
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.domain.weighing import LONGEST, check_weights, is_expired, tare_of
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    advances,
    buying,
    codes,
    delivery_drafts,
    measures,
    numbers,
    sent,
    stock,
    stock_lots,
    weighing,
)
from kopprod.services.stock import Stored, in_store, left, standing
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.output import OutputLog
from kopprod.tables.products import Grade, Product
from kopprod.tables.rejections import RejectedLoad
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.weighing import DeliveryWeight, Scale

# What is in store has a file of its own; whoever receives finds all of it here.
__all__ = [
    "Received",
    "Stored",
    "check_stands",
    "deliveries",
    "in_store",
    "left",
    "receive",
    "received",
    "recent_members",
    "reverse",
    "standing",
    "which",
]


def receive(
    session: Session,
    *,
    member_id: int,
    product_id: int,
    grade_id: int,
    gross: int,
    tare: int,
    received_on: date,
    on: date,
    output_id: int | None = None,
    typed: str = "",
    note: str = "",
    draft_key: str | None = None,
    sure: bool = False,
    weights: Sequence[int] = (),
    tare_each: int | None = None,
    scale_id: int | None = None,
    measured: Mapping[Measure, int] | None = None,
    corrects_id: int | None = None,
    buys: bool = False,
    decided: Mapping[Measure, int] | None = None,
) -> Delivery:
    """Receive goods, weighed in base units; the same `draft_key` again gives the row that is there.

    `weights` of each sack make the gross, `tare_each` of one sack makes the tare, whatever was
    said. Without `measured` nobody measured (an old book); else what the product needs must be in.
    Refuses other figures under the same key, a tare that leaves nothing, a day after `on`, a very
    large weight or an odd sack unless somebody is `sure`, goods from after a member left, and a
    grade or log of something else. The member's village is frozen. What the cooperative `buys` is
    priced at once, with what was `decided` where the rule asks (`buying.buy`).
    """
    access.require(session, Action.DELIVERIES_RECEIVE)
    # Before any member: an import of many members' goods would wait for us, and we for it.
    numbers.wait_turn(session, "SET", on.year)
    if buys:
        numbers.wait_turn(session, "SLIP", on.year)
    # Whoever lets the member leave at this moment comes before or after; others may name her.
    member = session.get(Member, member_id, with_for_update={"read": True})
    if member is None:
        raise NotAllowed
    known = _sent_before(session, draft_key)
    if known is not None:
        said = (member_id, product_id, grade_id, sum(weights) or gross, received_on)
        return _as_sent(known, said)
    left_on = member.left_on if member.status is MemberStatus.LEFT else None
    if not rules.may_deliver(received_on, left_on, corrects=corrects_id is not None):
        raise rules.DelivererHasLeft(name=member.name)
    product = _product_of(session, product_id, grade_id)
    sacks = tuple(weights) or (gross,)
    gross = check_weights(sacks, product.base_unit, sure=sure)
    if tare_each is not None:
        tare = tare_of(tare_each, sacks, product.base_unit)
    net = rules.net(gross, tare, product.base_unit, sure=sure)
    if measured is not None:
        measures.check(session, product_id, values=measured)
    rules.check_day(received_on, on=on)
    _check_log(session, output_id, member, product)
    delivery = Delivery(
        number=numbers.take(session, "SET", on.year),
        code=codes.new(),
        member_id=member_id,
        product_id=product_id,
        grade_id=grade_id,
        village_id=member.village_id,
        received_on=received_on,
        gross=gross,
        tare=tare,
        net=net,
        typed=tidy(typed)[:LONGEST],
        note=tidy(note)[:300],
        output_id=output_id,
        draft_key=draft_key,
        tare_each=tare_each,
        scale_id=scale_id,
        proposed_grade_id=measures.proposed(session, product_id, values=measured or {}),
        corrects_id=corrects_id,
    )
    session.add(delivery)
    delivery_drafts.use_draft(session, draft_key, at=session.info["at"])
    session.flush()
    stock_lots.came(session, delivery.id)
    weighing.keep(session, delivery.id, weights=sacks)
    measures.keep(session, delivery.id, values=measured or {})
    if buys:
        buying.buy(session, delivery.id, on=on, decided=decided)
    return delivery


def _sent_before(session: Session, draft_key: str | None) -> Delivery | None:
    load = sent.find(session, RejectedLoad, draft_key)
    if load is not None:
        raise LoadRejectedAlready(number=load.number)
    return sent.find(session, Delivery, draft_key)


def _as_sent(known: Delivery, said: tuple[int, int, int, int, date]) -> Delivery:
    kept = (known.member_id, known.product_id, known.grade_id, known.gross, known.received_on)
    if kept != said:
        raise FormKeptOtherwise(number=known.number)
    return known


def _product_of(session: Session, product_id: int, grade_id: int) -> Product:
    product, grade = session.get(Product, product_id), session.get(Grade, grade_id)
    if product is None:
        raise ValueError("no such product")
    if grade is None or grade.product_id != product.id or not grade.active:
        raise rules.GradeOfOtherProduct(product=product.name)
    return product


def _check_log(session: Session, output_id: int | None, member: Member, product: Product) -> None:
    if output_id is None:
        return
    # Locked, so that a correction at the same moment sees that goods of it have come.
    log = session.get(OutputLog, output_id, with_for_update=True)
    if log is None or (log.member_id, log.product_id) != (member.id, product.id):
        number = "" if log is None else log.number
        raise rules.LogOfOther(number=number, name=member.name, product=product.name)


_OF_ONE_ROW = {"id", "number", "code", "act_id", "draft_key", "received_on", "corrects_id"}


def reverse(session: Session, delivery_id: int, *, reason: str, on: date) -> Delivery:
    """Take a wrong delivery back by a row of its own; both stay in the book.

    Refused without a reason, a second time, and while any of it is in a sale or was lost. What had
    been bought is not owed any more; what she was paid for it, she owes.
    """
    access.require(session, Action.DELIVERIES_REVERSE)
    numbers.wait_turn(session, "SET", on.year)  # before the delivery, as whoever receives does
    # Whoever puts it into a sale locks it too, so one of the two comes first.
    wrong = session.get(Delivery, delivery_id, with_for_update=True)
    if wrong is None:
        raise NotAllowed
    check_stands(session, wrong)
    _check_not_sold(session, wrong)
    stock.check_not_lost(session, wrong)
    why = tidy(reason)[:300]
    if not why:
        raise rules.ReversalNeedsReason
    reversal = Delivery(
        **wrong.model_dump(exclude=_OF_ONE_ROW),
        number=numbers.take(session, "SET", on.year),
        code=codes.new(),
        received_on=on,
    )
    reversal.reverses_id, reversal.reason = wrong.id, why
    session.add(reversal)
    session.flush()
    stock_lots.taken_back(session, wrong.id)
    weighing.keep(session, reversal.id, weights=weighing.weights(session, wrong.id))
    buying.reverse(session, wrong.id, reason=why, on=on)
    advances.take_back(session, wrong, on=on)
    return reversal


def check_stands(session: Session, delivery: Delivery) -> None:
    """Refuse a delivery that was taken back, or takes another back."""
    if delivery.reverses_id is not None:
        raise rules.ReversalStays(number=delivery.number)
    known = session.exec(select(Delivery).where(Delivery.reverses_id == delivery.id)).first()
    if known is not None:
        raise rules.AlreadyReversed(number=delivery.number, reversal=known.number)


def _check_not_sold(session: Session, delivery: Delivery) -> None:
    sale = session.exec(
        select(Sale)
        .join(Allotment, col(Allotment.sale_id) == Sale.id)
        .where(Allotment.delivery_id == delivery.id, Sale.stage != SaleStage.CANCELLED)
        .order_by(col(Sale.stage).desc())
    ).first()
    if sale is None:
        return
    if sale.stage is SaleStage.SETTLED:
        raise rules.DeliveryIsSold(number=delivery.number, sale=sale.number)
    raise rules.DeliveryIsAllotted(number=delivery.number, sale=sale.number)


@dataclass(frozen=True)
class Received:
    """A row of the delivery book with the names that belong to it.

    `reversed_by` and `reverses` are the numbers of the other half of a correction, or empty;
    `allotted` is what is in sales, in base units; `sacks` how many weights make the gross;
    `bought` how it was bought outright, if it was, also where that was taken back.
    """

    delivery: Delivery
    member: str
    member_number: str
    product: str
    unit: BaseUnit
    grade: str
    output: str
    reversed_by: str
    reverses: str
    allotted: int
    sacks: int
    proposed: str
    scale: str
    scale_verified_until: date | None
    bought: Buying | None = None

    @property
    def scale_expired(self) -> bool:
        """Whether it was weighed on a scale whose verification was over that day."""
        until, on = self.scale_verified_until, self.delivery.received_on
        return bool(self.scale) and is_expired(until, on=on)

    @property
    def net(self) -> Quantity:
        """What came, net."""
        return Quantity(self.delivery.net, self.unit)

    @property
    def stands(self) -> bool:
        """Whether it is neither taken back nor a taking back."""
        return not self.reversed_by and not self.reverses


def deliveries(
    session: Session,
    *,
    member_id: int | None = None,
    product_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    most: int | None = None,
    delivery_id: int | None = None,
) -> list[Received]:
    """The delivery book, newest first, with what was taken back; `until` is not included.

    A member sees her own only.
    """
    where = which(
        access.whose(session, member_id, all_see=Action.DELIVERIES_SEE), product_id, since, until
    )
    where += [] if delivery_id is None else [col(Delivery.id) == delivery_id]
    log = aliased(OutputLog)
    taken_back, wrong, proposed = aliased(Delivery), aliased(Delivery), aliased(Grade)
    sacks = (
        select(func.count())
        .where(DeliveryWeight.delivery_id == Delivery.id)
        .correlate(Delivery)
        .scalar_subquery()
    )
    names = (Member.name, Member.number, Product.name, Product.base_unit, Grade.name)
    halves = (log.number, taken_back.number, wrong.number, stock.allotted())
    weighed = (sacks, proposed.name, Scale.name, Scale.verified_until, Buying)
    query = (
        select(Delivery, *names, *halves, *weighed)  # type: ignore[call-overload]
        .join(Member, col(Member.id) == Delivery.member_id)
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .outerjoin(log, col(log.id) == Delivery.output_id)
        .outerjoin(taken_back, col(taken_back.reverses_id) == Delivery.id)
        .outerjoin(wrong, col(wrong.id) == Delivery.reverses_id)
        .outerjoin(proposed, col(proposed.id) == Delivery.proposed_grade_id)
        .outerjoin(Scale, col(Scale.id) == Delivery.scale_id)
        .outerjoin(Buying, col(Buying.delivery_id) == Delivery.id)
        .where(*where)
        .order_by(col(Delivery.received_on).desc(), col(Delivery.id).desc())
        .limit(most)
    )
    return [_received(*row) for row in session.execute(query)]


def received(session: Session, delivery_id: int) -> Received:
    """One row of the delivery book, for its receipt; a member is given her own only."""
    found = deliveries(session, delivery_id=delivery_id)
    if not found:
        raise NotAllowed
    return found[0]


def _received(delivery: Delivery, *rest: Any) -> Received:
    member, number, product, unit, grade, output, reversed_by, reverses, allotted, *weighed = rest
    sacks, proposed, scale, verified_until, bought = weighed
    return Received(
        delivery=delivery,
        member=member,
        member_number=number,
        product=product,
        unit=unit,
        grade=grade,
        output=output or "",
        reversed_by=reversed_by or "",
        reverses=reverses or "",
        allotted=int(allotted or 0),
        sacks=sacks,
        proposed=proposed or "",
        scale=scale or "",
        scale_verified_until=verified_until,
        bought=bought,
    )


def which(
    member_id: int | None, product_id: int | None, since: date | None, until: date | None
) -> list[ColumnElement[bool]]:
    """In a query: the deliveries asked for; `until` is not included."""
    found = []
    if member_id is not None:
        found.append(col(Delivery.member_id) == member_id)
    if product_id is not None:
        found.append(col(Delivery.product_id) == product_id)
    if since is not None:
        found.append(col(Delivery.received_on) >= since)
    if until is not None:
        found.append(col(Delivery.received_on) < until)
    return found


def recent_members(session: Session, *, most: int = 5) -> list[int]:
    """Members whose goods came last, for the top of a list at the scale; of few deliveries only."""
    access.require(session, Action.DELIVERIES_SEE)
    latest = select(Delivery.member_id).order_by(col(Delivery.id).desc()).limit(200)
    return list(dict.fromkeys(session.exec(latest).all()))[:most]
