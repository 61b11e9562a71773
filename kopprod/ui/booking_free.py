"""What is free between two days, on a screen: which machine, where, at what hours, at what cost."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from kopprod import language
from kopprod.domain.intervals import DAY, Period, Span, period_span, split
from kopprod.domain.refusal import Refusal
from kopprod.language import weekday
from kopprod.services import tariffs
from kopprod.services.booking_views import FreeKind
from kopprod.tables.bookings import Outage
from kopprod.ui.bookings import clock, here, local
from kopprod.ui.equipment import cost_words
from kopprod.ui.show import Card, cards
from kopprod.ui.steps import unbroken
from kopprod.ui.visit import _, reading, spoken, today

_MOST_DAYS = 14


def ask_days() -> Span:
    """The days that somebody asks about."""
    on = today()
    left, right = st.columns(2)
    since = left.date_input(
        _("From"), value=on, min_value=on, format="DD/MM/YYYY", key="free_since"
    )
    last = right.date_input(
        _("Up to and with"), value=max(on, since) + 2 * DAY, min_value=since,
        max_value=since + _MOST_DAYS * DAY, format="DD/MM/YYYY", key=f"free_until_{since}",
    )  # fmt: skip
    return Span(here().moment(since), here().moment(last + DAY))


def free(kinds: Sequence[FreeKind], *, on: date, office: bool) -> None:
    """Every kind of machine: what it costs on a day, where it is, its free hours day by day.

    The office also reads what it costs for who is no member.
    """
    cards(
        [
            Card(
                title=one.kind.name,
                below="\n".join([*_costs(one, on, office), *_where(one), *_hours(one)]),
                right=_("{n} machines", n=one.units),
            )
            for one in kinds
        ]
    )


def _costs(one: FreeKind, on: date, office: bool) -> list[str]:
    with reading() as session:
        prices = tariffs.valid(session, one.kind.id, on=on)
    if not prices:
        return [_("What it costs is not set yet.")]
    said = [cost_words(each) for each in prices]
    others = [cost_words(each, member=False) for each in prices] if office else []
    return [*said, *(_("who is no member: {price}", price=price) for price in others)]


def _where(one: FreeKind) -> list[str]:
    lines = [_("Stands at: {place}", place=one.kind.place)] if one.kind.place else []
    for out in one.out:
        at = " · ".join(word for word in (out.name, out.place) if word)
        said = _("Handed over until {until}", until=local(out.until))
        lines.append(f"{said} · {at}" if at else said)
    return lines


def _hours(one: FreeKind) -> list[str]:
    if not one.units:
        return [_("No machine of this kind is here yet.")]
    days: dict[date, list[str]] = {}
    for each in one.times:
        for on, part in split(each.span, Period.DAY, here()).items():
            all_day = part.minutes == period_span(Period.DAY, on, here()).minutes
            ends = "24.00" if here().day_of(part.until) > on else clock(part.until)
            count = f" ({_('{n} free', n=each.units)})" if each.units < one.units else ""
            hours = _("all day") if all_day else unbroken(f"{clock(part.since)}–{ends}")
            days.setdefault(on, []).append(f"{hours}{count}")
    lines = [f"{weekday(spoken(), on)}: {', '.join(hours)}" for on, hours in days.items()]
    return lines or [_("Nothing is free in these days."), *why_not(one.stopped, one.shut)]


def why_not(stopped: Sequence[Refusal], shut: Sequence[Outage] = ()) -> list[str]:
    """Why nothing is free, where it is not only taken, and whom to ask."""
    lines = [language.sentence(spoken(), one) for one in stopped]
    lines += [
        _("Out of service until {until}: {why}", until=local(one.until), why=one.why)
        for one in shut
    ]
    if not lines:
        return []
    return [*lines, _("Ask the officer or the manager when it can be booked again.")]
