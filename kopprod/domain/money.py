"""Money: whole rupiah, shared to the last rupiah, typed and shown the Indonesian way.

Rp100 shared among Ayu, Budi and Citra equally are 34, 33 and 33: all are rounded down, and the
rupiah that is missing goes to the largest fraction, at a tie to whoever comes first.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import floor, lcm

from kopprod.domain import typed
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_, Refusal

MOST_RP = 10**12
E4 = 10_000  # ten-thousandths of a rupiah in one rupiah
BP = 10_000  # hundredths of a percent in the whole

_TIMES = {
    "ribu": 10**3,
    "rb": 10**3,
    "juta": 10**6,
    "jt": 10**6,
    "miliar": 10**9,
    "milyar": 10**9,
    "M": 10**9,
    "triliun": 10**12,
}
_MONEY = re.compile(
    rf"(?P<minus>[{typed.MINUS}])? ?(?:(?:rp|idr)\.? ?)?(?P<minus_too>[{typed.MINUS}])? ?"
    rf"(?P<number>{typed.NUMBER}?)"
    rf"(?:[,.](?:[{typed.MINUS}]{{1,2}}|=))?"  # Rp25.000,-
    r"(?: ?(?P<times>ribu|rb|juta|jt|mil[iy]ar|(?-i:M)|triliun)\b\.?)?"
    r"(?: ?rupiah)?"
    r"(?: ?(?:/|\bper\b) ?(?P<unit>[^\W\d][^0-9+=/]*))?",
    re.IGNORECASE,
)
_SHORT = ((10**3, "rb"), (10**6, "jt"), (10**9, "M"), (10**12, "T"))


class NegativeAmount(Refusal):
    """An amount of money below zero was typed."""

    sentence = N_("{typed} is less than nothing. Type the amount without a minus sign.")


class ZeroAmount(Refusal):
    """Nothing at all was typed where some money is needed."""

    sentence = N_("{typed} is nothing. Type an amount greater than zero.")


class AmountTooLarge(Refusal):
    """More money than any cooperative has."""

    sentence = N_("This is too much money to be true. The most is {most_rp}.")


class AmountHasSen(Refusal):
    """An amount of money with parts of a rupiah."""

    sentence = N_("{typed} is not a whole number of rupiah. Only prices may have decimals.")


class NotAPercentage(Refusal):
    """A percentage is from 0 to 100, with at most two decimals."""

    sentence = N_("{typed} cannot be read as a percentage. Type it like 2,5 %.")


class PriceTooFine(Refusal):
    """A price with more than four decimals."""

    sentence = N_("{typed} has more than four decimals. Round the price.")


class PriceNotAmount(Refusal):
    """A price per unit was typed where an amount of money is asked for."""

    sentence = N_("{typed} is a price per {unit}. Type the whole amount here.")


class PriceForAnotherUnit(Refusal):
    """A price per ton where the product's price is per kilogram."""

    sentence = N_("{typed} is a price per {unit}. The price here is per {wanted}.")


class NothingToShareBy(Refusal):
    """Money is to be shared, but nobody has any part in it."""

    sentence = N_("{total_rp} cannot be shared: nobody has a part in it.")


