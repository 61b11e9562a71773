"""Uses of machines as lists: what is to be done today, bills, operators."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.domain.equipment_bills import LINE_WORDS
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_
from kopprod.papers import uses as texts
from kopprod.services import photos, use_debts, use_payments, use_reversals
from kopprod.services.use_debts import Billed, Listed
from kopprod.services.use_payments import Kept
from kopprod.services.use_rows import Fetched, Held
from kopprod.ui import papers
from kopprod.ui.ask import ask_rp
from kopprod.ui.choose import of_one_member
from kopprod.ui.fold import fold
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Column, Tile, figure, page_of, rp, rp_column, table, tiles
from kopprod.ui.steps import Step, narrow_day_column, number_column, steps
from kopprod.ui.visit import _, action, plain, reading, tell, today

LINES = LINE_WORDS


def late(minutes: int) -> str:
    """How late a machine is: 2 hours 5 minutes."""
    whole, rest = divmod(minutes, 60)
    if whole >= 48:
        return _("{n} days late", n=whole // 24)
    return _("{hours} h {minutes} min late", hours=whole, minutes=rest)


def close() -> None:
    """The way back to the list."""
    if st.button(_("Back to the list"), key="use_close", width="stretch"):
        st.session_state.pop("use_open", None)
        st.rerun()


def queue(to_fetch: Sequence[Fetched], held: Sequence[Held]) -> None:
    """What is late, what comes back and what goes out today; each one press from its form."""
    zone = ZoneInfo(st.session_state.get("zone", "Asia/Jakarta"))
    overdue = [row for row in held if row.late_min]
    out = [row for row in held if not row.late_min]
    if overdue:
        st.error(_("{n} machines are late", n=len(overdue)))
    for row in [*overdue, *out]:
        words = late(row.late_min) if row.late_min else ""
        if row.again:
            words = _("return to be written again")
        until = f"{row.booking.until.astimezone(zone):%d-%m %H.%M}"
        label = _("Take back: {machine}, {name}, until {until}", machine=plain(row.unit_words),
                  name=plain(row.name), until=until)  # fmt: skip
        said = f"{label} · :red[**{words}**]" if row.late_min else " · ".join(
            part for part in (label, words) if part)  # fmt: skip
        if st.button(said, key=f"use_back_{row.use.id}", width="stretch"):
            st.session_state["use_open"] = ("back", row.use.id)
            st.rerun()
    for one in to_fetch:
        since = f"{one.booking.since.astimezone(zone):%d-%m %H.%M}"
        label = _("Hand over: {machine}, {name}, {since}", machine=plain(one.kind.name),
                  name=plain(one.name), since=since)  # fmt: skip
        if st.button(label, key=f"use_out_{one.booking.id}", width="stretch"):
            st.session_state["use_open"] = ("out", one.booking.id)
            st.rerun()
    if not to_fetch and not held:
        st.info(_("Nothing is to be handed over or taken back today. Bookings for today appear "
                  "here by themselves."))  # fmt: skip


# Bills


def bill(row: Billed) -> None:
    """One bill, and its text to send."""
    st.subheader(_("Bill {number}", number=row.use.number), anchor=False)
    st.caption(f"{plain(row.name)} · {plain(row.kind.name)} ({row.unit.number})")
    steps(
        [
            *(
                Step(_(LINES[line.kind]), line.amount_rp,
                     texts.reckoned(line, row.tariff.basis, row.tariff.bau_tenths))
                for line in row.lines
            ),
            Step(_("To be paid"), row.use.bill_rp, is_sum=True),
            *([Step(_("paid"), -row.paid_rp)] if row.paid_rp else []),
            *([Step(_("taken from settlements"), -row.taken_rp)] if row.taken_rp else []),
            Step(_("Still open"), row.left_rp, is_sum=True),
        ]
    )  # fmt: skip
    letter = papers.letterhead()
    papers.download(
        _("Download PDF"), lambda: texts.bill(row, letter), name=row.use.number,
        key=f"use_pdf_{row.use.id}",
    )  # fmt: skip
    if row.use.damage:
        _damage(row)
    phone = row.booking.other_phone or None if row.member is None else row.member.phone
    papers.send(texts.bill_text(row, letter), phone=phone, key=f"use_text_{row.use.id}")


def _damage(row: Billed) -> None:
    st.warning(_("Damage: {words}", words=plain(row.use.damage)))
    with reading() as session:
        picture = photos.photo(session, row.use.damage_photo_id)
    if picture is not None:
        st.image(picture, width=360)


def own(rows: Sequence[Listed]) -> None:
    """A member's own uses: what she owes, and every bill."""
    left_rp = sum(row.left_rp for row in rows)
    if left_rp:
        figure(
            _("You still have to pay for machines"),
            rp(left_rp),
            _("Pay in cash, or your next settlement takes it as you agreed."),
            "amber",
        )
    for row in page_of(rows, key="use_own"):
        words = f"{row.use.billed_on:%d-%m-%Y} · {plain(row.kind.name)} · {rp(row.use.bill_rp)}"
        if row.left_rp:
            words = f"{words} · **{_('Still open')} {rp(row.left_rp)}**"
        with fold(words, key=f"use_own_{row.use.id}") as is_open:
            if is_open:
                bill(_whole(row))
    if not rows:
        st.info(_("Machines that you used appear here, each with its bill."))


def _whole(row: Listed) -> Billed:
    with reading() as session:
        return use_debts.bill(session, row.use.id)


def of_member(newest: Sequence[Listed]) -> Sequence[Listed]:
    """Where there are more than a list shows: the newest and what is open, or all of one member."""
    return of_one_member(
        newest,
        use_debts.bills,
        words=N_("{n} bills: the newest and every open one. Choose a member to see all of hers."),
        key="use_bills_of",
    )


