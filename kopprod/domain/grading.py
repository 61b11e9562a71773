"""Proposing a grade from what was measured: the best grade whose limits all hold.

Grade A takes paddy of at most 14 % moisture, grade B of at most 18 %, grade C any: at 16 % it is B.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kopprod.domain import measures
from kopprod.domain.measures import Measure
from kopprod.domain.refusal import N_, Refusal


class LimitMissing(Refusal):
    """A limit without an end."""

    sentence = N_("Say how much it is at least or at most.")


class LimitsCrossed(Refusal):
    """Nothing is both."""

    sentence = N_("{measure_word} cannot be at least {least} and at most {most}.")


class MeasureNotAsked(Refusal):
    """The product does not ask for it."""

    sentence = N_("{measure_word} is not asked for this product.")


class MeasureNeeded(Refusal):
    """The product cannot be received without it."""

    sentence = N_("{measure_word} must be measured before the goods are received.")


@dataclass(frozen=True)
class Limit:
    """What goods of one grade have at least or at most, both ends included."""

    measure: Measure
    least: int | None = None
    most: int | None = None

    def holds(self, value: int) -> bool:
        """Whether a value is within it."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


def check_limit(limit: Limit) -> Limit:
    """The limit, or a refusal of one that cannot be."""
    if limit.least is None and limit.most is None:
        raise LimitMissing
    for end in (limit.least, limit.most):
        if end is not None:
            measures.check(limit.measure, end)
    if limit.least is not None and limit.most is not None and limit.least > limit.most:
        raise LimitsCrossed(
            measure_word=measures.WORDS[limit.measure],
            least=measures.shown(limit.measure, limit.least),
            most=measures.shown(limit.measure, limit.most),
        )
    return limit


def propose(
    grades: Sequence[tuple[int, Sequence[Limit]]], values: Mapping[Measure, int]
) -> int | None:
    """The key of the best grade whose limits all hold; `grades` stand best first.

    None where no grade has limits, where none fits, or where a better grade depends on what was not
    measured yet: that is never guessed.
    """
    if not any(limits for _, limits in grades):
        return None
    for grade_id, limits in grades:
        known = [limit.holds(values[limit.measure]) for limit in limits if limit.measure in values]
        if not all(known):
            continue
        return grade_id if len(known) == len(limits) else None
    return None
