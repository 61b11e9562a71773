"""Giving access: accounts, their roles, first and forgotten PINs."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from kopprod.domain import access as rules
from kopprod.domain import phones
from kopprod.domain.access import Action, Role
from kopprod.domain.members import check_name
from kopprod.services import access, numbers, signin
from kopprod.tables.access import AppUser, SignInFailure, UserRole
from kopprod.tables.members import Member


def hand_code(session: Session, *, user_id: int, at: datetime) -> str:
    """A one-time code for a first or forgotten PIN, shown once; it ends the pause of the account.

    Only a manager hands one to somebody with a role in the office: an officer could otherwise
    take over the treasurer's account.
    """
    acting = access.require(session, Action.ACCESS_HAND_CODE)
    user = session.get_one(AppUser, user_id, with_for_update=True)
    if access.roles_of(session, user_id) - {Role.MEMBER} and not acting.may(Action.ACCESS_CHANGE):
        raise rules.OnlyManagerHandsOut
    if user.switched_off_at is not None:
        raise rules.SwitchedOff(name=user.name)
    code = f"{secrets.randbelow(10**8):08d}"
    user.one_time_hash = signin.hash_secret(code)
    user.one_time_until = at + timedelta(days=rules.CODE_DAYS)
    session.execute(delete(SignInFailure).where(col(SignInFailure.subject) == f"user:{user_id}"))
    session.flush()
    return code


def open_for_member(session: Session, *, member_id: int) -> AppUser:
    """Give a member an account; she gets in with the code handed out next."""
    access.require(session, Action.ACCESS_HAND_CODE)
    numbers.wait_turn(session, "app_user")
    member = session.get_one(Member, member_id)
    if session.exec(select(AppUser).where(AppUser.member_id == member_id)).first() is not None:
        raise rules.MemberHasAccess(name=member.name)
    return _added(session, AppUser(name=member.name, member_id=member_id))


def add_user(
    session: Session,
    *,
    name: str,
    user_name: str | None = None,
    member_id: int | None = None,
    phone: str | None = None,
    roles: Collection[Role] = (),
    is_demo: bool = False,
) -> AppUser:
    """Give somebody an account with roles; a member's role comes from her membership."""
    access.require(session, Action.ACCESS_CHANGE)
    plain = None if user_name is None else _free_user_name(session, user_name)
    user = _added(
        session,
        AppUser(
            name=check_name(name),
            user_name=plain,
            member_id=member_id,
            phone=phones.to_e164(phone) if phone else None,
            is_demo=is_demo,
        ),
    )
    for role in sorted(set(roles) - {Role.MEMBER}):
        session.add(UserRole(user_id=user.id, role=role))
    session.flush()
    return user


def _added(session: Session, user: AppUser) -> AppUser:
    session.add(user)
    session.flush()
    return user


def _free_user_name(session: Session, user_name: str) -> str:
    plain = rules.check_user_name(user_name)
    numbers.wait_turn(session, "app_user")
    if signin.users_named(session, plain) or _is_number(session, plain):
        raise rules.UserNameTaken(user_name=plain)
    return plain


def _is_number(session: Session, plain: str) -> bool:
    query = select(Member.id).where(func.lower(col(Member.number)) == plain)
    return session.exec(query).first() is not None


def set_roles(session: Session, *, user_id: int, roles: Collection[Role]) -> None:
    """Give a user exactly these roles (beside member); somebody must stay manager."""
    access.require(session, Action.ACCESS_CHANGE)
    _lock_users(session)
    _check_not_demo(session, user_id)
    wanted = set(roles) - {Role.MEMBER}
    rows = session.exec(select(UserRole).where(UserRole.user_id == user_id)).all()
    for row in rows:
        if row.role not in wanted:
            session.delete(row)
    for role in sorted(wanted - {row.role for row in rows}):
        session.add(UserRole(user_id=user_id, role=role))
    session.flush()
    _check_manager_left(session)


def switch_off(session: Session, *, user_id: int, at: datetime) -> None:
    """Close an account and sign it out everywhere; nothing that it did is lost."""
    access.require(session, Action.ACCESS_CHANGE)
    _lock_users(session)
    _check_not_demo(session, user_id)
    session.get_one(AppUser, user_id).switched_off_at = at
    session.flush()
    _check_manager_left(session)
    signin.end_sign_ins(session, user_id, at)


def switch_on(session: Session, *, user_id: int) -> None:
    """Open a closed account again; it was signed out, so its PIN or a new code is needed."""
    access.require(session, Action.ACCESS_CHANGE)
    session.get_one(AppUser, user_id).switched_off_at = None
    session.flush()


def _check_not_demo(session: Session, user_id: int) -> None:
    if session.get_one(AppUser, user_id).is_demo:
        raise rules.DemoStays


def _lock_users(session: Session) -> None:
    # Two managers who take each other's role away at once: the second one sees what the first did.
    session.exec(select(AppUser).order_by(col(AppUser.id)).with_for_update()).all()


def _check_manager_left(session: Session) -> None:
    if not access.active_with(session, frozenset({Role.MANAGER})):
        raise rules.LastManager
