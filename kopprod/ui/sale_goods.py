"""What is in a sale on the page of sales: its deliveries, and its costs while it is open."""

from collections.abc import Mapping, Sequence

import streamlit as st

from kopprod.domain import money
from kopprod.domain.quantities import Quantity, UnitFactor
from kopprod.domain.refusal import N_
from kopprod.domain.sales import CostSplit
from kopprod.papers.scales import WORDS
from kopprod.services import sales
from kopprod.services.deliveries import Stored
from kopprod.services.sale_costs import is_same
from kopprod.services.settlement import Statement
from kopprod.tables.sales import SaleCost
from kopprod.ui.ask import ask_quantity, ask_rp
from kopprod.ui.show import Column, quantity, quantity_column, rp_column, table
from kopprod.ui.steps import narrow_day_column, number_column, unbroken
from kopprod.ui.visit import _, action, plain, tell

SPLITS = {
    CostSplit.VALUE: N_("worth"),
    CostSplit.WEIGHT: N_("quantity"),
    CostSplit.SACKS: N_("number of sacks"),
}


def goods(found: Statement) -> None:
    """The deliveries that are in the sale, with their shares where they can be reckoned."""
    st.subheader(_("Deliveries in this sale"), anchor=False)
    unit = found.product.base_unit
    own, shares = found.own_goods, _amounts(found)
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
            quantity_column(_(WORDS[unit].ours), "quantity", unit),
            rp_column(_("Had cost") if own else _("Share"), "share_rp"),
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


def _amounts(found: Statement) -> Mapping[str, int]:
    """By the delivery's number: its share, or what it had cost the cooperative."""
    if found.outcome is None:
        return {}
    return found.outcome.cost_rp if found.own_goods else found.outcome.share_rp


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
            _label(found, cost),
            key=f"cost_remove_{cost.id}",
        ):
            with action(N_("The cost is removed."), name="sales.remove_cost") as session:
                sales.remove_cost(session, cost.id)
    turn = len(found.costs)  # a new cost gets fresh fields
    name = st.text_input(
        _("What for"), key=f"cost_name_{turn}", placeholder=_("Truck"), max_chars=60
    )
    amount_rp = ask_rp(_("Amount"), key=f"cost_amount_{turn}", placeholder="250 ribu")
    split = CostSplit.VALUE if found.own_goods else _ask_split(turn)
    sure, known = True, sum(is_same(cost, name, amount_rp or 0) for cost in found.costs)
    if amount_rp is not None and known:
        sure = st.checkbox(
            _(
                "{name}, {amount_rp}, is in the list already. It was spent a second time.",
                name=plain(name),
                amount_rp=amount_rp,
            ),
            key=f"cost_sure_{turn}",
        )
    ready = amount_rp is not None and sure
    if st.button(_("Add the cost"), key="cost_add", width="stretch", disabled=not ready):
        assert amount_rp is not None
        with action(N_("{name} is added, {amount_rp}."), name="sales.add_cost") as session:
            cost = sales.add_cost(
                session, found.sale.id, name=name, amount_rp=amount_rp, split=split, known=known
            )
            tell(session, name=plain(cost.name), amount_rp=amount_rp)


def _ask_split(turn: int) -> CostSplit:
    picked = st.radio(
        _("Shared among the members by"),
        [split.value for split in CostSplit],
        format_func=lambda split: _(SPLITS[CostSplit(split)]),
        horizontal=True,
        key=f"cost_split_{turn}",
    )
    return CostSplit(picked)


def _label(found: Statement, cost: SaleCost) -> str:
    name, amount_rp = plain(cost.name), cost.amount_rp
    if found.own_goods or cost.split is CostSplit.VALUE:
        return _("Remove {name}, {amount_rp}", name=name, amount_rp=amount_rp)
    by = _(SPLITS[cost.split])
    return _("Remove {name}, {amount_rp}, shared by {by}", name=name, amount_rp=amount_rp, by=by)
