"""Purchases at their edges: two phones at once, other sizes of packs, nothing came, days, roles."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from time import sleep

import pytest
from sqlmodel import Session

from kopprod.domain import tier_lines
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.members import MemberStatus
from kopprod.domain.money import E4
from kopprod.domain.purchase_receipts import InvoiceAbsurd
from kopprod.domain.purchases import BreaksPacks, NothingCame, PurchaseStage
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import Refusal
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.services import (
    articles,
    bill_payments,
    deductions,
    deposits,
    hand_outs,
    ledger,
    numbers,
    purchase_bills,
    purchase_goods,
    purchase_rows,
    purchase_terms,
    purchases,
    slips,
    supplier_invoices,
    suppliers,
    supplies,
    yarnen,
)
from kopprod.services.purchase_goods import Came
from kopprod.services.purchase_terms import Offered
from kopprod.services.supplier_invoices import ClaimEnd
from kopprod.tables.members import Member
from kopprod.tables.purchases import WantSaid
from tests import make
from tests.bought_together import (
    BILLS_RP,
    SACK_RP,
    acting,
    balances,
    bill_all,
    bill_of,
    bring,
    clean,
    stage,
)
from tests.pooled import SACK_G, UNTIL, Pool, says
from tests.seasons import DAY, at_once
from tests.test_check import break_it
from tests.test_purchases_money import deposit, harvest, pay, sold_by, wait

LATE = DAY + timedelta(days=5)


def firm(pool: Pool, name: str) -> int:
    with acting(pool) as session:
        said = purchase_rows.said_of(session, pool.purchase_id)
        return purchase_rows.want_of(said, pool.members[name], pool.article_id).firm


# Wants


def test_what_was_kept_last_counts_though_its_clock_was_behind(pool: Pool) -> None:
    for sacks, minute in ((5, 5), (7, 3), (2, 1)):
        with acting(pool) as session:
            says(session, pool, "Siti", sacks, minute=minute)
        assert firm(pool, "Siti") == sacks
    with acting(pool) as session:
        told = purchase_terms.take_out_article(
            session, pool.purchase_id, article_id=pool.article_id, at=make.AT
        )
    assert (told, firm(pool, "Siti")) == ([pool.members["Siti"]], 0)


def with_two_sizes(pool: Pool) -> None:
    """Packs of 25 beside those of 10, and since `LATE` packs are filled."""
    with acting(pool) as session:
        for pack in (10, 25):
            offered = Offered(pack=pack, tiers=tier_lines.read_tiers("2900000"))
            purchase_terms.add_offer(
                session, pool.purchase_id, supplier_id=pool.supplier_id,
                article_id=pool.article_id, offered=offered,
            )  # fmt: skip
        purchase_terms.take_out_offer(session, pool.purchase_id, pool.offer_id)
        facts = purchases.Facts(title="Urea", until=UNTIL, filling_on=LATE)
        purchases.change_purchase(session, pool.purchase_id, facts, on=DAY)


def test_what_fills_one_size_but_breaks_the_pack_that_is_planned_is_refused(pool: Pool) -> None:
    """25 fill the pack of 25. Three more would bring packs of 10 nearer, but serve nobody."""
    with_two_sizes(pool)
    with acting(pool) as session:
        says(session, pool, "Siti", 25)
    with acting(pool) as session, pytest.raises(BreaksPacks):
        says(session, pool, "Budi", 3, on=LATE, minute=9)
    with acting(pool) as session:
        says(session, pool, "Budi", 5, on=LATE, minute=9)  # three packs of 10
        plan = purchases.plan(session, pool.purchase_id).outlook.plan
    assert plan.quantity(pool.article_id) == 30


def test_in_the_last_days_somebody_new_may_name_a_highest_price(pool: Pool) -> None:
    with_two_sizes(pool)
    with acting(pool) as session:
        says(session, pool, "Siti", 8)
    with acting(pool) as session:
        says(session, pool, "Budi", 2, highest_e4=300_000 * E4, on=LATE, minute=9)
    assert firm(pool, "Budi") == 2


def test_the_want_of_who_left_is_taken_back_by_an_officer(pool: Pool) -> None:
    with acting(pool) as session:
        says(session, pool, "Siti", 5)
        row = session.get_one(Member, pool.members["Siti"])
        row.status, row.left_on = MemberStatus.LEFT, DAY
    with acting(pool, make.OFFICER) as session:
        says(session, pool, "Siti", 0, minute=3)
    assert firm(pool, "Siti") == 0


# Receiving


def two_suppliers(pool: Pool) -> dict[int, int]:
    """Urea by the sack from one supplier, and NPK from another; both ordered."""
    with acting(pool) as session:
        other = suppliers.add_supplier(session, name="CV Subur")
        second = articles.add_article(
            session, name="NPK", base_unit=BaseUnit.GRAM, portion=SACK_G, portion_word="karung"
        )
        purchase_terms.put_article(
            session, pool.purchase_id, article_id=second.id, shop_e4=400_000 * E4
        )
        offered = Offered(pack=1, tiers=tier_lines.read_tiers("380000"))
        purchase_terms.add_offer(
            session, pool.purchase_id, supplier_id=other.id, article_id=second.id, offered=offered
        )
        says(session, pool, "Siti", 3)
        says(session, replace(pool, article_id=second.id), "Budi", 2)
        purchases.lock(session, pool.purchase_id)
        purchase_goods.order_out(session, pool.purchase_id, on=DAY)
    return {pool.supplier_id: 3, other.id: 2}


def brings(
    session: Session, pool: Pool, supplier_id: int, good: int, asked_rp: int, freight_rp: int = 0
) -> None:
    lines = purchase_goods.order_lines(session, pool.purchase_id)
    came = {one.line.id: Came(good, 0, asked_rp) for one in lines if one.supplier.id == supplier_id}
    purchase_goods.receive(
        session, pool.purchase_id, supplier_id, came=came, freight_rp=freight_rp, on=DAY
    )


@pytest.mark.parametrize("asked_rp", [0, 915_000])
def test_where_no_supplier_brings_anything_it_can_still_be_called_off(
    pool: Pool, asked_rp: int
) -> None:
    first, second = two_suppliers(pool)
    deposit(pool, "Siti", 100_000)
    with acting(pool) as session:
        brings(session, pool, first, 0, asked_rp)
    with pytest.raises(NothingCame), acting(pool) as session:
        brings(session, pool, second, 0, 0)
    with acting(pool) as session:
        purchases.cancel(session, pool.purchase_id, reason="Tidak ada yang datang")
    assert stage(pool) is PurchaseStage.CANCELLED
    assert clean(pool) == []
    if asked_rp:
        with acting(pool, make.TREASURER) as session:
            (found,) = supplier_invoices.invoices(session)
            supplier_invoices.end_claim(session, found.invoice.id, end=ClaimEnd.TAKEN_OFF, on=DAY)
        assert balances(pool, "2131", "1122") == {"2131": 0, "1122": 0}
    assert clean(pool) == []


def test_what_has_come_in_part_is_not_called_off(pool: Pool) -> None:
    first, _second = two_suppliers(pool)
    with acting(pool) as session:
        brings(session, pool, first, 1, 305_000)
    with pytest.raises(deposits.GoodsAreHere), acting(pool) as session:
        purchases.cancel(session, pool.purchase_id, reason="Lama")


def test_a_freight_beyond_all_money_is_refused(pool: Pool) -> None:
    first, _second = two_suppliers(pool)
    with pytest.raises(InvoiceAbsurd), acting(pool) as session:
        brings(session, pool, first, 1, 305_000, freight_rp=10**20)


# Money


def test_a_deposit_goes_back_on_its_day_or_later(ordered: Pool) -> None:
    key = deposit(ordered, "Siti", 500_000)
    with pytest.raises(deposits.BeforeDeposit), acting(ordered, make.TREASURER) as session:
        deposits.give_back(session, key, on=date(2026, 2, 1))


def test_the_same_leftover_sent_twice_with_another_purse_is_refused(ordered: Pool) -> None:
    bring(ordered, 39, invoiced_rp=39 * SACK_RP)
    bill_all(ordered)

    def sell(account: str | None) -> int:
        with acting(ordered, make.TREASURER) as session:
            return supplies.sell(
                session, 1, member_id=ordered.members["Siti"], quantity=1, amount_rp=300_000,
                account=account, on=DAY, draft_key="a",
            ).id  # fmt: skip

    assert sell(CASH) == sell(CASH)
    with pytest.raises(FormKeptOtherwise):
        sell(None)
    assert clean(ordered) == []


def test_two_treasurers_at_once_pay_and_give_back_each_thing_once(ordered: Pool) -> None:
    key = deposit(ordered, "Siti", 3_000_000)
    invoice = bring(ordered, 36)
    bill_all(ordered)
    bill_id = {}
    with acting(ordered) as session:
        for name in ("Siti", "Budi"):
            bill_id[name] = bill_of(session, ordered, name).id
        left_rp = bill_payments.left_of(session, bill_of(session, ordered, "Budi"))

    def twice(does: Callable[[Session], object]) -> list[object]:
        def act() -> object:
            with acting(ordered, make.TREASURER) as session:
                does(session)
                return "done"

        return at_once(act, act)

    def pays(session: Session) -> None:
        bill_payments.pay(session, bill_id["Budi"], amount_rp=left_rp, account=CASH, on=DAY)

    def waits(session: Session) -> None:
        made = bill_of(session, ordered, "Made").id
        bill_payments.let_wait(session, made, amount_rp=1_000_000, parts=2, on=DAY)

    acts: list[Callable[[Session], object]] = [
        pays,
        waits,
        lambda session: deposits.give_back(session, key, on=DAY),
        lambda session: supplier_invoices.end_claim(
            session, invoice.id, end=ClaimEnd.GIVEN_UP, on=DAY
        ),
        lambda session: supplier_invoices.pay(session, invoice.id, account=BANK, on=DAY),
    ]
    for one in acts:
        found = twice(one)
        assert found.count("done") == 1, found
        assert sum(isinstance(each, Refusal) for each in found) == 1
    assert clean(ordered) == []


def test_an_agreement_waits_for_nobody_who_waits_for_the_journal(billed: Pool) -> None:
    """One names Siti and then posts; the other has the journal's turn and writes her agreement."""

    def wants() -> object:
        with acting(billed, make.MANAGER) as session:
            session.add(
                WantSaid(
                    purchase_id=billed.purchase_id, article_id=billed.article_id,
                    member_id=billed.members["Siti"], firm=0, tolerance=0, at=make.AT,
                )
            )  # fmt: skip
            session.flush()
            sleep(0.2)
            numbers.wait_turn(session, ledger.COUNTER)
            return "done"

    def agrees() -> object:
        sleep(0.1)
        wait(billed, "Siti", 1_000_000, 3)
        return "done"

    assert at_once(wants, agrees) == ["done", "done"]


