"""What members let be taken from their payouts: agreements, what they owe, and taking it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from kopprod.domain import payouts as rule
from kopprod.domain.access import Action
from kopprod.domain.ledger import OWED_TO_MEMBERS, Posting
from kopprod.domain.payouts import ACCOUNTS, Agreed, DeductionKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, ledger, numbers, yarnen
from kopprod.tables.members import Member
from kopprod.tables.payouts import (
    Advance,
    DeductionAgreement,
    PayoutReturn,
    PayoutTerms,
    SlipDeduction,
)
from kopprod.tables.slips import Slip
from kopprod.tables.stock import StockLot

_INPUTS = DeductionKind.INPUTS
_FEW = 20  # members of whom it is quicker to ask one by one


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
    has_advance = balances_rp.get(ACCOUNTS[DeductionKind.ADVANCE], 0) > 0
    not_due_rp = _not_due_rp(session, member_id) if has_advance else {}
    return _debts(balances_rp, not_due_rp.get(member_id, 0))


def debts_of(session: Session, member_ids: Collection[int]) -> dict[int, dict[DeductionKind, int]]:
    """The same of many members, in as many statements as there are kinds of debt."""
    if len(member_ids) <= _FEW:
        return {member_id: debts(session, member_id) for member_id in member_ids}
    accounts = [account for kind, account in ACCOUNTS.items() if kind is not DeductionKind.DUES]
    balances_rp = {account: ledger.balances_rp(session, account) for account in accounts}
    not_due_rp = _not_due_rp(session)
    return {
        member_id: _debts(
            {account: found.get(member_id, 0) for account, found in balances_rp.items()},
            not_due_rp.get(member_id, 0),
        )
        for member_id in member_ids
    }


def _debts(balances_rp: Mapping[str, int], not_due_rp: int) -> dict[DeductionKind, int]:
    owed = {
        kind: balances_rp.get(account, 0)
        for kind, account in ACCOUNTS.items()
        if kind is not DeductionKind.DUES
    }
    if owed[DeductionKind.ADVANCE] > 0:
        owed[DeductionKind.ADVANCE] -= not_due_rp
    return {kind: max(owed_rp, 0) for kind, owed_rp in owed.items()}


def _not_due_rp(session: Session, *member_ids: int) -> dict[int, int]:
    """Advances on goods of which something lies in store or in an open sale, by member."""
    query: Any = select(Advance.member_id, func.sum(Advance.amount_rp)).where(
        # By their keys; joined to them, SQLite would begin with all that was ever paid.
        col(Advance.delivery_id).in_(select(StockLot.delivery_id)),
        col(Advance.reversed_on).is_(None),
    )
    if member_ids:
        query = query.where(col(Advance.member_id).in_(member_ids))
    rows = session.exec(query.group_by(col(Advance.member_id))).all()
    return {member_id: int(total_rp) for member_id, total_rp in rows}


# Taking it


def planned(session: Session, rows: Sequence[Slip]) -> dict[int, list[Taken]]:
    """What paying these unpaid slips, one after the other, would take of each, by its key.

    What was taken before is among it: a slip set off against an earlier one of the same sale, and
    one whose money came back.
    """
    for member_id in {row.member_id for row in rows}:
        access.whose(session, member_id, all_see=Action.SLIPS_SEE_ALL)
    every_terms = _terms(session, {row.member_id for row in rows})
    owed = debts_of(session, every_terms.keys())
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
