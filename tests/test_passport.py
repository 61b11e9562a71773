"""The passport: everything between one member and the cooperative, and nobody else's rows."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import event
from sqlmodel import Session

from kopprod import db, workbook
from kopprod.domain import passport as rules
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.books import BookLine
from kopprod.domain.ledger import CASH
from kopprod.domain.passport import Graded, Open
from kopprod.domain.payouts import Agreed, DeductionKind
from kopprod.domain.quantities import BaseUnit
from kopprod.services import (
    deductions,
    deliveries,
    passport,
    payments,
    sales,
    slips,
    use_payments,
)
from kopprod.services.passport import Passport
from kopprod.ui import passport as parts
from kopprod.ui import passport_book
from tests import make, seasons
from tests.fields import HOUR, back, booked, comes_back, goes_out
from tests.machines import Yard
from tests.screens import screen, words
from tests.seasons import Season

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def graded(on: date, grade: str, kg: int) -> Graded:
    return Graded(on, "Gabah", BaseUnit.GRAM, grade, kg * 1_000)


# --- the rule ------------------------------------------------------------------------------------


def test_grades_of_a_month_are_parts_of_a_hundred_percent() -> None:
    came = [graded(MARCH, "A", 60), graded(date(2026, 3, 20), "A", 30), graded(MARCH, "B", 30)]

    best, second = rules.quality(came)

    assert (best.grade, best.deliveries, best.net, best.share_bp) == ("A", 2, 90_000, 7_500)
    assert (second.grade, second.share_bp) == ("B", 2_500)


def test_three_equal_grades_still_add_up_and_the_newest_month_comes_first() -> None:
    came = [graded(MARCH, "A", 1)] + [graded(APRIL, grade, 1) for grade in "ABC"]

    found = rules.quality(came)

    assert [row.month for row in found] == [APRIL, APRIL, APRIL, MARCH]
    assert sum(row.share_bp for row in found[:3]) == 10_000


def book_line(account: str, debit_rp: int, credit_rp: int) -> BookLine:
    return BookLine(1, 1, MARCH, "", "", account, account, debit_rp, credit_rp)


def test_what_is_open_is_what_the_accounts_still_hold() -> None:
    lines = [
        book_line("Utang hasil", 0, 900),
        book_line("Utang hasil", 400, 0),
        book_line("Pinjaman", 250, 0),
        book_line("Simpanan", 0, 70),
        book_line("Simpanan", 70, 0),
    ]

    assert rules.still_open(lines) == [Open("Utang hasil", 500), Open("Pinjaman", -250)]


# --- the database --------------------------------------------------------------------------------


def looked_at(season: Season, person: Person, name: str = "Siti") -> Passport:
    with db.reading(season.coop, person=person) as session:
        return passport.passport(session, season.members[name], on=make.TODAY)


def test_a_member_finds_all_of_hers_in_one_place(season: Season) -> None:
    member_id = season.members["Siti"]
    with seasons.writing(season.coop) as session:
        sale = seasons.settled(session, season)
        payments.take_payment(
            session, sale.id, amount_rp=sale.gross_rp or 0, account="1101",
            on=make.TODAY, draft_key="buyer pays",
        )  # fmt: skip
        mine = slips.slips(session, member_id=member_id)
        with_more = seasons.bring(session, season, "Siti", 10_000)
        deliveries.reverse(session, with_more, reason="salah timbang", on=make.TODAY)

    found = looked_at(season, make.person(Role.MEMBER, name="Siti", member_id=member_id))

    assert [row.grade for row in found.quality] == ["A", "B"]
    assert sum(row.net for row in found.quality) == 160_700  # what was taken back counts no more
    assert found.earned is not None
    assert [row.slip.id for row in found.earned.slips] == [row.slip.id for row in mine]
    owed_rp = sum(row.slip.net_value_rp for row in mine)
    assert [one.amount_rp for one in found.earned.open] == [owed_rp]
    assert {lot.member_id for lot in found.earned.lots} == {member_id}
    assert {row.delivery.member_id for row in found.deliveries} == {member_id}


def test_nothing_is_open_once_the_slip_is_paid(season: Season) -> None:
    with seasons.writing(season.coop) as session:
        sale = seasons.settled(session, season)
        payments.take_payment(
            session, sale.id, amount_rp=sale.gross_rp or 0, account="1101",
            on=make.TODAY, draft_key="buyer pays",
        )  # fmt: skip
    with seasons.writing(season.coop, make.TREASURER) as session:
        (hers,) = slips.slips(session, member_id=season.members["Siti"])
        slips.pay(session, hers.slip.id, account="1101", on=make.TODAY)

    found = looked_at(season, make.TREASURER)

    assert found.earned is not None
    assert found.earned.open == []
    assert found.earned.slips[0].slip.paid_on == make.TODAY


def test_another_member_is_refused(season: Season) -> None:
    budi = make.person(Role.MEMBER, name="Budi", member_id=season.members["Budi"])

    with pytest.raises(NotAllowed):
        looked_at(season, budi, "Siti")


@pytest.mark.parametrize("person", [make.MANAGER, make.TREASURER, make.SUPERVISOR])
def test_the_office_opens_anybodys(season: Season, person: Person) -> None:
    assert looked_at(season, person).earned is not None


def test_an_officer_sees_goods_and_no_rupiah(season: Season) -> None:
    found = looked_at(season, make.OFFICER)

    assert found.deliveries
    assert found.earned is None


def test_many_days_take_no_more_queries_than_one(season: Season) -> None:
    def counted() -> int:
        with db.reading(season.coop, person=make.MANAGER) as session:
            seen: list[str] = []
            connection = session.connection()
            event.listen(
                connection, "before_cursor_execute", lambda *given: seen.append(str(given[2]))
            )
            passport.passport(session, season.members["Siti"], on=make.TODAY)
            return len(seen)

    with seasons.writing(season.coop) as session:
        seasons.settled(session, season)
    before = counted()
    with seasons.writing(season.coop) as session:
        later = [bring_on(session, season, make.TODAY - timedelta(days=n)) for n in range(1, 6)]
        sale = seasons.open_sale(session, season, buyer_weight=250_000, delivery_ids=later)
        sales.settle(session, sale.id, on=make.TODAY)

    assert counted() == before


def bring_on(session: Session, season: Season, day: date) -> int:
    delivery = deliveries.receive(
        session,
        member_id=season.members["Siti"],
        product_id=season.product_id,
        grade_id=season.grade_a,
        gross=50_000,
        tare=0,
        received_on=day,
        on=make.TODAY,
    )
    return delivery.id


def test_her_data_is_a_workbook_with_a_page_for_each_topic(season: Season) -> None:
    with seasons.writing(season.coop) as session:
        seasons.settled(session, season)
    found = looked_at(season, make.MANAGER)

    made = load_workbook(io.BytesIO(passport_book.book(found, parts.sections(found))()))

    assert made.sheetnames[:3] == ["Anggota", "Hasil", "Setoran"]
    assert len(made.sheetnames) == 8
    weights = [row[3:7] for row in made["Setoran"].iter_rows(min_row=2, values_only=True)]
    assert weights == [(40.2, "kg", 0, "kg"), (120.5, "kg", 0, "kg")]


def test_what_she_agreed_may_be_taken_stands_in_her_order(season: Season) -> None:
    with seasons.writing(season.coop) as session:
        seasons.settled(session, season)
        agreed = [Agreed(DeductionKind.LOAN, 1), Agreed(DeductionKind.DUES, 2, most_rp=20_000)]
        siti = season.members["Siti"]
        deductions.agree(session, siti, agreed=agreed, most_bp=3_000, on=seasons.DAY)
    found = looked_at(season, make.MANAGER)
    taken = next(one for one in parts.sections(found) if one.key == "potongan")

    assert [row["most_rp"] for row in taken.rows] == [None, 20_000]
    assert [row["kind"] for row in taken.rows] == ["cicilan pinjaman", "simpanan wajib"]
    assert taken.note


def test_what_she_owes_for_machines_stands_among_what_may_be_taken(yard: Yard) -> None:
    with seasons.writing(yard.coop) as session:
        job = booked(session, yard.tractor_id, yard.members["Siti"])
        use = goes_out(session, job)
        comes_back(session, use, back(use.out_at + 5 * HOUR, area_m2=7_500))
        use_payments.pay(session, use.id, amount_rp=400_000, account=CASH, on=make.TODAY)
    with db.reading(yard.coop, person=make.MANAGER) as session:
        found = passport.passport(session, yard.members["Siti"], on=make.TODAY)
    taken = next(one for one in parts.sections(found) if one.key == "potongan")

    said = [(row["kind"], row["agreed"], row["owed_rp"]) for row in taken.rows]
    assert said == [("pemakaian alat bersama", "belum disepakati", 500_000)]
    assert found.earned is not None
    assert found.earned.open == [Open("Piutang jasa alat", -500_000)]


def test_a_workbook_of_several_pages_holds_no_formula() -> None:
    pages = [
        workbook.Page("Satu/dua:[tiga]", ["=1+1"], [["=HYPERLINK(1)", 5]]),
        workbook.Page("Satu/dua:[tiga]", ["Nama"], [["@SUM(A1)"]]),
    ]

    made = load_workbook(io.BytesIO(workbook.write_book(pages)))

    assert len(made.sheetnames) == 2
    cells = [cell for page in made for row in page.iter_rows() for cell in row if cell.value]
    assert all(cell.data_type != "f" for cell in cells)
    assert [cell.value for cell in cells] == ["'=1+1", "'=HYPERLINK(1)", 5, "Nama", "'@SUM(A1)"]


# --- the screen ----------------------------------------------------------------------------------


def test_a_member_reads_her_own_and_never_anothers(season: Season) -> None:
    with seasons.writing(season.coop) as session:
        seasons.settled(session, season)
        siti = make.user(session, Role.MEMBER, name="Siti", member_id=season.members["Siti"])
    test = screen(season.coop, siti, "passport")

    assert not test.exception
    assert "Koperasi berutang kepada anggota" in words(test)
    test.segmented_control(key="passport_part").set_value("all").run()
    assert "Dari anggota" in words(test)
    assert "SLIP‑2026‑" in words(test)

    test.query_params["member"] = str(season.members["Budi"])
    test.run()
    assert "Budi" not in words(test)
    assert test.error


def test_the_office_chooses_whose_passport_opens(season: Season) -> None:
    with seasons.writing(season.coop) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(season.coop, citra, "passport")
    test.selectbox(key="passport_member").set_value(season.members["Budi"]).run()

    assert not test.exception
    assert "Budi" in words(test)
    test.segmented_control(key="passport_part").set_value("mutu").run()
    assert "100" in words(test)


def test_a_long_history_is_shown_from_its_end_and_whole_when_asked(season: Season) -> None:
    member_id = season.members["Siti"]
    with seasons.writing(season.coop) as session:
        seasons.settled(session, season)

    with db.reading(season.coop, person=make.MANAGER) as session:
        whole = passport.passport(session, member_id, on=make.TODAY)
        newest = passport.passport(session, member_id, on=make.TODAY, most=1)

    assert (len(whole.deliveries), whole.older) == (2, False)
    assert (newest.deliveries, newest.older) == (whole.deliveries[:1], True)
    assert newest.quality == whole.quality  # of all that ever came
    assert whole.earned is not None and newest.earned is not None
    assert newest.earned.open == whole.earned.open
    number = newest.deliveries[0].delivery.number
    assert [lot.delivery_number for lot in newest.earned.lots] == [number]
