"""Who has which kind of machine when: bookings, times out of service, and limits for each member.

No two jobs ever take one machine or one operator at the same moment: `guards.BOOKINGS` refuse it.
"""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from kopprod.domain.bookings import Stage
from kopprod.domain.intervals import Period
from kopprod.domain.quotas import Counted
from kopprod.tables.columns import (
    check,
    key,
    may_moment,
    may_refer,
    may_whole,
    moment,
    no,
    one_of,
    refers,
    whole,
)


class Booking(SQLModel, table=True):
    """A job for a kind of machine, from `since` until `until`, blocked with its buffer.

    What waits or was postponed keeps the time that was wanted, and holds none.
    """

    __table_args__ = (
        check("ends_after_start", "until > since"),
        check("blocked_to_the_end", "blocked_until >= until"),
        check("size_positive", "size > 0"),
        check("somebody_asks", "(member_id IS NULL) <> (other_name = '')"),
        check("request_expires", "(stage = 'requested') = (expires_at IS NOT NULL)"),
        Index("ix_booking_equipment_id_blocked_until", "equipment_id", "blocked_until"),
    )

    id: int = key()
    number: str = Field(unique=True)
    equipment_id: int = refers("equipment.id", index=False)
    member_id: int | None = may_refer("member.id")
    other_name: str = ""  # who is no member
    other_phone: str = ""
    stage: Stage = one_of(Stage, "stage_known")
    since: datetime = moment(index=True)
    until: datetime = moment()
    blocked_until: datetime = moment()
    operator_id: int | None = may_refer("member.id")
    with_operator: bool = no()
    size: int = whole()  # base units of the machine's work; minutes where it works by time
    typed: str = ""
    place: str = ""
    ripe_on: date | None = None
    season: str = ""
    series: str = ""  # the number of the first booking of a series
    asked_at: datetime = moment()
    expires_at: datetime | None = may_moment()
    estimate_rp: int | None = may_whole()
    note: str = ""
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class Outage(SQLModel, table=True):
    """A time in which a unit, or all of a kind, cannot be had: maintenance, breakdown, holiday."""

    __table_args__ = (
        check("ends_after_start", "until > since"),
        Index("ix_outage_equipment_id_until", "equipment_id", "until"),
    )

    id: int = key()
    number: str = Field(unique=True)
    equipment_id: int = refers("equipment.id", index=False)
    unit_id: int | None = may_refer("equipment_unit.id")  # None: all units
    since: datetime = moment()
    until: datetime = moment()
    why: str
    broken: bool = no()
    act_id: int = refers("act.id", index=False)


class BookingQuota(SQLModel, table=True):
    """How often or how long one member may have a kind of machine in a period."""

    __tablename__ = "booking_quota"
    __table_args__ = (check("most_positive", "most > 0"),)

    id: int = key()
    equipment_id: int = refers("equipment.id")
    period: Period = one_of(Period, "period_known")
    counted: Counted = one_of(Counted, "counted_known")
    most: int = whole()  # times or minutes
    act_id: int = refers("act.id", index=False)


class CalendarFeed(SQLModel, table=True):
    """An address at which a calendar may be read without signing in, until it is renewed."""

    __tablename__ = "calendar_feed"
    __table_args__ = (check("one_subject", "(equipment_id IS NULL) <> (member_id IS NULL)"),)

    id: int = key()
    token_hash: str = Field(unique=True)
    equipment_id: int | None = may_refer("equipment.id")
    member_id: int | None = may_refer("member.id")
    ended_at: datetime | None = may_moment()
    act_id: int = refers("act.id", index=False)
