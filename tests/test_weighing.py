"""Weighing sack by sack: what is typed, what it adds up to, and which scale it was."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain import quantities, typed
from kopprod.domain import weighing as rules
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.grading import Limit
from kopprod.domain.measures import Measure
from kopprod.domain.quantities import STANDARD_UNITS, BaseUnit, UnitFactor
from kopprod.domain.refusal import Refusal
from kopprod.services import check, deliveries, measures, weighing
from tests import make
from tests.screens import screen, unfold, words
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


@given(each=st.lists(st.integers(1, 3_000_000), min_size=1, max_size=20), times=st.integers(1, 4))
def test_weights_are_shown_as_they_are_typed(each: list[int], times: int) -> None:
    weights = [weight for weight in each for _ in range(times)]
    for unit, default in ((BaseUnit.GRAM, "kg"), (BaseUnit.PIECE, "buah"), (BaseUnit.GRAM, "ton")):
        shown = rules.as_typed(weights, unit)
        units = STANDARD_UNITS[unit]
        assert list(rules.parse_weights(shown, units, default).each) == weights


def test_what_is_shown_as_an_example_can_be_typed() -> None:
    for unit, example in rules.EXAMPLES.items():
        units = STANDARD_UNITS[unit]
        assert len(rules.parse_weights(example, units, units[0].name).each) == 5


def test_equal_sacks_that_follow_each_other_are_shown_once() -> None:
    assert rules.as_typed([50_500, 50_000, 50_000, 48_000], BaseUnit.GRAM) == (
        "50,5 kg 2x50 kg 48 kg"
    )


def test_a_sack_five_times_the_middle_one_is_asked_about() -> None:
    sacks = [50 * KG, 51 * KG, 256 * KG]
    with pytest.raises(rules.OddWeight):
        rules.check_weights(sacks, BaseUnit.GRAM)
    assert rules.check_weights(sacks, BaseUnit.GRAM, sure=True) == 357 * KG
    assert rules.check_weights([50 * KG, 51 * KG, 255 * KG], BaseUnit.GRAM) == 356 * KG


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


# The screen


def _field(test: AppTest, kind: str, key: str) -> Any:
    (found,) = [one for one in getattr(test, kind) if one.key.startswith(key)]
    return found


def test_a_queue_is_weighed_with_product_tare_and_scale_remembered(coop: str) -> None:
    scale = Scale(coop)
    with scale.acting(make.MANAGER) as session:
        weighing.add_scale(session, name="Gudang", verified_until=date(2026, 3, 1))
        measures.ask(session, scale.paddy, measure=Measure.MOISTURE, required=True)
        for grade_id, most in ((scale.best, 1_400), (scale.second, 1_800)):
            measures.set_limit(session, grade_id, limit=Limit(Measure.MOISTURE, most=most))
    test = screen(coop, scale.oman, "deliveries")
    _field(test, "selectbox", "delivery_member").select("Ayu · A-Ayu · Sukamaju").run()
    _field(test, "button_group", "delivery_product").set_value(scale.paddy).run()
    _field(test, "text_input", "delivery_gross").input("50,5 51 3x49,8 = 251").run()
    assert "**5** timbangan: **250,9 kg**, dari 49,8 kg sampai 51 kg" in words(test)
    assert "Tertulis 251 kg, tetapi timbangannya berjumlah 250,9 kg: selisih 0,1 kg" in words(test)
    assert "Timbangan Gudang: tera habis sejak 1 Maret 2026." in words(test)
    _field(test, "button_group", "delivery_tare").set_value(True).run()
    _field(test, "text_input", "delivery_tare").input("0,2").run()
    assert "5 × 0,2 kg = 1 kg" in words(test)
    moisture = "delivery_measure_moisture"
    _field(test, "text_input", moisture).input("250").run()
    assert "Kadar air antara 0 % dan 100 %; 250 % tidak mungkin benar." in words(test)
    assert not [b for b in test.button if (b.key or "").startswith("delivery_receive")]
    _field(test, "text_input", moisture).input("16").run()
    assert "usulannya mutu B" in words(test)
    assert "**249,9 kg Gabah mutu B** dari Ayu" in words(test)
    _field(test, "button", "delivery_receive").click().run()
    assert not test.exception

    # The next one: the member, the sacks, the moisture, and done.
    _field(test, "selectbox", "delivery_member").select("Budi · A-Budi").run()
    _field(test, "text_input", "delivery_gross").input("48 52").run()
    assert _field(test, "text_input", "delivery_tare").value == "0,2 kg"
    _field(test, "text_input", moisture).input("14").run()
    _field(test, "button", "delivery_receive").click().run()
    assert not test.exception
    with db.reading(coop, person=scale.oman) as session:
        budi, ayu = deliveries.deliveries(session)
        assert weighing.weights(session, ayu.delivery.id) == [50_500, 51_000, *[49_800] * 3]
    assert (ayu.grade, ayu.scale, ayu.delivery.tare_each) == ("B", "Gudang", 200)
    assert (budi.delivery.net, budi.delivery.tare, budi.grade) == (99_600, 400, "A")


def _load_to_reject(scale: "Scale") -> AppTest:
    """The officer has said what is wrong with Budi's load, and has not pressed yet."""
    test = screen(scale.coop, scale.oman, "deliveries")
    _field(test, "selectbox", "delivery_member").select("Budi · A-Budi").run()
    _field(test, "button_group", "delivery_product").set_value(scale.paddy).run()
    unfold(test, "delivery_reject_fold")
    _field(test, "text_input", "delivery_reject_why").input("berjamur").run()
    return test


