"""Proving payouts: every way of breaking deductions, lists and advances is named."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from kopprod import db
from kopprod.domain.ledger import CASH
from kopprod.domain.payouts import Agreed, BatchKind
from kopprod.services import advances, check, payouts, slips
from tests import make
from tests.payday import DUES, LOAN, Payday, clean
from tests.seasons import DAY, bring, writing
from tests.test_check import break_it


@pytest.fixture
def paid(kept: Callable[[Callable[..., Any]], Any]) -> Payday:
    """Siti's slip (1) is paid less two deductions, Budi's (2) waits on a list; Made has panjar."""
    return cast(Payday, kept(_paid))


def _paid(payday: Payday) -> Payday:
    payday.agree("Siti", Agreed(DUES, 1, 10_000), Agreed(LOAN, 2, 200_000))
    with writing(payday.coop, payday.manager) as session:
        lots = [bring(session, payday.season, "Made", 100_000) for _ in range(2)]
    with payday.acting() as session:
        slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY)
        ids = [payday.slip_ids["Budi"], payday.slip_ids["Made"]]
        payouts.draw_up(session, ids, kind=BatchKind.CASH, account=CASH, on=DAY)
        payouts.mark_paid(session, payday.slip_ids["Made"], on=DAY)
        for lot in lots:
            advances.pay(session, lot, amount_rp=300_000, account=CASH, on=DAY)
        advances.reverse(session, 2, reason="Salah", on=DAY)
    assert clean(payday.coop) == []
    return payday


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        ("UPDATE slip_deduction SET amount_rp = 10001 WHERE kind = 'dues'", "do not add up"),
        ("UPDATE slip SET deducted_rp = 210001 WHERE id = 1", "do not add up"),
        (
            "UPDATE slip_deduction SET amount_rp = 10001 WHERE kind = 'dues';"
            " UPDATE slip_deduction SET amount_rp = 199999 WHERE kind = 'loan'",
            "does not take its deductions",
        ),
        ("UPDATE slip_deduction SET kind = 'inputs' WHERE kind = 'loan'", "does not take its"),
        ("UPDATE slip SET deducted_entry_id = NULL WHERE id = 1", "does not take its deductions"),
        ("UPDATE slip SET deducted_rp = 1 WHERE id = 2", "unpaid slips add up to"),
        ("UPDATE slip SET received_rp = received_rp - 1 WHERE id = 1", "does not pay it"),
        ("UPDATE slip SET paid_on = '2026-03-01' WHERE id = 1", "comes from another paper"),
        ("UPDATE entry SET paper = 'slip:2' WHERE id ="
         " (SELECT paid_entry_id FROM slip WHERE id = 1)", "comes from another paper"),
        ("UPDATE payout_batch SET closed_on = '2026-03-02'", "is finished, but"),
        ("UPDATE slip SET batch_id = NULL WHERE id = 2", "is finished, but"),
        ("UPDATE payout_batch SET drawn_on = '2026-03-03'", "as its payout list says"),
        ("UPDATE payout_batch SET account_code = '1103'", "as its payout list says"),
        ("UPDATE advance SET amount_rp = 300001 WHERE id = 1", "of advances (account 1121)"),
        ("UPDATE advance SET amount_rp = 300001 WHERE id = 1", "does not pay it as it was"),
        ("UPDATE advance SET account_code = '1103' WHERE id = 1", "does not pay it as it was"),
        ("UPDATE advance SET reversal_entry_id = entry_id WHERE id = 2", "taken back, but not"),
        ("UPDATE advance SET member_id = 1 WHERE id = 1", "another member's delivery"),
        ("UPDATE deduction_agreement SET kind = 'loan'", "one kind twice"),
        ("DELETE FROM payout_terms", "none to go by"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named(paid: Payday, statements: str, named: str) -> None:
    with writing(paid.coop, make.MANAGER) as session:
        break_it(session.connection(), statements)
    with db.reading(paid.coop) as session:
        found = [problem.sentence.format(**problem.facts) for problem in check.problems(session)]
    assert any(named in one for one in found), found
