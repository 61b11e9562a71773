"""What keeps machines running: what is due when, what was done, and what it cost."""

from datetime import date

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import check, key, may_refer, may_whole, refers, whole, zero


class UpkeepPlan(SQLModel, table=True):
    """What is done to each unit of a kind every so many hours or days, whichever comes first."""

    __tablename__ = "upkeep_plan"
    __table_args__ = (
        check("every_something", "every_tenths IS NOT NULL OR every_days IS NOT NULL"),
        check("hours_positive", "every_tenths IS NULL OR every_tenths > 0"),
        check("days_positive", "every_days IS NULL OR every_days > 0"),
    )

    id: int = key()
    equipment_id: int = refers("equipment.id")
    work: str
    every_tenths: int | None = may_whole()  # of an hour, by the meter
    every_days: int | None = None
    since: date
    ended_on: date | None = None
    act_id: int = refers("act.id", index=False)


class UpkeepDone(SQLModel, table=True):
    """Work on a unit: planned (with its plan) or not, its cost, and what the reserve paid of it."""

    __tablename__ = "upkeep_done"
    __table_args__ = (
        check("cost_not_negative", "cost_rp >= 0"),
        check("reserve_within_cost", "reserve_rp >= 0 AND reserve_rp <= cost_rp"),
        check("meter_not_negative", "meter IS NULL OR meter >= 0"),
        check("cost_has_entry", "(cost_rp > 0) = (entry_id IS NOT NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    unit_id: int = refers("equipment_unit.id")
    plan_id: int | None = may_refer("upkeep_plan.id")
    done_on: date
    meter: int | None = may_whole()
    work: str
    by_whom: str = ""
    cost_rp: int = whole()
    reserve_rp: int = zero()
    account_code: str | None = Field(default=None, foreign_key="account.code")
    entry_id: int | None = may_refer("entry.id")
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class MeterReading(SQLModel, table=True):
    """What the hour meter of a unit said on a day, in tenths of an hour."""

    __tablename__ = "meter_reading"
    __table_args__ = (check("meter_not_negative", "meter >= 0"),)

    id: int = key()
    unit_id: int = refers("equipment_unit.id")
    read_on: date
    meter: int = whole()
    act_id: int = refers("act.id", index=False)


class MeterChange(SQLModel, table=True):
    """An hour meter that was replaced: what the old one ended at, where the new one began.

    `booking_id` is who had the machine then. What an earlier act wrote down was read from the old
    one.
    """

    __tablename__ = "meter_change"
    __table_args__ = (check("meters_not_negative", "ended >= 0 AND begins >= 0"),)

    id: int = key()
    unit_id: int = refers("equipment_unit.id")
    changed_on: date
    ended: int = whole()  # tenths of an hour
    begins: int = whole()
    booking_id: int | None = may_refer("booking.id")
    why: str
    act_id: int = refers("act.id", index=False)
