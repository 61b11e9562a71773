"""Prices that follow from what was measured."""

import pytest

from kopprod.domain import money
from kopprod.domain.pricing import MilkPoints, milk_price_e4


@pytest.mark.parametrize(
    ("fat_bp", "protein_bp", "shown"), [(350, 270, "Rp3.142,2"), (400, 300, "Rp3.528")]
)
def test_milk_is_paid_by_its_fat_and_protein(fat_bp: int, protein_bp: int, shown: str) -> None:
    price_e4 = milk_price_e4(fat_bp=fat_bp, protein_bp=protein_bp)  # WE-9b

    assert money.format_e4(price_e4) == shown


def test_too_many_bacteria_cost_a_hundred_rupiah() -> None:
    good = milk_price_e4(fat_bp=350, protein_bp=270, bacteria=5_000_000)
    bad = milk_price_e4(fat_bp=350, protein_bp=270, bacteria=5_000_001)

    assert (good, good - bad) == (31_422_000, 1_000_000)


def test_another_buyer_pays_other_points() -> None:
    points = MilkPoints(fat_e4=1, protein_e4=0)

    assert milk_price_e4(fat_bp=345, protein_bp=270, points=points) == 35  # 34,5
