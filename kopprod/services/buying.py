"""Buying members' goods outright, at the price of the rule that counts on the day they come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import buying as rules
from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.bands import Values
from kopprod.domain.buying import Bought
from kopprod.domain.ledger import OWED_TO_MEMBERS, STOCK, Posting
from kopprod.domain.money import BP
from kopprod.domain.pricing import Priced
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import (
    access,
    advances,
    codes,
    ledger,
    measures,
    numbers,
    pricing,
    products,
    references,
    slips,
)
from kopprod.services.bought import NotBought, amount_rp, cost_rp, is_bought, of_delivery, which
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.ledger import Entry
from kopprod.tables.products import Product
from kopprod.tables.slips import Slip

# What was bought has a file of its own; whoever buys finds all of it here.
__all__ = [
    "NotBought",
    "Offer",
    "amount_rp",
    "buy",
    "cost_rp",
    "is_bought",
    "lock",
    "lock_slip",
    "not_adding_up",
    "of_delivery",
    "which",
    "offer",
    "reverse",
    "slip_of",
]


MEMO = N_("Goods bought outright")


class BoughtAlready(Refusal):
    """Goods are bought once."""

    sentence = N_("Delivery {number} was bought already. Nothing was done twice.")


@dataclass(frozen=True)
class Offer:
    """What the cooperative would pay for goods, by which rule, before anything is kept."""

    priced: Priced
    bought: Bought


def offer(
    session: Session,
    product_id: int,
    *,
    grade_id: int,
    values: Values,
    net: int,
    received_on: date,
    decided: Values | None = None,
) -> Offer:
    """What `net` base units delivered on a day would bring at once; the rule refuses or asks."""
    priced = pricing.price(
        session,
        product_id,
        grade_id=grade_id,
        values=values,
        on=received_on,
        decided=decided,
    )
    product = session.get_one(Product, product_id)
    per = products.price_per(session, product, on=received_on)
    return Offer(priced, rules.reckon(priced, Quantity(net, product.base_unit), per=per))


def buy(session: Session, delivery_id: int, *, on: date, decided: Values | None = None) -> Buying:
    """Buy a delivery outright: its price by the rule of its day, its entry and its slip at once.

    Refuses what the price rule refuses, where it asks (`bands.ToAsk`) without an answer in
    `decided`, a delivery that is bought, taken back or in a sale already.
    """
    access.require(session, Action.DELIVERIES_RECEIVE)
    # Before the delivery, as whoever settles does.
    numbers.wait_turn(session, "SLIP", on.year)
    delivery = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        raise NotAllowed
    _check_free(session, delivery)
    found = offer(
        session,
        delivery.product_id,
        grade_id=delivery.grade_id,
        values=measures.measured(session, [delivery.id]).get(delivery.id, {}),
        net=delivery.net,
        received_on=delivery.received_on,
        decided=decided,
    )
    entry = _post(session, delivery, found.bought.amount_rp, on=on)
    row = Buying(
        delivery_id=delivery.id,
        price_version_id=found.priced.version_id,
        paid_weight_e4=found.bought.paid * BP,
        price_e4=found.priced.price_e4,
        amount_rp=found.bought.amount_rp,
        steps=rules.steps_to_json(found.priced.steps),
        bought_on=on,
        entry_id=None if entry is None else entry.id,
    )
    session.add(row)
    session.flush()
    slip = Slip(
        number=numbers.take(session, "SLIP", on.year),
        code=codes.new(),
        buying_id=row.id,
        member_id=delivery.member_id,
        net_value_rp=row.amount_rp,
    )
    session.add(slip)
    session.flush()
    references.touch_slips(session, [slip.id])
    return row


def _check_free(session: Session, delivery: Delivery) -> None:
    known = select(Buying.id).where(Buying.delivery_id == delivery.id)
    if delivery.reverses_id is not None or session.exec(known).first() is not None:
        raise BoughtAlready(number=delivery.number)
    advances.check_none(session, delivery)


def _post(session: Session, delivery: Delivery, amount_rp: int, *, on: date) -> Entry | None:
    if not amount_rp:
        return None
    return ledger.post(
        session,
        on=on,
        memo=MEMO,
        paper=f"delivery:{delivery.id}",
        postings=[
            Posting(STOCK, debit_rp=amount_rp),
            Posting(OWED_TO_MEMBERS, credit_rp=amount_rp, member_id=delivery.member_id),
        ],
    )


def reverse(session: Session, delivery_id: int, *, reason: str, on: date) -> None:
    """Take a buying back with its delivery; its slip is void, and what was paid she owes (1124).

    Part of `deliveries.reverse`, which asks for the permission and holds the delivery. Nothing
    happens where the delivery was not bought.
    """
    row = of_delivery(session, delivery_id)
    if row is None:
        return
    # Before the journal, as whoever pays it does: otherwise the two would wait for each other.
    slip = lock_slip(session, row)
    if row.entry_id is not None:
        memo = N_("Goods bought outright were taken back")
        row.reversal_entry_id = ledger.reverse(session, row.entry_id, on=on, memo=memo).id
    row.reversed_on = on
    session.flush()
    slips.void(session, slip, on=on, reason=reason)
    references.touch_slips(session, [slip.id])


def lock_slip(session: Session, row: Buying) -> Slip:
    """The slip of what was bought, held until the transaction ends."""
    its_slip = select(Slip).where(Slip.buying_id == row.id).with_for_update()
    return session.exec(its_slip.execution_options(populate_existing=True)).one()


def not_adding_up(session: Session) -> list[str]:
    """The numbers of deliveries whose price or amount is not what the kept steps come to."""
    query = (
        select(Buying, Delivery, Product)
        .join(Delivery, col(Delivery.id) == Buying.delivery_id)
        .join(Product, col(Product.id) == Delivery.product_id)
        .order_by(col(Buying.id))
    )
    rows = session.exec(query).all()
    pers = {product.id: products.price_pers(session, product) for _, _, product in rows}
    return [
        delivery.number
        for row, delivery, product in rows
        if not rules.adds_up(
            rules.steps_from_json(row.steps),
            row.price_e4,
            amount_rp=row.amount_rp,
            paid_e4=row.paid_weight_e4,
            per=pers[product.id](delivery.received_on),
        )
    ]


def slip_of(session: Session, delivery_id: int) -> Slip | None:
    """The slip of a bought delivery; None where it was not bought, or for who may not see it."""
    query = (
        select(Slip)
        .join(Buying, col(Buying.id) == col(Slip.buying_id))
        .where(Buying.delivery_id == delivery_id)
    )
    row = session.exec(query).first()
    person = access.person(session)
    sees = person.may(Action.SLIPS_SEE_ALL) or (
        row is not None and person.may(Action.OWN_SEE) and row.member_id == person.member_id
    )
    return row if sees else None


def lock(session: Session, delivery_ids: Iterable[int]) -> None:
    """Hold these deliveries until the transaction ends, before the cost of parts is asked for."""
    # In one order for everybody, so that two at once never wait for each other.
    for delivery_id in sorted(set(delivery_ids)):
        session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
