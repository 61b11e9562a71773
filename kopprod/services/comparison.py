"""What selling together brought against the middleman's price, lot by lot, from the rows."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain import comparison as rules
from kopprod.domain import money
from kopprod.domain.access import Action
from kopprod.domain.comparison import (
    Comparison,
    CoopTerms,
    Enough,
    Likeness,
    Lot,
    Offer,
    QuoteTerms,
    Reference,
    Verdict,
)
from kopprod.domain.sales import SaleStage
from kopprod.services import access, cooperative, products, quotes, slips
from kopprod.services.dashboard import Period
from kopprod.tables.deliveries import Delivery
from kopprod.tables.quotes import Quote
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip


@dataclass(frozen=True)
class Compared:
    """One delivery's part of a settled sale, held against what middlemen would have paid.

    `sold_at` is what the buyer paid for a price unit, `break_even` what he would have had to pay
    for the middleman to be no better (harga impas): nothing where there is not enough to say.
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


def enough(session: Session) -> Enough:
    """The cooperative's settings of when there is enough to say."""
    return Enough(
        window_days=cooperative.whole(session, "quote_window_days"),
        min_count=cooperative.whole(session, "quote_min_count"),
        max_age_days=cooperative.whole(session, "quote_max_age_days"),
    )


class Yardstick:
    """Every offer of a stretch of days at hand, and the cooperative's settings for comparing."""

    def __init__(
        self, session: Session, *, since: date, until: date, product_id: int | None = None
    ) -> None:
        self.session = session
        self.rate_bp = cooperative.whole(session, "waiting_rate_bp")
        self.enough = enough(session)
        around = timedelta(days=max(self.enough.window_days, self.enough.max_age_days) + 1)
        found = quotes.quotes(
            session, product_id=product_id, since=since - around, until=until + around
        )
        self._pers: dict[int, Callable[[date], int]] = {}
        self._near: dict[int, frozenset[int]] = {}
        self._known: dict[Likeness, Reference] = {}
        self._offers: dict[tuple[int, int], list[Offer]] = defaultdict(list)
        for quote in sorted(found, key=lambda q: q.quoted_on):
            self._offers[quote.product_id, quote.grade_id].append(self.offer(quote))

    def per(self, product_id: int, on: date) -> int:
        """How many base units a price of that day is for."""
        known = self._pers.get(product_id)
        if known is None:
            product = products.product(self.session, product_id)
            known = self._pers[product_id] = products.price_pers(self.session, product)
        return known(on)

    def offer(self, quote: Quote) -> Offer:
        """A quote as the rule wants it."""
        likeness = Likeness(quote.product_id, quote.grade_id, quote.village_id, quote.quoted_on)
        terms = QuoteTerms(
            price_e4=quote.price_e4,
            per=self.per(quote.product_id, quote.quoted_on),
            cut_per_sack=quote.cut_per_sack or 0,
            sack_size=quote.sack_size,
            cut_bp=quote.cut_bp,
            charge_e4=quote.charge_e4,
            pays_after_days=quote.pays_after_days,
            scale_offset=quote.scale_offset,
            commission_bp=quote.commission_bp,
            market_e4=quote.market_e4,
        )
        return Offer(likeness, terms)

    def effective(self, quote: Quote) -> Fraction:
        """What a quote is worth for a true price unit, in rupiah."""
        return rules.effective_offer(self.offer(quote).terms, rate_bp=self.rate_bp)

    def is_odd(self, quote: Quote) -> bool:
        """Whether a quote lies far from others of its days for the same goods."""
        offer = self.offer(quote)
        place = offer.likeness
        others = self._around(place, self.enough.window_days)
        alike = [
            rules.effective_offer(one.terms, rate_bp=self.rate_bp)
            for one in others
            if rules.is_comparable(
                one.likeness,
                place,
                neighbours=self.near(place.village_id),
                window_days=self.enough.window_days,
            )
        ]
        return rules.is_odd(rules.effective_offer(offer.terms, rate_bp=self.rate_bp), alike)

    def near(self, village_id: int | None) -> frozenset[int]:
        """The village and its neighbours; no village where it is not known."""
        if village_id is None:
            return frozenset()
        if village_id not in self._near:
            self._near[village_id] = cooperative.comparable_villages(self.session, village_id)
        return self._near[village_id]

    def reference(self, likeness: Likeness) -> Reference:
        """What middlemen paid for goods like these, some days before or after."""
        if likeness not in self._known:
            self._known[likeness] = self._reference(
                likeness, self.enough, self.near(likeness.village_id)
            )
        return self._known[likeness]

    def today(self, likeness: Likeness) -> Reference:
        """What middlemen pay now; in all villages where none is named.

        Here the day is today and no lot's, so an offer counts as long as it is not older than
        `quote_max_age_days`, and there is nothing that comes later.
        """
        rule = self.enough
        near = self.near(likeness.village_id)
        if likeness.village_id is None:
            near = frozenset(village.id for village in cooperative.villages(self.session))
        lately = Enough(rule.max_age_days, rule.min_count, rule.max_age_days)
        return self._reference(likeness, lately, near)

    def _reference(self, likeness: Likeness, enough: Enough, near: Container[int]) -> Reference:
        offers = self._around(likeness, enough.window_days)
        return rules.reference(
            offers, likeness, rate_bp=self.rate_bp, neighbours=near, enough=enough
        )

    def _around(self, likeness: Likeness, window_days: int) -> Sequence[Offer]:
        days = timedelta(days=window_days)
        offers = self._offers[likeness.product_id, likeness.grade_id]
        first = bisect_left(offers, likeness.on - days, key=lambda o: o.likeness.on)
        last = bisect_right(offers, likeness.on + days, key=lambda o: o.likeness.on)
        return offers[first:last]


