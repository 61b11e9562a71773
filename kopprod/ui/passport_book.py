"""A member's passport as a workbook of her own: who she is, then a page for each topic."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import streamlit as st

from kopprod import workbook
from kopprod.domain import money
from kopprod.domain.quantities import STANDARD_UNITS, Quantity
from kopprod.services.passport import Passport
from kopprod.ui.passport import Section
from kopprod.ui.show import Column, Row
from kopprod.ui.visit import _


def download(found: Passport, made: Sequence[Section]) -> None:
    """Her data as one workbook, a page for each topic; made when somebody asks for it."""
    st.download_button(
        _("Download all of it (XLSX)"),
        book(found, made),
        file_name=f"paspor-{''.join(c for c in found.member.number if c.isalnum())}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key="passport_xlsx",
        on_click="ignore",
        width="stretch",
    )


def book(found: Passport, made: Sequence[Section]) -> Callable[[], bytes]:
    """The workbook of a passport: who she is, then a page for each topic."""
    pages = [workbook.Page(_("Member"), ("", ""), _about(found)), *map(_page, made)]
    return lambda: workbook.write_book(pages)


def _about(found: Passport) -> list[tuple[str, Any]]:
    row = found.member
    said: list[tuple[str, Any]] = [
        (_("Number"), row.number),
        (_("Name"), row.name),
        (_("Village"), found.village),
        (_("Phone"), row.phone),
        (_("Produces"), ", ".join(found.produces)),
        (_("Joined on"), row.joined_on),
        (_("Left on"), row.left_on),
        (_("Reason"), row.left_reason),
        (_("Place of birth"), row.birth_place),
        (_("Date of birth"), row.birth_on),
        (_("Job"), row.job),
        (_("Address"), row.address),
        (_("Bank or e-wallet"), row.account_provider),
        (_("Account number"), row.account_number),
        (_("In whose name"), row.account_holder),
    ]
    return [(label, value) for label, value in said if value]


def _page(section: Section) -> workbook.Page:
    headings: list[str] = []
    weights = _weights(section)
    for column in section.columns:
        headings.append(column.heading)
        if column.field in weights:
            headings.append(f"{column.heading} ({_('Unit')})")
    rows = [_cells(section.columns, row) for row in section.rows]
    return workbook.Page(section.title, headings, rows)


def _weights(section: Section) -> set[str]:
    first = section.rows[0] if section.rows else {}
    return {field for field, value in first.items() if isinstance(value, Quantity)}


def _cells(columns: Sequence[Column], row: Row) -> list[Any]:
    cells: list[Any] = []
    for column in columns:
        value = row.get(column.field)
        if isinstance(value, Quantity):
            shown_in = STANDARD_UNITS[value.unit][0]
            cells += [Decimal(value.amount) / shown_in.factor, shown_in.name]
        elif isinstance(value, Fraction):
            cells.append(money.round_half_up(value))
        else:
            cells.append(value)
    return cells
