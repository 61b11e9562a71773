"""The journal's only writer: entries are drafted, given their lines, then posted by one UPDATE.

`post` and `reverse` ask for no permission of their own: they are called inside a service that has
asked for its own (settling, paying). What a person does by hand (`open_balances`, `post_by_hand`,
`correct`) asks for `ledger.post`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import (
    CHART,
    EntryStage,
    Posting,
    SubLedger,
    check_entry,
    difference_rp,
    reversed_postings,
)
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, account_sums, days, numbers
from kopprod.services.account_sums import MOVED
from kopprod.tables.ledger import Account, Entry, Line
from kopprod.tables.numbers import Counter

COUNTER = "entry"
OPENING_PAPER = "opening:1"
# Entries that no other paper stands behind; only these may be corrected by hand.
HAND_PAPERS = ("opening:", "hand:")


class CashShort(Refusal):
    """More would be taken out than is there."""

    sentence = N_(
        "{account} holds only {held_rp} for that day, so {wanted_rp} cannot be taken out of it. "
        "Nothing was written. Write down first what came in, or take it from elsewhere."
    )


class EntryUnknown(Refusal):
    """No posted entry of that number."""

    sentence = N_("There is no such entry in the journal.")


class AlreadyReversed(Refusal):
    """One reversal is enough."""

    sentence = N_("Entry {number} has already been reversed.")


class IsReversal(Refusal):
    """A reversal of a reversal would hide what happened."""

    sentence = N_("Entry {number} is itself a reversal and cannot be reversed.")


class BelongsToPaper(Refusal):
    """The entry came from a sale, a slip or a payment."""

    sentence = N_("Entry {number} comes from another paper ({paper}); correct it there.")


class MemoMissing(Refusal):
    """An entry that nobody will understand next year."""

    sentence = N_("Please write what the entry is for.")


class EntryInFuture(Refusal):
    """Money that moves on a day that has not come."""

    sentence = N_("{day_on} has not come yet. Money is written down on the day on which it moves.")


class AlreadyOpened(Refusal):
    """Opening balances are taken over once."""

    sentence = N_("The opening balances are already in the journal. Reverse them first.")


class OpeningNotBalanced(Refusal):
    """What the cooperative has and what it owes or owns differ."""

    sentence = N_(
        "The opening balances do not balance: debit {debit_rp}, credit {credit_rp},"
        " difference {difference_rp}."
    )


def open_chart(session: Session) -> None:
    """Give a new cooperative its accounts, and the counter that numbers its entries."""
    session.add(Counter(name=COUNTER, last=0))
    session.add_all(
        Account(
            code=plan.code,
            name=plan.name,
            kind=plan.kind,
            sub_ledger=plan.sub_ledger,
            holds_money=plan.holds_money,
            act_id=session.info["act_id"],
        )
        for plan in CHART
    )
    session.flush()


def post(
    session: Session, *, on: date, memo: str, paper: str, postings: Sequence[Posting]
) -> Entry:
    """Post an entry inside the caller's transaction. `memo` is a message id or a person's words.

    `paper` names what it came from (`sale:12`). Refuses what is no double entry, a day that has not
    come, and what would take a cash or bank account below zero (`CashShort`).
    """
    return _post(session, on=on, memo=memo, paper=paper, postings=postings, reverses_id=None)


def reverse(session: Session, entry_id: int, *, on: date, memo: str) -> Entry:
    """Post the opposite of an entry, once; a reversal itself stays."""
    entry = session.get(Entry, entry_id, with_for_update=True)
    if entry is None or entry.stage is not EntryStage.POSTED:
        raise EntryUnknown
    number = entry.number or 0
    if entry.reverses_id is not None:
        raise IsReversal(number=number)
    if session.exec(select(Entry.id).where(Entry.reverses_id == entry_id)).first() is not None:
        raise AlreadyReversed(number=number)
    return _post(
        session,
        on=on,
        memo=memo,
        paper=entry.paper,
        postings=reversed_postings(_postings(session, entry_id)),
        reverses_id=entry_id,
    )


def correct(session: Session, entry_id: int, *, on: date, memo: str) -> Entry:
    """Reverse an entry that was made by hand; what came from another paper is corrected there."""
    access.require(session, Action.LEDGER_POST)
    entry = session.get(Entry, entry_id)
    if entry is None:
        raise EntryUnknown
    if not entry.paper.startswith(HAND_PAPERS):
        raise BelongsToPaper(number=entry.number or 0, paper=entry.paper)
    return reverse(session, entry_id, on=on, memo=_said(memo))


def post_by_hand(
    session: Session,
    *,
    on: date,
    memo: str,
    postings: Sequence[Posting],
    draft_key: str | None = None,
) -> Entry:
    """Post what no other topic posts: a treasurer's own entry.

    The same `draft_key` again gives the entry that is there.
    """
    access.require(session, Action.LEDGER_POST)
    paper = f"hand:{draft_key or session.info['act_id']}"
    numbers.wait_turn(session, COUNTER)
    known = select(Entry).where(Entry.paper == paper, col(Entry.reverses_id).is_(None))
    found = None if draft_key is None else session.exec(known).first()
    if found is not None:
        return found
    return post(session, on=on, memo=_said(memo), paper=paper, postings=postings)


def _said(memo: str) -> str:
    kept = tidy(memo)[:300]
    if not kept:
        raise MemoMissing
    return kept


def open_balances(session: Session, *, on: date, balances: Sequence[Posting]) -> Entry:
    """Take over what the cooperative had when it began, in one entry, once unless reversed.

    Accounts with a sub-ledger are given member by member and buyer by buyer. Refuses with the
    difference in rupiah where both sides are not equal.
    """
    access.require(session, Action.LEDGER_POST)
    numbers.wait_turn(session, COUNTER)
    if is_opened(session):
        raise AlreadyOpened
    difference = difference_rp(balances)
    if difference:
        raise OpeningNotBalanced(
            debit_rp=sum(balance.debit_rp for balance in balances),
            credit_rp=sum(balance.credit_rp for balance in balances),
            difference_rp=abs(difference),
        )
    memo = N_("Opening balances")
    return post(session, on=on, memo=memo, paper=OPENING_PAPER, postings=balances)


def is_opened(session: Session) -> bool:
    """Whether opening balances stand in the journal and have not been reversed."""
    reversal = aliased(Entry)
    standing = select(Entry.id).where(
        Entry.paper == OPENING_PAPER,
        # As a sum it has no index: almost every entry reverses none.
        func.coalesce(Entry.reverses_id, 0) == 0,
        ~select(reversal.id).where(reversal.reverses_id == Entry.id).exists(),
    )
    return session.exec(standing).first() is not None


def _post(
    session: Session,
    *,
    on: date,
    memo: str,
    paper: str,
    postings: Sequence[Posting],
    reverses_id: int | None,
) -> Entry:
    accounts = accounts_of(session, postings)
    check_entry(postings, {code: account.sub_ledger for code, account in accounts.items()})
    if on > days.today(session):
        raise EntryInFuture(day_on=on)
    # Whoever holds the counter is the only one who posts: nobody else takes the same money.
    number = numbers.take_many(session, COUNTER, 1)
    for code in sorted(code for code, account in accounts.items() if account.holds_money):
        _check_money(session, accounts[code], on=on, postings=postings)
    entry = Entry(
        stage=EntryStage.DRAFT,
        on=on,
        memo=memo,
        paper=paper,
        reverses_id=reverses_id,
        act_id=session.info["act_id"],
    )
    session.add(entry)
    session.flush()
    session.execute(insert(Line), [_values(entry.id, posting) for posting in postings])
    # One statement, at which the database's own triggers check the entry and seal it.
    session.execute(
        update(Entry)
        .where(col(Entry.id) == entry.id)
        .values(stage=EntryStage.POSTED, number=number, posted_at=session.info["at"])
    )
    return entry


def accounts_of(session: Session, postings: Sequence[Posting]) -> dict[str, Account]:
    """The accounts that an entry names, as far as they are there and in use."""
    codes = {posting.account for posting in postings}
    # Kept for the transaction: a payout list posts a hundred entries to the same accounts.
    known: dict[str, Account] = session.info.setdefault("accounts", {})
    unknown = codes - known.keys()
    if unknown:
        found = session.exec(select(Account).where(col(Account.code).in_(unknown)))
        known.update((account.code, account) for account in found)
    return {code: known[code] for code in codes if code in known and known[code].active}


def _check_money(
    session: Session, account: Account, *, on: date, postings: Sequence[Posting]
) -> None:
    wanted = -difference_rp([posting for posting in postings if posting.account == account.code])
    if wanted <= 0:
        return
    held = _lowest_rp(session, account.code, since=on)
    if wanted > held:
        raise CashShort(account=account.name, held_rp=max(held, 0), wanted_rp=wanted)


def _lowest_rp(session: Session, code: str, *, since: date) -> int:
    """The lowest that an account holds on that day and on all later ones."""
    held = account_sums.held(session, code).moved_rp
    later_entry = select(Entry.id).where(Entry.on > since).limit(1)
    if session.exec(later_entry).first() is None:
        return held
    changes = session.exec(
        select(col(Entry.on), MOVED)
        .join(Line, col(Line.entry_id) == Entry.id)
        .where(Line.account_code == code, Entry.on > since)
        .group_by(col(Entry.on))
        .order_by(col(Entry.on).desc())
    )
    lowest = held
    for _day, change in changes:
        held -= int(change)
        lowest = min(lowest, held)
    return lowest


def _sum_rp(session: Session, *conditions: Any) -> int:
    total = session.exec(select(MOVED).where(*conditions)).one()
    return int(total)


def _postings(session: Session, entry_id: int) -> list[Posting]:
    lines = session.exec(select(Line).where(Line.entry_id == entry_id).order_by(col(Line.id)))
    return [
        Posting(
            account=line.account_code,
            debit_rp=line.debit_rp,
            credit_rp=line.credit_rp,
            member_id=line.member_id,
            buyer_id=line.buyer_id,
            business_unit=line.business_unit,
        )
        for line in lines
    ]


def _values(entry_id: int, posting: Posting) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "account_code": posting.account,
        "debit_rp": posting.debit_rp,
        "credit_rp": posting.credit_rp,
        "member_id": posting.member_id,
        "buyer_id": posting.buyer_id,
        "business_unit": posting.business_unit,
    }


def balance_rp(
    session: Session,
    account: str,
    *,
    member_id: int | None = None,
    buyer_id: int | None = None,
    until: date | None = None,
) -> int:
    """Debit less credit of an account, of one member or buyer if named, before the day `until`."""
    person = access.person(session)
    if member_id is None or member_id != person.member_id:
        access.require(session, Action.LEDGER_SEE)
    if member_id is None and buyer_id is None and until is None:
        return account_sums.held(session, account).moved_rp
    conditions: list[Any] = [Line.account_code == account]
    if member_id is not None:
        conditions.append(Line.member_id == member_id)
    if buyer_id is not None:
        conditions.append(Line.buyer_id == buyer_id)
    if until is not None:
        conditions.append(col(Line.entry_id).in_(select(Entry.id).where(Entry.on < until)))
    return _sum_rp(session, *conditions)


def balances_rp(session: Session, account: str, *, until: date | None = None) -> dict[int, int]:
    """Debit less credit of a sub-ledger account by member or buyer id, without those at zero."""
    access.require(session, Action.LEDGER_SEE)
    row = session.get(Account, account)
    if row is None or row.sub_ledger is SubLedger.NONE:
        return {}
    whom = col(Line.member_id) if row.sub_ledger is SubLedger.MEMBER else col(Line.buyer_id)
    early: list[Any] = []
    if until is not None:
        early.append(col(Line.entry_id).in_(select(Entry.id).where(Entry.on < until)))
    return account_sums.apart(session, account, whom, *early)


def member_balances_rp(session: Session, member_id: int) -> dict[str, int]:
    """Debit less credit of every account that names this member, by code; her own she may see."""
    if member_id != access.person(session).member_id:
        access.require(session, Action.LEDGER_SEE)
    query = select(col(Line.account_code), MOVED).where(Line.member_id == member_id)
    found = session.exec(query.group_by(col(Line.account_code)))
    return {code: int(total) for code, total in found}
