"""Charts: one Plotly style, titles that ask or find, the table and its files below."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from html import escape
from typing import Any, ParamSpec

import streamlit as st

from kopprod.domain import money
from kopprod.ui.show import Column, Row, month, table
from kopprod.ui.visit import _, spoken

P = ParamSpec("P")

COOPERATIVE, MIDDLEMAN, GREY = "#0F766E", "#B45309", "#78716C"
GREYS = ("#44403C", "#78716C", "#A8A29E", "#D6D3D1")
_MOST = 100  # figures, some hundred kilobytes each
_CONFIG = {"displayModeBar": False, "scrollZoom": False, "locale": "id"}


def drawn_once(draw: Callable[P, Any]) -> Callable[P, Any]:
    """Keep a figure for whoever looks at the same rows in the same language.

    What it is drawn from must say all of itself (`repr`); nobody changes a figure that is drawn.
    """
    known: dict[str, Any] = {}

    @wraps(draw)
    def look(*args: P.args, **named: P.kwargs) -> Any:
        asked = repr((spoken(), args, named))
        found = known.get(asked)
        if found is None:  # another thread may forget them all at any time
            if len(known) >= _MOST:
                known.clear()
            found = known[asked] = draw(*args, **named)
        return found

    return look


def layout(title: str) -> dict[str, Any]:
    """What every figure shares: no grid across time, Indonesian separators, no toolbar's room."""
    return {
        "meta": title,  # `chart` writes it above the picture, where it wraps
        "font": {"family": "system-ui, sans-serif", "size": 14, "color": "#1C1917"},
        "separators": ",.",
        "showlegend": False,
        "margin": {"l": 8, "r": 16, "t": 36, "b": 8},
        "height": 340,
        "plot_bgcolor": "#FFFFFF",
        "paper_bgcolor": "#FFFFFF",
        "hovermode": "closest",
        "xaxis": {"showgrid": False, "automargin": True, "tickangle": 0, "ticklabelstandoff": 6},
        "yaxis": {"gridcolor": "#E7E5E4", "automargin": True, "zerolinecolor": "#A8A29E"},
        "dragmode": False,
    }


def chart(
    figure: Any, *, key: str, columns: Sequence[Column], rows: Sequence[Row], note: str = ""
) -> None:
    """A chart under its title, with its note, the table it came from, and that table's files."""
    title = figure.layout.meta
    if title:
        st.html(f'<h3 class="kp-chart">{escape(title)}</h3>')
    st.plotly_chart(figure, width="stretch", key=key, config=_CONFIG, theme=None)
    if note:
        st.caption(note)
    with st.expander(_("The figures as a table")):
        table(columns, rows, key=f"{key}_table")


def line(
    figure: Any,
    days: Sequence[date],
    values: Sequence[float | None],
    *,
    label: str,
    colour: str,
    dash: str,
    below: bool = False,
) -> None:
    """A line of rupiah by month with its name at its last point; a gap stays a gap.

    `below` says that the name belongs a little lower: another line ends above.
    """
    figure.add_scatter(
        x=list(days),
        y=list(values),
        mode="lines+markers",
        line={"color": colour, "width": 3, "dash": dash},
        connectgaps=False,
        name=label,
        customdata=[month(day) for day in days],  # the chart library's own months are English
        hovertemplate="%{customdata}: Rp%{y:,.0f}",
    )
    known = [(d, v) for d, v in zip(days, values, strict=True) if v is not None]
    if known and label:
        figure.add_annotation(
            x=known[-1][0],
            y=known[-1][1],
            text=label,
            font={"color": colour, "size": 15},
            showarrow=False,
            xanchor="left",
            xshift=8,
            yshift=-8 if below else 8,  # two lines that end together do not write over each other
        )
        figure.update_layout(margin_r=20 + 8 * len(label))


def rp_axis(values: Sequence[int]) -> dict[str, Any]:
    """An axis of rupiah with few, short labels: Rp0, Rp10 jt, Rp20 jt."""
    low, high = min(0, *values, 0), max(0, *values, 1)
    step = 1
    while (high - low) / step > 6:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2  # 1, 2, 5, 10, 20...
    marks = list(range(-(-low // step) * step, high + step, step))
    return {"tickvals": marks, "ticktext": [money.short_rp(m) for m in marks]}
