"""Buyers: whom the cooperative sells to."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

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
