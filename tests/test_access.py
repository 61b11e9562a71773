"""Getting in: secrets, one-time codes, slowing, roles."""

import json
import re
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from kopprod import db
from kopprod.domain import access as rules
from kopprod.domain.access import MAY, SYSTEM, Action, NotAllowed, Person, Role
from kopprod.domain.refusal import Refusal
from kopprod.services import access, accounts, signin
from kopprod.services.signin import SignedIn
from kopprod.tables.access import AppUser
from kopprod.tables.members import Member
from kopprod.tables.trail import Change
from tests import make
from tests.screens import screen, words

BORN = date(1987, 9, 15)
GOOD = "836194"
MINUTE = timedelta(minutes=1)


def enter(
    coop: str, name: str, secret: str, at: datetime = make.AT, address: str = "10.0.0.1"
) -> SignedIn | Refusal:
    """Sign in as the page does, in three steps."""
    with db.reading(coop) as session:
        attempt = signin.attempt(session, name=name)
    proof = attempt.prove(secret)
    with db.writing(coop, person=SYSTEM, action="test", at=at) as session:
        return signin.sign_in(session, attempt=attempt, proof=proof, at=at, address=address)


def who_is(coop: str, signed_in: SignedIn, at: datetime = make.AT) -> Person | None:
    with db.reading(coop) as session:
        return access.look_up(session, signin.hash_token(signed_in.token), at=at)


def user(coop: str, *roles: Role, name: str = "Ayu", **facts: object) -> Person:
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        return make.user(session, *roles, name=name, secret=GOOD, **facts)  # type: ignore[arg-type]


def member_with_user(coop: str, name: str, *, number: str, phone: str | None = None) -> Person:
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        row = make.member(session, name, number=number, phone=phone)
        return make.user(session, Role.MEMBER, name=name, member_id=row.id, secret=GOOD)


# --- the rules -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    ["000000", "123456", "654321", "567890", "121212", "123123", "150987", "870915", "198709"]
    + ["345678", "aaaaaaab", "koperasi1", "Rahasia123"],
)
def test_what_others_would_try_first_is_refused(secret: str) -> None:
    with pytest.raises(rules.SecretGuessable):
        rules.check_secret(secret, birth_on=BORN, known=["Ayu", "+6281212345678"])


@pytest.mark.parametrize("secret", ["", "12345", "1234567", "82736451", "kopi1", "x" * 201])
def test_a_secret_is_six_digits_or_eight_characters_with_a_letter(secret: str) -> None:
    with pytest.raises(rules.SecretMisshapen):
        rules.check_secret(secret, birth_on=None)


@pytest.mark.parametrize("secret", [GOOD, "sawah-hijau", "pagi pagi ke ladang", "dua2ribu"])
def test_other_secrets_are_taken(secret: str) -> None:
    rules.check_secret(secret, birth_on=BORN, known=["Ayu", "+6281212345678"])


def test_a_birth_date_is_refused_only_to_whom_it_belongs() -> None:
    rules.check_secret("150987", birth_on=None)
    rules.check_secret("150987", birth_on=date(1990, 1, 1))


def test_the_name_of_the_account_is_no_secret() -> None:
    with pytest.raises(rules.SecretGuessable):
        rules.check_secret("citra.dewi", birth_on=None, known=["Citra Dewi"])


def test_a_code_is_read_with_the_blanks_of_the_slip() -> None:
    assert rules.typed_code("4821 9057") == "48219057"
    assert rules.typed_code("4821-9057") == "48219057"
    assert rules.typed_code(GOOD) is None
    assert rules.typed_code("sawah-hijau") is None


@given(st.integers(0, 10_000))
def test_pauses_only_grow_and_end_at_an_hour(failures: int) -> None:
    assert 0 <= rules.pause_s(failures) <= rules.pause_s(failures + 1) <= 3600
    assert 0 <= rules.address_pause_ms(failures) <= 3000


