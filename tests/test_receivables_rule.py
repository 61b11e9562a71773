"""Ages of debts as a rule: every rupiah in one age, and the ages add up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain.receivables import AGE_NAMES, Age, Claim, age, ages, days_late, due_on

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("late", "wanted"),
    [
        (-40, Age.NOT_DUE),
        (0, Age.NOT_DUE),
        (1, Age.TO_30),
        (30, Age.TO_30),
        (31, Age.TO_60),
        (60, Age.TO_60),
        (61, Age.TO_90),
        (90, Age.TO_90),
        (91, Age.OVER_90),
        (4_000, Age.OVER_90),
    ],
)
def test_a_debt_is_as_old_as_its_day_is_past(late: int, wanted: Age) -> None:
    due = DAY - timedelta(days=late)

    assert age(due, on=DAY) is wanted
    assert days_late(due, on=DAY) == max(0, late)


def test_the_worked_example() -> None:
    due = due_on(date(2026, 3, 2), 14)
    claim = Claim(3_130_150, due)

    assert due == date(2026, 3, 16)
    for on, wanted in (
        (date(2026, 3, 16), Age.NOT_DUE),
        (date(2026, 3, 17), Age.TO_30),
        (date(2026, 4, 15), Age.TO_30),
        (date(2026, 4, 16), Age.TO_60),
    ):
        found = ages([claim], on=on)
        assert found.by_age[wanted] == found.total_rp == 3_130_150
        assert found.due_rp == (0 if wanted is Age.NOT_DUE else 3_130_150)


def test_without_a_term_a_sale_is_due_on_its_day() -> None:
    assert due_on(DAY, None) == due_on(DAY, 0) == DAY


def test_what_was_paid_too_much_stands_beside_the_ages() -> None:
    found = ages([Claim(500, DAY), Claim(-200, DAY)], on=DAY, undated_rp=1_000)

    assert found.by_age[Age.NOT_DUE] == 500
    assert (found.overpaid_rp, found.undated_rp, found.total_rp) == (200, 1_000, 1_300)


def test_every_age_has_its_words() -> None:
    assert list(AGE_NAMES) == list(Age)


CLAIMS = st.lists(
    st.builds(
        Claim,
        owed_rp=st.integers(-(10**9), 10**9),
        due_on=st.dates(DAY - timedelta(days=200), DAY + timedelta(days=60)),
    )
)


@given(CLAIMS, st.integers(-(10**9), 10**9))
def test_ages_add_up_to_what_is_owed(claims: list[Claim], undated_rp: int) -> None:
    found = ages(claims, on=DAY, undated_rp=undated_rp)

    assert found.total_rp == sum(claim.owed_rp for claim in claims) + undated_rp
    assert min(found.by_age.values()) >= 0
    assert found.overpaid_rp >= 0


@given(CLAIMS.flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))))
def test_the_order_of_claims_changes_nothing(claims: tuple[list[Claim], list[Claim]]) -> None:
    given_so, given_otherwise = claims

    assert ages(given_so, on=DAY) == ages(given_otherwise, on=DAY)


@given(CLAIMS, st.integers(0, 200))
def test_debts_only_grow_older(claims: list[Claim], later: int) -> None:
    before, after = (ages(claims, on=DAY + timedelta(days=days)) for days in (0, later))

    assert after.total_rp == before.total_rp
    assert after.due_rp >= before.due_rp