def test_a_bill_is_paid_by_deposit_cash_and_two_settlements_of_which_one_comes_back(
    ordered: Pool,
) -> None:
    """Rp500.000 deposit, Rp559.907 cash, Rp1.000.000 in two parts; the second payout is undone."""
    siti = ordered.members["Siti"]
    deposit(ordered, "Siti", 500_000)
    bring(ordered)
    bill_all(ordered)
    with acting(ordered) as session:
        goods = sold_by(session)
    wait(ordered, "Siti", 1_000_000, 2)
    pay(ordered, "Siti", 559_907)
    taken = []
    for _turn in range(2):
        with acting(ordered) as session:
            slip = harvest(session, siti, goods)
        with acting(ordered, make.TREASURER) as session:
            slips.pay(session, slip.id, account=BANK, on=DAY)
            taken.append(list(deductions.taken(session, [slip.id])[slip.id].values()))
    assert taken == [[500_000], [500_000]]
    with acting(ordered) as session:
        slips.void(session, session.get_one(type(slip), slip.id), on=DAY, reason="Salah timbang")
        owed_rp = ledger.balance_rp(session, "1109", member_id=siti)
        shown = purchase_bills.bill(session, bill_of(session, ordered, "Siti").id)
    assert (shown.left_rp, shown.next_rp) == (owed_rp, owed_rp)
    assert sum(BILLS_RP.values()) - balances(ordered, "1109")["1109"] == 2_059_907 - owed_rp


