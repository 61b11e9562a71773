"""All machines beside each other by day, week or season, their use, and who had how much."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

import streamlit as st
from plotly import graph_objects as go

from kopprod.domain.bookings import STAGE_NAMES, Stage
from kopprod.domain.equipment import Work, shown
from kopprod.domain.intervals import DAY, MINUTE, Calendar, Period, Span
from kopprod.domain.money import format_percent
from kopprod.domain.refusal import N_
from kopprod.language import duration, short_date
from kopprod.services import days, timeline
from kopprod.services.timeline import Bar, Timeline
from kopprod.ui.booking_texts import times
from kopprod.ui.charts import COOPERATIVE, GREYS, MIDDLEMAN, chart, layout
from kopprod.ui.show import Column, empty, fields, table
from kopprod.ui.visit import _, reading, spoken, today

PERIODS: Mapping[Period, str] = {
    Period.DAY: N_("The day"),
    Period.WEEK: N_("The week"),
    Period.SEASON: N_("The season"),
}
# A colour and a pattern for each, since a colour alone says nothing on a bad projector.
_LOOKS: Mapping[Stage | None, tuple[str, str]] = {
    Stage.REQUESTED: ("#99D5CF", "/"),
    Stage.BOOKED: (COOPERATIVE, ""),
    Stage.OUT: (MIDDLEMAN, ""),
    Stage.RETURNED: (GREYS[1], ""),
    None: (GREYS[3], "x"),
}
OUT_OF_SERVICE = N_("out of service")
_MARKS = 8


def pick_day(label: str, *, key: str) -> date:
    """A day by the calendar, today at first."""
    return st.date_input(label, value=today(), format="DD/MM/YYYY", key=key)


def show() -> None:
    """The timeline, each machine's use, and how time was shared in the season."""
    left, right = st.columns(2)
    with left:
        period = st.segmented_control(
            _("Which time?"),
            list(PERIODS),
            format_func=lambda one: _(PERIODS[one]),
            default=Period.WEEK,
            key="timeline_period",
            required=True,
        )
    with right:
        day = pick_day(_("Around which day?"), key="timeline_day")
    with reading() as session:
        found = timeline.timeline(session, day, period=period)
        parts = timeline.fairness(session, day)
        following = timeline.next_day(session, found.span.until)
        calendar = days.calendar(session)
    if not found.machines:
        empty(_("Write down a machine first, on the page of machines."))
        return
    if any(one.bars for one in found.machines):
        _bars(found, calendar, period)
    else:
        _nothing(found, following, period, calendar)
    _use(found)
    _fairness(parts)


def _nothing(found: Timeline, following: date | None, period: Period, calendar: Calendar) -> None:
    """A picture of nothing says less than a sentence, and the way to the next one."""
    first_on = calendar.day_of(found.span.since)
    last_on = calendar.day_of(found.span.until - MINUTE)
    if period is Period.DAY:
        empty(_("On {empty_on} nobody has a machine, and all are in service.", empty_on=first_on))
    else:
        empty(_("From {first_on} until {last_on} nobody has a machine, and all are in service.",
                first_on=first_on, last_on=last_on))  # fmt: skip
    if following is None:
        st.caption(_("Nothing is booked after that."))
        return
    st.button(
        _("Look at {next_on}", next_on=following),
        key="timeline_next",
        on_click=_look_at,
        args=(following,),
    )


def _look_at(day: date) -> None:
    st.session_state["timeline_day"] = day


def _bars(found: Timeline, calendar: Calendar, period: Period) -> None:
    figure = go.Figure(layout=layout(_("Who has which machine when")))
    lanes = [
        (place, lane, one.machine if one.units == 1 else f"{one.machine} · {lane + 1}")
        for place, one in enumerate(found.machines)
        for lane in range(max(1, one.units))
    ]
    at = {(place, lane): row for row, (place, lane, _name) in enumerate(lanes)}
    for stage, (colour, pattern) in _LOOKS.items():
        _add(figure, found, stage, at, calendar, colour, pattern)
    span = found.span
    figure.update_layout(
        height=90 + 44 * len(lanes), barmode="overlay", showlegend=True, bargap=0.3,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(lanes))),
        ticktext=[escape(name) for _place, _lane, name in lanes],
        range=[len(lanes) - 0.5, -0.5],
        zeroline=False,
    )
    figure.update_xaxes(
        type="date", range=[_plain(span.since, calendar), _plain(span.until, calendar)],
        showgrid=True, gridcolor="#E7E5E4", **_marks(span, calendar, period),
    )  # fmt: skip
    rows = [
        {
            "machine": one.machine,
            "when": times(bar.span, calendar),
            "words": bar.words,
            "number": bar.number,
            "stage": _stage(bar.stage),
        }
        for one in found.machines
        for bar in sorted(one.bars, key=lambda bar: bar.span)
    ]
    columns = [
        Column(_("Machine"), "machine"),
        Column(_("When"), "when"),
        Column(_("Name or reason"), "words"),
        Column(_("Stage"), "stage"),
        Column(_("Number"), "number"),
    ]
    chart(figure, key="garis_waktu", columns=columns, rows=rows)


