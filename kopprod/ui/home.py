"""The parts of the first page: what waits for whom, and today's prices of every product."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.services.home import Mine, Office
from kopprod.services.standings import Standing
from kopprod.tables.products import Product
from kopprod.ui import places
from kopprod.ui.show import (
    Card,
    cards,
    day,
    empty,
    figure,
    html,
    quantity,
    rp,
    short_day,
)
from kopprod.ui.standing import age_words, coop_words, price
from kopprod.ui.visit import _, plain


def owed(mine: Mine) -> None:
    """What a member is owed, and what she does most often."""
    figure(
        _("The cooperative owes you"),
        rp(mine.owed_rp),
        _("{n} slips wait to be paid", n=mine.unpaid_slips) if mine.unpaid_slips else "",
        "teal",
    )
    if mine.unpaid_slips:
        places.link("slips", label=_("See my slips"))
    with st.container(key="main_door"):
        places.link("output", label=_("Log what I harvested or made"))
    if mine.not_delivered:
        st.caption(_("{n} of your logs have not been delivered yet.", n=mine.not_delivered))


def brought(mine: Mine) -> None:
    """A member's last deliveries."""
    st.subheader(_("What I brought last"), anchor=False)
    if not mine.brought:
        empty(_("Your deliveries appear here once the officer has weighed them."))
    cards(
        [
            Card(
                title=f"{b.product} {b.grade}",
                below=f"{day(b.on)}\n{b.number}",
                right=quantity(b.net.amount, b.net.unit),
                right_below=_("settled") if b.settled else _("in store"),
            )
            for b in mine.brought
        ]
    )
    places.link("passport", label=_("My data: everything between me and the cooperative"))


def waits(office: Office, person: Person) -> None:
    """What those who run the cooperative look at first; each line is a door."""
    if office.unpaid is not None:
        owed_rp, slips = office.unpaid
        note = _("{n} slips", n=slips) if slips else _("Every slip is paid.")
        figure(_("Waiting to be paid out"), rp(owed_rp), note)
    else:
        figure(_("Deliveries today"), str(office.received_today))
    if person.may(Action.DELIVERIES_RECEIVE) and not person.may(Action.SALES_CHANGE):
        with st.container(key="main_door"):
            places.link("deliveries", label=_("Weigh a delivery"))
    st.subheader(_("What waits"), anchor=False)
    lines = _lines(office, person)
    if not lines:
        st.success(_("Nothing waits. Everything is weighed, sold and paid."))
    with st.container(key="waits"):
        for place, line in lines:
            places.link(place, label=line)


def _lines(office: Office, person: Person) -> list[tuple[str, str]]:
    """What waits, for the treasurer the money first."""
    goods, money = [*_goods(office)], [*_money(office)]
    return goods + money if person.may(Action.DELIVERIES_RECEIVE) else money + goods


def _goods(office: Office) -> Iterator[tuple[str, str]]:
    if office.disputes:
        said = _("**{n}** deliveries are not right, their members say: answer", n=office.disputes)
        yield "deliveries", said
    if office.not_delivered:
        yield "deliveries", _("**{n}** logs have not come to the scale", n=office.not_delivered)
    if office.in_store:
        yield "sales", _("**{n}** deliveries lie in store, not sold yet", n=office.in_store)
    if office.open_sales:
        yield "sales", _("**{n}** open sales wait to be settled", n=office.open_sales)
    if office.orders_late:
        yield "orders", _("**{n}** buyers' orders are past their day", n=office.orders_late)
    elif office.open_orders:
        yield "orders", _("**{n}** buyers' orders are not filled yet", n=office.open_orders)
    if office.short_of_quotes:
        names = ", ".join(map(plain, office.short_of_quotes))
        yield "quotes", _("Too few middleman's prices lately: **{products}**", products=names)


def _money(office: Office) -> Iterator[tuple[str, str]]:
    if office.unpaid is not None and office.unpaid[1]:
        yield "payouts", _("**{n}** slips wait to be paid out", n=office.unpaid[1])
    if office.open_lists:
        yield "payouts", _("**{n}** payout lists are not finished", n=office.open_lists)
    owed_rp, late_rp = office.buyers_owe_rp or 0, office.buyers_late_rp
    if late_rp:
        said = _(
            "Buyers still owe **{owed_rp}**, of it late **{late_rp}**",
            owed_rp=owed_rp,
            late_rp=late_rp,
        )
        yield "receivables", said
    elif owed_rp:
        yield "receivables", _("Buyers still owe **{owed_rp}**", owed_rp=owed_rp)


def prices(standings: Mapping[int, Sequence[Standing]], goods: Mapping[int, Product]) -> None:
    """Today's prices of all products, one line for each grade."""
    columns = (_("Product"), _("Cooperative"), _("Middleman"))
    head = "".join(f"<th>{escape(heading)}</th>" for heading in columns)
    rows = "".join(
        _standing_row(standing, goods[product_id])
        for product_id, found in standings.items()
        for standing in found
    )
    html(f'<table class="kp"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')
    st.caption(_("What arrives on both sides after cuts, costs, fee and waiting."))


def _unbroken(day: str) -> str:
    return day.replace("-", "\N{NON-BREAKING HYPHEN}")


def _standing_row(standing: Standing, product: Product) -> str:
    heard = standing.middlemen
    coop = "–" if standing.coop is None else price(standing.coop)
    thin = heard.price is None or heard.thin
    middleman = _("Not enough data") if heard.price is None or thin else price(heard.price)
    age = _("{n} prices, {age}", n=heard.count, age=age_words(heard.age_days))
    cells = (
        (f"{product.name} {standing.grade}", _("for one {unit}", unit=product.price_unit), ""),
        (coop, coop_words(standing, _unbroken(short_day(standing.coop_on))), "teal"),
        (middleman, age if heard.count else _("no price heard in the last days"), "amber"),
    )
    shown = "".join(
        f'<td><span class="kp-{tone}">{escape(value)}</span>'
        f'<span class="kp-note">{escape(note)}</span></td>'
        for value, note, tone in cells
    )
    return f"<tr>{shown}</tr>"
