"""Shared machines and tools: kinds, their units, and what using them costs."""

from datetime import date

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.equipment import Condition, Source, Work
from kopprod.domain.tariffs import Basis, Borne
from kopprod.tables.columns import (
    check,
    key,
    may_refer,
    may_whole,
    no,
    one_of,
    refers,
    whole,
    zero,
)


class Photo(SQLModel, table=True):
    """A small PNG: how a machine looks, or what was broken on it."""

    id: int = key()
    png: bytes = Field(sa_type=LargeBinary)
    act_id: int = refers("act.id", index=False)


class Equipment(SQLModel, table=True):
    """A kind of machine that is booked as one: "Pompa air 3 dim", of which there may be three.

    Minutes, hours and days are limits of booking; basis points are shares of net income.
    """

    __table_args__ = (
        check("buffer_not_negative", "buffer_min >= 0"),
        check("rate_positive", "rate_per_hour IS NULL OR rate_per_hour > 0"),
        check("length_in_order", "least_min > 0 AND (most_min IS NULL OR most_min >= least_min)"),
        check("horizon_positive", "horizon_days > 0"),
        check(
            "shares_whole",
            "operator_bp >= 0 AND maintenance_bp >= 0 AND depreciation_bp >= 0"
            " AND cooperative_bp >= 0"
            " AND operator_bp + maintenance_bp + depreciation_bp + cooperative_bp = 10000",
        ),
    )

    id: int = key()
    name: str = Field(unique=True)
    note: str = ""
    work: Work = one_of(Work, "work_known")
    rate_per_hour: int | None = may_whole()  # base units of its work; None: time only
    buffer_min: int = zero()
    needs_operator: bool = no()
    has_meter: bool = no()
    fuel: str = ""  # what it burns, in words; empty for none
    accessories: str = ""  # what goes along, one a line
    training: str = ""  # what a user must have learnt; empty for nothing
    needs_approval: bool = no()
    place: str = ""
    opens_min: int = zero()  # minutes of the local day in which jobs are proposed
    closes_min: int = Field(default=1440)
    add_notice_h: int = Field(default=0)
    change_notice_h: int = Field(default=0)
    cancel_notice_h: int = Field(default=0)
    horizon_days: int = Field(default=180)
    least_min: int = Field(default=30)
    most_min: int | None = None
    request_hours: int = Field(default=24)  # how long a request holds its time unanswered
    operator_bp: int = Field(default=4000)
    maintenance_bp: int = Field(default=2000)
    depreciation_bp: int = Field(default=2500)
    cooperative_bp: int = Field(default=1500)
    photo_id: int | None = may_refer("photo.id", index=False)
    retired_on: date | None = None
    act_id: int = refers("act.id", index=False)


class EquipmentVillage(SQLModel, table=True):
    """A village whose members may use it; without any, all may."""

    __tablename__ = "equipment_village"
    equipment_id: int = Field(primary_key=True, foreign_key="equipment.id")
    village_id: int = Field(primary_key=True, foreign_key="village.id")
    act_id: int = refers("act.id", index=False)


class Trained(SQLModel, table=True):
    """A member who learnt what a machine asks of its users, and who may operate it for others."""

    id: int = key()
    equipment_id: int = refers("equipment.id")
    member_id: int = refers("member.id")
    operates: bool = no()
    trained_on: date
    until: date | None = None  # no longer from this day on
    act_id: int = refers("act.id", index=False)


class EquipmentUnit(SQLModel, table=True):
    """One machine of a kind: what it cost, what it is worth, where it came from."""

    __tablename__ = "equipment_unit"
    __table_args__ = (
        check("value_not_negative", "value_rp >= 0 AND residual_rp >= 0"),
        check("residual_below_value", "residual_rp <= value_rp"),
        check("life_not_negative", "life_months >= 0"),
        check("lent_has_owner", "source <> 'lent' OR owner_id IS NOT NULL"),
    )

    id: int = key()
    number: str = Field(unique=True)
    equipment_id: int = refers("equipment.id")
    serial: str = ""
    source: Source = one_of(Source, "source_known")
    giver: str = ""  # the programme of a grant
    owner_id: int | None = may_refer("member.id")
    bought_on: date
    value_rp: int = whole()
    residual_rp: int = zero()
    life_months: int = Field(default=0)
    entry_id: int | None = may_refer("entry.id", index=False)  # None where opening balances have it
    charged_until: date | None = None  # what it lost up to here stands in opening balances too
    condition: Condition = one_of(Condition, "condition_known", default=Condition.GOOD)
    meter: int = zero()  # tenths of an hour, as last read
    retired_on: date | None = None
    retired_why: str = ""
    retired_entry_id: int | None = may_refer("entry.id", index=False)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class Depreciation(SQLModel, table=True):
    """What a unit lost of its value in a month, posted at the month's end."""

    __table_args__ = (
        check("amount_positive", "amount_rp > 0"),
        UniqueConstraint("unit_id", "month"),
    )

    id: int = key()
    unit_id: int = refers("equipment_unit.id")
    month: date  # its last day
    amount_rp: int = whole()
    entry_id: int = refers("entry.id")
    act_id: int = refers("act.id", index=False)


class EquipmentTariff(SQLModel, table=True):
    """What a kind costs from a day until another, for a basis and a season (empty: all year)."""

    __tablename__ = "equipment_tariff"
    __table_args__ = (
        check("prices_not_negative", "member_e4 >= 0 AND (other_e4 IS NULL OR other_e4 >= 0)"),
        check("extras_not_negative", "operator_e4 >= 0 AND fuel_e4 >= 0"),
        check("sums_not_negative", "mobilisation_rp >= 0 AND minimum_rp >= 0"),
        check("days_in_order", "until IS NULL OR until > since"),
        check("bau_known", "basis <> 'bau' OR bau_tenths > 0"),
    )

    id: int = key()
    equipment_id: int = refers("equipment.id")
    basis: Basis = one_of(Basis, "basis_known")
    season: str = ""
    since: date
    until: date | None = None
    member_e4: int = whole()
    other_e4: int | None = may_whole()  # None: not for who is no member
    operator: Borne = one_of(Borne, "operator_known")
    operator_e4: int = zero()
    fuel: Borne = one_of(Borne, "fuel_known")
    fuel_e4: int = zero()
    mobilisation_rp: int = zero()
    minimum_rp: int = zero()
    bau_tenths: int | None = may_whole()  # tenths of a square metre
    act_id: int = refers("act.id", index=False)


class OutsidePrice(SQLModel, table=True):
    """What renting such a machine elsewhere costs, as somebody saw it on a day."""

    __tablename__ = "outside_price"
    __table_args__ = (check("price_positive", "price_e4 > 0"),)

    id: int = key()
    equipment_id: int = refers("equipment.id")
    basis: Basis = one_of(Basis, "outside_basis_known")
    seen_on: date
    price_e4: int = whole()
    bau_tenths: int | None = may_whole()
    source: str = ""
    act_id: int = refers("act.id", index=False)
