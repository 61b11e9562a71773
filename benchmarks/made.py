"""Large cooperatives for measuring, made by bulk SQL: rows as the services leave them behind.

Every ten days members' goods are sold together, settled, paid for by the buyer and paid out, all in
the journal; middlemen's prices of each week and the totals by day are there. Weights are whole
kilograms at a whole price and each sale has the buyer's weight as ours, so that every share is
exact without a remainder, and `python -m kopprod check` takes what was made. What happened lately
is of the same size however long the history is: one settled sale that waits to be paid, and some
goods in store. The same arguments make the same rows.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, create_engine, event, text
from sqlmodel import SQLModel

from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.comparison import Likeness
from kopprod.domain.references import kept
from kopprod.migrations import run as migrations
from kopprod.services import ledger
from kopprod.services.comparison import Yardstick
from kopprod.tables import triggers
from kopprod.tables.references import ReferenceDay
from tests import make

AT = datetime(2026, 10, 31, 1, 0, tzinfo=UTC)
VILLAGES, EVERY = 10, 10  # villages; days between two sales
LATELY = 200  # deliveries of the sale that is not paid yet, and as many in store
PRICE_RP, MIDDLEMAN_RP = 6_000, 5_800
AT_ONCE = 500_000  # deliveries that one statement makes
MEMORY_KB = 2_000_000


@dataclass(frozen=True)
class Size:
    """How much is made: deliveries that are settled and paid, of how many members, in how long."""

    deliveries: int
    members: int = 5_000
    sales: int = 100

    @property
    def days(self) -> int:
        """How many days lie between the first delivery and the last sale that is paid."""
        return self.sales * EVERY


@dataclass(frozen=True)
class Made:
    """The cooperative that was made, and whom and what one asks it about."""

    coop: str
    product_id: int
    grade_ids: tuple[int, int]
    buyer_id: int
    manager: Any
    member: Any


def place(folder: Path) -> None:
    """Keep what is made in this folder, unless `KOPPROD_DB` names a PostgreSQL."""
    if not os.environ.get("KOPPROD_DB", "").startswith("postgresql"):
        os.environ["KOPPROD_DB"] = f"sqlite:///{folder}/{{coop}}.db"


def cooperative(coop: str, *, members: int) -> Made:
    """A cooperative with its chart, one product in two grades, a buyer, villages and members."""
    migrations.create(coop)
    with db.writing(coop, person=SYSTEM, action="bench", at=AT) as session:
        ledger.open_chart(session)
        product = make.product(session)
        grades = (
            make.grade(session, product.id, "A").id,
            make.grade(session, product.id, "B", position=2).id,
        )
        buyer = make.buyer(session).id
        villages = [make.village(session, f"Desa {n}").id for n in range(1, VILLAGES + 1)]
        people = [
            make.member(
                session,
                f"Anggota {n}",
                number=f"A-{n:05d}",
                village_id=villages[n % VILLAGES],
                joined_on=date(2000, 1, 1),
            ).id
            for n in range(members)
        ]
        manager = make.user(session, Role.MANAGER, name="Citra")
        member = make.user(session, Role.MEMBER, name="Ayu", member_id=people[0])
        session.execute(text("UPDATE product_unit SET since = '2000-01-01'"))
        session.execute(text("UPDATE grade_factor SET since = '2000-01-01'"))
    return Made(coop, product.id, grades, buyer, manager, member)


def history(coop: str, size: Size, *, on: date) -> Made:
    """A cooperative with all that `size` says behind it, on the day `on`."""
    made = cooperative(coop, members=size.members)
    first = on - timedelta(days=size.days + EVERY)
    values = {
        "act": 1,
        "n": size.deliveries,
        "members": size.members,
        "days": size.days,
        "every": EVERY,
        "lately": LATELY,
        "product": made.product_id,
        "a": made.grade_ids[0],
        "b": made.grade_ids[1],
        "buyer": made.buyer_id,
        "price": PRICE_RP,
        "sales": size.sales,
        "at": AT.replace(tzinfo=None) if db.is_sqlite() else AT,
    }
    with bulk(coop) as connection:
        _days(connection, first, size)
        _goods(connection, values)
        _sales(connection, values)
        _journal(connection, values)
        _quotes(connection, values, first)
        _counted_up(connection, values)
    _references(made, since=first, until=on)
    return made


def goods(made: Made, size: Size, *, on: date) -> int:
    """Only deliveries, all in store, before the day `on`; gives their weight in kilograms."""
    first = on - timedelta(days=size.days + 1)
    values = {"act": 1, "n": size.deliveries, "members": size.members, "days": size.days}
    values |= {"lately": 0, "product": made.product_id}
    values |= {"a": made.grade_ids[0], "b": made.grade_ids[1]}
    with bulk(made.coop) as connection:
        _days(connection, first, size)
        _goods(connection, values, statements=(_DELIVERY, _WEIGHT))
        kg = connection.execute(text("SELECT sum(net) / 1000 FROM delivery")).scalar_one()
    return int(kg)


@contextmanager
def bulk(coop: str) -> Iterator[Connection]:
    """Write past guards and foreign keys; both are there again afterwards."""
    engine = create_engine(db.engine(coop, writes=True).url)
    if db.is_sqlite():
        event.listen(engine, "connect", _hurry)
    with engine.begin() as connection:
        if not db.is_sqlite():
            connection.execute(text(f"SET LOCAL search_path = {db.schema(coop)}"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            triggers.drop(connection)
        yield connection
        if db.is_sqlite():
            triggers.create(connection)
    if not db.is_sqlite():  # as its autovacuum would; nobody analyses the embedded files
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"SET search_path = {db.schema(coop)}"))
            connection.execute(text("ANALYZE"))
    engine.dispose()


def _hurry(connection: Any, _record: Any) -> None:
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", f"cache_size=-{MEMORY_KB}"):
        connection.execute(f"PRAGMA {pragma}")


def _days(connection: Connection, first: date, size: Size) -> None:
    """The days and a thousand numbers, to make others of."""
    connection.execute(text("CREATE TEMPORARY TABLE made_day (k BIGINT PRIMARY KEY, day DATE)"))
    connection.execute(text("CREATE TEMPORARY TABLE made_n (n BIGINT PRIMARY KEY)"))
    days = [{"k": k, "day": first + timedelta(days=k)} for k in range(size.days + EVERY + 1)]
    for one in days:
        one["day"] = str(one["day"]) if db.is_sqlite() else one["day"]
    connection.execute(text("INSERT INTO made_day VALUES (:k, :day)"), days)
    connection.execute(text("INSERT INTO made_n VALUES (:n)"), [{"n": n} for n in range(1_000)])


# Delivery n came on day n * days / n of all; the last 2 * lately on the days after the last sale.
_DELIVERY = """
INSERT INTO delivery (id, number, code, member_id, product_id, grade_id, village_id, received_on,
    gross, tare, net, typed, note, act_id)
