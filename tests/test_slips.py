"""Slips: a member sees her own, the treasurer pays each once, and never what is not in the box."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.ledger import BANK, CASH, OWED_TO_MEMBERS, SALE_FEE
from kopprod.domain.members import MemberStatus
from kopprod.domain.refusal import Refusal
from kopprod.services import check, deliveries, ledger, payments, sales, slips
from kopprod.tables.access import UserRole
from kopprod.tables.members import Member
from kopprod.tables.slips import Slip
from tests import make
from tests.screens import screen, words

DAY = make.TODAY


@dataclass(frozen=True)
class Settled:
    """A settled sale of two members, paid by the buyer into the box."""

    coop: str
    sale_id: int
    ayu: Person
    budi: Person
    manager: Person
    treasurer: Person
    slip_ids: dict[str, int]


def writing(coop: str, person: Person) -> AbstractContextManager[Session]:
    return db.writing(coop, person=person, action="test", at=make.AT)


def _people(session: Session) -> tuple[Person, Person, Person, Person]:
    members = [make.member(session, name).id for name in ("Ayu", "Budi")]
    ayu = make.user(session, Role.MEMBER, name="Ayu", member_id=members[0])
    budi = make.user(session, Role.MEMBER, name="Budi", member_id=members[1])
    manager = make.user(session, Role.MANAGER, name="Citra")
    treasurer = make.user(session, Role.TREASURER, name="Tuti")
    return ayu, budi, manager, treasurer


def _sale(session: Session, *people: Person) -> int:
    """Two lots of 100 kg at Rp10.000: Ayu's A counts 100 %, Budi's B 50 %; truck Rp300.000."""
    gabah = make.product(session)
    grades = [make.grade(session, gabah.id), make.grade(session, gabah.id, "B", factor_bp=5_000)]
    ids = [
        deliveries.receive(
            session,
            member_id=person.member_id or 0,
            product_id=gabah.id,
            grade_id=grade.id,
            gross=100_000,
            tare=0,
            received_on=DAY,
            on=DAY,
        ).id
        for person, grade in zip(people, grades, strict=True)
    ]
    sale = sales.open_sale(
        session,
        buyer_id=make.buyer(session).id,
        product_id=gabah.id,
        sold_on=DAY,
        price_e4=100_000_000,
        buyer_weight=200_000,
        fee_bp=1_000,
        on=DAY,
    )
    sales.allot_all(session, sale.id, ids)
    sales.add_cost(session, sale.id, name="Truk", amount_rp=300_000)
    return sale.id


@pytest.fixture
def settled(coop: str) -> Settled:
    with writing(coop, make.MANAGER) as session:
        ledger.open_chart(session)
        ayu, budi, manager, treasurer = _people(session)
        sale_id = _sale(session, ayu, budi)
    with writing(coop, manager) as session:
        sales.settle(session, sale_id, on=DAY)
        rows = session.exec(select(Slip)).all()
        names = {ayu.member_id: "Ayu", budi.member_id: "Budi"}
        ids = {names[row.member_id]: row.id for row in rows}
    return Settled(coop, sale_id, ayu, budi, manager, treasurer, ids)


def fill_box(settled: Settled, amount_rp: int = 2_000_000, account: str = CASH) -> None:
    with writing(settled.coop, settled.treasurer) as session:
        sales.take_payment(session, settled.sale_id, amount_rp=amount_rp, account=account, on=DAY)


def test_a_member_sees_her_own_slips_and_no_others(settled: Settled) -> None:
    with db.reading(settled.coop, person=settled.ayu) as session:
        mine = slips.slips(session)
        assert [row.member.name for row in mine] == ["Ayu"]
        with pytest.raises(NotAllowed):
            slips.slips(session, member_id=settled.budi.member_id)
        with pytest.raises(slips.SlipOfAnother):
            slips.slip(session, settled.slip_ids["Budi"])
        with pytest.raises(slips.SlipOfAnother):
            slips.slip(session, 999)


def test_the_office_sees_all_but_the_field_officer_none(settled: Settled) -> None:
    for person in (settled.manager, settled.treasurer, make.SUPERVISOR):
        with db.reading(settled.coop, person=person) as session:
            assert len(slips.slips(session)) == 2
            assert slips.slip(session, settled.slip_ids["Budi"]).member.name == "Budi"
    with db.reading(settled.coop, person=make.OFFICER) as session:
        with pytest.raises(NotAllowed):
            slips.slips(session)
        with pytest.raises(NotAllowed):
            slips.slip(session, settled.slip_ids["Budi"])


def test_a_slip_tells_every_step_from_the_buyers_money(settled: Settled) -> None:
    with db.reading(settled.coop, person=settled.budi) as session:
        story = slips.slip(session, settled.slip_ids["Budi"])
    assert isinstance(story, slips.Story)
    sale = story.sale
    assert (sale.gross_rp, sale.costs_rp, sale.fee_rp) == (2_000_000, 300_000, 200_000)
    assert [(p.quantity, p.factor_bp, p.share_rp) for p in story.parts] == [
        (100_000, 5_000, 500_000)
    ]
    assert (story.graded_weight_e4, sale.graded_weight_e4) == (500_000_000, 1_500_000_000)
    assert (story.slip.net_value_rp, story.slips, story.slips_rp) == (500_000, 2, 1_500_000)
    assert sale.net_rp == story.slips_rp


def test_a_slip_is_paid_once(settled: Settled) -> None:
    fill_box(settled)
    with writing(settled.coop, settled.treasurer) as session:
        slip = slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY)
        assert (slip.paid_on, slip.paid_from, slip.paid_by_settler) == (DAY, CASH, False)
        with pytest.raises(slips.SlipPaidAlready):
            slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY)
        assert ledger.balance_rp(session, CASH) == 1_000_000
        assert ledger.balance_rp(session, OWED_TO_MEMBERS) == -500_000
        unpaid = slips.slips(session, unpaid_only=True)
        assert [row.member.name for row in unpaid] == ["Budi"]


def test_of_two_who_pay_one_slip_at_once_one_succeeds(settled: Settled) -> None:
    fill_box(settled)
    results, barrier = [], Barrier(2)

    def pay() -> None:
        barrier.wait()
        try:
            with writing(settled.coop, settled.treasurer) as session:
                results.append(
                    slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY).number
                )
        except Refusal as refusal:
            results.append(type(refusal).__name__)

    threads = [Thread(target=pay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["SLIP-2026-0001", "SlipPaidAlready"]
    with db.reading(settled.coop) as session:
        assert ledger.balance_rp(session, CASH) == 1_000_000


def test_more_than_the_box_holds_is_refused_and_the_bank_may_pay(settled: Settled) -> None:
    fill_box(settled, 999_999)
    fill_box(settled, 1_000_001, BANK)
    with (
        pytest.raises(ledger.CashShort) as refused,
        writing(settled.coop, settled.treasurer) as session,
    ):
        slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY)
    assert refused.value.facts["held_rp"] == 999_999
    with writing(settled.coop, settled.treasurer) as session:
        assert slips.pay(session, settled.slip_ids["Ayu"], account=BANK, on=DAY).paid_from == BANK


def test_who_settled_leaves_the_paying_to_another(settled: Settled) -> None:
    fill_box(settled)
    with (
        pytest.raises(slips.SettlerMayNotPay),
        writing(settled.coop, settled.manager) as session,
    ):
        slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY)


def test_who_is_alone_may_pay_and_it_is_shown(settled: Settled) -> None:
    fill_box(settled)
    with writing(settled.coop, make.MANAGER) as session:
        for role in session.exec(
            select(UserRole).where(UserRole.user_id == settled.treasurer.user_id)
        ):
            session.delete(role)
    with writing(settled.coop, settled.manager) as session:
        slip = slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY)
        assert slip.paid_by_settler
        assert slips.slip(session, slip.id).paid_by == "Citra"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OFFICER, Role.SUPERVISOR])
def test_nobody_else_pays(settled: Settled, role: Role) -> None:
    fill_box(settled)
    with (
        pytest.raises(NotAllowed),
        writing(settled.coop, make.person(role, member_id=settled.ayu.member_id)) as session,
    ):
        slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY)


def test_a_member_who_left_meanwhile_is_still_paid(settled: Settled) -> None:
    fill_box(settled)
    with writing(settled.coop, make.MANAGER) as session:
        ayu = session.get_one(Member, settled.ayu.member_id)
        ayu.status, ayu.left_on = MemberStatus.LEFT, DAY
    with writing(settled.coop, settled.treasurer) as session:
        assert slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY).paid_on == DAY


def test_a_slip_is_not_paid_from_elsewhere_or_before_it_was_there(settled: Settled) -> None:
    fill_box(settled)
    with writing(settled.coop, settled.treasurer) as session:
        with pytest.raises(payments.NoMoneyAccount):
            slips.pay(session, settled.slip_ids["Ayu"], account=SALE_FEE, on=DAY)
        with pytest.raises(slips.PaidBeforeSettled):
            slips.pay(session, settled.slip_ids["Ayu"], account=CASH, on=DAY - timedelta(days=1))
        with pytest.raises(slips.UnknownSlip):
            slips.pay(session, 999, account=CASH, on=DAY)


# The screen


def test_a_member_reads_each_step_of_her_slip_on_the_screen(settled: Settled) -> None:
    test = screen(settled.coop, settled.budi, "slips")
    assert "Rp500.000" in words(test)
    test.button(key=f"slip_{settled.slip_ids['Budi']}").click().run()
    said = words(test)
    for step in (
        "Rp10.000/kg × 200 kg menurut timbangan pembeli",
        "dikurangi biaya Truk",
        "10 % × Rp2.000.000",
        "Rp1.500.000",
        "50 kg ÷ 150 kg × Rp1.500.000",
        "2 slip penjualan ini berjumlah Rp1.500.000",
        "Belum dibayar.",
    ):
        assert step in said, step
    assert not test.exception


def test_a_member_who_types_anothers_address_is_refused(settled: Settled) -> None:
    test = screen(settled.coop, settled.budi, "slips")
    test.query_params["slip"] = str(settled.slip_ids["Ayu"])
    test.run()
    assert "Slip ini milik orang lain" in words(test)
    assert "1.000.000" not in words(test)


def test_a_treasurer_pays_slip_after_slip_on_the_screen(settled: Settled) -> None:
    fill_box(settled, 1_200_000)
    ayu, budi = settled.slip_ids["Ayu"], settled.slip_ids["Budi"]
    test = screen(settled.coop, settled.treasurer, "slips")
    said = words(test)
    assert "satu juta rupiah" in said
    assert "Rp1.200.000" in said
    test.button(key=f"pay_now_{ayu}").click().run()
    assert "SLIP-2026-0001: Rp1.000.000 dibayar kepada Ayu." in words(test)
    test.button(key=f"pay_now_{budi}").click().run()
    assert "Di Kas hanya ada Rp200.000" in words(test)
    fill_box(settled, 800_000, BANK)
    test.radio(key="pay_account").set_value(BANK).run()
    test.button(key=f"pay_now_{budi}").click().run()
    assert "Semua slip sudah dibayar." in words(test)
    assert not test.exception
    with db.reading(settled.coop) as session:
        assert next(check.problems(session), None) is None


def test_where_there_are_very_many_the_newest_are_listed_or_one_members(
    settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.reading(settled.coop, person=settled.treasurer) as session:
        every = [row.slip.id for row in slips.slips(session)]
        assert [row.slip.id for row in slips.slips(session, newest=1)] == every[:1]
    monkeypatch.setattr(slips, "NEWEST", 1)
    test = screen(settled.coop, settled.treasurer, "slips")
    assert "1 slip terbaru. Pilih anggota untuk melihat semua slipnya." in words(test)
    assert len(test.selectbox(key="slip_open").options) == 1
    assert "Rp1.500.000" in words(test)  # what waits is of all

    test.selectbox(key="slips_of").select_index(0).run()

    assert "terbaru" not in words(test)
    (hers,) = test.selectbox(key="slip_open").options
    assert "Ayu" in hers
    assert not test.exception


def test_the_settler_is_told_who_pays_and_the_supervisor_only_looks(settled: Settled) -> None:
    with writing(settled.coop, make.MANAGER) as session:
        sari = make.user(session, Role.SUPERVISOR, name="Sari")
    test = screen(settled.coop, settled.manager, "slips")
    assert "jadi slipnya dibayar orang lain" in words(test)
    test = screen(settled.coop, sari, "slips")
    assert {button.key for button in test.button} == {"language_side"}


def test_a_press_for_a_slip_that_was_paid_meanwhile_pays_nobody_else(settled: Settled) -> None:
    fill_box(settled)
    ayu = settled.slip_ids["Ayu"]
    test = screen(settled.coop, settled.treasurer, "slips")
    with writing(settled.coop, settled.treasurer) as session:
        slips.pay(session, ayu, account=CASH, on=DAY)
    test.button(key=f"pay_now_{ayu}").click().run()
    assert "Slip yang tadi tampil di sini sudah dibayar." in words(test)
    with db.reading(settled.coop) as session:
        assert session.get_one(Slip, settled.slip_ids["Budi"]).paid_on is None
