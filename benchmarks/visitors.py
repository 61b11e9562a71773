"""`visitors.*`: members at once, each with one action in ten seconds, over their WebSockets.

An action opens the first page, opens the output log, types a quantity or keeps it, in turn. `most`
leaves out the keeping, since plain's visitors are all one person; it doubles their number until the
half second is passed, then goes half-way back until it knows the most to a seventh. In its quick
form a fifth of them act five times as often, which is as much to do in less time, each number is
tried once, and the answer is right to a third. The visitors run
in a process of their own on the same machine, so its processor time is theirs too and is named.
"""

import argparse
import asyncio
import os
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
MEMBERS, LONG_S, QUICK_LONG_S = 200, 120.0, 10.0
CAP = 1_920  # the most that are tried
COMING_AT_ONCE = 4  # so that opening the lines does not flood the server that is to be measured


@dataclass(frozen=True)
class Rhythm:
    """How often each visitor acts, for how long, and how long it is quiet before.

    Looking for the most, a number is tried `tries` times, as one slow answer to the few of ten
    visitors is no limit, and the answer is right to one part in `near`.
    """

    every_s: float
    lasting_s: float
    calm_s: float = 0.0
    tries: int = 1
    near: int = 3


LONG, SHORT = Rhythm(EVERY_S, LONG_S), Rhythm(EVERY_S, QUICK_LONG_S)
STEP = Rhythm(EVERY_S, 30.0, calm_s=3.0, tries=2, near=7)
QUICK_STEP = Rhythm(EVERY_S / 5, 4.0, calm_s=0.5)


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
        step = QUICK_STEP if quick else STEP
        tokens = sign_ins({Role.MEMBER: CAP})[Role.MEMBER]
        with serving(folder / "ours.log", KOPPROD_DEMO="off") as ours:
            before_s = _cpu_s(ours)
            seen = _visited(ours.url, tokens[:MEMBERS], SHORT if quick else LONG, keep=True)
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
                server_cpu_s=round(_cpu_s(ours) - before_s, 1),
                visitors_cpu_s=seen.cpu_s,
            )
            most = _most(ours.url, tokens, step, first=320)
        someone = Someone("", signin.hash_token(tokens[0]))
        with serving_plain(folder, someone) as url:
            plain = _most(url, [""] * CAP, step, first=40)
    figures.line("visitors.most", plain, most, 0.1, unit="visitors", tried_up_to=CAP)


def _most(url: str, tokens: Sequence[str], rhythm: Rhythm, *, first: int) -> int:
    """The most visitors, each once in ten seconds, who are answered within the half second."""
    each = round(EVERY_S / rhythm.every_s)  # one of them does as much as so many
    most, too_many, count, cap = 0, 0, first // each, len(tokens) // each
    while count:
        if any(_borne(url, tokens[:count], rhythm) for _try in range(rhythm.tries)):
            most = count
        else:
            too_many = count
        if not too_many:
            count = min(2 * most, cap) if most < cap else 0
        elif too_many - most > max(1, most // rhythm.near):
            count = (most + too_many) // 2
        else:
            count = 0
    return most * each


def _borne(url: str, tokens: Sequence[str], rhythm: Rhythm) -> bool:
    time.sleep(rhythm.calm_s)  # until those who left are forgotten
    seen = _visited(url, tokens, rhythm, keep=False)
    return not seen.errors and seen.p95 <= GOAL_S


def _visited(url: str, tokens: Sequence[str], rhythm: Rhythm, *, keep: bool) -> Seen:
    """Let them visit from another process, so that nothing here is in their way."""
    asked = [sys.executable, "-m", "benchmarks.visitors", "--url", url]
    asked += ["--for", str(rhythm.lasting_s), "--every", str(rhythm.every_s)]
    done = subprocess.run(
        asked + (["--keep"] if keep else []),
        input="\n".join(tokens),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    cpu_s, *lines = done.stdout.splitlines()
    took = [float(line) for line in lines if line[0].isdigit()]
    return Seen(took, [line for line in lines if not line[0].isdigit()], float(cpu_s))


def _cpu_s(server: Server) -> float:
    """The processor time that the server has had; coming and opening the first page included."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(server: Server) -> int:
    """The most memory that the server ever had."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


# --- the visitors' own process -------------------------------------------------------------------


async def _all(host: str, tokens: Sequence[str], rhythm: Rhythm, *, keep: bool) -> Seen:
    seen, door = Seen(), asyncio.Semaphore(COMING_AT_ONCE)
    began = asyncio.Event()
    ready = [asyncio.Event() for _ in tokens]
    # Everybody has her own moment in the ten seconds; the same ones in every measurement.
    moments = random.Random(20261031)
    tasks = [
        asyncio.create_task(
            _one(host, token, seen, door, one, began, moments.random(), rhythm, keep)
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
    moment: float,
    rhythm: Rhythm,
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
    until = time.monotonic() + rhythm.lasting_s
    await asyncio.sleep(moment * rhythm.every_s)
    turn = 0
    while visitor is not None and time.monotonic() < until:
        start = time.monotonic()
        try:
            seen.took.append(await _act(visitor, turn, keep=keep))
        except Exception as error:
            seen.errors.append(f"{visitor.page or 'home'}: {error!r}")
        turn += 1
        await asyncio.sleep(max(0.0, rhythm.every_s - (time.monotonic() - start)))
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
    parser.add_argument("--every", type=float)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    if asked.url is None:
        measure(quick=asked.quick)
        return
    tokens = sys.stdin.read().split("\n")
    rhythm = Rhythm(asked.every, asked.lasting)
    seen = asyncio.run(_all(urlsplit(asked.url).netloc, tokens, rhythm, keep=asked.keep))
    lines = [str(seen.cpu_s), *map(str, seen.took), *("! " + one for one in seen.errors)]
    sys.stdout.write("\n".join(" ".join(line.split()) for line in lines))


if __name__ == "__main__":
    main()
