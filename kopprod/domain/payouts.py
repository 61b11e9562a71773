"""Payouts: what a member's slip is worth, what she lets be taken from it, and what she gets.

*Nilai bersih* is the price of the goods; *uang diterima* is the money handed out. What lies between
are uses of the member's own money and never change the price.

Of a slip of Rp7.634.460 (WE-10) Siti lets be taken, in her order, Rp10.000 of dues and Rp200.000 of
her loan, together at most 30 % of it: she gets Rp7.424.460.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kopprod.domain.refusal import N_, Refusal


class DeductionKind(StrEnum):
    """What is taken from a payout, each to its own account."""

    ADVANCE = "advance"  # money she had at delivery, for these goods
    CLAIM = "claim"  # paid to her for what was reversed afterwards
    INPUTS = "inputs"  # seed and fertiliser on credit
    HIRE = "hire"  # use of shared machines
    LOAN = "loan"
    DUES = "dues"  # simpanan wajib


ACCOUNTS: Mapping[DeductionKind, str] = {
    DeductionKind.ADVANCE: "1121",
    DeductionKind.CLAIM: "1124",
    DeductionKind.INPUTS: "1109",
    DeductionKind.HIRE: "1125",
    DeductionKind.LOAN: "1108",
    DeductionKind.DUES: "32",
}


KIND_NAMES: Mapping[DeductionKind, str] = {
    DeductionKind.ADVANCE: N_("advance at delivery (panjar)"),
    DeductionKind.CLAIM: N_("paid before for goods that were taken back"),
    DeductionKind.INPUTS: N_("seed and fertiliser on credit"),
    DeductionKind.HIRE: N_("use of shared machines"),
    DeductionKind.LOAN: N_("instalment of the loan"),
    DeductionKind.DUES: N_("dues (simpanan wajib)"),
}

# The money of these very goods that she had before: it is no use of the payout that she agrees to.
BY_ITSELF = DeductionKind.ADVANCE
AGREEABLE: Sequence[DeductionKind] = tuple(kind for kind in DeductionKind if kind is not BY_ITSELF)
_WHOLE_BP = 10_000


class KindTwice(Refusal):
    """One kind stands once in her order."""

    sentence = N_("Each kind of deduction stands once in the order. Take one of them out.")


class DuesNeedAmount(Refusal):
    """Nobody owes dues, so there is no debt to say how much."""

    sentence = N_("Say how much of the dues is taken from each payout.")


class MostNotPositive(Refusal):
    """A deduction of nothing or less."""

    sentence = N_("The most of one payout must be more than Rp0. Leave it empty for no limit.")


class MostOutOfRange(Refusal):
    """More than the whole payout, or less than nothing of it."""

    sentence = N_("At most between 0 and 100 percent of a payout can be taken.")


class NotToAgree(Refusal):
    """An advance comes back by itself."""

    sentence = N_(
        "An advance for the same goods is always taken first; nobody needs to agree to it."
    )


@dataclass(frozen=True)
class Agreed:
    """One kind that a member lets be taken, at its place in her order.

    `most_rp` is the most of it in one payout; without it, what is owed. Dues always have it.
    """

    kind: DeductionKind
    position: int
    most_rp: int | None = None


def check_terms(agreed: Sequence[Agreed], *, most_bp: int) -> None:
    """Refuse what no member can mean by her agreement."""
    if not 0 <= most_bp <= _WHOLE_BP:
        raise MostOutOfRange
    kinds = [each.kind for each in agreed]
    if BY_ITSELF in kinds:
        raise NotToAgree
    if len(kinds) != len(set(kinds)):
        raise KindTwice
    for each in agreed:
        if each.most_rp is not None and each.most_rp <= 0:
            raise MostNotPositive
        if each.kind is DeductionKind.DUES and each.most_rp is None:
            raise DuesNeedAmount


def deductions(
    net_value_rp: int,
    *,
    debts_rp: Mapping[DeductionKind, int],
    agreed: Iterable[Agreed],
    most_bp: int,
) -> dict[DeductionKind, int]:
    """How much of each kind is taken from a payout, in the order in which it is taken.

    First comes what she had at delivery for these goods, outside of the cap. Of the rest at most
    `most_bp` of the net value is taken, rounded down, in her order: of each kind no more than is
    owed and than she lets be taken at once. What finds no room waits for another payout.
    """
    taken: dict[DeductionKind, int] = {}
    advance_rp = min(net_value_rp, max(debts_rp.get(BY_ITSELF, 0), 0))
    if advance_rp:
        taken[BY_ITSELF] = advance_rp
    room_rp = min(net_value_rp - advance_rp, net_value_rp * most_bp // _WHOLE_BP)
    for each in sorted(agreed, key=lambda one: one.position):
        amount_rp = min(room_rp, _wanted_rp(each, debts_rp))
        if amount_rp:
            taken[each.kind] = amount_rp
            room_rp -= amount_rp
    return taken


def _wanted_rp(agreed: Agreed, debts_rp: Mapping[DeductionKind, int]) -> int:
    if agreed.kind is DeductionKind.DUES:
        return agreed.most_rp or 0
    owed_rp = max(debts_rp.get(agreed.kind, 0), 0)
    return owed_rp if agreed.most_rp is None else min(owed_rp, agreed.most_rp)


NOTES_RP: Sequence[int] = (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100)


def notes(amounts_rp: Iterable[int]) -> tuple[dict[int, int], int]:
    """How many notes and coins of each kind hand out these amounts, with the fewest for each.

    Also what is left of them below the smallest coin, which nobody can hand out.
    """
    count = dict.fromkeys(NOTES_RP, 0)
    rest_rp = 0
    for amount_rp in amounts_rp:
        left_rp = amount_rp
        for note_rp in NOTES_RP:
            count[note_rp] += left_rp // note_rp
            left_rp %= note_rp
        rest_rp += left_rp
    return {note_rp: n for note_rp, n in count.items() if n}, rest_rp


class BatchKind(StrEnum):
    """How a batch of slips is paid: from the box against a signature, or by transfer."""

    CASH = "cash"
    TRANSFER = "transfer"
