"""Shared machines' schedule on a screen: what is mine, what is free, what waits for an answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from kopprod.domain.access import Action
from kopprod.domain.bookings import NOBODY_CAME, STAGE_NAMES, Stage
from kopprod.domain.equipment import shown
from kopprod.domain.intervals import Calendar, Span
from kopprod.domain.refusal import N_
from kopprod.services import booking_views, bookings
from kopprod.services.booking_asks import Wanted
from kopprod.services.booking_rations import Left
from kopprod.services.booking_views import Proposal, Seen
from kopprod.tables.bookings import Booking
from kopprod.ui import booking_quotas, booking_texts
from kopprod.ui.ask import ask_size
from kopprod.ui.fold import fold
from kopprod.ui.show import Card, Column, cards, empty, rp, rp_column, table
from kopprod.ui.steps import unbroken
from kopprod.ui.visit import _, action, now, plain, reading, tell, today, visit

NEXT = 3  # bookings of a member that stand open; those further off are behind a heading
_LONGER = (15, 30, 60, 120, 240)  # minutes
_FOUND: Mapping[Stage, str] = {Stage.BOOKED: "teal", Stage.REQUESTED: "amber", Stage.OUT: "teal"}


def here() -> Calendar:
    """The cooperative's own days."""
    return Calendar(ZoneInfo(st.session_state.get("zone", "Asia/Jakarta")))


def local(moment: datetime) -> datetime:
    """A moment as clocks here show it."""
    return here().local(moment)


def clock(moment: datetime) -> str:
    """The time of day: 07.00."""
    return f"{local(moment):%H.%M}"


def when(span: Span) -> str:
    """From when until when, with the second day only where it goes over midnight."""
    since, until = local(span.since), local(span.until)
    if since.date() == until.date():
        return _("{since} until {clock}", since=since, clock=clock(span.until))
    return _("{since} until {until}", since=since, until=until)


def cost(estimate_rp: int | None) -> str:
    """What it is likely to cost, or that nobody knows yet."""
    return _("cost not known yet") if estimate_rp is None else rp(estimate_rp)


def cost_words(proposal: Proposal) -> str:
    """What a proposed job is likely to cost, as a sentence."""
    if proposal.bill is None:
        return _("What it will cost is not known yet: no tariff counts on that day.")
    return _("It will cost about **{cost_rp}**.", cost_rp=proposal.bill.total_rp)


def mine(rows: Sequence[Seen], rations: Sequence[Left] = ()) -> None:
    """A member's bookings with her turn, the next first, and what she can do with each."""
    st.subheader(_("My bookings"), anchor=False)
    next_ones, later = rows[:NEXT], rows[NEXT:]
    if not rows:
        empty(_("You have booked nothing. Below you see what is free, and can ask for it."))
    else:
        cards([_card(one) for one in next_ones])
    for one in next_ones:
        if one.row.stage is Stage.OUT:
            _longer(one)
            continue
        with st.expander(
            _("{number}: change or cancel", number=one.row.number), key=f"mine_{one.row.id}"
        ):
            _acts(one)
    if later:
        with fold(_("{n} later bookings", n=len(later)), key="mine_later", keeps=True) as is_open:
            if is_open:
                _later(later)
    booking_quotas.left(rations)


def _later(rows: Sequence[Seen]) -> None:
    """Those that are further off, and one of them to change or cancel."""
    cards([_card(one) for one in rows])
    picked = _pick(rows, lambda one: f"{one.row.number} · {one.kind.name}", key="mine_pick")
    if picked is not None:
        _acts(picked)


def _pick(rows: Sequence[Seen], words: Callable[[Seen], str], *, key: str) -> Seen | None:
    known = {one.row.id: one for one in rows}
    picked = st.selectbox(
        _("Change or cancel one"),
        list(known),
        index=None,
        format_func=lambda each: words(known[each]),
        placeholder=_("Choose"),
        key=key,
    )
    return None if picked is None else known[picked]


def _acts(one: Seen) -> None:
    if one.row.stage in (Stage.REQUESTED, Stage.BOOKED):
        change(one)
    if one.row.stage is Stage.BOOKED:
        _longer(one)
    cancel(one)


def _card(one: Seen, *, named: bool = False) -> Card:
    row = one.row
    lines = [
        when(Span(row.since, row.until)),
        f"{row.number} · {shown(one.kind.work, row.size)}",
        _("Operator: {operator}", operator=one.operator) if one.operator else "",
        turn(one),
        note_words(row.note),
    ]
    return Card(
        title=f"{one.name} · {one.kind.name}" if named else one.kind.name,
        below="\n".join(line for line in lines if line),
        right=_(STAGE_NAMES[one.stage]),
        right_below=cost(row.estimate_rp),
        tone=_FOUND.get(one.stage, ""),
    )


def note_words(note: str) -> str:
    """A booking's note as it was written; the one that the app writes itself, translated."""
    return _(NOBODY_CAME) if note == NOBODY_CAME else note


