"""References and totals by product, grade, village and day: kept again by whatever touches a day.

Who notes a price, settles, pays or takes back calls `touch`, `touch_quote` or `touch_slips` once,
as the last thing in its transaction; a changed setting or a new neighbour calls `keep_all`.
`python -m kopprod check` reckons all of it once more, `python -m kopprod reckon` keeps it anew.

The totals are of lots whose slip is paid. What waiting costs an unpaid lot is another sum each day,
so unpaid lots are reckoned when somebody looks, and `months` puts the two together. Rupiah are
exact sums of what `services/comparison.py` says of each lot. Prices are rounded to a ten-thousandth
of a rupiah, so no lot is ever compared by a kept reference.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import extract
from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.check import Problem, problem
from kopprod.domain.comparison import Enough, Likeness
from kopprod.domain.references import Kept, PaidLot, kept
from kopprod.domain.refusal import N_
from kopprod.services import access, numbers
from kopprod.services.memory import hers_until_written, until_written
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.products import Product
from kopprod.tables.quotes import Quote
from kopprod.tables.references import ReferenceDay
from kopprod.tables.sales import Allotment
from kopprod.tables.slips import Slip

if TYPE_CHECKING:
    from kopprod.services.comparison import Compared
    from kopprod.services.dashboard import Period
    from kopprod.services.together import MonthTogether

SETTINGS = {"quote_window_days", "quote_min_count", "quote_max_age_days", "waiting_rate_bp"}
_PUT_OFF = "references_put_off"


@dataclass(frozen=True)
class Moved:
    """A day whose reference a late quote moved; nothing before where it had been too thin."""

    place: Likeness
    before_e4: int | None
    after_e4: int


def touch(
    session: Session, *, product_id: int, days: Iterable[date], grade_id: int | None = None
) -> list[Moved]:
    """Keep these days of a product again; gives the references that moved.

    Call it last: it waits for others who touch a day, and whoever waits here holds the journal.
    """
    wanted = set(days)
    if not wanted or session.info.get(_PUT_OFF):
        return []
    session.flush()
    numbers.wait_turn(session, "references")
    return _keep(session, _Days(product_id, grade_id, wanted))


def touch_quote(session: Session, quote: Quote, *, on: date) -> list[Moved]:
    """Keep the days around a quote again; what a late one moved is marked, and given.

    Late is a quote that was heard before the day `on` on which it is noted.
    """
    rule = _enough(session)
    around = range(-rule.window_days, rule.window_days + 1)
    days = {quote.quoted_on + timedelta(days=n) for n in around}
    moved = touch(session, product_id=quote.product_id, days=days, grade_id=quote.grade_id)
    if quote.quoted_on >= on:
        return []
    for one in moved:
        if one.before_e4 is not None:
            row = _rows(session, _Days(quote.product_id, quote.grade_id, {one.place.on}))[one.place]
            row.before_e4 = row.before_e4 if row.changed_at else one.before_e4
            row.changed_at = session.info["at"]
    session.flush()
    session.info.setdefault("moved", []).extend(moved)
    return moved


def moved_now(session: Session) -> list[Moved]:
    """What this transaction's late quotes moved, for the sentence that is said afterwards."""
    return list(session.info.get("moved", []))


def touch_slips(session: Session, slip_ids: Iterable[int]) -> None:
    """Keep the days of the goods on these slips again: they were paid, or became void."""
    if session.info.get(_PUT_OFF):
        return
    session.flush()
    days: dict[int, set[date]] = defaultdict(set)
    for product_id, on in _goods_of(session, list(slip_ids)):
        days[product_id].add(on)
    for product_id in sorted(days):
        touch(session, product_id=product_id, days=days[product_id])


def touch_delivery(session: Session, delivery_id: int) -> None:
    """Keep the day of one delivery again: its advance was taken back."""
    delivery = session.get_one(Delivery, delivery_id)
    touch(session, product_id=delivery.product_id, days={delivery.received_on})


def keep_all(session: Session, *, product_id: int | None = None) -> None:
    """Keep every day again, of one product or of all: after a setting, a neighbour or a unit."""
    session.info.pop(_PUT_OFF, None)
    session.flush()
    numbers.wait_turn(session, "references")
    _keep(session, _Days(product_id, None, None))


def put_off(session: Session) -> None:
    """Keep nothing in this transaction: who writes years at once calls `keep_all` at the end."""
    session.info[_PUT_OFF] = True


