"""Users, their roles, their sign-ins and failed attempts."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from kopprod.domain.access import Role
from kopprod.tables.columns import (
    UtcDateTime,
    check,
    key,
    may_moment,
    may_refer,
    moment,
    one_of,
    refers,
    whole,
)


class AppUser(SQLModel, table=True):
    """Somebody who can sign in; a legal member may have no user, and an employee no membership."""

    __tablename__ = "app_user"
    __table_args__ = (
        check("code_has_end", "(one_time_hash IS NULL) = (one_time_until IS NULL)"),
        check("language_known", "language IN ('id', 'en')"),
    )

    id: int = key()
    name: str
    user_name: str | None = Field(default=None, unique=True)
    member_id: int | None = may_refer("member.id", unique=True)
    phone: str | None = Field(default=None, index=True)
    secret_hash: str | None = None
    one_time_hash: str | None = None
    one_time_until: datetime | None = may_moment()
    language: str = "id"
    is_demo: bool = False
    switched_off_at: datetime | None = may_moment()
    act_id: int | None = may_refer("act.id", index=False)


class UserRole(SQLModel, table=True):
    """One role of one user."""

    __tablename__ = "user_role"

    id: int = key()
    user_id: int = refers("app_user.id")
    role: Role = one_of(Role, "role")
    act_id: int = refers("act.id", index=False)


class SignIn(SQLModel, table=True):
    """A browser that is signed in. Only the SHA-256 of its random token is kept."""

    __tablename__ = "sign_in"
    __table_args__ = (check("language_known", "language IN ('id', 'en')"),)

    token_hash: str = Field(primary_key=True)
    user_id: int = refers("app_user.id")
    made_at: datetime = moment()
    until: datetime = moment()
    revoked_at: datetime | None = may_moment()
    device: str = ""
    language: str | None = None  # chosen in this browser; else the user's
    must_change_secret: bool = False


class SignInFailure(SQLModel, table=True):
    """How often signing in failed lately, by account or by address; kept over restarts."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (check("failures_positive", "failures >= 0"),)

    subject: str = Field(primary_key=True)
    failures: int = whole()
    last_at: datetime = Field(sa_type=UtcDateTime)
    blocked_until: datetime | None = may_moment()
