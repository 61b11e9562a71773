"""A slip on paper: from the buyer's money to what one member gets, each step of it."""

from collections.abc import Sequence
from typing import Any

from kopprod import language
from kopprod.domain.ledger import BANK
from kopprod.domain.money import format_percent, format_rp
from kopprod.domain.payouts import KIND_NAMES
from kopprod.domain.sales import Settlement, format_graded
from kopprod.papers import buying
from kopprod.papers.press import Letterhead, Line, head, pdf
from kopprod.papers.proceeds import of_part, of_sale
from kopprod.papers.scales import Say, graded_words, scales
from kopprod.services.bought import BoughtStory
from kopprod.services.reckoning import frozen, shared_rp
from kopprod.services.slips import Part, Story
from kopprod.tables.products import Product
from kopprod.tables.sales import Sale, SaleCost
from kopprod.tables.slips import Slip


def slip(story: Story | BoughtStory, letter: Letterhead) -> bytes:
    """One member's slip as PDF, A5; it says which of its deliveries were taken back later."""
    return pdf("slip", slip_words(story, letter))


def slip_words(story: Story | BoughtStory, letter: Letterhead) -> dict[str, Any]:
    """What stands on it."""
    _, row = letter.say, story.slip
    taken, stands = taken_lines(story, letter), row.voided_on is None
    # What she signs for is what she receives; of a cancelled slip, nothing.
    amount_rp = row.net_value_rp - row.deducted_rp if taken else row.net_value_rp
    source = (
        buying.slip_words(story, letter)
        if isinstance(story, BoughtStory)
        else _facts(story, letter) | (_pooled_words(story, letter) if stands else {})
    )
    return (
        head(letter, title=_("Slip"), number=row.number, code=row.code)
        | source
        | {
            "void": "" if stands else _("CANCELLED"),
            "warnings": cancelled(row, letter) or source["warnings"],
            "amount_label": _("Money received (uang diterima)") if taken else "",
            "amount": format_rp(amount_rp),
            "in_words": language.amount_in_words(letter.language, amount_rp),
            "paid": _paid(story, letter),
            "taken_title": _("Taken as agreed, and what is received"),
            "taken": taken,
            "signatures": [_("Received by"), _("Paid by")] if stands else [],
        }
    )


def taken_lines(story: Story | BoughtStory, letter: Letterhead) -> list[Line]:
    """From the net value to the money received; nothing where nothing was taken."""
    _, row = letter.say, story.slip
    if not story.taken or row.voided_on is not None:
        return []
    return [
        Line(_("Net value (nilai bersih)"), format_rp(row.net_value_rp)),
        *(
            Line(_("taken for {what}", what=_(KIND_NAMES[kind])), format_rp(-amount_rp))
            for kind, amount_rp in story.taken.items()
        ),
        Line(
            _("Money received (uang diterima)"),
            format_rp(row.net_value_rp - row.deducted_rp),
            is_sum=True,
        ),
    ]


def taken_text(story: Story | BoughtStory, letter: Letterhead) -> list[str]:
    """The same in one line."""
    _, row = letter.say, story.slip
    if not story.taken:
        return []
    kinds = [f"{_(KIND_NAMES[kind])} {format_rp(rp)}" for kind, rp in story.taken.items()]
    return [
        _(
            "Of this {taken_rp} is taken as you agreed: {kinds}. You receive {left_rp}.",
            taken_rp=row.deducted_rp,
            kinds=", ".join(kinds),
            left_rp=row.net_value_rp - row.deducted_rp,
        )
    ]


def _facts(story: Story, letter: Letterhead) -> dict[str, Any]:
    _, sale, member = letter.say, story.sale, story.member
    return {
        "facts": [
            [_("Member"), member.name],
            [_("Member number"), member.number],
            [_("Product"), story.product.name],
            [_("Buyer"), story.buyer],
            [_("Sale"), _("{number} of {sold_on}", number=sale.number, sold_on=sale.sold_on)],
            *_settled(story, letter),
        ],
    }


def _settled(story: Story, letter: Letterhead) -> list[list[str]]:
    if story.slip.voided_on is not None or story.sale.settled_on is None:
        return []  # the sale may be settled by now, but not for this slip
    return [[letter.say("Settled"), language.long_date(letter.language, story.sale.settled_on)]]


