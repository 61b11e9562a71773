"""The rule of an offer: its steps to what arrives, and what tied credit really costs (WE-9)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import comparison, money, quotes
from kopprod.domain.comparison import QuoteTerms
from kopprod.domain.quotes import Hidden, Loan, Step

RATE = 2_400
E4 = money.E4
PER = 1_000

# Lampung Selatan, 2018.
TIED = QuoteTerms(11_000 * E4, PER, market_e4=15_000 * E4)
LOAN = Loan(amount_rp=4_000_000, parts=20, part_rp=200_000, part_days=7, load=150_000)


def worth(terms: QuoteTerms) -> Fraction:
    return comparison.effective_offer(terms, rate_bp=RATE)


def test_a_loan_without_interest_cost_19_43_percent_a_week() -> None:
    found = quotes.hidden(TIED, LOAN)

    assert found == Hidden(gap_rp=600_000, paid_rp=800_000, rate_bp=1_943, year_bp=101_314)


def test_a_load_of_150_kg_brought_1_650_000_a_week() -> None:
    assert money.amount_rp(150_000, TIED.price_e4, PER) == 1_650_000


def test_the_tied_farmer_of_lampung_timur_got_ten_percent_less() -> None:
    assert quotes.gap_bp(QuoteTerms(9_000 * E4, PER, market_e4=10_000 * E4)) == 1_000
    assert quotes.gap_bp(QuoteTerms(9_000 * E4, PER)) == 0


def test_what_is_lost_is_lost_on_the_weight_that_he_records() -> None:
    cut = QuoteTerms(11_000 * E4, PER, market_e4=15_000 * E4, cut_bp=1_000)

    assert quotes.hidden(cut, LOAN).gap_rp == 540_000


@pytest.mark.parametrize(
    ("terms", "loan", "rate_bp"),
    [
        (QuoteTerms(11_000 * E4, PER), LOAN, 0),  # nobody said what he pays to others
        (TIED, Loan(4_000_000, 20, 200_000, 7), 0),  # nobody said how much must be sold to him
        (TIED, Loan(1_000_000, 1, 1_050_000, 30), 500),
        (TIED, Loan(1_000_000, 1, 3_000_000, 30), 20_000),  # 200 % a month
    ],
)
def test_a_rate_is_of_what_is_known(terms: QuoteTerms, loan: Loan, rate_bp: int) -> None:
    assert quotes.hidden(terms, loan).rate_bp == rate_bp


def test_the_gap_is_taken_off_once() -> None:
    """Beginning at the open price with the gap, or at the tied price without: the same."""
    tied = QuoteTerms(11_000 * E4, PER, market_e4=15_000 * E4, cut_per_sack=10, sack_size=121)
    found = list(quotes.steps(tied, rate_bp=RATE))

    assert [one.step for one in found] == [Step.GAP, Step.WEIGHT]
    assert found[0].off == 4_000
    assert found[-1].left == worth(tied) == Fraction(111, 121) * 11_000
    assert worth(tied) == worth(QuoteTerms(11_000 * E4, PER, cut_per_sack=10, sack_size=121))


@pytest.mark.parametrize(
    ("terms", "effective"),
    [
        # Sidrap: the needle 5 to 6 kg off, 3 to 5 kg cut: 8 to 11 kg of a sack of 100.
        (QuoteTerms(7_000 * E4, PER, cut_per_sack=3, scale_offset=5, sack_size=100), 6_440),
        (QuoteTerms(7_000 * E4, PER, cut_per_sack=5, scale_offset=5, sack_size=100), 6_300),
        (QuoteTerms(7_000 * E4, PER, cut_per_sack=5, scale_offset=6, sack_size=100), 6_230),
        (QuoteTerms(7_000 * E4, PER, scale_offset=5, sack_size=100), 6_650),
        (QuoteTerms(4_400 * E4, PER, cut_per_sack=10, sack_size=50), 3_520),  # 50 kg noted as 40
        (QuoteTerms(10_000 * E4, PER, commission_bp=500, charge_e4=100 * E4), 9_400),
    ],
)
def test_every_form_of_cut_has_its_price(terms: QuoteTerms, effective: int) -> None:
    assert worth(terms) == effective


def test_an_offer_without_cuts_has_no_steps() -> None:
    assert list(quotes.steps(QuoteTerms(5_000 * E4, PER), rate_bp=RATE)) == []


TERMS = st.builds(
    QuoteTerms,
    price_e4=st.integers(1, 10**8),
    per=st.just(PER),
    cut_per_sack=st.integers(0, 20),
    scale_offset=st.integers(0, 20),
    sack_size=st.just(50),
    cut_bp=st.integers(0, 9_999),
    commission_bp=st.integers(0, 9_999),
    charge_e4=st.integers(0, 10**5),
    pays_after_days=st.integers(0, 365),
    market_e4=st.none() | st.integers(10**8, 2 * 10**8),
)


@given(TERMS)
def test_the_steps_lead_from_what_he_says_to_what_arrives(terms: QuoteTerms) -> None:
    found = list(quotes.steps(terms, rate_bp=RATE))
    first = Fraction(quotes.first_e4(terms), E4)

    assert first - sum((one.off for one in found), Fraction(0)) == worth(terms)
    assert (found[-1].left if found else first) == worth(terms)


@given(st.integers(1, 10**9), st.integers(1, 104), st.integers(0, 10**8), st.integers(1, 365))
def test_at_the_hidden_rate_the_payments_are_worth_the_loan(
    loan_rp: int, parts: int, part_rp: int, days: int
) -> None:
    found = quotes.hidden(TIED, Loan(loan_rp, parts, part_rp, days))

    assert (found.rate_bp == 0) or part_rp * parts > loan_rp
    if found.rate_bp > 0:
        low, high = (
            sum(Fraction(part_rp) / (1 + Fraction(bp, money.BP)) ** n for n in range(1, parts + 1))
            for bp in (found.rate_bp + 1, max(0, found.rate_bp - 1))
        )
        assert low <= loan_rp <= high
