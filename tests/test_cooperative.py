"""The cooperative: settings, villages, neighbours, and founding it with the printed code."""

import ast
from pathlib import Path

import pytest
from sqlmodel import select

from kopprod import db
from kopprod.domain import access as access_rules
from kopprod.domain import cooperative as rules
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.refusal import Refusal
from kopprod.services import access, cooperative, signin
from kopprod.tables.access import AppUser
from kopprod.tables.ledger import Account
from kopprod.web import founding
from tests import make, source
from tests.screens import screen, words

FORM = {
    "nama": "Koperasi Produsen Tani Jaya",
    "jenis": "crops",
    "desa": "Sukamaju",
    "pendiri": "Citra Dewi",
    "pengguna": "citra",
    "pin": "836194",
    "ulang": "836194",
    "bendahara": "ya",
}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Koperasi Produsen Tani Makmur", "tani_makmur"),
        ("KUD Sumber Rejeki", "sumber_rejeki"),
        ("Koperasi Desa", "koperasi_desa"),
        ("Koperasi 45", "kop_45"),
        ("Koperasi Café Déwi's", "cafe_dewi_s"),
        ("Koperasi " + "a" * 80, "a" * 36),
    ],
)
def test_a_cooperative_gets_a_short_name(name: str, slug: str) -> None:
    assert rules.slug_of(name) == slug
    assert db.check_slug(slug)


def test_a_taken_short_name_is_counted_on() -> None:
    assert rules.slug_of("Tani", taken={"tani", "tani_2"}) == "tani_3"


@pytest.mark.parametrize("name", ["", "123", "'; --", "川"])
def test_a_cooperative_needs_letters(name: str) -> None:
    with pytest.raises(rules.NameWithoutLetters):
        rules.slug_of(name)


def test_every_default_is_a_value_that_could_be_kept() -> None:
    for name, rule in rules.SETTINGS.items():
        if rule.kind in (rules.SettingKind.PERCENT, rules.SettingKind.TENTHS):
            assert rule.lowest <= int(rule.default) <= rule.highest
        elif name != "name":
            assert rules.check_setting(name, rule.default) == rule.default


@pytest.mark.parametrize(
    ("typed", "kept"), [("2,5", "250"), ("2", "200"), ("0,75 %", "75"), ("5%", "500")]
)
def test_a_percentage_is_typed_as_people_write_it(typed: str, kept: str) -> None:
    assert rules.check_setting("fee_bp", typed) == kept


@pytest.mark.parametrize("typed", ["", "2.5", "51", "-1", "lima", "2,555"])
def test_a_percentage_that_cannot_be_meant_is_refused(typed: str) -> None:
    with pytest.raises(rules.PercentOutOfRange):
        rules.check_setting("fee_bp", typed)


@pytest.mark.parametrize(
    ("typed", "kept"), [("8000", "80000"), ("7.096,5", "70965"), (" 7096,5 ", "70965")]
)
def test_the_size_of_a_bau_is_typed_in_square_metres(typed: str, kept: str) -> None:
    assert rules.check_setting("bau_tenths", typed) == kept


@pytest.mark.parametrize("typed", ["", "satu", "4999", "10.000,1", "7.096,55", "8,000"])
def test_a_bau_that_no_place_knows_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        rules.check_setting("bau_tenths", typed)


@pytest.mark.parametrize(
    ("name", "typed"), [("quote_min_count", "0"), ("quote_min_count", "x"), ("zone", "Mars")]
)
def test_a_value_out_of_range_is_refused(name: str, typed: str) -> None:
    with pytest.raises(rules.SettingOutOfRange):
        rules.check_setting(name, typed)


def test_unknown_and_empty_settings_are_refused() -> None:
    with pytest.raises(rules.SettingUnknown):
        rules.check_setting("colour", "teal")
    with pytest.raises(rules.SettingEmpty):
        rules.check_setting("name", "  ")


def test_every_setting_that_is_asked_for_exists() -> None:
    asked = {
        call.args[1].value
        for path in source.modules("kopprod", "pages")
        for call in source.calls(path)
        if source.called(call) in {"setting", "whole"}
        and ast.unparse(call.func) in {"cooperative.setting", "cooperative.whole"}
        and isinstance(call.args[1], ast.Constant)
    }

    assert asked
    assert asked <= set(rules.SETTINGS)


