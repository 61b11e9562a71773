"""Reckoning a sale from its rows, by the rule: before it is settled, and as it was frozen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlmodel import Session, SQLModel, col, func, select

from kopprod.domain import money
from kopprod.domain import sales as rule
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import (
    Cost,
    CostSplit,
    Fees,
    PooledPart,
    SaleMode,
    SaleStage,
    SaleTerms,
    Settlement,
)
from kopprod.services import bought, products
from kopprod.services.sale_rows import SaleCancelled
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.pricing import PriceRuleVersion
from kopprod.tables.products import Grade, GradeFactor
from kopprod.tables.sales import Allotment, Sale, SaleCost
from kopprod.tables.weighing import DeliveryWeight


@dataclass(frozen=True)
class PooledDelivery:
    """One line of a sale: a delivery's part, whose it is and what its grade counts for.

    `factor_since` is since when the grade counts for that, `version` the price rule by which the
    delivery was bought, if it was.
    """

    allotment: Allotment
    delivery: Delivery
    member: Member
    grade: str
    factor_bp: int
    factor_since: date | None = None
    version: PriceRuleVersion | None = None

    @property
    def plain(self) -> "PlainPart":
        """What is reckoned with."""
        part, delivery = self.allotment, self.delivery
        return PlainPart(
            *(part.id, part.quantity, part.factor_bp, part.share_rp, part.cost_rp),
            *(delivery.id, delivery.number, delivery.member_id, delivery.net),
            *(delivery.grade_id, delivery.received_on, self.factor_bp),
        )


class PlainPart(NamedTuple):
    """One line of a sale without its rows: a sale of a hundred thousand is settled by these.

    `factor_bp` is what the grade counts for, `kept_bp` what the line's own row says it does.
    """

    allotment_id: int
    quantity: int
    kept_bp: int
    share_rp: int | None
    cost_rp: int | None
    delivery_id: int
    number: str
    member_id: int
    net: int
    grade_id: int
    received_on: date
    factor_bp: int


def pooled(session: Session, sale: Sale) -> list[PooledDelivery]:
    """What is in a sale, by delivery; in an open one with the factors as they are known now."""
    valid = (
        (col(GradeFactor.grade_id) == col(Delivery.grade_id))
        & (col(GradeFactor.since) <= col(Delivery.received_on))
        & (col(GradeFactor.until).is_(None) | (col(GradeFactor.until) > col(Delivery.received_on)))
    )
    bought = (col(Buying.delivery_id) == col(Delivery.id)) & col(Buying.reversed_on).is_(None)
    query = (
        select(Allotment, Delivery, Member, Grade.name, GradeFactor, PriceRuleVersion)  # type: ignore[call-overload]
        .join(Delivery, col(Delivery.id) == col(Allotment.delivery_id))
        .join(Member, col(Member.id) == col(Delivery.member_id))
        .join(Grade, col(Grade.id) == col(Delivery.grade_id))
        .outerjoin(GradeFactor, valid)
        .outerjoin(Buying, bought)
        .outerjoin(PriceRuleVersion, col(PriceRuleVersion.id) == col(Buying.price_version_id))
        .where(Allotment.sale_id == sale.id)
        .order_by(col(Delivery.id))
    )
    found = []
    for part, delivery, member, grade, factor, version in session.exec(query).all():
        counts_bp = _factor_bp(session, sale, part, delivery)
        # A factor that was corrected since is not the one that the sale was settled by.
        since = factor.since if factor is not None and factor.factor_bp == counts_bp else None
        found.append(PooledDelivery(part, delivery, member, grade, counts_bp, since, version))
    return found


def plain(session: Session, sale: Sale) -> list[PlainPart]:
    """The same lines in the same order, by columns: no row of them is made an object."""
    part, delivery = (SQLModel.metadata.tables[name] for name in ("allotment", "delivery"))
    names = ("id", "number", "member_id", "net", "grade_id", "received_on")
    query: Any = (
        select(
            *(part.c.id, part.c.quantity, part.c.factor_bp.label("kept_bp")),
            *(part.c.share_rp, part.c.cost_rp, *(delivery.c[name] for name in names)),
        )
        .join_from(part, delivery, delivery.c.id == part.c.delivery_id)
        .where(part.c.sale_id == sale.id)
        .order_by(part.c.delivery_id)
    )
    rows: Any = session.connection().execute(query).all()
    if sale.stage is SaleStage.SETTLED:
        return [PlainPart._make((*row, row.kept_bp)) for row in rows]
    # The last two are the grade and the day; a sale has few pairs of them.
    graded = dict.fromkeys(row[-2:] for row in rows)
    bp = {pair: products.factor_bp(session, pair[0], on=pair[1]) for pair in graded}
    return [PlainPart._make((*row, bp[row[-2:]])) for row in rows]


def _factor_bp(session: Session, sale: Sale, part: Allotment, delivery: Delivery) -> int:
    if sale.stage is SaleStage.SETTLED:
        return part.factor_bp
    return products.factor_bp(session, delivery.grade_id, on=delivery.received_on)


def costs(session: Session, sale_id: int) -> Sequence[SaleCost]:
    """What a sale cost, as it was written down."""
    query = select(SaleCost).where(SaleCost.sale_id == sale_id).order_by(col(SaleCost.id))
    return session.exec(query).all()


def reckon(session: Session, sale: Sale, parts: Sequence[PooledDelivery]) -> Settlement:
    """What the sale comes to, by the rule; nothing is kept.

    What goods bought outright had cost is frozen in a settled sale, and asked for in an open one.
    """
    return reckon_plain(session, sale, [part.plain for part in parts])


def reckon_plain(session: Session, sale: Sale, parts: Sequence[PlainPart]) -> Settlement:
    """The same from plain lines."""
    product = products.product(session, sale.product_id)
    found = costs(session, sale.id)
    terms = SaleTerms(
        buyer_weight=sale.buyer_weight,
        price_e4=sale.price_e4,
        per=products.price_per(session, product, on=sale.sold_on),
        fee_bp=sale.fee_bp,
        costs=[Cost(cost.amount_rp, cost.split) for cost in found],
        fee_weight_e4=sale.fee_weight_e4,
        fee_flat_rp=sale.fee_flat_rp,
    )
    if sale.mode is SaleMode.OUTRIGHT:
        paid_rp = {part.number: _cost_rp(session, sale, part) for part in parts}
        return rule.settle_outright(terms, pooled_parts(session, parts, found), cost_rp=paid_rp)
    return rule.settle(terms, pooled_parts(session, parts, found))


def _cost_rp(session: Session, sale: Sale, part: PlainPart) -> int:
    if sale.stage is SaleStage.SETTLED:
        return part.cost_rp or 0
    if sale.stage is SaleStage.CANCELLED:  # its goods may be sold by now, at their cost there
        raise SaleCancelled(number=sale.number)
    return bought.cost_rp(session, part.delivery_id, part.quantity)


def pooled_parts(
    session: Session, parts: Sequence[PlainPart], costs: Sequence[SaleCost]
) -> list[PooledPart]:
    """The lines of a sale as the rule wants them; sacks are counted where a cost asks for them."""
    if not any(cost.split is CostSplit.SACKS for cost in costs):
        return [
            PooledPart(part.number, part.member_id, part.quantity, part.factor_bp) for part in parts
        ]
    counted = sacks(session, [part.delivery_id for part in parts])
    return [
        PooledPart(
            key=part.number,
            member=part.member_id,
            quantity=part.quantity,
            factor_bp=part.factor_bp,
            sacks=counted.get(part.delivery_id, 0) * Fraction(part.quantity, part.net),
        )
        for part in parts
    ]


def sacks(session: Session, delivery_ids: Iterable[int]) -> dict[int, int]:
    """How many sacks, cans or crates were weighed of each of these deliveries."""
    query = (
        select(DeliveryWeight.delivery_id, func.count())
        .where(col(DeliveryWeight.delivery_id).in_(set(delivery_ids)))
        .group_by(col(DeliveryWeight.delivery_id))
    )
    return dict(session.exec(query).all())


@dataclass(frozen=True)
class Borne:
    """What one delivery bears of a cost that is shared by weight or by sacks.

    `part` of `whole` are base units, or sacks.
    """

    name: str
    split: CostSplit
    cost_rp: int
    part: int | Fraction
    whole: int | Fraction
    borne_rp: int


def borne(
    session: Session, parts: Sequence[PooledDelivery], costs: Sequence[SaleCost]
) -> Mapping[str, Sequence[Borne]]:
    """By the delivery's number: what it bears of each cost that is not shared by worth."""
    found: dict[str, list[Borne]] = defaultdict(list)
    apart = [cost for cost in costs if cost.split is not CostSplit.VALUE]
    lines = pooled_parts(session, [part.plain for part in parts], apart) if apart else []
    for cost in apart:
        try:
            shares = rule.share_out(cost.amount_rp, cost.split, lines)
        except Refusal:  # an open sale is looked at long before it can be settled
            continue
        whole = sum(rule.weight_of(line, cost.split) for line in lines)
        for line in lines:
            part = rule.weight_of(line, cost.split)
            found[line.key].append(
                Borne(cost.name, cost.split, cost.amount_rp, part, whole, shares[line.key])
            )
    return found


