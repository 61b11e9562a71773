"""Files for the bank: the formats with their columns, a preview, and the download."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from kopprod.domain import transfers as rules
from kopprod.domain.refusal import N_
from kopprod.domain.transfers import EXAMPLES, FIELD_NAMES, SEPARATORS, Column, Field, Layout
from kopprod.papers.transfers import csv_file, xlsx_file
from kopprod.services import transfers
from kopprod.services.payouts import PayoutList
from kopprod.services.transfers import Kept, Lines
from kopprod.ui.show import empty, html
from kopprod.ui.visit import _, action, plain, reading, tell, today

SHOWN = 8  # lines of a preview


def bank_file(found: PayoutList, kept: Sequence[Kept]) -> None:
    """The file of a list in one of the formats, looked at before it is downloaded."""
    st.subheader(_("File for the bank"), anchor=False)
    if not kept:
        empty(_("No format is set up yet. Set one up with the columns that your bank wants."))
        if st.button(_("To the formats"), key="file_formats"):
            st.query_params.clear()
            st.session_state["payouts_view"] = "formats"
            st.rerun()
        return
    by_id = {one.row.id: one for one in kept}
    picked = st.selectbox(
        _("Which format?"),
        list(by_id),
        format_func=lambda key: by_id[key].row.name,
        key="file_format",
    )
    with reading() as session:
        lines = transfers.lines(session, found.batch.id, layout=by_id[picked].layout, on=today())
    preview(lines)
    st.caption(_("Only what is not paid yet stands in it. Mark it paid once the bank says so."))
    name = f"{found.batch.number}-{picked}"
    with st.container(horizontal=True, key="file_downloads"):
        st.download_button(
            _("Download CSV"),
            lambda: csv_file(lines),
            file_name=f"{name}.csv",
            mime="text/csv",
            key="file_csv",
            on_click="ignore",
        )
        st.download_button(
            _("Download XLSX"),
            lambda: xlsx_file(lines, name=found.batch.number),
            file_name=f"{name}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key="file_xlsx",
            on_click="ignore",
        )


def preview(lines: Lines) -> None:
    """The first lines as they stand in the file."""
    head = "".join(f"<th>{escape(title)}</th>" for title in lines.titles)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>"
        for row in lines.rows[:SHOWN]
    )
    html(
        f'<div class="kp-scroll"><table class="kp"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
    total_rp = sum(cell for row in lines.rows for cell in row if isinstance(cell, int))
    st.caption(_("{n} lines, together {total_rp}", n=len(lines.rows), total_rp=total_rp))


# Formats


def formats(kept: Sequence[Kept]) -> None:
    """The formats that are there, one to change, or a new one."""
    if not kept:
        empty(_("No format is set up yet. Begin with an example, and give it your bank's columns."))
        _examples()
        return
    by_id = {one.row.id: one for one in kept}
    picked = st.selectbox(
        _("Format"),
        [*by_id, None],
        format_func=lambda key: _("a new one") if key is None else by_id[key].row.name,
        key="format_picked",
    )
    if picked is None:
        _examples()
    else:
        _change(by_id[picked])


def _examples() -> None:
    for place, (name, layout) in enumerate(EXAMPLES.items()):
        st.markdown(f"**{_(name)}**: {', '.join(rules.titles(layout))}")
        if st.button(_("Begin with this one"), key=f"format_example_{place}", width="stretch"):
            with action(N_("The format {name} is kept."), name="transfers.keep") as session:
                row = transfers.keep(session, name=_(name), layout=layout)
                tell(session, name=plain(row.name))


def _change(kept: Kept) -> None:
    key = f"format_{kept.row.id}_{len(kept.row.columns)}"
    name = st.text_input(_("Name"), value=kept.row.name, key=f"{key}_name", max_chars=60)
    words: Mapping[str, Field] = {_(FIELD_NAMES[field]): field for field in Field}
    titled, holds, same = _("Title"), _("What stands in it"), _("The same words")
    rows = st.data_editor(
        [
            {titled: one.title, holds: _(FIELD_NAMES[one.field]), same: one.words}
            for one in kept.layout.columns
        ],
        num_rows="dynamic",
        width="stretch",
        column_config={
            titled: st.column_config.TextColumn(titled, max_chars=60),
            holds: st.column_config.SelectboxColumn(holds, options=list(words), required=True),
            same: st.column_config.TextColumn(same, max_chars=60),
        },
        key=f"{key}_columns",
    )
    separator = st.radio(
        _("Between the columns"),
        list(SEPARATORS),
        index=list(SEPARATORS).index(kept.row.separator),
        format_func=lambda one: _(SEPARATORS[one]),
        horizontal=True,
        key=f"{key}_separator",
    )
    has_titles = st.checkbox(
        _("The first line holds the titles"), value=kept.row.has_titles, key=f"{key}_titles"
    )
    columns = [
        Column(str(row.get(titled) or ""), words[row[holds]], str(row.get(same) or ""))
        for row in rows
        if row.get(holds) in words
    ]
    _buttons(kept, name, Layout(columns, separator, has_titles))


def _buttons(kept: Kept, name: str, layout: Layout) -> None:
    format_id = kept.row.id
    if st.button(_("Keep the format"), key=f"format_keep_{format_id}", type="primary"):
        with action(N_("The format {name} is kept."), name="transfers.keep") as session:
            row = transfers.keep(session, name=name, layout=layout, format_id=format_id)
            tell(session, name=plain(row.name))
    if st.button(_("Do not offer it any more"), key=f"format_off_{format_id}", type="tertiary"):
        with action(N_("The format {name} is not offered any more."), name="transfers.give_up") as (
            session
        ):
            row = transfers.give_up(session, format_id)
            tell(session, name=plain(row.name))
