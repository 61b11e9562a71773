"""Quantities: whole base units, typed and shown in the units people use."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import quantities, typed
from kopprod.domain.quantities import BaseUnit, ParsedQuantity, Quantity, UnitFactor
from kopprod.domain.refusal import Refusal

RICE = quantities.known_units(BaseUnit.GRAM, [UnitFactor("karung", 50_000)])
MILK = quantities.known_units(BaseUnit.MILLILITRE, [])
CRAFT = quantities.known_units(BaseUnit.PIECE, [])
SHEETS = quantities.known_units(BaseUnit.PIECE, [UnitFactor("lembar", 1)])


def said(refusal: Refusal) -> str:
    return refusal.sentence.format(**refusal.facts)


@pytest.mark.parametrize(
    ("text", "amount", "tidied"),
    [
        ("2,5 kuintal", 250_000, "2,5 kuintal"),
        ("2,5kw", 250_000, "2,5 kuintal"),
        ("1.500", 1_500_000, "1.500 kg"),
        ("1.500 kg", 1_500_000, "1.500 kg"),
        ("1,5", 1_500, "1,5 kg"),
        ("1,5 Kg.", 1_500, "1,5 kg"),
        ("0,75 ton", 750_000, "0,75 ton"),
        ("36,984", 36_984, "36,984 kg"),
        ("3 karung", 150_000, "3 karung"),
        ("3 sak", 150_000, "3 karung"),
        ("500 gr", 500, "500 gram"),
        ("2 kuintal + 50", 250_000, "2 kuintal + 50 kg"),
        ("2\N{NO-BREAK SPACE}kuintal dan 50 kg", 250_000, "2 kuintal + 50 kg"),
    ],
)
def test_rice_is_read_as_people_type_it(text: str, amount: int, tidied: str) -> None:
    assert quantities.parse_quantity(text, RICE, "kg") == ParsedQuantity(amount, tidied)


def test_crafts_are_counted_in_gros_kodi_and_lusin() -> None:
    parsed = quantities.parse_quantity("3 gros + 2 kodi + 1 lusin", CRAFT, "buah")

    assert parsed.amount == 432 + 40 + 12 == 484
    assert quantities.read_back(parsed, BaseUnit.PIECE) == "3 gros + 2 kodi + 1 lusin = 484 buah"


def test_a_ream_is_500_sheets_and_known_only_for_sheets() -> None:
    assert quantities.parse_quantity("1 rim", SHEETS, "lembar").amount == 500
    with pytest.raises(quantities.UnknownUnit):
        quantities.parse_quantity("1 rim", CRAFT, "buah")


def test_milk_is_typed_in_liter() -> None:
    assert quantities.parse_quantity("37,5 ltr", MILK, "liter").amount == 37_500


def test_a_products_own_factor_wins() -> None:
    local = quantities.known_units(BaseUnit.GRAM, [UnitFactor("kuintal", 98_000)])

    assert quantities.parse_quantity("1 kw", local, "kg").amount == 98_000


def test_a_unit_may_be_named_by_what_it_holds() -> None:
    sacks = quantities.known_units(BaseUnit.GRAM, [UnitFactor("karung 50 kg", 50_000)])

    assert quantities.parse_quantity("3 karung 50 kg", sacks, "kg").amount == 150_000


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", typed.NothingTyped),
        ("=2*3", typed.FormulaTyped),
        ("abc", quantities.NotAQuantity),
        ("kg", quantities.NotAQuantity),
        ("3 +", quantities.NotAQuantity),
        ("+3", quantities.NotAQuantity),
        ("٣ kg", quantities.NotAQuantity),
        ("1.5", typed.Ambiguous),
        ("1.5 kg", typed.Ambiguous),
        ("1,250 ton", typed.Ambiguous),
        ("12.3456", typed.WronglyGrouped),
        ("3 ikat", quantities.UnknownUnit),
        ("2 kuintal 50 kg", quantities.UnknownUnit),
        ("3 lusin", quantities.UnknownUnit),
        ("-3", quantities.NegativeQuantity),
        ("5 + -3", quantities.NegativeQuantity),
        ("0", quantities.ZeroQuantity),
        ("0 kg + 0 ton", quantities.ZeroQuantity),
        ("1.000.000,1 ton", quantities.QuantityTooLarge),
        ("0,0001 kg", quantities.NotWhole),
        ("0,5 gram", quantities.NotWhole),
    ],
)
def test_what_is_no_clear_quantity_is_refused(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        quantities.parse_quantity(text, RICE, "kg")
    assert "{" not in said(refused.value)


def test_half_a_basket_is_refused_and_a_million_tonnes_are_not() -> None:
    with pytest.raises(quantities.NotWhole) as refused:
        quantities.parse_quantity("1,5 buah", CRAFT, "buah")
    assert refused.value.facts == {"typed": "1,5 buah", "smallest": "buah"}
    assert quantities.parse_quantity("1.000.000 ton", RICE, "kg").amount == quantities.MOST


def test_one_and_a_half_or_fifteen_hundred_is_asked_with_the_unit() -> None:
    with pytest.raises(typed.Ambiguous) as asked:
        quantities.parse_quantity("1.5", RICE, "kg")
    assert said(asked.value) == "Do you mean 1,5 kg or 1.500 kg? 1.5 kg can be read as both."


def test_an_unknown_unit_is_answered_with_the_known_ones() -> None:
    with pytest.raises(quantities.UnknownUnit) as refused:
        quantities.parse_quantity("3 Ikat", RICE, "kg")
    assert refused.value.facts == {
        "unit": "Ikat",
        "known": "kg, kuintal, ton, gram, karung",
    }


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [
        (Quantity(250_000, BaseUnit.GRAM), "250 kg"),
        (Quantity(120_500, BaseUnit.GRAM), "120,5 kg"),
        (Quantity(1_208_000, BaseUnit.GRAM), "1.208 kg"),
        (Quantity(-3_300, BaseUnit.GRAM), "−3,3 kg"),
        (Quantity(37_500, BaseUnit.MILLILITRE), "37,5 liter"),
        (Quantity(484, BaseUnit.PIECE), "484 buah"),
        (Quantity(0, BaseUnit.PIECE), "0 buah"),
    ],
)
def test_quantities_are_shown_in_kg_liter_and_buah(quantity: Quantity, shown: str) -> None:
    assert quantities.format_quantity(quantity) == shown


def test_numbers_are_rounded_to_three_decimals_and_never_to_minus_nothing() -> None:
    assert quantities.format_number(Fraction(12_345_678, 10_000)) == "1.234,568"
    assert quantities.format_number(Fraction(1, 2000)) == "0,001"
    assert quantities.format_number(Fraction(-1, 10_000)) == "0"
    assert quantities.format_number(Fraction(10974, 10_000), decimals=1) == "1,1"


def test_a_quantity_can_be_shown_in_any_unit() -> None:
    assert quantities.format_in(250_000, UnitFactor("kuintal", 100_000)) == "2,5 kuintal"


def test_what_was_typed_is_read_back_with_its_meaning() -> None:
    for text, back in [("2,5 kw", "2,5 kuintal = 250 kg"), ("250", "250 kg")]:
        parsed = quantities.parse_quantity(text, RICE, "kg")
        assert quantities.read_back(parsed, BaseUnit.GRAM) == back


@given(st.integers(1, quantities.MOST), st.sampled_from(BaseUnit))
def test_what_is_shown_is_read_as_the_same_quantity(amount: int, unit: BaseUnit) -> None:
    shown = quantities.format_quantity(Quantity(amount, unit))
    units = quantities.known_units(unit, [])

    assert quantities.parse_quantity(shown, units, "nothing").amount == amount


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=3))
def test_a_sum_counts_what_its_parts_count(amounts: list[int]) -> None:
    text = " + ".join(quantities.format_quantity(Quantity(a, BaseUnit.GRAM)) for a in amounts)
    if len(text) <= typed.LONGEST:
        assert quantities.parse_quantity(text, RICE, "kg").amount == sum(amounts)


@given(st.text(max_size=70) | st.from_regex(r"[0-9.,]{1,6} ?(kg|kw|ton|karung)?", fullmatch=True))
def test_whatever_is_typed_is_a_quantity_or_refused(text: str) -> None:
    try:
        parsed = quantities.parse_quantity(text, RICE, "kg")
    except Refusal as refusal:
        assert "{" not in said(refusal)
        return
    assert 0 < parsed.amount <= quantities.MOST
    assert quantities.parse_quantity(parsed.said, RICE, "kg") == parsed
