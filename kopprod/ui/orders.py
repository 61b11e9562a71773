"""Buyers' orders on a screen: what is promised and there, the list, one order, and a new one."""

from collections.abc import Mapping, Sequence

import streamlit as st
from plotly import graph_objects as go

from kopprod.domain import money
from kopprod.domain.orders import Cover, OrderStage
from kopprod.domain.quantities import Quantity, UnitFactor, format_quantity
from kopprod.domain.refusal import N_
from kopprod.services import orders
from kopprod.services.orders import Ordered, Promised
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Buyer
from kopprod.ui.ask import ask_day, ask_price, ask_quantity
from kopprod.ui.charts import COOPERATIVE, GREYS, chart, layout
from kopprod.ui.held import next_turn
from kopprod.ui.places import FOLDER
from kopprod.ui.sales import choose
from kopprod.ui.show import (
    Card,
    Column,
    Tile,
    cards,
    day,
    quantity,
    short_day,
    table,
    tiles,
)
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _, action, plain, tell, today

_MISSING = "#B91C1C"  # what must be acted on

STAGES = {
    OrderStage.OPEN: N_("open"),
    OrderStage.CLOSED: N_("closed"),
    OrderStage.CANCELLED: N_("cancelled"),
}


# What is promised, and what is there


def standing(line: Promised) -> None:
    """One product in a sentence: enough, or what is missing and by when, and what would help."""
    unit, product = line.product.base_unit, plain(line.product.name)
    if not line.lack or line.lacks_from is None:
        st.success(
            _("{product}: what is in store is enough for the {promised} that are promised.",
              product=product, promised=Quantity(line.promised, unit))
        )  # fmt: skip
        return
    said = _(
        "{product}: {lack} are missing for what is promised, the first of it by {lacks_from}.",
        product=product, lacks_from=line.lacks_from, lack=Quantity(line.lack, unit),
    )  # fmt: skip
    if not line.logged:
        more = _("Members have logged nothing more that they could bring.")
    elif line.lack_even_so:
        more = _(
            "Members have logged {logged} that are not brought yet; even with all of it {lack} "
            "are missing.",
            logged=Quantity(line.logged, unit), lack=Quantity(line.lack_even_so, unit),
        )  # fmt: skip
    else:
        more = _(
            "Members have logged {logged} that are not brought yet. Ask them to bring it; its "
            "grade shows at the scale.",
            logged=Quantity(line.logged, unit),
        )
    st.warning(f"{said} {more}")


def cover_cards(lines: Sequence[Promised]) -> None:
    """Every product and grade: promised until when, what is there for it, and what is missing."""
    cards(
        [
            Card(
                title=_cover_name(line, one),
                below=_("{promised} promised, the first by {first_on}; {there} in store for it",
                        promised=Quantity(one.promised, line.product.base_unit),
                        first_on=one.first_due_on,
                        there=Quantity(one.there, line.product.base_unit)),
                right=quantity(one.lack, line.product.base_unit) if one.lack else _("enough"),
                right_below=_("missing from {lacks_from}", lacks_from=one.lacks_from)
                if one.lacks_from else "",
                tone="red" if one.lack else "teal",
            )
            for line in lines
            for one in line.covers
        ]
    )  # fmt: skip


def _cover_name(line: Promised, one: Cover) -> str:
    grade = _("any grade") if one.grade_id is None else line.grades[one.grade_id]
    return f"{line.product.name}, {grade}"


def cover_chart(lines: Sequence[Promised]) -> None:
    """How far the store goes for each product's promises, and what members could still bring."""
    names = [line.product.name for line in lines]
    figure = go.Figure(layout=layout(_("What of the promises is in store?")))
    for label, colour, amounts in (
        (_("in store"), COOPERATIVE, [line.promised - line.lack for line in lines]),
        (_("logged, not brought"), GREYS[2], [line.lack - line.lack_even_so for line in lines]),
        (_("missing"), _MISSING, [line.lack_even_so for line in lines]),
    ):
        each = list(zip(lines, amounts, strict=True))
        words_of = [f"{label}: {quantity(n, line.product.base_unit)}" for line, n in each]
        figure.add_bar(
            y=names,  # type: ignore[arg-type]  # its stubs know figures only
            x=[100 * amount / line.promised for line, amount in each],
            orientation="h",
            name=label,
            marker_color=colour,
            text=[_within(amount, line) for line, amount in each],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            customdata=words_of,  # type: ignore[arg-type]
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=60 * len(lines) + 130,
        bargap=0.35,
        showlegend=True,
        legend={"orientation": "h", "y": -0.25, "x": 0, "traceorder": "normal"},
    )
    figure.update_xaxes(ticksuffix=" %", range=[0, 100])
    figure.update_yaxes(autorange="reversed")
    chart(
        figure,
        key="janji_dan_stok",
        columns=[
            Column(_("Product"), "product"),
            Column(_("Grade"), "grade"),
            Column(_("Promised"), "promised", number=True),
            Column(_("In store for it"), "there", number=True),
            Column(_("Missing"), "lack", number=True),
            narrow_day_column(_("First due"), "first_due_on"),
            narrow_day_column(_("Missing from"), "lacks_from"),
        ],
        rows=[_cover_row(line, one) for line in lines for one in line.covers],
        note=_("In percent of what is promised. What members logged may be of any grade."),
    )


