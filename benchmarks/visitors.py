"""`visitors.*`: members at once, each with one action in ten seconds, over their WebSockets.

An action opens the first page, opens the output log, types a quantity or keeps it, in turn. `most`
leaves out the keeping, since plain's visitors are all one person; it doubles their number until the
half second is passed, then goes half-way back until it knows the most to a seventh. In its quick
form a fifth of them act five times as often, which is as much to do in less time, each number is
tried once, and the answer is right to a third. The visitors run
in a process of their own on the same machine, so its processor time is theirs too and is named.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import figures
from benchmarks.crowd import Rhythm, Seen
from benchmarks.pages import serving_plain
from benchmarks.people import Someone, cookie, sign_ins, village
from kopprod.domain.access import Role
from kopprod.services import signin
from tests.browser import Server, serving

GOAL_S, EVERY_S = 0.5, 10.0
MEMBERS, LONG_S, QUICK_LONG_S = 200, 120.0, 10.0
CAP = 1_920  # the most that are tried
LONG, SHORT = Rhythm(EVERY_S, LONG_S), Rhythm(EVERY_S, QUICK_LONG_S)
STEP = Rhythm(EVERY_S, 30.0, calm_s=3.0, tries=2, near=7)
QUICK_STEP = Rhythm(EVERY_S / 5, 4.0, calm_s=0.5)


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
    asked = [sys.executable, "-m", "benchmarks.crowd", "--url", url]
    asked += ["--for", str(rhythm.lasting_s), "--every", str(rhythm.every_s)]
    done = subprocess.run(
        asked + (["--keep"] if keep else []),
        input="\n".join(cookie(token) if token else "" for token in tokens),
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


def main() -> None:
    """Measure once."""
    measure(quick=figures.is_quick())


if __name__ == "__main__":
    main()
