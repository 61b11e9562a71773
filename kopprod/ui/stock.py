"""What is in store on a screen: whose it is, what it cost, and writing off what was lost."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import N_
from kopprod.domain.sales import SaleMode
from kopprod.domain.stock import LONGEST, WORDS, Loss
from kopprod.services import products, stock
from kopprod.services.stock import Lost, Pile, Stored
from kopprod.tables.products import Product
from kopprod.ui.ask import ask_day, ask_quantity
from kopprod.ui.held import held_turn, next_turn
from kopprod.ui.show import (
    Card,
    Column,
    Tile,
    cards,
    day,
    quantity,
    quantity_column,
    rp,
    rp_column,
    table,
    tiles,
)
from kopprod.ui.steps import narrow_day_column
from kopprod.ui.visit import _, action, plain, reading, tell

FIRST = 20  # losses shown


def show_piles(piles: Sequence[Pile], *, on: date) -> None:
    """The members' goods and the cooperative's own, with the cost of these and their age."""
    own = [pile for pile in piles if pile.mode is SaleMode.OUTRIGHT]
    tiles(
        [
            Tile(
                _("The cooperative's own cost"), rp(sum(pile.cost_rp for pile in own)), tone="teal"
            ),
            Tile(_("Oldest goods"), _age(min(pile.oldest_on for pile in piles), on)),
        ]
    )
    if own:
        st.subheader(_("The cooperative's own (beli putus)"), anchor=False)
        _piles(own, on=on, key="own")
        st.caption(_("What it cost together is the balance of account 1117."))
    members = [pile for pile in piles if pile.mode is SaleMode.POOL]
    if members:
        st.subheader(_("Members' goods to sell together (titip jual)"), anchor=False)
        _piles(members, on=on, key="members")


def _age(oldest_on: date, on: date) -> str:
    days = (on - oldest_on).days
    return _("since today") if days <= 0 else _("{n} days", n=days)


def _piles(piles: Sequence[Pile], *, on: date, key: str) -> None:
    for unit in sorted({pile.product.base_unit for pile in piles}):
        rows = [_row(pile, on) for pile in piles if pile.product.base_unit is unit]
        cost = [rp_column(_("What it cost"), "cost_rp"), Column(_("Each"), "each", number=True)]
        table(
            [
                Column(_("Product"), "product"),
                Column(_("Grade"), "grade"),
                quantity_column(_("Free"), "left", unit),
                quantity_column(_("In a sale"), "promised", unit),
                *(cost if key == "own" else []),
                narrow_day_column(_("Oldest"), "oldest_on"),
                Column(_("Age"), "age"),
                Column(_("Deliveries"), "lots", number=True),
            ],
            rows,
            key=f"persediaan_{key}_{unit.value}",
            total=_total(rows, key),
        )


def _row(pile: Pile, on: date) -> dict[str, Any]:
    return {
        "product": pile.product.name,
        "grade": pile.grade,
        "left": pile.left,
        "promised": pile.promised,
        "cost_rp": pile.cost_rp,
        "each": f"{rp(pile.cost_each_rp)}/{pile.product.price_unit}",
        "oldest_on": pile.oldest_on,
        "age": _age(pile.oldest_on, on),
        "lots": pile.lots,
    }


def _total(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any] | None:
    if key != "own":
        return None
    return {"product": _("Together"), "cost_rp": sum(row["cost_rp"] for row in rows)}


def ask_loss(lots: Sequence[Stored], goods: Mapping[int, Product], *, on: date) -> None:
    """Choose a delivery, say how much of it was lost and why, and write it off."""
    by_id = {lot.delivery.id: lot for lot in lots}
    picked = st.selectbox(
        _("Of which delivery?"),
        list(by_id),
        index=None,
        format_func=lambda i: _words(by_id[i], goods),
        placeholder=_("Choose"),
        key="loss_of",
    )
    if picked is None:
        return
    lot, product = by_id[picked], goods[by_id[picked].delivery.product_id]
    turn = held_turn("loss")
    with reading() as session:
        units = products.units(session, product.id, on=on)
    kind: Loss = st.segmented_control(
        _("What happened?"),
        list(Loss),
        format_func=lambda k: _(WORDS[k]),
        default=Loss.DRIED,
        key=f"loss_kind_{picked}",
        required=True,
        width="stretch",
    )
    amount = ask_quantity(
        _("How much is gone?"),
        units=units,
        default=product.price_unit,
        base_unit=product.base_unit,
        key=f"loss_quantity_{picked}",
    )
    reason = st.text_input(_("How was it lost?"), key=f"loss_reason_{picked}", max_chars=LONGEST)
    lost_on = ask_day(_("When?"), key=f"loss_day_{picked}")
    if lot.bought:
        st.caption(_("What it had cost the cooperative becomes an expense (6102)."))
    else:
        st.caption(_("These are a member's goods: only their quantity gets less."))
    if st.button(
        _("Write it off"),
        key=f"loss_keep_{picked}",
        type="primary",
        width="stretch",
        disabled=amount is None or not reason.strip(),
    ):
        assert amount is not None
        done = N_("Written off as {number}: {quantity} of {delivery}, {cost_rp}.")
        with action(done, name="stock.lose") as session:
            row = stock.lose(
                session,
                picked,
                quantity=amount.amount,
                kind=kind,
                reason=reason,
                on=lost_on,
                draft_key=turn,
            )
            tell(
                session,
                number=row.number,
                quantity=quantity(row.quantity, product.base_unit),
                delivery=lot.delivery.number,
                cost_rp=row.cost_rp,
            )
            next_turn("loss")


def _words(lot: Stored, goods: Mapping[int, Product]) -> str:
    product = goods[lot.delivery.product_id]
    mode = _("bought") if lot.bought else _("a member's")
    left = quantity(lot.left, product.base_unit)
    return f"{lot.delivery.number} · {product.name} · {left} · {mode}"


def show_losses(rows: Sequence[Lost]) -> None:
    """What was lost, the newest first."""
    cards(
        [
            Card(
                title=f"{plain(row.product)} {plain(row.grade)}, {_(WORDS[row.loss.kind])}",
                below=" · ".join(
                    [row.loss.number, day(row.loss.lost_on), row.delivery, row.loss.reason]
                ),
                right=quantity(row.loss.quantity, BaseUnit(row.unit)),
                right_below=rp(row.loss.cost_rp) if row.loss.cost_rp else "",
                tone="amber",
            )
            for row in rows[:FIRST]
        ]
    )
