"""Signing in and out, and secrets of one's own.

Signing in is done in three steps, so that nobody waits for the slow hash inside a transaction:
`attempt` reads the account, `Attempt.prove` checks the secret outside of any, and `sign_in` keeps
what came of it. A failed attempt is kept too, so `sign_in` returns its refusal.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from kopprod.domain import access as rules
from kopprod.domain import phones
from kopprod.domain.access import Action, NotAllowed, Role
from kopprod.domain.refusal import Refusal
from kopprod.services import access, failures
from kopprod.tables.access import AppUser, SignIn, SignInFailure
from kopprod.tables.members import Member

# 19 MiB and some 30 ms for each check: twenty at once fit a small server.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Checked where there is nothing to check, so that an unknown name takes as long as a known one.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


def hash_secret(secret: str) -> str:
    """A secret as it is kept; slow on purpose, so never call it inside a transaction."""
    return _HASHER.hash(secret)


def hash_token(token: str) -> str:
    """A sign-in's token as it is kept; the token is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _matches(kept: str | None, secret: str) -> bool:
    try:
        return _HASHER.verify(kept or _NOBODY, secret) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@dataclass(frozen=True)
class Attempt:
    """What is known of whoever types a name: perhaps an account, and how failures are counted."""

    subject: str
    user_id: int | None = None
    secret_hash: str | None = None
    one_time_hash: str | None = None
    refusal: Refusal | None = None

    def prove(self, secret: str) -> "Proof":
        """Check the secret; exactly one slow comparison, whether the account exists or not."""
        code = rules.typed_code(secret)
        if code is not None:
            return Proof(_matches(self.one_time_hash, code), by_code=True)
        return Proof(_matches(self.secret_hash, secret), by_code=False)


@dataclass(frozen=True)
class Proof:
    """Whether the secret was right, and whether it was a one-time code."""

    right: bool
    by_code: bool


@dataclass(frozen=True)
class SignedIn:
    """A new sign-in: the token for the cookie, when it ends, and whether a new PIN comes first."""

    token: str
    until: datetime
    must_change: bool


def attempt(session: Session, *, name: str) -> Attempt:
    """Find the account that a member number, user name or phone number means."""
    typed = " ".join(name.split())[:100]
    unknown = Attempt(subject="name:" + hash_token(typed.casefold())[:32])
    users = users_named(session, typed)
    if len(users) > 1:
        return Attempt(subject=unknown.subject, refusal=rules.SharedPhone())
    if not users or users[0].switched_off_at is not None:
        return unknown
    return _attempt(users[0])


def attempt_of(session: Session, *, user_id: int) -> Attempt:
    """The account of somebody who is signed in and proves who she is once more."""
    return _attempt(session.get_one(AppUser, user_id))


def _attempt(user: AppUser) -> Attempt:
    return Attempt(f"user:{user.id}", user.id, user.secret_hash, user.one_time_hash)


def users_named(session: Session, typed: str) -> Sequence[AppUser]:
    """The accounts that a member number, user name or phone number means."""
    if not typed:
        return []
    by_member = select(AppUser).outerjoin(Member, col(AppUser.member_id) == col(Member.id))
    plain = typed.casefold()
    named = session.exec(
        by_member.where(
            or_(col(AppUser.user_name) == plain, func.lower(col(Member.number)) == typed.lower())
        )
    ).all()
    phone = None if named else _phone(typed)
    if phone is None:
        return named[:1]
    return session.exec(
        by_member.where(
            or_(col(AppUser.phone) == phone, col(Member.phone) == phone),
            col(AppUser.switched_off_at).is_(None),
        )
    ).all()


def _phone(typed: str) -> str | None:
    try:
        return phones.to_e164(typed)
    except phones.NotAMobileNumber:
        return None  # then it was meant as a name, and is unknown


def address_pause_ms(session: Session, *, address: str, at: datetime) -> int:
    """How long to hold back an answer to this address; nobody is refused for an address."""
    return rules.address_pause_ms(failures.recent(session, _came_from(address), at=at))


def _came_from(address: str) -> str:
    return f"address:{address}"


def sign_in(
    session: Session,
    *,
    attempt: Attempt,
    proof: Proof,
    at: datetime,
    address: str = "",
    device: str = "",
    language: str | None = None,
) -> SignedIn | Refusal:
    """Keep what came of an attempt: a sign-in, or a counted failure with its sentence.

    A paused account stays paused for the right secret too, or guesses sent at once would pass.
    """
    if attempt.refusal is not None:
        return attempt.refusal
    failure = failures.locked(session, attempt.subject, at=at)
    if failure.blocked_until is not None and failure.blocked_until > at:
        return _paused(failure.blocked_until, at)
    user = session.get(AppUser, attempt.user_id) if attempt.user_id is not None else None
    if user is None or not proof.right or user.switched_off_at is not None:
        return _failed(session, failure, at, address)
    if proof.by_code and (user.one_time_until is None or user.one_time_until <= at):
        return rules.CodeExpired()
    failure.failures, failure.blocked_until = 0, None
    return open_sign_in(
        session,
        user_id=user.id,
        at=at,
        device=device,
        must_change=proof.by_code,
        language=language,
    )


def prove_again(
    session: Session, *, attempt: Attempt, proof: Proof, at: datetime
) -> Refusal | None:
    """Count what came of proving once more, as at signing in."""
    failure = failures.locked(session, attempt.subject, at=at)
    if failure.blocked_until is not None and failure.blocked_until > at:
        return _paused(failure.blocked_until, at)
    if not proof.right or proof.by_code:
        return _failed(session, failure, at, "")
    failure.failures, failure.blocked_until = 0, None
    session.flush()
    return None


