"""What members let be taken from their payouts: agreements, what they owe, and taking it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from kopprod.domain import payouts as rule
from kopprod.domain.access import Action
from kopprod.domain.ledger import OWED_TO_MEMBERS, Posting
from kopprod.domain.payouts import ACCOUNTS, Agreed, DeductionKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.services import access, ledger, numbers, yarnen
from kopprod.tables.buying import StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.payouts import (
    Advance,
    DeductionAgreement,
    PayoutReturn,
    PayoutTerms,
    SlipDeduction,
)
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip

_INPUTS = DeductionKind.INPUTS


class NobodyAgrees(Refusal):
    """An agreement of a member who is not there."""

    sentence = N_("This member is not in the register.")


class AgreedLater(Refusal):
    """An agreement from before the one that stands: what she agreed to last counts."""

    sentence = N_("{name} agreed to something else on {agreed_on}. Choose that day or a later one.")


@dataclass(frozen=True)
class Terms:
    """What a member agreed to: her order, and the most of a payout; without any, nothing at all."""

    agreed: Sequence[Agreed] = ()
    most_bp: int = 0
    agreed_on: date | None = None


@dataclass(frozen=True)
class Taken:
    """One deduction: how much, and what is left of the debt; dues are no debt."""

    kind: DeductionKind
    amount_rp: int
    left_rp: int | None = None


# What a member agreed to


def agree(
    session: Session, member_id: int, *, agreed: Sequence[Agreed], most_bp: int, on: date
) -> Terms:
    """Write down what a member lets be taken from now on; what she had agreed to before is kept.

    Refuses what no member can mean by it (`domain.payouts.check_terms`), and a day before what
    stands was agreed.
    """
    access.require(session, Action.SLIPS_PAY)
    rule.check_terms(agreed, most_bp=most_bp)
    # The member is the head row of her agreements: two who write at once come one after the other.
    # Her key is not locked, for whoever only names her and waits for the journal's turn.
    member = session.get(Member, member_id, with_for_update={"key_share": True})
    if member is None:
        raise NobodyAgrees
    terms = session.exec(select(PayoutTerms).where(PayoutTerms.member_id == member_id)).first()
    if terms is not None and on < terms.agreed_on:
        raise AgreedLater(name=member.name, agreed_on=terms.agreed_on)
    for row in _agreements(session, member_id):
        if row.until is None:
            row.until = on
    session.flush()
    for place, each in enumerate(sorted(agreed, key=lambda one: one.position), start=1):
        session.add(
            DeductionAgreement(
                member_id=member_id, kind=each.kind, position=place, most_rp=each.most_rp, since=on
            )
        )
    if terms is None:
        session.add(PayoutTerms(member_id=member_id, most_bp=most_bp, agreed_on=on))
    else:
        terms.most_bp, terms.agreed_on = most_bp, on
    session.flush()
    return _terms(session, [member_id])[member_id]


def terms(session: Session, member_id: int) -> Terms:
    """What a member agreed to, to herself and to whoever sees all slips."""
    access.whose(session, member_id, all_see=Action.SLIPS_SEE_ALL)
    return _terms(session, [member_id])[member_id]


def history(session: Session, member_id: int) -> Sequence[DeductionAgreement]:
    """Every agreement that a member ever made, the newest first."""
    access.whose(session, member_id, all_see=Action.SLIPS_SEE_ALL)
    return list(reversed(_agreements(session, member_id)))


def _agreements(session: Session, member_id: int) -> Sequence[DeductionAgreement]:
    query = select(DeductionAgreement).where(DeductionAgreement.member_id == member_id)
    return session.exec(query.order_by(col(DeductionAgreement.id))).all()


def _terms(session: Session, member_ids: Iterable[int]) -> dict[int, Terms]:
    ids = set(member_ids)
    agreed: dict[int, list[Agreed]] = {member_id: [] for member_id in ids}
    standing = select(DeductionAgreement).where(
        col(DeductionAgreement.member_id).in_(ids), col(DeductionAgreement.until).is_(None)
    )
    for row in session.exec(standing.order_by(col(DeductionAgreement.position))).all():
        agreed[row.member_id].append(Agreed(row.kind, row.position, row.most_rp))
    caps = select(PayoutTerms).where(col(PayoutTerms.member_id).in_(ids))
    cap = {row.member_id: row for row in session.exec(caps).all()}
    return {
        member_id: Terms(agreed[member_id], cap[member_id].most_bp, cap[member_id].agreed_on)
        if member_id in cap
        else Terms()
        for member_id in ids
    }


# What a member owes


def debts(session: Session, member_id: int) -> dict[DeductionKind, int]:
    """What a member owes of each kind, as the journal has it, opening balances too.

    Of the advances only what belongs to goods that are settled by now.
    """
    balances_rp = ledger.member_balances_rp(session, member_id)
    owed = {
        kind: balances_rp.get(account, 0)
        for kind, account in ACCOUNTS.items()
        if kind is not DeductionKind.DUES
    }
    if owed[DeductionKind.ADVANCE] > 0:
        owed[DeductionKind.ADVANCE] -= _not_due_rp(session, member_id)
    return {kind: max(owed_rp, 0) for kind, owed_rp in owed.items()}


def _not_due_rp(session: Session, member_id: int) -> int:
    """Advances on goods of which something lies in store or in an open sale."""
    taken_back = aliased(Delivery)
    lost = (
        select(func.coalesce(func.sum(StockLoss.quantity), 0))
        .where(StockLoss.delivery_id == Delivery.id)
        .scalar_subquery()
    )
    sold = (
        select(func.coalesce(func.sum(Allotment.quantity), 0))
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Allotment.delivery_id == Delivery.id, Sale.stage == SaleStage.SETTLED)
        .scalar_subquery()
    )
    query = (
        select(func.coalesce(func.sum(Advance.amount_rp), 0))
        .join(Delivery, col(Delivery.id) == Advance.delivery_id)
        .where(
            Advance.member_id == member_id,
            col(Advance.reversed_on).is_(None),
            ~select(taken_back.id).where(taken_back.reverses_id == Delivery.id).exists(),
            sold + lost < Delivery.net,
        )
    )
    return int(session.exec(query).one())


# Taking it


def planned(session: Session, rows: Sequence[Slip]) -> dict[int, list[Taken]]:
    """What paying these unpaid slips, one after the other, would take of each, by its key.

    What was taken before is among it: a slip set off against an earlier one of the same sale, and
    one whose money came back.
    """
    for member_id in {row.member_id for row in rows}:
        access.whose(session, member_id, all_see=Action.SLIPS_SEE_ALL)
    every_terms = _terms(session, {row.member_id for row in rows})
    owed = {member_id: debts(session, member_id) for member_id in every_terms}
    touched = [row for row in rows if row.deducted_rp]
    before = taken(session, [row.id for row in touched]) if touched else {}
    came_back = _came_back(session, touched) if touched else set()
    waiting = yarnen.waiting(session, every_terms)
    inputs_rp = {member_id: debts_rp[_INPUTS] for member_id, debts_rp in owed.items()}
    found = {}
    for row in rows:
        debts_rp, agreement = owed[row.member_id], every_terms[row.member_id]
        due_rp = debts_rp
        if row.member_id in waiting:
            # Of bills that wait in parts only what is due by this settlement.
            planned_rp = inputs_rp[row.member_id] - debts_rp[_INPUTS]
            mine_rp = waiting[row.member_id].due_rp(row.id, planned_rp=planned_rp)
            due_rp = debts_rp | {_INPUTS: min(debts_rp[_INPUTS], mine_rp)}
        new: dict[DeductionKind, int] = {}
        if row.id not in came_back:
            new = rule.deductions(
                row.net_value_rp - row.deducted_rp,
                debts_rp=due_rp,
                agreed=agreement.agreed,
                most_bp=agreement.most_bp,
            )
        for kind in new.keys() & debts_rp.keys():
            debts_rp[kind] -= new[kind]
        found[row.id] = _together(before.get(row.id, {}), new, debts_rp)
    return found


def planned_for(session: Session, row: Slip) -> list[Taken]:
    """What paying one unpaid slip now would take of it."""
    return planned(session, [row])[row.id]


def _together(
    before: Mapping[DeductionKind, int],
    new: Mapping[DeductionKind, int],
    debts_rp: Mapping[DeductionKind, int],
) -> list[Taken]:
    kinds = [*before, *(kind for kind in new if kind not in before)]
    return [
        Taken(kind, before.get(kind, 0) + new.get(kind, 0), debts_rp.get(kind)) for kind in kinds
    ]


def _came_back(session: Session, rows: Sequence[Slip]) -> set[int]:
    query = select(PayoutReturn.slip_id).where(
        col(PayoutReturn.slip_id).in_([row.id for row in rows])
    )
    return set(session.exec(query).all())


def taken(session: Session, slip_ids: Iterable[int]) -> dict[int, dict[DeductionKind, int]]:
    """What was taken of slips, by their keys, in the order in which it was; the caller may see."""
    query = select(SlipDeduction).where(col(SlipDeduction.slip_id).in_(set(slip_ids)))
    found: dict[int, dict[DeductionKind, int]] = {}
    for row in session.exec(query.order_by(col(SlipDeduction.id))).all():
        found.setdefault(row.slip_id, {})[row.kind] = row.amount_rp
    return found


def draw(session: Session, rows: Sequence[Slip], *, on: date) -> None:
    """Take of each of these unpaid, locked slips what its member agreed to, in one entry for each.

    Part of paying or of a payout list, which ask for the permission.
    """
    # From here on nobody posts, so that what a member owes is not taken twice.
    numbers.wait_turn(session, ledger.COUNTER)
    for row in rows:
        # One slip after the other: the entry of one changes what its member still owes.
        wanted = planned_for(session, row)
        if sum(one.amount_rp for one in wanted) != row.deducted_rp:
            _write(session, row, wanted, on=on)


def _write(session: Session, row: Slip, wanted: Sequence[Taken], *, on: date) -> None:
    if row.deducted_entry_id is not None:
        # All of a slip's deductions stand in one entry: what was set off is posted with the rest.
        ledger.reverse(session, row.deducted_entry_id, on=on, memo=N_("Written with the rest"))
    known = {
        one.kind: one
        for one in session.exec(select(SlipDeduction).where(SlipDeduction.slip_id == row.id)).all()
    }
    for one in wanted:
        if one.kind in known:
            known[one.kind].amount_rp = one.amount_rp
        else:
            session.add(SlipDeduction(slip_id=row.id, kind=one.kind, amount_rp=one.amount_rp))
    total_rp = sum(one.amount_rp for one in wanted)
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Taken from a payout, as the member agreed"),
        paper=f"slip:{row.id}",
        postings=[
            Posting(OWED_TO_MEMBERS, debit_rp=total_rp, member_id=row.member_id),
            *(
                Posting(ACCOUNTS[one.kind], credit_rp=one.amount_rp, member_id=row.member_id)
                for one in wanted
            ),
        ],
    )
    row.deducted_rp, row.deducted_entry_id = total_rp, entry.id
    session.flush()


def undo(session: Session, row: Slip, *, on: date) -> None:
    """Give back what was taken of an unpaid, locked slip: it is taken when the slip is paid."""
    if row.deducted_entry_id is None:
        return
    ledger.reverse(session, row.deducted_entry_id, on=on, memo=N_("Not taken from the payout"))
    for one in session.exec(select(SlipDeduction).where(SlipDeduction.slip_id == row.id)).all():
        session.delete(one)
    row.deducted_rp, row.deducted_entry_id = 0, None
    session.flush()
