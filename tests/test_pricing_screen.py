"""The screen of price rules: a manager writes one by form, tries it out and keeps it."""

import pytest
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain.access import Role
from kopprod.domain.pricing import Fixed, GradePrice, PriceRule, kind_of
from kopprod.services import pricing
from tests import make
from tests.screens import screen, words
from tests.test_pricing import asking
from tests.test_pricing_rule import FAT, MILK, PADDY, PADDY_LINES, PALM, RP, TIERS, UGANDA

JANUARY = make.SINCE


def opened(coop: str, role: Role = Role.MANAGER) -> tuple[AppTest, int, int]:
    """The page of a product with the grades A and B, open to somebody."""
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, role, name="Citra")
        row = make.product(session)
        grade = make.grade(session, row.id)
        make.grade(session, row.id, "B", position=2)
    return press(screen(coop, who, "pricing"), f"open_{row.id}"), row.id, grade.id


def press(test: AppTest, key: str) -> AppTest:
    return test.button(key=key).click().run()


def fill(test: AppTest, **fields: str) -> AppTest:
    """Type into the fields of the empty form."""
    for name, value in fields.items():
        test.text_input(key=f"new_0_0_{name}").input(value)
    return test.run()


def kept(coop: str, product_id: int) -> list[PriceRule]:
    """The rules that were kept, the first one first."""
    with db.reading(coop, person=make.MANAGER) as session:
        return [each.rule for each in reversed(pricing.history(session, product_id))]


def test_the_screen_writes_the_table_of_paddy_and_tries_it_out(coop: str) -> None:
    test, rice, _grade = opened(coop)
    assert "Belum ada aturan harga" in words(test)
    assert test.button(key="keep_rule").disabled

    fill(test, price="6.500")
    test.button_group(key="new_0_0_parts").set_value(["table"]).run()
    for place, measure in ((0, "moisture"), (1, "empty")):
        test.selectbox(key=f"new_0_0_table_{place}").set_value(measure).run()
        name = f"new_0_0_table_{place}_{measure}"
        test.selectbox(key=f"{name}_between").set_value("higher")
        test.selectbox(key=f"{name}_outside").set_value("refuse").run()
    lines = test.text_area(key="new_0_0_lines_moisture_empty")
    lines.input(PADDY_LINES.replace("26-30", "27-30")).run()
    assert "antara kelas ≤ 25 % dan 27–30 % ada celah lebih dari satu langkah 1 %" in words(test)
    assert test.button(key="keep_rule").disabled
    test.text_area(key="new_0_0_lines_moisture_empty").input(PADDY_LINES).run()
    press(test, "keep_rule")

    assert "Versi 1 sudah disimpan" in words(test)
    assert kept(coop, rice) == [PADDY]
    (first,) = [box for box in test.text_input if box.label == "Kadar air (%)"]
    (second,) = [box for box in test.text_input if box.label == "Gabah hampa (%)"]
    first.input("28")
    second.input("12").run()
    (net,) = [box for box in test.text_input if "Berat bersih" in box.label]
    net.input("1 ton").run()
    said = words(test)
    assert "Kadar air 28 % (kelas 26–30 %) dengan Gabah hampa 12 % (kelas 11–15 %)" in said
    assert "−Rp750" in said
    assert "+Rp6.500" not in said  # where it begins is nothing that is added
    assert "1.000 kg × Rp5.750 = **Rp5.750.000**" in said
    assert [e.value for e in test.exception] == []