def differing(session: Session) -> Iterator[Problem]:
    """Every day that is kept otherwise than it is reckoned now."""
    every = _Days(None, None, None)
    found, rows = _reckoned(session, every), _rows(session, every)
    names = {product.id: product.name for product in session.exec(select(Product)).all()}
    places = found.keys() | rows.keys()
    for place in sorted(places, key=lambda p: (p.on, p.product_id, p.grade_id, p.village_id or 0)):
        row = rows.get(place)
        if row is None or place not in found or _as_kept(row) != found[place]:
            yield problem(
                N_("{product}, {day}: reference and totals are not kept as they reckon now."),
                product=names.get(place.product_id, ""),
                day=place.on.isoformat(),
            )


def months(session: Session, period: "Period", *, on: date) -> "Sequence[MonthTogether]":
    """More or less by month and product, oldest first: kept totals and lots not paid yet."""
    access.require(session, Action.DASHBOARD_SEE)
    return _months(session, period, on)


@until_written
def _months(session: Session, period: "Period", on: date) -> "Sequence[MonthTogether]":
    from kopprod.services import together

    sums = {(m.month, m.product_id): m for m in together.by_month(_unpaid(session, period, on))}
    # Added up by the database: a year has thousands of days times villages times grades.
    added = ("lots", "thin", "coop_rp", "difference_rp", "true_weight")
    by: Any = (
        ReferenceDay.product_id,
        *(extract(p, col(ReferenceDay.day)) for p in ("year", "month")),
    )
    columns: Any = [*by, *(func.sum(getattr(ReferenceDay, name)) for name in added)]
    query: Any = select(*columns).where(
        ReferenceDay.day >= period.since, ReferenceDay.day < period.until, ReferenceDay.lots > 0
    )
    if period.product_id is not None:
        query = query.where(ReferenceDay.product_id == period.product_id)
    for product_id, year, number, *totals in session.exec(query.group_by(*by)).all():
        at = (date(int(year), int(number), 1), product_id)
        month = sums.setdefault(at, together.MonthTogether(month=at[0], product_id=product_id))
        for name, total in zip(added, totals, strict=True):
            setattr(month, name, getattr(month, name) + int(total))
    return [sums[at] for at in sorted(sums)]


def _unpaid(session: Session, period: "Period", on: date) -> "list[Compared]":
    from kopprod.services import comparison

    access.require(session, Action.DASHBOARD_SEE)
    return comparison.lots(session, period, on=on, unpaid_only=True)


@hers_until_written
def changed(
    session: Session, *, since: date, product_id: int | None = None, most: int = 50
) -> Sequence[ReferenceDay]:
    """Days from `since` on whose reference is another than before a late quote, newest first."""
    access.require(session, Action.DASHBOARD_SEE)
    query = select(ReferenceDay).where(
        ReferenceDay.day >= since,
        col(ReferenceDay.changed_at).is_not(None),
        col(ReferenceDay.middle_e4) != col(ReferenceDay.before_e4),
    )
    if product_id is not None:
        query = query.where(ReferenceDay.product_id == product_id)
    order = (col(ReferenceDay.day).desc(), col(ReferenceDay.id))
    return session.exec(query.order_by(*order).limit(most)).all()


# Reckoning


@dataclass(frozen=True)
class _Days:
    """Which days: of one product or all, of one grade or all, these days or all."""

    product_id: int | None
    grade_id: int | None
    days: Collection[date] | None

    def where(self, table: Any, day: Any) -> list[Any]:
        """The same as conditions of a query."""
        found: list[Any] = []
        if self.product_id is not None:
            found.append(table.product_id == self.product_id)
        if self.grade_id is not None:
            found.append(table.grade_id == self.grade_id)
        if self.days is not None:
            found.append(col(day).in_(sorted(self.days)))
        return found


def _enough(session: Session) -> Enough:
    from kopprod.services import comparison  # it reads what callers of this module change

    return comparison.enough(session)


