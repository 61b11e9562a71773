"""Deliveries: weighing, one row however often it is sent, taking back, and what is in store."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from kopprod import db
from kopprod.domain import deliveries as rules
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.members import MemberStatus
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.sales import SaleStage
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.services import deliveries, delivery_drafts, output
from kopprod.tables.deliveries import Delivery, DeliveryDraft
from kopprod.tables.members import Member
from kopprod.tables.sales import Allotment, Sale
from tests import make
from tests.screens import answer_in_part, screen, unfold, words

KG = 1_000


# The rule


def test_ten_sacks_of_we_10_weigh_1208_kg_net() -> None:
    assert rules.net(1_210 * KG, 10 * 200, BaseUnit.GRAM) == 1_208 * KG


@pytest.mark.parametrize(
    ("gross", "tare", "refusal"),
    [
        (0, 0, rules.NothingWeighed),
        (-5, 0, rules.NothingWeighed),
        (10, -1, rules.TareBelowZero),
        (10, 10, rules.TareTooLarge),
        (10, 11, rules.TareTooLarge),
        (100_000 * KG + 1, 0, rules.LargeDelivery),
        (10**14, 0, rules.AbsurdDelivery),
    ],
)
def test_weights_that_cannot_be_are_refused(gross: int, tare: int, refusal: type) -> None:
    with pytest.raises(refusal):
        rules.net(gross, tare, BaseUnit.GRAM)


def test_somebody_who_is_sure_may_receive_a_very_large_one() -> None:
    assert rules.net(200_000 * KG, 0, BaseUnit.GRAM, sure=True) == 200_000 * KG
    with pytest.raises(rules.AbsurdDelivery):
        rules.net(10**14, 0, BaseUnit.GRAM, sure=True)


def test_goods_came_today_or_earlier() -> None:
    rules.check_day(date(2026, 3, 2), on=date(2026, 3, 2))
    rules.check_day(date(2020, 1, 1), on=date(2026, 3, 2))
    with pytest.raises(rules.NotYetReceived) as said:
        rules.check_day(date(2026, 3, 3), on=date(2026, 3, 2))

    assert said.value.facts == {"received_on": date(2026, 3, 3)}


@given(gross=st.integers(1, 10**8), tare=st.integers(0, 10**8))
def test_net_and_tare_are_the_gross(gross: int, tare: int) -> None:
    if tare < gross:
        assert rules.net(gross, tare, BaseUnit.GRAM) + tare == gross


# The database


class Scale:
    """Ayu and Budi, paddy in two grades, and Oman, the officer at the scale."""

    def __init__(self, coop: str) -> None:
        """Make them."""
        self.coop = coop
        with self.acting(make.MANAGER) as session:
            village = make.village(session)
            ayu = make.member(session, "Ayu", village_id=village.id)
            budi = make.member(session, "Budi")
            product = make.product(session)
            other = make.product(session, "Kopi")
            self.village, self.paddy, self.coffee = village.id, product.id, other.id
            self.best = make.grade(session, product.id, "A").id
            self.second = make.grade(session, product.id, "B", factor_bp=9_200, position=2).id
            self.coffee_grade = make.grade(session, other.id, "A").id
            self.ayu = make.user(session, Role.MEMBER, name="Ayu", member_id=ayu.id)
            self.oman = make.user(session, Role.OFFICER, name="Oman")
            self.ayu_id, self.budi_id = ayu.id, budi.id

    def acting(self, person: Person) -> Any:
        """A transaction of somebody."""
        return db.writing(self.coop, person=person, action="test", at=make.AT)

    def receive(self, session: Session, **changed: Any) -> Delivery:
        """100 kg of Ayu's best paddy, in sacks of 2 kg."""
        what: dict[str, Any] = {
            "member_id": self.ayu_id,
            "product_id": self.paddy,
            "grade_id": self.best,
            "gross": 102 * KG,
            "tare": 2 * KG,
            "received_on": make.TODAY,
            "on": make.TODAY,
        }
        return deliveries.receive(session, **(what | changed))

    def allot(
        self, session: Session, delivery_id: int, quantity: int, stage: SaleStage = SaleStage.OPEN
    ) -> str:
        """Put some of a delivery into a sale."""
        buyer = make.buyer(session, f"Buyer of {delivery_id} and {quantity}")
        sale = Sale(
            number=f"JUAL-{buyer.id}",
            stage=stage,
            buyer_id=buyer.id,
            product_id=self.paddy,
            sold_on=make.TODAY,
            price_e4=65_000_000,
            buyer_weight=quantity,
            fee_bp=250,
        )
        session.add(sale)
        session.flush()
        session.add(
            Allotment(sale_id=sale.id, delivery_id=delivery_id, quantity=quantity, factor_bp=10_000)
        )
        session.flush()
        return sale.number