def test_a_load_is_rejected_on_the_screen(coop: str) -> None:
    scale = Scale(coop)
    test = _load_to_reject(scale)
    test.button(key="delivery_reject_1").click().run()
    assert not test.exception
    assert "0001: Gabah dari Budi" in words(test)
    assert "berjamur" in words(test)


def test_an_odd_sack_is_asked_about_on_the_screen(coop: str) -> None:
    scale = Scale(coop)
    test = screen(coop, scale.oman, "deliveries")
    _field(test, "selectbox", "delivery_member").select("Budi · A-Budi").run()
    _field(test, "button_group", "delivery_product").set_value(scale.paddy).run()
    _field(test, "button_group", "delivery_grade").set_value(scale.best).run()
    _field(test, "text_input", "delivery_gross").input("50 51 505 5050").run()
    assert "Ada yang beratnya 5.050 kg, padahal yang tengah 51 kg" in words(test)
    _field(test, "checkbox", "delivery_sure").check().run()
    _field(test, "button", "delivery_receive").click().run()
    with db.reading(coop, person=scale.oman) as session:
        (row,) = deliveries.deliveries(session)
    assert row.net.amount == 5_656 * KG
    assert "· 4 timbangan" in words(test)  # and nothing of a tare that is nothing
    assert "tara 0" not in words(test)


def test_a_comma_that_was_not_typed_is_asked_about() -> None:
    assert rules.odd_weight([50_500, 51_000, 505_000]) == 505_000
    assert rules.odd_weight([50_500, 505_000, 49_800]) == 505_000
    assert rules.odd_weight([50_000, 51_000, 110_000]) is None  # a big sack


def test_the_manager_keeps_a_scale_on_the_screen(coop: str) -> None:
    scale = Scale(coop)
    with scale.acting(make.MANAGER) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(coop, citra, "deliveries")
    unfold(test, "delivery_scales")
    test.text_input(key="scale_name").input("Gudang").run()
    test.button(key="scale_keep").click().run()
    test.text_input(key="scale_name").input("gudang").run()
    test.date_input(key="scale_until").set_value(date(2027, 3, 1)).run()
    test.button(key="scale_keep").click().run()
    assert not test.exception
    with db.reading(coop, person=scale.oman) as session:
        (kept,) = weighing.scales(session)
    assert (kept.name, kept.verified_until) == ("Gudang", date(2027, 3, 1))


def test_what_was_typed_in_a_fold_is_there_when_it_is_opened_again(coop: str) -> None:
    scale = Scale(coop)
    test = _load_to_reject(scale)
    unfold(test, "delivery_reject_fold", open_it=False)
    unfold(test, "delivery_reject_fold")
    assert _field(test, "text_input", "delivery_reject_why").value == "berjamur"
