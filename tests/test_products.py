"""Products: dated units and grades, as rules, on a database, and on the screen."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from kopprod import db, language
from kopprod.domain import products as rules
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit, UnitFactor, parse_quantity
from kopprod.domain.refusal import Refusal
from kopprod.services import products
from kopprod.tables.output import OutputLog
from kopprod.tables.products import Product
from kopprod.tables.trail import Change
from tests import make
from tests.screens import screen, words

JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """A factor with its days, as the rule sees it."""

    since: date
    until: date | None
    factor: int


def put(spans: list[Span], since: date, factor: int) -> list[Span]:
    """What a service does with the rule's answer."""
    fitted = rules.place(since, spans)
    if fitted.corrects is not None:
        return [
            replace(s, factor=factor) if i == fitted.corrects else s for i, s in enumerate(spans)
        ]
    kept = [replace(s, until=since) if i == fitted.ends else s for i, s in enumerate(spans)]
    return [*kept, Span(since, fitted.until, factor)]


def test_a_later_factor_ends_the_earlier_one_on_its_own_first_day() -> None:
    spans = put(put([], JANUARY, 9_200), MARCH, 9_000)

    before = rules.valid_on(spans, on=MARCH - DAY)
    since = rules.valid_on(spans, on=MARCH)

    assert before is not None and since is not None
    assert (before.factor, since.factor) == (9_200, 9_000)
    assert rules.valid_on(spans, on=JANUARY - DAY) is None


def test_a_factor_set_afterwards_for_the_time_between_ends_where_the_next_begins() -> None:
    spans = put(put(put([], JANUARY, 1), MAY, 3), MARCH, 2)

    assert [(s.since, s.until) for s in sorted(spans, key=lambda s: s.since)] == [
        (JANUARY, MARCH),
        (MARCH, MAY),
        (MAY, None),
    ]


days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@given(st.lists(days, min_size=1, max_size=12), days)
def test_exactly_one_factor_is_valid_on_every_day_from_the_first_on(
    begins: list[date], day: date
) -> None:
    spans: list[Span] = []
    for factor, since in enumerate(begins):
        spans = put(spans, since, factor)

    valid = [span for span in spans if rules.is_valid(span, on=day)]

    assert len(valid) == (1 if day >= min(begins) else 0)


@given(st.lists(days, min_size=1, max_size=8, unique=True), st.randoms(use_true_random=False))
def test_the_order_in_which_factors_are_set_does_not_matter(
    begins: list[date], random: object
) -> None:
    def built(order: list[date]) -> list[Span]:
        spans: list[Span] = []
        for since in order:
            spans = put(spans, since, since.toordinal())
        return sorted(spans, key=lambda span: span.since)

    assert built(begins) == built(sorted(begins))


@given(st.lists(days, min_size=1, max_size=6, unique=True), days, days)
def test_a_new_factor_changes_nothing_before_its_first_day(
    begins: list[date], since: date, day: date
) -> None:
    spans: list[Span] = []
    for begin in begins:
        spans = put(spans, begin, begin.toordinal())

    after = put(spans, since, 0)

    if day < since:
        was, now = rules.valid_on(spans, on=day), rules.valid_on(after, on=day)
        assert (was and was.factor) == (now and now.factor)


@pytest.mark.parametrize(
    ("typed", "factor_bp"),
    [("100", 10_000), ("92 %", 9_200), ("92,5%", 9_250), ("105,25", 10_525), ("200", 20_000)],
)
def test_a_factor_is_typed_in_percent(typed: str, factor_bp: int) -> None:
    assert rules.parse_factor_bp(typed) == factor_bp


@pytest.mark.parametrize(
    "typed", ["0", "0,0 %", "92.5.5", "200,01", "250", "-5", "92,555", "9.2", "", "A"]
)
def test_a_factor_of_nothing_or_above_two_hundred_percent_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        rules.parse_factor_bp(typed)


@pytest.mark.parametrize(
    "name", ["", "  ", "karung2", "3 karung", "karung+", "<b>", "dan", "x" * 25]
)
def test_a_unit_is_named_so_that_it_can_be_typed(name: str) -> None:
    with pytest.raises(rules.UnitNameUnclear):
        rules.check_unit(name, 50_000, BaseUnit.GRAM)


@pytest.mark.parametrize("name", ["kg", "KG", "kw", "kuintal", "gram"])
def test_standard_units_cannot_be_given_another_factor(name: str) -> None:
    with pytest.raises(rules.UnitIsStandard):
        rules.check_unit(name, 900, BaseUnit.GRAM)