SELECT i, 'SET-M-' || i, substr(CAST(1000000000000000 + i AS VARCHAR), 1, 16), member.id, :product,
    CASE WHEN i % 3 = 0 THEN :b ELSE :a END, member.village_id, made_day.day,
    1000 * (10 + i % 41), 0, 1000 * (10 + i % 41), '', '', :act
FROM (SELECT x.n * 1000 + y.n + 1 + :from AS i FROM made_n x CROSS JOIN made_n y
      WHERE x.n * 1000 + y.n < :count) numbered
JOIN made_day ON made_day.k = CASE WHEN i <= :n THEN (i - 1) * :days / :n
    WHEN i <= :n + :lately THEN :days + 1 ELSE :days + 5 END
JOIN member ON member.id = 1 + (i - 1) % :members
"""
_WEIGHT = """
INSERT INTO delivery_weight (delivery_id, position, gross, act_id)
SELECT id, 1, gross, :act FROM delivery WHERE id > :from AND id <= :from + :count
"""
# Sale s takes what came in its ten days; the last one what came lately.
_ALLOTMENT = """
INSERT INTO allotment (sale_id, delivery_id, quantity, factor_bp, share_rp, act_id)
SELECT CASE WHEN delivery.id > :n THEN :sales + 1 ELSE made_day.k / :every + 1 END, delivery.id,
    net, 10000, net / 1000 * :price, :act
