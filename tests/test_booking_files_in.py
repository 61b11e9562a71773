"""Files of bookings in the database: looked at, kept once, nothing half-written."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from kopprod import db, sheets
from kopprod.__main__ import main
from kopprod.domain import booking_files as rules
from kopprod.domain import imports
from kopprod.domain.access import NotAllowed
from kopprod.domain.booking_limits import JobLargerThanLand
from kopprod.domain.bookings import Stage
from kopprod.domain.imports import Columns, Findings
from kopprod.domain.intervals import Calendar, Period
from kopprod.domain.quotas import Counted, QuotaOfTimes
from kopprod.services import booking_files as service
from kopprod.services import booking_quotas, bookings, exports
from kopprod.tables.bookings import Booking
from tests import make
from tests.machines import Yard
from tests.seasons import at_once, writing

WIB = Calendar(ZoneInfo("Asia/Jakarta"))
SOON = datetime.now(UTC).replace(day=1) + timedelta(days=32)  # some day of next month
HEAD = "Alat;Nomor anggota;Tanggal;Mulai;Selesai;Luas;Operator;Masak;Tempat;Catatan\n"
GOOD = (
    "Pompa air 3 dim;A-Siti;10-3-2026;08.00;10.00;;;;Blok Timur;\n"
    "pompa air 3 dim;a-budi;10-3-2026;09.00;11.00;;;;;\n"
    "Traktor tangan;A-Siti;11-3-2026;06.00;11.00;0,75 ha;;20-3-2026;;bawa singkal\n"
)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=ZoneInfo("Asia/Jakarta")).astimezone(UTC)


def look(yard: Yard, text: str) -> Findings[rules.Resolved]:
    """What the file would bring."""
    with db.reading(yard.coop, person=make.MANAGER) as session:
        return service.findings(session, _file(yard, text), at=make.AT)


def keep(yard: Yard, text: str, accepted: tuple[int, ...] = ()) -> int:
    """Its good rows, booked."""
    with writing(yard.coop) as session:
        return service.keep(session, _file(yard, text), at=make.AT, accepted=accepted)


def _file(yard: Yard, text: str) -> rules.BookingFile:
    sheet = sheets.read(f"{HEAD}{text}".encode(), "jadwal.csv")
    mapping = Columns(imports.guess(rules.FIELDS, sheet.header))
    with db.reading(yard.coop) as session:
        return service.read(session, sheet.rows, sheet.faults, mapping)


def kept(yard: Yard) -> list[Booking]:
    with db.reading(yard.coop) as session:
        return list(session.exec(select(Booking).order_by(col(Booking.id))).all())


def test_good_rows_are_booked_with_all_that_they_say(yard: Yard) -> None:
    assert [row.row for row in look(yard, GOOD).good] == [2, 3, 4]
    assert not kept(yard), "looking books nothing"
    assert keep(yard, GOOD) == 3
    one, two, three = kept(yard)

    assert (one.number, one.since, one.until) == ("JADWAL-2026-0001", at(10, 8), at(10, 10))
    assert (one.size, one.place, one.stage) == (120, "Blok Timur", Stage.BOOKED)
    assert (two.member_id, two.since) == (yard.members["Budi"], at(10, 9))
    assert (three.size, three.operator_id) == (7_500, yard.operator_id)
    assert (three.ripe_on, three.note) == (date(2026, 3, 20), "bawa singkal")


def test_sent_twice_it_is_kept_once(yard: Yard) -> None:
    keep(yard, GOOD)

    assert (look(yard, GOOD).there_already, len(look(yard, GOOD).good)) == (3, 0)
    assert keep(yard, GOOD) == 0
    assert len(kept(yard)) == 3


def test_sent_twice_at_once_it_is_kept_once(yard: Yard) -> None:
    given = at_once(lambda: keep(yard, GOOD), lambda: keep(yard, GOOD))

    assert sorted(str(one) for one in given) == ["0", "3"]
    assert len(kept(yard)) == 3


def test_a_clash_with_what_stands_names_the_booking_and_good_rows_are_kept(yard: Yard) -> None:
    with writing(yard.coop) as session:
        bookings.ask(session, yard.tractor_id, since=at(11, 10), until=at(11, 12), size=3_000,
                     member_id=yard.members["Budi"], at=make.AT)  # fmt: skip
    found = look(yard, GOOD)

    assert [(f.row, f.sentence, f.facts["names"]) for f in found.faults] == [
        (4, rules.TAKEN, "JADWAL-2026-0001 (Budi)")
    ]
    assert keep(yard, GOOD) == 2
    assert len(kept(yard)) == 3


def test_land_and_quotas_are_asked_as_for_a_booking_that_is_typed(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking_quotas.set_quota(
            session, yard.pump_id, period=Period.WEEK, counted=Counted.TIMES, most=1
        )
    text = GOOD.replace("0,75", "0,80") + "Pompa air 3 dim;A-Siti;12-3-2026;08.00;10.00;;;;;\n"
    found = look(yard, text)

    assert [row.row for row in found.good] == [2, 3]
    assert [(f.row, f.column, f.sentence) for f in found.faults] == [
        (4, "Alat", JobLargerThanLand.sentence),
        (5, "Alat", QuotaOfTimes.sentence),
    ]
    assert keep(yard, text) == 2


def test_over_midnight_is_kept_only_when_somebody_says_so(yard: Yard) -> None:
    night = "Pompa air 3 dim;A-Siti;10-3-2026;22.00;02.00;;;;;\n"

    assert keep(yard, night) == 0
    assert keep(yard, night, accepted=(2,)) == 1
    assert (kept(yard)[0].since, kept(yard)[0].until) == (at(10, 22), at(11, 2))


def test_a_question_of_a_row_that_is_refused_is_not_asked(yard: Yard) -> None:
    night = "Traktor tangan;A-Siti;10-3-2026;22.00;04.00;0,9 ha;;;;\n"
    found = look(yard, night)

    assert [fault.sentence for fault in found.faults] == [JobLargerThanLand.sentence]
    assert not found.asked


def test_only_the_manager_brings_files(yard: Yard) -> None:
    file = _file(yard, GOOD)
    with writing(yard.coop, make.OFFICER) as session:
        with pytest.raises(NotAllowed):
            service.findings(session, file, at=make.AT)
        with pytest.raises(NotAllowed):
            service.keep(session, file, at=make.AT)


def test_what_is_written_out_is_read_back_as_there_is_nothing_new(yard: Yard) -> None:
    night = "Pompa air 3 dim;A-Siti;12-3-2026;22.00;02.00;;;;;\n"
    keep(yard, GOOD + night, accepted=(5,))
    with db.reading(yard.coop, person=make.MANAGER) as session:
        headings, rows = exports.EXPORTS["bookings"](session)
    sheet = sheets.read(sheets.write_csv(headings, rows), "jadwal.csv")
    file = rules.read_rows(
        sheet.rows, sheet.faults, Columns(imports.guess(rules.FIELDS, sheet.header)), calendar=WIB
    )
    with db.reading(yard.coop, person=make.MANAGER) as session:
        found = service.findings(session, file, at=make.AT)

    assert [fault for fault in found.faults if fault.sentence != rules.OVER_MIDNIGHT] == []
    assert (found.there_already, found.rows) == (4, 4)
    assert [str(row.size) for row in file.bookings] == ["2 jam", "2 jam", "0,75 ha", "4 jam"]


def test_bookings_come_in_from_the_command_line(yard: Yard, tmp_path: Path) -> None:
    file = tmp_path / "jadwal.csv"
    file.write_text(HEAD + GOOD.replace("-3-2026", f"-{SOON:%m-%Y}"))

    assert main(["import", "bookings", str(file), "--coop", yard.coop, "--all-good"]) == 0
    assert len(kept(yard)) == 3
