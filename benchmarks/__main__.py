"""All figures, one JSON line each: `python -m benchmarks [--quick]`.

Each topic is measured in a process of its own, one after the other, so that none is slower for what
another left behind; the demo is made once for those that show it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.people import COOP, MADE, village
from kopprod import db

TOPICS = ("pages", "reruns", "visitors", "books", "settle", "imports", "history")


def main() -> int:
    """Measure every topic; 1 if one of them broke off."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = ["--quick"] if parser.parse_args().quick else []
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "made.db"
        with village(Path(name)):
            shutil.copy(db.sqlite_path(COOP), made)
        settings = {**os.environ, MADE: str(made)}
        failed = [
            topic
            for topic in TOPICS
            if subprocess.run(
                [sys.executable, "-m", f"benchmarks.{topic}", *quick], env=settings
            ).returncode
        ]
    for topic in failed:
        sys.stderr.write(f"{topic} broke off\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
