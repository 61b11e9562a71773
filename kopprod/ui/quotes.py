"""What middlemen offered: the steps from what they say to what arrives, and what it changed."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

import streamlit as st
from sqlmodel import Session

from kopprod.domain import money
from kopprod.domain.quotes import Hidden, Step
from kopprod.domain.refusal import N_
from kopprod.services import references
from kopprod.services.standings import Heard
from kopprod.tables.products import Product
from kopprod.tables.references import ReferenceDay
from kopprod.ui.show import Card, Column, cards, day, day_column, html, rp, table
from kopprod.ui.standing import price
from kopprod.ui.visit import _

FIRST = 6  # prices shown at once on a phone

STEPS = {
    Step.GAP: N_("less because of the loan"),
    Step.WEIGHT: N_("what he does not count"),
    Step.COMMISSION: N_("commission"),
    Step.CHARGE: N_("what he charges"),
    Step.WAITING: N_("waiting for the money"),
}


def hidden_words(hidden: Hidden, part_days: int) -> str:
    """What a loan really costs, each time and as a yearly rate, and which kind of rate it is."""
    return _(
        "The lower price costs {gap_rp} each time, with the repayment {paid_rp}. The loan really "
        "costs {rate_bp} each {days} days: {year_bp} a year (nominal: times 365/{days}).",
        gap_rp=hidden.gap_rp,
        paid_rp=hidden.paid_rp,
        rate_bp=hidden.rate_bp,
        days=part_days,
        year_bp=hidden.year_bp,
    )


def moved_words(session: Session, quoted_on: date) -> str:
    """Which days' references the late price changed that was just noted; nothing where none."""
    days = sorted({one.place.on for one in references.moved_now(session)})
    if not days:
        return ""
    return _(
        "This price of {quoted_on} changed the reference of {n} days ({first} to {last}).",
        quoted_on=quoted_on,
        n=len(days),
        first=day(days[0]),
        last=day(days[-1]),
    )


def noted(seen: Sequence[Heard], product: Product, places: Mapping[int, str],
          grades: Mapping[int, str]) -> None:  # fmt: skip
    """The latest offers, each with what arrives; how it comes to that is opened."""
    st.subheader(_("Noted lately"), anchor=False)
    st.caption(
        _("On the right what arrives for one true {unit} after his cuts, below it what he says.",
          unit=product.price_unit)
    )  # fmt: skip
    every = len(seen) <= FIRST or st.toggle(_("Show older prices too"), key="quotes_all")
    shown = seen if every else seen[:FIRST]
    cards([_card(one, places, grades) for one in shown])
    if any(one.odd for one in seen):
        st.caption(
            _("A price far from the others is more than three times as far from the middle as is "
              "usual, and more than a tenth of it. It is marked and still counts; the middle bears "
              "it.")
        )  # fmt: skip
    stepped = [one for one in shown if one.steps]
    if stepped and st.toggle(_("How what he says becomes what arrives"), key="quotes_steps"):
        for one in stepped:
            html(_steps(one, places))
        if any(one.gap_bp for one in stepped):
            st.caption(
                _("A lower price because of a loan is taken off once. The loan's yearly cost is "
                  "the same gap, told as interest, and is not taken off again; nor is what is "
                  "repaid.")
            )  # fmt: skip


def _card(one: Heard, places: Mapping[int, str], grades: Mapping[int, str]) -> Card:
    quote = one.quote
    below = " · ".join(w for w in (day(quote.quoted_on), quote.middleman) if w)
    if one.odd:
        below += "\n" + _("far from the others of those days")
    if one.gap_bp:
        below += "\n" + _("who owes him gets {gap_bp} less than others", gap_bp=one.gap_bp)
    if one.hidden is not None:
        below += "\n" + _("his loan really costs {year_bp} a year", year_bp=one.hidden.year_bp)
    return Card(
        title=f"{places.get(quote.village_id, '')}, {grades.get(quote.grade_id, '')}",
        below=below,
        right=rp(one.effective_rp),
        right_below=_("he says {price_e4}", price_e4=quote.price_e4),
    )


def _steps(one: Heard, places: Mapping[int, str]) -> str:
    quote = one.quote
    title = ", ".join((places.get(quote.village_id, ""), day(quote.quoted_on)))
    first = _("to those who owe nothing") if quote.market_e4 else _("he says")
    lines = [(first, money.format_e4(one.first_e4), "")]
    for taken in one.steps:
        name = _(STEPS[taken.step])
        lines.append((name, f"\N{MINUS SIGN}{price(taken.off)}", price(taken.left)))
    body = "".join(
        f"<tr><td>{escape(name)}</td><td class='n'>{off}</td><td class='n'>{left}</td></tr>"
        for name, off, left in lines
    )
    said = ""
    if one.hidden is not None and quote.loan_part_days is not None:
        said = f'<p class="kp-note">{escape(hidden_words(one.hidden, quote.loan_part_days))}</p>'
    return f'<b>{escape(title)}</b><table class="kp"><tbody>{body}</tbody></table>{said}'


def changed(rows: Sequence[ReferenceDay], *, products: Mapping[int, str],
            villages: Mapping[int, str], grades: Mapping[int, str], key: str) -> None:  # fmt: skip
    """Days whose reference a late quote changed, with what it was and what it is now."""
    if not rows:
        return
    days = len({(row.product_id, row.day) for row in rows})
    with st.expander(_("A price that was noted late changed the reference of {n} days", n=days)):
        shown = [
            {
                "day": row.day,
                "product": products.get(row.product_id, ""),
                "grade": grades.get(row.grade_id, ""),
                "village": villages.get(row.village_id or 0, _("not known")),
                "before": row.before_e4,
                "after": row.middle_e4,
            }
            for row in rows
        ]
        table(
            [
                day_column(_("Date"), "day"),
                Column(_("Product"), "product"),
                Column(_("Grade"), "grade"),
                Column(_("Village"), "village"),
                Column(_("Before"), "before", _rounded, number=True),
                Column(_("Now"), "after", _rounded, number=True),
            ],
            shown,
            key=key,
        )


def _rounded(price_e4: int) -> str:
    return money.format_rp((price_e4 + money.E4 // 2) // money.E4)
