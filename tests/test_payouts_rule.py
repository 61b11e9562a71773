"""What is taken from a payout: never more than is owed, agreed, capped or there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import payouts
from kopprod.domain.payouts import AGREEABLE, Agreed, DeductionKind, deductions, notes

ADVANCE, CLAIM = DeductionKind.ADVANCE, DeductionKind.CLAIM
INPUTS, LOAN, DUES = DeductionKind.INPUTS, DeductionKind.LOAN, DeductionKind.DUES
NET = 7_634_460


def test_we_10_dues_and_an_instalment_leave_what_she_gets() -> None:
    taken = deductions(
        NET,
        debts_rp={LOAN: 2_000_000},
        agreed=[Agreed(DUES, 1, 10_000), Agreed(LOAN, 2, 200_000)],
        most_bp=3_000,
    )

    assert taken == {DUES: 10_000, LOAN: 200_000}
    assert NET - sum(taken.values()) == 7_424_460


@pytest.mark.parametrize(
    ("debts", "agreed", "most_bp", "taken"),
    [
        # Nothing agreed: nothing taken, whatever she owes; an advance for these goods always.
        ({LOAN: 500, CLAIM: 400}, [], 10_000, {}),
        ({ADVANCE: 300}, [], 0, {ADVANCE: 300}),
        ({ADVANCE: 5_000}, [Agreed(LOAN, 1)], 10_000, {ADVANCE: 1_000}),
        # A debt is taken whole, or as much as she lets be taken at once, or as is owed.
        ({LOAN: 500}, [Agreed(LOAN, 1)], 10_000, {LOAN: 500}),
        ({LOAN: 500}, [Agreed(LOAN, 1, 200)], 10_000, {LOAN: 200}),
        ({LOAN: 150}, [Agreed(LOAN, 1, 200)], 10_000, {LOAN: 150}),
        ({LOAN: -150}, [Agreed(LOAN, 1, 200)], 10_000, {}),
        # Her order says who comes first where the cap leaves no room for all.
        ({LOAN: 500, INPUTS: 500}, [Agreed(INPUTS, 1), Agreed(LOAN, 2)], 6_000,
         {INPUTS: 500, LOAN: 100}),
        ({LOAN: 500, INPUTS: 500}, [Agreed(INPUTS, 2), Agreed(LOAN, 1)], 6_000,
         {LOAN: 500, INPUTS: 100}),
        ({}, [Agreed(DUES, 1, 250)], 2_000, {DUES: 200}),
        # The cap is of the net value; an advance stands outside of it, but leaves less.
        ({ADVANCE: 700, LOAN: 500}, [Agreed(LOAN, 1)], 3_000, {ADVANCE: 700, LOAN: 300}),
        ({ADVANCE: 900, LOAN: 500}, [Agreed(LOAN, 1)], 3_000, {ADVANCE: 900, LOAN: 100}),
        ({LOAN: 500}, [Agreed(LOAN, 1)], 0, {}),
    ],
)  # fmt: skip
def test_how_much_is_taken_of_a_slip_of_1000(
    debts: dict[DeductionKind, int],
    agreed: list[Agreed],
    most_bp: int,
    taken: dict[DeductionKind, int],
) -> None:
    found = deductions(1_000, debts_rp=debts, agreed=agreed, most_bp=most_bp)

    assert found == taken
    assert list(found) == list(taken)


def test_the_cap_is_rounded_down() -> None:
    taken = deductions(999, debts_rp={LOAN: 999}, agreed=[Agreed(LOAN, 1)], most_bp=3_333)

    assert taken == {LOAN: 332}


amounts = st.integers(0, 10**12)
debts = st.dictionaries(st.sampled_from(list(DeductionKind)), st.integers(-(10**6), 10**12))


@st.composite
def terms(draw: st.DrawFn) -> list[Agreed]:
    kinds = draw(st.lists(st.sampled_from(AGREEABLE), unique=True))
    found = []
    for position, kind in enumerate(kinds, start=1):
        most = st.integers(1, 10**9)
        most_rp = draw(most if kind is DUES else most | st.none())
        found.append(Agreed(kind, position, most_rp))
    return found


caps = st.integers(0, 10_000)


@given(net=amounts, debts_rp=debts, agreed=terms(), most_bp=caps)
def test_laws_of_what_is_taken(
    net: int, debts_rp: dict[DeductionKind, int], agreed: list[Agreed], most_bp: int
) -> None:
    taken = deductions(net, debts_rp=debts_rp, agreed=agreed, most_bp=most_bp)

    payouts.check_terms(agreed, most_bp=most_bp)
    by_kind = {each.kind: each for each in agreed}
    assert all(amount_rp > 0 for amount_rp in taken.values())
    assert sum(taken.values()) <= net
    assert sum(a for kind, a in taken.items() if kind is not ADVANCE) * 10_000 <= net * most_bp
    for kind, amount_rp in taken.items():
        assert kind is DUES or amount_rp <= debts_rp[kind]
        most_rp = None if kind is ADVANCE else by_kind[kind].most_rp
        assert most_rp is None or amount_rp <= most_rp


@given(net=amounts, debts_rp=debts, agreed=terms(), most_bp=caps, data=st.data())
def test_the_order_in_which_it_is_told_changes_nothing(
    net: int,
    debts_rp: dict[DeductionKind, int],
    agreed: list[Agreed],
    most_bp: int,
    data: st.DataObject,
) -> None:
    shuffled = data.draw(st.permutations(agreed))
    turned = dict(reversed(list(debts_rp.items())))

    assert deductions(net, debts_rp=debts_rp, agreed=agreed, most_bp=most_bp) == deductions(
        net, debts_rp=turned, agreed=shuffled, most_bp=most_bp
    )


@given(net=amounts, debts_rp=debts, agreed=terms(), most_bp=caps)
def test_what_comes_later_in_her_order_takes_nothing_from_what_comes_before(
    net: int, debts_rp: dict[DeductionKind, int], agreed: list[Agreed], most_bp: int
) -> None:
    taken = deductions(net, debts_rp=debts_rp, agreed=agreed, most_bp=most_bp)

    for upto in range(len(agreed)):
        fewer = deductions(net, debts_rp=debts_rp, agreed=agreed[:upto], most_bp=most_bp)
        assert fewer.items() <= taken.items()


@pytest.mark.parametrize(
    ("agreed", "most_bp", "refusal"),
    [
        ([], 10_001, payouts.MostOutOfRange),
        ([], -1, payouts.MostOutOfRange),
        ([Agreed(LOAN, 1), Agreed(LOAN, 2)], 100, payouts.KindTwice),
        ([Agreed(DUES, 1)], 100, payouts.DuesNeedAmount),
        ([Agreed(LOAN, 1, 0)], 100, payouts.MostNotPositive),
        ([Agreed(ADVANCE, 1)], 100, payouts.NotToAgree),
    ],
)
def test_terms_that_nobody_can_mean_are_refused(
    agreed: list[Agreed], most_bp: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        payouts.check_terms(agreed, most_bp=most_bp)


def test_the_notes_of_a_list_are_counted_for_each_envelope() -> None:
    assert notes([187_350, 50_000]) == (
        {100_000: 1, 50_000: 2, 20_000: 1, 10_000: 1, 5_000: 1, 2_000: 1, 200: 1, 100: 1},
        50,
    )


@given(st.lists(st.integers(0, 10**9)))
def test_notes_and_what_is_left_come_to_the_amounts(amounts_rp: list[int]) -> None:
    counted, rest_rp = notes(amounts_rp)

    assert sum(note_rp * n for note_rp, n in counted.items()) + rest_rp == sum(amounts_rp)
