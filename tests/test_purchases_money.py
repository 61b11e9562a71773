"""Money of a purchase: deposits, cash in parts, yarnen out of settlements, and the books."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.payouts import DeductionKind
from kopprod.domain.purchase_payments import (
    CreditMoreThanBill,
    OverCreditLimit,
    PartsOutOfRange,
)
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.refusal import Refusal
from kopprod.domain.yarnen import BillDebt, all_due_rp, taken_by_bill
from kopprod.services import (
    bill_payments,
    cooperative,
    deductions,
    deliveries,
    deposits,
    ledger,
    purchase_bills,
    purchases,
    sales,
    slips,
)
from kopprod.tables.purchases import Deposit, Purchase
from kopprod.tables.slips import Slip
from tests import make
from tests.bought_together import (
    BILLS_RP,
    acting,
    balances,
    bill_all,
    bill_of,
    bring,
    clean,
    stage,
)
from tests.pooled import Pool
from tests.seasons import DAY

# The rule


def debt(at_once: int = 0, *parts: int, paid: int = 0, settlements: int = 1) -> BillDebt:
    return BillDebt(1, at_once, parts, paid, settlements)


@pytest.mark.parametrize(
    ("found", "other_rp", "taken_rp", "due_rp"),
    [
        (debt(0, 334, 333, 333), 50, 0, 384),
        (debt(0, 334, 333, 333, settlements=2), 50, 384, 333),
        (debt(0, 334, 333, 333, settlements=9), 50, 1_050, 0),
        (debt(100, 300), 0, 0, 400),
        (debt(100, 300, settlements=0), 0, 0, 100),
        (debt(100, 300, paid=150), 0, 0, 250),
        (debt(0, 300), -80, 0, 220),
        (debt(0, 300), 0, 500, 0),
    ],
)
def test_what_a_settlement_may_take(
    found: BillDebt, other_rp: int, taken_rp: int, due_rp: int
) -> None:
    assert all_due_rp([found], other_rp=other_rp, taken_rp=taken_rp) == due_rp


AMOUNTS = st.integers(0, 1_000)
DEBTS = st.lists(
    st.tuples(AMOUNTS, st.lists(AMOUNTS, max_size=4), AMOUNTS, st.integers(0, 6)), max_size=4
)


@given(DEBTS, AMOUNTS, AMOUNTS)
def test_what_was_taken_pays_bills_and_never_more_than_is_open(
    drawn: list[tuple[int, list[int], int, int]], other_rp: int, taken_rp: int
) -> None:
    debts = [
        BillDebt(key, now, tuple(parts), min(paid, now + sum(parts)), count)
        for key, (now, parts, paid, count) in enumerate(drawn)
    ]
    found = taken_by_bill(debts, other_rp=other_rp, taken_rp=taken_rp)

    assert all(0 <= found[each.bill_id] <= each.left_rp for each in debts)
    most = sum(each.left_rp for each in debts)
    assert sum(found.values()) == min(most, max(0, taken_rp - other_rp))


# Deposits


def deposit(pool: Pool, name: str, amount_rp: int, key: str | None = None) -> int:
    with acting(pool, make.TREASURER) as session:
        return deposits.take(
            session, pool.purchase_id, pool.members[name], amount_rp=amount_rp, account=CASH,
            on=DAY, draft_key=key,
        ).id  # fmt: skip


def test_a_deposit_pays_the_bill_and_the_rest_goes_back(ordered: Pool) -> None:
    assert deposit(ordered, "Siti", 500_000, "a") == deposit(ordered, "Siti", 500_000, "a")
    deposit(ordered, "Budi", 800_000)
    second = deposit(ordered, "Budi", 200_000)
    bring(ordered)
    bills = bill_all(ordered)

    assert bills["Siti"].deposit_rp == 500_000
    assert bills["Budi"].deposit_rp == BILLS_RP["Budi"]
    with acting(ordered, make.TREASURER) as session:
        held = {one.deposit.id: one.left_rp for one in deposits.deposits(session)}
        assert held[second] == 1_000_000 - BILLS_RP["Budi"]
        deposits.give_back(session, second, on=DAY)
        with pytest.raises(deposits.DepositUsed):
            deposits.give_back(session, second, on=DAY)
    assert balances(ordered, "2105", CASH) == {
        "2105": 0,
        CASH: 20_000_000 + 500_000 + BILLS_RP["Budi"],
    }
    assert clean(ordered) == []


def test_calling_off_gives_all_deposits_back_in_the_same_act(ordered: Pool) -> None:
    deposit(ordered, "Siti", 500_000)
    deposit(ordered, "Made", 300_000)
    with acting(ordered) as session:
        purchases.cancel(session, ordered.purchase_id, reason="Pemasok tutup")
        rows = session.exec(select(Deposit)).all()
        assert all(row.returned_on is not None for row in rows)
    assert stage(ordered) is PurchaseStage.CANCELLED
    assert balances(ordered, "2105", CASH) == {"2105": 0, CASH: 20_000_000}
    assert clean(ordered) == []


def test_no_deposit_when_it_is_too_late_and_none_of_nothing(billed: Pool) -> None:
    with pytest.raises(deposits.NoDepositNow):
        deposit(billed, "Siti", 500_000)
    with acting(billed) as session, pytest.raises(deposits.UnknownDeposit):
        deposits.give_back(session, 99, on=DAY)


def test_a_deposit_of_nothing_is_refused(ordered: Pool) -> None:
    with pytest.raises(deposits.NothingDeposited):
        deposit(ordered, "Siti", 0)


# Cash


def pay(pool: Pool, name: str, amount_rp: int, key: str | None = None) -> int:
    with acting(pool, make.TREASURER) as session:
        bill_id = bill_of(session, pool, name).id
        return bill_payments.pay(
            session, bill_id, amount_rp=amount_rp, account=CASH, on=DAY, draft_key=key
        ).id


def test_a_bill_is_paid_in_parts_and_never_above_what_is_open(billed: Pool) -> None:
    assert pay(billed, "Siti", 1_000_000, "a") == pay(billed, "Siti", 1_000_000, "a")
    pay(billed, "Siti", 1_059_907)
    with pytest.raises(bill_payments.MoreThanOpen):
        pay(billed, "Siti", 1)
    with pytest.raises(bill_payments.NothingPaidOnBill):
        pay(billed, "Budi", 0)
    assert balances(billed, "1109", CASH) == {
        "1109": 10_888_080 - 2_059_907,
        CASH: 20_000_000 + 2_059_907,
    }
    assert clean(billed) == []


# Yarnen


def wait(pool: Pool, name: str, amount_rp: int, parts: int) -> None:
    with acting(pool, make.TREASURER) as session:
        bill_id = bill_of(session, pool, name).id
        bill_payments.let_wait(session, bill_id, amount_rp=amount_rp, parts=parts, on=DAY)


@pytest.mark.parametrize(
    ("name", "amount_rp", "parts", "refusal"),
    [
        ("Made", 3_531_269, 3, OverCreditLimit),
        ("Siti", 2_059_908, 3, CreditMoreThanBill),
        ("Siti", 1_000_000, 4, bill_payments.YarnenTooManyParts),
        ("Siti", 1_000_000, 0, PartsOutOfRange),
        ("Siti", 0, 1, bill_payments.NothingPaidOnBill),
    ],
)
def test_what_cannot_wait_is_refused(
    billed: Pool, name: str, amount_rp: int, parts: int, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        wait(billed, name, amount_rp, parts)
    assert clean(billed) == []


def test_a_purchase_without_yarnen_is_paid_at_once(billed: Pool) -> None:
    with acting(billed) as session:
        session.get_one(Purchase, billed.purchase_id).most_parts = 0
    with pytest.raises(bill_payments.YarnenNotOffered):
        wait(billed, "Siti", 1_000_000, 1)


def test_the_limit_is_a_setting_of_the_cooperative(billed: Pool) -> None:
    with acting(billed) as session:
        cooperative.change_setting(session, name="yarnen_limit_rp", value="500000")
    with pytest.raises(OverCreditLimit):
        wait(billed, "Siti", 500_001, 1)
    wait(billed, "Siti", 500_000, 1)
    with pytest.raises(bill_payments.YarnenAgreed):
        wait(billed, "Siti", 1, 1)


def harvest(session: Session, member_id: int, product: Mapping[str, int]) -> Slip:
    """She brings 100 kg, and they are sold and settled at Rp2.000.000."""
    delivery = deliveries.receive(
        session, member_id=member_id, product_id=product["product"], grade_id=product["grade"],
        gross=100_000, tare=0, received_on=DAY, on=DAY,
    )  # fmt: skip
    sale = sales.open_sale(
        session, buyer_id=product["buyer"], product_id=product["product"], sold_on=DAY,
        price_e4=20_000 * 10_000, buyer_weight=100_000, fee_bp=0, on=DAY,
    )  # fmt: skip
    sales.allot_all(session, sale.id, [delivery.id])
    sales.settle(session, sale.id, on=DAY)
    query = select(Slip).where(Slip.sale_id == sale.id)
    return session.exec(query).one()


def sold_by(session: Session) -> dict[str, int]:
    gabah = make.product(session)
    grade = make.grade(session, gabah.id)
    return {"product": gabah.id, "grade": grade.id, "buyer": make.buyer(session).id}


def test_yarnen_is_taken_from_three_settlements_part_by_part(billed: Pool) -> None:
    """Of Siti's 2.059.907 she pays 1.059.907 in cash; a million waits in three parts."""
    with acting(billed) as session:
        goods = sold_by(session)
    wait(billed, "Siti", 1_000_000, 3)
    pay(billed, "Siti", 1_059_907)
    taken = []
    for _turn in range(4):
        with acting(billed) as session:
            slip_id = harvest(session, billed.members["Siti"], goods).id
        with acting(billed, make.TREASURER) as session:
            slips.pay(session, slip_id, account=BANK, on=DAY)
            found = deductions.taken(session, [slip_id]).get(slip_id, {})
            taken.append(found.get(DeductionKind.INPUTS, 0))
            owed = ledger.balance_rp(session, "1109", member_id=billed.members["Siti"])
            assert owed == 1_000_000 - sum(taken)
            shown = purchase_bills.bill(session, bill_of(session, billed, "Siti").id)
            assert shown.left_rp == owed
        assert clean(billed) == []
    assert taken == [333_334, 333_333, 333_333, 0]
