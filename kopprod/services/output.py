"""What members harvested or made: said by themselves, or by the officer for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, Date, Integer, bindparam, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from kopprod.domain import output as rules
from kopprod.domain.access import Action, NotAllowed, Person
from kopprod.domain.members import MemberStatus
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.domain.words import tidy
from kopprod.services import access, cooperative, numbers
from kopprod.services.deliveries import standing
from kopprod.services.memory import hers_until_written
from kopprod.tables.access import AppUser
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.output import OutputDraft, OutputLog
from kopprod.tables.products import Product


def draft(session: Session) -> OutputDraft | None:
    """The form that the acting user has open, if there is one."""
    return session.exec(_open_draft(), params={"user": access.person(session).user_id}).first()


@cache
def _open_draft() -> SelectOfScalar[OutputDraft]:
    return select(OutputDraft).filter_by(user_id=bindparam("user"), used_at=None)


def open_draft(session: Session, *, at: datetime) -> OutputDraft:
    """The acting user's one open form, made if there is none; what she typed before is in it."""
    person = _may_log(session)
    if person.user_id is None:
        raise ValueError("only a user has a form open")
    # Two tabs that open at once wait here for each other, and find the same form.
    session.get(AppUser, person.user_id, with_for_update=True)
    known = draft(session)
    if known is not None:
        return known
    fresh = OutputDraft(user_id=person.user_id, opened_at=at)
    session.add(fresh)
    session.flush()
    return fresh


class Entered(TypedDict):
    """What somebody entered into the form so far."""

    member_id: int | None
    product_id: int | None
    typed: str
    made_on: date | None
    note: str


def fill_draft(session: Session, draft_id: int, **entered: Unpack[Entered]) -> OutputDraft:
    """Keep what was entered so far, so that a lost connection loses nothing of it."""
    person = _may_log(session)
    form = _own_draft(session, draft_id, person)
    if form.used_at is None:
        for name, value in entered.items():
            setattr(form, name, value[:300] if isinstance(value, str) else value)
        session.flush()
    return form


def record(
    session: Session,
    draft_id: int | None,
    *,
    member_id: int,
    product_id: int,
    amount: int,
    typed: str,
    made_on: date,
    on: date,
    note: str = "",
) -> OutputLog:
    """Write down what a member made; the same form sent again gives the row that is there already.

    `amount` is in base units, `typed` what was said. Without a form (`draft_id` None) come rows of
    a file, which knows its own twins. Refuses what `domain.output` refuses, members who left, and
    members who log for somebody else; an officer may, and the row says so (`on_behalf`).
    """
    person = _may_log(session, member_id)
    form = None if draft_id is None else _own_draft(session, draft_id, person)
    if form is not None and form.used_at is not None:
        known = session.exec(select(OutputLog).where(OutputLog.draft_id == form.id)).one()
        return _as_sent(known, (member_id, product_id, amount, made_on))
    _check_member(session, member_id)
    _check(session, product_id, amount, made_on, on=on)
    log = OutputLog(
        number=numbers.take(session, "OUT", on.year),
        member_id=member_id,
        product_id=product_id,
        quantity=amount,
        typed=tidy(typed)[:60],
        made_on=made_on,
        note=tidy(note)[:300],
        draft_id=draft_id,
        by_user_id=person.user_id,
        on_behalf=not _is_own(person, member_id),
    )
    session.add(log)
    if form is not None:
        form.used_at = session.info["at"]
    session.flush()
    return log


def _as_sent(known: OutputLog, said: tuple[int, int, int, date]) -> OutputLog:
    if (known.member_id, known.product_id, known.quantity, known.made_on) != said:
        raise FormKeptOtherwise(number=known.number)
    return known


def correct(
    session: Session,
    output_id: int,
    *,
    amount: int,
    typed: str,
    made_on: date,
    on: date,
    note: str = "",
) -> OutputLog:
    """Put a log right: in its row, or as a new row that names it once goods of it were delivered.

    The same correction sent again gives the row of the first time.
    """
    log = session.get(OutputLog, output_id, with_for_update=True)
    if log is None:
        raise NotAllowed
    person = _may_log(session, log.member_id)
    said = tidy(note)[:300]
    newer = session.exec(select(OutputLog).where(OutputLog.corrects_id == log.id)).first()
    if newer is not None:
        if (newer.quantity, newer.made_on, newer.note) == (amount, made_on, said):
            return newer
        raise rules.AlreadyCorrected(number=log.number, newer=newer.number)
    _check_member(session, log.member_id)
    if made_on != log.made_on:
        _check_day(session, made_on, on=on)
    rules.check_amount(amount, _product(session, log.product_id).base_unit)
    if (log.quantity, log.typed, log.made_on, log.note) == (amount, typed, made_on, said):
        return log
    if _delivered_of(session, log) > 0:
        log = _successor(session, log, person, on)
    log.quantity, log.typed = amount, tidy(typed)[:60]
    log.made_on, log.note = made_on, said
    session.add(log)
    session.flush()
    return log


def _successor(session: Session, log: OutputLog, person: Person, on: date) -> OutputLog:
    same = log.model_dump(include={"member_id", "product_id", "quantity", "typed", "made_on"})
    return OutputLog(
        **same,
        number=numbers.take(session, "OUT", on.year),
        by_user_id=person.user_id,
        on_behalf=not _is_own(person, log.member_id),
        corrects_id=log.id,
        first_id=log.first_id or log.id,
    )


def _may_log(session: Session, member_id: int | None = None) -> Person:
    person = access.person(session)
    if person.may(Action.OUTPUT_LOG_FOR):
        return person
    access.require(session, Action.OUTPUT_LOG_OWN)
    if person.member_id is None or member_id not in (None, person.member_id):
        raise NotAllowed
    return person