def of_slip(session: Session, slip_id: int, *, on: date) -> list[Compared]:
    """The lots of one slip, held against the middleman; to whoever may see the slip.

    Waiting counts to the day it was paid, or to `on` while it is not.
    """
    found = slips.slip(session, slip_id)  # refuses whoever may not see it
    return _compared(session, Slip.id == slip_id, on=on, product_id=found.product.id)


def of_member(session: Session, member_id: int, *, on: date) -> list[Compared]:
    """Every settled lot of one member, oldest first; to herself and to whoever sees all slips."""
    own = access.person(session).member_id == member_id
    access.require(session, Action.OWN_SEE if own else Action.SLIPS_SEE_ALL)
    return _compared(session, Delivery.member_id == member_id, on=on, product_id=None)


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
    if unpaid_only:
        where.append(col(Slip.paid_on).is_(None))
    return _compared(session, *where, on=on, product_id=period.product_id)


def settled_lots(*where: Any) -> Any:
    """In a query: every lot of a settled sale with its delivery, sale and slip."""
    hers = (col(Slip.sale_id) == col(Sale.id)) & (col(Slip.member_id) == col(Delivery.member_id))
    query: Any = (
        select(Allotment, Delivery, Sale, Slip)
        .join(Delivery, col(Delivery.id) == col(Allotment.delivery_id))
        .join(Sale, col(Sale.id) == col(Allotment.sale_id))
        .join(Slip, hers)
        .where(Sale.stage == SaleStage.SETTLED, col(Slip.voided_on).is_(None), *where)
    )
    return query


def _compared(session: Session, *where: Any, on: date, product_id: int | None) -> list[Compared]:
    query = settled_lots(*where).order_by(col(Delivery.received_on), col(Allotment.id))
    rows = session.exec(query).all()
    if not rows:
        return []
    days = [delivery.received_on for _, delivery, _, _ in rows]
    yardstick = Yardstick(session, since=days[0], until=days[-1], product_id=product_id)
    return [_compare(yardstick, *row, on=on) for row in rows]


def standing(yardstick: Yardstick, *where: Any, on: date) -> list[Compared]:
    """Every settled lot by a yardstick that reaches over its days; for what is kept of them."""
    query = settled_lots(*where).order_by(col(Delivery.received_on), col(Allotment.id))
    return [_compare(yardstick, *row, on=on) for row in yardstick.session.exec(query).all()]


