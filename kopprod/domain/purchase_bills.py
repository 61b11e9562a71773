"""Bills of a pooled purchase: goods, freight and fee of each member, to the rupiah, and how paid.

Siti's 7 of 37 sacks (WE-11): goods 7 x 284.000 = Rp1.988.000, of the freight of Rp275.000 her part
by sacks is Rp52.027, fee 1 % of her goods Rp19.880: a bill of Rp2.059.907. In the village shop she
would have paid Rp2.135.000, so she saves Rp75.093.

All bills and what goes to stock at cost add up to invoice, freight and fee.

Nobody pays above a price ceiling. Two sacks of subsidised urea at Rp88.000 with freight of Rp10.000
and 1 % fee come to Rp187.760, but may cost Rp180.000 (HET): the member pays that. Of the Rp7.760
the cooperative forgoes its fee of Rp1.760 and bears Rp6.000 as a cost of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from kopprod.domain.money import BP, E4, amount_rp, percent_rp, split_rp
from kopprod.domain.refusal import N_


class FreightBy(StrEnum):
    """By what the freight of one supplier is shared."""

    WEIGHT = "weight"
    VALUE = "value"
    PACKS = "packs"


FREIGHT_WORDS: Mapping[FreightBy, str] = {
    FreightBy.WEIGHT: N_("by weight"),
    FreightBy.VALUE: N_("by value of the goods"),
    FreightBy.PACKS: N_("by packs"),
}


@dataclass(frozen=True)
class Lot:
    """What came (or will come) of one article from one supplier, and what is paid for it.

    `quantity` in portions, the good ones only; `goods_rp` after all claims. `weight` and `packs` of
    the whole lot only serve to share the freight.
    """

    supplier_id: int
    article_id: int
    quantity: int
    goods_rp: int
    packs: int
    weight: int


@dataclass(frozen=True)
class Taken:
    """Portions of one article that a member got."""

    member_id: int
    article_id: int
    quantity: int


@dataclass(frozen=True)
class BillLine:
    """What a member pays for one article; `shop_rp` is none where no shop's price is known.

    Above a ceiling the cooperative bears `borne_rp` of goods and freight, and forgoes fee.
    """

    article_id: int
    quantity: int
    goods_rp: int
    freight_rp: int
    fee_rp: int
    shop_rp: int | None = None
    borne_rp: int = 0
    forgone_rp: int = 0

    @property
    def total_rp(self) -> int:
        """Goods, freight and fee."""
        return self.goods_rp + self.freight_rp + self.fee_rp

    @property
    def saved_rp(self) -> int:
        """Against the shop; below nothing where the shop was cheaper, nothing without its price."""
        return 0 if self.shop_rp is None else self.shop_rp - self.total_rp


@dataclass(frozen=True)
class Bill:
    """All lines of one member, by article."""

    member_id: int
    lines: tuple[BillLine, ...]

    @property
    def total_rp(self) -> int:
        """What she pays."""
        return sum(line.total_rp for line in self.lines)

    @property
    def saved_rp(self) -> int:
        """What the same goods would have cost her more in the shop."""
        return sum(line.saved_rp for line in self.lines)


@dataclass(frozen=True)
class Bills:
    """All bills by member, what goes to stock at its cost (without a fee), and what is lost.

    `lost_rp` was paid though nothing came that could bear it: the cooperative claims or carries it.
    """

    by_member: Mapping[int, Bill]
    leftover: tuple[BillLine, ...]
    lost_rp: int

    @property
    def billed_rp(self) -> int:
        """The sum of all bills."""
        return sum(bill.total_rp for bill in self.by_member.values())

    @property
    def fee_rp(self) -> int:
        """The cooperative's fee in all."""
        return sum(line.fee_rp for bill in self.by_member.values() for line in bill.lines)

    @property
    def borne_rp(self) -> int:
        """What the cooperative bears above ceilings, a cost of its own."""
        return sum(line.borne_rp for bill in self.by_member.values() for line in bill.lines)

    @property
    def forgone_rp(self) -> int:
        """The fee that it does not take because of ceilings."""
        return sum(line.forgone_rp for bill in self.by_member.values() for line in bill.lines)

    @property
    def leftover_rp(self) -> int:
        """What goes to stock, at cost."""
        return sum(line.total_rp for line in self.leftover)


@dataclass
class _Costs:
    """Of one article: portions that came, and exactly what goods and freight are borne by them."""

    quantity: int = 0
    goods_rp: int = 0
    freight: Fraction = field(default_factory=lambda: Fraction(0))


