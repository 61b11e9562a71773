"""Workbooks that leave the house: pages of headings and rows, in which nothing is a formula."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

RISKY = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if text.startswith(RISKY) else text


@dataclass(frozen=True)
class Page:
    """One page of a workbook to be written: its name, its headings, its rows."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]


def write_book(pages: Iterable[Page]) -> bytes:
    """A workbook of several pages, each with its headings fixed at the top."""
    book = Workbook(write_only=True)
    for page in pages:
        _write_page(book.create_sheet(_page_name(page.name)), page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _page_name(name: str) -> str:
    # What spreadsheets forbid in the name of a page, and its greatest length; openpyxl numbers
    # two of the same name.
    return re.sub(r"[\\/*?:\[\]']", " ", name).strip()[:28] or "KopProd"


def _write_page(sheet: Any, page: Page) -> None:
    sheet.freeze_panes = "A2"
    for position, heading in enumerate(page.headings, 1):
        width = max(12, min(40, len(heading) + 4))
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.append([_heading_cell(sheet, heading) for heading in page.headings])
    for row in page.rows:
        sheet.append([_xlsx_value(value) for value in row])


def _heading_cell(page: Any, heading: str) -> Any:
    cell = WriteOnlyCell(page, value=safe(heading))
    cell.font = Font(bold=True)
    return cell


def _xlsx_value(value: Any) -> Any:
    if value is None or (isinstance(value, int | Decimal | date) and not isinstance(value, bool)):
        # Spreadsheets know no time zones; moments are written as they stand, in UTC.
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value
    return safe(str(value))