def test_a_setting_keeps_its_default_until_a_manager_changes_it(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        assert cooperative.whole(session, "fee_bp") == 500
        assert cooperative.change_setting(session, name="fee_bp", value="2,5") == "250"
        assert cooperative.whole(session, "fee_bp") == 250
        cooperative.change_setting(session, name="fee_bp", value="3")
        assert cooperative.whole(session, "fee_bp") == 300
    with (
        db.writing(coop, person=make.TREASURER, action="test", at=make.AT) as session,
        pytest.raises(NotAllowed),
    ):
        cooperative.change_setting(session, name="fee_bp", value="9")


def test_villages_and_neighbours(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        here = cooperative.add_village(session, name=" Suka  Maju ")
        there = cooperative.add_village(session, name="Karangsari")
        far = cooperative.add_village(session, name="Wates")
        for _turn in range(2):  # a second time changes nothing
            cooperative.add_neighbours(session, village_id=there.id, other_id=here.id)
        assert cooperative.comparable_villages(session, here.id) == {here.id, there.id}
        assert cooperative.comparable_villages(session, there.id) == {here.id, there.id}
        assert cooperative.comparable_villages(session, far.id) == {far.id}
        assert [(a.name, b.name) for a, b in cooperative.neighbours(session)] == [
            ("Suka Maju", "Karangsari")
        ]
        with pytest.raises(rules.VillageKnown):
            cooperative.add_village(session, name="suka maju")
        with pytest.raises(rules.VillageNeedsName):
            cooperative.add_village(session, name=" ")
        with pytest.raises(rules.NotTwoVillages):
            cooperative.add_neighbours(session, village_id=far.id, other_id=far.id)
        cooperative.remove_neighbours(session, village_id=here.id, other_id=there.id)
        assert cooperative.comparable_villages(session, here.id) == {here.id}


def test_founding_makes_a_cooperative_with_its_chart_and_first_manager(
    coop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPPROD_DATA", str(tmp_path))
    founding.new_code()

    founded, signed_in = founding.found(FORM, "a browser")

    assert founded == "tani_jaya"
    assert not founding.is_open()
    with db.reading(founded) as session:
        assert cooperative.setting(session, "name") == FORM["nama"]
        assert [village.name for village in cooperative.villages(session)] == ["Sukamaju"]
        assert session.exec(select(Account)).first() is not None
        person = access.look_up(session, signin.hash_token(signed_in.token), at=make.AT)
        assert person is not None
        assert person.name == "Citra Dewi"
        assert person.roles == {Role.MANAGER, Role.TREASURER}
    with db.reading(coop) as session:  # the others know nothing of it
        assert session.exec(select(AppUser)).first() is None


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("nama", "", rules.SettingEmpty),
        ("nama", "123", rules.NameWithoutLetters),
        ("jenis", "mines", rules.SettingOutOfRange),
        ("desa", " ", rules.VillageNeedsName),
        ("pendiri", "", rules.SettingEmpty),
        ("pengguna", "Ci tra", access_rules.UserNameMisshapen),
        ("ulang", "836195", access_rules.SecretsDiffer),
    ],
)
def test_a_refused_founding_leaves_nothing_behind(
    coop: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    field: str,
    value: str,
    refusal: type[Exception],
) -> None:
    monkeypatch.setenv("KOPPROD_DATA", str(tmp_path))
    founding.new_code()

    with pytest.raises(refusal):
        founding.found({**FORM, field: value}, "a browser")

    assert db.coops() == [coop]
    assert founding.is_open()


def test_only_the_last_printed_code_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOPPROD_DATA", str(tmp_path))
    first, last = founding.new_code(), founding.new_code()

    assert founding.is_right(last)
    assert founding.is_right(f" {last.lower().replace('-', ' ')} ")
    assert not founding.is_right(first)
    assert last.replace("-", "") not in (tmp_path / "founding-code").read_text()


def test_of_two_processes_each_prints_a_code_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPPROD_DATA", str(tmp_path))
    codes = []
    for port in ("8501", "8502", "8501"):
        monkeypatch.setenv("PORT", port)
        codes.append(founding.new_code())

    assert [founding.is_right(code) for code in codes] == [False, True, True]


def test_a_manager_changes_a_setting_on_the_page(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")

    test = screen(coop, citra, "cooperative")
    assert "○ Catat desa-desa Anda" in words(test)
    test.text_input(key="village_0").set_value("Sukamaju").run()
    test.button(key="add_village").click().run()
    assert "✓ Catat desa-desa Anda" in words(test)
    test.selectbox(key="setting").select("fee_bp").run()
    test.text_input(key="value_fee_bp").set_value("2.5").run()
    test.button(key="keep_setting").click().run()
    assert "Ketik persentase seperti 2,5, dari 0 % sampai 50 %." in words(test)
    test.text_input(key="value_fee_bp").set_value("2,5").run()
    test.button(key="keep_setting").click().run()

    assert not test.exception
    assert "Jasa koperasi sekarang 2,5 %." in words(test)
    with db.reading(coop) as session:
        assert cooperative.whole(session, "fee_bp") == 250


def test_each_is_led_to_the_next_step_that_is_theirs(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
        make.village(session)
        before = cooperative.first_steps(session)
        tuti = make.user(session, Role.TREASURER, name="Tuti")
        after = cooperative.first_steps(session)

    assert (before.villages, before.products, before.staff, before.opened) == (1, 0, False, False)
    assert after.staff
    for person, place, step in (
        (citra, "home", "Langkah berikutnya: Atur produk, satuan, dan mutunya\u00a0→"),
        (citra, "products", None),
        (tuti, "home", "Langkah berikutnya: Masukkan saldo awal: kas, barang di gudang, simpanan"),
    ):
        links = [link.proto.label for link in screen(coop, person, place).get("page_link")]
        assert any(step in link for link in links) if step else not any("→" in one for one in links)
