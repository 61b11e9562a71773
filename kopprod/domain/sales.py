"""Collective sales: from the buyer's money to each member's share.

Siti, Budi and Made deliver 300,7 kg, which by their grades count 291,084 kg. The buyer weighs
297,4 kg and pays Rp17.250 = Rp5.130.150. Less the truck and the sacks (Rp281.000) and the fee of
2,5 % (Rp128.254) there are Rp4.720.896, which are shared by graded weight: Siti's 120,5 kg of
grade A bring Rp1.954.308, her 40,2 kg of grade B count 36,984 kg and bring Rp599.819.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

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
        "Costs and fee come to {taken_rp}, more than the {gross_rp} that the buyer pays. "
        "Please check price, weight and costs."
    )


class ShrinkageNeedsReason(Refusal):
    """The buyer's weight is too far from ours to go without a word."""

    sentence = N_(
        "The buyer's weight differs from ours by {difference_bp}, which is over {limit_bp}. "
        "Write down the reason."
    )


@dataclass(frozen=True)
class PooledPart:
    """The part of one delivery that goes into a sale; `key` is the delivery's number.

    `quantity` is our own net weight in base units, `factor_bp` what its grade counts for.
    """

    key: str
    member: int
    quantity: int
    factor_bp: int

    @property
    def graded_e4(self) -> int:
        """Graded weight in ten-thousandths of a base unit, exactly."""
        return self.quantity * self.factor_bp


@dataclass(frozen=True)
class SaleTerms:
    """What the buyer weighed and pays (`price_e4` for `per` base units), and what is taken off."""

    buyer_weight: int
    price_e4: int
    per: int
    fee_bp: int
    costs_rp: Sequence[int] = ()


@dataclass(frozen=True)
class Settlement:
    """A sale's money, every amount final: gross = costs + fee + net, and the shares add up to net.

    `share_rp` is by the part's key, `member_rp` by member; `graded_weight_e4` is in ten-thousandths
    of a base unit.
    """

    gross_rp: int
    costs_rp: int
    fee_rp: int
    net_rp: int
    our_weight: int
    buyer_weight: int
    graded_weight_e4: int
    share_rp: Mapping[str, int]
    member_rp: Mapping[int, int]

    @property
    def shrinkage(self) -> int:
        """Base units that the buyer's scale found less than ours; a gain is negative."""
        return self.our_weight - self.buyer_weight

    @property
    def shrinkage_rate(self) -> Fraction:
        """Shrinkage as a part of our own weight, exactly."""
        return Fraction(self.shrinkage, self.our_weight)


def settle(terms: SaleTerms, parts: Sequence[PooledPart]) -> Settlement:
    """Share what a sale brings among its deliveries, by graded weight, to the rupiah.

    The order in which parts and costs are given changes nothing: at a tie the part with the lower
    key gets the rupiah. Refuses a sale without goods, and costs and fee above what the buyer pays.
    """
    if not parts:
        raise NothingPooled
    if min(part.quantity * part.factor_bp for part in parts) <= 0:
        raise ValueError("a part has no weight")
    if len({part.key for part in parts}) < len(parts):
        raise ValueError("a delivery is pooled twice")
    gross_rp = money.amount_rp(terms.buyer_weight, terms.price_e4, terms.per)
    costs_rp = sum(terms.costs_rp)
    fee_rp = money.percent_rp(gross_rp, terms.fee_bp)
    net_rp = gross_rp - costs_rp - fee_rp
    if net_rp < 0:
        raise CostsAboveProceeds(taken_rp=costs_rp + fee_rp, gross_rp=gross_rp)
    share_rp, member_rp = _share(net_rp, parts)
    return Settlement(
        gross_rp=gross_rp,
        costs_rp=costs_rp,
        fee_rp=fee_rp,
        net_rp=net_rp,
        our_weight=sum(part.quantity for part in parts),
        buyer_weight=terms.buyer_weight,
        graded_weight_e4=sum(part.graded_e4 for part in parts),
        share_rp=share_rp,
        member_rp=member_rp,
    )


def _share(net_rp: int, parts: Sequence[PooledPart]) -> tuple[dict[str, int], dict[int, int]]:
    ordered = sorted(parts, key=lambda part: part.key)
    shares = money.split_rp(net_rp, [part.graded_e4 for part in ordered])
    member_rp: dict[int, int] = defaultdict(int)
    for part, share in zip(ordered, shares, strict=True):
        member_rp[part.member] += share
    by_key = {part.key: share for part, share in zip(ordered, shares, strict=True)}
    return by_key, dict(member_rp)


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
