"""Wants as entries in the order of time, the stages of a purchase, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import purchases
from kopprod.domain.packs import PackRule, packs_for
from kopprod.domain.purchases import (
    MOST_E4,
    MOST_PORTIONS,
    MOVES,
    Entry,
    PurchaseStage,
    Said,
    Want,
    check_filling,
    check_move,
    check_open,
    check_want,
    entries_of,
)
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import Refusal

SITI, BUDI = 1, 2
DAY = date(2026, 3, 2)
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
SACK = Quantity(50_000, BaseUnit.GRAM)
NUMBER = "ADA-2026-0001"


def said(days: int, member_id: int, firm: int, tolerance: int = 0, *, key: int = 0) -> Said:
    return Said(key or days + 1, member_id, MONDAY + timedelta(days=days), firm, tolerance)


def queue(*all_said: Said) -> list[tuple[int, int, int, int]]:
    return [(one.said_id, one.member_id, one.firm, one.tolerance) for one in entries_of(all_said)]


def test_an_increase_queues_behind_and_a_decrease_takes_the_newest_first() -> None:
    first = [said(0, SITI, 5), said(1, BUDI, 4), said(2, SITI, 7)]

    assert queue(*first) == [(1, SITI, 5, 0), (2, BUDI, 4, 0), (3, SITI, 2, 0)]
    assert queue(*first, said(3, SITI, 6)) == [(1, SITI, 5, 0), (2, BUDI, 4, 0), (3, SITI, 1, 0)]
    assert queue(*first, said(3, SITI, 4)) == [(1, SITI, 4, 0), (2, BUDI, 4, 0)]
    assert queue(*first, said(3, SITI, 0)) == [(2, BUDI, 4, 0)]


@pytest.mark.parametrize(
    ("all_said", "entries"),
    [
        # Firm and tolerance go their own ways.
        ([said(0, SITI, 5, 2), said(1, SITI, 4, 3)], [(1, SITI, 4, 2), (2, SITI, 0, 1)]),
        # Tolerance made firm is a new entry, the tolerance is eaten from its newest.
        (
            [said(0, SITI, 5, 2), said(1, SITI, 5, 4), said(2, SITI, 8, 1)],
            [(1, SITI, 5, 1), (3, SITI, 3, 0)],
        ),
        # The same again changes nothing; nor does a want that came and went.
        ([said(0, SITI, 5), said(1, SITI, 5)], [(1, SITI, 5, 0)]),
        ([said(0, SITI, 5), said(1, BUDI, 3), said(2, BUDI, 0)], [(1, SITI, 5, 0)]),
        # Of the same moment the lower key came first.
        ([said(0, BUDI, 3, key=9), said(0, SITI, 5, key=8)], [(8, SITI, 5, 0), (9, BUDI, 3, 0)]),
        ([], []),
    ],
)
def test_what_was_said_as_entries(
    all_said: list[Said], entries: list[tuple[int, int, int, int]]
) -> None:
    assert queue(*all_said) == entries


sayings = st.lists(
    st.builds(
        Said,
        st.integers(1, 10**6),
        st.sampled_from([SITI, BUDI, 3]),
        st.integers(0, 5).map(lambda days: MONDAY + timedelta(days=days)),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=12,
    unique_by=lambda one: one.said_id,
)


@settings(max_examples=100)
@given(all_said=sayings)
def test_entries_add_up_to_the_last_word_in_whatever_order_rows_come(
    all_said: list[Said],
) -> None:
    entries = entries_of(all_said)
    last = {one.member_id: one for one in sorted(all_said, key=lambda one: (one.at, one.said_id))}

    for member_id, one in last.items():
        mine = [entry for entry in entries if entry.member_id == member_id]
        assert sum(entry.firm for entry in mine) == one.firm
        assert sum(entry.tolerance for entry in mine) == one.tolerance
    assert entries_of(all_said[::-1]) == entries
    assert [entry.place for entry in entries] == sorted(entry.place for entry in entries)
    assert all(entry.firm >= 0 and entry.tolerance >= 0 for entry in entries)


@settings(max_examples=60)
@given(all_said=sayings, more=st.integers(1, 9))
def test_nobody_is_moved_by_what_another_says_later(all_said: list[Said], more: int) -> None:
    late = Said(10**7, SITI, MONDAY + timedelta(days=9), more, more)

    def others(entries: list[Entry]) -> list[Entry]:
        return [entry for entry in entries if entry.member_id != SITI]

    assert others(entries_of([*all_said, late])) == others(entries_of(all_said))


@pytest.mark.parametrize("stage", PurchaseStage)
def test_every_step_is_allowed_or_named(stage: PurchaseStage) -> None:
    for to in PurchaseStage:
        if to in MOVES[stage]:
            check_move(stage, to, number=NUMBER)
        else:
            with pytest.raises(purchases.CannotMove):
                check_move(stage, to, number=NUMBER)


def test_what_ended_stays_and_every_stage_can_be_reached() -> None:
    assert not MOVES[PurchaseStage.CLOSED] | MOVES[PurchaseStage.CANCELLED]
    assert frozenset.union(*MOVES.values()) == set(PurchaseStage) - {PurchaseStage.DRAFT}


def test_wants_are_taken_while_it_is_open() -> None:
    check_open(PurchaseStage.OPEN, number=NUMBER, on=DAY, until=None)
    check_open(PurchaseStage.OPEN, number=NUMBER, on=DAY, until=DAY + timedelta(days=1))
    for stage in set(PurchaseStage) - {PurchaseStage.OPEN, PurchaseStage.DRAFT}:
        with pytest.raises(purchases.WantsClosed):
            check_open(stage, number=NUMBER, on=DAY, until=None)
    with pytest.raises(purchases.WantsClosed):
        check_open(PurchaseStage.OPEN, number=NUMBER, on=DAY, until=DAY)
    with pytest.raises(purchases.WantsNotYetOpen):
        check_open(PurchaseStage.DRAFT, number=NUMBER, on=DAY, until=None)


def test_terms_change_until_wants_are_fixed_and_packs_until_somebody_wants_them() -> None:
    purchases.check_terms(PurchaseStage.DRAFT, number=NUMBER)
    purchases.check_terms(PurchaseStage.OPEN, number=NUMBER)
    with pytest.raises(purchases.TermsFixed):
        purchases.check_terms(PurchaseStage.LOCKED, number=NUMBER)

    purchases.check_pack_change(Quantity(0, BaseUnit.GRAM), article="Urea")
    with pytest.raises(purchases.PackChangedWithWants):
        purchases.check_pack_change(SACK, article="Urea")


def test_a_purchase_of_nothing_for_nobody() -> None:
    purchases.check_complete(articles=1, prices=1, number=NUMBER)
    purchases.check_wanted(1, number=NUMBER)
    purchases.check_came(1, number=NUMBER)
    for articles, prices in ((0, 1), (1, 0)):
        with pytest.raises(purchases.TermsIncomplete):
            purchases.check_complete(articles=articles, prices=prices, number=NUMBER)
    with pytest.raises(purchases.NothingWanted):
        purchases.check_wanted(0, number=NUMBER)
    with pytest.raises(purchases.NothingCame):
        purchases.check_came(0, number=NUMBER)


@pytest.mark.parametrize(
    ("want", "refusal"),
    [
        (Want(-1), purchases.FirmBelowZero),
        (Want(5, -1), purchases.ToleranceBelowZero),
        (Want(MOST_PORTIONS + 1), purchases.WantTooLarge),
        (Want(1, MOST_PORTIONS + 1), purchases.WantTooLarge),
        (Want(1, 0, 0), purchases.HighestPriceAbsurd),
        (Want(1, 0, MOST_E4 + 1), purchases.HighestPriceAbsurd),
    ],
)
def test_a_want_that_nobody_can_mean(want: Want, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check_want(want, portion=SACK)


def test_a_want_that_can_be_meant() -> None:
    for want in (Want(), Want(0, 5), Want(MOST_PORTIONS, MOST_PORTIONS, MOST_E4), Want(1, 0, 1)):
        check_want(want, portion=SACK)


# Others want 7 of packs of 10: with Siti's 1 the pack lacks 2.
FILLING = PackRule(10)


@pytest.mark.parametrize(
    ("after", "accepted"),
    [
        (Want(1), True),
        (Want(1, 1), True),
        (Want(2), True),
        (Want(3), True),
        (Want(2, 1), True),
        (Want(0), False),
        (Want(0, 9), False),
        (Want(4), False),  # a new pack lacks 9 where 2 were lacking
        (Want(4, 9), True),
        (Want(13), True),
    ],
)
def test_in_the_last_days_only_what_fills_packs(after: Want, accepted: bool) -> None:
    before, others = Want(1), Want(7)
    if accepted:
        check_filling(before, after, others=others, rules=[FILLING], since_on=DAY)
    else:
        with pytest.raises(purchases.BreaksPacks):
            check_filling(before, after, others=others, rules=[FILLING], since_on=DAY)


@pytest.mark.parametrize(
    ("before", "after", "accepted"),
    [
        (Want(1, 2), Want(3, 0), True),  # made firm, one for one
        (Want(1, 2), Want(2, 0), False),  # one of two is gone
        (Want(1, 2), Want(1, 1), False),
        (Want(1, 2, 100), Want(1, 2, 99), False),
        (Want(1, 2, 100), Want(1, 2), True),
        (Want(1, 2), Want(1, 2, 100), False),
    ],
)
def test_in_the_last_days_tolerance_and_the_highest_price(
    before: Want, after: Want, accepted: bool
) -> None:
    if accepted:
        check_filling(before, after, others=Want(7), rules=[FILLING], since_on=DAY)
    else:
        with pytest.raises(purchases.BreaksPacks):
            check_filling(before, after, others=Want(7), rules=[FILLING], since_on=DAY)


wants = st.builds(Want, st.integers(0, 20), st.integers(0, 20))


@settings(max_examples=150)
@given(before=wants, after=wants, others=wants, pack=st.integers(1, 10), least=st.integers(1, 3))
def test_in_the_last_days_no_pack_is_lost(
    before: Want, after: Want, others: Want, pack: int, least: int
) -> None:
    rule = PackRule(pack, least)
    try:
        check_filling(before, after, others=others, rules=[rule], since_on=DAY)
    except purchases.BreaksPacks:
        return

    assert packs_for(after.firm + others.firm, after.tolerance + others.tolerance, rule) >= (
        packs_for(before.firm + others.firm, before.tolerance + others.tolerance, rule)
    )