FROM delivery JOIN made_day ON made_day.day = delivery.received_on
WHERE delivery.id > :from AND delivery.id <= :from + :count AND delivery.id <= :n + :lately
"""


def _goods(
    connection: Connection,
    values: dict[str, Any],
    statements: Sequence[str] = (_DELIVERY, _WEIGHT, _ALLOTMENT),
) -> None:
    every = values["n"] + 2 * values["lately"]
    for start in range(0, every, AT_ONCE):
        part = values | {"from": start, "count": min(AT_ONCE, every - start)}
        for statement in statements:
            _do(connection, statement, part)
    _do(connection, _STOCK, {})


def _do(connection: Connection, statement: str, values: dict[str, Any]) -> None:
    clause = text(statement)
    names = clause.compile().params
    if not db.is_sqlite():  # whole numbers are BIGINT wherever they meet
        for name in names:
            if type(values[name]) is int:  # a yes or no is none
                statement = statement.replace(f":{name}", f"CAST(:{name} AS BIGINT)")
        clause = text(statement)
    connection.execute(clause, {name: values[name] for name in names})


# Every sale is settled and takes whole deliveries.
_STOCK = """
INSERT INTO stock_lot (delivery_id)
SELECT id FROM delivery
WHERE NOT EXISTS (SELECT 1 FROM allotment WHERE allotment.delivery_id = delivery.id)
"""
_SALE = """
INSERT INTO sale (id, number, stage, buyer_id, product_id, sold_on, price_e4, buyer_weight, fee_bp,
    fee_weight_e4, fee_flat_rp, mode, our_weight, graded_weight_e4, gross_rp, costs_rp, fee_rp,
    cost_of_goods_rp, net_rp, settled_on, entry_id, act_id)
SELECT sale_id, 'JUAL-M-' || sale_id, 'settled', :buyer, :product, made_day.day, :price * 10000,
    weight, 0, 0, 0, 'pool', weight, weight * 10000, rp, 0, 0, 0, rp, made_day.day, sale_id, :act
FROM (SELECT sale_id, CAST(sum(quantity) AS BIGINT) AS weight, CAST(sum(share_rp) AS BIGINT) AS rp
      FROM allotment GROUP BY sale_id) sold
JOIN made_day ON made_day.k = CASE WHEN sale_id > :sales THEN :days + 3 ELSE sale_id * :every END
"""
# A slip's payment is an entry of its own; those of sales and buyers come before all of them.
_SLIP = """
INSERT INTO slip (id, number, code, sale_id, member_id, net_value_rp, deducted_rp, paid_on,
    received_rp, paid_from, paid_entry_id, paid_by_settler, act_id)
SELECT id, 'SLIP-M-' || id, substr(CAST(1000000000000000 + id AS VARCHAR), 1, 16), sale_id,
    member_id, rp, 0, paid_on, CASE WHEN paid_on IS NOT NULL THEN rp END,
    CASE WHEN paid_on IS NOT NULL THEN '1103' END,
    CASE WHEN paid_on IS NOT NULL THEN 2 * :sales + 1 + id END, :no, :act
FROM (SELECT row_number() OVER (ORDER BY sale_id, member_id) AS id, sale_id, member_id,
        CAST(sum(share_rp) AS BIGINT) AS rp,
        CASE WHEN sale_id <= :sales THEN max(sale.settled_on) END AS paid_on
      FROM allotment JOIN delivery ON delivery.id = delivery_id JOIN sale ON sale.id = sale_id
      GROUP BY sale_id, member_id) each_member