def _failed(session: Session, failure: SignInFailure, at: datetime, address: str) -> Refusal:
    failures.add(session, failure.subject, _came_from(address), at=at)
    pause = rules.pause_s(failure.failures)
    failure.blocked_until = at + timedelta(seconds=pause) if pause else None
    session.flush()
    if failure.blocked_until is not None:
        return _paused(failure.blocked_until, at)
    return rules.WrongNameOrSecret()


def _paused(until: datetime, at: datetime) -> Refusal:
    return rules.TooManyAttempts(minutes=-(-int((until - at).total_seconds()) // 60) or 1)


def open_sign_in(
    session: Session,
    *,
    user_id: int,
    at: datetime,
    device: str,
    must_change: bool = False,
    language: str | None = None,
) -> SignedIn:
    """A new sign-in of a user who has proved who she is; a limited one lasts an hour."""
    token = secrets.token_urlsafe(32)
    if must_change:
        until = at + timedelta(minutes=rules.LIMITED_MINUTES)
    else:
        until = at + timedelta(days=rules.sign_in_days(access.roles_of(session, user_id)))
    session.add(
        SignIn(
            token_hash=hash_token(token),
            user_id=user_id,
            made_at=at,
            until=until,
            device=device[:200],
            must_change_secret=must_change,
            language=language,
        )
    )
    session.flush()
    return SignedIn(token, until, must_change)


def enter_demo(
    session: Session, *, user_id: int, at: datetime, device: str = "", language: str | None = None
) -> SignedIn:
    """Sign in as one of the invented people of the demo cooperative, without a secret."""
    user = session.get(AppUser, user_id)
    if session.info["coop"] != "demo" or user is None or not user.is_demo:
        raise NotAllowed
    if user.switched_off_at is not None:
        raise NotAllowed
    return open_sign_in(session, user_id=user_id, at=at, device=device, language=language)


def demo_people(session: Session) -> list[tuple[int, str, Role]]:
    """Whom the demo can be entered as: user id, name and role, a member first."""
    users = session.exec(
        select(AppUser).where(AppUser.is_demo, col(AppUser.switched_off_at).is_(None))
    ).all()
    order = list(Role)
    found = [
        (
            user.id,
            user.name,
            max(access.roles_of(session, user.id) or {Role.MEMBER}, key=order.index),
        )
        for user in users
    ]
    return sorted(found, key=lambda row: (order.index(row[2]), row[0]))


def sign_out(session: Session, *, token_hash: str, at: datetime) -> None:
    """End one sign-in, by whoever holds its token."""
    row = session.get(SignIn, token_hash)
    if row is not None and row.revoked_at is None:
        row.revoked_at = at
        session.flush()


def revoke(session: Session, *, user_id: int, at: datetime) -> None:
    """Sign a user out everywhere; everybody may do this to herself."""
    if access.person(session).user_id != user_id:
        access.require(session, Action.ACCESS_CHANGE)
    end_sign_ins(session, user_id, at)


def revoke_all(session: Session, *, at: datetime, except_user_id: int | None = None) -> None:
    """Sign everybody out, perhaps but for one user."""
    access.require(session, Action.ACCESS_CHANGE)
    query = select(SignIn.user_id).where(col(SignIn.revoked_at).is_(None)).distinct()
    for user_id in session.exec(query.order_by(col(SignIn.user_id))).all():
        if user_id != except_user_id:
            end_sign_ins(session, user_id, at)


def end_sign_ins(session: Session, user_id: int, at: datetime) -> None:
    """Sign a user out everywhere, whoever asked for it."""
    session.execute(
        update(SignIn)
        .where(col(SignIn.user_id) == user_id, col(SignIn.revoked_at).is_(None))
        .values(revoked_at=at)
    )
    access.note(session, "app_user", user_id, "signed_out", None, at.isoformat())


def known_words(session: Session, user_id: int) -> tuple[Sequence[str], Member | None]:
    """The names and numbers of an account, which its secret may not be; and its member."""
    user = session.get_one(AppUser, user_id)
    member = session.get(Member, user.member_id) if user.member_id is not None else None
    words = [user.name, user.user_name or "", user.phone or ""]
    if member is not None:
        words += [member.number, member.phone or "", member.name]
    return words, member


def check_new_secret(session: Session, *, user_id: int, new: str) -> None:
    """Refuse a new secret of this user that is misshapen or easy to guess."""
    words, member = known_words(session, user_id)
    rules.check_secret(new, birth_on=member.birth_on if member else None, known=words)


def change_secret(
    session: Session,
    *,
    user_id: int,
    secret_hash: str,
    at: datetime,
    device: str = "",
    language: str | None = None,
) -> SignedIn:
    """Keep a checked and hashed new secret; every other sign-in of the user ends."""
    if access.person(session).user_id != user_id:
        raise NotAllowed
    user = session.get_one(AppUser, user_id, with_for_update=True)
    user.secret_hash = secret_hash
    user.one_time_hash = user.one_time_until = None
    end_sign_ins(session, user_id, at)
    return open_sign_in(session, user_id=user_id, at=at, device=device, language=language)


def change_language(session: Session, *, token_hash: str, language: str) -> None:
    """Whoever acts reads another language from now on, in this browser and the next ones.

    The invented people of the demo are many visitors at once, so theirs stays with the browser.
    """
    user_id = access.person(session).user_id
    row = session.get(SignIn, token_hash)
    if user_id is None or row is None or row.user_id != user_id:
        raise NotAllowed
    row.language = language
    user = session.get_one(AppUser, user_id)
    if not user.is_demo:
        user.language = language
    session.flush()
