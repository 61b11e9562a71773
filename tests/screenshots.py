"""Renews docs/pictures, which the README and the guide show, from the demo cooperative.

`python -m tests.screenshots --all FOLDER` pictures every page as every role that may open it, on a
phone and on a laptop, to look at them.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
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
    fill,
    go,
    launched,
    open_page,
    picture,
    serving,
    settle,
)


@dataclass(frozen=True)
class Shown:
    """A picture that the README or the guide shows: whose screen, how wide, and made ready how."""

    name: str
    role: Role
    size: tuple[int, int]
    place: str
    ready: Callable[[Page], object] = lambda page: page


def _say_quantity(page: Page) -> None:
    fill(page, "Berapa banyak?", "25 kg")


def _weigh(page: Page) -> None:
    page.get_by_label("Anggota", exact=True).first.click()
    page.get_by_role("option").first.click()
    page.wait_for_timeout(100)
    settle(page)
    fill(page, "Kotor", "50,5 51 49,8")


def _open_first(page: Page) -> None:
    page.get_by_test_id("stMain").locator(".stButton button").first.click()
    page.wait_for_timeout(300)
    settle(page)


SHOWN = (
    Shown("beranda-anggota", Role.MEMBER, PHONE, "home"),
    Shown("catat-hasil", Role.MEMBER, PHONE, "output", _say_quantity),
    Shown("slip", Role.MEMBER, PHONE, "slips", _open_first),
    Shown("harga-tengkulak", Role.MEMBER, PHONE, "quotes"),
    Shown("beranda-petugas", Role.OFFICER, PHONE, "home"),
    Shown("terima-setoran", Role.OFFICER, PHONE, "deliveries", _weigh),
    Shown("bayar-slip", Role.TREASURER, LAPTOP, "slips"),
    Shown("buku", Role.TREASURER, LAPTOP, "ledger"),
    Shown("beranda-pengelola", Role.MANAGER, LAPTOP, "home"),
    Shown("dasbor", Role.MANAGER, LAPTOP, "dashboard"),
    Shown("jual-bersama", Role.MANAGER, LAPTOP, "sales", _open_first),
    Shown("produk", Role.MANAGER, LAPTOP, "products", _open_first),
    Shown("anggota", Role.MANAGER, LAPTOP, "members"),
    Shown("akses", Role.MANAGER, LAPTOP, "access"),
    Shown("koperasi", Role.MANAGER, LAPTOP, "cooperative"),
)
TALLEST = {PHONE: 1500, LAPTOP: 1100}  # what a page of the guide has room for
COLOURS = 96
# What only stands on a page that went wrong; nobody did anything yet that could be refused.
WRONG = '[data-testid="stAlertContentError"], [data-testid="stException"], [role="dialog"]'


def main() -> int:
    """Make the pictures; exits with 1 if a page went wrong, and names it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    asked.add_argument("--all", action="store_true", help="every role that may open the page")
    asked.add_argument("--page", action="append", help="only this picture")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="kopprod-pictures-") as work:
        os.environ["KOPPROD_DB"] = f"sqlite:///{work}/{{coop}}.db"
        os.environ["KOPPROD_DEMO"] = "on"
        demo.make(on=datetime.now(UTC).date())
        with serving(Path(work) / "server.log") as server, launched() as browser:
            make = _every_page if options.all else _pictures
            wrong = [*make(browser, server, options.folder, options.page)]
            log = server.log.read_text()
    for name in wrong:
        print(f"went wrong: {name}")
    if wrong:
        print(log[-5000:])
    return 1 if wrong else 0


def _pictures(
    browser: Browser, server: Server, folder: Path, only: list[str] | None
) -> Iterator[str]:
    """The pictures of the README and the guide, small enough to be carried along."""
    if not only or "masuk" in only:
        door = open_page(browser, server, PHONE)
        _small(door, folder / "masuk.png", PHONE)
        door.context.close()
    people = {_role(who): who for who in _people()}
    for one in SHOWN:
        if only and one.name not in only:
            continue
        page = _enter(open_page(browser, server, one.size), people[one.role])
        one.ready(go(page, one.place))
        _small(page, folder / f"{one.name}.png", one.size)
        if page.locator(WRONG).count():
            yield one.name
        page.context.close()


def _small(page: Page, path: Path, size: tuple[int, int]) -> None:
    picture(page, path)
    with Image.open(path) as whole:
        shown = whole.crop((0, 0, whole.width, min(whole.height, TALLEST[size])))
        shown.convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(path, optimize=True)


def _every_page(
    browser: Browser, server: Server, folder: Path, only: list[str] | None
) -> Iterator[str]:
    """Every page as every role that may open it, on a phone and on a laptop, to look at them."""
    for size in (PHONE, LAPTOP):
        for who in _people():
            page = _enter(open_page(browser, server, size), who)
            for place in places.open_to(who):
                if only and place.name not in only:
                    continue
                name = f"{place.name}-{_role(who)}-{size[0]}"
                picture(go(page, place.name), folder / f"{name}.png")
                if page.locator(WRONG).count():
                    yield name
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


def _enter(page: Page, who: Person) -> Page:
    page.locator("form", has=page.locator(f'[name="orang"][value="{who.user_id}"]')).get_by_role(
        "button"
    ).click()
    return settle(page)


if __name__ == "__main__":
    sys.exit(main())
