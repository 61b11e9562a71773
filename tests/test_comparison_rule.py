"""The rule of the comparison: what the middleman would have paid, like for like and net."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import comparison, money
from kopprod.domain.comparison import (
    CoopTerms,
    Enough,
    Likeness,
    Lot,
    Offer,
    QuoteTerms,
    Reference,
    Verdict,
    early_rp_days,
)

RATE = 2_400  # 24 % a year
TODAY = date(2026, 3, 2)
PAID = TODAY + timedelta(days=14)
RICE, GRADE_A, GRADE_B = 1, 1, 2
SUKAMAJU, CIBIRU, FAR_AWAY = 1, 2, 3
HERE = Likeness(RICE, GRADE_A, SUKAMAJU, TODAY)

# WE-10: ten sacks of truly 121 kg, of each of which the middleman cuts 10 kg.
COOP = CoopTerms(
    true_weight=1_210_000,
    sold_weight=1_208_000,
    price_e4=65_000_000,
    per=1_000,
    fee_bp=200,
    costs_rp=60_500,
    waited_days=14,
)
LOT = Lot(true_weight=1_210_000, per=1_000, net_value_rp=7_634_460, waited_days=14)
TENGKULAK = QuoteTerms(63_000_000, 1_000, cut_per_sack=10_000, sack_size=121_000)


def kg_price(rp: int, **terms: int) -> QuoteTerms:
    """An offer for a kilogram, in rupiah."""
    return QuoteTerms(rp * money.E4, 1_000, **terms)


def worth(terms: QuoteTerms) -> Fraction:
    return comparison.effective_offer(terms, rate_bp=RATE)


def cents(exact: Fraction) -> Fraction:
    """To two decimals, as the published examples print it."""
    return round(exact, 2)


def middlemen(price: Fraction) -> Reference:
    return Reference(count=3, thin=False, price=price, lowest=price, highest=price, age_days=0)


# One offer: WE-9


@pytest.mark.parametrize(
    ("terms", "effective"),
    [
        (kg_price(7_000, cut_per_sack=10_000, sack_size=100_000), "6300"),  # Sidrap
        (kg_price(6_500, cut_per_sack=10_000, sack_size=121_000), "5962.81"),  # Polewali
        (kg_price(4_400, cut_bp=2_000), "3520"),  # Banyuwangi: 50 kg recorded as 40
        (kg_price(6_300, cut_per_sack=10_000, sack_size=121_000), "5779.34"),
        (kg_price(5_000), "5000"),
        (kg_price(5_000, charge_e4=500_000), "4950"),
        (kg_price(5_000, cut_bp=1_000, cut_per_sack=10, sack_size=100), "4050"),
        (kg_price(3_650, pays_after_days=10), "3626"),
    ],
)
def test_an_offer_is_worth_what_it_brings_for_a_true_kilogram(
    terms: QuoteTerms, effective: str
) -> None:
    assert cents(worth(terms)) == Fraction(effective)


def test_the_scale_of_polewali_records_111_of_121_kilograms() -> None:
    share = comparison.recorded_share(TENGKULAK)

    assert share == Fraction(111, 121)
    assert round(share, 6) == Fraction("0.917355")


def test_the_published_needle_and_cut_together_take_eight_to_eleven_kilograms() -> None:
    least = kg_price(7_000, cut_per_sack=(5 + 3) * 1_000, sack_size=100_000)
    most = kg_price(7_000, cut_per_sack=(6 + 5) * 1_000, sack_size=100_000)

    assert worth(least) == 92 * 70
    assert worth(most) == 89 * 70


def test_a_tied_farmer_got_ten_percent_less() -> None:
    assert comparison.farmers_share(Fraction(9_000), Fraction(10_000)) - 1 == Fraction(-1, 10)


def test_the_middlemen_of_pangandaran_kept_what_is_published() -> None:
    spread = 1 - comparison.farmers_share(Fraction(8_600), Fraction(10_400))
    tomato = comparison.farmers_share(Fraction(2_000), Fraction(2_000 + 1_000 + 800 + 800))

    assert cents(spread * 100) == Fraction("17.31")
    assert cents(tomato * 100) == Fraction("43.48")


def test_a_loan_without_interest_cost_19_43_percent_a_week() -> None:
    cost_rp = comparison.tied_cost_rp(
        150_000, market_e4=150_000_000, tied_e4=110_000_000, per=1_000
    )

    assert money.amount_rp(150_000, 110_000_000, 1_000) == 1_650_000
    assert cost_rp == 600_000
    rate_bp = comparison.tied_rate_bp(4_000_000, paid_rp=200_000 + cost_rp, periods=20)
    assert rate_bp == 1_943


def test_a_loan_that_is_only_paid_back_costs_nothing() -> None:
    assert comparison.tied_rate_bp(4_000_000, paid_rp=200_000, periods=20) == 0


@pytest.mark.parametrize(("tonnes", "gain_rp"), [(7, 8_100_000), (5, -500_000)])
def test_who_buys_a_standing_crop_takes_a_real_risk(tonnes: int, gain_rp: int) -> None:
    gain = comparison.standing_crop_gain_rp(
        offer_rp=17_000_000,
        costs_rp=5_000_000,
        harvest=tonnes * 1_000_000,
        price_e4=4_300 * money.E4,
        per=1_000,
    )

    assert gain == gain_rp


# One lot: WE-10


def test_the_published_lot_brought_8_168_percent_more_by_selling_together() -> None:
    outcome = comparison.compare(LOT, middlemen(worth(TENGKULAK)), rate_bp=RATE)

    assert outcome.middleman is not None
    assert outcome.difference is not None
    assert outcome.rate is not None
    assert cents(outcome.middleman) == Fraction("5779.34")
    assert cents(outcome.coop) == Fraction("6251.39")
    assert cents(outcome.difference) == Fraction("571181.14")
    assert outcome.difference_rp == 571_181
    assert round(outcome.rate * 100, 3) == Fraction("8.168")
    assert outcome.verdict is Verdict.BETTER


def test_the_published_lots_steps_agree() -> None:
    waiting = LOT.net_value_rp * comparison.waiting_share(RATE, 14)

    assert comparison.net_value_rp(COOP) == 7_852_000 - 157_040 - 60_500 == LOT.net_value_rp
    assert cents(waiting) == Fraction("70278.86")
    assert worth(TENGKULAK) * 1_210 == 6_993_000
    assert cents(comparison.effective_lot(LOT, rate_bp=RATE) * 1_210) == Fraction("7564181.14")


def test_what_is_taken_from_the_payout_changes_no_comparison() -> None:
    with_savings_and_loan = replace(LOT, taken_rp=10_000 + 200_000)
    reference = middlemen(worth(TENGKULAK))

    assert with_savings_and_loan.received_rp == 7_424_460
    assert LOT.received_rp == LOT.net_value_rp
    assert comparison.compare(with_savings_and_loan, reference, rate_bp=RATE) == comparison.compare(
        LOT, reference, rate_bp=RATE
    )


def test_the_middleman_is_better_below_the_published_break_even_price() -> None:
    price = comparison.break_even_price(COOP, worth(TENGKULAK), rate_bp=RATE)

    assert price is not None
    assert cents(price) == Fraction("6013.04")
    for price_e4, verdict in [(60_130_000, Verdict.WORSE), (60_131_000, Verdict.BETTER)]:
        value_rp = comparison.net_value_rp(replace(COOP, price_e4=price_e4))
        lot = replace(LOT, net_value_rp=value_rp)
        outcome = comparison.compare(lot, middlemen(worth(TENGKULAK)), rate_bp=RATE)
        assert outcome.verdict is verdict


@pytest.mark.parametrize("terms", [replace(COOP, fee_bp=10_000), replace(COOP, waited_days=1_521)])
def test_no_price_makes_up_for_a_fee_of_all_or_for_waiting_four_years(terms: CoopTerms) -> None:
    assert comparison.break_even_price(terms, Fraction(1), rate_bp=RATE) is None


def test_a_loss_is_shown_as_one_and_a_difference_below_a_rupiah_as_none() -> None:
    lot = Lot(true_weight=10_000, per=1_000, net_value_rp=50_000)

    dear = comparison.compare(lot, middlemen(Fraction(6_000)), rate_bp=RATE)
    same = comparison.compare(lot, middlemen(Fraction(500_004, 100)), rate_bp=RATE)

    assert (dear.verdict, dear.difference_rp, dear.rate) == (
        Verdict.WORSE,
        -10_000,
        Fraction(-1, 6),
    )
    assert (same.verdict, same.difference_rp) == (Verdict.EQUAL, 0)


def test_lots_together_are_worth_their_mean_by_true_weight() -> None:
    """100 kg for Rp600.000, and 300 kg for Rp2.100.000 waited for 73 days: Rp6.000 and Rp6.664."""
    small = Lot(100_000, 1_000, 600_000)
    large = Lot(300_000, 1_000, 2_100_000, waited_days=73)

    assert comparison.effective_together([small], rate_bp=RATE) == 6_000
    assert comparison.effective_together([large], rate_bp=RATE) == 6_664
    assert comparison.effective_together([small, large], rate_bp=RATE) == 6_498


def test_an_offer_worth_nothing_has_no_percentage() -> None:
    outcome = comparison.compare(LOT, middlemen(Fraction(0)), rate_bp=RATE)

    assert (outcome.verdict, outcome.rate) == (Verdict.BETTER, None)


def test_thin_data_gives_no_verdict_and_no_figure() -> None:
    thin = replace(middlemen(Fraction(5_000)), thin=True)

    for reference in (thin, Reference(count=0, thin=True)):
        outcome = comparison.compare(LOT, reference, rate_bp=RATE)
        assert outcome.verdict is Verdict.THIN
        assert (outcome.middleman, outcome.difference, outcome.difference_rp, outcome.rate) == (
            None,
            None,
            None,
            None,
        )


# Which offers count


@pytest.mark.parametrize(
    ("offer", "comparable"),
    [
        (HERE, True),
        (replace(HERE, village_id=CIBIRU), True),
        (replace(HERE, village_id=FAR_AWAY), False),
        (replace(HERE, grade_id=GRADE_B), False),
        (replace(HERE, product_id=2), False),
        (replace(HERE, on=TODAY - timedelta(days=7)), True),
        (replace(HERE, on=TODAY + timedelta(days=7)), True),
        (replace(HERE, on=TODAY - timedelta(days=8)), False),
        (replace(HERE, on=TODAY + timedelta(days=8)), False),
    ],
)
def test_only_the_same_goods_near_in_place_and_time_are_compared(
    offer: Likeness, comparable: bool
) -> None:
    assert comparison.is_comparable(offer, HERE, neighbours={CIBIRU}) is comparable


def offers(*prices_and_days: tuple[int, int]) -> list[Offer]:
    """Offers at a price, so many days before today."""
    return [
        Offer(replace(HERE, on=TODAY - timedelta(days=days)), kg_price(rp))
        for rp, days in prices_and_days
    ]


def test_the_reference_is_the_median_of_comparable_offers() -> None:
    found = comparison.reference(
        [
            *offers((5_000, 5), (5_600, 2), (5_200, 7)),
            *offers((9_000, 8)),
            Offer(replace(HERE, grade_id=GRADE_B), kg_price(1)),
        ],
        HERE,
        rate_bp=RATE,
    )

    assert found == Reference(
        count=3,
        thin=False,
        price=Fraction(5_200),
        lowest=Fraction(5_000),
        highest=Fraction(5_600),
        age_days=2,
    )


def test_of_an_even_number_the_median_lies_between_the_middle_two() -> None:
    found = comparison.reference(
        offers((5_000, 0), (5_001, 0), (6_000, 0), (4_000, 0)), HERE, rate_bp=RATE
    )

    assert found.price == Fraction(10_001, 2)


@pytest.mark.parametrize(
    ("days", "thin"),
    [([14, 15, 20], False), ([15, 16, 20], True), ([0, 1], True), ([-3, -2, -1], False)],
)
def test_few_or_old_offers_are_thin(days: list[int], thin: bool) -> None:
    found = comparison.reference(
        offers(*((5_000, each) for each in days)),
        HERE,
        rate_bp=RATE,
        enough=Enough(window_days=30),
    )

    assert found.thin is thin
    assert found.count == len(days)
    assert found.age_days == max(0, min(days))


def test_without_any_offer_there_is_no_figure() -> None:
    assert comparison.reference([], HERE, rate_bp=RATE) == Reference(count=0, thin=True)


# Laws

PRICES = st.integers(1, 10**8)
TERMS = st.builds(
    QuoteTerms,
    price_e4=PRICES,
    per=st.just(1_000),
    cut_per_sack=st.integers(0, 40_000),
    sack_size=st.just(50_000),
    cut_bp=st.integers(0, 9_999),
    charge_e4=st.integers(0, 10**5),
    pays_after_days=st.integers(0, 365),
)


@given(TERMS, PRICES)
def test_an_offer_is_never_worth_more_than_it_says(terms: QuoteTerms, extra_e4: int) -> None:
    assert worth(terms) <= Fraction(terms.price_e4, money.E4)
    assert worth(replace(terms, price_e4=terms.price_e4 + extra_e4)) > worth(terms)
    assert worth(replace(terms, charge_e4=terms.charge_e4 + extra_e4)) < worth(terms)


@given(st.lists(TERMS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_offers_changes_no_reference(terms: list[QuoteTerms], random: Random) -> None:
    heard = [Offer(HERE, each) for each in terms]
    shuffled = list(heard)
    random.shuffle(shuffled)

    found = comparison.reference(heard, HERE, rate_bp=RATE)
    assert comparison.reference(shuffled, HERE, rate_bp=RATE) == found
    assert found.price is not None
    assert found.lowest is not None
    assert found.highest is not None
    assert found.lowest <= found.price <= found.highest


@given(st.integers(1, 10**9), st.integers(0, 10**10), PRICES, st.integers(0, 60))
def test_selling_the_other_way_round_turns_the_difference_round(
    weight: int, value_rp: int, price_e4: int, days: int
) -> None:
    lot = Lot(true_weight=weight, per=1_000, net_value_rp=value_rp, waited_days=days)
    price = Fraction(price_e4, money.E4)
    outcome = comparison.compare(lot, middlemen(price), rate_bp=RATE)

    assert outcome.difference == (outcome.coop - price) * weight / 1_000
    assert (outcome.verdict is Verdict.BETTER) == (outcome.difference >= Fraction(1, 2))
    assert (outcome.verdict is Verdict.WORSE) == (outcome.difference <= Fraction(-1, 2))


@given(st.integers(1, 10**7), st.integers(0, 5_000), st.integers(0, 10**6), PRICES)
def test_at_the_break_even_price_both_sides_are_worth_the_same(
    weight: int, fee_bp: int, costs_rp: int, price_e4: int
) -> None:
    middleman = Fraction(price_e4, money.E4)
    terms = CoopTerms(weight, weight, 1, 1_000, fee_bp, costs_rp, 30)
    price = comparison.break_even_price(terms, middleman, rate_bp=RATE)

    assert price is not None
    net_value = price * weight / 1_000 * (1 - Fraction(fee_bp, money.BP)) - costs_rp
    kept = net_value * (1 - comparison.waiting_share(RATE, 30))
    assert kept * 1_000 / weight == middleman


def test_an_advance_is_money_that_did_not_wait() -> None:
    """WE-10 with an advance of Rp3.650.000 at delivery: Rp33.600 less are lost by waiting."""
    days = early_rp_days([(3_650_000, TODAY)], net_value_rp=7_634_460, came_on=TODAY, until=PAID)
    assert days == 3_650_000 * 14

    without = comparison.effective_lot(LOT, rate_bp=RATE)
    advanced = comparison.effective_lot(replace(LOT, early_rp_days=days), rate_bp=RATE)

    assert (advanced - without) * 1_210 == 33_600


def test_no_more_of_an_advance_counts_than_the_goods_were_worth() -> None:
    advances: list[tuple[int | Fraction, date]] = [
        (Fraction(60), TODAY + timedelta(days=4)),
        (70, TODAY - timedelta(days=1)),
    ]

    found = early_rp_days(advances, net_value_rp=100, came_on=TODAY, until=PAID)

    assert found == 70 * 14 + 30 * 10  # from the day of the goods, and only 30 of the second
    assert early_rp_days(advances, net_value_rp=-5, came_on=TODAY, until=PAID) == 0
    assert early_rp_days(advances, net_value_rp=100, came_on=TODAY, until=TODAY) == 0


@given(st.integers(0, 10**9), st.integers(0, 60), PRICES)
def test_all_of_it_in_advance_is_as_good_as_no_waiting(
    value_rp: int, days: int, price_e4: int
) -> None:
    paid = TODAY + timedelta(days=days)
    early = early_rp_days([(value_rp, TODAY)], net_value_rp=value_rp, came_on=TODAY, until=paid)
    lot = Lot(1_000, 1_000, value_rp, waited_days=days, early_rp_days=early)

    assert comparison.effective_lot(lot, rate_bp=RATE) == value_rp


@given(st.integers(1, 10**7), st.integers(0, 10**6), st.integers(0, 30), PRICES)
def test_with_an_advance_both_sides_are_worth_the_same_at_the_break_even_price(
    weight: int, early_rp: int, days: int, price_e4: int
) -> None:
    middleman, early = Fraction(price_e4, money.E4), early_rp * days
    terms = CoopTerms(weight, weight, 1, 1_000, 200, 500, 30, early)
    price = comparison.break_even_price(terms, middleman, rate_bp=RATE)

    assert price is not None
    net_value = price * weight / 1_000 * Fraction(98, 100) - 500
    kept = net_value * (1 - comparison.waiting_share(RATE, 30))
    kept += comparison.waiting_share(RATE, early)
    assert kept * 1_000 / weight == middleman


@pytest.mark.parametrize(
    ("prices", "odd"),
    [
        ([6_000, 6_100, 6_200, 60_000], [60_000]),  # a nought too many
        ([6_000, 6_000, 6_000, 6_050], []),  # three alike do not make Rp50 odd
        ([6_000, 6_000, 6_000, 6_700], [6_700]),
        ([6_000, 6_100, 60_000], []),  # of three nobody can tell
        ([5_000, 5_500, 6_000, 6_500, 7_000], []),
        ([600, 6_000, 6_100, 6_200, 6_300], [600]),
    ],
)
def test_an_odd_price_is_marked_and_bears_on_the_median_like_all(
    prices: list[int], odd: list[int]
) -> None:
    exact = [Fraction(one) for one in prices]

    assert [one for one in exact if comparison.is_odd(one, exact)] == odd
