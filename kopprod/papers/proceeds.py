"""The reckoning of a sale in lines, the same on the screen and on paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kopprod.domain.money import format_e4, format_percent, format_rp
from kopprod.domain.quantities import BaseUnit, format_number
from kopprod.domain.sales import CostSplit, SaleMode, Settlement, format_graded
from kopprod.papers.press import weight
from kopprod.papers.scales import WORDS, Say, graded_words
from kopprod.services.reckoning import Borne, shared_rp
from kopprod.tables.products import Product
from kopprod.tables.sales import Sale, SaleCost


@dataclass(frozen=True)
class Reckoned:
    """One line of it, with how it was reckoned; a sum stands under a rule."""

    what: str
    amount_rp: int
    how: tuple[str, ...] = ()
    is_sum: bool = False


def of_sale(
    sale: Sale, product: Product, costs: Sequence[SaleCost], outcome: Settlement, _: Say
) -> list[Reckoned]:
    """From price times weight to what is left, for the members or for the cooperative."""
    how = _(
        WORDS[product.base_unit].by_buyers,
        price=f"{format_e4(sale.price_e4)}/{product.price_unit}",
        weight=weight(sale.buyer_weight, product.base_unit),
    )
    first = Reckoned(_("Proceeds"), outcome.gross_rp, (how,))
    if sale.mode is SaleMode.OUTRIGHT:
        return [first, *_of_own_goods(costs, outcome, _)]
    by_worth = [cost for cost in costs if cost.split is CostSplit.VALUE]
    apart = [cost for cost in costs if cost.split is not CostSplit.VALUE]
    lines = [first, *(_less(cost, _) for cost in by_worth), *_fees(sale, product, outcome, _)]
    if apart:
        pot_rp = shared_rp(outcome.net_rp, costs)
        lines.append(Reckoned(_(graded_words(product.base_unit).to_share), pot_rp, is_sum=True))
        lines += [_less(cost, _) for cost in apart]
    return [*lines, Reckoned(_("Net for the members"), outcome.net_rp, is_sum=True)]


def _less(cost: SaleCost, _: Say) -> Reckoned:
    match cost.split:
        case CostSplit.WEIGHT:
            what = _("less {what}, shared by quantity", what=cost.name)
        case CostSplit.SACKS:
            what = _("less {what}, shared by sacks", what=cost.name)
        case _other:
            what = _("less {what}", what=cost.name)
    return Reckoned(what, -cost.amount_rp)


def _fees(sale: Sale, product: Product, outcome: Settlement, _: Say) -> Iterable[Reckoned]:
    fees = outcome.fees
    if sale.fee_bp or not outcome.fee_rp:
        how = f"{format_percent(sale.fee_bp)} × {format_rp(outcome.gross_rp)}"
        yield Reckoned(_("less fee of the cooperative"), -fees.percent_rp, (how,))
    if sale.fee_weight_e4:
        how = _(
            WORDS[product.base_unit].by_ours,
            price=f"{format_e4(sale.fee_weight_e4)}/{product.price_unit}",
            weight=weight(outcome.our_weight, product.base_unit),
        )
        yield Reckoned(_("less fee by quantity"), -fees.weight_rp, (how,))
    if sale.fee_flat_rp:
        yield Reckoned(_("less flat fee"), -fees.flat_rp)


def _of_own_goods(costs: Sequence[SaleCost], outcome: Settlement, _: Say) -> list[Reckoned]:
    earned = outcome.net_rp >= 0
    return [
        *(Reckoned(_("less {what}", what=cost.name), -cost.amount_rp) for cost in costs),
        Reckoned(_("less what the goods had cost"), -outcome.cost_of_goods_rp),
        Reckoned(
            _("Gain of the cooperative") if earned else _("Loss of the cooperative"),
            outcome.net_rp,
            is_sum=True,
        ),
    ]


def of_fee(sale: Sale, product: Product, outcome: Settlement, _: Say) -> list[str]:
    """The kinds of fee that a sale bears, each in words."""
    return [
        f"{line.what} {format_rp(-line.amount_rp)}" for line in _fees(sale, product, outcome, _)
    ]


def of_part(
    quantity: int,
    factor_bp: int,
    *,
    all_e4: int,
    pot_rp: int,
    share_rp: int,
    borne: Sequence[Borne],
    unit: BaseUnit,
    say: Say,
) -> tuple[str, ...]:
    """How one delivery's graded weight and its share were reckoned, and what it bears of costs.

    `all_e4` is all graded weight of the sale, `pot_rp` what is shared by it.
    """
    graded = format_graded(quantity * factor_bp, unit)
    brought = format_rp(share_rp + sum(one.borne_rp for one in borne))
    return (
        f"{weight(quantity, unit)} × {format_percent(factor_bp)} = {graded}",
        f"{graded} ÷ {format_graded(all_e4, unit)} × {format_rp(pot_rp)}"
        + (f" = {brought}" if borne else ""),
        *(_bears(one, unit, say) for one in borne),
    )


def _bears(one: Borne, unit: BaseUnit, _: Say) -> str:
    return _(
        "less {what}: {part} ÷ {whole} × {cost_rp} = {borne_rp}",
        what=one.name,
        part=_counted(one.part, one.split, unit, _),
        whole=_counted(one.whole, one.split, unit, _),
        cost_rp=one.cost_rp,
        borne_rp=one.borne_rp,
    )


def _counted(amount: int | Fraction, split: CostSplit, unit: BaseUnit, _: Say) -> str:
    if split is CostSplit.SACKS:
        return _("{n} sacks", n=format_number(Fraction(amount), decimals=4))
    return weight(int(amount), unit)
