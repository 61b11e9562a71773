"""What was wrong with a file, as a table and as a file that people can work through."""

from collections.abc import Sequence

from kopprod import language, sheets
from kopprod.domain.imports import Fault, Weight
from kopprod.domain.refusal import N_

HEADINGS = (N_("Row"), N_("Column"), N_("Value"), N_("Kind of finding"), N_("Why"))
WEIGHTS = {Weight.FAULT: N_("Fault"), Weight.QUESTION: N_("Question")}


def headings(spoken: str) -> list[str]:
    """The headings of such a table in a language."""
    return [language.gettext(spoken, heading) for heading in HEADINGS]


def rows(spoken: str, faults: Sequence[Fault]) -> list[tuple[int, str, str, str, str]]:
    """One row for each fault or question, its reason in a language."""
    return [
        (
            fault.row,
            fault.column,
            fault.value[:200],
            language.gettext(spoken, WEIGHTS[fault.weight]),
            language.translate(spoken, fault.sentence, **fault.facts),
        )
        for fault in faults
    ]


def as_csv(spoken: str, faults: Sequence[Fault]) -> bytes:
    """All of them as a file."""
    return sheets.write_csv(headings(spoken), rows(spoken, faults))
