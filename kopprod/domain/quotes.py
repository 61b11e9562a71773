"""A middleman's offer step by step, and what a loan from him really costs.

Lampung Selatan, 2018: Rp4.000.000 "without interest", repaid in 20 weeks by Rp200.000, on condition
that 150 kg are sold to him each week at Rp11.000 while others get Rp15.000. The gap of Rp4.000
costs Rp600.000 a week, so Rp800.000 are paid each week for the loan: 19,43 % a week. Told as a
nominal yearly rate, the rate of a week times 365/7: 1.013,14 % a year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kopprod.domain import comparison, money
from kopprod.domain.comparison import YEAR_DAYS, QuoteTerms


@dataclass(frozen=True)
class Loan:
    """What he lends: `amount_rp` repaid in `parts` of `part_rp`, one each `part_days`.

    `load` base units must be sold to him in each part's time; nothing where that was not said.
    """

    amount_rp: int
    parts: int
    part_rp: int
    part_days: int
    load: int | None = None


@dataclass(frozen=True)
class Hidden:
    """What a loan costs in each part's time: the lower price, and that with the repayment.

    `rate_bp` is for one part's time; `year_bp` is nominal: that rate times the parts in a year of
    365 days, without interest on interest.
    """

    gap_rp: int
    paid_rp: int
    rate_bp: int
    year_bp: int


def hidden(terms: QuoteTerms, loan: Loan) -> Hidden:
    """What the loan costs who takes it, with the lower price that she gets for what she sells.

    He pays the lower price for the weight that he records, so that is what the gap is lost on.
    """
    gap_rp = 0
    if terms.market_e4 is not None and loan.load is not None:
        recorded = money.round_half_up(loan.load * comparison.recorded_share(terms))
        gap_rp = comparison.tied_cost_rp(
            recorded, market_e4=terms.market_e4, tied_e4=terms.price_e4, per=terms.per
        )
    paid_rp = loan.part_rp + gap_rp
    rate_bp = comparison.tied_rate_bp(loan.amount_rp, paid_rp=paid_rp, periods=loan.parts)
    year_bp = money.round_half_up(Fraction(rate_bp * YEAR_DAYS, loan.part_days))
    return Hidden(gap_rp, paid_rp, rate_bp, year_bp)


def gap_bp(terms: QuoteTerms) -> int:
    """How much less than others who owes him gets, in hundredths of a percent: 9.000 for 10.000."""
    if terms.market_e4 is None:
        return 0
    return money.round_half_up(
        Fraction((terms.market_e4 - terms.price_e4) * money.BP, terms.market_e4)
    )


class Step(StrEnum):
    """What lies between the price that he names and what arrives."""

    GAP = "gap"
    WEIGHT = "weight"
    COMMISSION = "commission"
    CHARGE = "charge"
    WAITING = "waiting"


@dataclass(frozen=True)
class Taken:
    """One step: what it takes off, and what is left then, in rupiah for one price unit."""

    step: Step
    off: Fraction
    left: Fraction


def steps(terms: QuoteTerms, *, rate_bp: int) -> Iterator[Taken]:
    """What an offer loses on the way, from what he pays to others to what arrives.

    Steps that take nothing are left out. The last leaves `comparison.effective_offer`.
    """
    said = Fraction(terms.price_e4, money.E4)
    recorded = said * comparison.recorded_share(terms)
    kept = recorded * (1 - Fraction(terms.commission_bp, money.BP))
    charged = kept - Fraction(terms.charge_e4, money.E4)
    stages = (
        (Step.GAP, said),
        (Step.WEIGHT, recorded),
        (Step.COMMISSION, kept),
        (Step.CHARGE, charged),
        (Step.WAITING, comparison.effective_offer(terms, rate_bp=rate_bp)),
    )
    before = Fraction(first_e4(terms), money.E4)
    for step, left in stages:
        if left != before:
            yield Taken(step, before - left, left)
        before = left


def first_e4(terms: QuoteTerms) -> int:
    """The price that the steps begin at: to those who owe nothing, where it was said."""
    return terms.price_e4 if terms.market_e4 is None else terms.market_e4
