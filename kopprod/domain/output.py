"""What a member says she harvested or made: which amounts and days can be true.

250 kg of paddy today or last week is written down. Nothing, less than nothing, 900 ton at once,
tomorrow, or a day longer ago than the cooperative's setting is not.
"""

from datetime import date, timedelta

from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import N_, Refusal

# More than one household brings together in a day: 100 ton, 100.000 litres, 100.000 pieces.
MOST = 100_000_000
MOST_PIECES = 100_000
OLDEST_DAYS = 60


class NothingMade(Refusal):
    """No quantity, or less than none."""

    sentence = N_("The quantity must be more than 0.")


class TooMuchMade(Refusal):
    """More than one member can have made."""

    sentence = N_("{quantity} at once cannot be right. Look at the number and its unit again.")


class NotYetMade(Refusal):
    """A day that has not come."""

    sentence = N_("{made_on} has not come yet. Choose today or an earlier day.")


class MadeTooLongAgo(Refusal):
    """A day that nobody remembers well enough."""

    sentence = N_(
        "{made_on} is more than {days} days ago. Choose a later day, or talk to the field officer."
    )


class MemberHasLeft(Refusal):
    """Somebody who left the cooperative brings it nothing more."""

    sentence = N_("{name} has left the cooperative, so nothing can be written down for her or him.")


class ProductNotMade(Refusal):
    """A product that the cooperative does not take any more."""

    sentence = N_("{product} is not on the cooperative's list any more.")


class AlreadyCorrected(Refusal):
    """A later row stands in place of this one."""

    sentence = N_("{number} was corrected already; {newer} stands in its place.")


def most(unit: BaseUnit) -> int:
    """The largest quantity of one member that is believed without asking, in base units."""
    return MOST_PIECES if unit is BaseUnit.PIECE else MOST


def check_amount(amount: int, unit: BaseUnit) -> None:
    """Refuse what nobody can have made in one go; `amount` is in base units."""
    if amount <= 0:
        raise NothingMade
    if amount > most(unit):
        raise TooMuchMade(quantity=Quantity(amount, unit))


def check_day(made_on: date, *, on: date, oldest_days: int = OLDEST_DAYS) -> None:
    """Refuse a day after `on`, and one more than `oldest_days` before it."""
    if made_on > on:
        raise NotYetMade(made_on=made_on)
    if made_on < on - timedelta(days=oldest_days):
        raise MadeTooLongAgo(made_on=made_on, days=oldest_days)
