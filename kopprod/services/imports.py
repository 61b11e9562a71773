"""Mappings of columns that are kept under a name, to be used for the next file of the same kind."""

import json

from sqlmodel import Session, col, select

from kopprod.domain import (
    booking_files,
    delivery_files,
    delivery_lists,
    entitlement_files,
    member_files,
    price_files,
    want_files,
)
from kopprod.domain.access import Action
from kopprod.domain.imports import Columns, Field, MappingNeedsName, MappingUnknown
from kopprod.services import access, numbers
from kopprod.tables.prices import ImportMapping

PRICES, MEMBERS, DELIVERIES, LISTS = "prices", "members", "deliveries", "lists"
WANTS, ENTITLEMENTS = "wants", "entitlements"
BOOKINGS = "bookings"
KINDS: dict[str, list[Field]] = {
    PRICES: list(price_files.FIELDS),
    MEMBERS: list(member_files.FIELDS),
    DELIVERIES: list(delivery_files.FIELDS),
    LISTS: list(delivery_lists.FIELDS),
    WANTS: list(want_files.FIELDS),
    ENTITLEMENTS: list(entitlement_files.FIELDS),
    BOOKINGS: list(booking_files.FIELDS),
}


def mappings(session: Session, kind: str) -> list[str]:
    """The names of the mappings kept for files of this kind."""
    access.require(session, Action.IMPORTS_RUN)
    query = select(ImportMapping.name).where(ImportMapping.kind == kind)
    return list(session.exec(query.order_by(col(ImportMapping.name))).all())


def mapping(session: Session, kind: str, name: str) -> Columns:
    """The mapping kept under a name; refuses a name that nobody gave."""
    access.require(session, Action.IMPORTS_RUN)
    row = _kept(session, kind, name)
    if row is None:
        raise MappingUnknown(name=name)
    said = json.loads(row.mapping)
    return Columns(said["columns"], said["fixed"], said["sign"])


def save_mapping(session: Session, *, kind: str, name: str, columns: Columns) -> ImportMapping:
    """Keep a mapping under a name; the same name again replaces it."""
    access.require(session, Action.IMPORTS_RUN)
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise MappingNeedsName
    said = json.dumps(
        {"columns": dict(columns.columns), "fixed": dict(columns.fixed), "sign": columns.sign},
        ensure_ascii=False,
    )
    numbers.wait_turn(session, "import_mapping")
    row = _kept(session, kind, name)
    if row is None:
        row = ImportMapping(kind=kind, name=name, mapping=said)
        session.add(row)
    else:
        row.mapping = said
    session.flush()
    return row


def _kept(session: Session, kind: str, name: str) -> ImportMapping | None:
    query = select(ImportMapping).where(ImportMapping.kind == kind, ImportMapping.name == name)
    return session.exec(query).first()