def _pooled_words(story: Story, letter: Letterhead) -> dict[str, Any]:
    _ = letter.say
    row, sale = story.slip, story.sale
    unit = story.product.base_unit
    rule = _(
        graded_words(unit).on_slip,
        all=format_graded(sale.graded_weight_e4 or 0, unit),
        hers=format_graded(story.graded_weight_e4, unit),
    )
    shares = [_share(story, part, letter) for part in story.parts]
    total = Line(_("For this member"), format_rp(row.net_value_rp), is_sum=True)
    return {
        "warnings": reversals(story.parts, letter),
        "proceeds_title": _("1. What the sale brought"),
        "proceeds": proceeds(sale, story.product, story.costs, frozen(sale, []), letter),
        "scales": scales(sale, story.product.base_unit, letter.say),
        "part_title": _("2. The part of this member"),
        "rule": rule,
        "shares": [*shares, total],
        "proof": _(
            "Amounts are whole rupiah; what rounding leaves goes to the largest fractions. "
            "{n} slips of this sale add up to {sum_rp}, which is the net of {net_rp}.",
            n=story.slips,
            sum_rp=story.slips_rp,
            net_rp=sale.net_rp or 0,
        ),
    }


def cancelled(row: Slip, letter: Letterhead) -> list[str]:
    """That a slip no longer counts, since when and why; nothing of one that stands."""
    if row.voided_on is None:
        return []
    _ = letter.say
    return [
        _(
            "CANCELLED on {voided_on}: {reason}. Nothing is paid by this slip any more.",
            voided_on=row.voided_on,
            reason=row.void_reason or "",
        )
    ]


def reversals(parts: Sequence[Part], letter: Letterhead) -> list[str]:
    """A sentence for each delivery of the slip that was taken back after it was written."""
    _ = letter.say
    return [
        _(
            "Delivery {wrong} in this slip was taken back on {reversed_on} by {number}. "
            "The amounts below are those of the settlement.",
            wrong=part.delivery.number,
            reversed_on=part.reversal.received_on,
            number=part.reversal.number,
        )
        for part in parts
        if part.reversal is not None
    ]


def waiting(story: Story | BoughtStory, say: Say) -> str:
    """That it is not paid yet, and by which list it will be."""
    _ = say
    if story.batch:
        return _("Not paid yet. It is on payout list {number}.", number=story.batch)
    return _("Not paid yet.")


def _paid(story: Story | BoughtStory, letter: Letterhead) -> str:
    _, row = letter.say, story.slip
    if row.voided_on is not None:
        return _("Cancelled.")
    if row.paid_on is None:
        return waiting(story, _)
    place = _("Bank") if row.paid_from == BANK else _("Cash box")
    return _("Paid on {paid_on}, {place}.", paid_on=row.paid_on, place=place)


def proceeds(
    sale: Sale,
    product: Product,
    costs: Sequence[SaleCost],
    outcome: Settlement,
    letter: Letterhead,
) -> list[Line]:
    """From price times weight to what is left, of a settled sale."""
    return [
        Line(line.what, format_rp(line.amount_rp), line.how, line.is_sum)
        for line in of_sale(sale, product, costs, outcome, letter.say)
    ]


def _share(story: Story, part: Part, letter: Letterhead) -> Line:
    _ = letter.say
    what = _(
        "{number}, {received_on}, grade {grade}",
        number=part.delivery.number,
        received_on=part.delivery.received_on,
        grade=part.grade,
    )
    how = of_part(
        part.quantity,
        part.factor_bp,
        all_e4=story.sale.graded_weight_e4 or 0,
        pot_rp=shared_rp(story.sale.net_rp or 0, story.costs),
        share_rp=part.share_rp,
        borne=story.borne.get(part.delivery.number, ()),
        unit=story.product.base_unit,
        say=letter.say,
    )
    return Line(what, format_rp(part.share_rp), (*how, *factor_words(part, letter)))


def factor_words(part: Part, letter: Letterhead) -> list[str]:
    """Since when the grade counts for that, where its factor of that day is still in the list."""
    if part.factor_since is None:
        return []
    _ = letter.say
    return [
        _(
            "Grade {grade} counts {rate} since {since}.",
            grade=part.grade,
            rate=format_percent(part.factor_bp),
            since=part.factor_since,
        )
    ]
