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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter

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
    _check_parts(parts)
    gross_rp = money.amount_rp(terms.buyer_weight, terms.price_e4, terms.per)
    fees = fees_of(terms, gross_rp, our_weight=sum(part.quantity for part in parts))
    whole = _whole(terms, parts, gross_rp, fees)
    _check_taken(whole)
    share_rp = _shares(whole.net_rp, terms.costs, parts)
    member_rp: dict[int, int] = defaultdict(int)
    for part in parts:
        member_rp[part.member] += share_rp[part.key]
    return replace(whole, share_rp=share_rp, member_rp=dict(member_rp))


def settle_outright(
    terms: SaleTerms, parts: Sequence[PooledPart], *, cost_rp: Mapping[str, int]
) -> Settlement:
    """What the cooperative earns or loses on goods of its own; `cost_rp` is by the part's key.

    There is no fee, since the cooperative would pay it to itself, and nothing to share. Refuses
    only a sale without goods: a loss is a loss.
    """
    _check_parts(parts)
    gross_rp = money.amount_rp(terms.buyer_weight, terms.price_e4, terms.per)
    whole = _whole(terms, parts, gross_rp, Fees())
    return replace(whole, net_rp=whole.net_rp - sum(cost_rp.values()), cost_rp=dict(cost_rp))


def _whole(terms: SaleTerms, parts: Sequence[PooledPart], gross_rp: int, fees: Fees) -> Settlement:
    """The sale as a whole, before anything of it is shared."""
    costs_rp = sum(cost.amount_rp for cost in terms.costs)
    return Settlement(
        gross_rp=gross_rp,
        costs_rp=costs_rp,
        fees=fees,
        net_rp=gross_rp - costs_rp - fees.total_rp,
        our_weight=sum(part.quantity for part in parts),
        buyer_weight=terms.buyer_weight,
        graded_weight_e4=sum(part.graded_e4 for part in parts),
        share_rp={},
        member_rp={},
    )


def _check_parts(parts: Sequence[PooledPart]) -> None:
    if not parts:
        raise NothingPooled
    if min(part.graded_e4 for part in parts) <= 0:
        raise ValueError("a part has no weight")
    if len({part.key for part in parts}) < len(parts):
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


def _shares(net_rp: int, costs: Sequence[Cost], parts: Sequence[PooledPart]) -> dict[str, int]:
    apart = [cost for cost in costs if cost.split is not CostSplit.VALUE]
    brought = share_out(net_rp + sum(c.amount_rp for c in apart), CostSplit.VALUE, parts)
    if not apart:
        return brought
    borne: dict[str, int] = dict.fromkeys(brought, 0)
    for cost in apart:
        for number, bears_rp in share_out(cost.amount_rp, cost.split, parts).items():
            borne[number] += bears_rp
    for number in brought:
        if borne[number] > brought[number]:
            raise ShareBelowNothing(
                number=number, brought_rp=brought[number], borne_rp=borne[number]
            )
    return {number: brought[number] - borne[number] for number in brought}


def share_out(amount_rp: int, split: CostSplit, parts: Sequence[PooledPart]) -> dict[str, int]:
    """An amount by the parts' keys: by graded weight, by our net weight or by sacks."""
    ordered = sorted(parts, key=attrgetter("key"))
    shares = money.split_rp(amount_rp, list(map(_COUNTS_BY[split], ordered)))
    return dict(zip(map(attrgetter("key"), ordered), shares, strict=True))


_COUNTS_BY: Mapping[CostSplit, Callable[[PooledPart], int | Fraction]] = {
    CostSplit.VALUE: attrgetter("graded_e4"),
    CostSplit.WEIGHT: attrgetter("quantity"),
    CostSplit.SACKS: attrgetter("sacks"),
}


def weight_of(part: PooledPart, split: CostSplit) -> int | Fraction:
    """What a part counts for when something is shared by this."""
    return _COUNTS_BY[split](part)


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
