"""Bookings beside broken and due machines, moved by rain, or of who never came; and their costs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session

from kopprod.domain.access import NotAllowed
from kopprod.domain.booking_limits import JobLargerThanLand
from kopprod.domain.bookings import (
    NOBODY_CAME,
    BookingEnded,
    MayStillCome,
    NotApproved,
    SizeApproved,
    Stage,
)
from kopprod.domain.capacity import Occupied
from kopprod.domain.equipment import Condition
from kopprod.domain.intervals import Period, Span
from kopprod.domain.money import E4
from kopprod.domain.moves import Blackout
from kopprod.domain.quotas import Counted
from kopprod.domain.tariffs import Basis, Borne
from kopprod.domain.upkeep import MachineBroken, MaintenanceDue
from kopprod.domain.uses import HandOver, Return
from kopprod.services import (
    booking_quotas,
    booking_views,
    bookings,
    breakdowns,
    outages,
    rain,
    upkeep,
    uses,
)
from kopprod.services.outages import Stop
from kopprod.services.use_bills import Beside
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentTariff
from kopprod.tables.uses import Use
from tests import machines
from tests.booked import AT, acting, clock, hours, member, pump, tractor
from tests.machines import Yard

TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)
LONG_AGO = date(2026, 1, 1)


def due(session: Session, yard: Yard, *fit: int) -> None:
    """The oil of every pump is due but of these."""
    plan = upkeep.add_plan(session, yard.pump_id, work="Ganti oli", on=LONG_AGO, every_days=30)
    for unit_id in fit:
        changed(session, unit_id, plan.id)


def changed(session: Session, unit_id: int, plan_id: int) -> None:
    upkeep.done(session, unit_id, plan_id=plan_id, work="", done_on=AT.date(), on=AT.date())


def waits(session: Session, yard: Yard, span: Span, name: str) -> Booking:
    row = bookings.ask(
        session,
        yard.pump_id,
        member_id=yard.members[name],
        since=span.since,
        until=span.until,
        wait=True,
        at=AT,
    )
    assert row.stage is Stage.WAITING
    return row


@pytest.mark.parametrize("why", ["due", "broken"])
def test_a_unit_that_is_due_or_broken_beside_a_fit_one_is_not_free(yard: Yard, why: str) -> None:
    with acting(yard) as session:
        if why == "due":
            due(session, yard, yard.pumps[1])
        else:  # until about noon, as somebody hopes
            breakdowns.break_down(
                session, yard.pumps[0], why="Bocor", at=AT, until=AT + timedelta(hours=4)
            )
        pump(session, yard, hours(8, 10))
        with pytest.raises(Occupied) as refused:
            pump(session, yard, hours(9, 11), "Budi")
        assert refused.value.facts["next_since"] == clock(10)
        day = next(
            one
            for one in booking_views.free(session, hours(6, 18), at=AT)
            if one.kind.id == yard.pump_id
        )
        assert [(one.span, one.units) for one in day.times] == [
            (hours(6, 8), 1),
            (hours(10, 18), 1),
        ]


def test_what_is_due_cannot_be_booked_approved_changed_or_placed_but_extended(yard: Yard) -> None:
    with acting(yard) as session:
        asked, stands = pump(session, yard, hours(8, 9)), pump(session, yard, hours(8, 9), "Budi")
        asked.stage, asked.expires_at = Stage.REQUESTED, clock(8)
        session.flush()
        late = waits(session, yard, hours(8, 9), "Made")
        due(session, yard)
        acts: list[Callable[[], object]] = [
            lambda: pump(session, yard, hours(12, 13)),
            lambda: bookings.approve(session, asked.id, at=AT),
            lambda: bookings.change(session, stands.id, since=clock(14), at=AT),
            lambda: bookings.place(session, late.id, since=clock(15), at=AT),
        ]
        for act in acts:
            with pytest.raises(MaintenanceDue):
                act()
        # Whoever has her time keeps it, and may end later: it can be done until then.
        assert bookings.extend(session, stands.id, until=clock(10), at=AT).until == clock(10)
        breakdowns.break_down(session, yard.pumps[0], why="Bocor", at=AT)
        with pytest.raises(MachineBroken):
            pump(session, yard, hours(12, 13))


def test_another_size_of_a_request_is_checked_as_a_new_one(yard: Yard) -> None:
    siti = member(yard)
    with acting(yard) as session:
        session.get_one(Equipment, yard.tractor_id).needs_approval = True
        tractor(session, yard, clock(13), "Budi")
    with acting(yard, siti) as session:
        row = tractor(session, yard, clock(9), size=4_500)  # three hours
        with pytest.raises(Occupied):
            bookings.change(session, row.id, size=7_500, at=AT)  # five hours, until 14.00
        with pytest.raises(JobLargerThanLand):
            bookings.change(session, row.id, size=20_000, at=AT)
        found = booking_views.resized(session, row.id, size=3_000)
        bookings.change(session, row.id, size=3_000, typed="0,3 ha", at=AT)
        assert (row.size, row.typed, row.until) == (3_000, "0,3 ha", clock(11))
        assert (found.span, found.minutes) == (Span(clock(9), clock(11)), 120)
        assert found.bill is not None and found.bill.total_rp == row.estimate_rp
    with acting(yard, member(yard, "Budi")) as session, pytest.raises(NotAllowed):
        booking_views.resized(session, row.id, size=3_000)
    with acting(yard) as session:
        bookings.approve(session, row.id, at=AT)
    with acting(yard, siti) as session, pytest.raises(SizeApproved):
        bookings.change(session, row.id, size=4_500, at=AT)
    with acting(yard) as session:
        assert bookings.change(session, row.id, size=4_500, at=AT).size == 4_500


def test_who_learnt_nothing_may_change_what_an_operator_does(yard: Yard) -> None:
    with acting(yard) as session:
        kind = session.get_one(Equipment, yard.tractor_id)
        kind.needs_operator, kind.training = False, "Traktor"
        row = bookings.ask(
            session, yard.tractor_id, member_id=yard.members["Siti"], since=clock(8), size=5_000,
            with_operator=True, at=AT,
        )  # fmt: skip
        assert bookings.change(session, row.id, since=clock(9), at=AT).since == clock(9)


def test_who_waits_is_served_as_soon_as_the_upkeep_is_done(yard: Yard) -> None:
    with acting(yard) as session:
        plan = upkeep.add_plan(session, yard.pump_id, work="Oli", on=LONG_AGO, every_days=30)
        changed(session, yard.pumps[1], plan.id)
        pump(session, yard, hours(8, 10))
        late = waits(session, yard, hours(9, 11), "Budi")
        changed(session, yard.pumps[0], plan.id)
        assert late.stage is Stage.BOOKED


def test_what_rain_moves_is_reckoned_again_keeps_to_quotas_and_serves_who_waits(
    yard: Yard,
) -> None:
    with acting(yard) as session:
        session.get_one(EquipmentTariff, yard.pump_tariff_id).until = WEDNESDAY
        dearer = machines.tariff(
            session, yard.pump_id, basis=Basis.HOUR, member_rp=25_000, other_rp=None,
        )  # fmt: skip
        dearer.since = WEDNESDAY
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.DAY, counted=Counted.TIMES, most=1
        )
        one, two = pump(session, yard, hours(8, 10)), pump(session, yard, hours(8, 10), "Budi")
        pump(session, yard, hours(6, 7, day=4))  # Siti has her Wednesday
        late = waits(session, yard, hours(9, 10), "Made")
        assert (one.estimate_rp, two.estimate_rp) == (40_000, 40_000)
        plan = rain.plan(session, TUESDAY, at=AT)
        rain.postpone(session, TUESDAY, seen=plan.seen, at=AT)

        assert one.since == clock(0, day=5)  # Thursday: one a day
        assert two.since == clock(0, day=4)
        assert (one.estimate_rp, two.estimate_rp) == (50_000, 50_000)
        assert late.stage is Stage.BOOKED


def test_a_price_that_is_missing_holds_no_queue_up(yard: Yard) -> None:
    with acting(yard) as session:
        guest = bookings.ask(
            session, yard.pump_id, other_name="Pak Joko", since=clock(8), until=clock(10), at=AT
        )
        member = pump(session, yard, hours(8, 10))
        session.get_one(EquipmentTariff, yard.pump_tariff_id).other_e4 = None
        stop = Stop(hours(6, 12), "Libur", Blackout.MOVE, [yard.pump_id])
        plan = outages.plan(session, stop, at=AT)
        outages.set_out(session, stop, seen=plan.seen, at=AT)

        assert (guest.since, guest.estimate_rp) == (clock(12), None)
        assert (member.since, member.estimate_rp) == (clock(12), 40_000)


def test_the_gap_after_a_job_goes_with_it_wherever_it_goes(yard: Yard) -> None:
    gap = timedelta(minutes=30)
    with acting(yard) as session:
        row = tractor(session, yard, clock(7), size=1_500)
        bookings.extend(session, row.id, until=clock(9), at=AT)
        assert row.blocked_until == clock(9) + gap
        bookings.change(session, row.id, since=clock(13), at=AT)
        assert row.blocked_until == clock(15) + gap
        rain.postpone(session, TUESDAY, seen=rain.plan(session, TUESDAY, at=AT).seen, at=AT)
        assert row.blocked_until == row.until + gap


def test_nobody_changes_to_a_time_for_which_only_a_due_unit_is_left(yard: Yard) -> None:
    with acting(yard) as session:
        pump(session, yard, hours(8, 10))
        row = pump(session, yard, hours(12, 13), "Budi")
        due(session, yard, yard.pumps[1])
        with pytest.raises(Occupied):
            bookings.change(session, row.id, since=clock(9), at=AT)


# Who never came


def test_who_does_not_come_gives_her_time_to_who_waits(yard: Yard) -> None:
    with acting(yard) as session:
        gone = pump(session, yard, hours(8, 12))
        pump(session, yard, hours(8, 12), "Budi")
        late = waits(session, yard, hours(9, 11), "Made")
        with pytest.raises(MayStillCome):
            bookings.no_show(session, gone.id, at=clock(7, 59))
    with acting(yard, at=clock(8, 30)) as session:
        row = bookings.no_show(session, gone.id, reason=" Sakit ", at=clock(8, 30))
        assert (row.stage, row.note) == (Stage.EXPIRED, "Sakit")
        assert session.get_one(Booking, late.id).stage is Stage.BOOKED
        with pytest.raises(BookingEnded):
            bookings.no_show(session, gone.id, at=clock(8, 40))
        asked = pump(session, yard, hours(13, 14), at=clock(8, 30))
        asked.stage, asked.expires_at = Stage.REQUESTED, clock(13)
        session.flush()
        with pytest.raises(NotApproved):
            bookings.no_show(session, asked.id, at=clock(8, 40))


def test_what_nobody_fetched_lapses_a_fortnight_after_its_end(yard: Yard) -> None:
    with acting(yard) as session:
        row = pump(session, yard, hours(8, 12))
    for at, stage in ((clock(11, 59, day=17), Stage.BOOKED), (clock(12, day=17), Stage.EXPIRED)):
        with acting(yard, at=at) as session:
            pump(
                session, yard, Span(at + timedelta(hours=1), at + timedelta(hours=2)), "Made", at=at
            )
            assert session.get_one(Booking, row.id).stage is stage
    with acting(yard) as session:
        assert session.get_one(Booking, row.id).note == NOBODY_CAME


# What it will cost, and what it costs


@pytest.mark.parametrize(
    ("facts", "since", "lasts_h", "estimate_rp"),
    [
        ({"mobilisation_rp": 75_000}, clock(7), 5, 975_000),
        ({"mobilisation_rp": 75_000, "minimum_rp": 1_000_000}, clock(7), 5, 1_000_000),
        ({"operator": Borne.EXTRA, "operator_e4": 200_000 * E4}, clock(7), 5, 1_050_000),
        ({"basis": Basis.DAY, "mobilisation_rp": 1}, clock(22), 5, 2_400_001),
        ({"basis": Basis.DAY}, clock(19), 5, 1_200_000),  # midnight begins no day
        ({"basis": Basis.HOUR}, clock(7), 5, 6_000_000),
        ({"season": "MT1", "member_e4": 1_000_000 * E4}, clock(7), 5, 750_000),
    ],
)
def test_the_bill_of_a_use_as_it_was_booked_is_its_estimate(
    yard: Yard, facts: dict[str, object], since: datetime, lasts_h: int, estimate_rp: int
) -> None:
    with acting(yard) as session:
        tariff = session.get_one(EquipmentTariff, yard.tractor_tariff_id)
        for name, value in facts.items():
            setattr(tariff, name, value)
        session.flush()
        row = bookings.ask(
            session,
            yard.tractor_id,
            member_id=yard.members["Siti"],
            since=since,
            size=7_500,
            season=tariff.season,
            at=AT,
        )
        assert row.estimate_rp == estimate_rp
        until = row.until
        assert until - since == timedelta(hours=lasts_h)
    with acting(yard, at=until) as session:
        use = uses.hand_over(session, row.id, HandOver(since, 0, Condition.GOOD))
        back = Return(until, lasts_h * 10, Condition.GOOD, area_m2=7_500)
        uses.take_back(session, use.id, back, Beside())
        assert session.get_one(Use, use.id).bill_rp == estimate_rp


def test_a_proposal_says_what_the_booking_will_say(yard: Yard) -> None:
    with acting(yard) as session:
        tariff = session.get_one(EquipmentTariff, yard.tractor_tariff_id)
        tariff.mobilisation_rp, tariff.season = 75_000, "MT1"
        session.flush()
        wanted = bookings.Wanted(clock(7), size=7_500, member_id=yard.members["Siti"], season="mt1")
        found = booking_views.propose(session, yard.tractor_id, wanted, on=TUESDAY, at=AT)
        assert found.bill is not None
        assert found.bill.total_rp == 975_000
        made = bookings.book(session, yard.tractor_id, wanted, at=AT)
        assert made.estimate_rp == 975_000
