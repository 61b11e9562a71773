"""The dashboard: the answer first, then one part at a time, and only the opened one is reckoned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import N_
from kopprod.services import (
    comparison,
    cooperative,
    members,
    output_months,
    products,
    references,
)
from kopprod.services.dashboard import Period, SoldTo
from kopprod.services.together import MonthTogether, by_member
from kopprod.tables.products import Product
from kopprod.ui import figures, premiums, quotes
from kopprod.ui.charts import chart
from kopprod.ui.places import link
from kopprod.ui.show import (
    Column,
    Tile,
    empty,
    fields,
    month,
    month_column,
    quantity,
    quantity_column,
    rp,
    rp_column,
    table,
    tiles,
)
from kopprod.ui.standing import cents
from kopprod.ui.visit import _, plain, reading

PARTS = {
    "gain": N_("Month by month"),
    "prices": N_("Price"),
    "sure": N_("How sure"),
    "members": N_("Member by member"),
    "buyers": N_("Buyers"),
    "flow": N_("Logged and delivered"),
}
MOST_LOSSES = 3


@dataclass(frozen=True)
class View:
    """What is looked at: whose goods, when, how many base units a price is for, by whom."""

    period: Period
    on: date
    goods: Mapping[int, Product]
    pers: Mapping[int, int]
    months: Sequence[MonthTogether]
    sold: Sequence[SoldTo]
    leads: bool

    @property
    def shown(self) -> Sequence[Product]:
        """The products that are chosen."""
        wanted = self.period.product_id
        return [p for p in self.goods.values() if wanted in (None, p.id)]


def answer(view: View) -> None:
    """What members got more or less than the middleman pays, from how many lots."""
    months = view.months
    lots, compared = sum(m.lots for m in months), sum(m.compared for m in months)
    net_rp = sum(one.net_rp for one in view.sold)
    with reading() as session:
        expected_bp = cooperative.whole(session, "expected_shu_bp")
    if not compared:
        empty(
            _("No comparison yet. It needs settled sales, and at least three middleman's prices "
              "that were noted within a week of a delivery.")
        )  # fmt: skip
        link("quotes", label=_("Note a middleman's price"))
    shown = [_gained(months, lots, compared), _lost(months)] if compared else []
    if net_rp:
        shown.append(Tile(_("For members, from settled sales"), rp(net_rp)))
    if shown:
        tiles(shown)
    for loss in sorted((m for m in months if m.difference_rp < 0), key=_newest)[:MOST_LOSSES]:
        st.markdown(_loss(loss, view))
    if expected_bp and net_rp:
        st.caption(premiums.expected_shu(net_rp, expected_bp))


def _gained(months: Sequence[MonthTogether], lots: int, compared: int) -> Tile:
    gained_rp = sum(m.difference_rp for m in months)
    return Tile(
        _("More by selling together") if gained_rp >= 0 else _("Less by selling together"),
        rp(abs(gained_rp)),
        _("{n} of {lots} lots could be compared", n=compared, lots=lots),
        "teal" if gained_rp >= 0 else "amber",
    )


def _lost(months: Sequence[MonthTogether]) -> Tile:
    lost = sum(1 for m in months if m.difference_rp < 0)
    return Tile(
        _("Months in which the middleman paid more"),
        str(lost),
        _("counted product by product"),
        "amber" if lost else "",
    )


def _newest(one: MonthTogether) -> tuple[int, int]:
    return -one.month.toordinal(), one.product_id


def _loss(one: MonthTogether, view: View) -> str:
    product = view.goods[one.product_id]
    each = abs(one.difference_rp) * view.pers[product.id] / one.true_weight
    return _(
        "{month}, {product}: **the middleman paid more**, {price} for one {unit}.",
        month=month(one.month),
        product=plain(product.name),
        price=cents(each),
        unit=plain(product.price_unit),
    )


def parts(view: View) -> None:
    """Choose a part; only that one is reckoned."""
    compared = any(m.compared for m in view.months)
    there = {"buyers": view.sold, "flow": view.leads, "sure": view.months}
    known = [part for part in PARTS if there.get(part, compared)]
    if len(known) < 2:
        for part in known:
            SHOWS[part](view)
        return
    part = st.pills(
        _("What to look at"),
        known,
        format_func=lambda one: _(PARTS[one]),
        default=known[0],
        key="dash_part",
        label_visibility="collapsed",
        required=True,
    )
    SHOWS[part or known[0]](view)


def _gain(view: View) -> None:
    rows = figures.gain_rows(view.months)
    columns = [
        month_column(),
        rp_column(_("In the month"), "month_rp"),
        rp_column(_("Added up"), "running_rp"),
    ]
    if len(rows) > 1:
        chart(figures.gain_figure(rows), key="dash_gain", columns=columns, rows=rows)
    else:  # a chart of one month is an empty axis
        table(columns, rows, key="dash_gain_table")
    with reading() as session:
        moved = references.changed(
            session, since=view.period.since, product_id=view.period.product_id
        )
        villages, grades = _places(view, moved)
    called = {p.id: p.name for p in view.goods.values()}
    quotes.changed(moved, products=called, villages=villages, grades=grades, key="dash_moved")


def _places(view: View, moved: Sequence[object]) -> tuple[dict[int, str], dict[int, str]]:
    if not moved:
        return {}, {}
    with reading() as session:
        villages = {v.id: v.name for v in cooperative.villages(session)}
        grades = {
            grade.id: grade.name
            for product in view.shown
            for grade in products.grades(session, product.id, with_stopped=True)
        }
    return villages, grades


def _sides() -> list[Column]:
    return [
        Column(_("Lots compared"), "compared", number=True),
        Column(_("Not enough data"), "thin", number=True),
        rp_column(_("Cooperative"), "coop_rp"),
        rp_column(_("Middleman"), "middleman_rp"),
        rp_column(_("More or less"), "difference_rp"),
    ]


def _prices(view: View) -> None:
    for product in view.shown:
        months = [m for m in view.months if m.product_id == product.id]
        if not any(m.compared for m in months):
            continue
        rows = [fields(m, "compared", "middleman_rp") for m in months]
        if sum(1 for m in months if m.compared) > 1:
            chart(
                figures.price_figure(
                    months, product=product.name, unit=product.price_unit, per=view.pers[product.id]
                ),
                key=f"dash_price_{product.id}",
                note=_("What arrives for one true {unit} on both sides, after cuts, costs and "
                       "waiting. A gap: too few comparable prices.", unit=product.price_unit),
                columns=[month_column(), *_sides()],
                rows=rows,
            )  # fmt: skip
        else:
            st.subheader(plain(product.name), anchor=False)
            table([month_column(), *_sides()], rows, key=f"dash_price_{product.id}_table")
        _break_even(view, product, months)


def _break_even(view: View, product: Product, months: Sequence[MonthTogether]) -> None:
    """The price below which the middleman is better, as it was at the last sale compared."""
    since = max(m.month for m in months if m.compared)
    until = min((since + timedelta(days=31)).replace(day=1), view.period.until)
    with reading() as session:
        found = comparison.lots(session, Period(since, until, product.id), on=view.on)
    known = [lot for lot in found if lot.break_even is not None]
    if not known:
        return
    last = max(known, key=lambda lot: (lot.sold_on, lot.break_even or 0))
    st.caption(
        _(
            "Last sale compared ({sold_on}): below {price} for one {unit} the middleman is better; "
            "the buyer paid {paid}.",
            sold_on=last.sold_on,
            price=cents(last.break_even or 0),
            paid=cents(last.sold_at),
            unit=plain(product.price_unit),
        )
    )


def _sure(view: View) -> None:
    with reading() as session:
        lots = comparison.lots(session, view.period, on=view.on)
        called = premiums.Names(
            {p.id: p.name for p in view.goods.values()},
            {v.id: v.name for v in cooperative.villages(session)},
            {m.id: m.name for m in members.members(session)},
        )
        enough = comparison.enough(session)
    premiums.show(lots, called, enough)


def _members(view: View) -> None:
    with reading() as session:
        found = by_member(comparison.lots(session, view.period, on=view.on))
        names = {m.id: m.name for m in members.members(session)}
    st.subheader(_("The same for every member, whoever gained least first"), anchor=False)
    table(
        [Column(_("Member"), "name"), *_sides()],
        [fields(m, "compared", "middleman_rp") | {"name": names[m.member_id]} for m in found],
        key="dash_members",
    )


def _flow(view: View) -> None:
    """Of all members together, and for the manager only: a sign, and no accusation."""
    period = view.period
    with reading() as session:
        flows = output_months.logged_and_delivered(
            session, product_id=period.product_id, since=period.since, until=period.until
        )
    if not flows:
        empty(_("Nothing was logged or delivered in this time."))
        return
    for product in view.shown:
        flow = [f for f in reversed(flows) if f.product_id == product.id]
        if not flow:
            continue
        pieces = product.base_unit == BaseUnit.PIECE
        chart(
            figures.flow_figure(
                flow,
                product=product.name,
                unit=product.price_unit,
                per=1 if pieces else view.pers[product.id],
            ),
            key=f"dash_flow_{product.id}",
            note=premiums.gap_words(flow, product.base_unit),
            columns=[
                month_column(),
                quantity_column(_("Logged"), "logged", product.base_unit),
                quantity_column(_("Delivered"), "delivered", product.base_unit),
                quantity_column(_("Not delivered"), "gap", product.base_unit),
            ],
            rows=[premiums.gap_row(f) for f in flow],
        )
    st.caption(
        _("All members together. It does not prove that anybody sold elsewhere: goods may be "
          "eaten, kept as seed, spoiled, on their way, or logged wrongly.")
    )  # fmt: skip


def _buyers(view: View) -> None:
    sold, goods = view.sold, view.goods
    chart(
        figures.buyers_figure(sold, [f"{b.buyer}, {goods[b.product_id].name}" for b in sold]),
        key="dash_buyers",
        columns=[
            Column(_("Buyer"), "buyer"),
            Column(_("Product"), "product"),
            Column(_("Sales"), "sales", number=True),
            Column(_("Quantity"), "shown", number=True),
            rp_column(_("Proceeds"), "gross_rp"),
            rp_column(_("For members"), "net_rp"),
        ],
        rows=[
            fields(b)
            | {
                "product": goods[b.product_id].name,
                "shown": quantity(b.weight, goods[b.product_id].base_unit),
            }
            for b in sold
        ],
    )


SHOWS: Mapping[str, Callable[[View], None]] = {
    "gain": _gain,
    "prices": _prices,
    "sure": _sure,
    "members": _members,
    "buyers": _buyers,
    "flow": _flow,
}