def test_the_first_four_failures_are_free() -> None:
    assert [rules.pause_s(n) for n in (4, 5, 6, 7, 12, 100)] == [0, 30, 60, 120, 3600, 3600]


@pytest.mark.parametrize("name", ["", "ab", "9ayu", "ayu dewi", "ayu'; --", "a" * 31])
def test_a_user_name_is_plain(name: str) -> None:
    with pytest.raises(rules.UserNameMisshapen):
        rules.check_user_name(name)


def test_a_user_name_is_kept_in_small_letters() -> None:
    assert rules.check_user_name(" Citra.Dewi ") == "citra.dewi"


def test_office_browsers_stay_signed_in_for_a_shorter_time() -> None:
    assert rules.sign_in_days(frozenset({Role.MEMBER})) == 30
    assert rules.sign_in_days(frozenset({Role.MEMBER, Role.TREASURER})) == 7


@pytest.mark.parametrize("role", Role)
def test_a_person_may_what_one_of_the_roles_allows_and_nothing_without_one(role: Role) -> None:
    both = make.person(role, Role.MEMBER)

    assert {a for a in Action if make.person(role).may(a)} == {a for a in Action if role in MAY[a]}
    assert {a for a in Action if both.may(a)} == {a for a in Action if {role, Role.MEMBER} & MAY[a]}
    assert not any(make.person().may(action) for action in Action)
    assert all(SYSTEM.may(action) for action in Action)


@pytest.mark.parametrize("role", Role)
def test_the_table_of_roles_is_enforced(coop: str, role: Role) -> None:
    allowed = set()
    for action in Action:
        with db.reading(coop, person=make.person(role)) as session:
            try:
                access.require(session, action)
            except NotAllowed:
                continue
            allowed.add(action)

    assert allowed == {action for action, roles in MAY.items() if role in roles}


def test_nobody_without_a_role_may_do_anything(coop: str) -> None:
    assert set(MAY) == set(Action)
    with db.reading(coop, person=make.person()) as session:
        for action in Action:
            with pytest.raises(NotAllowed):
                access.require(session, action)


def test_a_supervisor_changes_nothing() -> None:
    changing = (
        "log",
        "record",
        "change",
        "receive",
        "reverse",
        "settle",
        "pay",
        "post",
        "hand",
        "want",
    )
    may = [action for action, roles in MAY.items() if Role.SUPERVISOR in roles]

    assert [action for action in may if action.split(".")[1].startswith(changing)] == []


# --- signing in ------------------------------------------------------------------------------


def test_a_member_gets_in_by_number_user_name_or_phone(coop: str) -> None:
    ayu = member_with_user(coop, "Ayu", number="KM-007", phone="+6281234567890")

    for name in ("KM-007", "km-007", "ayu", " AYU ", "0812-3456-7890", "62 812 3456 7890"):
        entered = enter(coop, name, GOOD)
        assert isinstance(entered, SignedIn), name
        person = who_is(coop, entered)
        assert person is not None
        assert (person.user_id, person.member_id) == (ayu.user_id, ayu.member_id)
        assert person.roles == {Role.MEMBER}


def test_a_shared_phone_asks_for_the_member_number(coop: str) -> None:
    member_with_user(coop, "Ayu", number="KM-007", phone="+6281234567890")
    member_with_user(coop, "Budi", number="KM-008", phone="+6281234567890")

    assert isinstance(enter(coop, "081234567890", GOOD), rules.SharedPhone)
    assert isinstance(enter(coop, "KM-008", GOOD), SignedIn)