def borne_in(session: Session, sale: Sale) -> Mapping[str, Sequence[Borne]]:
    """The same for a sale by its row; nothing where every cost is shared by worth."""
    found = [cost for cost in costs(session, sale.id) if cost.split is not CostSplit.VALUE]
    return borne(session, pooled(session, sale), found) if found else {}


class Apart:
    """What deliveries bear of costs by weight and by sacks, for many sales: each is read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        query = select(SaleCost.sale_id).where(SaleCost.split != CostSplit.VALUE).distinct()
        self._sales = set(session.exec(query).all())
        self._known: dict[int, Mapping[str, Sequence[Borne]]] = {}

    def of(self, sale: Sale, number: str) -> Sequence[Borne]:
        """What one delivery of a sale bears; mostly nothing."""
        if sale.id not in self._sales:
            return ()
        if sale.id not in self._known:
            self._known[sale.id] = borne_in(self.session, sale)
        return self._known[sale.id].get(number, ())


def shared_rp(net_rp: int, costs: Iterable[SaleCost]) -> int:
    """What is shared by graded weight: the net before the costs by weight and by sacks."""
    return net_rp + sum(c.amount_rp for c in costs if c.split is not CostSplit.VALUE)


def fees(sale: Sale) -> Fees:
    """The fee of a settled sale by its kinds, from what was frozen."""
    percent_rp = money.percent_rp(sale.gross_rp or 0, sale.fee_bp)
    if sale.mode is SaleMode.OUTRIGHT:
        return Fees()
    flat_rp = sale.fee_flat_rp
    return Fees(percent_rp, (sale.fee_rp or 0) - percent_rp - flat_rp, flat_rp)


def holds(session: Session, sale: Sale) -> bool:
    """Whether a settled sale, reckoned once more by the rule, comes to what was frozen in it."""
    parts = plain(session, sale)
    if min((part.quantity * part.factor_bp for part in parts), default=0) <= 0:
        return False
    try:
        return reckon_plain(session, sale, parts) == frozen_plain(sale, parts)
    except Refusal:  # it could not even be settled like this
        return False


def frozen(sale: Sale, parts: Sequence[PooledDelivery]) -> Settlement:
    """What a settled sale came to."""
    return frozen_plain(sale, [part.plain for part in parts])


def frozen_plain(sale: Sale, parts: Sequence[PlainPart]) -> Settlement:
    """The same from plain lines."""
    pool = sale.mode is SaleMode.POOL
    members, own = (parts, []) if pool else ([], parts)
    member_rp: dict[int, int] = defaultdict(int)
    for part in members:
        member_rp[part.member_id] += part.share_rp or 0
    return Settlement(
        gross_rp=sale.gross_rp or 0,
        costs_rp=sale.costs_rp or 0,
        fees=fees(sale),
        net_rp=sale.net_rp or 0,
        our_weight=sale.our_weight or 0,
        buyer_weight=sale.buyer_weight,
        graded_weight_e4=sale.graded_weight_e4 or 0,
        share_rp={part.number: part.share_rp or 0 for part in members},
        member_rp=dict(member_rp),
        cost_rp={part.number: part.cost_rp or 0 for part in own},
    )
