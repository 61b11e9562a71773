"""Beli putus: goods that the cooperative buys outright at its posted price, and what they cost it.

Siti brings 50 kg of dry paddy for Rp342.858. When 20 kg are sold they had cost Rp137.143, and the
10 kg after them Rp68.572: what 30 kg cost (Rp205.715) less what the first 20 did. The last 20 kg
cost what is left, Rp137.143, so that all parts together cost Rp342.858 to the rupiah.
"""

from fractions import Fraction

from kopprod.domain import money


def part_cost_rp(
    amount_rp: int, quantity: int, *, net: int, taken: int = 0, taken_rp: int = 0
) -> int:
    """What the next `quantity` of `net` base units cost that were bought for `amount_rp`.

    `taken` base units went before and had cost `taken_rp`. A part costs what all so far cost,
    rounded half up, less what was said of those before: so the last one takes what is left, however
    the parts were cut, and also when parts that had been taken came back in another order.
    """
    if not 0 <= taken <= taken + quantity <= net:
        raise ValueError("more is taken than was bought")
    so_far_rp = money.round_half_up(Fraction(amount_rp * (taken + quantity), net))
    return max(0, so_far_rp - taken_rp)
