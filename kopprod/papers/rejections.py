"""The paper of a load that was not taken: who brought what, and why it went home again."""

from typing import Any

from kopprod import language
from kopprod.domain.refusal import N_
from kopprod.papers.press import Letterhead, head, pdf, weight
from kopprod.services.rejections import Rejected

NOT_PAID = N_("It is not paid and not in store: the goods stay the member's.")


def receipt(row: Rejected, letter: Letterhead) -> bytes:
    """The paper as PDF, A5."""
    return pdf("rejection", receipt_words(row, letter))


def receipt_words(row: Rejected, letter: Letterhead) -> dict[str, Any]:
    """What stands on it; without a code, because nothing is owed on it."""
    _, load = letter.say, row.load
    weighed = [] if load.gross is None else [[_("Gross"), weight(load.gross, row.unit)]]
    return head(letter, title=_("Load not taken"), number=load.number, code=None) | {
        "facts": [
            [_("Member"), row.member],
            [_("Member number"), row.member_number],
            [_("Brought"), language.long_date(letter.language, load.brought_on)],
            [_("Product"), row.product],
            *weighed,
        ],
        "reason_label": _("Why it was not taken"),
        "reason": load.reason,
        "promise": _(NOT_PAID),
        "signatures": [_("Brought by"), _("For the cooperative")],
    }


def text(row: Rejected, letter: Letterhead) -> str:
    """The same as plain text, short enough for a WhatsApp message."""
    _, load = letter.say, row.load
    said = _("{name}, {on}", name=row.member, on=load.brought_on)
    goods = row.product if load.gross is None else f"{row.product} {weight(load.gross, row.unit)}"
    lines = [
        letter.name or letter.coop,
        _("Load not taken: {number}", number=load.number),
        said,
        goods,
        _("Why: {reason}", reason=load.reason),
        _(NOT_PAID),
    ]
    return "\n".join(" ".join(line.split()) for line in lines)