def turn(one: Seen) -> str:
    """Whose turn comes before."""
    if one.row.stage is Stage.WAITING:
        if one.offered:
            return _("Your time is free now; the officer gives it to you.")
        first = not one.before
        return _("First on the waiting list") if first else _("{n} wait before you", n=one.before)
    if one.row.stage is Stage.POSTPONED:
        return _("Postponed; the officer gives a new time.")
    if one.row.expires_at is not None:
        return _("Waits for an answer until {until}", until=local(one.row.expires_at))
    return _("{n} before you that day", n=one.before) if one.before else _("First that day")


def change(one: Seen) -> None:
    """Another size, or another day for the same job: a proposed time, and one press."""
    row = one.row
    _resize(one)
    first = max(here().day_of(row.since), today())
    on = st.date_input(
        _("Move it to"), value=first, min_value=today(), format="DD/MM/YYYY",
        key=f"change_day_{row.id}",
    )  # fmt: skip
    if on == here().day_of(row.since):
        st.caption(_("Choose another day, and you see the first time that is free."))
        return
    wanted = Wanted(
        row.since,
        until=row.until,
        size=row.size,
        member_id=row.member_id,
        other_name=row.other_name,
        operator_id=row.operator_id,
        with_operator=row.with_operator,
        season=row.season,
    )
    with reading() as session:
        found = booking_views.propose(session, row.equipment_id, wanted, on=on, at=now())
    span = proposed(found)
    if span is not None and st.button(
        _("Move it there"), key=f"change_{row.id}", type="primary", width="stretch"
    ):
        with action(N_("{number} is moved to {since}."), name="bookings.change") as session:
            kept = bookings.change(session, row.id, since=span.since, at=now())
            booking_texts.keep_rows(session, kept)
            tell(session, number=row.number, since=local(span.since))


def _resize(one: Seen) -> None:
    """Another size of the job while nobody has approved it; how long and at what cost then."""
    row, work = one.row, one.kind.work
    decides = visit().person.may(Action.BOOKINGS_DECIDE)
    if one.kind.needs_approval and row.stage is not Stage.REQUESTED and not decides:
        return
    said = ask_size(
        _("Another size of the job (may stay empty)"), work, key=f"resize_size_{row.id}",
        placeholder=shown(work, row.size),
    )  # fmt: skip
    if said is None or said.amount == row.size:
        return
    with reading() as session:
        found = booking_views.resized(session, row.id, size=said.amount)
    needs = _("The job takes {needed_min}.", needed_min=found.minutes)
    st.markdown(f"{needs} {cost_words(found)}")
    if st.button(_("Change the size"), key=f"resize_{row.id}", type="primary", width="stretch"):
        done = N_("{number} is changed: {size_word}, until {until}.")
        with action(done, name="bookings.resize") as session:
            kept = bookings.change(
                session, row.id, size=said.amount, typed=said.said, at=now()
            )  # fmt: skip
            booking_texts.keep_rows(session, kept)
            tell(session, number=kept.number, size_word=shown(work, kept.size),
                 until=local(kept.until))  # fmt: skip


def proposed(found: Proposal) -> Span | None:
    """Say which time is free, of that day or the first after it."""
    if found.span is not None:
        st.markdown(_("Free: **{when}**", when=plain(when(found.span))))
        return found.span
    if found.next_span is None:
        st.warning(_("No time is free until the last day that can be booked."))
        return None
    st.warning(_("Nothing long enough is free that day."))
    st.markdown(_("The next free time: **{when}**", when=plain(when(found.next_span))))
    return found.next_span


def _longer(one: Seen) -> None:
    row = one.row
    minutes = st.pills(
        _("{number}: it takes longer", number=row.number),
        _LONGER,
        format_func=lambda each: _("+ {more_min}", more_min=each),
        key=f"longer_{row.id}",
    )
    if minutes is not None and st.button(
        _("Until {until}", until=local(row.until + timedelta(minutes=minutes))),
        key=f"extend_{row.id}",
        width="stretch",
    ):
        until = row.until + timedelta(minutes=minutes)
        with action(N_("{number} goes on until {until}."), name="bookings.extend") as session:
            bookings.extend(session, row.id, until=until, at=now())
            tell(session, number=row.number, until=local(until))


def cancel(one: Seen) -> None:
    """Give it back, so that somebody else has it."""
    row = one.row
    if st.button(_("Cancel {number}", number=row.number), key=f"cancel_{row.id}", width="stretch"):
        done = N_("{number} is cancelled. Whoever waits may have the time now.")
        with action(done, name="bookings.cancel") as session:
            kept = bookings.cancel(session, row.id, at=now())
            booking_texts.keep_rows(session, kept)
            tell(session, number=row.number)


