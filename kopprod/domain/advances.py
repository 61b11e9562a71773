"""Advances at delivery (panjar): how much the cooperative risks on goods that are not sold yet.

Of Siti's 120,5 kg, worth Rp2.078.625 at the price of that day, half may be paid at once. She took
Rp600.000 in the morning, so Rp439.312 are left.
"""

from dataclasses import dataclass

from kopprod.domain.money import BP
from kopprod.domain.refusal import N_, Refusal


class UnknownAdvance(Refusal):
    """No advance of that key."""

    sentence = N_("This advance is not here. Go back to the payouts.")


class NoSuchDelivery(Refusal):
    """No delivery of that key, or one that was taken back."""

    sentence = N_("This delivery is not here, or was taken back.")


class BoughtOutright(Refusal):
    """Goods that the cooperative owns have a slip of their own."""

    sentence = N_(
        "Delivery {number} was bought outright, so it is paid by its slip and has no advance."
    )


class HasAdvance(Refusal):
    """Goods with an advance on them are the member's until they are sold for her."""

    sentence = N_("Delivery {number} has an advance of {amount_rp}, so it is not bought outright.")


class SettledAlready(Refusal):
    """What is settled is paid by its slip."""

    sentence = N_("Delivery {number} is settled in sale {sale}; its slip is paid instead.")


class NothingAdvanced(Refusal):
    """An advance of nothing."""

    sentence = N_("Please type the amount of the advance.")


class NoPriceKnown(Refusal):
    """Nobody can say what the goods will bring."""

    sentence = N_(
        "No price of {product} is known: no price rule counts for that day and nothing was sold "
        "yet. An advance needs one of them."
    )


class TooMuchAdvanced(Refusal):
    """More than the cooperative risks on goods that are not sold."""

    sentence = N_(
        "At most {most_rp} can be paid in advance for delivery {number}: {most_bp} of "
        "{worth_rp}, less {had_rp} that she had already."
    )


class BeforeDelivery(Refusal):
    """An advance from before the goods came."""

    sentence = N_("Delivery {number} came on {received_on}. Choose that day or a later one.")


class AdvanceReversed(Refusal):
    """One reversal is enough."""

    sentence = N_("Advance {number} was taken back already, on {reversed_on}.")


class AdvanceUsed(Refusal):
    """A payout has taken it meanwhile, so the money is back."""

    sentence = N_(
        "Of advance {number} a payout has taken something already, so it cannot be taken back."
    )


class BeforeAdvance(Refusal):
    """Taken back before it was paid."""

    sentence = N_("Advance {number} was paid on {paid_on}. Choose that day or a later one.")


class ReasonNeeded(Refusal):
    """A reversal that nobody will understand next year."""

    sentence = N_("Please write why the advance is taken back.")


@dataclass(frozen=True)
class Worth:
    """What a delivery is worth as far as anybody knows, and how much of it may be had before.

    `by_rule` is true where the price rule of its day says so, not the last sale.
    """

    worth_rp: int
    by_rule: bool
    most_bp: int
    had_rp: int

    @property
    def most_rp(self) -> int:
        """What may still be paid in advance."""
        return max(0, self.worth_rp * self.most_bp // BP - self.had_rp)
