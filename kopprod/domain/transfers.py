"""Transfer files: the columns that one bank or e-wallet wants, and what stands in them.

A format of three columns, `Rekening` (the account number), `Nama` (its holder) and `Jumlah` (the
amount), gives for Siti the line `0012345678,SITI,2354127`: the noughts of an account number stay.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

SEPARATORS: Mapping[str, str] = {",": N_("comma ,"), ";": N_("semicolon ;"), "\t": N_("tab")}
MOST_COLUMNS = 30
_LONGEST = 60


class Field(StrEnum):
    """What a column may hold."""

    ACCOUNT_NUMBER = "account_number"
    HOLDER = "holder"
    PROVIDER = "provider"
    AMOUNT = "amount"
    SLIP_NUMBER = "slip_number"
    LIST_NUMBER = "list_number"
    MEMBER_NUMBER = "member_number"
    NAME = "name"
    DATE = "date"
    DATE_DIGITS = "date_digits"
    NOTE = "note"


FIELD_NAMES: Mapping[Field, str] = {
    Field.ACCOUNT_NUMBER: N_("Account number"),
    Field.HOLDER: N_("Account holder"),
    Field.PROVIDER: N_("Bank or e-wallet"),
    Field.AMOUNT: N_("Amount in rupiah"),
    Field.SLIP_NUMBER: N_("Number of the slip"),
    Field.LIST_NUMBER: N_("Number of the list"),
    Field.MEMBER_NUMBER: N_("Member number"),
    Field.NAME: N_("Name of the member"),
    Field.DATE: N_("Date as 31/12/2026"),
    Field.DATE_DIGITS: N_("Date as 20261231"),
    Field.NOTE: N_("Always the same words"),
}


class FormatNameless(Refusal):
    """A format that nobody can choose."""

    sentence = N_("Give the format a name, such as that of the bank.")


class FormatWithoutColumns(Refusal):
    """An empty file."""

    sentence = N_("A format needs at least the account number and the amount.")


class TooManyColumns(Refusal):
    """More than any bank asks for."""

    sentence = N_("At most {most} columns fit into a format.")


class SeparatorUnknown(Refusal):
    """Only what banks read."""

    sentence = N_("Choose comma, semicolon or tab between the columns.")


@dataclass(frozen=True)
class Column:
    """One column: its title, what stands in it, and the words of one that is always the same."""

    title: str
    field: Field
    words: str = ""


@dataclass(frozen=True)
class Layout:
    """What a file looks like."""

    columns: Sequence[Column]
    separator: str = ","
    has_titles: bool = True


@dataclass(frozen=True)
class Transfer:
    """One payment to be made; `on` is the day on which the bank is to make it."""

    account_number: str
    holder: str
    provider: str
    amount_rp: int
    slip_number: str
    list_number: str
    member_number: str
    name: str
    on: date


def check_layout(layout: Layout) -> Layout:
    """A layout as it is kept, its words tidied; refuses one that no bank could pay by."""
    fields = {column.field for column in layout.columns}
    if not {Field.ACCOUNT_NUMBER, Field.AMOUNT} <= fields:
        raise FormatWithoutColumns
    if len(layout.columns) > MOST_COLUMNS:
        raise TooManyColumns(most=MOST_COLUMNS)
    if layout.separator not in SEPARATORS:
        raise SeparatorUnknown
    columns = [
        Column(tidy(one.title)[:_LONGEST], one.field, tidy(one.words)[:_LONGEST])
        for one in layout.columns
    ]
    return Layout(columns, layout.separator, layout.has_titles)


def check_name(name: str) -> str:
    """The name of a format as it is kept."""
    kept = tidy(name)[:_LONGEST]
    if not kept:
        raise FormatNameless
    return kept


def to_json(columns: Sequence[Column]) -> str:
    """Columns as they are kept in a row."""
    rows = [{"title": c.title, "field": c.field.value, "words": c.words} for c in columns]
    return json.dumps(rows, ensure_ascii=False)


def from_json(text: str) -> list[Column]:
    """Columns as they were kept."""
    rows: list[dict[str, Any]] = json.loads(text)
    return [Column(row["title"], Field(row["field"]), row["words"]) for row in rows]


def titles(layout: Layout) -> list[str]:
    """What stands above each column."""
    return [column.title for column in layout.columns]


def cells(layout: Layout, transfer: Transfer) -> list[str | int]:
    """One line of the file: words as words, digits of an account as words too, money as a number.

    Words that a spreadsheet would take for a formula lose what makes them one: a bank would stumble
    over the mark that other files put in front.
    """
    found: Mapping[Field, str | int] = {
        Field.ACCOUNT_NUMBER: transfer.account_number,
        Field.HOLDER: transfer.holder,
        Field.PROVIDER: transfer.provider,
        Field.AMOUNT: transfer.amount_rp,
        Field.SLIP_NUMBER: transfer.slip_number,
        Field.LIST_NUMBER: transfer.list_number,
        Field.MEMBER_NUMBER: transfer.member_number,
        Field.NAME: transfer.name,
        Field.DATE: f"{transfer.on:%d/%m/%Y}",
        Field.DATE_DIGITS: f"{transfer.on:%Y%m%d}",
    }
    values = (found.get(column.field, column.words) for column in layout.columns)
    return [value if isinstance(value, int) else harmless(value) for value in values]


def harmless(text: str) -> str:
    """Words on one line that no spreadsheet takes for a formula."""
    return tidy(text).lstrip("=+-@' ")


# Generic examples, to begin with; no bank's own.
EXAMPLES: Mapping[str, Layout] = {
    N_("Plain file for a bank"): Layout(
        [
            Column("No. Rekening", Field.ACCOUNT_NUMBER),
            Column("Nama Penerima", Field.HOLDER),
            Column("Jumlah", Field.AMOUNT),
            Column("Keterangan", Field.SLIP_NUMBER),
        ]
    ),
    N_("Plain file for an e-wallet"): Layout(
        [
            Column("Nomor", Field.ACCOUNT_NUMBER),
            Column("Dompet", Field.PROVIDER),
            Column("Nama", Field.HOLDER),
            Column("Nominal", Field.AMOUNT),
            Column("Tanggal", Field.DATE),
            Column("Catatan", Field.NOTE, "Hasil panen"),
        ],
        separator=";",
    ),
}
