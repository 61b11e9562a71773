"""Plans: the cheapest is the cheapest, whoever wrote down what first."""

import pytest

from kopprod.domain.plan_search import cheapest
from tests import plan_cases


@pytest.mark.parametrize("first", range(0, 300, 25))
def test_the_cheapest_plan_is_the_one_found_by_trying_everything(first: int) -> None:
    for seed in range(first, first + 25):
        one = plan_cases.case(seed)

        assert cheapest(one.terms, one.demand).packs == plan_cases.best(one), f"case {seed}"
