"""What a buyer's papers need beside the sale: sacks, its order, settlements taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import receivables
from kopprod.domain.access import Action
from kopprod.services import access, settlement
from kopprod.services.settlement import Statement
from kopprod.tables.orders import BuyerOrder
from kopprod.tables.sales import Allotment, BuyerPayment, SettlementReversal
from kopprod.tables.weighing import DeliveryWeight


@dataclass(frozen=True)
class Consignment:
    """A sale as its buyer gets it on paper; `sacks` are weighed sacks by delivery.

    `payments` are those that stand, `reversals` the settlements that were taken back.
    """

    found: Statement
    sacks: Mapping[int, int]
    order: BuyerOrder | None
    payments: Sequence[BuyerPayment]
    reversals: Sequence[SettlementReversal]

    @property
    def received_rp(self) -> int:
        """What the buyer has paid, without what was taken back."""
        return sum(payment.amount_rp for payment in self.payments)

    @property
    def due_on(self) -> date:
        """The last day on which the buyer may pay, as agreed."""
        sale = self.found.sale
        term = self.found.buyer.pays_within_days
        return receivables.due_on(sale.settled_on or sale.sold_on, term)

    @property
    def turn(self) -> int:
        """Which settlement of this sale stands: the first, or one after a taking back."""
        return len(self.reversals) + 1


def consignment(session: Session, sale_id: int, *, known: Statement | None = None) -> Consignment:
    """One sale with what its delivery note and its invoice say; `known` is its statement."""
    access.require(session, Action.SALES_SEE)
    found = settlement.statement(session, sale_id) if known is None else known
    order_id = found.sale.order_id
    sacks = (
        select(DeliveryWeight.delivery_id, func.count())
        .join(Allotment, col(Allotment.delivery_id) == col(DeliveryWeight.delivery_id))
        .where(Allotment.sale_id == sale_id)
        .group_by(col(DeliveryWeight.delivery_id))
    )
    back = select(SettlementReversal).where(SettlementReversal.sale_id == sale_id)
    return Consignment(
        found=found,
        sacks={delivery_id: int(count) for delivery_id, count in session.exec(sacks)},
        order=None if order_id is None else session.get(BuyerOrder, order_id),
        payments=[paid for paid in found.payments if paid.reversed_on is None],
        reversals=session.exec(back.order_by(col(SettlementReversal.id))).all(),
    )
