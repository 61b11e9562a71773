"""`python -m kopprod import`: files in, from the command line.

`python -m kopprod import prices FILE --check` shows what the file would bring and writes nothing;
with `--all-good` all good rows are kept in one transaction and the faults written beside the file.
"""

import argparse
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kopprod import db, faults, language, sheets
from kopprod.domain import (
    booking_files,
    delivery_files,
    entitlement_files,
    imports,
    member_files,
    price_files,
    want_files,
)
from kopprod.domain.access import SYSTEM
from kopprod.domain.imports import Columns, Fault, Findings
from kopprod.domain.products import ProductKind, ProductUnknown
from kopprod.domain.quantities import BaseUnit, UnitFactor, format_number
from kopprod.domain.refusal import N_, Fact, Refusal
from kopprod.long_sheets import LongSheet
from kopprod.migrations import run as migrations
from kopprod.services import booking_files as booking_service
from kopprod.services import cooperative, products, subsidies
from kopprod.services import delivery_files as delivery_service
from kopprod.services import imports as mapping_service
from kopprod.services import member_files as member_service
from kopprod.services import prices as price_service
from kopprod.services import want_files as want_service
from kopprod.sheets import Sheet
from kopprod.tables.products import Product

LANGUAGE = "id"
SHOWN = 20
MILK = "Susu"  # the cooperative's own word for its product, as every product's name is


class NoSuchFile(Refusal):
    """A path with no file at its end."""

    sentence = N_("There is no file {file}.")


class NothingGood(Refusal):
    """No row can be taken in, so there is nothing to make a cooperative from."""

    sentence = N_("{file} has no good row, so nothing was made.")


@dataclass(frozen=True)
class _Order:
    """What was asked for on the command line."""

    what: str
    coop: str
    sheet: Sheet
    columns: Columns
    source: str
    product: str
    accept: str
    at: datetime

    def accepted(self, found: Findings[Any]) -> set[int]:
        """The rows with questions that were answered with yes."""
        if self.accept == "all":
            return {row.row for row in found.asked}
        return {int(number) for number in self.accept.split(",") if number.strip().isdecimal()}


