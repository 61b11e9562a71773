"""What bought goods cost, and what each part of them had: together what was paid, to the rupiah."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain.buying import (
    Bought,
    NothingPaid,
    adds_up,
    part_cost_rp,
    reckon,
    steps_from_json,
    steps_to_json,
)
from kopprod.domain.pricing import Priced, Step
from kopprod.domain.quantities import BaseUnit, Quantity

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


def test_the_paid_weight_times_the_price_is_the_amount() -> None:
    """Half of a load of 50 kg and a gram counts: 25.000,5 g is 25.001, at Rp6.857,16 Rp171.436."""
    half = Priced(68_571_600, (), weight=Fraction(1, 2))

    assert reckon(half, Quantity(50_001, BaseUnit.GRAM), per=1_000) == Bought(25_001, 171_436)
    whole = replace(half, weight=Fraction(1))
    assert reckon(whole, Quantity(NET, BaseUnit.GRAM), per=1_000) == Bought(NET, AMOUNT_RP)


@pytest.mark.parametrize(("weight", "grams"), [(Fraction(0), NET), (Fraction(1, 100), 49)])
def test_a_load_of_which_nothing_is_paid_is_rejected(weight: Fraction, grams: int) -> None:
    net = Quantity(grams, BaseUnit.GRAM)

    with pytest.raises(NothingPaid) as said:
        reckon(Priced(68_571_600, (), weight=weight), net, per=1_000)

    assert said.value.facts == {"net": net}


STEPS = (
    Step("Base price", {"price_e4": 70_000_000}, Fraction(70_000_000)),
    Step("{measure_word} of {value}", {"measure_word": "Kadar air", "value": "14,5 %"}),
    Step("Too wet", {"value": "kafé"}, Fraction(-4_285_201, 3)),
)


def test_the_steps_are_kept_exactly_with_thirds_and_without_amounts() -> None:
    assert steps_from_json(steps_to_json(STEPS)) == STEPS
    assert "kafé" in steps_to_json(STEPS)


@pytest.mark.parametrize(
    ("price_e4", "amount_rp", "paid_e4", "true"),
    [
        (68_571_600, AMOUNT_RP, NET * 10_000, True),
        (68_571_601, AMOUNT_RP, NET * 10_000, False),  # the steps come to another price
        (68_571_600, AMOUNT_RP + 1, NET * 10_000, False),
        (68_571_600, AMOUNT_RP, (NET + 1) * 10_000, False),
        (68_571_600, 343, 50 * 10_000, True),  # 342,858 half up
    ],
)
def test_steps_price_weight_and_amount_agree(
    price_e4: int, amount_rp: int, paid_e4: int, true: bool
) -> None:
    steps = (STEPS[0], STEPS[1], Step("Too wet", {}, Fraction(-1_428_400)))

    assert adds_up(steps, price_e4, amount_rp=amount_rp, paid_e4=paid_e4, per=1_000) is true
