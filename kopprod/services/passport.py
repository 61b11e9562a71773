"""A member's passport: everything between one member and the cooperative, read in one go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain import passport as rules
from kopprod.domain.access import Action, Person
from kopprod.domain.books import BookLine
from kopprod.domain.passport import Graded, Open, Quality
from kopprod.domain.payouts import DeductionKind
from kopprod.services import (
    access,
    books,
    comparison,
    deductions,
    deliveries,
    members,
    output,
    products,
    rejections,
    slips,
)
from kopprod.services.comparison import Compared
from kopprod.services.deductions import Terms
from kopprod.services.deliveries import Received
from kopprod.services.output import Logged
from kopprod.services.rejections import Rejected
from kopprod.services.slips import Listed
from kopprod.tables.cooperative import Village
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, Product


@dataclass(frozen=True)
class Earned:
    """What is between both in rupiah: slips, accounts, what may be taken, the comparison.

    `lots` are held against the middleman's price; `price_units` names, by the product's key, what
    their prices are for.
    """

    slips: Sequence[Listed]
    account: Sequence[BookLine]
    open: Sequence[Open]
    lots: Sequence[Compared]
    price_units: Mapping[int, str]
    terms: Terms  # what she agreed may be taken from her payouts
    debts: Mapping[DeductionKind, int]  # what of it she owes now, claims too


@dataclass(frozen=True)
class Passport:
    """One member and all of her papers, newest first; no `earned` for who may not see money."""

    member: Member
    village: str
    produces: Sequence[str]
    outputs: Sequence[Logged]
    deliveries: Sequence[Received]
    quality: Sequence[Quality]
    earned: Earned | None
    rejected: Sequence[Rejected] = ()
    older: bool = False  # there is more than was asked for


def passport(session: Session, member_id: int, *, on: date, most: int | None = None) -> Passport:
    """The passport of one member: to herself, and to the office.

    Her account and the register's legal columns are as `services.members` shows them; an officer,
    who does not see slips and books, gets no rupiah. `on` is the day to which waiting counts. With
    `most` only so many of her latest logs and deliveries, and the comparison of these deliveries.
    """
    person = access.person(session)
    row = _register(session, person, member_id)
    came = deliveries.deliveries(session, member_id=member_id, most=most)
    logged = output.logs(session, member_id=member_id, most=most)
    older = most is not None and max(len(came), len(logged)) >= most
    only = [one.delivery.id for one in came] if older else None
    return Passport(
        member=row,
        village=_village(session, row),
        produces=[product.name for product in members.products_of(session, member_id)],
        outputs=logged,
        deliveries=came,
        quality=rules.quality(_graded(session, member_id)),
        earned=_earned(session, member_id, only, on=on) if _sees_money(person, member_id) else None,
        rejected=rejections.rejected(session, since=date.min, member_id=member_id),
        older=older,
    )


def _graded(session: Session, member_id: int) -> Iterator[Graded]:
    """Every delivery that stands, with no more of it than its grade counts by."""
    columns: Any = [Delivery.received_on, Product.name, Product.base_unit, Grade.name, Delivery.net]
    query: Any = (
        select(*columns)
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .where(Delivery.member_id == member_id, deliveries.standing())
        .order_by(col(Delivery.received_on).desc(), col(Delivery.id).desc())
    )
    return (Graded(*row) for row in session.exec(query).all())


def _register(session: Session, person: Person, member_id: int) -> Member:
    if person.member_id == member_id and person.may(Action.OWN_SEE):
        return members.own(session)
    return members.member(session, member_id)


def _village(session: Session, row: Member) -> str:
    village = None if row.village_id is None else session.get(Village, row.village_id)
    return "" if village is None else village.name


def _sees_money(person: Person, member_id: int) -> bool:
    return person.member_id == member_id or person.may(Action.LEDGER_SEE)


def _earned(session: Session, member_id: int, only: Sequence[int] | None, *, on: date) -> Earned:
    account = books.member_account(session, member_id)
    goods = products.products(session, with_stopped=True)
    return Earned(
        slips=slips.slips(session, member_id=member_id),
        account=account,
        open=rules.still_open(account),
        lots=comparison.of_member(session, member_id, on=on, only=only),
        price_units={product.id: product.price_unit for product in goods},
        terms=deductions.terms(session, member_id),
        debts=deductions.debts(session, member_id),
    )
