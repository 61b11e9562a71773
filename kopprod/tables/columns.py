"""Column types and endings that every table shares."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Enum, Integer, MetaData, false
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

# SQLite only counts up an INTEGER key by itself; PostgreSQL's INTEGER ends at 2.147.483.647.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out, on both engines. A naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; SQLite keeps them without their zone, in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand back aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def key() -> Any:
    """The primary key of a table, counted up by the database."""
    return Field(default=None, primary_key=True, sa_type=BigKey)


def refers(column: str, *, index: bool = True, unique: bool = False) -> Any:
    """A required reference to another table's key."""
    return Field(foreign_key=column, sa_type=BigKey, index=index, unique=unique)


def may_refer(column: str, *, index: bool = True, unique: bool = False) -> Any:
    """A reference that may be empty."""
    return Field(default=None, foreign_key=column, sa_type=BigKey, index=index, unique=unique)


def whole() -> Any:
    """A whole number of rupiah, base units or ten-thousandths, as BIGINT."""
    return Field(sa_type=BigInteger)


def may_whole() -> Any:
    """A whole number that may be empty."""
    return Field(default=None, sa_type=BigInteger)


def _enum(choices: type[StrEnum], name: str) -> Any:
    return Enum(
        choices,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=24,
        values_callable=lambda enum: [member.value for member in enum],
    )


def zero() -> Any:
    """A whole number that is 0 where nobody said otherwise, also in rows from before the column."""
    return Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


def no() -> Any:
    """A yes or no that is no where nobody said otherwise, also in rows from before the column."""
    return Field(default=False, sa_column_kwargs={"server_default": false()})


def one_of(choices: type[StrEnum], name: str, *, default: StrEnum | None = None) -> Any:
    """A column that takes one value of an enum, kept as text under a named CHECK.

    A `default` is also what rows from before the column have.
    """
    if default is None:
        return Field(sa_type=_enum(choices, name))
    kept = {"server_default": default.value}
    return Field(default=default, sa_type=_enum(choices, name), sa_column_kwargs=kept)


def may_be_one_of(choices: type[StrEnum], name: str) -> Any:
    """One value of an enum, or nothing."""
    return Field(default=None, sa_type=_enum(choices, name))


def moment(*, index: bool = False) -> Any:
    """A required moment."""
    return Field(sa_type=UtcDateTime, index=index)


def may_moment() -> Any:
    """A moment that may be empty."""
    return Field(default=None, sa_type=UtcDateTime)


def check(name: str, rule: str) -> CheckConstraint:
    """A named bound, written in SQL that both engines understand."""
    return CheckConstraint(rule, name=name)
