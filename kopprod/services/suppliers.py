"""From whom the cooperative buys: their names, and how to reach them."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from kopprod.domain import phones
from kopprod.domain.access import Action
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, numbers
from kopprod.tables.purchases import Supplier


class SupplierKnown(Refusal):
    """A name that a supplier has already."""

    sentence = N_("There is a supplier named {name} already. Choose that one.")


class SupplierNameless(Refusal):
    """A supplier without a name."""

    sentence = N_("Please give the name of the supplier.")


class UnknownSupplier(Refusal):
    """No supplier of that key, or one who is switched off."""

    sentence = N_("This supplier is not in the list. Choose another one.")


def suppliers(session: Session, *, all_of_them: bool = False) -> Sequence[Supplier]:
    """From whom the cooperative buys, by name; perhaps also those who are switched off."""
    access.require(session, Action.PURCHASES_SEE)
    query = select(Supplier).order_by(col(Supplier.name))
    return session.exec(query if all_of_them else query.where(col(Supplier.active))).all()


def add_supplier(session: Session, *, name: str, phone: str = "", place: str = "") -> Supplier:
    """Take down a new supplier; refuses a name that is there already."""
    access.require(session, Action.PURCHASES_CHANGE)
    numbers.wait_turn(session, "supplier")
    supplier = Supplier(name=_free_name(session, name))
    _reached(supplier, phone=phone, place=place)
    session.add(supplier)
    session.flush()
    return supplier


def change_supplier(
    session: Session, supplier_id: int, *, name: str, phone: str, place: str
) -> Supplier:
    """Put right a supplier's name, phone and place."""
    access.require(session, Action.PURCHASES_CHANGE)
    numbers.wait_turn(session, "supplier")
    supplier = _to_change(session, supplier_id)
    supplier.name = _free_name(session, name, but=supplier.id)
    _reached(supplier, phone=phone, place=place)
    session.flush()
    return supplier


def switch_supplier(session: Session, supplier_id: int, *, active: bool) -> Supplier:
    """Offer a supplier for new purchases, or no longer; purchases that have him keep him."""
    access.require(session, Action.PURCHASES_CHANGE)
    supplier = _to_change(session, supplier_id)
    supplier.active = active
    session.flush()
    return supplier


def _reached(supplier: Supplier, *, phone: str, place: str) -> None:
    supplier.phone = phones.to_e164(phone) if phone.strip() else None
    supplier.place = tidy(place)[:100] or None


def _free_name(session: Session, name: str, *, but: int | None = None) -> str:
    name = tidy(name)[:100]
    if not name:
        raise SupplierNameless
    same = select(Supplier).where(func.lower(Supplier.name) == name.lower(), Supplier.id != but)
    if session.exec(same).first() is not None:
        raise SupplierKnown(name=name)
    return name


def _to_change(session: Session, supplier_id: int) -> Supplier:
    supplier = session.get(Supplier, supplier_id, with_for_update=True, populate_existing=True)
    if supplier is None:
        raise UnknownSupplier
    return supplier