def chosen_bill(rows: Sequence[Listed], who: Person) -> None:
    """One bill of all, with what may be done about it."""
    by_id = {row.use.id: row for row in rows}
    ids = sorted(by_id, key=lambda key: (not by_id[key].left_rp, -key))
    kept = st.session_state.pop("use_bill", st.session_state.get("use_bill_of"))
    st.session_state["use_bill_of"] = kept if kept in by_id else None
    picked = st.selectbox(
        _("Whose bill?"),
        ids,
        index=None,
        format_func=lambda key: (
            f"{by_id[key].name} · {by_id[key].kind.name} · {rp(by_id[key].left_rp)}"
        ),
        placeholder=_("Choose"),
        key="use_bill_of",
    )
    if picked is None:
        return
    row = _whole(by_id[picked])
    bill(row)
    if who.may(Action.MONEY_MOVE) and row.left_rp:
        _pay(row)
    if who.may(Action.EQUIPMENT_HAND_OUT):
        _reverse(row)


def _pay(row: Billed) -> None:
    key = f"use_pay_{row.use.id}_{row.left_rp}"
    with st.expander(_("Take money for it"), key=key, expanded=True):
        amount_rp = ask_rp(_("How much?"), key=f"{key}_rp", value=format_number(row.left_rp))
        account = ask_money(f"{key}_account")
        if st.button(_("The money is here"), key=f"{key}_do", type="primary", width="stretch",
                     disabled=not amount_rp):  # fmt: skip
            with action(N_("{number}: {amount_rp} paid."), name="use_payments.pay") as session:
                paid = use_payments.pay(
                    session, row.use.id, amount_rp=amount_rp or 0, account=account, on=today(),
                    draft_key=f"use-{row.use.id}-{len(row.payments)}-{amount_rp}-{account}",
                )  # fmt: skip
                tell(session, number=paid.number, amount_rp=paid.amount_rp)


def _reverse(row: Billed) -> None:
    with st.expander(_("This return was written down wrongly"), key=f"use_wrong_{row.use.id}"):
        reason = st.text_input(_("Why?"), key=f"use_reason_{row.use.id}", max_chars=200)
        again = st.toggle(_("Write the return again"), value=True, key=f"use_again_{row.use.id}")
        if st.button(_("Take it back"), key=f"use_reverse_{row.use.id}", width="stretch",
                     disabled=not reason.strip()):  # fmt: skip
            done = N_("{number} is reversed. Its entry in the journal is taken back.")
            with action(done, name="use_reversals.reverse") as session:
                use_reversals.reverse(session, row.use.id, reason=reason, on=today(), again=again)
                tell(session, number=row.use.number)


def sums(rows: Sequence[Listed], billed_rp: int) -> None:
    """What all bills come to, and what is open; `rows` have every open one."""
    st.subheader(_("Bills of machines"), anchor=False)
    tiles(
        [
            Tile(_("All bills"), rp(billed_rp)),
            Tile(_("Still open"), rp(sum(row.left_rp for row in rows)), tone="amber"),
        ]
    )


def bills_table(rows: Sequence[Listed], who: Person) -> None:
    """Bills, with their files; what became of the income for whoever sees the books."""
    books = who.may(Action.LEDGER_SEE)
    first = [number_column(_("Number"), "number")] if books else []
    shares = [
        rp_column(_("Fuel"), "fuel_rp"),
        rp_column(_("Operator"), "operator_rp"),
        rp_column(_("Upkeep"), "maintenance_rp"),
    ]
    table(
        [
            *first,
            narrow_day_column(_("Day"), "billed_on"),
            Column(_("Name"), "name"),
            Column(_("Machine"), "machine"),
            rp_column(_("Bill"), "bill_rp"),
            *(shares if books else []),
            rp_column(_("Still open"), "left_rp"),
        ],
        [
            {
                **row.use.model_dump(
                    include={
                        "number", "billed_on", "bill_rp", "fuel_rp", "operator_rp",
                        "maintenance_rp",
                    }
                ),
                "name": row.name,
                "machine": row.kind.name,
                "left_rp": row.left_rp,
            }
            for row in rows
        ],
        key="pakai_alat",
    )  # fmt: skip


def operators(rows: Sequence[Kept], who: Person) -> None:
    """What is kept for whom, and paying it."""
    if not rows:
        return
    st.subheader(_("Operators"), anchor=False)
    for row in rows if who.may(Action.MONEY_MOVE) else []:
        if row.left_rp <= 0:
            continue
        key = f"operator_{row.member.id}_{row.left_rp}"
        title = _("Pay {name}: {left_rp} is kept", name=plain(row.member.name), left_rp=row.left_rp)
        with st.expander(title, key=key):
            amount_rp = ask_rp(_("How much?"), key=f"{key}_rp", value=format_number(row.left_rp))
            account = ask_money(f"{key}_account")
            if st.button(_("It is paid"), key=f"{key}_do", width="stretch", type="primary"):
                done = N_("{number}: {amount_rp} paid.")
                with action(done, name="use_payments.pay_operator") as session:
                    paid = use_payments.pay_operator(
                        session, row.member.id, amount_rp=amount_rp or 0, account=account,
                        on=today(),
                        draft_key=f"{row.member.id}-{row.payments}-{amount_rp}-{account}",
                    )  # fmt: skip
                    tell(session, number=paid.number, amount_rp=paid.amount_rp)
    table(
        [
            Column(_("Name"), "name"),
            rp_column(_("Earned"), "earned_rp"),
            rp_column(_("Paid"), "paid_rp"),
            rp_column(_("Kept"), "left_rp"),
        ],
        [{**vars(row), "name": row.member.name, "left_rp": row.left_rp} for row in rows],
        key="operator_alat",
    )
