"""Deliveries from a file: what it would bring, and receiving its good rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import delivery_files as rules
from kopprod.domain.access import Action
from kopprod.domain.delivery_files import DeliveryFile, DeliveryRow
from kopprod.domain.imports import Findings
from kopprod.services import access, cooperative, deliveries, members, numbers
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member

_BATCH = 500
# The words of the delivery book, which is the cooperative's own paper, in its own language.
_MEASURED = {
    "sample": "contoh",
    "fat": "lemak %",
    "snf": "BKTL %",
    "protein": "protein %",
    "water": "air tambahan %",
    "lactometer": "laktometer",
}


@dataclass(frozen=True)
class KeptDeliveries:
    """What an import wrote."""

    deliveries: int
    new_members: int


def findings(
    session: Session, file: DeliveryFile, *, add_members: bool = False
) -> Findings[DeliveryRow]:
    """What a file would bring; whoever is not in the register is a fault unless `add_members`."""
    access.require(session, Action.IMPORTS_RUN)
    keys = {delivery.key for delivery in (*file.good, *file.asked)}
    numbers = None if add_members else set(session.exec(select(Member.number)).all())
    return rules.sort_out(file, kept_keys=kept_keys(session, keys), members=numbers)


def kept_keys(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these keys were received before."""
    kept: set[str] = set()
    wanted = sorted(keys)
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        query = select(Delivery.draft_key).where(col(Delivery.draft_key).in_(batch))
        kept.update(key for key in session.exec(query) if key)
    return kept


def keep(
    session: Session,
    file: DeliveryFile,
    *,
    product_id: int,
    grade_id: int,
    on: date,
    add_members: bool = False,
    accepted: Collection[int] = (),
) -> KeptDeliveries:
    """Receive all good rows, and the asked ones that a person accepted (row numbers).

    With `add_members` everybody whom the file names is written into the register, and each
    collection point becomes a village. The file is compared again inside this transaction.
    """
    numbers.wait_turn(session, "SET", on.year)
    found = findings(session, file, add_members=add_members)
    new = _add_members(session, file) if add_members else 0
    ids = dict(session.exec(select(Member.number, Member.id)).all())
    rows = [*found.good, *(row for row in found.asked if row.row in set(accepted))]
    rows.sort(key=lambda row: (row.received_on, row.row))
    for row in rows:
        deliveries.receive(
            session,
            member_id=ids[row.member_number],
            product_id=product_id,
            grade_id=grade_id,
            gross=row.amount,
            tare=0,
            received_on=row.received_on,
            on=on,
            typed=row.said,
            note=", ".join(f"{_MEASURED[name]} {said}" for name, said in row.quality),
            draft_key=row.key,
            sure=row.row in accepted,
        )
    return KeptDeliveries(deliveries=len(rows), new_members=new)


def _add_members(session: Session, file: DeliveryFile) -> int:
    villages = {village.name: village.id for village in cooperative.villages(session)}
    for centre in sorted(
        {centre for _, centre in file.people.values() if centre} - villages.keys()
    ):
        villages[centre] = cooperative.add_village(session, name=centre).id
    known = set(session.exec(select(Member.number)).all())
    new = sorted(file.people.keys() - known)
    for number in new:
        name, centre = file.people[number]
        members.add_member(session, number=number, name=name, village_id=villages.get(centre))
    return len(new)
