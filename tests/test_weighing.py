"""Weighing sack by sack: what is typed, what it adds up to, and which scale it was."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod import db
from kopprod.domain import quantities, typed
from kopprod.domain import weighing as rules
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.quantities import STANDARD_UNITS, BaseUnit, UnitFactor
from kopprod.domain.refusal import Refusal
from kopprod.services import check, deliveries, weighing
from tests import make
from tests.test_deliveries import KG, Scale

UNITS = [*STANDARD_UNITS[BaseUnit.GRAM], UnitFactor("karung", 50 * KG)]


@pytest.fixture
def scale(coop: str) -> Scale:
    return Scale(coop)


def read(text: str) -> list[int]:
    return list(rules.parse_weights(text, UNITS, "kg").each)


# The rule


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("50,5 51 49,8 50 x3 48", [50_500, 51_000, 49_800, 50_000, 50_000, 50_000, 48_000]),
        ("50;51\n49", [50_000, 51_000, 49_000]),
        ("50, 51, 49", [50_000, 51_000, 49_000]),
        ("3x50", [50_000] * 3),
        ("3 x 50,5 kg", [50_500] * 3),
        ("50 kg x 3", [50_000] * 3),
        ("50 × 2", [50_000] * 2),
        ("4*4", [4_000] * 4),
        ("2,5 kuintal", [250_000]),
        ("2 karung", [100_000]),
        ("52 kg + 3 kg", [52_000, 3_000]),
        ("50 dan 51", [50_000, 51_000]),
        ("1.000 gram 2kg", [1_000, 2_000]),
    ],
)
def test_sacks_are_read_as_officers_type_them(text: str, grams: list[int]) -> None:
    assert read(text) == grams


@pytest.mark.parametrize(
    ("text", "refusal", "piece"),
    [
        ("50 1.5 49", typed.Ambiguous, "1.5 kg"),
        ("50 -5", quantities.NegativeQuantity, "-5"),
        ("50 0", quantities.ZeroQuantity, "0 kg"),
        ("50 lima", quantities.UnknownUnit, "lima"),
        ("50-5", rules.PieceUnclear, "50-5"),
        ("50 Rp6.7000", rules.PieceUnclear, "6.7000"),
        ("abc", rules.PieceUnclear, "abc"),
        ("2,5x3,5", rules.CountUnclear, "2,5x3,5"),
        ("50 51 = 100 = 101", rules.PieceUnclear, "=101"),
        ("5000x9000", rules.TooManySacks, "5000"),
        ("600x700 600x700", rules.TooManySacks, "1200"),
        ("600x700;600x700", rules.TooManySacks, "1200"),
        ("=50", typed.FormulaTyped, "=50"),
        ("", typed.NothingTyped, ""),
        (" = 50", typed.FormulaTyped, "= 50"),
        (";;", typed.NothingTyped, ""),
        ("50 " * 900, rules.PieceUnclear, "50"),
    ],
)
def test_a_refusal_names_the_piece(text: str, refusal: type[Refusal], piece: str) -> None:
    with pytest.raises(refusal) as refused:
        read(text)
    assert not piece or piece in " ".join(str(fact) for fact in refused.value.facts.values())


def test_the_sacks_are_trusted_and_the_difference_is_said() -> None:
    weights = rules.parse_weights("50 51 = 102", UNITS, "kg")
    assert (weights.total, weights.stated, weights.differs) == (101_000, 102_000, 1_000)
    assert rules.parse_weights("50 51 =", UNITS, "kg").differs == 0


KILOS = st.lists(st.integers(1, 2_000), min_size=1, max_size=30)


@given(kilos=KILOS, data=st.data())
def test_the_total_is_the_sum_in_whatever_order(kilos: list[int], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(kilos))
    between = data.draw(st.sampled_from([" ", ";", "\n", ", ", " + "]))
    weights = rules.parse_weights(between.join(f"{kg},5" for kg in shuffled), UNITS, "kg")
    assert weights.total == sum(kg * KG + 500 for kg in kilos)
    assert sorted(weights.each) == sorted(kg * KG + 500 for kg in kilos)


@given(count=st.integers(1, 50), kg=st.integers(1, 500))
def test_a_repeat_is_the_same_as_typing_it_often(count: int, kg: int) -> None:
    assert read(f"{count} x {kg} kg") == read(" ".join([str(kg)] * count))


def test_a_sack_ten_times_the_middle_one_is_asked_about() -> None:
    sacks = [50 * KG, 51 * KG, 511 * KG]
    with pytest.raises(rules.OddWeight):
        rules.check_weights(sacks, BaseUnit.GRAM)
    assert rules.check_weights(sacks, BaseUnit.GRAM, sure=True) == 612 * KG
    assert rules.check_weights([50 * KG, 51 * KG, 510 * KG], BaseUnit.GRAM) == 611 * KG


def test_the_tare_of_one_counts_for_each() -> None:
    assert rules.tare_of(200, [50 * KG] * 7, BaseUnit.GRAM) == 1_400
    with pytest.raises(rules.TareNeedsCount):
        rules.tare_of(200, [50 * KG, 200], BaseUnit.GRAM)


def test_a_verification_counts_on_its_last_day() -> None:
    assert not rules.is_expired(make.TODAY, on=make.TODAY)
    assert rules.is_expired(make.TODAY, on=make.TODAY + timedelta(days=1))
    assert rules.is_expired(None, on=make.TODAY)


# The database


def test_every_sack_is_kept_and_makes_the_gross(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        delivery = scale.receive(
            session, gross=1, weights=[50_500, 51_000, 49_800], tare_each=200, typed="50,5 51 49,8"
        )
        assert weighing.weights(session, delivery.id) == [50_500, 51_000, 49_800]
        (row,) = deliveries.deliveries(session)
    assert (delivery.gross, delivery.tare, delivery.net) == (151_300, 600, 150_700)
    assert row.sacks == 3


def test_a_delivery_without_sacks_is_one_weight_and_its_reversal_too(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        wrong = scale.receive(session)
        back = deliveries.reverse(session, wrong.id, reason="x", on=make.TODAY)
        assert weighing.weights(session, wrong.id) == [102 * KG]
        assert weighing.weights(session, back.id) == [102 * KG]
    with db.reading(scale.coop) as session:
        assert [*check.problems(session)] == []


def test_an_odd_sack_is_kept_only_by_somebody_who_is_sure(scale: Scale) -> None:
    sacks = [50 * KG, 50 * KG, 5_000 * KG]
    with pytest.raises(rules.OddWeight), scale.acting(scale.oman) as session:
        scale.receive(session, weights=sacks)
    with scale.acting(scale.oman) as session:
        assert scale.receive(session, weights=sacks, sure=True).gross == 5_100 * KG


def test_a_member_sees_the_sacks_of_her_own_only(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        mine = scale.receive(session).id
        other = scale.receive(session, member_id=scale.budi_id).id
    with db.reading(scale.coop, person=scale.ayu) as session:
        assert weighing.weights(session, mine) == [102 * KG]
        assert weighing.weights(session, other) == []


def test_what_an_officer_used_last_is_remembered_for_the_day(scale: Scale) -> None:
    with scale.acting(make.MANAGER) as session:
        balance = weighing.add_scale(session, name="Gudang", verified_until=make.TODAY)
        olga = make.user(session, Role.OFFICER, name="Olga")
    with scale.acting(scale.oman) as session:
        assert weighing.habits(session, on=make.TODAY) == weighing.Habits(None, None)
        scale.receive(session, scale_id=balance.id, tare_each=200, weights=[50 * KG])
        assert weighing.last_tare_each(session, scale.paddy) == 200
        assert weighing.last_tare_each(session, scale.coffee) is None
        assert weighing.habits(session, on=make.TODAY) == weighing.Habits(scale.paddy, balance.id)
        tomorrow = make.TODAY + timedelta(days=1)
        assert weighing.habits(session, on=tomorrow) == weighing.Habits(None, balance.id)
    with scale.acting(olga) as session:
        assert weighing.habits(session, on=make.TODAY) == weighing.Habits(None, None)


def test_an_expired_scale_stops_nothing_and_is_shown(scale: Scale) -> None:
    with scale.acting(make.MANAGER) as session:
        old = weighing.add_scale(session, name=" Balai  desa ", verified_until=date(2026, 3, 1))
    with scale.acting(scale.oman) as session:
        scale.receive(session, scale_id=old.id)
        (row,) = deliveries.deliveries(session)
    assert (row.scale, row.scale_expired) == ("Balai desa", True)


def test_scales_are_the_managers(scale: Scale) -> None:
    with scale.acting(make.MANAGER) as session:
        one = weighing.add_scale(session, name="Gudang", verified_until=None)
        for name, refusal in (("gudang", rules.ScaleKnown), ("  ", rules.ScaleNeedsName)):
            with pytest.raises(refusal):
                weighing.add_scale(session, name=name, verified_until=None)
        weighing.change_scale(session, one.id, verified_until=make.TODAY, active=False)
        assert weighing.scales(session) == []
        (kept,) = weighing.scales(session, with_stopped=True)
        assert kept.verified_until == make.TODAY
    with pytest.raises(NotAllowed), scale.acting(scale.oman) as session:
        weighing.add_scale(session, name="Sawah", verified_until=None)
