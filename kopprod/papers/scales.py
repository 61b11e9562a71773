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
    ask: str
    differ: str
    differ_all: str
    times: str
    times_only: str
    times_less: str
    times_each: str
    apart: str
    each_sack: str
    how_to_write: str


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
        ask=N_(
            "Please weigh the goods in front of the driver and write your weight beside ours. "
            "What differs is written down here by both."
        ),
        differ=N_(
            "The weights differ by more than {limit_bp}: {difference}. Write down the reason."
        ),
        differ_all=N_(
            "The weights differ by more than {limit_bp}: {difference}. Write down the reason; "
            "every member can read it on the slip."
        ),
        times=N_("**{count}** weights: **{total}**, from {least} to {most}"),
        times_only=N_("{count} weights"),
        times_less=N_("{count} weights, {gross} less {tare} tare"),
        times_each=N_("{n} times on the scale: {each}"),
        apart=N_(
            "You wrote {stated}, but the weights add up to {total}: {difference} apart. "
            "The weights are trusted."
        ),
        each_sack=N_("Weight of each sack"),
        how_to_write=N_("Write each weight with a comma, like 50,5."),
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
        ask=N_(
            "Please measure the goods in front of the driver and write your measure beside ours. "
            "What differs is written down here by both."
        ),
        differ=N_(
            "The measures differ by more than {limit_bp}: {difference}. Write down the reason."
        ),
        differ_all=N_(
            "The measures differ by more than {limit_bp}: {difference}. Write down the reason; "
            "every member can read it on the slip."
        ),
        times=N_("**{count}** measures: **{total}**, from {least} to {most}"),
        times_only=N_("{count} measures"),
        times_less=N_("{count} measures, {gross} less {tare} tare"),
        times_each=N_("Measured {n} times: {each}"),
        apart=N_(
            "You wrote {stated}, but what was measured adds up to {total}: {difference} apart. "
            "What was measured is trusted."
        ),
        each_sack=N_("What is in each can"),
        how_to_write=N_("Write each measure with a comma, like 20,5."),
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
        ask=N_(
            "Please count the goods in front of the driver and write your count beside ours. "
            "What differs is written down here by both."
        ),
        differ=N_(
            "The counts differ by more than {limit_bp}: {difference}. Write down the reason."
        ),
        differ_all=N_(
            "The counts differ by more than {limit_bp}: {difference}. Write down the reason; "
            "every member can read it on the slip."
        ),
        times=N_("**{count}** counts: **{total}**, from {least} to {most}"),
        times_only=N_("{count} counts"),
        times_less=N_("{count} counts, {gross} less {tare} tare"),
        times_each=N_("Counted {n} times: {each}"),
        apart=N_(
            "You wrote {stated}, but what was counted adds up to {total}: {difference} apart. "
            "What was counted is trusted."
        ),
        each_sack=N_("How many are in each"),
        how_to_write=N_("Write how many are in each, like 20 25 12."),
    ),
}


@dataclass(frozen=True)
class Shared:
    """What is said of what the net is shared by; to be translated."""

    graded: str
    to_share: str
    own: str
    named: str
    on_slip: str
    on_proof: str


_BY_WEIGHT = Shared(
    graded=N_("Graded weight"),
    to_share=N_("To be shared by graded weight"),
    own=N_(
        "The net is shared by graded weight: weight × what the grade counts for. "
        "All graded weight in this sale: **{all}**. Yours: **{yours}**."
    ),
    named=N_(
        "The net is shared by graded weight: weight × what the grade counts for. "
        "All graded weight in this sale: **{all}**. Of {name}: **{yours}**."
    ),
    on_slip=N_(
        "The net is shared by graded weight: weight × what the grade counts for. "
        "All graded weight in this sale: {all}. Of this member: {hers}."
    ),
    on_proof=N_(
        "Share = graded weight ÷ all graded weight × net. Graded weight = weight × what the "
        "grade counts for. All graded weight: {all}. What rounding leaves goes to the largest "
        "fractions."
    ),
)
_BY_QUANTITY = Shared(
    graded=N_("Graded quantity"),
    to_share=N_("To be shared by graded quantity"),
    own=N_(
        "The net is shared by graded quantity: quantity × what the grade counts for. "
        "All graded quantity in this sale: **{all}**. Yours: **{yours}**."
    ),
    named=N_(
        "The net is shared by graded quantity: quantity × what the grade counts for. "
        "All graded quantity in this sale: **{all}**. Of {name}: **{yours}**."
    ),
    on_slip=N_(
        "The net is shared by graded quantity: quantity × what the grade counts for. "
        "All graded quantity in this sale: {all}. Of this member: {hers}."
    ),
    on_proof=N_(
        "Share = graded quantity ÷ all graded quantity × net. Graded quantity = quantity × what "
        "the grade counts for. All graded quantity: {all}. What rounding leaves goes to the "
        "largest fractions."
    ),
)


def graded_words(unit: BaseUnit) -> Shared:
    """Only what is weighed is spoken of by its weight."""
    return _BY_WEIGHT if unit is BaseUnit.GRAM else _BY_QUANTITY


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
