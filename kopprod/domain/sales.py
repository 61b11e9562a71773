"""Collective sales: from the buyer's money to each member's share.

Siti, Budi and Made deliver 300,7 kg, which by their grades count 291,084 kg. The buyer weighs
297,4 kg and pays Rp17.250 = Rp5.130.150. Less the truck and the sacks (Rp281.000) and the fee of
2,5 % (Rp128.254) there are Rp4.720.896, which are shared by graded weight: Siti's 120,5 kg of
grade A bring Rp1.954.308, her 40,2 kg of grade B count 36,984 kg and bring Rp599.819.

A cost may also be shared by weight or by sacks. Then the net before it is shared by graded weight,
and each delivery bears its part of the cost: of a truck of Rp250.000 Siti's 120,5 of 300,7 kg bear
Rp100.183. Goods that the cooperative had bought outright are its own: what is left after costs and
what the goods had cost is its gain, or its loss.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter, mul, sub

from kopprod.domain import money
from kopprod.domain.quantities import STANDARD_UNITS, BaseUnit, format_number
from kopprod.domain.refusal import N_, Refusal


class SaleStage(StrEnum):
    """Open while goods and costs are put together; settled for good; or cancelled before that."""

    OPEN = "open"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class SaleMode(StrEnum):
    """Whose goods are sold: the members' (titip jual) or the cooperative's own (beli putus)."""

    POOL = "pool"
    OUTRIGHT = "outright"


class CostSplit(StrEnum):
    """What a cost of a sale is shared by: the goods' worth, their net weight, or their sacks."""

    VALUE = "value"
    WEIGHT = "weight"
    SACKS = "sacks"


class NothingPooled(Refusal):
    """A sale without goods."""

    sentence = N_("No delivery is in this sale yet. Add at least one.")


class CostsAboveProceeds(Refusal):
    """Costs and fee would leave less than nothing to share."""

    sentence = N_(
        "Costs of {costs_rp} and the fee of {fee_rp} come to {taken_rp}, more than the {gross_rp} "
        "that the buyer pays. Please check price, quantity and costs."
    )


class FeeAboveProceeds(CostsAboveProceeds):
    """The fee alone is more than what there is."""

    sentence = N_(
        "The fee comes to {fee_rp}, more than the {gross_rp} that the buyer pays: {percent_rp} as "
        "a percentage, {weight_rp} by quantity and {flat_rp} flat. Please check fee, price and "
        "quantity."
    )


class ShareBelowNothing(Refusal):
    """A delivery's part of the costs by weight or by sacks is more than what it brings."""

    sentence = N_(
        "Delivery {number} would get less than nothing: it brings {brought_rp} and would bear "
        "{borne_rp} of the costs by quantity or by sacks. Share a cost by worth instead, or take "
        "the delivery out."
    )


class ShrinkageNeedsReason(Refusal):
    """What the buyer weighed, measured or counted is too far from ours to go without a word."""

    sentence = N_(
        "What the buyer found differs from ours by {difference_bp}, which is over {limit_bp}. "
        "Write down the reason."
    )


@dataclass(frozen=True, slots=True)
class PooledPart:
    """The part of one delivery that goes into a sale; `key` is the delivery's number.

    `quantity` is our own net weight in base units, `factor_bp` what its grade counts for, `sacks`
    how many of the delivery's sacks it is: of a split delivery a part of them, exactly.
    """

    key: str
    member: int
    quantity: int
    factor_bp: int
    sacks: Fraction = Fraction(0)

    @property
    def graded_e4(self) -> int:
        """Graded weight in ten-thousandths of a base unit, exactly."""
        return self.quantity * self.factor_bp


@dataclass(frozen=True)
class Pool:
    """The same parts by columns, in one order: a hundred thousand of them are shared so.

    `sacks` may be left out where no cost is shared by them.
    """

    keys: Sequence[str]
    members: Sequence[int]
    quantities: Sequence[int]
    factors_bp: Sequence[int]
    sacks: Sequence[Fraction] = ()

    @classmethod
    def of(cls, parts: Sequence[PooledPart]) -> "Pool":
        """The columns of these parts."""
        names = ("key", "member", "quantity", "factor_bp", "sacks")
        return cls(*([getattr(part, name) for part in parts] for name in names))

    def weights(self, split: CostSplit) -> Sequence[int | Fraction]:
        """What each part counts for when something is shared by this."""
        match split:
            case CostSplit.WEIGHT:
                return self.quantities
            case CostSplit.SACKS:
                return self.sacks
            case _:
                return list(map(mul, self.quantities, self.factors_bp))


@dataclass(frozen=True)
class Cost:
    """A cost of a sale, and what it is shared by."""

    amount_rp: int
    split: CostSplit = CostSplit.VALUE


