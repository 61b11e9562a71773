"""Handing out: bill by bill against a signature, until all is in every house and paid for."""

from sqlmodel import Session, col, select

from kopprod.domain import handing_out
from kopprod.domain.access import Action
from kopprod.domain.purchases import PurchaseStage, check_move
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, deposits, supplier_invoices
from kopprod.services.purchase_bills import UnknownBill
from kopprod.services.purchase_rows import lock_purchase
from kopprod.tables.members import Member
from kopprod.tables.purchases import Purchase, PurchaseBill


class HandedAlready(Refusal):
    """Goods are handed out once."""

    sentence = N_("The goods of bill {number} were handed to {name} already.")


class StillToSettle(Refusal):
    """A purchase with money between the cooperative and others."""

    sentence = N_(
        "Before {number} is closed: pay its suppliers, settle its claims and give back what is "
        "left of deposits."
    )


def hand_out(session: Session, bill_id: int, *, to: str | None = None) -> PurchaseBill:
    """Tick off that a member's goods left the store: to herself, or to whom she sent, by name.

    With the last one the purchase is handed out.
    """
    access.require(session, Action.PURCHASES_HAND_OUT)
    row = session.get(PurchaseBill, bill_id)
    if row is None:
        raise UnknownBill
    purchase = lock_purchase(session, row.purchase_id)
    session.refresh(row)
    if row.handed_at is not None:
        raise HandedAlready(number=row.number, name=row.handed_to)
    member = session.get_one(Member, row.member_id)
    row.handed_to = member.name if to is None else handing_out.proxy(to, of=member.name)
    row.handed_at = session.info["at"]
    session.flush()
    waits = select(PurchaseBill.id).where(
        PurchaseBill.purchase_id == purchase.id, col(PurchaseBill.handed_at).is_(None)
    )
    if session.exec(waits).first() is None:
        purchase.stage = PurchaseStage.DISTRIBUTED
        session.flush()
    return row


def close(session: Session, purchase_id: int) -> Purchase:
    """All done: suppliers paid, claims settled, no deposit left; what waits stays on 1109."""
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = lock_purchase(session, purchase_id)
    check_move(purchase.stage, PurchaseStage.CLOSED, number=purchase.number)
    if supplier_invoices.still_open(session, purchase_id) or deposits.left_by_deposit(
        session, purchase_id
    ):
        raise StillToSettle(number=purchase.number)
    purchase.stage = PurchaseStage.CLOSED
    session.flush()
    return purchase