def test_a_unit_of_no_weight_or_of_a_mountain_is_refused() -> None:
    for factor in (0, -1, rules.LARGEST_UNIT + 1):
        with pytest.raises(rules.UnitFactorOutOfRange):
            rules.check_unit("karung", factor, BaseUnit.GRAM)


def test_products_and_grades_have_names() -> None:
    for unnamed in ("", " \n", "\x00"):
        with pytest.raises(rules.ProductNameMissing):
            rules.check_product_name(unnamed)
        with pytest.raises(rules.GradeNameMissing):
            rules.check_grade_name(unnamed)
    assert rules.check_product_name(" <b>Kopi</b>  HS ") == "<b>Kopi</b> HS"


@pytest.mark.parametrize(
    ("typed", "base_unit", "unit"),
    [
        (" KG ", BaseUnit.GRAM, "kg"),
        ("Liter", BaseUnit.MILLILITRE, "liter"),
        ("BUAH", BaseUnit.PIECE, "buah"),
    ],
)
def test_a_price_is_for_a_standard_unit_spelled_as_everywhere(
    typed: str, base_unit: BaseUnit, unit: str
) -> None:
    assert rules.check_price_unit(typed, base_unit) == unit


@pytest.mark.parametrize("typed", ["", "karung", "liter", "k g", "x" * 90])
def test_a_price_for_another_unit_names_those_that_it_can_be_for(typed: str) -> None:
    with pytest.raises(rules.PriceUnitUnknown) as said:
        rules.check_price_unit(typed, BaseUnit.GRAM)

    assert said.value.facts["unit"] == typed[: rules.LONGEST_UNIT]
    assert "kg" in str(said.value.facts["known"]).split(", ")


def test_names_are_tidied_and_a_factor_of_two_hundred_percent_is_the_highest() -> None:
    assert rules.check_grade_name(" Mutu  A ") == "Mutu A"
    assert rules.check_grade_factor(rules.HIGHEST_FACTOR_BP) == 20_000
    for factor_bp in (0, -1, 20_001):
        with pytest.raises(rules.GradeFactorOutOfRange) as said:
            rules.check_grade_factor(factor_bp)
        assert said.value.facts == {"highest_bp": 20_000}


def test_sheets_may_be_a_products_own_unit_so_that_reams_are_understood() -> None:
    assert rules.check_unit("lembar", 1, BaseUnit.PIECE) == UnitFactor("lembar", 1)


def paddy(session: Session) -> Product:
    return products.add_product(
        session,
        name="Gabah",
        kind=ProductKind.CROP,
        base_unit=BaseUnit.GRAM,
        price_unit="kg",
        since=JANUARY,
    )


def sack(session: Session, product_id: int, factor: int, since: date) -> None:
    products.add_unit(session, product_id, name="karung", factor=factor, since=since)


def factor_of(session: Session, product_id: int, name: str, **where: object) -> int | None:
    known = products.units(session, product_id, **where)  # type: ignore[arg-type]
    return next((unit.factor for unit in known if unit.name == name), None)


