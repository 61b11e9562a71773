"""A settled sale on paper: the proof that every rupiah is accounted for, and the list to sign."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from kopprod import language
from kopprod.domain.money import format_percent, format_rp
from kopprod.domain.sales import format_graded
from kopprod.papers.press import Letterhead, Line, head, pdf, weight
from kopprod.papers.slips import proceeds, scales, share_how
from kopprod.services.settlement import PooledDelivery, Statement


def proof(found: Statement, letter: Letterhead, *, entry_number: int | None) -> bytes:
    """The proof of a settlement as PDF, A4."""
    return pdf("proof", proof_words(found, letter, entry_number=entry_number))


def proof_words(
    found: Statement, letter: Letterhead, *, entry_number: int | None
) -> dict[str, Any]:
    """What stands on it: proceeds = members + fee + costs + rounding, which is exactly nothing."""
    _, sale = letter.say, found.sale
    members_rp = sum(slip.net_value_rp for slip, _member in found.slips)
    gross_rp, fee_rp, costs_rp = sale.gross_rp or 0, sale.fee_rp or 0, sale.costs_rp or 0
    rounding_rp = gross_rp - members_rp - fee_rp - costs_rp
    return head(letter, title=_("Proof of the settlement"), number=sale.number, code=None) | {
        "facts": [
            [_("Product"), found.product.name],
            [_("Buyer"), found.buyer.name],
            [_("Sold"), language.long_date(letter.language, sale.sold_on)],
            [_("Settled"), language.long_date(letter.language, sale.settled_on or sale.sold_on)],
            [_("Settled by"), found.settled_by or "–"],
            [_("Entry in the journal"), "–" if entry_number is None else str(entry_number)],
        ],
        "equation_title": _("Every rupiah of it"),
        "equation": [
            Line(_("To the members, {n} slips", n=len(found.slips)), format_rp(members_rp)),
            Line(_("Fee of the cooperative"), format_rp(fee_rp)),
            Line(_("Costs"), format_rp(costs_rp)),
            Line(_("Rounding"), format_rp(rounding_rp)),
            Line(_("Proceeds"), format_rp(gross_rp), is_sum=True),
        ],
        "proceeds_title": _("What the sale brought"),
        "proceeds": proceeds(sale, found.product, found.costs, letter),
        "scales": scales(sale, found.product, letter),
        "members_title": _("What each member gets, and how it was reckoned"),
        "rule": _(
            "Share = graded weight ÷ all graded weight × net. Graded weight = weight × what the "
            "grade counts for. All graded weight: {all}. What rounding leaves goes to the largest "
            "fractions.",
            all=format_graded(sale.graded_weight_e4 or 0, found.product.base_unit),
        ),
        "members": _members(found, letter),
        "grades_title": _("What each grade counted for"),
        "grades": _grades(found),
        "signatures": [_("Settled by"), _("Checked by")],
    }


def _members(found: Statement, letter: Letterhead) -> list[dict[str, Any]]:
    parts = sorted(found.parts, key=lambda part: (part.member.id, part.delivery.id))
    by_member = {key: list(rows) for key, rows in groupby(parts, key=lambda part: part.member.id)}
    return [
        {
            "name": member.name,
            "number": member.number,
            "slip": slip.number,
            "amount": format_rp(slip.net_value_rp),
            "lines": [_line(part, found, letter) for part in by_member.get(member.id, [])],
        }
        for slip, member in found.slips
    ]


def _line(part: PooledDelivery, found: Statement, letter: Letterhead) -> Line:
    _ = letter.say
    what = _(
        "{number}, {received_on}, grade {grade}",
        number=part.delivery.number,
        received_on=part.delivery.received_on,
        grade=part.grade,
    )
    how = share_how(part.allotment.quantity, part.factor_bp, found.sale, found.product)
    return Line(what, format_rp(part.allotment.share_rp or 0), how)


def _grades(found: Statement) -> list[list[str]]:
    weights: dict[tuple[str, int], int] = {}
    for part in found.parts:
        key = part.grade, part.factor_bp
        weights[key] = weights.get(key, 0) + part.allotment.quantity
    return [
        [grade, format_percent(factor_bp), weight(amount, found.product.base_unit)]
        for (grade, factor_bp), amount in sorted(weights.items())
    ]


def payout_list(found: Statement, letter: Letterhead) -> bytes:
    """The unpaid slips of a sale as a list to sign when the cash is handed over, A4."""
    return pdf("payouts", payout_words(found, letter))


def payout_words(found: Statement, letter: Letterhead) -> dict[str, Any]:
    """What stands on it; slips of nothing have nothing to hand over."""
    _, sale = letter.say, found.sale
    unpaid = [
        (slip, member) for slip, member in found.slips if slip.paid_on is None and slip.net_value_rp
    ]
    total_rp = sum(slip.net_value_rp for slip, _member in unpaid)
    headings: Sequence[str] = (
        _("No."), _("Member"), _("Slip"), _("Amount"), _("Signature")
    )  # fmt: skip
    return head(letter, title=_("Payout list"), number=sale.number, code=None) | {
        "facts": [
            [_("Product"), found.product.name],
            [_("Buyer"), found.buyer.name],
            [_("Settled"), language.long_date(letter.language, sale.settled_on or sale.sold_on)],
        ],
        "headings": headings,
        "rows": [
            [str(place), f"{member.name}\n{member.number}", slip.number,
             format_rp(slip.net_value_rp)]
            for place, (slip, member) in enumerate(unpaid, start=1)
        ],
        "total": [_("Together, {n} slips", n=len(unpaid)), format_rp(total_rp)],
        "in_words": language.amount_in_words(letter.language, total_rp),
        "empty": _("Every slip of this sale is paid."),
        "signatures": [_("Paid by"), _("Checked by")],
    }  # fmt: skip
