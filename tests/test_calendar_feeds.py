"""Calendars behind addresses that nobody can guess: what they say, to whom, and until when."""

from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
import httpx
import pytest
from icalendar import Calendar
from sqlmodel import Session, col, select
from starlette.applications import Starlette
from starlette.middleware import Middleware

from kopprod import db
from kopprod.domain import codes
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.bookings import Stage
from kopprod.domain.members import MemberStatus
from kopprod.services import calendar_feeds as service
from kopprod.services import failures
from kopprod.tables.bookings import Booking, CalendarFeed, Outage
from kopprod.tables.members import Member
from kopprod.web import calendar_feeds
from kopprod.web.gate import Gate, is_open
from tests import make
from tests.machines import Yard
from tests.screens import screen, words
from tests.seasons import at_once, writing

HOUR = timedelta(hours=1)
SOON = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + 24 * HOUR


def book(
    session: Session,
    yard: Yard,
    name: str = "Siti",
    *,
    since: datetime = SOON,
    stage: Stage = Stage.BOOKED,
    equipment_id: int | None = None,
    operator_id: int | None = None,
) -> Booking:
    """A booking of two hours, straight through the table."""
    row = Booking(
        number=f"JADWAL-2026-{len(session.exec(select(Booking.id)).all()) + 1:04d}",
        equipment_id=equipment_id or yard.pump_id,
        member_id=yard.members[name],
        stage=stage,
        since=since,
        until=since + 2 * HOUR,
        blocked_until=since + 2 * HOUR,
        operator_id=operator_id,
        size=120,
        place="Blok Timur",
        asked_at=make.AT,
        expires_at=since if stage is Stage.REQUESTED else None,
    )
    session.add(row)
    session.flush()
    return row


def siti(yard: Yard) -> Person:
    """Siti, signed in."""
    return make.person(Role.MEMBER, name="Siti", member_id=yard.members["Siti"])


def get(path: str) -> httpx.Response:
    """Ask for an address as a calendar program does: no cookie, no page wanted."""
    return anyio.run(partial(_get, path))


