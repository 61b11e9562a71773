"""Proving the use of machines: payouts take what is owed, and whatever is broken is named."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.domain.ledger import CASH, CHART
from kopprod.domain.payouts import Agreed, DeductionKind
from kopprod.domain.tariffs import Basis, Borne
from kopprod.services import (
    deductions,
    ledger,
    slips,
    upkeep,
    use_debts,
    use_payments,
    use_reversals,
)
from kopprod.tables.equipment import EquipmentUnit
from kopprod.tables.ledger import Entry
from kopprod.tables.uses import Use
from tests import machines, make
from tests.fields import BILL_RP, HOUR, START, back, booked, comes_back, goes_out, harvested, money
from tests.machines import Yard
from tests.payday import Payday, clean
from tests.seasons import DAY, writing
from tests.test_check import break_it

ACCOUNTS = [one.code for one in CHART]


def balances(session: Session) -> dict[str, int]:
    """Debit less credit of every account."""
    return {code: ledger.balance_rp(session, code) for code in ACCOUNTS}


def test_a_payout_takes_what_is_owed_for_machines(payday: Payday) -> None:
    siti = payday.season.members["Siti"]
    with writing(payday.coop) as session:
        pump = machines.kind(session, "Pompa")
        machines.unit(session, pump.id)
        machines.tariff(
            session, pump.id, basis=Basis.HOUR, member_rp=20_000, other_rp=None, fuel=Borne.OWN
        )
        use = comes_back(session, goes_out(session, booked(session, pump.id, siti)))
        other = booked(session, pump.id, siti, since=START + 24 * HOUR)
        second = comes_back(
            session,
            goes_out(session, other, meter=50),
            back(START + 29 * HOUR, meter=100),
        )
    with payday.acting() as session:
        use_payments.pay(session, use.id, amount_rp=30_000, account=CASH, on=DAY)
        deductions.agree(
            session, siti, agreed=[Agreed(DeductionKind.HIRE, 1, 120_000)], most_bp=5_000, on=DAY
        )
        slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY)
        assert ledger.balance_rp(session, "1125", member_id=siti) == 50_000
    with writing(payday.coop) as session:
        left = {one.use.id: one.left_rp for one in use_debts.bills(session)}
    assert left == {use.id: 0, second.id: 50_000}  # the oldest first
    assert clean(payday.coop) == []


@pytest.fixture
def worked(kept: Callable[[Callable[..., Any]], Any]) -> Yard:
    """Uses of members and others, one reversed, payments, an operator paid, upkeep done."""
    return cast(Yard, kept(_worked))


def _worked(yard: Yard) -> Yard:
    with writing(yard.coop) as session:
        money(session)
        first = harvested(session, yard)
        use_payments.pay(session, first.id, amount_rp=500_000, account=CASH, on=DAY)
        use_payments.pay_operator(
            session, yard.operator_id, amount_rp=100_000, account=CASH, on=DAY
        )
        other = booked(session, yard.pump_id, None, other_name="Pak Joko")
        comes_back(session, goes_out(session, other), paid_to=CASH)
        wrong = booked(session, yard.pump_id, yard.members["Budi"])
        wrong_use = comes_back(session, goes_out(session, wrong, unit_id=yard.pumps[1]))
        use_reversals.reverse(session, wrong_use.id, reason="Salah", on=DAY)
        upkeep.done(
            session, first.unit_id, work="Ganti sabuk", done_on=DAY, on=DAY, cost_rp=400_000,
            account=CASH,
        )  # fmt: skip
        out = booked(session, yard.tractor_id, yard.members["Siti"])
        goes_out(session, out)
    assert clean(yard.coop) == []
    return yard


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE equipment_use SET bill_rp = bill_rp + 1 WHERE id = 1", "Member {whom}"),
        ("UPDATE equipment_use SET bill_rp = bill_rp + 1 WHERE id = 1", "its bill is not"),
        ("UPDATE equipment_use SET bill_rp = bill_rp + 1 WHERE id = 1", "for members"),
        ("UPDATE equipment_use SET bill_rp = bill_rp + 1 WHERE id = 2", "for others"),
        ("UPDATE equipment_use SET bill_rp = bill_rp + 1 WHERE id = 2", "is not paid whole"),
        ("UPDATE equipment_use SET fuel_rp = fuel_rp + 1 WHERE id = 1", "Fuel of machines"),
        ("UPDATE equipment_use SET operator_rp = 1 WHERE id = 1", "Operators:"),
        ("UPDATE equipment_use SET operator_rp = 1 WHERE id = 1", "Pay of operators"),
        ("UPDATE equipment_use SET operator_rp = 1 WHERE id = 1", "the shares do not"),
        ("UPDATE equipment_use SET maintenance_rp = 1 WHERE id = 1", "Reserve for upkeep"),
        ("UPDATE equipment_use SET maintenance_rp = 1 WHERE id = 1", "Upkeep of machines"),
        ("UPDATE equipment_use SET operator_id = NULL WHERE id = 1", "whom nobody named"),
        ("UPDATE equipment_use SET entry_id = NULL WHERE id = 1", "does not have it as it was"),
        ("UPDATE equipment_use SET billed_on = '2026-03-01' WHERE id = 1", "does not have it"),
        ("UPDATE equipment_use SET reversal_entry_id = NULL WHERE id = 3", "not taken it back"),
        (
            "DELETE FROM equipment_use WHERE id = 4;"
            " UPDATE equipment_use SET reversed_on = NULL WHERE id = 3",
            "but the journal has taken it back",
        ),
        ("UPDATE booking SET stage = 'booked' WHERE id = 1", "its stage does not fit"),
        ("UPDATE booking SET stage = 'out' WHERE id = 1", "its stage does not fit"),
        ("UPDATE equipment_use SET unit_id = 3 WHERE id = 4;"
         " UPDATE booking SET stage = 'out' WHERE id = 3", "is with two at once"),
        ("UPDATE use_payment SET amount_rp = 1", "of a use is not in the journal"),
        ("UPDATE operator_payment SET amount_rp = 1", "to an operator is not in the journal"),
        ("UPDATE upkeep_done SET reserve_rp = 1", "Upkeep {number} is not in the journal"),
        ("UPDATE upkeep_done SET cost_rp = 400001", "Upkeep {number} is not in the journal"),
        ("UPDATE upkeep_done SET number = 'RAWAT-X'", "from a paper of a machine"),
        ("UPDATE use_line SET amount_rp = 1", "its bill is not"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named(worked: Yard, statement: str, named: str) -> None:
    with writing(worked.coop) as session:
        break_it(session.connection(), statement.replace("; ", ";").replace(";", "; "))
    found = clean(worked.coop)
    assert any(named in one for one in found), found


# The law

USES = st.lists(
    st.tuples(
        st.sampled_from(["Siti", "Budi", None]),
        st.integers(0, 7_500),  # m2
        st.integers(0, 200_000),  # rupiah of fuel
        st.booleans(),  # with an operator
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=USES, order=st.randoms(use_true_random=False))
def test_shares_add_up_and_reversing_all_restores_every_balance(
    yard: Yard, said: list[tuple[str | None, int, int, bool]], order: Any
) -> None:
    with db.writing(yard.coop, person=SYSTEM, action="test", at=make.AT) as session:
        nested = session.begin_nested()
        money(session)
        before = balances(session)
        uses = [_one(session, yard, place, *each) for place, each in enumerate(said)]
        for use in uses:
            net_rp = use.bill_rp - use.fuel_rp
            parts = (
                use.operator_rp, use.maintenance_rp, use.depreciation_rp, use.cooperative_rp,
            )  # fmt: skip
            assert sum(parts) == max(net_rp, 0)
        assert _sentences(session) == []
        order.shuffle(uses)
        for use in uses:
            use_reversals.reverse(session, use.id, reason="Salah", on=DAY, again=False)
        assert balances(session) == before
        assert _sentences(session) == []
        nested.rollback()


def _sentences(session: Session) -> list[str]:
    from kopprod.services import check

    return [one.sentence for one in check.problems(session)]


def _one(
    session: Session,
    yard: Yard,
    place: int,
    name: str | None,
    area_m2: int,
    fuel_rp: int,
    with_operator: bool,
) -> Use:
    booking = booked(
        session,
        yard.tractor_id,
        None if name is None else yard.members[name],
        other_name="" if name else "Pak Joko",
        since=START + 24 * place * HOUR,
        operator_id=yard.operator_id if with_operator else None,
    )
    meter = session.get_one(EquipmentUnit, yard.tractors[0]).meter
    use = goes_out(session, booking, meter=meter)
    found = back(use.out_at + 5 * HOUR, meter=meter + 50, area_m2=area_m2)
    beside: dict[str, Any] = {"fuel_rp": fuel_rp, "fuel_from": CASH, "paid_to": CASH}
    return comes_back(session, use, found, **beside)


def test_two_reversals_never_stand_for_one_use(worked: Yard) -> None:
    with writing(worked.coop) as session:
        every = session.exec(select(Use).where(Use.booking_id == 3)).all()
        assert [one.reversed_on is None for one in every] == [False, True]
        entries = session.exec(select(Entry).where(Entry.paper == f"use:{every[0].id}")).all()
        assert len(entries) == 2
        assert use_debts.bill(session, 1).use.bill_rp == BILL_RP