def _within(amount: int, line: Promised) -> str:
    """The amount in its bar, where the bar has room for it."""
    return quantity(amount, line.product.base_unit) if 5 * amount >= line.promised else ""


def _cover_row(line: Promised, one: Cover) -> dict[str, object]:
    unit = line.product.base_unit
    return {
        "product": line.product.name,
        "grade": _("any grade") if one.grade_id is None else line.grades[one.grade_id],
        "promised": quantity(one.promised, unit),
        "there": quantity(one.there, unit),
        "lack": quantity(one.lack, unit),
        "first_due_on": one.first_due_on,
        "lacks_from": one.lacks_from,
    }


# The list


def words(row: Ordered) -> str:
    """An order in a line: number, buyer, what, until when."""
    goods = " ".join(word for word in (row.product.name, row.grade) if word)
    amount = quantity(row.order.quantity, row.unit)
    until = _("by {due}", due=short_day(row.order.due_on))
    return f"{row.order.number} · {row.buyer} · {amount} {goods} · {until}"


def open_orders(rows: Sequence[Ordered]) -> None:
    """The orders that stand, each a button, what is due first on top."""
    st.subheader(_("Open orders"), anchor=False)
    for row in rows:
        if st.button(plain(words(row)), key=f"open_order_{row.order.id}", width="stretch"):
            choose("order", row.order.id)
            st.rerun()


def past_orders(rows: Sequence[Ordered]) -> None:
    """Every order as a table with its files; a closed one is opened by its number."""
    past = {row.order.id: row for row in rows if row.order.stage is not OrderStage.OPEN}
    st.subheader(_("All orders"), anchor=False)
    if past:
        picked = st.selectbox(
            _("Open a past order"),
            list(past),
            index=None,
            format_func=lambda key: words(past[key]),
            placeholder=_("Choose"),
            key="past_order",
        )
        if picked is not None:
            choose("order", picked)
            st.rerun()
    table(
        [
            number_column(_("Number"), "number").over(Column(_("Buyer's number"), "reference")),
            Column(_("Buyer"), "buyer").over(Column(_("Product"), "product")),
            Column(_("Ordered"), "quantity", number=True).over(
                Column(_("Price"), "price", number=True)
            ),
            Column(_("Sold on it"), "filled", number=True),
            Column(_("Still to come"), "left", number=True),
            narrow_day_column(_("Due on"), "due_on").over(Column(_("Stage"), "stage")),
        ],
        [_row(row) for row in rows],
        key="pesanan",
    )


def _row(row: Ordered) -> dict[str, object]:
    order = row.order
    open_left = row.left if order.stage is OrderStage.OPEN else 0
    return {
        "number": order.number,
        "buyer": row.buyer,
        "product": " ".join(word for word in (row.product.name, row.grade) if word),
        "quantity": quantity(order.quantity, row.unit),
        "filled": quantity(row.filled, row.unit),
        "left": quantity(open_left, row.unit),
        "due_on": order.due_on,
        "price": "" if order.price_e4 is None else money.format_e4(order.price_e4),
        "reference": order.reference,
        "stage": _(STAGES[order.stage]),
    }


# One order


def one_order(row: Ordered) -> None:
    """What was ordered, what came of it, and its sales."""
    order, unit = row.order, row.unit
    price = "–" if order.price_e4 is None else money.format_e4(order.price_e4)
    st.header(f"{order.number} · {plain(row.buyer)}", anchor=False)
    tiles(
        [
            Tile(_("Ordered"), quantity(order.quantity, unit),
                 " ".join(word for word in (row.product.name, row.grade) if word)),
            Tile(_("Sold on it"), quantity(row.filled, unit), _("by the buyer's scale")),
            Tile(_("In open sales"), quantity(row.prepared, unit)),
            Tile(_("Due on"), day(order.due_on),
                 _("ordered on {ordered_on}", ordered_on=order.ordered_on)),
            Tile(_("Price"), price, _("for one {unit}", unit=row.product.price_unit)
                 if order.price_e4 else _("not agreed")),
        ]
    )  # fmt: skip
    for text in (order.reference, order.note):
        if text:
            st.caption(plain(text))
    for sale in row.sales:
        label = f"{sale.number} · {short_day(sale.sold_on)}"
        st.page_link(FOLDER / "sales.py", label=plain(label), query_params={"sale": str(sale.id)})


