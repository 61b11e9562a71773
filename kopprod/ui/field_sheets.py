"""Typing a field sheet back: row by row as on the paper, each row a delivery of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from kopprod.domain.deliveries import is_large
from kopprod.domain.measures import Measure
from kopprod.domain.quantities import UnitFactor
from kopprod.domain.refusal import N_
from kopprod.domain.weighing import Weights
from kopprod.papers import field_sheets as sheet_papers
from kopprod.services import field_sheets
from kopprod.services.field_sheets import FieldSheet, SheetRow
from kopprod.tables.measures import ProductMeasure
from kopprod.tables.products import Grade
from kopprod.ui import papers
from kopprod.ui.deliveries import ask_grade
from kopprod.ui.show import PAGE_ROWS, page_of, quantity
from kopprod.ui.visit import _, action, plain, tell, today
from kopprod.ui.weighing import ask_measures, ask_sure, ask_weights


@dataclass(frozen=True)
class Typed:
    """A row as it was typed back; without a grade or with measures missing it is not `whole`."""

    row: SheetRow
    weights: Weights
    grade: Grade | None
    measured: dict[Measure, int]
    whole: bool
    sure: bool


def print_it(sheet: FieldSheet, asked: Sequence[ProductMeasure]) -> None:
    """The paper, to take along."""
    letter, measures = papers.letterhead(), [one.measure for one in asked]
    papers.download(
        _("Print the field sheet (PDF)"),
        lambda: sheet_papers.field_sheet(sheet, measures, letter),
        name=f"lembar-{sheet.mark}-{sheet.turn}",
        key="sheet_pdf",
    )
    st.caption(
        _("This is sheet {turn} · {mark}. If another mark stands on your paper, members have "
          "changed since it was printed: go by the names.", turn=sheet.turn, mark=sheet.mark)
    )  # fmt: skip


def ask_rows(
    sheet: FieldSheet,
    *,
    units: Sequence[UnitFactor],
    grades: Sequence[Grade],
    usual: Grade | None,
    asked: Sequence[ProductMeasure],
) -> list[Typed]:
    """Rows in the paper's order, fifty at a time; what is kept already is only shown."""
    found = []
    village = ""
    if len(sheet.rows) > PAGE_ROWS:
        st.caption(_("Keep the rows of one page before you go to the next."))
    key = f"sheet_{sheet.mark}_{sheet.on}_{sheet.turn}"
    # What is typed and not kept would be forgotten on another page.
    open_rows = [row for row in sheet.rows if row.kept is None]
    typed_here = any(st.session_state.get(_key(sheet, row), "").strip() for row in open_rows)
    for row in page_of(sheet.rows, key=key, stays=typed_here):
        if row.village != village:
            village = row.village
            st.markdown(f"**{plain(village)}**")
        name = _("{place}. {name} · {number}", place=row.place, name=plain(row.member.name),
                 number=plain(row.member.number))  # fmt: skip
        if row.kept is not None:
            net = quantity(row.kept.net, sheet.product.base_unit)
            st.markdown(_("{row}: kept as {number}, {net}", row=name, number=row.kept.number,
                          net=net))  # fmt: skip
            continue
        typed = _ask_row(sheet, row, name, units, grades, usual, asked)
        if typed is not None:
            found.append(typed)
    return found


def _key(sheet: FieldSheet, row: SheetRow) -> str:
    return f"sheet_{sheet.product.id}_{sheet.on}_{sheet.turn}_{row.member.id}"


def _ask_row(
    sheet: FieldSheet,
    row: SheetRow,
    name: str,
    units: Sequence[UnitFactor],
    grades: Sequence[Grade],
    usual: Grade | None,
    asked: Sequence[ProductMeasure],
) -> Typed | None:
    product, key = sheet.product, _key(sheet, row)
    weights = ask_weights(
        name, units=units, default=product.price_unit, unit=product.base_unit, key=key, value=""
    )
    if weights is None:
        return None
    grade = ask_grade(grades, key=f"{key}_grade", value=usual.id if usual else None)
    measured, _said, whole = ask_measures(asked, typed="", of=key)
    large = is_large(weights.total, product.base_unit)
    sure = ask_sure(weights, product.base_unit, large=large, key=f"{key}_sure")
    return Typed(row, weights, grade, measured, whole and grade is not None, sure)


def keep(
    rows: Sequence[Typed], sheet: FieldSheet, *, tare_each: int, with_measures: bool, on: date
) -> None:
    """Keep each row by itself; a faulty one is named and nothing else is lost with it."""
    kept = 0
    for typed in rows:
        name = plain(typed.row.member.name)
        label = st.empty()
        label.markdown(_("**Row {place}, {name}**", place=typed.row.place, name=name))
        if not typed.whole or typed.grade is None:
            st.error(_("The grade or a measure is missing. This row is not kept."))
            continue
        before = kept
        with action(N_("{number} is kept."), name="field_sheets.keep_row", stay=True) as session:
            delivery = field_sheets.keep_row(
                session,
                product_id=sheet.product.id,
                member_id=typed.row.member.id,
                grade_id=typed.grade.id,
                weights=typed.weights.each,
                tare_each=tare_each,
                received_on=sheet.on,
                turn=sheet.turn,
                on=on,
                measured=typed.measured if with_measures else None,
                sure=typed.sure,
            )
            tell(session, number=delivery.number)
            kept += 1
        if kept > before:
            label.empty()
    st.session_state.pop("done", None)
    if kept:
        st.session_state["done"] = _("{kept} of {all} rows are kept.", kept=kept, all=len(rows))
    if kept == len(rows):
        st.rerun()
    if kept:
        st.success(st.session_state["done"])


def ask_on(key: str) -> date:
    """The day of the sheet; mostly today's, printed and typed back on the same day."""
    return st.date_input(_("Day of the sheet"), value=today(), format="DD/MM/YYYY", key=key)
