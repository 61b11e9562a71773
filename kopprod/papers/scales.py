"""What the cooperative and the buyer found, in words that fit: weighed, measured or counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kopprod.domain.money import format_percent
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import N_
from kopprod.domain.sales import shrinkage_bp
from kopprod.papers.press import weight
from kopprod.tables.sales import Sale

Say = Callable[..., str]


@dataclass(frozen=True)
class Words:
    """What is said of goods that are weighed, measured or counted; to be translated."""

    ours: str
    buyers: str
    yours: str
    ask_buyers: str
    by_ours: str
    by_buyers: str
    by_yours: str
    both: str
    agree: str


WORDS: Mapping[BaseUnit, Words] = {
    BaseUnit.GRAM: Words(
        ours=N_("Our weight"),
        buyers=N_("The buyer's weight"),
        yours=N_("Your weight"),
        ask_buyers=N_("The buyer's weight, by the buyer's scale"),
        by_ours=N_("{price} × {weight} by our scale"),
        by_buyers=N_("{price} × {weight} by the buyer's scale"),
        by_yours=N_("{price} × {weight} by your scale"),
        both=N_("Our scale: {ours}. The buyer's scale: {buyers}; {difference}."),
        agree=N_("both scales agree"),
    ),
    BaseUnit.MILLILITRE: Words(
        ours=N_("Our measure"),
        buyers=N_("The buyer's measure"),
        yours=N_("Your measure"),
        ask_buyers=N_("How much the buyer measured"),
        by_ours=N_("{price} × {weight} by our measure"),
        by_buyers=N_("{price} × {weight} by the buyer's measure"),
        by_yours=N_("{price} × {weight} by your measure"),
        both=N_("Our measure: {ours}. The buyer's measure: {buyers}; {difference}."),
        agree=N_("both measures agree"),
    ),
    BaseUnit.PIECE: Words(
        ours=N_("Our count"),
        buyers=N_("The buyer's count"),
        yours=N_("Your count"),
        ask_buyers=N_("How many the buyer counted"),
        by_ours=N_("{price} × {weight} by our count"),
        by_buyers=N_("{price} × {weight} by the buyer's count"),
        by_yours=N_("{price} × {weight} by your count"),
        both=N_("Our count: {ours}. The buyer's count: {buyers}; {difference}."),
        agree=N_("both counts agree"),
    ),
}


def difference(our_weight: int, buyer_weight: int, unit: BaseUnit, say: Say) -> str:
    """Susut or gain in words: how much, and what part of our own weight that is."""
    _ = say
    if our_weight == buyer_weight:
        return _(WORDS[unit].agree)
    apart = weight(abs(our_weight - buyer_weight), unit)
    rate = format_percent(abs(shrinkage_bp(our_weight, buyer_weight)))
    if our_weight > buyer_weight:
        return _("shrinkage {apart} ({rate})", apart=apart, rate=rate)
    return _("gain {apart} ({rate})", apart=apart, rate=rate)


def scales(sale: Sale, unit: BaseUnit, say: Say) -> str:
    """Both weights, how far they are apart, and the reason where one was written down."""
    _, our = say, sale.our_weight or 0
    said = _(
        WORDS[unit].both,
        ours=weight(our, unit),
        buyers=weight(sale.buyer_weight, unit),
        difference=difference(our, sale.buyer_weight, unit, say),
    )
    if not sale.shrinkage_reason:
        return said
    return f"{said} {_('Reason for the difference: {reason}', reason=sale.shrinkage_reason)}"
