"""The rule of what is kept of a day."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain.comparison import Reference
from kopprod.domain.references import Kept, PaidLot, kept

NOBODY = Reference(0, thin=True)


def test_the_published_price_keeps_four_decimals() -> None:
    price = Fraction(6_300 * 111, 121)
    found = kept(Reference(3, False, price, price, price, 2), [PaidLot(False, 7_564_181, 571_181,
                                                                      1_210_000)])  # fmt: skip

    assert found == Kept(3, 57_793_388, 57_793_388, 57_793_388, 2, 1, 0, 7_564_181, 571_181,
                         1_210_000)  # fmt: skip


def test_without_an_offer_there_is_no_price() -> None:
    assert kept(NOBODY, []) == Kept(0, None, None, None, None)


def test_thin_lots_are_counted_and_not_added() -> None:
    lots = [PaidLot(True, 5_000, 0, 10), PaidLot(False, 7_000, -300, Fraction(5, 2))]

    found = kept(NOBODY, lots)

    assert (found.lots, found.thin) == (2, 1)
    assert (found.coop_rp, found.difference_rp, found.true_weight) == (7_000, -300, 3)


LOTS = st.lists(
    st.builds(PaidLot, st.booleans(), st.integers(0, 10**9), st.integers(-(10**9), 10**9),
              st.integers(1, 10**6)),
    max_size=8,
)  # fmt: skip


@given(LOTS, LOTS)
def test_two_days_add_up_to_the_lots_of_both(first: list[PaidLot], second: list[PaidLot]) -> None:
    one, two, both = (kept(NOBODY, lots) for lots in (first, second, first + second))

    for name in ("lots", "thin", "coop_rp", "difference_rp", "true_weight"):
        assert getattr(one, name) + getattr(two, name) == getattr(both, name)
