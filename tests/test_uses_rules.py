"""One use of a machine: hand-over and return, what it brought, and who used how much."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import uses
from kopprod.domain.equipment import Condition
from kopprod.domain.tariffs import Split, SplitNotWhole
from kopprod.domain.uses import HandOver, MemberUse, Return, Shares

MORNING = datetime(2026, 6, 5, 0, 0, tzinfo=UTC)
OUT = HandOver(MORNING, 12_045, Condition.GOOD, frozenset({"Rotari", "Kunci roda"}))
BACK = Return(
    MORNING + timedelta(hours=6),
    12_095,
    Condition.WORN,
    area_m2=7_500,
    fuel_ml=18_750,
    accessories=frozenset({"Rotari", "Kunci roda"}),
)
NAME = "Traktor tangan 1"
SPLIT = Split(4_000, 2_000, 2_500, 1_500)


def out_of(out: HandOver, *, has_meter: bool = True, last: int | None = 12_040) -> HandOver:
    return uses.check_hand_over(out, machine=NAME, has_meter=has_meter, last_meter=last)


def back_of(
    back: Return, *, out: HandOver = OUT, has_meter: bool = True, land_m2: int | None = 7_500
) -> Return:
    return uses.check_return(
        out, back, machine=NAME, has_meter=has_meter, name="Siti", land_m2=land_m2
    )


def test_a_use_as_it_should_be_is_kept() -> None:
    assert out_of(OUT) == OUT
    assert out_of(OUT, last=None) == out_of(OUT, last=12_045) == OUT
    assert back_of(BACK) == BACK
    assert back_of(replace(BACK, area_m2=None, fuel_ml=None), land_m2=0).area_m2 is None
    assert back_of(replace(BACK, area_m2=9_000), land_m2=None).area_m2 == 9_000
    assert uses.minutes_used(OUT, BACK) == 300


def test_the_least_and_the_most_are_kept() -> None:
    new = replace(OUT, meter=0)

    assert out_of(new, last=None) == new
    assert out_of(replace(OUT, meter=uses.MOST_METER)).meter == uses.MOST_METER
    for area_m2, fuel_ml in ((0, 0), (uses.MOST_AREA_M2, uses.MOST_FUEL_ML)):
        back = replace(BACK, area_m2=area_m2, fuel_ml=fuel_ml, damage="x" * 500)
        assert back_of(back, land_m2=None) == back
    assert back_of(replace(BACK, at=MORNING, meter=12_045)).at == MORNING


def test_without_a_meter_none_is_kept_and_the_clock_counts() -> None:
    out = out_of(OUT, has_meter=False)
    back = back_of(BACK, out=out, has_meter=False)

    assert (out.meter, back.meter) == (None, None)
    assert uses.minutes_used(out, back) == 360
    assert uses.minutes_used(out, replace(back, at=back.at + timedelta(seconds=1))) == 361
    assert uses.minutes_used(OUT, back) == 360
    assert back_of(BACK, out=out).meter == 12_095  # a meter was fitted meanwhile


@pytest.mark.parametrize(
    ("out", "refused"),
    [
        (replace(OUT, meter=None), uses.MeterMissing),
        (replace(OUT, meter=-1), uses.MeterAbsurd),
        (replace(OUT, meter=10_000_001), uses.MeterAbsurd),
        (replace(OUT, meter=12_039), uses.MeterRunsBackwards),
        (replace(OUT, condition=Condition.BROKEN), uses.HandedOverBroken),
    ],
)
def test_a_hand_over_that_cannot_be_true_is_refused(
    out: HandOver, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        out_of(out)


@pytest.mark.parametrize(
    ("back", "refused"),
    [
        (replace(BACK, at=MORNING - timedelta(minutes=1)), uses.ReturnedBeforeHandedOver),
        (replace(BACK, meter=None), uses.MeterMissing),
        (replace(BACK, meter=12_044), uses.MeterRunsBackwards),
        (replace(BACK, meter=12_107), uses.MeterFasterThanClock),  # 6,2 hours in six
        (replace(BACK, area_m2=-1), uses.AreaAbsurd),
        (replace(BACK, area_m2=10_000_001), uses.AreaAbsurd),
        (replace(BACK, area_m2=7_501), uses.AreaBeyondLand),
        (replace(BACK, fuel_ml=-1), uses.FuelAbsurd),
        (replace(BACK, fuel_ml=2_000_001), uses.FuelAbsurd),
        (replace(BACK, condition=Condition.DAMAGED, damage=" "), uses.DamageNeedsWords),
        (replace(BACK, condition=Condition.BROKEN), uses.DamageNeedsWords),
        (replace(BACK, damage="x" * 501), uses.DamageTooLong),
        (replace(BACK, accessories=frozenset({"Bajak"})), uses.NeverWentAlong),
    ],
)
def test_a_return_that_cannot_be_true_is_refused(back: Return, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        back_of(back)


def test_the_sentence_names_member_and_areas() -> None:
    with pytest.raises(uses.AreaBeyondLand) as refused:
        back_of(replace(BACK, area_m2=8_000))

    assert dict(refused.value.facts) == {"name": "Siti", "land": "0,75 ha", "area": "0,8 ha"}


@pytest.mark.parametrize(
    ("elapsed", "tenths", "true"),
    [
        (timedelta(hours=6), 60, True),
        (timedelta(hours=6), 61, True),  # two readings hide almost a tenth
        (timedelta(hours=6), 62, False),
        (timedelta(0), 1, True),
        (timedelta(0), 2, False),
        (timedelta(minutes=5, seconds=59), 2, False),
        (timedelta(minutes=6), 2, True),
    ],
)
def test_a_machine_runs_no_longer_than_it_is_out(
    elapsed: timedelta, tenths: int, true: bool
) -> None:
    back = replace(BACK, at=MORNING + elapsed, meter=12_045 + tenths)

    if true:
        assert back_of(back) == back
    else:
        with pytest.raises(uses.MeterFasterThanClock):
            back_of(back)


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (Condition.GOOD, Condition.WORN, False),
        (Condition.GOOD, Condition.DAMAGED, True),
        (Condition.WORN, Condition.BROKEN, True),
        (Condition.DAMAGED, Condition.DAMAGED, False),
        (Condition.DAMAGED, Condition.BROKEN, True),
        (Condition.DAMAGED, Condition.GOOD, False),
    ],
)
def test_only_new_damage_needs_words(before: Condition, after: Condition, worse: bool) -> None:
    back = replace(BACK, condition=after)

    assert uses.is_worse(before, after) is worse
    if not worse:
        assert back_of(back, out=replace(OUT, condition=before)) == back


def test_damage_is_tidied_and_what_is_missing_is_named() -> None:
    back = back_of(
        replace(
            BACK,
            condition=Condition.DAMAGED,
            damage="Pisau  bengkok ",
            accessories=frozenset({" Rotari ", " "}),
        )
    )

    assert back.damage == "Pisau bengkok"
    assert uses.missing_accessories(OUT, back) == ["Kunci roda"]
    assert uses.missing_accessories(OUT, BACK) == []


@pytest.mark.parametrize(
    ("late", "minutes"),
    [
        (timedelta(hours=-2), 0),
        (timedelta(0), 0),  # at that moment it is not late
        (timedelta(microseconds=1), 1),
        (timedelta(minutes=1), 1),
        (timedelta(minutes=1, microseconds=1), 2),
        (timedelta(minutes=1, seconds=1), 2),
        (timedelta(days=1), 1_440),
    ],
)
def test_it_is_late_once_the_moment_has_passed(late: timedelta, minutes: int) -> None:
    assert uses.minutes_late(MORNING, MORNING + late) == minutes


def test_net_income_is_shared_by_the_set_percentages() -> None:
    net_rp = uses.net_income_rp(1_875_000, fuel_rp=127_500)

    assert net_rp == 1_747_500
    assert uses.income_shares(net_rp, SPLIT, operator=True) == Shares(
        699_000, 349_500, 436_875, 262_125
    )


@pytest.mark.parametrize(
    ("net_rp", "operator", "shares"),
    [
        (1, True, Shares(1, 0, 0, 0)),
        (3, True, Shares(1, 1, 1, 0)),  # 1,2 0,6 0,75 0,45
        (7, True, Shares(3, 1, 2, 1)),  # 2,8 1,4 1,75 1,05
        (1_747_500, False, Shares(0, 349_500, 436_875, 961_125)),
        (0, True, Shares(0, 0, 0, 0)),
        (-5_000, True, Shares(0, 0, 0, 0)),
    ],
)
def test_shares_to_the_rupiah(net_rp: int, operator: bool, shares: Shares) -> None:
    assert uses.income_shares(net_rp, SPLIT, operator=operator) == shares


@settings(max_examples=40)
@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10_000), min_size=3), st.booleans())
def test_shares_add_up_to_net_income_and_a_loss_is_nobodys(
    net_rp: int, cuts: list[int], operator: bool
) -> None:
    a, b, c = sorted(cuts[:3])
    shares = uses.income_shares(net_rp, Split(a, b - a, c - b, 10_000 - c), operator=operator)

    assert shares.total_rp == max(net_rp, 0)
    assert min(shares.operator_rp, shares.maintenance_rp, shares.depreciation_rp) >= 0
    assert shares.cooperative_rp >= 0
    assert operator or shares.operator_rp == 0


def test_percentages_that_are_not_the_whole_share_nothing() -> None:
    for net_rp in (100, -100):
        with pytest.raises(SplitNotWhole):
            uses.income_shares(net_rp, Split(4_000, 2_000, 2_500, 2_000), operator=True)


def test_what_is_left_may_be_a_loss_but_costs_are_no_gain() -> None:
    assert uses.net_income_rp(100_000, fuel_rp=90_000, other_rp=25_000) == -15_000
    with pytest.raises(uses.CostOfUseBelowNothing):
        uses.net_income_rp(100, fuel_rp=-1)
    with pytest.raises(uses.CostOfUseBelowNothing):
        uses.net_income_rp(100, fuel_rp=0, other_rp=-1)


def test_who_used_most_and_who_least() -> None:
    found = uses.fairness(
        [
            MemberUse(1, 600, 20_000),
            MemberUse(2, 300, 5_000),
            MemberUse(3, 0, 5_000),
            MemberUse(4, 0),
        ]
    )

    assert [part.share_bp for part in found.parts] == [6_667, 3_333, 0, 0]
    assert [part.minutes_per_ha for part in found.parts] == [300, 600, 0, None]
    assert (found.most, found.least) == ((1,), (3, 4))


@pytest.mark.parametrize(
    "used", [[], [MemberUse(1, 60)], [MemberUse(1, 60), MemberUse(2, 60)], [MemberUse(1, 0)]]
)
def test_where_all_used_the_same_nobody_is_most_or_least(used: list[MemberUse]) -> None:
    found = uses.fairness(used)

    assert (found.most, found.least) == ((), ())
    assert sum(part.share_bp for part in found.parts) == (10_000 if any_used(used) else 0)


def any_used(used: list[MemberUse]) -> bool:
    return any(one.minutes for one in used)


def test_of_two_one_used_most_and_one_least() -> None:
    found = uses.fairness([MemberUse(1, 60, 1), MemberUse(2, 61)])

    assert (found.most, found.least) == ((2,), (1,))
    assert found.parts[0].minutes_per_ha == 600_000


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 10**6)), min_size=1, max_size=9))
def test_parts_of_use_add_up_to_the_whole(each: list[tuple[int, int]]) -> None:
    used = [MemberUse(key, minutes, land) for key, (minutes, land) in enumerate(each)]
    found = uses.fairness(used)

    whole = 10_000 if any_used(used) else 0
    assert sum(part.share_bp for part in found.parts) == whole
    for part, one in zip(found.parts, used, strict=True):
        if part.minutes_per_ha is not None:
            assert part.minutes_per_ha * Fraction(one.land_m2, 10_000) == one.minutes


def test_a_meter_is_shown_in_hours() -> None:
    assert uses.hours(12_045) == "1.204,5"


def test_a_meter_that_is_replaced_ends_where_it_was_read_last_or_later() -> None:
    uses.check_replaced(12_045, 0, machine="Pompa", last_meter=12_045)
    uses.check_begun(5, 5, machine="Pompa")
    for ended, begins, refusal in (
        (12_044, 0, uses.MeterRunsBackwards),
        (12_045, -1, uses.MeterAbsurd),
        (uses.MOST_METER + 1, 0, uses.MeterAbsurd),
    ):
        with pytest.raises(refusal):
            uses.check_replaced(ended, begins, machine="Pompa", last_meter=12_045)
    with pytest.raises(uses.MeterRunsBackwards):
        uses.check_begun(4, 5, machine="Pompa")
