"""The field sheet on paper: numbered rows to fill in where there is no signal."""

from collections.abc import Sequence
from typing import Any

from kopprod import language
from kopprod.domain.measures import WORDS, Measure
from kopprod.papers.press import Letterhead, head, pdf
from kopprod.papers.scales import WORDS as SAID
from kopprod.services.field_sheets import FieldSheet

BLANKS = 4  # rows for whoever is not on the list


def field_sheet(sheet: FieldSheet, measures: Sequence[Measure], letter: Letterhead) -> bytes:
    """The sheet as PDF, A4 on its side."""
    return pdf("field_sheet", field_sheet_words(sheet, measures, letter))


def field_sheet_words(
    sheet: FieldSheet, measures: Sequence[Measure], letter: Letterhead
) -> dict[str, Any]:
    """What stands on it: numbers, members by village, and room for sacks, weights and a name."""
    _ = letter.say
    last, said = len(sheet.rows), SAID[sheet.product.base_unit]
    number = _("Sheet {turn} · {mark}", turn=sheet.turn, mark=sheet.mark)
    return head(letter, title=_("Field sheet"), number=number, code=None) | {
        "facts": [
            [_("Product"), sheet.product.name],
            [_("Day"), language.long_date(letter.language, sheet.on)],
            [_("Tare of one sack"), "________"],
            [_("Scale"), "________________"],
        ],
        "headings": [
            _("No."), _("Member"), _("Sacks"), _(said.each_sack), _("Grade"),
            *(_(WORDS[measure]) for measure in measures), _("Signature"),
        ],
        "measures": len(measures),
        "villages": _villages(sheet),
        "blanks": [str(last + place) for place in range(1, BLANKS + 1)],
        "blank_title": _("Others"),
        "note": " ".join([
            _(said.how_to_write),
            _("Type the sheet back in the app by these numbers. What stands below Others is "
              "received as a delivery of its own."),
        ]),
        "signatures": [_("Received by"), _("Typed back by")],
    }  # fmt: skip


def _villages(sheet: FieldSheet) -> list[dict[str, Any]]:
    found: dict[str, list[list[str]]] = {}
    for row in sheet.rows:
        who = f"{row.member.name}\n{row.member.number}"
        found.setdefault(row.village, []).append([str(row.place), who])
    return [{"name": name, "rows": rows} for name, rows in found.items()]