@pytest.fixture
def scale(coop: str) -> Scale:
    return Scale(coop)


def test_a_delivery_has_a_number_its_net_and_the_village_of_its_day(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        delivery = scale.receive(session)
        session.get_one(Member, scale.ayu_id).village_id = None
    assert (delivery.number, delivery.net) == ("SET-2026-0001", 100 * KG)
    assert delivery.village_id == scale.village


def test_the_same_key_twice_makes_one_delivery(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        first = scale.receive(session, draft_key="row 7")
    with scale.acting(scale.oman) as session:
        assert scale.receive(session, draft_key="row 7").id == first.id


def test_the_same_key_with_other_figures_is_not_taken_for_the_first(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        first = scale.receive(session, draft_key="row 7")
    with scale.acting(scale.oman) as session, pytest.raises(FormKeptOtherwise) as refused:
        scale.receive(session, draft_key="row 7", gross=500 * KG)
    assert refused.value.facts == {"number": first.number}


def test_two_that_send_one_form_at_once_make_one_delivery(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        key = delivery_drafts.open_draft(session, at=make.AT).draft_key

    def send(_: int) -> int:
        with scale.acting(scale.oman) as session:
            return scale.receive(session, draft_key=key).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    with db.reading(scale.coop) as session:
        assert len(session.exec(select(Delivery)).all()) == 1
        assert session.exec(select(DeliveryDraft)).one().used_at == make.AT


def test_the_first_numbers_of_a_year_are_given_to_two_at_once(scale: Scale) -> None:
    def receive(member_id: int) -> str:
        with scale.acting(scale.oman) as session:
            return scale.receive(session, member_id=member_id).number

    with ThreadPoolExecutor(2) as pool:
        numbers = sorted(pool.map(receive, [scale.ayu_id, scale.budi_id]))
    assert numbers == ["SET-2026-0001", "SET-2026-0002"]


def test_what_was_typed_is_found_again_until_the_form_is_sent(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        key = delivery_drafts.open_draft(session, at=make.AT).draft_key
        delivery_drafts.fill_draft(
            session,
            key,
            member_id=scale.ayu_id,
            product_id=scale.paddy,
            grade_id=None,
            output_id=None,
            gross_typed="102 kg",
            tare_typed="",
            received_on=None,
            note="",
        )
    with scale.acting(scale.oman) as session:
        found = delivery_drafts.open_draft(session, at=make.AT)
        assert (found.draft_key, found.gross_typed) == (key, "102 kg")
        scale.receive(session, draft_key=key)
    with db.reading(scale.coop, person=scale.oman) as session:
        assert delivery_drafts.draft(session) is None


def test_the_form_of_another_officer_is_not_used(scale: Scale) -> None:
    with scale.acting(make.MANAGER) as session:
        other = make.user(session, Role.OFFICER, name="Olga")
    with scale.acting(scale.oman) as session:
        key = delivery_drafts.open_draft(session, at=make.AT).draft_key
    with pytest.raises(NotAllowed), scale.acting(other) as session:
        scale.receive(session, draft_key=key)


def test_what_cannot_be_is_refused_and_nothing_kept(scale: Scale) -> None:
    tomorrow = make.TODAY + timedelta(days=1)
    cases: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"tare": 102 * KG}, rules.TareTooLarge),
        ({"gross": 10**9}, rules.LargeDelivery),
        ({"received_on": tomorrow}, rules.NotYetReceived),
        ({"grade_id": scale.coffee_grade}, rules.GradeOfOtherProduct),
        ({"member_id": 999}, NotAllowed),
    ]
    for changed, refusal in cases:
        with pytest.raises(refusal), scale.acting(scale.oman) as session:
            scale.receive(session, **changed)
    with db.reading(scale.coop) as session:
        assert session.exec(select(Delivery)).all() == []


def test_applicants_may_deliver_and_who_left_may_not(scale: Scale) -> None:
    with scale.acting(make.MANAGER) as session:
        session.get_one(Member, scale.ayu_id).status = MemberStatus.APPLICANT
        gone = session.get_one(Member, scale.budi_id)
        gone.status, gone.left_on = MemberStatus.LEFT, make.TODAY
    with scale.acting(scale.oman) as session:
        assert scale.receive(session).id
    with pytest.raises(rules.DelivererHasLeft), scale.acting(scale.oman) as session:
        scale.receive(session, member_id=scale.budi_id)
    with scale.acting(scale.oman) as session:  # an old book: it came while she was a member
        before = make.TODAY - timedelta(days=1)
        assert scale.receive(session, member_id=scale.budi_id, received_on=before).id


def test_of_whom_goods_are_written_down_around_the_day_on_which_she_leaves() -> None:
    day = timedelta(days=1)
    left = make.TODAY
    assert rules.may_deliver(left, None)
    assert rules.may_deliver(left - day, left)
    assert not rules.may_deliver(left, left)
    assert rules.may_deliver(left, left, corrects=True)
    assert not rules.may_deliver(left + day, left, corrects=True)


def test_only_a_log_of_the_same_member_and_product_is_fulfilled(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        log = output.record(
            session,
            None,
            member_id=scale.ayu_id,
            product_id=scale.paddy,
            amount=250 * KG,
            typed="2,5 kuintal",
            made_on=make.TODAY,
            on=make.TODAY,
        )
        scale.receive(session, output_id=log.id)
        (row,) = output.logs(session)
        (received,) = deliveries.deliveries(session)
        assert (row.delivered, received.output) == (100 * KG, log.number)
    for changed in ({"member_id": scale.budi_id}, {"product_id": scale.coffee}):
        if "product_id" in changed:
            changed["grade_id"] = scale.coffee_grade
        with pytest.raises(rules.LogOfOther), scale.acting(scale.oman) as session:
            scale.receive(session, output_id=log.id, **changed)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.TREASURER, Role.SUPERVISOR])
def test_who_is_not_at_the_scale_receives_nothing(scale: Scale, role: Role) -> None:
    somebody = make.person(role)
    with pytest.raises(NotAllowed), scale.acting(somebody) as session:
        scale.receive(session)


def test_a_member_sees_her_own_deliveries_only(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        mine = scale.receive(session)
        scale.receive(session, member_id=scale.budi_id)
    with db.reading(scale.coop, person=scale.ayu) as session:
        assert [r.delivery.id for r in deliveries.deliveries(session)] == [mine.id]
        with pytest.raises(NotAllowed):
            deliveries.deliveries(session, member_id=scale.budi_id)
        with pytest.raises(NotAllowed):
            deliveries.in_store(session)


def test_a_reversal_takes_it_out_again_and_both_stay_in_the_book(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        wrong = scale.receive(session, received_on=date(2026, 3, 1))
        reversal = deliveries.reverse(session, wrong.id, reason="salah orang", on=make.TODAY)
        right = scale.receive(session, member_id=scale.budi_id)
    with db.reading(scale.coop, person=scale.oman) as session:
        book = {r.delivery.id: r for r in deliveries.deliveries(session)}
        stored = [(s.delivery.id, s.left) for s in deliveries.in_store(session)]
        assert deliveries.left(session, wrong.id) == 0
    assert book[wrong.id].reversed_by == reversal.number
    assert book[reversal.id].reverses == wrong.number
    assert (book[right.id].stands, book[wrong.id].stands) == (True, False)
    assert stored == [(right.id, 100 * KG)]


def test_taking_back_needs_a_reason_and_happens_once(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        wrong = scale.receive(session)
        with pytest.raises(rules.ReversalNeedsReason):
            deliveries.reverse(session, wrong.id, reason="  ", on=make.TODAY)
        reversal = deliveries.reverse(session, wrong.id, reason="x", on=make.TODAY)
        with pytest.raises(rules.AlreadyReversed):
            deliveries.reverse(session, wrong.id, reason="x", on=make.TODAY)
        with pytest.raises(rules.ReversalStays):
            deliveries.reverse(session, reversal.id, reason="x", on=make.TODAY)


def test_two_officers_who_take_it_back_at_once_make_one_reversal(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        wrong = scale.receive(session).id

    def take_back(_: int) -> bool:
        try:
            with scale.acting(scale.oman) as session:
                deliveries.reverse(session, wrong, reason="x", on=make.TODAY)
        except rules.AlreadyReversed:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take_back, range(2))) == [False, True]


def test_what_is_in_a_sale_is_not_taken_back(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        wrong = scale.receive(session)
        scale.allot(session, wrong.id, 10 * KG)
        with pytest.raises(rules.DeliveryIsAllotted):
            deliveries.reverse(session, wrong.id, reason="x", on=make.TODAY)


def test_left_is_net_less_what_sales_have_that_were_not_cancelled(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        first = scale.receive(session, received_on=date(2026, 3, 1))
        second = scale.receive(session)
        coffee = scale.receive(
            session, product_id=scale.coffee, grade_id=scale.coffee_grade, received_on=make.TODAY
        )
        scale.allot(session, first.id, 30 * KG)
        scale.allot(session, first.id, 50 * KG)
        scale.allot(session, first.id, 15 * KG, SaleStage.CANCELLED)
        scale.allot(session, second.id, 100 * KG)
        assert deliveries.left(session, first.id) == 20 * KG
        assert deliveries.left(session, second.id) == 0
        stored = [(s.delivery.id, s.left) for s in deliveries.in_store(session)]
        paddy = [s.delivery.id for s in deliveries.in_store(session, scale.paddy)]
    assert stored == [(first.id, 20 * KG), (coffee.id, 100 * KG)]
    assert paddy == [first.id]


def test_the_members_who_came_last_stand_first(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        for member_id in (scale.ayu_id, scale.budi_id, scale.ayu_id):
            scale.receive(session, member_id=member_id)
        assert deliveries.recent_members(session) == [scale.ayu_id, scale.budi_id]


# The screen

# The screens read the clock, so what they should find was received a few days ago.
LATELY = datetime.now(UTC).date() - timedelta(days=5)


def _field(test: AppTest, kind: str, key: str) -> Any:
    (found,) = [one for one in getattr(test, kind) if one.key.startswith(key)]
    return found


def test_the_officer_weighs_reads_back_and_gets_a_number(coop: str) -> None:
    scale = Scale(coop)
    test = screen(coop, scale.oman, "deliveries")
    _field(test, "selectbox", "delivery_member").select("Ayu · A-Ayu · Sukamaju").run()
    _field(test, "button_group", "delivery_product").set_value(scale.paddy).run()
    _field(test, "text_input", "delivery_gross").input("1,02 kuintal").run()
    _field(test, "text_input", "delivery_tare").input("2 kg").run()
    _field(test, "button_group", "delivery_grade").set_value(scale.best).run()

    assert "**100 kg Gabah mutu A** dari Ayu \\(A-Ayu\\), hari ini. Benar?" in words(test)

    reloaded = screen(coop, scale.oman, "deliveries")
    assert _field(reloaded, "text_input", "delivery_gross").value == "1,02 kuintal"
    _field(reloaded, "button", "delivery_receive").click().run()

    assert not reloaded.exception
    assert re.search(r"SET-\d{4}-0001: 100 kg Gabah dari Ayu", words(reloaded))
    assert _field(reloaded, "selectbox", "delivery_member").value is None

    # The first window still shows the form that was sent; sending it again changes nothing.
    _field(test, "button", "delivery_receive").click().run()
    with db.reading(coop) as session:
        (delivery,) = session.exec(select(Delivery)).all()
    assert (delivery.gross, delivery.tare, delivery.net) == (102 * KG, 2 * KG, 100 * KG)


def test_a_form_left_open_overnight_is_of_the_day_on_which_it_is_answered(
    coop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scale, visit = Scale(coop), import_module("kopprod.ui.visit")
    monkeypatch.setattr(visit, "now", lambda: make.AT)
    test = screen(coop, scale.oman, "deliveries")
    _field(test, "selectbox", "delivery_member").select("Ayu · A-Ayu · Sukamaju").run()
    _field(test, "button_group", "delivery_product").set_value(scale.paddy).run()
    _field(test, "button_group", "delivery_grade").set_value(scale.best).run()

    morning = make.AT + timedelta(days=1)
    monkeypatch.setattr(visit, "now", lambda: morning)
    _field(test, "text_input", "delivery_gross").input("100 kg")
    answer_in_part(test)
    _field(test, "button", "delivery_receive").click()
    answer_in_part(test)

    assert not test.exception
    with db.reading(coop, person=scale.oman) as session:
        (row,) = deliveries.deliveries(session)
    assert row.delivery.received_on == make.TODAY + timedelta(days=1)


def test_weights_that_cannot_be_read_leave_nothing_to_press(coop: str) -> None:
    scale = Scale(coop)
    test = screen(coop, scale.oman, "deliveries")
    _field(test, "selectbox", "delivery_member").select("Ayu · A-Ayu · Sukamaju").run()
    _field(test, "button_group", "delivery_product").set_value(scale.paddy).run()
    _field(test, "button_group", "delivery_grade").set_value(scale.best).run()
    for gross, tare in [("-5", ""), ("0", ""), ("2", "3"), ("5", "x"), ("Rp6.7000", "")]:
        _field(test, "text_input", "delivery_gross").input(gross).run()
        _field(test, "text_input", "delivery_tare").input(tare).run()
        assert test.error, (gross, tare)
        assert not [b for b in test.button if (b.key or "").startswith("delivery_receive")]


def test_a_very_large_delivery_is_asked_about(coop: str) -> None:
    scale = Scale(coop)
    test = screen(coop, scale.oman, "deliveries")
    _field(test, "selectbox", "delivery_member").select("Ayu · A-Ayu · Sukamaju").run()
    _field(test, "button_group", "delivery_product").set_value(scale.paddy).run()
    _field(test, "button_group", "delivery_grade").set_value(scale.best).run()
    _field(test, "text_input", "delivery_gross").input("200 ton").run()
    _field(test, "button", "delivery_receive").click().run()
    assert "200.000 kg banyak sekali untuk satu setoran" in words(test)

    _field(test, "checkbox", "delivery_sure").check().run()
    _field(test, "button", "delivery_receive").click().run()
    with db.reading(coop) as session:
        assert session.exec(select(Delivery)).one().net == 200_000 * KG


def test_the_officer_takes_a_wrong_delivery_back_on_the_screen(coop: str) -> None:
    scale = Scale(coop)
    with scale.acting(scale.oman) as session:
        scale.receive(session, received_on=LATELY, on=LATELY)
    test = screen(coop, scale.oman, "deliveries")
    _field(test, "button_group", "delivery_part").set_value("book").run()
    unfold(test, "delivery_correct")
    wrong = test.selectbox(key="delivery_wrong")
    wrong.select(wrong.options[0]).run()
    _field(test, "text_input", "delivery_reason").input("salah orang").run()
    test.button(key="delivery_reverse").click().run()

    assert not test.exception
    assert re.search(r"SET-\d{4}-0001 sudah dibatalkan dengan SET-\d{4}-0002", words(test))


def test_a_supervisor_reads_the_book_and_changes_nothing(coop: str) -> None:
    scale = Scale(coop)
    with scale.acting(scale.oman) as session:
        scale.receive(session, received_on=LATELY, on=LATELY)
        supervisor = make.user(session, Role.SUPERVISOR, name="Sari")
    test = screen(coop, supervisor, "deliveries")

    assert "-0001" in words(test)
    assert not test.text_input
