"""What everybody in the demo's play needs at hand: the day, chance, people and goods."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from kopprod.domain.access import Person, Role

MONTHS = 24


@dataclass
class Good:
    """A product of the demo with who makes it and how it is sold."""

    plan: dict[str, Any]
    id: int
    grades: list[tuple[int, int]]  # key and factor
    members: list[tuple[int, int]]  # key and village
    buyers: list[int]


@dataclass
class Stage:
    """Everything the play needs at hand."""

    coop: str
    on: date
    chance: random.Random
    people: dict[Role, Person] = field(default_factory=dict)
    own: dict[int, Person] = field(default_factory=dict)  # members who sign in, by member
    goods: list[Good] = field(default_factory=list)
    villages: list[int] = field(default_factory=list)


def moment(day: date, hour: int = 8) -> datetime:
    """An hour of a day in western Indonesia."""
    return datetime.combine(day, time(hour - 7), tzinfo=UTC)


def first_day(stage: Stage) -> date:
    """The first day of the play."""
    month = stage.on.year * 12 + stage.on.month - 1 - MONTHS
    return date(month // 12, month % 12 + 1, 1)
