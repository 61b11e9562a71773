"""Bills of machines that stand: what each costs, what was paid for it, and what is open of it.

A payment counts for its booking, also where the return was written anew. What else a member owes
less, such as what payouts took, or what was paid too much for another bill, counts for her oldest
bill that is open. So her newest bills are open, up to what the books say that she owes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import HIRE_OWED
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, account_sums, use_rows
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentTariff, EquipmentUnit
from kopprod.tables.ledger import Line
from kopprod.tables.members import Member
from kopprod.tables.uses import Use, UseLine, UsePayment

NEWEST = 300  # bills that a list of all shows, beside the older ones that are open

_STANDS: tuple[Any, ...] = (col(Use.returned_at).is_not(None), col(Use.reversed_on).is_(None))
_NEWEST_FIRST = col(Use.billed_on).desc(), col(Use.id).desc()


class NotBilledYet(Refusal):
    """The machine is still out, or its return was reversed."""

    sentence = N_("{number} has no bill that stands. Write down the return first.")


@dataclass(frozen=True)
class Listed:
    """A bill that stands, and what was paid for it."""

    use: Use
    booking: Booking
    kind: Equipment
    member: Member | None
    paid_rp: int
    taken_rp: int  # by payouts, or from what was paid too much for another

    @property
    def name(self) -> str:
        """Who had the machine."""
        return self.booking.other_name if self.member is None else self.member.name

    @property
    def left_rp(self) -> int:
        """What is still open."""
        return self.use.bill_rp - self.paid_rp - self.taken_rp


@dataclass(frozen=True)
class Billed(Listed):
    """A bill with all that stands on it."""

    unit: EquipmentUnit
    lines: Sequence[UseLine]
    tariff: EquipmentTariff
    payments: Sequence[UsePayment]  # of its booking, perhaps more than it costs now


def bills(
    session: Session, *, member_id: int | None = None, newest: int = NEWEST
) -> Sequence[Listed]:
    """All bills of a member; or of everybody so many of the newest, then the older open ones.

    The newest comes first. A plain member gets her own.
    """
    whose = access.whose(session, member_id, all_see=Action.MEMBERS_SEE)
    owed_rp = _owed_rp(session, whose)
    if whose is not None:
        return _covered(session, owed_rp, Use.member_id == whose)
    found = _covered(session, owed_rp, newest=newest)
    owing = [key for key, rest_rp in owed_rp.items() if rest_rp]
    if len(found) < newest or not owing:
        return found
    last = found[-1].use
    same_day = (col(Use.billed_on) == last.billed_on) & (col(Use.id) < last.id)
    before = or_(col(Use.billed_on) < last.billed_on, same_day)
    # What was paid in full cannot be open; what payouts took is known only together.
    gaps = before, col(Use.member_id).in_(owing), col(Use.bill_rp) > _paid_rp()
    older = _covered(session, owed_rp, *gaps)
    return found + [row for row in older if row.left_rp]


def billed_rp(session: Session) -> int:
    """What all bills that stand come to."""
    access.require(session, Action.MEMBERS_SEE)
    return int(session.exec(select(func.sum(Use.bill_rp)).where(*_STANDS)).one() or 0)


def bill(session: Session, use_id: int) -> Billed:
    """One bill that stands, to its member and to the office."""
    use = use_rows.use(session, use_id)
    if access.whose(session, use.member_id, all_see=Action.MEMBERS_SEE) != use.member_id:
        raise use_rows.UseUnknown
    if use.member_id is None:
        found = _covered(session, {}, Use.id == use_id)
    else:
        owed_rp = _owed_rp(session, use.member_id)
        found = _covered(session, owed_rp, Use.member_id == use.member_id)
    for row in found:
        if row.use.id == use_id:
            return _whole(session, row)
    raise NotBilledYet(number=use.number)


def _whole(session: Session, row: Listed) -> Billed:
    lines = select(UseLine).where(UseLine.use_id == row.use.id).order_by(col(UseLine.id))
    payments = _payments(select(UsePayment), row.booking.id).order_by(col(UsePayment.id))
    return Billed(
        **vars(row),
        unit=session.get_one(EquipmentUnit, row.use.unit_id),
        lines=session.exec(lines).all(),
        tariff=session.get_one(EquipmentTariff, row.use.tariff_id),
        payments=session.exec(payments).all(),
    )


# What is open


def _owed_rp(session: Session, member_id: int | None) -> dict[int, int]:
    """What a member, or whoever owes something, owes for machines by the books."""
    whom = col(Line.member_id)
    hers = [] if member_id is None else [whom == member_id]
    held_rp = account_sums.apart(session, HIRE_OWED, whom, *hers)
    return {key: sum_rp for key, sum_rp in held_rp.items() if sum_rp > 0}


def _covered(
    session: Session, owed_rp: dict[int, int], *conditions: Any, newest: int | None = None
) -> list[Listed]:
    """Bills that stand, the newest first, with what is paid of each.

    What is open is taken out of `owed_rp`, so bills of the same members that are newer come before,
    in this call or in one before it.
    """
    # By their keys first: nothing is added up and joined for what is not listed.
    keys = select(Use.id).where(*_STANDS, *conditions).order_by(*_NEWEST_FIRST).limit(newest)
    query: Any = (
        select(Use, Booking, Equipment, Member, _paid_rp())  # type: ignore[call-overload]
        .join(Booking, col(Booking.id) == col(Use.booking_id))
        .join(Equipment, col(Equipment.id) == col(Booking.equipment_id))
        .outerjoin(Member, col(Member.id) == col(Use.member_id))
        .where(col(Use.id).in_(keys))
        .order_by(*_NEWEST_FIRST)
    )
    found = []
    for use, booking, kind, member, sum_rp in session.exec(query).all():
        paid_rp = min(int(sum_rp), use.bill_rp)
        gap_rp = left_rp = use.bill_rp - paid_rp
        if member is not None:
            left_rp = min(gap_rp, owed_rp.get(member.id, 0))
            owed_rp[member.id] = owed_rp.get(member.id, 0) - left_rp
        found.append(Listed(use, booking, kind, member, paid_rp, gap_rp - left_rp))
    return found


def _paid_rp() -> Any:
    """In a query of uses: what was paid for the booking of each."""
    paid = _payments(select(func.coalesce(func.sum(UsePayment.amount_rp), 0)), col(Use.booking_id))
    return paid.correlate(Use).scalar_subquery()


def _payments(of: Any, booking_id: Any) -> Any:
    """A query of what was paid for a booking; what who is no member had paid went back to him."""
    use = aliased(Use)
    counts = or_(col(use.member_id).is_not(None), col(use.reversed_on).is_(None))
    return of.join(use, col(use.id) == col(UsePayment.use_id)).where(
        col(use.booking_id) == booking_id, counts
    )
