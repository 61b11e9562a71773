"""Claims: what members were paid for goods that were taken back, and still owe (1124)."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel import Session, col, func, select

from kopprod.domain import reversals as rule
from kopprod.domain.ledger import MEMBERS_OWE, OWED_TO_MEMBERS, Posting
from kopprod.domain.payouts import DeductionKind
from kopprod.domain.refusal import N_
from kopprod.services import ledger
from kopprod.tables.ledger import Line
from kopprod.tables.payouts import SlipDeduction
from kopprod.tables.slips import Slip


def had_rp(slip: Slip) -> int:
    """What the member has had of a slip: its money, or what was taken off for debts of hers."""
    return slip.net_value_rp if slip.paid_on is not None else slip.deducted_rp


def of_sale_rp(session: Session, sale_id: int) -> dict[int, int]:
    """By member, what she had of this sale's void slips and what has not been set off since."""
    claims: dict[int, int] = {}
    void = select(Slip).where(Slip.sale_id == sale_id, col(Slip.voided_on).is_not(None))
    for slip in session.exec(void).all():
        claims[slip.member_id] = claims.get(slip.member_id, 0) + had_rp(slip)
    set_off = (
        select(Slip.member_id, func.sum(SlipDeduction.amount_rp))
        .join(SlipDeduction, col(SlipDeduction.slip_id) == col(Slip.id))
        .where(Slip.sale_id == sale_id, SlipDeduction.kind == DeductionKind.CLAIM)
        .group_by(col(Slip.member_id))
    )
    for member_id, amount_rp in session.exec(set_off).all():
        claims[member_id] = claims.get(member_id, 0) - int(amount_rp)
    return {member_id: claim for member_id, claim in claims.items() if claim > 0}


def owed_rp(session: Session, member_id: int) -> int:
    """What the member owes for goods that were taken back, of all sales together."""
    moved = func.coalesce(func.sum(col(Line.debit_rp) - col(Line.credit_rp)), 0)
    query = select(moved).where(Line.account_code == MEMBERS_OWE, Line.member_id == member_id)
    return int(session.exec(query).one())


def set_off(session: Session, slips: Sequence[Slip], *, on: date) -> None:
    """Set new slips of a sale off against what their members had been paid of it before.

    It is the same money, so no cap applies. Called once the settlement is posted, from when on
    nobody else posts: a slip that is set off in whole counts as paid, with nothing received.
    """
    if slips and slips[0].sale_id is not None:
        _set_off(session, slips, of_sale_rp(session, slips[0].sale_id), on=on)


def set_off_sale(session: Session, sale_id: int, *, on: date) -> None:
    """The same of all slips of a sale that stand; mostly nobody was paid before."""
    claims = of_sale_rp(session, sale_id)
    if claims:
        standing = select(Slip).where(Slip.sale_id == sale_id, col(Slip.voided_on).is_(None))
        slips = session.exec(standing.order_by(col(Slip.id))).all()
        _set_off(session, slips, claims, on=on)


def _set_off(
    session: Session, slips: Sequence[Slip], claims: Mapping[int, int], *, on: date
) -> None:
    for slip in (slip for slip in slips if slip.member_id in claims):
        amount_rp = rule.set_off_rp(
            slip.net_value_rp,
            claim_rp=claims[slip.member_id],
            owes_rp=owed_rp(session, slip.member_id),
        )
        if amount_rp:
            _take(session, slip, amount_rp, on=on)
    session.flush()


def _take(session: Session, slip: Slip, amount_rp: int, *, on: date) -> None:
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Set off against what was paid for the same sale before"),
        paper=f"slip:{slip.id}",
        postings=[
            Posting(OWED_TO_MEMBERS, debit_rp=amount_rp, member_id=slip.member_id),
            Posting(MEMBERS_OWE, credit_rp=amount_rp, member_id=slip.member_id),
        ],
    )
    session.add(SlipDeduction(slip_id=slip.id, kind=DeductionKind.CLAIM, amount_rp=amount_rp))
    slip.deducted_rp, slip.deducted_entry_id = amount_rp, entry.id
    if amount_rp == slip.net_value_rp:
        slip.paid_on, slip.received_rp = on, 0
