"""Which version of a price rule counts on a day.

The table of deductions counts from 15 January until 24 January; one price for any quality from
24 January on. On the 23rd the table counts, on the 24th no longer. A correction of the table is a
new version that begins on the same day: it counts instead, and the old one stays to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from kopprod.domain.products import Dated, is_valid
from kopprod.domain.refusal import N_, Refusal


class Numbered(Dated, Protocol):
    """A version: its days, and its number among the versions of its product."""

    @property
    def number(self) -> int:
        """1 for the first one kept."""


V = TypeVar("V", bound=Numbered)


@dataclass(frozen=True)
class Period(Generic[V]):
    """Days on which one version counts; `until` is the first on which it no longer does."""

    since: date
    until: date | None
    version: V


class NoPriceRule(Refusal):
    """No version counts on that day."""

    sentence = N_("No price rule of {product} counts on {day_on}.")


class RuleEndsBeforeItBegins(Refusal):
    """A version counts for one day at least."""

    sentence = N_("The rule begins on {since_on}. It can only end after that day.")


class RuleOfThatDay(Refusal):
    """Another version begins on the same day, so this one must say that it corrects it."""

    sentence = N_(
        "Version {number} begins on {since_on} too. Say that this one corrects it, "
        "or choose another day."
    )


class CorrectsAnotherDay(Refusal):
    """A correction counts from the day of what it corrects."""

    sentence = N_("Version {number} begins on {since_on}; its correction begins on the same day.")


class VersionUnknown(Refusal):
    """There is no such version of this product's rule."""

    sentence = N_("This version of the price rule is not known here.")


def version_on(versions: Sequence[V], *, on: date) -> V | None:
    """The version that counts on a day: of those valid then, the one that began last.

    Of two that began on the same day the later one kept, which corrects the other.
    """
    valid = [version for version in versions if is_valid(version, on=on)]
    return max(valid, key=lambda version: (version.since, version.number), default=None)


def periods(versions: Sequence[V]) -> list[Period[V]]:
    """When which version counts, oldest first; days without any are left out."""
    ends = {v.since for v in versions} | {v.until for v in versions if v.until}
    days = sorted(ends)
    found: list[Period[V]] = []
    for place, day in enumerate(days):
        version = version_on(versions, on=day)
        until = days[place + 1] if place + 1 < len(days) else None
        if version is None:
            continue
        if found and found[-1].version is version and found[-1].until == day:
            found[-1] = Period(found[-1].since, until, version)
        else:
            found.append(Period(day, until, version))
    return found


def check_days(
    versions: Sequence[V], *, since: date, until: date | None, corrects: V | None
) -> None:
    """Refuse a version that ends before it begins, or replaces another without saying so."""
    if until is not None and until <= since:
        raise RuleEndsBeforeItBegins(since_on=since)
    if corrects is not None:
        if corrects.since != since:
            raise CorrectsAnotherDay(number=corrects.number, since_on=corrects.since)
        return
    for version in versions:
        if version.since == since:
            raise RuleOfThatDay(number=version.number, since_on=since)
