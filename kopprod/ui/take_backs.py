"""The part of the delivery page about a wrong delivery: taking it back, also out of a sale."""

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from kopprod.domain import weighing as rules
from kopprod.domain.access import Action
from kopprod.domain.deliveries import is_large
from kopprod.domain.quantities import Quantity, format_quantity
from kopprod.domain.refusal import N_
from kopprod.domain.weighing import Weights
from kopprod.services import deliveries, products, take_backs, weighing
from kopprod.services.deliveries import Received
from kopprod.services.take_backs import Instead
from kopprod.tables.members import Member
from kopprod.tables.products import Grade
from kopprod.ui.deliveries import ask_grade, show_net
from kopprod.ui.reversals import ahead, buyer_ahead, lists_ahead
from kopprod.ui.show import quantity
from kopprod.ui.visit import _, action, reading, tell, visit
from kopprod.ui.weighing import Tare, ask_sure, ask_tare, ask_weights, remembered


def ask_reversal(rows: Sequence[Received], *, people: Sequence[Member], on: date) -> None:
    """Choose a wrong delivery of these and take it back, with a reason."""
    by_id = {row.delivery.id: row for row in rows if row.stands}
    st.caption(_("A wrong delivery is taken back and received anew. Both stay in the book."))
    delivery_id = st.selectbox(
        _("Which one?"),
        list(by_id),
        index=None,
        format_func=lambda i: _words(by_id[i]),
        placeholder=_("Choose"),
        key="delivery_wrong",
    )
    if delivery_id is None:
        return
    reason = st.text_input(
        _("Why is it taken back?"), key=f"delivery_reason_{delivery_id}", max_chars=300
    )
    if _sold(by_id[delivery_id], people=people, reason=reason, on=on):
        return
    if st.button(
        _("Take {number} back", number=by_id[delivery_id].delivery.number),
        key="delivery_reverse",
        width="stretch",
        disabled=not reason.strip(),
    ):
        done = N_("{wrong} is taken back by {number}. Now receive the goods anew.")
        with action(done, name="deliveries.reverse") as session:
            reversal = deliveries.reverse(session, delivery_id, reason=reason, on=on)
            tell(session, wrong=by_id[delivery_id].delivery.number, number=reversal.number)


def _words(row: Received) -> str:
    net = quantity(row.delivery.net, row.unit)
    return f"{row.delivery.number} · {row.member} · {row.product} {net}"


# Out of a settled sale


def _sold(row: Received, *, people: Sequence[Member], reason: str, on: date) -> bool:
    """Take back a delivery that is in a settled sale, if it is in one and this person may."""
    person = visit().person
    if not row.allotted or not person.may(Action.SALES_SETTLE):
        return False
    with reading() as session:
        if not take_backs.outlooks(session, row.delivery.id):
            return False
    st.warning(
        _(
            "{number} is in a settled sale. That settlement is cancelled, the delivery is taken "
            "out, and the sale is shared anew, all at once.",
            number=row.delivery.number,
        )
    )
    instead, ready = _ask_instead(row, {one.id: one for one in people})
    if not ready:
        return True
    with reading() as session:
        seen = take_backs.outlooks(session, row.delivery.id, instead=instead)
    for outlook in seen:
        st.markdown(f"**{outlook.sale.number}**")
        if outlook.stays_open:
            st.info(
                _("Nothing else is in this sale, so it stays open: add goods or refund the buyer.")
            )
        ahead(outlook, key=f"tarik_{row.delivery.number}_{outlook.sale.number}")
        buyer_ahead(outlook)
    on_lists = [lists_ahead(outlook) for outlook in seen]
    # What was seen is what is done: another thing instead is a button of its own.
    shown = "" if instead is None else f"_{instead.member_id}_{instead.grade_id}_{instead.net}"
    if st.button(
        _("Take {number} out and share anew", number=row.delivery.number),
        key=f"delivery_sold_{row.delivery.id}{shown}",
        type="primary",
        width="stretch",
        disabled=any(on_lists) or not reason.strip(),
    ):
        done = N_("{wrong} is taken back by {number}, and its sale is shared anew.")
        with action(done, name="reversals.take_back_sold") as session:
            taken = take_backs.take_back_sold(
                session, row.delivery.id, reason=reason, on=on, instead=instead
            )
            tell(session, wrong=row.delivery.number, number=taken.reversal.number)
    return True


def _ask_instead(row: Received, people: Mapping[int, Member]) -> tuple[Instead | None, bool]:
    """What takes its place, or nothing, and whether all of it was said."""
    key, delivery = row.delivery.id, row.delivery
    choices = {"other": _("Something else"), "none": _("Nothing: it never came")}
    what = st.radio(
        _("What should have been written down?"),
        list(choices),
        format_func=lambda choice: choices[choice],
        key=f"sold_what_{key}",
        horizontal=True,
    )
    if what == "none":
        return None, True
    with reading() as session:
        grades = products.grades(session, delivery.product_id)
    ids = list(people)
    member_id = st.selectbox(
        _("Whose goods?"),
        ids,
        index=ids.index(delivery.member_id) if delivery.member_id in people else None,
        format_func=lambda one: people[one].name,
        key=f"sold_member_{key}",
    )
    weighed = _weigh(row, people.get(member_id) if member_id else None)
    grade = ask_grade(grades, key=f"sold_grade_{key}", value=delivery.grade_id)
    return _instead(row, member_id, grade, weighed)


def _weigh(row: Received, member: Member | None) -> tuple[Weights, Tare] | None:
    """Every sack in one field and the tare, as at the scale; begins with what was written down."""
    delivery, unit = row.delivery, row.unit
    with reading() as session:
        units = products.units(
            session,
            delivery.product_id,
            on=delivery.received_on,
            village_id=None if member is None else member.village_id,
        )
        product = products.product(session, delivery.product_id)
        sacks = weighing.weights(session, delivery.id)
    typed = rules.as_typed(sacks, unit)
    weights = ask_weights(
        _("Gross"),
        units=units,
        default=product.price_unit,
        unit=unit,
        key=f"sold_gross_{delivery.id}",
        value=typed if len(typed) <= rules.LONGEST else quantity(delivery.gross, unit),
    )
    each = delivery.tare_each
    in_all = format_quantity(Quantity(delivery.tare, unit)) if delivery.tare else ""
    tare = ask_tare(
        weights,
        units=units,
        default=product.price_unit,
        unit=unit,
        key=f"sold_tare_{delivery.id}",
        value=remembered(each, unit) or in_all,
        is_each=bool(each),
    )
    if weights is None or tare is None or not show_net(weights.total, tare.amount, unit):
        return None
    return weights, tare


def _instead(
    row: Received,
    member_id: int | None,
    grade: Grade | None,
    weighed: tuple[Weights, Tare] | None,
) -> tuple[Instead | None, bool]:
    if member_id is None or grade is None or weighed is None:
        return None, False
    weights, tare = weighed
    large = is_large(weights.total, row.unit)
    sure = ask_sure(weights, row.unit, large=large, key=f"sold_sure_{row.delivery.id}")
    gross = " ".join(st.session_state[f"sold_gross_{row.delivery.id}"].split())
    return Instead(
        member_id,
        grade.id,
        weights.each,
        tare.amount,
        tare_each=tare.each,
        typed=f"{gross} - {tare.said}" if tare.said else gross,
        sure=sure,
    ), True
