"""Makers of what tests are about, with plain defaults: a test names only what matters to it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from typing import Any, TypeVar

from PIL import Image
from sqlmodel import Session

from kopprod.domain.access import Person, Role
from kopprod.domain.members import MemberStatus
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit
from kopprod.services.signin import hash_secret, hash_token
from kopprod.tables.access import AppUser, SignIn, UserRole
from kopprod.tables.cooperative import Village
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, GradeFactor, Product, ProductUnit
from kopprod.tables.sales import Buyer

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 08.00 in Jakarta
SINCE = date(2024, 1, 1)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)
PIN = "274913"

Row = TypeVar("Row")
GRAMS = {"kg": 1_000, "kuintal": 100_000, "ton": 1_000_000}


def person(
    *roles: Role, name: str = "Ayu", user_id: int | None = None, member_id: int | None = None
) -> Person:
    """Somebody who acts, known to no table unless `user_id` says so."""
    return Person(user_id=user_id, name=name, roles=frozenset(roles), member_id=member_id)


MANAGER = person(Role.MANAGER, name="Citra")
TREASURER = person(Role.TREASURER, name="Tuti")
OFFICER = person(Role.OFFICER, name="Oman")
SUPERVISOR = person(Role.SUPERVISOR, name="Sari")


def village(session: Session, name: str = "Sukamaju") -> Village:
    """A village."""
    return _added(session, Village(name=name))


def member(
    session: Session,
    name: str = "Ayu",
    *,
    number: str | None = None,
    village_id: int | None = None,
    phone: str | None = None,
    status: MemberStatus = MemberStatus.MEMBER,
    joined_on: date | None = SINCE,
) -> Member:
    """A member; her number is her name's unless the test is about numbers."""
    row = Member(
        number=number or f"A-{name}",
        name=name,
        status=status,
        village_id=village_id,
        phone=phone,
        joined_on=joined_on,
    )
    return _added(session, row)


@cache
def _hashed(secret: str) -> str:
    return hash_secret(secret)  # slow on purpose, so once for all tests of a process


@dataclass(frozen=True)
class Key:
    """What somebody types to sign in."""

    name: str
    secret: str = PIN


def user(
    session: Session,
    *roles: Role,
    name: str = "Ayu",
    member_id: int | None = None,
    user_name: str | None = None,
    phone: str | None = None,
    secret: str = PIN,
) -> Person:
    """Somebody with a user row and its roles, who signs in as `Key("ayu")`; a member's row too."""
    if Role.MEMBER in roles and member_id is None:
        member_id = member(session, name).id
    row = AppUser(
        name=name,
        user_name=user_name or name.casefold(),
        member_id=member_id,
        phone=phone,
        secret_hash=_hashed(secret),
    )
    _added(session, row)
    for role in roles:
        session.add(UserRole(user_id=row.id, role=role))
    session.flush()
    return person(*roles, name=name, user_id=row.id, member_id=member_id)


def sign_in(session: Session, who: Person) -> str:
    """A sign-in of this user that never ends, by the hash under which it is kept."""
    token_hash = hash_token(f"token of {who.user_id}")
    if session.get(SignIn, token_hash) is None:
        assert who.user_id is not None
        session.add(SignIn(token_hash=token_hash, user_id=who.user_id, made_at=AT, until=NEVER))
        session.flush()
    return token_hash


def product(
    session: Session,
    name: str = "Gabah",
    *,
    kind: ProductKind = ProductKind.CROP,
    base_unit: BaseUnit = BaseUnit.GRAM,
    price_unit: str = "kg",
    units: dict[str, int] | None = None,
) -> Product:
    """A product weighed in gram and priced per kg, with its display units."""
    row = _added(session, Product(name=name, kind=kind, base_unit=base_unit, price_unit=price_unit))
    for unit_name, factor in (GRAMS if units is None else units).items():
        session.add(ProductUnit(product_id=row.id, name=unit_name, factor=factor, since=SINCE))
    session.flush()
    return row


def grade(
    session: Session,
    product_id: int,
    name: str = "A",
    *,
    factor_bp: int = 10_000,
    position: int = 1,
) -> Grade:
    """A grade that counts whole unless the test says otherwise."""
    row = _added(session, Grade(product_id=product_id, name=name, position=position))
    session.add(GradeFactor(grade_id=row.id, factor_bp=factor_bp, since=SINCE))
    session.flush()
    return row


def buyer(session: Session, name: str = "PB Sri Rejeki") -> Buyer:
    """A buyer."""
    return _added(session, Buyer(name=name))


def photo(size: tuple[int, int] = (80, 60), **saved: Any) -> bytes:
    """A photo as a phone's camera makes it; `saved` is what its file carries beside the picture."""
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, "JPEG", **saved)
    return out.getvalue()


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
