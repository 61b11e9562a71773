"""Who has learnt what a machine asks of its users, and who operates it for others."""

from datetime import date

from sqlmodel import Session

from kopprod.domain.access import Action
from kopprod.domain.members import MemberStatus
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, members
from kopprod.services.equipment import LeftTheCooperative, to_change, trained
from kopprod.tables.equipment import Trained
from kopprod.tables.members import Member


class TrainedAlready(Refusal):
    """The same training twice."""

    sentence = N_("{name} is written down for {machine} already.")


class TrainedInFuture(Refusal):
    """A training that has not been held."""

    sentence = N_("{trained_on} is still to come. Write a training down once it was held.")


class TrainingUnknown(Refusal):
    """No training of that key, or one that ended."""

    sentence = N_("This training is not on the list any more.")


def trainings(session: Session, equipment_id: int, *, on: date) -> list[tuple[Trained, Member]]:
    """Who has learnt it, by name."""
    access.require(session, Action.MEMBERS_SEE)
    rows = trained(session, equipment_id, on=on)
    found = [(row, members.member(session, row.member_id)) for row in rows]
    return sorted(found, key=lambda pair: (pair[1].name.casefold(), pair[0].id))


def add_training(
    session: Session,
    equipment_id: int,
    *,
    member_id: int,
    trained_on: date,
    operates: bool = False,
    on: date,
) -> Trained:
    """A member learnt what a machine asks for; `operates` says that she works for others."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    row, member = to_change(session, equipment_id), members.member(session, member_id)
    if member.status is MemberStatus.LEFT:
        raise LeftTheCooperative(name=member.name)
    if trained_on > on:
        raise TrainedInFuture(trained_on=trained_on)
    if any(one.member_id == member_id for one in trained(session, row.id, on=on)):
        raise TrainedAlready(name=member.name, machine=row.name)
    learnt = Trained(
        equipment_id=row.id, member_id=member_id, operates=operates, trained_on=trained_on
    )
    session.add(learnt)
    session.flush()
    return learnt


def end_training(session: Session, trained_id: int, *, on: date) -> Trained:
    """From a day on a training counts no longer; what was booked before stays."""
    access.require(session, Action.EQUIPMENT_CHANGE)
    row = session.get(Trained, trained_id, with_for_update=True, populate_existing=True)
    if row is None or row.until is not None:
        raise TrainingUnknown
    row.until = max(on, row.trained_on)
    session.flush()
    return row
