"""Reckoning a sale from its rows, by the rule: before it is settled, and as it was frozen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlmodel import Session, SQLModel, col, func, select

from kopprod.domain import money
from kopprod.domain import sales as rule
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import (
    Cost,
    CostSplit,
    Fees,
    Pool,
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

_AT_ONCE = 5_000  # deliveries asked about in one statement


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


@dataclass(frozen=True)
class Lines:
    """The same lines by columns, in the same order: a hundred thousand of them are settled so.

    `factors_bp` is what each grade counts for, `kept_bp` what the line's own row says it does.
    """

    allotment_ids: Sequence[int]
    quantities: Sequence[int]
    kept_bp: Sequence[int]
    shares_rp: Sequence[int | None]
    costs_rp: Sequence[int | None]
    delivery_ids: Sequence[int]
    numbers: Sequence[str]
    member_ids: Sequence[int]
    nets: Sequence[int]
    days: Sequence[date]
    factors_bp: Sequence[int]


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


def lines(session: Session, sale: Sale) -> Lines:
    """The same by columns, without making an object of any row."""
    part, delivery = (SQLModel.metadata.tables[name] for name in ("allotment", "delivery"))
    ours, theirs = (
        ("id", "quantity", "factor_bp", "share_rp", "cost_rp"),
        ("id", "number", "member_id", "net", "received_on", "grade_id"),
    )
    query: Any = (
        select(*(part.c[name] for name in ours), *(delivery.c[name] for name in theirs))
        .join_from(part, delivery, delivery.c.id == part.c.delivery_id)
        .where(part.c.sale_id == sale.id)
        .order_by(part.c.delivery_id)
    )
    columns: list[list[Any]] = [[] for _ in (*ours, *theirs)]
    # Few rows are held at a time: very many would keep the collector of garbage busy.
    for some in session.connection().execute(query).partitions(1_000):
        for column, values in zip(columns, zip(*some, strict=True), strict=True):
            column.extend(values)
    kept_bp, days, grades = columns[2], *columns[-2:]
    columns[-1] = kept_bp  # in place of the grades: what each of them counts for
    if sale.stage is not SaleStage.SETTLED:
        graded = dict.fromkeys(zip(grades, days, strict=True))
        bp = {(grade, on): products.factor_bp(session, grade, on=on) for grade, on in graded}
        columns[-1] = [bp[pair] for pair in zip(grades, days, strict=True)]
    return Lines(*columns)


def lines_of(parts: Sequence[PooledDelivery]) -> Lines:
    """The columns of lines that are there already."""
    return Lines(
        allotment_ids=[part.allotment.id for part in parts],
        quantities=[part.allotment.quantity for part in parts],
        kept_bp=[part.allotment.factor_bp for part in parts],
        shares_rp=[part.allotment.share_rp for part in parts],
        costs_rp=[part.allotment.cost_rp for part in parts],
        delivery_ids=[part.delivery.id for part in parts],
        numbers=[part.delivery.number for part in parts],
        member_ids=[part.member.id for part in parts],
        nets=[part.delivery.net for part in parts],
        days=[part.delivery.received_on for part in parts],
        factors_bp=[part.factor_bp for part in parts],
    )


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
    return reckon_lines(session, sale, lines_of(parts))


def reckon_lines(session: Session, sale: Sale, parts: Lines) -> Settlement:
    """The same from lines by columns."""
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
    pool = _pool(session, parts, found)
    if sale.mode is SaleMode.OUTRIGHT:
        asked = zip(
            parts.numbers, parts.delivery_ids, parts.quantities, parts.costs_rp, strict=True
        )
        paid_rp = {
            number: _cost_rp(session, sale, key, quantity, frozen_rp)
            for number, key, quantity, frozen_rp in asked
        }
        return rule.settle_pool_outright(terms, pool, cost_rp=paid_rp)
    return rule.settle_pool(terms, pool)


def _cost_rp(
    session: Session, sale: Sale, delivery_id: int, quantity: int, frozen_rp: int | None
) -> int:
    if sale.stage is SaleStage.SETTLED:
        return frozen_rp or 0
    if sale.stage is SaleStage.CANCELLED:  # its goods may be sold by now, at their cost there
        raise SaleCancelled(number=sale.number)
    return bought.cost_rp(session, delivery_id, quantity)


def _pool(session: Session, parts: Lines, costs: Sequence[SaleCost]) -> Pool:
    """The lines of a sale as the rule wants them; sacks are counted where a cost asks for them."""
    counted: Sequence[Fraction] = ()
    if any(cost.split is CostSplit.SACKS for cost in costs):
        known = sacks(session, parts.delivery_ids)
        columns = zip(parts.delivery_ids, parts.quantities, parts.nets, strict=True)
        counted = [known.get(key, 0) * Fraction(quantity, net) for key, quantity, net in columns]
    return Pool(parts.numbers, parts.member_ids, parts.quantities, parts.factors_bp, counted)


def sacks(session: Session, delivery_ids: Iterable[int]) -> dict[int, int]:
    """How many sacks, cans or crates were weighed of each of these deliveries."""
    found: dict[int, int] = {}
    keys = sorted(set(delivery_ids))
    for start in range(0, len(keys), _AT_ONCE):  # a statement takes no more than some thousands
        query = (
            select(DeliveryWeight.delivery_id, func.count())
            .where(col(DeliveryWeight.delivery_id).in_(keys[start : start + _AT_ONCE]))
            .group_by(col(DeliveryWeight.delivery_id))
        )
        found.update(session.exec(query).all())
    return found


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
    if not apart:
        return found
    pool = _pool(session, lines_of(parts), apart)
    for cost in apart:
        try:
            shares = rule.share_pool(cost.amount_rp, cost.split, pool)
        except Refusal:  # an open sale is looked at long before it can be settled
            continue
        weights = pool.weights(cost.split)
        whole = sum(weights)
        for number, part, bears_rp in zip(pool.keys, weights, shares, strict=True):
            found[number].append(
                Borne(cost.name, cost.split, cost.amount_rp, part, whole, bears_rp)
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
    parts = lines(session, sale)
    if min(parts.quantities, default=0) <= 0 or min(parts.factors_bp, default=0) <= 0:
        return False
    try:
        return reckon_lines(session, sale, parts) == frozen_lines(sale, parts)
    except Refusal:  # it could not even be settled like this
        return False


def frozen(sale: Sale, parts: Sequence[PooledDelivery]) -> Settlement:
    """What a settled sale came to."""
    return frozen_lines(sale, lines_of(parts))


def frozen_lines(sale: Sale, parts: Lines) -> Settlement:
    """The same from lines by columns."""
    pool = sale.mode is SaleMode.POOL
    shares, paid = ([rp or 0 for rp in each] for each in (parts.shares_rp, parts.costs_rp))
    member_rp: dict[int, int] = defaultdict(int)
    if pool:
        for member_id, share_rp in zip(parts.member_ids, shares, strict=True):
            member_rp[member_id] += share_rp
    return Settlement(
        gross_rp=sale.gross_rp or 0,
        costs_rp=sale.costs_rp or 0,
        fees=fees(sale),
        net_rp=sale.net_rp or 0,
        our_weight=sale.our_weight or 0,
        buyer_weight=sale.buyer_weight,
        graded_weight_e4=sale.graded_weight_e4 or 0,
        share_rp=dict(zip(parts.numbers, shares, strict=True)) if pool else {},
        member_rp=dict(member_rp),
        cost_rp={} if pool else dict(zip(parts.numbers, paid, strict=True)),
    )
