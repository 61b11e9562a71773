"""The first page: figures that are sums of the rows, one's own only, and what to do first."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.ledger import BANK
from kopprod.domain.orders import OrderStage
from kopprod.domain.sales import SaleStage
from kopprod.services import (
    cooperative,
    deliveries,
    home,
    ledger,
    orders,
    output,
    payout_rows,
    quotes,
    receivables,
    sales,
    signin,
    slips,
)
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.sales import Sale
from kopprod.tables.slips import Slip
from tests import make
from tests.conftest import DEMO_ON
from tests.screens import screen, words

DAY = make.TODAY
KG = 1_000


def mine(coop: str, member_id: int) -> home.Mine:
    who = make.person(Role.MEMBER, member_id=member_id)
    with db.reading(coop, person=who) as session:
        return home.mine(session, on=DEMO_ON)


def test_every_members_figures_are_the_sums_of_her_rows(demo_coop: str) -> None:
    with db.reading(demo_coop) as session:
        unpaid = dict(
            session.exec(
                select(Slip.member_id, func.sum(Slip.net_value_rp - Slip.deducted_rp))
                .where(col(Slip.paid_on).is_(None))
                .group_by(col(Slip.member_id))
            ).all()
        )
        last: dict[int, list[str]] = {}
        newest = select(Delivery).order_by(
            col(Delivery.received_on).desc(), col(Delivery.id).desc()
        )
        for delivery in session.exec(newest).all():
            last.setdefault(delivery.member_id, []).append(delivery.number)
        member_ids = session.exec(select(Member.id)).all()
    for member_id in member_ids:
        seen = mine(demo_coop, member_id)
        assert seen.owed_rp == unpaid.get(member_id, 0)
        assert bool(seen.unpaid_slips) is (member_id in unpaid)
        assert [b.number for b in seen.brought] == last.get(member_id, [])[:3]
    assert sum(unpaid.values()) > 0


def test_what_the_office_sees_are_the_sums_of_all_rows(demo_coop: str) -> None:
    with db.reading(demo_coop, person=make.TREASURER) as session:
        office = home.office(session, on=DEMO_ON)
        unpaid_rp, count = session.exec(
            select(func.sum(Slip.net_value_rp - Slip.deducted_rp), func.count()).where(
                col(Slip.paid_on).is_(None)
            )
        ).one()
        assert office.unpaid == (unpaid_rp, count)
        assert office.unpaid[0] == -ledger.balance_rp(session, "2110")
        assert office.in_store == len(deliveries.in_store(session))
        stage = select(func.count()).where(Sale.stage == SaleStage.OPEN)
        assert office.open_sales == session.exec(stage).one() == 1
        logs = output.logs(session, open_only=True, since=DEMO_ON - timedelta(days=home.WAIT_DAYS))
        assert office.not_delivered == sum(log.delivered == 0 for log in logs) > 0
        owed = receivables.receivables(session, on=DEMO_ON)
        assert office.buyers_owe_rp == owed.ages.total_rp
        assert office.buyers_late_rp == owed.ages.due_rp
        open_lists = [one for one in payout_rows.lists(session) if one.batch.closed_on is None]
        assert (office.open_lists, office.open_orders, office.orders_late) == (
            len(open_lists),
            len(orders.orders(session, stage=OrderStage.OPEN)),
            0,
        )
    with db.reading(demo_coop, person=make.OFFICER) as session:
        assert home.office(session, on=DEMO_ON).unpaid is None


def test_the_office_is_not_for_a_member_and_a_members_page_not_for_others(demo_coop: str) -> None:
    with (
        db.reading(demo_coop, person=make.person(Role.MEMBER, member_id=1)) as session,
        pytest.raises(NotAllowed),
    ):
        home.office(session, on=DEMO_ON)
    for who in (make.MANAGER, make.SUPERVISOR, make.OFFICER, make.TREASURER):
        with db.reading(demo_coop, person=who) as session, pytest.raises(NotAllowed):
            home.mine(session, on=DEMO_ON)


# A small cooperative, step by step


def bring(session: Session, who: Person, product_id: int, grade_id: int, log_id: int | None) -> int:
    return deliveries.receive(
        session,
        member_id=who.member_id or 0,
        product_id=product_id,
        grade_id=grade_id,
        gross=10 * KG,
        tare=0,
        received_on=DAY,
        output_id=log_id,
        on=DAY,
    ).id


def log(session: Session, who: Person, product_id: int) -> int:
    draft = output.open_draft(session, at=make.AT)
    return output.record(
        session,
        draft.id,
        member_id=who.member_id or 0,
        product_id=product_id,
        amount=10 * KG,
        typed="10 kg",
        made_on=DAY,
        on=DAY,
    ).id


def test_a_log_waits_until_goods_of_it_came_and_again_when_they_were_taken_back(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        ayu = make.user(session, Role.MEMBER)
        oman = make.user(session, Role.OFFICER, name="Oman")
        paddy = make.product(session)
        grade_id = make.grade(session, paddy.id).id
    waiting = []

    def look() -> None:
        with db.reading(coop, person=ayu) as session:
            waiting.append(home.mine(session, on=DAY).not_delivered)

    look()
    with db.writing(coop, person=ayu, action="test", at=make.AT) as session:
        log_id = log(session, ayu, paddy.id)
    look()
    with db.writing(coop, person=oman, action="test", at=make.AT) as session:
        delivery_id = bring(session, ayu, paddy.id, grade_id, log_id)
    look()
    with db.writing(coop, person=oman, action="test", at=make.AT) as session:
        assert home.office(session, on=DAY).received_today == 1
        deliveries.reverse(session, delivery_id, reason="Salah timbang", on=DAY)
        assert home.office(session, on=DAY).received_today == 0
    look()

    assert waiting == [0, 1, 0, 1]
    with db.reading(coop, person=ayu) as session:
        assert home.mine(session, on=DAY).brought == []
        later = DAY + timedelta(days=home.WAIT_DAYS + 1)
        assert home.mine(session, on=later).not_delivered == 0


def test_what_is_owed_ends_when_the_slip_is_paid(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        ledger.open_chart(session)
        ayu, budi = (make.user(session, Role.MEMBER, name=name) for name in ("Ayu", "Budi"))
        paddy = make.product(session)
        grade_id = make.grade(session, paddy.id).id
        ids = [bring(session, who, paddy.id, grade_id, None) for who in (ayu, budi)]
        sale = sales.open_sale(
            session,
            buyer_id=make.buyer(session).id,
            product_id=paddy.id,
            sold_on=DAY,
            price_e4=65_000_000,
            buyer_weight=20 * KG,
            fee_bp=0,
            on=DAY,
        )
        sales.allot_all(session, sale.id, ids)
        sales.settle(session, sale.id, on=DAY)

    def owed() -> list[int]:
        found = []
        for who in (ayu, budi):
            with db.reading(coop, person=who) as session:
                found.append(home.mine(session, on=DAY).owed_rp)
        return found

    assert owed() == [65_000, 65_000]
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        sales.take_payment(session, sale.id, amount_rp=130_000, account=BANK, on=DAY)
        (hers,) = slips.slips(session, member_id=ayu.member_id)
        slips.pay(session, hers.slip.id, account=BANK, on=DAY)
    assert owed() == [0, 65_000]


def test_goods_that_cannot_be_compared_ask_for_prices(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        village_id = make.village(session).id
        ayu = make.person(
            Role.MEMBER, member_id=make.member(session, "Ayu", village_id=village_id).id
        )
        paddy = make.product(session)
        make.product(session, "Kopi")
        grade_id = make.grade(session, paddy.id).id
        assert home.office(session, on=DAY).short_of_quotes == []
        bring(session, ayu, paddy.id, grade_id, None)
        for count in range(4):
            short = home.office(session, on=DAY).short_of_quotes
            assert short == (["Gabah"] if count < 3 else [])
            quotes.record(
                session,
                product_id=paddy.id,
                grade_id=grade_id,
                village_id=village_id,
                quoted_on=DAY,
                price_e4=1,
                on=DAY,
            )


# The screen


def test_a_member_sees_her_own_and_nobody_elses(demo_coop: str) -> None:
    with db.reading(demo_coop) as session:
        owed = dict(
            session.exec(
                select(Slip.member_id, func.sum(Slip.net_value_rp - Slip.deducted_rp))
                .where(col(Slip.paid_on).is_(None))
                .group_by(col(Slip.member_id))
            ).all()
        )
        from_row = {m.id: m.name for m in session.exec(select(Member)).all()}
    with db.writing(demo_coop, person=make.MANAGER, action="test", at=make.AT) as session:
        people = [p for p in signin.demo_people(session) if p[2] is Role.MEMBER]
    user_id, name, _role = people[0]
    member_id = next(key for key, called in from_row.items() if called == name)
    shown = words(screen(demo_coop, make.person(Role.MEMBER, user_id=user_id, member_id=member_id)))

    assert rp(owed[member_id]) in shown
    for other, amount_rp in owed.items():
        assert other == member_id or rp(amount_rp) not in shown
    assert [n for n in from_row.values() if n in shown.replace(name, "") and " " in n] == []
    assert rp(sum(owed.values())) not in shown


def rp(amount_rp: int) -> str:
    return f"Rp{amount_rp:,}".replace(",", ".")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OFFICER, Role.SUPERVISOR])
def test_an_empty_cooperative_says_what_comes_first(coop: str, role: Role) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, role)
    test = screen(coop, who)
    assert "Koperasi baru dimulai dengan" in words(test)
    assert "Menunggu dikerjakan" not in words(test)


def test_an_empty_member_page_says_what_will_be_there(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, Role.MEMBER)
    shown = words(screen(coop, who))
    assert "Rp0" in shown
    assert "Setoran Anda muncul di sini" in shown


def test_names_are_never_markup(coop: str) -> None:
    bad = '<img src=x onerror=alert(1)> "*_\u202eAyu'
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        cooperative.change_setting(session, name="name", value="Tani <b>*Jaya*</b>")
        who = make.user(session, Role.MEMBER, name=bad, user_name="ayu")
        paddy = make.product(session, "<u>Gabah</u>")
        bring(session, who, paddy.id, make.grade(session, paddy.id, "<i>A").id, None)
    test = screen(coop, who)
    shown = words(test)
    assert "&lt;u&gt;Gabah&lt;/u&gt; &lt;i&gt;A" in shown
    for raw in ("<img", "<u>", "<i>A", "<b>*"):
        assert raw not in shown.replace("\\<", "")  # a backslash takes it out of the markup
