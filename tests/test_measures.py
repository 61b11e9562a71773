"""Measures: what a product asks for, the grade they propose, and what a delivery had."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod import db
from kopprod.domain import grading
from kopprod.domain import measures as rules
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.grading import Limit
from kopprod.domain.measures import Measure
from kopprod.domain.products import GradeUnknown, ProductUnknown
from kopprod.domain.refusal import Refusal
from kopprod.services import deliveries, measures
from tests import make
from tests.screens import screen, words
from tests.test_deliveries import Scale

WET, DIRTY = Measure.MOISTURE, Measure.IMPURITY
GRADES = [(1, [Limit(WET, most=1_400), Limit(DIRTY, most=300)]), (2, [Limit(WET, most=1_800)])]


# The rule


@pytest.mark.parametrize(
    ("values", "grade"),
    [
        ({WET: 1_400, DIRTY: 300}, 1),
        ({WET: 1_401, DIRTY: 300}, 2),
        ({WET: 1_300, DIRTY: 301}, 2),
        ({WET: 1_900, DIRTY: 0}, None),  # fits none
        ({WET: 1_400}, None),  # A may still be right: not guessed
        ({WET: 1_500}, 2),  # A is out, whatever the impurity
        ({}, None),
    ],
)
def test_the_best_grade_whose_limits_hold_is_proposed(
    values: dict[Measure, int], grade: int | None
) -> None:
    assert grading.propose(GRADES, values) == grade


def test_a_last_grade_without_limits_takes_the_rest_and_no_limits_propose_nothing() -> None:
    assert grading.propose([*GRADES, (3, [])], {WET: 2_500, DIRTY: 0}) == 3
    assert grading.propose([(1, []), (2, [])], {WET: 1}) is None


def test_a_limit_has_two_ends() -> None:
    fat = Limit(Measure.FAT, least=350, most=600)
    assert [fat.holds(value) for value in (349, 350, 600, 601)] == [False, True, True, False]


@given(drier=st.integers(0, 3_000), wetter=st.integers(0, 3_000), dirt=st.integers(0, 500))
def test_drier_paddy_never_gets_a_lower_grade(drier: int, wetter: int, dirt: int) -> None:
    low, high = sorted((drier, wetter))
    ranks = [grading.propose(GRADES, {WET: wet, DIRTY: dirt}) or 9 for wet in (low, high)]
    assert ranks[0] <= ranks[1]


@pytest.mark.parametrize(
    ("limit", "refusal"),
    [
        (Limit(WET), grading.LimitMissing),
        (Limit(WET, most=25_000), rules.MeasureOutOfRange),
        (Limit(WET, least=2_000, most=1_000), grading.LimitsCrossed),
    ],
)
def test_limits_that_cannot_be_are_refused(limit: Limit, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        grading.check_limit(limit)


@pytest.mark.parametrize("limit", [Limit(WET, most=1_400), Limit(WET, least=0), Limit(WET, 9, 9)])
def test_a_limit_with_one_end_or_two_is_kept_as_it_is(limit: Limit) -> None:
    assert grading.check_limit(limit) is limit


# The database


@pytest.fixture
def scale(coop: str) -> Scale:
    """Paddy that asks for moisture; grade A takes at most 14 %, B at most 18 %."""
    scale = Scale(coop)
    with scale.acting(make.MANAGER) as session:
        measures.ask(session, scale.paddy, measure=WET, required=True)
        measures.ask(session, scale.paddy, measure=DIRTY, required=False)
        measures.set_limit(session, scale.best, limit=Limit(WET, most=1_400))
        measures.set_limit(session, scale.second, limit=Limit(WET, most=1_800))
    return scale


def test_what_is_measured_is_kept_with_the_grade_it_proposes(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        one = scale.receive(session, measured={WET: 1_600, DIRTY: 200})
        assert (one.grade_id, one.proposed_grade_id) == (scale.best, scale.second)
        assert measures.measured(session, [one.id]) == {one.id: {WET: 1_600, DIRTY: 200}}
        (row,) = deliveries.deliveries(session)
        assert (row.grade, row.proposed) == ("A", "B")


@pytest.mark.parametrize(
    ("measured", "refusal"),
    [({WET: 25_000}, rules.MeasureOutOfRange), ({DIRTY: 1}, grading.MeasureNeeded)],
)
def test_a_moisture_of_250_and_a_missing_one_are_refused(
    scale: Scale, measured: dict[Measure, int], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal), scale.acting(scale.oman) as session:
        scale.receive(session, measured=measured)


def test_an_old_book_needs_no_measures(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        assert scale.receive(session).proposed_grade_id is None


def test_a_member_sees_what_was_measured_of_her_own(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        mine = scale.receive(session, measured={WET: 1_300}).id
        other = scale.receive(session, member_id=scale.budi_id, measured={WET: 1_300}).id
    with db.reading(scale.coop, person=scale.ayu) as session:
        assert measures.measured(session, [mine, other]) == {mine: {WET: 1_300}}


def test_what_is_no_longer_asked_for_limits_no_grade(scale: Scale) -> None:
    with scale.acting(make.MANAGER) as session:
        measures.ask(session, scale.paddy, measure=DIRTY, required=True)
        assert [row.required for row in measures.asked(session, scale.paddy)] == [True, True]
        measures.stop_asking(session, scale.paddy, measure=WET)
        assert [row.measure for row in measures.asked(session, scale.paddy)] == [DIRTY]
        assert measures.limits(session, scale.paddy) == {}


def test_limits_are_replaced_and_removed(scale: Scale) -> None:
    with scale.acting(make.MANAGER) as session:
        measures.set_limit(session, scale.best, limit=Limit(WET, least=900, most=1_350))
        assert measures.limits(session, scale.paddy)[scale.best] == [Limit(WET, 900, 1_350)]
        measures.remove_limit(session, scale.best, measure=WET)
        measures.remove_limit(session, scale.best, measure=WET)
        assert scale.best not in measures.limits(session, scale.paddy)
        with pytest.raises(grading.MeasureNotAsked):
            measures.set_limit(session, scale.best, limit=Limit(Measure.FAT, most=100))
        with pytest.raises(GradeUnknown):
            measures.set_limit(session, 999, limit=Limit(WET, most=100))
        with pytest.raises(ProductUnknown):
            measures.ask(session, 999, measure=WET, required=False)


def test_only_the_manager_sets_what_is_measured(scale: Scale) -> None:
    with pytest.raises(NotAllowed), scale.acting(scale.oman) as session:
        measures.ask(session, scale.paddy, measure=Measure.FAT, required=False)


# The screen


def test_the_manager_says_what_is_measured_and_where_grades_end(coop: str) -> None:
    scale = Scale(coop)
    with scale.acting(make.MANAGER) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(coop, citra, "products")
    test.button(key=f"open_{scale.paddy}").click().run()
    test.selectbox(key="measure_ask").select("Kadar air").run()
    test.checkbox(key="measure_required_moisture").check().run()
    test.button(key="measure_keep").click().run()
    test.text_input(key=f"limit_most_{scale.best}_moisture").input("14").run()
    test.button(key="limit_keep").click().run()
    assert not test.exception
    assert "**Kadar air** · wajib diukur · A: paling banyak 14 %" in words(test)

    test.button(key="limit_remove").click().run()
    test.button(key="limit_keep").click().run()
    test.selectbox(key="measure_ask").select("Kadar air").run()
    test.button(key="measure_stop").click().run()
    assert not test.exception
    with db.reading(coop, person=citra) as session:
        assert measures.asked(session, scale.paddy) == []
