"""What the middleman would have paid for the same goods, like for like and net.

Ten sacks truly weigh 1.210 kg. The middleman offers Rp6.300 on 1.110 kg, at once: Rp5.779,34 for a
true kg. The cooperative sells 1.208 kg at Rp6.500, takes 2 % and Rp60.500 for the truck, and pays
after 14 days, which at 24 % a year cost the member Rp70.278,86: Rp6.251,39 for a true kg, 8,168 %
more. Below Rp6.013,04 the middleman would be better. What is taken from the member's payout, for
savings or a loan, is her own money and changes nothing here. An advance of Rp3.650.000 at delivery
did not wait: waiting then costs her Rp33.600,00 less, 3.650.000 × 24 % × 14 ÷ 365.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from statistics import median

from kopprod.domain import money

YEAR_DAYS = 365
ODD_AMONG, ODD_TIMES = 4, 3


class Verdict(StrEnum):
    """How the cooperative did; thin where there is not enough to say."""

    BETTER = "better"
    EQUAL = "equal"
    WORSE = "worse"
    THIN = "thin"


@dataclass(frozen=True)
class Likeness:
    """What must agree before two prices are compared: goods, place and day."""

    product_id: int
    grade_id: int
    village_id: int | None
    on: date


@dataclass(frozen=True)
class QuoteTerms:
    """A middleman's offer: `price_e4` and `charge_e4` are for `per` base units.

    His scale starts `scale_offset` base units above zero and he takes `cut_per_sack` more off each
    sack of `sack_size`, then `cut_bp` of what is left. Of the money he keeps `commission_bp`, and
    he charges by the true weight. Who owes him gets `price_e4`, others the higher `market_e4`.
    """

    price_e4: int
    per: int
    cut_per_sack: int = 0
    sack_size: int | None = None
    cut_bp: int = 0
    charge_e4: int = 0
    pays_after_days: int = 0
    scale_offset: int = 0
    commission_bp: int = 0
    market_e4: int | None = None


@dataclass(frozen=True)
class Offer:
    """An offer with what it was for."""

    likeness: Likeness
    terms: QuoteTerms


@dataclass(frozen=True)
class Enough:
    """When there is enough to say: the cooperative's settings."""

    window_days: int = 7
    min_count: int = 3
    max_age_days: int = 14


@dataclass(frozen=True)
class Reference:
    """What middlemen paid: the median, lowest and highest effective price of comparable offers.

    Rupiah for a true price unit, exactly; nothing where there was no offer. `age_days` is how long
    before the lot's day the youngest was heard, `odd` how many lie far from the others: they count
    like all others, which the median bears.
    """

    count: int
    thin: bool
    price: Fraction | None = None
    lowest: Fraction | None = None
    highest: Fraction | None = None
    age_days: int | None = None
    odd: int = 0


@dataclass(frozen=True)
class CoopTerms:
    """What the cooperative does with a lot: `true_weight` came, `sold_weight` is paid for."""

    true_weight: int | Fraction
    sold_weight: int
    price_e4: int
    per: int
    fee_bp: int = 0
    costs_rp: int | Fraction = 0  # and whatever else does not depend on the price
    waited_days: int = 0
    early_rp_days: int | Fraction = 0


@dataclass(frozen=True)
class Lot:
    """Goods sold through the cooperative: their true weight and what they brought the member.

    `net_value_rp` is after the sale's costs and fee; `taken_rp`, savings or a loan's instalment,
    is a use of the member's money and no part of the price. Of a delivery that is split over
    sales, each part has its part of the true weight, exactly. What she had of it before the rest,
    as an advance, times the days by which she had it earlier, are `early_rp_days`.
    """

    true_weight: int | Fraction
    per: int
    net_value_rp: int
    waited_days: int = 0
    taken_rp: int = 0
    early_rp_days: int | Fraction = 0

    @property
    def received_rp(self) -> int:
        """What the member takes home (uang diterima)."""
        return self.net_value_rp - self.taken_rp


@dataclass(frozen=True)
class Comparison:
    """Both sides in rupiah for a true price unit, and what the member won or lost on the lot.

    `rate` is the difference as a part of the middleman's price. Thin comparisons name no figure of
    the middleman and no difference.
    """

    verdict: Verdict
    coop: Fraction
    middleman: Fraction | None = None
    difference: Fraction | None = None
    rate: Fraction | None = None

    @property
    def difference_rp(self) -> int | None:
        """The difference on the whole lot, to the rupiah."""
        return None if self.difference is None else money.round_half_up(self.difference)


