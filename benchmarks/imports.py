"""`import`: deliveries bought outright from a CSV, to plain `executemany` of the same rows.

The list is surveyed, looked at and kept in batches, as the command line does; `python -m kopprod
check` takes what stands then. Its rows are read back table by table and written into a fresh
database with the same tables, triggers, indexes and settings by the bare driver: an entry is
drafted, given its lines and posted, since the database takes it in no other way.
`python -m benchmarks.imports [--quick]`.
"""

import csv
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import figures, made
from benchmarks.made import PRICE_RP, Made
from kopprod import db, long_sheets, many_rows
from kopprod.domain import delivery_lists as rules
from kopprod.domain import imports
from kopprod.domain.access import SYSTEM
from kopprod.domain.imports import Columns
from kopprod.domain.pricing import Fixed, GradePrice, PriceRule
from kopprod.services import delivery_lists, pricing

GOAL = 2.5
ON = made.AT.date()
FULL = (1_000_000, 5_000, 365)
QUICK = (20_000, 500, 30)
SEED = 20_261_031
MOST_BYTES = 2**30
_HEADINGS = ("Nomor anggota", "Tanggal", "Produk", "Mutu", "Kotor", "Tara", "Catatan")
# What the import writes into, in the order of their references; an entry is posted after its lines.
TABLES: tuple[str, ...] = (
    "act",
    "delivery",
    "stock_lot",
    "delivery_weight",
    "entry",
    "line",
    "buying",
    "slip",
)
TABLES += ("reference_day",)
AT_ONCE = 50_000  # rows that the driver is given at once
POSTED = ("number", "stage", "posted_at")


def measure(folder: Path, *, deliveries: int, members: int, days: int) -> None:
    """Import a list, then write the same rows plainly."""
    made.place(folder)
    done, other = (_cooperative(coop, members, days) for coop in ("impor", "polos"))
    path = folder / "setoran.csv"
    _write(path, deliveries, members, days)
    ours = _import(done.coop, path)
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    plain = _plainly(done.coop, other.coop)
    figures.line(
        "import",
        ours[0],
        plain[0],
        GOAL,
        unit="s",
        deliveries=deliveries,
        members=members,
        wall_of=ours[1],
        wall_to=plain[1],
        memory_mb=memory_mb,
    )


def _cooperative(coop: str, members: int, days: int) -> Made:
    done = made.cooperative(coop, members=members)
    a, b = (GradePrice(g, (PRICE_RP - n) * 10_000) for n, g in enumerate(done.grade_ids))
    with db.writing(coop, person=SYSTEM, action="bench", at=made.AT) as session:
        for since in (ON - timedelta(days=days + 1), ON - timedelta(days=days // 2)):
            pricing.add_version(
                session, done.product_id, rule=PriceRule(Fixed((a, b))), since=since
            )
    return done


def _write(path: Path, deliveries: int, members: int, days: int) -> None:
    """A delivery book of an office: day after day, whoever came, in tenths of a kilogram."""
    dice = random.Random(SEED)
    first = ON - timedelta(days=days)
    with path.open("w", encoding="utf-8", newline="") as file:
        book = csv.writer(file, delimiter=";")
        book.writerow(_HEADINGS)
        for n in range(deliveries):
            kg, tenths = dice.randint(20, 90), dice.randint(0, 9)
            day: date = first + timedelta(days=n * days // deliveries)
            who, grade = dice.randrange(members), "AB"[n % 3 == 0]
            tare, note = ("0,4", "") if n % 4 else ("", "basah" if n % 50 == 0 else "")
            book.writerow(
                [f"A-{who:05d}", day.isoformat(), "Gabah", grade, f"{kg},{tenths}", tare, note]
            )


def _import(coop: str, path: Path) -> tuple[float, float]:
    """The processor's and the wall's seconds of everything between the file and the books."""
    began = time.process_time(), time.perf_counter()
    sheet = long_sheets.read(path, max_bytes=MOST_BYTES)
    columns = Columns(imports.guess(rules.FIELDS, sheet.header))
    with db.reading(coop) as session:
        survey = delivery_lists.survey(session, sheet.rows, columns, on=ON)
        run = delivery_lists.Run(survey, buys=True)
        found = delivery_lists.look(session, sheet.rows(), run)
    run = delivery_lists.Run(survey, buys=True, accepted=frozenset(found.asked))
    kept = 0
    for batch in delivery_lists.batches(sheet.rows()):
        with db.writing(coop, person=SYSTEM, action="bench", at=made.AT) as session:
            kept += delivery_lists.keep(session, batch, run, on=ON).deliveries
    took = time.process_time() - began[0], time.perf_counter() - began[1]
    assert kept == survey.rows == found.good + found.asked_rows
    return took


def _plainly(coop: str, other: str) -> tuple[float, float]:
    """The same, for the same rows by `executemany` in one transaction."""
    cpu = wall = 0.0
    with _raw(coop) as reader, _raw(other) as writer:
        for statement, rows in _statements(reader, writer):
            began = time.process_time(), time.perf_counter()
            writer.executemany(statement, rows)
            cpu += time.process_time() - began[0]
            wall += time.perf_counter() - began[1]
        began = time.process_time(), time.perf_counter()
        writer.execute("COMMIT")
        cpu += time.process_time() - began[0]
        wall += time.perf_counter() - began[1]
    return cpu, wall


@contextmanager
def _raw(coop: str) -> Iterator[Any]:
    """A cursor of the bare driver, with the app's settings, in a transaction."""
    connection = db.engine(coop, writes=True).raw_connection()
    cursor = connection.cursor()
    if db.is_sqlite():
        cursor.execute(f"PRAGMA cache_size=-{many_rows.ROOMY_KB}")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute("BEGIN")
    else:
        cursor.execute(f"SET search_path = {db.schema(coop)}")
    yield cursor
    connection.close()


def _statements(reader: Any, writer: Any) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Every row that the import wrote, so many at once; an entry is posted after its lines."""
    writer.execute("SELECT max(id) FROM act")
    acts = int(writer.fetchone()[0])
    sign = "?" if db.is_sqlite() else "%s"
    for table in TABLES:
        reader.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608
        columns = [f'"{column[0]}"' for column in reader.description]
        if table == "entry":
            columns = [column for column in columns if column[1:-1] not in POSTED]
        values = ", ".join([sign] * len(columns) + ["'draft'"] * (table == "entry"))
        names = ", ".join(columns + ["stage"] * (table == "entry"))
        where = f" WHERE id > {acts}" if table == "act" else ""
        reader.execute(f"SELECT {', '.join(columns)} FROM {table}{where}")  # noqa: S608
        while rows := reader.fetchmany(AT_ONCE):
            yield f"INSERT INTO {table} ({names}) VALUES ({values})", rows  # noqa: S608
        if table == "line":
            reader.execute("SELECT number, posted_at, id FROM entry")
            post = f"number = {sign}, posted_at = {sign} WHERE id = {sign}"
            post = f"UPDATE entry SET stage = 'posted', {post}"  # noqa: S608
            while rows := reader.fetchmany(AT_ONCE):
                yield post, rows


def main() -> None:
    """Measure once."""
    deliveries, members, days = QUICK if figures.is_quick() else FULL
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), deliveries=deliveries, members=members, days=days)


if __name__ == "__main__":
    main()
