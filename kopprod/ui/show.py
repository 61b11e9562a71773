"""Showing money, quantities, lists and tables: plain HTML that an old phone opens at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any, TypeVar

import streamlit as st

from kopprod import language, sheets
from kopprod.domain import money, quantities
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.ui.visit import _, spoken

PAGE_ROWS = 50
_PAGES_LISTED = 200  # a longer list of pages would be sent whole, and read by nobody
_One = TypeVar("_One")


def rp(amount_rp: int) -> str:
    """Whole rupiah, the Indonesian way: Rp1.234.567."""
    return money.format_rp(amount_rp)


def in_words(amount_rp: int) -> str:
    """An amount read aloud: satu juta enam ratus lima puluh ribu rupiah."""
    return language.amount_in_words(spoken(), amount_rp)


def quantity(amount: int, unit: BaseUnit) -> str:
    """Base units in the unit that people read: 120.500 g is 120,5 kg."""
    return quantities.format_quantity(Quantity(amount, unit))


def day(on: date | None) -> str:
    """A day in words: 31 Desember 2025."""
    return "" if on is None else language.long_date(spoken(), on)


def short_day(on: date | None) -> str:
    """A day in figures: 31-12-2025."""
    return "" if on is None else f"{on:%d-%m-%Y}"


def month(on: date) -> str:
    """A month on an axis: Mar 26."""
    return language.short_month(spoken(), on)


def fields(row: Any, *derived: str) -> dict[str, Any]:
    """A dataclass as a table's row, with the properties that are named."""
    return {**vars(row), **{name: getattr(row, name) for name in derived}}


def html(source: str) -> None:
    """Show HTML whose words were escaped by whoever made it."""
    st.html(source)


def figure(label: str, value: str, note: str = "", tone: str = "") -> None:
    """One big figure with its label above and a note below."""
    st.html(_figure(label, value, note, tone))


def _figure(label: str, value: str, note: str, tone: str) -> str:
    small = f'<p class="kp-note">{escape(note)}</p>' if note else ""
    return (
        f'<p class="kp-label">{escape(label)}</p>'
        f'<p class="kp-big kp-{tone}">{escape(value)}</p>{small}'
    )


@dataclass(frozen=True)
class Tile:
    """A figure among others; `tone` is teal, amber, red or nothing."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


def tiles(figures: Sequence[Tile]) -> None:
    """Figures side by side, as many as fit."""
    # An amount of eight digits does not fit into half of a phone's width: then no tile is half.
    wide = " kp-wide" if any(len(tile.value) > 11 for tile in figures) else ""
    boxes = "".join(
        f'<div class="kp-tile{wide}">{_figure(t.label, t.value, t.note, t.tone)}</div>'
        for t in figures
    )
    st.html(f'<div class="kp-tiles">{boxes}</div>')


def _long(text: str) -> str:
    # An amount is never broken; a name in its place may be.
    return " kp-long" if len(text) > 16 else ""


@dataclass(frozen=True)
class Card:
    """One thing in a list: what it is, what belongs to it, and its figure on the right."""

    title: str
    below: str = ""
    right: str = ""
    right_below: str = ""
    tone: str = ""


def cards(things: Sequence[Card]) -> None:
    """A list for a phone."""
    st.html(
        '<div class="kp-cards">'
        + "".join(
            f'<div class="kp-card"><div><b>{escape(c.title)}</b>'
            f'<span class="kp-note">{escape(c.below)}</span></div>'
            f'<div class="kp-right kp-{c.tone}{_long(c.right)}">{escape(c.right)}'
            f'<div class="kp-note">{escape(c.right_below)}</div></div></div>'
            for c in things
        )
        + "</div>"
    )


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, the row's field, and how a value is shown.

    `show` turns the value into words; numbers stand right. Files get the value itself, with its
    `unit` in the heading; percentages (`_bp`) and unit prices (`_e4`) as decimals. `below` stands
    small in the same cell, so that a wide table fits a laptop; files have it as its own column.
    """

    heading: str
    field: str
    show: Callable[[Any], str] = str
    number: bool = False
    unit: str = ""
    below: "Column | None" = None

    def over(self, below: "Column") -> "Column":
        """The same column with another below it."""
        return replace(self, below=below)


def rp_column(heading: str, field: str) -> Column:
    """A column of whole rupiah."""
    return Column(heading, field, lambda v: "" if v is None else money.format_rp(v), number=True)


def day_column(heading: str, field: str) -> Column:
    """A column of days."""
    return Column(heading, field, short_day)


def month_column() -> Column:
    """The month that a row is of."""
    return Column(_("Month"), "month", lambda on: month(on).replace(" ", "\N{NO-BREAK SPACE}"))


