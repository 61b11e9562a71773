"""The form that an officer has open at the scale, kept so that a lost connection loses nothing."""

from datetime import date, datetime
from typing import TypedDict, Unpack
from uuid import uuid4

from sqlmodel import Session, col, select

from kopprod.domain import weighing
from kopprod.domain.access import Action, NotAllowed, Person
from kopprod.services import access
from kopprod.tables.access import AppUser
from kopprod.tables.deliveries import DeliveryDraft


def draft(session: Session) -> DeliveryDraft | None:
    """The form that the acting user has open, if there is one."""
    person = access.require(session, Action.DELIVERIES_RECEIVE)
    query = select(DeliveryDraft).where(
        DeliveryDraft.user_id == person.user_id, col(DeliveryDraft.used_at).is_(None)
    )
    return session.exec(query).first()


def open_draft(session: Session, *, at: datetime) -> DeliveryDraft:
    """The acting user's one open form, made if there is none; what was typed before is in it."""
    person = access.require(session, Action.DELIVERIES_RECEIVE)
    if person.user_id is None:
        raise ValueError("only a user has a form open")
    # Two tabs that open at once wait here for each other, and find the same form.
    session.get(AppUser, person.user_id, with_for_update=True)
    known = draft(session)
    if known is not None:
        return known
    fresh = DeliveryDraft(user_id=person.user_id, opened_at=at, draft_key=str(uuid4()))
    session.add(fresh)
    session.flush()
    return fresh


class Entered(TypedDict, total=False):
    """What somebody entered into the form so far."""

    member_id: int | None
    product_id: int | None
    grade_id: int | None
    proposed_grade_id: int | None
    output_id: int | None
    scale_id: int | None
    gross_typed: str
    tare_typed: str
    tare_is_each: bool
    measures_typed: str
    received_on: date | None
    buys: bool
    note: str


def fill_draft(session: Session, draft_key: str, **entered: Unpack[Entered]) -> None:
    """Keep what was entered so far, so that a lost connection loses nothing of it."""
    person = access.require(session, Action.DELIVERIES_RECEIVE)
    form = _form(session, draft_key, person)
    if form is None or form.used_at is not None:
        return
    for name, value in entered.items():
        setattr(form, name, value[: weighing.LONGEST] if isinstance(value, str) else value)
    session.flush()


def use_draft(session: Session, draft_key: str | None, *, at: datetime) -> None:
    """Close a form whose goods were received or rejected; refuses another officer's."""
    person = access.require(session, Action.DELIVERIES_RECEIVE)
    form = None if draft_key is None else _form(session, draft_key, person)
    if form is not None:
        form.used_at = at


def _form(session: Session, draft_key: str, person: Person) -> DeliveryDraft | None:
    form = session.exec(
        select(DeliveryDraft).where(DeliveryDraft.draft_key == draft_key).with_for_update()
    ).first()
    if form is not None and form.user_id != person.user_id:
        raise NotAllowed
    return form
