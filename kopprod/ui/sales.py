"""The parts of the page of sales: the list, and an open sale's terms, goods and costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from kopprod.domain import money
from kopprod.domain.quantities import Quantity, UnitFactor, format_quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.services import orders, sales
from kopprod.services.deliveries import Stored
from kopprod.services.sales import Listed
from kopprod.services.settlement import Statement
from kopprod.tables.products import Product
from kopprod.tables.sales import Buyer
from kopprod.ui import order_choice
from kopprod.ui.ask import ask_day, ask_price, ask_quantity, ask_rp
from kopprod.ui.show import (
    Column,
    quantity,
    quantity_column,
    rp_column,
    short_day,
    table,
)
from kopprod.ui.steps import narrow_day_column, number_column, unbroken
from kopprod.ui.visit import _, action, complain, plain, tell, today

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
    table(
        [
            number_column(_("Number"), "number"),
            narrow_day_column(_("Day"), "sold_on"),
            Column(_("Product"), "product"),
            Column(_("Buyer"), "buyer"),
            rp_column(_("Proceeds"), "gross_rp"),
            rp_column(_("For members"), "net_rp"),
            rp_column(_("Still owed"), "owed_rp"),
            rp_column(_("Received"), "received_rp"),
            rp_column(_("Costs"), "costs_rp"),
            rp_column(_("Fee"), "fee_rp"),
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
        "net_rp": sale.net_rp,
        "received_rp": None if sale.gross_rp is None else row.received_rp,
        "owed_rp": None if sale.gross_rp is None else row.owed_rp,
    }


# A new sale


def ask_product(ready: Sequence[Product], stored: Mapping[int, int]) -> Product:
    """Which of the products that are in store; `stored` is in base units by product."""
    known = {product.id: product for product in ready}
    words = {
        key: _(
            "{product}, {left} in store",
            product=product.name,
            left=quantity(stored[key], product.base_unit),
        )
        for key, product in known.items()
    }
    picked = st.selectbox(
        _("Product"), list(known), format_func=lambda key: words[key], key="sale_product"
    )
    return known[picked]


def new_sale(
    stock: Sequence[Stored],
    *,
    product: Product,
    units: Sequence[UnitFactor],
    buyers: Sequence[Buyer],
    fee_bp: int,
) -> None:
    """Ask for the terms, one below the other, and open the sale with all that is in store."""
    buyer_id = _buyer(buyers)
    order = order_choice.ask_order(buyer_id, product)
    if order is not None and order.order.grade_id is not None:
        stock = [row for row in stock if row.delivery.grade_id == order.order.grade_id]
    sold_on = ask_day(_("Day of the sale"), key="sale_day")
    key = "sale" if order is None else f"sale_{order.order.id}"
    terms = _terms(product, units, fee_bp, key=key, price=order_choice.agreed_price(order))
    total = quantity(sum(row.left for row in stock), product.base_unit)
    st.caption(_("{n} deliveries, {total} in all, are put into the sale. You can take some out "
                 "afterwards.", n=len(stock), total=total))  # fmt: skip
    ready = terms is not None and buyer_id is not None
    if st.button(
        _("Open the sale"), key="sale_open", type="primary", width="stretch", disabled=not ready
    ):
        assert terms is not None and buyer_id is not None
        with action(N_("Sale {number} is open."), name="sales.open_sale") as session:
            sale = sales.open_sale(
                session,
                buyer_id=buyer_id,
                product_id=product.id,
                sold_on=sold_on,
                price_e4=terms.price_e4,
                buyer_weight=terms.buyer_weight,
                fee_bp=terms.fee_bp,
                on=today(),
            )
            sales.allot_all(session, sale.id, [row.delivery.id for row in stock])
            if order is not None:
                orders.name_order(session, sale.id, order_id=order.order.id)
            tell(session, number=sale.number)
            choose("sale", sale.id)


@dataclass(frozen=True)
class _Terms:
    price_e4: int
    buyer_weight: int
    fee_bp: int


def _terms(
    product: Product,
    units: Sequence[UnitFactor],
    fee_bp: int,
    *,
    key: str,
    price: str = "",
    weight: str = "",
) -> _Terms | None:
    unit = product.price_unit
    price_e4 = ask_price(
        _("Price for one {unit}", unit=plain(unit)), per=unit, key=f"{key}_price", value=price
    )
    parsed = ask_quantity(
        _("The buyer's weight, by the buyer's scale"),
        units=units,
        default=unit,
        base_unit=product.base_unit,
        key=f"{key}_weight",
        value=weight,
    )
    shown = money.format_percent(fee_bp)
    text = st.text_input(_("Fee of the cooperative"), value=shown, key=f"{key}_fee", max_chars=12)
    try:
        fee = money.parse_percent_bp(text)
    except Refusal as refusal:
        complain(refusal)
        return None
    if price_e4 is None or parsed is None:
        return None
    return _Terms(price_e4, parsed.amount, fee)


def _buyer(buyers: Sequence[Buyer]) -> int | None:
    names = {buyer.id: buyer.name for buyer in buyers}
    if "sale_buyer_added" in st.session_state:
        st.session_state["sale_buyer"] = st.session_state.pop("sale_buyer_added")
    picked = st.selectbox(
        _("Buyer"),
        [*names, 0],
        format_func=lambda key: names.get(key) or _("A new buyer"),
        key="sale_buyer",
    )
    if picked:
        return int(picked)
    name = st.text_input(_("Name of the new buyer"), key="buyer_name", max_chars=80)
    phone = st.text_input(_("Phone (may stay empty)"), key="buyer_phone", max_chars=24)
    if st.button(_("Add the buyer"), key="buyer_add", width="stretch"):
        with action(N_("{name} is on the list of buyers."), name="sales.add_buyer") as session:
            buyer = sales.add_buyer(session, name=name, phone=phone)
            tell(session, name=plain(buyer.name))
            st.session_state["sale_buyer_added"] = buyer.id
    return None


# An open sale


def change_terms(found: Statement, units: Sequence[UnitFactor]) -> None:
    """Correct day, price, weight and fee while the sale is open."""
    sale, product = found.sale, found.product
    with st.expander(_("Correct day, price, weight or fee")):
        sold_on = ask_day(_("Day of the sale"), key=f"terms_{sale.id}_day", value=sale.sold_on)
        terms = _terms(
            product,
            units,
            sale.fee_bp,
            key=f"terms_{sale.id}",
            price=money.format_e4(sale.price_e4),
            weight=format_quantity(Quantity(sale.buyer_weight, product.base_unit)),
        )
        if terms is None or not st.button(_("Keep"), key="terms_keep", width="stretch"):
            return
        with action(N_("The terms are corrected."), name="sales.change_terms") as session:
            sales.change_terms(
                session,
                sale.id,
                sold_on=sold_on,
                price_e4=terms.price_e4,
                buyer_weight=terms.buyer_weight,
                fee_bp=terms.fee_bp,
                on=today(),
            )


def goods(found: Statement) -> None:
    """The deliveries that are in the sale, with their shares where they can be reckoned."""
    st.subheader(_("Deliveries in this sale"), anchor=False)
    unit = found.product.base_unit
    shares = {} if found.outcome is None else found.outcome.share_rp
    rows = [
        {
            "number": part.delivery.number,
            "received_on": part.delivery.received_on,
            "member": part.member.name,
            "grade": f"{part.grade} ({money.format_percent(part.factor_bp)})",
            "quantity": part.allotment.quantity,
            "share_rp": shares.get(part.delivery.number),
        }
        for part in found.parts
    ]
    if not rows:
        st.info(_("Nothing is in this sale yet. Put in what is in store below."))
        return
    table(
        [
            Column(_("Member"), "member"),
            quantity_column(_("Our weight"), "quantity", unit),
            rp_column(_("Share"), "share_rp"),
            Column(_("Grade"), "grade", unbroken),
            number_column(_("Delivery"), "number"),
            narrow_day_column(_("Received"), "received_on"),
        ],
        rows,
        key=f"setoran_{found.sale.number}",
        total={
            "member": _("Together"),
            "quantity": sum(part.allotment.quantity for part in found.parts),
            "share_rp": sum(shares.values()) if shares else None,
        },
    )


def change_goods(
    found: Statement,
    stock: Sequence[Stored],
    *,
    names: Mapping[int, str],
    units: Sequence[UnitFactor],
) -> None:
    """Put in what is left in store, take a delivery out, or use only a part of it."""
    with st.expander(_("Put in, take out, or use only a part"), expanded=not found.parts):
        _put_all(found, stock)
        free = {row.delivery.id: row.left for row in stock}
        used = {part.delivery.id: part.allotment.quantity for part in found.parts}
        here = {
            delivery.id: f"{delivery.number} · {names.get(delivery.member_id, '')}"
            for delivery in [*(p.delivery for p in found.parts), *(r.delivery for r in stock)]
        }
        if not here:
            return
        unit = found.product.base_unit
        picked = st.selectbox(
            _("Delivery"),
            list(here),
            format_func=lambda key: f"{here[key]} · {quantity(used.get(key, 0), unit)}",
            key="part_delivery",
        )
        most = free.get(picked, 0) + used.get(picked, 0)
        st.caption(_("At most {most}.", most=quantity(most, unit)))
        _use_part(found, picked, most, units)
        if picked in used and st.button(
            _("Take it out of this sale"), key="part_release", width="stretch"
        ):
            with action(N_("{number} is in store again."), name="sales.release") as session:
                sales.release(session, found.sale.id, delivery_id=picked)
                tell(session, number=plain(here[picked]))


def _put_all(found: Statement, stock: Sequence[Stored]) -> None:
    if not stock:
        return
    total = quantity(sum(row.left for row in stock), found.product.base_unit)
    if st.button(
        _("Put in all that is in store: {total}", total=total), key="part_all", width="stretch"
    ):
        with action(N_("All that was in store is in the sale."), name="sales.allot_all") as session:
            sales.allot_all(session, found.sale.id, [row.delivery.id for row in stock])


def _use_part(found: Statement, picked: int, most: int, units: Sequence[UnitFactor]) -> None:
    parsed = ask_quantity(
        _("How much of it goes into this sale"),
        units=units,
        default=found.product.price_unit,
        base_unit=found.product.base_unit,
        key=f"part_quantity_{picked}",
        placeholder=quantity(most, found.product.base_unit),
    )
    if parsed is not None and st.button(_("Use this much"), key="part_use", width="stretch"):
        with action(N_("The delivery is in the sale with {part}."), name="sales.allot") as session:
            sales.allot(session, found.sale.id, delivery_id=picked, quantity=parsed.amount)
            tell(session, part=Quantity(parsed.amount, found.product.base_unit))


def costs(found: Statement) -> None:
    """What the sale cost: each with its way out, and one more."""
    st.subheader(_("Costs"), anchor=False)
    for cost in found.costs:
        if st.button(
            _("Remove {name}, {amount_rp}", name=plain(cost.name), amount_rp=cost.amount_rp),
            key=f"cost_remove_{cost.id}",
        ):
            with action(N_("The cost is removed."), name="sales.remove_cost") as session:
                sales.remove_cost(session, cost.id)
    turn = len(found.costs)  # a new cost gets fresh fields
    name = st.text_input(
        _("What for"), key=f"cost_name_{turn}", placeholder=_("Truck"), max_chars=60
    )
    amount_rp = ask_rp(_("Amount"), key=f"cost_amount_{turn}", placeholder="250 ribu")
    if st.button(_("Add the cost"), key="cost_add", width="stretch", disabled=amount_rp is None):
        assert amount_rp is not None
        with action(N_("{name} is added, {amount_rp}."), name="sales.add_cost") as session:
            cost = sales.add_cost(session, found.sale.id, name=name, amount_rp=amount_rp)
            tell(session, name=plain(cost.name), amount_rp=amount_rp)
