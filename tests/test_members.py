"""Members: the register as rules, on a database, and on the screen."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from kopprod import db, language
from kopprod.domain import access as access_rules
from kopprod.domain import members as rules
from kopprod.domain.access import Action, NotAllowed, Person, Role
from kopprod.domain.members import Account, AccountKind, MemberStatus, Sex
from kopprod.domain.phones import NotAMobileNumber
from kopprod.domain.refusal import Refusal
from kopprod.services import members
from kopprod.tables.members import Member
from kopprod.tables.trail import Change
from tests import make
from tests.screens import screen, words

TODAY, DAY = make.TODAY, timedelta(days=1)
BRI = Account(AccountKind.BANK, "BRI", "0021-01-000456-50-1", "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Siti ", "Siti"),
        ("Ni  Made\tAyu", "Ni Made Ayu"),
        ("<b>Budi</b>", "<b>Budi</b>"),
        ('O\'Neil "Ucok"', 'O\'Neil "Ucok"'),
        ("محمد علي", "محمد علي"),
        ("Siti\u202egnuB", "SitignuB"),
        ("Siti\nAminah\x00", "Siti Aminah"),
    ],
)
def test_a_name_is_kept_as_plain_text(typed: str, kept: str) -> None:
    assert rules.check_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u202e", "x" * 121])
def test_no_name_or_a_name_without_end_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        rules.check_name(typed)


@pytest.mark.parametrize("typed", ["", " ", "A_1", "A#1", "١٢٣", "-1", "A" * 21, "=1+1"])
def test_a_number_that_could_not_be_typed_at_signing_in_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        rules.check_number(typed)


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], "A-001"),
        (["Ayu"], "A-001"),
        (["A-001"], "A-002"),
        (["A-001", "A-007", "A-003"], "A-008"),
        (["A-099"], "A-100"),
        (["A-999"], "A-1000"),
        (["A-001", "KUD/12", "A-002", "Ketua"], "A-003"),
        (["7", "8"], "9"),
    ],
)
def test_the_next_number_follows_the_newest_one(taken: list[str], free: str) -> None:
    assert rules.suggest_number(taken) == free


@given(st.lists(st.from_regex(r"[ABab]-?0{0,2}[0-9]{1,3}", fullmatch=True), max_size=20))
def test_a_proposed_number_is_never_taken(taken: list[str]) -> None:
    free = rules.suggest_number(taken)

    assert free.casefold() not in {number.casefold() for number in taken}
    assert rules.check_number(free) == free


@pytest.mark.parametrize(
    ("birth_on", "joined_on", "left_on", "refusal"),
    [
        (TODAY + DAY, None, None, rules.BornInFuture),
        (date(1890, 1, 1), None, None, rules.BornTooLongAgo),
        (None, TODAY + DAY, None, rules.JoinedInFuture),
        (date(1990, 5, 2), date(1990, 5, 1), None, rules.JoinedBeforeBirth),
        (None, None, TODAY + DAY, rules.LeftInFuture),
        (None, date(2025, 5, 2), date(2025, 5, 1), rules.LeftBeforeJoining),
        (date(1990, 5, 2), None, date(1990, 5, 1), rules.LeftBeforeBirth),
    ],
)
def test_days_that_cannot_be_true_are_refused_in_indonesian(
    birth_on: date | None,
    joined_on: date | None,
    left_on: date | None,
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal) as said:
        rules.check_days(today=TODAY, birth_on=birth_on, joined_on=joined_on, left_on=left_on)

    sentence = language.sentence("id", said.value)
    assert sentence != language.sentence("en", said.value)
    assert "{" not in sentence


def test_days_that_follow_each_other_are_fine() -> None:
    rules.check_days(today=TODAY, birth_on=TODAY, joined_on=TODAY, left_on=TODAY)
    rules.check_days(today=TODAY, birth_on=None, joined_on=None, left_on=None)


def test_an_account_keeps_its_digits_only() -> None:
    assert rules.check_account(BRI).number == "002101000456501"
    for number in ("", "12", "BRI 1234567", "1" * 21):
        with pytest.raises(rules.AccountNumberMisshapen):
            rules.check_account(Account(AccountKind.BANK, "BRI", number))
    with pytest.raises(rules.ProviderMissing):
        rules.check_account(Account(AccountKind.EWALLET, " ", "08221234567"))


def add(session: Session, number: str = "A-001", name: str = "Ayu", **more: object) -> Member:
    return members.add_member(session, number=number, name=name, **more)  # type: ignore[arg-type]


def test_everything_of_a_member_is_kept_as_it_was_said(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        village, rice = make.village(session), make.product(session)
        row = add(
            session,
            " A-001 ",
            " Siti ",
            village_id=village.id,
            phone="0822-1234-5678",
            joined_on=TODAY,
            birth_place="Magelang",
            birth_on=date(1988, 8, 5),
            sex=Sex.FEMALE,
            job=" petani ",
            address="Dusun Krajan RT 02",
            account=BRI,
            product_ids=[rice.id],
        )

    with db.reading(coop, person=make.OFFICER) as session:
        kept = members.member(session, row.id)
        assert (kept.number, kept.name, kept.phone) == ("A-001", "Siti", "+6282212345678")
        assert (kept.job, kept.birth_on, kept.sex) == ("petani", date(1988, 8, 5), Sex.FEMALE)
        assert (kept.account_provider, kept.account_number) == ("BRI", "002101000456501")
        assert kept.account_holder == "Siti"
        assert [p.name for p in members.products_of(session, row.id)] == ["Gabah"]
        assert members.produced(session) == {row.id: ["Gabah"]}


def test_a_number_is_one_members_for_good_and_the_next_free_one_is_named(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        ayu = add(session)
        members.leave(session, ayu.id, on=TODAY, reason="pindah")
        for number in ("A-001", "a-001", " A-001"):
            with pytest.raises(rules.NumberTaken) as said:
                add(session, number, "Budi")
            assert said.value.facts == {"number": "A-001", "name": "Ayu", "free": "A-002"}
        budi = add(session, members.next_number(session), "Budi")
        with pytest.raises(rules.NumberTaken):
            members.change_member(session, budi.id, number="A-001")
        assert members.change_member(session, budi.id, number="A-002").number == "A-002"


def test_two_officers_cannot_give_one_number_at_the_same_moment(coop: str) -> None:
    ready = Barrier(2, timeout=20)

    def give(name: str) -> str:
        ready.wait()
        try:
            with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
                add(session, "A-001", name)
        except rules.NumberTaken as refusal:
            return f"taken by {refusal.facts['name']}"
        return name

    with ThreadPoolExecutor(2) as pool:
        results = set(pool.map(give, ["Ayu", "Budi"]))

    assert results in ({"Ayu", "taken by Ayu"}, {"Budi", "taken by Budi"})


def test_families_share_a_phone(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        add(session, "A-001", "Ayu", phone="0822 1234 5678")
        add(session, "A-002", "Budi", phone="62 822 1234 5678")
        with pytest.raises(NotAMobileNumber):
            add(session, "A-003", "Citra", phone="1234")
        assert {m.phone for m in members.members(session)} == {"+6282212345678"}


def test_the_register_is_searched_by_name_number_village_phone_and_status(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        here, there = make.village(session), make.village(session, "Sumberejo")
        add(session, "A-001", "Ayu Élan", village_id=here.id, phone="0822-1234-5678")
        add(session, "A-002", "Budi", village_id=there.id)
        add(session, "B-001", "Citra", status=MemberStatus.APPLICANT)

        def found(**asked: object) -> list[str]:
            return [m.number for m in members.members(session, **asked)]  # type: ignore[arg-type]

        assert found() == ["A-001", "A-002", "B-001"]
        assert found(search="élan") == found(search="ÉLAN") == ["A-001"]
        assert found(search="a-00") == ["A-001", "A-002"]
        assert found(search="sumber") == found(village_id=there.id) == ["A-002"]
        assert found(search="08221234") == found(search="+62 822") == ["A-001"]
        assert found(status=MemberStatus.APPLICANT) == ["B-001"]
        assert found(search="%") == []


def test_leaving_keeps_the_row_and_asks_for_day_and_reason(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        ayu = add(session, joined_on=date(2025, 1, 5))
        with pytest.raises(rules.LeftBeforeJoining):
            members.leave(session, ayu.id, on=date(2025, 1, 4), reason="pindah")
        with pytest.raises(rules.LeavingNeedsReason):
            members.leave(session, ayu.id, on=TODAY, reason=" ")
        with pytest.raises(rules.LeftInFuture):
            members.leave(session, ayu.id, on=TODAY + DAY, reason="pindah")
        members.leave(session, ayu.id, on=TODAY, reason="pindah")
        with pytest.raises(rules.AlreadyLeft):
            members.leave(session, ayu.id, on=TODAY, reason="pindah")

        kept = members.member(session, ayu.id)
        assert (kept.status, kept.left_on, kept.left_reason) == (MemberStatus.LEFT, TODAY, "pindah")


def test_an_applicant_is_accepted_and_who_left_may_come_back(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        ayu = add(session, status=MemberStatus.APPLICANT)
        assert members.accept(session, ayu.id, on=TODAY).status is MemberStatus.MEMBER
        with pytest.raises(rules.AlreadyMember):
            members.accept(session, ayu.id, on=TODAY)
        members.leave(session, ayu.id, on=TODAY, reason="pindah")
        back = members.accept(session, ayu.id, on=TODAY)
        assert (back.number, back.left_on, back.left_reason) == ("A-001", None, None)


def test_an_old_register_brings_those_who_left_with_day_and_reason(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        with pytest.raises(rules.LeavingNeedsDay):
            add(session, status=MemberStatus.LEFT)
        with pytest.raises(rules.LeavingNeedsReason):
            add(session, status=MemberStatus.LEFT, left_on=TODAY)
        row = add(session, status=MemberStatus.LEFT, left_on=TODAY, left_reason="meninggal")
        assert row.left_reason == "meninggal"


def test_a_change_leaves_the_rest_alone_and_is_trailed(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        rice, coffee = make.product(session), make.product(session, "Kopi")
        ayu = add(session, phone="082212345678", account=BRI, product_ids=[rice.id])
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        members.change_member(session, ayu.id, name="Ayu Lestari", product_ids=[coffee.id])
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        members.change_member(session, ayu.id, account=None)

    with db.reading(coop, person=make.OFFICER) as session:
        kept = members.member(session, ayu.id)
        assert (kept.name, kept.phone, kept.account_number) == (
            "Ayu Lestari",
            "+6282212345678",
            None,
        )
        assert [p.name for p in members.products_of(session, ayu.id)] == ["Kopi"]
        before = {(c.column_name, c.before) for c in session.exec(select(Change)).all()}
        assert ("name", "Ayu") in before
        gone = [json.loads(text or "") for name, text in before if name == "*"]
        assert [row["product_id"] for row in gone] == [str(rice.id)]
        assert ("account_number", "002101000456501") in before


def test_a_change_that_is_refused_keeps_nothing(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        ayu = add(session, joined_on=date(2025, 1, 5))
    with (
        pytest.raises(rules.JoinedBeforeBirth),
        db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session,
    ):
        members.change_member(session, ayu.id, name="Budi", birth_on=date(2025, 1, 6))

    with db.reading(coop, person=make.OFFICER) as session:
        assert members.member(session, ayu.id).name == "Ayu"


def test_a_day_is_the_cooperatives_own_day(coop: str) -> None:
    late = make.AT.replace(hour=18)  # 01.00 of the next day in Jakarta
    with db.writing(coop, person=make.OFFICER, action="test", at=late) as session:
        assert add(session, joined_on=TODAY + DAY).joined_on == TODAY + DAY


def test_account_and_legal_columns_are_left_out_for_who_may_not_see_them(
    coop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        ayu = add(session, account=BRI, birth_on=date(1988, 8, 5), job="petani")
    # Today everybody in the office may; a role that only looks names up would not.
    may = {**access_rules.MAY, Action.MEMBERS_SEE: frozenset(Role)}
    monkeypatch.setattr(access_rules, "MAY", may)
    with db.writing(coop, person=make.person(Role.MEMBER), action="test", at=make.AT) as session:
        (seen,) = members.members(session)
        for row in (seen, members.member(session, ayu.id)):
            assert row.name == "Ayu"
            assert (row.account_number, row.account_holder, row.birth_on, row.job) == (None,) * 4

    with db.reading(coop, person=make.TREASURER) as session:
        assert members.member(session, ayu.id).account_number == "002101000456501"


def test_a_member_sees_her_own_and_nobody_elses(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        ayu, budi = add(session, account=BRI), add(session, "A-002", "Budi")
    me = Person(user_id=1, name="Ayu", roles=frozenset({Role.MEMBER}), member_id=ayu.id)
    with db.reading(coop, person=me) as session:
        assert members.own(session).account_number == "002101000456501"
        assert members.products_of(session, ayu.id) == []
        for ask in (
            lambda: members.members(session),
            lambda: members.member(session, ayu.id),
            lambda: members.products_of(session, budi.id),
            lambda: members.next_number(session),
        ):
            with pytest.raises(NotAllowed):
                ask()


def test_only_officer_and_manager_change_the_register(coop: str) -> None:
    with db.writing(coop, person=make.OFFICER, action="test", at=make.AT) as session:
        ayu = add(session)
    for role in (Role.MEMBER, Role.TREASURER, Role.SUPERVISOR):
        with db.writing(coop, person=make.person(role), action="test", at=make.AT) as session:
            with pytest.raises(NotAllowed):
                add(session, "A-009")
            with pytest.raises(NotAllowed):
                members.change_member(session, ayu.id, name="Budi")
            with pytest.raises(NotAllowed):
                members.leave(session, ayu.id, on=TODAY, reason="pindah")
            with pytest.raises(NotAllowed):
                members.accept(session, ayu.id, on=TODAY)


def press(test: AppTest, key: str) -> AppTest:
    return test.button(key=key).click().run()


def office(coop: str) -> Person:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        return make.user(session, Role.MANAGER, name="Citra")


def test_the_screen_says_what_to_do_first_and_adds_the_first_member(coop: str) -> None:
    who = office(coop)
    test = screen(coop, who, "members")
    assert "Catat dulu desa" in words(test)
    assert "Belum ada anggota" in words(test)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.village(session)
        rice = make.product(session)

    test = press(screen(coop, who, "members"), "new")
    assert test.text_input(key="number_new").value == "A-001"
    test.text_input(key="name_new").input("<b>Siti</b>")
    test.text_input(key="phone_new").input("0822-1234-5678")
    test.selectbox(key="village_new").select_index(0)
    test.multiselect(key="products_new").select(rice.id)
    press(test, "add")

    assert [e.value for e in test.exception] == []
    assert "sudah tercatat dengan nomor A-001" in words(test)
    with db.reading(coop, person=make.MANAGER) as session:
        (siti,) = members.members(session)
        assert (siti.name, siti.phone) == ("<b>Siti</b>", "+6282212345678")
        assert members.produced(session) == {siti.id: ["Gabah"]}


def test_the_screen_shows_a_refusal_and_keeps_what_was_typed(coop: str) -> None:
    who = office(coop)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.member(session, "Ayu", number="A-001")

    test = press(screen(coop, who, "members"), "new")
    test.text_input(key="name_new").input("Budi")
    test.text_input(key="number_new").input("a-001")
    press(test, "add")

    assert "Nomor A-001 sudah dipakai Ayu. Nomor kosong berikutnya A-002." in words(test)
    assert test.text_input(key="name_new").value == "Budi"


def test_a_member_is_found_opened_changed_and_leaves_on_the_screen(coop: str) -> None:
    who = office(coop)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        village = make.village(session)
        ayu = make.member(session, "Ayu", number="A-001", village_id=village.id)
        budi = make.member(session, "Budi", number="A-002")

    test = screen(coop, who, "members")
    test.text_input(key="search").input("sukamaju").run()
    assert [b.key for b in test.button if b.key and b.key.startswith("open_")] == [f"open_{ayu.id}"]
    press(test, f"open_{ayu.id}")
    test.text_input(key=f"name_{ayu.id}").input("Ayu Lestari")
    press(test, "keep")
    assert "Ayu Lestari" in words(test)

    assert test.button(key="leave").disabled
    test.text_input(key=f"reason_{ayu.id}").input("pindah")
    test.checkbox(key=f"sure_{ayu.id}").check().run()
    press(test, "leave")

    assert [e.value for e in test.exception] == []
    with db.reading(coop, person=make.MANAGER) as session:
        assert members.member(session, ayu.id).status is MemberStatus.LEFT
        assert members.member(session, ayu.id).name == "Ayu Lestari"
        assert members.member(session, budi.id).status is MemberStatus.MEMBER


def test_a_member_may_not_open_the_register(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        ayu = make.member(session)
        who = make.user(session, Role.MEMBER, member_id=ayu.id)

    assert "tidak berhak" in words(screen(coop, who, "members"))


def test_every_refusal_of_members_reads_indonesian() -> None:
    for refusal in vars(rules).values():
        if isinstance(refusal, type) and issubclass(refusal, Refusal) and refusal is not Refusal:
            assert language.gettext("id", refusal.sentence) != refusal.sentence
