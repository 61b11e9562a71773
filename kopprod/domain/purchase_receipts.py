"""What came of an order, against what was ordered: short, damaged, more, at another price.

10 sacks were ordered at Rp284.000. The supplier brings 9, one of them torn, and his invoice says 10
at Rp290.000, Rp2.900.000. Eight good sacks at the agreed price are Rp2.272.000, so the claim is
Rp628.000. Nobody pays a higher tier because the supplier brought less than he promised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kopprod.domain.money import MOST_RP, round_half_up
from kopprod.domain.refusal import N_, Refusal


class Fault(StrEnum):
    """How a delivery differs from the order."""

    SHORT = "short"
    DAMAGED = "damaged"
    MORE = "more"
    PRICE = "price"


FAULT_WORDS: Mapping[Fault, str] = {
    Fault.SHORT: N_("less came than was ordered"),
    Fault.DAMAGED: N_("some of it is damaged"),
    Fault.MORE: N_("more came than was ordered"),
    Fault.PRICE: N_("the invoice has another price"),
}


class CameBelowZero(Refusal):
    """Less than nothing came."""

    sentence = N_("What came, good or damaged, cannot be less than nothing.")


class InvoiceAbsurd(Refusal):
    """An invoice below nothing, or beyond reason."""

    sentence = N_("An invoice of {invoiced_rp} cannot be right. Please look at it again.")


@dataclass(frozen=True)
class Receipt:
    """One article of one supplier: ordered packs at the agreed price, and the portions that came.

    `invoiced_rp` is what the supplier asks for it.
    """

    ordered_packs: int
    pack: int
    pack_rp: int
    good: int
    damaged: int
    invoiced_rp: int

    @property
    def owed_rp(self) -> int:
        """The good portions at the agreed price, half up; what more came costs the same."""
        return round_half_up(Fraction(self.good * self.pack_rp, self.pack))

    @property
    def claim_rp(self) -> int:
        """What the invoice asks too much."""
        return max(0, self.invoiced_rp - self.owed_rp)

    @property
    def short(self) -> int:
        """Portions that were ordered and did not come, damaged ones not counted among them."""
        return max(0, self.ordered_packs * self.pack - self.good - self.damaged)

    @property
    def over(self) -> int:
        """Portions that came beyond the order."""
        return max(0, self.good + self.damaged - self.ordered_packs * self.pack)

    def goods_rp(self, *, claimed_rp: int) -> int:
        """What the goods cost in the end, for the bills: the invoice less what is given back."""
        return self.invoiced_rp - claimed_rp


def check_receipt(receipt: Receipt) -> None:
    """Refuse what cannot have come, or cannot be asked for it."""
    if receipt.good < 0 or receipt.damaged < 0:
        raise CameBelowZero
    if not 0 <= receipt.invoiced_rp <= MOST_RP:
        raise InvoiceAbsurd(invoiced_rp=receipt.invoiced_rp)


def faults(receipt: Receipt) -> list[Fault]:
    """All that is to be told the supplier; nothing where all came as ordered.

    The price is another if the invoice fits neither what was ordered nor what came.
    """
    came = receipt.good + receipt.damaged
    fitting = {
        round_half_up(Fraction(portions * receipt.pack_rp, receipt.pack))
        for portions in (receipt.ordered_packs * receipt.pack, came, receipt.good)
    }
    found = {
        Fault.SHORT: receipt.short > 0,
        Fault.DAMAGED: receipt.damaged > 0,
        Fault.MORE: receipt.over > 0,
        Fault.PRICE: receipt.invoiced_rp not in fitting,
    }
    return [fault for fault, there in found.items() if there]
