"""The output log: what counts, one row however often it is sent, and who may see and change it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain import output as rules
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.members import MemberStatus
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.services import deliveries, output, output_months
from kopprod.tables.members import Member
from kopprod.tables.output import OutputDraft, OutputLog
from kopprod.tables.trail import Change
from tests import make
from tests.screens import screen, unfold, words

KG = 1_000


# The rule


@pytest.mark.parametrize("amount", [0, -1, -250_000])
def test_nothing_and_less_is_no_harvest(amount: int) -> None:
    with pytest.raises(rules.NothingMade):
        rules.check_amount(amount, BaseUnit.GRAM)


def test_a_hundred_tons_are_believed_and_a_gram_more_is_not() -> None:
    rules.check_amount(100_000 * KG, BaseUnit.GRAM)
    with pytest.raises(rules.TooMuchMade):
        rules.check_amount(100_000 * KG + 1, BaseUnit.GRAM)
    with pytest.raises(rules.TooMuchMade):
        rules.check_amount(100_001, BaseUnit.PIECE)


def test_tomorrow_is_refused_and_so_is_a_day_too_long_ago() -> None:
    rules.check_day(make.TODAY, on=make.TODAY)
    rules.check_day(make.TODAY - timedelta(days=60), on=make.TODAY)
    with pytest.raises(rules.NotYetMade):
        rules.check_day(make.TODAY + timedelta(days=1), on=make.TODAY)
    with pytest.raises(rules.MadeTooLongAgo):
        rules.check_day(make.TODAY - timedelta(days=61), on=make.TODAY)


@given(amount=st.integers(), unit=st.sampled_from(BaseUnit))
def test_what_passes_is_positive_and_not_absurd(amount: int, unit: BaseUnit) -> None:
    try:
        rules.check_amount(amount, unit)
    except (rules.NothingMade, rules.TooMuchMade):
        return
    assert 0 < amount <= rules.most(unit)


# The database


class Farm:
    """Ayu, who grows paddy and has a phone; Budi, who has none; Oman, the officer."""

    def __init__(self, coop: str) -> None:
        """Make them."""
        self.coop = coop
        with self.acting(make.MANAGER) as session:
            village = make.village(session)
            ayu = make.member(session, "Ayu", village_id=village.id)
            budi = make.member(session, "Budi", village_id=village.id)
            product = make.product(session)
            grade = make.grade(session, product.id)
            self.village, self.paddy, self.grade = village.id, product.id, grade.id
            self.ayu = make.user(session, Role.MEMBER, name="Ayu", member_id=ayu.id)
            self.oman = make.user(session, Role.OFFICER, name="Oman")
            self.ayu_id, self.budi_id = ayu.id, budi.id

    def acting(self, person: Person) -> Any:
        """A transaction of somebody."""
        return db.writing(self.coop, person=person, action="test", at=make.AT)

    def form(self, session: Session) -> int:
        """The form that whoever acts has open."""
        return output.open_draft(session, at=make.AT).id

    def log(
        self,
        session: Session,
        draft_id: int | None = None,
        member_id: int | None = None,
        amount: int = 250 * KG,
        made_on: date = make.TODAY,
    ) -> OutputLog:
        """250 kg of paddy that Ayu harvested today."""
        return output.record(
            session,
            draft_id or self.form(session),
            member_id=member_id or self.ayu_id,
            product_id=self.paddy,
            amount=amount,
            typed="2,5 kuintal",
            made_on=made_on,
            on=make.TODAY,
        )

    def deliver(self, session: Session, output_id: int, gross: int = 100 * KG) -> int:
        """Bring some of a log to the scale."""
        return deliveries.receive(
            session,
            member_id=self.ayu_id,
            product_id=self.paddy,
            grade_id=self.grade,
            gross=gross,
            tare=0,
            received_on=make.TODAY,
            on=make.TODAY,
            output_id=output_id,
        ).id


@pytest.fixture
def farm(coop: str) -> Farm:
    return Farm(coop)


def test_a_log_has_a_number_and_keeps_what_was_said(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        log = farm.log(session)
    assert (log.number, log.quantity, log.typed) == ("OUT-2026-0001", 250 * KG, "2,5 kuintal")
    assert not log.on_behalf
    with db.reading(farm.coop, person=farm.ayu) as session:
        (row,) = output.logs(session)
    assert (row.member, row.product, row.delivered, row.left) == ("Ayu", "Gabah", 0, 250 * KG)


def test_the_same_form_twice_makes_one_row(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        form = farm.form(session)
        first = farm.log(session, form)
    with farm.acting(farm.ayu) as session:
        assert farm.log(session, form).id == first.id


def test_the_same_form_with_other_figures_is_not_taken_for_the_first(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        form = farm.form(session)
        first = farm.log(session, form)
    with farm.acting(farm.ayu) as session, pytest.raises(FormKeptOtherwise) as refused:
        farm.log(session, form, amount=999 * KG)
    assert refused.value.facts == {"number": first.number}


def test_two_that_send_one_form_at_once_make_one_row(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        form = farm.form(session)

    def send(_: int) -> int:
        with farm.acting(farm.ayu) as session:
            return farm.log(session, form).id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(send, range(4)))
    with db.reading(farm.coop) as session:
        assert {row.id for row in session.exec(select(OutputLog))} == ids
    assert len(ids) == 1


def test_two_tabs_opened_at_once_share_one_form(farm: Farm) -> None:
    def opened(_: int) -> int:
        with farm.acting(farm.ayu) as session:
            return farm.form(session)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(opened, range(4)))) == 1


def test_what_was_typed_is_found_again_until_the_form_is_sent(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        form = farm.form(session)
        output.fill_draft(
            session,
            form,
            member_id=farm.ayu_id,
            product_id=farm.paddy,
            typed="2,5 kuintal",
            made_on=None,
            note="sawah utara",
        )
    with db.reading(farm.coop, person=farm.ayu) as session:
        found = output.draft(session)
    assert found is not None
    assert (found.id, found.typed, found.note) == (form, "2,5 kuintal", "sawah utara")
    with farm.acting(farm.ayu) as session:
        farm.log(session, form)
    with farm.acting(farm.ayu) as session:
        fresh = output.open_draft(session, at=make.AT)
    assert (fresh.id != form, fresh.typed) == (True, "")


def test_a_form_of_another_is_nobody_elses(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        form = farm.form(session)
    with pytest.raises(NotAllowed), farm.acting(farm.oman) as session:
        farm.log(session, form)


def test_a_refused_log_leaves_the_form_open(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        form = farm.form(session)
    with pytest.raises(rules.NotYetMade), farm.acting(farm.ayu) as session:
        farm.log(session, form, made_on=make.TODAY + timedelta(days=1))
    with db.reading(farm.coop) as session:
        assert session.exec(select(OutputLog)).all() == []
        assert session.get_one(OutputDraft, form).used_at is None


@pytest.mark.parametrize("amount", [0, -5, 10**11])
def test_the_service_refuses_amounts_that_cannot_be(farm: Farm, amount: int) -> None:
    with (
        pytest.raises((rules.NothingMade, rules.TooMuchMade)),
        farm.acting(farm.ayu) as session,
    ):
        farm.log(session, amount=amount)


def test_the_officer_logs_for_a_member_without_a_phone_and_it_is_marked(farm: Farm) -> None:
    with farm.acting(farm.oman) as session:
        log = farm.log(session, member_id=farm.budi_id)
    with db.reading(farm.coop, person=farm.oman) as session:
        (row,) = output.logs(session, member_id=farm.budi_id)
    assert (log.on_behalf, row.by, row.member) == (True, "Oman", "Budi")


def test_who_left_logs_nothing(farm: Farm) -> None:
    with farm.acting(make.MANAGER) as session:
        member = session.get_one(Member, farm.budi_id)
        member.status, member.left_on = MemberStatus.LEFT, make.TODAY
    with pytest.raises(rules.MemberHasLeft), farm.acting(farm.oman) as session:
        farm.log(session, member_id=farm.budi_id)


def test_a_member_neither_sees_nor_changes_the_log_of_another(farm: Farm) -> None:
    with farm.acting(farm.oman) as session:
        other = farm.log(session, member_id=farm.budi_id)
    with farm.acting(farm.ayu) as session:
        assert output.logs(session) == []
        assert output_months.logged_and_delivered(session) == []
        with pytest.raises(NotAllowed):
            output.logs(session, member_id=farm.budi_id)
        with pytest.raises(NotAllowed):
            farm.log(session, member_id=farm.budi_id)
        with pytest.raises(NotAllowed):
            _correct(session, other.id, 10 * KG)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.TREASURER])
def test_who_only_looks_after_the_books_logs_nothing(farm: Farm, role: Role) -> None:
    with farm.acting(make.MANAGER) as session:
        person = make.user(session, role, name="Sari")
    with pytest.raises(NotAllowed), farm.acting(person) as session:
        farm.form(session)


def _correct(session: Session, output_id: int, amount: int) -> OutputLog:
    return output.correct(
        session, output_id, amount=amount, typed="x", made_on=make.TODAY, on=make.TODAY
    )


def test_before_delivery_a_correction_changes_the_row_and_leaves_a_trail(farm: Farm) -> None:
    with farm.acting(farm.ayu) as session:
        log = farm.log(session)
    with farm.acting(farm.ayu) as session:
        again = _correct(session, log.id, 240 * KG)
    assert (again.id, again.quantity) == (log.id, 240 * KG)
    with db.reading(farm.coop) as session:
        changes = session.exec(select(Change).where(Change.column_name == "quantity")).all()
    assert [(c.before, c.after) for c in changes] == [("250000", "240000")]


def test_after_delivery_a_correction_is_a_new_row_that_names_the_old_one(farm: Farm) -> None:
    with farm.acting(farm.oman) as session:
        log = farm.log(session)
        farm.deliver(session, log.id)
    with farm.acting(farm.ayu) as session:
        newer = _correct(session, log.id, 240 * KG)
        twice = _correct(session, log.id, 240 * KG)
        last = _correct(session, newer.id, 230 * KG)
    assert (newer.corrects_id, newer.number, twice.id) == (log.id, "OUT-2026-0002", newer.id)
    with db.reading(farm.coop, person=farm.ayu) as session:
        assert session.get_one(OutputLog, log.id).quantity == 250 * KG
        (row,) = output.logs(session)
    assert (row.log.id, row.corrects, row.delivered) == (last.id, newer.number, 100 * KG)
    with pytest.raises(rules.AlreadyCorrected), farm.acting(farm.ayu) as session:
        _correct(session, log.id, 1 * KG)


def test_a_delivery_taken_back_frees_the_log_again(farm: Farm) -> None:
    with farm.acting(farm.oman) as session:
        log = farm.log(session)
        delivery_id = farm.deliver(session, log.id)
        deliveries.reverse(session, delivery_id, reason="wrong member", on=make.TODAY)
    with farm.acting(farm.ayu) as session:
        assert _correct(session, log.id, 240 * KG).id == log.id


def test_open_logs_are_those_of_which_something_is_still_to_come(farm: Farm) -> None:
    with farm.acting(farm.oman) as session:
        first, second = farm.log(session), farm.log(session)
        farm.deliver(session, first.id, gross=250 * KG)
        farm.deliver(session, second.id, gross=100 * KG)
        rows = output.logs(session, member_id=farm.ayu_id, open_only=True)
    assert [(row.log.id, row.left) for row in rows] == [(second.id, 150 * KG)]


def test_logged_against_delivered_counts_what_stands(farm: Farm) -> None:
    with farm.acting(farm.oman) as session:
        log = farm.log(session, made_on=date(2026, 2, 20))
        wrong = farm.deliver(session, log.id, gross=90 * KG)
        deliveries.reverse(session, wrong, reason="weighed twice", on=make.TODAY)
        farm.deliver(session, log.id, gross=100 * KG)
        _correct(session, log.id, 240 * KG)
    with db.reading(farm.coop, person=farm.oman) as session:
        rows = output_months.logged_and_delivered(session)
    assert [(r.product, r.month, r.logged, r.delivered) for r in rows] == [
        ("Gabah", date(2026, 3, 1), 240 * KG, 100 * KG),
    ]


# The screen


def _field(test: AppTest, kind: str, key: str) -> Any:
    (found,) = [one for one in getattr(test, kind) if one.key.startswith(key)]
    return found


def test_a_member_logs_in_a_few_taps_and_finds_what_she_typed_after_a_reload(coop: str) -> None:
    farm = Farm(coop)
    test = screen(coop, farm.ayu, "output")
    _field(test, "text_input", "output_quantity").input("2,5 kuintal").run()

    assert "**250 kg Gabah**, hari ini. Benar?" in words(test)

    reloaded = screen(coop, farm.ayu, "output")
    assert _field(reloaded, "text_input", "output_quantity").value == "2,5 kuintal"
    _field(reloaded, "button", "output_record").click().run()

    assert not reloaded.exception
    assert re.search(r"OUT-\d{4}-0001: 250 kg Gabah", words(reloaded))
    assert _field(reloaded, "text_input", "output_quantity").value == ""

    # The first window still shows the form that was sent; sending it again changes nothing.
    _field(test, "button", "output_record").click().run()
    with db.reading(coop) as session:
        assert len(session.exec(select(OutputLog)).all()) == 1


def test_the_officer_chooses_the_member_and_the_row_names_the_officer(coop: str) -> None:
    farm = Farm(coop)
    test = screen(coop, farm.oman, "output")
    _field(test, "selectbox", "output_member").select("Budi · A-Budi · Sukamaju").run()
    _field(test, "text_input", "output_quantity").input("40").run()
    _field(test, "button", "output_record").click().run()

    assert "40 kg Gabah" in words(test)
    with db.reading(coop) as session:
        (log,) = session.exec(select(OutputLog)).all()
    assert (log.member_id, log.on_behalf) == (farm.budi_id, True)


def test_what_cannot_be_read_is_said_and_nothing_can_be_kept(coop: str) -> None:
    farm = Farm(coop)
    test = screen(coop, farm.ayu, "output")
    for typed in ("-5", "0", "banyak", "1.5"):
        _field(test, "text_input", "output_quantity").input(typed).run()
        assert test.error, typed
        assert not [b for b in test.button if (b.key or "").startswith("output_record")]


def test_a_member_corrects_her_log_on_the_screen(coop: str) -> None:
    farm = Farm(coop)
    with farm.acting(farm.ayu) as session:
        log = output.record(
            session,
            None,
            member_id=farm.ayu_id,
            product_id=farm.paddy,
            amount=250 * KG,
            typed="2,5 kuintal",
            made_on=make.TODAY,
            on=make.TODAY,
        )
    test = screen(coop, farm.ayu, "output")
    unfold(test, "output_correction")
    wrong = _field(test, "selectbox", "output_wrong")
    wrong.select(wrong.options[0]).run()
    right = [t for t in test.text_input if t.key == f"output_right_{log.id}"]
    right[0].input("2,4 kuintal").run()
    test.button(key="output_correct").click().run()

    assert not test.exception
    with db.reading(coop) as session:
        assert session.get_one(OutputLog, log.id).quantity == 240 * KG


def test_a_supervisor_sees_the_log_and_no_form(coop: str) -> None:
    farm = Farm(coop)
    with farm.acting(farm.ayu) as session:
        farm.log(session)
        supervisor = make.user(session, Role.SUPERVISOR, name="Sari")
    test = screen(coop, supervisor, "output")

    assert "OUT-2026-0001" in words(test)
    assert not test.text_input
