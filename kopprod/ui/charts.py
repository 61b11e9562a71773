"""Charts: one Plotly style, titles that ask or find, the table and its files below."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from kopprod.domain import money
from kopprod.ui.show import Column, Row, table
from kopprod.ui.visit import _

COOPERATIVE, MIDDLEMAN, GREY = "#0F766E", "#B45309", "#78716C"
GREYS = ("#44403C", "#78716C", "#A8A29E", "#D6D3D1")
_CONFIG = {"displayModeBar": False, "scrollZoom": False, "locale": "id"}


def layout(title: str) -> dict[str, Any]:
    """What every figure shares: no grid across time, Indonesian separators, room for labels."""
    return {
        "title": {"text": title, "x": 0, "xanchor": "left", "font": {"size": 17}},
        "font": {"family": "system-ui, sans-serif", "size": 14, "color": "#1C1917"},
        "separators": ",.",
        "showlegend": False,
        "margin": {"l": 8, "r": 96, "t": 56, "b": 8},
        "height": 380,
        "plot_bgcolor": "#FFFFFF",
        "paper_bgcolor": "#FFFFFF",
        "hovermode": "x unified",
        "xaxis": {"showgrid": False, "automargin": True},
        "yaxis": {"gridcolor": "#E7E5E4", "automargin": True, "zerolinecolor": "#A8A29E"},
        "dragmode": False,
    }


def chart(
    figure: Any, *, key: str, columns: Sequence[Column], rows: Sequence[Row], note: str = ""
) -> None:
    """A chart with its note, the table it came from, and that table's files."""
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
) -> None:
    """A line with its name at its last point; a gap stays a gap."""
    figure.add_scatter(
        x=list(days),
        y=list(values),
        mode="lines+markers",
        line={"color": colour, "width": 3, "dash": dash},
        connectgaps=False,
        name=label,
    )
    known = [(d, v) for d, v in zip(days, values, strict=True) if v is not None]
    if known:
        figure.add_annotation(
            x=known[-1][0],
            y=known[-1][1],
            text=label,
            font={"color": colour, "size": 15},
            showarrow=False,
            xanchor="left",
            xshift=10,
        )


def rp_axis(values: Sequence[int]) -> dict[str, Any]:
    """An axis of rupiah with few, short labels: Rp0, Rp10 jt, Rp20 jt."""
    low, high = min(0, *values, 0), max(0, *values, 1)
    step = 1
    while (high - low) / step > 6:
        step *= 5 if str(step)[0] == "1" else 2
    marks = list(range(-(-low // step) * step, high + step, step))
    return {"tickvals": marks, "ticktext": [money.short_rp(m) for m in marks]}
