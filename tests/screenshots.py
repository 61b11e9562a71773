"""Renews docs/pictures: every page of the demo cooperative, on a phone and on a laptop.

`python -m tests.screenshots` pictures each page as the person whose work it is;
`python -m tests.screenshots --all FOLDER` as every role that may open it, to look at them.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from kopprod import db, demo
from kopprod.domain.access import Person, Role
from kopprod.services import signin
from kopprod.ui import places
from tests.browser import (
    LAPTOP,
    PHONE,
    ROOT,
    Server,
    go,
    launched,
    open_page,
    picture,
    serving,
    settle,
)

# Whose picture of a page the guide shows; all others are the manager's.
WHOSE = {
    "home": Role.MEMBER,
    "output": Role.MEMBER,
    "quotes": Role.MEMBER,
    "deliveries": Role.OFFICER,
    "slips": Role.TREASURER,
    "ledger": Role.TREASURER,
}
# What only stands on a page that went wrong; nobody did anything yet that could be refused.
WRONG = '[data-testid="stAlertContentError"], [data-testid="stException"], [role="dialog"]'


def main() -> int:
    """Make the pictures; exits with 1 if a page went wrong, and names it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    asked.add_argument("--all", action="store_true", help="every role that may open the page")
    asked.add_argument("--page", action="append", help="only this page")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="kopprod-pictures-") as work:
        os.environ["KOPPROD_DB"] = f"sqlite:///{work}/{{coop}}.db"
        os.environ["KOPPROD_DEMO"] = "on"
        demo.make(on=datetime.now(UTC).date())
        with serving(Path(work) / "server.log") as server, launched() as browser:
            wrong = [*_pictures(browser, server, options.folder, options.all, options.page)]
            log = server.log.read_text()
    for name in wrong:
        print(f"went wrong: {name}")
    if wrong:
        print(log[-5000:])
    return 1 if wrong else 0


def _pictures(
    browser: Browser, server: Server, folder: Path, every_role: bool, only: list[str] | None
) -> Iterator[str]:
    for size in (PHONE, LAPTOP):
        door = open_page(browser, server, size)
        picture(door, folder / f"masuk-{size[0]}.png")
        door.context.close()
        for who in _people():
            page = _enter(open_page(browser, server, size), who)
            for name in _pages(who, every_role):
                if only and name not in only:
                    continue
                file = f"{name}-{_role(who)}" if every_role else name
                picture(go(page, name), folder / f"{file}-{size[0]}.png")
                if page.locator(WRONG).count():
                    yield f"{name} as {_role(who)} at {size[0]}"
            page.context.close()


def _people() -> list[Person]:
    """One of the demo's people for each role."""
    with db.reading(demo.SLUG) as session:
        found = {
            role: Person(id_, name, frozenset({role}))
            for id_, name, role in reversed(signin.demo_people(session))
        }
    return list(found.values())


def _role(who: Person) -> Role:
    return next(iter(who.roles))


def _pages(who: Person, every_role: bool) -> list[str]:
    names = [place.name for place in places.open_to(who)]
    if every_role:
        return names
    return [name for name in names if WHOSE.get(name, Role.MANAGER) is _role(who)]


def _enter(page: Page, who: Person) -> Page:
    page.locator("form", has=page.locator(f'[name="orang"][value="{who.user_id}"]')).get_by_role(
        "button"
    ).click()
    return settle(page)


if __name__ == "__main__":
    sys.exit(main())