def recorded_share(terms: QuoteTerms) -> Fraction:
    """The part of the true weight that the middleman pays for: 111 of 121 kg."""
    taken = terms.cut_per_sack + terms.scale_offset
    in_sack = Fraction(taken, terms.sack_size) if terms.sack_size else Fraction(0)
    return (1 - in_sack) * (1 - Fraction(terms.cut_bp, money.BP))


def waiting_share(rate_bp: int, days: int | Fraction) -> Fraction:
    """The part of an amount that waiting for it costs: `rate_bp` a year, simple."""
    return Fraction(rate_bp * days, money.BP * YEAR_DAYS)


def effective_offer(terms: QuoteTerms, *, rate_bp: int) -> Fraction:
    """What an offer is worth in rupiah for a true price unit, after cuts, charges and waiting.

    Offer x recorded weight - labour - transport - the price gap of tied credit (brief, section 6).
    Who owes him hears the price that has the gap in it already, so it is taken off once: by
    beginning at `price_e4`, not at `market_e4`. What she pays back each week is her own debt, as an
    instalment is at the cooperative; the hidden interest (`domain/quotes.py`) is the same gap told
    a second time, as the price of the loan. Neither is taken off.
    """
    price = Fraction(terms.price_e4, money.E4) * recorded_share(terms)
    price *= 1 - Fraction(terms.commission_bp, money.BP)
    price -= Fraction(terms.charge_e4, money.E4)
    return price * (1 - waiting_share(rate_bp, terms.pays_after_days))


def effective_lot(lot: Lot, *, rate_bp: int) -> Fraction:
    """What the cooperative brought in rupiah for a true price unit, after waiting for it.

    An advance is money that she had, so its days of waiting are not counted against the price.
    """
    worth = lot.net_value_rp * (1 - waiting_share(rate_bp, lot.waited_days))
    worth += waiting_share(rate_bp, lot.early_rp_days)
    return worth * lot.per / lot.true_weight


def early_rp_days(
    advances: Iterable[tuple[int | Fraction, date]],
    *,
    net_value_rp: int,
    came_on: date,
    until: date,
) -> Fraction:
    """Of advances, each an amount and its day: amount x days by which they came before the rest.

    The rest comes `until`. More than the goods were worth was no part of their price.
    """
    left, found = Fraction(max(net_value_rp, 0)), Fraction(0)
    for amount, paid_on in sorted(advances, key=lambda one: one[1]):
        counted = min(Fraction(amount), left)
        left -= counted
        found += counted * max(0, (until - max(paid_on, came_on)).days)
    return found


def effective_together(lots: Sequence[Lot], *, rate_bp: int) -> Fraction:
    """What several lots of one product brought for a true price unit, by their true weight."""
    weights = [Fraction(lot.true_weight, lot.per) for lot in lots]
    prices = [effective_lot(lot, rate_bp=rate_bp) for lot in lots]
    worth = sum((p * w for p, w in zip(prices, weights, strict=True)), Fraction(0))
    return worth / sum(weights, Fraction(0))


def net_value_rp(terms: CoopTerms) -> int:
    """What is left for the member of what the buyer pays, after fee and costs."""
    gross_rp = money.amount_rp(terms.sold_weight, terms.price_e4, terms.per)
    fee_rp = money.percent_rp(gross_rp, terms.fee_bp)
    return money.round_half_up(Fraction(gross_rp - fee_rp - terms.costs_rp))


def break_even_price(terms: CoopTerms, middleman: Fraction, *, rate_bp: int) -> Fraction | None:
    """The cooperative's price below which the middleman is better (harga impas).

    Nothing where no price could make up for the fee and the waiting.
    """
    kept = 1 - Fraction(terms.fee_bp, money.BP)
    left_by_waiting = 1 - waiting_share(rate_bp, terms.waited_days)
    if kept <= 0 or left_by_waiting <= 0:
        return None
    worth = middleman * terms.true_weight / terms.per
    net_value = (worth - waiting_share(rate_bp, terms.early_rp_days)) / left_by_waiting
    return (net_value + terms.costs_rp) / kept * terms.per / terms.sold_weight


