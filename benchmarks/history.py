"""`history.*`: a page's re-run over a long history, to the same page over a short one.

Both cooperatives have the same members, villages, days, prices and things that wait; only how much
was delivered, settled and paid before differs. `python -m benchmarks.history [--quick]`; the
deliveries of the long one are `--deliveries`. On PostgreSQL with `KOPPROD_DB=postgresql+psycopg://`.
"""

import argparse
import logging
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks import figures, made
from benchmarks.made import Made, Size
from kopprod import db
from kopprod.domain.access import SYSTEM
from tests.screens import screen

GOAL = 1.3
FEW = 10_000
MANY, MANY_QUICK = 10_000_000, 40_000
ROUNDS = 7
PAGES = {"dashboard": "dashboard", "home": "home", "home_member": "home", "passport": "passport"}


def measure(folder: Path, *, many: int, members: int, sales: int) -> None:
    """Make both, then let the same pages run again in turn."""
    made.place(folder)
    on = datetime.now(UTC).date()
    both = [
        made.history(name, Size(count, members, sales), on=on)
        for name, count in (("panjang", many), ("pendek", FEW))
    ]
    again(both, many=many)


def again(both: Sequence[Made], *, many: int) -> None:
    """Measure two that are made: the long one, the short one."""
    engine = "sqlite" if db.is_sqlite() else "postgresql"
    for name, page in PAGES.items():
        of, to, kept = _rerun(both, [_open(one, name, page) for one in both])
        more = {"unit": "s", "kept": kept, "engine": engine, "deliveries": many}
        figures.line(f"history.{name}", of, to, GOAL, **more)


def _open(one: Made, name: str, page: str) -> AppTest:
    test = screen(one.coop, one.manager if name in ("dashboard", "home") else one.member, page)
    assert not test.exception, test.exception
    return test


def _rerun(both: Sequence[Made], tests: Sequence[AppTest]) -> tuple[float, float, float | None]:
    """The shortest re-run of each after somebody wrote something, taken in turn.

    Third the ratio of the shortest re-runs while nobody writes, at which what everybody asks is
    remembered.
    """
    # An embedded database's time is this process's own, whatever else the machine does.
    clock = time.process_time if db.is_sqlite() else time.perf_counter
    asked: list[list[float]] = [[], []]
    kept: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for place, (one, test) in enumerate(zip(both, tests, strict=True)):
            with db.writing(one.coop, person=SYSTEM, action="bench", at=datetime.now(UTC)):
                pass  # one more act: whatever was remembered is asked anew
            for times in (asked, kept):
                began = clock()
                test.run()
                times[place].append(clock() - began)
    return min(asked[0]), min(asked[1]), figures.ratio(min(kept[0]), min(kept[1]))


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--deliveries", type=int)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit's word on each run, that no server runs it
    many = asked.deliveries or (MANY_QUICK if asked.quick else MANY)
    with tempfile.TemporaryDirectory() as folder:
        members, sales = (500, 40) if asked.quick else (5_000, 100)
        measure(Path(folder), many=many, members=members, sales=sales)


if __name__ == "__main__":
    main()
