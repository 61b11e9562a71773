"""Who somebody is and what she may do; who has access at all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from kopprod.domain.access import MAY, Action, NotAllowed, Person, Role
from kopprod.domain.members import MemberStatus
from kopprod.services.memory import until_written
from kopprod.tables.access import AppUser, SignIn, UserRole
from kopprod.tables.members import Member
from kopprod.tables.trail import Change


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


def whose(session: Session, member_id: int | None, *, all_see: Action) -> int | None:
    """Whose rows a list shows: those asked for, or only one's own without `all_see`.

    Refuses a member who asks for another's.
    """
    acting = person(session)
    if acting.may(all_see):
        return member_id
    require(session, Action.OWN_SEE)
    if acting.member_id is None or member_id not in (None, acting.member_id):
        raise NotAllowed
    return acting.member_id


@dataclass(frozen=True)
class Standing:
    """A sign-in that is valid now: whose it is, and whether a new PIN has to be chosen first."""

    person: Person
    must_change: bool
    until: datetime


def standing(session: Session, token_hash: str, *, at: datetime) -> Standing | None:
    """Whose sign-in this is, unless it ended, was revoked or the user was switched off."""
    return _lasting(_stored(session, token_hash), at)


def _lasting(found: Standing | None, at: datetime) -> Standing | None:
    return None if found is None or found.until <= at else found


def _stored(session: Session, token_hash: str) -> Standing | None:
    rows = session.execute(_signed_in(), {"token": token_hash}).all()
    if not rows:
        return None
    found, user, status, _role = rows[0]
    roles = {row[3] for row in rows if row[3] is not None}
    if status is not None:
        roles.add(Role.MEMBER)
    whose = Person(
        user_id=user.id,
        name=user.name,
        roles=frozenset(roles),
        member_id=user.member_id,
        language=found.language or user.language,
    )
    return Standing(whose, found.must_change_secret, found.until)


# Of those who are signed in, not of whatever a stranger sends.
_known = until_written(_stored)


@cache
def _signed_in() -> Any:
    # Asked at every step of everybody, so it is written down once.
    return (
        select(SignIn, AppUser, Member.status, UserRole.role)
        .join(AppUser, col(AppUser.id) == col(SignIn.user_id))
        .outerjoin(Member, col(Member.id) == col(AppUser.member_id))
        .outerjoin(UserRole, col(UserRole.user_id) == col(AppUser.id))
        .where(
            SignIn.token_hash == bindparam("token"),
            col(SignIn.revoked_at).is_(None),
            col(AppUser.switched_off_at).is_(None),
        )
    )


def look_up(session: Session, token_hash: str, *, at: datetime) -> Person | None:
    """Who is signed in; known without a look until somebody writes something.

    Nobody is, until a one-time code has been changed.
    """
    found = _lasting(_known(session, token_hash), at)
    return None if found is None or found.must_change else found.person


def still_valid(session: Session, token_hashes: Collection[str], *, at: datetime) -> set[str]:
    """Which of these sign-ins are valid now."""
    query = (
        select(SignIn.token_hash)
        .join(AppUser, col(AppUser.id) == col(SignIn.user_id))
        .where(
            col(SignIn.token_hash).in_(token_hashes),
            SignIn.until > at,
            col(SignIn.revoked_at).is_(None),
            col(AppUser.switched_off_at).is_(None),
        )
    )
    return set(session.exec(query).all())


def others_who_may(session: Session, action: Action, user_id: int | None) -> bool:
    """Whether anybody but this user has an office role for the action; four eyes need two."""
    return bool(active_with(session, MAY[action]) - {user_id})


def active_with(session: Session, roles: frozenset[Role]) -> set[int]:
    """Users who have one of these roles and are not switched off."""
    query = (
        select(AppUser.id)
        .join(UserRole, col(UserRole.user_id) == col(AppUser.id))
        .where(col(UserRole.role).in_(roles), col(AppUser.switched_off_at).is_(None))
    )
    return set(session.exec(query).all())


def roles_of(session: Session, user_id: int) -> frozenset[Role]:
    """The roles of a user; a linked member is always a member."""
    stored = session.exec(select(UserRole.role).where(UserRole.user_id == user_id)).all()
    linked = session.get_one(AppUser, user_id).member_id is not None
    return frozenset({Role(role) for role in stored} | ({Role.MEMBER} if linked else set()))


@dataclass(frozen=True)
class Access:
    """One line of the list of people: a member without an account has no `user_id`."""

    user_id: int | None
    member_id: int | None
    name: str
    number: str | None
    user_name: str | None
    phone: str | None
    roles: frozenset[Role]
    has_secret: bool
    code_until: datetime | None
    last_at: datetime | None
    switched_off_at: datetime | None


def people(session: Session, *, at: datetime) -> list[Access]:
    """Everybody with an account, then the members who have none yet, by name."""
    require(session, Action.ACCESS_SEE)
    roles: dict[int, set[Role]] = {}
    for row in session.exec(select(UserRole)).all():
        roles.setdefault(row.user_id, set()).add(row.role)
    last = dict(
        session.exec(
            select(SignIn.user_id, func.max(SignIn.made_at)).group_by(col(SignIn.user_id))
        ).all()
    )
    members = {member.id: member for member in session.exec(select(Member)).all()}
    found = []
    for user in session.exec(select(AppUser)).all():
        member = members.pop(user.member_id, None) if user.member_id is not None else None
        own = frozenset(roles.get(user.id, set()) | ({Role.MEMBER} if member else set()))
        found.append(_line(user, member, own, last.get(user.id), at))
    left = [m for m in members.values() if m.status is not MemberStatus.LEFT]
    found.sort(key=lambda line: line.name.casefold())
    return found + [_without_account(m) for m in sorted(left, key=lambda m: m.name.casefold())]


def _line(
    user: AppUser,
    member: Member | None,
    roles: frozenset[Role],
    last_at: datetime | None,
    at: datetime,
) -> Access:
    pending = user.one_time_until
    return Access(
        user_id=user.id,
        member_id=user.member_id,
        name=user.name,
        number=member.number if member else None,
        user_name=user.user_name,
        phone=(member.phone if member else None) or user.phone,
        roles=roles,
        has_secret=user.secret_hash is not None,
        code_until=pending if pending is not None and pending > at else None,
        last_at=last_at,
        switched_off_at=user.switched_off_at,
    )


def _without_account(member: Member) -> Access:
    return Access(
        user_id=None,
        member_id=member.id,
        name=member.name,
        number=member.number,
        user_name=None,
        phone=member.phone,
        roles=frozenset({Role.MEMBER}),
        has_secret=False,
        code_until=None,
        last_at=None,
        switched_off_at=None,
    )


def note(
    session: Session, table: str, key: int, column: str, before: str | None, after: str | None
) -> None:
    """Write a change into the trail that it cannot see by itself."""
    session.add(
        Change(
            act_id=session.info["act_id"],
            table_name=table,
            row_key=str(key),
            column_name=column,
            before=before,
            after=after,
        )
    )
