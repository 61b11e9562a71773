"""The receipt of a delivery on paper: A5 for the file, 58 mm for the printer at the scale."""

from typing import Any

from kopprod import language
from kopprod.papers.press import Letterhead, head, pdf, weight
from kopprod.services.deliveries import Received


def receipt(row: Received, letter: Letterhead) -> bytes:
    """The receipt as PDF, A5."""
    return pdf("receipt", receipt_words(row, letter))


def receipt_words(row: Received, letter: Letterhead) -> dict[str, Any]:
    """What stands on it, in whatever width; a delivery taken back says so first."""
    _, delivery = letter.say, row.delivery
    weights = [[_("Gross"), weight(delivery.gross, row.unit)]]
    if delivery.tare:
        weights.append([_("less tare"), weight(delivery.tare, row.unit)])
    remarks = [[_("Typed"), delivery.typed]] if delivery.typed else []
    remarks += [[_("Note"), delivery.note]] if delivery.note else []
    return head(letter, title=_("Delivery receipt"), number=delivery.number, code=delivery.code) | {
        "warnings": correction(row, letter),
        "facts": [
            [_("Member"), row.member],
            [_("Member number"), row.member_number],
            [_("Received"), language.long_date(letter.language, delivery.received_on)],
            [_("Product"), row.product],
            [_("Grade"), row.grade],
        ],
        "weights": weights,
        "net_label": _("Net"),
        "net": weight(delivery.net, row.unit),
        "remarks": remarks,
        "promise": _("The price is shared out once the goods are sold; then you get a slip."),
        "signatures": [_("Brought by"), _("Received by")],
    }


def correction(row: Received, letter: Letterhead) -> list[str]:
    """That it was taken back, or takes another back, and why."""
    _ = letter.say
    if row.reversed_by:
        return [_("CANCELLED: taken back by {number}.", number=row.reversed_by)]
    if row.reverses:
        reason = row.delivery.reason or ""
        return [_("This takes back {number}: {reason}", number=row.reverses, reason=reason)]
    return []
