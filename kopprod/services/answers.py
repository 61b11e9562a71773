"""Members' answers for their deliveries, and what the cooperative does about a dispute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain import answers as rules
from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.answers import Resolution
from kopprod.domain.quantities import Quantity
from kopprod.domain.sales import SaleStage
from kopprod.services import access, bought, cooperative, deliveries, measures, numbers, weighing
from kopprod.services.memory import hers_until_written
from kopprod.tables.answers import DeliveryAnswer
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Sale


@dataclass(frozen=True)
class Waiting:
    """A delivery of mine that I may still answer for, until `last_on`."""

    delivery_id: int
    number: str
    received_on: date
    product: str
    grade: str
    net: Quantity
    last_on: date


@hers_until_written
def waiting_for(session: Session, *, on: date) -> Sequence[Waiting]:
    """The signed-in member's deliveries that she has neither accepted nor disputed, newest first.

    Empty once the days for it are over, and of what is settled.
    """
    person = access.require(session, Action.DELIVERIES_ANSWER)
    days = cooperative.whole(session, "dispute_days")
    query: Any = (
        select(Delivery, Product, Grade.name)
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .outerjoin(DeliveryAnswer, col(DeliveryAnswer.delivery_id) == Delivery.id)
        .where(
            Delivery.member_id == (person.member_id or 0),
            Delivery.received_on >= on - timedelta(days=days),
            col(DeliveryAnswer.id).is_(None),
            ~_settled(),
            deliveries.standing(),
        )
        .order_by(col(Delivery.received_on).desc(), col(Delivery.id).desc())
    )
    return [
        Waiting(
            delivery_id=d.id,
            number=d.number,
            received_on=d.received_on,
            product=p.name,
            grade=grade,
            net=Quantity(d.net, p.base_unit),
            last_on=rules.last_day(d.received_on, days=days),
        )
        for d, p, grade in session.exec(query).all()
    ]


@cache
def _settled() -> Any:
    # Asked of the row, not looked up in all that was ever settled.
    return (
        select(Allotment.id)
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Allotment.delivery_id == Delivery.id, Sale.stage == SaleStage.SETTLED)
        .correlate(Delivery)
        .exists()
    )


@dataclass(frozen=True)
class Said:
    """A dispute of mine that waits for the officer, or that she answered lately with `reason`."""

    number: str
    reason: str | None


@hers_until_written
def mine(session: Session, *, since: datetime) -> Sequence[Said]:
    """The signed-in member's disputes that are open, or were kept as they are after `since`."""
    person = access.require(session, Action.DELIVERIES_ANSWER)
    query = (
        select(Delivery.number, DeliveryAnswer.reason)
        .join(DeliveryAnswer, col(DeliveryAnswer.delivery_id) == Delivery.id)
        .where(
            # As a sum it has no index: disputes come first, which are fewer than her deliveries.
            col(Delivery.member_id) + 0 == (person.member_id or 0),
            ~col(DeliveryAnswer.agrees),
            (col(DeliveryAnswer.resolution).is_(None) | (col(DeliveryAnswer.resolved_at) >= since)),
            deliveries.standing(),
        )
        .order_by(col(DeliveryAnswer.id).desc())
    )
    return [Said(*row) for row in session.exec(query).all()]


def accept(session: Session, delivery_id: int, *, on: date, at: datetime) -> DeliveryAnswer:
    """Say that a delivery of one's own is right."""
    return _answer(session, delivery_id, words="", on=on, at=at)


def dispute(
    session: Session, delivery_id: int, *, words: str, on: date, at: datetime
) -> DeliveryAnswer:
    """Say what is not right with a delivery of one's own, while it is not settled."""
    access.require(session, Action.DELIVERIES_ANSWER)
    said = " ".join(words.split())[:300]
    if not said:
        raise rules.DisputeNeedsWords
    return _answer(session, delivery_id, words=said, on=on, at=at)


def _answer(
    session: Session, delivery_id: int, *, words: str, on: date, at: datetime
) -> DeliveryAnswer:
    person = access.require(session, Action.DELIVERIES_ANSWER)
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or person.member_id is None or delivery.member_id != person.member_id:
        raise NotAllowed
    if _answer_of(session, delivery_id) is not None:
        raise rules.AnsweredAlready(number=delivery.number)
    deliveries.check_stands(session, delivery)
    _check_not_settled(session, delivery)
    days = cooperative.whole(session, "dispute_days")
    rules.check_time(delivery.number, delivery.received_on, days=days, on=on)
    row = DeliveryAnswer(
        delivery_id=delivery_id,
        agrees=not words,
        words=words,
        at=at,
        answered_by_id=person.user_id,
    )
    session.add(row)
    session.flush()
    return row


