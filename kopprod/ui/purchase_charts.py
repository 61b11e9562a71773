"""Charts of buying together: only the part that is opened is reckoned."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import streamlit as st
from plotly import graph_objects as go

from kopprod.domain import money
from kopprod.domain.quantities import format_number
from kopprod.domain.receivables import AGE_NAMES, Age
from kopprod.domain.refusal import N_
from kopprod.services import purchase_charts as service
from kopprod.services.purchase_charts import Asked, Saved, SavedBy
from kopprod.ui.charts import COOPERATIVE, GREYS, MIDDLEMAN, chart, layout, line
from kopprod.ui.show import Column, Tile, empty, fields, month, rp, rp_column, table, tiles
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _, reading, today

PARTS: Mapping[str, str] = {
    "saved": N_("Saving"),
    "filled": N_("Full packs"),
    "asked": N_("Suppliers' prices"),
    "unpaid": N_("Unpaid bills"),
}
_BY: Mapping[SavedBy, str] = {
    SavedBy.MEMBER: N_("By member"),
    SavedBy.ARTICLE: N_("By article"),
    SavedBy.SEASON: N_("By season"),
}
_MOST_BARS = 15


def parts() -> None:
    """Choose a part; nothing is reckoned before."""
    part = st.pills(
        _("Charts of buying together"),
        list(PARTS),
        format_func=lambda one: _(PARTS[one]),
        key="purchase_charts",
    )
    if part is not None:
        _SHOWS[part]()


def bars(
    title: str, labels: Sequence[str], values_rp: Sequence[int], *, losses: bool = False
) -> go.Figure:
    """Amounts beside each other, each with its name above; losses in amber."""
    figure = go.Figure(layout=layout(title))
    figure.add_bar(
        x=list(values_rp),
        y=list(range(len(values_rp))),
        width=0.4,
        orientation="h",
        marker_color=[MIDDLEMAN if losses and rp_ < 0 else COOPERATIVE for rp_ in values_rp],
        text=[money.short_rp(value) for value in values_rp],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    for place, label in enumerate(labels):  # over its bar: beside it there is no room on a phone
        figure.add_annotation(
            x=0, y=place, text=escape(label), showarrow=False, xanchor="left", yshift=20
        )
    low, high = min(0, *values_rp, 0), max(0, *values_rp, 1)
    figure.update_layout(height=60 + 56 * len(values_rp))
    figure.update_yaxes(autorange="reversed", visible=False)
    figure.update_xaxes(visible=False, range=[low * 1.35, high * 1.35])
    return figure


def _saved() -> None:
    by = st.segmented_control(
        _("Added up"),
        list(_BY),
        format_func=lambda one: _(_BY[one]),
        default=SavedBy.MEMBER,
        key="purchase_saved_by",
        label_visibility="collapsed",
        required=True,
    )
    with reading() as session:
        rows = service.saved(session, by=SavedBy(by))
    if not rows:
        empty(_("The saving appears here once goods were handed out and bills are made."))
        return
    whole = service.together(rows)
    named = [one.name or _("without a season") for one in rows]
    figure = bars(_saved_finding(whole), named[:_MOST_BARS],
                  [one.saved_rp for one in rows[:_MOST_BARS]], losses=True)  # fmt: skip
    chart(
        figure,
        key="hemat_belanja",
        note=_("Against the village shop's price as it was in each purchase; freight and fee are "
               "in what was paid."),
        columns=[
            Column(_("Name"), "name"),
            rp_column(_("Paid"), "paid_rp"),
            rp_column(_("In the shop"), "shop_rp"),
            rp_column(_("More or less"), "saved_rp"),
        ],
        rows=[
            fields(one, "saved_rp") | {"name": name}
            for one, name in zip(rows, named, strict=True)
        ],
    )  # fmt: skip


def _saved_finding(whole: Saved) -> str:
    if whole.saved_rp >= 0:
        return _("By buying together members saved {saved_rp}", saved_rp=whole.saved_rp)
    return _("By buying together members paid {lost_rp} more", lost_rp=-whole.saved_rp)


def _filled() -> None:
    with reading() as session:
        rows = service.filled(session)
    if not rows:
        empty(_("How packs fill appears here once wants of a purchase are fixed."))
        return
    shown = rows[:_MOST_BARS]
    figure = go.Figure(layout=layout(_("How much of what is firmly wanted fills packs")))
    figure.add_bar(
        x=[one.served_bp / 100 for one in shown],
        y=list(range(len(shown))),
        width=0.4,
        orientation="h",
        marker_color=[COOPERATIVE if one.served_bp == 10_000 else GREYS[2] for one in shown],
        text=[f"{one.served_bp // 100} %" for one in shown],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    for place, one in enumerate(shown):
        figure.add_annotation(
            x=0, y=place, text=escape(f"{one.title}, {one.article}"), showarrow=False,
            xanchor="left", yshift=20,
        )  # fmt: skip
    figure.update_layout(height=60 + 56 * len(shown))
    figure.update_yaxes(autorange="reversed", visible=False)
    figure.update_xaxes(visible=False, range=[0, 130])
    chart(
        figure,
        key="kemasan_penuh",
        columns=[
            number_column(_("Number"), "number"),
            Column(_("Title"), "title"),
            Column(_("Article"), "article"),
            Column(_("Portion"), "word"),
            Column(_("Members"), "members", number=True),
            Column(_("Firmly wanted"), "firm", format_number, number=True),
            Column(_("More would be fine"), "tolerance", format_number, number=True),
            Column(_("Packs"), "packs", format_number, number=True),
            Column(_("Bought"), "bought", format_number, number=True),
            Column(_("Fills no pack"), "left", format_number, number=True),
        ],
        rows=[fields(one, "left") for one in rows],
    )


def _asked() -> None:
    with reading() as session:
        rows = service.asked(session)
    if not rows:
        empty(_("Suppliers' prices appear here once a purchase was opened."))
        return
    names = sorted({one.article for one in rows}, key=str.casefold)
    article = st.selectbox(_("Article"), names, key="purchase_asked_article")
    mine = [one for one in rows if one.article == article]
    chart(
        _asked_figure(mine),
        key="harga_penjual",
        note=_("For one {unit}, without freight: the price that was reached, or that of the least "
               "order.", unit=mine[0].word),
        columns=[
            narrow_day_column(_("Day"), "on"),
            number_column(_("Number"), "number"),
            Column(_("Supplier"), "supplier"),
            Column(_("Price"), "price_e4", _price, number=True),
            Column(_("In the shop"), "shop_e4", _price, number=True),
            Column(_("Ordered"), "ordered", lambda one: _("yes") if one else _("no")),
        ],
        rows=[fields(one) for one in mine],
    )  # fmt: skip


def _price(price_e4: int) -> str:
    return money.format_e4(price_e4)


def _asked_figure(rows: Sequence[Asked]) -> go.Figure:
    title = _("{article}: what suppliers asked for one {unit}",
              article=rows[0].article, unit=rows[0].word)  # fmt: skip
    figure = go.Figure(layout=layout(title))
    days = sorted({one.on for one in rows})
    shop = {one.on: one.shop_e4 for one in rows}
    line(
        figure, days, [shop[day] / money.E4 if shop[day] else None for day in days],
        label=_("Village shop"), colour=MIDDLEMAN, dash="dash",
    )  # fmt: skip
    for place, supplier in enumerate(sorted({one.supplier for one in rows}, key=str.casefold)):
        prices = {one.on: one.price_e4 / money.E4 for one in rows if one.supplier == supplier}
        line(
            figure,
            days,
            [prices.get(day) for day in days],
            label=escape(supplier),
            colour=COOPERATIVE if place == 0 else GREYS[min(place, 2) - 1],
            dash="solid" if place == 0 else "dot",
            below=True,
        )
    step = max(1, -(-len(days) // 4))
    figure.update_xaxes(tickvals=days[::step], ticktext=[month(day) for day in days[::step]])
    figure.update_yaxes(tickprefix="Rp", tickformat=",.0f")
    return figure


def _unpaid() -> None:
    with reading() as session:
        rows, ages = service.unpaid(session, on=today())
    if not rows:
        empty(_("No bill is open: everything that was handed out is paid."))
        return
    tiles([Tile(_("Still to be paid"), rp(ages.total_rp), _("{n} bills", n=len(rows)))])
    known = [age for age in Age if ages.by_age[age]]
    words = {age: _(AGE_NAMES[age]) if age is not Age.NOT_DUE else _("from today") for age in known}
    chart(
        bars(_("Unpaid bills by the days since they were written"), [words[age] for age in known],
             [ages.by_age[age] for age in known]),
        key="umur_nota",
        note=_("What waits for the next settlement (yarnen) is in it."),
        columns=[Column(_("Age"), "age"), rp_column(_("Still to be paid"), "left_rp")],
        rows=[{"age": words[age], "left_rp": ages.by_age[age]} for age in known],
    )  # fmt: skip
    table(
        [
            number_column(_("Bill"), "number"),
            Column(_("Member"), "member"),
            narrow_day_column(_("Written on"), "billed_on"),
            Column(_("Days"), "days", number=True),
            rp_column(_("Amount"), "bill_rp"),
            rp_column(_("Still to be paid"), "left_rp"),
        ],
        [fields(one) for one in rows],
        key="nota_terbuka",
    )


_SHOWS: Mapping[str, Callable[[], None]] = {
    "saved": _saved,
    "filled": _filled,
    "asked": _asked,
    "unpaid": _unpaid,
}
