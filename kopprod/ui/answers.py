"""Members' answers on a screen: her card to say yes or no, the officer's disputes to resolve."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from kopprod.domain.refusal import N_
from kopprod.services import answers, products
from kopprod.services.answers import Dispute, Said, Waiting
from kopprod.tables.products import Grade
from kopprod.ui.show import day, quantity
from kopprod.ui.visit import _, action, now, plain, reading, tell

MOST_AT_ONCE = 3


def ask_answers(waiting: Sequence[Waiting], said: Sequence[Said], *, on: date) -> None:
    """A member's new deliveries, each with yes and no, and what became of her disputes."""
    for dispute in said:
        number, reason = plain(dispute.number), plain(dispute.reason or "")
        if dispute.reason is None:
            st.info(_("You said {number} is not right. The officer will answer.", number=number))
        else:
            kept = N_("The officer looked at {number} again and kept it: {reason}")
            st.info(_(kept, number=number, reason=reason))
    for row in waiting[:MOST_AT_ONCE]:
        with st.container(border=True, key=f"answer_{row.delivery_id}"):
            _ask(row, on)


def _ask(row: Waiting, on: date) -> None:
    net = quantity(row.net.amount, row.net.unit)
    st.markdown(
        _(
            "New delivery: **{net} {product} {grade}**, {day}. Is that right?",
            net=net,
            product=plain(row.product),
            grade=plain(row.grade),
            day=_("today") if row.received_on == on else day(row.received_on),
        )
    )
    if st.button(
        _("Yes, that is right"), key=f"accept_{row.delivery_id}", type="primary", width="stretch"
    ):
        with action(N_("{number}: you said that it is right."), name="answers.accept") as session:
            answers.accept(session, row.delivery_id, on=on, at=now())
            tell(session, number=row.number)
    with st.expander(_("No, something is wrong")):
        words = st.text_input(
            _("What is not right?"),
            key=f"dispute_words_{row.delivery_id}",
            max_chars=300,
            help=_("You may say so until {last}.", last=day(row.last_on)),
        )
        if st.button(
            _("Tell the officer"),
            key=f"dispute_{row.delivery_id}",
            width="stretch",
            disabled=not words.strip(),
        ):
            done = N_("The officer will look at {number} again and answer you.")
            with action(done, name="answers.dispute") as session:
                answers.dispute(session, row.delivery_id, words=words, on=on, at=now())
                tell(session, number=row.number)


def resolve_disputes(disputes: Sequence[Dispute], *, on: date) -> None:
    """Deliveries that members dispute, each to be kept with a reason or corrected."""
    if not disputes:
        return
    st.subheader(_("Members say that it is not right"), anchor=False)
    for row in disputes:
        words = f"**{plain(row.delivery.number)}** · {plain(row.member)}: {plain(row.answer.words)}"
        with st.expander(words, key=f"dispute_of_{row.delivery.id}"):
            _resolve(row, on)


def _resolve(row: Dispute, on: date) -> None:
    with reading() as session:
        grades = products.grades(session, row.delivery.product_id)
    net = quantity(row.net.amount, row.net.unit)
    st.caption(f"{plain(row.product)} {plain(row.grade)} · {net} · {day(row.delivery.received_on)}")
    grade = _ask_grade(row, grades)
    reason = st.text_input(
        _("Why? The member reads this."),
        key=f"resolve_reason_{row.delivery.id}",
        max_chars=300,
    )
    pressed = st.button(
        _("Keep grade {grade}", grade=plain(row.grade))
        if grade is None
        else _("Change it to grade {grade}", grade=plain(grade.name)),
        key=f"resolve_{row.delivery.id}",
        width="stretch",
        disabled=not reason.strip(),
    )
    if not pressed:
        return
    done = N_("{number}: the dispute is resolved.")
    with action(done, name="answers.resolve") as session:
        tell(session, number=row.delivery.number)
        if grade is None:
            answers.keep_grade(session, row.delivery.id, reason=reason, at=now())
        else:
            answers.correct_grade(
                session, row.delivery.id, grade_id=grade.id, reason=reason, on=on, at=now()
            )


def _ask_grade(row: Dispute, grades: Sequence[Grade]) -> Grade | None:
    others = {g.id: g for g in grades if g.id != row.delivery.grade_id}
    if not others:
        return None
    chosen = st.pills(
        _("Another grade? Leave it empty to keep {grade}.", grade=plain(row.grade)),
        list(others),
        format_func=lambda i: others[i].name,
        key=f"resolve_grade_{row.delivery.id}",
    )
    return None if chosen is None else others[chosen]
