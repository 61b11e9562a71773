"""Asking for a shared machine in few taps: which, how much, which day; then the proposed time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from kopprod.domain.bookings import Stage
from kopprod.domain.equipment import Work
from kopprod.domain.intervals import DAY, Span
from kopprod.domain.refusal import N_
from kopprod.domain.tariffs import Basis
from kopprod.services import (
    booking_rations,
    booking_series,
    booking_views,
    bookings,
    equipment,
    tariffs,
)
from kopprod.services.booking_asks import Wanted
from kopprod.services.booking_views import Proposal
from kopprod.tables.equipment import Equipment
from kopprod.ui import booking_quotas
from kopprod.ui.ask import ask_size
from kopprod.ui.booking_free import why_not
from kopprod.ui.bookings import cost_words, here, local, proposed, when
from kopprod.ui.held import held_turn, next_turn
from kopprod.ui.seasons import ask_season
from kopprod.ui.visit import _, action, now, plain, reading, tell, today

_EXAMPLES = {
    Work.AREA: "0,25 ha",
    Work.MASS: "500 kg",
    Work.TRIPS: "2 trip",
    Work.TIME: "3 jam",
}
# An area is asked for as its price counts.
_AREAS = {Basis.BAU: "0,5 bau", Basis.UBIN: "100 ubin", Basis.ARE: "25 are"}


def ask(
    kinds: Sequence[Equipment],
    *,
    member_id: int | None,
    other_name: str = "",
    other_phone: str = "",
) -> None:
    """One question after the other; what it costs and when it is stands there before it is kept."""
    turn = held_turn("booking")
    known = {one.id: one for one in kinds}
    picked = st.pills(
        _("Which machine?"),
        list(known),
        format_func=lambda key: known[key].name,
        key=f"book_kind_{turn}",
        default=next(iter(known)) if len(known) == 1 else None,
    )
    if picked is None:
        return
    kind = known[picked]
    size = ask_size(
        _("How long?") if kind.work is Work.TIME else _("How much is to be done?"),
        kind.work,
        key=f"book_size_{turn}_{picked}",
        placeholder=_("for example {example}", example=_example(kind)),
    )
    on = _ask_day(f"{turn}_{picked}")
    if member_id is not None:
        with reading() as session:
            rations = booking_rations.left(session, member_id, on=on, equipment_id=kind.id)
        booking_quotas.left(rations)
    if size is None:
        return
    season = ask_season(kind.id, on, key=f"book_season_{turn}_{picked}")
    if season is None:
        return
    wanted = Wanted(
        here().moment(on),
        size=size.amount,
        typed=size.said,
        member_id=member_id,
        other_name=other_name,
        season=season,
        other_phone=other_phone,
        with_operator=_ask_operator(kind, on, key=f"{turn}_{picked}"),
    )
    with reading() as session:
        found = booking_views.propose(session, kind.id, wanted, on=on, at=now())
    span = _proposed(kind, found)
    wanted = _more(wanted, span, key=f"{turn}_{picked}_{on}")
    wanted = replace(
        wanted,
        place=st.text_input(_("Where is the job?"), key=f"book_place_{turn}", max_chars=100),
        ripe_on=_ask_ripe(kind, key=f"{turn}_{picked}"),
    )
    if st.checkbox(_("The same several times"), key=f"book_several_{turn}"):
        _several(kind, wanted, turn)
    else:
        _once(kind, wanted, span, turn)


def _proposed(kind: Equipment, found: Proposal) -> Span | None:
    """The time that is proposed, how long the job takes and at what cost; or why there is none."""
    span = proposed(found)
    needs = _("The job takes {needed_min}.", needed_min=found.minutes)
    st.markdown(needs if span is None else f"{needs} {cost_words(found)}")
    if found.operator:
        st.caption(_("Operator: {operator}", operator=plain(found.operator)))
    if span is None:
        with reading() as session:
            stopped = booking_views.stopped(session, kind.id, at=now())
        for line in why_not(stopped):
            st.markdown(plain(line))
    return span


def _example(kind: Equipment) -> str:
    if kind.work is Work.AREA:
        with reading() as session:
            prices = tariffs.valid(session, kind.id, on=today())
        bases = [one.tariff.basis for one in prices]
        return next((_AREAS[one] for one in bases if one in _AREAS), _EXAMPLES[Work.AREA])
    return _EXAMPLES[kind.work]


def _ask_day(key: str) -> date:
    choices = {0: _("Today"), 1: _("Tomorrow"), 2: _("Another day")}
    chosen = st.segmented_control(
        _("Which day?"), list(choices), format_func=choices.__getitem__, default=1,
        key=f"book_day_{key}", required=True,
    )  # fmt: skip
    if chosen != 2:
        return today() + int(chosen or 0) * DAY
    return st.date_input(
        _("On"), value=today() + 2 * DAY, min_value=today(), format="DD/MM/YYYY",
        key=f"book_date_{key}",
    )  # fmt: skip


def _ask_operator(kind: Equipment, on: date, *, key: str) -> bool:
    """Whether she wants an operator, where she may take one and needs none."""
    with reading() as session:
        offered = not kind.needs_operator and equipment.operators(session, kind.id, on=on)
    return bool(offered) and st.checkbox(
        _("With an operator of the cooperative"), key=f"book_operator_{key}"
    )


def _ask_ripe(kind: Equipment, *, key: str) -> date | None:
    """When her crop is ripe: the queue may be put in that order."""
    if kind.work is not Work.AREA:
        return None
    ripe: date | None = st.date_input(
        _("When is the crop ripe? (may stay empty)"), value=None, min_value=today(),
        format="DD/MM/YYYY", key=f"book_ripe_{key}",
    )  # fmt: skip
    return ripe


def _more(wanted: Wanted, span: Span | None, *, key: str) -> Wanted:
    """The proposed time, or another hour of the day that somebody would rather have."""
    begins = wanted.since if span is None else span.since
    with st.expander(_("At another hour")):
        clock = st.time_input(_("Begins at"), value=None, step=900, key=f"book_clock_{key}")
    if clock is not None:
        begins = here().moment(here().day_of(wanted.since), clock)
        st.markdown(_("Begins **{since}**", since=local(begins)))
    return replace(wanted, since=begins)


def _once(kind: Equipment, wanted: Wanted, span: Span | None, turn: str) -> None:
    wait = st.checkbox(_("If it is taken, put it on the waiting list"), key=f"book_wait_{turn}")
    if span is None and not wait:
        return
    if not st.button(_("Ask for this machine"), key="book_ask", type="primary", width="stretch"):
        return
    with action(
        N_("{number}: {machine} from {since}, {stage_word}."), name="bookings.ask"
    ) as session:
        row = bookings.book(session, kind.id, wanted, wait=wait, at=now(), draft_key=turn)
        tell(
            session, number=row.number, machine=plain(kind.name), since=local(row.since),
            stage_word=_STAGES[row.stage],
        )  # fmt: skip
        next_turn("booking")


_STAGES = {
    Stage.BOOKED: N_("it is booked"),
    Stage.REQUESTED: N_("it is asked for and waits for an answer"),
    Stage.WAITING: N_("it is on the waiting list"),
}


def _several(kind: Equipment, wanted: Wanted, turn: str) -> None:
    left, right = st.columns(2)
    times = left.number_input(_("How many times"), 2, 60, 4, key=f"book_times_{turn}")
    every = right.number_input(_("Every how many days"), 1, 366, 7, key=f"book_every_{turn}")
    with reading() as session:
        found = booking_series.series(
            session, kind.id, wanted, every_days=int(every), times=int(times), at=now()
        )
    for span in sorted([*found.free, *found.taken]):
        said = plain(when(span))
        st.markdown(_("✗ {when}: taken", when=said) if span in found.taken else f"✓ {said}")
    skip = bool(found.taken) and st.checkbox(_("Skip the taken days"), key=f"book_skip_{turn}")
    if not st.button(_("Ask for all of them"), key="book_series", type="primary", width="stretch"):
        return
    with action(N_("{n} bookings from {number} on are kept."), name="bookings.series") as session:
        rows = booking_series.ask_series(
            session, kind.id, wanted, every_days=int(every), times=int(times), skip_taken=skip,
            at=now(), draft_key=turn,
        )  # fmt: skip
        tell(session, n=len(rows), number=rows[0].number)
        next_turn("booking")
