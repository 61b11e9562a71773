"""How much of a machine each member may book: the office sets it, a member sees what is left."""

from collections.abc import Mapping, Sequence

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.domain.booking_limits import SIZE_UNITS
from kopprod.domain.equipment import Work
from kopprod.domain.intervals import Period
from kopprod.domain.quantities import format_in
from kopprod.domain.quotas import PERIOD_NAMES, Counted
from kopprod.domain.refusal import N_
from kopprod.language import duration
from kopprod.services import booking_quotas, booking_rations
from kopprod.services.booking_rations import Left
from kopprod.tables.bookings import BookingQuota
from kopprod.tables.equipment import Equipment
from kopprod.ui.ask import ask_size
from kopprod.ui.show import Column, empty, table
from kopprod.ui.visit import _, action, plain, reading, spoken, tell

COUNTS: Mapping[Counted, str] = {Counted.TIMES: N_("How often"), Counted.MINUTES: N_("How long")}


def amount(counted: Counted, many: int) -> str:
    """So many times, or so long."""
    return _("{n} times", n=many) if counted is Counted.TIMES else duration(spoken(), many)


def left(rows: Sequence[Left]) -> None:
    """What one member may still book, a line for each quota."""
    for one in rows:
        facts = {
            "machine": plain(one.machine),
            "left": amount(one.counted, one.left),
            "quota": amount(one.counted, one.most),
        }
        if one.first_on == one.last_on:
            said = _("{machine}, {day_on}: {left} of {quota} left", day_on=one.first_on, **facts)
        else:
            said = _("{machine}, {first_on} until {last_on}: {left} of {quota} left",
                     first_on=one.first_on, last_on=one.last_on, **facts)  # fmt: skip
        st.caption(said)


def show(person: Person, kinds: Mapping[int, str]) -> None:
    """All quotas; whoever runs the machines sets, changes and ends them."""
    with reading() as session:
        rows = booking_rations.every(session)
    if rows:
        _standing(rows)
    else:
        empty(_("No machine has a limit: every member may book as often and as long as she likes."))
    if not person.may(Action.EQUIPMENT_CHANGE):
        return
    for kind, row in rows:
        words = _(
            "No limit any more: {machine}, {most} {period}",
            machine=plain(kind.name),
            most=amount(row.counted, row.most),
            period=_(PERIOD_NAMES[row.period]),
        )
        if st.button(words, key=f"quota_end_{row.id}", width="stretch"):
            done = N_("{machine}: that limit is ended.")
            with action(done, name="booking_quotas.end") as session:
                booking_quotas.set_quota(
                    session, kind.id, period=row.period, counted=row.counted, most=None
                )
                tell(session, machine=plain(kind.name))
    st.subheader(_("Set a limit for each member"), anchor=False)
    _ask(kinds, {(kind.id, row.period, row.counted): row.most for kind, row in rows})


def _standing(rows: Sequence[tuple[Equipment, BookingQuota]]) -> None:
    table(
        [
            Column(_("Machine"), "machine"),
            Column(_("At most, for each member"), "most"),
            Column(_("In which time"), "period"),
        ],
        [
            {
                "machine": kind.name,
                "most": amount(row.counted, row.most),
                "period": _(PERIOD_NAMES[row.period]),
            }
            for kind, row in rows
        ],
        key="batas-pesan",
    )


def _ask(kinds: Mapping[int, str], known: Mapping[tuple[int, Period, Counted], int]) -> None:
    kind: int = st.selectbox(
        _("Machine"), list(kinds), format_func=kinds.__getitem__, key="quota_kind"
    )
    period = Period(
        st.segmented_control(
            _("In which time?"),
            list(Period),
            format_func=lambda one: _(PERIOD_NAMES[one]),
            default=Period.WEEK,
            key="quota_period",
            required=True,
        )
    )
    st.caption(_("A week begins on Monday; the seasons begin on 1 April and on 1 October."))
    counted = Counted(
        st.segmented_control(
            _("What is counted?"),
            list(COUNTS),
            format_func=lambda one: _(COUNTS[one]),
            default=Counted.TIMES,
            key="quota_counted",
            required=True,
        )
    )
    stands = known.get((kind, period, counted))
    most = _ask_most(counted, stands, key=f"quota_most_{kind}_{period}_{counted}")
    if stands is not None:
        st.caption(_("Now it is {most}. What is booked above a new limit stays.",
                     most=amount(counted, stands)))  # fmt: skip
    if st.button(
        _("Keep this limit"), key="quota_keep", type="primary", width="stretch",
        disabled=most is None,
    ):  # fmt: skip
        done = N_("{machine}: each member at most {most} {period}.")
        with action(done, name="booking_quotas.set") as session:
            assert most is not None
            booking_quotas.set_quota(session, kind, period=period, counted=counted, most=most)
            tell(session, machine=plain(kinds[kind]), most=amount(counted, most),
                 period=_(PERIOD_NAMES[period]))  # fmt: skip


def _ask_most(counted: Counted, stands: int | None, *, key: str) -> int | None:
    if counted is Counted.TIMES:
        return int(st.number_input(_("How many times at most?"), 1, 1_000, stands or 2, key=key))
    hours = SIZE_UNITS[Work.TIME][0]
    said = ask_size(
        _("How long at most?"), Work.TIME, key=key, placeholder="10 jam",
        value="" if stands is None else format_in(stands, hours),
    )  # fmt: skip
    return None if said is None else said.amount
