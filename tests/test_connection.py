"""In a real browser: the line to the server breaks and comes back, and nothing typed is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.tables.output import OutputLog
from kopprod.tables.quotes import Quote
from tests import make
from tests.browser import (
    PATIENCE_MS,
    PHONE,
    Server,
    button,
    fill,
    go,
    heard,
    open_page,
    press,
    read,
    serving,
    settle,
    sign_in,
)
from tests.founded import Founded
from tests.wire import Wire, wired

pytestmark = pytest.mark.browser

AYU = make.Key("ayu")
QUANTITY, LOG = "Berapa banyak?", "Benar, catat"
PRICE, WHO, KEEP = "Harganya untuk satu kg", "Siapa? (boleh kosong)", "Simpan harga ini"
# An answer must come within four seconds, instead of the twenty of our document.
IMPATIENT = """(() => {
    const later = window.setTimeout
    window.setTimeout = (work, ms, ...rest) => later(work, ms === 20000 ? 4000 : ms, ...rest)
})()"""
DONE, LOST = "Harga sudah dicatat. Terima kasih.", "Sambungan terputus."


@contextmanager
def at_the_form(browser: Browser, server: Server, wire: Wire) -> Iterator[Page]:
    """Ayu, signed in over the wire, where she notes what a middleman offers."""
    page = open_page(browser, Server(wire.url, server.log), PHONE)
    page.context.add_init_script(IMPATIENT)
    try:
        yield go(sign_in(page, AYU), "quotes")
    finally:
        page.context.close()


def noted(coop: str) -> list[tuple[int, str]]:
    """What Ayu noted: the price in rupiah, and whose it is."""
    with db.reading(coop, person=SYSTEM) as session:
        found = session.exec(select(Quote).where(col(Quote.draft_key).is_not(None))).all()
        return [(quote.price_e4 // 10_000, quote.middleman) for quote in found]


def port(server: Server) -> int:
    """Where a server listens."""
    return int(server.url.rsplit(":", 1)[1])


def test_a_line_that_breaks_and_comes_back_finds_what_was_typed(
    coop: str, founded: Founded, browser: Browser, server: Server
) -> None:
    with wired(port(server)) as wire, at_the_form(browser, server, wire) as ayu:
        lost = ayu.get_by_text(LOST)
        fill(ayu, PRICE, "6.300")
        ayu.get_by_label(WHO).first.type("Pak Ju")  # and she has not left the field yet
        wire.cut()
        expect(lost).to_be_visible(timeout=PATIENCE_MS)
        expect(button(ayu, KEEP)).to_be_disabled()
        wire.mend()
        expect(lost).to_be_hidden(timeout=PATIENCE_MS)
        settle(ayu)
        expect(ayu.get_by_label(PRICE).first).to_have_value("6.300")
        expect(ayu.get_by_label(WHO).first).to_have_value("Pak Ju")
        assert noted(coop) == []

        # She presses while her phone is out of reach: nobody has told it that the line is dead.
        heard(ayu)
        wire.hush()
        button(ayu, KEEP).click()
        expect(lost).to_be_visible(timeout=PATIENCE_MS)
        wire.cut()  # what was begun meanwhile would wait for an answer for a quarter of a minute
        wire.mend()
        expect(lost).to_be_hidden(timeout=PATIENCE_MS)
        settle(ayu)
        if DONE not in read(ayu):
            press(ayu, KEEP)
        assert DONE in read(ayu)
        assert noted(coop) == [(6_300, "Pak Ju")]
        expect(ayu.get_by_label(PRICE).first).to_have_value("")  # the next form is empty


def test_a_server_that_began_anew_goes_on_with_the_form(
    coop: str, founded: Founded, browser: Browser, server: Server, tmp_path: Path
) -> None:
    with wired(port(server)) as wire, at_the_form(browser, server, wire) as ayu:
        fill(ayu, PRICE, "6.300")
        press(ayu, KEEP)
        fill(ayu, PRICE, "6.450")  # the second form of this visit
        fill(ayu, WHO, "Bu Nani")
        wire.cut()
        with serving(tmp_path / "anew.log", KOPPROD_DEMO="off") as anew:
            wire.to_port = port(anew)
            wire.mend()
            settle(ayu)
            expect(ayu.get_by_label(PRICE).first).to_have_value("6.450")

            press(ayu, KEEP)

            assert DONE in read(ayu)
            assert noted(coop) == [(6_300, ""), (6_450, "Bu Nani")]
            expect(ayu.get_by_label(PRICE).first).to_have_value("")


def test_a_form_that_is_a_part_of_its_page_goes_on_with_a_server_that_began_anew(
    coop: str, founded: Founded, browser: Browser, server: Server, tmp_path: Path
) -> None:
    """The page was just loaded, so the first that the new server hears is of a part of it."""
    with wired(port(server)) as wire, at_the_form(browser, server, wire) as ayu:
        go(ayu, "output")
        fill(ayu, QUANTITY, "44 kg")
        ayu.reload()
        settle(ayu)
        wire.cut()
        with serving(tmp_path / "anew.log", KOPPROD_DEMO="off") as anew:
            wire.to_port = port(anew)
            wire.mend()
            expect(ayu.get_by_text(LOST)).to_be_hidden(timeout=PATIENCE_MS)
            settle(ayu)
            expect(ayu.get_by_label(QUANTITY).first).to_have_value("44 kg")

            press(ayu, LOG)

            with db.reading(coop, person=SYSTEM) as session:
                assert len(session.exec(select(OutputLog)).all()) == 1
