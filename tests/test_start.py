"""What happens before the server answers, also where two servers start in the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from kopprod import db
from kopprod.migrations import run
from kopprod.web import start


def test_two_servers_that_start_at_once_make_the_demo_once(coop: str) -> None:
    made: list[date] = []

    def is_whole() -> bool:
        return db.exists("demo")

    def make(on: date) -> None:
        time.sleep(0.2)
        run.create("demo")
        made.append(on)

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(start.prepare, is_whole, make) for _server in range(2)]:
            done.result()

    assert len(made) == 1
    assert db.coops() == ["demo", coop]