def test_a_wrong_secret_and_an_unknown_name_read_the_same(coop: str) -> None:
    user(coop, Role.OFFICER)

    wrong = [enter(coop, "ayu", "111111") for _attempt in range(6)]
    unknown = [enter(coop, "nobody", "111111") for _attempt in range(6)]

    assert [(type(r), r.facts) for r in wrong if isinstance(r, Refusal)] == [
        (type(r), r.facts) for r in unknown if isinstance(r, Refusal)
    ]
    assert isinstance(wrong[0], rules.WrongNameOrSecret)
    assert isinstance(wrong[-1], rules.TooManyAttempts)


def test_an_unknown_name_takes_as_long_as_a_wrong_secret(coop: str) -> None:
    user(coop, Role.OFFICER)
    with db.reading(coop) as session:
        known, unknown = (signin.attempt(session, name=name) for name in ("ayu", "nobody"))

    def shortest_s(attempt: signin.Attempt, secret: str) -> float:
        times = []
        for _turn in range(4):
            began = time.thread_time()
            attempt.prove(secret)
            times.append(time.thread_time() - began)
        return min(times)

    for secret in ("111111", "1111 1111", "sawah-hijau"):
        assert 0.5 < shortest_s(known, secret) / shortest_s(unknown, secret) < 2


def test_a_paused_account_refuses_even_the_right_secret_until_the_pause_ends(coop: str) -> None:
    user(coop, Role.OFFICER)
    for _attempt in range(5):
        enter(coop, "ayu", "111111")

    db.close_connections()  # as after a restart: the count is in the database
    refused = enter(coop, "ayu", GOOD, at=make.AT + timedelta(seconds=29))
    assert isinstance(refused, rules.TooManyAttempts)
    assert refused.facts == {"minutes": 1}
    assert isinstance(enter(coop, "ayu", GOOD, at=make.AT + timedelta(seconds=31)), SignedIn)
    assert isinstance(enter(coop, "ayu", "111111"), rules.WrongNameOrSecret)


def test_guesses_sent_at_once_do_not_pass_the_pause(coop: str) -> None:
    user(coop, Role.OFFICER)
    with db.reading(coop) as session:
        attempt = signin.attempt(session, name="ayu")
    guesses = [attempt.prove("111111")] * 5 + [attempt.prove(GOOD)]

    results = []
    for proof in guesses:
        with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
            results.append(signin.sign_in(session, attempt=attempt, proof=proof, at=make.AT))

    assert isinstance(results[-1], rules.TooManyAttempts)


def test_failures_are_forgotten_after_a_day(coop: str) -> None:
    user(coop, Role.OFFICER)
    for _attempt in range(4):
        enter(coop, "ayu", "111111")

    later = make.AT + timedelta(hours=25)

    assert isinstance(enter(coop, "ayu", "111111", at=later), rules.WrongNameOrSecret)


def test_a_village_behind_one_address_is_never_locked_out(coop: str) -> None:
    user(coop, Role.OFFICER)
    for number in range(60):
        enter(coop, f"nobody-{number}", "111111")

    with db.reading(coop) as session:
        pause_ms = signin.address_pause_ms(session, address="10.0.0.1", at=make.AT)
        elsewhere_ms = signin.address_pause_ms(session, address="10.0.0.2", at=make.AT)
    assert (pause_ms, elsewhere_ms) == (2000, 0)
    assert isinstance(enter(coop, "ayu", GOOD), SignedIn)


# --- codes and PINs --------------------------------------------------------------------------


def hand(coop: str, user_id: int | None, *, by: Person = make.MANAGER) -> str:
    assert user_id is not None
    with db.writing(coop, person=by, action="access.hand_code", at=make.AT) as session:
        return accounts.hand_code(session, user_id=user_id, at=make.AT)


