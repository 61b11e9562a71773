"""The dashboard's figures: prices side by side, gain added up, flow of goods, buyers."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from html import escape
from typing import Any

from plotly import graph_objects as go

from kopprod.domain import money
from kopprod.services.dashboard import SoldTo
from kopprod.services.output_months import LoggedAndDelivered
from kopprod.services.together import MonthTogether
from kopprod.ui.charts import COOPERATIVE, GREYS, MIDDLEMAN, drawn_once, layout, line, rp_axis
from kopprod.ui.show import month
from kopprod.ui.visit import _


def _months(days: Sequence[date]) -> dict[str, Any]:
    step = max(1, -(-len(days) // 3))  # more labels would lie over each other on a phone
    return {"tickvals": list(days)[::step], "ticktext": [month(d) for d in days[::step]]}


def _names(days: Sequence[date]) -> Any:
    return [month(day) for day in days]


@drawn_once
def price_figure(
    months: Sequence[MonthTogether], *, product: str, unit: str, per: int
) -> go.Figure:
    """What arrived for one true price unit on both sides, month by month; gaps where data lack."""
    by_day = {m.month: m for m in months}
    days = _every_month(months[0].month, months[-1].month)
    figure = go.Figure(layout=layout(_finding(months, product, unit, per)))
    coop, middleman = (
        [_each(by_day.get(day), field, per) for day in days]
        for field in ("coop_rp", "middleman_rp")
    )
    last = [(c, m) for c, m in zip(coop, middleman, strict=True) if c is not None and m is not None]
    loses = bool(last) and last[-1][0] < last[-1][1]
    line(figure, days, coop, label=_("Cooperative"), colour=COOPERATIVE, dash="solid", below=loses)
    line(figure, days, middleman, label=_("Middleman"), colour=MIDDLEMAN, dash="dash",
         below=not loses)  # fmt: skip
    figure.update_xaxes(**_months(days))
    figure.update_yaxes(tickprefix="Rp", tickformat=",.0f")
    return figure


@drawn_once
def series_figure(points: Sequence[tuple[date, int | None]], *, title: str) -> go.Figure:
    """A published price over time, in rupiah for one unit; `points` are `_e4`, None in a gap."""
    days = [day for day, _e4 in points]
    figure = go.Figure(layout=layout(title))
    values = [None if price_e4 is None else price_e4 / 10_000 for _day, price_e4 in points]
    line(figure, days, values, label="", colour=COOPERATIVE, dash="solid")
    # Its own months: the chart library's are English. Every third label leaves room on a phone.
    figure.update_traces(
        text=[month(day) for day in days], hovertemplate="%{text}: Rp%{y:,.2~f}<extra></extra>"
    )
    step = max(1, -(-len(days) // 5))
    figure.update_xaxes(tickvals=days[::step], ticktext=[month(day) for day in days[::step]])
    figure.update_yaxes(tickprefix="Rp", tickformat=",.0f")
    figure.update_layout(margin_r=16, hovermode="closest")
    return figure


def _every_month(first: date, last: date) -> list[date]:
    # Months without a sale stand on the axis too: a line must not run across them.
    count = (last.year - first.year) * 12 + last.month - first.month
    months = [first.year * 12 + first.month - 1 + n for n in range(count + 1)]
    return [date(m // 12, m % 12 + 1, 1) for m in months]


def _each(month: MonthTogether | None, field: str, per: int) -> float | None:
    if month is None or not month.true_weight:
        return None
    return float(getattr(month, field)) * per / month.true_weight


def _finding(months: Sequence[MonthTogether], product: str, unit: str, per: int) -> str:
    weight = sum(m.true_weight for m in months)
    if not weight:
        return _("{product}: not enough data to compare", product=product)
    difference_rp = sum(m.difference_rp for m in months)
    each_rp = money.round_half_up(Fraction(abs(difference_rp) * per, weight))
    if difference_rp >= 0:
        return _(
            "{product}: {each_rp} more for one {unit} by selling together",
            product=product, each_rp=each_rp, unit=unit,
        )  # fmt: skip
    return _(
        "{product}: {each_rp} less for one {unit} by selling together",
        product=product, each_rp=each_rp, unit=unit,
    )  # fmt: skip


def gain_rows(months: Sequence[MonthTogether]) -> list[dict[str, Any]]:
    """More or less by selling together: in each month over all products, and added up."""
    sums: dict[date, int] = {}
    for m in months:
        sums[m.month] = sums.get(m.month, 0) + m.difference_rp
    rows, running_rp = [], 0
    for at in sorted(sums):
        running_rp += sums[at]
        rows.append({"month": at, "month_rp": sums[at], "running_rp": running_rp})
    return rows


@drawn_once
def gain_figure(rows: Sequence[dict[str, Any]]) -> go.Figure:
    """The months as bars, teal where members gained and amber where they lost; a line adds up."""
    days = [r["month"] for r in rows]
    each = [r["month_rp"] for r in rows]
    running = [r["running_rp"] for r in rows]
    figure = go.Figure(layout=layout(_gain_finding(running[-1])))
    figure.add_bar(
        x=days,
        y=each,
        marker_color=[COOPERATIVE if rp >= 0 else MIDDLEMAN for rp in each],
        opacity=0.5,
        name=_("in the month"),
        customdata=_names(days),
        hovertemplate="%{customdata}: Rp%{y:,.0f}",
    )
    line(figure, days, running, label=_("added up"), colour="#44403C", dash="solid")
    figure.update_xaxes(**_months(days))
    figure.update_yaxes(**rp_axis([*each, *running]))
    return figure


def _gain_finding(gained_rp: int) -> str:
    if gained_rp >= 0:
        return _("By selling together members earned {gained_rp} more", gained_rp=gained_rp)
    return _("By selling together members earned {lost_rp} less", lost_rp=-gained_rp)


@drawn_once
def flow_figure(
    rows: Sequence[LoggedAndDelivered], *, product: str, unit: str, per: int
) -> go.Figure:
    """Logged beside delivered, month by month."""
    title = _("{product}: what was logged and what was delivered, in {unit}",
              product=product, unit=unit)  # fmt: skip
    figure = go.Figure(layout=layout(title))
    days = [r.month for r in rows]
    for label, colour, field in (
        (_("Logged"), GREYS[2], "logged"),
        (_("Delivered"), COOPERATIVE, "delivered"),
    ):
        figure.add_bar(
            x=days,
            y=[getattr(r, field) / per for r in rows],
            marker_color=colour,
            name=label,
            customdata=_names(days),
            hovertemplate="%{customdata}: %{y:,.0f}",
        )
    figure.update_yaxes(tickformat=",.0f")
    figure.update_layout(
        barmode="group", showlegend=True, legend={"orientation": "h", "y": 1.06, "x": 0}
    )
    figure.update_xaxes(**_months(days))
    return figure


@drawn_once
def buyers_figure(rows: Sequence[SoldTo], labels: Sequence[str]) -> go.Figure:
    """Proceeds by buyer and product, the largest on top, the amount beside each bar."""
    figure = go.Figure(layout=layout(_("Who bought, and for how much")))
    figure.add_bar(
        x=[r.gross_rp for r in rows],
        y=list(range(len(rows))),
        width=0.4,
        orientation="h",
        marker_color=COOPERATIVE,
        text=[money.short_rp(r.gross_rp) for r in rows],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    for place, label in enumerate(labels):  # over its bar: beside it there is no room on a phone
        figure.add_annotation(
            x=0, y=place, text=escape(label), showarrow=False, xanchor="left", yshift=20
        )
    figure.update_layout(height=60 + 56 * len(rows))
    figure.update_yaxes(autorange="reversed", visible=False)
    figure.update_xaxes(visible=False, range=[0, max(r.gross_rp for r in rows) * 1.35])
    return figure