@pytest.mark.parametrize("billed_too", [False, True])
def test_a_deposit_that_is_held_for_ever_is_named(ordered: Pool, billed_too: bool) -> None:
    """Called off with all of it, or closed though a bill used only a part of it."""
    deposit(ordered, "Siti", 3_000_000)
    ends = "stage = 'cancelled', cancel_reason = 'x'"
    if billed_too:
        bring(ordered)
        bill_all(ordered)
        ends = "stage = 'closed'"
    with acting(ordered) as session:
        break_it(session.connection(), f"UPDATE purchase SET {ends}")
    assert any("still held" in one for one in clean(ordered))


# Roles

Act = Callable[[Session, Pool], object]
MANAGER, TREASURER, OFFICER, MEMBER, SUPERVISOR = (
    Role.MANAGER,
    Role.TREASURER,
    Role.OFFICER,
    Role.MEMBER,
    Role.SUPERVISOR,
)
WALK: dict[str, tuple[set[Role], Act]] = {
    "order": ({MANAGER}, lambda s, p: purchase_goods.order_out(s, p.purchase_id, on=DAY)),
    "receive": (
        {MANAGER, OFFICER},
        lambda s, p: purchase_goods.receive(s, 99, 99, came={}, freight_rp=0, on=DAY),
    ),
    "share": ({MANAGER, OFFICER}, lambda s, p: purchase_goods.redistribute(s, p.purchase_id)),
    "bill": ({MANAGER, OFFICER}, lambda s, p: purchase_bills.make(s, p.purchase_id, on=DAY)),
    "hand out": ({MANAGER, OFFICER}, lambda s, p: hand_outs.hand_out(s, 99)),
    "close": ({MANAGER}, lambda s, p: hand_outs.close(s, p.purchase_id)),
    "call off": ({MANAGER}, lambda s, p: purchases.cancel(s, p.purchase_id, reason="")),
    "deposit": (
        {MANAGER, TREASURER},
        lambda s, p: deposits.take(s, p.purchase_id, 1, amount_rp=0, account=CASH, on=DAY),
    ),
    "give back": ({MANAGER, TREASURER}, lambda s, p: deposits.give_back(s, 99, on=DAY)),
    "pay": (
        {MANAGER, TREASURER},
        lambda s, p: bill_payments.pay(s, 99, amount_rp=1, account=CASH, on=DAY),
    ),
    "wait": (
        {MANAGER, TREASURER},
        lambda s, p: bill_payments.let_wait(s, 99, amount_rp=1, parts=1, on=DAY),
    ),
    "pay supplier": (
        {MANAGER, TREASURER},
        lambda s, p: supplier_invoices.pay(s, 99, account=CASH, on=DAY),
    ),
    "end claim": (
        {MANAGER, TREASURER},
        lambda s, p: supplier_invoices.end_claim(s, 99, end=ClaimEnd.GIVEN_UP, on=DAY),
    ),
    "sell": (
        {MANAGER, TREASURER},
        lambda s, p: supplies.sell(
            s, 99, member_id=1, quantity=1, amount_rp=1, account=CASH, on=DAY
        ),
    ),
    "lose": ({MANAGER}, lambda s, p: supplies.lose(s, 99, quantity=1, reason="x", on=DAY)),
    "limit": ({MANAGER}, lambda s, p: yarnen.keep_limit(s, 99, limit_rp=1)),
}


@pytest.mark.parametrize("act", WALK)
def test_each_step_is_for_its_roles_only(billed: Pool, act: str) -> None:
    allowed, does = WALK[act]
    refused = set()
    for role in Role:
        who: Person = make.person(role, member_id=billed.members["Siti"])
        try:
            with acting(billed, who) as session:
                does(session, billed)
        except NotAllowed:
            refused.add(role)
        except Refusal:
            pass
    assert refused == set(Role) - allowed
