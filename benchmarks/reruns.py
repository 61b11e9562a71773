"""`rerun.*`: one re-run of a page, to one of a one-line Streamlit script with the same settings.

Both are asked over the WebSocket in turn, by one visitor each; `answer` is what an answer in the
page's form takes where only the form is drawn again, `written` a re-run before which somebody wrote
something, so that nothing is remembered (services/memory.py).
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks import figures
from benchmarks.people import COOP, cookie, sign_ins, village
from benchmarks.visitor import Visitor
from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from tests.browser import ROOT, free_port, serving, wait_until_serving

ROUNDS, QUICK_ROUNDS = 60, 15
WARM = 5
PAGES = (("log", "output", Role.MEMBER, 2), ("home", "home", Role.MEMBER, 3),
         ("dashboard", "dashboard", Role.MANAGER, 8))  # fmt: skip

Step = Callable[[], Awaitable[float]]


def measure(*, quick: bool = False) -> None:
    """Print a line for each page."""
    with tempfile.TemporaryDirectory() as name, village(Path(name)):
        folder = Path(name)
        tokens = sign_ins({Role.MEMBER: 1, Role.MANAGER: 1})
        with (
            serving(folder / "ours.log", KOPPROD_DEMO="off") as ours,
            one_line(folder) as short,
        ):
            host = ours.url.removeprefix("http://")
            rounds = QUICK_ROUNDS if quick else ROUNDS
            asyncio.run(_measure(host, short, tokens, rounds))


@contextmanager
def one_line(folder: Path) -> Iterator[str]:
    """The one-line script under uvicorn, from our folder and so with our settings."""
    port = free_port()
    log = folder / "short.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "benchmarks.one_line:app", "--host", "127.0.0.1"]
            + ["--port", str(port), "--no-access-log"],
            cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        wait_until_serving(process, port, log, path="/_stcore/health")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def _measure(ours: str, short: str, tokens: dict[Role, list[str]], rounds: int) -> None:
    base = await Visitor.come(short)
    await base.go("")
    for name, page, role, goal in PAGES:
        visitor = await Visitor.come(ours, cookie(tokens[role][0]))
        await visitor.go("" if page == "home" else page)
        took, plain = await _in_turn([visitor.again, base.again], rounds)
        more = {"written": (await _in_turn([partial(_written, visitor)], rounds))[0] / plain}
        if page == "output":
            more["answer"] = await _answers(visitor, base, rounds)
        figures.line(f"rerun.{name}", took, plain, goal, unit="s", **more)
        await visitor.leave()
    await base.leave()


async def _written(visitor: Visitor) -> float:
    with db.writing(COOP, person=SYSTEM, action="benchmark", at=datetime.now(UTC)):
        pass
    return await visitor.again()


async def _answers(visitor: Visitor, base: Visitor, rounds: int) -> float:
    turns = count(1)
    took, plain = await _in_turn(
        [lambda: visitor.type_into("output_quantity", str(next(turns))), base.again], rounds
    )
    return took / plain


async def _in_turn(steps: list[Step], rounds: int) -> list[float]:
    times: list[list[float]] = [[] for _ in steps]
    for turn in range(rounds + WARM):
        for step, kept in zip(steps, times, strict=True):
            took = await step()
            if turn >= WARM:
                kept.append(took)
    return [median(one) for one in times]


def main() -> None:
    """Measure once."""
    measure(quick=figures.is_quick())


if __name__ == "__main__":
    main()
