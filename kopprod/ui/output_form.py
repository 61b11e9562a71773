"""Logging output in a few taps: what, how much, when; read back, and kept with a number."""

from dataclasses import dataclass
from datetime import date

import streamlit as st

from kopprod.domain.quantities import ParsedQuantity, Quantity
from kopprod.domain.refusal import N_
from kopprod.services import members, output, products
from kopprod.tables.output import OutputDraft
from kopprod.tables.products import Product
from kopprod.ui.ask import ask_day, ask_quantity
from kopprod.ui.choose import choose_product
from kopprod.ui.fold import fold
from kopprod.ui.show import day
from kopprod.ui.visit import _, action, now, part_of_page, plain, reading, say_done, tell


@dataclass
class Form:
    """What the form holds so far."""

    draft: OutputDraft
    on: date
    member_id: int
    product: Product | None = None
    made: ParsedQuantity | None = None
    typed: str = ""
    made_on: date | None = None
    note: str = ""


def open_draft() -> OutputDraft:
    """The form that this person has open, or a new one."""
    with reading() as session:
        draft = output.draft(session)
    if draft is None:
        with action("", name="output.open_draft", stay=True) as session:
            draft = output.open_draft(session, at=now())
    if draft is None:
        st.stop()
    return draft


@part_of_page
def log_output(*, member_id: int, village_id: int | None, for_others: bool, on: date) -> None:
    """Ask what this member made, read it back, and keep it."""
    say_done()
    draft = open_draft()
    form = Form(draft, on, member_id, typed=draft.typed, made_on=on, note=draft.note)
    _choose_product(form)
    if form.product is not None:
        _ask_amount(form, form.product, village_id)
    _keep_entered(form, for_others=for_others)
    if form.product is not None and form.made is not None and form.made_on is not None:
        _record(form, form.product, form.made, form.made_on)


def _choose_product(form: Form) -> None:
    with reading() as session:
        goods = [p for p in members.products_of(session, form.member_id) if p.active]
        goods = goods or products.products(session)
    form.product = choose_product(
        goods,
        key=f"output_product_{form.draft.id}_{form.member_id}",
        value=form.draft.product_id,
    )


def _ask_amount(form: Form, product: Product, village_id: int | None) -> None:
    draft = form.draft
    with reading() as session:
        units = products.units(session, product.id, on=form.on, village_id=village_id)
    key = f"output_quantity_{draft.id}_{product.id}"
    form.made = ask_quantity(
        _("How much?"),
        units=units,
        default=product.price_unit,
        base_unit=product.base_unit,
        key=key,
        value=draft.typed,
        placeholder=_("for example {example}", example=f"25 {product.price_unit}"),
    )
    form.typed = st.session_state[key]
    form.made_on = ask_day(_("When?"), key=f"output_day_{draft.id}", value=draft.made_on)
    with fold(
        _("Add a note"), key=f"output_noted_{draft.id}", expanded=bool(draft.note)
    ) as is_open:
        if is_open:
            form.note = st.text_input(
                _("Note"), value=draft.note, key=f"output_note_{draft.id}", max_chars=300
            )


def _keep_entered(form: Form, *, for_others: bool) -> None:
    entered: output.Entered = {
        "member_id": form.member_id if for_others else None,
        "product_id": None if form.product is None else form.product.id,
        "typed": form.typed,
        "made_on": form.made_on if form.typed.strip() else None,
        "note": form.note,
    }
    if any(getattr(form.draft, name) != value for name, value in entered.items()):
        with action("", name="output.fill_draft", stay=True) as session:
            output.fill_draft(session, form.draft.id, **entered)


def _record(form: Form, product: Product, made: ParsedQuantity, made_on: date) -> None:
    st.info(
        _(
            "**{quantity} {product}**, {day}. Is that right?",
            quantity=Quantity(made.amount, product.base_unit),
            product=plain(product.name),
            day=_("today") if made_on == form.on else day(made_on),
        )
    )
    if not st.button(
        _("Right, keep it"), key=f"output_record_{form.draft.id}", type="primary", width="stretch"
    ):
        return
    with action(N_("Kept as {number}: {quantity} {product}."), name="output.record") as session:
        log = output.record(
            session,
            form.draft.id,
            member_id=form.member_id,
            product_id=product.id,
            amount=made.amount,
            typed=made.said,
            made_on=made_on,
            note=form.note,
            on=form.on,
        )
        tell(
            session,
            number=log.number,
            quantity=Quantity(log.quantity, product.base_unit),
            product=plain(product.name),
        )