@dataclass(frozen=True)
class SaleTerms:
    """What the buyer weighed and pays (`price_e4` for `per` base units), and what is taken off.

    The fee is a percentage of what the buyer pays, so much for `per` base units of our own weight,
    and a flat sum.
    """

    buyer_weight: int
    price_e4: int
    per: int
    fee_bp: int
    costs: Sequence[Cost] = ()
    fee_weight_e4: int = 0
    fee_flat_rp: int = 0


@dataclass(frozen=True)
class Fees:
    """The cooperative's fee by its kinds."""

    percent_rp: int = 0
    weight_rp: int = 0
    flat_rp: int = 0

    @property
    def total_rp(self) -> int:
        """All of them together."""
        return self.percent_rp + self.weight_rp + self.flat_rp


@dataclass(frozen=True)
class Settlement:
    """A sale's money, every amount final: gross = costs + fee + cost of goods + net.

    Of a pool the net is the members': `share_rp` is by the part's key, `member_rp` by member, and
    the shares add up to it. Of goods bought outright it is the cooperative's own, a loss below
    nothing; `cost_rp` is what each part had cost. `graded_weight_e4` is in ten-thousandths of a
    base unit.
    """

    gross_rp: int
    costs_rp: int
    fees: Fees
    net_rp: int
    our_weight: int
    buyer_weight: int
    graded_weight_e4: int
    share_rp: Mapping[str, int]
    member_rp: Mapping[int, int]
    cost_rp: Mapping[str, int] = field(default_factory=dict)

    @property
    def fee_rp(self) -> int:
        """The whole fee."""
        return self.fees.total_rp

    @property
    def cost_of_goods_rp(self) -> int:
        """What goods bought outright had cost; nothing of a pool."""
        return sum(self.cost_rp.values())

    @property
    def shrinkage(self) -> int:
        """Base units that the buyer's scale found less than ours; a gain is negative."""
        return self.our_weight - self.buyer_weight

    @property
    def shrinkage_rate(self) -> Fraction:
        """Shrinkage as a part of our own weight, exactly."""
        return Fraction(self.shrinkage, self.our_weight)


def settle(terms: SaleTerms, parts: Sequence[PooledPart]) -> Settlement:
    """Share what a sale brings among its deliveries, to the rupiah.

    What is left after the fee and the costs by worth is shared by graded weight; costs by weight
    and by sacks are then borne by each delivery, each cost shared on its own. The order in which
    parts and costs are given changes nothing: at a tie the part with the lower key gets the rupiah.
    Refuses a sale without goods, costs and fee above what the buyer pays, and a share below
    nothing.
    """
    return settle_pool(terms, Pool.of(parts))


def settle_pool(terms: SaleTerms, pool: Pool) -> Settlement:
    """The same of parts by columns."""
    _check_parts(pool)
    gross_rp = money.amount_rp(terms.buyer_weight, terms.price_e4, terms.per)
    fees = fees_of(terms, gross_rp, our_weight=sum(pool.quantities))
    whole = _whole(terms, pool, gross_rp, fees)
    _check_taken(whole)
    shares = _shares(whole.net_rp, terms.costs, pool)
    member_rp: dict[int, int] = defaultdict(int)
    for member, share in zip(pool.members, shares, strict=True):
        member_rp[member] += share
    share_rp = dict(zip(pool.keys, shares, strict=True))
    return replace(whole, share_rp=share_rp, member_rp=dict(member_rp))


def settle_outright(
    terms: SaleTerms, parts: Sequence[PooledPart], *, cost_rp: Mapping[str, int]
) -> Settlement:
    """What the cooperative earns or loses on goods of its own; `cost_rp` is by the part's key.

    There is no fee, since the cooperative would pay it to itself, and nothing to share. Refuses
    only a sale without goods: a loss is a loss.
    """
    return settle_pool_outright(terms, Pool.of(parts), cost_rp=cost_rp)


def settle_pool_outright(terms: SaleTerms, pool: Pool, *, cost_rp: Mapping[str, int]) -> Settlement:
    """The same of parts by columns."""
    _check_parts(pool)
    gross_rp = money.amount_rp(terms.buyer_weight, terms.price_e4, terms.per)
    whole = _whole(terms, pool, gross_rp, Fees())
    return replace(whole, net_rp=whole.net_rp - sum(cost_rp.values()), cost_rp=dict(cost_rp))


