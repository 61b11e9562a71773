"""A sale's terms on the page of sales: a new sale, and correcting one that is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from kopprod.domain import money
from kopprod.domain.quantities import Quantity, UnitFactor, format_quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleMode
from kopprod.papers.scales import WORDS
from kopprod.services import orders, sales
from kopprod.services.deliveries import Stored
from kopprod.services.settlement import Statement
from kopprod.tables.products import Product
from kopprod.tables.sales import Buyer
from kopprod.ui import order_choice
from kopprod.ui.ask import ask_day, ask_price, ask_quantity, ask_rp
from kopprod.ui.sales import choose
from kopprod.ui.show import quantity
from kopprod.ui.visit import _, action, complain, plain, tell, today

MODES = {
    SaleMode.POOL: N_("Members' goods, sold together (titip jual)"),
    SaleMode.OUTRIGHT: N_("Goods that the cooperative bought (beli putus)"),
}


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
    mode = _mode(stock, product)
    stock = [row for row in stock if row.mode is mode]
    buyer_id = _buyer(buyers)
    order = order_choice.ask_order(buyer_id, product)
    if order is not None and order.order.grade_id is not None:
        stock = [row for row in stock if row.delivery.grade_id == order.order.grade_id]
    sold_on = ask_day(_("Day of the sale"), key="sale_day")
    key = "sale" if order is None else f"sale_{order.order.id}"
    terms = _terms(
        product,
        units,
        None if mode is SaleMode.OUTRIGHT else Fee(fee_bp),
        key=key,
        price=order_choice.agreed_price(order),
    )
    stock = _there_by(stock, sold_on, product)
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
                fee_bp=terms.fee.bp,
                on=today(),
                fee_weight_e4=terms.fee.weight_e4,
                fee_flat_rp=terms.fee.flat_rp,
                mode=mode,
            )
            sales.allot_all(session, sale.id, [row.delivery.id for row in stock])
            if order is not None:
                orders.name_order(session, sale.id, order_id=order.order.id)
            tell(session, number=sale.number)
            choose("sale", sale.id)


def _mode(stock: Sequence[Stored], product: Product) -> SaleMode:
    """Whose goods are sold: asked where both lie in store, said where all were bought."""
    there = [mode for mode in SaleMode if any(row.mode is mode for row in stock)]
    if len(there) > 1:
        words = {
            mode: f"{_(MODES[mode])}: {quantity(_left(stock, mode), product.base_unit)}"
            for mode in there
        }
        return st.radio(
            _("Whose goods?"), there, format_func=lambda m: words[m], key=f"sale_mode_{product.id}"
        )
    mode = there[0] if there else SaleMode.POOL
    if mode is SaleMode.OUTRIGHT:
        st.caption(_("These goods are the cooperative's own (beli putus)."))
    return mode


def _left(stock: Sequence[Stored], mode: SaleMode) -> int:
    return sum(row.left for row in stock if row.mode is mode)


def _there_by(stock: Sequence[Stored], sold_on: date, product: Product) -> list[Stored]:
    """What was in store on the day of the sale, said back."""
    there = [row for row in stock if row.delivery.received_on <= sold_on]
    total = quantity(sum(row.left for row in there), product.base_unit)
    st.caption(_("{n} deliveries, {total} in all, are put into the sale. You can take some out "
                 "afterwards.", n=len(there), total=total))  # fmt: skip
    later = len(stock) - len(there)
    if later:
        st.caption(_("{n} deliveries came after that day and stay in store.", n=later))
    return there


@dataclass(frozen=True)
class Fee:
    """A fee of several kinds, as it is typed: percent, for one price unit, flat."""

    bp: int = 0
    weight_e4: int = 0
    flat_rp: int = 0


@dataclass(frozen=True)
class _Terms:
    price_e4: int
    buyer_weight: int
    fee: Fee


def _terms(
    product: Product,
    units: Sequence[UnitFactor],
    fee: Fee | None,
    *,
    key: str,
    price: str = "",
    weight: str = "",
) -> _Terms | None:
    """Ask for price, weight and fee; `fee` is what is proposed, nothing where there can be none."""
    unit = product.price_unit
    price_e4 = ask_price(
        _("Price for one {unit}", unit=plain(unit)), per=unit, key=f"{key}_price", value=price
    )
    parsed = ask_quantity(
        _(WORDS[product.base_unit].ask_buyers),
        units=units,
        default=unit,
        base_unit=product.base_unit,
        key=f"{key}_weight",
        value=weight,
    )
    asked = Fee() if fee is None else _fee(product, fee, key=key)
    if price_e4 is None or parsed is None or asked is None:
        return None
    return _Terms(price_e4, parsed.amount, asked)


def _fee(product: Product, fee: Fee, *, key: str) -> Fee | None:
    shown = money.format_percent(fee.bp)
    text = st.text_input(_("Fee of the cooperative"), value=shown, key=f"{key}_fee", max_chars=12)
    try:
        percent_bp = money.parse_percent_bp(text)
    except Refusal as refusal:
        complain(refusal)
        return None
    more = st.toggle(
        _("A fee by quantity or a flat fee too"),
        value=bool(fee.weight_e4 or fee.flat_rp),
        key=f"{key}_fee_more",
    )
    if not more:
        return Fee(percent_bp)
    unit = product.price_unit
    weight_e4 = ask_price(
        _("Fee for one {unit} of the goods (may stay empty)", unit=plain(unit)),
        per=unit,
        key=f"{key}_fee_weight",
        value=money.format_e4(fee.weight_e4) if fee.weight_e4 else "",
    )
    flat_rp = ask_rp(
        _("Flat fee (may stay empty)"),
        key=f"{key}_fee_flat",
        value=money.format_rp(fee.flat_rp) if fee.flat_rp else "",
    )
    if _unclear(weight_e4, f"{key}_fee_weight") or _unclear(flat_rp, f"{key}_fee_flat"):
        return None
    return Fee(percent_bp, weight_e4 or 0, flat_rp or 0)


def _unclear(read: int | None, key: str) -> bool:
    return read is None and bool(str(st.session_state.get(key, "")).strip())


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


def change_terms(found: Statement, units: Sequence[UnitFactor]) -> None:
    """Correct day, price, weight and fee while the sale is open."""
    sale, product = found.sale, found.product
    with st.expander(_("Correct day, price, quantity or fee")):
        sold_on = ask_day(_("Day of the sale"), key=f"terms_{sale.id}_day", value=sale.sold_on)
        terms = _terms(
            product,
            units,
            None if found.own_goods else Fee(sale.fee_bp, sale.fee_weight_e4, sale.fee_flat_rp),
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
                fee_bp=terms.fee.bp,
                on=today(),
                fee_weight_e4=terms.fee.weight_e4,
                fee_flat_rp=terms.fee.flat_rp,
            )