"""
_BUYER_PAYMENT = """
INSERT INTO buyer_payment (sale_id, paid_on, amount_rp, account_code, entry_id, act_id)
SELECT id, settled_on, gross_rp, '1103', :sales + 1 + id, :act FROM sale WHERE id <= :sales
"""


def _sales(connection: Connection, values: dict[str, Any]) -> None:
    for statement in (_SALE, _SLIP, _BUYER_PAYMENT):
        _do(connection, statement, values | {"no": False})


_POSTED = 'stage, "on", memo, paper, posted_at, act_id'
_ENTRIES = (
    f"INSERT INTO entry (id, number, {_POSTED})"  # noqa: S608
    " SELECT id, id, 'posted', settled_on, 'Settlement of a collective sale', 'sale:' || id, :at,"
    " :act FROM sale",
    f"INSERT INTO entry (id, number, {_POSTED})"  # noqa: S608
    " SELECT entry_id, entry_id, 'posted', paid_on, 'Payment of a buyer', 'sale:' || sale_id, :at,"
    " :act FROM buyer_payment",
    f"INSERT INTO entry (id, number, {_POSTED})"  # noqa: S608
    " SELECT paid_entry_id, paid_entry_id, 'posted', paid_on, 'Paid out', 'slip:' || id, :at, :act"
    " FROM slip WHERE paid_entry_id IS NOT NULL",
)
_LINES = (
    ("entry_id, '1120', gross_rp, 0, NULL, buyer_id", "sale"),
    ("sale_id, '2110', 0, net_value_rp, member_id, NULL", "slip"),
    ("entry_id, '1103', amount_rp, 0, NULL, NULL", "buyer_payment"),
    ("entry_id, '1120', 0, amount_rp, NULL, :buyer", "buyer_payment"),
    ("paid_entry_id, '2110', net_value_rp, 0, member_id, NULL", "slip WHERE paid_on IS NOT NULL"),
    ("paid_entry_id, '1103', 0, received_rp, NULL, NULL", "slip WHERE paid_on IS NOT NULL"),
)


def _journal(connection: Connection, values: dict[str, Any]) -> None:
    for statement in _ENTRIES:
        _do(connection, statement, values)
    for columns, where in _LINES:
        into = "entry_id, account_code, debit_rp, credit_rp, member_id, buyer_id"
        statement = f"INSERT INTO line ({into}, business_unit) SELECT {columns}, 'marketing'"
        _do(connection, statement + f" FROM {where}", values)


def _quotes(connection: Connection, values: dict[str, Any], first: date) -> None:
    """Three middlemen in every village and week, for both grades."""
    _do(
        connection,
        "INSERT INTO quote (product_id, grade_id, village_id, quoted_on, price_e4, cut_bp,"
        " charge_e4, pays_after_days, scale_offset, commission_bp, middleman, note, act_id)"
        " SELECT :product, grade.id, village.id, made_day.day, :middleman, 0, 0, 0, 0, 0, '', '',"
        " :act FROM made_day CROSS JOIN grade CROSS JOIN village"
        " JOIN made_n ON made_n.n < 3 WHERE made_day.k % 7 = 0",
        values | {"middleman": MIDDLEMAN_RP * 10_000},
    )


def _counted_up(connection: Connection, values: dict[str, Any]) -> None:
    """The counters and, on PostgreSQL, the keys go on after what was made."""
    last = connection.execute(text("SELECT max(number) FROM entry")).scalar_one()
    connection.execute(text("UPDATE counter SET last = :last WHERE name = 'entry'"), {"last": last})
    connection.execute(text("DELETE FROM setting WHERE name = 'waiting_rate_bp'"))
    connection.execute(
        text("INSERT INTO setting (name, value, act_id) VALUES ('waiting_rate_bp', '0', 1)")
    )
    if not db.is_sqlite():
        for table in SQLModel.metadata.sorted_tables:
            if "id" in table.columns and table.columns["id"].autoincrement:
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"  # noqa: S608
                        f' (SELECT coalesce(max(id), 1) FROM "{table.name}"))'
                    )
                )


def _references(made: Made, *, since: date, until: date) -> None:
    """The totals by day: references by the rule, lots added up by the database."""
    with db.reading(made.coop) as session:
        yardstick = Yardstick(session, since=since, until=until, product_id=made.product_id)
        heard = session.execute(
            text("SELECT DISTINCT grade_id, village_id, quoted_on FROM quote").columns(
                quoted_on=Date
            )
        )
        lots = {
            (grade_id, village_id, day): (int(paid), int(kg))
            for grade_id, village_id, day, paid, kg in session.execute(
                text(
                    "SELECT grade_id, village_id, received_on,"
                    " sum(CASE WHEN delivery.id <= :n THEN 1 ELSE 0 END),"
                    " sum(CASE WHEN delivery.id <= :n THEN net / 1000 ELSE 0 END)"
                    " FROM delivery WHERE delivery.id IN (SELECT delivery_id FROM allotment)"
                    " GROUP BY grade_id, village_id, received_on"
                ).columns(received_on=Date),
                {"n": _paid(session)},
            )
        }
        rows = []
        for grade_id, village_id, day in sorted({*lots, *map(tuple, heard)}):
            place = Likeness(made.product_id, grade_id, village_id, day)
            paid, kg = lots.get((grade_id, village_id, day), (0, 0))
            now = kept(yardstick.reference(place), [])
            thin = now.quotes < yardstick.enough.min_count
            rows.append(
                {
                    "product_id": made.product_id,
                    "grade_id": grade_id,
                    "village_id": village_id,
                    "day": day,
                    "kept_at": AT,
                    **vars(now),
                    "lots": paid,
                    "thin": paid if thin else 0,
                    "coop_rp": 0 if thin else kg * PRICE_RP,
                    "difference_rp": 0 if thin else kg * (PRICE_RP - MIDDLEMAN_RP),
                    "true_weight": 0 if thin else kg * 1_000,
                }
            )
    with db.writing(made.coop, person=SYSTEM, action="bench", at=AT) as session:
        session.execute(ReferenceDay.__table__.insert(), rows)  # type: ignore[attr-defined]


def _paid(session: Any) -> int:
    """The last delivery whose sale is paid out."""
    query = text(
        "SELECT max(delivery_id) FROM allotment"
        " WHERE sale_id IN (SELECT sale_id FROM slip WHERE paid_on IS NOT NULL)"
    )
    return int(session.execute(query).scalar_one())
