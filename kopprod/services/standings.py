"""Today's prices: what middlemen pay now, and what the cooperative's last price was."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlmodel import Session, col, select

from kopprod.domain import comparison as rules
from kopprod.domain import money
from kopprod.domain import quotes as offers
from kopprod.domain.access import Action
from kopprod.domain.comparison import Likeness, Lot, Reference
from kopprod.domain.quotes import Hidden, Taken
from kopprod.domain.sales import SaleStage
from kopprod.services import access, members, products, quotes
from kopprod.services.comparison import (
    Yardstick,
    bought_lot_of,
    bought_lots,
    lot_of,
    settled_lots,
)
from kopprod.services.memory import until_written
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.quotes import Quote
from kopprod.tables.sales import Sale

LATELY_DAYS = 120  # how far back the cooperative's last price of a grade is looked for


@dataclass(frozen=True)
class Standing:
    """Today's prices of one grade: what middlemen pay, and what the cooperative's last price was.

    Both in rupiah for a true price unit, after cuts, costs and waiting. They are of different days,
    so they are shown side by side and never as a verdict. The cooperative's is what its last
    settled sale brought the members or, where `coop_bought`, what it paid them when it last bought
    outright, whichever was later.
    """

    grade: str
    middlemen: Reference
    coop: Fraction | None = None
    coop_on: date | None = None
    coop_bought: bool = False


def standings(session: Session, *, product_id: int, on: date) -> Sequence[Standing]:
    """Today's prices of a product by grade; nothing where neither side has one.

    A member's are of her village and its neighbours, everybody else's of all villages. Middlemen's
    are of the last `quote_max_age_days` (14), counted back from `on`; fewer than `quote_min_count`
    of them are thin. (A lot's offers are older than that only where the window of days around it
    was set wider.)
    """
    person = access.require(session, Action.PRICES_SEE)
    village_id = members.own(session).village_id if person.member_id else None
    return _standings(session, product_id, village_id, on)


@until_written
def _standings(
    session: Session, product_id: int, village_id: int | None, on: date
) -> Sequence[Standing]:
    yardstick = Yardstick(session, since=on, until=on, product_id=product_id)
    last = _last_prices(session, yardstick, product_id, on)
    found = []
    for grade in products.grades(session, product_id):
        middlemen = yardstick.today(Likeness(product_id, grade.id, village_id, on))
        coop = last.get(grade.id)
        if coop:
            found.append(
                Standing(grade.name, middlemen, coop.price, coop.on, coop_bought=coop.bought)
            )
        elif middlemen.count:
            found.append(Standing(grade.name, middlemen))
    return found


@dataclass(frozen=True)
class _Last:
    """What members got for a true price unit when it was last sold or bought, and when."""

    price: Fraction
    on: date
    bought: bool = False


def _last_prices(
    session: Session, yardstick: Yardstick, product_id: int, on: date
) -> dict[int, _Last]:
    """By grade: the latest settled sale, or what was bought outright on a later day."""
    since = on - timedelta(days=LATELY_DAYS)
    last = _last_sold(session, yardstick, product_id, since=since, on=on)
    for grade_id, bought in _last_bought(
        session, yardstick, product_id, since=since, on=on
    ).items():
        if grade_id not in last or bought.on > last[grade_id].on:
            last[grade_id] = bought
    return last


def _last_sold(
    session: Session, yardstick: Yardstick, product_id: int, *, since: date, on: date
) -> dict[int, _Last]:
    """Only the lots of each grade's last sale are read, however many came before."""
    settled = select(Sale).where(
        Sale.product_id == product_id, Sale.stage == SaleStage.SETTLED, Sale.sold_on >= since
    )
    missing = {grade.id for grade in products.grades(session, product_id)}
    found: dict[int, _Last] = {}
    for sale in session.exec(settled.order_by(col(Sale.sold_on).desc(), col(Sale.id).desc())):
        lots: dict[int, list[Lot]] = defaultdict(list)
        query = settled_lots(col(Sale.id) == sale.id, col(Delivery.grade_id).in_(missing))
        sold = session.exec(query).all()
        yardstick.know_advances({delivery.id for _, delivery, _, _ in sold})
        for allotment, delivery, _, slip in sold:
            lots[delivery.grade_id].append(lot_of(yardstick, allotment, delivery, slip, on=on))
        for grade_id, own in lots.items():
            found[grade_id] = _Last(_together(own, yardstick), sale.sold_on)
        missing -= found.keys()
        if not missing:
            break
    return found


def _last_bought(
    session: Session, yardstick: Yardstick, product_id: int, *, since: date, on: date
) -> dict[int, _Last]:
    """All that came on the latest day on which goods of the grade came that were bought."""
    found: dict[int, _Last] = {}
    # Nothing is bought before it comes.
    if session.exec(select(Buying.id).where(Buying.bought_on >= since).limit(1)).first() is None:
        return found
    for grade in products.grades(session, product_id):
        of_grade = (Delivery.product_id == product_id, Delivery.grade_id == grade.id)
        last = bought_lots(*of_grade, col(Delivery.received_on) >= since)
        last = last.order_by(col(Delivery.received_on).desc()).limit(1)
        day = session.exec(last.with_only_columns(col(Delivery.received_on))).first()
        if day is not None:
            lots = [
                bought_lot_of(yardstick, delivery, slip, on=on)
                for _, delivery, slip in session.exec(
                    bought_lots(*of_grade, col(Delivery.received_on) == day[0])
                ).all()
            ]
            found[grade.id] = _Last(_together(lots, yardstick), day[0], bought=True)
    return found


def _together(lots: Sequence[Lot], yardstick: Yardstick) -> Fraction:
    return rules.effective_together(lots, rate_bp=yardstick.rate_bp)


@dataclass(frozen=True)
class Heard:
    """A quote with what of it arrives for a true price unit, in whole rupiah.

    `odd` where it lies far from others of its days for the same goods. `steps` lead from
    `first_e4`, what he says or pays to those who owe nothing, to what arrives; `hidden` is what his
    loan costs, `gap_bp` how much less than others who owes him gets.
    """

    quote: Quote
    effective_rp: int
    odd: bool = False
    first_e4: int = 0
    steps: Sequence[Taken] = ()
    hidden: Hidden | None = None
    gap_bp: int = 0


def effective_quotes(session: Session, *, product_id: int, on: date, most: int = 20) -> list[Heard]:
    """The latest offers for a product, newest first, with what of each arrives."""
    latest = quotes.quotes(session, product_id=product_id, most=most)
    since = min((quote.quoted_on for quote in latest), default=on)
    yardstick = Yardstick(session, since=since, until=on, product_id=product_id)
    return [_heard(yardstick, quote) for quote in latest]


def _heard(yardstick: Yardstick, quote: Quote) -> Heard:
    terms, loan = yardstick.offer(quote).terms, quotes.loan_of(quote)
    return Heard(
        quote,
        money.round_half_up(yardstick.effective(quote)),
        yardstick.is_odd(quote),
        first_e4=offers.first_e4(terms),
        steps=tuple(offers.steps(terms, rate_bp=yardstick.rate_bp)),
        hidden=None if loan is None else offers.hidden(terms, loan),
        gap_bp=offers.gap_bp(terms),
    )