def is_comparable(
    offer: Likeness, lot: Likeness, *, neighbours: Container[int], window_days: int = 7
) -> bool:
    """Whether an offer was for the same goods, in the same village or a neighbour, near the day.

    `neighbours` are the villages that the manager listed for the lot's.
    """
    same_goods = (offer.product_id, offer.grade_id) == (lot.product_id, lot.grade_id)
    near = offer.village_id == lot.village_id or offer.village_id in neighbours
    return same_goods and near and abs((offer.on - lot.on).days) <= window_days


def reference(
    offers: Iterable[Offer],
    lot: Likeness,
    *,
    rate_bp: int,
    neighbours: Container[int] = (),
    enough: Enough | None = None,
) -> Reference:
    """What middlemen paid for goods like the lot's; thin where offers are few or old."""
    enough = enough or Enough()
    alike = [
        offer
        for offer in offers
        if is_comparable(offer.likeness, lot, neighbours=neighbours, window_days=enough.window_days)
    ]
    if not alike:
        return Reference(count=0, thin=True)
    prices = [effective_offer(offer.terms, rate_bp=rate_bp) for offer in alike]
    age_days = max(0, min((lot.on - offer.likeness.on).days for offer in alike))
    return Reference(
        count=len(alike),
        thin=len(alike) < enough.min_count or age_days > enough.max_age_days,
        price=median(prices),
        lowest=min(prices),
        highest=max(prices),
        age_days=age_days,
        odd=sum(is_odd(price, prices) for price in prices),
    )


def is_odd(price: Fraction, prices: Sequence[Fraction]) -> bool:
    """Whether a price lies far from those it is one of: to be marked, never left out.

    Far is more than three times the median distance from their median, and more than a tenth of
    it, so that three who say the same do not make a fourth odd by Rp50. Of fewer than four nobody
    can tell which is the odd one.
    """
    if len(prices) < ODD_AMONG:
        return False
    middle = median(prices)
    usual = median([abs(one - middle) for one in prices])
    return abs(price - middle) > max(ODD_TIMES * usual, abs(middle) / 10)


def compare(lot: Lot, middlemen: Reference, *, rate_bp: int) -> Comparison:
    """Whether the member got more or less than middlemen would have paid for the same goods."""
    coop = effective_lot(lot, rate_bp=rate_bp)
    if middlemen.price is None or middlemen.thin:
        return Comparison(Verdict.THIN, coop)
    difference = (coop - middlemen.price) * lot.true_weight / lot.per
    rate = coop / middlemen.price - 1 if middlemen.price > 0 else None
    return Comparison(_verdict(difference), coop, middlemen.price, difference, rate)


def _verdict(difference: Fraction) -> Verdict:
    difference_rp = money.round_half_up(difference)
    if difference_rp == 0:
        return Verdict.EQUAL
    return Verdict.BETTER if difference_rp > 0 else Verdict.WORSE


def farmers_share(farm: Fraction, paid: Fraction) -> Fraction:
    """The part of what the next buyer paid that reached the farmer: 2.000 of 4.600 is 43,48 %."""
    return farm / paid


def tied_cost_rp(quantity: int, *, market_e4: int, tied_e4: int, per: int) -> int:
    """What a farmer who owes the middleman loses on a quantity, paid below the market."""
    return money.amount_rp(quantity, market_e4 - tied_e4, per)


def tied_rate_bp(loan_rp: int, *, paid_rp: int, periods: int) -> int:
    """The hidden rate of a loan repaid by `paid_rp` in each period, for one period.

    Rp4.000.000 "without interest" that cost Rp800.000 a week for 20 weeks are 19,43 % a week. The
    rate at which the payments are worth the loan today, found by halving, to the nearest 0,01 %;
    0 where no more is paid than was lent.
    """
    low, high = 0, money.BP * 10  # tenths of a hundredth of a percent
    while _worth_today(paid_rp, periods, high) > loan_rp:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        above = _worth_today(paid_rp, periods, middle) > loan_rp
        low, high = (middle, high) if above else (low, middle)
    return money.round_half_up(Fraction(low, 10))


def _worth_today(paid_rp: int, periods: int, tenths: int) -> Fraction:
    rate = Fraction(tenths, money.BP * 10)
    return paid_rp * (1 - 1 / (1 + rate) ** periods) / rate


def standing_crop_gain_rp(
    *, offer_rp: int, costs_rp: int, harvest: int, price_e4: int, per: int
) -> int:
    """What the middleman wins (or loses) who buys a standing crop and harvests it (tebasan)."""
    return money.amount_rp(harvest, price_e4, per) - offer_rp - costs_rp
