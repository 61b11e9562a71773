"""The business day on which something is done, where the cooperative is."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kopprod.domain import cooperative as rules
from kopprod.tables.cooperative import Setting


def today(session: Session) -> date:
    """The day of this act: a late evening in Jakarta is already tomorrow in Jayapura."""
    row = session.get(Setting, "zone")
    zone = ZoneInfo(rules.rule("zone").default if row is None else row.value)
    day: date = session.info["at"].astimezone(zone).date()
    return day
