"""Payouts: what waits to be paid, and lists of slips that are paid together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.payouts import BatchKind, DeductionKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, claims, deductions, numbers, sent, slips
from kopprod.services.payments import check_money
from kopprod.tables.access import AppUser
from kopprod.tables.buying import Buying
from kopprod.tables.cooperative import Village
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.payouts import PayoutBatch
from kopprod.tables.products import Product
from kopprod.tables.sales import Sale
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Act

_NUMBERS = "BAYAR"


class UnknownList(Refusal):
    """No payout list of that key."""

    sentence = N_("This payout list is not here. Go back to the payouts.")


class NobodyOnList(Refusal):
    """A list without a slip."""

    sentence = N_("Choose at least one slip for the list.")


class NobodyHasAccount(Refusal):
    """A file for the bank that would name nobody."""

    sentence = N_(
        "None of these members has a bank or e-wallet account in the register: {names}. "
        "Write it down there first, or pay them in cash."
    )


class OnAnotherList(Refusal):
    """A slip that somebody is paying by another list."""

    sentence = N_("Slip {number} of {name} is on list {batch} already. Take one of them off.")


class NotOnList(Refusal):
    """The list was changed while somebody was paying by it."""

    sentence = N_(
        "Slip {number} of {name} is not on the list any more. Nothing was paid. "
        "Look at the list as it is now."
    )


class ListChanged(Refusal):
    """Other slips are unpaid than those that stood on the screen."""

    sentence = N_(
        "List {number} was changed or partly paid meanwhile. Nothing was paid. "
        "Look at the list as it is now."
    )


class ListFinished(Refusal):
    """Nothing on it is unpaid."""

    sentence = N_("List {number} is finished: everything on it is paid.")


class BeforeList(Refusal):
    """A payment from before the list was drawn up."""

    sentence = N_("List {number} is of {drawn_on}. Choose that day or a later one.")


# What waits


@dataclass(frozen=True)
class Payable:
    """A slip with what it is of: a sale, or a delivery that was bought outright.

    `on` is since when it waits; `batch` the number of the list that it stands on.
    """

    slip: Slip
    member: Member
    village: str
    product: str
    source: str
    on: date
    batch: str | None = None
    taken: Mapping[DeductionKind, int] | None = None

    @property
    def left_rp(self) -> int:
        """What is handed out once the deductions are taken."""
        return self.slip.net_value_rp - self.slip.deducted_rp


def unpaid(session: Session) -> list[Payable]:
    """Every slip that waits to be paid, the oldest first; those on a list too."""
    access.require(session, Action.SLIPS_SEE_ALL)
    return _payable(
        session,
        col(Slip.paid_on).is_(None),
        col(Slip.voided_on).is_(None),
        Slip.net_value_rp > 0,
    )


def _payable(session: Session, *where: Any) -> list[Payable]:
    since = func.coalesce(Sale.settled_on, Buying.bought_on)
    query: Any = (
        select(Slip, Member, Village.name, Product.name, Sale, Buying, Delivery, PayoutBatch)  # type: ignore[call-overload]
        .join(Member, col(Member.id) == Slip.member_id)
        .outerjoin(Village, col(Village.id) == Member.village_id)
        .outerjoin(Sale, col(Sale.id) == Slip.sale_id)
        .outerjoin(Buying, col(Buying.id) == Slip.buying_id)
        .outerjoin(Delivery, col(Delivery.id) == Buying.delivery_id)
        .join(Product, col(Product.id) == func.coalesce(Sale.product_id, Delivery.product_id))
        .outerjoin(PayoutBatch, col(PayoutBatch.id) == Slip.batch_id)
        .where(*where)
        .order_by(since, col(Slip.id))
    )
    found = session.exec(query).all()
    taken = deductions.taken(session, [row[0].id for row in found])
    return [_line(*row, taken=taken.get(row[0].id, {})) for row in found]


def _line(
    slip: Slip,
    member: Member,
    village: str | None,
    product: str,
    sale: Sale | None,
    bought: Buying | None,
    delivery: Delivery | None,
    batch: PayoutBatch | None,
    *,
    taken: Mapping[DeductionKind, int],
) -> Payable:
    if sale is not None:
        source, on = sale.number, sale.settled_on or sale.sold_on
    else:
        assert bought is not None
        assert delivery is not None
        source, on = delivery.number, bought.bought_on
    standing = batch is not None and (batch.closed_on is None or slip.paid_on is not None)
    number = batch.number if batch is not None and standing else None
    return Payable(slip, member, village or "", product, source, on, number, taken)


# Lists


@dataclass(frozen=True)
class PayoutList:
    """A list with its slips in the order of their members' names, and who drew it up."""

    batch: PayoutBatch
    rows: Sequence[Payable]
    drawn_by: str = ""

    @property
    def open_rows(self) -> list[Payable]:
        """Those that are not paid yet."""
        return [row for row in self.rows if row.slip.paid_on is None]

    @property
    def total_rp(self) -> int:
        """What the whole list hands out."""
        return sum(row.left_rp for row in self.rows)

    @property
    def unpaid_rp(self) -> int:
        """What is still to be handed out."""
        return sum(row.left_rp for row in self.open_rows)


