"""The receipt of an advance, as PDF and as text for WhatsApp."""

from typing import Any

from kopprod import language
from kopprod.domain.ledger import BANK
from kopprod.domain.money import format_rp
from kopprod.papers.press import Letterhead, head, pdf, weight
from kopprod.papers.texts import as_text
from kopprod.services.advances import Paid


def receipt(row: Paid, letter: Letterhead) -> bytes:
    """The receipt as PDF, A5."""
    return pdf("advance", receipt_words(row, letter))


def receipt_words(row: Paid, letter: Letterhead) -> dict[str, Any]:
    """What stands on it; one that was taken back says so first."""
    _, advance = letter.say, row.advance
    place = _("Bank") if advance.account_code == BANK else _("Cash box")
    return head(letter, title=_("Advance (panjar)"), number=advance.number, code=advance.code) | {
        "warnings": cancelled(row, letter),
        "facts": [
            [_("Member"), row.member.name],
            [_("Member number"), row.member.number],
            [_("Delivery"), row.delivery.number],
            [_("Product"), f"{row.product}, {weight(row.delivery.net, row.unit)}"],
            [_("Paid on"), language.long_date(letter.language, advance.paid_on)],
            [_("From"), place],
        ],
        "amount": format_rp(advance.amount_rp),
        "in_words": language.amount_in_words(letter.language, advance.amount_rp),
        "rule": rule(letter),
        "signatures": [_("Received by"), _("Paid by")],
    }


def rule(letter: Letterhead) -> str:
    """What becomes of it."""
    _ = letter.say
    return _("This advance is taken first from the slip of the same goods.")


def cancelled(row: Paid, letter: Letterhead) -> list[str]:
    """That it was taken back, and when; nothing of one that stands."""
    _, on = letter.say, row.advance.reversed_on
    return [] if on is None else [_("CANCELLED: taken back on {on}.", on=on)]


def text(row: Paid, letter: Letterhead) -> str:
    """The same, short enough for a message."""
    _, advance = letter.say, row.advance
    lines = [
        _("Advance {number}", number=advance.number),
        _("{name}, {on}", name=row.member.name, on=advance.paid_on),
        _("You got {amount_rp} for delivery {delivery}.",
          amount_rp=advance.amount_rp, delivery=row.delivery.number),
        rule(letter),
    ]  # fmt: skip
    return as_text([*cancelled(row, letter), *lines], advance.code, letter)
