"""A calendar as iCalendar (RFC 5545), which phones and calendar programs read by themselves.

Moments are written in UTC, which every program shows in its own zone: no table of zones is needed,
and none can be wrong.
"""

from datetime import datetime, timedelta

from icalendar import Calendar, Event, vText

from kopprod import language
from kopprod.domain.bookings import STAGE_NAMES, Stage
from kopprod.domain.refusal import N_
from kopprod.services.calendar_feeds import Event as Taken
from kopprod.services.calendar_feeds import Feed

LANGUAGE = "id"
READ_AGAIN = timedelta(hours=1)
OUT_OF_SERVICE = N_("{what} (cannot be used)")
OF_MACHINE = N_("Machine {name}")
OF_MEMBER = N_("Machines for {name}")


def written(feed: Feed, *, coop: str, at: datetime) -> bytes:
    """The calendar's text; `at` is when it is read."""
    calendar = Calendar()
    calendar.add("prodid", "-//KopProd//Jadwal alat//ID")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    title = language.translate(LANGUAGE, OF_MEMBER if feed.own else OF_MACHINE, name=feed.name)
    for name in ("name", "x-wr-calname"):  # the library knows neither as text to be escaped
        calendar.add(name, vText(" · ".join(one for one in (title, feed.cooperative) if one)))
    calendar.add("x-wr-timezone", feed.zone.key)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for taken in feed.events:
        calendar.add_component(_event(taken, coop, at))
    text: bytes = calendar.to_ical()
    return text


def _event(taken: Taken, coop: str, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{taken.uid}@{coop}.kopprod")
    event.add("dtstamp", at)
    event.add("dtstart", taken.span.since)
    event.add("dtend", taken.span.until)
    event.add("summary", _summary(taken))
    event.add("status", "TENTATIVE" if taken.stage is Stage.REQUESTED else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if taken.place:
        event.add("location", taken.place)
    return event


def _summary(taken: Taken) -> str:
    if taken.stage is None:
        return language.translate(LANGUAGE, OUT_OF_SERVICE, what=taken.what)
    return f"{taken.what} ({language.gettext(LANGUAGE, STAGE_NAMES[taken.stage])})"