def _reckoned(session: Session, which: _Days) -> dict[Likeness, Kept]:
    """What a day with lots or quotes comes to, by the rule and from the rows."""
    from kopprod.services import comparison

    where, of_days = which.where(Delivery, Delivery.received_on), which.days is not None
    heard = select(Quote).where(*which.where(Quote, Quote.quoted_on))
    places = {
        Likeness(q.product_id, q.grade_id, q.village_id, q.quoted_on)
        for q in session.exec(heard).all()
    }
    places |= _places_of_lots(session, *where, of_days=of_days)
    span = {place.on for place in places}
    if not span:
        return {}
    yardstick = comparison.Yardstick(
        session, since=min(span), until=max(span), product_id=which.product_id
    )
    paid: dict[Likeness, list[PaidLot]] = defaultdict(list)
    # Only what is paid is kept, and a settlement touches what is not.
    is_paid = col(Slip.paid_on).is_not(None)
    for lot in comparison.standing(yardstick, *where, is_paid, on=max(span), of_days=of_days):
        one = PaidLot(lot.thin, lot.coop_rp, lot.difference_rp, lot.lot.true_weight)
        paid[lot.likeness].append(one)
    return {place: kept(yardstick.reference(place), paid[place]) for place in places}


def _places_of_lots(session: Session, *where: Any, of_days: bool) -> set[Likeness]:
    """Of what, where and on which days goods came that are settled or bought by now."""
    from kopprod.services import comparison

    place = (Delivery.product_id, Delivery.grade_id, Delivery.village_id, Delivery.received_on)
    settled = comparison.settled_lots(*where, of_days=of_days)
    queries = settled, comparison.bought_lots(*where)
    found = [lots.with_only_columns(*place).distinct() for lots in queries]
    return {Likeness(*row) for one in found for row in session.exec(one).all()}


def _rows(session: Session, which: _Days) -> dict[Likeness, ReferenceDay]:
    rows = session.exec(select(ReferenceDay).where(*which.where(ReferenceDay, ReferenceDay.day)))
    return {Likeness(r.product_id, r.grade_id, r.village_id, r.day): r for r in rows.all()}


def _as_kept(row: ReferenceDay) -> Kept:
    return Kept(**{name: getattr(row, name) for name in asdict(Kept(0, None, None, None, None))})


def _keep(session: Session, which: _Days) -> list[Moved]:
    found, rows = _reckoned(session, which), _rows(session, which)
    rule, moved = _enough(session), []
    for place, row in rows.items():
        if place not in found:
            session.delete(row)
    for place, now in found.items():
        before = _stood_at(rows.get(place), rule)
        if _write(session, place, rows.get(place), now) and _stands(now, rule):
            assert now.middle_e4 is not None
            if before != now.middle_e4:
                moved.append(Moved(place, before, now.middle_e4))
    session.flush()
    return sorted(moved, key=lambda m: (m.place.on, m.place.village_id or 0))


def _write(session: Session, place: Likeness, row: ReferenceDay | None, now: Kept) -> bool:
    if row is None:
        session.add(
            ReferenceDay(
                product_id=place.product_id,
                grade_id=place.grade_id,
                village_id=place.village_id,
                day=place.on,
                kept_at=session.info["at"],
                **asdict(now),
            )
        )
        return True
    if _as_kept(row) == now:
        return False
    for name, value in asdict(now).items():
        setattr(row, name, value)
    row.kept_at = session.info["at"]
    return True


def _stood_at(row: ReferenceDay | None, rule: Enough) -> int | None:
    return row.middle_e4 if row is not None and _stands(_as_kept(row), rule) else None


def _stands(one: Kept, rule: Enough) -> bool:
    """Whether there was enough to compare by it."""
    return one.age_days is not None and (
        one.quotes >= rule.min_count and one.age_days <= rule.max_age_days
    )


def _goods_of(session: Session, slip_ids: Sequence[int]) -> set[tuple[int, date]]:
    """Product and day of the goods on these slips, whether the slips stand or are void."""
    what: Any = select(col(Delivery.product_id), col(Delivery.received_on))
    hers = (col(Slip.sale_id) == col(Allotment.sale_id)) & (
        col(Slip.member_id) == col(Delivery.member_id)
    )
    pooled = what.join(Allotment, col(Allotment.delivery_id) == col(Delivery.id)).join(Slip, hers)
    bought = what.join(Buying, col(Buying.delivery_id) == col(Delivery.id)).join(
        Slip, col(Slip.buying_id) == col(Buying.id)
    )
    chosen = col(Slip.id).in_(slip_ids)
    rows = [*session.exec(pooled.where(chosen)).all(), *session.exec(bought.where(chosen)).all()]
    return {(product_id, on) for product_id, on in rows}
