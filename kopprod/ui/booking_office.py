"""What the office does with the calendar of machines: queue, rain, outages, all at a glance."""

from collections.abc import Callable, Mapping
from datetime import time

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.domain.intervals import DAY, Calendar, Period, Span
from kopprod.domain.moves import BLACKOUT_NAMES, Blackout, NothingToPostpone
from kopprod.domain.refusal import N_
from kopprod.domain.turns import TURN_MEANINGS, TURN_RULES, TurnRule
from kopprod.language import duration
from kopprod.services import booking_moves, days, equipment, outages, rain, turns
from kopprod.services.booking_moves import Plan
from kopprod.services.outages import Stop
from kopprod.services.turns import Turn
from kopprod.ui import booking_feeds, booking_quotas, booking_texts, booking_timeline
from kopprod.ui.booking_texts import times
from kopprod.ui.booking_timeline import pick_day
from kopprod.ui.show import Column, day_column, empty, short_day, table
from kopprod.ui.visit import _, action, now, plain, reading, spoken, tell

PARTS: Mapping[str, str] = {
    "timeline": N_("All machines"),
    "queue": N_("Queue"),
    "rain": N_("Rain"),
    "outages": N_("Out of service"),
    "quotas": N_("Limits for each member"),
    "feeds": N_("Calendar address"),
}
PERIODS: Mapping[Period, str] = {Period.DAY: N_("The day"), Period.WEEK: N_("The week")}


def show(person: Person) -> None:
    """The office's part of the page of bookings."""
    if not person.may(Action.BOOKINGS_DECIDE):
        return
    st.subheader(_("The calendar of machines"), anchor=False)
    part = st.segmented_control(
        _("What the office does"),
        list(PARTS),
        format_func=lambda one: _(PARTS[one]),
        default="timeline",
        key="booking_office",
        required=True,
        label_visibility="collapsed",
    )
    _SHOWS[part](person)


def _kinds() -> dict[int, str]:
    with reading() as session:
        names = {one.id: one.name for one in booking_moves.kinds(session, None)}
    if not names:
        empty(_("Write down a machine first, on the page of machines."))
    return names


def _choose_kind(*, key: str, may_be_all: bool = False) -> int | None:
    """A kind by its key; 0 for all of them, None where there is none at all."""
    names = _kinds()
    if not names:
        return None
    every = {0: _("All machines"), **names} if may_be_all else names
    chosen: int | None = st.selectbox(
        _("Machine"), list(every), format_func=every.__getitem__, key=key
    )
    return chosen


def changes(plan: Plan, *, key: str) -> None:
    """Who moves, from when to when, before it is done."""
    with reading() as session:
        calendar = days.calendar(session)
    rows = [
        {
            "name": one.name,
            "machine": one.machine,
            "number": one.number,
            "before": times(one.before, calendar),
            "after": _("without a time yet") if one.after is None else times(one.after, calendar),
        }
        for one in plan.moved
    ]
    columns = [
        Column(_("Name"), "name"),
        Column(_("Machine"), "machine"),
        Column(_("From this time"), "before"),
        Column(_("To this time"), "after"),
        Column(_("Number"), "number"),
    ]
    table(columns, rows, key=key)


# The queue


