"""The parts of the page of sales: the list, and which sale the address asks for."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain.refusal import N_
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.services.sales import Listed
from kopprod.ui.show import (
    Column,
    rp_column,
    short_day,
    table,
)
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _, plain

STAGES = {
    SaleStage.OPEN: N_("being prepared"),
    SaleStage.SETTLED: N_("settled and shared"),
    SaleStage.CANCELLED: N_("cancelled"),
}


def chosen(name: str) -> int | None:
    """Which sale or slip the address asks for, if any."""
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def choose(name: str, key: int | None) -> None:
    """Open a sale or slip, or go back to the list; the address says which."""
    st.query_params.clear()
    if key is not None:
        st.query_params[name] = str(key)


def label(row: Listed) -> str:
    """A sale in a line: number, product, buyer, day."""
    sale = row.sale
    return f"{sale.number} · {row.product.name} · {row.buyer} · {short_day(sale.sold_on)}"


def open_sales(rows: Sequence[Listed]) -> None:
    """The sales that wait to be settled, each a button."""
    waiting = [row for row in rows if row.sale.stage is SaleStage.OPEN]
    if not waiting:
        return
    st.subheader(_("Being prepared"), anchor=False)
    for row in waiting:
        if st.button(plain(label(row)), key=f"open_sale_{row.sale.id}", width="stretch"):
            choose("sale", row.sale.id)
            st.rerun()


def past_sales(rows: Sequence[Listed]) -> None:
    """Settled and cancelled sales: a door to each, and the table with its files."""
    past = {row.sale.id: row for row in rows if row.sale.stage is not SaleStage.OPEN}
    if not past:
        return
    own = any(row.sale.mode is SaleMode.OUTRIGHT for row in past.values())
    st.subheader(_("Settled and cancelled"), anchor=False)
    picked = st.selectbox(
        _("Open a sale"),
        list(past),
        index=None,
        format_func=lambda key: label(past[key]),
        placeholder=_("Choose"),
        key="past_sale",
    )
    if picked is not None:
        choose("sale", picked)
        st.rerun()
    for_members = rp_column(_("For members"), "net_rp")
    table(
        [
            number_column(_("Number"), "number").over(narrow_day_column(_("Day"), "sold_on")),
            Column(_("Product"), "product").over(Column(_("Buyer"), "buyer")),
            rp_column(_("Proceeds"), "gross_rp"),
            for_members.over(rp_column(_("Gain or loss"), "gain_rp")) if own else for_members,
            rp_column(_("Still owed"), "owed_rp").over(rp_column(_("Received"), "received_rp")),
            rp_column(_("Costs"), "costs_rp").over(rp_column(_("Fee"), "fee_rp")),
            Column(_("Stage"), "stage"),
        ],
        [_past_row(row) for row in past.values()],
        key="penjualan",
    )


def _past_row(row: Listed) -> dict[str, object]:
    sale = row.sale
    return {
        "number": sale.number,
        "sold_on": sale.sold_on,
        "product": row.product.name,
        "buyer": row.buyer,
        "stage": _(STAGES[sale.stage]),
        "gross_rp": sale.gross_rp,
        "costs_rp": sale.costs_rp,
        "fee_rp": sale.fee_rp,
        "net_rp": sale.net_rp if sale.mode is SaleMode.POOL else None,
        "gain_rp": sale.net_rp if sale.mode is SaleMode.OUTRIGHT else None,
        "received_rp": None if sale.gross_rp is None else row.received_rp,
        "owed_rp": None if sale.gross_rp is None else row.owed_rp,
    }
