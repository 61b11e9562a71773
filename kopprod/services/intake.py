"""Receiving very many deliveries at once: the rows that `deliveries.receive` leaves one by one.

Whoever calls has asked of each row what `receive` and `buying.buy` ask; nothing of such a list was
measured, weighed on a known scale, logged beforehand or paid in advance.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from kopprod import many_rows
from kopprod.domain import buying as rules
from kopprod.domain import price_rules, price_versions
from kopprod.domain import pricing as pricing_rules
from kopprod.domain.access import Action
from kopprod.domain.buying import Bought
from kopprod.domain.comparison import Likeness
from kopprod.domain.delivery_lists import ListRow, full_note
from kopprod.domain.ledger import OWED_TO_MEMBERS, STOCK, Posting
from kopprod.domain.money import BP
from kopprod.domain.pricing import Priced
from kopprod.domain.quantities import Quantity
from kopprod.domain.weighing import LONGEST
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    buying,
    codes,
    measures,
    numbers,
    postings,
    pricing,
    products,
    references,
    stock_lots,
)
from kopprod.services.postings import Draft
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.products import Product
from kopprod.tables.references import ReferenceDay
from kopprod.tables.slips import Slip
from kopprod.tables.weighing import DeliveryWeight


class Offered(NamedTuple):
    """What goods would bring by the rule of their day, with its steps as they are kept."""

    priced: Priced
    bought: Bought
    steps: str


class Incoming(NamedTuple):
    """A row that comes in, its key, and its price where it is bought at once."""

    row: ListRow
    key: str
    offered: Offered | None


# By version, grade, base units of the price unit, and net weight: a version never changes.
Reckoned = dict[tuple[int | None, int, int, int], Bought]


class Offers:
    """What `buying.offer` says of goods that nobody measured, each asked once."""

    def __init__(self, session: Session, reckoned: Reckoned) -> None:
        access.require(session, Action.PRICES_SEE)
        self._session, self._reckoned = session, reckoned
        self._versions = cache(lambda product_id: pricing.versions(session, product_id))
        self._price = cache(self._priced)
        self._per = cache(lambda key: products.price_pers(session, session.get_one(Product, key)))

    def of(self, row: ListRow) -> Offered:
        """What the goods of a row would bring at once; refuses what `buying.offer` refuses."""
        priced, steps, per = self._price(row.goods.id, row.grade_id, row.received_on)
        key = (priced.version_id, row.grade_id, per, row.net)
        bought = self._reckoned.get(key)
        if bought is None:
            bought = rules.reckon(priced, Quantity(row.net, row.goods.base_unit), per=per)
            self._reckoned[key] = bought
        return Offered(priced, bought, steps)

    def _priced(self, product_id: int, grade_id: int, on: date) -> tuple[Priced, str, int]:
        version = price_versions.version_on(self._versions(product_id), on=on)
        if version is None:
            product = self._session.get_one(Product, product_id)
            raise price_versions.NoPriceRule(product=product.name, day_on=on)
        rule = price_rules.from_json(version.rule)
        found = pricing_rules.price(rule, grade_id=grade_id, values={})
        found = replace(found, version_id=version.id)
        return found, rules.steps_to_json(found.steps), self._per(product_id)(on)


_DELIVERY: tuple[str, ...] = (
    "id",
    "number",
    "code",
    "member_id",
    "product_id",
    "grade_id",
    "village_id",
)
_DELIVERY += ("received_on", "gross", "tare", "net", "typed", "note", "draft_key")
_DELIVERY += ("proposed_grade_id",)
_BUYING: tuple[str, ...] = (
    "id",
    "delivery_id",
    "price_version_id",
    "paid_weight_e4",
    "price_e4",
    "amount_rp",
)
_BUYING += ("steps", "entry_id")
_SLIP = ("id", "number", "code", "buying_id", "member_id", "net_value_rp")


def receive_many(session: Session, incoming: Sequence[Incoming], *, on: date) -> int:
    """Receive these rows, and buy those that have an offer; gives what they come to in rupiah.

    The caller waits for its turn (`take_turns`) before it looks at members, as whoever receives
    one delivery does.
    """
    access.require(session, Action.DELIVERIES_RECEIVE)
    if not incoming:
        return 0
    ids = _deliveries(session, incoming, on=on)
    bought = [(id_, one) for id_, one in zip(ids, incoming, strict=True) if one.offered]
    if bought:
        _buyings(session, bought, on=on)
        _touch(session, {_place(one.row) for _, one in bought})
    return sum(one.offered.bought.amount_rp for _, one in bought if one.offered)


@lru_cache(maxsize=10_000)  # the same weights come again and again
def _typed(said: str) -> str:
    return tidy(said)[:LONGEST]


def take_turns(session: Session, *, on: date, buys: bool) -> None:
    """Be the only one who receives, as `deliveries.receive` is."""
    numbers.wait_turn(session, "SET", on.year)
    if buys:
        numbers.wait_turn(session, "SLIP", on.year)


def _place(row: ListRow) -> Likeness:
    return Likeness(row.goods.id, row.grade_id, row.member.village_id, row.received_on)


def _touch(session: Session, places: Collection[Likeness]) -> None:
    """Keep the days to which goods came (`references.touch_slips`).

    Lots that nobody was paid for only add places, so days with nothing new stay as they are.
    """
    names = ("product_id", "grade_id", "village_id", "day")
    columns: Any = [getattr(ReferenceDay, name) for name in names]
    known = select(*columns).where(
        col(ReferenceDay.product_id).in_({place.product_id for place in places}),
        col(ReferenceDay.day).in_({place.on for place in places}),
    )
    fresh = set(places) - {Likeness(*row) for row in session.exec(known)}
    for product_id in sorted({place.product_id for place in fresh}):
        days = {place.on for place in fresh if place.product_id == product_id}
        references.touch(session, product_id=product_id, days=days)


def _deliveries(session: Session, incoming: Sequence[Incoming], *, on: date) -> list[int]:
    @cache
    def proposed(product_id: int) -> int | None:
        return measures.proposed(session, product_id, values={})

    day = cache(many_rows.binding(session, Delivery, "received_on"))
    given = numbers.take_each(session, "SET", on.year, len(incoming))
    ids = many_rows.reserve(session, Delivery, len(incoming))
    act_id = session.info["act_id"]
    many_rows.insert(
        session,
        Delivery,
        _DELIVERY,
        [
            (
                id_,
                number,
                code,
                row.member.id,
                row.goods.id,
                row.grade_id,
                row.member.village_id,
                day(row.received_on),
                row.gross,
                row.tare,
                row.gross - row.tare,
                _typed(row.said),
                full_note(row),
                one.key,
                proposed(row.goods.id),
            )
            for id_, number, code, one in zip(
                ids, given, codes.new_many(len(incoming)), incoming, strict=True
            )
            for row in (one.row,)
        ],
        act_id=act_id,
    )
    stock_lots.came(session, *ids)
    many_rows.insert(
        session,
        DeliveryWeight,
        ("delivery_id", "gross"),
        [(id_, one.row.gross) for id_, one in zip(ids, incoming, strict=True)],
        position=1,
        act_id=act_id,
    )
    return ids


def _buyings(session: Session, bought: Sequence[tuple[int, Incoming]], *, on: date) -> None:
    entries = _entries(session, bought, on=on)
    ids = many_rows.reserve(session, Buying, len(bought))
    act_id = session.info["act_id"]
    many_rows.insert(
        session,
        Buying,
        _BUYING,
        [
            (
                id_,
                delivery_id,
                offered.priced.version_id,
                offered.bought.paid * BP,
                offered.priced.price_e4,
                offered.bought.amount_rp,
                offered.steps,
                entries.get(delivery_id),
            )
            for id_, (delivery_id, one) in zip(ids, bought, strict=True)
            if (offered := one.offered)
        ],
        bought_on=on,
        act_id=act_id,
    )
    given = numbers.take_each(session, "SLIP", on.year, len(bought))
    many_rows.insert(
        session,
        Slip,
        _SLIP,
        [
            (slip_id, number, code, id_, one.row.member.id, one.offered.bought.amount_rp)
            for slip_id, number, code, id_, (_, one) in zip(
                many_rows.reserve(session, Slip, len(bought)),
                given,
                codes.new_many(len(bought)),
                ids,
                bought,
                strict=True,
            )
            if one.offered
        ],
        deducted_rp=0,
        paid_by_settler=False,
        act_id=act_id,
    )


def _entries(
    session: Session, bought: Sequence[tuple[int, Incoming]], *, on: date
) -> dict[int, int]:
    """The entry of each delivery for which something is owed, by its key."""
    owed = [
        (delivery_id, one.offered.bought.amount_rp, one.row.member.id)
        for delivery_id, one in bought
        if one.offered and one.offered.bought.amount_rp
    ]
    drafts = [
        Draft(
            f"delivery:{delivery_id}",
            (
                Posting(STOCK, debit_rp=amount_rp),
                Posting(OWED_TO_MEMBERS, credit_rp=amount_rp, member_id=member_id),
            ),
        )
        for delivery_id, amount_rp, member_id in owed
    ]
    ids = postings.post_many(session, on=on, memo=buying.MEMO, drafts=drafts)
    return {delivery_id: id_ for (delivery_id, _, _), id_ in zip(owed, ids, strict=True)}
