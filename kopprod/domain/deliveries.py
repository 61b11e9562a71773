"""Weighing at the cooperative's scale: net is gross less tare (kotor - tara = bersih).

Ten sacks weigh 1.210 kg, an empty sack 0,2 kg: gross 1.210.000 g, tare 2.000 g, net 1.208.000 g.
"""

from datetime import date

from kopprod.domain.output import most
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import N_, Refusal

# Even when somebody insists: a thousand times what one member brings.
_NEVER = 1_000


class NothingWeighed(Refusal):
    """No gross weight, or less than none."""

    sentence = N_("The gross weight must be more than 0.")


class TareBelowZero(Refusal):
    """A negative tare would add weight that nobody brought."""

    sentence = N_("The tare cannot be less than 0.")


class TareTooLarge(Refusal):
    """Nothing would be left of the delivery."""

    sentence = N_("The tare ({tare}) must be less than the gross weight ({gross}).")


class LargeDelivery(Refusal):
    """More than one member brings in a day, and nobody said that it is right."""

    sentence = N_(
        "{gross} is very much for one delivery. Look at the number and its unit again; "
        "if it is right, say so and save again."
    )


class AbsurdDelivery(Refusal):
    """More than any scale in a village can weigh."""

    sentence = N_("{gross} cannot be one delivery. Look at the number and its unit again.")


class NotYetReceived(Refusal):
    """A delivery in the future."""

    sentence = N_("{received_on} has not come yet. Choose today or an earlier day.")


class DelivererHasLeft(Refusal):
    """Somebody who left the cooperative brings it nothing more."""

    sentence = N_("{name} has left the cooperative, so nothing can be received from her or him.")


def may_deliver(received_on: date, left_on: date | None, *, corrects: bool = False) -> bool:
    """Whether goods of that day may still be written down for a member who left on `left_on`.

    What came before that day may, as from an old book; of what came on the day itself only what was
    written down wrongly is corrected.
    """
    return left_on is None or received_on < left_on or (corrects and received_on == left_on)


class GradeOfOtherProduct(Refusal):
    """A grade that the product does not have, or not any more."""

    sentence = N_("This grade does not belong to {product}. Choose one of its grades.")


class LogOfOther(Refusal):
    """A log of another member or another product cannot be fulfilled by these goods."""

    sentence = N_("{number} is not a log of {name} about {product}. Choose another one, or none.")


class AlreadyReversed(Refusal):
    """It was taken back before."""

    sentence = N_("{number} was taken back already, by {reversal}.")


class ReversalStays(Refusal):
    """What takes a delivery back is not taken back itself."""

    sentence = N_("{number} takes another delivery back. Receive the goods anew instead.")


class ReversalNeedsReason(Refusal):
    """Whoever reads the book later must know why."""

    sentence = N_("Write why the delivery is taken back.")


class DeliveryIsAllotted(Refusal):
    """Some of it is in a sale, so it cannot be taken back."""

    sentence = N_("{number} is in the sale {sale}. Take it out of that sale first.")


class DeliveryIsSold(Refusal):
    """Some of it was sold and settled, so more than the delivery is taken back."""

    sentence = N_(
        "{number} was sold with {sale}, which is settled. The manager takes it back together with "
        "that settlement."
    )


def is_large(gross: int, unit: BaseUnit) -> bool:
    """Whether somebody has to say that this gross weight, in base units, is right."""
    return gross > most(unit)


def net(gross: int, tare: int, unit: BaseUnit, *, sure: bool = False) -> int:
    """The net weight in base units; a very large one is refused unless somebody is `sure`."""
    if gross <= 0:
        raise NothingWeighed
    if tare < 0:
        raise TareBelowZero
    if tare >= gross:
        raise TareTooLarge(tare=Quantity(tare, unit), gross=Quantity(gross, unit))
    if gross > most(unit) * _NEVER:
        raise AbsurdDelivery(gross=Quantity(gross, unit))
    if is_large(gross, unit) and not sure:
        raise LargeDelivery(gross=Quantity(gross, unit))
    return gross - tare


def check_day(received_on: date, *, on: date) -> None:
    """Refuse a day after `on`."""
    if received_on > on:
        raise NotYetReceived(received_on=received_on)
