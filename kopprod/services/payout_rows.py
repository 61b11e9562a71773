"""Which slips are on a payout list that is not finished, so that nobody else touches them."""

from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain.refusal import N_, Refusal
from kopprod.tables.members import Member
from kopprod.tables.payouts import PayoutBatch
from kopprod.tables.slips import Slip


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
