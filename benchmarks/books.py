"""`books`: the trial balance and every sub-ledger, to one bare SQL group-by of the same lines.

Beside it what hledger, ledger and beancount need to read the exported journal, where they are
installed: `python -m benchmarks.books [--quick] [--with-programs]`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks import figures, made
from kopprod import db
from kopprod.domain.ledger_files import LedgerFormat
from kopprod.services import books, ledger_files

GOAL = 3
FULL = made.Size(deliveries=335_000, sales=67)  # a million lines
QUICK = made.Size(deliveries=10_000, members=1_000, sales=20)
ON = date(2026, 10, 31)
ROUNDS = 5
_BARE = text(
    "SELECT account_code, member_id, buyer_id, sum(debit_rp) - sum(credit_rp) FROM line"
    " GROUP BY account_code, member_id, buyer_id"
)
_PROGRAMS = {
    "hledger": (LedgerFormat.HLEDGER, ["hledger", "-f", "{file}", "balance"]),
    "ledger": (LedgerFormat.HLEDGER, ["ledger", "-f", "{file}", "balance"]),
    "beancount": (LedgerFormat.BEANCOUNT, [sys.executable, "-c", "{beancount}"]),
}
_BEANCOUNT = "from beancount import loader; loader.load_file({file!r})"


def measure(folder: Path, size: made.Size, *, programs: bool = False) -> None:
    """Make the journal, then read the books of it and the bare sums in turn."""
    made.place(folder)
    done = made.history("buku", size, on=ON)
    with db.reading(done.coop) as session:
        session.execute(text("SELECT count(*) FROM line")).scalar_one()
        lines = int(session.execute(text("SELECT count(*) FROM line")).scalar_one())
    of, to = interleaved(
        lambda: _with_session(done.coop, _books), lambda: _with_session(done.coop, _bare)
    )
    more: dict[str, Any] = {"unit": "s", "lines": lines}
    if programs:
        more |= _others(done.coop, folder)
    figures.line("books", of, to, GOAL, **more)


def interleaved(
    ours: Callable[[], object], bare: Callable[[], object], *, rounds: int = ROUNDS
) -> tuple[float, float]:
    """The shortest time of each, taken in turn, in seconds."""
    times: list[tuple[float, float]] = []
    for _ in range(rounds):
        times.append((_timed(ours), _timed(bare)))
    return min(one for one, _ in times), min(one for _, one in times)


def _timed(does: Callable[[], object]) -> float:
    began = time.perf_counter()
    does()
    return time.perf_counter() - began


def _with_session(coop: str, does: Callable[[Any], object]) -> None:
    with db.reading(coop) as session:
        does(session)


def _books(session: Any) -> None:
    found = books.balances(session)
    assert sum(found.values()) == 0
    trial: dict[str, int] = defaultdict(int)
    for (code, _, _), total_rp in found.items():
        trial[code] += total_rp


def _bare(session: Any) -> None:
    session.execute(_BARE).all()


def _others(coop: str, folder: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for form in LedgerFormat:
        began = time.perf_counter()
        with db.reading(coop) as session, (folder / form).open("w", encoding="utf-8") as out:
            out.writelines(ledger_files.journal(session, form))
        found[f"export_{form}_s"] = time.perf_counter() - began
    for name, (form, order) in _PROGRAMS.items():
        if name != "beancount" and shutil.which(name) is None:
            continue
        file = str(folder / form)
        asked = [part.format(file=file, beancount=_BEANCOUNT.format(file=file)) for part in order]
        began = time.perf_counter()
        subprocess.run(asked, check=True, capture_output=True)
        found[f"{name}_s"] = time.perf_counter() - began
    return found


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--with-programs", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), QUICK if asked.quick else FULL, programs=asked.with_programs)


if __name__ == "__main__":
    main()