def _queue(_person: Person) -> None:
    kind = _choose_kind(key="queue_kind")
    if kind is None:
        return
    left, right = st.columns(2)
    with left:
        day = pick_day(_("Around which day?"), key="queue_day")
    with right:
        period = st.segmented_control(
            _("Which time?"),
            list(PERIODS),
            format_func=lambda one: _(PERIODS[one]),
            default=Period.WEEK,
            key="queue_period",
            required=True,
        )
    rule = st.radio(
        _("In which order?"),
        list(TURN_RULES),
        format_func=lambda one: _(TURN_RULES[one]),
        captions=[_(TURN_MEANINGS[one]) for one in TURN_RULES],
        key="queue_rule",
    )
    with reading() as session:
        found = turns.queue(session, kind, day, period=period, rule=rule, at=now())
        calendar = days.calendar(session)
    if not found.turns:
        empty(_("Nobody is in the queue then. Choose another day, week or machine."))
        return
    st.subheader(_("So it would be"), anchor=False)
    table(_queue_columns(), [_queue_row(one, calendar) for one in found.turns], key="antrean")
    if not found.plan.moved:
        st.info(_("The queue is in this order already."))
        return
    if st.button(_("Put the queue in this order ({n} move)", n=len(found.plan.moved)),
                 key="queue_apply", type="primary", width="stretch"):  # fmt: skip
        with action(N_("The queue is in order: {n} moved."), name="bookings.turns") as session:
            done = turns.put_in_order(
                session, kind, day, period=period, rule=rule, seen=found.plan.seen, at=now()
            )
            lead = _("The queue has a new order: {rule}.", rule=_(TURN_RULES[TurnRule(rule)]))
            booking_texts.keep(session, done, lead)
            tell(session, n=len(done.moved))


def _queue_columns() -> list[Column]:
    return [
        Column(_("Place in the queue"), "place", number=True),
        Column(_("Name"), "name"),
        Column(_("Village"), "village"),
        day_column(_("Ripe on"), "ripe_on"),
        Column(_("Used this season"), "used"),
        day_column(_("Asked on"), "asked"),
        Column(_("From this time"), "before"),
        Column(_("To this time"), "after"),
    ]


def _queue_row(one: Turn, calendar: Calendar) -> dict[str, object]:
    after = one.change.after
    return {
        "place": one.place,
        "name": one.change.name,
        "village": one.village,
        "ripe_on": one.ripe_on,
        "used": duration(spoken(), one.used_min),
        "asked": calendar.day_of(one.asked_at),
        "before": times(one.change.before, calendar),
        "after": _("without a time yet") if after is None else times(after, calendar),
    }


# Rain


def _rain(_person: Person) -> None:
    kind = _choose_kind(key="rain_kind", may_be_all=True)
    if kind is None:
        return
    day = pick_day(_("On which day does it rain?"), key="rain_day")
    ids = [kind] if kind else None
    with reading() as session:
        plan = rain.plan(session, day, equipment_ids=ids, at=now())
    if not plan.changes:
        empty(_(NothingToPostpone.sentence, rainy_on=day))
        return
    st.subheader(_("So it would be"), anchor=False)
    changes(plan, key="hujan")
    if st.button(_("Postpone the whole day ({n} bookings)", n=len(plan.moved)), key="rain_apply",
                 type="primary", width="stretch"):  # fmt: skip
        with action(N_("Postponed: {n} bookings of {rainy_on}."), name="bookings.rain") as session:
            done = rain.postpone(session, day, equipment_ids=ids, seen=plan.seen, at=now())
            lead = _("Because of rain the machines of {rainy_on} are postponed.", rainy_on=day)
            booking_texts.keep(session, done, lead)
            tell(session, n=len(done.moved), rainy_on=day)


# Out of service


def _outages(person: Person) -> None:
    _standing_outages(person)
    if not person.may(Action.EQUIPMENT_CHANGE):
        return
    st.subheader(_("Set a time out of service"), anchor=False)
    kind = _choose_kind(key="outage_kind", may_be_all=True)
    if kind is None:
        return
    unit_id = _choose_unit(kind) if kind else None
    why = st.text_input(_("Why?"), key="outage_why", max_chars=outages.LONGEST_WHY,
                        placeholder=_("libur, servis, dipinjam desa"))  # fmt: skip
    span = _ask_span()
    how = st.radio(
        _("What becomes of bookings in this time?"),
        list(BLACKOUT_NAMES),
        format_func=lambda one: _(BLACKOUT_NAMES[one]),
        key="outage_how",
    )
    if not why.strip():
        empty(_("Write the reason: then it stands here whom it moves."))
        return
    stop = Stop(span, why, Blackout(how), [kind] if kind else None, unit_id)
    _set_out(stop)


