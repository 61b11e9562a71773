"""A settled sale on paper: the proof that every rupiah is accounted for."""

from itertools import groupby
from typing import Any

from kopprod import language
from kopprod.domain.money import format_percent, format_rp
from kopprod.domain.sales import format_graded
from kopprod.papers.press import Letterhead, Line, head, pdf, weight
from kopprod.papers.proceeds import of_fee, of_part
from kopprod.papers.scales import Say, graded_words, scales
from kopprod.papers.slips import proceeds
from kopprod.services.reckoning import frozen, shared_rp
from kopprod.services.settlement import PooledDelivery, Statement


def proof(found: Statement, letter: Letterhead, *, entry_number: int | None) -> bytes:
    """The proof of a settlement as PDF, A4."""
    return pdf("proof", proof_words(found, letter, entry_number=entry_number))


def proof_words(
    found: Statement, letter: Letterhead, *, entry_number: int | None
) -> dict[str, Any]:
    """What stands on it: proceeds = members + fee + costs + rounding, which is exactly nothing."""
    _, sale = letter.say, found.sale
    outcome = frozen(sale, found.parts)
    return head(letter, title=_("Proof of the settlement"), number=sale.number, code=None) | {
        "facts": [
            [_("Product"), found.product.name],
            [_("Buyer"), found.buyer.name],
            [_("Sold"), language.long_date(letter.language, sale.sold_on)],
            [_("Settled"), language.long_date(letter.language, sale.settled_on or sale.sold_on)],
            [_("Settled by"), found.settled_by or "–"],
            [_("Entry in the journal"), "–" if entry_number is None else str(entry_number)],
            [_("Kind of sale"), kind(found, letter)],
        ],
        "equation_title": _("Every rupiah of it"),
        "equation": _own_equation(found, letter) if found.own_goods else _equation(found, letter),
        "proceeds_title": _("What the sale brought"),
        "proceeds": proceeds(sale, found.product, found.costs, outcome, letter),
        "scales": scales(sale, found.product.base_unit, letter.say),
        "members_title": _("What the goods had cost")
        if found.own_goods
        else _("What each member gets, and how it was reckoned"),
        "rule": _rule(found, letter),
        "members": _own_goods(found, letter) if found.own_goods else _members(found, letter),
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


def _received(part: PooledDelivery, letter: Letterhead) -> str:
    _ = letter.say
    return _(
        "{number}, {received_on}, grade {grade}",
        number=part.delivery.number,
        received_on=part.delivery.received_on,
        grade=part.grade,
    )


def _line(part: PooledDelivery, found: Statement, letter: Letterhead) -> Line:
    what = _received(part, letter)
    return Line(what, format_rp(part.allotment.share_rp or 0), part_how(part, found, letter.say))


def part_how(part: PooledDelivery, found: Statement, _: Say) -> tuple[str, ...]:
    """How one delivery's share was reckoned, and since when its grade counts for that."""
    outcome = found.outcome or frozen(found.sale, found.parts)
    how = of_part(
        part.allotment.quantity,
        part.factor_bp,
        all_e4=outcome.graded_weight_e4,
        pot_rp=shared_rp(outcome.net_rp, found.costs),
        share_rp=outcome.share_rp.get(part.delivery.number, 0),
        borne=found.borne.get(part.delivery.number, ()),
        unit=found.product.base_unit,
        say=_,
    )
    if part.factor_since is None:
        return how
    since = _(
        "Grade {grade} counts {rate} since {since}.",
        grade=part.grade,
        rate=format_percent(part.factor_bp),
        since=part.factor_since,
    )
    return (*how, since)


def own_how(part: PooledDelivery, found: Statement, _: Say) -> tuple[str, ...]:
    """What of a bought delivery was sold, and by which version of the price rule it was bought."""
    sold = weight(part.allotment.quantity, found.product.base_unit)
    if part.version is None:
        return (sold,)
    rule = _(
        "Bought by the price rule, version {n} since {since}.",
        n=part.version.number,
        since=part.version.since,
    )
    return (sold, rule)


def kind(found: Statement, letter: Letterhead) -> str:
    """Whose goods were sold, in words."""
    _ = letter.say
    return _("goods that the cooperative bought") if found.own_goods else _("members' goods")


def _equation(found: Statement, letter: Letterhead) -> list[Line]:
    _, sale = letter.say, found.sale
    members_rp = sum(slip.net_value_rp for slip, _member in found.slips)
    outcome = frozen(sale, found.parts)
    rounding_rp = outcome.gross_rp - members_rp - outcome.fee_rp - outcome.costs_rp
    kinds = of_fee(sale, found.product, outcome, letter.say)
    return [
        Line(_("To the members, {n} slips", n=len(found.slips)), format_rp(members_rp)),
        Line(
            _("Fee of the cooperative"),
            format_rp(outcome.fee_rp),
            tuple(kinds) if len(kinds) > 1 else (),
        ),
        Line(_("Costs"), format_rp(outcome.costs_rp)),
        Line(_("Rounding"), format_rp(rounding_rp)),
        Line(_("Proceeds"), format_rp(outcome.gross_rp), is_sum=True),
    ]


def _own_equation(found: Statement, letter: Letterhead) -> list[Line]:
    _, outcome = letter.say, frozen(found.sale, found.parts)
    left_rp = outcome.net_rp + outcome.costs_rp + outcome.cost_of_goods_rp
    gain = _("Gain of the cooperative") if outcome.net_rp >= 0 else _("Loss of the cooperative")
    return [
        Line(gain, format_rp(outcome.net_rp)),
        Line(_("What the goods had cost"), format_rp(outcome.cost_of_goods_rp)),
        Line(_("Costs"), format_rp(outcome.costs_rp)),
        Line(_("Rounding"), format_rp(outcome.gross_rp - left_rp)),
        Line(_("Proceeds"), format_rp(outcome.gross_rp), is_sum=True),
    ]


def _rule(found: Statement, letter: Letterhead) -> str:
    _ = letter.say
    if found.own_goods:
        return _("The members got their slips when the cooperative bought these goods.")
    unit = found.product.base_unit
    return _(
        graded_words(unit).on_proof,
        all=format_graded(found.sale.graded_weight_e4 or 0, unit),
    )


def _own_goods(found: Statement, letter: Letterhead) -> list[dict[str, Any]]:
    return [
        {
            "name": part.member.name,
            "number": part.member.number,
            "slip": part.delivery.number,
            "amount": format_rp(part.allotment.cost_rp or 0),
            "lines": [
                Line(
                    _received(part, letter),
                    format_rp(part.allotment.cost_rp or 0),
                    own_how(part, found, letter.say),
                )
            ],
        }
        for part in found.parts
    ]


def _grades(found: Statement) -> list[list[str]]:
    weights: dict[tuple[str, int], int] = {}
    for part in found.parts:
        key = part.grade, part.factor_bp
        weights[key] = weights.get(key, 0) + part.allotment.quantity
    return [
        [grade, format_percent(factor_bp), weight(amount, found.product.base_unit)]
        for (grade, factor_bp), amount in sorted(weights.items())
    ]