def end(row: Ordered) -> None:
    """Close, cancel or open again; a filled order proposes its closing."""
    order = row.order
    if order.stage is not OrderStage.OPEN:
        st.info(_("This order is {stage}.", stage=_(STAGES[order.stage])))
        if order.stage is OrderStage.CLOSED and st.button(
            _("Open it again"), key=f"order_reopen_{order.id}", width="stretch"
        ):
            with action(N_("Order {number} is open again."), name="orders.reopen") as session:
                tell(session, number=orders.reopen_order(session, order.id).number)
        return
    if row.is_filled:
        st.success(_("All that was ordered is sold. The order can be closed."))
    if st.button(
        _("Close the order"),
        key=f"order_close_{order.id}",
        type="primary" if row.is_filled else "secondary",
        width="stretch",
    ):
        with action(N_("Order {number} is closed."), name="orders.close") as session:
            tell(session, number=orders.close_order(session, order.id).number)
    if not row.sales and st.button(
        _("Cancel the order"), key=f"order_cancel_{order.id}", width="stretch"
    ):
        with action(N_("Order {number} is cancelled."), name="orders.cancel") as session:
            tell(session, number=orders.cancel_order(session, order.id).number)


def change(row: Ordered, *, units: Sequence[UnitFactor], grades: Sequence[Grade]) -> None:
    """Correct an open order, as agreed anew with the buyer."""
    order, key = row.order, f"order_{row.order.id}"
    with st.expander(_("Correct the order")):
        grade_id = ask_grade(grades, key=f"{key}_grade", value=order.grade_id)
        parsed = ask_quantity(
            _("How much?"), units=units, default=row.product.price_unit, base_unit=row.unit,
            key=f"{key}_quantity", value=format_quantity(Quantity(order.quantity, row.unit)),
        )  # fmt: skip
        price_e4 = ask_price(
            _("Agreed price for one {unit} (may stay empty)", unit=plain(row.product.price_unit)),
            per=row.product.price_unit, key=f"{key}_price",
            value="" if order.price_e4 is None else money.format_e4(order.price_e4),
        )  # fmt: skip
        due_on = st.date_input(
            _("Due on"), value=order.due_on, format="DD/MM/YYYY", key=f"{key}_due"
        )
        reference, note = _ask_words(key, order.reference, order.note)
        if st.button(
            _("Keep"), key=f"{key}_keep", width="stretch", type="primary", disabled=parsed is None
        ):
            assert parsed is not None
            done = N_("Order {number} is corrected.")
            with action(done, name="orders.change_order") as session:
                kept = orders.change_order(
                    session, order.id, grade_id=grade_id, quantity=parsed.amount,
                    price_e4=price_e4, due_on=due_on, on=today(), reference=reference, note=note,
                )  # fmt: skip
                tell(session, number=kept.number)


# A new order


def ask_grade(grades: Sequence[Grade], *, key: str, value: int | None = None) -> int | None:
    """The grade that was ordered, or any."""
    names = {0: _("any grade")} | {grade.id: grade.name for grade in grades}
    picked = st.pills(
        _("Grade"),
        list(names),
        default=value if value in names else 0,
        format_func=names.__getitem__,
        key=key,
        required=True,
    )
    return picked or None


def _ask_words(key: str, reference: str = "", note: str = "") -> tuple[str, str]:
    return (
        st.text_input(
            _("The buyer's own number (may stay empty)"), value=reference, key=f"{key}_reference",
            max_chars=60,
        ),
        st.text_input(_("Note (may stay empty)"), value=note, key=f"{key}_note", max_chars=300),
    )  # fmt: skip


def new_order(
    *,
    buyers: Sequence[Buyer],
    product: Product,
    units: Sequence[UnitFactor],
    grades: Sequence[Grade],
    turn: str,
) -> None:
    """Ask what was ordered, one below the other, and write it down."""
    key = f"order_{turn}_{product.id}"
    names: Mapping[int, str] = {buyer.id: buyer.name for buyer in buyers}
    buyer_id = st.selectbox(
        _("Buyer"), list(names), format_func=names.__getitem__, key=f"order_buyer_{turn}"
    )
    grade_id = ask_grade(grades, key=f"{key}_grade")
    parsed = ask_quantity(
        _("How much?"), units=units, default=product.price_unit, base_unit=product.base_unit,
        key=f"{key}_quantity", placeholder=_("for example 2,5 ton"),
    )  # fmt: skip
    price_e4 = ask_price(
        _("Agreed price for one {unit} (may stay empty)", unit=plain(product.price_unit)),
        per=product.price_unit, key=f"{key}_price",
    )  # fmt: skip
    ordered_on = ask_day(_("Ordered on"), key=f"{key}_day")
    due_on = st.date_input(_("Due on"), value=None, format="DD/MM/YYYY", key=f"{key}_due")
    reference, note = _ask_words(key)
    ready = parsed is not None and due_on is not None
    if st.button(
        _("Write the order down"), key="order_save", type="primary", width="stretch",
        disabled=not ready,
    ):  # fmt: skip
        assert parsed is not None and due_on is not None
        with action(N_("Order {number} is written down."), name="orders.add_order") as session:
            order = orders.add_order(
                session, buyer_id=buyer_id, product_id=product.id, grade_id=grade_id,
                quantity=parsed.amount, price_e4=price_e4, ordered_on=ordered_on, due_on=due_on,
                on=today(), reference=reference, note=note, draft_key=turn,
            )  # fmt: skip
            tell(session, number=order.number)
            next_turn("order")
