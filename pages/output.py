"""Logging output: what was harvested or made, in a few taps, read back, and kept with a number."""

import streamlit as st

from kopprod import ui
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_
from kopprod.services import cooperative, members, output, products
from kopprod.ui import _, first_steps
from kopprod.ui.choose import choose_member, choose_product
from kopprod.ui.fold import fold
from kopprod.ui.output import EARLIER, ask_correction, by_month, latest, list_logs

who = ui.open_page(ui.Action.PRICES_SEE, "Log output")
on = ui.today()
for_others = who.person.may(ui.Action.OUTPUT_LOG_FOR)
member_id = who.person.member_id
logs_own = member_id is not None and who.person.may(ui.Action.OUTPUT_LOG_OWN)

with ui.reading() as session:
    made_here = products.products(session)
if not made_here:
    ui.empty(_("Once the manager has set up products, output can be logged here."))
    first_steps.show_next(who.person, here="output")
    st.stop()

if for_others or logs_own:
    with ui.reading() as session:
        draft = output.draft(session)
    if draft is None:
        with ui.action("", name="output.open_draft", stay=True) as session:
            draft = output.open_draft(session, at=ui.now())
    if draft is None:
        st.stop()

    village_id = None
    if for_others:
        with ui.reading() as session:
            people = members.members(session)
            villages = {v.id: v.name for v in cooperative.villages(session)}
        chosen = choose_member(
            people,
            villages=villages,
            key=f"output_member_{draft.id}",
            value=draft.member_id or member_id,
        )
        member_id = None if chosen is None else chosen.id
        village_id = None if chosen is None else chosen.village_id
    elif member_id is not None:
        with ui.reading() as session:
            village_id = members.own(session).village_id

    product, made, typed, note, made_on = None, None, draft.typed, draft.note, on
    if member_id is not None:
        with ui.reading() as session:
            goods = [p for p in members.products_of(session, member_id) if p.active]
            goods = goods or made_here
        product = choose_product(
            goods, key=f"output_product_{draft.id}_{member_id}", value=draft.product_id
        )
    if product is not None:
        with ui.reading() as session:
            units = products.units(session, product.id, on=on, village_id=village_id)
        key = f"output_quantity_{draft.id}_{product.id}"
        made = ui.ask_quantity(
            _("How much?"),
            units=units,
            default=product.price_unit,
            base_unit=product.base_unit,
            key=key,
            value=draft.typed,
            placeholder=_("for example {example}", example=f"25 {product.price_unit}"),
        )
        typed = st.session_state[key]
        made_on = ui.ask_day(_("When?"), key=f"output_day_{draft.id}", value=draft.made_on)
        with st.expander(_("Add a note"), expanded=bool(draft.note)):
            note = st.text_input(
                _("Note"), value=draft.note, key=f"output_note_{draft.id}", max_chars=300
            )

    entered: output.Entered = {
        "member_id": member_id if for_others else None,
        "product_id": None if product is None else product.id,
        "typed": typed,
        "made_on": made_on if typed.strip() else None,
        "note": note,
    }
    if any(getattr(draft, name) != value for name, value in entered.items()):
        with ui.action("", name="output.fill_draft", stay=True) as session:
            output.fill_draft(session, draft.id, **entered)

    if product is not None and made is not None and member_id is not None:
        st.info(
            _("**{quantity} {product}**, {day}. Is that right?",
              quantity=Quantity(made.amount, product.base_unit), product=ui.plain(product.name),
              day=_("today") if made_on == on else ui.day(made_on))
        )  # fmt: skip
        if st.button(
            _("Right, keep it"), key=f"output_record_{draft.id}", type="primary", width="stretch"
        ):
            with ui.action(
                N_("Kept as {number}: {quantity} {product}."), name="output.record"
            ) as session:
                log = output.record(
                    session,
                    draft.id,
                    member_id=member_id,
                    product_id=product.id,
                    amount=made.amount,
                    typed=made.said,
                    made_on=made_on,
                    note=note,
                    on=on,
                )
                ui.tell(
                    session,
                    number=log.number,
                    quantity=Quantity(log.quantity, product.base_unit),
                    product=ui.plain(product.name),
                )

st.subheader(_("Logged lately"), anchor=False)
if not list_logs(member_id):
    ui.empty(
        _("Nothing is logged yet. What you log stands here with its number.")
        if for_others or logs_own
        else _("Nothing is logged yet. What members log stands here with its number.")
    )
elif for_others or logs_own:
    with fold(_("Correct a log"), key="output_correction") as is_open:
        if is_open:
            ask_correction(latest(member_id, most=EARLIER), on=on)
with fold(_("Logged and delivered, by month"), key="output_by_month") as is_open:
    if is_open:
        with ui.reading() as session:
            months = output.logged_and_delivered(session, member_id=member_id)
        by_month(months, key="output_months")
