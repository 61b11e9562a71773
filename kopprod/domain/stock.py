"""What is in store and gets less: goods dry, spoil or go missing, and the loss has its paper.

Of 50 kg of the cooperative's own dry paddy, bought for Rp342.858, 5 kg are eaten by rats: a loss of
Rp34.286, and 45 kg for Rp308.572 are left. Of members' goods only the weight gets less.
"""

from collections.abc import Mapping
from enum import StrEnum

from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

LONGEST = 300


class Loss(StrEnum):
    """How goods in store got less."""

    DRIED = "dried"
    SPOILED = "spoiled"
    MISSING = "missing"


WORDS: Mapping[Loss, str] = {
    Loss.DRIED: N_("dried, lost weight"),
    Loss.SPOILED: N_("spoiled"),
    Loss.MISSING: N_("gone missing"),
}


class NothingLost(Refusal):
    """A loss of nothing."""

    sentence = N_("Please say how much of delivery {number} was lost.")


class MoreThanInStore(Refusal):
    """Nobody loses what is not there."""

    sentence = N_("Of delivery {number} there is {left} left in store, so {asked} cannot be lost.")


class LossNeedsReason(Refusal):
    """Whoever reads the book later must know why."""

    sentence = N_("Write how the goods were lost.")


class LostBeforeReceived(Refusal):
    """A day on which the goods were not there."""

    sentence = N_("Delivery {number} came on {received_on}. Choose that day or a later one.")


class PartWasLost(Refusal):
    """What was written off in part cannot be taken back whole."""

    sentence = N_("Some of {number} was lost in store ({loss}), so it cannot be taken back.")


def check_loss(asked: Quantity, left: Quantity, *, number: str, reason: str) -> str:
    """The reason, tidied; refuses a loss of nothing, of more than is left, and without a reason."""
    if asked.amount <= 0:
        raise NothingLost(number=number)
    if asked.amount > left.amount:
        raise MoreThanInStore(number=number, left=left, asked=asked)
    why = tidy(reason)[:LONGEST]
    if not why:
        raise LossNeedsReason
    return why
