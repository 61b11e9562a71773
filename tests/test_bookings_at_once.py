"""Many who press at once: one is granted, the rest read a sentence with the next free time."""

from collections.abc import Callable
from functools import partial
from time import perf_counter

import pytest
from sqlmodel import Session, func, select

from kopprod import db, language
from kopprod.domain.bookings import Stage
from kopprod.domain.capacity import Occupied
from kopprod.domain.refusal import Refusal
from kopprod.services import bookings
from kopprod.tables.bookings import Booking
from tests import make
from tests.booked import AT, acting, all_at_once, clock, hours, overbooked, pump, tractor
from tests.machines import Yard

FIFTY, HUNDRED = 50, 100


def test_of_fifty_who_press_at_once_one_is_granted(
    yard: Yard, record_property: Callable[[str, object], None]
) -> None:
    with acting(yard) as session:
        people = {f"Ana {n}": make.member(session, f"Ana {n}").id for n in range(FIFTY)}
    crowd = Yard(**{**vars(yard), "members": yard.members | people})
    acts = [partial(tractor, yard=crowd, since=clock(7), name=name, size=3_000) for name in people]

    began = perf_counter()
    results = all_at_once(yard, acts)
    record_property("fifty at once, s", round(perf_counter() - began, 2))

    granted = [one for one in results if isinstance(one, Booking)]
    refused = [one for one in results if isinstance(one, Refusal)]
    assert (len(granted), len(refused)) == (1, FIFTY - 1)
    assert {type(one) for one in refused} == {Occupied}
    assert all("09.30 WIB" in language.sentence("id", one) for one in refused)
    with db.reading(yard.coop) as session:
        assert session.exec(select(func.count()).select_from(Booking)).one() == 1
        assert overbooked(session) == []


def test_two_units_are_granted_to_two_of_many(yard: Yard) -> None:
    results = all_at_once(yard, [partial(pump, yard=yard, span=hours(8, 10))] * 12)

    assert len(results) == 12
    assert sum(isinstance(one, Booking) for one in results) == 2


def test_a_hundred_requests_in_a_moment_are_all_answered(
    yard: Yard, record_property: Callable[[str, object], None]
) -> None:
    # Four ask for each of 25 hours, and two get it: there are two pumps.
    acts = [partial(pump, yard=yard, span=hours(8 + n // 4, 9 + n // 4)) for n in range(HUNDRED)]
    began = perf_counter()
    results = all_at_once(yard, acts)
    record_property("a hundred at once, s", round(perf_counter() - began, 2))

    assert len(results) == HUNDRED
    assert sum(isinstance(one, Booking) for one in results) == HUNDRED // 2
    with db.reading(yard.coop) as session:
        assert overbooked(session) == []


def test_a_form_that_comes_a_hundred_times_is_one_booking(yard: Yard) -> None:
    again = partial(pump, yard=yard, span=hours(8, 9), draft_key="k")
    results = all_at_once(yard, [again] * 30)

    assert len(results) == 30
    assert {one.id for one in results if isinstance(one, Booking)} == {1}


@pytest.mark.parametrize("way", ["extend", "change", "both"])
def test_two_who_change_at_once_do_not_meet(yard: Yard, way: str) -> None:
    with acting(yard) as session:
        early = tractor(session, yard, clock(7), size=1_500)  # until 8.00
        late = tractor(session, yard, clock(12), "Budi", size=1_500)  # until 13.00
    acts: dict[str, list[Callable[[Session], object]]] = {
        "extend": [
            lambda session: bookings.extend(session, early.id, until=clock(11), at=AT),
            lambda session: bookings.extend(session, early.id, until=clock(11, 15), at=AT),
        ],
        "change": [
            lambda session: bookings.change(session, early.id, since=clock(10), at=AT),
            lambda session: bookings.change(session, late.id, since=clock(10, 30), at=AT),
        ],
        "both": [
            lambda session: bookings.extend(session, early.id, until=clock(11), at=AT),
            lambda session: bookings.change(session, late.id, since=clock(10, 30), at=AT),
        ],
    }
    results = all_at_once(yard, acts[way])

    assert len(results) == 2
    # Whoever extends the same booking second may find that it ends later already.
    assert 1 <= sum(isinstance(one, Booking) for one in results) <= (2 if way == "extend" else 1)
    with db.reading(yard.coop) as session:
        assert overbooked(session) == []


def test_a_booking_is_cancelled_once(yard: Yard) -> None:
    with acting(yard) as session:
        row = pump(session, yard, hours(8, 9))
    results = all_at_once(
        yard,
        [
            lambda session: bookings.cancel(session, row.id, at=AT),
            lambda session: bookings.cancel(session, row.id, at=AT),
        ],
    )
    assert len(results) == 2
    assert sum(isinstance(one, Refusal) for one in results) == 1
    with db.reading(yard.coop) as session:
        assert session.get_one(Booking, row.id).stage is Stage.CANCELLED