def test_a_code_lets_in_once_and_only_to_choose_a_pin(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        member = make.member(session, "Ayu", number="KM-007")
        account = accounts.open_for_member(session, member_id=member.id)
    code = hand(coop, account.id, by=make.OFFICER)

    limited = enter(coop, "KM-007", f"{code[:4]} {code[4:]}")

    assert isinstance(limited, SignedIn)
    assert limited.must_change
    assert who_is(coop, limited) is None
    ayu = Person(account.id, "Ayu")
    with db.writing(coop, person=ayu, action="test", at=make.AT) as session:
        signin.check_new_secret(session, user_id=account.id, new=GOOD)
        mine = signin.change_secret(
            session, user_id=account.id, secret_hash=signin.hash_secret(GOOD), at=make.AT
        )
    assert who_is(coop, mine) is not None
    assert isinstance(enter(coop, "KM-007", code), rules.WrongNameOrSecret)
    assert isinstance(enter(coop, "KM-007", GOOD), SignedIn)
    with db.reading(coop) as session:
        assert access.standing(session, signin.hash_token(limited.token), at=make.AT) is None


def test_a_forgotten_pin_is_replaced_and_the_change_is_in_the_trail(coop: str) -> None:
    ayu = member_with_user(coop, "Ayu", number="KM-007")
    for _attempt in range(6):
        enter(coop, "KM-007", "111111")

    code = hand(coop, ayu.user_id)

    assert isinstance(enter(coop, "KM-007", code), SignedIn)  # the pause ended with the code
    with db.reading(coop) as session:
        changes = session.exec(select(Change).where(Change.column_name == "one_time_hash")).all()
    assert [(c.table_name, c.before, c.after) for c in changes] == [("app_user", None, None)]


def test_a_code_ends_after_a_week(coop: str) -> None:
    ayu = member_with_user(coop, "Ayu", number="KM-007")
    code = hand(coop, ayu.user_id)

    refused = enter(coop, "KM-007", code, at=make.AT + timedelta(days=7))

    assert isinstance(refused, rules.CodeExpired)


def test_an_officer_hands_no_code_to_the_treasurer(coop: str) -> None:
    tuti = user(coop, Role.TREASURER, name="Tuti")

    with pytest.raises(rules.OnlyManagerHandsOut):
        hand(coop, tuti.user_id, by=make.OFFICER)
    with pytest.raises(NotAllowed):
        hand(coop, tuti.user_id, by=make.TREASURER)


def test_a_pin_is_not_the_birth_date_of_the_member(coop: str) -> None:
    ayu = member_with_user(coop, "Ayu", number="KM-007", phone="+6281234836194")
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        session.get_one(Member, ayu.member_id).birth_on = BORN

    for secret in ("150987", GOOD):  # the birth date, and the end of her phone number
        with db.reading(coop, person=ayu) as session, pytest.raises(rules.SecretGuessable):
            assert ayu.user_id is not None
            signin.check_new_secret(session, user_id=ayu.user_id, new=secret)


def test_nobody_changes_the_pin_of_another(coop: str) -> None:
    ayu, budi = user(coop, Role.OFFICER), user(coop, Role.MANAGER, name="Budi")
    with (
        pytest.raises(NotAllowed),
        db.writing(coop, person=budi, action="test", at=make.AT) as session,
    ):
        assert ayu.user_id is not None
        signin.change_secret(session, user_id=ayu.user_id, secret_hash="x", at=make.AT)


# --- signing out, roles ----------------------------------------------------------------------


def test_a_sign_in_ends_by_time_by_signing_out_and_by_revocation(coop: str) -> None:
    ayu = user(coop, Role.MANAGER)
    assert ayu.user_id is not None
    one, two, three = (enter(coop, "ayu", GOOD) for _turn in range(3))
    assert isinstance(one, SignedIn)
    assert isinstance(two, SignedIn)
    assert isinstance(three, SignedIn)

    assert who_is(coop, one, at=make.AT + timedelta(days=7)) is None
    with db.writing(coop, person=ayu, action="test", at=make.AT) as session:
        signin.sign_out(session, token_hash=signin.hash_token(one.token), at=make.AT)
    assert (who_is(coop, one), who_is(coop, two) is None) == (None, False)
    with db.writing(coop, person=ayu, action="test", at=make.AT) as session:
        signin.revoke(session, user_id=ayu.user_id, at=make.AT)
    assert who_is(coop, two) is None
    with db.reading(coop) as session:
        assert access.still_valid(session, [signin.hash_token(three.token)], at=make.AT) == set()


def test_a_manager_signs_everybody_else_out(coop: str) -> None:
    citra, ayu = user(coop, Role.MANAGER, name="Citra"), user(coop, Role.OFFICER)
    hers, other = enter(coop, "citra", GOOD), enter(coop, "ayu", GOOD)
    assert isinstance(hers, SignedIn)
    assert isinstance(other, SignedIn)

    with db.writing(coop, person=citra, action="test", at=make.AT) as session:
        signin.revoke_all(session, at=make.AT, except_user_id=citra.user_id)

    assert who_is(coop, other) is None
    assert who_is(coop, hers) is not None
    with db.reading(coop) as session:
        whose = select(Change.row_key).where(Change.column_name == "signed_out")
        assert session.exec(whose).all() == [str(ayu.user_id)]


def test_switched_off_means_out_and_not_in_again(coop: str) -> None:
    user(coop, Role.MANAGER, name="Citra")
    ayu = user(coop, Role.OFFICER)
    assert ayu.user_id is not None
    entered = enter(coop, "ayu", GOOD)
    assert isinstance(entered, SignedIn)

    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        accounts.switch_off(session, user_id=ayu.user_id, at=make.AT)

    assert who_is(coop, entered) is None
    assert isinstance(enter(coop, "ayu", GOOD), rules.WrongNameOrSecret)
    with pytest.raises(rules.SwitchedOff):
        hand(coop, ayu.user_id)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        accounts.switch_on(session, user_id=ayu.user_id)
    assert isinstance(enter(coop, "ayu", GOOD), SignedIn)


def test_the_last_manager_stays_manager(coop: str) -> None:
    citra = user(coop, Role.MANAGER, name="Citra")
    assert citra.user_id is not None
    with (
        pytest.raises(rules.LastManager),
        db.writing(coop, person=citra, action="test", at=make.AT) as session,
    ):
        accounts.set_roles(session, user_id=citra.user_id, roles={Role.OFFICER})
    with (
        pytest.raises(rules.LastManager),
        db.writing(coop, person=citra, action="test", at=make.AT) as session,
    ):
        accounts.switch_off(session, user_id=citra.user_id, at=make.AT)

    user(coop, Role.MANAGER, name="Dewi")
    with db.writing(coop, person=citra, action="test", at=make.AT) as session:
        accounts.set_roles(session, user_id=citra.user_id, roles={Role.OFFICER})
    with db.reading(coop) as session:
        assert access.roles_of(session, citra.user_id) == {Role.OFFICER}
        removed = session.exec(select(Change).where(Change.table_name == "user_role")).all()
    assert [c.column_name for c in removed] == ["*"]
    assert json.loads(removed[0].before or "")["role"] == "manager"


def test_a_user_name_names_one_account(coop: str) -> None:
    member_with_user(coop, "Ayu", number="budi")
    with (
        db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session,
    ):
        for taken in ("ayu", "BUDI"):
            with pytest.raises(rules.UserNameTaken):
                accounts.add_user(session, name="Budi", user_name=taken)
        added = accounts.add_user(session, name="Budi", user_name="Budi.S", phone="081234567890")
    assert (added.user_name, added.phone) == ("budi.s", "+6281234567890")


def test_four_eyes_need_two_people(coop: str) -> None:
    citra = user(coop, Role.MANAGER, name="Citra")
    with db.reading(coop) as session:
        assert not access.others_who_may(session, Action.SLIPS_PAY, citra.user_id)
    tuti = user(coop, Role.TREASURER, name="Tuti")
    with db.reading(coop) as session:
        assert access.others_who_may(session, Action.SLIPS_PAY, citra.user_id)
        assert not access.others_who_may(session, Action.SALES_SETTLE, citra.user_id)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        session.get_one(AppUser, tuti.user_id).switched_off_at = make.AT
    with db.reading(coop) as session:
        assert not access.others_who_may(session, Action.SLIPS_PAY, citra.user_id)


def test_the_list_shows_members_without_an_account_too(coop: str) -> None:
    user(coop, Role.OFFICER, name="Oman")
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.member(session, "Ayu", number="KM-007")
    with db.reading(coop, person=make.MANAGER) as session:
        found = access.people(session, at=make.AT)

    assert [(line.name, line.user_id is None, line.has_secret) for line in found] == [
        ("Oman", False, True),
        ("Ayu", True, False),
    ]


def test_the_demo_is_entered_only_as_its_invented_people_and_only_there(coop: str) -> None:
    with (
        db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session,
    ):
        row = accounts.add_user(session, name="Ayu", is_demo=True)
        with pytest.raises(NotAllowed):
            signin.enter_demo(session, user_id=row.id, at=make.AT)
        with pytest.raises(rules.DemoStays):
            accounts.switch_off(session, user_id=row.id, at=make.AT)


def test_a_language_chosen_in_one_browser_stays_there_in_the_demo(coop: str) -> None:
    ayu = user(coop, Role.OFFICER)
    one, two = enter(coop, "ayu", GOOD), enter(coop, "ayu", GOOD)
    assert isinstance(one, SignedIn)
    assert isinstance(two, SignedIn)
    with db.writing(coop, person=ayu, action="test", at=make.AT) as session:
        session.get_one(AppUser, ayu.user_id).is_demo = True
        signin.change_language(session, token_hash=signin.hash_token(one.token), language="en")

    languages = [person.language for person in (who_is(coop, one), who_is(coop, two)) if person]

    assert languages == ["en", "id"]


# --- the screen ------------------------------------------------------------------------------


def test_an_officer_makes_a_first_code_for_a_member_on_the_page(coop: str) -> None:
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        officer = make.user(session, Role.OFFICER, name="Oman")
        ayu = make.member(session, "Ayu", number="KM-007", phone="+6281234567890")

    test = screen(coop, officer, "access")
    test.selectbox(key="who").select(f"member {ayu.id}").run()
    test.button(key="make_code").click().run()

    assert not test.exception
    code = re.search(r"\d{4} \d{4}", test.code[0].value)
    assert code is not None
    assert "KM-007" in test.code[0].value
    entered = enter(coop, "KM-007", code[0], at=datetime.now(UTC))
    assert isinstance(entered, SignedIn)
    assert entered.must_change
    test.run()
    assert not test.code  # shown once


def test_a_manager_gives_a_role_on_the_page(coop: str) -> None:
    citra, oman = user(coop, Role.MANAGER, name="Citra"), user(coop, Role.OFFICER, name="Oman")
    assert oman.user_id is not None

    test = screen(coop, citra, "access")
    test.selectbox(key="who").select(f"user {oman.user_id}").run()
    test.button_group(key=f"roles_{oman.user_id}").set_value([Role.TREASURER]).run()
    test.button(key="keep_roles").click().run()

    assert not test.exception
    assert "Tugas Oman sudah diubah." in words(test)
    with db.reading(coop) as session:
        assert access.roles_of(session, oman.user_id) == {Role.TREASURER}


def test_the_other_language_is_one_press_away_on_every_screen(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        ayu = make.user(session, Role.OFFICER)
    test = screen(coop, ayu)
    assert test.title[0].value == "Beranda"
    test.button(key="language_side").click().run()
    assert test.title[0].value == "Home"
    test.button(key="language_home").click().run()
    assert test.title[0].value == "Beranda"
    with db.reading(coop) as session:
        assert session.get_one(AppUser, ayu.user_id).language == "id"
