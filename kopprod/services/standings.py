"""Today's prices: what middlemen pay now, and what the cooperative's last sale brought."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlmodel import Session, col

from kopprod.domain import comparison as rules
from kopprod.domain import money
from kopprod.domain import quotes as offers
from kopprod.domain.access import Action
from kopprod.domain.comparison import Likeness, Lot, Reference
from kopprod.domain.quotes import Hidden, Taken
from kopprod.services import access, members, products, quotes
from kopprod.services.comparison import Yardstick, lot_of, settled_lots
from kopprod.tables.quotes import Quote
from kopprod.tables.sales import Sale

LATELY_DAYS = 120  # how far back the cooperative's last price of a grade is looked for


@dataclass(frozen=True)
class Standing:
    """Today's prices of one grade: what middlemen pay, and what the last settled sale brought.

    Both in rupiah for a true price unit, after cuts, costs and waiting. They are of different days,
    so they are shown side by side and never as a verdict.
    """

    grade: str
    middlemen: Reference
    coop: Fraction | None
    coop_on: date | None


def standings(session: Session, *, product_id: int, on: date) -> list[Standing]:
    """Today's prices of a product by grade; nothing where neither side has one.

    A member's are of her village and its neighbours, everybody else's of all villages. Middlemen's
    are of the last `quote_max_age_days` (14), counted back from `on`; fewer than `quote_min_count`
    of them are thin. (A lot's offers are older than that only where the window of days around it
    was set wider.)
    """
    person = access.require(session, Action.PRICES_SEE)
    village_id = members.own(session).village_id if person.member_id else None
    yardstick = Yardstick(session, since=on, until=on, product_id=product_id)
    last = _last_prices(session, yardstick, product_id, on)
    found = []
    for grade in products.grades(session, product_id):
        middlemen = yardstick.today(Likeness(product_id, grade.id, village_id, on))
        coop = last.get(grade.id)
        if middlemen.count or coop:
            found.append(Standing(grade.name, middlemen, *(coop or (None, None))))
    return found


def _last_prices(
    session: Session, yardstick: Yardstick, product_id: int, on: date
) -> dict[int, tuple[Fraction, date]]:
    """By grade: what the latest settled sale brought for a true price unit, and its day."""
    since = on - timedelta(days=LATELY_DAYS)
    query = settled_lots(Sale.product_id == product_id, col(Sale.sold_on) >= since).order_by(
        col(Sale.sold_on).desc(), col(Sale.id).desc()
    )
    latest: dict[int, Sale] = {}
    lots: dict[int, list[Lot]] = defaultdict(list)
    for allotment, delivery, sale, slip in session.exec(query).all():
        if latest.setdefault(delivery.grade_id, sale).id == sale.id:
            lots[delivery.grade_id].append(lot_of(yardstick, allotment, delivery, slip, on=on))
    return {
        grade: (rules.effective_together(lots[grade], rate_bp=yardstick.rate_bp), sale.sold_on)
        for grade, sale in latest.items()
    }


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
