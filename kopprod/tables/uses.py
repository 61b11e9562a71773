"""What became of a booking: hand-over, return, the bill, and how its net income is shared."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from kopprod.domain.equipment import Condition
from kopprod.domain.equipment_bills import LineKind
from kopprod.tables.columns import (
    check,
    key,
    may_be_one_of,
    may_moment,
    may_refer,
    may_whole,
    moment,
    one_of,
    refers,
    whole,
    zero,
)


class Use(SQLModel, table=True):
    """One unit with one who booked it, from hand-over to return; the bill is frozen at return.

    A booking has one use that stands. Where a return was wrong, it is reversed, and another use of
    the same booking takes its place.
    """

    __tablename__ = "equipment_use"
    __table_args__ = (
        check("returned_after_out", "returned_at IS NULL OR returned_at >= out_at"),
        check(
            "measures_not_negative",
            "area_m2 >= 0 AND weight_g >= 0 AND trips >= 0 AND fuel_ml >= 0"
            " AND fuel_rp >= 0 AND other_rp >= 0",
        ),
        check("bill_not_negative", "bill_rp >= 0"),
        check("shares_not_negative", "operator_rp >= 0 AND maintenance_rp >= 0"),
        check("billed_when_returned", "(returned_at IS NULL) = (billed_on IS NULL)"),
        Index(
            "ix_equipment_use_standing",
            "booking_id",
            unique=True,
            sqlite_where=text("reversed_on IS NULL"),
            postgresql_where=text("reversed_on IS NULL"),
        ),
    )

    id: int = key()
    number: str = Field(unique=True)
    booking_id: int = refers("booking.id")
    unit_id: int = refers("equipment_unit.id")
    member_id: int | None = may_refer("member.id")
    operator_id: int | None = may_refer("member.id")
    out_at: datetime = moment()
    out_meter: int | None = may_whole()  # tenths of an hour
    out_condition: Condition = one_of(Condition, "out_condition_known")
    out_accessories: str = ""
    handed_to: str = ""  # who fetched it, where it was somebody else
    returned_at: datetime | None = may_moment()
    back_meter: int | None = may_whole()
    back_condition: Condition | None = may_be_one_of(Condition, "back_condition_known")
    back_accessories: str = ""
    area_m2: int = zero()
    weight_g: int = zero()
    trips: int = zero()
    fuel_ml: int = zero()
    damage: str = ""
    damage_photo_id: int | None = may_refer("photo.id", index=False)
    tariff_id: int | None = may_refer("equipment_tariff.id", index=False)
    bill_rp: int = zero()
    fuel_rp: int = zero()  # what the cooperative paid for fuel
    other_rp: int = zero()
    operator_rp: int = zero()
    maintenance_rp: int = zero()
    depreciation_rp: int = zero()  # shown beside what is depreciated, never posted
    cooperative_rp: int = zero()
    billed_on: date | None = None
    entry_id: int | None = may_refer("entry.id", index=False)
    reversed_on: date | None = None
    reversal_entry_id: int | None = may_refer("entry.id", index=False)
    reason: str = ""
    act_id: int = refers("act.id", index=False)


class UseLine(SQLModel, table=True):
    """One line of a bill: what for, how much, at which price."""

    __tablename__ = "use_line"
    id: int = key()
    use_id: int = refers("equipment_use.id")
    kind: LineKind = one_of(LineKind, "kind_known")
    quantity: int = whole()
    price_e4: int | None = may_whole()
    amount_rp: int = whole()
    act_id: int = refers("act.id", index=False)


class UsePayment(SQLModel, table=True):
    """Money for a use, in part or whole: from a member later, from who is no member at return."""

    __tablename__ = "use_payment"
    __table_args__ = (check("amount_positive", "amount_rp > 0"),)

    id: int = key()
    number: str = Field(unique=True)
    use_id: int = refers("equipment_use.id")
    paid_on: date
    amount_rp: int = whole()
    account_code: str = Field(foreign_key="account.code")
    entry_id: int = refers("entry.id")
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class OperatorPayment(SQLModel, table=True):
    """Money handed to an operator of what was kept for him."""

    __tablename__ = "operator_payment"
    __table_args__ = (check("amount_positive", "amount_rp > 0"),)

    id: int = key()
    number: str = Field(unique=True)
    member_id: int = refers("member.id")
    paid_on: date
    amount_rp: int = whole()
    account_code: str = Field(foreign_key="account.code")
    entry_id: int = refers("entry.id")
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