def _whole(terms: SaleTerms, pool: Pool, gross_rp: int, fees: Fees) -> Settlement:
    """The sale as a whole, before anything of it is shared."""
    costs_rp = sum(cost.amount_rp for cost in terms.costs)
    return Settlement(
        gross_rp=gross_rp,
        costs_rp=costs_rp,
        fees=fees,
        net_rp=gross_rp - costs_rp - fees.total_rp,
        our_weight=sum(pool.quantities),
        buyer_weight=terms.buyer_weight,
        graded_weight_e4=sum(map(mul, pool.quantities, pool.factors_bp)),
        share_rp={},
        member_rp={},
    )


def _check_parts(pool: Pool) -> None:
    if not pool.keys:
        raise NothingPooled
    if min(pool.quantities) <= 0 or min(pool.factors_bp) <= 0:
        raise ValueError("a part has no weight")
    if len(set(pool.keys)) < len(pool.keys):
        raise ValueError("a delivery is pooled twice")


def _check_taken(whole: Settlement) -> None:
    fees = whole.fees
    if fees.total_rp > whole.gross_rp:
        raise FeeAboveProceeds(
            fee_rp=fees.total_rp,
            gross_rp=whole.gross_rp,
            percent_rp=fees.percent_rp,
            weight_rp=fees.weight_rp,
            flat_rp=fees.flat_rp,
        )
    if whole.net_rp < 0:
        raise CostsAboveProceeds(
            costs_rp=whole.costs_rp,
            fee_rp=fees.total_rp,
            taken_rp=whole.costs_rp + fees.total_rp,
            gross_rp=whole.gross_rp,
        )


def fees_of(terms: SaleTerms, gross_rp: int, *, our_weight: int) -> Fees:
    """The fee by its kinds, each rounded once, half up: of the proceeds, of our weight, flat."""
    return Fees(
        percent_rp=money.percent_rp(gross_rp, terms.fee_bp),
        weight_rp=money.amount_rp(our_weight, terms.fee_weight_e4, terms.per),
        flat_rp=terms.fee_flat_rp,
    )


def _shares(net_rp: int, costs: Sequence[Cost], pool: Pool) -> list[int]:
    apart = [cost for cost in costs if cost.split is not CostSplit.VALUE]
    brought = share_pool(net_rp + sum(c.amount_rp for c in apart), CostSplit.VALUE, pool)
    borne = [share_pool(cost.amount_rp, cost.split, pool) for cost in apart]
    if not borne:
        return brought
    bears = list(map(sum, zip(*borne, strict=True)))
    for number, brought_rp, borne_rp in sorted(zip(pool.keys, brought, bears, strict=True)):
        if borne_rp > brought_rp:
            raise ShareBelowNothing(number=number, brought_rp=brought_rp, borne_rp=borne_rp)
    return list(map(sub, brought, bears))


def share_out(amount_rp: int, split: CostSplit, parts: Sequence[PooledPart]) -> dict[str, int]:
    """An amount by the parts' keys: by graded weight, by our net weight or by sacks."""
    pool = Pool.of(sorted(parts, key=attrgetter("key")))
    return dict(zip(pool.keys, share_pool(amount_rp, split, pool), strict=True))


def share_pool(amount_rp: int, split: CostSplit, pool: Pool) -> list[int]:
    """An amount in the pool's order; at a tie the part with the lower key gets the rupiah."""
    order = sorted(range(len(pool.keys)), key=pool.keys.__getitem__)
    weights = pool.weights(split)
    split_rp = money.split_rp(amount_rp, [weights[place] for place in order])
    shares = [0] * len(order)
    for place, share in zip(order, split_rp, strict=True):
        shares[place] = share
    return shares


def shrinkage_bp(our_weight: int, buyer_weight: int) -> int:
    """Shrinkage in hundredths of a percent of our weight, half up; a gain is negative."""
    return money.round_half_up(Fraction((our_weight - buyer_weight) * money.BP, our_weight))


def check_shrinkage(our_weight: int, buyer_weight: int, *, limit_bp: int, reason: str) -> None:
    """Refuse a difference over `limit_bp` of our weight, loss or gain, without a reason."""
    over = abs(our_weight - buyer_weight) * money.BP > limit_bp * our_weight
    if over and not reason.strip():
        difference_bp = abs(shrinkage_bp(our_weight, buyer_weight))
        # What is a hair over the limit must not be shown as the limit itself.
        raise ShrinkageNeedsReason(
            difference_bp=max(difference_bp, limit_bp + 1), limit_bp=limit_bp
        )


def format_graded(weight_e4: int, unit: BaseUnit) -> str:
    """A graded weight in the unit that people read: 369.840.000 is `36,984 kg`."""
    shown_in = STANDARD_UNITS[unit][0]
    number = format_number(Fraction(weight_e4, money.BP * shown_in.factor), decimals=4)
    return f"{number} {shown_in.name}"
