"""The order that a sale fills: chosen when the sale is opened, shown and corrected on its page."""

import streamlit as st

from kopprod.domain import money
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_
from kopprod.domain.sales import SaleStage
from kopprod.services import orders
from kopprod.services.orders import Ordered
from kopprod.services.settlement import Statement
from kopprod.tables.products import Product
from kopprod.ui.places import FOLDER
from kopprod.ui.show import quantity
from kopprod.ui.visit import _, action, plain, reading, tell


def ask_order(buyer_id: int | None, product: Product) -> Ordered | None:
    """Which open order of this buyer the new sale fills; nothing is asked where there is none."""
    if buyer_id is None:
        return None
    with reading() as session:
        rows = orders.open_for(session, buyer_id=buyer_id, product_id=product.id)
    if not rows:
        return None
    known = {row.order.id: row for row in rows}
    picked = st.selectbox(
        _("Which order does it fill?"),
        [*known, 0],
        format_func=lambda key: _short(known[key]) if key else _("none"),
        key=f"sale_order_{buyer_id}_{product.id}",
    )
    chosen = known.get(picked)
    if chosen is not None and chosen.grade:
        st.caption(_("This order is for grade {grade} only; the rest stays in store.",
                     grade=plain(chosen.grade)))  # fmt: skip
    return chosen


def agreed_price(order: Ordered | None) -> str:
    """The price that was agreed in the order, as it is typed."""
    if order is None or order.order.price_e4 is None:
        return ""
    return money.format_e4(order.order.price_e4)


def _short(row: Ordered) -> str:
    left = quantity(row.left, row.unit)
    words = (row.order.number, row.grade, row.order.reference)
    named = " · ".join(word for word in words if word)
    return _("{order}, {left} still to come", order=named, left=left)


def of_sale(found: Statement, *, may: bool) -> None:
    """The order of a sale, a door to it; while the sale is open another one can be chosen."""
    sale = found.sale
    with reading() as session:
        rows = [] if sale.order_id is None else orders.orders(session, order_id=sale.order_id)
        choices = (
            orders.open_for(session, buyer_id=sale.buyer_id, product_id=sale.product_id)
            if may and sale.stage is SaleStage.OPEN
            else []
        )
    for row in rows:
        label = _("For order {number}: {filled} of {ordered} sold", number=row.order.number,
                  filled=Quantity(row.filled, row.unit),
                  ordered=Quantity(row.order.quantity, row.unit))  # fmt: skip
        st.page_link(
            FOLDER / "orders.py", label=plain(label), query_params={"order": str(row.order.id)}
        )
    if choices:
        _choose_another(sale.id, sale.order_id, choices)


def _choose_another(sale_id: int, order_id: int | None, choices: list[Ordered]) -> None:
    known = {row.order.id: row for row in choices}
    with st.expander(_("Which order does it fill?")):
        keys = [0, *known]
        picked = st.selectbox(
            _("Order"),
            keys,
            index=keys.index(order_id) if order_id in known else 0,
            format_func=lambda key: _short(known[key]) if key else _("none"),
            key=f"order_of_{sale_id}",
        )
        if (picked or None) != order_id and st.button(
            _("Keep"), key=f"order_of_{sale_id}_keep", width="stretch"
        ):
            with action(N_("Sale {number} is kept."), name="orders.name_order") as session:
                kept = orders.name_order(session, sale_id, order_id=picked or None)
                tell(session, number=kept.number)
