"""Receipts and slips as plain text, short enough for a WhatsApp message."""

from collections.abc import Sequence

from kopprod.domain import codes
from kopprod.domain.money import format_rp
from kopprod.papers import buying
from kopprod.papers.deliveries import correction
from kopprod.papers.press import Letterhead, weight
from kopprod.papers.slips import cancelled, factor_words, reversals, taken_text, waiting
from kopprod.services.bought import BoughtStory, HowBought
from kopprod.services.deliveries import Received
from kopprod.services.slips import Story


def receipt(row: Received, letter: Letterhead, how: HowBought | None = None) -> str:
    """What was weighed, with its number and code; of bought goods how the amount came about."""
    _, delivery = letter.say, row.delivery
    weighed = weight(delivery.net, row.unit)
    if delivery.tare:
        weighed = _(
            "{net} net ({gross} less {tare} tare)",
            net=weighed,
            gross=weight(delivery.gross, row.unit),
            tare=weight(delivery.tare, row.unit),
        )
    lines = [
        _("Delivery receipt {number}", number=delivery.number),
        _("{name}, {on}", name=row.member, on=delivery.received_on),
        _("{product}, grade {grade}: {weighed}",
          product=row.product, grade=row.grade, weighed=weighed),
    ]  # fmt: skip
    bought = [] if how is None else buying.text_lines(how, letter)
    return as_text([*correction(row, letter), *lines, *bought], delivery.code, letter)


def slip(story: Story | BoughtStory, letter: Letterhead) -> str:
    """What a member gets, in figures and how it came about, with number and code."""
    if story.slip.voided_on is not None:
        _ = letter.say
        lines = [_("Slip {number}", number=story.slip.number), story.member.name]
        return as_text([*cancelled(story.slip, letter), *lines], story.slip.code, letter)
    if isinstance(story, BoughtStory):
        return _bought_slip(story, letter)
    _, row, sale = letter.say, story.slip, story.sale
    gets = _("You get {value_rp}.", value_rp=row.net_value_rp)
    paid = waiting(story, _) if row.paid_on is None else _("Paid on {on}.", on=row.paid_on)
    lines = [
        _("Slip {number}", number=row.number),
        _("{name}, {on}", name=story.member.name, on=sale.settled_on or sale.sold_on),
        _("{product}, sale {number}: proceeds {gross_rp}, less costs {costs_rp} and fee {fee_rp}.",
          product=story.product.name, number=sale.number, gross_rp=sale.gross_rp or 0,
          costs_rp=sale.costs_rp or 0, fee_rp=sale.fee_rp or 0),
        *(" ".join([f"{p.delivery.number}: {weight(p.quantity, story.product.base_unit)},",
                    f"{format_rp(p.share_rp)}.", *factor_words(p, letter)]) for p in story.parts),
        " ".join([gets, *taken_text(story, letter), paid]),
    ]  # fmt: skip
    return as_text([*reversals(story.parts, letter), *lines], row.code, letter)


def _bought_slip(story: BoughtStory, letter: Letterhead) -> str:
    _, row = letter.say, story.slip
    gets = _("You get {value_rp}.", value_rp=row.net_value_rp)
    paid = waiting(story, _) if row.paid_on is None else _("Paid on {on}.", on=row.paid_on)
    lines = [
        _("Slip {number}", number=row.number),
        _("{name}, {on}", name=story.member.name, on=story.how.buying.bought_on),
        _("{product} {grade}, delivery {number}, bought outright.",
          product=story.product.name, grade=story.grade, number=story.delivery.number),
        *buying.text_lines(story.how, letter),
        " ".join([gets, *taken_text(story, letter), paid]),
    ]  # fmt: skip
    return as_text([*buying.reversals(story, letter), *lines], row.code, letter)


def as_text(lines: Sequence[str], code: str, letter: Letterhead) -> str:
    """Lines of a paper under the name of the cooperative, with its code and where to ask."""
    _, address = letter.say, letter.address(code)
    lines = [letter.name or letter.coop, *lines]
    plain = [" ".join(line.split()) for line in lines]
    plain.append(_("Code: {code}", code=codes.grouped(code)))
    if address:
        plain.append(_("Check this paper at {address}", address=address))
    return "\n".join(plain)
