"""Every offer of a stretch of days at hand, as a yardstick to hold lots against."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Sequence
from datetime import date, timedelta
from fractions import Fraction

from sqlmodel import Session, col, select

from kopprod.domain import comparison as rules
from kopprod.domain.comparison import Enough, Likeness, Offer, QuoteTerms, Reference
from kopprod.services import cooperative, products, quotes
from kopprod.services.reckoning import Apart
from kopprod.tables.deliveries import Delivery
from kopprod.tables.payouts import Advance
from kopprod.tables.quotes import Quote

_FEW = 500  # keys that a statement lists


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
        self.apart = Apart(session)
        around = timedelta(days=max(self.enough.window_days, self.enough.max_age_days) + 1)
        found = quotes.quotes(
            session, product_id=product_id, since=since - around, until=until + around
        )
        self._advances: dict[int, list[tuple[int, date]]] = {}
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

    def know_advances(self, delivery_ids: Collection[int]) -> None:
        """Look up what was paid in advance for deliveries, in one statement for all of them."""
        unknown = set(delivery_ids) - self._advances.keys()
        if not unknown:
            return
        of = col(Advance.delivery_id)
        # A list of very many keys takes longer than the rows between them.
        theirs = of.in_(unknown) if len(unknown) <= _FEW else of.between(min(unknown), max(unknown))
        query = select(Advance)
        self._advances.update((delivery_id, []) for delivery_id in unknown)
        standing = query.where(theirs, col(Advance.reversed_on).is_(None))
        for row in self.session.exec(standing).all():
            if row.delivery_id in unknown:
                self._advances[row.delivery_id].append((row.amount_rp, row.paid_on))

    def early_rp_days(
        self, delivery: Delivery, part: Fraction, *, net_value_rp: int, until: date
    ) -> Fraction:
        """What advances on a part of a delivery spared its member of waiting, in rupiah x days."""
        self.know_advances([delivery.id])
        return rules.early_rp_days(
            [(amount * part, paid_on) for amount, paid_on in self._advances[delivery.id]],
            net_value_rp=net_value_rp,
            came_on=delivery.received_on,
            until=until,
        )

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
