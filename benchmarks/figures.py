"""One figure, one line of JSON: ours against what it is measured by, and the goal for the ratio."""

import argparse
import json
import sys
from typing import Any

SIGNIFICANT = 4  # digits; no measurement here is truer


def line(name: str, of: float, to: float, goal: float, **more: Any) -> None:
    """Print one figure: `ratio` is `of / to`, met where it is not above the goal.

    `more` says what else was measured, such as the unit or plain's bytes. A figure that has nothing
    to be measured by (`to` of 0) has no ratio, and is not met.
    """
    facts = {"name": name, "ratio": ratio(of, to), "goal": goal, "of": short(of), "to": short(to)}
    facts |= {key: short(one) if isinstance(one, float) else one for key, one in more.items()}
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def ratio(of: float, to: float) -> float | None:
    """How many times of what it is measured by."""
    return short(of / to) if to else None


def short(number: float) -> float:
    """A number with no more digits than were measured; whole numbers stay as they are."""
    return number if isinstance(number, int) else float(f"{number:.{SIGNIFICANT}g}")


def is_quick() -> bool:
    """Whether less data was asked for on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    return bool(parser.parse_args().quick)
