"""A member answers for her own delivery: right, or not; after some days it counts as accepted.

Ayu's paddy came on 2 March as grade B. With three days to answer she may say until 5 March that
it is not right; the officer then keeps the grade with a reason, or takes the delivery back and
receives it anew. What is settled by then stays.
"""

from datetime import date, timedelta
from enum import StrEnum

from kopprod.domain.refusal import N_, Refusal


class Resolution(StrEnum):
    """What became of a dispute."""

    KEPT = "kept"
    CORRECTED = "corrected"


class AnsweredAlready(Refusal):
    """She said it before, perhaps in another window."""

    sentence = N_("You have answered for {number} already.")


class TooLateToAnswer(Refusal):
    """The days are over."""

    sentence = N_(
        "The time to answer for {number} ended on {last_on}, so it counts as accepted. "
        "Talk to the officer."
    )


class SettledAlready(Refusal):
    """What is sold and shared out is not disputed any more."""

    sentence = N_(
        "{number} was settled with {sale}, so its grade can no longer be disputed. "
        "Talk to the manager."
    )


class DisputeNeedsWords(Refusal):
    """The officer must know what is wrong."""

    sentence = N_("Write what is not right, so that the officer can look again.")


class NotDisputed(Refusal):
    """Nothing waits for an answer by the officer."""

    sentence = N_("Nobody disputes {number} now. Perhaps it was resolved a moment ago.")


class ResolutionNeedsReason(Refusal):
    """She will read why."""

    sentence = N_("Write why, so that the member understands it.")


class SameGrade(Refusal):
    """A correction that corrects nothing."""

    sentence = N_("{number} has this grade already. Choose another one, or keep it with a reason.")


def last_day(received_on: date, *, days: int) -> date:
    """The last day on which a delivery may be disputed."""
    return received_on + timedelta(days=days)


def check_time(number: str, received_on: date, *, days: int, on: date) -> None:
    """Refuse an answer after the last day."""
    last = last_day(received_on, days=days)
    if on > last:
        raise TooLateToAnswer(number=number, last_on=last)