def _add(
    figure: go.Figure,
    found: Timeline,
    stage: Stage | None,
    at: Mapping[tuple[int, int], int],
    calendar: Calendar,
    colour: str,
    pattern: str,
) -> None:
    mine = [
        (at[place, bar.lane], bar)
        for place, one in enumerate(found.machines)
        for bar in one.bars
        if bar.stage is stage
    ]
    if not mine:
        return
    starts: Any = [_plain(bar.span.since, calendar) for _row, bar in mine]
    hovers: Any = [_hover(bar, calendar) for _row, bar in mine]
    figure.add_bar(
        name=_stage(stage),
        orientation="h",
        y=[row for row, _bar in mine],
        base=starts,
        x=[bar.span.minutes * 60_000 for _row, bar in mine],
        marker={"color": colour, "pattern": {"shape": pattern, "fgcolor": "#57534E"}},
        text=[escape(bar.words) for _row, bar in mine],
        textposition="inside",
        insidetextanchor="start",
        constraintext="inside",
        customdata=hovers,
        hovertemplate="%{customdata}<extra></extra>",
        width=0.7,
    )


def _stage(stage: Stage | None) -> str:
    return _(OUT_OF_SERVICE if stage is None else STAGE_NAMES[stage])


def _hover(bar: Bar, calendar: Calendar) -> str:
    words = f"{escape(bar.words)} · {escape(bar.number)}"
    return f"{words}<br>{escape(times(bar.span, calendar))}<br>{escape(_stage(bar.stage))}"


def _plain(at: datetime, calendar: Calendar) -> str:
    """What clocks there show; the chart library knows no zones."""
    return f"{calendar.local(at):%Y-%m-%d %H:%M}"


def _marks(span: Span, calendar: Calendar, period: Period) -> dict[str, Any]:
    """Marks in the words of the page: hours of a day, days of a week, every few days of more."""
    if period is Period.DAY:
        moments = [span.since + timedelta(hours=hour) for hour in range(0, 25, 3)]
        return {
            "tickvals": [_plain(at, calendar) for at in moments],
            "ticktext": [f"{calendar.local(at):%H.%M}" for at in moments],
        }
    count = (span.until - span.since) // DAY
    step = max(1, -(-count // _MARKS))
    moments = [span.since + place * DAY for place in range(0, count, step)]
    return {
        "tickvals": [_plain(at, calendar) for at in moments],
        "ticktext": [short_date(spoken(), calendar.day_of(at)) for at in moments],
    }


def _use(found: Timeline) -> None:
    st.subheader(_("Used and idle"), anchor=False)
    minutes = [
        Column(_("Machine"), "machine"),
        Column(_("Units"), "units", number=True),
        Column(_("Jobs"), "jobs", number=True),
        Column(_("Open"), "open_min", _long, number=True),
        Column(_("Used"), "used_min", _long, number=True),
        Column(_("Out of service"), "out_min", _long, number=True),
        Column(_("Idle"), "idle_min", _long, number=True),
        Column(_("Part that was used"), "used_bp", format_percent, number=True),
    ]
    table(minutes, [fields(one, "idle_min", "used_bp") for one in found.machines], key="pakai_alat")


def _long(minutes: int) -> str:
    return duration(spoken(), minutes)


def _fairness(parts: Sequence[timeline.Part]) -> None:
    st.subheader(_("How machine time was shared this season"), anchor=False)
    if not any(one.minutes for one in parts):
        empty(_("Nobody has had a machine in this season yet."))
        return
    rows = [
        {
            "name": one.name,
            "number": one.number,
            "minutes": one.minutes,
            "share_bp": one.share_bp,
            "land": "" if not one.land_m2 else shown(Work.AREA, one.land_m2),
            "by_land": "" if one.minutes_per_ha is None else _long(round(one.minutes_per_ha)),
        }
        for one in parts
        if one.minutes
    ]
    columns = [
        Column(_("Name"), "name"),
        Column(_("Member number"), "number"),
        Column(_("Machine time"), "minutes", _long, number=True),
        Column(_("Part of all"), "share_bp", format_percent, number=True),
    ]
    if any(one["land"] for one in rows):
        columns += [
            Column(_("Land farmed"), "land", number=True),
            Column(_("For one hectare"), "by_land", number=True),
        ]
    table(columns, rows, key="bagian_waktu")
    others = [one for one in parts if not one.minutes]
    if others:
        with st.expander(_("{n} members had no machine this season", n=len(others))):
            names = [Column(_("Name"), "name"), Column(_("Member number"), "number")]
            table(names, [fields(one) for one in others], key="tanpa_alat")
