"""What a part of bought goods had cost: all parts together cost what was paid, to the rupiah."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain.buying import part_cost_rp

AMOUNT_RP, NET = 342_858, 50_000


def test_the_parts_of_fifty_kilograms_cost_what_was_paid_for_them() -> None:
    first = part_cost_rp(AMOUNT_RP, 20_000, net=NET)
    second = part_cost_rp(AMOUNT_RP, 10_000, net=NET, taken=20_000, taken_rp=first)
    last = part_cost_rp(AMOUNT_RP, 20_000, net=NET, taken=30_000, taken_rp=first + second)

    assert (first, second, last) == (137_143, 68_572, 137_143)
    assert first + second + last == AMOUNT_RP


def test_nothing_costs_nothing() -> None:
    assert part_cost_rp(AMOUNT_RP, 0, net=NET) == 0


@pytest.mark.parametrize(("quantity", "taken"), [(50_001, 0), (1, 50_000), (-1, 0), (1, -1)])
def test_more_than_was_bought_costs_no_sum_at_all(quantity: int, taken: int) -> None:
    with pytest.raises(ValueError, match="more is taken"):
        part_cost_rp(AMOUNT_RP, quantity, net=NET, taken=taken)


@given(
    amount_rp=st.integers(0, 10**12),
    cuts=st.lists(st.integers(1, 10**9), min_size=1, max_size=12),
    data=st.data(),
)
def test_all_parts_add_up_also_when_some_came_back_and_went_again(
    amount_rp: int, cuts: list[int], data: st.DataObject
) -> None:
    net, gone = sum(cuts), dict[int, int]()

    def take(part: int) -> None:
        taken = sum(cuts[one] for one in gone)
        gone[part] = part_cost_rp(
            amount_rp, cuts[part], net=net, taken=taken, taken_rp=sum(gone.values())
        )
        assert 0 <= gone[part] <= amount_rp

    parts = list(range(len(cuts)))
    for part in parts:
        take(part)
    assert sum(gone.values()) == amount_rp

    for _ in range(3):
        back = data.draw(st.lists(st.sampled_from(parts), unique=True))
        for part in back:
            del gone[part]
        for part in data.draw(st.permutations(back)):
            take(part)
        assert sum(gone.values()) == amount_rp


@given(
    amount_rp=st.integers(0, 10**12),
    net=st.integers(1, 10**9),
    data=st.data(),
)
def test_a_first_part_costs_its_share_to_half_a_rupiah(
    amount_rp: int, net: int, data: st.DataObject
) -> None:
    quantity = data.draw(st.integers(0, net))

    cost_rp = part_cost_rp(amount_rp, quantity, net=net)

    assert abs(2 * (cost_rp * net - amount_rp * quantity)) <= net