def lot_of(
    yardstick: Yardstick, allotment: Allotment, delivery: Delivery, slip: Slip, *, on: date
) -> Lot:
    """What the member brought and got for it; waiting counts to `on` while she is not paid."""
    # The middleman weighs the goods as they come, sacks and all: true weight is the gross weight,
    # of which a split delivery counts its part.
    waited = (slip.paid_on or on) - delivery.received_on
    return Lot(
        true_weight=Fraction(delivery.gross * allotment.quantity, delivery.net),
        per=yardstick.per(delivery.product_id, delivery.received_on),
        net_value_rp=allotment.share_rp or 0,
        waited_days=max(0, waited.days),
    )


def _compare(
    yardstick: Yardstick,
    allotment: Allotment,
    delivery: Delivery,
    sale: Sale,
    slip: Slip,
    *,
    on: date,
) -> Compared:
    lot = lot_of(yardstick, allotment, delivery, slip, on=on)
    likeness = Likeness(
        delivery.product_id, delivery.grade_id, delivery.village_id, delivery.received_on
    )
    middlemen = yardstick.reference(likeness)
    outcome = rules.compare(lot, middlemen, rate_bp=yardstick.rate_bp)
    terms = _as_if_alone(yardstick, allotment, sale, lot)
    middleman = outcome.middleman
    return Compared(
        member_id=delivery.member_id,
        sold_on=sale.sold_on,
        delivery_number=delivery.number,
        likeness=likeness,
        lot=lot,
        middlemen=middlemen,
        outcome=outcome,
        sold_at=Fraction(sale.price_e4, money.E4),
        break_even=None
        if middleman is None
        else rules.break_even_price(terms, middleman, rate_bp=yardstick.rate_bp),
        paid=slip.paid_on is not None,
    )


def _as_if_alone(yardstick: Yardstick, allotment: Allotment, sale: Sale, lot: Lot) -> CoopTerms:
    """The whole sale as if all of it had been goods like the lot's, which shares it by weight."""
    share = Fraction(allotment.quantity * allotment.factor_bp, sale.graded_weight_e4 or 1)
    return CoopTerms(
        true_weight=lot.true_weight / share,
        sold_weight=sale.buyer_weight,
        price_e4=sale.price_e4,
        per=yardstick.per(sale.product_id, sale.sold_on),
        fee_bp=sale.fee_bp,
        costs_rp=sale.costs_rp or 0,
        waited_days=lot.waited_days,
    )


@dataclass
class Together:
    """Several lots added up: in rupiah and weight, over those that could be compared."""

    lots: int = 0
    thin: int = 0
    coop_rp: int = 0
    difference_rp: int = 0
    true_weight: Fraction = Fraction(0)

    @property
    def compared(self) -> int:
        """How many lots could be compared."""
        return self.lots - self.thin

    @property
    def middleman_rp(self) -> int:
        """What the middleman would have paid for them."""
        return self.coop_rp - self.difference_rp

    def add(self, lot: Compared) -> None:
        """Count one more lot."""
        self.lots += 1
        if lot.thin:
            self.thin += 1
            return
        self.coop_rp += lot.coop_rp
        self.difference_rp += lot.difference_rp
        self.true_weight += lot.lot.true_weight


@dataclass
class MonthTogether(Together):
    """The lots of one product in one month."""

    month: date = field(default=date.min)
    product_id: int = 0


@dataclass
class MemberTogether(Together):
    """The lots of one member."""

    member_id: int = 0


def by_month(found: Iterable[Compared]) -> list[MonthTogether]:
    """Lots added up by month of delivery and product, oldest first."""
    sums: dict[tuple[date, int], MonthTogether] = {}
    for lot in found:
        at = (lot.likeness.on.replace(day=1), lot.likeness.product_id)
        sums.setdefault(at, MonthTogether(month=at[0], product_id=at[1])).add(lot)
    return [sums[at] for at in sorted(sums)]


def by_member(found: Iterable[Compared]) -> list[MemberTogether]:
    """Lots added up by member, whoever gained least first."""
    sums: dict[int, MemberTogether] = {}
    for lot in found:
        sums.setdefault(lot.member_id, MemberTogether(member_id=lot.member_id)).add(lot)
    return sorted(sums.values(), key=lambda m: (m.difference_rp, m.member_id))
