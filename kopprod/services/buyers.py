"""Buyers: whom the cooperative sells to, how to reach them, and when they pay."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from kopprod.domain import orders as rules
from kopprod.domain import phones
from kopprod.domain.access import Action
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, numbers
from kopprod.tables.sales import Buyer


class BuyerKnown(Refusal):
    """A name that a buyer has already."""

    sentence = N_("There is a buyer named {name} already. Choose that one.")


class BuyerNameless(Refusal):
    """A buyer without a name."""

    sentence = N_("Please give the name of the buyer.")


def buyers(session: Session) -> Sequence[Buyer]:
    """Whom the cooperative sells to, by name."""
    access.require(session, Action.SALES_SEE)
    query = select(Buyer).where(col(Buyer.active)).order_by(col(Buyer.name))
    return session.exec(query).all()


def add_buyer(session: Session, *, name: str, phone: str = "", place: str = "") -> Buyer:
    """Take down a new buyer; refuses a name that is there already."""
    access.require(session, Action.SALES_CHANGE)
    name = tidy(name)
    if not name:
        raise BuyerNameless
    numbers.wait_turn(session, "buyer")
    same = select(Buyer).where(func.lower(Buyer.name) == name.lower())
    if session.exec(same).first() is not None:
        raise BuyerKnown(name=name)
    buyer = Buyer(name=name, phone=tidy(phone) or None, place=tidy(place) or None)
    session.add(buyer)
    session.flush()
    return buyer


def every_buyer(session: Session) -> Sequence[Buyer]:
    """All buyers by name, also those who are switched off."""
    access.require(session, Action.SALES_SEE)
    return session.exec(select(Buyer).order_by(col(Buyer.name))).all()


def change_buyer(
    session: Session, buyer_id: int, *, phone: str, place: str, pays_within_days: int | None
) -> Buyer:
    """Write down how a buyer is reached and within how many days of a settlement he pays.

    No term (None) is at once. Refuses a phone that is no mobile number, and a term above a year.
    """
    buyer = _to_change(session, buyer_id)
    rules.check_term(pays_within_days)
    buyer.phone = phones.to_e164(phone) if phone.strip() else None
    buyer.place = tidy(place)[:100] or None
    buyer.pays_within_days = pays_within_days
    session.flush()
    return buyer


def switch_buyer(session: Session, buyer_id: int, *, active: bool) -> Buyer:
    """Offer a buyer for new sales and orders, or no longer; what is owed stays owed."""
    buyer = _to_change(session, buyer_id)
    buyer.active = active
    session.flush()
    return buyer


def _to_change(session: Session, buyer_id: int) -> Buyer:
    access.require(session, Action.SALES_CHANGE)
    buyer = session.get(Buyer, buyer_id, with_for_update=True, populate_existing=True)
    if buyer is None:
        raise rules.BuyerUnknown
    return buyer
