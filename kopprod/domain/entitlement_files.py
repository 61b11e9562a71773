"""Files of the e-RDKK: by member and season, how many kilograms of each subsidised fertiliser.

`A-014;2026 MT1;100;75` is a row of a file with the columns nomor anggota, musim, urea and NPK: 100
kg of urea and 75 kg of NPK. An empty cell says nothing; a nought says that she gets none.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from kopprod.domain import members, subsidies
from kopprod.domain.imports import Columns, Fault, Field, Findings, Row
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.row_reader import RowReader, signs
from kopprod.domain.subsidies import FERTILISER_WORDS, KG, MOST_G, Fertiliser

UNKNOWN_MEMBER = N_("Nobody in the register has the number {said}.")
SAID_TWICE = N_("Row {other} says how much of it the same member gets in the same season.")
NO_FERTILISER = N_("The row says nothing about any fertiliser.")

_HEADINGS: Mapping[Fertiliser, tuple[str, ...]] = {
    Fertiliser.UREA: ("urea", "urea kg", "pupuk urea"),
    Fertiliser.NPK: ("npk", "npk kg", "pupuk npk"),
    Fertiliser.NPK_COCOA: ("npk kakao", "npk formula", "npk kakao kg"),
    Fertiliser.ZA: ("za", "za kg", "pupuk za"),
    Fertiliser.ORGANIC: ("organik", "pupuk organik", "organik kg", "organic"),
}
FIELDS: Sequence[Field] = (
    Field("number", N_("Member number"), ("nomor", "nomor anggota", "no anggota", "no"), True),
    Field("season", N_("Season"), ("musim", "musim tanam", "mt", "season"), True),
    *(Field(each.value, FERTILISER_WORDS[each], _HEADINGS[each]) for each in Fertiliser),
)


@dataclass(frozen=True)
class EntitlementRow:
    """What a row gives one member of one fertiliser in one season, in gram."""

    row: int
    number: str
    season: str
    fertiliser: Fertiliser
    grams: int


@dataclass(frozen=True)
class EntitlementFile:
    """What a file of the e-RDKK says, before it is compared with the register."""

    entitlements: Sequence[EntitlementRow]
    faults: Sequence[Fault]
    rows: int
    mapping: Columns


def read_rows(
    rows: Sequence[Row], cell_faults: Sequence[Fault], mapping: Columns
) -> EntitlementFile:
    """What each row says, and every fault of every row."""
    broken = {fault.row for fault in cell_faults}
    how = signs(rows, mapping, list(Fertiliser))
    faults, found = list(cell_faults), []
    for row, cells in rows:
        if row in broken:
            continue
        reader = RowReader(row, cells, mapping, how)
        read = _read_row(reader)
        faults.extend(reader.faults)
        if not reader.faults:
            found.extend(read)
    return EntitlementFile(found, faults, len(rows), mapping)


def _read_row(reader: RowReader) -> list[EntitlementRow]:
    number, season = "", ""
    try:
        number = members.check_number(reader.words("number"))
    except Refusal as refusal:
        reader.refused("number", refusal)
    try:
        season = subsidies.check_season(reader.words("season"))
    except Refusal as refusal:
        reader.refused("season", refusal)
    said = {each: reader.whole(each, times=KG, most=MOST_G) for each in Fertiliser}
    found = [
        EntitlementRow(reader.row, number, season, each, grams)
        for each, grams in said.items()
        if grams is not None
    ]
    if not (found or reader.faults):
        reader.wrong("number", NO_FERTILISER)
    return found


def sort_out(
    file: EntitlementFile,
    *,
    register: Set[str],
    kept: Mapping[tuple[str, str, Fertiliser], int],
) -> Findings[EntitlementRow]:
    """Compare a file with itself, the register's folded numbers, and what is kept, in gram.

    What is kept already in the same amount is there already; another amount replaces it.
    """
    faults, good, there_already = list(file.faults), [], 0
    seen: dict[tuple[str, str, Fertiliser], int] = {}
    column = file.mapping.heading("number")
    for each in file.entitlements:
        key = (each.number.casefold(), each.season, each.fertiliser)
        if each.number.casefold() not in register:
            why, facts = UNKNOWN_MEMBER, {"said": each.number}
            faults.append(Fault(each.row, column, each.number, why, facts))
        elif key in seen:
            heading = file.mapping.heading(each.fertiliser)
            faults.append(Fault(each.row, heading, "", SAID_TWICE, {"other": seen[key]}))
        elif kept.get(key) == each.grams:
            there_already += 1
        else:
            good.append(each)
        seen.setdefault(key, each.row)
    faults.sort(key=lambda fault: fault.row)
    return Findings(good, [], faults, there_already, 0, file.rows)