def _is_own(person: Person, member_id: int) -> bool:
    return person.member_id == member_id and person.may(Action.OUTPUT_LOG_OWN)


def _own_draft(session: Session, draft_id: int, person: Person) -> OutputDraft:
    form = session.get(OutputDraft, draft_id, with_for_update=True)
    if form is None or form.user_id != person.user_id:
        raise NotAllowed
    return form


def _check_member(session: Session, member_id: int) -> None:
    member = session.get(Member, member_id)
    if member is None:
        raise NotAllowed
    if member.status is MemberStatus.LEFT:
        raise rules.MemberHasLeft(name=member.name)


def _product(session: Session, product_id: int) -> Product:
    product = session.get(Product, product_id)
    if product is None:
        raise ValueError("no such product")
    return product


def _check(session: Session, product_id: int, amount: int, made_on: date, *, on: date) -> None:
    product = _product(session, product_id)
    if not product.active:
        raise rules.ProductNotMade(product=product.name)
    rules.check_amount(amount, product.base_unit)
    _check_day(session, made_on, on=on)


def _check_day(session: Session, made_on: date, *, on: date) -> None:
    oldest = cooperative.whole(session, "output_oldest_days")
    rules.check_day(made_on, on=on, oldest_days=oldest)


@dataclass(frozen=True)
class Logged:
    """A row of the log that stands, with what came of it.

    `delivered` is the net of the deliveries that fulfil it or a row that it corrects; `by` names
    the officer who wrote it down for the member.
    """

    log: OutputLog
    member: str
    member_number: str
    product: str
    unit: BaseUnit
    delivered: int
    by: str
    corrects: str

    @property
    def quantity(self) -> Quantity:
        """How much was made."""
        return Quantity(self.log.quantity, self.unit)

    @property
    def left(self) -> int:
        """What was not delivered yet, in base units; nothing where more came than was logged."""
        return max(0, self.log.quantity - self.delivered)


@hers_until_written
def logs(
    session: Session,
    *,
    member_id: int | None = None,
    product_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    open_only: bool = False,
    most: int | None = None,
) -> Sequence[Logged]:
    """Rows that stand (not corrected by a later one), newest first; `until` is not included.

    A member sees her own only. `open_only`: those of which something is still to be delivered.
    """
    member_id = access.whose(session, member_id, all_see=Action.OUTPUT_SEE_ALL)
    given = {"member": member_id, "product": product_id, "since": since, "until": until}
    known = {name: value for name, value in given.items() if value is not None}
    rows = session.execute(_query(frozenset(known), open_only, most), known)
    return [
        Logged(log, member.name, member.number, product.name, product.base_unit, int(came),
               (name or "") if log.on_behalf else "", number or "")
        for log, member, product, came, name, number in rows
    ]  # fmt: skip


@cache
def _query(given: frozenset[str], open_only: bool, most: int | None) -> Any:
    # Writing the statement down costs more than asking it, and this one is asked at every tap.
    by, older = aliased(AppUser), aliased(OutputLog)
    net = _came()
    query = (
        select(OutputLog, Member, Product, net, by.name, older.number)  # type: ignore[call-overload]
        .join(Member, col(Member.id) == OutputLog.member_id)
        .join(Product, col(Product.id) == OutputLog.product_id)
        .outerjoin(by, col(by.id) == OutputLog.by_user_id)
        .outerjoin(older, col(older.id) == OutputLog.corrects_id)
        .where(_uncorrected())
        .order_by(col(OutputLog.made_on).desc(), col(OutputLog.id).desc())
        .limit(most)
    )
    for name in sorted(given):
        query = query.where(_GIVEN[name])
    return query.where(net < OutputLog.quantity) if open_only else query


_GIVEN = {
    "member": col(OutputLog.member_id) == bindparam("member", type_=Integer),
    "product": col(OutputLog.product_id) == bindparam("product", type_=Integer),
    "since": col(OutputLog.made_on) >= bindparam("since", type_=Date),
    "until": col(OutputLog.made_on) < bindparam("until", type_=Date),
}


@cache
def _uncorrected() -> ColumnElement[bool]:
    newer = aliased(OutputLog)
    return ~select(newer.id).where(col(newer.corrects_id) == OutputLog.id).exists()


def _came() -> ColumnElement[int]:
    # All rows that correct one another are one harvest: what came of any of them came of it. It is
    # asked of the rows that are shown, not added up over all that ever came.
    one = aliased(OutputLog)
    net = func.coalesce(func.sum(Delivery.net), 0)
    came = select(net).join(one, col(one.id) == Delivery.output_id)
    harvest = or_(col(one.id) == _first(), col(one.first_id) == _first())
    return came.where(standing(), harvest).correlate(OutputLog).scalar_subquery()


def stands(
    member_id: int | None, product_id: int | None, since: date | None, until: date | None
) -> list[ColumnElement[bool]]:
    """In a query: the logs asked for that no other corrects; `until` is not included."""
    found = [_uncorrected()]
    if member_id is not None:
        found.append(col(OutputLog.member_id) == member_id)
    if product_id is not None:
        found.append(col(OutputLog.product_id) == product_id)
    if since is not None:
        found.append(col(OutputLog.made_on) >= since)
    if until is not None:
        found.append(col(OutputLog.made_on) < until)
    return found


def _first() -> ColumnElement[int]:
    return func.coalesce(col(OutputLog.first_id), col(OutputLog.id))


def _delivered_of(session: Session, log: OutputLog) -> int:
    return int(session.scalars(select(_came()).where(OutputLog.id == log.id)).one())