def no_show(row: Booking, *, key: str) -> None:
    """Give a time up for which nobody came, once it has begun; whoever waits is told."""
    if row.since > now():
        return
    with st.expander(_("Nobody came for it"), key=f"no_show_{key}_{row.id}"):
        st.caption(_("The rest of the time is free for others, and whoever waits gets it."))
        reason = st.text_input(
            _("Why not? Leave it empty where nobody knows."),
            key=f"no_show_why_{key}_{row.id}",
            max_chars=200,
        )
        if st.button(_("Give the time free"), key=f"no_show_do_{key}_{row.id}", width="stretch"):
            done = N_("{number}: nobody came. The rest of the time is free.")
            with action(done, name="bookings.no_show") as session:
                kept = bookings.no_show(session, row.id, reason=reason, at=now())
                booking_texts.keep_rows(session)
                tell(session, number=kept.number)
                st.session_state.pop("use_open", None)


# The office


def answers(rows: Sequence[Seen]) -> None:
    """Requests with yes and no."""
    st.subheader(_("Waiting for an answer"), anchor=False)
    cards([_card(one, named=True) for one in rows])
    for one in rows:
        row = one.row
        with st.expander(
            _("{number}: answer {name}", number=row.number, name=plain(one.name)),
            key=f"answer_{row.id}",
        ):
            if st.button(_("Approve"), key=f"approve_{row.id}", type="primary", width="stretch"):
                with action(N_("{number} is booked."), name="bookings.approve") as session:
                    kept = bookings.approve(session, row.id, at=now())
                    booking_texts.keep_rows(session, kept)
                    tell(session, number=row.number)
            reason = st.text_input(
                _("Why not? The member reads this."), key=f"refuse_why_{row.id}", max_chars=200
            )
            if st.button(
                _("Refuse"), key=f"refuse_{row.id}", width="stretch", disabled=not reason.strip()
            ):
                with action(N_("{number} is refused."), name="bookings.refuse") as session:
                    kept = bookings.refuse(session, row.id, at=now(), reason=reason)
                    booking_texts.keep_rows(session, kept)
                    tell(session, number=row.number)


def without_time(rows: Sequence[Seen]) -> None:
    """Who waits or was postponed: a time for each."""
    st.subheader(_("Without a time"), anchor=False)
    cards([_card(one, named=True) for one in rows])
    for one in rows:
        with st.expander(
            _("{number}: a time for {name}", number=one.row.number, name=plain(one.name)),
            key=f"place_of_{one.row.id}",
        ):
            booking_texts.send(one.row)
            _place(one)
            cancel(one)


def _place(one: Seen) -> None:
    row = one.row
    on = st.date_input(
        _("On"), value=max(here().day_of(row.since), today()), min_value=today(),
        format="DD/MM/YYYY", key=f"place_day_{row.id}",
    )  # fmt: skip
    wanted = Wanted(
        row.since,
        until=row.until,
        size=row.size,
        member_id=row.member_id,
        other_name=row.other_name,
        operator_id=row.operator_id,
        with_operator=row.with_operator,
        season=row.season,
    )
    with reading() as session:
        found = booking_views.propose(session, row.equipment_id, wanted, on=on, at=now())
    span = Span(row.since, row.until) if one.offered else proposed(found)
    if span is not None and st.button(
        _("Give this time: {when}", when=plain(when(span))), key=f"place_{row.id}", width="stretch"
    ):
        with action(N_("{number} has its time: {since}."), name="bookings.place") as session:
            kept = bookings.place(session, row.id, since=span.since, at=now())
            booking_texts.keep_rows(session, kept)
            tell(session, number=row.number, since=local(span.since))


def _short(at: datetime) -> str:
    """Day and time without the year, which the days that were chosen say: 23-11 08.00."""
    return unbroken(f"{at:%d-%m %H.%M}")


def week(rows: Sequence[Seen]) -> None:
    """All bookings of the chosen days, with their files, and what can be done with one."""
    st.subheader(_("Bookings of these days"), anchor=False)
    if not rows:
        empty(_("Nobody has booked a machine in these days."))
        return
    table(
        [
            Column(_("Number"), "number", unbroken),
            Column(_("Machine"), "machine"),
            Column(_("For whom"), "name"),
            Column(_("From"), "since", _short),
            Column(_("Until"), "until", _short),
            Column(_("Size of the job"), "size"),
            Column(_("Operator"), "operator"),
            Column(_("Stage"), "stage"),
            *([Column(_("Note"), "note")] if any(one.row.note for one in rows) else []),
            rp_column(_("About"), "estimate_rp"),
        ],
        [
            {
                "number": one.row.number,
                "machine": one.kind.name,
                "name": one.name,
                "since": local(one.row.since).replace(tzinfo=None),
                "until": local(one.row.until).replace(tzinfo=None),
                "size": shown(one.kind.work, one.row.size),
                "operator": one.operator,
                "stage": _(STAGE_NAMES[one.stage]),
                "note": note_words(one.row.note),
                "estimate_rp": one.row.estimate_rp,
            }
            for one in rows
        ],
        key="jadwal-alat",
    )
    open_ones = [one for one in rows if one.stage in (Stage.BOOKED, Stage.REQUESTED)]
    picked = _pick(open_ones, lambda one: f"{one.row.number} · {one.name}", key="week_pick")
    if picked is not None:
        if picked.stage is Stage.BOOKED:
            no_show(picked.row, key="week")
        change(picked)
        cancel(picked)
