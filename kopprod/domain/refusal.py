"""A rule that says no, with the sentence a person will read."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:  # quantities.py itself refuses, so at run time it must come second
    from kopprod.domain.quantities import Quantity

Fact: TypeAlias = "int | str | date | tuple[date, ...] | Quantity"


def N_(message: str) -> str:
    """Mark a message for the catalogue; it is translated where it is shown."""
    return message


class Refusal(Exception):
    """A rule says no. A subclass is named as a fact and owns its sentence.

    `sentence` is an English message id whose braces are filled from `facts` at the edge. The ending
    of a fact's name says how it is shown: `_rp` money, `_e4` a unit price, `_bp` a percentage,
    `_min` minutes, `_on` a date, `_word` a message that is translated itself; a `Quantity`, a
    moment in a zone and a tuple of days show themselves; anything else is shown as it is.
    """

    sentence: ClassVar[str] = N_("This is not possible.")

    def __init__(self, **facts: Fact) -> None:
        super().__init__(self.sentence, facts)
        self.facts: Mapping[str, Fact] = facts