def _set_out(stop: Stop) -> None:
    with reading() as session:
        plan = outages.plan(session, stop, at=now())
        calendar = days.calendar(session)
    st.subheader(_("So it would be"), anchor=False)
    spans = sorted({one for spans in plan.out.values() for one in spans})
    st.markdown("\n".join(f"- {plain(times(one, calendar))}" for one in spans))
    if plan.moved:
        changes(plan, key="henti_pindah")
    else:
        st.info(_("No booking is in the way."))
    if st.button(_("Set it out of service"), key="outage_apply", type="primary", width="stretch"):
        with action(N_("Out of service: {numbers}."), name="outages.set_out") as session:
            done, rows = outages.set_out(session, stop, seen=plan.seen, at=now())
            lead = _(
                "{why}: machines cannot be used {when}.",
                why=stop.why.strip(),
                when=times(stop.span, calendar),
            )
            booking_texts.keep(session, done, lead)
            tell(session, numbers=", ".join(row.number for row in rows))


def _choose_unit(kind: int) -> int | None:
    with reading() as session:
        units = {unit.id: unit.number for unit in equipment.units(session, kind)}
    every = {0: _("All of them"), **units}
    chosen = st.selectbox(
        _("Which one?"), list(every), format_func=every.__getitem__, key=f"outage_unit_{kind}"
    )
    return chosen or None


def _ask_span() -> Span:
    """From a local day until another with it, or from one time until another."""
    whole = st.checkbox(_("Whole days"), value=True, key="outage_whole")
    left, right = st.columns(2)
    since = until = time.min
    with left:
        first = pick_day(_("From (day)"), key="outage_first")
        if not whole:
            since = st.time_input(_("From (time)"), value=time(8), key="outage_since", step=900)
    with right:
        last = pick_day(_("Until (day)"), key="outage_last")
        if not whole:
            until = st.time_input(_("Until (time)"), value=time(17), key="outage_until", step=900)
    with reading() as session:
        calendar = days.calendar(session)
        ends = calendar.moment(last + DAY if whole else last, until)
        return Span(calendar.moment(first, since), ends)


def _standing_outages(person: Person) -> None:
    with reading() as session:
        rows = outages.outages(session, at=now())
        calendar = days.calendar(session)
    if not rows:
        empty(_("Every machine is in service."))
        return
    table(
        [
            Column(_("Number"), "number"),
            Column(_("Machine"), "machine"),
            Column(_("Which one"), "unit"),
            Column(_("Why"), "why"),
            Column(_("When"), "when"),
        ],
        [
            {
                "number": one.outage.number,
                "machine": one.machine,
                "unit": one.unit or _("All of them"),
                "why": one.outage.why,
                "when": times(Span(one.outage.since, one.outage.until), calendar),
            }
            for one in rows
        ],
        key="henti",
    )
    if not person.may(Action.EQUIPMENT_CHANGE):
        return
    for one in rows:
        if one.outage.broken:
            continue
        words = _("End {number} now ({why}, {day})", number=one.outage.number,
                  why=plain(one.outage.why),
                  day=short_day(calendar.day_of(one.outage.since)))  # fmt: skip
        if st.button(words, key=f"outage_end_{one.outage.id}"):
            with action(N_("{number} is ended."), name="outages.end") as session:
                tell(session, number=outages.end(session, one.outage.id, at=now()).number)


def _quotas(person: Person) -> None:
    names = _kinds()
    if names:
        booking_quotas.show(person, names)


def _feeds(_person: Person) -> None:
    kind = _choose_kind(key="feed_kind")
    if kind is not None:
        booking_feeds.of_machine(kind)


_SHOWS: Mapping[str, Callable[[Person], None]] = {
    "timeline": lambda _person: booking_timeline.show(),
    "queue": _queue,
    "rain": _rain,
    "outages": _outages,
    "quotas": _quotas,
    "feeds": _feeds,
}
