"""All figures, one JSON line each: `python -m benchmarks [--quick]`.

Each topic is measured in a process of its own, one after the other, so that none is slower for what
another left behind; the demo is made once for those that show it. The quick form measures two at a
time of those whose figures are processor time or bytes. The long history is measured on SQLite and,
last and not in the quick form, on PostgreSQL.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.people import MADE
from tests import postgres

# Processor time and bytes, and what is measured by the clock.
COUNTED, WATCHED = (
    ("imports", "pages", "settle", "books"),
    ("first_visit", "reruns", "visitors"),
)


def main() -> int:
    """Measure every topic; 1 if one of them broke off."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = ["--quick"] if parser.parse_args().quick else []
    with tempfile.TemporaryDirectory() as name:
        made = str(Path(name) / "made.db")
        at_once = 2 if quick else 1
        failed = _run([["people", made], ["history", *quick]], at_once=at_once, settings={})
        counted, watched = ([[one, *quick] for one in them] for them in (COUNTED, WATCHED))
        failed += _run(counted, at_once=at_once, settings={MADE: made})
        failed += _run(watched, at_once=1, settings={MADE: made})
    if not quick:
        failed += _on_postgresql()
    for topic in failed:
        sys.stderr.write(f"{topic} broke off\n")
    return 1 if failed else 0


def _on_postgresql() -> list[str]:
    try:
        with postgres.serving() as server:
            where = {"KOPPROD_DB": server.database("postgres")}
            return _run([["history"]], at_once=1, settings=where)
    except postgres.NoPostgres as missing:
        return [f"history on PostgreSQL ({missing})"]


def _run(asked: Sequence[Sequence[str]], *, at_once: int, settings: Mapping[str, str]) -> list[str]:
    """Run these modules with their arguments; gives those that broke off."""

    def one(module: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", *arguments],
            env={**os.environ, **settings},
        )
        return module if done.returncode else ""

    with ThreadPoolExecutor(at_once) as threads:
        return [name for name in threads.map(lambda it: one(*it), asked) if name]


if __name__ == "__main__":
    sys.exit(main())
