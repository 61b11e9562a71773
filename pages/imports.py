"""Files in: prices, members and deliveries from CSV and XLSX, looked at before they are kept."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from kopprod import sheets, ui
from kopprod.domain import (
    delivery_files,
    entitlement_files,
    member_files,
    price_files,
    prices,
    subsidies,
    want_files,
)
from kopprod.domain.equipment import Work, shown
from kopprod.domain.imports import Columns, Findings
from kopprod.domain.quantities import BaseUnit, UnitFactor, format_number
from kopprod.domain.refusal import N_
from kopprod.services import booking_files as booking_service
from kopprod.services import cooperative, days, exports, imports, products
from kopprod.services import delivery_files as delivery_service
from kopprod.services import member_files as member_service
from kopprod.services import prices as price_service
from kopprod.services import subsidies as subsidy_service
from kopprod.services import want_files as want_service
from kopprod.sheets import Sheet
from kopprod.ui import Column, _, booking_texts, delivery_lists, files, first_steps

KINDS = {
    imports.PRICES: N_("Published prices"),
    imports.MEMBERS: N_("Members"),
    imports.DELIVERIES: N_("Deliveries"),
    imports.LISTS: N_("Delivery book, any product"),
    imports.WANTS: N_("What farmers bought"),
    imports.ENTITLEMENTS: N_("e-RDKK"),
    imports.BOOKINGS: N_("Bookings of machines"),
}
Keep = Callable[[Session, set[int]], int]


def ask_fixed(kind: str, sheet: Sheet) -> dict[str, str]:
    """What a file leaves unsaid, for all its rows."""
    if kind != imports.PRICES:
        return {}
    with st.expander(_("What the file does not say")):
        return {
            "commodity": st.text_input(_("Commodity"), key="fixed_commodity"),
            "unit": st.text_input(_("Unit"), key="fixed_unit", placeholder="kg"),
            "place": st.text_input(_("Place"), key="fixed_place"),
        }


def look_at_prices(sheet: Sheet, columns: Columns) -> tuple[Findings[Any], Keep]:
    """What a file of prices brings."""
    source = st.text_input(
        _("Whose prices are these?"), value=sheet.name.rsplit(".", 1)[0], key="source"
    )
    file = price_files.read_rows(sheet.rows, sheet.faults, columns, on=ui.today())
    with ui.reading() as session:
        found = price_service.findings(session, file, source=source)

    def keep(session: Session, accepted: set[int]) -> int:
        return price_service.keep(session, file, source=source, accepted=accepted).points

    return found, keep


def look_at_members(sheet: Sheet, columns: Columns) -> tuple[Findings[Any], Keep]:
    """What a file of members brings, and which villages are new."""
    with ui.reading() as session:
        bau_tenths = cooperative.whole(session, "bau_tenths")
        file = member_files.read_rows(
            sheet.rows, sheet.faults, columns, on=ui.today(), bau_tenths=bau_tenths
        )
        found = member_service.findings(session, file)
        villages = member_service.new_villages(session, found)
    if villages:
        st.info(
            _(
                "These villages are new and will be added: {names}.",
                names=ui.plain(", ".join(villages)),
            )
        )
    return found, lambda session, _accepted: member_service.keep(session, file).members


def look_at_deliveries(sheet: Sheet, columns: Columns) -> tuple[Findings[Any], Keep]:
    """What a file of deliveries of one product brings."""
    with ui.reading() as session:
        goods = products.products(session)
    if not goods:
        ui.empty(_("Set up the product first, on the page of products."))
        st.stop()
    names = {product.id: product.name for product in goods}
    product_id = st.selectbox(
        _("Product"), list(names), format_func=names.__getitem__, key="product"
    )
    product = next(product for product in goods if product.id == product_id)
    on = ui.today()
    with ui.reading() as session:
        grades = {grade.id: grade.name for grade in products.grades(session, product.id)}
        per = products.price_per(session, product, on=on)
        if not grades:
            ui.empty(_("Set up the product first, on the page of products."))
            st.stop()
        grade_id = st.selectbox(
            _("Grade"), list(grades), format_func=grades.__getitem__, key=f"grade_{product.id}"
        )
        st.caption(_("Quantities are read in {unit}.", unit=product.price_unit))
        file = delivery_files.read_rows(
            sheet.rows,
            sheet.faults,
            columns,
            unit=UnitFactor(product.price_unit, per),
            base_unit=product.base_unit,
            on=on,
        )
        found = delivery_service.findings(session, file)

    def keep(session: Session, accepted: set[int]) -> int:
        kept = delivery_service.keep(
            session, file, product_id=product.id, grade_id=grade_id, on=on, accepted=accepted
        )
        return kept.deliveries

    return found, keep


def look_at_wants(sheet: Sheet, columns: Columns) -> tuple[Findings[Any], Keep]:
    """What a file of wants brings, and what buying together would have saved."""
    file = want_files.read_rows(sheet.rows, sheet.faults, columns)
    with ui.reading() as session:
        found = want_service.findings(session, file)
    rows = want_service.cells(want_files.pooled(file.wants), _)
    if rows:
        with st.expander(_("What buying together would have saved"), expanded=True):
            headings = [Column(_(said), said, number=n > 2, show=_shown)
                        for n, said in enumerate(want_service.HEADINGS)]  # fmt: skip
            named = [dict(zip(want_service.HEADINGS, row, strict=True)) for row in rows]
            ui.table(headings, named[:-1], key="belanja_bersama", total=named[-1])

    def keep(session: Session, _accepted: set[int]) -> int:
        return want_service.keep(session, file, on=ui.today(), at=ui.now()).wants

    return found, keep


def _shown(cell: int | str) -> str:
    return format_number(cell) if isinstance(cell, int) else cell


def look_at_entitlements(sheet: Sheet, columns: Columns) -> tuple[Findings[Any], Keep]:
    """What a file of the e-RDKK brings."""
    file = entitlement_files.read_rows(sheet.rows, sheet.faults, columns)
    with ui.reading() as session:
        found = subsidy_service.findings(session, file)
    return found, lambda session, _accepted: subsidy_service.keep(session, file)


def look_at_bookings(sheet: Sheet, columns: Columns) -> tuple[Findings[Any], Keep]:
    """What a file of bookings brings; every clash names both of its sides."""
    with ui.reading() as session:
        file = booking_service.read(session, sheet.rows, sheet.faults, columns)
        found = booking_service.findings(session, file, at=ui.now())

    def keep(session: Session, accepted: set[int]) -> int:
        return booking_service.keep(session, file, at=ui.now(), accepted=accepted)

    return found, keep


LOOKS = {
    imports.PRICES: look_at_prices,
    imports.MEMBERS: look_at_members,
    imports.DELIVERIES: look_at_deliveries,
    imports.WANTS: look_at_wants,
    imports.ENTITLEMENTS: look_at_entitlements,
    imports.BOOKINGS: look_at_bookings,
}


def show_good(kind: str, found: Findings[Any]) -> None:
    """The first good rows, as they were understood."""
    if not found.good:
        return
    with st.expander(_("The first good rows, as they were read"), expanded=True):
        rows = [_as_read(kind, row) for row in found.good[:10]]
        ui.html(ui.table_html([Column(heading, heading) for heading in rows[0]], rows))


def _as_read(kind: str, row: Any) -> dict[str, Any]:
    if kind == imports.PRICES:
        return {
            _("Row"): row.row,
            _("Commodity"): row.series.commodity,
            _("Place"): row.series.place,
            _("Step of the chain"): _(prices.LEVEL_WORDS[row.series.level]),
            _("Date"): ui.day(row.starts_on),
            _("Price"): _("{price_e4} for one {unit}", price_e4=row.price_e4, unit=row.series.unit),
        }
    if kind == imports.MEMBERS:
        return {
            _("Row"): row.row,
            _("Member number"): row.number,
            _("Name"): row.name,
            _("Village"): row.village,
            _("Phone"): row.phone,
            _("Land farmed"): shown(Work.AREA, row.land_m2) if row.land_m2 else "",
        }
    if kind == imports.WANTS:
        return {
            _("Row"): row.row,
            _("Member number"): row.number,
            _("Village"): row.village,
            _("Season"): row.season,
            _("Article"): want_files.NAMES.get(row.article, ""),
            _("Quantity"): ui.quantity(row.kg * subsidies.KG, BaseUnit.GRAM),
            _("Price"): _("{price_e4} for one {unit}", price_e4=row.price_e4, unit="kg"),
        }
    if kind == imports.ENTITLEMENTS:
        return {
            _("Row"): row.row,
            _("Member number"): row.number,
            _("Season"): row.season,
            _("Article"): _(subsidies.FERTILISER_WORDS[row.fertiliser]),
            _("Quantity"): ui.quantity(row.grams, BaseUnit.GRAM),
        }
    if kind == imports.BOOKINGS:
        with ui.reading() as session:
            when = booking_texts.times(row.span, days.calendar(session))
        return {
            _("Row"): row.row,
            _("Machine"): row.said.machine,
            _("Member number"): row.said.number,
            _("When"): when,
        }
    return {
        _("Row"): row.row,
        _("Member number"): row.member_number,
        _("Date"): ui.day(row.received_on),
        _("Quantity"): row.said,
    }


def choose(kind: str, sheet: Sheet, columns: Columns, found: Findings[Any], keep: Keep) -> None:
    """All good rows in one transaction, or nothing."""
    accepted = files.ask_accepted(found, key="file")
    count = len(found.good) + len(accepted)
    if not count:
        if found.faulty and not found.there_already + found.repeated:
            ui.empty(_("No row of this file can be kept yet. Mend the file and bring it again."))
        else:
            ui.empty(_("This file brings nothing new, so there is nothing to keep."))
        return
    name = st.text_input(_("Keep this mapping of columns as (may be empty)"), key="save_as")
    if st.button(
        _("Keep all good rows ({count})", count=count), key="keep", type="primary", width="stretch"
    ):
        with ui.action(N_("{kept} rows from {file} are kept."), name=f"imports.{kind}") as session:
            if name.strip():
                imports.save_mapping(session, kind=kind, name=name, columns=columns)
            ui.tell(session, kept=keep(session, accepted), file=ui.plain(sheet.name))
    if st.button(_("Keep nothing"), key="keep_nothing", width="stretch"):
        st.session_state["file_turn"] = st.session_state.get("file_turn", 0) + 1
        st.rerun()


who = ui.open_page(ui.Action.IMPORTS_RUN, "Files in")
first_steps.show_next(who.person, here="imports")
kind = st.segmented_control(
    _("What does the file hold?"),
    list(KINDS),
    format_func=lambda k: _(KINDS[k]),
    default=imports.PRICES,
    key="kind",
    required=True,
)
with ui.reading() as session:
    saved = imports.mappings(session, kind)
name = ""
if saved:
    name = st.selectbox(
        _("Mapping of columns"),
        ["", *saved],
        format_func=lambda n: n or _("guess from the headings"),
        key=f"mapping_{kind}",
    )
if kind == imports.MEMBERS:
    st.download_button(
        _("Download an empty form (XLSX)"),
        lambda: sheets.write_xlsx(exports.MEMBER_HEADINGS, []),
        file_name="anggota.xlsx",
        key="template",
        on_click="ignore",
    )
turn = st.session_state.get("file_turn", 0)
kept = None
if name:
    with ui.reading() as session:
        kept = imports.mapping(session, kind, name)
if kind == imports.LISTS:
    delivery_lists.show(kept, key=f"columns_{turn}_{name}")
    st.stop()
sheet = files.ask_sheet(key=f"file_{kind}_{turn}")
if sheet is None:
    ui.empty(_("Choose a file. It is looked at first; nothing is kept before you say so."))
    st.stop()
fixed = ask_fixed(kind, sheet) if kept is None else dict(kept.fixed)
columns = files.ask_columns(kind, sheet, kept, fixed=fixed, key=f"columns_{turn}_{name}")
if columns is None:
    st.stop()
found, keep = LOOKS[kind](sheet, columns)
files.show_findings(found)
show_good(kind, found)
files.show_faults(found, name=_("Faults"), key="file")
choose(kind, sheet, columns, found, keep)