def test_the_screen_writes_points_limits_grades_and_a_standard_moisture(coop: str) -> None:
    test, rice, grade = opened(coop)
    test.button_group(key="new_0_0_base").set_value("each").run()
    fill(test, **{f"price_{grade}": "7.000", f"price_{grade + 1}": "6.500"})
    test.button_group(key="new_0_0_parts").set_value(["points", "limits", "weight"]).run()
    assert "Masih perlu diisi" in words(test)
    test.button_group(key="new_0_0_points_measures").set_value([FAT]).run()
    test.button_group(key="new_0_0_limits_measures").set_value(["bacteria"]).run()
    fill(
        test,
        points_fat_each="33",
        limits_bacteria_over="5 juta",
        limits_bacteria_adjust="-100",
        standard="14",
    )
    test.checkbox(key="new_0_0_limits_bacteria_needed").uncheck().run()
    press(test, "keep_rule")

    (rule,) = kept(coop, rice)
    prices = (GradePrice(grade, 7_000 * RP), GradePrice(grade + 1, 6_500 * RP))
    assert rule.base == Fixed(prices)
    assert (rule.points[0].each_e4, rule.limits) == (33 * RP, MILK.limits)
    assert rule.weight is not None
    assert rule.weight.standard_bp == 1_400
    assert [e.value for e in test.exception] == []


def test_the_screen_writes_the_formula_of_published_prices(coop: str) -> None:
    test, rice, _grade = opened(coop)
    test.button_group(key="new_0_0_base").set_value("index").run()
    fill(test, k="85")
    lines = test.text_area(key="new_0_0_indices")
    lines.input("CPO; 12.000; 20 %\nInti; 6.000; 5 %").run()
    press(test, "keep_rule")

    assert kept(coop, rice) == [PALM]
    assert "Rp2.295" in words(test)


@pytest.mark.parametrize("rule", [MILK, UGANDA, TIERS, PADDY, PALM], ids=lambda r: kind_of(r))
def test_every_rule_comes_out_of_the_form_as_it_went_in(coop: str, rule: PriceRule) -> None:
    test, rice, _grade = opened(coop)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        pricing.add_version(session, rice, rule=rule, since=JANUARY)
    press(test.run(), "keep_rule")

    assert [e.value for e in test.exception] == []
    assert kept(coop, rice) == [rule, rule]


def test_a_second_version_of_a_day_must_be_called_a_correction(coop: str) -> None:
    test, rice, _grade = opened(coop)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        pricing.add_version(session, rice, rule=MILK, since=JANUARY)
    press(press(test.run(), "keep_rule"), "keep_rule")
    assert "Versi 2 juga mulai" in words(test)
    (correction,) = [box for box in test.checkbox if "koreksi versi 2" in box.label]
    correction.check().run()
    press(test, "keep_rule")

    assert "Versi 3 sudah disimpan" in words(test)
    assert "mengoreksi versi 2" in words(test)
    assert len(kept(coop, rice)) == 3


def test_the_screen_asks_where_the_rule_leaves_it_to_somebody(coop: str) -> None:
    test, rice, _grade = opened(coop)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rule = PriceRule(TIERS.base, bands=asking())
        pricing.add_version(session, rice, rule=rule, since=JANUARY)
    test.run()
    (box,) = [box for box in test.text_input if box.label == "Kadar air (%)"]
    box.input("25,5").run()
    (question,) = [
        group for group in test.get("button_group") if "Pilih masuk kelas" in group.proto.label
    ]
    assert [option.content for option in question.proto.options] == ["25 %", "26 %"]

    assert question.key is not None
    test.button_group(key=question.key).set_value(2_600).run()

    assert "dihitung sebagai 26 % menurut keputusan petugas" in words(test)
    (box,) = [box for box in test.text_input if box.label == "Kadar air (%)"]
    box.input("250").run()
    assert "Kadar air antara 0 % dan 100 %" in words(test)


def test_an_officer_reads_rules_and_tries_them_but_writes_none(coop: str) -> None:
    test, rice, _grade = opened(coop, Role.OFFICER)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        pricing.add_version(session, rice, rule=MILK, since=JANUARY)
    test.run()

    assert {"keep_rule", "start"} & {b.key for b in test.button} == set()
    for label, value in (("Lemak (%)", "3,5"), ("Protein (%)", "2,7")):
        (box,) = [box for box in test.text_input if box.label == label]
        box.input(value)
    test.run()
    assert "Rp3.142,2" in words(test)


def test_without_products_the_screen_leads_to_them(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, Role.MANAGER, name="Citra")

    assert "Tambahkan produk dulu" in words(screen(coop, who, "pricing"))
