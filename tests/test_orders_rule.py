"""Orders as a rule: what cannot be meant, and promises held against the store."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import orders
from kopprod.domain.orders import Cover, Promise, check_order, check_term, cover
from kopprod.domain.quantities import MOST, BaseUnit
from kopprod.domain.refusal import Refusal

DAY = date(2026, 3, 2)
SOON, LATER = date(2026, 3, 10), date(2026, 3, 20)
A, B = 1, 2


def check(
    *,
    quantity: int = 1_000,
    price_e4: int | None = None,
    ordered_on: date = DAY,
    due_on: date = LATER,
) -> None:
    check_order(
        quantity=quantity,
        unit=BaseUnit.GRAM,
        price_e4=price_e4,
        ordered_on=ordered_on,
        due_on=due_on,
        on=DAY,
    )


def test_an_order_that_can_be_meant() -> None:
    check()
    check(quantity=MOST, price_e4=1, due_on=DAY)
    check(quantity=1, price_e4=orders.MOST_E4)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"quantity": 0}, orders.NothingOrdered),
        ({"quantity": -5}, orders.NothingOrdered),
        ({"quantity": MOST + 1}, orders.TooMuchOrdered),
        ({"price_e4": 0}, orders.OrderPriceAbsurd),
        ({"price_e4": orders.MOST_E4 + 1}, orders.OrderPriceAbsurd),
        ({"ordered_on": DAY + timedelta(days=1)}, orders.OrderedInFuture),
        ({"due_on": DAY - timedelta(days=1)}, orders.DueBeforeOrdered),
        ({"due_on": date(2032, 3, 2)}, orders.DueTooFar),
    ],
)
def test_an_order_that_nobody_can_have_meant(wrong: dict[str, int], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check(**wrong)  # type: ignore[arg-type]


def test_a_term_of_payment_is_from_nothing_to_a_year() -> None:
    for days in (None, 0, 14, 365):
        check_term(days)
    for days in (-1, 366):
        with pytest.raises(orders.TermAbsurd):
            check_term(days)


@pytest.mark.parametrize(
    ("typed", "days"),
    [("", None), ("  ", None), ("0", 0), ("14", 14), (" 14  hari", 14), ("30 days", 30)],
)
def test_a_term_is_read_as_it_is_typed(typed: str, days: int | None) -> None:
    assert orders.parse_term(typed) == days


@pytest.mark.parametrize("typed", ["dua minggu", "-3", "1,5", "٣", "99999"])
def test_a_term_that_is_none_is_named(typed: str) -> None:
    with pytest.raises(orders.TermUnclear):
        orders.parse_term(typed)
    with pytest.raises(orders.TermAbsurd):
        orders.parse_term("366")


def test_papers_are_numbered_after_their_sale() -> None:
    assert orders.note_number("JUAL-2026-0001") == "SJ-2026-0001"
    assert orders.invoice_number("JUAL-2026-0001") == "TAG-2026-0001"
    assert orders.invoice_number("JUAL-2026-0001", turn=2) == "TAG-2026-0001-2"


def test_promises_of_a_grade_and_of_any_grade_against_the_store() -> None:
    promises = [Promise(600_000, LATER), Promise(1_000_000, SOON, A)]

    assert cover(promises, {A: 700_000, B: 500_000}) == [
        Cover(A, 1_000_000, SOON, there=700_000, lack=300_000, lacks_from=SOON),
        Cover(None, 600_000, LATER, there=500_000, lack=100_000, lacks_from=LATER),
    ]


def test_what_is_due_first_is_brought_first() -> None:
    promises = [Promise(60, SOON, A), Promise(60, LATER, A)]

    (line,) = cover(promises, {A: 100})

    assert (line.promised, line.first_due_on, line.lack, line.lacks_from) == (120, SOON, 20, LATER)


def test_any_grade_is_served_from_what_grades_leave() -> None:
    promises = [Promise(50, SOON), Promise(80, LATER, A)]

    graded, free = cover(promises, {A: 80, B: 20})

    # By the first day B and some of A would do; by the second A is needed for those who named it.
    assert (graded.lack, free.there, free.lack, free.lacks_from) == (0, 20, 30, LATER)


def test_without_promises_nothing_is_missing() -> None:
    assert cover([], {A: 5}) == []
    assert cover([Promise(0, SOON, A)], {}) == []


PROMISES = st.lists(
    st.builds(
        Promise,
        left=st.integers(0, 20),
        due_on=st.dates(DAY, DAY + timedelta(days=4)),
        grade_id=st.sampled_from([None, A, B]),
    ),
    max_size=7,
)
STOCK = st.dictionaries(st.sampled_from([A, B, 3]), st.integers(0, 40))


@given(PROMISES, STOCK)
def test_what_is_missing_is_what_no_sharing_out_could_bring(
    promises: list[Promise], stock: dict[int, int]
) -> None:
    lines = cover(promises, stock)

    # Sharing out sack by sack, named grades first, is the best that anybody can do.
    left = dict(stock)
    brought = 0
    for promise in sorted(promises, key=lambda one: one.grade_id is None):
        for _ in range(promise.left):
            grade = promise.grade_id or next((g for g in left if left[g]), 0)
            if left.get(grade, 0):
                left[grade] -= 1
                brought += 1
    assert sum(line.lack for line in lines) == sum(p.left for p in promises) - brought
    assert sum(line.promised for line in lines) == sum(p.left for p in promises)
    for line in lines:
        assert 0 <= line.lack <= line.promised
        assert (line.lacks_from is None) == (line.lack == 0)
        assert line.lacks_from is None or line.lacks_from >= line.first_due_on


@given(PROMISES.flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))), STOCK)
def test_the_order_in_which_promises_are_given_changes_nothing(
    promises: tuple[list[Promise], list[Promise]], stock: dict[int, int]
) -> None:
    given_so, given_otherwise = promises

    assert cover(given_so, stock) == cover(given_otherwise, stock)


@given(PROMISES, STOCK)
def test_more_in_store_never_means_more_missing(
    promises: list[Promise], stock: dict[int, int]
) -> None:
    more = {**stock, A: stock.get(A, 0) + 10}

    before = sum(line.lack for line in cover(promises, stock))
    assert sum(line.lack for line in cover(promises, more)) <= before