async def _get(path: str) -> httpx.Response:
    app = Starlette(routes=calendar_feeds.ROUTES, middleware=[Middleware(Gate)])
    transport = httpx.ASGITransport(app, client=("10.0.0.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://kop") as client:
        return await client.get(path)


def machine_token(yard: Yard) -> str:
    with writing(yard.coop) as session:
        return service.renew_for_equipment(session, yard.pump_id, at=make.AT)


def own_token(yard: Yard) -> str:
    with writing(yard.coop, siti(yard)) as session:
        return service.renew_own(session, at=make.AT)


def events(answer: httpx.Response) -> list[dict[str, object]]:
    """What a calendar program reads: summary, status, start, end."""
    assert answer.status_code == 200
    return [
        {
            "summary": str(event["summary"]),
            "status": str(event["status"]),
            "since": event.decoded("dtstart"),
            "until": event.decoded("dtend"),
            "place": str(event.get("location", "")),
        }
        for event in Calendar.from_ical(answer.content).walk("VEVENT")
    ]


def test_a_machines_calendar_says_when_and_names_nobody(yard: Yard) -> None:
    with writing(yard.coop) as session:
        book(session, yard)
        book(session, yard, "Budi", since=SOON + 3 * HOUR, stage=Stage.REQUESTED)
        book(session, yard, "Budi", since=SOON + 9 * HOUR, stage=Stage.POSTPONED)
        out = Outage(number="HENTI-2026-0001", equipment_id=yard.pump_id, why="Servis, oli",
                     since=SOON + 5 * HOUR, until=SOON + 6 * HOUR)  # fmt: skip
        session.add(out)
    answer = get(service.path(yard.coop, machine_token(yard)))

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert [(one["summary"], one["status"], one["since"]) for one in events(answer)] == [
        ("Pompa air 3 dim (dipesan)", "CONFIRMED", SOON),
        ("Pompa air 3 dim (diminta)", "TENTATIVE", SOON + 3 * HOUR),
        ("Pompa air 3 dim: Servis, oli (tidak bisa dipakai)", "CONFIRMED", SOON + 5 * HOUR),
    ]
    for secret in ("Siti", "Budi", "Blok Timur", "JADWAL"):
        assert secret not in answer.text


def test_a_members_calendar_has_her_jobs_and_those_that_she_operates(yard: Yard) -> None:
    with writing(yard.coop) as session:
        book(session, yard)
        book(session, yard, "Budi", since=SOON + 1 * HOUR)
        mine = yard.members["Siti"]
        tractor = yard.tractor_id
        book(session, yard, "Budi", since=SOON + 5 * HOUR, equipment_id=tractor, operator_id=mine)
    answer = get(service.path(yard.coop, own_token(yard)))

    assert [(one["summary"], one["place"]) for one in events(answer)] == [
        ("Pompa air 3 dim · JADWAL-2026-0001 (dipesan)", "Blok Timur"),
        ("Traktor tangan · JADWAL-2026-0003 (dipesan)", "Blok Timur"),
    ]
    assert "Budi" not in answer.text


def test_the_text_is_icalendar_with_short_lines_and_stable_names(yard: Yard) -> None:
    with writing(yard.coop) as session:
        row = book(session, yard)
        session.get_one(Member, yard.members["Siti"]).name = "Siti; Nur, Aini"
    answer = get(service.path(yard.coop, own_token(yard)))
    lines = answer.content.split(b"\r\n")

    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(len(line) for line in lines) <= 75
    assert f"UID:booking-{row.id}@{yard.coop}.kopprod".encode() in lines
    assert b"VERSION:2.0" in lines
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert rb"NAME:Alat untuk Siti\; Nur\, Aini" in lines
    assert f"DTSTART:{SOON:%Y%m%dT%H%M%SZ}".encode() in lines


def test_renewing_ends_the_old_address_and_keeps_only_a_hash(yard: Yard) -> None:
    old, new = machine_token(yard), machine_token(yard)

    assert get(service.path(yard.coop, old)).status_code == 404
    assert get(service.path(yard.coop, new)).status_code == 200
    with db.reading(yard.coop, person=make.MANAGER) as session:
        kept = session.exec(select(CalendarFeed)).all()
        assert service.is_open_for_equipment(session, yard.pump_id)
    assert len(kept) == 2
    assert not {old, new} & {value for row in kept for value in map(str, row.model_dump().values())}


def test_on_her_phone_a_new_address_ends_the_old_one(yard: Yard) -> None:
    with writing(yard.coop) as session:
        her = make.user(session, Role.MEMBER, name="Siti", member_id=yard.members["Siti"])
        book(session, yard)
    test = screen(yard.coop, her, "bookings")
    addresses = []
    for _time in range(2):
        test.button(key="feed_own_renew").click().run()
        assert not test.exception
        addresses.append(str(test.code[0].value))
        assert "hanya ditampilkan sekarang" in words(test)
    old, new = addresses

    assert old != new
    assert get(old).status_code == 404
    assert [one["summary"] for one in events(get(new))] == [
        "Pompa air 3 dim · JADWAL-2026-0001 (dipesan)"
    ]
    assert not screen(yard.coop, her, "bookings").code, "shown once"
    test.button(key="feed_own_end").click().run()
    assert get(new).status_code == 404


def test_ended_and_after_she_left_an_address_is_of_nobody(yard: Yard) -> None:
    token, hers = machine_token(yard), own_token(yard)
    with writing(yard.coop) as session:
        service.end_for_equipment(session, yard.pump_id, at=make.AT)
        her = session.get_one(Member, yard.members["Siti"])
        her.status, her.left_on = MemberStatus.LEFT, make.TODAY
        assert not service.is_open_for_equipment(session, yard.pump_id)

    assert get(service.path(yard.coop, token)).status_code == 404
    assert get(service.path(yard.coop, hers)).status_code == 404


def test_she_ends_her_own(yard: Yard) -> None:
    token = own_token(yard)
    with writing(yard.coop, siti(yard)) as session:
        assert service.is_open_own(session)
        service.end_own(session, at=make.AT)
        assert not service.is_open_own(session)

    assert get(service.path(yard.coop, token)).status_code == 404


@pytest.mark.parametrize(
    "who", [make.SUPERVISOR, make.person(Role.MEMBER)], ids=["office", "member"]
)
def test_only_who_decides_opens_a_machines_and_only_members_their_own(
    yard: Yard, who: Person
) -> None:
    with writing(yard.coop, who) as session:
        with pytest.raises(NotAllowed):
            service.renew_for_equipment(session, yard.pump_id, at=make.AT)
        with pytest.raises(NotAllowed):
            service.renew_own(session, at=make.AT)


def test_wrong_addresses_are_nowhere_and_slow_down_guessing(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPPROD_DEMO", "off")
    wrong = "x" * 43
    for path in (
        service.path(yard.coop, wrong),
        service.path("nowhere", wrong),
        service.path("demo", wrong),
    ):
        assert get(path).status_code == 404
    with db.reading(yard.coop) as session:
        assert failures.recent(session, "code:10.0.0.9", at=datetime.now(UTC)) == 1
    assert codes.pause_ms(6) == 1000


def test_the_gate_opens_this_shape_only(yard: Yard) -> None:
    token = machine_token(yard)
    path = service.path(yard.coop, token)

    assert is_open(path)
    for other in (path.removesuffix(".ics"), path + "/", f"/kalender/{yard.coop}/x.ics"):
        assert not is_open(other)
        assert get(other).status_code in (303, 401)


def test_of_two_who_renew_at_once_one_address_is_left(yard: Yard) -> None:
    def renew() -> None:
        with writing(yard.coop) as session:
            service.renew_for_equipment(session, yard.pump_id, at=make.AT)

    at_once(renew, renew)
    with db.reading(yard.coop) as session:
        left = select(CalendarFeed).where(col(CalendarFeed.ended_at).is_(None))
        assert len(session.exec(left).all()) == 1
