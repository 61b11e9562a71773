"""Lists of deliveries: what a row says, what is odd, and what it is known by."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import delivery_files, imports
from kopprod.domain import delivery_lists as rules
from kopprod.domain.buying import NothingPaid
from kopprod.domain.deliveries import (
    AbsurdDelivery,
    DelivererHasLeft,
    NothingWeighed,
    TareBelowZero,
    TareTooLarge,
)
from kopprod.domain.delivery_lists import Deliverer, Goods, ListRow, Ordinals, Reading, Register
from kopprod.domain.imports import Cell, Columns, Fault, Row, Sign, Weight
from kopprod.domain.quantities import BaseUnit, Quantity

ON = date(2026, 3, 2)
GABAH = Goods(1, "Gabah", BaseUnit.GRAM, "kg", {"a": 11, "b": 12})
SUSU = Goods(2, "Susu", BaseUnit.MILLILITRE, "liter", {"a": 21})
AYU = Deliverer(1, "A-01", "Ayu", 5, None)
BUDI = Deliverer(2, "A-02", "Budi", None, date(2026, 2, 1))
FACTORS = {"": 1_000, "kg": 1_000, "kuintal": 100_000}
REGISTER = Register(
    {"A-01": AYU, "A-02": BUDI},
    {"gabah": GABAH, "susu": SUSU},
    lambda _goods, unit, _on, _village_id: FACTORS.get(unit),
)
COLUMNS = Columns({field.name: field.name for field in rules.FIELDS})
COMMA = {"quantity": Sign.COMMA, "tare": Sign.COMMA}
READING = Reading(COLUMNS, COMMA, ON)


PLAIN: dict[str, Cell] = {"member": "A-01", "date": "2026-03-01", "product": "Gabah"}


def row(number: int = 2, /, **cells: Cell) -> Row:
    return number, {**PLAIN, "grade": "A", "quantity": "50", **cells}


def read(**cells: Cell) -> ListRow:
    found = rules.read_row(row(**cells), READING, REGISTER)
    assert isinstance(found, ListRow)
    return found


def surveyed(rows: Sequence[Row | Fault]) -> rules.Survey:
    return rules.survey(rows, READING, REGISTER)


def test_a_row_is_read_in_base_units() -> None:
    found = read(quantity="50,5", tare="0,2", time="08.30", paper="17", note=" agak  basah ")

    assert found.member is AYU
    assert (found.goods, found.grade_id, found.received_on) == (GABAH, 11, date(2026, 3, 1))
    assert (found.gross, found.tare, found.net) == (50_500, 200, 50_300)
    assert (found.said, found.row) == ("50,5 kg", 2)
    assert rules.full_note(found) == "nota 17, pukul 08.30, agak basah"
    assert rules.full_note(read()) == ""


def test_units_grades_and_cells_of_workbooks() -> None:
    wet = read(product="SUSU", grade="", quantity=Decimal("2.5"), unit="Kuintal", tare=1)
    assert (wet.grade_id, wet.gross, wet.tare, wet.said) == (21, 250_000, 100_000, "2.5 kuintal")
    assert read(date=datetime.fromisoformat("2026-03-01T08:30")).received_on == date(2026, 3, 1)
    assert read(member="A-02", date="2026-01-31").member is BUDI


def test_a_file_may_leave_unsaid_what_is_the_same_in_all_rows() -> None:
    columns = {name: name for name in ("member", "date", "quantity")}
    reading = Reading(Columns(columns, {"product": "susu"}), COMMA, ON)
    cells: dict[str, Cell] = {"member": "A-01", "date": "2026-03-01", "quantity": "5"}

    found = rules.read_row((2, cells), reading, REGISTER)

    assert isinstance(found, ListRow)
    assert (found.goods, found.grade_id) == (SUSU, 21)
    assert rules.said_number(reading.columns, cells) == "A-01"


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"member": "-"}, "member", delivery_files.NO_MEMBER),
        ({"member": "A-77"}, "member", delivery_files.UNKNOWN_MEMBER),
        ({"member": "A-02"}, "member", DelivererHasLeft.sentence),
        ({"date": ""}, "date", imports.DATE_MISSING),
        ({"date": "besok"}, "date", imports.NO_DATE),
        ({"date": "2026-03-03"}, "date", imports.DATE_AHEAD),
        ({"paper": "SET-2026-0001"}, "paper", rules.OURS),
        ({"product": ""}, "product", rules.NO_PRODUCT),
        ({"product": "Kopi"}, "product", rules.UNKNOWN_PRODUCT),
        ({"grade": ""}, "grade", rules.NO_GRADE),
        ({"grade": "C"}, "grade", rules.UNKNOWN_GRADE),
        ({"unit": "ember"}, "unit", rules.UNKNOWN_UNIT),
        ({"quantity": "tad"}, "quantity", delivery_files.NO_QUANTITY),
        ({"quantity": "lima"}, "quantity", imports.NO_NUMBER),
        ({"quantity": "1,2345"}, "quantity", delivery_files.TOO_FINE),
        ({"quantity": "0"}, "quantity", NothingWeighed.sentence),
        ({"quantity": "999999999"}, "quantity", AbsurdDelivery.sentence),
        ({"tare": "x"}, "tare", imports.NO_NUMBER),
        ({"tare": "-1"}, "tare", TareBelowZero.sentence),
        ({"tare": "50"}, "tare", TareTooLarge.sentence),
    ],
)
def test_what_cannot_come_in_says_why(cells: dict[str, Cell], column: str, sentence: str) -> None:
    fault = rules.read_row(row(7, **cells), READING, REGISTER)

    assert isinstance(fault, Fault)
    assert (fault.row, fault.column, fault.sentence) == (7, column, sentence)
    assert fault.weight is Weight.FAULT
    assert fault.sentence.format(**fault.facts)


def test_the_whole_list_decides_the_sign_of_decimals() -> None:
    points = [row(n, quantity=f"{n}.25", tare=Decimal(1)) for n in range(6)]
    broken = Fault(9, "quantity", "=1", "a formula")

    assert rules.signs([*points, broken], COLUMNS) == {
        "quantity": Sign.POINT,
        "tare": Sign.COMMA,
    }
    said = Columns(COLUMNS.columns, sign="comma")
    assert rules.signs(points, said) == COMMA


def test_what_a_member_usually_brings_says_what_is_odd() -> None:
    rows = [row(n, quantity=f"5{n}") for n in range(6)]
    survey = surveyed([*rows, row(8, quantity="x"), row(9, product="Susu", grade="")])

    def odd(found: ListRow) -> list[tuple[str, object]]:
        faults = list(rules.questions(found, survey))
        assert {fault.weight for fault in faults} <= {Weight.QUESTION}
        return [(fault.sentence, fault.facts.get("usual")) for fault in faults]

    kg = Quantity(53_000, BaseUnit.GRAM)
    litre = Quantity(50_000, BaseUnit.MILLILITRE)
    assert survey.rows == 8
    assert odd(read(quantity="53")) == []
    assert odd(read(quantity="531")) == [(delivery_files.FAR_OFF, kg)]
    assert odd(read(quantity="5")) == [(delivery_files.FAR_OFF, kg)]
    budi = {"member": "A-02", "date": "2026-01-01"}
    assert odd(read(**budi, quantity="5")) == []
    assert odd(read(**budi, quantity="1100")) == [(delivery_files.FAR_OFF_ALL, kg)]
    assert odd(read(product="Susu", quantity="1001")) == [(delivery_files.FAR_OFF_ALL, litre)]
    assert [why for why, _ in odd(read(quantity="200000"))] == [
        delivery_files.VERY_LARGE,
        delivery_files.FAR_OFF,
    ]
    nothing = surveyed([])
    assert list(rules.questions(read(), nothing)) == []


def test_what_is_said_twice_are_two_unless_time_or_paper_say_otherwise() -> None:
    twice = [row(2), row(3), row(4, quantity="51")]
    ordinals = Ordinals(surveyed([*twice, Fault(5, "", "", "")]))
    found = [rules.read_row(one, READING, REGISTER) for one in twice]

    said = [(one, ordinals.next(one)) for one in found if isinstance(one, ListRow)]

    assert [ordinal for _, ordinal in said] == [1, 2, 1]
    assert not any(rules.repeated(*each) for each in said)
    assert len({rules.key(*each) for each in said}) == 3
    assert rules.repeated(read(time="08.30"), 2)
    assert rules.repeated(read(paper="17"), 2)
    assert not rules.repeated(read(paper="17"), 1)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 9))
def test_a_key_is_the_same_for_the_same_however_it_is_written(
    one: int, other: int, ordinal: int
) -> None:
    plain, dotted = read(quantity=one), read(quantity=f"{one:,}".replace(",", "."), date="1-3-2026")

    assert rules.key(plain, ordinal) == rules.key(dotted, ordinal)
    assert (rules.key(plain, 1) == rules.key(read(quantity=other), 1)) == (one == other)
    assert rules.key(plain, ordinal).startswith("list-2026-03-01-")


def test_goods_without_a_price_are_a_fault_of_their_product() -> None:
    net = Quantity(5, BaseUnit.GRAM)
    fault = rules.not_bought(read(), surveyed([]), NothingPaid(net=net))

    assert (fault.column, fault.value, fault.sentence) == ("product", "Gabah", NothingPaid.sentence)
    assert (fault.facts, fault.weight) == ({"net": net}, Weight.FAULT)
