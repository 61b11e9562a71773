"""Prices by quantity as people type them, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain.refusal import Refusal
from kopprod.domain.tier_lines import TierUnread, read_tiers, write_tiers
from kopprod.domain.tiers import Tier

WE_11 = [
    Tier(1, 9, 305_000),
    Tier(10, 29, 295_000),
    Tier(30, 99, 284_000),
    Tier(100, None, 276_000),
]


@pytest.mark.parametrize(
    "text",
    [
        "1-9 305000; 10-29 295000; 30-99 284000; 100- 276000",
        "1-9 305.000\n10 - 29 295 ribu\n30–99: Rp284.000\n100+ 276 rb;",
    ],
)
def test_prices_are_read_as_they_are_written(text: str) -> None:
    assert read_tiers(text) == WE_11


def test_one_price_alone_is_for_any_number_of_packs() -> None:
    assert read_tiers("305 ribu") == [Tier(1, None, 305_000)]
    assert read_tiers("") == []


@pytest.mark.parametrize("text", ["1-9 305000; 10 295000", "1-9 305000; mahal"])
def test_what_is_no_price_by_quantity_is_refused(text: str) -> None:
    with pytest.raises(TierUnread):
        read_tiers(text)


def test_a_price_that_is_no_amount_is_refused() -> None:
    with pytest.raises(Refusal):
        read_tiers("1-9 murah")


TIERS = st.builds(
    Tier,
    st.integers(1, 10**6),
    st.none() | st.integers(1, 10**6),
    st.integers(1, 10**9),
)


@given(st.lists(TIERS, max_size=6))
def test_what_is_written_is_read_again(tiers: list[Tier]) -> None:
    assert read_tiers(write_tiers(tiers)) == tiers
