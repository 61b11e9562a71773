"""The business day on which something is done, where the cooperative is."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kopprod.domain import cooperative as rules
from kopprod.domain.intervals import Calendar
from kopprod.tables.cooperative import Setting


def today(session: Session) -> date:
    """The day of this act: a late evening in Jakarta is already tomorrow in Jayapura."""
    # An act has one moment, and perhaps a hundred entries.
    if "today" not in session.info:
        session.info["today"] = calendar(session).day_of(session.info["at"])
    day: date = session.info["today"]
    return day


def calendar(session: Session) -> Calendar:
    """The cooperative's days, weeks and seasons, in its own time zone."""
    # Kept for the transaction, since each of many rows asks; whoever changes a setting forgets it.
    if "zone" not in session.info:
        row = session.get(Setting, "zone")
        session.info["zone"] = rules.rule("zone").default if row is None else row.value
    return Calendar(ZoneInfo(session.info["zone"]))
