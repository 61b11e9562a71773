"""`visitors.*`: members at once, each with one action in ten seconds, over their WebSockets.

An action opens the first page, opens the output log, types a quantity or keeps it, in turn. `most`
leaves out the keeping, since plain's visitors are all one person. The visitors run in a process of
their own on the same machine, so its processor time is theirs too and is named.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks import figures
from benchmarks.pages import serving_plain
from benchmarks.people import COOP, Someone, sign_ins, village
from benchmarks.visitor import Visitor
from kopprod.domain.access import Role
from kopprod.services import signin
from tests.browser import Server, serving

GOAL_S, EVERY_S = 0.5, 10.0
MEMBERS, LONG_S, QUICK_LONG_S = 200, 120.0, 20.0
STEP_S, QUICK_STEP_S = 40.0, 15.0
STEPS = (10, 20, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960)
QUICK_STEPS = (20, 80, 320)
TRIES, CALM_S = 2, 3.0  # one slow answer of the few of twenty visitors is no limit
COMING_AT_ONCE = 4  # so that opening the lines does not flood the server that is to be measured


@dataclass
class Seen:
    """What the visitors met: seconds of each action, and how many failed."""

    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu_s: float = 0.0

    @property
    def p95(self) -> float:
        """Seconds within which nineteen of twenty actions were done."""
        return quantiles(self.took, n=20)[-1] if len(self.took) > 1 else float("inf")


def measure(*, quick: bool = False) -> None:
    """Print both lines."""
    with tempfile.TemporaryDirectory() as name, village(Path(name)):
        folder = Path(name)
        steps = QUICK_STEPS if quick else STEPS
        tokens = sign_ins({Role.MEMBER: max(*steps, MEMBERS)})[Role.MEMBER]
        with serving(folder / "ours.log", KOPPROD_DEMO="off") as ours:
            seen = _visited(ours.url, tokens[:MEMBERS], QUICK_LONG_S if quick else LONG_S)
            figures.line(
                "visitors.200",
                seen.p95,
                GOAL_S,
                1,
                unit="s",
                actions=len(seen.took),
                errors=len(seen.errors),
                first_error=(seen.errors or [""])[0][:200],
                server_mb=_memory_mb(ours),
                visitors_cpu_s=seen.cpu_s,
            )
            lasting = QUICK_STEP_S if quick else STEP_S
            most = _most(ours.url, tokens, steps, lasting)
        someone = Someone("", signin.hash_token(tokens[0]))
        with serving_plain(folder, someone) as url:
            plain = _most(url, [""] * len(tokens), steps, lasting)
    figures.line("visitors.most", plain, most, 0.1, unit="visitors", tried_up_to=steps[-1])


def _most(url: str, tokens: Sequence[str], steps: Sequence[int], lasting: float) -> int:
    """The most visitors of those tried whose 95th percentile stays within the half second."""
    most = 0
    for count in steps:
        if not any(_borne(url, tokens[:count], lasting) for _try in range(TRIES)):
            break
        most = count
    return most


def _borne(url: str, tokens: Sequence[str], lasting: float) -> bool:
    time.sleep(CALM_S)  # until those who left are forgotten
    seen = _visited(url, tokens, lasting, keep=False)
    return not seen.errors and seen.p95 <= GOAL_S


def _visited(url: str, tokens: Sequence[str], lasting: float, *, keep: bool = True) -> Seen:
    """Let them visit from another process, so that nothing here is in their way."""
    asked = [sys.executable, "-m", "benchmarks.visitors", "--url", url, "--for", str(lasting)]
    done = subprocess.run(
        asked + (["--keep"] if keep else []),
        input="\n".join(tokens),
        capture_output=True,
        text=True,
        check=True,
    )
    cpu_s, *lines = done.stdout.splitlines()
    took = [float(line) for line in lines if line[0].isdigit()]
    return Seen(took, [line for line in lines if not line[0].isdigit()], float(cpu_s))


def _memory_mb(server: Server) -> int:
    """The most memory that the server ever had."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


# --- the visitors' own process -------------------------------------------------------------------


async def _all(host: str, tokens: Sequence[str], lasting: float, *, keep: bool) -> Seen:
    seen, door = Seen(), asyncio.Semaphore(COMING_AT_ONCE)
    began = asyncio.Event()
    ready = [asyncio.Event() for _ in tokens]
    # Everybody has her own moment in the ten seconds; the same ones in every measurement.
    moments = random.Random(20261031)
    tasks = [
        asyncio.create_task(
            _one(host, token, seen, door, one, began, moments.random() * EVERY_S, lasting, keep)
        )
        for token, one in zip(tokens, ready, strict=True)
    ]
    for one in ready:
        await one.wait()
    cpu = time.process_time()
    began.set()
    await asyncio.gather(*tasks)
    seen.cpu_s = time.process_time() - cpu
    return seen


async def _one(
    host: str,
    token: str,
    seen: Seen,
    door: asyncio.Semaphore,
    ready: asyncio.Event,
    began: asyncio.Event,
    first: float,
    lasting: float,
    keep: bool,
) -> None:
    visitor = None
    try:
        async with door:
            visitor = await Visitor.come(host, COOP, token)
            await visitor.go("")
    except Exception as error:  # whatever it was, it is one visitor's error
        seen.errors.append(f"coming: {error!r}")
    ready.set()
    await began.wait()
    until = time.monotonic() + lasting
    await asyncio.sleep(first)
    turn = 0
    while visitor is not None and time.monotonic() < until:
        start = time.monotonic()
        try:
            seen.took.append(await _act(visitor, turn, keep=keep))
        except Exception as error:
            seen.errors.append(f"{visitor.page or 'home'}: {error!r}")
        turn += 1
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - start)))
    if visitor is not None:
        await visitor.leave()


async def _act(visitor: Visitor, turn: int, *, keep: bool) -> float:
    """The next thing that a member does."""
    step = turn % (4 if keep else 3)
    if step == 0:
        return await visitor.go("output")
    if step == 1:
        return await visitor.type_into("output_quantity", str(20 + turn))
    if step == 2 and keep:
        return await visitor.press("output_record")
    return await visitor.go("")


def main() -> None:
    """Measure once; or, with a server's address, be the visitors whose tokens are on the input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--url")
    parser.add_argument("--for", dest="lasting", type=float)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    if asked.url is None:
        measure(quick=asked.quick)
        return
    tokens = sys.stdin.read().split("\n")
    seen = asyncio.run(_all(urlsplit(asked.url).netloc, tokens, asked.lasting, keep=asked.keep))
    lines = [str(seen.cpu_s), *map(str, seen.took), *("! " + one for one in seen.errors)]
    sys.stdout.write("\n".join(" ".join(line.split()) for line in lines))


if __name__ == "__main__":
    main()
