"""The visitors' own process: they come, act in their rhythm, and say how long each act took.

It loads nothing but what a visitor needs, since a measurement starts it a dozen times.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks.visitor import Visitor

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


async def _all(host: str, cookies: Sequence[str], rhythm: Rhythm, *, keep: bool) -> Seen:
    seen, door = Seen(), asyncio.Semaphore(COMING_AT_ONCE)
    began = asyncio.Event()
    ready = [asyncio.Event() for _ in cookies]
    # Everybody has her own moment in the ten seconds; the same ones in every measurement.
    moments = random.Random(20261031)
    tasks = [
        asyncio.create_task(
            _one(host, cookie, seen, door, one, began, moments.random(), rhythm, keep)
        )
        for cookie, one in zip(cookies, ready, strict=True)
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
    cookie: str,
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
            visitor = await Visitor.come(host, cookie)
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
        if start + rhythm.every_s >= until:
            break
        await asyncio.sleep(max(0.0, start + rhythm.every_s - time.monotonic()))
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
    """Visit the server of this address, with the cookies that come in line by line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--for", dest="lasting", type=float, required=True)
    parser.add_argument("--every", type=float, required=True)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    cookies = sys.stdin.read().split("\n")
    rhythm = Rhythm(asked.every, asked.lasting)
    seen = asyncio.run(_all(urlsplit(asked.url).netloc, cookies, rhythm, keep=asked.keep))
    lines = [str(seen.cpu_s), *map(str, seen.took), *("! " + one for one in seen.errors)]
    sys.stdout.write("\n".join(" ".join(line.split()) for line in lines))


if __name__ == "__main__":
    main()
