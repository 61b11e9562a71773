"""`settle`: one sale of many deliveries, exact, frozen and journalled, to a pandas group-by.

Pandas reads the same rows from the same database and adds up what each member brought. Each round
settles a copy of the cooperative. `python -m benchmarks.settle [--quick]`.
"""

import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import text

from benchmarks import figures, made
from benchmarks.made import PRICE_RP, Made
from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.services import numbers, sales

GOAL = 10
ON = date(2026, 10, 31)
ROUNDS = 3
FULL = (100_000, 5_000)
QUICK = (20_000, 1_000)
_ROWS = (
    "SELECT delivery.member_id, allotment.quantity, allotment.factor_bp FROM allotment"
    " JOIN delivery ON delivery.id = allotment.delivery_id WHERE allotment.sale_id = "
)


def measure(folder: Path, *, deliveries: int, members: int) -> None:
    """Make an open sale, then settle copies of it and let pandas add up in turn."""
    made.place(folder)
    sale_id = _opened("jual", deliveries, members)
    times: list[tuple[float, float]] = []
    for n in range(ROUNDS):
        coop = f"jual_{n}"
        _copied("jual", coop)
        times.append((_settle(coop, sale_id), _group_by(coop, sale_id)))
    of, to = (min(each) for each in zip(*times, strict=True))
    figures.line("settle", of, to, GOAL, unit="s", deliveries=deliveries, members=members)


def _opened(coop: str, deliveries: int, members: int) -> int:
    done: Made = made.cooperative(coop, members=members)
    size = made.Size(deliveries, members, sales=1)
    kg = made.goods(done, size, on=ON)
    with db.writing(coop, person=SYSTEM, action="bench", at=made.AT) as session:
        numbers.wait_turn(session, "JUAL", ON.year)
        sale = sales.open_sale(
            session,
            buyer_id=done.buyer_id,
            product_id=done.product_id,
            sold_on=ON,
            price_e4=PRICE_RP * 10_000 + 3_333,
            buyer_weight=kg * 1_000 - kg * 7,
            fee_bp=250,
            on=ON,
        )
        session.execute(
            text(
                "INSERT INTO allotment (sale_id, delivery_id, quantity, factor_bp, act_id)"
                " SELECT :sale, id, net, 10000, 1 FROM delivery"
            ),
            {"sale": sale.id},
        )
        return sale.id


def _copied(coop: str, to: str) -> None:
    db.close_connections()
    shutil.copyfile(db.sqlite_path(coop), db.sqlite_path(to))


def _settle(coop: str, sale_id: int) -> float:
    began = time.process_time()
    with db.writing(coop, person=SYSTEM, action="bench", at=made.AT) as session:
        sales.settle(session, sale_id, on=ON)
    return time.process_time() - began


def _group_by(coop: str, sale_id: int) -> float:
    with db.engine(coop, writes=False).connect() as connection:
        began = time.process_time()
        rows = pd.read_sql(text(f"{_ROWS}{sale_id}"), connection)
        worth = (rows.quantity * rows.factor_bp).groupby(rows.member_id).sum()
        assert len(worth)
        return time.process_time() - began


def main() -> None:
    """Measure once."""
    deliveries, members = QUICK if figures.is_quick() else FULL
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), deliveries=deliveries, members=members)


if __name__ == "__main__":
    main()