def split_rp(total_rp: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Share an amount in proportion to the weights, to the rupiah, by largest remainder.

    Every share is rounded down and the missing rupiah go to the largest fractions, at a tie to the
    earlier one. A loss is shared like a gain of its size. Refuses to share something where all
    weights are nought.
    """
    if min(weights, default=0) < 0:
        raise ValueError("a weight is negative")
    if total_rp < 0:
        return [-share for share in split_rp(-total_rp, weights)]
    if not any(weights):
        if total_rp:
            raise NothingToShareBy(total_rp=total_rp)
        return [0 for _ in weights]
    # In whole numbers: a sale of a hundred thousand deliveries shares a hundred times as fast.
    part = lcm(*(weight.denominator for weight in weights))
    parts = [weight.numerator * (part // weight.denominator) for weight in weights]
    all_parts = sum(parts)
    products = [one * total_rp for one in parts]
    shares = [product // all_parts for product in products]
    rests = [product % all_parts for product in products]
    missing = total_rp - sum(shares)
    # Stable also backwards: at a tie the earlier one comes first.
    by_rest = sorted(range(len(rests)), key=rests.__getitem__, reverse=True)
    for i in by_rest[:missing]:
        shares[i] += 1
    return shares


def round_half_up(number: Fraction) -> int:
    """The nearest whole number; a half goes away from zero, so that a reversal undoes its entry."""
    rounded = floor(abs(number) + Fraction(1, 2))
    return rounded if number >= 0 else -rounded


def percent_rp(amount_rp: int, bp: int) -> int:
    """A percentage of an amount, `bp` in hundredths of a percent, rounded half up."""
    return round_half_up(Fraction(amount_rp * bp, BP))


def amount_rp(quantity: int, price_e4: int, per: int) -> int:
    """Base units times a price for `per` base units, rounded once, half up.

    37,5 liter at Rp3.142,2 are Rp117.833. Refuses more than any cooperative has.
    """
    amount = round_half_up(Fraction(quantity * price_e4, per * E4))
    if abs(amount) > MOST_RP:
        raise AmountTooLarge(most_rp=MOST_RP)
    return amount


def parse_rp(text: str, *, positive: bool = False) -> int:
    """Read an amount of money: `Rp25.000.000,-`, `1,6 juta`, `110 rb`, `1.500`.

    Refuses what is empty, no number, below zero, too large, finer than a rupiah, a price per unit
    or readable in two ways; with `positive` also zero.
    """
    number, unit, shown = _read(text)
    if unit:
        raise PriceNotAmount(typed=shown, unit=unit)
    if number.denominator != 1:
        raise AmountHasSen(typed=shown)
    if positive and number == 0:
        raise ZeroAmount(typed=shown)
    return int(number)


def parse_price_e4(text: str, *, unit: str | None = None) -> int:
    """Read a price per unit, in ten-thousandths of a rupiah: `Rp 1.800/kg`, `Rp3.142,2`.

    Refuses what `parse_rp` refuses, zero and more than four decimals; and, where the price's `unit`
    is given, a price typed for another one.
    """
    number, typed_unit, shown = _read(text)
    if unit and typed_unit and typed_unit.casefold() != unit.casefold():
        raise PriceForAnotherUnit(typed=shown, unit=typed_unit, wanted=unit)
    if number == 0:
        raise ZeroAmount(typed=shown)
    price = number * E4
    if price.denominator != 1:
        raise PriceTooFine(typed=shown)
    return int(price)


def parse_percent_bp(text: str) -> int:
    """Read a percentage from 0 to 100, in hundredths of a percent: `2,5 %` is 250."""
    shown = typed.clean(text)
    number = shown.removesuffix("%").rstrip()
    if not re.fullmatch(typed.NUMBER, number):
        raise NotAPercentage(typed=shown)
    rate = typed.read(number, thousandths=True, unit="%") * 100
    if rate.denominator != 1 or rate > BP:
        raise NotAPercentage(typed=shown)
    return int(rate)


def _read(text: str) -> tuple[Fraction, str, str]:
    """Rupiah, the unit after `/` or `per` (or nothing), and the text to quote in a refusal."""
    shown = typed.clean(text)
    match = _MONEY.fullmatch(shown)
    if match is None:
        raise typed.NotANumber(typed=shown)
    times = match["times"] or ""
    factor = _TIMES[times if times == "M" else times.lower()] if times else 1
    number = typed.read(match["number"], thousandths=factor > 1, unit=times) * factor
    if (match["minus"] or match["minus_too"]) and number:
        raise NegativeAmount(typed=shown)
    if number > MOST_RP:
        raise AmountTooLarge(most_rp=MOST_RP)
    return number, (match["unit"] or "").strip(" ."), shown


def format_rp(amount_rp: int) -> str:
    """`Rp1.234.567`; below zero with a minus sign before it."""
    return _with_sign(amount_rp, format_number(abs(amount_rp)))


def format_e4(price_e4: int) -> str:
    """`Rp3.142,2`: a unit price with as many of its four decimals as it needs, but never three.

    `Rp6,755` is also how others write Rp6.755, so it is shown as `Rp6,7550`.
    """
    shown = format_number(Fraction(abs(price_e4), E4), decimals=4)
    three = len(shown.partition(",")[2]) == 3
    return _with_sign(price_e4, f"{shown}0" if three else shown)


def short_rp(amount_rp: int) -> str:
    """For charts and small places: `Rp1,2 jt`, `Rp850 rb`, `Rp2,3 M` (miliar)."""
    tenths, word = abs(amount_rp) * 10, ""
    for scale, larger_word in _SHORT:
        if tenths < 10_000:  # of the word before; 999.960 has 10.000 of rb, so it is Rp1 jt
            break
        tenths, word = round_half_up(Fraction(abs(amount_rp) * 10, scale)), f" {larger_word}"
    return _with_sign(amount_rp, format_number(Fraction(tenths, 10), decimals=1) + word)


def format_percent(bp: int) -> str:
    """`2,5 %` from hundredths of a percent."""
    return f"{format_number(Fraction(bp, 100), decimals=2)} %"


def _with_sign(amount: int, shown: str) -> str:
    return f"\N{MINUS SIGN}Rp{shown}" if amount < 0 else f"Rp{shown}"
