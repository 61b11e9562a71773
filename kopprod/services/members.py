"""The register of members: joining, changing what is written down, leaving."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Unpack

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from kopprod.domain import members as rules
from kopprod.domain import phones
from kopprod.domain.access import Action, Person
from kopprod.domain.members import Account, MemberStatus, Written
from kopprod.domain.words import tidy
from kopprod.services import access, days
from kopprod.services import products as product_service
from kopprod.services.memory import hers_until_written
from kopprod.tables.cooperative import Village
from kopprod.tables.members import Member, MemberProduct
from kopprod.tables.products import Product

_PUBLIC = [name for name in Member.model_fields if name not in rules.PRIVATE]


def sees_private(person: Person) -> bool:
    """Whether this person may see members' accounts and the register's legal columns."""
    return person.may(Action.MEMBERS_CHANGE) or person.may(Action.LEDGER_SEE)


def _as_seen_by(person: Person, row: Member) -> Member:
    if sees_private(person):
        return row
    # A copy that belongs to no session: what is left out here can never be written back.
    return Member(**{name: getattr(row, name) for name in _PUBLIC})


def members(
    session: Session,
    *,
    status: MemberStatus | None = None,
    village_id: int | None = None,
    search: str = "",
) -> list[Member]:
    """The register by name, without private columns for those who may not see them.

    `search` is a part of the name, the number, the village's name, or the phone.
    """
    person = access.require(session, Action.MEMBERS_SEE)
    query = select(Member)
    if status is not None:
        query = query.where(Member.status == status)
    if village_id is not None:
        query = query.where(Member.village_id == village_id)
    rows = list(session.exec(query).all())
    if search.strip():
        rows = _found(rows, search, _village_names(session))
    rows.sort(key=lambda row: (row.name.casefold(), row.number))
    return [_as_seen_by(person, row) for row in rows]


def _village_names(session: Session) -> dict[int, str]:
    return {village.id: village.name for village in session.exec(select(Village)).all()}


def _found(rows: Iterable[Member], search: str, villages: dict[int, str]) -> list[Member]:
    # Here and not in SQL, where each engine folds other letters.
    wanted = tidy(search).casefold()
    digits = re.sub(r"[ ().+-]", "", wanted).removeprefix("62").removeprefix("0")
    found = []
    for row in rows:
        village = villages.get(row.village_id, "") if row.village_id else ""
        words = " ".join((row.name, row.number, village)).casefold()
        if wanted in words or (
            len(digits) > 2 and digits.isdigit() and digits in (row.phone or "")
        ):
            found.append(row)
    return found


def member(session: Session, member_id: int) -> Member:
    """One member, without private columns for those who may not see them."""
    person = access.require(session, Action.MEMBERS_SEE)
    row = session.get(Member, member_id)
    if row is None:
        raise rules.MemberUnknown
    return _as_seen_by(person, row)


@hers_until_written
def own(session: Session) -> Member:
    """What the register says of the member who asks, all of it."""
    person = access.require(session, Action.OWN_SEE)
    row = None if person.member_id is None else session.get(Member, person.member_id)
    if row is None:
        raise rules.MemberUnknown
    return row


def next_number(session: Session) -> str:
    """The number to propose for the next member."""
    access.require(session, Action.MEMBERS_SEE)
    return _free_number(session)


def _free_number(session: Session) -> str:
    taken = session.exec(select(Member.number).order_by(col(Member.id))).all()
    return rules.suggest_number(taken)


@hers_until_written
def products_of(session: Session, member_id: int) -> Sequence[Product]:
    """What a member produces, by name; a member may ask for her own."""
    person = access.person(session)
    if person.member_id != member_id:
        access.require(session, Action.MEMBERS_SEE)
    query = select(Product).join(MemberProduct, col(MemberProduct.product_id) == col(Product.id))
    query = query.where(MemberProduct.member_id == member_id)
    return session.exec(query.order_by(col(Product.name))).all()


def produced(session: Session) -> dict[int, list[str]]:
    """The names of what every member produces, by member; who has said nothing is left out."""
    access.require(session, Action.MEMBERS_SEE)
    query = (
        select(MemberProduct.member_id, Product.name)
        .join(Product, col(MemberProduct.product_id) == col(Product.id))
        .order_by(col(Product.name))
    )
    found: dict[int, list[str]] = {}
    for member_id, name in session.exec(query).all():
        found.setdefault(member_id, []).append(name)
    return found


def add_member(
    session: Session,
    *,
    number: str,
    name: str,
    status: MemberStatus = MemberStatus.MEMBER,
    left_on: date | None = None,
    left_reason: str = "",
    **written: Unpack[Written],
) -> Member:
    """Write a member into the register; an old register may bring those who left already.

    Refuses a number that is taken, days that contradict each other, and what cannot be a phone or
    an account number.
    """
    access.require(session, Action.MEMBERS_CHANGE)
    row = Member(number="", name=rules.check_name(name), status=status)
    if status is MemberStatus.LEFT:
        _check_left(row.name, left_on, left_reason)
        row.left_on, row.left_reason = left_on, tidy(left_reason)[: rules.LONGEST_TEXT]
    _write(session, row, written)
    _keep(session, row, number)
    _produce(session, row.id, written.get("product_ids", ()))
    return row


def _check_left(name: str, left_on: date | None, reason: str) -> None:
    if left_on is None:
        raise rules.LeavingNeedsDay(name=name)
    if not tidy(reason):
        raise rules.LeavingNeedsReason(name=name)


def _keep(session: Session, row: Member, number: str) -> None:
    row.number = _check_free(session, number, but=row.id)
    # Two officers may take the same number at the same moment; the second learns it only here.
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        _check_free(session, number)
        raise


def change_member(
    session: Session,
    member_id: int,
    *,
    number: str | None = None,
    name: str | None = None,
    **written: Unpack[Written],
) -> Member:
    """Change what is given of a member and leave the rest; the trail keeps what stood before."""
    row = _to_change(session, member_id)
    if name is not None:
        row.name = rules.check_name(name)
    _write(session, row, written)
    _keep(session, row, row.number if number is None else number)
    if "product_ids" in written:
        _produce(session, member_id, written["product_ids"])
    return row


def accept(session: Session, member_id: int, *, on: date) -> Member:
    """An applicant becomes a member on a day; somebody who left comes back under her number."""
    row = _to_change(session, member_id)
    if row.status is MemberStatus.MEMBER:
        raise rules.AlreadyMember(name=row.name)
    rules.check_days(today=days.today(session), birth_on=row.birth_on, joined_on=on)
    row.status = MemberStatus.MEMBER
    row.joined_on = on
    row.left_on = row.left_reason = None
    session.flush()
    return row


def leave(session: Session, member_id: int, *, on: date, reason: str) -> Member:
    """A member leaves; her row stays, and slips that are still unpaid are paid to her later."""
    row = _to_change(session, member_id)
    if row.left_on is not None:
        raise rules.AlreadyLeft(name=row.name, left_on=row.left_on)
    _check_left(row.name, on, reason)
    rules.check_days(
        today=days.today(session), birth_on=row.birth_on, joined_on=row.joined_on, left_on=on
    )
    row.status = MemberStatus.LEFT
    row.left_on = on
    row.left_reason = tidy(reason)[: rules.LONGEST_TEXT]
    session.flush()
    return row


def _to_change(session: Session, member_id: int) -> Member:
    access.require(session, Action.MEMBERS_CHANGE)
    row = session.get(Member, member_id, with_for_update=True)
    if row is None:
        raise rules.MemberUnknown
    return row


def _check_free(session: Session, number: str, *, but: int | None = None) -> str:
    kept = rules.check_number(number)
    # Numbers are plain ASCII, which both engines fold alike.
    query = select(Member).where(func.lower(Member.number) == kept.lower())
    if but is not None:
        query = query.where(Member.id != but)
    with session.no_autoflush:
        taken = session.exec(query).first()
        if taken is not None:
            free = _free_number(session)
            raise rules.NumberTaken(number=taken.number, name=taken.name, free=free)
    return kept


def _write(session: Session, row: Member, written: Written) -> None:
    today = days.today(session)
    if "village_id" in written:
        row.village_id = _known_village(session, written["village_id"])
    if "phone" in written:
        typed = tidy(written["phone"])
        row.phone = phones.to_e164(typed) if typed else None
    if "account" in written:
        _write_account(row, written["account"])
    _write_legal(row, written)
    rules.check_days(
        today=today, birth_on=row.birth_on, joined_on=row.joined_on, left_on=row.left_on
    )


def _write_legal(row: Member, written: Written) -> None:
    if "joined_on" in written:
        row.joined_on = written["joined_on"]
    if "birth_on" in written:
        row.birth_on = written["birth_on"]
    if "land_m2" in written:
        row.land_m2 = rules.check_land(written["land_m2"])
    if "sex" in written:
        row.sex = written["sex"]
    if "birth_place" in written:
        row.birth_place = _text(written["birth_place"])
    if "job" in written:
        row.job = _text(written["job"])
    if "address" in written:
        row.address = _text(written["address"])


def _text(words: str) -> str | None:
    return tidy(words)[: rules.LONGEST_TEXT] or None


def _write_account(row: Member, account: Account | None) -> None:
    if account is None:
        row.account_kind = row.account_provider = None
        row.account_number = row.account_holder = None
        return
    kept = rules.check_account(account)
    row.account_kind = kept.kind
    row.account_provider = kept.provider
    row.account_number = kept.number
    row.account_holder = kept.holder or row.name


def _known_village(session: Session, village_id: int | None) -> int | None:
    if village_id is not None and session.get(Village, village_id) is None:
        raise rules.VillageUnknown
    return village_id


def _produce(session: Session, member_id: int, product_ids: Iterable[int]) -> None:
    wanted = set(product_ids)
    query = select(MemberProduct).where(MemberProduct.member_id == member_id)
    for row in session.exec(query).all():
        if row.product_id in wanted:
            wanted.remove(row.product_id)
        else:
            session.delete(row)
    for product_id in sorted(wanted):
        product_service.product(session, product_id)
        session.add(MemberProduct(member_id=member_id, product_id=product_id))
    session.flush()
