"""Files of prices: what in them is a price, what is none, and what has to be asked.

`GKP Tingkat Petani (Rp/Kg);2019;Januari;Rp4.889` is Rp4.889 for one kg at the farm in January 2019.
With `-`, with `0`, or twice in one month at two prices it is not a price; at less than half or more
than twice of what stands around it, it is a question for whoever brings the file.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kopprod.domain import imports
from kopprod.domain.imports import Cell, Columns, Fault, Field, Findings, Row, Sign, Weight
from kopprod.domain.prices import PriceLevel, level_of
from kopprod.domain.refusal import N_, Fact

NO_PRICE = N_("There is no price in this row.")
ZERO_PRICE = N_("A price of zero is no price.")
NEGATIVE_PRICE = N_("A price cannot be below zero.")
ABSURD_PRICE = N_("More than Rp1 billion for one unit cannot be a price.")
NO_COMMODITY = N_("The commodity is missing.")
NO_UNIT = N_("The unit of this price is missing (kg, butir, ekor).")
OTHER_MONEY = N_("The unit {said} is not in rupiah.")
TWO_PRICES = N_("Row {other} gives the same commodity and date another price.")
KEPT_OTHERWISE = N_("There already, with another price: {kept_e4}.")
FAR_OFF = N_("Prices around this one are about {usual_e4}. Is it right?")
TWIN_WITHOUT_PRICE = N_(
    "Row {other} is for the same place and date and has no price. Which is meant?"
)
NAMES_SLIPPED = N_(
    "On this date {twice} is there twice and {lacking} not at all: names may have slipped a row."
)

FIELDS: Sequence[Field] = (
    Field(
        "commodity",
        N_("Commodity"),
        (
            "komoditas",
            "kategori",
            "commodity_name",
            "commodity",
            "nama komoditas",
            "jenis",
            "produk",
        ),
        required=True,
    ),
    Field(
        "date",
        N_("Date"),
        ("tanggal", "periode_update", "date_param", "periode", "date", "bulan tahun", "timestamp"),
    ),
    Field("year", N_("Year"), ("tahun", "year")),
    Field("month", N_("Month"), ("bulan", "month")),
    Field(
        "price",
        N_("Price"),
        ("harga", "nilai", "jumlah", "price", "harga (rp)", "harga rp"),
        required=True,
    ),
    Field("unit", N_("Unit"), ("satuan", "unit")),
    Field(
        "place",
        N_("Place"),
        ("nama_kabupaten_kota", "kabupaten/kota", "kabupaten", "kota", "province_name")
        + ("nama_provinsi", "provinsi", "wilayah", "daerah", "tempat", "lokasi", "place"),
    ),
    Field("level", N_("Step of the chain"), ("tingkat", "level", "price_type")),
)

BILLION_E4 = 1_000_000_000 * 10_000


@dataclass(frozen=True)
class SeriesKey:
    """What makes prices comparable over time; one price buys one `unit`: kg, ekor hidup."""

    commodity: str
    place: str
    unit: str
    level: PriceLevel


@dataclass(frozen=True)
class PriceRow:
    """A price as a file gives it: ten-thousandths of a rupiah for one unit."""

    row: int
    series: SeriesKey
    starts_on: date
    price_e4: int
    said: str


@dataclass(frozen=True)
class PriceFile:
    """What a file says, before it is compared with what is kept."""

    prices: Sequence[PriceRow]
    empty: Sequence[tuple[int, SeriesKey, date]]  # rows that name a series and a date, but no price
    faults: Sequence[Fault]
    rows: int
    price_column: str


_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*$")
_PER = re.compile(r"^(?:(?:(?P<money>[a-z$]+)\.?\s*)?(?:/|\bper\b)\s*)?(?P<unit>[a-z].*)$")
_RUPIAH = {"rp", "idr", "rupiah"}


def split_unit(commodity: str) -> tuple[str, str]:
    """A commodity and the unit in brackets behind it: `Ayam Ras (Rp/Ekor Hidup)`."""
    match = _IN_BRACKETS.search(commodity)
    if match and "/" in match[1]:
        return commodity[: match.start()], match[1]
    return commodity, ""


def unit_of(said: str) -> str | None:
    """What one price buys: `(Rp/Kg)` -> `kg`. Empty where unsaid, None where not in rupiah."""
    plain = imports.words(said).strip("() ").casefold()
    if not plain:
        return ""
    match = _PER.match(plain)
    if match is None or (match["money"] and match["money"] not in _RUPIAH):
        return None
    return match["unit"]


def read_rows(
    rows: Sequence[Row], cell_faults: Sequence[Fault], mapping: Columns, *, on: date
) -> PriceFile:
    """What each row says. A row with a fault of a cell is left out; `on` is today."""
    column = [mapping.cell(cells, "price") for _, cells in rows]
    sign = imports.column_sign(column) if mapping.sign == "auto" else Sign(mapping.sign)
    broken = {fault.row for fault in cell_faults}
    faults, prices, empty = list(cell_faults), [], []
    for row, cells in rows:
        if row in broken:
            continue
        read = _read_row(row, cells, mapping, sign, on)
        if isinstance(read, Fault):
            faults.append(read)
        elif isinstance(read, PriceRow):
            prices.append(read)
        else:
            empty.append((row, read[1], read[2]))
            faults.append(read[0])
    return PriceFile(prices, empty, faults, len(rows), mapping.heading("price"))


def _read_row(
    row: int, cells: Mapping[str, Cell], mapping: Columns, sign: Sign, on: date
) -> PriceRow | Fault | tuple[Fault, SeriesKey, date]:
    series = _series(row, cells, mapping)
    if isinstance(series, Fault):
        return series
    when, said_when, column = _when(cells, mapping)
    trouble = imports.date_trouble(when, said_when, on=on)
    if when is None or trouble:
        return Fault(row, column, imports.shown(said_when), trouble or imports.NO_DATE)
    said = mapping.cell(cells, "price")
    price = _price_e4(said, sign)
    if isinstance(price, int):
        return PriceRow(row, series, when, price, imports.shown(said))
    fault = _fault(row, mapping, "price", said, price, said=imports.shown(said))
    return (fault, series, when) if price in (NO_PRICE, ZERO_PRICE) else fault


def _fault(row: int, mapping: Columns, name: str, cell: Cell, why: str, **facts: Fact) -> Fault:
    return Fault(row, mapping.heading(name), imports.shown(cell), why, facts)


def _series(row: int, cells: Mapping[str, Cell], mapping: Columns) -> SeriesKey | Fault:
    cell = mapping.cell(cells, "commodity")
    commodity, in_name = split_unit(imports.words(cell))
    if imports.is_nothing(commodity):
        return _fault(row, mapping, "commodity", cell, NO_COMMODITY)
    said = imports.words(mapping.cell(cells, "unit")) or in_name
    unit = unit_of(said)
    if not unit:
        why = NO_UNIT if unit == "" else OTHER_MONEY
        return _fault(row, mapping, "unit", mapping.cell(cells, "unit"), why, said=said)
    level = _level(cells, mapping, commodity)
    place = imports.words(mapping.cell(cells, "place"))
    return SeriesKey(commodity[:120], place[:120], unit[:40], level)


# How the national list of strategic food prices (PIHPS) numbers its markets: traditional, modern,
# large traders, producers.
_MARKETS: Mapping[str, PriceLevel] = {
    "1": PriceLevel.RETAIL,
    "2": PriceLevel.RETAIL,
    "3": PriceLevel.WHOLESALE,
    "4": PriceLevel.FARM,
}


def _level(cells: Mapping[str, Cell], mapping: Columns, commodity: str) -> PriceLevel:
    said = imports.words(mapping.cell(cells, "level"))
    if mapping.heading("level").casefold() == "price_type" and said in _MARKETS:
        return _MARKETS[said]
    return level_of(said or commodity)


def _when(cells: Mapping[str, Cell], mapping: Columns) -> tuple[date | None, Cell, str]:
    if "date" in mapping.columns:
        said = mapping.cell(cells, "date")
        return imports.day(said), said, mapping.heading("date")
    year, month = mapping.cell(cells, "year"), mapping.cell(cells, "month")
    said = f"{imports.shown(month)} {imports.shown(year)}".strip()
    return imports.month_start(year, month), said, mapping.heading("month")


def _price_e4(said: Cell, sign: Sign) -> int | str:
    """Ten-thousandths of a rupiah, or why this is no price."""
    if imports.is_nothing(said):
        return NO_PRICE
    value = imports.number(said, sign)
    if isinstance(value, str):
        return value
    if value <= 0:
        return NEGATIVE_PRICE if value < 0 else ZERO_PRICE
    # A workbook's float may carry a tail far behind the last decimal that anybody typed.
    price_e4 = int((value * 10_000).quantize(Decimal(1), ROUND_HALF_UP))
    if price_e4 > BILLION_E4:
        return ABSURD_PRICE
    return price_e4 or ZERO_PRICE


Known = Mapping[SeriesKey, Mapping[date, int]]


def sort_out(file: PriceFile, known: Known) -> Findings[PriceRow]:
    """Compare a file with itself and with the prices that are kept (`known`, `_e4` by date)."""
    faults = list(file.faults)
    by_place: dict[tuple[SeriesKey, date], list[PriceRow]] = defaultdict(list)
    for price in file.prices:
        by_place[price.series, price.starts_on].append(price)
    once, repeated = [], 0
    for same in by_place.values():
        if len({price.price_e4 for price in same}) == 1:
            once.append(same[0])
            repeated += len(same) - 1
        else:
            faults.extend(_two_prices(same, file.price_column))
    fresh, there_already = [], 0
    for price in once:
        kept_e4 = known.get(price.series, {}).get(price.starts_on)
        if kept_e4 is None:
            fresh.append(price)
        elif kept_e4 == price.price_e4:
            there_already += 1
        else:
            faults.append(_on(price, file, KEPT_OTHERWISE, Weight.FAULT, kept_e4=kept_e4))
    questions = _questions(file, fresh, once, known)
    faults.extend(questions.values())
    good = [price for price in fresh if price.row not in questions]
    asked = [price for price in fresh if price.row in questions]
    faults.sort(key=lambda fault: fault.row)
    return Findings(good, asked, faults, there_already, repeated, file.rows)


def _two_prices(same: Sequence[PriceRow], column: str) -> list[Fault]:
    found = []
    for price in same:
        other = next(p.row for p in same if p.price_e4 != price.price_e4)
        found.append(Fault(price.row, column, price.said, TWO_PRICES, {"other": other}))
    return found


def _on(price: PriceRow, file: PriceFile, why: str, weight: Weight, **facts: Fact) -> Fault:
    return Fault(price.row, file.price_column, price.said, why, facts, weight)


def _questions(
    file: PriceFile, fresh: Iterable[PriceRow], once: Iterable[PriceRow], known: Known
) -> dict[int, Fault]:
    """The questions of each row, by its number; the gravest wins."""
    without_price = {(series, when): row for row, series, when in file.empty}
    slipped = _slipped(file)
    around = _Surroundings(once, known)
    found = {}
    for price in fresh:
        twin = without_price.get((price.series, price.starts_on))
        usual_e4 = around.usual_e4(price)
        if price.row in slipped:
            found[price.row] = _on(
                price, file, NAMES_SLIPPED, Weight.QUESTION, **slipped[price.row]
            )
        elif twin is not None:
            found[price.row] = _on(price, file, TWIN_WITHOUT_PRICE, Weight.QUESTION, other=twin)
        elif usual_e4 is not None and is_far_off(price.price_e4, usual_e4):
            found[price.row] = _on(price, file, FAR_OFF, Weight.QUESTION, usual_e4=usual_e4)
    return found


def is_far_off(price_e4: int, usual_e4: int) -> bool:
    """Less than half of what is usual, or more than twice."""
    return price_e4 * 2 < usual_e4 or price_e4 > usual_e4 * 2


NEIGHBOURS = 3  # on either side
NEAR = timedelta(days=550)


class _Surroundings:
    """The prices of each series in order of time, kept ones and the file's together."""

    def __init__(self, once: Iterable[PriceRow], known: Known) -> None:
        points: dict[SeriesKey, dict[date, int]] = defaultdict(dict)
        for price in once:
            points[price.series][price.starts_on] = price.price_e4
        for series in points:
            points[series].update(known.get(series, {}))
        self._points = {series: sorted(by_date.items()) for series, by_date in points.items()}

    def usual_e4(self, price: PriceRow) -> int | None:
        """The median of up to six neighbours within 18 months; None with fewer than three."""
        points = self._points[price.series]
        at = bisect_left(points, (price.starts_on, 0))
        beside = points[max(0, at - NEIGHBOURS) : at] + points[at + 1 : at + 1 + NEIGHBOURS]
        near = sorted(e4 for when, e4 in beside if abs(when - price.starts_on) <= NEAR)
        return near[len(near) // 2] if len(near) >= NEIGHBOURS else None


def _slipped(file: PriceFile) -> dict[int, dict[str, Fact]]:
    """Rows whose names may belong to the row below: a list has one name twice and lacks another.

    Published tables list the same names in the same order each month. Where a month has the first
    name twice and lacks the third, the row between is suspect as well as the two.
    """
    lists: dict[tuple[str, date], list[tuple[int, SeriesKey]]] = defaultdict(list)
    named = [(p.row, p.series, p.starts_on) for p in file.prices]
    for row, series, when in sorted([*named, *file.empty], key=lambda entry: entry[0]):
        lists[series.place, when].append((row, series))
    usual: dict[str, list[SeriesKey]] = {}
    for (place, _), entries in lists.items():
        names = [series for _, series in entries]
        if len(set(names)) == len(names) > len(usual.get(place, [])):
            usual[place] = names
    found: dict[int, dict[str, Fact]] = {}
    for (place, _), entries in lists.items():
        found.update(_slipped_in(entries, usual.get(place, [])))
    return found


def _slipped_in(
    entries: Sequence[tuple[int, SeriesKey]], usual: Sequence[SeriesKey]
) -> dict[int, dict[str, Fact]]:
    names = [series for _, series in entries]
    lacking = [series for series in usual if series not in names]
    twice = [series for series in usual if names.count(series) > 1]
    if len(lacking) != 1 or len(twice) != 1 or len(names) != len(usual):
        return {}
    first, last = sorted((usual.index(twice[0]), usual.index(lacking[0])))
    facts: dict[str, Fact] = {"twice": twice[0].commodity, "lacking": lacking[0].commodity}
    return {row: facts for row, series in entries[first : last + 1] if series != twice[0]}
