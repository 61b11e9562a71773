"""Needs from the field: so much of an article by a day, noted before anybody knows a price.

Ayu notes in March that she needs 4 sacks by the first of June. In May the manager makes a purchase
of what all members need before July; Ayu's 4 sacks are her first want in it.
"""

from datetime import date, timedelta

from kopprod.domain.purchases import MOST_PORTIONS, WantTooLarge
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal

MOST_DAYS = 366


class NeedEmpty(Refusal):
    """A need of nothing."""

    sentence = N_("Write how much you need: more than nothing.")


class NeedOver(Refusal):
    """A need for a day that is over."""

    sentence = N_("{needed_on} is over. Choose the day by which you need it.")


class NeedFarAhead(Refusal):
    """A need for a season nobody plans yet."""

    sentence = N_("{needed_on} is more than a year away. Note it later.")


class UnknownNeed(Refusal):
    """A need that is not there."""

    sentence = N_("This need is not in the list any more.")


class NeedTakenUp(Refusal):
    """A purchase has made a want of it."""

    sentence = N_("A purchase has taken this up already. Change your want there.")


class NothingNeeded(Refusal):
    """A purchase of nobody's needs."""

    sentence = N_("Nobody has noted a need of this for that time. Choose more articles or months.")


def check_need(quantity: int, *, portion: Quantity, needed_on: date, on: date) -> None:
    """Refuse a need that nobody can mean; `portion` is what one of its portions is."""
    if quantity <= 0:
        raise NeedEmpty
    if quantity > MOST_PORTIONS:
        raise WantTooLarge(quantity=Quantity(quantity * portion.amount, portion.unit))
    if needed_on < on:
        raise NeedOver(needed_on=needed_on)
    if needed_on > on + timedelta(days=MOST_DAYS):
        raise NeedFarAhead(needed_on=needed_on)
