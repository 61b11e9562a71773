"""How a bought delivery's amount came about, on its receipt and on its slip."""

from typing import Any

from kopprod import language
from kopprod.domain import money
from kopprod.domain.money import format_e4, format_rp
from kopprod.domain.pricing import KIND_WORDS, Step
from kopprod.papers.press import Letterhead, Line, weight
from kopprod.services.bought import BoughtStory, HowBought
from kopprod.tables.pricing import PriceRuleVersion


def rule(version: PriceRuleVersion, letter: Letterhead) -> str:
    """Which version of the price rule counted."""
    _ = letter.say
    return _(
        "By price rule no. {number} since {since}: {kind_word}.",
        number=version.number,
        since=version.since,
        kind_word=KIND_WORDS[version.kind],
    )


def price_steps(how: HowBought, letter: Letterhead) -> list[Line]:
    """Each step of the rule with what it adds, and the price below."""
    _ = letter.say
    lines = [
        Line(_(step.message, **step.facts), step_amount(step, first=place == 0))
        for place, step in enumerate(how.steps)
    ]
    label = _("Price per {unit}", unit=how.product.price_unit)
    return [*lines, Line(label, format_e4(how.buying.price_e4), is_sum=True)]


def step_amount(step: Step, *, first: bool) -> str:
    """What a step adds or takes: `+Rp300`, `−Rp750`, or nothing; the first is the base price."""
    if step.amount_e4 is None:
        return ""
    amount_e4 = money.round_half_up(step.amount_e4)
    return f"+{format_e4(amount_e4)}" if amount_e4 > 0 and not first else format_e4(amount_e4)


def paid_weight(how: HowBought, letter: Letterhead) -> str:
    """The weight that is paid times the price."""
    _, unit = letter.say, how.product.base_unit
    price = f"{format_e4(how.buying.price_e4)}/{how.product.price_unit}"
    paid = weight(how.paid, unit)
    if how.paid == how.delivery.net:
        return f"{paid} × {price}"
    net = weight(how.delivery.net, unit)
    return _("{paid} paid of {net} net × {price}", paid=paid, net=net, price=price)


def receipt_words(how: HowBought, letter: Letterhead) -> dict[str, Any]:
    """What the receipt of bought goods says beside the weights."""
    _ = letter.say
    amount_rp = how.buying.amount_rp
    return {
        "steps_title": _("How the price came about"),
        "rule": rule(how.version, letter),
        "steps": [
            *price_steps(how, letter),
            Line(_("You get"), format_rp(amount_rp), (paid_weight(how, letter),), is_sum=True),
        ],
        "promise": _("The cooperative has bought these goods; a slip says what is paid for them."),
    }


def slip_words(story: BoughtStory, letter: Letterhead) -> dict[str, Any]:
    """What the slip of a bought delivery says of where its amount comes from."""
    _, how, delivery = letter.say, story.how, story.delivery
    return {
        "warnings": reversals(story, letter),
        "facts": [
            [_("Member"), story.member.name],
            [_("Member number"), story.member.number],
            [_("Product"), story.product.name],
            [_("Grade"), story.grade],
            [_("Delivery"), _("{number} of {on}", number=delivery.number, on=delivery.received_on)],
            [_("Bought"), language.long_date(letter.language, how.buying.bought_on)],
        ],
        "proceeds_title": _("1. How the price came about"),
        "proceeds": price_steps(how, letter),
        "scales": rule(how.version, letter),
        "part_title": _("2. What was received and is paid"),
        "rule": _("The cooperative bought these goods outright, at its price of that day."),
        "shares": [
            Line(
                _(
                    "{number}, {received_on}, grade {grade}",
                    number=delivery.number,
                    received_on=delivery.received_on,
                    grade=story.grade,
                ),
                format_rp(how.buying.amount_rp),
                (paid_weight(how, letter),),
            ),
            Line(_("For this member"), format_rp(story.slip.net_value_rp), is_sum=True),
        ],
        "proof": _("Price and amount are rounded once each, half a rupiah upwards."),
    }


def reversals(story: BoughtStory, letter: Letterhead) -> list[str]:
    """That the delivery was taken back, and the slip with it."""
    if story.reversal is None:
        return []
    _ = letter.say
    return [
        _(
            "CANCELLED: delivery {wrong} was taken back on {reversed_on} by {number}.",
            wrong=story.delivery.number,
            reversed_on=story.reversal.received_on,
            number=story.reversal.number,
        )
    ]


def text_lines(how: HowBought, letter: Letterhead) -> list[str]:
    """The same in a message: the rule, each step, and the amount."""
    _ = letter.say
    steps = [f"{line.what}: {line.amount}" if line.amount else line.what
             for line in price_steps(how, letter)]  # fmt: skip
    amount = f"{paid_weight(how, letter)} = {format_rp(how.buying.amount_rp)}"
    return [rule(how.version, letter), *steps, amount]
