"""Verification codes: made for every receipt and slip, and asked for by whoever holds the paper."""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from kopprod.domain import codes as rules
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.services import failures
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.payouts import Advance
from kopprod.tables.products import Product
from kopprod.tables.purchases import PurchaseBill
from kopprod.tables.sales import Sale
from kopprod.tables.slips import Slip


def new() -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.LENGTH))


# The letters in which ten random bytes are written as sixteen, and ours for them.
_OURS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", rules.ALPHABET)
_BYTES = 10


def new_many(count: int) -> list[str]:
    """So many codes that nobody can guess, each of as many random bits as one alone."""
    letters = b32encode(secrets.token_bytes(_BYTES * count)).decode().translate(_OURS)
    return [letters[at : at + rules.LENGTH] for at in range(0, len(letters), rules.LENGTH)]


@dataclass(frozen=True)
class Confirmed:
    """All that a stranger learns of a paper: either what was weighed or what was shared out.

    `cancelled_on`: when it was taken back; `cancels`: itself the taking back of another paper.
    """

    number: str
    on: date
    net: Quantity | None = None
    value_rp: int | None = None
    cancelled_on: date | None = None
    cancels: bool = False

    @property
    def is_cancelled(self) -> bool:
        """Whether it no longer counts."""
        return self.cancelled_on is not None


def confirm(session: Session, *, code: str) -> Confirmed | None:
    """The paper of a code; open to everybody, because whoever knows the code holds the paper.

    Found by a unique index, so that how long it takes tells nothing of the codes that exist.
    """
    makers = (_delivery, _slip, _advance, _bill)
    return next((found for make in makers if (found := make(session, code))), None)


def _delivery(session: Session, code: str) -> Confirmed | None:
    query = (
        select(Delivery, Product.base_unit)
        .join(Product, col(Product.id) == Delivery.product_id)
        .where(Delivery.code == code)
    )
    found = session.exec(query).first()
    if found is None:
        return None
    delivery, unit = found
    reversal = select(col(Delivery.received_on)).where(Delivery.reverses_id == delivery.id)
    return Confirmed(
        number=delivery.number,
        on=delivery.received_on,
        net=Quantity(delivery.net, BaseUnit(unit)),
        cancelled_on=session.exec(reversal).first(),
        cancels=delivery.reverses_id is not None,
    )


def _slip(session: Session, code: str) -> Confirmed | None:
    made_on = func.coalesce(Sale.settled_on, Buying.bought_on, Sale.sold_on)
    query = (
        select(Slip, made_on)
        .outerjoin(Sale, col(Sale.id) == Slip.sale_id)
        .outerjoin(Buying, col(Buying.id) == Slip.buying_id)
        .where(Slip.code == code)
    )
    found = session.exec(query).first()
    if found is None:
        return None
    slip, on = found
    return Confirmed(
        number=slip.number,
        on=on,
        value_rp=slip.net_value_rp,
        cancelled_on=slip.voided_on,
    )


def _advance(session: Session, code: str) -> Confirmed | None:
    found = session.exec(select(Advance).where(Advance.code == code)).first()
    if found is None:
        return None
    return Confirmed(
        number=found.number,
        on=found.paid_on,
        value_rp=found.amount_rp,
        cancelled_on=found.reversed_on,
    )


def _bill(session: Session, code: str) -> Confirmed | None:
    found = session.exec(select(PurchaseBill).where(PurchaseBill.code == code)).first()
    if found is None:
        return None
    return Confirmed(number=found.number, on=found.billed_on, value_rp=found.bill_rp)


def pause_ms(session: Session, *, address: str, at: datetime) -> int:
    """How long to hold back an answer to this address; nobody is refused for an address."""
    return rules.pause_ms(failures.recent(session, _subject(address), at=at))


def count_wrong(session: Session, *, address: str, at: datetime) -> None:
    """Remember that this address asked for a code that no paper has."""
    failures.add(session, _subject(address), at=at)


def _subject(address: str) -> str:
    return f"code:{address}"
