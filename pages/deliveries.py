"""Deliveries: the officer weighs, the goods get a number; the manager reads the book."""

from datetime import timedelta

import streamlit as st

from kopprod import ui
from kopprod.domain.deliveries import is_large
from kopprod.domain.refusal import N_
from kopprod.services import cooperative, deliveries, delivery_drafts, members, output, products
from kopprod.ui import _, papers
from kopprod.ui.choose import choose_member, choose_product
from kopprod.ui.deliveries import (
    ask_grade,
    ask_log,
    ask_reversal,
    ask_tare,
    read_back,
    received_card,
    show_net,
    totals,
)
from kopprod.ui.delivery_book import look_through

OLDEST_LOG_DAYS = 180  # what was logged before is not brought any more

who = ui.open_page(ui.Action.DELIVERIES_SEE, "Deliveries")
on = ui.today()
may_reverse = who.person.may(ui.Action.DELIVERIES_REVERSE)
with ui.reading() as session:
    people = members.members(session)
    villages = {v.id: v.name for v in cooperative.villages(session)}
    goods = products.products(session)
    recent = deliveries.recent_members(session)
if not people or not goods:
    ui.empty(_("Once there are members and products, deliveries are received here."))
    st.stop()

part = "book"
if who.person.may(ui.Action.DELIVERIES_RECEIVE):
    parts = {"receive": _("Receive"), "book": _("Book")}
    part = st.segmented_control(
        _("What do you want to do?"),
        list(parts),
        format_func=parts.__getitem__,
        default="receive",
        key="delivery_part",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )

if part == "receive":
    with ui.reading() as session:
        draft = delivery_drafts.draft(session)
    if draft is None:
        with ui.action("", name="deliveries.open_draft", stay=True) as session:
            draft = delivery_drafts.open_draft(session, at=ui.now())
    if draft is None:
        st.stop()

    member = choose_member(
        people,
        villages=villages,
        key=f"delivery_member_{draft.id}",
        value=draft.member_id,
        first=recent,
    )
    product, grade, output_id, gross, tare = None, None, None, None, None
    gross_typed, tare_typed, note, received_on = draft.gross_typed, draft.tare_typed, draft.note, on
    if member is not None:
        with ui.reading() as session:
            own = [p for p in members.products_of(session, member.id) if p.active]
        hers = {p.id for p in own}
        kept = draft.product_id if draft.member_id == member.id else None
        product = choose_product(
            own + [p for p in goods if p.id not in hers],
            key=f"delivery_product_{draft.id}_{member.id}",
            value=kept or (own[0].id if len(own) == 1 else None),
        )
    if member is not None and product is not None:
        with ui.reading() as session:
            units = products.units(session, product.id, on=on, village_id=member.village_id)
            grades = products.grades(session, product.id)
            logs = output.logs(
                session,
                member_id=member.id,
                product_id=product.id,
                since=on - timedelta(days=OLDEST_LOG_DAYS),
                open_only=True,
                most=6,
            )
        of = f"{draft.id}_{member.id}_{product.id}"
        output_id = ask_log(logs, draft=draft, key=f"delivery_log_{of}", on=on)
        gross = ui.ask_quantity(
            _("Gross"),
            units=units,
            default=product.price_unit,
            base_unit=product.base_unit,
            key=f"delivery_gross_{of}",
            value=draft.gross_typed,
            placeholder=_("for example {example}", example=f"52,5 {product.price_unit}"),
        )
        tare = ask_tare(
            _("Tare (empty sacks, buckets)"),
            units=units,
            default=product.price_unit,
            key=f"delivery_tare_{of}",
            value=draft.tare_typed,
        )
        gross_typed = st.session_state[f"delivery_gross_{of}"]
        tare_typed = st.session_state[f"delivery_tare_{of}"]
        if gross is not None and tare is not None:
            gross = show_net(gross, tare, product.base_unit)
        grade = ask_grade(grades, key=f"delivery_grade_{of}", value=draft.grade_id)
        if not grades:
            ui.empty(_("This product has no grade yet. The manager adds one under Products."))
        with st.expander(_("Another day, or a note"), expanded=bool(draft.note)):
            received_on = ui.ask_day(
                _("When?"), key=f"delivery_day_{draft.id}", value=draft.received_on
            )
            note = st.text_input(
                _("Note"), value=draft.note, key=f"delivery_note_{draft.id}", max_chars=300
            )

    entered: delivery_drafts.Entered = {
        "member_id": None if member is None else member.id,
        "product_id": None if product is None else product.id,
        "grade_id": None if grade is None else grade.id,
        "output_id": output_id,
        "gross_typed": gross_typed,
        "tare_typed": tare_typed,
        "received_on": received_on if gross_typed.strip() else None,
        "note": note,
    }
    if any(getattr(draft, name) != value for name, value in entered.items()):
        with ui.action("", name="deliveries.fill_draft", stay=True) as session:
            delivery_drafts.fill_draft(session, draft.draft_key, **entered)

    if member and product and grade and gross and tare:
        unit = product.base_unit
        st.info(
            read_back(
                {
                    "net": ui.quantity(gross.amount - tare.amount, unit),
                    "product": product.name,
                    "grade": grade.name,
                    "member": f"{member.name} ({member.number})",
                    "day": _("today") if received_on == on else ui.day(received_on),
                }
            )
        )
        large = is_large(gross.amount, unit)
        sure = large and st.checkbox(
            _("Yes, it really is {gross}.", gross=ui.quantity(gross.amount, unit)),
            key=f"delivery_sure_{of}",
        )
        if st.button(
            _("Right, receive it"),
            key=f"delivery_receive_{draft.id}",
            type="primary",
            width="stretch",
        ):
            done = N_("Received as {number}: {net} {product} from {member}.")
            with ui.action(done, name="deliveries.receive") as session:
                delivery = deliveries.receive(
                    session,
                    member_id=member.id,
                    product_id=product.id,
                    grade_id=grade.id,
                    gross=gross.amount,
                    tare=tare.amount,
                    received_on=received_on,
                    on=on,
                    output_id=output_id,
                    typed=f"{gross.said} - {tare.said}" if tare.said else gross.said,
                    note=note,
                    draft_key=draft.draft_key,
                    sure=sure,
                )
                ui.tell(
                    session,
                    number=delivery.number,
                    net=ui.quantity(delivery.net, unit),
                    product=ui.plain(product.name),
                    member=ui.plain(member.name),
                )

    with ui.reading() as session:
        rows = deliveries.deliveries(session, since=on, until=on + timedelta(days=1))
    st.subheader(_("Received today"), anchor=False)
    if not rows:
        ui.empty(_("Nothing was received today yet."))
    totals(rows)
    papers.receipts(rows)
    ui.cards([received_card(row) for row in rows[:30]])

if part == "book":
    rows = look_through(people=people, villages=villages, goods=goods, recent=recent, on=on)
    papers.receipts(rows)

if may_reverse and rows:
    with st.expander(_("Correct a delivery (take it back and receive it anew)")):
        ask_reversal(rows[:200], on=on)
