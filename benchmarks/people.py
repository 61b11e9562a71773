"""The demo as a cooperative of its own, with as many members signed in as visit it."""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from kopprod import db, demo
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.members import MemberStatus
from kopprod.services import signin
from kopprod.tables.access import AppUser, SignIn, UserRole
from kopprod.tables.members import Member, MemberProduct
from kopprod.web.cookie import COOKIE

COOP = "ukur"
MADE = "KOPPROD_BENCH_DEMO"  # the file of a demo that is made already


@dataclass(frozen=True)
class Someone:
    """A visitor: the name she signs in with, and a sign-in for the plain server."""

    name: str
    sign_in: str


@contextmanager
def village(folder: Path) -> Iterator[None]:
    """Make the demo in this folder, under a name with which people sign in as anywhere."""
    before = os.environ.get("KOPPROD_DB")
    os.environ["KOPPROD_DB"] = f"sqlite:///{folder}/coops/{{coop}}.db"
    try:
        made = os.environ.get(MADE)
        if made is None:
            demo.make(on=datetime.now(UTC).date())
            db.close_connections()
            shutil.move(db.sqlite_path(demo.SLUG), db.sqlite_path(COOP))
        else:
            db.sqlite_path(COOP).parent.mkdir(parents=True)
            shutil.copy(made, db.sqlite_path(COOP))
        yield
    finally:
        db.close_connections()
        if before is None:
            del os.environ["KOPPROD_DB"]
        else:
            os.environ["KOPPROD_DB"] = before


def sign_ins(wanted: Mapping[Role, int]) -> dict[Role, list[str]]:
    """Tokens of that many browsers of each role; members take turns if there are fewer."""
    at = datetime.now(UTC)
    tokens: dict[Role, list[str]] = {}
    with db.writing(COOP, person=SYSTEM, action="benchmark", at=at) as session:
        for role, count in wanted.items():
            users = _members(session) if role is Role.MEMBER else _holders(session, role)
            tokens[role] = [secrets.token_urlsafe(16) for _ in range(count)]
            for turn, token in enumerate(tokens[role]):
                session.add(
                    SignIn(
                        token_hash=signin.hash_token(token),
                        user_id=users[turn % len(users)],
                        made_at=at,
                        until=at + timedelta(days=1),
                        language="id",
                    )
                )
    return tokens


def cookie(token: str) -> str:
    """What the browser sends whose sign-in this is."""
    return f"{COOKIE}={COOP}.{token}"


def _members(session: Session) -> list[int]:
    """A user for each member, made where she has none."""
    has = select(AppUser.member_id, AppUser.id).where(col(AppUser.member_id).is_not(None))
    known = {row.member_id: row.id for row in session.execute(has)}
    # Whoever makes one product only finds it chosen already.
    sole = select(MemberProduct.member_id).group_by(col(MemberProduct.member_id))
    query = (
        select(Member)
        .where(
            Member.status == MemberStatus.MEMBER,
            col(Member.id).in_(sole.having(func.count() == 1)),
        )
        .order_by(col(Member.id))
    )
    users = []
    for member in session.exec(query).all():
        if member.id not in known:
            user = AppUser(name=member.name, member_id=member.id)
            session.add(user)
            session.flush()
            known[member.id] = user.id
        users.append(known[member.id])
    return users


def _holders(session: Session, role: Role) -> list[int]:
    return list(session.exec(select(UserRole.user_id).where(UserRole.role == role)).all())


def main() -> None:
    """Make the demo and keep its file: `python -m benchmarks.people FILE`."""
    with tempfile.TemporaryDirectory() as name, village(Path(name)):
        db.close_connections()
        shutil.copy(db.sqlite_path(COOP), sys.argv[1])


if __name__ == "__main__":
    main()
