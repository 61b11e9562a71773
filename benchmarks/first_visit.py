"""`first_visit_3g`: from the address to an output log that can be filled in, on a slow line.

Ours begins with signing in by name and PIN, plain's does not; each visit is of a phone that was
never here. `python -m benchmarks.first_visit [--quick]`.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, expect

from benchmarks import figures
from benchmarks.pages import LOG, PATIENCE_MS, PIN, USABLE, Meter, both, bytes_of, newcomer
from benchmarks.people import Someone
from tests.browser import launched

# 1.6 Mbit/s down and 0.75 up with 150 ms there and back, which Chromium calls a fast 3G.
FAST_3G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
VISITS, QUICK_VISITS = 5, 1
GOAL = 0.35


def measure(*, quick: bool = False) -> None:
    """Print the line."""
    with (
        tempfile.TemporaryDirectory() as folder,
        both(Path(folder)) as servers,
        launched() as chrome,
    ):
        # Whoever comes first waits for libraries to be loaded.
        bytes_of(chrome, servers.ours, LOG, servers.who)
        bytes_of(chrome, servers.plain, LOG)
        visits = range(QUICK_VISITS if quick else VISITS)
        took = [first_visit_s(chrome, servers.ours, servers.who) for _one in visits]
        plainly = [first_visit_s(chrome, servers.plain) for _one in visits]
        figures.line(
            "first_visit_3g",
            median(took),
            median(plainly),
            GOAL,
            slowest_s=max(took),
            plain_fastest_s=min(plainly),
        )


def first_visit_s(chrome: Browser, url: str, who: Someone | None = None) -> float:
    """Seconds on a 3G from the address to an output log that can be filled in."""
    with newcomer(chrome, url) as context:
        page = context.new_page()
        Meter(page).devtools.send("Network.emulateNetworkConditions", FAST_3G)
        began = time.monotonic()
        page.goto(LOG, wait_until="commit")
        if who is not None:
            page.locator('[name="nama"]').fill(who.name)
            page.locator('[name="pin"]').fill(PIN)
            page.locator('form[action="/masuk"] button').click(no_wait_after=True)
        expect(page.locator(USABLE).first).to_be_visible(timeout=PATIENCE_MS)
        return time.monotonic() - began


def main() -> None:
    """Measure once."""
    measure(quick=figures.is_quick())


if __name__ == "__main__":
    main()
