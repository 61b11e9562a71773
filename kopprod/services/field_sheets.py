"""Field sheets: who stands on one, in which order, and its rows as deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import field_sheets as rules
from kopprod.domain.access import Action
from kopprod.domain.measures import Measure
from kopprod.domain.members import MemberStatus
from kopprod.services import access, cooperative, deliveries, members, products
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Product


@dataclass(frozen=True)
class SheetRow:
    """One numbered row: whose it is, and the delivery that it has become, if it was typed back."""

    place: int
    member: Member
    village: str
    kept: Delivery | None


@dataclass(frozen=True)
class FieldSheet:
    """The sheet of a product and a day; `turn` tells several sheets of a day apart."""

    product: Product
    on: date
    turn: int
    mark: str
    rows: Sequence[SheetRow]


def sheet(
    session: Session, *, product_id: int, on: date, turn: int = 1, village_id: int | None = None
) -> FieldSheet:
    """The sheet with its rows by village and name, and what of it is kept already.

    Members who say that they make the product stand on it; where nobody said so, all of them.
    """
    access.require(session, Action.DELIVERIES_RECEIVE)
    product = products.product(session, product_id)
    villages = {village.id: village.name for village in cooperative.villages(session)}
    people = _on_it(session, product, village_id)
    people.sort(
        key=lambda one: (villages.get(one.village_id or 0, ""), one.name.casefold(), one.id)
    )
    keys = {one.id: rules.row_key(product_id, on, turn, one.id) for one in people}
    kept = _kept(session, list(keys.values()))
    return FieldSheet(
        product=product,
        on=on,
        turn=turn,
        mark=rules.mark(product_id, [one.id for one in people]),
        rows=[
            SheetRow(place, one, villages.get(one.village_id or 0, ""), kept.get(keys[one.id]))
            for place, one in enumerate(people, start=1)
        ],
    )


def _on_it(session: Session, product: Product, village_id: int | None) -> list[Member]:
    made = members.produced(session)
    people = [
        one
        for one in members.members(session, village_id=village_id)
        if one.status is not MemberStatus.LEFT
    ]
    makers = [one for one in people if product.name in made.get(one.id, [])]
    return makers or people


def _kept(session: Session, keys: Sequence[str]) -> Mapping[str, Delivery]:
    rows = session.exec(select(Delivery).where(col(Delivery.draft_key).in_(keys))).all()
    return {row.draft_key: row for row in rows if row.draft_key is not None}


def keep_row(
    session: Session,
    *,
    product_id: int,
    member_id: int,
    grade_id: int,
    weights: Sequence[int],
    tare_each: int,
    received_on: date,
    turn: int,
    on: date,
    typed: str = "",
    measured: Mapping[Measure, int] | None = None,
    sure: bool = False,
) -> Delivery:
    """Receive one row of a sheet; the same row again gives the delivery that is there.

    Refuses what receiving refuses, and other figures for a row that is kept already.
    """
    return deliveries.receive(
        session,
        member_id=member_id,
        product_id=product_id,
        grade_id=grade_id,
        gross=sum(weights),
        tare=0,
        received_on=received_on,
        on=on,
        typed=typed,
        draft_key=rules.row_key(product_id, received_on, turn, member_id),
        sure=sure,
        weights=weights,
        tare_each=tare_each,
        measured=measured,
    )
