"""The demo's last days: an order that is not filled, an agreement, a payout list not finished."""

from datetime import date, timedelta

from kopprod import db
from kopprod.demo.stage import Stage, moment
from kopprod.domain.access import Role
from kopprod.domain.ledger import CASH
from kopprod.domain.payouts import Agreed, BatchKind, DeductionKind
from kopprod.services import deductions, orders, payouts

DUES_RP = 20_000
PAID = 2  # how many of the list have come for their money


def play(stage: Stage) -> None:
    """What people began in the last days, and have not finished."""
    _order(stage, stage.on - timedelta(days=5))
    _agree(stage, stage.on - timedelta(days=3))
    _pay_list(stage, stage.on)


def _order(stage: Stage, day: date) -> None:
    """A buyer ordered more of the first product than there is in store."""
    good, manager = stage.goods[0], stage.people[Role.MANAGER]
    price_rp = good.plan["price"][day.month - 1]
    with db.writing(
        stage.coop, person=manager, action="orders.add_order", at=moment(day, 10)
    ) as session:
        orders.add_order(
            session,
            buyer_id=good.buyers[0],
            product_id=good.id,
            grade_id=None,
            quantity=15_000_000,
            price_e4=price_rp * 10_000,
            ordered_on=day,
            due_on=stage.on + timedelta(days=9),
            on=day,
            reference="PO-118",
        )


def _agree(stage: Stage, day: date) -> None:
    """Members with a phone let their dues be taken from what they are paid."""
    treasurer = stage.people[Role.TREASURER]
    with db.writing(
        stage.coop, person=treasurer, action="deductions.agree", at=moment(day, 10)
    ) as session:
        for member_id in stage.own:
            agreed = Agreed(DeductionKind.DUES, 1, most_rp=DUES_RP)
            deductions.agree(session, member_id, agreed=[agreed], most_bp=3_000, on=day)


def _pay_list(stage: Stage, day: date) -> None:
    """The newest sale is paid in cash from a list, on which some have signed already."""
    treasurer = stage.people[Role.TREASURER]
    with db.writing(
        stage.coop, person=treasurer, action="payouts.draw_up", at=moment(day, 11)
    ) as session:
        pooled = [row.slip for row in payouts.unpaid(session) if row.slip.sale_id is not None]
        newest = max((slip.sale_id or 0 for slip in pooled), default=0)
        on_it = [slip for slip in pooled if slip.sale_id == newest]
        if not on_it:
            return
        batch = payouts.draw_up(
            session, [slip.id for slip in on_it], kind=BatchKind.CASH, account=CASH, on=day
        )
        others = [slip.id for slip in on_it if slip.member_id not in stage.own]
        for slip_id in others[:PAID]:
            payouts.mark_paid(session, slip_id, on=day, batch_id=batch.id)
