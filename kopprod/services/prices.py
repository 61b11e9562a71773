"""Reference prices that others published: keeping those of a file, and reading them as series."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from kopprod.domain import price_files as rules
from kopprod.domain import prices as price_rules
from kopprod.domain.access import Action
from kopprod.domain.imports import Findings
from kopprod.domain.price_files import PriceFile, PriceRow, SeriesKey
from kopprod.domain.prices import MonthPrice
from kopprod.services import access, numbers
from kopprod.tables.prices import PricePoint, PriceSeries
from kopprod.tables.products import Product

_T = TypeVar("_T")
_BATCH = 5_000


@dataclass(frozen=True)
class SeriesSummary:
    """A series with how many prices it has, from when to when."""

    series: PriceSeries
    points: int
    first_on: date
    last_on: date


@dataclass(frozen=True)
class KeptPrices:
    """What an import wrote."""

    points: int
    new_series: int


def series(session: Session, *, product_id: int | None = None) -> list[SeriesSummary]:
    """Every series that has prices, by commodity and place; those of one product if it is given."""
    access.require(session, Action.PRICES_SEE)
    query = (
        select(
            PriceSeries,
            func.count(col(PricePoint.id)),
            func.min(PricePoint.starts_on),
            func.max(PricePoint.starts_on),
        )
        .join(PricePoint, col(PricePoint.series_id) == col(PriceSeries.id))
        .group_by(*PriceSeries.__table__.columns)  # type: ignore[attr-defined]
        .order_by(col(PriceSeries.commodity), col(PriceSeries.place), col(PriceSeries.source))
    )
    if product_id is not None:
        query = query.where(PriceSeries.product_id == product_id)
    return [SeriesSummary(*found) for found in session.exec(query).all()]


def points(
    session: Session, series_id: int, *, since: date | None = None, until: date | None = None
) -> Sequence[PricePoint]:
    """The prices of a series in order of time, from `since` on and before `until`."""
    access.require(session, Action.PRICES_SEE)
    query = select(PricePoint).where(PricePoint.series_id == series_id)
    if since is not None:
        query = query.where(PricePoint.starts_on >= since)
    if until is not None:
        query = query.where(PricePoint.starts_on < until)
    return session.exec(query.order_by(col(PricePoint.starts_on))).all()


def monthly(session: Session, series_ids: Collection[int]) -> dict[date, MonthPrice]:
    """What was paid each month in the middle of the series' places, the oldest month first."""
    access.require(session, Action.PRICES_SEE)
    query = select(col(PricePoint.series_id), col(PricePoint.starts_on), col(PricePoint.price_e4))
    found: list[tuple[int, date, int]] = []
    for batch in _batches(sorted(series_ids), 500):
        rows = session.exec(query.where(col(PricePoint.series_id).in_(batch)))
        found += [(series_id, on, price_e4) for series_id, on, price_e4 in rows]
    return price_rules.monthly(found)


def link(session: Session, series_id: int, *, product_id: int | None) -> PriceSeries:
    """Say which of our products a series is about, or that it is about none."""
    access.require(session, Action.PRODUCTS_CHANGE)
    row = session.get_one(PriceSeries, series_id, with_for_update=True)
    if product_id is not None:
        session.get_one(Product, product_id)
    row.product_id = product_id
    session.flush()
    return row


def findings(session: Session, file: PriceFile, *, source: str) -> Findings[PriceRow]:
    """What a file would bring, compared with the prices of the same source that are kept."""
    access.require(session, Action.IMPORTS_RUN)
    ids = _series_ids(session, source)
    wanted = {price.series for price in file.prices}
    known = _known(session, {key: id_ for key, id_ in ids.items() if key in wanted})
    return rules.sort_out(file, known)


def keep(
    session: Session, file: PriceFile, *, source: str, accepted: Collection[int] = ()
) -> KeptPrices:
    """Keep all good rows of a file, and the asked ones that a person accepted (row numbers).

    The file is compared again inside this transaction, so that what somebody else brought in the
    meantime is neither written twice nor overwritten.
    """
    numbers.wait_turn(session, "price_series")
    found = findings(session, file, source=source)
    rows = [*found.good, *(price for price in found.asked if price.row in set(accepted))]
    ids = _series_ids(session, source)
    new = _add_series(session, {price.series for price in rows} - ids.keys(), source)
    ids.update(new)
    for batch in _batches(rows):
        session.execute(insert(PricePoint), [_point(session, price, ids) for price in batch])
    return KeptPrices(points=len(rows), new_series=len(new))


def _series_ids(session: Session, source: str) -> dict[SeriesKey, int]:
    rows = session.exec(select(PriceSeries).where(PriceSeries.source == source)).all()
    return {SeriesKey(row.commodity, row.place, row.unit, row.level): row.id for row in rows}


def _known(session: Session, ids: dict[SeriesKey, int]) -> dict[SeriesKey, dict[date, int]]:
    keys = {id_: key for key, id_ in ids.items()}
    known: dict[SeriesKey, dict[date, int]] = defaultdict(dict)
    for batch in _batches(list(keys), 500):
        query = select(
            col(PricePoint.series_id), col(PricePoint.starts_on), col(PricePoint.price_e4)
        )
        for series_id, when, price_e4 in session.exec(
            query.where(col(PricePoint.series_id).in_(batch))
        ):
            known[keys[series_id]][when] = price_e4
    return known


def _add_series(session: Session, keys: Iterable[SeriesKey], source: str) -> dict[SeriesKey, int]:
    added = {
        key: PriceSeries(
            source=source, commodity=key.commodity, place=key.place, unit=key.unit, level=key.level
        )
        for key in sorted(keys, key=lambda key: (key.commodity, key.place, key.unit, key.level))
    }
    session.add_all(added.values())
    session.flush()
    return {key: row.id for key, row in added.items()}


def _point(session: Session, price: PriceRow, ids: dict[SeriesKey, int]) -> dict[str, object]:
    # Rows written in bulk pass by the hook that fills in the act.
    return {
        "series_id": ids[price.series],
        "starts_on": price.starts_on,
        "price_e4": price.price_e4,
        "act_id": session.info["act_id"],
    }


def _batches(rows: Sequence[_T], size: int = _BATCH) -> Iterable[list[_T]]:
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch
