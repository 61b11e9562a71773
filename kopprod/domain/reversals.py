"""Taking back what was closed: what each member gets and owes once a sale is shared anew.

Siti had been paid Rp2.554.127 for a sale. It turns out that one of her sacks was Budi's: the
settlement is taken back, and what she had been paid becomes what she owes. Settled anew, her part
is Rp2.254.127. It is the same money, so her new slip is set off at once, in whole: she gets Rp0 of
it and still owes Rp300.000, which a later payout takes as she agreed.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One member's part of a sale before and after it was shared anew, in whole rupiah.

    `before_rp` was her net value; `had_rp` is what of it she had been paid, or had used for other
    debts of hers; `after_rp` is her new net value, nothing while the sale stays open.
    """

    before_rp: int
    had_rp: int
    after_rp: int

    @property
    def set_off_rp(self) -> int:
        """What of the new slip she has had already."""
        return min(self.after_rp, self.had_rp)

    @property
    def to_pay_rp(self) -> int:
        """What is left of the new slip to be paid to her."""
        return self.after_rp - self.set_off_rp

    @property
    def owes_rp(self) -> int:
        """What she was paid too much, and owes."""
        return self.had_rp - self.set_off_rp


def set_off_rp(net_value_rp: int, *, claim_rp: int, owes_rp: int) -> int:
    """What of a new slip is set off against what the member had been paid of the same sale.

    `claim_rp` is what she had been paid of this sale and has not been set off since, `owes_rp` all
    that she still owes for goods taken back: later payouts may have taken some of it meanwhile.
    """
    return max(0, min(net_value_rp, claim_rp, owes_rp))


def changes(
    before_rp: Mapping[int, int], had_rp: Mapping[int, int], after_rp: Mapping[int, int]
) -> dict[int, Change]:
    """What becomes of each member, by her key; whoever is in none of the three is left out."""
    members = sorted(before_rp.keys() | had_rp.keys() | after_rp.keys())
    return {
        member: Change(before_rp.get(member, 0), had_rp.get(member, 0), after_rp.get(member, 0))
        for member in members
    }
