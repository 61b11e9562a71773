"""What of a member's debt for inputs is due at a settlement, and which bill a deduction pays.

Siti's bill of Rp1.000.000 waits in three parts: 333.334 are due at the first settlement after it,
together with the next 333.333 at the second. Her old debt of Rp50.000 without parts is due at once,
and is paid first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kopprod.domain.purchase_payments import due_rp


@dataclass(frozen=True)
class BillDebt:
    """One bill after its deposit: what is payable at once, the parts that wait, and cash paid.

    `settlements` is how many there were since, the one that is asked about included.
    """

    bill_id: int
    at_once_rp: int
    parts_rp: tuple[int, ...]
    paid_rp: int
    settlements: int

    @property
    def left_rp(self) -> int:
        """What cash has not paid."""
        return self.at_once_rp + sum(self.parts_rp) - self.paid_rp

    @property
    def due_rp(self) -> int:
        """What of it is due by now, before anything that settlements took."""
        return max(0, self.at_once_rp - self.paid_rp) + due_rp(
            self.parts_rp,
            settlements=self.settlements,
            repaid_rp=max(0, self.paid_rp - self.at_once_rp),
        )


def all_due_rp(debts: Sequence[BillDebt], *, other_rp: int, taken_rp: int) -> int:
    """What a settlement may take: of the bills what is due, of all other debts everything.

    `other_rp` is what stands on her account without a bill, `taken_rp` what settlements took so
    far, of whichever debt.
    """
    return max(0, other_rp + sum(debt.due_rp for debt in debts) - taken_rp)


def taken_by_bill(debts: Sequence[BillDebt], *, other_rp: int, taken_rp: int) -> Mapping[int, int]:
    """How much of each bill settlements have paid: other debts first, then what was due first."""
    rest_rp = max(0, taken_rp - other_rp)
    found = {debt.bill_id: 0 for debt in debts}
    for most_rp in ([debt.due_rp for debt in debts], [debt.left_rp for debt in debts]):
        for debt, upto_rp in zip(debts, most_rp, strict=True):
            more_rp = min(rest_rp, max(0, upto_rp - found[debt.bill_id]))
            found[debt.bill_id] += more_rp
            rest_rp -= more_rp
    return found
