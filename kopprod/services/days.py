"""The business day on which something is done, where the cooperative is."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kopprod.domain import cooperative as rules
from kopprod.tables.cooperative import Setting


def today(session: Session) -> date:
    """The day of this act: a late evening in Jakarta is already tomorrow in Jayapura."""
    # An act has one moment, and perhaps a hundred entries.
    if "today" not in session.info:
        row = session.get(Setting, "zone")
        zone = ZoneInfo(rules.rule("zone").default if row is None else row.value)
        session.info["today"] = session.info["at"].astimezone(zone).date()
    day: date = session.info["today"]
    return day
