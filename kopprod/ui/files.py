"""A file on the screen: choosing it, saying what its columns mean, seeing what it brings."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from kopprod import faults, long_sheets, pictures, sheets
from kopprod.domain import imports
from kopprod.domain.imports import Columns, Fault, Field, Findings, Weight
from kopprod.domain.refusal import N_, Refusal
from kopprod.long_sheets import LongSheet
from kopprod.services import imports as mapping_service
from kopprod.sheets import Sheet
from kopprod.style import quoted
from kopprod.ui.show import Card, Tile, cards, empty, tiles
from kopprod.ui.visit import _, complain, plain, reading, spoken

SIGNS = {
    "auto": N_("decide by the whole column"),
    "comma": N_("a comma, as in 2.700,16"),
    "point": N_("a point, as in 2700.16"),
}
_Read = TypeVar("_Read")
_MOST_SHOWN = 50
_MOST_CHOSEN = 200


# Streamlit's own words in this field are English, and its refusal of a large file never reaches us.
_UPLOADER = """<style>
[data-testid="stFileUploaderDropzoneInstructions"],[data-testid="stTooltipErrorContent"]
 {{display:none}}
[data-testid="stFileUploaderDropzone"] [data-testid="stBaseButton-secondary"] p{{font-size:0}}
[data-testid="stFileUploaderDropzone"] [data-testid="stBaseButton-secondary"] p::after
 {{content:{choose};font-size:1rem}}
