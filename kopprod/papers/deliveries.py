"""The receipt of a delivery on paper: A5 for the file, 58 mm for the printer at the scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kopprod import language
from kopprod.domain.measures import WORDS, Measure, shown
from kopprod.papers import buying
from kopprod.papers.press import Letterhead, head, pdf, weight
from kopprod.papers.scales import WORDS as SAID
from kopprod.services.bought import HowBought
from kopprod.services.deliveries import Received


@dataclass(frozen=True)
class Weighing:
    """What each sack weighed, gross, in base units, and what was measured of the goods.

    `how` is how they were bought outright, if they were.
    """

    sacks: Sequence[int] = ()
    measured: Mapping[Measure, int] = field(default_factory=dict)
    how: HowBought | None = None


def receipt(row: Received, weighing: Weighing, letter: Letterhead) -> bytes:
    """The receipt as PDF, A5."""
    return pdf("receipt", receipt_words(row, weighing, letter))


def receipt_words(row: Received, weighing: Weighing, letter: Letterhead) -> dict[str, Any]:
    """What stands on it, in whatever width; a delivery taken back says so first."""
    _, delivery = letter.say, row.delivery
    weights = [[_("Gross"), weight(delivery.gross, row.unit)]]
    if delivery.tare:
        weights.append([_("less tare"), weight(delivery.tare, row.unit)])
    remarks = [[_("Note"), delivery.note]] if delivery.note else []
    pays = _pays(weighing.how, letter)
    return head(letter, title=_("Delivery receipt"), number=delivery.number, code=delivery.code) | {
        "warnings": correction(row, letter),
        "facts": [
            [_("Member"), row.member],
            [_("Member number"), row.member_number],
            [_("Received"), language.long_date(letter.language, delivery.received_on)],
            [_("Product"), row.product],
            [_("Grade"), row.grade],
            *([_(WORDS[measure]), shown(measure, value)]
              for measure, value in weighing.measured.items()),
        ],
        "sacks": _sacks(row, weighing.sacks, letter),
        "weights": weights,
        "net_label": _("Net"),
        "net": weight(delivery.net, row.unit),
        "remarks": _scale(row, letter) + remarks,
        "signatures": [_("Brought by"), _("Received by")],
    } | pays  # fmt: skip


def _pays(how: HowBought | None, letter: Letterhead) -> dict[str, Any]:
    if how is not None:
        return buying.receipt_words(how, letter)
    _ = letter.say
    promise = _("The price is shared out once the goods are sold; then you get a slip.")
    return {"steps": [], "promise": promise}


def _sacks(row: Received, sacks: Sequence[int], letter: Letterhead) -> str:
    if len(sacks) < 2:
        return ""
    _ = letter.say
    each = " + ".join(weight(gross, row.unit) for gross in sacks)
    return _(SAID[row.unit].times_each, n=len(sacks), each=each)


def _scale(row: Received, letter: Letterhead) -> list[list[str]]:
    if not row.scale:
        return []
    _, until = letter.say, row.scale_verified_until
    if until is None:
        return [[_("Scale"), row.scale]]
    return [[_("Scale"), row.scale],
            [_("Verified until (tera)"), language.long_date(letter.language, until)]]  # fmt: skip


def correction(row: Received, letter: Letterhead) -> list[str]:
    """That it was taken back, or takes another back, and why."""
    _ = letter.say
    if row.reversed_by:
        return [_("CANCELLED: taken back by {number}.", number=row.reversed_by)]
    if row.reverses:
        reason = row.delivery.reason or ""
        return [_("This takes back {number}: {reason}", number=row.reverses, reason=reason)]
    return []
