"""The costs of an open sale: a truck, sacks, loading."""

from sqlmodel import Session, select

from kopprod.domain.access import Action
from kopprod.domain.money import MOST_RP
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import CostSplit
from kopprod.domain.words import tidy
from kopprod.services import access
from kopprod.services.payments import CostIsPaid
from kopprod.services.reckoning import costs
from kopprod.services.sale_rows import lock_open
from kopprod.tables.sales import SaleCost


class CostNameless(Refusal):
    """A cost that says not what for."""

    sentence = N_("Please say what the cost was for.")


class CostAbsurd(Refusal):
    """A cost of nothing, or beyond any truck."""

    sentence = N_("A cost of {amount_rp} cannot be right. Please look at it again.")


class SameCostAgain(Refusal):
    """The same cost a second time: a button pressed twice, or two trucks."""

    sentence = N_(
        "{name}, {amount_rp}, is in this sale already. If it was spent a second time, say so and "
        "add it again."
    )


def add_cost(
    session: Session,
    sale_id: int,
    *,
    name: str,
    amount_rp: int,
    split: CostSplit = CostSplit.VALUE,
    known: int = 0,
) -> SaleCost:
    """Add what the sale cost: a truck, sacks. It is owed once the sale is settled.

    `split` says what it is shared by. Refuses the same name and amount again, unless somebody says
    that it was spent once more than the `known` times that are in the sale: sent twice, that too
    is kept once.
    """
    access.require(session, Action.SALES_CHANGE)
    sale = lock_open(session, sale_id)
    name = tidy(name)
    if not name:
        raise CostNameless
    if not 0 < amount_rp <= MOST_RP:
        raise CostAbsurd(amount_rp=amount_rp)
    if sum(is_same(cost, name, amount_rp) for cost in costs(session, sale.id)) > known:
        raise SameCostAgain(name=name, amount_rp=amount_rp)
    cost = SaleCost(sale_id=sale.id, name=name, amount_rp=amount_rp, split=split)
    session.add(cost)
    session.flush()
    return cost


def is_same(cost: SaleCost, name: str, amount_rp: int) -> bool:
    """Whether a cost that is there has this name and amount."""
    return cost.amount_rp == amount_rp and cost.name.casefold() == tidy(name).casefold()


def remove_cost(session: Session, cost_id: int) -> None:
    """Take a cost out of an open sale again; refuses one that is paid."""
    access.require(session, Action.SALES_CHANGE)
    cost = session.get(SaleCost, cost_id)
    if cost is None:
        return  # somebody else took it out before
    lock_open(session, cost.sale_id)
    # Not while we waited for the sale either.
    now = session.exec(
        select(SaleCost).where(SaleCost.id == cost_id).execution_options(populate_existing=True)
    ).first()
    if now is None:
        return
    if now.paid_entry_id is not None:  # of a settlement that was taken back
        raise CostIsPaid(name=now.name)
    session.delete(now)
    session.flush()
