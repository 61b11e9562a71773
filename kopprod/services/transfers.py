"""Transfer files: formats that are kept for each bank, and the lines of a list in one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import transfers as rules
from kopprod.domain.access import Action
from kopprod.domain.payouts import BatchKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.transfers import Layout, Transfer
from kopprod.services import access, numbers, payouts
from kopprod.tables.payouts import TransferFormat


class UnknownFormat(Refusal):
    """No format of that key."""

    sentence = N_("This format is not here.")


class FormatKnown(Refusal):
    """Two formats of one name cannot be told apart."""

    sentence = N_("There is a format named {name} already. Give this one another name.")


class NotForTheBank(Refusal):
    """A list that is paid from the box."""

    sentence = N_("List {number} is paid in cash, so there is no file for the bank.")


class NothingToTransfer(Refusal):
    """Everything on the list went out."""

    sentence = N_("Everything on list {number} is paid, so there is nothing to transfer.")


@dataclass(frozen=True)
class Kept:
    """A format with its layout."""

    row: TransferFormat
    layout: Layout


@dataclass(frozen=True)
class Lines:
    """The contents of a file; `rows` are words, and money as whole numbers."""

    layout: Layout
    titles: Sequence[str]
    rows: Sequence[Sequence[str | int]]


def formats(session: Session) -> list[Kept]:
    """The formats that are in use, by name."""
    access.require(session, Action.SLIPS_SEE_ALL)
    query = select(TransferFormat).where(TransferFormat.active).order_by(col(TransferFormat.name))
    return [_kept(row) for row in session.exec(query).all()]


def _kept(row: TransferFormat) -> Kept:
    columns = rules.from_json(row.columns)
    return Kept(row, Layout(columns, row.separator, row.has_titles))


def keep(
    session: Session, *, name: str, layout: Layout, format_id: int | None = None
) -> TransferFormat:
    """Keep a format, a new one or a changed one; refuses what no bank could pay by."""
    access.require(session, Action.SLIPS_PAY)
    named, checked = rules.check_name(name), rules.check_layout(layout)
    numbers.wait_turn(session, "transfer_format")
    same_name = select(TransferFormat).where(TransferFormat.name == named)
    known = session.exec(same_name).first()
    row = known if format_id is None else _one(session, format_id)
    if known is not None and (known.active if format_id is None else known.id != format_id):
        raise FormatKnown(name=named)
    # One of this name that had been given up is taken up again.
    row = row or TransferFormat(name=named, columns="[]")
    row.name, row.columns, row.active = named, rules.to_json(checked.columns), True
    row.separator, row.has_titles = checked.separator, checked.has_titles
    session.add(row)
    session.flush()
    return row


def _one(session: Session, format_id: int) -> TransferFormat:
    row = session.get(TransferFormat, format_id)
    if row is None:
        raise UnknownFormat
    return row


def give_up(session: Session, format_id: int) -> TransferFormat:
    """A format is not offered any more."""
    access.require(session, Action.SLIPS_PAY)
    row = _one(session, format_id)
    row.active = False
    session.flush()
    return row


def lines(session: Session, batch_id: int, *, layout: Layout, on: date) -> Lines:
    """What is still to be transferred of a list, in a layout; who sees accounts may pay too.

    What is paid already is left out, so that nobody is paid twice by the same file.
    """
    access.require(session, Action.SLIPS_PAY)
    found = payouts.payout_list(session, batch_id)
    batch = found.batch
    if batch.kind is not BatchKind.TRANSFER:
        raise NotForTheBank(number=batch.number)
    if not found.open_rows:
        raise NothingToTransfer(number=batch.number)
    transfers = [
        Transfer(
            account_number=row.member.account_number or "",
            holder=row.member.account_holder or row.member.name,
            provider=row.member.account_provider or "",
            amount_rp=row.left_rp,
            slip_number=row.slip.number,
            list_number=batch.number,
            member_number=row.member.number,
            name=row.member.name,
            on=on,
        )
        for row in found.open_rows
    ]
    return Lines(layout, rules.titles(layout), [rules.cells(layout, one) for one in transfers])
