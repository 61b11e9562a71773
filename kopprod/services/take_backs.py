"""A wrong delivery in a settled sale: taken out, received anew, and the sale shared again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import reversals as rule
from kopprod.domain.access import Action
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.reversals import Change
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.services import (
    access,
    advances,
    buying,
    claims,
    deliveries,
    measures,
    numbers,
    payments,
    payout_rows,
    products,
    reckoning,
    reversals,
    sale_goods,
    settlement,
)
from kopprod.services.reckoning import PooledDelivery
from kopprod.services.sale_rows import UnknownSale, lock_sale
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Grade
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip


class NotSold(Refusal):
    """A delivery that is in no settled sale is taken back by itself."""

    sentence = N_("{number} is in no settled sale. Take it back by itself.")


@dataclass(frozen=True)
class Instead:
    """What should have been written down: whose goods, of which grade, each sack's gross weight.

    Weights and the tare of all of them together are in base units; `tare_each` of one sack makes
    the tare where it is given. An odd sack or a very large weight needs somebody who is `sure`.
    Day, product, measures and scale stay those of the wrong delivery.
    """

    member_id: int
    grade_id: int
    weights: Sequence[int]
    tare: int
    tare_each: int | None = None
    typed: str = ""
    sure: bool = False

    @property
    def net(self) -> int:
        """What is left of the weights without the tare."""
        return sum(self.weights) - self.tare


@dataclass(frozen=True)
class Outlook:
    """What becomes of one sale: by member what she gets and owes; it may stay open.

    `lists` are the numbers of the unfinished payout lists that its slips are on: while there are
    any, its settlement is not taken back.
    """

    sale: Sale
    members: Sequence[tuple[Member, Change]]
    stays_open: bool
    received_rp: int
    gross_rp: int
    lists: Sequence[str] = ()


@dataclass(frozen=True)
class TakenBack:
    """What was done: the opposite delivery, the right one, and the sales shared anew or open."""

    reversal: Delivery
    instead: Delivery | None
    settled: Sequence[Sale]
    left_open: Sequence[Sale]


# Looking ahead


def outlook(session: Session, sale_id: int) -> Outlook:
    """What taking back a settlement does to each member; of a sale taken back, settling it again.

    Nothing is kept.
    """
    access.require(session, Action.SALES_SEE)
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise UnknownSale
    if sale.stage is SaleStage.SETTLED:
        return _outlook(session, sale, [])
    return _outlook(session, sale, reckoning.pooled(session, sale))


def outlooks(
    session: Session, delivery_id: int, *, instead: Instead | None = None
) -> list[Outlook]:
    """What taking a delivery back does to the members of each settled sale that it is in."""
    access.require(session, Action.SALES_SEE)
    wrong = session.get(Delivery, delivery_id)
    if wrong is None:
        raise sale_goods.UnknownDelivery
    return [
        _outlook(session, sale, _changed(session, sale, wrong, instead))
        for sale in _sales_of(session, delivery_id)
        if sale.stage is SaleStage.SETTLED
    ]


def _changed(
    session: Session, sale: Sale, wrong: Delivery, instead: Instead | None
) -> list[PooledDelivery]:
    """The lines of the sale without the wrong delivery, and with what takes its place."""
    parts = []
    for part in reckoning.pooled(session, sale):
        grade_id, received_on = part.delivery.grade_id, part.delivery.received_on
        if part.delivery.id != wrong.id:
            factor_bp = products.factor_bp(session, grade_id, on=received_on)
            parts.append(replace(part, factor_bp=factor_bp))
        elif instead is not None and instead.net > 0:
            parts.append(_in_place_of(session, part, instead))
    return parts


def _in_place_of(session: Session, part: PooledDelivery, instead: Instead) -> PooledDelivery:
    wrong, grade = part.delivery, session.get_one(Grade, instead.grade_id)
    values = wrong.model_dump() | {"net": instead.net, "grade_id": instead.grade_id}
    quantity = _quantity(part.allotment.quantity, wrong.net, instead.net)
    return PooledDelivery(
        Allotment(**part.allotment.model_dump() | {"quantity": quantity}),
        Delivery(**values | {"member_id": instead.member_id}),
        session.get_one(Member, instead.member_id),
        grade.name,
        products.factor_bp(session, grade.id, on=wrong.received_on),
    )


def _quantity(had: int, of_net: int, net: int) -> int:
    """What goes into a sale that `had` some of the wrong one: all if it had all, else as much."""
    return net if had == of_net else min(had, net)


def _outlook(session: Session, sale: Sale, parts: Sequence[PooledDelivery]) -> Outlook:
    slips = session.exec(
        select(Slip).where(Slip.sale_id == sale.id, col(Slip.voided_on).is_(None))
    ).all()
    had_rp: dict[int, int] = claims.of_sale_rp(session, sale.id)
    for slip in slips:
        had_rp[slip.member_id] = had_rp.get(slip.member_id, 0) + claims.had_rp(slip)
    after_rp, gross_rp = _after(session, sale, parts)
    before_rp = {slip.member_id: slip.net_value_rp for slip in slips}
    changes = rule.changes(before_rp or _before(session, sale), had_rp, after_rp)
    return Outlook(
        sale=sale,
        members=[(session.get_one(Member, key), change) for key, change in changes.items()],
        stays_open=not parts,
        received_rp=payments.received_rp(session, sale.id),
        gross_rp=gross_rp,
        lists=sorted(set(payout_rows.on_lists(session, Slip.sale_id == sale.id).values())),
    )


def _before(session: Session, sale: Sale) -> dict[int, int]:
    """Of a sale that was taken back, what its latest cancelled slips were worth."""
    query = select(Slip).where(Slip.sale_id == sale.id, col(Slip.voided_on).is_not(None))
    return {
        slip.member_id: slip.net_value_rp
        for slip in session.exec(query.order_by(col(Slip.id))).all()
    }


def _after(
    session: Session, sale: Sale, parts: Sequence[PooledDelivery]
) -> tuple[Mapping[int, int], int]:
    if not parts:
        return {}, 0
    try:
        outcome = reckoning.reckon(session, sale, parts)
    except Refusal:  # it could not be settled like this, which whoever tries is told
        return {}, 0
    return (outcome.member_rp if sale.mode is SaleMode.POOL else {}), outcome.gross_rp


# Doing it


def take_back_sold(
    session: Session, delivery_id: int, *, reason: str, on: date, instead: Instead | None = None
) -> TakenBack:
    """Take a delivery back although its sale is settled, and share the sale anew, in one act.

    The settlements that it is in are taken back, it leaves their sales and is reversed; the right
    one, if given, is received and takes its place. A sale with goods left is settled again with the
    same terms; one without stays open. Refuses as each of these steps does.
    """
    access.require(session, Action.SALES_SETTLE)
    why = reversals.said(reason)
    for counter in (reversals.COUNTER, "SET", "SLIP"):  # before any row, in everybody's order
        numbers.wait_turn(session, counter, on.year)
    wrong = session.get(Delivery, delivery_id)
    if wrong is None:
        raise sale_goods.UnknownDelivery
    deliveries.check_stands(session, wrong)
    sales = [lock_sale(session, sale.id) for sale in _sales_of(session, delivery_id)]
    if not any(sale.stage is SaleStage.SETTLED for sale in sales):
        raise NotSold(number=wrong.number)
    _lock_rest(session, wrong, sales)
    was_settled = [sale for sale in sales if sale.stage is SaleStage.SETTLED]
    had: dict[int, int] = {}
    for sale in sales:
        if sale in was_settled:
            reversals.reverse_settlement(session, sale.id, reason=why, on=on)
        had[sale.id] = _take_out(session, sale, wrong)
    was_bought = buying.of_delivery(session, wrong.id) is not None
    reversal = deliveries.reverse(session, wrong.id, reason=why, on=on)
    right = _receive(session, wrong, instead, on=on, buys=was_bought) if instead else None
    if right is not None:
        _put_in(session, right, had, wrong.net)
    settled = [sale for sale in was_settled if _settle(session, sale, why, on=on)]
    left_open = [sale for sale in was_settled if sale not in settled]
    return TakenBack(reversal, right, settled, left_open)


def _lock_rest(session: Session, wrong: Delivery, sales: Sequence[Sale]) -> None:
    """Hold what is changed after the journal, which everybody else locks before it."""
    sale_ids = [sale.id for sale in sales]
    reversals.lock_slips(session, sale_ids)
    inside = select(Allotment.delivery_id).where(col(Allotment.sale_id).in_(sale_ids))
    buying.lock(session, [wrong.id, *session.exec(inside).all()])
    advances.lock(session, wrong.id)
    bought = buying.of_delivery(session, wrong.id)
    if bought is not None:
        buying.lock_slip(session, bought)


def _sales_of(session: Session, delivery_id: int) -> Sequence[Sale]:
    query = (
        select(Sale)
        .join(Allotment, col(Allotment.sale_id) == col(Sale.id))
        .where(Allotment.delivery_id == delivery_id, Sale.stage != SaleStage.CANCELLED)
        .order_by(col(Sale.id))
    )
    return session.exec(query).all()


def _take_out(session: Session, sale: Sale, wrong: Delivery) -> int:
    part = session.exec(
        select(Allotment).where(Allotment.sale_id == sale.id, Allotment.delivery_id == wrong.id)
    ).one()
    quantity = part.quantity
    sale_goods.release(session, sale.id, delivery_id=wrong.id)
    return quantity


def _receive(
    session: Session, wrong: Delivery, instead: Instead, *, on: date, buys: bool
) -> Delivery:
    same = instead.member_id == wrong.member_id
    return deliveries.receive(
        session,
        member_id=instead.member_id,
        product_id=wrong.product_id,
        grade_id=instead.grade_id,
        gross=sum(instead.weights),
        tare=instead.tare,
        received_on=wrong.received_on,
        on=on,
        output_id=wrong.output_id if same else None,
        typed=instead.typed,
        note=wrong.note,
        sure=instead.sure,
        weights=instead.weights,
        tare_each=instead.tare_each,
        scale_id=wrong.scale_id,
        measured=measures.measured(session, [wrong.id]).get(wrong.id),
        corrects_id=wrong.id,
        buys=buys,
    )


def _put_in(session: Session, right: Delivery, had: Mapping[int, int], of_net: int) -> None:
    left = right.net
    for sale_id, quantity in sorted(had.items()):
        part = min(left, _quantity(quantity, of_net, right.net))
        if part > 0:
            sale_goods.allot(session, sale_id, delivery_id=right.id, quantity=part)
        left -= part


def _settle(session: Session, sale: Sale, why: str, *, on: date) -> bool:
    inside = select(Allotment.id).where(Allotment.sale_id == sale.id)
    if session.exec(inside).first() is None:
        return False
    # Without the wrong goods our weight is another one, and this is why.
    reason = sale.shrinkage_reason or why
    settlement.settle(session, sale.id, on=on, shrinkage_reason=reason)
    return True