[data-testid="stFileUploader"]:has([aria-invalid="true"])::after
 {{content:{too_large};color:#B91C1C;display:block;margin-top:.5rem}}
</style>"""


def _in_our_words() -> None:
    limit_mb = sheets.MAX_BYTES // 2**20
    too_large = _(sheets.FileTooLarge.sentence, file=_("This file"), limit_mb=limit_mb)
    st.html(_UPLOADER.format(choose=quoted(_("Choose a file")), too_large=quoted(too_large)))


def ask_sheet(*, key: str) -> Sheet | None:
    """The table somebody chose, read once; a file that is none is refused with a sentence."""
    return _ask(sheets.read, key)


def ask_long_sheet(*, key: str) -> LongSheet | None:
    """The same, for a list that is read row by row and never held as a whole."""
    return _ask(long_sheets.read, key)


def _ask(read: Callable[[bytes, str], _Read], key: str) -> _Read | None:
    _in_our_words()
    file = st.file_uploader(
        _("Your file (CSV or XLSX, at most {limit_mb} MB)", limit_mb=sheets.MAX_BYTES // 2**20),
        key=key,
    )
    if file is None:
        return None
    kept = st.session_state.get(f"{key}_sheet")
    if kept is None or kept[0] != file.file_id:
        with reading(), st.spinner(_("Reading the file …")):
            kept = (file.file_id, read(file.getvalue(), file.name))
        st.session_state[f"{key}_sheet"] = kept
    sheet: _Read = kept[1]
    return sheet


def ask_picture(*, key: str) -> bytes | None:
    """A logo that somebody chose, made small; a file that is no picture is refused."""
    limit_mb = pictures.MAX_BYTES // 2**20
    label = _("Logo as PNG or JPEG, at most {limit_mb} MB", limit_mb=limit_mb)
    data = _ask_image(label, key, limit_mb)
    try:
        return None if data is None else pictures.as_logo(data)
    except Refusal as refusal:
        complain(refusal)
        return None


def ask_photo(*, key: str) -> bytes | None:
    """A photo that somebody took, made small; a file that is no picture is refused."""
    limit_mb = pictures.MAX_PHOTO_BYTES // 2**20
    label = _("Photo as PNG or JPEG, at most {limit_mb} MB", limit_mb=limit_mb)
    data = _ask_image(label, key, limit_mb)
    try:
        return None if data is None else pictures.as_photo(data)
    except Refusal as refusal:
        complain(refusal)
        return None


def _ask_image(label: str, key: str, limit_mb: int) -> bytes | None:
    too_large = _(pictures.PictureTooLarge.sentence, limit_mb=limit_mb)
    st.html(_UPLOADER.format(choose=quoted(_("Choose a file")), too_large=quoted(too_large)))
    file = st.file_uploader(label, key=key, max_upload_size=limit_mb)
    return None if file is None else file.getvalue()


def ask_columns(
    kind: str, sheet: Sheet | LongSheet, kept: Columns | None, *, fixed: dict[str, str], key: str
) -> Columns | None:
    """Which column means what; None while something that every row needs is not pointed out.

    `kept` is a saved mapping; without one the headings are guessed. `fixed` holds for all rows.
    """
    fields = mapping_service.KINDS[kind]
    guessed = imports.guess(fields, sheet.header) if kept is None else kept.columns
    sign = "auto" if kept is None else kept.sign
    columns: dict[str, str] = {}
    known = Columns(guessed, fixed)
    with st.expander(_("What the columns mean"), expanded=bool(imports.missing(fields, known))):
        beside = st.columns(3)
        for place, field in enumerate(fields):
            with beside[place % 3]:
                heading = _ask_heading(
                    field, sheet.header, guessed.get(field.name), f"{key}_{kind}"
                )
            if heading:
                columns[field.name] = heading
        sign = st.selectbox(
            _("The sign before decimals"),
            list(SIGNS),
            index=list(SIGNS).index(sign),
            format_func=lambda s: _(SIGNS[s]),
            key=f"{key}_{kind}_sign",
        )
    mapping = Columns(columns, {n: v for n, v in fixed.items() if v}, sign)
    lacking = imports.missing(fields, mapping)
    if lacking:
        names = ", ".join(_(field.label) for field in lacking)
        empty(_("Choose which column holds: {field}.", field=names))
        return None
    return mapping


def _ask_heading(field: Field, header: Sequence[str], guessed: str | None, key: str) -> str:
    headings = ["", *header]  # a None would get a button to clear it
    return st.selectbox(
        _(field.label) + (" *" if field.required else ""),
        headings,
        index=headings.index(guessed) if guessed in headings else 0,
        format_func=lambda heading: heading or _("not in this file"),
        key=f"{key}_{field.name}",
    )


def show_findings(found: Findings[Any]) -> None:
    """How many rows are what, in figures of one size."""
    tiles(
        [
            Tile(_("Good rows"), str(len(found.good))),
            Tile(_("To ask about"), str(len(found.asked))),
            Tile(_("With faults"), str(found.faulty)),
            Tile(_("There already"), str(found.there_already + found.repeated)),
        ]
    )


def show_faults(found: Findings[Any], *, name: str, key: str) -> None:
    """The first faults and questions as a table, and all of them as a file."""
    if not found.faults:
        return
    st.subheader(_("Faults and questions"), anchor=False)
    cards(
        [
            Card(
                title=_("Row {row}, {column}: {value}", row=row, column=column, value=value)
                if value
                else _("Row {row}, {column}", row=row, column=column),
                below=str(why),
                right=str(kind),
            )
            for row, column, value, kind, why in faults.rows(spoken(), found.faults[:_MOST_SHOWN])
        ]
    )
    if len(found.faults) > _MOST_SHOWN:
        st.caption(_("The first {shown} of {all}.", shown=_MOST_SHOWN, all=len(found.faults)))
    language = spoken()
    st.download_button(
        _("Download all faults and questions"),
        lambda: faults.as_csv(language, found.faults),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"{key}_all_faults",
        on_click="ignore",
        width="stretch",
    )


def ask_accepted(found: Findings[Any], *, key: str) -> set[int]:
    """The rows that somebody says are right although they were asked about.

    Questions of one kind can be answered together, or row by row.
    """
    questions = [fault for fault in found.faults if fault.weight is Weight.QUESTION]
    if not questions:
        return set()
    st.subheader(_("Are these rows right?"), anchor=False)
    st.caption(_("They are kept apart until you say so."))
    by_kind: dict[str, list[Fault]] = {}
    for fault in questions:
        by_kind.setdefault(fault.sentence, []).append(fault)
    answered = {sentence for sentence, same in by_kind.items() if _ask_kind(sentence, same, key)}
    open_rows = {f.row for f in questions if f.sentence not in answered}
    accepted = {row.row for row in found.asked} - open_rows
    if 0 < len(open_rows) <= _MOST_CHOSEN:
        some = st.multiselect(
            _("Only these rows"), sorted(open_rows), key=f"{key}_some", placeholder=_("Row")
        )
        accepted |= set(some)
    return accepted


def _ask_kind(sentence: str, same: Sequence[Fault], key: str) -> bool:
    first = same[0]
    return st.checkbox(
        _(
            "{n} rows are right, such as row {row} ({value}): {why}",
            n=len(same),
            row=first.row,
            value=plain(first.value[:40]),
            why=plain(_(sentence, **first.facts)),
        ),
        key=f"{key}_{abs(hash(sentence))}",
    )