def _answer_of(session: Session, delivery_id: int) -> DeliveryAnswer | None:
    query = select(DeliveryAnswer).where(DeliveryAnswer.delivery_id == delivery_id)
    return session.exec(query).first()


def _check_not_settled(session: Session, delivery: Delivery) -> None:
    sale = session.exec(
        select(Sale)
        .join(Allotment, col(Allotment.sale_id) == Sale.id)
        .where(Allotment.delivery_id == delivery.id, Sale.stage == SaleStage.SETTLED)
    ).first()
    if sale is not None:
        raise rules.SettledAlready(number=delivery.number, sale=sale.number)


@dataclass(frozen=True)
class Dispute:
    """A delivery that its member says is not right."""

    answer: DeliveryAnswer
    delivery: Delivery
    member: str
    product: str
    grade: str
    net: Quantity


def disputes(session: Session) -> list[Dispute]:
    """What members dispute and nobody has resolved, the oldest first."""
    access.require(session, Action.DELIVERIES_SEE)
    names = (Member.name, Product, Grade.name)
    query: Any = (
        select(DeliveryAnswer, Delivery, *names)  # type: ignore[call-overload]
        .join(Delivery, col(Delivery.id) == DeliveryAnswer.delivery_id)
        .join(Member, col(Member.id) == Delivery.member_id)
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .where(
            ~col(DeliveryAnswer.agrees),
            col(DeliveryAnswer.resolution).is_(None),
            deliveries.standing(),
        )
        .order_by(col(DeliveryAnswer.id))
    )
    return [
        Dispute(answer, d, member, p.name, grade, Quantity(d.net, p.base_unit))
        for answer, d, member, p, grade in session.exec(query).all()
    ]


def keep_grade(session: Session, delivery_id: int, *, reason: str, at: datetime) -> DeliveryAnswer:
    """Resolve a dispute by leaving the delivery as it is, with a reason that she will read."""
    access.require(session, Action.DELIVERIES_REVERSE)
    answer, _ = _disputed(session, delivery_id)
    return _resolve(session, answer, Resolution.KEPT, reason=reason, at=at)


def correct_grade(
    session: Session, delivery_id: int, *, grade_id: int, reason: str, on: date, at: datetime
) -> Delivery:
    """Resolve a dispute by taking the delivery back and receiving the same goods anew.

    The new one keeps day, weights and measures, and names the wrong one. Refused while any of it is
    in a sale.
    """
    access.require(session, Action.DELIVERIES_REVERSE)
    for counter in ("SET", "SLIP"):  # before the delivery, as whoever takes one back or buys it
        numbers.wait_turn(session, counter, on.year)
    answer, wrong = _disputed(session, delivery_id)
    if wrong.grade_id == grade_id:
        raise rules.SameGrade(number=wrong.number)
    sacks = weighing.weights(session, wrong.id)
    measured = measures.measured(session, [wrong.id]).get(wrong.id)
    buys = bought.of_delivery(session, wrong.id) is not None
    _resolve(session, answer, Resolution.CORRECTED, reason=reason, at=at)
    deliveries.reverse(session, wrong.id, reason=reason, on=on)
    return deliveries.receive(
        session,
        member_id=wrong.member_id,
        product_id=wrong.product_id,
        grade_id=grade_id,
        gross=wrong.gross,
        tare=wrong.tare,
        weights=sacks,
        tare_each=wrong.tare_each,
        measured=measured,
        scale_id=wrong.scale_id,
        received_on=wrong.received_on,
        on=on,
        output_id=wrong.output_id,
        typed=wrong.typed,
        note=wrong.note,
        corrects_id=wrong.id,
        sure=True,
        buys=buys,
    )


def _disputed(session: Session, delivery_id: int) -> tuple[DeliveryAnswer, Delivery]:
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise NotAllowed
    answer = _answer_of(session, delivery_id)
    if answer is None or answer.agrees or answer.resolution is not None:
        raise rules.NotDisputed(number=delivery.number)
    return answer, delivery


def _resolve(
    session: Session, answer: DeliveryAnswer, resolution: Resolution, *, reason: str, at: datetime
) -> DeliveryAnswer:
    said = " ".join(reason.split())[:300]
    if not said:
        raise rules.ResolutionNeedsReason
    answer.resolution, answer.reason, answer.resolved_at = resolution, said, at
    answer.resolved_by_id = access.person(session).user_id
    session.flush()
    return answer
