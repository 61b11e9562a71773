"""Payout lists, and which slips are on one that is not finished: nobody else touches them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case
from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access
from kopprod.tables.buying import Buying
from kopprod.tables.members import Member
from kopprod.tables.payouts import PayoutBatch
from kopprod.tables.sales import Sale
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Act


class SlipOnList(Refusal):
    """A slip that somebody may be paying at this moment."""

    sentence = N_(
        "Slip {number} of {name} is on payout list {batch}, which is not finished. "
        "Take it off the list first."
    )


def on_lists(session: Session, *where: Any) -> dict[int, str]:
    """The numbers of the unfinished lists on which unpaid slips are, by the slips' keys."""
    query: Any = (
        select(Slip.id, PayoutBatch.number)
        .join(PayoutBatch, col(PayoutBatch.id) == col(Slip.batch_id))
        .where(col(Slip.paid_on).is_(None), col(PayoutBatch.closed_on).is_(None), *where)
        .order_by(col(PayoutBatch.id), col(Slip.id))
    )
    return dict(session.exec(query).all())


def check_off_lists(session: Session, row: Slip) -> None:
    """Refuse a slip that is on such a list."""
    batch = on_lists(session, Slip.id == row.id).get(row.id)
    if batch is not None:
        name = session.get_one(Member, row.member_id).name
        raise SlipOnList(number=row.number, name=name, batch=batch)


def made_by(session: Session, user_id: int | None) -> set[int]:
    """The keys of the unpaid slips of sales that somebody settled, and of goods that she bought."""
    if user_id is None:
        return set()
    unpaid: Any = select(Slip.id).where(col(Slip.paid_on).is_(None))
    sold = unpaid.join(Sale, col(Sale.id) == Slip.sale_id).where(Sale.settled_by_id == user_id)
    bought = unpaid.join(Buying, col(Buying.id) == Slip.buying_id)
    bought = bought.join(Act, col(Act.id) == Buying.act_id).where(Act.user_id == user_id)
    return {*session.exec(sold).all(), *session.exec(bought).all()}


@dataclass(frozen=True)
class ListLine:
    """A payout list in the list of them: how many slips, how many are unpaid, what it hands out."""

    batch: PayoutBatch
    slips: int = 0
    unpaid: int = 0
    total_rp: int = 0


def count_lists(session: Session) -> int:
    """How many payout lists there are."""
    access.require(session, Action.SLIPS_SEE_ALL)
    return session.exec(select(func.count()).select_from(PayoutBatch)).one()


def lists(session: Session, *, offset: int = 0, limit: int | None = None) -> list[ListLine]:
    """Payout lists, those that are being paid first, then the newest; or so many of them."""
    access.require(session, Action.SLIPS_SEE_ALL)
    finished_last = col(PayoutBatch.closed_on).is_not(None), col(PayoutBatch.id).desc()
    asked = select(PayoutBatch).order_by(*finished_last).offset(offset).limit(limit)
    batches = session.exec(asked).all()
    left_rp = Slip.net_value_rp - Slip.deducted_rp
    unpaid = case((col(Slip.paid_on).is_(None), 1), else_=0)
    query: Any = (
        select(Slip.batch_id, func.count(), func.sum(unpaid), func.sum(left_rp))
        .where(col(Slip.batch_id).in_([batch.id for batch in batches]))
        .group_by(col(Slip.batch_id))
    )
    sums = {key: tuple(map(int, rest)) for key, *rest in session.exec(query).all()}
    return [ListLine(batch, *sums.get(batch.id, ())) for batch in batches]
