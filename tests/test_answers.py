"""Members answer for their deliveries, and disputes are resolved with both sides linked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from kopprod import db
from kopprod.domain import answers as rules
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.answers import Resolution
from kopprod.domain.deliveries import AlreadyReversed, DeliveryIsAllotted
from kopprod.domain.measures import Measure
from kopprod.domain.sales import SaleStage
from kopprod.services import answers, check, deliveries, ledger, measures, sales, weighing
from kopprod.tables.sales import Sale
from tests import make
from tests.screens import screen, words
from tests.test_deliveries import KG, Scale

ON, AT = make.TODAY, make.AT


@pytest.fixture
def scale(coop: str) -> Scale:
    return Scale(coop)


def test_three_days_after_2_march_end_on_5_march() -> None:
    assert rules.last_day(date(2026, 3, 2), days=3) == date(2026, 3, 5)
    rules.check_time("SET-1", date(2026, 3, 2), days=3, on=date(2026, 3, 5))
    with pytest.raises(rules.TooLateToAnswer):
        rules.check_time("SET-1", date(2026, 3, 2), days=3, on=date(2026, 3, 6))


def test_a_new_delivery_waits_for_her_word_and_then_no_longer(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        mine = scale.receive(session).id
        scale.receive(session, member_id=scale.budi_id)
    with scale.acting(scale.ayu) as session:
        (waiting,) = answers.waiting_for(session, on=ON)
        assert (waiting.delivery_id, waiting.grade, waiting.net.amount) == (mine, "A", 100 * KG)
        assert waiting.last_on == ON + timedelta(days=3)
        assert answers.accept(session, mine, on=ON, at=AT).agrees
        assert answers.waiting_for(session, on=ON) == []
        with pytest.raises(rules.AnsweredAlready):
            answers.dispute(session, mine, words="kurang", on=ON, at=AT)


def test_after_the_days_it_counts_as_accepted(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        mine = scale.receive(session).id
    late = ON + timedelta(days=4)
    with scale.acting(scale.ayu) as session:
        assert answers.waiting_for(session, on=late) == []
        with pytest.raises(rules.TooLateToAnswer):
            answers.dispute(session, mine, words="kurang", on=late, at=AT)


def test_what_is_settled_is_not_disputed(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        mine = scale.receive(session).id
        number = scale.allot(session, mine, 10 * KG, SaleStage.OPEN)
    with scale.acting(scale.ayu) as session:
        assert len(answers.waiting_for(session, on=ON)) == 1
    settle(scale, number)
    with scale.acting(scale.ayu) as session:
        assert answers.waiting_for(session, on=ON) == []
        with pytest.raises(rules.SettledAlready):
            answers.dispute(session, mine, words="kurang", on=ON, at=AT)


def settle(scale: Scale, number: str) -> None:
    with scale.acting(make.person(Role.MANAGER, Role.TREASURER, name="Citra")) as session:
        ledger.open_chart(session)
        sale = session.exec(select(Sale).where(Sale.number == number)).one()
        sales.settle(session, sale.id, on=ON)


def test_only_her_own_standing_delivery_is_answered(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        other = scale.receive(session, member_id=scale.budi_id).id
        wrong = scale.receive(session).id
        deliveries.reverse(session, wrong, reason="x", on=ON)
    with scale.acting(scale.ayu) as session:
        for delivery_id in (other, 999):
            with pytest.raises(NotAllowed):
                answers.accept(session, delivery_id, on=ON, at=AT)
        with pytest.raises(AlreadyReversed):
            answers.accept(session, wrong, on=ON, at=AT)
        with pytest.raises(rules.DisputeNeedsWords):
            answers.dispute(session, wrong, words=" ", on=ON, at=AT)
    with pytest.raises(NotAllowed), scale.acting(scale.oman) as session:
        answers.accept(session, other, on=ON, at=AT)


def disputed(scale: Scale, **changed: Any) -> int:
    with scale.acting(scale.oman) as session:
        mine = scale.receive(
            session, weights=[51 * KG, 51 * KG], tare_each=KG, grade_id=scale.second, **changed
        ).id
    with scale.acting(scale.ayu) as session:
        answers.dispute(session, mine, words="seharusnya A", on=ON, at=AT)
    return mine


def test_the_officer_keeps_the_grade_with_a_reason(scale: Scale) -> None:
    mine = disputed(scale)
    with scale.acting(scale.oman) as session:
        (dispute,) = answers.disputes(session)
        assert (dispute.answer.words, dispute.member, dispute.grade) == ("seharusnya A", "Ayu", "B")
        with pytest.raises(rules.ResolutionNeedsReason):
            answers.keep_grade(session, mine, reason=" ", at=AT)
        kept = answers.keep_grade(session, mine, reason="kadar air 17 %", at=AT)
        assert (kept.resolution, kept.reason) == (Resolution.KEPT, "kadar air 17 %")
        assert answers.disputes(session) == []
    with db.reading(scale.coop, person=scale.ayu) as session:
        (said,) = answers.mine(session, since=AT)
        assert said.reason == "kadar air 17 %"
        assert answers.mine(session, since=AT + timedelta(days=1)) == []
    with scale.acting(scale.oman) as session:
        with pytest.raises(rules.NotDisputed):
            answers.keep_grade(session, mine, reason="lagi", at=AT)
        with pytest.raises(NotAllowed):
            answers.keep_grade(session, 999, reason="x", at=AT)


def test_a_correction_takes_it_back_and_receives_the_same_goods_anew(scale: Scale) -> None:
    mine = disputed(scale, measured={Measure.MOISTURE: 1_300})
    with scale.acting(scale.oman) as session:
        with pytest.raises(rules.SameGrade):
            answers.correct_grade(session, mine, grade_id=scale.second, reason="x", on=ON, at=AT)
        right = answers.correct_grade(
            session, mine, grade_id=scale.best, reason="salah pilih", on=ON, at=AT
        )
        assert (right.corrects_id, right.grade_id, right.net) == (mine, scale.best, 100 * KG)
        assert weighing.weights(session, right.id) == [51 * KG, 51 * KG]
        assert measures.measured(session, [right.id]) == {right.id: {Measure.MOISTURE: 1_300}}
        assert [s.delivery.id for s in deliveries.in_store(session)] == [right.id]
        assert answers.disputes(session) == []
    with scale.acting(scale.ayu) as session:
        assert [w.delivery_id for w in answers.waiting_for(session, on=ON)] == [right.id]
    with db.reading(scale.coop) as session:
        assert [*check.problems(session)] == []


def test_what_lies_in_an_open_sale_is_not_corrected_behind_its_back(scale: Scale) -> None:
    mine = disputed(scale)
    with scale.acting(scale.oman) as session:
        scale.allot(session, mine, 10 * KG)
    with pytest.raises(DeliveryIsAllotted), scale.acting(scale.oman) as session:
        answers.correct_grade(session, mine, grade_id=scale.best, reason="x", on=ON, at=AT)
    with db.reading(scale.coop, person=scale.oman) as session:
        assert len(answers.disputes(session)) == 1


# The screen

TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Jakarta")).date()


def test_she_says_no_on_her_first_page_and_the_officer_corrects_it(coop: str) -> None:
    scale = Scale(coop)
    with scale.acting(scale.oman) as session:
        mine = scale.receive(session, received_on=TODAY, on=TODAY, grade_id=scale.second).id
    hers = screen(coop, scale.ayu)
    assert "Setoran baru: **100 kg Gabah mutu B**, hari ini. Benar?" in words(hers)
    hers.text_input(key=f"dispute_words_{mine}").input("seharusnya A").run()
    hers.button(key=f"dispute_{mine}").click().run()
    assert not hers.exception
    assert "Petugas akan menjawab" in words(hers)

    assert _waits(coop, scale) == ["**1** setoran menurut anggotanya tidak benar: jawablah"]
    officer = screen(coop, scale.oman, "deliveries")
    (pills,) = [p for p in officer.button_group if p.key == f"resolve_grade_{mine}"]
    pills.set_value(scale.best).run()
    officer.text_input(key=f"resolve_reason_{mine}").input("salah pilih").run()
    officer.button(key=f"resolve_{mine}").click().run()
    assert not officer.exception

    assert _waits(coop, scale) == []
    hers = screen(coop, scale.ayu)
    assert "Setoran baru: **100 kg Gabah mutu A**, hari ini. Benar?" in words(hers)
    (accept,) = [b for b in hers.button if (b.key or "").startswith("accept_")]
    accept.click().run()
    assert "Setoran baru" not in words(hers)


def _waits(coop: str, scale: Scale) -> list[str]:
    """What the first page of who answers them says of disputes."""
    links = screen(coop, scale.oman).get("page_link")
    return [link.proto.label for link in links if "tidak benar" in link.proto.label]
