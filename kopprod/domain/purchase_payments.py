"""How a member pays her bill: from her deposit, in cash, or *yarnen*, when the harvest is sold.

Siti's bill is Rp2.059.907. Her deposit of Rp500.000 goes first; Rp1.000.000 she pays yarnen in
three parts of 333.334, 333.333 and 333.333, one of each settlement that follows; Rp559.907 she pays
in cash. She may owe Rp3.000.000 at the most, and owed Rp400.000 already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from kopprod.domain.money import split_rp
from kopprod.domain.refusal import N_, Refusal

MOST_PARTS = 12
MOST_LIMIT_RP = 100_000_000


class PayingWay(StrEnum):
    """From where the money of a bill comes."""

    CASH = "cash"
    DEPOSIT = "deposit"
    YARNEN = "yarnen"


class PartsOutOfRange(Refusal):
    """No part, or more parts than there are harvests to come."""

    sentence = N_("What is paid from settlements has from 1 to {most} parts.")


class CreditMoreThanBill(Refusal):
    """A credit for more than is to be paid."""

    sentence = N_("{asked_rp} cannot be paid from settlements: only {left_rp} is left to pay.")


class CreditBelowZero(Refusal):
    """A credit or a deposit of less than nothing."""

    sentence = N_("An amount to pay later, or a deposit, cannot be less than nothing.")


class OverCreditLimit(Refusal):
    """She would owe more than the cooperative lets her."""

    sentence = N_(
        "{name} may owe {limit_rp} for inputs at the most and owes {owed_rp} already, "
        "so {asked_rp} more cannot wait for a settlement. The rest is paid at once."
    )


class LimitAbsurd(Refusal):
    """A limit below nothing, or of more than any harvest brings."""

    sentence = N_("A limit of {limit_rp} cannot be right. It is from 0 to {most_rp}.")


@dataclass(frozen=True)
class Payment:
    """How a bill is paid; `refund_rp` of the deposit goes back, `parts_rp` wait for settlements."""

    deposit_rp: int
    cash_rp: int
    parts_rp: tuple[int, ...]
    refund_rp: int

    @property
    def yarnen_rp(self) -> int:
        """All that waits."""
        return sum(self.parts_rp)


def payment(
    bill_rp: int,
    *,
    deposit_rp: int,
    yarnen_rp: int,
    parts: int,
    owed_rp: int,
    limit_rp: int,
    name: str,
) -> Payment:
    """Pay a bill: the deposit first, `yarnen_rp` from settlements in `parts`, the rest in cash.

    Refuses more credit than is left to pay or than her limit leaves after what she owes already.
    """
    if deposit_rp < 0 or yarnen_rp < 0:
        raise CreditBelowZero
    used_rp = min(deposit_rp, bill_rp)
    left_rp = bill_rp - used_rp
    if yarnen_rp > left_rp:
        raise CreditMoreThanBill(asked_rp=yarnen_rp, left_rp=left_rp)
    check_limit(asked_rp=yarnen_rp, owed_rp=owed_rp, limit_rp=limit_rp, name=name)
    return Payment(
        deposit_rp=used_rp,
        cash_rp=left_rp - yarnen_rp,
        parts_rp=parts_rp(yarnen_rp, parts) if yarnen_rp else (),
        refund_rp=deposit_rp - used_rp,
    )


def check_limit(*, asked_rp: int, owed_rp: int, limit_rp: int, name: str) -> None:
    """Refuse credit above her limit: when a bill is paid, and when a want would need it."""
    if asked_rp and owed_rp + asked_rp > limit_rp:
        raise OverCreditLimit(name=name, limit_rp=limit_rp, owed_rp=owed_rp, asked_rp=asked_rp)


def check_own_limit(limit_rp: int) -> None:
    """Refuse a member's own limit that cannot be meant; nought lets nothing wait."""
    if not 0 <= limit_rp <= MOST_LIMIT_RP:
        raise LimitAbsurd(limit_rp=limit_rp, most_rp=MOST_LIMIT_RP)


def parts_rp(amount_rp: int, parts: int) -> tuple[int, ...]:
    """As many parts as alike as can be, the larger ones first; never a part of nothing."""
    if not 1 <= parts <= MOST_PARTS:
        raise PartsOutOfRange(most=MOST_PARTS)
    return tuple(each for each in split_rp(amount_rp, [1] * parts) if each)


def due_rp(parts: Sequence[int], *, settlements: int, repaid_rp: int) -> int:
    """What is due after so many settlements since the goods were handed out, this one included.

    Each settlement makes one more part due; a part that a settlement was too small for stays due,
    and what was repaid before its time counts for the next part.
    """
    due = [0, *accumulate(parts)]
    return max(0, due[min(settlements, len(parts))] - repaid_rp)
