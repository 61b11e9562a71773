"""What using a machine costs, from a day on; and what renting one elsewhere costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlmodel import Session, col, select

from kopprod.domain import tariffs as rules
from kopprod.domain.access import Action
from kopprod.domain.money import MOST_RP, round_half_up
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tariffs import AREAS, BASIS_WORDS, Basis, Tariff
from kopprod.domain.words import tidy
from kopprod.services import access, equipment
from kopprod.services.equipment import LONGEST_TEXT
from kopprod.tables.equipment import EquipmentTariff, OutsidePrice
from kopprod.tables.uses import Use


class TariffUnknown(Refusal):
    """No tariff of that key."""

    sentence = N_("This tariff is not on the list any more.")


class TariffEnded(Refusal):
    """An end that is written down, or earlier than what was billed by it."""

    sentence = N_("This tariff can end on {first_on} or later, and only once.")


class TariffBilled(Refusal):
    """Bills name it."""

    sentence = N_("Bills were made by the tariff per {basis_word} of {since_on}. End it instead.")


class OutsideAbsurd(Refusal):
    """A price of nothing, or on a day to come."""

    sentence = N_("Write what it costs elsewhere, above nothing, and on which day you saw it.")


@dataclass(frozen=True)
class Shown:
    """A tariff with what it comes to for a hectare, where it is one by area."""

    id: int
    tariff: Tariff
    hectare_e4: int | None


def of(session: Session, equipment_id: int) -> dict[int, Tariff]:
    """The tariffs of a kind of machine, by key, the newest first."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = select(EquipmentTariff).where(EquipmentTariff.equipment_id == equipment_id)
    ordered = query.order_by(col(EquipmentTariff.since).desc(), col(EquipmentTariff.id).desc())
    return {row.id: as_rule(row) for row in session.exec(ordered).all()}


def as_rule(row: EquipmentTariff) -> Tariff:
    """A tariff as the rules know it."""
    return Tariff(**row.model_dump(exclude={"id", "equipment_id", "act_id"}))


def valid(session: Session, equipment_id: int, *, on: date) -> list[Shown]:
    """The tariffs that count on a day, with the price of a hectare for comparison."""
    return [
        Shown(key, one, hectare_e4(one.member_e4, one.basis, bau_tenths=one.bau_tenths))
        for key, one in of(session, equipment_id).items()
        if one.since <= on and (one.until is None or on < one.until)
    ]


def seasons(session: Session, equipment_id: int, *, on: date) -> list[str]:
    """Between which seasons' prices somebody chooses on a day; none where there is one price."""
    return rules.seasons_on(of(session, equipment_id).values(), on=on)


def hectare_e4(price_e4: int, basis: Basis, *, bau_tenths: int | None = None) -> int | None:
    """A price by area for one hectare: 2.000.000 per bau of 8.000 m2 are 2.500.000."""
    if basis not in AREAS:
        return None
    per_hectare = rules.price_in(price_e4, basis, Basis.HECTARE, bau_tenths=bau_tenths)
    return round_half_up(per_hectare)


def add_tariff(session: Session, equipment_id: int, tariff: Tariff) -> EquipmentTariff:
    """Keep a new tariff; refuses one that overlaps another of its basis and season."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    row = equipment.to_change(session, equipment_id)
    kept = rules.check_tariff(tariff, of(session, row.id).values())
    made = EquipmentTariff(equipment_id=row.id, **vars(kept))
    session.add(made)
    session.flush()
    return made


def end_tariff(session: Session, tariff_id: int, *, until: date) -> EquipmentTariff:
    """A tariff counts until the day before `until`; never less than what was billed by it."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    row = _to_end(session, tariff_id)
    first = _first_end(session, row)
    if row.until is not None or until < first:
        raise TariffEnded(first_on=first)
    row.until = until
    session.flush()
    return row


def replace(session: Session, tariff_id: int, tariff: Tariff) -> EquipmentTariff:
    """End a tariff on the day on which another one begins; what was billed stays."""
    old = end_tariff(session, tariff_id, until=tariff.since)
    return add_tariff(session, old.equipment_id, tariff)


def take_out_tariff(session: Session, tariff_id: int) -> None:
    """Take out a tariff that was typed wrongly and by which nothing has been billed."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    row = _to_end(session, tariff_id)
    if session.exec(select(Use.id).where(Use.tariff_id == row.id)).first() is not None:
        raise TariffBilled(basis_word=BASIS_WORDS[row.basis], since_on=row.since)
    session.delete(row)
    session.flush()


def _to_end(session: Session, tariff_id: int) -> EquipmentTariff:
    found = session.get(EquipmentTariff, tariff_id)
    if found is None:
        raise TariffUnknown
    equipment.to_change(session, found.equipment_id)
    session.refresh(found)
    return found


def _first_end(session: Session, row: EquipmentTariff) -> date:
    query = select(col(Use.billed_on)).where(Use.tariff_id == row.id)
    billed = [one for one in session.exec(query).all() if one is not None]
    return max([date.fromordinal(one.toordinal() + 1) for one in [row.since, *billed]])


# Elsewhere


def add_outside(
    session: Session,
    equipment_id: int,
    *,
    basis: Basis,
    seen_on: date,
    price_e4: int,
    bau_tenths: int | None = None,
    source: str = "",
    on: date,
) -> OutsidePrice:
    """Note what renting such a machine elsewhere costs; said twice of one day it is kept once."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    row = equipment.to_change(session, equipment_id)
    rules.per(basis, bau_tenths=bau_tenths)
    if not 0 < price_e4 <= MOST_RP or seen_on > on:
        raise OutsideAbsurd
    made = OutsidePrice(
        equipment_id=row.id,
        basis=basis,
        seen_on=seen_on,
        price_e4=price_e4,
        bau_tenths=bau_tenths if basis is Basis.BAU else None,
        source=tidy(source)[:LONGEST_TEXT],
    )
    facts = made.model_dump(exclude={"id", "act_id"})
    same = session.exec(select(OutsidePrice).filter_by(**facts)).first()
    if same is not None:
        return same
    session.add(made)
    session.flush()
    return made


def outside(session: Session, equipment_id: int) -> list[OutsidePrice]:
    """What it costs elsewhere, the newest first."""
    access.require(session, Action.EQUIPMENT_SEE)
    query = select(OutsidePrice).where(OutsidePrice.equipment_id == equipment_id)
    ordered = query.order_by(col(OutsidePrice.seen_on).desc(), col(OutsidePrice.id).desc())
    return list(session.exec(ordered).all())


def outside_on(session: Session, equipment_id: int, *, on: date) -> Mapping[Basis, OutsidePrice]:
    """The last price elsewhere for each basis, as known on a day."""
    found: dict[Basis, OutsidePrice] = {}
    for row in outside(session, equipment_id):
        if row.seen_on <= on:
            found.setdefault(row.basis, row)
    return found


def less_bp(own_e4: Fraction | int, outside_e4: Fraction | int) -> int:
    """By how much less than elsewhere, in hundredths of a percent; below nothing where more."""
    return round_half_up(Fraction((outside_e4 - own_e4) * 10_000, outside_e4))
