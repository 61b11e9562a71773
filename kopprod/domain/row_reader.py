"""One row of a file being read: its words, its whole numbers, and all of its faults at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kopprod.domain import imports
from kopprod.domain.imports import Cell, Columns, Fault, Row, Sign
from kopprod.domain.refusal import N_, Fact, Refusal

NOTHING_THERE = N_("Something must stand here.")
BELOW_NOTHING = N_("{said} is less than nothing.")
TOO_FINE = N_("{said} has more decimals than can be kept.")
TOO_MUCH = N_("{said} is too much to be true.")


def signs(rows: Sequence[Row], mapping: Columns, names: Sequence[str]) -> dict[str, Sign]:
    """Which sign marks the decimals in the column of each of these fields."""
    if mapping.sign != "auto":
        return dict.fromkeys(names, Sign(mapping.sign))
    return {
        name: imports.column_sign([mapping.cell(cells, name) for _row, cells in rows])
        for name in names
    }


@dataclass
class RowReader:
    """The row with its number in the file; whatever is wrong with it is added to `faults`."""

    row: int
    cells: Mapping[str, Cell]
    mapping: Columns
    signs: Mapping[str, Sign]
    faults: list[Fault] = field(default_factory=list)

    def words(self, name: str) -> str:
        """The words in a field; none where it says that there is nothing."""
        cell = self.mapping.cell(self.cells, name)
        return "" if imports.is_nothing(cell) else imports.words(cell)

    def needed(self, name: str) -> str:
        """The words in a field that may not be empty."""
        found = self.words(name)
        if not found:
            self.wrong(name, NOTHING_THERE)
        return found

    def wrong(self, name: str, why: str, **facts: Fact) -> None:
        """Note a fault of a field; `said` is filled in."""
        shown = imports.shown(self.mapping.cell(self.cells, name))
        said: dict[str, Fact] = {"said": shown} if "{said}" in why else {}
        self.faults.append(Fault(self.row, self.mapping.heading(name), shown, why, said | facts))

    def refused(self, name: str, refusal: Refusal) -> None:
        """Note a rule's refusal as a fault of a field."""
        self.wrong(name, refusal.sentence, **refusal.facts)

    def whole(self, name: str, *, times: int, most: int) -> int | None:
        """A number in whole parts, `times` of them in one; None where there is none, or a fault."""
        cell = self.mapping.cell(self.cells, name)
        if imports.is_nothing(cell):
            return None
        value = imports.number(cell, self.signs[name])
        if isinstance(value, str):
            self.wrong(name, value)
            return None
        amount = value * times
        if amount < 0:
            self.wrong(name, BELOW_NOTHING)
        elif amount > most:
            self.wrong(name, TOO_MUCH)
        elif amount != amount.to_integral_value():
            self.wrong(name, TOO_FINE)
        else:
            return int(amount)
        return None
