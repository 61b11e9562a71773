"""What selling together brought against the middleman's price, lot by lot, from the rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from operator import eq
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, func, select

from kopprod.domain import comparison as rules
from kopprod.domain import money
from kopprod.domain.access import Action
from kopprod.domain.comparison import (
    Comparison,
    CoopTerms,
    Likeness,
    Lot,
    Reference,
    Verdict,
)
from kopprod.domain.sales import SaleStage
from kopprod.services import access, slips
from kopprod.services.dashboard import Period
from kopprod.services.yardstick import Yardstick, enough
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip

# The yardstick has a file of its own; whoever compares finds all of it here.
__all__ = [
    "Compared",
    "Yardstick",
    "bought_lot_of",
    "bought_lots",
    "days_of_lots",
    "enough",
    "lot_of",
    "lots",
    "of_member",
    "of_slip",
    "settled_lots",
    "standing",
]


@dataclass(frozen=True)
class Compared:
    """One delivery's part of a settled sale, or one bought outright, against what middlemen paid.

    `sold_at` is what the buyer (or the cooperative) paid for a price unit, `break_even` what would
    have to be paid for the middleman to be no better (harga impas): nothing where there is not
    enough to say.
    """

    member_id: int
    sold_on: date
    delivery_number: str
    likeness: Likeness
    lot: Lot
    middlemen: Reference
    outcome: Comparison
    sold_at: Fraction
    break_even: Fraction | None
    paid: bool = False  # the waiting is over
    bought: bool = False  # outright, by the cooperative

    @property
    def coop_rp(self) -> int:
        """What the lot brought, after waiting for it."""
        return money.round_half_up(self.outcome.coop * self.lot.true_weight / self.lot.per)

    @property
    def difference_rp(self) -> int:
        """More or less than the middleman would have paid; 0 where there is not enough data."""
        return self.outcome.difference_rp or 0

    @property
    def thin(self) -> bool:
        """Whether there are too few comparable offers to say."""
        return self.outcome.verdict is Verdict.THIN


def of_slip(session: Session, slip_id: int, *, on: date) -> list[Compared]:
    """The lots of one slip, held against the middleman; to whoever may see the slip.

    Waiting counts to the day it was paid, or to `on` while it is not.
    """
    found = slips.slip(session, slip_id)  # refuses whoever may not see it
    return _compared(session, Slip.id == slip_id, on=on, product_id=found.product.id)


def of_member(
    session: Session, member_id: int, *, on: date, only: Sequence[int] | None = None
) -> list[Compared]:
    """Every settled lot of one member, or `only` of these deliveries, oldest first.

    To herself and to whoever sees all slips.
    """
    own = access.person(session).member_id == member_id
    access.require(session, Action.OWN_SEE if own else Action.SLIPS_SEE_ALL)
    where = () if only is None else (col(Delivery.id).in_(only),)
    return _compared(session, Delivery.member_id == member_id, *where, on=on, product_id=None)


def lots(
    session: Session, period: Period, *, on: date, unpaid_only: bool = False
) -> list[Compared]:
    """Every settled lot delivered in the period, oldest first; for the manager."""
    access.require(session, Action.DASHBOARD_SEE)
    where: list[Any] = [
        col(Delivery.received_on) >= period.since,
        col(Delivery.received_on) < period.until,
    ]
    if period.product_id is not None:
        where.append(Delivery.product_id == period.product_id)
    among = None
    if unpaid_only:
        # "IS NULL", as rare as it is in all, lets a database that plans expect no such slip even in
        # sales where none is paid; it then looks through all that their members ever brought.
        where.append(func.coalesce(Slip.paid_on, date.min) <= date.min)
        among = _unpaid(session)
    return _compared(session, *where, on=on, product_id=period.product_id, among=among)


@dataclass(frozen=True)
class Among:
    """Where lots are looked for: in these sales, and in these buyings."""

    sale_ids: Collection[int]
    buying_ids: Collection[int]


# More keys than these are no help, and a statement takes no more than some ten thousand of them.
_MANY = 5_000


def _unpaid(session: Session) -> Among | None:
    """Where slips wait. Named by their keys, as a database that plans starts with all lots.

    None where they are too many to be named.
    """
    unpaid = col(Slip.paid_on).is_(None) & col(Slip.voided_on).is_(None)
    query = select(Slip.sale_id, Slip.buying_id).where(unpaid).distinct().limit(_MANY + 1)
    rows = session.exec(query).all()
    if len(rows) > _MANY:
        return None
    sales, buyings = ({row[place] for row in rows} - {None} for place in (0, 1))
    return Among(sales, buyings)  # type: ignore[arg-type]


class _Same(FunctionElement[bool]):
    """In a query: two columns are the same, but the first is no way to find rows by it alone.

    Without statistics SQLite comes from a day's deliveries to every slip that their members ever
    got; as a range, the member only narrows the index that begins with the sale.
    """

    inherit_cache = True


@compiles(_Same)
def _as_equals(same: _Same, compiler: SQLCompiler, **kept: Any) -> str:
    one, other = (compiler.process(column, **kept) for column in same.clauses)
    return f"({one} = {other})"


@compiles(_Same, "sqlite")
def _as_range(same: _Same, compiler: SQLCompiler, **kept: Any) -> str:
    one, other = (compiler.process(column, **kept) for column in same.clauses)
    return f"({one} BETWEEN {other} AND {other})"


def settled_lots(*where: Any, of_days: bool = False) -> Any:
    """In a query: every lot of a settled sale with its delivery, sale and slip.

    `of_days` says that `where` names the days of the deliveries, each of them.
    """
    same: Any = _Same if of_days else eq
    hers = (col(Slip.sale_id) == col(Sale.id)) & same(col(Slip.member_id), col(Delivery.member_id))
    query: Any = (
        select(Allotment, Delivery, Sale, Slip)
        .join(Delivery, col(Delivery.id) == col(Allotment.delivery_id))
        .join(Sale, col(Sale.id) == col(Allotment.sale_id))
        .join(Slip, hers)
        .where(Sale.stage == SaleStage.SETTLED, col(Slip.voided_on).is_(None), *where)
    )
    return query


def bought_lots(*where: Any) -> Any:
    """In a query: every delivery that was bought outright, with its buying and slip."""
    query: Any = (
        select(Buying, Delivery, Slip)
        .join(Delivery, col(Delivery.id) == col(Buying.delivery_id))
        .join(Slip, col(Slip.buying_id) == col(Buying.id))
        .where(col(Buying.reversed_on).is_(None), col(Slip.voided_on).is_(None), *where)
    )
    return query


def _lots(where: Sequence[Any], among: Among | None, *, of_days: bool = False) -> tuple[Any, Any]:
    settled, bought = settled_lots(*where, of_days=of_days), bought_lots(*where)
    if among is None:
        return settled, bought
    of_sale = col(Allotment.sale_id).in_(among.sale_ids)
    return settled.where(of_sale), bought.where(col(Buying.id).in_(among.buying_ids))


def days_of_lots(session: Session, *where: Any, among: Among | None = None) -> set[date]:
    """On which days goods came that are settled or bought by now."""
    found = [lots.with_only_columns(col(Delivery.received_on)) for lots in _lots(where, among)]
    # A database that plans takes DISTINCT for a walk through all days.
    days = found if among else [lots.distinct() for lots in found]
    return {row[0] for one in days for row in session.exec(one).all()}


def _compared(
    session: Session, *where: Any, on: date, product_id: int | None, among: Among | None = None
) -> list[Compared]:
    days = days_of_lots(session, *where, among=among)
    if not days:
        return []
    yardstick = Yardstick(session, since=min(days), until=max(days), product_id=product_id)
    return standing(yardstick, *where, on=on, among=among)


def standing(
    yardstick: Yardstick,
    *where: Any,
    on: date,
    among: Among | None = None,
    of_days: bool = False,
) -> list[Compared]:
    """Every settled or bought lot by a yardstick that reaches over its days, oldest first."""
    session = yardstick.session
    settled, bought_outright = _lots(where, among, of_days=of_days)
    sold = session.exec(settled).all()
    yardstick.know_advances({delivery.id for _, delivery, _, _ in sold})
    pooled = [
        _compare(yardstick, delivery, slip, _pooled(yardstick, *row, on=on))
        for row in sold
        for _, delivery, _, slip in [row]
    ]
    bought = [
        _compare(yardstick, delivery, slip, _bought(yardstick, *row, on=on))
        for row in session.exec(bought_outright).all()
        for _, delivery, slip in [row]
    ]
    return sorted(pooled + bought, key=lambda lot: (lot.likeness.on, lot.delivery_number))


def lot_of(
    yardstick: Yardstick, allotment: Allotment, delivery: Delivery, slip: Slip, *, on: date
) -> Lot:
    """What the member brought and got for it; waiting counts to `on` while she is not paid."""
    # The middleman weighs the goods as they come, sacks and all: true weight is the gross weight,
    # of which a split delivery counts its part.
    part, net_value_rp = Fraction(allotment.quantity, delivery.net), allotment.share_rp or 0
    return Lot(
        true_weight=delivery.gross * part,
        per=yardstick.per(delivery.product_id, delivery.received_on),
        net_value_rp=net_value_rp,
        waited_days=_waited_days(delivery, slip, on=on),
        early_rp_days=yardstick.early_rp_days(
            delivery, part, net_value_rp=net_value_rp, until=slip.paid_on or on
        ),
    )


def bought_lot_of(yardstick: Yardstick, delivery: Delivery, slip: Slip, *, on: date) -> Lot:
    """The same of what was bought outright: the whole delivery, at what its slip is worth."""
    return Lot(
        true_weight=Fraction(delivery.gross),
        per=yardstick.per(delivery.product_id, delivery.received_on),
        net_value_rp=slip.net_value_rp,
        waited_days=_waited_days(delivery, slip, on=on),
    )


def _waited_days(delivery: Delivery, slip: Slip, *, on: date) -> int:
    return max(0, ((slip.paid_on or on) - delivery.received_on).days)


@dataclass(frozen=True)
class _Sold:
    """A lot with what it was sold for: when, at which price, and the terms behind its value."""

    lot: Lot
    terms: CoopTerms
    sold_on: date
    price_e4: int


def _pooled(
    yardstick: Yardstick,
    allotment: Allotment,
    delivery: Delivery,
    sale: Sale,
    slip: Slip,
    *,
    on: date,
) -> _Sold:
    lot = lot_of(yardstick, allotment, delivery, slip, on=on)
    return _Sold(
        lot, _as_if_alone(yardstick, allotment, delivery, sale, lot), sale.sold_on, sale.price_e4
    )


def _bought(
    yardstick: Yardstick, buying: Buying, delivery: Delivery, slip: Slip, *, on: date
) -> _Sold:
    """Bought outright, the price is the whole of it: no costs, no fee, no other weight."""
    lot = bought_lot_of(yardstick, delivery, slip, on=on)
    terms = CoopTerms(
        true_weight=lot.true_weight,
        sold_weight=buying.paid_weight_e4 // money.BP,
        price_e4=buying.price_e4,
        per=lot.per,
        fee_bp=0,
        costs_rp=0,
        waited_days=lot.waited_days,
    )
    return _Sold(lot, terms, buying.bought_on, buying.price_e4)


def _compare(yardstick: Yardstick, delivery: Delivery, slip: Slip, sold: _Sold) -> Compared:
    likeness = Likeness(
        delivery.product_id, delivery.grade_id, delivery.village_id, delivery.received_on
    )
    middlemen = yardstick.reference(likeness)
    outcome = rules.compare(sold.lot, middlemen, rate_bp=yardstick.rate_bp)
    middleman = outcome.middleman
    return Compared(
        member_id=delivery.member_id,
        sold_on=sold.sold_on,
        delivery_number=delivery.number,
        likeness=likeness,
        lot=sold.lot,
        middlemen=middlemen,
        outcome=outcome,
        sold_at=Fraction(sold.price_e4, money.E4),
        break_even=None
        if middleman is None
        else rules.break_even_price(sold.terms, middleman, rate_bp=yardstick.rate_bp),
        paid=slip.paid_on is not None,
        bought=slip.buying_id is not None,
    )


def _as_if_alone(
    yardstick: Yardstick, allotment: Allotment, delivery: Delivery, sale: Sale, lot: Lot
) -> CoopTerms:
    """The whole sale as if all of it had been goods like the lot's, which shares it by weight.

    A fee by weight and a flat one stay the same at every price, as costs do; and what the lot bears
    of costs by weight or by sacks the whole would bear in the same measure.
    """
    share = Fraction(allotment.quantity * allotment.factor_bp, sale.graded_weight_e4 or 1)
    borne = yardstick.apart.of(sale, delivery.number)
    by_worth_rp = (sale.costs_rp or 0) - sum(one.cost_rp for one in borne)
    percent_rp = money.percent_rp(sale.gross_rp or 0, sale.fee_bp)
    hers = sum((Fraction(one.cost_rp) * one.part / one.whole for one in borne), Fraction(0))
    return CoopTerms(
        true_weight=lot.true_weight / share,
        sold_weight=sale.buyer_weight,
        price_e4=sale.price_e4,
        per=yardstick.per(sale.product_id, sale.sold_on),
        fee_bp=sale.fee_bp,
        costs_rp=by_worth_rp + (sale.fee_rp or 0) - percent_rp + hers / share,
        waited_days=lot.waited_days,
        early_rp_days=lot.early_rp_days / share,
    )