def bills(
    taken: Iterable[Taken],
    lots: Sequence[Lot],
    freight_rp: Mapping[int, int],
    *,
    freight_by: FreightBy,
    fee_bp: int,
    shop_e4: Mapping[int, int],
) -> Bills:
    """Share invoice, freight (by supplier) and fee over what members got and what is left.

    Goods of one article cost everybody the same, whichever supplier they came from; a supplier's
    freight is borne by the goods from there. What is left bears its part of both, but no fee. At
    equal fractions the rupiah goes to the lower key. `shop_e4` is the shop's price of a portion.
    """
    costs = _costs(lots, freight_rp, freight_by)
    rows = _rows(taken, costs)
    goods = _goods(rows, costs)
    freights = _freights(rows, costs)
    theirs = [row for row in rows if row.member_id is not None]
    fee = percent_rp(sum(goods[row] for row in theirs), fee_bp)
    fees = dict(zip(theirs, split_rp(fee, [goods[row] for row in theirs]), strict=True))
    lines: dict[int | None, list[BillLine]] = defaultdict(list)
    for row in rows:
        price_e4 = shop_e4.get(row.article_id)
        shop_rp = None if price_e4 is None else amount_rp(row.quantity, price_e4, 1)
        lines[row.member_id].append(
            BillLine(
                article_id=row.article_id,
                quantity=row.quantity,
                goods_rp=goods[row],
                freight_rp=freights[row],
                fee_rp=fees.get(row, 0),
                shop_rp=None if row.member_id is None else shop_rp,
            )
        )
    leftover = tuple(lines.pop(None, []))
    paid_rp = sum(lot.goods_rp for lot in lots) + sum(freight_rp.values())
    return Bills(
        by_member={key: Bill(key, tuple(own)) for key, own in lines.items() if key is not None},
        leftover=leftover,
        lost_rp=paid_rp - sum(goods.values()) - sum(freights.values()),
    )


def under_ceilings(found: Bills, most_rp: Mapping[int, Fraction]) -> Bills:
    """The same bills, of which nobody pays more for an article than `most_rp` for each portion.

    What is too much is taken off the fee first, then off freight and goods, which the cooperative
    bears. What is left over stays at cost: no member pays it.
    """
    return replace(
        found,
        by_member={
            key: replace(bill, lines=tuple(_under(line, most_rp) for line in bill.lines))
            for key, bill in found.by_member.items()
        },
    )


def _under(line: BillLine, most_rp: Mapping[int, Fraction]) -> BillLine:
    if line.article_id not in most_rp:
        return line
    over_rp = max(0, line.total_rp - int(most_rp[line.article_id] * line.quantity))
    forgone_rp = min(over_rp, line.fee_rp)
    borne_rp = over_rp - forgone_rp
    off_freight_rp = min(borne_rp, line.freight_rp)
    return replace(
        line,
        goods_rp=line.goods_rp - (borne_rp - off_freight_rp),
        freight_rp=line.freight_rp - off_freight_rp,
        fee_rp=line.fee_rp - forgone_rp,
        borne_rp=borne_rp,
        forgone_rp=forgone_rp,
    )


@dataclass(frozen=True)
class _Row:
    """A member's portions of an article, or (without a member) what is left of it."""

    member_id: int | None
    article_id: int
    quantity: int


def _rows(taken: Iterable[Taken], costs: Mapping[int, _Costs]) -> list[_Row]:
    got: dict[tuple[int, int], int] = defaultdict(int)
    left = {key: cost.quantity for key, cost in costs.items()}
    for each in taken:
        if each.quantity < 0:
            raise ValueError("a member got less than nothing")
        got[each.member_id, each.article_id] += each.quantity
        left[each.article_id] = left.get(each.article_id, 0) - each.quantity
    if any(quantity < 0 for quantity in left.values()):
        raise ValueError("more was handed out than came")
    theirs = [_Row(*key, quantity) for key, quantity in sorted(got.items()) if quantity]
    return [*theirs, *(_Row(None, key, rest) for key, rest in sorted(left.items()) if rest)]


def _goods(rows: Sequence[_Row], costs: Mapping[int, _Costs]) -> dict[_Row, int]:
    goods: dict[_Row, int] = {}
    for article_id in {row.article_id for row in rows}:
        mine = [row for row in rows if row.article_id == article_id]
        shares = split_rp(costs[article_id].goods_rp, [row.quantity for row in mine])
        goods |= zip(mine, shares, strict=True)
    return goods


def _freights(rows: Sequence[_Row], costs: Mapping[int, _Costs]) -> dict[_Row, int]:
    """Of all articles at once: whoever has many small lines does not gain many roundings."""
    exact = [
        costs[row.article_id].freight * row.quantity / costs[row.article_id].quantity
        for row in rows
    ]
    return dict(zip(rows, split_rp(int(sum(exact)), exact), strict=True))


def _costs(
    lots: Sequence[Lot], freight_rp: Mapping[int, int], freight_by: FreightBy
) -> dict[int, _Costs]:
    costs: dict[int, _Costs] = defaultdict(_Costs)
    came = [lot for lot in lots if lot.quantity]
    for lot in came:
        costs[lot.article_id].quantity += lot.quantity
        costs[lot.article_id].goods_rp += lot.goods_rp
    for supplier_id, rp in freight_rp.items():
        mine = [lot for lot in came if lot.supplier_id == supplier_id]
        weights = [_weight(lot, freight_by) for lot in mine]
        if not any(weights):
            weights = [lot.quantity for lot in mine]
        for lot, weight in zip(mine, weights, strict=True):
            costs[lot.article_id].freight += Fraction(rp * weight, sum(weights))
    return costs


def _weight(lot: Lot, freight_by: FreightBy) -> int:
    if freight_by is FreightBy.WEIGHT:
        return lot.weight
    return lot.goods_rp if freight_by is FreightBy.VALUE else lot.packs


def unit_prices_e4(
    lots: Sequence[Lot], freight_rp: Mapping[int, int], *, freight_by: FreightBy, fee_bp: int
) -> dict[int, Fraction]:
    """What one portion of each article costs with freight and fee, exactly, before any rounding."""
    return {
        key: (Fraction(cost.goods_rp * (BP + fee_bp), BP) + cost.freight) / cost.quantity * E4
        for key, cost in sorted(_costs(lots, freight_rp, freight_by).items())
    }