def ask_import(parser: argparse.ArgumentParser) -> None:
    """What `import` may be told."""
    parser.add_argument("what", choices=list(mapping_service.KINDS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--coop", default="demo", help="the cooperative; deliveries may make it")
    parser.add_argument("--source", help="whose prices these are; the file's name unless given")
    parser.add_argument("--mapping", help="a mapping of columns that was saved")
    parser.add_argument("--save-mapping", metavar="NAME", help="keep this mapping of columns")
    parser.add_argument("--column", action="append", default=[], metavar="FIELD=HEADING")
    parser.add_argument("--fixed", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--sign", choices=["auto", "comma", "point"], help="the decimals' sign")
    parser.add_argument("--product", default=MILK, help="what was delivered")
    parser.add_argument("--buys", action="store_true", help="a list's goods are bought outright")
    parser.add_argument("--accept", default="", metavar="ROWS", help="questions: 12,14 or all")
    parser.add_argument("--faults", type=Path, help="where the faults are written")
    parser.add_argument("--limit-mb", type=int, default=sheets.MAX_BYTES // 2**20)
    parser.add_argument("--limit-rows", type=int, default=sheets.MAX_ROWS)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--all-good", action="store_true", help="keep all good rows")
    choice.add_argument("--check", action="store_true", help="only look")


def check_file(path: Path) -> None:
    """Refuse a path with no file at its end."""
    if not path.is_file():
        raise NoSuchFile(file=str(path))


def import_file(asked: argparse.Namespace) -> int:
    """Bring prices, members or deliveries in from a CSV or XLSX file, once somebody says so."""
    check_file(asked.file)
    sheet = sheets.read(asked.file, max_bytes=asked.limit_mb * 2**20, max_rows=asked.limit_rows)
    columns = columns_of(asked, sheet)
    order = _Order(
        asked.what,
        asked.coop,
        sheet,
        columns,
        asked.source or asked.mapping or asked.file.stem,
        asked.product,
        asked.accept,
        datetime.now(UTC),
    )
    found = _look(order)
    report(
        found.faults,
        rows=found.rows,
        good=len(found.good),
        asked=len(found.asked),
        faulty=found.faulty,
        there_already=found.there_already,
        repeated=found.repeated,
    )
    if order.what == mapping_service.WANTS:
        _show_pooled(order)
    if found.faults:
        target = asked.faults or beside(asked.file)
        target.write_bytes(faults.as_csv(LANGUAGE, found.faults))
        say(FAULTS_WRITTEN, file=str(target))
    if not (asked.all_good or (not asked.check and says_yes(len(found.good)))):
        say(NOTHING_KEPT)
        return 0
    _keep(order, asked.save_mapping, order.accepted(found))
    return 0


FAULTS_WRITTEN = N_("Faults and questions are written in {file}.")
NOTHING_KEPT = N_("Nothing was kept.")
COUNTS = N_(
    "{rows} rows: {good} good, {asked} to ask about, {faulty} with faults,"
    " {there_already} there already, {repeated} repeated."
)
PRICES_KEPT = N_("{points} prices are kept, in {new_series} new series.")
MEMBERS_KEPT = N_("{members} members are kept, and {new_villages} new villages.")
WANTS_KEPT = N_("{wants} wants are kept in {purchases} purchases, and {new_members} new members.")
BOOKINGS_KEPT = N_("{bookings} bookings are kept.")
ENTITLEMENTS_KEPT = N_("{entitlements} entitlements are kept.")
DELIVERIES_KEPT = N_("{deliveries} deliveries are kept, and {new_members} new members.")


def columns_of(asked: argparse.Namespace, sheet: Sheet | LongSheet) -> Columns:
    """Which column is what: as was said, saved before, or guessed from the headings."""
    fields = mapping_service.KINDS[asked.what]
    if asked.mapping and db.exists(asked.coop):
        with db.reading(asked.coop) as session:
            kept = mapping_service.mapping(session, asked.what, asked.mapping)
        columns, fixed, sign = dict(kept.columns), dict(kept.fixed), kept.sign
    else:
        columns, fixed, sign = imports.guess(fields, sheet.header), {}, "auto"
        if asked.what == mapping_service.DELIVERIES and "centre" in columns:
            fixed["numbers"] = delivery_files.BY_CENTRE
    columns.update(pair.split("=", 1) for pair in asked.column if "=" in pair)
    fixed.update(pair.split("=", 1) for pair in asked.fixed if "=" in pair)
    mapping = Columns(columns, fixed, asked.sign or sign)
    imports.check_mapping(fields, mapping, sheet.header)
    return mapping


def _today(order: _Order, session: Session | None) -> date:
    zone = "Asia/Jakarta" if session is None else cooperative.setting(session, "zone")
    return order.at.astimezone(ZoneInfo(zone)).date()


def _price_file(order: _Order, on: date) -> price_files.PriceFile:
    return price_files.read_rows(order.sheet.rows, order.sheet.faults, order.columns, on=on)


def _member_file(order: _Order, session: Session) -> member_files.MemberFile:
    bau_tenths = cooperative.whole(session, "bau_tenths")
    sheet, on = order.sheet, _today(order, session)
    return member_files.read_rows(
        sheet.rows, sheet.faults, order.columns, on=on, bau_tenths=bau_tenths
    )


def _delivery_file(
    order: _Order, unit: UnitFactor, base_unit: BaseUnit, on: date
) -> delivery_files.DeliveryFile:
    sheet = order.sheet
    return delivery_files.read_rows(
        sheet.rows, sheet.faults, order.columns, unit=unit, base_unit=base_unit, on=on
    )


def _want_file(order: _Order) -> want_files.WantFile:
    return want_files.read_rows(order.sheet.rows, order.sheet.faults, order.columns)


def _entitlement_file(order: _Order) -> entitlement_files.EntitlementFile:
    return entitlement_files.read_rows(order.sheet.rows, order.sheet.faults, order.columns)


def _booking_file(order: _Order, session: Session) -> booking_files.BookingFile:
    sheet = order.sheet
    return booking_service.read(session, sheet.rows, sheet.faults, order.columns)


def _product(order: _Order, session: Session) -> Product:
    for product in products.products(session):
        if product.name.casefold() == order.product.casefold():
            return product
    raise ProductUnknown


def _unit(session: Session, product: Product, on: date) -> UnitFactor:
    """Quantities in a file are in the unit that the product's prices are for."""
    return UnitFactor(product.price_unit, products.price_per(session, product, on=on))


def _look(order: _Order) -> Findings[Any]:
    """What the file would bring. A cooperative that deliveries would make is not there yet."""
    if order.what == mapping_service.DELIVERIES and not db.exists(order.coop):
        on = _today(order, None)
        milk = _delivery_file(order, delivery_files.LITRE, BaseUnit.MILLILITRE, on)
        found = delivery_files.sort_out(milk, kept_keys=set(), members=None)
        if not found.good:
            raise NothingGood(file=order.sheet.name)
        return found
    with db.reading(order.coop) as session:
        on = _today(order, session)
        if order.what == mapping_service.PRICES:
            return price_service.findings(session, _price_file(order, on), source=order.source)
        if order.what == mapping_service.MEMBERS:
            return member_service.findings(session, _member_file(order, session))
        if order.what == mapping_service.WANTS:
            return want_service.findings(session, _want_file(order))
        if order.what == mapping_service.ENTITLEMENTS:
            return subsidies.findings(session, _entitlement_file(order))
        if order.what == mapping_service.BOOKINGS:
            return booking_service.findings(session, _booking_file(order, session), at=order.at)
        product = _product(order, session)
        file = _delivery_file(order, _unit(session, product, on), product.base_unit, on)
        return delivery_service.findings(session, file)


def say(message: str, **facts: Fact) -> None:
    """One line for whoever sits at the terminal."""
    sys.stdout.write(language.translate(LANGUAGE, message, **facts) + "\n")


def report(found_faults: Sequence[Fault], **counts: int) -> None:
    """How many rows are what (the facts of `COUNTS`), and the first faults and questions."""
    say(COUNTS, **counts)
    for row in faults.rows(LANGUAGE, found_faults[:SHOWN]):
        sys.stdout.write("  " + " | ".join(str(cell) for cell in row) + "\n")


def says_yes(good: int) -> bool:
    """Whether somebody at the terminal wants the good rows kept."""
    if not good or not sys.stdin.isatty():
        return False
    say(N_("Keep all {good} good rows? Type y for yes."), good=good)
    return sys.stdin.readline().strip().casefold() in ("y", "ya", "yes")


def _show_pooled(order: _Order) -> None:
    """What buying together would have saved, of all rows that can be read; as a table."""
    orders = want_files.pooled(_want_file(order).wants)
    table = [
        [language.gettext(LANGUAGE, heading) for heading in want_service.HEADINGS],
        *want_service.cells(orders, lambda words: language.gettext(LANGUAGE, words)),
    ]
    shown = [
        [format_number(cell) if isinstance(cell, int) else str(cell) for cell in row]
        for row in table
    ]
    widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))]
    for row in shown:
        beside = [
            cell.ljust(width) if place < 3 else cell.rjust(width)  # figures stand right
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        sys.stdout.write("  ".join(beside).rstrip() + "\n")


def beside(file: Path) -> Path:
    """Beside the file, or here where its folder is not to be written to."""
    name = f"{file.stem}-{language.gettext(LANGUAGE, 'Faults')}.csv".lower()
    writable = file.resolve().parent.stat().st_mode & 0o200
    return file.with_name(name) if writable else Path(name)


def _keep(order: _Order, save_as: str | None, accepted: Collection[int]) -> None:
    new = order.what == mapping_service.DELIVERIES and not db.exists(order.coop)
    if new:
        migrations.create(order.coop)
    with db.writing(order.coop, person=SYSTEM, action=f"import.{order.what}", at=order.at) as s:
        if new:
            _furnish(order, s)
        if save_as:
            mapping_service.save_mapping(s, kind=order.what, name=save_as, columns=order.columns)
        _KEEPERS[order.what](order, s, accepted, new)


def _furnish(order: _Order, session: Session) -> None:
    """A new cooperative's name, and the product that the file is about."""
    cooperative.change_setting(session, name="name", value=order.coop)
    products.add_product(
        session,
        name=order.product,
        kind=ProductKind.MILK,
        base_unit=BaseUnit.MILLILITRE,
        price_unit=delivery_files.LITRE.name,
        since=date(2000, 1, 1),
    )


def _keep_prices(order: _Order, session: Session, accepted: Collection[int], _new: bool) -> None:
    file = _price_file(order, _today(order, session))
    kept = price_service.keep(session, file, source=order.source, accepted=accepted)
    say(PRICES_KEPT, points=kept.points, new_series=kept.new_series)


def _keep_members(order: _Order, session: Session, _accepted: object, _new: bool) -> None:
    kept = member_service.keep(session, _member_file(order, session))
    say(MEMBERS_KEPT, members=kept.members, new_villages=kept.new_villages)


def _keep_deliveries(order: _Order, session: Session, accepted: Collection[int], new: bool) -> None:
    on = _today(order, session)
    product = _product(order, session)
    kept = delivery_service.keep(
        session,
        _delivery_file(order, _unit(session, product, on), product.base_unit, on),
        product_id=product.id,
        grade_id=products.grades(session, product.id)[0].id,
        on=on,
        add_members=new,
        accepted=accepted,
    )
    say(DELIVERIES_KEPT, deliveries=kept.deliveries, new_members=kept.new_members)


def _keep_wants(order: _Order, session: Session, _accepted: object, _new: bool) -> None:
    on = _today(order, session)
    kept = want_service.keep(session, _want_file(order), on=on, at=order.at)
    say(WANTS_KEPT, wants=kept.wants, purchases=kept.purchases, new_members=kept.new_members)


def _keep_entitlements(order: _Order, session: Session, _accepted: object, _new: bool) -> None:
    say(ENTITLEMENTS_KEPT, entitlements=subsidies.keep(session, _entitlement_file(order)))


def _keep_bookings(order: _Order, session: Session, accepted: Collection[int], _new: bool) -> None:
    file = _booking_file(order, session)
    kept = booking_service.keep(session, file, at=order.at, accepted=accepted)
    say(BOOKINGS_KEPT, bookings=kept)


_Keeper = Callable[[_Order, Session, Collection[int], bool], None]
_KEEPERS: dict[str, _Keeper] = {
    mapping_service.PRICES: _keep_prices,
    mapping_service.MEMBERS: _keep_members,
    mapping_service.DELIVERIES: _keep_deliveries,
    mapping_service.WANTS: _keep_wants,
    mapping_service.ENTITLEMENTS: _keep_entitlements,
    mapping_service.BOOKINGS: _keep_bookings,
}
