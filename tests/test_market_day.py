"""A market day on an officer's phone: thirty deliveries of several sacks each, one after the other.

Counted are her taps, one for each sack that she types, and how long she waits for the server; both
stand in the report at the end of the run.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

import pytest
from playwright.sync_api import Page
from sqlmodel import col, select

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.services import check
from kopprod.tables.deliveries import Delivery
from kopprod.tables.weighing import DeliveryWeight
from tests import make
from tests.browser import OpensPages, press, read
from tests.founded import KG, Founded, acting

pytestmark = pytest.mark.browser

DELIVERIES = 30
MOST_TAPS = 8  # beside one for each sack
TARE_EACH = 200  # gram
# The page is done when nothing runs, nothing is stale and nothing is still to be drawn.
DONE = """() => document.querySelector(
    '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
) && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]')"""


@dataclass
class Hand:
    """The officer's hand on the phone: every tap is counted, every wait is measured."""

    page: Page
    taps: int = 0
    waits: list[float] = field(default_factory=list)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Measure from what she did until the screen stands still."""
        began = time.monotonic()
        yield
        self.page.wait_for_timeout(60)  # until the browser has told the server
        self.page.wait_for_function(DONE, polling=20)
        self.waits.append(time.monotonic() - began)

    def choose_member(self, letters: str) -> None:
        """Open the list, type a few letters of the number, tap the only one left."""
        self.page.get_by_label("Anggota", exact=True).first.click()
        self.page.keyboard.type(letters)
        option = self.page.get_by_role("option").first
        option.wait_for()
        with self.waiting():
            option.click()
        self.taps += 2

    def type_into(self, label: str, words: str) -> None:
        """Tap a field and type; the next tap leaves it."""
        field_ = self.page.get_by_label(label, exact=True).first
        field_.click()
        field_.press("Control+a")
        self.page.keyboard.type(words)
        self.taps += 1

    def leave(self) -> None:
        """The keyboard's own key for "done"."""
        with self.waiting():
            self.page.keyboard.press("Enter")
        self.taps += 1

    def tap(self, role: str, name: str, *, until: str = "") -> None:
        """Tap a button, and wait for what comes of it."""
        with self.waiting():
            self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]
            if until:
                self.page.get_by_test_id("stAlert").filter(has_text=until).wait_for()
        self.taps += 1


def sacks_of(number: int) -> list[int]:
    """What the sacks of the day's delivery weigh, in gram: three to six of about 50 kg."""
    return [49_500 + 100 * ((7 * number + 3 * sack) % 13) for sack in range(3 + number % 4)]


def typed(sacks: list[int]) -> str:
    """All weights in one field, as people type them."""
    return " ".join(f"{sack // KG},{sack % KG // 100}" for sack in sacks)


def people(coop: str, founded: Founded) -> list[str]:
    """Thirty members' numbers, who all grow the same."""
    numbers = [f"B-{number:03d}" for number in range(1, DELIVERIES + 1)]
    with acting(coop) as session:
        village = make.village(session, "Cibodas").id
        for number in numbers:
            make.member(session, f"Petani {number[2:]}", number=number, village_id=village)
    assert founded.gabah
    return numbers


def weigh(hand: Hand, number: str, sacks: list[int], grade: str, *, first: bool) -> None:
    """One delivery from the queue; the tare of a sack is remembered after the first."""
    hand.choose_member(number)
    hand.type_into("Kotor", typed(sacks))
    hand.leave()
    if first:
        hand.tap("radio", "Tara satuan")
        hand.type_into("Tara (karung, ember kosong)", "0,2")
    hand.tap("radio", grade)
    hand.tap("button", "Benar, terima", until=f"dari Petani {number[2:]}.")


def test_a_market_day_at_the_scale(
    coop: str,
    founded: Founded,
    phone: OpensPages,
    record_property: Callable[[str, object], None],
) -> None:
    numbers = people(coop, founded)
    page = phone(make.Key("wulan"))
    press(page, "Setoran")
    taps, waits, sacks_typed = [], [], 0

    for place, number in enumerate(numbers):
        sacks = sacks_of(place)
        hand = Hand(page)
        weigh(hand, number, sacks, "AB"[place % 2], first=place == 0)
        assert f"Petani {number[2:]}" in read(page)
        taps.append(hand.taps)
        waits.append(sum(hand.waits))
        sacks_typed += len(sacks)

    record_property("taps of a delivery beside its sacks, at most", max(taps))
    record_property("sacks typed", sacks_typed)
    record_property("seconds of waiting for a delivery, middle", round(median(waits), 2))
    record_property("seconds of waiting for a delivery, at most (goal 3)", round(max(waits), 2))
    assert max(taps) <= MOST_TAPS
    with db.reading(coop, person=SYSTEM) as session:
        rows = session.exec(select(Delivery).order_by(col(Delivery.id))).all()
        weights = session.exec(select(DeliveryWeight).order_by(col(DeliveryWeight.id))).all()
        assert [row.net for row in rows] == [
            sum(sacks_of(place)) - TARE_EACH * len(sacks_of(place)) for place in range(DELIVERIES)
        ]
        assert [w.gross for w in weights] == [w for n in range(DELIVERIES) for w in sacks_of(n)]
        assert [*check.problems(session)] == []
