"""Proving bookings: every way of promising a machine or an operator twice is named."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kopprod import db, language
from kopprod.services import booking_series, bookings, check
from kopprod.services.booking_asks import Wanted
from kopprod.tables.bookings import Outage
from kopprod.tables.equipment import Equipment
from tests.booked import AT, acting, clock, hours, member, pump, tractor
from tests.machines import Yard
from tests.test_check import break_it


def clean(yard: Yard) -> list[str]:
    with db.reading(yard.coop) as session:
        return [
            language.translate("en", one.sentence, **one.facts) for one in check.problems(session)
        ]


@pytest.fixture
def busy(yard: Yard) -> Yard:
    """Two pumps and a tractor, booked, one of the pumps out of service for an hour; a request."""
    with acting(yard) as session:
        pump(session, yard, hours(8, 10))  # 1
        pump(session, yard, hours(9, 11))  # 2
        tractor(session, yard, clock(7))  # 3, with Made
        wanted = Wanted(clock(13), clock(14), size=1_500, member_id=yard.members["Budi"])
        booking_series.ask_series(  # 4, 5
            session, yard.tractor_id, wanted, every_days=1, times=2, skip_taken=False, at=AT
        )
        session.add(
            Outage(
                number="HENTI-2026-0001",
                equipment_id=yard.pump_id,
                unit_id=yard.pumps[0],
                since=clock(12),
                until=clock(13),
                why="servis",
            )
        )
        session.get_one(Equipment, yard.pump_id).needs_approval = True
    with acting(yard, member(yard)) as session:
        pump(session, yard, hours(12, 14))  # 6
    assert clean(yard) == []
    return yard


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "INSERT INTO booking SELECT 90, 'X-1', equipment_id, member_id, other_name,"
            " other_phone, stage, since, until, blocked_until, operator_id, with_operator, size,"
            " typed, place, ripe_on, season, series, asked_at, expires_at, estimate_rp, note,"
            " NULL, act_id FROM booking WHERE id = 1",
            "Booking X-1: more of Pompa",
        ),
        (
            "UPDATE equipment_unit SET retired_on = '2026-03-01' WHERE id = 1",
            "JADWAL-2026-0002: more of Pompa",
        ),
        ("UPDATE outage SET unit_id = NULL", "JADWAL-2026-0006: more of Pompa"),
        (
            "UPDATE booking SET blocked_until = {noon} WHERE id = 3;"
            " UPDATE booking SET since = {nine} WHERE id = 4",
            "JADWAL-2026-0004: more of Traktor",
        ),
        (
            "UPDATE booking SET operator_id = {made} WHERE id = 1",
            "JADWAL-2026-0003: Made would operate",
        ),
        ("UPDATE booking SET expires_at = until WHERE id = 6", "JADWAL-2026-0006 would hold"),
        ("UPDATE booking SET series = 'JADWAL-2026-0003' WHERE id = 5", "JADWAL-2026-0005 is said"),
    ],
)
def test_what_is_broken_is_named(busy: Yard, statement: str, named: str) -> None:
    facts = {
        "made": busy.operator_id,
        "noon": f"'{clock(12):%Y-%m-%d %H:%M:%S}'",
        "nine": f"'{clock(9):%Y-%m-%d %H:%M:%S}'",
    }
    with acting(busy) as session:
        break_it(session.connection(), statement.format(**facts))
    found = clean(busy)
    assert any(named in one for one in found), found


def test_a_request_whose_time_to_be_answered_is_over_is_no_fault(busy: Yard) -> None:
    late = AT + timedelta(days=30)
    with acting(busy, at=late) as session:
        assert session.execute(text("SELECT count(*) FROM booking")).scalar_one() == 6
        bookings.ask(
            session, busy.pump_id, member_id=busy.members["Siti"], since=clock(8, day=40),
            until=clock(9, day=40), at=late,
        )  # fmt: skip
    assert clean(busy) == []
