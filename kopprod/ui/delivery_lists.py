"""A list of deliveries on the screen: what it would bring, and keeping it batch by batch."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from kopprod.domain.delivery_lists import Survey
from kopprod.domain.imports import Columns, Findings, Weight
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_
from kopprod.long_sheets import LongSheet
from kopprod.services import delivery_lists, imports, products
from kopprod.services.delivery_lists import BATCH, MOST_FAULTS, Looked, Run
from kopprod.ui import files
from kopprod.ui.show import Column, Tile, day, empty, figure, html, quantity, rp, table_html, tiles
from kopprod.ui.visit import _, action, plain, reading, tell, today

_LOOKED = "list_looked"


@dataclass(frozen=True)
class _Seen:
    """What a list would bring, as it was asked: the same question is not asked of it twice."""

    asked: tuple[Any, ...]
    survey: Survey
    looked: Looked


def show(kept: Columns | None, *, key: str) -> None:
    """Choose a list, look at it, and keep it; `kept` is a saved mapping of its columns."""
    sheet = files.ask_long_sheet(key=f"file_{key}")
    if sheet is None:
        empty(_("Choose a file. It is looked at first; nothing is kept before you say so."))
        return
    fixed = _ask_fixed(sheet, kept)
    columns = files.ask_columns(imports.LISTS, sheet, kept, fixed=fixed, key=key)
    if columns is None:
        return
    buys = st.toggle(_("Buy these goods outright, at the posted price of their day"), key="buys")
    if not buys:
        st.caption(_("The goods are received and stay the members' own until they are sold."))
    seen = _look(sheet, columns, buys)
    _show_looked(seen.looked, buys)
    found = seen.looked
    findings = Findings[Any]([], [], found.faults, found.there_already, found.repeated, found.rows)
    files.show_faults(findings, name=_("Faults"), key="file")
    if found.faulty + found.asked_rows > MOST_FAULTS:
        st.caption(_("Only the first {n} are listed. Mend them and bring it again.", n=MOST_FAULTS))
    _choose(sheet, seen, buys)


def _ask_fixed(sheet: LongSheet, kept: Columns | None) -> dict[str, str]:
    """What the file leaves unsaid because it is the same for all of its rows."""
    if kept is not None:
        return dict(kept.fixed)
    with reading() as session:
        names = [product.name for product in products.products(session)]
    with st.expander(_("What the file does not say")):
        product = st.selectbox(
            _("Product"),
            ["", *names],
            format_func=lambda n: n or _("in the file"),
            key="list_product",
        )
        grade = st.text_input(_("Grade"), key="list_grade")
    return {"product": product, "grade": grade}


def _look(sheet: LongSheet, columns: Columns, buys: bool) -> _Seen:
    asked = (sheet.name, id(sheet), str(columns), buys, today())
    seen: _Seen | None = st.session_state.get(_LOOKED)
    if seen is None or seen.asked != asked:
        with reading() as session, st.spinner(_("Looking at each row …")):
            survey = delivery_lists.survey(session, sheet.rows, columns, on=today())
            looked = delivery_lists.look(session, sheet.rows(), Run(survey, buys))
        seen = st.session_state[_LOOKED] = _Seen(asked, survey, looked)
    return seen


def _show_looked(looked: Looked, buys: bool) -> None:
    tiles(
        [
            Tile(_("Good rows"), str(looked.good)),
            Tile(_("To ask about"), str(looked.asked_rows)),
            Tile(_("With faults"), str(looked.faulty)),
            Tile(_("There already"), str(looked.there_already + looked.repeated)),
        ]
    )
    if buys:
        figure(_("Owed for the good rows"), rp(looked.amount_rp))
    if not looked.first:
        return
    with st.expander(_("The first good rows, as they were read"), expanded=True):
        rows = [
            {
                _("Row"): row.row,
                _("Member"): f"{row.member.name} ({row.member.number})",
                _("Date"): day(row.received_on),
                _("Product"): row.goods.name,
                _("Quantity"): quantity(row.gross, row.goods.base_unit),
                _("Tare"): quantity(row.tare, row.goods.base_unit) if row.tare else "",
            }
            for row in looked.first
        ]
        html(table_html([Column(heading, heading) for heading in rows[0]], rows))


def _ask_accepted(looked: Looked) -> tuple[frozenset[str], int]:
    """The questions that somebody answers with yes, and the most rows that come in by it."""
    if not looked.asked:
        return frozenset(), 0
    st.subheader(_("Are these rows right?"), anchor=False)
    st.caption(_("They are kept apart until you say so."))
    accepted = set()
    for sentence, count in looked.asked.items():
        first = next(
            (f for f in looked.faults if f.sentence == sentence and f.weight is Weight.QUESTION),
            None,
        )
        why = _(sentence, **first.facts) if first else _(sentence)
        label = _(
            "{n} rows are right, such as row {row} ({value}): {why}",
            n=count,
            row=first.row if first else "",
            value=plain(first.value[:40]) if first else "",
            why=plain(why),
        )
        if st.checkbox(label, key=f"list_{abs(hash(sentence))}"):
            accepted.add(sentence)
    rows = looked.asked_rows if len(accepted) == len(looked.asked) else 0
    return frozenset(accepted), rows


def _choose(sheet: LongSheet, seen: _Seen, buys: bool) -> None:
    looked = seen.looked
    accepted, more = _ask_accepted(looked)
    if not looked.good + looked.asked_rows:
        if looked.faulty and not looked.there_already + looked.repeated:
            empty(_("No row of this file can be kept yet. Mend the file and bring it again."))
        else:
            empty(_("This file brings nothing new, so there is nothing to keep."))
        return
    if not looked.good and not accepted:
        return
    st.caption(
        _(
            "{n} rows are kept at a time, so that others can go on working. If the connection"
            " breaks, bring the same file again: only what is missing comes in.",
            n=format_number(BATCH),
        )
    )
    label = _("Keep all good rows ({count})", count=looked.good + more)
    if accepted and not more:
        label = _("Keep all good rows, and those you answered for")
    name = st.text_input(_("Keep this mapping of columns as (may be empty)"), key="save_as")
    if st.button(label, key="keep", type="primary", width="stretch"):
        _keep(sheet, Run(seen.survey, buys, accepted), name.strip())


def _keep(sheet: LongSheet, run: Run, save_as: str) -> None:
    """Batch by batch, each one action; the last one says how much was kept."""
    kept, rows, on = 0, run.survey.rows, today()
    bar = st.progress(0, text=_("Keeping …"))
    st.session_state.pop(_LOOKED, None)
    for number, batch in enumerate(delivery_lists.batches(sheet.rows()), 1):
        done = min(number * BATCH, rows)
        last = done == rows
        before = kept
        said = N_("{kept} rows from {file} are kept.") if last else ""
        whole = False
        with action(said, name=f"imports.{imports.LISTS}", stay=not last) as session:
            if save_as and number == 1:
                columns = run.survey.reading.columns
                imports.save_mapping(session, kind=imports.LISTS, name=save_as, columns=columns)
            kept = before + delivery_lists.keep(session, batch, run, on=on).deliveries
            tell(session, kept=kept, file=plain(sheet.name))
            whole = True
        if not whole:
            return  # a rule said no, and its sentence is on the screen; what came before is kept
        bar.progress(done * 100 // rows, text=_("{done} of {all} rows", done=done, all=rows))
