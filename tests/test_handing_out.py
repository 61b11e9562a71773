"""Who gets what: three rules, their laws, and figures by hand."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import handing_out
from kopprod.domain.handing_out import SharingRule, asked_in, handed, outcomes, proxy, share
from kopprod.domain.purchases import Entry
from kopprod.domain.quantities import BaseUnit, Quantity

AYU, BUDI, CITRA = 1, 2, 3
NAMES = {AYU: "Ayu", BUDI: "Budi", CITRA: "Citra"}
FIRST, PROPORTIONAL, EQUAL = SharingRule
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
SACK = Quantity(50_000, BaseUnit.GRAM)


def entry(key: int, member_id: int, firm: int, tolerance: int = 0, *, hour: int = 0) -> Entry:
    return Entry(key, member_id, MONDAY + timedelta(hours=hour or key), firm, tolerance)


WANTS = [entry(1, AYU, 5), entry(2, BUDI, 3), entry(3, CITRA, 4)]
# Ayu came again after Citra; Budi and Citra would take more.
AGAIN = [entry(1, AYU, 2), entry(2, BUDI, 3, 2), entry(3, CITRA, 4, 4), entry(4, AYU, 3)]


@pytest.mark.parametrize(
    ("entries", "came", "first", "proportional", "equal"),
    [
        (WANTS, 0, (0, 0, 0), (0, 0, 0), (0, 0, 0)),
        (WANTS, 1, (1, 0, 0), (1, 0, 0), (1, 0, 0)),
        (WANTS, 9, (5, 3, 1), (4, 2, 3), (3, 3, 3)),
        (WANTS, 11, (5, 3, 3), (4, 3, 4), (4, 3, 4)),
        (WANTS, 12, (5, 3, 4), (5, 3, 4), (5, 3, 4)),
        (WANTS, 99, (5, 3, 4), (5, 3, 4), (5, 3, 4)),
        (AGAIN, 10, (3, 3, 4), (4, 3, 3), (4, 3, 3)),
        (AGAIN, 11, (4, 3, 4), (4, 3, 4), (4, 3, 4)),
        (AGAIN, 13, (5, 4, 4), (5, 3, 5), (5, 4, 4)),
        (AGAIN, 15, (5, 5, 5), (5, 4, 6), (5, 5, 5)),
        (AGAIN, 20, (5, 5, 8), (5, 5, 8), (5, 5, 8)),
    ],
)
def test_who_gets_what(
    entries: list[Entry],
    came: int,
    first: tuple[int, ...],
    proportional: tuple[int, ...],
    equal: tuple[int, ...],
) -> None:
    assert tuple(share(came, entries, FIRST).values()) == first
    assert tuple(share(came, entries, PROPORTIONAL).values()) == proportional
    assert tuple(share(came, entries, EQUAL).values()) == equal


def test_of_equal_moments_the_lower_key_comes_first() -> None:
    entries = [entry(2, AYU, 5, hour=1), entry(1, BUDI, 5, hour=1)]

    assert share(5, entries, FIRST) == {AYU: 0, BUDI: 5}


def test_of_an_article_that_nobody_wants_all_is_left() -> None:
    assert all(share(5, [], rule) == {} for rule in SharingRule)
    with pytest.raises(ValueError, match="less than nothing"):
        share(-1, WANTS, FIRST)


def test_what_each_gains_and_loses_before_a_rule_is_chosen() -> None:
    ayu, budi, citra = outcomes(13, AGAIN)

    assert ayu.asked.most == 5
    assert [ayu.short(rule) for rule in SharingRule] == [0, 0, 0]
    assert [citra.extra(rule) for rule in SharingRule] == [0, 1, 0]
    assert citra.gains(PROPORTIONAL, against=FIRST) == 1
    assert budi.gains(PROPORTIONAL, against=FIRST) == -1
    assert outcomes(9, WANTS)[2].short(FIRST) == 3


def by_hand(came: int, figures: dict[int, int]) -> list[tuple[int, int, bool]]:
    found = handed(came, WANTS, FIRST, by_hand=figures, names=NAMES, portion=SACK)
    return [(one.member_id, one.quantity, one.differs) for one in found]


def test_figures_by_hand_bear_a_mark() -> None:
    assert by_hand(9, {}) == [(AYU, 5, False), (BUDI, 3, False), (CITRA, 1, False)]
    assert by_hand(9, {AYU: 4, BUDI: 3}) == [(AYU, 4, True), (BUDI, 3, False), (CITRA, 1, False)]
    assert by_hand(9, {AYU: 3, CITRA: 3}) == [(AYU, 3, True), (BUDI, 3, False), (CITRA, 3, True)]


def test_no_hand_gives_what_is_not_there_or_not_wanted() -> None:
    with pytest.raises(handing_out.MoreThanCame) as said:
        by_hand(9, {CITRA: 4})
    assert said.value.facts["over"] == Quantity(150_000, BaseUnit.GRAM)
    with pytest.raises(handing_out.MoreThanSheWants):
        by_hand(99, {CITRA: 5})
    with pytest.raises(handing_out.HandedBelowZero):
        by_hand(9, {CITRA: -1})
    with pytest.raises(ValueError, match="wants nothing"):
        by_hand(9, {4: 1})


def test_who_takes_for_another_has_a_name() -> None:
    assert proxy("  Pak  Made ", of="Siti") == "Pak Made"
    with pytest.raises(handing_out.ProxyUnnamed):
        proxy("  ", of="Siti")


all_entries = st.lists(
    st.builds(
        Entry,
        st.integers(1, 10**6),
        st.integers(1, 5),
        st.integers(0, 4).map(lambda hour: MONDAY + timedelta(hours=hour)),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=9,
    unique_by=lambda one: one.said_id,
)


@settings(max_examples=150)
@given(came=st.integers(0, 120), entries=all_entries, rule=st.sampled_from(SharingRule))
def test_the_laws_of_handing_out(came: int, entries: list[Entry], rule: SharingRule) -> None:
    got = share(came, entries, rule)
    everybody = asked_in(entries)

    assert all(0 <= got[each.member_id] <= each.most for each in everybody)
    assert sum(got.values()) == min(came, sum(each.most for each in everybody))
    some_short = any(got[each.member_id] < each.firm for each in everybody)
    some_extra = any(got[each.member_id] > each.firm for each in everybody)
    assert not (some_short and some_extra), "firm comes before tolerance"
    turned = Random(came).sample(entries, len(entries))
    assert share(came, turned, rule) == got


@settings(max_examples=100)
@given(came=st.integers(0, 60), entries=all_entries, rule=st.sampled_from(SharingRule))
def test_more_that_comes_takes_from_nobody(
    came: int, entries: list[Entry], rule: SharingRule
) -> None:
    if rule is PROPORTIONAL:  # largest remainders may turn (the Alabama paradox)
        return
    less, more = share(came, entries, rule), share(came + 1, entries, rule)

    assert all(less[key] <= more[key] for key in less)
