"""What suppliers are owed for purchases, and what they owe back."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import STOCK_LOSS, Posting
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, ledger
from kopprod.services.payments import check_money
from kopprod.services.purchase_goods import CLAIMS, OWED_TO_SUPPLIERS
from kopprod.tables.ledger import Line
from kopprod.tables.purchases import Purchase, Supplier, SupplierInvoice


class ClaimEnd(StrEnum):
    """What becomes of a claim."""

    TAKEN_OFF = "taken_off"  # he is paid so much less
    MONEY = "money"  # he gives money back
    GIVEN_UP = "given_up"


class UnknownInvoice(Refusal):
    """No invoice of that key."""

    sentence = N_("This invoice is not here. Go back to the list of purchases.")


class SupplierPaid(Refusal):
    """An invoice is paid once."""

    sentence = N_("The invoice of {name} is paid already. Nothing was paid twice.")


class NothingClaimed(Refusal):
    """No claim, or one that has ended."""

    sentence = N_("There is no open claim against {name}.")


class BeforeInvoice(Refusal):
    """Money that moved before the goods came."""

    sentence = N_("The goods of {name} came on {received_on}. Choose that day or a later one.")


@dataclass(frozen=True)
class Invoiced:
    """A supplier's invoice with what is still to be paid on it."""

    invoice: SupplierInvoice
    supplier: Supplier
    purchase: Purchase
    owed_rp: int

    @property
    def claimed_rp(self) -> int:
        """What he still owes back."""
        return self.invoice.claim_rp if self.invoice.claim_on is None else 0


def invoices(session: Session, purchase_id: int | None = None) -> list[Invoiced]:
    """Every invoice, or those of one purchase, by supplier."""
    access.require(session, Action.PURCHASES_SEE)
    query = (
        select(SupplierInvoice, Supplier, Purchase)
        .join(Supplier, col(Supplier.id) == col(SupplierInvoice.supplier_id))
        .join(Purchase, col(Purchase.id) == col(SupplierInvoice.purchase_id))
        .order_by(col(Supplier.name), col(SupplierInvoice.id))
    )
    if purchase_id is not None:
        query = query.where(SupplierInvoice.purchase_id == purchase_id)
    return [
        Invoiced(row, supplier, purchase, _owed_rp(session, row))
        for row, supplier, purchase in session.exec(query).all()
    ]


def still_open(session: Session, purchase_id: int) -> bool:
    """Whether a supplier of it is still owed something, or still owes."""
    return any(one.owed_rp or one.claimed_rp for one in invoices(session, purchase_id))


def _owed_rp(session: Session, row: SupplierInvoice) -> int:
    if row.paid_on is not None:
        return 0
    off = select(func.coalesce(func.sum(Line.debit_rp), 0)).where(
        Line.entry_id == row.claim_entry_id, Line.account_code == OWED_TO_SUPPLIERS
    )
    return row.goods_rp + row.freight_rp + row.claim_rp - int(session.exec(off).one())


def _locked(session: Session, invoice_id: int, on: date) -> tuple[SupplierInvoice, str]:
    row = session.get(SupplierInvoice, invoice_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownInvoice
    name = session.get_one(Supplier, row.supplier_id).name
    if on < row.received_on:
        raise BeforeInvoice(name=name, received_on=row.received_on)
    return row, name


def pay(session: Session, invoice_id: int, *, account: str, on: date) -> SupplierInvoice:
    """Pay a supplier what he asks, less a claim that was taken off before; once."""
    access.require(session, Action.MONEY_MOVE)
    check_money(account)
    row, name = _locked(session, invoice_id, on)
    owed_rp = _owed_rp(session, row)
    if not owed_rp:
        raise SupplierPaid(name=name)
    entry = ledger.post(
        session,
        on=on,
        memo=N_("A supplier paid"),
        paper=f"purchase:{row.purchase_id}",
        postings=[
            Posting(OWED_TO_SUPPLIERS, debit_rp=owed_rp),
            Posting(account, credit_rp=owed_rp),
        ],
    )
    row.paid_on, row.paid_entry_id = on, entry.id
    session.flush()
    return row


def end_claim(
    session: Session, invoice_id: int, *, end: ClaimEnd, on: date, account: str | None = None
) -> SupplierInvoice:
    """End a claim: taken off what is still to be paid, paid back into an account, or given up."""
    access.require(session, Action.MONEY_MOVE)
    row, name = _locked(session, invoice_id, on)
    if not row.claim_rp or row.claim_on is not None:
        raise NothingClaimed(name=name)
    if end is ClaimEnd.TAKEN_OFF and row.paid_on is not None:
        raise SupplierPaid(name=name)
    entry = ledger.post(
        session,
        on=on,
        memo=N_("A claim against a supplier ended"),
        paper=f"purchase:{row.purchase_id}",
        postings=[
            Posting(_against(end, account), debit_rp=row.claim_rp),
            Posting(CLAIMS, credit_rp=row.claim_rp),
        ],
    )
    row.claim_on, row.claim_entry_id = on, entry.id
    session.flush()
    return row


def _against(end: ClaimEnd, account: str | None) -> str:
    if end is ClaimEnd.MONEY:
        check_money(account or "")
        return account or ""
    return OWED_TO_SUPPLIERS if end is ClaimEnd.TAKEN_OFF else STOCK_LOSS
