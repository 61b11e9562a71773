"""Payouts: what a member's slip is worth, what she lets be taken from it, and what she gets.

*Nilai bersih* is the price of the goods; *uang diterima* is the money handed out. What lies between
are uses of the member's own money and never change the price.
"""

from collections.abc import Mapping
from enum import StrEnum


class DeductionKind(StrEnum):
    """What is taken from a payout, each to its own account."""

    ADVANCE = "advance"  # money she had at delivery, for these goods
    CLAIM = "claim"  # paid to her for what was reversed afterwards
    INPUTS = "inputs"  # seed and fertiliser on credit
    LOAN = "loan"
    DUES = "dues"  # simpanan wajib


ACCOUNTS: Mapping[DeductionKind, str] = {
    DeductionKind.ADVANCE: "1121",
    DeductionKind.CLAIM: "1124",
    DeductionKind.INPUTS: "1109",
    DeductionKind.LOAN: "1108",
    DeductionKind.DUES: "32",
}


class BatchKind(StrEnum):
    """How a batch of slips is paid: from the box against a signature, or by transfer."""

    CASH = "cash"
    TRANSFER = "transfer"
