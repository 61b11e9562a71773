"""Beli putus on a screen: what goods bring at once, how the price came about, and the slip."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from html import escape

import streamlit as st

from kopprod import language
from kopprod.domain import bands, money
from kopprod.domain.measures import Measure, shown
from kopprod.domain.refusal import Refusal
from kopprod.papers import buying as papers
from kopprod.papers.press import Letterhead
from kopprod.services import buying, pricing
from kopprod.services.bought import BoughtStory, HowBought
from kopprod.services.buying import Offer
from kopprod.tables.products import Grade, Product
from kopprod.ui import places
from kopprod.ui.pricing import show_rule, steps_html
from kopprod.ui.show import figure, html, in_words, quantity, rp
from kopprod.ui.steps import Step, steps
from kopprod.ui.visit import _, complain, plain, reading, spoken, today


def ask_buys(*, value: bool, key: str) -> bool:
    """Whether the goods are the member's until they are sold, or bought at once."""
    modes = {False: _("Sell together"), True: _("Buy outright")}
    chosen: bool = st.segmented_control(
        _("How does the member get her money?"),
        list(modes),
        format_func=modes.__getitem__,
        default=value,
        key=key,
        required=True,
        width="stretch",
    )
    st.caption(
        _("The cooperative buys the goods now, at its price of today.")
        if chosen
        else _("The goods stay hers; she is paid once they are sold.")
    )
    return chosen


def has_price(product: Product, *, on: date) -> bool:
    """Whether a price rule counts for what comes on this day."""
    with reading() as session:
        return pricing.has_rule(session, product.id, on=on)


def ask_offer(
    product: Product,
    grade: Grade,
    *,
    measured: Mapping[Measure, int],
    net: int,
    received_on: date,
    key: str,
) -> tuple[Offer, dict[Measure, int]] | None:
    """What these goods bring, with what was decided where the rule asks; None if they cannot."""
    decided: dict[Measure, int] = {}
    while True:
        try:
            with reading() as session:
                found = buying.offer(
                    session,
                    product.id,
                    grade_id=grade.id,
                    values=measured,
                    net=net,
                    received_on=received_on,
                    decided=decided,
                )
        except bands.ToAsk as question:
            chosen = _ask_class(question, key)
            if chosen is None:
                return None
            decided[question.measure] = chosen
        except Refusal as refusal:
            complain(refusal)
            return None
        else:
            _show_offer(found, product, net)
            return found, decided


def _ask_class(question: bands.ToAsk, key: str) -> int | None:
    measure = question.measure
    chosen: int | None = st.segmented_control(
        language.sentence(spoken(), question),
        list(question.choices),
        format_func=lambda value: shown(measure, value),
        key="_".join([key, measure, *map(str, question.choices)]),
    )
    return chosen


def _show_offer(found: Offer, product: Product, net: int) -> None:
    amount_rp, unit = found.bought.amount_rp, product.base_unit
    price = f"{money.format_e4(found.priced.price_e4)}/{product.price_unit}"
    paid = quantity(found.bought.paid, unit)
    if found.bought.paid != net:
        weighed = quantity(net, unit)
        paid = _("{paid} paid of {net} net", paid=paid, net=weighed)
    figure(_("She gets"), rp(amount_rp), f"{paid} × {price}", "teal")
    with st.expander(_("How the price came about")):
        st.html(steps_html(found.priced, product.price_unit))


def price_steps(how: HowBought, letter: Letterhead) -> None:
    """Each step of the rule with what it adds, the price below, and the rule's version."""
    html(
        '<table class="kp"><tbody>'
        + "".join(
            f"<tr{' class=sum' if line.is_sum else ''}><td>{escape(line.what)}</td>"
            f'<td class="n">{escape(line.amount)}</td></tr>'
            for line in papers.price_steps(how, letter)
        )
        + "</tbody></table>"
    )
    st.caption(papers.rule(how.version, letter))


def bought_story(
    found: BoughtStory, letter: Letterhead, *, paid: Callable[[BoughtStory], None]
) -> None:
    """From the scale to the slip's amount, nothing left out; `paid` says whether it is paid."""
    how, delivery = found.how, found.delivery
    st.write(
        _(
            "{product} {grade}, delivery {number} of {received_on}, "
            "bought outright on {bought_on}.",
            product=plain(found.product.name),
            grade=plain(found.grade),
            number=delivery.number,
            received_on=delivery.received_on,
            bought_on=how.buying.bought_on,
        )
    )
    paid(found)
    st.subheader(_("1. How the price came about"), anchor=False)
    price_steps(how, letter)
    st.subheader(_("2. What was received and is paid"), anchor=False)
    st.write(_("The cooperative bought these goods outright, at its price of that day."))
    what = _(
        "{number}, {received_on}, grade {grade}",
        number=delivery.number,
        received_on=delivery.received_on,
        grade=found.grade,
    )
    total = Step(_("For {name}", name=found.member.name), found.slip.net_value_rp, is_sum=True)
    steps([Step(what, how.buying.amount_rp, [papers.paid_weight(how, letter)]), total])
    st.caption(_("Price and amount are rounded once each, half a rupiah upwards."))


def show_bought(how: HowBought, letter: Letterhead) -> None:
    """On a receipt's place: what the member gets for what was just received."""
    amount_rp = how.buying.amount_rp
    figure(
        _("She gets"),
        rp(amount_rp),
        f"{papers.paid_weight(how, letter)} · {in_words(amount_rp)}",
        "teal",
    )
    with st.expander(_("How the price came about")):
        price_steps(how, letter)
    with reading() as session:
        slip = buying.slip_of(session, how.delivery.id)
    if slip is not None and st.button(
        _("To slip {number}", number=slip.number), key=f"slip_of_{slip.id}", width="stretch"
    ):
        st.switch_page(places.FOLDER / "slips.py", query_params={"slip": str(slip.id)})


def show_posted(*, product_ids: Collection[int] | None = None) -> None:
    """What the cooperative pays today where it buys outright; of these products or of all."""
    with reading() as session:
        rows = pricing.posted(session, on=today())
    rows = [row for row in rows if product_ids is None or row.product.id in product_ids]
    if not rows:
        return
    st.subheader(_("What the cooperative pays today"), anchor=False)
    for row in rows:
        with st.container(border=True):
            st.markdown(f"**{plain(row.product.name)}**")
            show_rule(row.rule, row.grades, row.product.price_unit)
            st.caption(_("Price rule no. {number}, since {since}.",
                         number=row.version.number, since=row.version.since))  # fmt: skip
