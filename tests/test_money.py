"""Money: shared to the last rupiah, read as people type it, shown the Indonesian way."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import money, typed
from kopprod.domain.refusal import Refusal

WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any)
TOTALS = st.integers(-(10**13), 10**13)


def said(refusal: Refusal) -> str:
    return refusal.sentence.format(**refusal.facts)


# Sharing


def test_the_missing_rupiah_goes_to_the_largest_fraction() -> None:
    assert money.split_rp(100, [1, 1, 4]) == [17, 17, 66]  # 16,67 16,67 66,67: two are missing
    assert money.split_rp(10, [15, 25, 60]) == [2, 2, 6]  # 1,5 2,5 6: a tie goes to the earlier


def test_at_a_tie_the_earlier_gets_the_rupiah() -> None:
    assert money.split_rp(100, [1, 1, 1]) == [34, 33, 33]


def test_a_loss_is_shared_like_a_gain_of_its_size() -> None:
    assert money.split_rp(-100, [1, 1, 1]) == [-34, -33, -33]


def test_nothing_is_shared_among_people_without_a_part() -> None:
    assert money.split_rp(0, [0, 0]) == [0, 0]
    assert money.split_rp(0, []) == []


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_something_cannot_be_shared_where_nobody_has_a_part(weights: list[int]) -> None:
    with pytest.raises(money.NothingToShareBy) as refused:
        money.split_rp(5, weights)
    assert refused.value.facts == {"total_rp": 5}


def test_a_negative_weight_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        money.split_rp(5, [3, -1])


def test_freight_is_shared_by_sacks_as_in_the_published_purchase() -> None:
    # WE-11: Siti, Budi, Made, Yohana, Rahmat
    assert money.split_rp(275_000, [7, 3, 12, 5, 10]) == [52_027, 22_297, 89_189, 37_162, 74_325]


@given(TOTALS, WEIGHTS)
def test_shares_add_up_and_lie_within_a_rupiah_of_the_exact_part(
    total: int, weights: list[int]
) -> None:
    shares = money.split_rp(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@given(st.integers(0, 10**13), WEIGHTS)
def test_more_weight_never_gets_less(total: int, weights: list[int]) -> None:
    shares = money.split_rp(total, weights)
    by_weight = sorted(zip(weights, shares, strict=True))

    for (lighter, less), (heavier, more) in zip(by_weight, by_weight[1:], strict=False):
        assert lighter == heavier or less <= more


@given(st.integers(0, 10**6), WEIGHTS, st.integers(1, 10**12))
def test_who_brings_more_while_others_bring_the_same_never_gets_less(
    total: int, weights: list[int], extra: int
) -> None:
    before = money.split_rp(total, weights)
    after = money.split_rp(total, [weights[0] + extra, *weights[1:]])

    assert after[0] >= before[0]


@given(TOTALS, WEIGHTS, st.integers(1, 1000))
def test_weighing_in_another_unit_changes_no_share(
    total: int, weights: list[int], scale: int
) -> None:
    finer = [weight * scale for weight in weights]
    coarser = [Fraction(weight, scale) for weight in weights]

    assert money.split_rp(total, finer) == money.split_rp(total, weights)
    assert money.split_rp(total, coarser) == money.split_rp(total, weights)


# Rounding


@pytest.mark.parametrize(
    ("number", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(49, 100), 0),
        (Fraction(-1, 2), -1),
        (Fraction(-49, 100), 0),
        (Fraction(7), 7),
    ],
)
def test_a_half_is_rounded_away_from_zero(number: Fraction, rounded: int) -> None:
    assert money.round_half_up(number) == rounded


@given(st.fractions())
def test_a_reversal_rounds_to_what_it_reverses(number: Fraction) -> None:
    assert money.round_half_up(-number) == -money.round_half_up(number)
    assert abs(money.round_half_up(number) - number) <= Fraction(1, 2)


def test_the_fee_of_the_published_sale_is_rounded_half_up() -> None:
    assert money.percent_rp(5_130_150, 250) == 128_254  # 128.253,75
    assert money.percent_rp(20, 250) == 1  # 0,5


def test_milk_is_multiplied_exactly_and_rounded_once() -> None:
    assert money.amount_rp(37_500, 31_422_000, 1_000) == 117_833  # 117.832,5


def test_an_amount_beyond_any_cooperative_is_refused() -> None:
    assert money.amount_rp(10**12, 10_000, 1) == 10**12
    with pytest.raises(money.AmountTooLarge):
        money.amount_rp(10**12, 10_001, 1)


# Reading


@pytest.mark.parametrize(
    ("text", "amount_rp"),
    [
        ("Rp6.500", 6_500),
        ("Rp. 25.000.000,-", 25_000_000),
        ("Rp25.000.000,00", 25_000_000),
        ("25.000,--", 25_000),
        ("2 juta", 2_000_000),
        ("1,6 juta", 1_600_000),
        ("1,6 jt", 1_600_000),
        ("1,6jt", 1_600_000),
        ("1,234 juta", 1_234_000),
        ("110 ribu", 110_000),
        ("110 rb", 110_000),
        ("Rp110 RIBU", 110_000),
        ("1.500 ribu", 1_500_000),
        ("2 M", 2_000_000_000),
        ("1,5 miliar", 1_500_000_000),
        ("1 milyar", 1_000_000_000),
        ("1 triliun", 10**12),
        ("1.500", 1_500),
        ("1500", 1_500),
        ("Rp\N{NO-BREAK SPACE}1.500", 1_500),
        ("\N{LEFT-TO-RIGHT MARK} 1.500\t", 1_500),
        ("IDR 1500", 1_500),
        ("1.500 rupiah", 1_500),
        ("1,-", 1),
        ("0", 0),
        ("-0", 0),
    ],
)
def test_money_is_read_as_people_type_it(text: str, amount_rp: int) -> None:
    assert money.parse_rp(text) == amount_rp


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", typed.NothingTyped),
        (" \N{NO-BREAK SPACE}\t", typed.NothingTyped),
        ("\N{ZERO WIDTH SPACE}", typed.NothingTyped),
        ("abc", typed.NotANumber),
        ("Rp", typed.NotANumber),
        ("5+5", typed.NotANumber),
        ("+5", typed.NotANumber),
        ("1e5", typed.NotANumber),
        ("2 m", typed.NotANumber),  # a million, or a thousand millions?
        ("1 500", typed.NotANumber),
        ("(5000)", typed.NotANumber),
        ("٣٥٠", typed.NotANumber),
        ("３５０", typed.NotANumber),
        ("9" * 61, typed.NotANumber),
        ("<b>5</b>", typed.NotANumber),
        ("=1+1", typed.FormulaTyped),
        ("@SUM(A1)", typed.FormulaTyped),
        ("Rp6.7000", typed.WronglyGrouped),
        ("1.23.456", typed.WronglyGrouped),
        ("0.123.456", typed.WronglyGrouped),
        ("1,234,567", typed.WronglyGrouped),
        ("1,234.56", typed.WronglyGrouped),
        ("1234.567", typed.WronglyGrouped),
        ("500.", typed.WronglyGrouped),
        ("0.0", typed.WronglyGrouped),
        ("1.5", typed.Ambiguous),
        ("1.5 juta", typed.Ambiguous),
        ("1,500", typed.Ambiguous),
        ("6,755", typed.Ambiguous),
        ("-5", money.NegativeAmount),
        ("−Rp5.000", money.NegativeAmount),
        ("Rp-5.000", money.NegativeAmount),
        ("1.000.000.000.001", money.AmountTooLarge),
        ("2 triliun", money.AmountTooLarge),
        ("Rp1.234.567,89", money.AmountHasSen),
        ("1,2345 ribu", money.AmountHasSen),
        ("Rp 1.800/kg", money.PriceNotAmount),
        ("2 juta per ton", money.PriceNotAmount),
    ],
)
def test_what_is_no_clear_amount_is_refused(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        money.parse_rp(text)
    assert "{" not in said(refused.value)


def test_an_amount_may_be_asked_to_be_positive() -> None:
    assert money.parse_rp("1", positive=True) == 1
    with pytest.raises(money.ZeroAmount):
        money.parse_rp("Rp0", positive=True)


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("1.5", "1,5", "1.500"),
        ("12.25", "12,25", "12.250"),
        ("1.50", "1,5", "1.500"),
        ("1.0", "1", "1.000"),
        ("0.5", "0,5", "500"),
        ("0.500", "0,5", "500"),
        ("1,500", "1,5", "1.500"),
        ("1.5 jt", "1,5 jt", "1.500 jt"),
    ],
)
def test_both_readings_are_named_when_somebody_is_asked(text: str, one: str, other: str) -> None:
    with pytest.raises(typed.Ambiguous) as asked:
        money.parse_rp(text)
    assert (asked.value.facts["one"], asked.value.facts["other"]) == (one, other)


@pytest.mark.parametrize(
    ("text", "price_e4"),
    [
        ("Rp 1.800/kg", 18_000_000),
        ("Rp1.800 per Kg", 18_000_000),
        ("Rp1.800", 18_000_000),
        ("Rp1.234.567,89", 12_345_678_900),
        ("Rp3.142,2", 31_422_000),
        ("0,0001", 1),
        ("6,5 ribu", 65_000_000),
    ],
)
def test_a_price_may_have_sen_and_a_unit(text: str, price_e4: int) -> None:
    assert money.parse_price_e4(text, unit="kg") == price_e4
    assert money.parse_price_e4(text) == price_e4


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("0", money.ZeroAmount),
        ("-1", money.NegativeAmount),
        ("0,00001", money.PriceTooFine),
        ("Rp6.7000", typed.WronglyGrouped),
        ("1.5", typed.Ambiguous),
        ("6,755", typed.Ambiguous),
        ("2 triliun", money.AmountTooLarge),
        ("4,3 juta/ton", money.PriceForAnotherUnit),
    ],
)
def test_what_is_no_clear_price_is_refused(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        money.parse_price_e4(text, unit="kg")
    assert "{" not in said(refused.value)


# Showing


@pytest.mark.parametrize(
    ("amount_rp", "long", "short"),
    [
        (0, "Rp0", "Rp0"),
        (850, "Rp850", "Rp850"),
        (1_000, "Rp1.000", "Rp1 rb"),
        (850_000, "Rp850.000", "Rp850 rb"),
        (999_949, "Rp999.949", "Rp999,9 rb"),
        (999_950, "Rp999.950", "Rp1 jt"),
        (1_234_567, "Rp1.234.567", "Rp1,2 jt"),
        (1_250_000, "Rp1.250.000", "Rp1,3 jt"),
        (-1_234_567, "−Rp1.234.567", "−Rp1,2 jt"),
        (2_300_000_000, "Rp2.300.000.000", "Rp2,3 M"),
        (3 * 10**15, "Rp3.000.000.000.000.000", "Rp3.000 T"),
    ],
)
def test_money_is_shown_long_and_short(amount_rp: int, long: str, short: str) -> None:
    assert money.format_rp(amount_rp) == long
    assert money.short_rp(amount_rp) == short


@pytest.mark.parametrize(
    ("price_e4", "shown"),
    [
        (31_422_000, "Rp3.142,2"),
        (65_000_000, "Rp6.500"),
        (1, "Rp0,0001"),
        (67_550, "Rp6,7550"),  # Rp6,755 could be read as Rp6.755
        (-5_000, "−Rp0,5"),
    ],
)
def test_a_price_shows_the_decimals_it_needs(price_e4: int, shown: str) -> None:
    assert money.format_e4(price_e4) == shown


@pytest.mark.parametrize(
    ("bp", "shown"), [(250, "2,5 %"), (10_000, "100 %"), (1, "0,01 %"), (-817, "−8,17 %")]
)
def test_percentages_are_shown_with_a_comma(bp: int, shown: str) -> None:
    assert money.format_percent(bp) == shown


@given(st.integers(0, money.MOST_RP))
def test_what_is_shown_as_money_is_read_as_the_same_money(amount_rp: int) -> None:
    assert money.parse_rp(money.format_rp(amount_rp)) == amount_rp


@given(st.integers(1, money.MOST_RP * money.E4))
def test_what_is_shown_as_a_price_is_read_as_the_same_price(price_e4: int) -> None:
    assert money.parse_price_e4(money.format_e4(price_e4)) == price_e4


@given(st.text(max_size=70))
def test_whatever_is_typed_is_an_amount_or_refused(text: str) -> None:
    try:
        amount_rp = money.parse_rp(text)
    except Refusal:
        return
    assert 0 <= amount_rp <= money.MOST_RP


@given(st.from_regex(r"(Rp ?)?[0-9]{1,4}([.,][0-9]{0,4}){0,3}( ?(rb|jt|juta))?", fullmatch=True))
def test_whatever_looks_like_money_is_an_amount_or_refused(text: str) -> None:
    try:
        amount_rp = money.parse_rp(text)
    except Refusal as refusal:
        assert "{" not in said(refusal)
        return
    assert 0 <= amount_rp <= money.MOST_RP


@pytest.mark.parametrize(
    ("text", "bp"), [("2,5 %", 250), ("2,5", 250), ("0", 0), ("100%", 10_000), ("0,25 %", 25)]
)
def test_percentages_are_read_as_people_type_them(text: str, bp: int) -> None:
    assert money.parse_percent_bp(text) == bp


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", typed.NothingTyped),
        ("=1", typed.FormulaTyped),
        ("dua", money.NotAPercentage),
        ("-1", money.NotAPercentage),
        ("100,01 %", money.NotAPercentage),
        ("2,555 %", money.NotAPercentage),
        ("2.5 %", typed.Ambiguous),
        ("2.5555", typed.WronglyGrouped),
    ],
)
def test_what_is_no_percentage_is_refused(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        money.parse_percent_bp(text)
    assert "{" not in said(refused.value)


@given(st.integers(0, money.BP))
def test_what_is_shown_as_a_percentage_is_read_as_the_same(bp: int) -> None:
    assert money.parse_percent_bp(money.format_percent(bp)) == bp
