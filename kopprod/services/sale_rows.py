"""A sale's own row, held while something is done to it."""

from sqlmodel import Session

from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.tables.sales import Sale


class UnknownSale(Refusal):
    """No sale of that key."""

    sentence = N_("This sale is not here. Go back to the list of sales.")


class AlreadySettled(Refusal):
    """Somebody settled it, perhaps a moment ago."""

    sentence = N_("Sale {number} was settled already, on {settled_on}. Nothing was done twice.")


class SaleCancelled(Refusal):
    """It was given up while it was open."""

    sentence = N_("Sale {number} was cancelled. Nothing in it can be changed any more.")


def lock_sale(session: Session, sale_id: int) -> Sale:
    """The sale as it is now, held until the transaction ends."""
    session.flush()
    sale = session.get(Sale, sale_id, with_for_update=True, populate_existing=True)
    if sale is None:
        raise UnknownSale
    return sale


def lock_open(session: Session, sale_id: int) -> Sale:
    """An open sale, held until the transaction ends; refuses a settled or cancelled one."""
    sale = lock_sale(session, sale_id)
    if sale.settled_on is not None:
        raise AlreadySettled(number=sale.number, settled_on=sale.settled_on)
    if sale.stage is SaleStage.CANCELLED:
        raise SaleCancelled(number=sale.number)
    return sale