def test_a_sack_is_each_products_own_and_dated(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice, coffee = paddy(session), make.product(session, "Kopi")
        sack(session, rice.id, 50_000, JANUARY)
        sack(session, coffee.id, 60_000, JANUARY)
        sack(session, rice.id, 45_000, MARCH)

        assert factor_of(session, rice.id, "karung", on=MARCH - DAY) == 50_000
        assert factor_of(session, rice.id, "karung", on=MARCH) == 45_000
        assert factor_of(session, rice.id, "karung", on=JANUARY - DAY) is None
        assert factor_of(session, coffee.id, "karung", on=MARCH) == 60_000
        typed = parse_quantity("3 karung", products.units(session, rice.id, on=MARCH), "kg")
        assert typed.amount == 135_000


def test_a_villages_own_factor_wins_there_and_only_there(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = paddy(session)
        here, there = make.village(session), make.village(session, "Sumberejo")
        products.add_unit(
            session, rice.id, name="karung", factor=55_000, since=JANUARY, village_id=there.id
        )
        assert factor_of(session, rice.id, "karung", on=MARCH, village_id=here.id) is None
        sack(session, rice.id, 50_000, JANUARY)

        assert factor_of(session, rice.id, "karung", on=MARCH) == 50_000
        assert factor_of(session, rice.id, "karung", on=MARCH, village_id=here.id) == 50_000
        assert factor_of(session, rice.id, "karung", on=MARCH, village_id=there.id) == 55_000


def test_a_factor_changed_later_never_touches_what_was_logged_before(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice, ayu = paddy(session), make.member(session)
        sack(session, rice.id, 50_000, JANUARY)
        said = parse_quantity("3 karung", products.units(session, rice.id, on=JANUARY), "kg")
        session.add(
            OutputLog(
                number="OUT-2026-0001",
                member_id=ayu.id,
                product_id=rice.id,
                quantity=said.amount,
                typed=said.said,
                made_on=JANUARY,
            )
        )
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        sack(session, rice.id, 40_000, JANUARY)  # corrected even from the same day on
        sack(session, rice.id, 45_000, MARCH)

    with db.reading(coop, person=make.MANAGER) as session:
        log = session.exec(select(OutputLog)).one()
        assert (log.quantity, log.typed) == (150_000, "3 karung")


def test_a_factor_of_the_same_day_is_corrected_and_the_trail_keeps_the_first(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = paddy(session)
        sack(session, rice.id, 5_000, JANUARY)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        sack(session, rice.id, 50_000, JANUARY)

    with db.reading(coop, person=make.MANAGER) as session:
        assert [u.factor for u in products.unit_history(session, rice.id)] == [50_000]
        change = session.exec(select(Change).where(Change.column_name == "factor")).one()
        assert (change.before, change.after) == ("5000", "50000")


def test_a_unit_may_end_and_begin_again_later(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = paddy(session)
        sack(session, rice.id, 50_000, JANUARY)
        (unit,) = products.unit_history(session, rice.id)
        with pytest.raises(rules.UnitEndsBeforeItBegins):
            products.end_unit(session, unit.id, until=JANUARY)
        products.end_unit(session, unit.id, until=MARCH)
        sack(session, rice.id, 45_000, MAY)

        assert factor_of(session, rice.id, "karung", on=MARCH - DAY) == 50_000
        assert factor_of(session, rice.id, "karung", on=MARCH) is None
        assert factor_of(session, rice.id, "karung", on=MAY) == 45_000


def test_crops_milk_fish_and_crafts_are_one_model(coop: str) -> None:
    kinds = [
        ("Kopi", ProductKind.CROP, BaseUnit.GRAM, "kg", 1_000),
        ("Susu", ProductKind.MILK, BaseUnit.MILLILITRE, "Liter", 1_000),
        ("Lele", ProductKind.FISH, BaseUnit.GRAM, "kuintal", 100_000),
        ("Tikar", ProductKind.CRAFT, BaseUnit.PIECE, "kodi", 20),
    ]
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        for name, kind, base, unit, per in kinds:
            row = products.add_product(
                session, name=name, kind=kind, base_unit=base, price_unit=unit, since=JANUARY
            )
            assert products.price_per(session, row, on=MARCH) == per
            (grade,) = products.grades(session, row.id)
            assert products.factor_bp(session, grade.id, on=JANUARY) == 10_000
        assert [p.name for p in products.products(session)] == ["Kopi", "Lele", "Susu", "Tikar"]
        with pytest.raises(rules.PriceUnitUnknown):
            products.add_product(
                session,
                name="Madu",
                kind=ProductKind.PROCESSED,
                base_unit=BaseUnit.GRAM,
                price_unit="liter",
                since=JANUARY,
            )


def test_a_grade_counts_by_the_factor_of_the_day(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = paddy(session)
        b = products.add_grade(session, rice.id, name="B", factor_bp=9_200, since=JANUARY)
        products.set_grade_factor(session, b.id, factor_bp=9_000, since=MARCH)

        assert products.factor_bp(session, b.id, on=MARCH - DAY) == 9_200
        assert products.factor_bp(session, b.id, on=MARCH) == 9_000
        with pytest.raises(rules.NoGradeFactor):
            products.factor_bp(session, b.id, on=JANUARY - DAY)
        with pytest.raises(rules.GradeFactorOutOfRange):
            products.set_grade_factor(session, b.id, factor_bp=0, since=MAY)
        with pytest.raises(rules.GradeNameTaken):
            products.add_grade(session, rice.id, name="b", factor_bp=9_000, since=JANUARY)


def test_grades_stand_best_first_and_may_be_put_in_another_order(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = paddy(session)
        b = products.add_grade(session, rice.id, name="B", factor_bp=9_200, since=JANUARY)
        best = products.add_grade(session, rice.id, name="Super", factor_bp=11_000, since=JANUARY)
        (a,) = [g for g in products.grades(session, rice.id) if g.name == "A"]

        products.rank_grades(session, rice.id, grade_ids=[best.id, a.id, b.id])
        products.stop_grade(session, b.id)

        assert [g.name for g in products.grades(session, rice.id)] == ["Super", "A"]
        every = products.grades(session, rice.id, with_stopped=True)
        assert [g.name for g in every] == ["Super", "A", "B"]
        with pytest.raises(rules.GradeUnknown):
            products.rank_grades(session, rice.id, grade_ids=[best.id, a.id])


def test_names_are_unique_whatever_the_letters_and_stopped_products_keep_theirs(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = paddy(session)
        products.stop_product(session, rice.id)
        assert products.products(session) == []
        with pytest.raises(rules.ProductNameTaken):
            products.add_product(
                session,
                name=" GABAH ",
                kind=ProductKind.CROP,
                base_unit=BaseUnit.GRAM,
                price_unit="kg",
                since=JANUARY,
            )
        products.resume_product(session, rice.id)
        assert (
            products.rename_product(session, rice.id, name="gabah  kering").name == "gabah kering"
        )


def test_everybody_reads_products_and_only_the_manager_changes_them(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = paddy(session)
    for role in set(Role) - {Role.MANAGER}:
        with db.writing(coop, person=make.person(role), action="test", at=make.AT) as session:
            assert products.units(session, rice.id, on=MARCH)
            with pytest.raises(NotAllowed):
                sack(session, rice.id, 50_000, JANUARY)
            with pytest.raises(NotAllowed):
                products.stop_product(session, rice.id)


def press(test: AppTest, key: str) -> AppTest:
    return test.button(key=key).click().run()


def office(coop: str, role: Role = Role.MANAGER) -> Person:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        return make.user(session, role, name="Citra")


def test_the_screen_adds_a_product_a_sack_and_a_grade_and_tries_them_out(coop: str) -> None:
    test = screen(coop, office(coop), "products")
    assert "Belum ada produk" in words(test)
    test.text_input(key="new_name").input("Gabah *kering*")
    press(test, "add_product")
    assert "sudah ditambahkan" in words(test)

    test.text_input(key="unit_name").input("karung")
    test.text_input(key="unit_factor").input("50 kg").run()
    press(test, "add_unit")
    assert "1 karung = 50 kg mulai" in words(test)

    test.text_input(key="grade_name").input("B")
    test.text_input(key="grade_factor").input("92,5 %")
    press(test, "add_grade")
    assert "Mutu B sudah ditambahkan." in words(test)

    test.text_input(key="try_quantity").input("3 karung").run()
    assert "**3 karung** = **150 kg**" in words(test)
    assert [e.value for e in test.exception] == []
    with db.reading(coop, person=make.MANAGER) as session:
        (rice,) = products.products(session)
        assert rice.name == "Gabah *kering*"
        grades = products.grades(session, rice.id)
        assert [g.name for g in grades] == ["A", "B"]


def test_the_screen_changes_a_grades_factor_and_shows_its_history(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = make.product(session)
        b = make.grade(session, rice.id, "B", factor_bp=9_200)
    test = press(screen(coop, office(coop), "products"), f"open_{rice.id}")

    test.text_input(key=f"factor_{b.id}").input("0")
    press(test, f"set_{b.id}")
    assert "lebih dari 0 %" in words(test)
    test.text_input(key=f"factor_{b.id}").input("90")
    press(test, f"set_{b.id}")

    assert "Mutu B bernilai 90" in words(test)
    assert [e.value for e in test.exception] == []
    with db.reading(coop, person=make.MANAGER) as session:
        assert [f.factor_bp for f in products.factor_history(session, b.id)] == [9_200, 9_000]


def test_an_officer_reads_products_and_changes_none(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = make.product(session)
        make.grade(session, rice.id)
    test = press(screen(coop, office(coop, Role.OFFICER), "products"), f"open_{rice.id}")

    assert [e.value for e in test.exception] == []
    assert "Gabah" in words(test)
    shown = {b.key for b in test.button}
    assert not shown & {"add_unit", "add_grade", "stop_product", "add_product"}


def test_every_refusal_of_products_reads_indonesian() -> None:
    for refusal in vars(rules).values():
        if isinstance(refusal, type) and issubclass(refusal, Refusal) and refusal is not Refusal:
            assert language.gettext("id", refusal.sentence) != refusal.sentence
