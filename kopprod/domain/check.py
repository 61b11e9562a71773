"""Proving the books: a finding is something that should be impossible."""

from collections.abc import Mapping
from dataclasses import dataclass

from kopprod.domain.refusal import Fact


@dataclass(frozen=True)
class Problem:
    """A message id and the facts that fill its braces."""

    sentence: str
    facts: Mapping[str, Fact]


def problem(sentence: str, **facts: Fact) -> Problem:
    """A finding with its facts."""
    return Problem(sentence, facts)