def payout_list(session: Session, batch_id: int) -> PayoutList:
    """One payout list."""
    access.require(session, Action.SLIPS_SEE_ALL)
    batch = session.get(PayoutBatch, batch_id)
    if batch is None:
        raise UnknownList
    rows = _payable(session, Slip.batch_id == batch_id)
    rows.sort(key=lambda row: (row.member.name.casefold(), row.slip.id))
    act = session.get(Act, batch.act_id)
    drawer = None if act is None or act.user_id is None else session.get(AppUser, act.user_id)
    return PayoutList(batch, rows, "" if drawer is None else drawer.name)


def without_account(rows: Iterable[Payable]) -> list[Payable]:
    """Those whose money cannot be transferred: the register has no account of theirs."""
    return [row for row in rows if row.member.account_number is None]


def draw_up(
    session: Session,
    slip_ids: Collection[int],
    *,
    kind: BatchKind,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> PayoutBatch:
    """Put slips on a list, which takes of each what its member agreed to; nothing is paid yet.

    A slip of which nothing is left is paid by that. Members without an account are left out of a
    list for the bank (`without_account` names them). Refuses slips that are paid, void or on
    another list, and whoever settled them. The same `draft_key` again gives the list that is there.
    """
    access.require(session, Action.SLIPS_PAY)
    check_money(account)
    numbers.wait_turn(session, _NUMBERS, on.year)
    known = sent.same(session, PayoutBatch, draft_key, {"kind": kind, "account_code": account})
    if known is not None:
        return known
    # In one order for everybody, so that two lists at once never wait for each other.
    rows = [slips.lock(session, slip_id) for slip_id in sorted(set(slip_ids))]
    makers = {row.id: _check_free(session, row, on=on) for row in rows}
    if kind is BatchKind.TRANSFER:
        rows = _with_account(session, rows)
    if not rows:
        raise NobodyOnList
    batch = PayoutBatch(
        number=numbers.take(session, _NUMBERS, on.year),
        kind=kind,
        account_code=account,
        drawn_on=on,
        draft_key=draft_key,
    )
    session.add(batch)
    session.flush()
    for row in rows:
        row.batch_id = batch.id
    deductions.draw(session, rows, on=on)
    for row in rows:
        if row.deducted_rp == row.net_value_rp:
            slips.hand_over(session, row, account=account, on=on, by_maker=makers[row.id])
    _close_if_paid(session, batch, on=on)
    return batch


def _check_free(session: Session, row: Slip, *, on: date) -> bool:
    by_maker = slips.check_payable(session, row, on=on)
    batch = None if row.batch_id is None else session.get(PayoutBatch, row.batch_id)
    if batch is not None and batch.closed_on is None:
        name = session.get_one(Member, row.member_id).name
        raise OnAnotherList(number=row.number, name=name, batch=batch.number)
    return by_maker


def _with_account(session: Session, rows: Sequence[Slip]) -> list[Slip]:
    members = {row.id: session.get_one(Member, row.member_id) for row in rows}
    found = [row for row in rows if members[row.id].account_number is not None]
    if rows and not found:
        raise NobodyHasAccount(names=", ".join(sorted({one.name for one in members.values()})))
    return found


def mark_paid(session: Session, slip_id: int, *, on: date, batch_id: int | None = None) -> Slip:
    """Note that the money of one slip of an open list went out: signed for, or transferred.

    Refuses a slip that is not on the list (`batch_id`, or any) any more. The last one closes it.
    """
    access.require(session, Action.SLIPS_PAY)
    batch = _lock_list_of(session, slip_id, batch_id)
    row = slips.lock(session, slip_id)
    _hand_over(session, batch, row, on=on)
    _close_if_paid(session, batch, on=on)
    return row


def mark_all_paid(
    session: Session, batch_id: int, *, on: date, seen: Collection[int] | None = None
) -> PayoutBatch:
    """Note that the money of everybody on a list went out.

    Refuses when the unpaid slips of the list are not those that were `seen`.
    """
    access.require(session, Action.SLIPS_PAY)
    batch = _lock_list(session, batch_id)
    if batch.closed_on is not None:
        raise ListFinished(number=batch.number)
    ids = sorted(_unpaid_ids(session, batch))
    if seen is not None and set(ids) != set(seen):
        raise ListChanged(number=batch.number)
    # All of them before the journal, as whoever takes a settlement back does.
    for row in [slips.lock(session, slip_id) for slip_id in ids]:
        _hand_over(session, batch, row, on=on)
    _close_if_paid(session, batch, on=on)
    return batch


def take_off(
    session: Session, slip_id: int, *, on: date, batch_id: int | None = None
) -> PayoutBatch:
    """Take an unpaid slip off its list, and give back what was taken of it."""
    access.require(session, Action.SLIPS_PAY)
    batch = _lock_list_of(session, slip_id, batch_id)
    row = slips.lock(session, slip_id)
    if row.paid_on is not None:
        raise slips.SlipPaidAlready(number=row.number, paid_on=row.paid_on)
    _check_day(batch, on)
    deductions.undo(session, row, on=on)
    claims.set_off(session, [row], on=on)  # what she had of the same sale stays set off
    row.batch_id = None
    session.flush()
    _close_if_paid(session, batch, on=on)
    return batch


def _lock_list(session: Session, batch_id: int) -> PayoutBatch:
    batch = session.get(PayoutBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise UnknownList
    return batch


def _lock_list_of(session: Session, slip_id: int, batch_id: int | None) -> PayoutBatch:
    """The list that a slip stands on, held; a list is always locked before its slips."""
    row = session.get(Slip, slip_id, populate_existing=True)
    if row is None:
        raise slips.UnknownSlip
    gone = NotOnList(number=row.number, name=session.get_one(Member, row.member_id).name)
    if row.batch_id is None or batch_id not in (None, row.batch_id):
        raise gone
    batch = _lock_list(session, row.batch_id)
    # Whoever took it off meanwhile held the list until now.
    session.refresh(row)
    if row.batch_id != batch.id:
        raise gone
    if row.paid_on is None and batch.closed_on is not None:
        raise gone
    return batch


def _hand_over(session: Session, batch: PayoutBatch, row: Slip, *, on: date) -> None:
    _check_day(batch, on)
    by_maker = slips.check_payable(session, row, on=on)
    slips.hand_over(session, row, account=batch.account_code, on=on, by_maker=by_maker)


def _check_day(batch: PayoutBatch, on: date) -> None:
    if on < batch.drawn_on:
        raise BeforeList(number=batch.number, drawn_on=batch.drawn_on)


def _unpaid_ids(session: Session, batch: PayoutBatch) -> Sequence[int]:
    query = select(Slip.id).where(Slip.batch_id == batch.id, col(Slip.paid_on).is_(None))
    return session.exec(query).all()


def _close_if_paid(session: Session, batch: PayoutBatch, *, on: date) -> None:
    if not _unpaid_ids(session, batch):
        batch.closed_on = on
        session.flush()
