"""Beli putus: goods that the cooperative buys outright at its posted price, and what they cost it.

Siti brings 50 kg of dry paddy for Rp342.858. When 20 kg are sold they had cost Rp137.143, and the
10 kg after them Rp68.572: what 30 kg cost (Rp205.715) less what the first 20 did. The last 20 kg
cost what is left, Rp137.143, so that all parts together cost Rp342.858 to the rupiah.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from kopprod.domain import money
from kopprod.domain.pricing import Priced, Step
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal


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


class NothingPaid(Refusal):
    """So wet or so little that the rule pays no weight at all."""

    sentence = N_("By the price rule nothing of {net} is paid. Reject the load instead.")


@dataclass(frozen=True)
class Bought:
    """What a delivery comes to: the weight that is paid in base units, and the amount for it."""

    paid: int
    amount_rp: int


def reckon(priced: Priced, net: Quantity, *, per: int) -> Bought:
    """Paid weight times price for `per` base units, each rounded once, half up.

    Refuses where nothing of the net weight is paid.
    """
    paid = priced.paid_weight(net.amount)
    if paid <= 0:
        raise NothingPaid(net=net)
    return Bought(paid, money.amount_rp(paid, priced.price_e4, per))


def steps_to_json(steps: Iterable[Step]) -> str:
    """The arithmetic behind a price, as it is kept for the slip."""
    kept = [
        {
            "message": step.message,
            "facts": dict(step.facts),
            "amount_e4": None if step.amount_e4 is None else str(step.amount_e4),
        }
        for step in steps
    ]
    return json.dumps(kept, ensure_ascii=False)


def steps_from_json(text: str) -> tuple[Step, ...]:
    """The arithmetic as it was kept."""
    return tuple(
        Step(
            each["message"],
            each["facts"],
            None if each["amount_e4"] is None else Fraction(each["amount_e4"]),
        )
        for each in json.loads(text)
    )


def adds_up(
    steps: Iterable[Step], price_e4: int, *, amount_rp: int, paid_e4: int, per: int
) -> bool:
    """Whether the steps that were kept come to the price, and price times weight to the amount.

    The weight that is paid is in ten-thousandths of a base unit.
    """
    total_e4 = sum((step.amount_e4 for step in steps if step.amount_e4), Fraction(0))
    amount = Fraction(paid_e4 * price_e4, money.BP * per * money.E4)
    return total_e4 == price_e4 and money.round_half_up(amount) == amount_rp
