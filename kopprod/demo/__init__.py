"""The demo cooperative: two years of an invented cooperative, made by the services a user calls.

The same day gives the same cooperative: chance comes from one seeded source. What is made is what
people would have done: they log, deliver, note prices; the manager sells and settles; the treasurer
takes the buyer's money, pays the costs and the slips. The last weeks are left half-done, so that
every screen has something that waits: logs that no scale has seen, goods in store, an open sale,
an order that is not filled, slips that are not paid, and a list on which some have signed.
"""

import random
import tomllib
from datetime import date

from sqlalchemy import text
from sqlmodel import select

from kopprod import db
from kopprod.demo import founding, lately, machines, purchases, season
from kopprod.demo.stage import Stage, moment
from kopprod.domain.access import SYSTEM
from kopprod.migrations import run
from kopprod.services import references
from kopprod.tables.trail import Act

SLUG = "demo"
WHOLE = "demo.whole"
INPUT = db.ROOT / "data" / "demo.toml"
SEED = 17


def make(coop: str = SLUG, *, on: date) -> None:
    """Make the demo cooperative as it would stand on the day `on`."""
    plan = tomllib.loads(INPUT.read_text("utf-8"))
    run.create(coop)
    stage = Stage(coop, on, random.Random(SEED))
    founding.found(stage, plan)
    season.play(stage)
    lately.play(stage)
    purchases.play(stage)
    machines.play(stage)
    with db.writing(coop, person=SYSTEM, action=WHOLE, at=moment(on, 18)) as session:
        references.keep_all(session)  # the act says that nothing broke off half-way


def is_whole(coop: str = SLUG) -> bool:
    """Whether the demo is there and was made to its end."""
    if not db.exists(coop):
        return False
    with db.reading(coop) as session:
        return session.exec(select(Act).where(Act.action == WHOLE)).first() is not None


def remove(coop: str = SLUG) -> None:
    """Take away a demo cooperative with all that is in it; never any other."""
    if not coop.startswith(SLUG):
        raise ValueError(f"{coop} is no demo")
    if db.is_sqlite():
        db.close_connections()
        for ending in ("", "-wal", "-shm"):
            path = db.sqlite_path(coop)
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return
    with db.engine(coop, writes=True).begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {db.schema(coop)} CASCADE"))
