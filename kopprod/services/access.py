"""Signing in and out, roles, first and forgotten PINs."""

from sqlmodel import Session

from kopprod.domain.access import Action, NotAllowed, Person


def person(session: Session) -> Person:
    """Who acts in this transaction."""
    found: Person = session.info["person"]
    return found


def require(session: Session, action: Action) -> Person:
    """Refuse unless whoever acts may do this; every service that reads or changes begins here."""
    acting = person(session)
    if not acting.may(action):
        raise NotAllowed
    return acting