def quantity_column(heading: str, field: str, unit: BaseUnit) -> Column:
    """A column of base units, shown in the unit that people read."""
    smallest = next(one.name for one in quantities.STANDARD_UNITS[unit] if one.factor == 1)
    return Column(heading, field, lambda v: quantity(v, unit), number=True, unit=smallest)


Row = Mapping[str, Any]


def table(
    columns: Sequence[Column], rows: Sequence[Row], *, key: str, total: Row | None = None
) -> None:
    """A table in pages of fifty, with its CSV and XLSX below; `key` also names the files."""
    st.html(table_html(columns, page_of(rows, key=key), total=total))
    downloads(columns, rows, key=key)


def page_of(rows: Sequence[_One], *, key: str, stays: bool = False) -> Sequence[_One]:
    """The fifty of a long list that somebody looks at; `stays`: no other can be chosen now."""
    page = ask_page(len(rows), key=key, size=PAGE_ROWS, stays=stays)
    return rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]


def ask_page(count: int, *, key: str, size: int = PAGE_ROWS, stays: bool = False) -> int:
    """Which page of so many rows somebody looks at, from 0; asked where there are several."""
    pages = -(-count // size)
    if pages < 2:
        return 0
    if pages > _PAGES_LISTED:
        label = _("Page, 1 to {pages}", pages=pages)
        asked = st.number_input(label, 1, pages, key=f"{key}_page", width=160, disabled=stays)
        return int(asked) - 1
    page: int = st.selectbox(
        _("Page"),
        range(pages),
        format_func=lambda n: _("{page} of {pages}", page=n + 1, pages=pages),
        key=f"{key}_page",
        width=160,
        disabled=stays,
    )
    return page


def table_html(columns: Sequence[Column], rows: Sequence[Row], *, total: Row | None = None) -> str:
    """The table alone, as HTML with every word escaped."""
    head = "".join(f"<th{_side(c)}>{_head(c)}</th>" for c in columns)
    body = "".join(_tr(columns, row, "") for row in rows)
    foot = "" if total is None else _tr(columns, total, ' class="sum"')
    return (
        f'<div class="kp-scroll"><table class="kp"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}{foot}</tbody></table></div>"
    )


def _side(column: Column) -> str:
    return ' class="n"' if column.number else ""


def _tr(columns: Sequence[Column], row: Row, attributes: str) -> str:
    cells = "".join(f"<td{_side(c)}>{_cell_html(c, row)}</td>" for c in columns)
    return f"<tr{attributes}>{cells}</tr>"


def _head(column: Column) -> str:
    return escape(column.heading) + (
        "" if column.below is None else f"<br>{_small(column.below.heading)}"
    )


def _cell_html(column: Column, row: Row) -> str:
    below = "" if column.below is None else _small(_cell(column.below, row))
    return escape(_cell(column, row)) + below


def _small(words: str) -> str:
    return f'<span class="kp-note">{escape(words)}</span>' if words else ""


def _cell(column: Column, row: Row) -> str:
    value = row.get(column.field)
    return "" if value is None else column.show(value)


def downloads(columns: Sequence[Column], rows: Sequence[Row], *, key: str) -> None:
    """The two files of a table; they are made when somebody asks for them."""
    headings = file_headings(columns)

    def cells() -> list[list[Any]]:
        return file_cells(columns, rows)

    with st.container(horizontal=True, key=f"{key}_files"):
        st.download_button(
            _("Download CSV"),
            lambda: sheets.write_csv(headings, cells()),
            file_name=f"{key}.csv",
            mime="text/csv",
            key=f"{key}_csv",
            on_click="ignore",
        )
        st.download_button(
            _("Download XLSX"),
            lambda: sheets.write_xlsx(headings, cells()),
            file_name=f"{key}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"{key}_xlsx",
            on_click="ignore",
        )


def file_headings(columns: Sequence[Column]) -> list[str]:
    """The headings of a table's files, with the unit of whole numbers: Net (gram)."""
    each = _each(columns)
    return [f"{c.heading} ({c.unit})" if c.unit else c.heading for c in each]


def _each(columns: Sequence[Column]) -> list[Column]:
    return [one for c in columns for one in (c, c.below) if one is not None]


def file_cells(columns: Sequence[Column], rows: Sequence[Row]) -> list[list[Any]]:
    """The values of a table's files, as numbers that a spreadsheet can go on with."""
    return [[_file_value(c.field, row.get(c.field)) for c in _each(columns)] for row in rows]


def _file_value(field: str, value: Any) -> Any:
    if isinstance(value, int) and field.endswith("_bp"):
        return Decimal(value).scaleb(-2)
    if isinstance(value, int) and field.endswith("_e4"):
        return Decimal(value).scaleb(-4)
    return value


def empty(sentence: str) -> None:
    """What an empty screen says: what it will show, and the first step."""
    st.info(sentence)
