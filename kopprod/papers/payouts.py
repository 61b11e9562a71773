"""A payout list on paper: who gets how much of what, and room to sign for it."""

from typing import Any

from kopprod import language
from kopprod.domain.money import format_rp
from kopprod.domain.payouts import BatchKind
from kopprod.papers.press import Letterhead, head, pdf
from kopprod.services.payouts import Payable, PayoutList


def payout_list(found: PayoutList, letter: Letterhead) -> bytes:
    """The list as PDF, A4."""
    return pdf("payout_list", payout_list_words(found, letter))


def payout_list_words(found: PayoutList, letter: Letterhead) -> dict[str, Any]:
    """What stands on it; what is paid already says when instead of asking for a signature."""
    _, batch = letter.say, found.batch
    taken_rp = sum(row.slip.deducted_rp for row in found.rows)
    kind = _("cash, against a signature") if batch.kind is BatchKind.CASH else _(
        "transfer to bank or e-wallet"
    )  # fmt: skip
    return head(letter, title=_("Payout list"), number=batch.number, code=None) | {
        "facts": [
            [_("Drawn up on"), language.long_date(letter.language, batch.drawn_on)],
            [_("Drawn up by"), found.drawn_by or "–"],
            [_("How"), kind],
        ],
        "headings": [
            _("No."), _("Member"), _("Village"), _("Net value"), _("Taken"),
            _("Money received"), _("Signature"),
        ],
        "rows": [_row(place, row, letter) for place, row in enumerate(found.rows, start=1)],
        "total": [
            _("Together, {n} slips", n=len(found.rows)),
            format_rp(found.total_rp + taken_rp),
            format_rp(taken_rp),
            format_rp(found.total_rp),
        ],
        "in_words": language.amount_in_words(letter.language, found.total_rp),
        "rule": _("What is taken is what each member agreed to; each slip says for what."),
        "signatures": [_("Paid by"), _("Checked by")],
    }  # fmt: skip


def _row(place: int, row: Payable, letter: Letterhead) -> list[str]:
    _ = letter.say
    paid = "" if row.slip.paid_on is None else _("paid {paid_on}", paid_on=row.slip.paid_on)
    return [
        str(place),
        f"{row.member.name}\n{row.member.number} · {row.slip.number}",
        row.village,
        format_rp(row.slip.net_value_rp),
        format_rp(row.slip.deducted_rp) if row.slip.deducted_rp else "–",
        format_rp(row.left_rp),
        paid,
    ]
