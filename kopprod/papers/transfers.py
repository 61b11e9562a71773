"""A list for the bank as a file that it reads: plain CSV, or a workbook."""

import csv
import io

from kopprod.services.transfers import Lines
from kopprod.workbook import Page, write_book


def csv_file(lines: Lines) -> bytes:
    """The file as text: UTF-8 without a mark, which banks stumble over; every digit is kept."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=lines.layout.separator, lineterminator="\r\n")
    if lines.layout.has_titles:
        writer.writerow(lines.titles)
    writer.writerows(lines.rows)
    return out.getvalue().encode("utf-8")


def xlsx_file(lines: Lines, *, name: str) -> bytes:
    """The same as a workbook: money as numbers, account numbers as words, so their noughts stay."""
    return write_book([Page(name, lines.titles, lines.rows)])
