"""Sell together: goods pooled for one buyer, the settlement, and the money from the buyer."""

import streamlit as st

from kopprod import ui
from kopprod.domain.sales import SaleStage
from kopprod.services import books, cooperative, deliveries, members, products, sales
from kopprod.ui import _, order_choice, papers, proof, sale_goods, sale_terms
from kopprod.ui import reversals as taking_back
from kopprod.ui import sales as parts
from kopprod.ui import settlement as sharing

who = ui.open_page(ui.Action.SALES_SEE, "Sell together").person
on, manager = ui.today(), who.may(ui.Action.SALES_CHANGE)
sale_id = parts.chosen("sale")

if sale_id is None:
    with ui.reading() as session:
        rows = sales.sales(session)
        goods = products.products(session, with_stopped=True)
        stock = deliveries.in_store(session)
        known = sales.buyers(session)
        fee_bp = cooperative.whole(session, "fee_bp")
    parts.open_sales(rows)
    stored = {p.id: sum(s.left for s in stock if s.delivery.product_id == p.id) for p in goods}
    ready = [p for p in goods if stored[p.id]]
    if not rows and not ready:
        ui.empty(_("Sales appear here. The first one begins when a delivery is in store."))
        ui.link("deliveries", label=_("To the deliveries"))
    if manager and ready:
        with st.expander(_("A new sale"), expanded=not rows):
            product = sale_terms.ask_product(ready, stored)
            with ui.reading() as session:
                units = products.units(session, product.id, on=on)
            sale_terms.new_sale(
                [s for s in stock if s.delivery.product_id == product.id],
                product=product,
                units=units,
                buyers=known,
                fee_bp=fee_bp,
            )
    parts.past_sales(rows)
else:
    if st.button(_("All sales"), key="sale_back"):
        parts.choose("sale", None)
        st.rerun()
    with ui.reading() as session:
        found = sales.statement(session, sale_id)
        units = products.units(session, found.product.id, on=on)
        left = deliveries.in_store(session, found.product.id, mode=found.sale.mode)
        names = {m.id: m.name for m in members.members(session)}
        limit_bp = cooperative.whole(session, "shrinkage_limit_bp")
        entry_id = found.sale.entry_id if who.may(ui.Action.LEDGER_SEE) else None
        entry = books.entry(session, entry_id) if entry_id else None
    stage = found.sale.stage
    st.header(f"{found.sale.number} · {ui.plain(found.product.name)}", anchor=False)
    sharing.head(found)
    order_choice.of_sale(found, may=manager)
    if stage is not SaleStage.CANCELLED:
        papers.for_buyer(found)
    if stage is SaleStage.CANCELLED:
        st.info(_("This sale was cancelled."))
        sale_goods.goods(found)
    elif stage is SaleStage.SETTLED:
        sharing.settled(found, entry_number=entry.number if entry else None)
        papers.settlement(found, entry_number=entry.number if entry else None)
        taking_back.of_sale(found)
        sale_goods.goods(found)
        sharing.sharing(found)
        proof.shares(found)
        sharing.buyer_money(found, user_id=who.user_id, may=who.may(ui.Action.MONEY_MOVE))
        taking_back.payment(found)
        sharing.cost_money(found, may=who.may(ui.Action.MONEY_MOVE))
        taking_back.cost(found)
        if who.may(ui.Action.SALES_SETTLE):
            taking_back.settlement(found)
    elif manager:
        taking_back.of_sale(found)
        sale_terms.change_terms(found, units)
        sale_goods.goods(found)
        sale_goods.change_goods(found, left, names=names, units=units)
        sale_goods.costs(found)
        sharing.sharing(found)
        if found.payments:
            sharing.buyer_money(found, user_id=who.user_id, may=False)
            taking_back.payment(found)
        taking_back.cost(found)
        sharing.settle(found, limit_bp=limit_bp)
        sharing.cancel(found, leave=lambda: parts.choose("sale", None))
    else:
        taking_back.of_sale(found)
        sale_goods.goods(found)
        sharing.sharing(found)
        taking_back.payment(found)
        taking_back.cost(found)
