"""Receiving at the scale: one form from the member to the number, the queue in mind."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import streamlit as st

from kopprod.domain.deliveries import is_large
from kopprod.domain.measures import Measure
from kopprod.domain.refusal import N_
from kopprod.domain.weighing import Weights
from kopprod.services import (
    buying,
    cooperative,
    deliveries,
    delivery_drafts,
    measures,
    members,
    output,
    products,
    rejections,
    weighing,
)
from kopprod.tables.deliveries import DeliveryDraft
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, Product
from kopprod.ui.ask import ask_day
from kopprod.ui.buying import ask_buys, ask_offer, has_price
from kopprod.ui.choose import choose_member, choose_product
from kopprod.ui.deliveries import ask_grade, ask_log, read_back, show_net
from kopprod.ui.fold import fold
from kopprod.ui.show import day, empty, quantity
from kopprod.ui.visit import _, action, now, part_of_page, plain, reading, say_done, tell
from kopprod.ui.weighing import (
    Tare,
    ask_measures,
    ask_scale,
    ask_sure,
    ask_tare,
    ask_weights,
    remembered,
    show_scale,
)

OLDEST_LOG_DAYS = 180  # what was logged before is not brought any more


@dataclass
class Form:
    """What the form holds so far; everything that is not answered yet is empty."""

    draft: DeliveryDraft
    on: date
    received_on: date
    member: Member | None = None
    product: Product | None = None
    grade: Grade | None = None
    proposed_id: int | None = None
    output_id: int | None = None
    scale_id: int | None = None
    weights: Weights | None = None
    tare: Tare | None = None
    measured: dict[Measure, int] = field(default_factory=dict)
    measured_whole: bool = True
    gross_typed: str = ""
    tare_typed: str = ""
    tare_is_each: bool = False
    measures_typed: str = ""
    note: str = ""
    buys: bool = False

    @property
    def of(self) -> str:
        """The ending of keys that belong to this member and product only."""
        member = "" if self.member is None else self.member.id
        product = "" if self.product is None else self.product.id
        return f"{self.draft.id}_{member}_{product}"


@part_of_page
def receive_goods(*, on: date) -> None:
    """Ask for everything about one delivery, read it back, and receive or reject it."""
    say_done()
    draft = _open_draft()
    form = Form(
        draft,
        on,
        received_on=on,
        gross_typed=draft.gross_typed,
        tare_typed=draft.tare_typed,
        tare_is_each=draft.tare_is_each,
        measures_typed=draft.measures_typed,
        note=draft.note,
    )
    with reading() as session:
        habits = weighing.habits(session, on=on)
        scales = weighing.scales(session)
        form.member = choose_member(
            members.members(session),
            villages={v.id: v.name for v in cooperative.villages(session)},
            key=f"delivery_member_{draft.id}",
            value=draft.member_id,
            first=deliveries.recent_members(session),
        )
        goods = products.products(session)
    form.scale_id = draft.scale_id or habits.scale_id
    if form.member is not None:
        _choose_product(form, form.member, goods, habits.product_id)
    if form.member is not None and form.product is not None:
        form.scale_id = ask_scale(scales, value=form.scale_id, key=f"delivery_scale_{draft.id}")
        _weigh(form, form.member, form.product)
        _judge(form, form.product)
        show_scale(next((s for s in scales if s.id == form.scale_id), None), on=on)
        with st.expander(_("Another day, or a note"), expanded=bool(draft.note)):
            form.received_on = ask_day(
                _("When?"), key=f"delivery_day_{draft.id}", value=draft.received_on
            )
            form.note = st.text_input(
                _("Note"), value=draft.note, key=f"delivery_note_{draft.id}", max_chars=300
            )
        _choose_mode(form, form.product)
    _keep_entered(form)
    _receive(form)
    if form.member is not None and form.product is not None:
        _reject(form, form.member, form.product)


def _open_draft() -> DeliveryDraft:
    with reading() as session:
        draft = delivery_drafts.draft(session)
    if draft is None:
        with action("", name="deliveries.open_draft", stay=True) as session:
            draft = delivery_drafts.open_draft(session, at=now())
    if draft is None:
        st.stop()
    return draft


def _choose_product(
    form: Form, member: Member, goods: Sequence[Product], habit: int | None
) -> None:
    with reading() as session:
        own = [p for p in members.products_of(session, member.id) if p.active]
    hers = {p.id for p in own}
    kept = form.draft.product_id if form.draft.member_id == member.id else None
    # What comes in today is what most bring; hers alone is surer still.
    likely = own[0].id if len(own) == 1 else habit
    form.product = choose_product(
        own + [p for p in goods if p.id not in hers],
        key=f"delivery_product_{form.draft.id}_{member.id}",
        value=kept or likely,
    )


def _weigh(form: Form, member: Member, product: Product) -> None:
    with reading() as session:
        units = products.units(session, product.id, on=form.on, village_id=member.village_id)
        logs = output.logs(
            session,
            member_id=member.id,
            product_id=product.id,
            since=form.on - timedelta(days=OLDEST_LOG_DAYS),
            open_only=True,
            most=6,
        )
        last_tare = weighing.last_tare_each(session, product.id)
    draft, unit = form.draft, product.base_unit
    form.output_id = ask_log(logs, draft=draft, key=f"delivery_log_{form.of}", on=form.on)
    key = f"delivery_gross_{form.of}"
    form.weights = ask_weights(
        _("Gross"),
        units=units,
        default=product.price_unit,
        unit=unit,
        key=key,
        value=draft.gross_typed,
    )
    form.gross_typed = st.session_state[key]
    # Nothing typed yet for this product: the tare of one sack is as it was last time.
    if draft.product_id != product.id or not (draft.gross_typed or draft.tare_typed):
        form.tare_typed, form.tare_is_each = remembered(last_tare, unit), bool(last_tare)
    key = f"delivery_tare_{form.of}"
    form.tare = ask_tare(
        form.weights,
        units=units,
        default=product.price_unit,
        unit=unit,
        key=key,
        value=form.tare_typed,
        is_each=form.tare_is_each,
    )
    form.tare_typed = st.session_state[key]
    form.tare_is_each = st.session_state.get(f"{key}_each", form.tare_is_each)
    if form.weights is None or form.tare is None:
        return
    if not show_net(form.weights.total, form.tare.amount, unit):
        form.tare = None


def _judge(form: Form, product: Product) -> None:
    with reading() as session:
        asked = measures.asked(session, product.id)
        grades = products.grades(session, product.id)
    form.measured, form.measures_typed, form.measured_whole = ask_measures(
        asked, typed=form.draft.measures_typed, of=form.of
    )
    with reading() as session:
        form.proposed_id = measures.proposed(session, product.id, values=form.measured)
    if not grades:
        empty(_("This product has no grade yet. The manager adds one under Products."))
        return
    chosen = form.draft.grade_id
    if form.proposed_id is not None and form.proposed_id != form.draft.proposed_grade_id:
        chosen = form.proposed_id
    form.grade = ask_grade(
        grades, key=f"delivery_grade_{form.of}_{form.proposed_id or 0}", value=chosen
    )
    proposed = next((g.name for g in grades if g.id == form.proposed_id), "")
    if proposed:
        st.caption(_("The measures propose grade {grade}.", grade=plain(proposed)))


def _choose_mode(form: Form, product: Product) -> None:
    if not has_price(product, on=form.received_on):
        if product.buys:
            st.caption(_("There is no price rule for this day, so the goods stay the member's."))
        return
    known = form.draft.product_id == product.id
    value = form.draft.buys if known else product.buys
    form.buys = ask_buys(value=value, key=f"delivery_buys_{form.of}")


def _keep_entered(form: Form) -> None:
    draft = form.draft
    entered: delivery_drafts.Entered = {
        "member_id": None if form.member is None else form.member.id,
        "product_id": None if form.product is None else form.product.id,
        "grade_id": None if form.grade is None else form.grade.id,
        "proposed_grade_id": form.proposed_id,
        "output_id": form.output_id,
        "scale_id": form.scale_id,
        "gross_typed": form.gross_typed,
        "tare_typed": form.tare_typed,
        "tare_is_each": form.tare_is_each,
        "measures_typed": form.measures_typed,
        "received_on": form.received_on if form.gross_typed.strip() else None,
        "buys": form.buys,
        "note": form.note,
    }
    if any(getattr(draft, name) != value for name, value in entered.items()):
        with action("", name="deliveries.fill_draft", stay=True) as session:
            delivery_drafts.fill_draft(session, draft.draft_key, **entered)


def _receive(form: Form) -> None:
    member, product, grade, tare = form.member, form.product, form.grade, form.tare
    weights = form.weights
    if weights and tare and grade is None:
        st.caption(_("Choose the grade, then receive."))
    if not (member and product and grade and weights and tare and form.measured_whole):
        return
    unit = product.base_unit
    st.info(
        read_back(
            {
                "net": quantity(weights.total - tare.amount, unit),
                "product": product.name,
                "grade": grade.name,
                "member": f"{member.name} ({member.number})",
                "day": _("today") if form.received_on == form.on else day(form.received_on),
            }
        )
    )
    net, decided = weights.total - tare.amount, None
    if form.buys:
        offer = ask_offer(
            product,
            grade,
            measured=form.measured,
            net=net,
            received_on=form.received_on,
            key=f"delivery_class_{form.of}",
        )
        if offer is None:
            return
        decided = offer[1]
    large = is_large(weights.total, unit)
    sure = ask_sure(weights, unit, large=large, key=f"delivery_sure_{form.of}")
    if not st.button(
        _("Right, receive it"),
        key=f"delivery_receive_{form.draft.id}",
        type="primary",
        width="stretch",
    ):
        return
    gross_said = " ".join(form.gross_typed.split())
    done = N_("Received as {number}: {net} {product} from {member}.")
    if form.buys:
        done = N_("Bought as {number}: {net} {product} from {member}, for {amount_rp}.")
    with action(done, name="deliveries.receive") as session:
        delivery = deliveries.receive(
            session,
            member_id=member.id,
            product_id=product.id,
            grade_id=grade.id,
            gross=weights.total,
            tare=tare.amount,
            weights=weights.each,
            tare_each=tare.each,
            scale_id=form.scale_id,
            measured=form.measured,
            received_on=form.received_on,
            on=form.on,
            output_id=form.output_id,
            typed=f"{gross_said} - {tare.said}" if tare.said else gross_said,
            note=form.note,
            draft_key=form.draft.draft_key,
            sure=sure,
            buys=form.buys,
            decided=decided,
        )
        tell(
            session,
            amount_rp=buying.amount_rp(session, delivery.id),
            number=delivery.number,
            net=quantity(delivery.net, unit),
            product=plain(product.name),
            member=plain(member.name),
        )


def _reject(form: Form, member: Member, product: Product) -> None:
    key = f"delivery_reject_fold_{form.of}"
    with fold(_("Do not take this load"), key=key, keeps=True) as is_open:
        if not is_open:
            return
        st.caption(_("It is written down with its reason, is not paid and not in store."))
        reason = st.text_input(
            _("Why is it not taken?"), key=f"delivery_reject_why_{form.of}", max_chars=300
        )
        if st.button(
            _("Reject the load"),
            key=f"delivery_reject_{form.draft.id}",
            width="stretch",
            disabled=not reason.strip(),
        ):
            done = N_("Rejected as {number}: {product} from {member}.")
            with action(done, name="rejections.reject") as session:
                load = rejections.reject(
                    session,
                    member_id=member.id,
                    product_id=product.id,
                    reason=reason,
                    brought_on=form.received_on,
                    on=form.on,
                    gross=None if form.weights is None else form.weights.total,
                    draft_key=form.draft.draft_key,
                )
                tell(
                    session,
                    number=load.number,
                    product=plain(product.name),
                    member=plain(member.name),
                )
